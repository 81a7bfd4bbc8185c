# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate monitoring: the two pages of OS Administration, the parameter beside them, and what is pending where a page offers less."""
from __future__ import annotations

from tests.integration.administrator import Administrator
from tests.integration.harness import Estate
from tests.integration.harness import Run

MONITORING = ("site.yml", "--tags", "monitoring")
VALIDITY = [{"label": "Certificate Validity Check", "value": "Enabled", "name": "CertificateValidityCheck", "stored_value": "1", "confirmed": True}]


def saves(estate: Estate, since: int) -> list[tuple[str, str]]:
    """(node, page) of what was saved in OS Administration since then."""
    return [(e["node"], e["operation"].split()[-1]) for e in estate.journal(writes=True, since=since) if e["channel"] == "os_admin"]


def told(run: Run, *ids: str) -> set[str]:
    """Steps of what is pending under these ids."""
    return {p["step"] for p in run.pending if p["id"] in ids}


def test_pages_say_what_the_guide_asks(estate: Estate) -> None:
    """Foreseen in check mode, saved once, read by an administrator, and left alone by the second run; OCSP owes restarts, which stay on record."""
    since = estate.mark()
    run = estate.play(*MONITORING, "--check", "--diff").ok()
    assert {"monitor-days-frequency", "monitor-email", "monitor-lsc", "ocsp"} <= {f["step"] for f in run.findings}
    assert estate.journal(writes=True, since=since) == []

    run = estate.play(*MONITORING).ok()
    assert saves(estate, since) == [("us-cm-pub", "certificateMonitor.do"), ("us-cm-pub", "certificateRevocation.do")]
    assert {"Cisco Tomcat", "Cisco CallManager"} <= {i["what"] for i in run.report["impact"]}
    for node in (1, 4):
        admin = Administrator(estate)
        admin.address = "%s.1.%d" % (estate.network, node)
        monitor, revocation = admin.form("certificateMonitor.do"), admin.form("certificateRevocation.do")
        assert {k: monitor[k] for k in ("startTime", "frequency", "frequencyUnit", "enableEmail", "emailIds", "enableLsc")} == {
            "startTime": "60", "frequency": "7", "frequencyUnit": "Days", "enableEmail": "true", "emailIds": "uc-operations@ent-pa.com", "enableLsc": "true"}
        assert {k: revocation[k] for k in ("enableOcsp", "ocspSource", "enableCheck", "every", "everyUnit")} == {
            "enableOcsp": "true", "ocspSource": "Use OCSP URI from Certificate", "enableCheck": "true", "every": "24", "everyUnit": "Hours"}

    since = estate.mark()
    assert estate.play(*MONITORING).ok().changed == 0
    assert estate.journal(writes=True, since=since) == []


def test_each_node_is_kept_where_a_page_is_a_nodes_own(estate: Estate) -> None:
    """Under the other reading of what the pages reach, every node's is saved, the publisher's first."""
    estate.lab("variant", "set", "os_admin_settings_reach", "node")
    since = estate.mark()
    estate.play(*MONITORING).ok()
    saved = saves(estate, since)
    assert len(saved) == 8 and saved[0] == ("us-cm-pub", "certificateMonitor.do") and len(set(saved)) == 8
    assert estate.play(*MONITORING).ok().changed == 0


def test_what_a_page_does_not_offer_is_left_to_a_person(estate: Estate) -> None:
    """A page without LSC monitoring, none for revocation: the rest is set, and the steps for a person name place and value."""
    estate.lab("variant", "set", "os_admin_monitor_lsc", "missing", "os_admin_revocation", "missing")
    since = estate.mark()
    run = estate.play(*MONITORING).ok()
    assert told(run, "settings-by-hand") == {"monitor-lsc", "ocsp"}
    steps = {p["step"]: str(p["what_to_do"]) for p in run.pending}
    assert "Security > Certificate Monitor: Enable LSC Monitoring: checked" in steps["monitor-lsc"]
    assert "Security > Certificate Revocation: Enable OCSP: checked" in steps["ocsp"] and "us-cm-pub.ent-pa.com/cmplatform" in steps["ocsp"]
    assert saves(estate, since) == [("us-cm-pub", "certificateMonitor.do")]
    assert estate.play(*MONITORING).ok().changed == 0


def test_without_recipients_and_responder_both_are_pending(estate: Estate) -> None:
    """Nobody is made up: what only the operator knows is asked for."""
    run = estate.play(*MONITORING, variables={"collab_certificate_recipients": [], "collab_ocsp": {}}).ok()
    assert told(run, "recipients-unknown", "ocsp-responder-unknown") == {"monitor-email", "ocsp"}


def test_confirmed_validity_check_is_kept(estate: Estate) -> None:
    """Certificate Validity Check is written once its internal name is confirmed, and pending with its candidates before."""
    run = estate.play(*MONITORING).ok()
    assert any(p["object"] == "Certificate Validity Check" and "CertificateValidityCheck" in str(p["what_to_do"]) for p in run.pending)
    since = estate.mark()
    estate.play(*MONITORING, variables={"collab_certificate_parameters": VALIDITY}).ok()
    assert [e["detail"]["object"] for e in estate.journal(writes=True, since=since)] == ["CertificateValidityCheck"]
    assert estate.play(*MONITORING, variables={"collab_certificate_parameters": VALIDITY}).ok().changed == 0


def test_service_that_watches_is_started(estate: Estate) -> None:
    """Cisco Certificate Expiry Monitor, stopped by somebody on one node, runs again."""
    admin = Administrator(estate)
    admin.address = estate.network + ".1.3"
    admin.cli("utils service stop Cisco Certificate Expiry Monitor")
    since = estate.mark()
    estate.play(*MONITORING).ok()
    assert ("us-cm-sub2", "Cisco Certificate Expiry Monitor") in [(e["node"], e["detail"].get("object")) for e in estate.journal(writes=True, since=since)]


def test_responder_is_asked(secured: Estate) -> None:
    """Once the nodes have OCSP and what asks has restarted, the enterprise CA's responder sees them."""
    asked = [e for e in secured.journal() if e["channel"] == "ocsp"]
    assert {e["detail"].get("client") or e["node"] for e in asked}, "nobody asked"


def test_page_that_changed_and_session_that_ends(estate: Estate) -> None:
    """A page that is another one is described and left; a session that ends at the button is read back; bad input writes nothing."""
    estate.fault(channel="os_admin", operation="GET certificateMonitor.do", action="status", status=200, times=0,
                 body="<html><title>Alerts</title><body><form method='post' action='a.do'>Level <input name='l'><input type='submit' value='Apply'>")
    run = estate.play(*MONITORING).ok()
    assert {"monitor-days-frequency", "monitor-lsc"} <= told(run, "settings-by-hand")
    assert "'Alerts'" in str([p["reason"] for p in run.pending if p["step"] == "monitor-lsc"])
    estate.lab("fault", "clear")

    estate.fault(channel="os_admin", operation="POST certificateMonitor.do", action="expire")
    estate.play(*MONITORING).refused("read back: it was not done")
    estate.lab("fault", "clear")
    estate.play(*MONITORING).ok()

    estate.play(*MONITORING, variables={"certificate_monitoring_days": 0}).refused("days: 0 is no number of days")
    estate.play(*MONITORING, variables={"collab_certificate_recipients": ["not an address"]}).refused("recipients", "not an address")
    estate.play(*MONITORING, variables={"collab_ocsp": {"source": "configured", "uri": "us-ca"}}).refused("uri", "us-ca")
