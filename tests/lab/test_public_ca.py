"""The public CA: its ACME server under a stock client and under messages that are not as they should be, its page, and what it issues."""

from __future__ import annotations

import hashlib
import http.server
import json
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.core import cli
from lab.core.control import Control
from lab.public_ca import jose
from tests.lab.axl_lab import Lab
from tests.lab.expressway_lab import network
from tests.lab.expressway_lab import until


def public_hosts(net: str) -> dict:
    """The CA's host."""
    return {"us-public-ca": {"collab_product": "public_ca", "collab_domain": "ent-pa.com", "ansible_host": f"{net}.30", "collab_https_port": 20443,
                             "group_names": ["certificate_authorities"]}}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab itself: nothing but the CA; www.example.com leads to a web server of the test's."""
    net = network()
    directory = tmp_path_factory.mktemp("public-ca")
    running = Lab(directory / "lab", 0, estate={"public_dns": {"www.example.com": [f"{net}.99:20080"]}}, variables=public_hosts(net))
    running.control = Control(running._lab)
    running.do(running.control.start())
    running.snapshot("day0")
    yield running
    running.call(running.control.close)
    running.close()


@pytest.fixture
def day0(lab):
    """The lab on day 0."""
    lab.restore("day0")
    lab.world.unknown = 0
    return lab


@pytest.fixture
def website(tmp_path):
    """A web server for challenge files; gives the directory of them."""
    files = tmp_path / "challenges"
    files.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return str(files / path.removeprefix("/.well-known/acme-challenge/"))

        def log_message(self, *_arguments) -> None:
            return

    server = http.server.ThreadingHTTPServer((f"{network()}.99", 20080), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield files
    server.shutdown()
    server.server_close()


def request_of(names: list[str], cn: str | None = None, key=None) -> x509.CertificateSigningRequest:
    """A request with both usages."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, cn or names[0]),
                                                                              x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "ENT-PA")]))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    return builder.sign(key or ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())


def usages(pem: str | bytes) -> list:
    """Extended key usages of the first certificate of a text."""
    leaf = x509.load_pem_x509_certificates(pem.encode() if isinstance(pem, str) else pem)[0]
    return list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


class Client:
    """A raw ACME client that can also do it wrong."""

    def __init__(self, lab, agree: bool = True) -> None:
        self.base = f"https://{network()}.30:20443"
        self.context = ssl.create_default_context(cafile=str(lab.world.directory / "ca" / "public-chain.pem"))
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.directory = self.send("GET", self.base + "/directory")[2]
        self.kid = ""
        self.account = self.post(self.directory["newAccount"], {"termsOfServiceAgreed": agree, "contact": ["mailto:x@example.com"]})
        self.kid = self.account[1].get("Location", "")

    def send(self, method: str, url: str, body: dict | None = None, kind: str = "application/jose+json") -> tuple:
        """(status, headers, body)."""
        request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": kind})
        try:
            answer = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.context)).open(request, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        text = answer.read().decode()
        is_json = "json" in answer.headers.get("Content-Type", "") and text
        return answer.status, answer.headers, json.loads(text) if is_json else text

    def nonce(self) -> str:
        """A fresh one."""
        return self.send("HEAD", self.directory["newNonce"])[1]["Replay-Nonce"]

    def post(self, url: str, payload: dict | None, /, key=None, **head) -> tuple:
        """A signed message; head: other members of its header."""
        who = {"kid": self.kid} if self.kid else {"jwk": jose.jwk_of(self.key.public_key())}
        return self.send("POST", url, jose.sign(key or self.key, {"nonce": self.nonce(), "url": url, **who, **head}, payload))

    def order(self, *names: str) -> tuple[str, dict]:
        """(address, body) of a new order."""
        status, headers, body = self.post(self.directory["newOrder"], {"identifiers": [{"type": "dns", "value": name} for name in names]})
        assert status == 201, body
        return headers["Location"], body

    def challenge(self, order: dict, kind: str, number: int = 0) -> dict:
        """A challenge of an order."""
        return next(one for one in self.post(order["authorizations"][number], None)[2]["challenges"] if one["type"] == kind)

    def answer_for(self, token: str) -> str:
        """The key authorization."""
        return f"{token}.{jose.thumbprint(jose.jwk_of(self.key.public_key()))}"

    def tried(self, challenge: dict) -> dict:
        """A challenge that has been looked at."""
        assert self.post(challenge["url"], {})[0] == 200
        until(lambda: self.post(challenge["url"], None)[2]["status"] in ("valid", "invalid"))
        return self.post(challenge["url"], None)[2]

    def finalize(self, order: dict, request: x509.CertificateSigningRequest) -> tuple:
        """What comes of a request."""
        return self.post(order["finalize"], {"csr": jose.encode(request.public_bytes(Encoding.DER))})


def refused(answer: tuple, kind: str) -> str:
    """The words of a problem of this kind."""
    assert answer[0] >= 400 and answer[2]["type"] == f"urn:ietf:params:acme:error:{kind}", answer[2]
    return answer[2]["detail"]


# ---- a stock client

@pytest.mark.parametrize(("reading", "client_too"), [("server", False), ("both", True)])
def test_a_stock_client_gets_a_certificate(day0, website, tmp_path, reading, client_too):
    day0.world.set_variant("public_ca_usage", reading)
    subprocess.run(["openssl", "genrsa", "-out", tmp_path / "account.key", "2048"], check=True, capture_output=True)
    (tmp_path / "www.csr").write_bytes(request_of(["www.example.com"]).public_bytes(Encoding.PEM))
    done = subprocess.run(
        [sys.executable, "-m", "acme_tiny", "--account-key", tmp_path / "account.key", "--csr", tmp_path / "www.csr", "--acme-dir", website, "--disable-check",
         "--directory-url", f"https://{network()}.30:20443/directory", "--contact", "mailto:x@example.com"],
        env={"SSL_CERT_FILE": str(day0.world.directory / "ca" / "public-chain.pem"), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60,
        check=False)
    assert done.returncode == 0, done.stderr
    leaf, issuing = x509.load_pem_x509_certificates(done.stdout.encode())
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(day0.world.public_ca.authority.root)
    assert leaf.subject.rfc4514_string() == "CN=www.example.com", "by ACME the subject is a name only"
    assert (ExtendedKeyUsageOID.CLIENT_AUTH in usages(done.stdout)) == client_too
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 90 and day0.world.unknown == 0


# ---- messages

def test_an_account_is_found_again_and_can_be_ended(day0):
    client = Client(day0)
    assert client.account[0] == 201 and client.account[2]["contact"] == ["mailto:x@example.com"]
    kid, client.kid = client.kid, ""
    again = client.post(client.directory["newAccount"], {"onlyReturnExisting": True})
    assert (again[0], again[1]["Location"]) == (200, kid)
    client.kid = kid
    assert client.post(kid, {"status": "deactivated"})[2]["status"] == "deactivated"
    refused(client.post(client.directory["newOrder"], {"identifiers": []}), "accountDoesNotExist")


def test_who_does_not_agree_has_no_account(day0):
    assert "terms" in refused(Client(day0, agree=False).account, "malformed")


def test_a_nonce_serves_once(day0):
    client = Client(day0)
    nonce = client.nonce()
    assert client.post(client.kid, None, nonce=nonce)[0] == 200
    refused(client.post(client.kid, None, nonce=nonce), "badNonce")
    refused(client.post(client.kid, None, nonce="mine"), "badNonce")


def test_a_message_is_signed_by_its_accounts_key(day0):
    client = Client(day0)
    refused(client.post(client.kid, None, key=ec.generate_private_key(ec.SECP256R1())), "malformed")


def test_and_for_its_address(day0):
    client = Client(day0)
    refused(client.post(client.kid, None, url=client.directory["newOrder"]), "unauthorized")


@pytest.mark.parametrize(("head", "kind"), [({"alg": "none"}, "badSignatureAlgorithm"), ({"alg": "HS256"}, "badSignatureAlgorithm"),
                                            ({"jwk": {"kty": "EC"}}, "malformed"), ({"kid": "nobody"}, "accountDoesNotExist")])
def test_headers_that_are_wrong(day0, head, kind):
    client = Client(day0)
    refused(client.post(client.kid, None, **head), kind)


def test_what_is_no_message(day0):
    client = Client(day0)
    assert client.send("POST", client.directory["newOrder"], {}, "application/json")[0] == 415
    refused(client.send("POST", client.directory["newOrder"], {"payload": "x"}), "malformed")
    assert client.send("GET", client.base + "/acme/nothing")[0] == 404 and day0.world.unknown == 1


def test_a_key_is_changed(day0):
    client = Client(day0)
    new, url = ec.generate_private_key(ec.SECP256R1()), client.directory["keyChange"]
    inner = jose.sign(new, {"url": url, "jwk": jose.jwk_of(new.public_key())}, {"account": client.kid, "oldKey": jose.jwk_of(client.key.public_key())})
    assert client.post(url, inner)[0] == 200
    refused(client.post(client.kid, None), "malformed")
    client.key = new
    assert client.post(client.kid, None)[0] == 200


# ---- orders

def test_names_that_are_not_public(day0):
    client = Client(day0)
    for name in ("us-expe1", "UDT-Encrypted-RSA-LSC", "10.0.0.1"):
        refused(client.post(client.directory["newOrder"], {"identifiers": [{"type": "dns", "value": name}]}), "rejectedIdentifier")
    refused(client.post(client.directory["newOrder"], {"identifiers": [{"type": "ip", "value": "10.0.0.1"}]}), "malformed")


def test_an_order_whose_names_are_not_proven(day0):
    client = Client(day0)
    _place, order = client.order("www.example.com")
    refused(client.finalize(order, request_of(["www.example.com"])), "orderNotReady")


@pytest.mark.parametrize(("files", "words"), [({}, "404"), ({"*": "wrong"}, "did not match")])
def test_a_challenge_that_is_not_met(day0, website, files, words):
    client = Client(day0)
    place, order = client.order("www.example.com")
    challenge = client.challenge(order, "http-01")
    for content in files.values():
        (website / challenge["token"]).write_text(content)
    tried = client.tried(challenge)
    assert tried["status"] == "invalid" and words in tried["error"]["detail"]
    assert client.post(place, None)[2]["status"] == "invalid"
    refused(client.finalize(order, request_of(["www.example.com"])), "orderNotReady")


@pytest.mark.parametrize(("name", "kind"), [("nowhere.example.com", "dns"), ("www.example.com", "connection")])
def test_names_that_lead_nowhere(day0, name, kind):
    client = Client(day0)
    tried = client.tried(client.challenge(client.order(name)[1], "http-01"))
    assert tried["error"]["type"].endswith(f":{kind}")


def test_a_proof_by_dns_and_a_request_that_does_not_fit(day0, capsys):
    client = Client(day0)
    place, order = client.order("ent-pa.com", "*.ent-pa.com")
    assert [one["type"] for one in client.post(order["authorizations"][1], None)[2]["challenges"]] == ["dns-01"]
    directory = str(day0.world.directory)
    for number in (0, 1):
        challenge = client.challenge(order, "dns-01", number)
        if number:
            assert client.post(order["finalize"], {"csr": "AA"})[2]["type"].endswith("orderNotReady")
        digest = hashlib.sha256(client.answer_for(challenge["token"]).encode()).digest()
        # A digest may begin with a dash: two dashes say that no option follows.
        assert cli.main(["public-ca", "txt", "--dir", directory, "--", "_acme-challenge.ent-pa.com", jose.encode(digest)]) == 0
        assert client.tried(challenge)["status"] == "valid"
    assert client.post(place, None)[2]["status"] == "ready"
    refused(client.finalize(order, request_of(["ent-pa.com"])), "badCSR")
    refused(client.post(order["finalize"], {"csr": "AA"}), "badCSR")
    assert client.finalize(order, request_of(["ent-pa.com", "*.ent-pa.com"]))[2]["status"] == "valid"


def test_always_valid(day0):
    day0.world.set_variant("public_ca_validation", "always_valid")
    client = Client(day0)
    assert client.tried(client.challenge(client.order("nowhere.example.com")[1], "http-01"))["status"] == "valid"


def issued(day0) -> tuple[Client, str, dict]:
    """A client that has a certificate: itself, the PEM, the order."""
    day0.world.set_variant("public_ca_validation", "always_valid")
    client = Client(day0)
    place, order = client.order("www.example.com")
    client.tried(client.challenge(order, "http-01"))
    assert client.finalize(order, request_of(["www.example.com"]))[0] == 200
    order = client.post(place, None)[2]
    return client, client.post(order["certificate"], None)[2], order


def test_what_belongs_to_another_account(day0):
    _client, _pem, order = issued(day0)
    other = Client(day0)
    for url in (order["certificate"], order["authorizations"][0]):
        refused(other.post(url, None), "unauthorized")


def test_a_certificate_is_revoked_once(day0):
    client, pem, _order = issued(day0)
    leaf = x509.load_pem_x509_certificates(pem.encode())[0]
    body = {"certificate": jose.encode(leaf.public_bytes(Encoding.DER))}
    refused(Client(day0).post(client.directory["revokeCert"], body), "unauthorized")
    assert client.post(client.directory["revokeCert"], body)[0] == 200 and leaf.serial_number in day0.world.public_ca.authority.revoked
    refused(client.post(client.directory["revokeCert"], body), "alreadyRevoked")


def test_an_injected_fault(day0):
    client = Client(day0)
    day0.world.faults.add({"channel": "public_ca", "operation": "POST /acme/new-order", "action": "status", "status": 503})
    assert client.post(client.directory["newOrder"], {"identifiers": []})[0] == 503


# ---- the page

def test_a_person_at_the_page(day0, tmp_path, capsys):
    request = request_of(["us-expe1.ent-pa.com", "ent-pa.com"])
    (tmp_path / "e.csr").write_bytes(request.public_bytes(Encoding.PEM))
    directory = str(day0.world.directory)
    assert cli.main(["public-ca", "sign", str(tmp_path / "e.csr"), "--dir", directory]) == 0
    text = capsys.readouterr().out
    leaf = x509.load_pem_x509_certificates(text.encode())[0]
    assert usages(text) == [ExtendedKeyUsageOID.SERVER_AUTH] and "O=ENT-PA" in leaf.subject.rfc4514_string() and text.count("BEGIN") == 2
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 199
    assert cli.main(["public-ca", "sign", str(tmp_path / "e.csr"), "--usage", "both", "--out", str(tmp_path / "e.pem"), "--dir", directory]) == 0
    assert ExtendedKeyUsageOID.CLIENT_AUTH in usages((tmp_path / "e.pem").read_bytes())
    assert cli.main(["public-ca", "list", "--dir", directory]) == 0
    assert [one["usage"] for one in json.loads(capsys.readouterr().out)] == ["server", "both"]


def test_what_the_page_does_not_take(day0, tmp_path, capsys):
    directory = str(day0.world.directory)
    (tmp_path / "bad.csr").write_bytes(request_of(["UDT-Encrypted-RSA-LSC"]).public_bytes(Encoding.PEM))
    assert cli.main(["public-ca", "sign", str(tmp_path / "bad.csr"), "--dir", directory]) == 1
    assert "does not issue for udt-encrypted-rsa-lsc" in capsys.readouterr().err
    (tmp_path / "none.csr").write_text("nothing")
    assert cli.main(["public-ca", "sign", str(tmp_path / "none.csr"), "--dir", directory]) == 1
    assert cli.main(["public-ca", "sign", str(tmp_path / "missing.csr"), "--dir", directory]) == 1


def test_the_files_for_clients(day0):
    chain = x509.load_pem_x509_certificates((day0.world.directory / "ca" / "public-chain.pem").read_bytes())
    assert [one.subject for one in chain] == [day0.world.public_ca.authority.root.subject, day0.world.public_ca.authority.issuing.subject]
    assert "Example Trust" in chain[0].subject.rfc4514_string()
    assert (day0.world.directory / "ca" / "public-root.pem").read_text() == day0.world.public_ca.authority.root_pem()
