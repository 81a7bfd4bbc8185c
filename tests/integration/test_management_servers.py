# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Management servers: what has an interface is done, what has none is prepared, told to a person, and seen once the person has done it."""
from __future__ import annotations

import datetime
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.integration.conftest import free_network
from tests.integration.harness import Estate
from tests.integration.harness import Run

CLUSTERS = ("us_cmm", "us_tms", "us_pcd", "us_pcp")
ADDRESSES = {"us-cmm1": ".9.61", "us-tms1": ".9.62", "us-pcd1": ".9.63", "us-pcp1": ".9.64"}
PASSPHRASE = "lab-Keys-0834"
SECRETS = (PASSPHRASE, "lab-Cmm-0829", "lab-Tms-0830", "lab-Pcd-0831", "lab-Pcp-0832", "BEGIN PRIVATE KEY", "BEGIN RSA PRIVATE KEY")


@pytest.fixture(scope="module")
def running_management(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with the four servers."""
    found = Estate(Path(tmp_path_factory.mktemp("management")), free_network(), CLUSTERS)
    with found.running():
        yield found


@pytest.fixture
def servers(running_management: Estate) -> Estate:
    """All four as installed."""
    running_management.load("day0")
    return running_management


def served(estate: Estate, host: str) -> str:
    """Fingerprint of what a server serves."""
    pem = ssl.get_server_certificate((estate.network + ADDRESSES[host], 20443))
    return fingerprint(x509.load_pem_x509_certificate(pem.encode()))


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as the collection writes it."""
    text = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return ":".join(text[i:i + 2] for i in range(0, len(text), 2))


def upload(estate: Estate, host: str) -> Path:
    """Where the files for a person lie."""
    return estate.workspace / host.replace("-", "_").rstrip("1") / "upload"


def pending(run: Run) -> dict[str, set[str]]:
    """{host: ids} of what is left to people."""
    found: dict[str, set[str]] = {}
    for one in run.pending:
        host = next(name for name in ADDRESSES if name in one["object"])
        found.setdefault(host, set()).add(one["id"])
    return found


def test_check_mode_writes_nothing(servers: Estate) -> None:
    """drift.yml: what is wrong is found; no key is made, nothing is written here or there."""
    since = servers.mark()
    run = servers.play("drift.yml").ok()
    assert servers.journal(writes=True, since=since) == []
    assert not list(servers.workspace.rglob("*.pem"))
    assert {f["object"] for f in run.findings if f["id"] == "management-certificate"} == {f"certificate of {h}" for h in ("us-cmm1", "us-tms1", "us-pcp1")}


def test_prepared_then_done_by_a_person_then_seen(servers: Estate) -> None:
    """First run: Prime Collaboration Deployment is done, the others are ready. Second: nothing new. A person uploads; the next run sees it."""
    before = served(servers, "us-pcd1")
    first = servers.play().ok()
    assert served(servers, "us-pcd1") != before
    assert pending(first) == {"us-cmm1": {"upload-by-hand"}, "us-tms1": {"upload-by-hand"}, "us-pcp1": {"request-by-hand"}}
    since = servers.mark()
    second = servers.play().ok()
    assert second.changed == 0 and servers.journal(writes=True, since=since) == []
    assert pending(second) == pending(first)

    by_hand = servers.directory / "by_hand"
    by_hand.mkdir(mode=0o700, exist_ok=True)
    secret = by_hand / "passphrase"
    secret.write_text(PASSPHRASE)
    key = by_hand / "us-cmm1.key"
    sealed = servers.workspace / "us_cmm" / "us-cmm1.key.pem"
    subprocess.run(["openssl", "pkey", "-in", str(sealed), "-passin", "file:" + str(secret), "-out", str(key)], check=True)
    servers.lab("manage", "us-cmm1", "upload", "--certificate", str(upload(servers, "us-cmm1") / "us-cmm1-chain.cer"), "--key", str(key))
    servers.lab("manage", "us-cmm1", "restart")
    tms = upload(servers, "us-tms1")
    servers.lab("manage", "us-tms1", "import-root", "--certificate", str(tms / "enterprise-ca.pem"))
    servers.lab("manage", "us-tms1", "import-pfx", "--pfx", str(tms / "us-tms1.p12"), "--password-file", str(secret))
    for action in ("permit", "tools", "bind", "restart"):
        servers.lab("manage", "us-tms1", action)

    third = servers.play().ok()
    assert third.changed == 0
    assert pending(third) == {"us-tms1": {"not-confirmed"}, "us-pcp1": {"request-by-hand"}}
    confirmed = {"collab_management_confirmed": {"tms-tools": served(servers, "us-tms1")}}
    assert pending(servers.play(variables=confirmed).ok()) == {"us-pcp1": {"request-by-hand"}}


def root(directory: Path) -> dict:
    """A CA of its own, whose root signs: variables for Prime Collaboration Provisioning."""
    key, now = rsa.generate_private_key(public_exponent=65537, key_size=2048), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ENT-PA Root for Provisioning")])
    usage = x509.KeyUsage(digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
                          key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=900))
                   .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(usage, critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False).sign(key, hashes.SHA256()))
    files = directory / "root.pem", directory / "root.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    ca = {"method": "local", "certificate_file": str(files[0]), "key_file": str(files[1])}
    return {"management_servers_ca": ca, "management_servers_ca_file": str(files[0])}


def test_provisioning_is_signed_by_a_root(servers: Estate, tmp_path: Path) -> None:
    """Its request comes from its page. An issuing CA below the root is refused before a file is made; the root's certificate is uploaded and seen."""
    csr = servers.workspace / "us_pcp" / "us-pcp1.csr.pem"
    csr.parent.mkdir(parents=True)
    servers.lab("manage", "us-pcp1", "csr", "--out", str(csr))
    limit = ("site.yml", "--limit", "us-pcp1")
    servers.play(*limit).refused("takes no chains")
    assert not upload(servers, "us-pcp1").exists()
    (servers.workspace / "us_pcp" / "us-pcp1.pem").unlink()

    variables = root(tmp_path)
    run = servers.play(*limit, variables=variables).ok()
    assert pending(run) == {"us-pcp1": {"upload-by-hand"}}
    files = upload(servers, "us-pcp1")
    assert sorted(p.name for p in files.iterdir()) == ["enterprise-ca.pem", "us-pcp1.cer"]
    servers.lab("manage", "us-pcp1", "upload", "--certificate", str(files / "us-pcp1.cer"))
    servers.lab("manage", "us-pcp1", "upload-ldap", "--certificate", str(tmp_path / "root.pem"))
    servers.lab("manage", "us-pcp1", "restart")
    assert pending(servers.play(*limit, variables=variables).ok()) == {"us-pcp1": {"not-confirmed"}}
    variables["collab_management_confirmed"] = {"pcp-upload-ldap": served(servers, "us-pcp1")}
    done = servers.play(*limit, variables=variables).ok()
    assert done.pending == [] and done.changed == 0


def test_deployment_that_is_cut_off_is_finished(servers: Estate) -> None:
    """Prime Collaboration Deployment: killed after each write in turn, a restart that was not granted, an answer that is lost."""
    limit = ("site.yml", "--limit", "us-pcd1")
    kills = 0
    while servers.play_and_kill(1, *limit, variables={"collab_disruption": []}):
        kills += 1
        assert kills < 12
    run = servers.play(*limit, variables={"collab_disruption": []}).ok()
    assert {p["id"] for p in run.pending} == {"certificate-prepared"}
    before = served(servers, "us-pcd1")
    servers.fault(channel="vos_cli", operation="utils service restart*", phase="after", action="drop")
    servers.play(*limit).ok()
    assert served(servers, "us-pcd1") != before
    since = servers.mark()
    assert servers.play(*limit).ok().changed == 0
    assert servers.journal(writes=True, since=since) == []


def test_deployment_serves_what_was_installed_by_hand(servers: Estate) -> None:
    """A certificate that is installed and not served, whoever installed it, is found, and served by the next run that may restart."""
    limit = ("site.yml", "--limit", "us-pcd1")
    servers.fault(channel="vos_cli", operation="utils service restart*", action="drop")
    servers.play(*limit, variables={"management_servers_timeout": 2})       # Tomcat was not restarted
    servers.lab("fault", "clear")
    run = servers.play("drift.yml", "--limit", "us-pcd1").ok()
    assert {f["id"] for f in run.findings} == {"certificate-not-served"}
    servers.play(*limit).ok()
    assert servers.play("drift.yml", "--limit", "us-pcd1").ok().findings == []


BAD = [
    ({"collab_management_key_passphrase": ""}, "collab_management_key_passphrase"), ({"collab_management_key_passphrase": "short"}, "8 characters"),
    ({"management_servers_names": ["*.ent-pa.com"]}, "names"), ({"management_servers_windows_rights": "Everything"}, "management_servers_windows_rights"),
    ({"collab_ca_file": "/dev/null"}, "collab_ca_file"),
]


@pytest.mark.parametrize(("variables", "word"), BAD, ids=["no passphrase", "short passphrase", "wildcard", "rights", "no CA"])
def test_bad_input_changes_nothing(servers: Estate, variables: dict, word: str) -> None:
    """Each is told by name, and no file is made."""
    servers.play("site.yml", "--limit", "us-cmm1", variables=variables).refused(word)
    assert not list(servers.workspace.rglob("*.pem"))


def test_another_passphrase_is_refused(servers: Estate) -> None:
    """A key that cannot be opened is not replaced: its certificate may be on its way."""
    servers.play("site.yml", "--limit", "us-cmm1").ok()
    key = servers.workspace / "us_cmm" / "us-cmm1.key.pem"
    before = key.read_bytes()
    servers.play("site.yml", "--limit", "us-cmm1", variables={"collab_management_key_passphrase": "another-one"}).refused("cannot be opened")
    assert key.read_bytes() == before


def test_nothing_secret_is_left(servers: Estate) -> None:
    """Keys lie encrypted and for their owner alone; nothing else of them, and no password, in anything that a run at -vvvv leaves."""
    run = servers.play("site.yml", "-vvvv", "--diff").ok()
    texts = {"output": run.output, "journal": servers.lab("journal", "--json"), "report": (servers.directory / "report.json").read_text()}
    for file in [*servers.workspace.rglob("*"), *(servers.directory / "ansible").rglob("*")]:
        if file.is_file():
            texts[str(file)] = file.read_bytes().decode(errors="replace")
            if file.name.endswith((".key.pem", ".p12")):
                assert file.stat().st_mode & 0o077 == 0
    assert sum("BEGIN ENCRYPTED PRIVATE KEY" in text for text in texts.values()) == 2
    for where, text in texts.items():
        for secret in SECRETS:
            assert secret not in text, f"{where} holds {secret}"
