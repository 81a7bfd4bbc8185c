# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input stops a run before anything is written to a node; the message names the variable, what is wrong, and what to do."""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

import pytest

from tests.integration.harness import Estate


def nothing(estate: Estate) -> dict:
    """No preparation."""
    return {}


def ca(**options: str) -> Callable[[Estate], dict]:
    """The enterprise CA with other options."""
    def prepare(estate: Estate) -> dict:
        url = "https://%s.0.10:20443/certsrv" % estate.network
        return {"collab_enterprise_ca": {"method": "adcs", "url": url, "template": "CollabServer", **options}}
    return prepare


def host(name: str, **variables: object) -> Callable[[Estate], dict]:
    """One host with other variables."""
    def prepare(estate: Estate) -> dict:
        (estate.inventory / "host_vars").mkdir(exist_ok=True)
        (estate.inventory / "host_vars" / (name + ".yml")).write_text(json.dumps(variables))
        return {}
    return prepare


def wrong_host_key(estate: Estate) -> dict:
    """Each node's key stands under another node's address."""
    lines = (estate.lab_directory / "known_hosts").read_text().splitlines()
    names, keys = [x.split(" ", 1)[0] for x in lines], [x.split(" ", 1)[1] for x in lines]
    moved = estate.directory / "moved_known_hosts"
    moved.write_text("".join("%s %s\n" % pair for pair in zip(names, keys[1:] + keys[:1], strict=True)))
    return {"collab_known_hosts": str(moved)}


def unknown_host_key(estate: Estate) -> dict:
    """No key is known."""
    (estate.directory / "empty_known_hosts").write_text("")
    return {"collab_known_hosts": str(estate.directory / "empty_known_hosts")}


def variant(name: str, value: str) -> Callable[[Estate], dict]:
    """Another reading, or state, of the lab."""
    def prepare(estate: Estate) -> dict:
        estate.lab("variant", "set", name, value)
        return {}
    return prepare


def rubbish_ca(estate: Estate) -> dict:
    """A CA file that holds no certificate."""
    file = estate.directory / "rubbish.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\nnot base64 at all\n-----END CERTIFICATE-----\n")
    return {"collab_ca_file": str(file)}


def missing_root(estate: Estate) -> dict:
    """A CA file with the issuing CA only."""
    blocks = (estate.lab_directory / "ca" / "chain.pem").read_text().split("-----END CERTIFICATE-----\n")
    root = (estate.lab_directory / "ca" / "root.pem").read_text().strip()
    kept = [b + "-----END CERTIFICATE-----\n" for b in blocks if "BEGIN" in b]
    file = estate.directory / "incomplete.pem"
    file.write_text("".join(b for b in kept if root not in b))
    return {"collab_ca_file": str(file)}


@dataclass(frozen=True)
class Case:
    """A mistake, and what the run has to say of it."""

    words: tuple[str, ...]
    prepare: Callable[[Estate], dict] = nothing
    variables: dict = field(default_factory=dict)


BEFORE_ANYTHING = {
    "wrong platform password": Case(("ansible_password",), variables={"ansible_password": "planted-Wrong-1"}),
    "wrong application password": Case(("collab_application_password",), variables={"collab_application_password": "planted-Wrong-2"}),
    "unknown trunk": Case(("NO_SUCH_TRUNK", "US_CUBE"), variables={"collab_sip_trunks": [{"name": "NO_SUCH_TRUNK"}]}),
    "presence trunk": Case(("US_IMP_PRESENCE",), variables={"collab_sip_trunks": [{"name": "US_IMP_PRESENCE"}]}),
    "unreachable node": Case(("us-cm-sub2",), host("us-cm-sub2", ansible_host="127.99.99.99")),
    "wrong SSH host key": Case(("host key",), wrong_host_key),
    "unknown SSH host key": Case(("collab_known_hosts",), unknown_host_key),
    "wrong TLS name": Case(("us-cm-sub1", "collab_fqdn"), host("us-cm-sub1", collab_fqdn="other.ent-pa.com")),
    "replication broken": Case(("replication",), variant("replication_state", "broken")),
    "wrong variables of roles": Case(("sip_trunk_encryption_registration_timeout", "verification_targets"), variables={
        "sip_trunk_encryption_registration_timeout": "soon", "verification_targets": "us-cm-pub:8443"}),
    "CA file with rubbish": Case(("collab_ca_file",), rubbish_ca),
    "CA file without its root": Case(("collab_ca_file", "root"), missing_root),
}


@pytest.mark.parametrize("name", sorted(BEFORE_ANYTHING))
def test_stops_before_anything_is_written(estate: Estate, name: str) -> None:
    """Nothing is written, and nothing tried twice."""
    case = BEFORE_ANYTHING[name]
    since = estate.mark()
    try:
        run = estate.play("site.yml", variables={**case.variables, **case.prepare(estate)})
    finally:
        for file in (estate.inventory / "host_vars").glob("*.yml"):
            file.unlink()
    run.refused(*case.words)
    assert estate.journal(writes=True, since=since) == []


def test_wrong_password_is_tried_once_a_node(estate: Estate) -> None:
    """A second try could lock the account."""
    since = estate.mark()
    estate.play("site.yml", variables={"ansible_password": "planted-Wrong-1"}).refused("ansible_password")
    tries = [e["node"] for e in estate.journal(since=since) if e["channel"] == "vos_cli" and "login" in e["operation"].lower()]
    assert len(tries) == len(set(tries)), tries


BAD_CERTIFICATES = {
    "template drops client authentication": Case(("client", "template"), ca(template="WebServer")),
    "CA drops the names": Case(("alternative name",), ca(template="DropSAN")),
    "CA changes the key usage": Case(("key usage",), ca(template="WrongKeyUsage")),
    "expired certificate": Case(("expired",), ca(template="Expired")),
    "CA denies": Case(("denied",), ca(template="Denied")),
    "unknown template": Case(("template",), ca(template="NoSuchTemplate")),
}


@pytest.mark.parametrize("name", sorted(BAD_CERTIFICATES))
def test_bad_certificate_is_never_uploaded(estate: Estate, name: str) -> None:
    """The certificate in use stays."""
    case = BAD_CERTIFICATES[name]
    since = estate.mark()
    estate.play("site.yml", variables=case.prepare(estate)).refused(*case.words)
    uploads = [e for e in estate.journal(writes=True, since=since) if "identity" in e["operation"]]
    assert uploads == []


def test_mended_template_is_used(estate: Estate) -> None:
    """A certificate of the wrong template is not used again once the inventory names the right one."""
    estate.play("site.yml", variables=ca(template="WebServer")(estate)).refused("client")
    estate.play("site.yml").ok()


def test_ca_that_wants_approval(estate: Estate) -> None:
    """Pending at the CA is pending in the report; when the CA manager has approved, the next run fetches the certificate."""
    waiting = ca(template="Approval")(estate)
    run = estate.play("site.yml", variables=waiting).ok()
    assert any("tomcat" in str(p) for p in run.pending), run.output[-4000:]
    for request in json.loads(estate.lab("ca", "list")):
        estate.lab("ca", "approve", str(request["number"]))
    submitted = [e for e in estate.journal(writes=True) if e["channel"] == "certsrv"]
    run = estate.play("site.yml", variables=waiting).ok()
    assert not any("tomcat" in str(p.get("id")) for p in run.pending), run.pending
    assert len([e for e in estate.journal(writes=True) if e["channel"] == "certsrv" and "certfnsh" in e["operation"]]) == len(
        [e for e in submitted if "certfnsh" in e["operation"]]), "the requests were submitted again"
