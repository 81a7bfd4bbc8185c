# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The US cluster's certificates from other CAs than AD CS: Vault, and one that speaks ACME."""
from __future__ import annotations

import pytest
from cryptography import x509

from tests.integration.harness import Estate
from tests.integration.harness import Run

CERTIFICATES = ("site.yml", "--tags", "certificates")
TOKEN, SECRET_ID, ROLE_ID = "hvs.lab-Vault-4711", "lab-Secret-4711", "5f0c2e53-5b41-4c3d-9d0a-6f8f3b1e7a20"
LOST = {"channel": "vault", "operation": "POST */sign/*", "phase": "after", "action": "reset"}


def vault(user: str = "", password: str = TOKEN, **more: object) -> dict:
    """Vault as the enterprise CA."""
    return {"collab_enterprise_ca": {"method": "vault", "url": "https://us-vault.ent-pa.com:20443/pki_collab", "template": "collab-server", **more},
            "collab_enterprise_ca_user": user, "collab_enterprise_ca_password": password}


def at_vault(estate: Estate, since: int) -> list[dict]:
    """What Vault was asked."""
    return [e for e in estate.journal(since=since) if e["channel"] == "vault"]


def nothing_secret(estate: Estate, run: Run) -> None:
    """Neither in what the run printed nor in what it left, and what it left is its owner's only."""
    left = [file for file in estate.workspace.rglob("*") if file.is_file()]
    assert left and all(file.stat().st_mode & 0o077 == 0 for file in left if file.name.startswith(("tomcat.", "CallManager.")))
    for text in (run.output, *(file.read_text(errors="replace") for file in left), estate.lab("journal", "--json")):
        assert not [secret for secret in (TOKEN, SECRET_ID) if secret in text]


def test_certificates_by_an_approle_and_nothing_the_second_time(estate: Estate) -> None:
    start = estate.mark()
    run = estate.play(*CERTIFICATES, "-vvv", variables=vault(ROLE_ID, SECRET_ID)).ok()
    asked = at_vault(estate, start)
    signed = [e for e in asked if "/sign/collab-server" in e["operation"]]
    assert len(signed) == 2 and all(e["detail"]["status"] == 200 for e in signed)
    assert sum(e["operation"] == "POST /v1/auth/approle/login" for e in asked) == 1
    assert asked[-1]["operation"] == "POST /v1/auth/token/revoke-self"
    for name in ("tomcat", "CallManager"):
        kept = (estate.workspace / "us_cm" / (name + ".pem")).read_bytes()
        leaf, issuing, root = x509.load_pem_x509_certificates(kept)
        assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 730
        leaf.verify_directly_issued_by(issuing)
        issuing.verify_directly_issued_by(root)
    nothing_secret(estate, run)
    again = estate.mark()
    second = estate.play(*CERTIFICATES, variables=vault(ROLE_ID, SECRET_ID)).ok()
    assert second.changed == 0 and at_vault(estate, again) == [] and estate.journal(writes=True, since=again) == []


def test_a_wrong_token_is_tried_once(estate: Estate) -> None:
    start = estate.mark()
    run = estate.play(*CERTIFICATES, variables=vault(password="hvs.planted-Token-9"))
    run.refused("permission denied", "collab_enterprise_ca_password", "update on MOUNT/sign/collab-server")
    assert [e["detail"]["status"] for e in at_vault(estate, start)] == [403] and "planted-Token-9" not in run.output
    assert not [e for e in estate.journal(writes=True, since=start) if "identity" in e["operation"]]


@pytest.mark.parametrize(("role", "words"), [
    ("drops-names", ("alternative names (SAN)", "lacks", "use_csr_sans must be true", "reissue: true")),
    ("server-only", ("TLS Web Client Authentication", "client_flag", "ext_key_usage")),
    ("as-made", ("not allowed by this role", "allow_any_name, or allowed_domains")),
    ("long-keys", ("minimum of a 4096-bit key", "key_bits")),
])
def test_a_role_that_does_not_give_what_is_asked_for_uploads_nothing(estate: Estate, role: str, words: tuple[str, ...]) -> None:
    start = estate.mark()
    estate.play(*CERTIFICATES, variables=vault(template=role)).refused(*words)
    assert len([e for e in at_vault(estate, start) if "/sign/" in e["operation"]]) == 1
    assert not [e for e in estate.journal(writes=True, since=start) if "identity" in e["operation"]]
    estate.play(*CERTIFICATES, variables=vault()).ok()


def test_a_lost_answer_is_not_asked_for_again_in_the_same_run(estate: Estate) -> None:
    estate.fault(**LOST)
    start = estate.mark()
    estate.play(*CERTIFICATES, variables=vault()).refused("Vault may have issued")
    assert len(at_vault(estate, start)) == 1
    run = estate.play(*CERTIFICATES, variables=vault()).ok()
    assert [f["id"] for f in run.findings if f["id"] == "submission-lost"] and len(at_vault(estate, start)) == 3


@pytest.mark.parametrize(("state", "words"), [("sealed", "sealed"), ("standby", "is a standby and sends its clients to https://vault-active.ent-pa.com")])
def test_a_vault_that_does_not_serve(estate: Estate, state: str, words: str) -> None:
    estate.lab("variant", "set", "vault_state", state)
    start = estate.mark()
    estate.play(*CERTIFICATES, variables=vault()).refused(words)
    assert len(at_vault(estate, start)) == 1
    estate.lab("variant", "set", "vault_state", "active")
    estate.play(*CERTIFICATES, variables=vault()).ok()


def acme(estate: Estate, **more: object) -> dict:
    """A CA that speaks ACME as the enterprise CA."""
    return {"collab_enterprise_ca": {"method": "acme_dns", "url": "https://us-public-ca.ent-pa.com:20443/directory", "accept_terms": True,
                                     "dns_server": "%s.0.30:20053" % estate.network, "dns_key_file": str(estate.lab_directory / "ca" / "dns.key"), **more},
            "collab_ca_file": str(estate.lab_directory / "ca" / "public-chain.pem"), "collab_enterprise_ca_user": "", "collab_enterprise_ca_password": ""}


def asked(estate: Estate, since: int, channel: str) -> list[str]:
    """Operations at the CA or its name server."""
    return [e["operation"] for e in estate.journal(since=since) if e["channel"] == channel]


def test_certificates_by_acme_and_nothing_the_second_time(estate: Estate) -> None:
    """From a private CA, which gives the usages that Unified CM asks for."""
    for name, reading in (("public_ca_usage", "both"), ("public_ca_profile", "as_requested")):
        estate.lab("variant", "set", name, reading)
    start = estate.mark()
    run = estate.play(*CERTIFICATES, "-vvv", variables=acme(estate)).ok()
    assert asked(estate, start, "public_ca").count("POST /acme/new-order") == 2
    written = [e for e in estate.journal(since=start) if e["channel"] == "dns" and e["kind"] == "write"]
    assert [e["detail"]["removed"] for e in written].count(True) == len(written) / 2 > 0
    key = estate.workspace / "acme" / "us-public-ca.ent-pa.com:20443.key"
    assert key.stat().st_mode & 0o077 == 0
    for secret in (key.read_text().splitlines()[1], (estate.lab_directory / "ca" / "dns.key").read_text().split('"')[3]):
        assert secret not in run.output and secret not in estate.lab("journal", "--json")
    again = estate.mark()
    assert estate.play(*CERTIFICATES, variables=acme(estate)).ok().changed == 0
    assert not asked(estate, again, "public_ca") + asked(estate, again, "dns") and not estate.journal(writes=True, since=again)


def test_a_public_profile_is_not_good_enough_for_unified_cm(estate: Estate) -> None:
    start = estate.mark()
    estate.play(*CERTIFICATES, variables=acme(estate)).refused("TLS Web Client Authentication", "nothing is uploaded", "the CA's profile says which usages",
                                                               "the common name among the names")
    assert not [e for e in estate.journal(writes=True, since=start) if "identity" in e["operation"]]


@pytest.mark.parametrize(("more", "words"), [
    ({"accept_terms": False}, "accept_terms is needed"), ({"dns_key_file": "{{ collab_lab_directory }}/known_hosts"}, "holds no key as tsig-keygen writes it"),
    ({"dns_server": "127.0.0.1:9"}, "DNS server 127.0.0.1 does not answer")])
def test_nothing_is_uploaded_where_names_cannot_be_proven(estate: Estate, more: dict, words: str) -> None:
    start = estate.mark()
    estate.play(*CERTIFICATES, variables=acme(estate, **more)).refused(words)
    assert not [e for e in estate.journal(writes=True, since=start) if "identity" in e["operation"]]
    assert not [one for one in asked(estate, start, "public_ca") if "finalize" in one]


def test_the_whole_enterprise_by_vault(enterprise: Estate) -> None:
    """Unified CM of both releases, IM and Presence, Unity Connection and Expressway-C, by the one variable; AD CS is not asked."""
    start = enterprise.mark()
    enterprise.play(*CERTIFICATES, variables=vault(days=365)).ok()
    signed = [e for e in at_vault(enterprise, start) if "/sign/" in e["operation"]]
    assert signed and all(e["detail"]["status"] == 200 for e in signed) and not asked(enterprise, start, "certsrv")
    kept = {file.parent.name for file in enterprise.workspace.rglob("*.pem")}
    assert {"us_cm", "emea_cm", "us_imp", "us_cuc", "us_expc", "emea_expc"} <= kept
    again = enterprise.mark()
    enterprise.play(*CERTIFICATES, variables=vault(days=365)).ok()
    assert not [e for e in at_vault(enterprise, again) if "/sign/" in e["operation"]]
