# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ILS and LBM of two clusters: in which order, what is never so even for a moment, what an interrupted run leaves, and what keeps it from beginning."""
from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.clusters import BadClusters
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.ils import Ils
from ansible_collections.collab.security.plugins.plugin_utils.multi_cluster.lbm import LbmMode
from ansible_collections.collab.security.plugins.plugin_utils.operations.restarts import ILS
from ansible_collections.collab.security.plugins.plugin_utils.operations.restarts import LBM
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.report import Report
from ansible_collections.collab.security.plugins.plugin_utils.resources import ils
from ansible_collections.collab.security.plugins.plugin_utils.resources.ils import BadIls

sys.path.insert(0, str(Path(__file__).parent))
import fake_cluster  # noqa: E402

STORED = {"insecure": "0", "mixed": "1", "secure": "2"}
PARAMETER = {"name": "LBMMode", "confirmed": True, "stored_values": STORED}
HUBS = {"us_cm": ["us-cm-sub1", "us-cm-sub2"], "emea_cm": ["emea-cm-sub1"]}
PASSWORD = "planted-secret"
SETTINGS = {"us_cm": {"registration_server": "", "synchronize_clusters_every": 10, "role": "Hub Cluster"},
            "emea_cm": {"registration_server": "us-cm-pub.ent-pa.com", "synchronize_clusters_every": 10}}


class Killed(BaseException):
    """Stands for SIGKILL."""


class Enterprise:
    """Two clusters with one clock; `log` has every write and restart in order, `kill_at` ends the run before that one (`after`: after it)."""

    def __init__(self, workspace):
        self.clusters = {name.replace("-", "_"): fake_cluster.FakeAction(workspace, release, name) for name, release in (("us-cm", "15"), ("emea-cm", "12.5"))}
        self.workspace, self.log, self.kill_at, self.after, self.bad = workspace, [], None, False, []
        self.spoiled, self.newcomers = set(), set()
        for name, one in self.clusters.items():
            one.takes, one.owner = 1, self
            one.parameters["ClusterID"] = name + "-id"
            one.variables = {"collab_lbm_security_mode": PARAMETER, "collab_ils": SETTINGS[name]}
            one.lbm, one.written, one.active, one.contact = "0", None, "plain", one.now
            for node in one.nodes.values():
                node.services.update({LBM: one.now - 1000 if "sub" in node.name else None, ILS: one.now - 1000 if "publisher" in node.roles else None})
                node.serves.setdefault(8443, node.installed["tomcat"])
                node.lbm = "0"
            one.replies.update(listServiceParameter=self.listed(one), updateServiceParameter=self.updated(one), listProcessNode=self.nodes(one),
                               getIlsConfig=self.ils(one), updateIlsConfig=self.ils_written(one))
            one.on_restart = {LBM: self.lbm_restarted, ILS: self.ils_restarted}
            for unit in ("tomcat", "tomcat-ECDSA", "CallManager", "CallManager-ECDSA", "CAPF"):
                one.replies["show cert own %s" % unit] = self.shown(unit)

    @staticmethod
    def shown(unit):
        def reply(node, answers):
            if unit not in node.installed:
                raise NodeError("refused", "no such certificate")
            return node.installed[unit]
        return reply

    def happens(self, what, do):
        number = len(self.log)
        if self.kill_at == number and not self.after:
            raise Killed
        self.log.append(what)
        result = do()
        if self.kill_at == number:
            raise Killed
        return result

    # LBM
    @staticmethod
    def listed(one):
        return lambda arguments: {"return": {"serviceParameter": [{"name": "LBMMode", "value": one.lbm}, {"name": "TLSCiphers", "value": "0"}]}}

    def updated(self, one):
        def write(arguments):
            self.happens(("set", one.cluster, arguments["value"]), lambda: setattr(one, "lbm", arguments["value"]))
            return {"return": "{1}"}
        return write

    @staticmethod
    def nodes(one):
        return lambda arguments: {"return": {"processNode": [{"name": "EnterpriseWideData"}] + [
            {"name": node.fqdn, "lbmHubGroup": {"_value_1": "hubs"} if node.name in HUBS[one.cluster] else None} for node in one.nodes.values()]}}

    def lbm_restarted(self, node):
        self.happens(("restart", node.name), lambda: setattr(node, "lbm", node.cluster.lbm))
        modes = {other.lbm for one in self.clusters.values() for other in one.nodes.values() if other.name in HUBS[one.cluster]}
        if {"0", "2"} <= modes:
            self.bad.append(list(self.log))

    # ILS
    def ils(self, one):
        def read(arguments):
            assert set(arguments["returnedTags"]) == set(ils.TAGS)
            wanted = arguments.get("clusterId")
            if not wanted or wanted == one.cluster + "-id":
                return {"return": {"ilsConfig": {"clusterId": one.cluster + "-id", "role": "Hub Cluster" if one.cluster == "us_cm" else "Spoke Cluster"}}}
            if one.cluster in self.newcomers:
                raise NodeError("refused", "AXL getIlsConfig: Item not valid: The specified IlsConfig was not found (axlcode 5007)")
            other = next(c for c in self.clusters.values() if c.cluster + "-id" == wanted)
            if one.active == other.active and one.cluster not in self.spoiled:
                one.contact = max(one.contact, one.now // 600 * 600)
                return {"return": {"ilsConfig": {"clusterId": wanted, "lastContactTime": str(one.contact), "syncronizationStatus": "Up to date"}}}
            return {"return": {"ilsConfig": {"clusterId": wanted, "lastContactTime": str(one.contact), "syncronizationStatus": "Not up to date"}}}
        return read

    def ils_written(self, one):
        def write(arguments):
            assert len(arguments) == 9, arguments
            self.happens(("ils", one.cluster, arguments["role"], arguments["registrationServer"]), lambda: setattr(one, "written", dict(arguments)))
            return {"return": "true"}
        return write

    def ils_restarted(self, node):
        active = node.cluster.written
        self.happens(("restart", node.name), lambda: setattr(node.cluster, "active", (active["useTls"], active["usePassword"]) if active else "plain"))

    # an action
    def action(self, alive=("us-cm-pub", "emea-cm-pub")):
        report, action = Report(), types.SimpleNamespace()
        groups = {"publishers": ["us-cm-pub", "emea-cm-pub", "us-cuc-pub"], "unified_cm": [node for one in self.clusters.values() for node in one.nodes]}
        for one in self.clusters.values():
            one.report = report

        def sleep(seconds):
            for one in self.clusters.values():
                one.now += seconds

        action.report, action.task_vars = report, {"groups": groups, "ansible_play_hosts": list(alive)}
        action.seen_from = lambda name: next(one for one in self.clusters.values() if name in one.nodes)
        action.pauses = Pauses(5, sleep, lambda: self.clusters["us_cm"].now)
        return action


@pytest.fixture
def enterprise(tmp_path):
    return Enterprise(tmp_path)


def lbm(enterprise, check=False, alive=("us-cm-pub", "emea-cm-pub"), **args):
    action = enterprise.action(alive)
    args = {"clusters": None, "mode": "Secure", "parameter": None, "granted": True, "timeout": 300, **args}
    return LbmMode(action, args, action.pauses, check).run().result()


def run_ils(enterprise, check=False, alive=("us-cm-pub", "emea-cm-pub"), **args):
    action = enterprise.action(alive)
    args = {"clusters": None, "password": PASSWORD, "apply": False, "granted": True, "timeout": 3600, **args}
    return Ils(action, args, action.pauses, check).run().result()


# --- LBM -----------------------------------------------------------------------------------------------------------

MIXED = [("set", "us_cm", "1"), ("set", "emea_cm", "1"), ("restart", "us-cm-sub1"), ("restart", "us-cm-sub2"), ("restart", "emea-cm-sub1")]
SECURE = [("set", "us_cm", "2"), ("set", "emea_cm", "2"), *MIXED[2:]]


def test_mixed_everywhere_then_secure(enterprise):
    result = lbm(enterprise)
    assert enterprise.log == MIXED + SECURE and enterprise.bad == []
    assert result["modes"] == {"us_cm": "Secure", "emea_cm": "Secure"} and {row["step"] for row in result["findings"]} == {"mc-lbm-secure"}
    assert "LBM Security Mode (emea_cm)" in result["before"]
    enterprise.log.clear()
    again = lbm(enterprise)
    assert not again["changed"] and enterprise.log == [] and again["findings"] == []


def test_check_mode_shows_both_steps_and_writes_nothing(enterprise):
    result = lbm(enterprise, check=True)
    assert enterprise.log == [] and [row["arguments"]["value"] for row in result["operations"]] == ["Mixed", "Mixed", "Secure", "Secure"]
    assert {row["node"] for row in result["impact"]} == {"us-cm-sub1", "us-cm-sub2", "emea-cm-sub1"}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(len(MIXED + SECURE)))
def test_killed_anywhere_it_is_gone_on_with(enterprise, number, after):
    enterprise.kill_at, enterprise.after = number, after
    with pytest.raises(Killed):
        lbm(enterprise)
    enterprise.kill_at = None
    result = lbm(enterprise)
    assert result["modes"] == {"us_cm": "Secure", "emea_cm": "Secure"} and enterprise.bad == []
    assert [entry for entry in enterprise.log if entry[0] == "set"] == [entry for entry in MIXED + SECURE if entry[0] == "set"]
    assert {node.lbm for one in enterprise.clusters.values() for node in one.nodes.values() if node.name in HUBS[one.cluster]} == {"2"}
    assert all(Owed(enterprise.workspace, name).items() == [] for name in enterprise.clusters)


def test_hub_that_does_not_come_back_keeps_all_from_secure(enterprise):
    enterprise.clusters["emea_cm"].takes = 10 ** 6
    with pytest.raises(Stuck, match="Cisco Location Bandwidth Manager on emea-cm-sub1"):
        lbm(enterprise)
    assert not [entry for entry in enterprise.log if entry[0] == "set" and entry[2] == "2"]


def test_mixed_is_as_far_as_it_goes_where_that_is_wanted(enterprise):
    lbm(enterprise, mode="Mixed")
    assert enterprise.log == MIXED
    enterprise.log.clear()
    assert not lbm(enterprise, mode="Mixed")["changed"]


def test_one_that_fell_back_is_brought_up_by_way_of_mixed(enterprise):
    lbm(enterprise)
    enterprise.log.clear()
    enterprise.clusters["emea_cm"].lbm = "0"
    lbm(enterprise)
    assert enterprise.log == [("set", "emea_cm", "1"), ("restart", "emea-cm-sub1"), ("set", "emea_cm", "2"), ("restart", "emea-cm-sub1")]


@pytest.mark.parametrize("spoil, pending", [
    (lambda e: e.clusters["emea_cm"].variables.update(collab_lbm_security_mode=None), "lbm-parameter-unconfirmed"),
    (lambda e: e.clusters["us_cm"].variables.update(collab_lbm_security_mode={**PARAMETER, "confirmed": False}), "lbm-parameter-unconfirmed"),
    (lambda e: e.clusters["us_cm"].variables.update(collab_lbm_security_mode={**PARAMETER, "name": "NoSuch"}), "lbm-parameter-unconfirmed"),
    (lambda e: e.clusters["us_cm"].variables.update(collab_lbm_security_mode={**PARAMETER, "stored_values": {"secure": "2"}}), "lbm-parameter-unconfirmed"),
    (lambda e: setattr(e.clusters["us_cm"], "lbm", "7"), "lbm-value-unknown"),
    (lambda e: setattr(e.clusters["us_cm"], "unproven", True), "lbm-tomcat"),
    (lambda e: Owed(e.workspace, "emea_cm").add("Cisco Tomcat", ["emea-cm-sub1"], 1, "x"), "lbm-tomcat"),
])
def test_what_keeps_lbm_from_beginning(enterprise, spoil, pending):
    spoil(enterprise)
    result = lbm(enterprise)
    assert enterprise.log == [] and not result["changed"]
    assert pending in [row["id"] for row in result["pending"]] and all(row["what_to_do"] for row in result["pending"])


def test_not_granted_is_pending(enterprise):
    assert [row["id"] for row in lbm(enterprise, granted=False)["pending"]] == ["lbm-not-granted"]
    assert [row["id"] for row in run_ils(enterprise, granted=False)["pending"]] == ["ils-not-granted"]
    assert enterprise.log == []


def test_nothing_begins_without_every_cluster(enterprise):
    for run in (lbm, run_ils):
        result = run(enterprise, alive=["us-cm-pub"])
        assert [(row["id"], row["object"]) for row in result["pending"]] == [("multi-cluster", "emea-cm-pub")]
    assert enterprise.log == []


def test_one_cluster_has_nothing_to_be_tied_to(enterprise):
    result = lbm(enterprise, clusters=["us-cm-pub"])
    assert enterprise.log == [] and result["pending"] == []


def test_clusters_that_do_not_exist(enterprise):
    for names, says in ((["us-cm-pub", "nobody"], "nobody"), (["us-cm-pub", "emea-cm-sub1"], "emea-cm-pub")):
        with pytest.raises(BadClusters, match=says):
            lbm(enterprise, clusters=names)
    assert enterprise.log == []


# --- ILS -----------------------------------------------------------------------------------------------------------

WRITTEN = [("ils", "us_cm", "Hub Cluster", ""), ("ils", "emea_cm", "Spoke Cluster", "us-cm-pub.ent-pa.com"), ("restart", "us-cm-pub"),
           ("restart", "emea-cm-pub")]


def test_ils_is_written_on_all_and_proven_by_the_peers(enterprise):
    result = run_ils(enterprise)
    assert enterprise.log == WRITTEN and enterprise.clusters["emea_cm"].active == (True, PASSWORD)
    assert {row["step"] for row in result["findings"]} == {"mc-ils-tls", "mc-ils-password"}
    assert PASSWORD not in str(result) and {row["status"] for row in result["peers"]} == {"Up to date"}
    enterprise.log.clear()
    again = run_ils(enterprise)
    assert not again["changed"] and enterprise.log == [] and again["findings"] == []


def test_ils_is_written_again_on_request_and_for_another_password(enterprise):
    run_ils(enterprise)
    enterprise.log.clear()
    run_ils(enterprise, apply=True)
    assert enterprise.log == WRITTEN
    enterprise.log.clear()
    run_ils(enterprise, password="planted-other")
    assert enterprise.log == WRITTEN and enterprise.clusters["us_cm"].active == (True, "planted-other")


def test_ils_check_mode_writes_nothing(enterprise):
    result = run_ils(enterprise, check=True)
    assert enterprise.log == [] and result["changed"] and PASSWORD not in str(result)
    assert [row["arguments"]["usePassword"] for row in result["operations"]] == [ils.MASK, ils.MASK]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(len(WRITTEN)))
def test_ils_killed_anywhere_is_gone_on_with(enterprise, number, after):
    enterprise.kill_at, enterprise.after = number, after
    with pytest.raises(Killed):
        run_ils(enterprise)
    enterprise.kill_at = None
    run_ils(enterprise)
    assert {one.active for one in enterprise.clusters.values()} == {(True, PASSWORD)}
    assert all(Owed(enterprise.workspace, name).items() == [] for name in enterprise.clusters)
    enterprise.log.clear()
    assert not run_ils(enterprise)["changed"] and enterprise.log == []


def test_a_cluster_that_does_not_know_another_one_yet_is_said_and_keeps_nothing_from_being_done(enterprise):
    enterprise.newcomers.add("emea_cm")
    result = run_ils(enterprise)
    assert [row["status"] for row in result["peers"] if row["cluster"] == "emea_cm"] == [""] and PASSWORD not in str(result)
    assert [f["object"] for f in result["findings"] if f["id"] == "ils-peer"] == ["us_cm at emea_cm"]


def test_peers_that_do_not_meet_again_are_said(enterprise):
    enterprise.clusters["emea_cm"].on_restart[ILS] = lambda node: None          # it goes on as before
    with pytest.raises(Stuck, match="us_cm says of emea_cm: 'Not up to date'"):
        run_ils(enterprise)


def test_peer_that_is_lost_later_is_a_finding(enterprise):
    run_ils(enterprise)
    enterprise.spoiled.add("us_cm")
    result = run_ils(enterprise)
    assert not result["changed"] and [(row["id"], row["object"]) for row in result["findings"]] == [("ils-peer", "emea_cm at us_cm")]


@pytest.mark.parametrize("spoil, pending", [
    (lambda e: e.clusters["emea_cm"].variables.update(collab_ils=None), "ils-settings"),
    (lambda e: e.clusters["emea_cm"].variables.update(collab_ils={"registration_server": ""}), "ils-settings"),
    (lambda e: setattr(e.clusters["emea_cm"], "unproven", True), "ils-tomcat"),
    (lambda e: e.clusters["emea_cm"].replies.update(getIlsConfig=lambda a: {"return": {"ilsConfig": {"role": "Stand Alone Cluster"}}}), "ils-not-configured"),
    (lambda e: e.clusters["emea_cm"].replies.update(getIlsConfig=lambda a: {"return": None}), "ils-not-configured"),
    (lambda e: e.clusters["emea_cm"].parameters.update(ClusterID=e.clusters["us_cm"].parameters["ClusterID"].upper()), "ils-cluster-id"),
    (lambda e: e.clusters["emea_cm"].parameters.pop("ClusterID"), "ils-cluster-id"),
])
def test_what_keeps_ils_from_beginning(enterprise, spoil, pending):
    spoil(enterprise)
    result = run_ils(enterprise)
    assert enterprise.log == [] and not result["changed"] and pending in [row["id"] for row in result["pending"]]


def test_ils_without_a_password_is_pending(enterprise):
    assert {row["id"] for row in run_ils(enterprise, password=None)["pending"]} == {"ils-password"} and enterprise.log == []


@pytest.mark.parametrize("said, says", [("Spoke Cluster", "it is a Hub Cluster"), ("King", "has to be one of")])
def test_role_is_never_changed(enterprise, said, says):
    enterprise.clusters["us_cm"].variables["collab_ils"] = {**SETTINGS["us_cm"], "role": said}
    with pytest.raises(BadIls, match=says):
        run_ils(enterprise)
    assert enterprise.log == []


@pytest.mark.parametrize("words, well", [("Up to date", True), ("up-to-date", True), ("Synchronized", True), ("Not up to date", False), ("Out of sync", False),
                                         ("Unsynchronized", False), ("Sync failed", False), ("--", False)])
def test_words_for_a_peer(words, well):
    assert ils.in_sync(words) is well
