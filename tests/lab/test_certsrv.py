"""The enterprise CA, used by the stock PyPI client `certsrv` and judged by `openssl verify`."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import subprocess
import threading
from contextlib import contextmanager

import certsrv
import pytest
import requests
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from lab import ca
from lab.ca.authority import Authority
from lab.ca.authority import key_usage
from lab.ca.certsrv import WebEnrolment
from lab.core.inventory import Host
from lab.core.keys import load_key
from lab.core.world import World
from tests.lab.cli_client import Running

KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _each in range(4)]


def now():
    return datetime.datetime.now(datetime.UTC)


@pytest.fixture
def authority():
    spare = iter(KEYS)
    return Authority(now, lambda: next(spare))


def make_csr(names=("us-cm-pub.ent-pa.com", "us-cm-sub1.ent-pa.com"), key=KEYS[2]):
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    usage = key_usage(("digital_signature", "key_encipherment", "data_encipherment"))
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "us-cm-pub-ms.ent-pa.com")]))
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(both), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return request.public_bytes(serialization.Encoding.PEM).decode("ascii")


@contextmanager
def served(authority, tmp_path, port=0, windows=False):
    """The web site in a thread, on a free loopback port, with a certificate of its own authority."""
    key = KEYS[3]
    certificate = authority.issue(key.public_key(), "us-ca.ent-pa.com", ["us-ca.ent-pa.com", "127.77.0.10"], "server")
    chain = tmp_path / "site.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM) + authority.issuing.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    loop = asyncio.new_event_loop()
    journal = []
    site = WebEnrolment(authority, "ENT-PA\\svc-enrol", "Enrol-1", note=lambda *entry: journal.append(entry), windows=lambda: windows)

    async def up():
        runner = web.AppRunner(site.application())
        await runner.setup()
        listener = web.TCPSite(runner, "127.77.0.10", port, ssl_context=context)
        await listener.start()
        return runner, runner.addresses[0][1]

    runner, bound = loop.run_until_complete(up())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"127.77.0.10:{bound}", journal
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def site(authority, tmp_path, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "root.pem"
    root.write_text(authority.root_pem())
    with served(authority, tmp_path) as (address, journal):
        client = certsrv.Certsrv(address, "ENT-PA\\svc-enrol", "Enrol-1", cafile=str(root))
        client.journal = journal
        yield client


def test_stock_client_gets_a_certificate_that_openssl_accepts(site, authority, tmp_path):
    issued = site.get_cert(make_csr(), "CollabServer")
    (tmp_path / "leaf.pem").write_bytes(issued)
    (tmp_path / "ca.pem").write_text(authority.root_pem())
    (tmp_path / "mid.pem").write_bytes(authority.issuing.public_bytes(serialization.Encoding.PEM))
    for purpose in ("sslserver", "sslclient"):
        command = ["openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", "ca.pem", "-untrusted", "mid.pem", "leaf.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    leaf = x509.load_pem_x509_certificate(issued)
    request = x509.load_pem_x509_csr(make_csr().encode())
    for kind in (x509.KeyUsage, x509.ExtendedKeyUsage, x509.SubjectAlternativeName):
        assert leaf.extensions.get_extension_for_class(kind).value == request.extensions.get_extension_for_class(kind).value
    assert leaf.subject == request.subject
    assert now() - leaf.not_valid_before_utc >= datetime.timedelta(minutes=10)


@pytest.mark.parametrize(("way", "password", "outcome"), [("ntlm", "Enrol-1", "issued"), ("ntlm", "wrong", "401"), ("basic", "Enrol-1", "401")])
def test_windows_authentication_alone(authority, tmp_path, monkeypatch, way, password, outcome):
    """The stock client by NTLM, as IIS begins with; Basic is not looked at, and not offered."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "root.pem"
    root.write_text(authority.root_pem())
    with served(authority, tmp_path, windows=True) as (address, journal):
        client = certsrv.Certsrv(address, "ENT-PA\\svc-enrol", password, auth_method=way, cafile=str(root))
        if outcome == "issued":
            assert x509.load_pem_x509_certificate(client.get_cert(make_csr(), "CollabServer"))
            assert [entry[0] for entry in journal if "refused" not in entry[2]] == ["POST /certsrv/certfnsh.asp", "GET /certsrv/certnew.cer"]
            return
        with pytest.raises(requests.exceptions.HTTPError) as refused:
            client.get_cert(make_csr(), "CollabServer")
        assert refused.value.response.status_code == 401
        assert "Basic" not in refused.value.response.headers["WWW-Authenticate"]


def test_binary_and_text_of_the_same_certificate(site):
    site.get_cert(make_csr(), "CollabServer")
    text = x509.load_pem_x509_certificate(site.get_existing_cert(1, "b64"))
    assert text == x509.load_der_x509_certificate(site.get_existing_cert(1, "bin"))


def test_ca_certificate_and_chain(site, authority):
    assert x509.load_pem_x509_certificate(site.get_ca_cert()) == authority.issuing
    chain = pkcs7.load_der_pkcs7_certificates(site.get_chain())
    assert {one.subject for one in chain} == {authority.root.subject, authority.issuing.subject}


def test_a_template_that_drops_client_authentication(site):
    leaf = x509.load_pem_x509_certificate(site.get_cert(make_csr(), "WebServer"))
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_template_that_drops_the_names(site):
    leaf = x509.load_pem_x509_certificate(site.get_cert(make_csr(), "DropSAN"))
    with pytest.raises(x509.ExtensionNotFound):
        leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_a_template_with_the_wrong_key_usage(site):
    leaf = x509.load_pem_x509_certificate(site.get_cert(make_csr(), "WrongKeyUsage"))
    assert not leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature


def test_a_template_that_issues_expired_certificates(site):
    leaf = x509.load_pem_x509_certificate(site.get_cert(make_csr(), "Expired"))
    assert leaf.not_valid_before_utc < leaf.not_valid_after_utc < now()


def test_pending_then_approved(site, authority):
    with pytest.raises(certsrv.CertificatePendingException) as pending:
        site.get_cert(make_csr(), "Approval")
    with pytest.raises(certsrv.CouldNotRetrieveCertificateException, match="Taken Under Submission"):
        site.get_existing_cert(pending.value.req_id)
    authority.approve(int(pending.value.req_id))
    assert x509.load_pem_x509_certificate(site.get_existing_cert(pending.value.req_id)).public_key() == KEYS[2].public_key()


def test_pending_then_denied(site, authority):
    with pytest.raises(certsrv.CertificatePendingException):
        site.get_cert(make_csr(), "Approval")
    authority.deny(1)
    with pytest.raises(certsrv.CouldNotRetrieveCertificateException, match="Denied by"):
        site.get_existing_cert(1)
    with pytest.raises(ValueError, match="not pending"):
        authority.approve(1)


@pytest.mark.parametrize(("template", "text"), [("Denied", "0x80094012"), ("NoSuchTemplate", "0x80094800"), ("", "0x80094800")])
def test_denied(site, template, text):
    with pytest.raises(certsrv.RequestDeniedException, match=text):
        site.get_cert(make_csr(), template)


def test_rubbish_instead_of_a_request(site):
    with pytest.raises(certsrv.RequestDeniedException, match="0x8009310b"):
        site.get_cert("no request at all", "CollabServer")


def test_unknown_request_number(site):
    with pytest.raises(certsrv.CouldNotRetrieveCertificateException, match="not found"):
        site.get_existing_cert(99)


def test_credentials(site):
    assert site.check_credentials()
    site.update_credentials("ENT-PA\\svc-enrol", "wrong")
    assert not site.check_credentials()


def test_only_a_browser_is_told_the_right_content_type(site):
    site.get_cert(make_csr(), "CollabServer")
    address = f"https://{site.server}/certsrv/certnew.cer?ReqID=1&Enc=b64"
    answer = requests.get(address, auth=("ENT-PA\\svc-enrol", "Enrol-1"), verify=site.session.verify, timeout=10)
    assert answer.headers["Content-Type"].split(";")[0] == "text/html"
    assert answer.headers["Server"] == "Microsoft-IIS/10.0"


def test_the_journal_tells_reads_from_writes_and_holds_no_request_text(site):
    site.get_cert(make_csr(), "CollabServer")
    kinds = [(operation, kind) for operation, kind, _detail in site.journal]
    assert kinds == [("POST /certsrv/certfnsh.asp", "write"), ("GET /certsrv/certnew.cer", "read")]
    assert "BEGIN" not in repr(site.journal) and "Enrol-1" not in repr(site.journal)


def test_state_survives_a_snapshot(authority):
    authority.sign_request(make_csr(), "CollabServer")
    authority.sign_request(make_csr(), "Approval")
    other = Authority(now)
    other.load(authority.state())
    assert other.chain == authority.chain
    assert other.requests == authority.requests
    assert other.approve(2).status == "issued"
    leaf = x509.load_pem_x509_certificate(other.requests[2].certificate.encode())
    leaf.verify_directly_issued_by(authority.issuing)


@pytest.fixture
def estate(tmp_path, monkeypatch):
    """A host of an inventory that is the CA, started as the lab starts it."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    world = World(speed=600)
    world.ca = Authority(world.clock.now, lambda: load_key(world.keys.rsa()))
    variables = {"collab_enterprise_ca_user": "ENT-PA\\svc-enrol", "collab_enterprise_ca_password": "Enrol-1"}
    host = Host("us-ca", "us-ca.ent-pa.com", "127.77.200.10", {"https": 20443, "ocsp": 20080}, "adcs", variables)
    running = Running()
    site = running.do(ca.start(world, host))
    root = tmp_path / "root.pem"
    root.write_text(world.ca.root_pem())
    client = certsrv.Certsrv("127.77.200.10:20443", "ENT-PA\\svc-enrol", "Enrol-1", cafile=str(root))
    yield world, client
    client.session.close()
    running.call(site.close)
    running.end()


def test_a_host_of_the_inventory_serves_enrolment(estate):
    world, client = estate
    assert b"BEGIN CERTIFICATE" in client.get_cert(make_csr(), "CollabServer")
    entry = world.journal.entries()[0]
    assert (entry.node, entry.channel, entry.operation, entry.kind) == ("us-ca", "certsrv", "POST /certsrv/certfnsh.asp", "write")
    assert entry.detail == {"request": 1, "template": "CollabServer", "outcome": "issued", "status": 200}


def test_a_lost_reply_leaves_the_request_with_the_ca(estate):
    world, client = estate
    world.faults.add({"action": "reset", "channel": "certsrv", "operation": "POST *", "phase": "after"})
    with pytest.raises(requests.exceptions.ConnectionError):
        client.get_cert(make_csr(), "CollabServer")
    assert world.ca.requests[1].status == "issued"
    assert b"BEGIN CERTIFICATE" in client.get_existing_cert(1)


def test_a_fault_before_leaves_nothing(estate):
    world, client = estate
    world.faults.add({"action": "status", "status": 503, "channel": "certsrv", "operation": "POST *"})
    with pytest.raises(requests.exceptions.HTTPError):
        client.get_cert(make_csr(), "CollabServer")
    assert world.ca.requests == {}


def test_a_host_of_the_inventory_denies_a_template_that_it_lacks(estate):
    _world, client = estate
    with pytest.raises(certsrv.RequestDeniedException):
        client.get_cert(make_csr(), "NoSuchTemplate")


def test_a_host_of_the_inventory_knows_its_account(estate):
    _world, client = estate
    client.update_credentials("nobody", "nothing")
    with pytest.raises(requests.exceptions.HTTPError):
        client.get_cert(make_csr(), "CollabServer")


def test_mutations_switch_the_checks_off(estate):
    world, client = estate
    world.mutated |= {"certsrv_credentials", "certsrv_template"}
    client.update_credentials("nobody", "nothing")
    assert b"BEGIN CERTIFICATE" in client.get_cert(make_csr(), "NoSuchTemplate")


def test_the_account_comes_from_the_hosts_variables():
    assert ca.account({"ansible_user": "a", "ansible_password": "b"}) == ("a", "b")
    with pytest.raises(LookupError, match="collab_enterprise_ca_user"):
        ca.account({"ansible_user": "a", "ansible_password": None})
