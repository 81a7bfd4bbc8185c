"""The certificate REST API of a node, asked by `requests` as the public tools ask it (vos.md 1.2, transcripts 40 and 41)."""

from __future__ import annotations

import pytest
import requests
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from lab.ca.authority import Authority
from lab.core.keys import load_key
from lab.ucm import certmgr
from tests.lab.cli_client import PASSWORD
from tests.lab.cli_client import USER
from tests.lab.cli_client import Running
from tests.lab.cli_client import make_world


class Client:
    """One node's API over plain HTTP (TLS is not what these tests are about)."""

    def __init__(self, world, running, name, network_port=20443):
        self.world, self.running, self.node = world, running, world.node(name)
        self._base = f"http://{self.node.address}:{network_port}{certmgr.BASE}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (USER, PASSWORD)

    def get(self, path, **options):
        return self._session.get(self._base + path, timeout=10, **options)

    def post(self, path, body, **options):
        return self._session.post(self._base + path, json=body, timeout=10, **options)

    def last(self):
        entry = self.world.journal.entries()[-1]
        return entry.operation, entry.kind, entry.detail.get("refused")


def serve(running, world):
    runners = []

    async def up():
        for node in world.nodes():
            app = web.Application()
            app.add_routes(certmgr.routes(node))
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, node.address, node.ports["platform"]).start()
            runners.append(runner)

    running.do(up())
    return runners


@pytest.fixture(params=["15"])
def api(request):
    world = make_world(release=request.param, network="127.78.5")
    running = Running()
    runners = serve(running, world)
    yield Client(world, running, "us-cm-pub")
    for runner in runners:
        running.do(runner.cleanup())
    running.end()


@pytest.fixture
def subscriber(api):
    return Client(api.world, api.running, "us-cm-sub1")


@pytest.fixture
def authority(api):
    return Authority(api.world.clock.now, lambda: load_key(api.world.keys.rsa()))


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def csr_body(**change):
    return {"service": "tomcat", "distribution": "this-server", "commonName": "us-cm-pub.ent-pa.com", **change}


def trust_body(authority, **change):
    return {"service": ["tomcat"], "certificates": [pem(one) for one in authority.chain], "description": "Trust Certificate", **change}


def test_snapshot(api):
    body = api.get("/snapshot/server").json()
    assert set(body) == {"trackingId", "server", "identities", "trusts", "revokedCertificates"}
    assert body["server"] == "us-cm-pub.ent-pa.com"
    assert [one["service"] for one in body["identities"]][:2] == ["tomcat", "tomcat-ECDSA"]
    assert set(body["identities"][0]) == {"service", "certificate", "csr"}
    tomcat = next(store for store in body["trusts"] if store["service"] == "tomcat")
    assert set(tomcat["certificate_data"][0]) == {"filename", "certificate"}
    assert api.last() == ("GET /snapshot/server", "read", None)


@pytest.mark.parametrize("body", [csr_body(), csr_body(keyType="rsa", keyLength=2048, hashAlgorithm="sha256", altNames=["a.ent-pa.com"])])
def test_csr_as_the_public_tools_ask_for_it(api, body):
    answer = api.post("/csr", body)
    assert answer.status_code == 200
    request = x509.load_pem_x509_csr(answer.json()["csr"].encode())
    names = set(request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName))
    assert names == {"us-cm-pub.ent-pa.com", *body.get("altNames", [])}
    assert api.get("/snapshot/server").json()["identities"][0]["csr"] == answer.json()["csr"]
    entry = next(entry for entry in api.world.journal.entries() if entry.operation == "POST /csr")
    assert (entry.kind, entry.detail) == ("write", {"service": "tomcat", "distribution": "this-server", "status": 200})


def test_multi_server_csr_names_all_nodes(api):
    answer = api.post("/csr", csr_body(distribution="multi-server", commonName="us-cm-pub-ms.ent-pa.com"))
    request = x509.load_pem_x509_csr(answer.json()["csr"].encode())
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    assert {"us-cm-pub.ent-pa.com", "us-cm-sub1.ent-pa.com"} <= set(names)


def test_the_whole_way_from_request_to_installed_certificate(api, subscriber, authority):
    csr = api.post("/csr", csr_body(distribution="multi-server", commonName="us-cm-pub-ms.ent-pa.com")).json()["csr"]
    issued = authority.sign_request(csr, "CollabServer").certificate
    refused = api.post("/identity/certificates", {"service": "tomcat", "certificates": [issued]})
    assert refused.status_code == 400
    assert refused.json()["message"] == "CA certificate is not available in the trust-store"
    assert api.last() == ("POST /identity/certificates", "write", "CA certificate is not available in the trust-store")
    assert api.post("/trust/certificates", trust_body(authority)).status_code == 200
    assert api.post("/identity/certificates", {"service": "tomcat", "certificates": [issued]}).status_code == 200
    assert api.get("/identity/certificate", params={"service": "tomcat"}).json()["certificate"] == issued
    assert api.get("/snapshot/server").json()["identities"][0]["csr"] is None
    api.running.call(lambda: api.world.clock.advance(600))
    assert subscriber.get("/identity/certificate", params={"service": "tomcat"}).json()["certificate"] == issued
    trusted = [one["certificate"] for one in subscriber.get("/trust/certificate", params={"service": "tomcat"}).json()]
    assert {pem(one) for one in authority.chain} <= set(trusted)
    assert "BEGIN" not in str(api.world.journal.entries())


@pytest.mark.parametrize(("chain", "leaf_status", "chain_status"), [("either", 200, 200), ("leaf_only", 200, 400), ("full_chain", 400, 200)])
def test_leaf_or_chain(api, authority, chain, leaf_status, chain_status):
    api.world.set_variant("identity_chain", chain)
    api.post("/trust/certificates", trust_body(authority))
    for certificates, status in ((0, leaf_status), (2, chain_status)):
        issued = authority.sign_request(api.post("/csr", csr_body()).json()["csr"], "CollabServer").certificate
        body = {"service": "tomcat", "certificates": [issued, *[pem(one) for one in authority.chain[:certificates]]]}
        assert api.post("/identity/certificates", body).status_code == status


def test_a_certificate_of_another_request(api, authority):
    api.post("/trust/certificates", trust_body(authority))
    first = authority.sign_request(api.post("/csr", csr_body()).json()["csr"], "CollabServer").certificate
    api.post("/csr", csr_body())
    answer = api.post("/identity/certificates", {"service": "tomcat", "certificates": [first]})
    assert (answer.status_code, answer.json()["message"]) == (400, "CSR public key and certificate public key do not match")


def test_names_that_the_ca_dropped(api, authority):
    api.post("/trust/certificates", trust_body(authority))
    issued = authority.sign_request(api.post("/csr", csr_body()).json()["csr"], "DropSAN").certificate
    answer = api.post("/identity/certificates", {"service": "tomcat", "certificates": [issued]})
    assert (answer.status_code, answer.json()["message"]) == (400, "CSR SAN and Certificate SAN does not match")


def test_no_csr_at_all(api, authority):
    api.post("/trust/certificates", trust_body(authority))
    issued = authority.sign_request(api.post("/csr", csr_body(service="CallManager")).json()["csr"], "CollabServer").certificate
    answer = api.post("/identity/certificates", {"service": "tomcat", "certificates": [issued]})
    assert "tomcat.csr does not exist" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/csr", csr_body(certificateRequestData={})),
        ("/csr", {"service": "tomcat"}),
        ("/csr", csr_body(keyType="ec")),
        ("/csr", csr_body(keyLength="2048")),
        ("/csr", csr_body(service="nothing")),
        ("/csr", csr_body(altNames="a.ent-pa.com")),
        ("/csr", csr_body(altNames=["*.ent-pa.com"])),
        ("/csr", ["tomcat"]),
        ("/trust/certificates", {"service": "tomcat", "certificates": ["x"]}),
        ("/trust/certificates", {"service": ["tomcat"], "certificates": ["rubbish"]}),
        ("/trust/certificates", {"service": ["tomcat-trust"], "certificates": ["rubbish"]}),
        ("/identity/certificates", {"service": ["tomcat"], "certificates": ["x"]}),
        ("/identity/certificates", {"service": "tomcat", "certificates": []}),
    ],
)
def test_bodies_that_are_refused(api, path, body):
    answer = api.post(path, body)
    assert answer.status_code == 400 and answer.json()["message"]
    assert api.last()[1] == "write" and api.last()[2]


def test_a_body_that_is_no_json(api):
    assert api._session.post(f"{api._base}/csr", data="tomcat", timeout=10).status_code == 400


@pytest.mark.parametrize("auth", [None, (USER, "wrong"), ("someone", PASSWORD)])
def test_wrong_credentials(api, auth):
    session = requests.Session()
    session.trust_env = False
    answer = session.get(f"{api._base}/snapshot/server", auth=auth, timeout=10)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="CMPlatform Realm"')
    assert api.last() == ("GET /snapshot/server", "read", "401")


def test_wrong_passwords_lock_the_account(api):
    for _time in range(3):
        assert api.get("/options", auth=(USER, "wrong")).status_code == 401
    assert api.get("/options").status_code == 401
    api.world.clock.advance(301)
    assert api.get("/options").status_code == 200


@pytest.mark.parametrize("api", ["12.5"], indirect=True)
def test_before_release_14_there_is_no_such_api(api):
    assert api.get("/snapshot/server").status_code == 404
    assert api.post("/csr", csr_body()).status_code == 404
    assert api.world.unknown == 0


def test_unknown_paths_are_counted(api):
    assert api.get("/everything").status_code == 404
    assert api.world.unknown == 1


def multi_server_words(body):
    text = str(body)
    return "multi-server" in text, "Multi-Server(SAN)" in text


@pytest.mark.parametrize("layout", ["by-service", "flat"])
@pytest.mark.parametrize(("spelling", "words"), [("multi-server", (True, False)), ("other-spelling", (False, True)), ("absent", (False, False))])
def test_options_say_whether_multi_server_is_offered(api, layout, spelling, words):
    api.world.set_variant("certmgr_options", layout)
    api.world.set_variant("certmgr_multi_server", spelling)
    assert multi_server_words(api.get("/options").json()) == words
    assert api.post("/csr", csr_body(distribution="multi-server")).status_code == (200 if words[0] else 400)
    assert api.post("/csr", csr_body(distribution="Multi-Server(SAN)")).status_code == (200 if words[1] else 400)


def test_options_may_be_missing(api):
    api.world.set_variant("certmgr_options", "missing")
    assert api.get("/options").status_code == 404
    assert api.get("/snapshot/options").status_code == 200


def test_multi_server_on_a_subscriber(subscriber):
    assert subscriber.post("/csr", csr_body(distribution="multi-server")).status_code == 400


@pytest.mark.parametrize(("key", "as_list"), [("message", False), ("messages", True), ("error", False)])
def test_variant_key_of_an_error(api, key, as_list):
    api.world.set_variant("certmgr_error", key)
    text = "Invalid certificate type found"
    assert api.post("/csr", csr_body(service="nothing")).json()[key] == ([text] if as_list else text)


def test_variant_created(api, authority):
    api.world.set_variant("certmgr_created", "201")
    assert api.post("/trust/certificates", trust_body(authority)).status_code == 201


def test_variant_trust_reply_and_names(api):
    api.world.set_variant("certmgr_trust_reply", "object")
    api.world.set_variant("certmgr_trust_names", "store")
    assert api.get("/trust/certificate", params={"service": "tomcat-trust"}).json()["certificates"]
    assert "tomcat-trust" in [one["service"] for one in api.get("/snapshot/server").json()["trusts"]]
    assert api.get("/trust/certificate").status_code == 400


def test_fault_before_does_nothing_and_fault_after_loses_the_reply(api):
    api.world.faults.add({"action": "status", "status": 503, "channel": "certmgr", "operation": "POST /csr"})
    assert api.post("/csr", csr_body()).status_code == 503
    assert api.node.certificates.request("tomcat") is None
    assert api.last() == ("POST /csr", "write", "fault status")
    api.world.faults.clear()
    for action in ("reset", "truncate"):
        api.world.faults.add({"action": action, "channel": "certmgr", "operation": "POST /csr", "phase": "after"})
        with pytest.raises(requests.exceptions.RequestException):
            api.post("/csr", csr_body()).json()
        assert api.node.certificates.request("tomcat") is not None
        assert api.world.journal.entries()[-1].detail["fault"] == action
        api.world.faults.clear()
