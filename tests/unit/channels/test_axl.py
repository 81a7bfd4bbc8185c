# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AXL: what goes over the wire, what comes back, and the schema's way from the cluster into the cache."""
from __future__ import annotations

import os
import re
import stat
import threading

import pytest
from lxml import etree

from ansible_collections.collab.security.plugins.plugin_utils.channels import axl
from ansible_collections.collab.security.plugins.plugin_utils.channels import axl_schema
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import Reply

SOAP = '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>'
VERSION = SOAP % ('<ns:getCCMVersionResponse xmlns:ns="http://www.cisco.com/AXL/API/12.5"><return><componentVersion><version>12.5.1.11900(146)</version>'
                  '</componentVersion></return></ns:getCCMVersionResponse>')
FAULT = SOAP % ('<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>%s</faultstring><detail><axlError><axlcode>%s</axlcode>'
                '<axlmessage>%s</axlmessage><request>x</request></axlError></detail></soapenv:Fault>')
PAGE = "<!-- custom Cisco error page --><html><head><style>b {}</style></head><body><b>HTTP Status %s</b> - %s</body></html>"


def response(operation, inner):
    """A reply of 12.5."""
    return Reply(SOAP % ('<ns:%sResponse xmlns:ns="http://www.cisco.com/AXL/API/12.5">%s</ns:%sResponse>' % (operation, inner, operation)))


@pytest.fixture
def node(stub, options, toolkit):
    """answers(replies...) makes the node give these to everything but the version and the toolkit."""
    def answers(*replies):
        replies = list(replies)

        def script(request):
            if "getCCMVersion" in request["body"]:
                return Reply(VERSION)
            if request["path"] == "/plugins/axlsqltoolkit.zip":
                return Reply(toolkit, kind="application/zip")
            return replies.pop(0)
        stub.script = script
        return axl.Channel(options.get)
    return answers


def asked(stub):
    """The requests that were operations of the test."""
    return [r for r in stub.seen if "getCCMVersion" not in r["body"] and r["path"] == "/axl/"]


def refused(function, *arguments):
    with pytest.raises(NodeError) as caught:
        function(*arguments)
    return caught.value


def test_the_version_is_asked_for_without_one(stub, node):
    assert node().version(5) == "12.5.1.11900(146)"
    [request] = stub.seen
    assert 'xmlns:ns="http://www.cisco.com/AXL/API/1.0"' in request["body"] and "soapaction" not in request["headers"]


def test_a_node_that_refuses_the_versionless_question_is_asked_in_its_own_version(stub, options):
    stub.script = [Reply(PAGE % (599, "Incorrect axl version. Supported axl versions are 12.x, 14.0 and 15.0"), 599, "text/html"), Reply(VERSION)]
    assert axl.Channel(options.get).version(5).startswith("12.5")
    assert "API/15.0" in stub.seen[1]["body"] and stub.seen[1]["headers"]["soapaction"] == '"CUCM:DB ver=15.0 getCCMVersion"'


def test_an_operation_over_the_wire(stub, node):
    channel = node(response("updateSipTrunk", "<return>{4404D8BB-7AEE-5F6C-9E2D-E861356665F5}</return>"))
    done = channel.call(5, "updateSipTrunk", {"name": "US_CUBE & Co", "srtpAllowed": True, "runOnEveryNode": False, "description": None,
                                              "destinations": {"destination": [{"addressIpv4": "127.77.9.1", "port": 5061, "sortOrder": 1}]}})
    assert done == {"return": "{4404D8BB-7AEE-5F6C-9E2D-E861356665F5}"}
    [request] = asked(stub)
    assert request["headers"]["soapaction"] == '"CUCM:DB ver=12.5 updateSipTrunk"' and request["headers"]["content-type"] == "text/xml; charset=utf-8"
    [body] = etree.fromstring(request["body"].encode()).find("{*}Body")
    assert body.tag == "{http://www.cisco.com/AXL/API/12.5}updateSipTrunk"
    assert {e.tag: e.text for e in body if e.tag != "destinations"} == {"name": "US_CUBE & Co", "srtpAllowed": "true", "runOnEveryNode": "false"}


def test_replies_are_plain_data(node):
    row = ('<sipTrunk uuid="{A}"><name>US_CUBE</name><securityProfileName uuid="{B}">p</securityProfileName><callingSearchSpaceName/>'
           '<newInALaterUpdate>1</newInALaterUpdate><srtpAllowed>false</srtpAllowed></sipTrunk>')
    channel = node(response("listSipTrunk", "<return>%s</return>" % row), response("listSipTrunk", "<return/>"))
    arguments = {"searchCriteria": {"name": "%"}, "returnedTags": ["name", "securityProfileName", "srtpAllowed"]}
    assert channel.call(5, "listSipTrunk", arguments) == {"return": {"sipTrunk": [
        {"name": "US_CUBE", "securityProfileName": {"_value_1": "p", "uuid": "{B}"}, "srtpAllowed": "false", "uuid": "{A}"}]}}
    assert channel.call(5, "listSipTrunk", arguments) == {"return": None}


def test_bulk_replies_come_raw(node):
    text = node(response("listPhone", "<return><phone><name>SEP1</name></phone></return>")).raw(
        5, "listPhone", {"searchCriteria": {"name": "%"}, "returnedTags": ["name"]})
    assert etree.fromstring(text).findtext(".//phone/name") == "SEP1"


def test_sql_rows_and_nulls(stub, node):
    channel = node(response("executeSQLQuery", "<return><row><name>a</name><value/></row><row><name>b</name><value>1</value></row></return>"),
                   response("executeSQLQuery", "<return/>"))
    assert channel.sql(5, "select name, value from x where a < 'b' & 1") == [{"name": "a", "value": None}, {"name": "b", "value": "1"}]
    assert channel.sql(5, "select 1") == []
    assert "<sql>select name, value from x where a &lt; 'b' &amp; 1</sql>" in asked(stub)[0]["body"]
    assert not any(r["path"] == "/plugins/axlsqltoolkit.zip" for r in stub.seen)        # no schema is needed for it


@pytest.mark.parametrize("operation, arguments, words", [
    ("addSipTrunkSecurityProfile", {"sipTrunkSecurityProfile": {"name": "x", "incomingTransport": "TLX",
                                                                "sipV150OutboundSdpOfferFiltering": "Use Default Filter"}}, "'TLX'"),
    ("getSipTrunk", {}, "Expected is one of ( name, uuid )"),
    ("getSipTrunk", {"name": "x", "uuid": "{4404D8BB-7AEE-5F6C-9E2D-E861356665F5}"}, "uuid"),
    ("updateSipTrunk", {"name": "x", "colour": "red"}, "colour"),
    ("listSipTrunk", {"searchCriteria": {"name": "%"}, "returnedTags": ["colour"]}, "colour"),
    ("addPhoneSecurityProfile", {"phoneSecurityProfile": {"name": "x"}}, "phoneType must be given; protocol must be given"),
    ("addSipTrunkSecurityProfile", {"sipTrunkSecurityProfile": {"sipV150OutboundSdpOfferFiltering": "Use Default Filter"}}, "name"),
    ("updateSipTrunk", {"name": "x", "srtpAllowed": "yes"}, "'yes'"),
])
def test_requests_against_the_schema_are_never_sent(stub, node, operation, arguments, words):
    error = refused(node().call, 5, operation, arguments)
    assert error.kind == "refused" and words in str(error) and "nothing was sent" in str(error) and error.detail["sent"] is False
    assert asked(stub) == []


def test_a_null_is_sent_only_when_it_is_asked_for(stub, node):
    channel = node(response("updatePhone", "<return>true</return>"), response("updatePhone", "<return>true</return>"))
    channel.call(5, "updatePhone", {"name": "SEP1", "securityProfileName": {"nil": True}, "digestUser": None})
    channel.call(5, "updatePhone", {"name": "SEP1", "description": ""})
    assert 'securityProfileName xsi:nil="true"' in re.sub(r"\s*xmlns:\w+=\"[^\"]*\"", "", asked(stub)[0]["body"]) and "digestUser" not in asked(stub)[0]["body"]
    assert "nil" not in asked(stub)[1]["body"]


def test_faults_have_their_code_and_text(node):
    channel = node(Reply(FAULT % ("Item not valid: The specified SipTrunk was not found", 5007, "Item not valid: The specified SipTrunk was not found"), 500),
                   Reply(FAULT % ("x", -239, "Could not insert new row - duplicate value in a UNIQUE INDEX column (Unique Index:)."), 500))
    absent = refused(channel.call, 5, "getSipTrunk", {"name": "x"})
    assert (absent.kind, absent.detail["axlcode"], absent.keep) == ("refused", 5007, True)
    assert "The specified SipTrunk was not found (axlcode 5007)" in str(absent)
    assert refused(channel.call, 5, "getSipTrunk", {"name": "x"}).detail["axlcode"] == -239


@pytest.mark.parametrize("status, kind, words", [
    (401, "auth", "collab_application_user"), (403, "refused", "Standard AXL API Access"), (503, "busy", "not now"), (599, "version", "HTTP Status 599"),
    (404, "unreachable", "not activated, or not started yet"), (500, "refused", "HTTP 500"), (200, "refused", "HTTP 200"),
])
def test_pages_for_people_are_never_parsed(stub, node, status, kind, words):
    error = refused(node(*[Reply(PAGE % (status, "custom"), status, "text/html")] * 2).call, 5, "updateSipTrunk", {"name": "x"})
    assert error.kind == kind and words in str(error), error
    assert len(asked(stub)) == 1


def test_writes_without_an_answer_are_lost_and_reads_are_asked_again(stub, node):
    channel = node(Reply("x" * 50, how="truncate"), Reply("x" * 50, how="truncate"), response("listSipTrunk", "<return/>"), Reply("<cut"))
    assert refused(channel.call, 5, "updateSipTrunk", {"name": "x"}).kind == "lost" and len(asked(stub)) == 1
    assert channel.call(5, "listSipTrunk", {"searchCriteria": {"name": "%"}, "returnedTags": ["name"]}) == {"return": None} and len(asked(stub)) == 3
    assert refused(channel.call, 5, "resetSipTrunk", {"name": "x"}).kind == "lost"


def test_what_reads_is_known_by_its_name():
    assert all(axl.is_read(o) for o in ("getSipTrunk", "listPhone", "executeSQLQuery"))
    assert not any(axl.is_read(o) for o in ("addSipTrunk", "executeSQLUpdate", "doDeviceReset", "applyPhone", "removePhone", "restartPhone"))


# -- the schema ------------------------------------------------------------------------------------------------------
@pytest.fixture
def fresh(options, tmp_path):
    """Options with an empty cache."""
    options["cache_dir"] = str(tmp_path / "cache")
    return options


def fetched(stub):
    return sum(r["path"] == "/plugins/axlsqltoolkit.zip" for r in stub.seen)


def test_the_schema_is_fetched_once_and_shared(stub, node, fresh):
    channels = [node(), axl.Channel(dict(fresh).get), axl.Channel(dict(fresh, host="127.0.0.1").get)]
    threads = [threading.Thread(target=c.ready, args=(10,)) for c in channels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched(stub) == 1 and len(axl_schema._schemas) == 1


def test_the_cache_is_private_and_used_by_the_next_run(stub, node, fresh):
    assert node().ready(10)["operations"] == len(axl_schema.OPERATIONS) + len(axl_schema.MORE)
    cache = fresh["cache_dir"]
    files = os.listdir(cache)
    assert len(files) == 2 and stat.S_IMODE(os.stat(cache).st_mode) == 0o700
    assert all(stat.S_IMODE(os.stat(os.path.join(cache, f)).st_mode) == 0o600 for f in files)
    axl_schema._schemas.clear()
    node().ready(10)
    assert fetched(stub) == 1


def test_a_damaged_cache_is_not_used(stub, node, fresh):
    node().ready(10)
    [cut] = [f for f in os.listdir(fresh["cache_dir"]) if f.endswith(".xsd")]
    with open(os.path.join(fresh["cache_dir"], cut), "a") as f:
        f.write("<!-- -->")
    [whole] = [f for f in os.listdir(fresh["cache_dir"]) if f.endswith(".zip")]
    with open(os.path.join(fresh["cache_dir"], whole), "w") as f:
        f.write("no zip")
    axl_schema._schemas.clear()
    assert node().ready(10)["version"] == "12.5" and fetched(stub) == 2


def test_any_other_operation_of_the_schema_can_be_called(stub, node, fresh):
    assert "getUser" not in axl_schema.OPERATIONS + axl_schema.MORE
    channel = node(response("getUser", "<return><user><userid>amckenzie</userid></user></return>"))
    channel.ready(10)
    assert channel.call(10, "getUser", {"userid": "amckenzie"})["return"]["user"]["userid"] == "amckenzie"
    assert fetched(stub) == 1                               # from the cached toolkit
    assert "no operation frobnicate" in str(refused(channel.call, 5, "frobnicate", {}))


def test_a_toolkit_without_the_nodes_version_says_so(stub, fresh, toolkit):
    stub.script = lambda request: Reply(toolkit) if request["path"] != "/axl/" else Reply(VERSION.replace("12.5.1", "16.0.1"))
    error = refused(axl.Channel(fresh.get).ready, 5)
    assert error.kind == "version" and "16.0" in str(error)


def test_without_a_usable_cache_it_works_all_the_same(node, fresh, tmp_path):
    (tmp_path / "file").touch()
    fresh["cache_dir"] = str(tmp_path / "file" / "sub")
    assert node().ready(10)["version"] == "12.5"


def test_a_release_may_lack_what_single_modules_ask_for(axl_soap):
    text = axl_schema.cut(axl_soap, ("getCCMVersion",), ("getSrst", "getFrobnicator"))
    assert axl_schema.Schema(text, "12.5").operations == ("getCCMVersion", "getSrst")


def test_the_cut_is_small_and_complete(axl_soap):
    text = axl_schema.cut(axl_soap, axl_schema.OPERATIONS)
    assert len(text) < len(axl_soap) / 10
    schema = axl_schema.Schema(text, "12.5")
    assert schema.operations == axl_schema.OPERATIONS
    etree.XMLSchema(etree.fromstring(text))                 # every type that is named is there
