# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones that are not active are told with their cause; only those whose far end answers are waited for. And the port of Unified CM's trunk is theirs."""
from __future__ import annotations

import types

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.expressway import cm_trunk
from ansible_collections.collab.security.plugins.plugin_utils.expressway import zone_proof
from ansible_collections.collab.security.plugins.plugin_utils.expressway.b2b import zones_of_c
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

SETTINGS = {"neighbor_zone": "CM", "traversal_zone": "T"}


class Peer:
    """A peer that answers one status after another."""

    def __init__(self, name, *states, listening=True, document=True):
        self.name, self.states, self.listening, self.document, self.looks = name, list(states), listening, document, 0

    def option(self, name):
        return None

    def ask(self, channel, op, **args):
        if op == "probe":
            return {"reachable": self.listening, "chain": ["pem"] if self.listening else [], "verified": self.listening,
                    "error": None if self.listening else "refused"}
        if op == "witness":
            if not self.document:
                return None
            self.looks += 1
            status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            failed = {"Status": "Failed", "Cause": "System unreachable", "Neighbor": {"Peer": {"SIP": {"Address": "10.0.0.1", "Cause": "Connect failed"}}}}
            return {"Zones": {"Zone": [{"Name": "CM", **({"Status": "Active"} if status == "Active" else failed)}, {"Name": "T", "Status": "Active"}]}}
        if op == "offers":
            return {"methods": ["get"], "keys": {}}
        return [{"Name": "CM", "Status": "Active"}, {"Name": "T"}]


@pytest.fixture
def prove(monkeypatch):
    """prove(peer, ...) -> Report, with a clock that a pause moves on."""
    monkeypatch.setattr(zone_proof.surroundings, "wanted", lambda action, settings: zones_of_c(settings, ["cm1.ent-pa.com"], ["e1.ent-pa.com"]))
    monkeypatch.setattr(zone_proof.surroundings, "unified_cm", lambda action: [])
    monkeypatch.setattr(zone_proof.surroundings, "edge", lambda action: [])

    def run(*peers, timeout=30):
        seconds = [0.0]
        pauses = Pauses(5, sleep=lambda pause: seconds.__setitem__(0, seconds[0] + pause), clock=lambda: seconds[0])
        nodes = {peer.name: peer for peer in peers}
        action = types.SimpleNamespace(report=Report(), nodes=nodes, publisher=peers[0],
                                       each=lambda all_of, function: {name: function(peer) for name, peer in all_of.items()})
        zone_proof.Proof(action, SETTINGS, pauses).run(timeout)
        return action.report
    return run


def test_active_zones_are_no_finding(prove):
    report = prove(Peer("c1", "Active"), Peer("c2", "Active"))
    assert not report.findings and not report.pendings and len(report.extra["zones"]) == 4


def test_one_peer_that_fails_is_told_with_its_cause(prove):
    report = prove(Peer("c1", "Active"), Peer("c2", "Failed"))
    assert [f["id"] for f in report.findings] == ["expressway-zone-down"] and report.findings[0]["object"] == "CM"
    assert "c2 says Failed (System unreachable; 10.0.0.1: Connect failed)" in report.findings[0]["message"] and "c1" not in report.findings[0]["message"]


def test_a_zone_is_waited_for_where_its_far_end_answers(prove):
    peer = Peer("c1", "Failed", "Failed", "Active")
    assert not prove(peer).findings and peer.looks == 3


def test_no_wait_where_the_far_end_is_silent_or_in_check_mode(prove):
    silent, checked = Peer("c1", "Failed", listening=False), Peer("c1", "Failed")
    assert prove(silent).findings and silent.looks == 1
    assert prove(checked, timeout=0).findings and checked.looks == 1


def test_the_wait_ends(prove):
    peer = Peer("c1", "Failed")
    assert prove(peer, timeout=20).findings and peer.looks == 6      # one look, one as the wait begins, one after each of four pauses


def test_without_a_document_the_api_says_it_or_nobody(prove):
    report = prove(Peer("c1", "Active", document=False), timeout=0)
    assert [(f["object"], f["before"]) for f in report.findings] == [("T", {"c1": "not shown"})]


def node(name, host, **variables):
    return types.SimpleNamespace(name=name, fqdn=name + ".ent-pa.com", host=host, variables={
        "collab_product": "expressway_c", "collab_cluster": "us_expc", "collab_cm_cluster": "us_cm", "collab_cluster_name": "us-expc.ent-pa.com", **variables})


@pytest.fixture
def action():
    b2b = {"collab_expressway": {"b2b": {"neighbor_zone": "CM", "neighbor_port": 5570}}}
    hosts = {"us-expc1": node("us-expc1", "10.0.0.31", **b2b), "us-expc2": node("us-expc2", "10.0.0.32", **b2b),
             "emea-expc1": node("emea-expc1", "10.0.0.33", collab_cm_cluster="emea_cm", **b2b),
             "us-expe1": node("us-expe1", "10.0.0.41", collab_product="expressway_e")}
    return types.SimpleNamespace(cluster="us_cm", task_vars={"groups": {"expressway": list(hosts)}}, node_of=hosts.__getitem__)


@pytest.mark.parametrize("dialled, spec, port", [
    (["10.0.0.31", "10.0.0.32"], {}, 5570), (["US-EXPC1.ent-pa.com"], {}, 5570), (["us-expc.ent-pa.com"], {}, 5570),
    (["10.0.0.31"], {"incoming_port": 5999}, 5999),
    (["nat.ent-pa.com"], {"far_ends": [{"address": "nat.ent-pa.com", "server_name": "us-expc2.ent-pa.com"}]}, 5570),
    (["10.0.0.33"], {}, None), (["10.0.0.1"], {}, None), (["10.0.0.41"], {}, None)])
def test_the_trunks_incoming_port_is_the_neighbor_zones(action, dialled, spec, port):
    trunks = {"T": {"destinations": [{"address": address} for address in dialled]}}
    said = cm_trunk.with_neighbor_ports(action)(trunks, {"T": {"name": "T", **spec}})["T"]
    assert said.get("incoming_port") == port and said.get("peer") == ("expressway" if port else None)


def test_without_a_neighbor_zone_the_port_stays_as_it_was(action):
    for host in ("us-expc1", "us-expc2"):
        action.node_of(host).variables["collab_expressway"] = {"mra": {}}
    trunks = {"T": {"destinations": [{"address": "10.0.0.31"}]}}
    assert cm_trunk.with_neighbor_ports(action)(trunks, {"T": {"name": "T"}}) == {"T": {"name": "T"}}
