# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IM and Presence beside its Unified CM cluster: trust stores, XMPP certificates, restarts, and the proof by a client that nobody here wrote."""
from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.administrator import Administrator
from tests.integration.conftest import free_network
from tests.integration.harness import Estate

NODES = ("us-imp-pub", "us-imp-sub1")


@pytest.fixture(scope="module")
def running_presence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab of the US cluster with its IM and Presence nodes."""
    found = Estate(Path(tmp_path_factory.mktemp("presence")), free_network(), ("us_cm", "us_imp"))
    with found.running():
        yield found


@pytest.fixture
def presence(running_presence: Estate) -> Estate:
    """Both clusters as installed."""
    running_presence.load("day0")
    return running_presence


@pytest.fixture(scope="module")
def _presence_secured(running_presence: Estate) -> str:
    running_presence.load("day0")
    running_presence.play().ok()
    running_presence.save("secured")
    return "secured"


@pytest.fixture
def presence_secured(running_presence: Estate, _presence_secured: str) -> Estate:
    """Both clusters as the guide wants them."""
    running_presence.load(_presence_secured)
    return running_presence


def xmpp(estate: Estate, node: int, port: int, kind: str = "xmpp") -> str:
    """What `openssl s_client` says of a port on which TLS begins within XMPP: verified against the enterprise root and the node's name, or why not."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", "%s.3.%d:%d" % (estate.network, node, port), "-starttls", kind, "-xmpphost", "ent-pa.com",
         "-CAfile", str(estate.lab_directory / "ca" / "chain.pem"), "-verify_hostname", NODES[node - 1] + ".ent-pa.com", "-verify_return_error"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def serial(shown: str) -> str:
    """The certificate in what openssl showed."""
    return re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", shown, re.DOTALL).group(0)


def written(estate: Estate, since: int) -> list[tuple[str, str]]:
    """(node, operation with its object) of what was written on IM and Presence nodes."""
    return [(e["node"], ("%s %s" % (e["operation"], e["detail"].get("object") or e["detail"].get("service") or "")).strip())
            for e in estate.journal(writes=True, since=since) if e["node"] in NODES]


def test_first_and_second_run(presence: Estate) -> None:
    """What the guide asks of IM and Presence, in its order, on its publisher; the second run writes nothing; XMPP clients of others verify it."""
    assert "verify error" in xmpp(presence, 1, 5222)
    since = presence.mark()
    presence.play().ok()
    did = written(presence, since)
    assert [what for node, what in did if "certificates" in what or "/csr" in what] == [
        "POST /trust/certificates ['cup-xmpp']", "POST /csr cup-xmpp", "POST /identity/certificates cup-xmpp", "POST /csr cup-xmpp-s2s",
        "POST /identity/certificates cup-xmpp-s2s"], "tomcat-trust is filled with tomcat's, and everything goes to the publisher"
    assert {node for node, what in did if "certificates" in what or "/csr" in what} == {"us-imp-pub"}
    assert [(node, what) for node, what in did if "estart" in what or "soapDoControl" in what] == [
        *((node, "utils service restart Cisco Tomcat") for node in NODES), *((node, "soapDoControlServices Cisco XCP Router") for node in NODES)]
    shown = [xmpp(presence, node, 5222) for node in (1, 2)]
    assert all("Verify return code: 0 (ok)" in one for one in shown), shown
    assert serial(shown[0]) == serial(shown[1]), "one certificate for all nodes"

    since = presence.mark()
    run = presence.play().ok()
    assert (run.changed, run.failed) == (0, 0), run.output[-4000:]
    assert presence.journal(writes=True, since=since) == []
    assert "5222" in presence.play("verify.yml").ok().output


def test_tomcat_is_that_of_unified_cm(presence_secured: Estate) -> None:
    """One multi-server certificate, requested by the Unified CM publisher, names the nodes of IM and Presence and is served by them."""
    fetched = {}
    for node in ("1.1", "3.1", "3.2"):
        shown = subprocess.run(["openssl", "s_client", "-connect", "%s.%s:8443" % (presence_secured.network, node), "-tls1_2", "-cipher", "aRSA"],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout
        fetched[node] = serial(shown)
    assert len(set(fetched.values())) == 1
    text = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName"], input=fetched["3.1"], capture_output=True, text=True).stdout
    assert all("DNS:%s.ent-pa.com" % node in text for node in (*NODES, "us-cm-pub", "us-cm-sub1"))


def test_check_mode_writes_nothing(presence: Estate) -> None:
    """Check mode foresees the certificates and restarts of IM and Presence; no channel sees a write."""
    since = presence.mark()
    run = presence.play("site.yml", "--check", "--diff", "--limit", "us-imp-pub").ok()
    assert {"cup-xmpp request on us-imp-pub", "cup-xmpp-s2s request on us-imp-pub"} <= {o["object"] for o in run.operations}
    assert presence.journal(writes=True, since=since) == []


@pytest.mark.parametrize("name, value", [("certmgr_multi_server", "absent"), ("certmgr_options", "missing")])
def test_a_certificate_api_without_multi_server_requests(presence: Estate, name: str, value: str) -> None:
    """Where the API does not offer them, or does not say what it offers, OS Administration makes them on any release, for both products."""
    presence.lab("variant", "set", name, value)
    since = presence.mark()
    only = ("site.yml", "--tags", "preflight,certificates", "--skip-tags", "restarts")
    presence.play(*only).ok()
    made = [(e["node"], e["operation"]) for e in presence.journal(writes=True, since=since) if e["channel"] == "os_admin"]
    assert made == [(node, what) for node in ("us-cm-pub", "us-imp-pub") for _service in (1, 2)
                    for what in ("POST certificateGenerateNewCsr.do", "POST certificateUpload.do")]
    assert presence.play(*only).ok().changed == 0


def test_federation_is_proved_once_it_is_on(presence_secured: Estate) -> None:
    """The federation service, activated by an administrator, serves cup-xmpp-s2s on 5269; a renewed certificate makes just that service restart."""
    for node in (1, 2):
        admin = Administrator(presence_secured)
        admin.address = "%s.3.%d" % (presence_secured.network, node)
        admin.cli("utils service activate Cisco XCP XMPP Federation Connection Manager")
    run = presence_secured.play("verify.yml").ok()
    assert "XMPP federation" in run.output and "5269" in run.output
    assert "Verify return code: 0 (ok)" in xmpp(presence_secured, 1, 5269, "xmpp-server")

    since = presence_secured.mark()
    renewed = {"certificates_renew_before_days": 3000, "certificates_services": ["cup-xmpp-s2s"]}
    presence_secured.play("site.yml", "--limit", "us-imp-pub", variables=renewed).ok()
    assert [what for _node, what in written(presence_secured, since)] == [
        "POST /csr cup-xmpp-s2s", "POST /identity/certificates cup-xmpp-s2s",
        *["soapDoControlServices Cisco XCP XMPP Federation Connection Manager"] * 2]


def test_without_a_window_it_is_prepared(presence: Estate) -> None:
    """Nothing that makes services restart is done: certificates are ready, and pending."""
    run = presence.play("site.yml", "--limit", "us-imp-pub", variables={"collab_disruption": []}).ok()
    assert {p["object"] for p in run.pending if p["id"] == "certificate-prepared"} == {"cup-xmpp on us-imp-pub", "cup-xmpp-s2s on us-imp-pub"}
    assert not run.report["failed"] and "verify error" in xmpp(presence, 1, 5222)


def test_bad_input(presence: Estate) -> None:
    """A cluster without its Unified CM cluster, a node that this one does not list, tomcat asked for at the wrong place: said before anything is written."""
    since = presence.mark()
    only = ("site.yml", "--limit", "us-imp-pub")
    presence.play(*only, variables={"collab_cm_cluster": "us_cmm"}).refused("collab_cm_cluster", "us_cmm")
    hosts = presence.inventory / "hosts.yml"
    kept = hosts.read_text(encoding="utf-8")
    try:
        changed = yaml.safe_load(kept)
        found = changed["all"]["children"]["im_presence"]["children"]["us_imp"]["hosts"]
        found["us-imp-sub9"] = dict(found.pop("us-imp-sub1"))
        hosts.write_text(yaml.safe_dump(changed), encoding="utf-8")
        presence.play(*only).refused("us-imp-sub9", "us-imp-sub1")
    finally:
        hosts.write_text(kept, encoding="utf-8")
    presence.play(*only, variables={"certificates_services": ["tomcat"]}).refused("multi-server certificate of their Unified CM cluster")
    assert [e for e in presence.journal(writes=True, since=since) if "trust" not in e["operation"]] == []
