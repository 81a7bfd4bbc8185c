# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressway's REST API: what it offers by its RAML, reading, writing, PEM texts, the XML documents."""
from __future__ import annotations

import json

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import expressway_api
from ansible_collections.collab.security.plugins.plugin_utils.channels import expressway_raml
from ansible_collections.collab.security.plugins.plugin_utils.channels import expressway_xml
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import PASSWORD
from .conftest import USER
from .conftest import Identity
from .conftest import Reply
from .conftest import Stub
from .conftest import basic

JSON = "application/json"
ZONE = {"type": "object", "properties": {"Name": {"type": "string"}, "SIPTransport": {"type": "string", "enum": ["UDP", "TCP", "TLS"]},
                                         "SIPPort": {"type": "integer"}}}
STATUS = {"type": "array", "items": {"$ref": "#/definitions/zone"},
          "definitions": {"zone": {"properties": {"Name": {"type": "string"}, "Status": {"type": "string"}}}}}


def schema(value):
    """A body with a JSON schema, as YAML."""
    return {"body": {JSON: {"schema": value if isinstance(value, str) else json.dumps(value)}}}


def raml(**tree):
    """A RAML document (JSON is YAML)."""
    return "#%RAML 0.8\n" + json.dumps(tree)


NEIGHBOR = {"get": {"responses": {200: schema(STATUS)}}, "post": schema(ZONE), "put": schema(ZONE), "delete": {}, "/name": {"/{Name}": {"get": None}}}
NESTED = raml(**{"title": "x", "/provisioning": {"/common": {"/zone": {"/neighborzone": NEIGHBOR}, "/mra": {"get": {"responses": {200: schema(ZONE)}}}},
                                                 "/certs": {"/generate_csr": {"get": {}}, "/root": {"get": None, "post": {}}}}})
FLAT = raml(**{"/api/v1/provisioning/common/zone/neighborzone": NEIGHBOR})
NAMED = raml(schemas=[{"zone": json.dumps(ZONE)}, {"zones": json.dumps(STATUS)}],
             **{"/provisioning/common/zone/neighborzone": {"get": {"responses": {200: schema("zones")}}, "post": schema("zone")}})


@pytest.fixture
def channel(options):
    made = expressway_api.Channel(options.get)
    yield made
    made.close()


def serve(stub, answers, document=NESTED):
    """Answer by "METHOD path" from `answers` (Reply or JSON), else 404."""
    def script(request):
        if request["path"] == "/api/raml":
            return Reply(document, kind="application/raml+yaml")
        found = answers.get("%s %s" % (request["method"], request["path"].removeprefix("/api/provisioning")), Reply('{"Message": "Not Found"}', 404, JSON))
        return found if isinstance(found, Reply) else Reply(json.dumps(found), kind=JSON)
    stub.script = script


def failing(function, *arguments, **more):
    with pytest.raises(NodeError) as caught:
        function(10, *arguments, **more)
    return caught.value


# -- what it offers --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("document", [NESTED, FLAT, NAMED])
def test_resources_in_every_form_of_raml(document):
    found = expressway_raml.match(expressway_raml.resources(document), "/common/zone/neighborzone")
    assert "post" in found["methods"] and found["keys"]["SIPTransport"] == {"type": "string", "enum": ["UDP", "TCP", "TLS"]}
    assert found["keys"]["SIPPort"] == {"type": "integer", "enum": None} and "Status" not in found["keys"]


def test_what_is_only_read_has_the_keys_of_its_answer():
    zones = {"/provisioning/zones": {"get": {"responses": {200: schema(STATUS)}}}}
    assert set(expressway_raml.resources(raml(**zones))["/zones"]["keys"]) == {"Name", "Status"}


def test_parts_in_braces_stand_for_any_text():
    found = expressway_raml.resources(NESTED)
    assert expressway_raml.match(found, "/common/zone/neighborzone/name/US trunk")["methods"] == ["get"]
    assert expressway_raml.match(found, "/common/zone/neighborzone/name") is None and expressway_raml.match(found, "/common") is None


@pytest.mark.parametrize("document", ["", "<html>", "a: [", "title: x", "#%RAML 0.8\n!!python/object/apply:os.system [ls]\n"])
def test_what_is_no_raml_is_said(document):
    with pytest.raises(expressway_raml.BadRaml):
        expressway_raml.resources(document)


def test_the_description_is_read_once(stub, channel):
    serve(stub, {})
    assert {"/certs/root"} <= set(channel.resources(10))
    assert channel.offers(10, "/certs/root") == {"methods": ["get", "post"], "keys": {}} and channel.offers(10, "/edge/xmpp") is None
    assert [r["path"] for r in stub.seen] == ["/api/raml"] and basic(stub.seen[0]) == "%s:%s" % (USER, PASSWORD)


@pytest.mark.parametrize("reply", [Reply('{"Message": "Not Found"}', 404, JSON), Reply("<html>Console</html>", kind="text/html"), Reply("a: [")])
def test_an_api_that_does_not_describe_itself_offers_what_is_published(stub, channel, reply):
    stub.script = lambda request: reply
    assert channel.offers(10, "/edge/xmpp") is None and channel.offers(10, "/common/zone/neighborzone") is None and channel.resources(10) == []
    assert channel.offers(10, "/certs/generate_csr")["methods"] == ["get", "post"]
    found = channel.offers(10, "/edge/zone/unifiedcommunicationstraversal")
    assert "put" in found["methods"] and "SIPTLSVerifySubjectName" in found["keys"]
    assert channel.offers(10, "/controller/server/imp")["methods"] == ["delete", "get", "post"]


INCLUDED = """#%RAML 0.8
/provisioning/common/mra:
  get: {responses: {200: {body: {application/json: {schema: !include mra.json}}}}}
  put: {body: {application/json: {schema: !include m.json}}}
/provisioning/common/credential: {type: collection}
/provisioning/common/zone/neighborzone: {get: , post: {body: {application/json: {schema: !include zone.json}}}, put: }
"""


def test_what_a_description_keeps_in_other_files_comes_from_what_is_published(stub, channel):
    """A resource that it leaves out is not there; one that it has keeps the methods that it says."""
    serve(stub, {}, INCLUDED)
    unsaid = {"type": None, "enum": None}
    assert channel.offers(10, "/common/mra") == {"methods": ["get", "put"], "keys": {"Enabled": unsaid, "SSO": unsaid}}
    assert "post" in channel.offers(10, "/common/credential")["methods"] and channel.offers(10, "/controller/server/cucm") is None
    assert channel.offers(10, "/common/zone/neighborzone")["keys"] == {}


# -- reading ---------------------------------------------------------------------------------------------------------
def test_lists_and_single_objects_are_lists(stub, channel):
    serve(stub, {"GET /common/mra": {"Enabled": "On"}, "GET /common/zone/neighborzone": [{"Name": "a"}, {"Name": "b"}]})
    assert channel.read(10, "/common/mra") == [{"Enabled": "On"}] and channel.read(10, "/common/zone/neighborzone") == [{"Name": "a"}, {"Name": "b"}]
    assert all(r["headers"]["x-csrf-header"] for r in stub.seen)


def test_absent_is_what_the_description_lacks_and_empty_what_is_not_there_now(stub, channel):
    serve(stub, {})
    error = failing(channel.read, "/edge/xmpp")
    assert error.kind == "absent" and error.keep and "/edge/xmpp" in str(error)
    assert channel.read(10, "/common/zone/neighborzone/name/nobody") == []


@pytest.mark.parametrize("reply", [Reply("<html>Login</html>", kind="text/html"), Reply('["a"]', kind=JSON), Reply("{", kind=JSON)])
def test_an_answer_of_another_shape_is_refused(stub, channel, reply):
    serve(stub, {"GET /common/mra": reply})
    assert failing(channel.read, "/common/mra").kind == "refused"


def test_a_refused_login_is_one_request(stub, channel):
    stub.script = lambda request: Reply("", 401)
    error = failing(channel.read, "/common/mra")
    assert error.kind == "auth" and "ansible_password" in str(error) and PASSWORD not in str(error) and len(stub.seen) == 1


# -- writing ---------------------------------------------------------------------------------------------------------
def test_the_key_goes_in_the_body_at_the_collection(stub, channel):
    serve(stub, {"DELETE /common/zone/neighborzone": {"Message": "Zone deleted"}, "POST /common/zone/neighborzone": Reply('{"Message": "made"}', 201, JSON)})
    assert channel.write(10, "POST", "/common/zone/neighborzone", {"Name": "a", "SIPPort": 5561}) == "made"
    assert channel.write(10, "DELETE", "/common/zone/neighborzone", {"Name": "a"}) == "Zone deleted"
    sent = [r for r in stub.seen if r["method"] in ("POST", "DELETE")]
    assert [json.loads(r["body"]) for r in sent] == [{"Name": "a", "SIPPort": 5561}, {"Name": "a"}]
    assert all(r["headers"]["content-type"] == JSON and r["headers"]["x-csrf-header"] for r in sent)


@pytest.mark.parametrize("method,path,body,word", [("POST", "/common/zone/neighborzone", {"Name": "a", "TlsVerify": "On"}, "TlsVerify"),
                                                   ("PUT", "/common/mra", {"Name": "a"}, "method"), ("DELETE", "/certs/root", {}, "method")])
def test_what_the_description_lacks_is_never_sent(stub, channel, method, path, body, word):
    serve(stub, {})
    error = failing(channel.write, method, path, body)
    assert error.kind == "absent" and word in str(error) and [r["path"] for r in stub.seen] == ["/api/raml"]


def test_renaming_has_keys_of_its_own(stub, channel):
    serve(stub, {"PUT /common/zone/neighborzone": {"Message": "ok"}})
    assert channel.write(10, "PUT", "/common/zone/neighborzone", {"Name": "a", "New_Name": "b"}) == "ok"


@pytest.mark.parametrize("reply", [Reply('{"Message": "CommandError: Socket Error: Timeout"}', 200, JSON), Reply('{"Message": "Conflict"}', 409, JSON),
                                   Reply('{"Message": "a does not exist"}', 404, JSON), Reply('{"Message": "not on this peer"}', 403, JSON)])
def test_a_refusal_has_the_words_of_the_peer_whatever_its_status(stub, channel, reply):
    serve(stub, {"POST /common/zone/neighborzone": reply})
    error = failing(channel.write, "POST", "/common/zone/neighborzone", {"Name": "a"})
    assert error.kind == "refused" and error.keep and error.detail["text"] == json.loads(reply.body)["Message"] and error.detail["text"] in str(error)


def test_a_peer_that_is_busy_or_gone(stub, channel):
    serve(stub, {"POST /common/zone/neighborzone": Reply("", 503), "PUT /common/zone/neighborzone": Reply(how="reset")})
    assert failing(channel.write, "POST", "/common/zone/neighborzone", {"Name": "a"}).kind == "busy"
    assert failing(channel.write, "PUT", "/common/zone/neighborzone", {"Name": "a"}).kind == "lost"
    assert [r["method"] for r in stub.seen].count("PUT") == 1


# -- certificates ----------------------------------------------------------------------------------------------------
def test_pem_texts(stub, channel, ca):
    serve(stub, {"GET /certs/root": Reply(ca["root"].pem.replace("\n", "\r\n"), kind="text/html"),
                 "POST /certs/root": {"Message": "Root Certificate updated."}})
    assert channel.pem(10, "/certs/root") == ca["root"].pem and channel.pem(10, "/certs/generate_csr") is None
    assert failing(channel.pem, "/certs/client").kind == "absent"
    assert channel.upload(10, "/certs/root", ca["root"].pem) == "Root Certificate updated."
    sent = stub.seen[-1]
    assert 'name="file"' in sent["body"] and ca["root"].pem in sent["body"] and sent["headers"]["content-type"].startswith("multipart/form-data; boundary=")


def test_a_page_in_place_of_a_pem_is_refused(stub, channel):
    serve(stub, {"GET /certs/server": Reply("<html>Login</html>", kind="text/html")})
    assert failing(channel.pem, "/certs/server").kind == "refused"


def test_a_refused_certificate(stub, channel):
    serve(stub, {"POST /certs/root": Reply('{"Message": "Bad Request"}', 200, JSON)})
    assert failing(channel.upload, "/certs/root", "x").detail["text"] == "Bad Request"


# -- XML -------------------------------------------------------------------------------------------------------------
XML = ('<Configuration xmlns="http://www.tandberg.no/XML/CUIL/1.0"><Alternates item="1"><Peer item="1"><Address item="1">a</Address></Peer>'
       '<Peer item="2"><Address item="1"/></Peer></Alternates><Zones item="1"><Zone item="6"><Name item="1">x</Name></Zone></Zones></Configuration>')


@pytest.mark.parametrize("head", ["<?xml version='1.0' encoding='UTF-8'?>\n", "\n<?xml version='1.0'?>", ""])
def test_xml_becomes_plain_data(head):
    assert expressway_xml.plain((head + XML).encode()) == {
        "Alternates": {"Peer": [{"Address": "a", "@item": "1"}, {"Address": "", "@item": "2"}]}, "Zones": {"Zone": {"Name": "x", "@item": "6"}}}


def test_nothing_outside_the_document_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("stub-secret")
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file://%s">]><a><c>&b;</c></a>' % secret
    assert "stub-secret" not in str(expressway_xml.plain(text.encode()))


def test_the_witnesses(stub, channel):
    stub.script = lambda request: Reply(XML) if request["path"] in ("/configuration.xml", "/getxml?location=/Status") else Reply("", 404)
    assert channel.witness(10, "configuration")["Zones"]["Zone"]["@item"] == "6" and channel.witness(10, "status")["Alternates"]
    stub.script = lambda request: Reply("", 404)
    assert channel.witness(10, "configuration") is None
    stub.script = lambda request: Reply("<a")
    assert failing(channel.witness, "status").kind == "refused"


# -- trust -----------------------------------------------------------------------------------------------------------
def test_a_pinned_certificate_needs_no_name_and_any_other_does(tmp_path, ca, options):
    nameless, other = Identity("us-expc1", ca["issuing"]), Identity("us-expc2", ca["issuing"])
    pins = tmp_path / "pins"
    pins.mkdir()
    (pins / (options["fqdn"] + ".pem")).write_text(nameless.pem)
    for identity, trusted in ((nameless, True), (other, False)):
        server = Stub(tmp_path, identity, ca["issuing"])
        serve(server, {})
        channel = expressway_api.Channel(dict(options, https_port=server.port, pinned_certificates=str(pins)).get)
        if trusted:
            assert channel.offers(10, "/certs/root")
        else:
            error = failing(channel.offers, "/certs/root")
            assert error.kind == "unreachable" and "mismatch" in str(error).lower() and server.seen == []
        channel.close()
        server.close()


def test_the_public_ca_is_trusted_as_well(tmp_path, ca, options, stub, channel):
    serve(stub, {})
    public = tmp_path / "public.pem"
    public.write_text(ca["root"].pem + ca["issuing"].pem)
    only = expressway_api.Channel(dict(options, ca_file=None, public_ca_file=str(public)).get)
    assert only.offers(10, "/certs/root")
    only.close()
