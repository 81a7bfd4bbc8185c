# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trunks between two clusters: both ends or none, in which order, and what keeps them from it."""
from __future__ import annotations

import types

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.links import components
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.links import left_to_multi_cluster
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.trunks import InterclusterTrunks
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.report import Report
from ansible_collections.collab.security.plugins.plugin_utils.sip_trunks import any_of
from tests.unit.resources.fake_publisher import FakeCluster
from tests.unit.resources.fake_publisher import Waits
from tests.unit.resources.fake_publisher import pem
from tests.unit.resources.fake_publisher import profile
from tests.unit.resources.fake_publisher import trunk

ADDRESSES = {"us-cm-pub": "10.0.1.1", "us-cm-sub1": "10.0.1.2", "us-cm-sub2": "10.0.1.3", "emea-cm-pub": "10.0.2.1", "emea-cm-sub1": "10.0.2.2"}
ARGS = {"clusters": None, "ca_file": "/ca.pem", "suffix": " - TLS", "granted": True, "registration_timeout": 60}


class Enterprise:
    """Two publishers with one network, and one journal of what is written to either."""

    def __init__(self, workspace):
        self.workspace, self.served, self.journal, self.kill_at = workspace, {}, [], None
        self.clusters = {}
        for name, peer, ends in (("us_cm", "EMEA_ICT", ["emea-cm-sub1"]), ("emea_cm", "US_ICT", ["us-cm-sub1", "us-cm-sub2"])):
            one = FakeCluster()
            one.name = name.replace("_", "-") + "-pub"
            one.fqdn, one.host, one.served = one.name + ".ent-pa.com", ADDRESSES[one.name], self.served
            one.tables["sipTrunkSecurityProfile"] = [profile("ICT Profile"), profile("CUBE Profile")]
            one.tables["sipTrunk"] = [trunk(peer, "ICT Profile", *[ADDRESSES[end] for end in ends]), trunk("CUBE", "CUBE Profile", "10.0.9.1")]
            one.option, one.roles, one.variables = (lambda key: "/ca.pem" if key == "ca_file" else None), ["publisher"], {"collab_cluster": name}
            one.axl = self.seen(name, one, one.axl)
            self.clusters[name] = one
        for name, common in (("us-cm-sub1", "us-cm-pub-ms"), ("us-cm-sub2", "us-cm-pub-ms"), ("emea-cm-sub1", "emea-cm-pub-ms")):
            self.served[ADDRESSES[name], 5061] = (pem(common + ".ent-pa.com", name + ".ent-pa.com"), True)

    def seen(self, name, one, answer):
        def axl(operation, arguments):
            if operation.startswith(("add", "update", "reset")):
                if self.kill_at == len(self.journal):
                    raise KeyboardInterrupt                         # stands for a run that is killed before its request
                self.journal.append((name, operation, arguments.get("name") or arguments["sipTrunkSecurityProfile"]["name"]))
            return answer(operation, arguments)
        return axl

    def node(self, name):
        cluster = self.clusters[name.replace("-", "_").rpartition("_")[0]]
        if name == cluster.name:
            return cluster
        return types.SimpleNamespace(name=name, fqdn=name + ".ent-pa.com", host=ADDRESSES[name], roles=["subscriber", "call_processing"], ask=cluster.ask,
                                     variables={"collab_cluster": cluster.variables["collab_cluster"]})

    def view(self, name, report, settings):
        cluster = self.clusters[name]
        nodes = {host: self.node(host) for host in ADDRESSES if host.startswith(name.replace("_", "-"))}
        return types.SimpleNamespace(
            publisher=cluster, nodes=nodes, cluster=name, workspace=self.workspace, report=report, poll=Waits(), node_of=self.node, warn=lambda text: None,
            task_vars={"groups": {"unified_cm": list(ADDRESSES)}}, var=lambda key, default=None: settings.get(name, {}).get(key, default))

    def run(self, check=False, settings=None, **args):
        report = Report()
        action = types.SimpleNamespace(report=report, task_vars={"groups": {"publishers": ["us-cm-pub", "emea-cm-pub"], "unified_cm": list(ADDRESSES)}})
        action.seen_from = lambda name: self.view(name.replace("-", "_").rpartition("_")[0], report, settings or {})
        return InterclusterTrunks(action, {**ARGS, **args}, check).run().result()


@pytest.fixture
def enterprise(tmp_path):
    return Enterprise(tmp_path)


PREPARED = [("us_cm", "addSipTrunkSecurityProfile", "ICT Profile - TLS"), ("emea_cm", "addSipTrunkSecurityProfile", "ICT Profile - TLS")]
SWITCHED = [("us_cm", "updateSipTrunk", "EMEA_ICT"), ("emea_cm", "updateSipTrunk", "US_ICT"), ("us_cm", "resetSipTrunk", "EMEA_ICT"),
            ("emea_cm", "resetSipTrunk", "US_ICT")]


def test_both_ends_together_with_each_others_names(enterprise):
    result = enterprise.run()
    assert enterprise.journal == PREPARED + SWITCHED
    subjects = {name: one.row("sipTrunkSecurityProfile", "ICT Profile - TLS")["x509SubjectName"] for name, one in enterprise.clusters.items()}
    assert subjects == {"us_cm": "emea-cm-pub-ms.ent-pa.com", "emea_cm": "us-cm-pub-ms.ent-pa.com"}
    assert {(row["cluster"], row["name"]): row["state"] for row in result["trunks"]} == {("us_cm", "EMEA_ICT"): "secured", ("emea_cm", "US_ICT"): "secured"}
    assert {end["server_name"] for row in result["trunks"] for end in row["far_ends"]} == {
        "emea-cm-sub1.ent-pa.com", "us-cm-sub1.ent-pa.com", "us-cm-sub2.ent-pa.com"}
    assert "US_ICT (emea_cm)" in result["before"] and result["pending"] == []
    assert {row["step"] for row in result["findings"]} >= {"trunk-srtp", "trunk-destination-port", "trunk-select-profile", "trunk-profile-copy"}
    enterprise.journal.clear()
    again = enterprise.run()
    assert not again["changed"] and enterprise.journal == [] and again["findings"] == []


def test_check_mode_says_the_same_and_writes_nothing(enterprise):
    planned = enterprise.run(check=True)
    assert enterprise.journal == []
    done = enterprise.run()
    for key in ("operations", "before", "after", "findings", "impact"):
        assert planned[key] == done[key]


@pytest.mark.parametrize("number", range(6))
def test_killed_at_any_write_the_next_run_finishes(enterprise, number):
    enterprise.kill_at = number
    with pytest.raises(KeyboardInterrupt):
        enterprise.run()
    enterprise.kill_at = None
    enterprise.run()
    assert enterprise.journal == PREPARED + SWITCHED
    assert all(Owed(enterprise.workspace, name).items() == [] for name in enterprise.clusters)


def test_an_end_that_is_not_proven_holds_both(enterprise):
    del enterprise.served[ADDRESSES["us-cm-sub2"], 5061]
    result = enterprise.run()
    assert [entry for entry in enterprise.journal if "Trunk" in entry[1] and "Profile" not in entry[1]] == []
    waiting = {row["object"]: row["reason"] for row in result["pending"]}
    assert set(waiting) == {"EMEA_ICT (us_cm)", "US_ICT (emea_cm)"}
    assert "10.0.1.3:5061" in waiting["US_ICT (emea_cm)"] and {row["step"] for row in result["pending"]} == {"mc-trunks"}
    enterprise.served[ADDRESSES["us-cm-sub2"], 5061] = (pem("us-cm-pub-ms.ent-pa.com", "us-cm-sub2.ent-pa.com"), True)
    assert not enterprise.run()["pending"]


def test_node_that_serves_another_name_holds_both(enterprise):
    enterprise.served[ADDRESSES["emea-cm-sub1"], 5061] = (pem("other.ent-pa.com", "other.ent-pa.com"), True)
    waiting = {row["object"]: row["reason"] for row in enterprise.run()["pending"]}
    assert "not for emea-cm-sub1.ent-pa.com" in waiting["EMEA_ICT (us_cm)"] and "US_ICT (emea_cm)" in waiting


def test_no_trunk_back_holds_the_one_that_is_there(enterprise):
    del enterprise.clusters["emea_cm"].tables["sipTrunk"][0]
    result = enterprise.run()
    assert "emea_cm has no SIP trunk that dials us_cm" in result["pending"][0]["reason"] and len(result["pending"]) == 1
    assert [entry for entry in enterprise.journal if entry[1] == "updateSipTrunk"] == []


@pytest.mark.parametrize("settings", [{"emea_cm": {"collab_sip_trunks_excluded": ["US_ICT"]}}, {"emea_cm": {"collab_sip_trunks": [{"name": "CUBE"}]}}])
def test_end_that_is_left_alone_leaves_the_other_alone(enterprise, settings):
    result = enterprise.run(settings=settings)
    assert "US_ICT at its other end is left alone" in result["pending"][0]["reason"] and len(result["pending"]) == 1
    assert [entry for entry in enterprise.journal if entry[1] == "updateSipTrunk"] == []


def test_what_the_operator_says_of_a_trunk_counts(enterprise):
    enterprise.served[ADDRESSES["emea-cm-sub1"], 5065] = (pem("emea-sip.ent-pa.com"), True)
    said = [{"name": "EMEA_ICT", "far_ends": [{"address": "10.0.2.2", "server_name": "emea-sip.ent-pa.com", "port": 5065}]}]
    assert not enterprise.run(settings={"us_cm": {"collab_sip_trunks": said}})["pending"]
    destination = enterprise.clusters["us_cm"].row("sipTrunk", "EMEA_ICT")["destinations"]["destination"][0]
    assert (destination["addressIpv4"], destination["port"]) == ("10.0.2.2", "5065")


def test_not_granted_prepares_only(enterprise):
    result = enterprise.run(granted=False)
    assert enterprise.journal == PREPARED and {row["object"] for row in result["pending"]} == {"EMEA_ICT (us_cm)", "US_ICT (emea_cm)"}


def test_drift_of_one_end_is_mended_at_that_end(enterprise):
    enterprise.run()
    enterprise.clusters["emea_cm"].row("sipTrunk", "US_ICT")["srtpAllowed"] = "false"
    enterprise.journal.clear()
    enterprise.run()
    assert enterprise.journal == [("emea_cm", "updateSipTrunk", "US_ICT"), ("emea_cm", "resetSipTrunk", "US_ICT")]


def test_fault_at_the_second_end_is_finished_by_the_next_run(enterprise):
    cluster = enterprise.clusters["emea_cm"]
    answer = cluster.axl

    def refuse(operation, arguments):
        if operation == "updateSipTrunk":
            raise RuntimeError("axlcode 5003")
        return answer(operation, arguments)

    cluster.axl = refuse
    with pytest.raises(RuntimeError):
        enterprise.run()
    assert [entry["what"] for entry in Owed(enterprise.workspace, "us_cm").items()] == ["reset:trunk:EMEA_ICT"]
    cluster.axl = answer
    enterprise.run()
    assert enterprise.journal == PREPARED + SWITCHED


def test_reset_that_is_owed_waits_for_the_other_end(enterprise):
    """One end was updated, the run ended, and now the other end cannot be switched: a reset would put the first alone on TLS."""
    enterprise.kill_at = 3                                          # both profiles and the first trunk are written
    with pytest.raises(KeyboardInterrupt):
        enterprise.run()
    enterprise.kill_at = None
    enterprise.journal.clear()
    del enterprise.served[ADDRESSES["us-cm-sub2"], 5061]
    result = enterprise.run()
    assert enterprise.journal == [] and {row["object"] for row in result["pending"]} == {"EMEA_ICT (us_cm)", "US_ICT (emea_cm)"}
    enterprise.served[ADDRESSES["us-cm-sub2"], 5061] = (pem("us-cm-pub-ms.ent-pa.com", "us-cm-sub2.ent-pa.com"), True)
    enterprise.run()
    assert [entry[:2] for entry in enterprise.journal] == [("emea_cm", "updateSipTrunk"), ("us_cm", "resetSipTrunk"), ("emea_cm", "resetSipTrunk")]


def test_ordinary_trunk_modules_leave_these_alone(enterprise):
    view = enterprise.view("us_cm", Report(), {})
    listed = {"EMEA_ICT": {"destinations": [{"address": "10.0.2.2"}]}, "BY_NAME": {"destinations": [{"address": "emea-cm-sub1.ent-pa.com"}]},
              "OWN": {"destinations": [{"address": "10.0.1.2"}]}, "CUBE": {"destinations": [{"address": "10.0.9.1"}]}}
    assert any_of(None, left_to_multi_cluster(view))(listed) == {"EMEA_ICT", "BY_NAME"}
    view.task_vars["groups"]["unified_cm"] = [name for name in ADDRESSES if name.startswith("us")]
    assert left_to_multi_cluster(view) is None and any_of(None, None) is None


def test_components():
    assert components({"a": ["b"], "b": [], "c": ["d"], "d": ["c"], "e": []}) == [["a", "b"], ["c", "d"], ["e"]]
