"""Certificates of Expressway: a new box, trusted CAs, requests, uploads by release, what is served and when; openssl is the witness."""

from __future__ import annotations

import re

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.core.keys import load_key
from lab.ios.pki import signed
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import ca_chain
from tests.lab.expressway_lab import foreign_csr
from tests.lab.expressway_lab import sign
from tests.lab.expressway_lab import started

SPEED = 6000.0
CSR, ROOT, SERVER = "/certs/generate_csr", "/certs/root", "/certs/server"
NAMES = {"Additional_FQDNS": ["us-expc.ent-pa.com", "UDT-Encrypted-RSA-LSC.ent-pa.com"]}


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    """A lab of each release, started when it is first asked for; one after the other."""
    running: dict[str, object] = {}

    def lab(release: str):
        if release not in running:
            for other in running.values():
                other.close()
            running.clear()
            running[release] = started(tmp_path_factory.mktemp("expressway"), release)
            running[release].snapshot("day0")
        running[release].restore("day0")
        running[release].world.clock.speed = SPEED
        return running[release]

    yield lab
    for one in running.values():
        one.close()


@pytest.fixture
def api(labs, request):
    """An Expressway-C of a release: 15.4 unless told."""
    return Api(labs(getattr(request, "param", "15.4")))


def csr_of(api: Api, body: dict | None = None) -> str:
    """A request that must be made; its text."""
    api.done("POST", CSR, NAMES if body is None else body)
    return api.send("GET", CSR).text


def installed(api: Api, template: str = "CollabServer") -> str:
    """Trust, request, certificate of the enterprise CA, upload; gives the certificate."""
    api.upload(ROOT, ca_chain(api.lab))
    pem = sign(api.lab, csr_of(api), template)
    response = api.upload(SERVER, pem)
    assert response.status_code == 200 and response.json() == {"Message": "OK"}, response.text
    return pem


def names(thing) -> list[str]:
    """DNS names of a certificate or request."""
    return thing.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


# ---- a new box

def test_a_new_box_has_a_temporary_certificate(api):
    response = api.send("GET", SERVER)
    assert response.headers["Content-Type"].startswith("text/html")
    leaf = x509.load_pem_x509_certificate(response.content)
    assert re.fullmatch(r"CN=us-expc1,OU=(Temporary Certificate [0-9a-f-]{36}),O=\1", leaf.subject.rfc4514_string())
    assert re.fullmatch(r"CN=(Temporary CA [0-9a-f-]{36}),OU=\1,O=\1", leaf.issuer.rfc4514_string())
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    with pytest.raises(x509.ExtensionNotFound):
        names(leaf)
    trusted = x509.load_pem_x509_certificates(api.send("GET", ROOT).content)
    assert [one.subject for one in trusted] == [leaf.issuer]
    leaf.verify_directly_issued_by(trusted[0])
    assert leaf.subject != x509.load_pem_x509_certificate(Api(api.lab, "us-expc2").send("GET", SERVER).content).subject
    assert "Temporary CA" in api.openssl()


@pytest.mark.parametrize(("reading", "end"), [("lf", "-----\n"), ("crlf", "-----\r\n")])
def test_line_ends(api, reading, end):
    api.lab.world.set_variant("expressway_pem_line_ends", reading)
    assert api.send("GET", SERVER).text.startswith("-----BEGIN CERTIFICATE" + end)


@pytest.mark.parametrize("reading", ["text/html", "text/plain"])
def test_type_of_the_texts(api, reading):
    api.lab.world.set_variant("expressway_pem_type", reading)
    assert api.send("GET", ROOT).headers["Content-Type"].startswith(reading)


# ---- trusted CAs

def test_an_upload_adds_to_the_trusted_cas(api):
    before = api.send("GET", ROOT).text
    response = api.upload(ROOT, ca_chain(api.lab))
    assert response.json() == {"Message": "Root Certificate updated."}
    assert api.send("GET", ROOT).text == before + ca_chain(api.lab)
    api.upload(ROOT, ca_chain(api.lab))
    assert api.send("GET", ROOT).text == before + ca_chain(api.lab), "what is there is not added twice"
    assert Api(api.lab, "us-expc2").send("GET", ROOT).text.count("BEGIN") == 1, "each peer has its own list"


@pytest.mark.parametrize(("reading", "left"), [("append", True), ("replaces_temporary", False)])
def test_what_becomes_of_the_temporary_ca(api, reading, left):
    api.lab.world.set_variant("expressway_root_upload", reading)
    before = api.send("GET", ROOT).text
    api.upload(ROOT, ca_chain(api.lab))
    assert api.send("GET", ROOT).text == before * left + ca_chain(api.lab)


@pytest.mark.parametrize(("reading", "at_once"), [("live", True), ("restart", False)])
def test_when_a_trusted_ca_counts(api, reading, at_once):
    api.lab.world.set_variant("expressway_trust_reload", reading)
    api.upload(ROOT, ca_chain(api.lab))
    assert (len(api.peer.certificates.trust) == 3) == at_once and api.send("GET", ROOT).text.count("BEGIN") == 3
    api.restart()
    assert len(api.peer.certificates.trust) == 3


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_a_certificate_is_no_trusted_ca(api, text):
    api.refused("POST", ROOT, files={"file": ("ca.pem", text)})


# ---- requests

def test_a_request_has_the_names_that_were_asked_for(api):
    assert api.send("GET", CSR).status_code == 404
    csr = x509.load_pem_x509_csr(csr_of(api, {**NAMES, "KeyLength": 4096, "DigestAlgorithm": "sha256", "Country": "US", "Organization": "ENT-PA"}).encode())
    assert csr.subject.rfc4514_string() == "CN=us-expc1.ent-pa.com,O=ENT-PA,C=US" and csr.public_key().key_size == 4096
    assert names(csr) == ["us-expc1.ent-pa.com", "us-expc.ent-pa.com", "UDT-Encrypted-RSA-LSC.ent-pa.com"]
    usages = csr.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usages) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    assert "Temporary CA" in api.openssl(), "a request does not touch what is served"


def test_one_request_at_a_time(api):
    csr_of(api)
    assert api.refused("POST", CSR, NAMES) == "Conflict"
    api.done("DELETE", CSR)
    assert api.send("GET", CSR).status_code == 404 and api.send("DELETE", CSR).status_code == 404
    csr_of(api)


def test_a_request_may_be_there_for_good(api):
    api.lab.world.set_variant("expressway_csr_delete", "absent")
    csr_of(api)
    assert api.send("DELETE", CSR).status_code == 404 and api.send("GET", CSR).status_code == 200


@pytest.mark.parametrize(("api", "status"), [("12.5", 200), ("14.0", 400), ("15.4", 400)], indirect=["api"])
def test_profile_names_have_to_be_fqdns_from_12_6(api, status):
    assert api.send("POST", CSR, {"Additional_FQDNS": ["UDT-Encrypted-RSA-LSC"]}).status_code == status


@pytest.mark.parametrize("body", [{"KeyLength": 1024}, {"KeyLength": "4096"}, {"DigestAlgorithm": "sha1"}, {"CN": "x"}, {"Additional_FQDNS": "a.b"},
                                  {"Additional_FQDNS": ["a b.c"]}, {"Country": "USA"}, []], ids=str)
def test_requests_that_are_not_made(api, body):
    api.refused("POST", CSR, body)


@pytest.mark.parametrize(("reading", "cn"), [("fqdn", "us-expc1.ent-pa.com"), ("cluster_name", "us-expc.ent-pa.com")])
def test_the_common_name(api, reading, cn):
    api.lab.world.set_variant("expressway_csr_cn", reading)
    assert x509.load_pem_x509_csr(csr_of(api).encode()).subject.rfc4514_string() == f"CN={cn}"


@pytest.mark.parametrize(("reading", "bare", "prefixed"), [("plain", 200, 400), ("both", 200, 200), ("prefixed", 400, 200)])
def test_the_form_of_names(api, reading, bare, prefixed):
    api.lab.world.set_variant("expressway_csr_names", reading)
    for name, status in (("a.ent-pa.com", bare), ("DNS:a.ent-pa.com", prefixed)):
        response = api.send("POST", CSR, {"Additional_FQDNS": [name]})
        assert response.status_code == status
        if status == 200:
            assert "a.ent-pa.com" in names(x509.load_pem_x509_csr(api.send("GET", CSR).content))
            api.done("DELETE", CSR)


# ---- uploads

def test_a_certificate_is_served_after_the_restart(api):
    pem = installed(api)
    assert api.send("GET", SERVER).text == pem and api.send("GET", CSR).status_code == 404
    assert "Temporary CA" in api.openssl(), "not before the restart"
    api.restart()
    shown = api.openssl()
    assert "us-expc1.ent-pa.com" in shown and shown.count("BEGIN CERTIFICATE") == 2, "with the issuing CA's from the trusted CAs"


@pytest.mark.parametrize(("reading", "sent"), [("trust", 2), ("file", 1)])
def test_what_is_sent_with_it(api, reading, sent):
    api.lab.world.set_variant("expressway_served_chain", reading)
    installed(api)
    api.restart()
    assert api.openssl().count("BEGIN CERTIFICATE") == sent


def test_a_chain_in_the_file(api):
    api.lab.world.set_variant("expressway_served_chain", "file")
    pem = sign(api.lab, csr_of(api))
    assert api.upload(SERVER, pem + ca_chain(api.lab)).status_code == 200
    api.restart()
    assert api.openssl().count("BEGIN CERTIFICATE") == 2 and api.send("GET", SERVER).text == pem


@pytest.mark.parametrize("what", ["no request", "another key", "no certificate", "expired"])
def test_certificates_that_are_refused(api, what):
    pem = sign(api.lab, csr_of(api), "Expired" if what == "expired" else "CollabServer")
    if what == "no request":
        api.done("DELETE", CSR)
    if what == "another key":
        pem = sign(api.lab, foreign_csr())
    if what == "no certificate":
        pem = "nothing"
    assert api.refused("POST", SERVER, files={"file": ("server.pem", pem)}) == "Bad Request"


@pytest.mark.parametrize(("api", "status"), [("15.4", 400), ("14.0", 200)], indirect=["api"])
def test_sha_1_is_not_taken(api, status):
    """From X15.2 on."""
    made = x509.load_pem_x509_certificate(sign(api.lab, csr_of(api)).encode())
    builder = x509.CertificateBuilder(made.issuer, made.subject, made.public_key(), made.serial_number, made.not_valid_before_utc, made.not_valid_after_utc,
                                      list(made.extensions))
    weak = signed(builder, load_key(api.lab.call(api.lab.world.ca.state)["issuing_key"]), "sha1")
    assert api.upload(SERVER, weak).status_code == status


def test_a_form_without_its_part(api):
    pem = sign(api.lab, csr_of(api))
    api.refused("POST", SERVER, files={"certificate": ("server.pem", pem)})
    api.refused("POST", SERVER, data=pem)


@pytest.mark.parametrize(("reading", "words"), [("Bad Request", "Bad Request"), ("telling", "Bad Request: no request is pending")])
def test_what_a_refusal_says(api, reading, words):
    api.lab.world.set_variant("expressway_upload_text", reading)
    assert api.refused("POST", SERVER, files={"file": ("server.pem", ca_chain(api.lab))}) == words


@pytest.mark.parametrize(("reading", "status"), [("unchecked", 200), ("checked", 400)])
def test_whether_its_ca_has_to_be_trusted(api, reading, status):
    api.lab.world.set_variant("expressway_upload_chain", reading)
    pem = sign(api.lab, csr_of(api))
    assert api.upload(SERVER, pem).status_code == status
    if status == 400:
        api.upload(ROOT, ca_chain(api.lab))
        assert api.upload(SERVER, pem).status_code == 200


# ---- client authentication, by release (expressway.md 4.4)

def uses(labs, release: str, name: str, on: bool = True) -> Api:
    """A peer on which Unified Communications is on, with a pending request."""
    api = Api(labs(release), name)
    if on:
        api.done("PUT", "/common/mra", {"Enabled": "On"})
    return api


@pytest.mark.parametrize(("release", "name", "switch", "status"), [
    ("12.5", "us-expe1", None, 400), ("15.4", "us-expe1", None, 400), ("15.4", "us-expe1", "On", 200), ("15.4", "us-expc1", None, 400),
    ("15.5", "us-expe1", None, 200), ("15.5", "us-expc1", None, 200)])
def test_a_certificate_for_servers_only(labs, release, name, switch, status):
    api = uses(labs, release, name)
    if switch:
        api.lab.call(lambda: api.peer.config.set("XCP TLS Certificate CVS EnableServerEkuUpload", switch))
    pem = sign(api.lab, csr_of(api, {}), "WebServer")
    assert api.upload(SERVER, pem).status_code == status
    assert (api.send("GET", SERVER).text == pem) == (status == 200)


@pytest.mark.parametrize(("reading", "status"), [("uc_on", 200), ("always", 400)])
def test_where_unified_communications_is_off(labs, reading, status):
    api = uses(labs, "12.5", "us-expe1", on=False)
    api.lab.world.set_variant("expressway_upload_usage", reading)
    assert api.upload(SERVER, sign(api.lab, csr_of(api, {}), "WebServer")).status_code == status


@pytest.mark.parametrize(("reading", "path"), [("client", "/certs/client"), ("client_server", "/certs/clientcert"), ("absent", None)])
def test_the_client_store_of_15_5(labs, reading, path):
    api = uses(labs, "15.5", "us-expe1")
    api.lab.world.set_variant("expressway_client_store", reading)
    if path is None:
        assert api.send("GET", "/certs/client").status_code == 404
        return
    assert api.send("GET", path).text == api.send("GET", SERVER).text, "an upgrade copies the certificate to both"
    servers_only = sign(api.lab, csr_of(api, {}), "WebServer")
    api.refused("POST", path, files={"file": ("client.pem", servers_only)})
    both = sign(api.lab, api.send("GET", CSR).text)
    assert api.upload(path, both).status_code == 200
    assert api.send("GET", path).text == both != api.send("GET", SERVER).text
    presented = api.peer.certificates.presented[0]
    api.restart()
    assert api.peer.certificates.presented[0].startswith(both) and not presented.startswith(both)


def test_no_client_store_before_15_5(api):
    assert api.send("GET", "/certs/client").status_code == 404 and api.peer.certificates.presented == api.peer.certificates.served


def test_an_estate_may_begin_with_certificates(tmp_path):
    lab = started(tmp_path, "15.4", ("us-expc1",), {"us_expc": {"certificates": "enterprise"}}, second=True)
    try:
        api = Api(lab)
        leaf = x509.load_pem_x509_certificate(api.send("GET", SERVER).content)
        assert names(leaf) == ["us-expc1.ent-pa.com", "us-expc.ent-pa.com"] and api.send("GET", ROOT).text == ca_chain(lab)
    finally:
        lab.close()
