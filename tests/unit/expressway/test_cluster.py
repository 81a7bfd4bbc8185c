# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which peer an Expressway is by its own word; shared settings go to the primary alone."""
from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.expressway import facts
from ansible_collections.collab.security.plugins.plugin_utils.expressway.cluster import NotPrimary
from ansible_collections.collab.security.plugins.plugin_utils.expressway.cluster import membership
from ansible_collections.collab.security.plugins.plugin_utils.expressway.cluster import require_primary
from ansible_collections.collab.security.plugins.plugin_utils.expressway.documents import below
from ansible_collections.collab.security.plugins.plugin_utils.expressway.documents import entries
from ansible_collections.collab.security.plugins.plugin_utils.expressway.documents import text
from ansible_collections.collab.security.plugins.plugin_utils.expressway.preflight import ExpresswayPreflight
from ansible_collections.collab.security.plugins.plugin_utils.expressway.preflight import called
from ansible_collections.collab.security.plugins.plugin_utils.expressway.preflight import place
from ansible_collections.collab.security.plugins.plugin_utils.expressway.preflight import running

from .peer import PEERS
from .peer import Peer
from .peer import configuration


def peer(**how):
    return Peer(documents={"configuration": configuration(**how)})


# -- the documents ---------------------------------------------------------------------------------------------------
def test_ways_through_a_document():
    document = {"Zones": {"Zone": {"Name": "a"}}, "Peers": [{"Address": "b"}, {"Address": "c"}]}
    assert text(document, "zones", "ZONE", "name") == "a" and text(document, "Zones") == "" and below(document, "No", "Thing") is None
    assert entries(document, "Zones", "Zone") == [{"Name": "a"}] and len(entries(document, "Peers")) == 2 and entries(document, "Nothing") == []
    assert text(document, "Peers", "Address") == "b" and below(None, "a") is None


# -- membership ------------------------------------------------------------------------------------------------------
def test_a_primary_by_its_document():
    node = peer()
    found = require_primary(node)
    assert (found.name, found.peers, found.primary, found.number) == ("us-expc.ent-pa.com", PEERS, 1, 1) and node.asked == [("expressway_api", "witness")]


def test_a_primary_by_its_command_line():
    settings = {"Alternates Cluster Name": "us-expc.ent-pa.com", "Alternates ConfigurationPrimary": "1", "Alternates Peer 1 Address": PEERS[1],
                "Alternates Peer 2 Address": PEERS[2], "Alternates Peer 3 Address": ""}
    found = require_primary(Peer(settings={"Alternates": settings, "IP DNS": {"IP DNS Hostname": "us-expc1", "IP DNS Domain Name": "ent-pa.com"}}))
    assert (found.name, found.peers, found.number) == ("us-expc.ent-pa.com", PEERS, 1)


def test_the_older_word_for_primary():
    assert require_primary(peer(key="ConfigurationMaster")).primary == 1


def test_a_subordinate_is_refused_with_the_primary_named():
    with pytest.raises(NotPrimary, match=r"us-expc1 is peer 1 of its cluster, and the primary is peer 2 \(us-expc2\.ent-pa\.com\)"):
        require_primary(peer(primary="2"))


@pytest.mark.parametrize("primary", ["", "7", "x"])
def test_a_cluster_without_a_known_primary_is_refused(primary):
    with pytest.raises(NotPrimary):
        require_primary(peer(primary=primary))


def test_a_peer_that_is_none_of_the_listed_is_refused():
    with pytest.raises(NotPrimary, match="None of them has its name"):
        require_primary(peer(peers={1: "other.ent-pa.com"}))


def test_a_peer_listed_by_its_address_or_its_own_name():
    assert require_primary(peer(peers={1: "192.0.2.31"})).number == 1
    node = Peer(fqdn="expc1.nat.ent-pa.com", documents={"configuration": configuration()})
    assert require_primary(node).number == 1


def test_one_that_stands_alone_is_its_own_primary():
    assert require_primary(peer(peers={})).peers == {} and require_primary(peer(peers={})).number is None


# -- conditions ------------------------------------------------------------------------------------------------------
NODES = {name: Peer(name) for name in ("us-expc1", "us-expc2")}


def notes(node=None, nodes=NODES, primary="us-expc1", **how):
    node = node or peer(**how)
    return [note.id for note in place(node, membership(node), primary, nodes)]


def test_a_cluster_that_is_as_the_inventory_says():
    assert notes() == []
    assert notes(Peer("us-expc2", documents={"configuration": configuration(host="us-expc2")})) == []


def test_a_cluster_that_is_not_as_the_inventory_says():
    assert notes(primary="us-expc2") == ["wrong-primary"] and notes(**{"primary": "us-expc1", "node": peer(primary="2")}) == ["wrong-primary"]
    assert notes(peers={}) == ["no-cluster"] and notes(peers={}, nodes={"us-expc1": NODES["us-expc1"]}) == []
    assert notes(peers={**PEERS, 3: "us-expc3.ent-pa.com"}) == ["node-not-in-inventory"]
    assert notes(peers={1: PEERS[1]}) == ["node-not-in-cluster"]
    assert "node-not-in-cluster" in notes(peers={1: "a.ent-pa.com"})
    assert notes(host="other", peers={1: "192.0.2.31", 2: PEERS[2]}, nodes={**NODES, "us-expc1": Peer("us-expc1")}) == ["other-name"]


def test_the_declared_release():
    def found(version, declared):
        return [note.id for note in running(Peer(collab_release=declared), version)]

    assert found("X15.4.0", "15.4") == [] and found("X12.5.9", "12.5") == [] and found("X15.4.0", "X15.4") == []
    assert found("X15.5.0", "15.4") == ["wrong-release"] and found("X15.4.0", "") == ["wrong-release"] and found("", "15.4") == ["no-version"]


def test_the_name_of_the_cluster():
    def found(wanted, **how):
        node = peer(**how)
        return [note.id for note in called(node, membership(node), wanted)]

    assert found("US-EXPC.ent-pa.com") == [] and found("") == [] and found("x", peers={}) == [] and found("us.ent-pa.com") == ["wrong-cluster-name"]


def test_alarms_are_shown_but_for_the_one_of_every_installation():
    alarms = {"Warnings": {"Warning": [{"@item": "40049", "Reason": "Cluster TLS permissive"}, {"@item": "15022", "Reason": "Restart required"}]}}
    node = Peer(documents={"configuration": configuration(), "status": alarms}, collab_release="15.4")
    look = ExpresswayPreflight.__new__(ExpresswayPreflight)
    look.versions, look.publisher, look.action = {"us-expc1": "X15.4.0"}, node, SimpleNamespace(nodes=NODES, var=lambda name: None)
    assert [(note.id, note.severity) for note in look.peer(node)] == [("expressway-alarm", "medium")] and "Restart required" in look.peer(node)[0].message


# -- facts -----------------------------------------------------------------------------------------------------------
def test_versions():
    assert facts.version_of(Peer(documents={"status": {"SystemUnit": {"Software": {"Version": "X15.4.0"}}}})) == "X15.4.0"
    assert facts.version_of(Peer(objects={"/sysinfo": [{"SoftwareVersion": "X12.5.0", "SystemName": "12.5"}]})) == "X12.5.0"
    assert facts.version_of(Peer()) == "" and facts.release("X15.4.0") == (15, 4) and facts.release("12.5") == (12, 5) and facts.release("new") == ()


def test_what_looks_like_a_secret_is_left_out():
    node = Peer(objects={"/controller/server/cucm": [{"Publisher": "a", "AxlUsername": "b", "AxlPassword": "stub-secret"}]})
    assert facts.rows(node, "/controller/server/cucm") == [{"Publisher": "a", "AxlUsername": "b"}] and facts.rows(node, "/nothing") == []


def test_alarms():
    document = {"Warnings": {"Warning": [{"@item": "40049", "Reason": "Cluster TLS permissive"}, {"@item": "15022", "Reason": "Restart"}]}}
    assert facts.alarms_of(document) == [("40049", "Cluster TLS permissive"), ("15022", "Restart")] and facts.alarms_of({}) == []
