# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate Monitor and Certificate Revocation on pages made of dicts: kept on every node, whichever node's page is the cluster's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.certificates import monitoring
from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading
from ansible_collections.collab.security.plugins.plugin_utils.channels.html_forms import plain
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import DidNotStick

sys.path.insert(0, str(Path(__file__).parent))
from fake_nodes import Action  # noqa: E402
from fake_nodes import Cluster  # noqa: E402

MONITOR = {"Notification Start Time": "30", "Notification Frequency": "7", "Notification Frequency unit": "Days", "Enable E-mail Notification": False,
           "E-mail IDs": "", "Enable LSC Monitoring": False}
REVOCATION = {"Enable OCSP": False, "source": "Use OCSP URI from Certificate", "OCSP Configured URI": "", "Enable Revocation Check": False, "Check Every": "",
              "Check Every unit": "Hours"}


class Pages(Cluster):
    """A cluster with the two pages. reach: whether a node's page is that of all ("cluster") or its own ("node"); ignores: a field that never changes."""

    def __init__(self, kit, ca, reach):
        super().__init__(kit, ca)
        one = {"monitor": dict(MONITOR), "revocation": dict(REVOCATION)}
        self.pages = {n: one if reach == "cluster" else {"monitor": dict(MONITOR), "revocation": dict(REVOCATION)} for n in kit.NODES}
        self.saves, self.ignores, self.lost = [], None, None

    def name(self, fields, asked):
        labels = asked["label"] if isinstance(asked["label"], (list, tuple)) else [asked["label"] or "source"]
        wanted = [plain(label) + ("unit" if asked["kind"] == "choice" and asked["label"] else "") for label in labels]
        return next((field for field in fields if plain(field) in wanted), None)

    def values(self, fqdn, page, asked):
        self.shown()
        fields = self.pages[fqdn][page]
        return [fields.get(self.name(fields, one)) for one in asked]

    def save(self, fqdn, page, values):
        self.saves.append(fqdn)
        fields = self.pages[fqdn][page]
        for one in values:
            field = self.name(fields, one)
            if field != self.ignores:
                fields[field] = one["value"]
        if self.lost:
            raise self.lost
        return {"says": "Update successful", "alerts": self.alerts}


@pytest.fixture(params=["cluster", "node"])
def cluster(request, kit, ca, monkeypatch):
    monkeypatch.setattr(reading, "now", lambda: kit.NOW)
    return Pages(kit, ca, request.param)


@pytest.fixture
def act(cluster, kit, tmp_path):
    """A fresh action, as each task makes one."""
    return lambda: Action(cluster, kit, tmp_path)


def monitor(action, check=False, **more):
    args = {"days": 60, "frequency": 7, "frequency_unit": "days", "recipients": ["ops@ent-pa.com", "noc@ent-pa.com"], "lsc": True, **more}
    return monitoring.monitor(action, args, check).result()


def revocation(action, check=False, **more):
    args = {"source": "certificate", "uri": None, "revocation_check": True, "every": 24, "every_unit": "hours", "responder_certificate": None, "granted": True,
            "timeout": 1, **more}
    return monitoring.revocation(action, args, check).result()


def test_monitor_is_kept_on_every_node(act, cluster, kit):
    planned = monitor(act(), check=True)
    assert planned["changed"] and cluster.saves == [] and {f["step"] for f in planned["findings"]} == {"monitor-days-frequency", "monitor-email", "monitor-lsc"}
    done = monitor(act())
    assert done["changed"] and len(cluster.saves) == (1 if cluster.pages[kit.NODES[0]] is cluster.pages[kit.NODES[1]] else 3)
    assert cluster.saves[0] == kit.NODES[0], "the publisher comes first"
    for node in kit.NODES:
        page = cluster.pages[node]["monitor"]
        assert (page["Notification Start Time"], page["Notification Frequency"], page["Enable LSC Monitoring"]) == ("60", "7", True)
        assert (page["Enable E-mail Notification"], page["E-mail IDs"]) == (True, "ops@ent-pa.com;noc@ent-pa.com")
    assert done["settings"]["us-cm-sub1"]["Notification Frequency"] == "7 Days"
    before = len(cluster.saves)
    again = monitor(act(), recipients=["noc@ent-pa.com", "OPS@ent-pa.com"])
    assert not again["changed"] and again["findings"] == [] and len(cluster.saves) == before, "the order of addresses is nobody's wish"


def test_without_recipients_the_email_settings_are_left_alone(act, cluster, kit):
    done = monitor(act(), recipients=[])
    assert [p["id"] for p in done["pending"]] == ["recipients-unknown"] and "collab_certificate_recipients" in str(done["pending"])
    assert cluster.pages[kit.NODES[0]]["monitor"]["E-mail IDs"] == ""


def test_a_field_that_the_page_lacks_is_left_to_a_person(act, cluster, kit):
    for node in kit.NODES:
        cluster.pages[node]["monitor"].pop("Enable LSC Monitoring", None)
    done = monitor(act())
    [pending] = done["pending"]
    assert pending["step"] == "monitor-lsc" and "Security > Certificate Monitor: Enable LSC Monitoring: checked; then Save" in str(pending["what_to_do"])
    assert cluster.pages[kit.NODES[0]]["monitor"]["Notification Start Time"] == "60"
    assert not monitor(act())["changed"]


def test_a_page_that_is_not_there_is_left_to_a_person(act, cluster):
    cluster.page = "no link leads to 'Certificate Monitor'"
    done = monitor(act())
    assert {p["step"] for p in done["pending"]} == {"monitor-days-frequency", "monitor-email", "monitor-lsc"} and cluster.saves == []
    assert "no link leads to" in done["pending"][0]["reason"] and not done["changed"]


def test_a_setting_that_does_not_stick_fails_with_the_pages_words(act, cluster):
    cluster.ignores, cluster.alerts = "Notification Start Time", "Error: Notification Start Time is out of range"
    with pytest.raises(DidNotStick, match="not there when read back.*us-cm-pub says: Error: Notification Start Time is out of range"):
        monitor(act())


def test_a_save_without_an_answer_is_read_back(act, cluster):
    cluster.lost = NodeError("lost", "OS Administration asked for a new login; it may have been done")
    assert monitor(act())["changed"]
    cluster.lost = None
    assert not monitor(act())["changed"]


@pytest.mark.parametrize("more, words", [({"days": 0}, "days: 0 is no number"), ({"frequency": -1}, "frequency: -1"),
                                         ({"recipients": ["a@b.c; d@e.f"]}, "is not an e-mail address"), ({"recipients": ["ops"]}, "'ops' is not an e-mail")])
def test_wrong_monitor_input(act, cluster, more, words):
    with pytest.raises(AnsibleActionFail, match=words):
        monitor(act(), **more)
    assert cluster.saves == []


def test_ocsp_by_the_certificates_own_responder_owes_restarts_written_down_before(act, cluster, kit, tmp_path):
    planned = revocation(act(), check=True)
    assert planned["changed"] and cluster.saves == [] and Owed(tmp_path, "us_cm").items() == []
    assert {"node": "us-cm-sub1", "kind": "service_restart", "what": "Cisco CallManager"} in planned["impact"]
    done = revocation(act())
    page = cluster.pages[kit.NODES[2]]["revocation"]
    assert (page["Enable OCSP"], page["Enable Revocation Check"], page["Check Every"], page["Check Every unit"]) == (True, True, "24", "Hours")
    assert {f["step"] for f in done["findings"]} == {"ocsp"}
    owed = {(o["what"], o["node"]) for o in Owed(tmp_path, "us_cm").items()}
    assert {("Cisco Tomcat", "us-cm-sub2"), ("Cisco CallManager", "us-cm-sub1"), ("Cisco Intercluster Lookup Service", "us-cm-pub")} <= owed
    before = len(cluster.saves)
    assert not revocation(act())["changed"] and len(cluster.saves) == before


def test_ocsp_is_not_switched_on_without_leave(act, cluster, tmp_path):
    for check in (True, False):
        held = revocation(act(), granted=False, check=check)
        assert not held["changed"] and [p["id"] for p in held["pending"]] == ["certificate-revocation-not-granted"] and held["pending"][0]["step"] == "ocsp"
        assert held["findings"] and cluster.saves == [] and Owed(tmp_path, "us_cm").items() == []
    revocation(act())
    assert not revocation(act(), granted=False)["pending"]


def test_ocsp_by_a_certain_responder(act, cluster, kit):
    revocation(act(), source="configured", uri="http://us-ca.ent-pa.com:20080/ocsp", revocation_check=False)
    page = cluster.pages[kit.NODES[0]]["revocation"]
    assert (page["source"], page["OCSP Configured URI"]) == ("Use Configured OCSP URI", "http://us-ca.ent-pa.com:20080/ocsp")
    assert page["Enable Revocation Check"] is False and page["Check Every"] == ""


def test_a_responders_own_certificate_is_trusted_first(act, cluster, kit):
    responder = kit.make("us-ocsp.ent-pa.com", "ocsp", names=["us-ocsp.ent-pa.com"])
    revocation(act(), responder_certificate=pem.to_pem(responder))
    assert responder in cluster.store[kit.NODES[1]]["trust"]["tomcat"] and cluster.saves
    with pytest.raises(AnsibleActionFail, match="responder_certificate"):
        revocation(act(), responder_certificate="x")


def test_without_a_word_on_the_responder_nothing_is_changed(act, cluster):
    done = revocation(act(), source=None)
    assert [p["id"] for p in done["pending"]] == ["ocsp-responder-unknown"] and "collab_ocsp" in str(done["pending"]) and cluster.saves == []


@pytest.mark.parametrize("more, words", [({"source": "configured", "uri": "us-ca"}, "uri: 'us-ca' is not the address"), ({"source": "configured"}, "uri: ''"),
                                         ({"every": 0}, "every: 0")])
def test_wrong_revocation_input(act, cluster, more, words):
    with pytest.raises(AnsibleActionFail, match=words):
        revocation(act(), **more)
    assert cluster.saves == []
