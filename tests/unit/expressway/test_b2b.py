# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones, default zone, SIP and credential: where each is written, in which order, and that a second run writes nothing."""
from __future__ import annotations

import types

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.expressway import bring_b2b
from ansible_collections.collab.security.plugins.plugin_utils.expressway import sides
from ansible_collections.collab.security.plugins.plugin_utils.expressway.b2b import BadB2b
from ansible_collections.collab.security.plugins.plugin_utils.expressway.b2b import problems
from ansible_collections.collab.security.plugins.plugin_utils.expressway.b2b import zones_of_c
from ansible_collections.collab.security.plugins.plugin_utils.expressway.b2b import zones_of_e
from ansible_collections.collab.security.plugins.plugin_utils.expressway.zones import BadZones
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

from .conftest import SECURITY
from .conftest import SHORT
from .conftest import Box

CM = ["us-cm-sub1.ent-pa.com", "us-cm-sub2.ent-pa.com"]
EDGE = ["us-expe1.ent-pa.com", "us-expe2.ent-pa.com"]
SETTINGS = {"neighbor_zone": "Unified CM B2B", "traversal_zone": "B2B traversal", "dns_zone": "Internet", "traversal_password": "Sesam-1", "beside_mra": True}
KEYS = [SECURITY, SHORT, None]


class World:
    """One cluster and the runs against it."""

    def __init__(self, box, product, tmp_path, monkeypatch):
        self.box, self.product, self.workspace = box, product, tmp_path
        monkeypatch.setattr(sides, "primary_of", lambda action: action.publisher)
        monkeypatch.setattr(bring_b2b.surroundings, "product", lambda action: product)
        monkeypatch.setattr(bring_b2b.surroundings, "wanted", lambda action, settings: zones_of_c(settings, CM, EDGE) if product == "expressway_c"
                            else zones_of_e(settings, "us-expc.ent-pa.com"))

    def run(self, check=False, **settings):
        """A run with these settings instead of the usual ones: its Report."""
        self.box.writes.clear()
        action = types.SimpleNamespace(report=Report(), publisher=self.box, cluster="us_exp", workspace=self.workspace, nodes={"us-expc1": self.box},
                                       var=lambda name: self.product)
        bring_b2b.bring(action, {**SETTINGS, **settings}, check)
        return action.report

    def secured(self):
        """Whether the zones are those of the guide's tables, by the command line's words."""
        zones = {name: {path: zone[path] for path in sorted(zone) if "SIP" in path} for name, zone in self.box.zones.items()}
        return zones == (SECURED_C if self.product == "expressway_c" else SECURED_E)


SECURED_C = {
    "Unified CM B2B": {"SIP Mode": "On", "Neighbor SIP Media Encryption Mode": "BestEffort", "Neighbor SIP Port": "5561",
                       "Neighbor SIP TLS Verify Mode": "On", "Neighbor SIP Transport": "TLS"},
    "B2B traversal": {"SIP Mode": "On", "TraversalClient SIP Media Encryption Mode": "Auto", "TraversalClient SIP Port": "7002",
                      "TraversalClient SIP TLS Verify Mode": "On", "TraversalClient SIP Transport": "TLS"}}
SECURED_E = {
    "B2B traversal": {"SIP Mode": "On", "TraversalServer SIP Media Encryption Mode": "BestEffort", "TraversalServer SIP Port": "7002",
                      "TraversalServer SIP TLS Verify Mode": "On", "TraversalServer SIP TLS Verify Subject Name": "us-expc.ent-pa.com",
                      "TraversalServer SIP Transport": "TLS"},
    "Internet": {"SIP Mode": "On", "DNS SIP Media Encryption Mode": "BestEffort", "DNS SIP Port": "5061", "DNS SIP TLS Verify Mode": "Off",
                 "DNS SIP Transport": "TLS"}}


@pytest.fixture(params=[(keys, rest, product) for keys in KEYS for rest in (True, False) for product in ("expressway_c", "expressway_e")],
                ids=lambda p: "%s-%s-%s" % ({id(SECURITY): "expected", id(SHORT): "short", id(None): "no"}[id(p[0])], "rest" if p[1] else "cli", p[2][-1]))
def world(request, tmp_path, monkeypatch):
    keys, rest, product = request.param
    return World(Box(keys, rest), product, tmp_path, monkeypatch)


@pytest.fixture
def c(tmp_path, monkeypatch):
    return World(Box(), "expressway_c", tmp_path, monkeypatch)


@pytest.fixture
def e(tmp_path, monkeypatch):
    return World(Box(), "expressway_e", tmp_path, monkeypatch)


def test_from_nothing_to_the_tables_and_no_second_write(world):
    """Whatever the API has, the zones come to be as the tables say; the second run finds nothing to do."""
    report = world.run()
    assert world.secured()
    assert report.changed and {f["id"] for f in report.findings} >= {"expressway-zone-missing"}
    again = world.run()
    assert not again.changed and not world.box.writes and not again.findings and not again.pendings


def test_check_mode_says_the_same_and_writes_nothing(world):
    told = world.run(check=True)
    assert not world.box.writes
    done = world.run()
    assert told.operations == done.operations and told.after == done.after


def test_rest_makes_a_zone_in_one_write(c):
    c.run()
    assert [(write[0], write[1]) for write in c.box.writes] == [("POST", "/common/zone/neighborzone"), ("POST", "/controller/zone/traversalclient")]
    assert ("expressway_cli", "configuration") not in c.box.asked
    assert c.box.peers("Unified CM B2B") == CM and c.box.peers("B2B traversal") == EDGE


def test_a_key_that_rest_lacks_goes_by_the_command_line(tmp_path, monkeypatch):
    without = World(Box(None), "expressway_c", tmp_path, monkeypatch)
    without.run()
    assert without.box.writes[0][:2] == ("POST", "/common/zone/neighborzone") and set(without.box.writes[0][2]) == {"Name", "SIPMode", "SIPPort", "PeerAddress"}
    assert without.box.writes[1] == ("set", "Zones Zone 1 Neighbor SIP Transport", "TLS")


@pytest.mark.parametrize("path, value, step", [
    ("Neighbor SIP Port", "5061", "b2b-neighbor-port"), ("Neighbor SIP TLS Verify Mode", "Off", "b2b-neighbor-tls"),
    ("Neighbor SIP Transport", "TCP", "b2b-neighbor-tls"), ("Neighbor SIP Media Encryption Mode", "Off", "b2b-neighbor-media"),
    ("SIP Mode", "Off", "b2b-neighbor-tls"), ("Neighbor Peer 2 Address", "10.1.2.3", "b2b-neighbor-tls")])
def test_drift_of_one_field_is_mended_by_one_write(c, path, value, step):
    c.run()
    c.box.zones["Unified CM B2B"][path] = value
    report = c.run()
    assert c.secured() and len(c.box.writes) == 1 and c.box.peers("Unified CM B2B") == CM
    assert [(f["step"], f["table"]) for f in report.findings] == [(step, "7-18")]
    assert set(report.before) == set(report.after) == {"Unified CM B2B"}


def test_subject_stands_before_tls_verify_on_the_command_line(tmp_path, monkeypatch):
    """The fake refuses TLS verify without a subject name, as the product does."""
    world = World(Box(rest=False), "expressway_e", tmp_path, monkeypatch)
    world.run()
    order = [write[1].split(" ", 3)[3] for write in world.box.writes if write[0] == "set" and "Verify" in write[1]]
    assert order[:2] == ["TraversalServer SIP TLS Verify Subject Name", "TraversalServer SIP TLS Verify Mode"]


def test_default_zone_by_the_command_line_and_by_rest(e):
    e.box.settings["Zones DefaultZone SIP TLS Verify Mode"] = "On"
    e.run()
    assert e.box.settings["Zones DefaultZone SIP TLS Verify Mode"] == "Off" and e.box.settings["Zones DefaultZone SIP Media Encryption Mode"] == "BestEffort"
    path = "/common/zone/defaultzone"
    e.box.offered[path] = {"methods": ["get", "put"], "keys": {
        "AuthenticationMode": {"enum": ["DoNotCheckCredentials", "CheckCredentials"]}, "SIPMediaEncryptionMode": {"enum": ["Off", "BestEffort"]},
        "EnableMutualTls": {"enum": ["on", "off"]}}}
    e.box.objects[path] = {"AuthenticationMode": "CheckCredentials", "SIPMediaEncryptionMode": "BestEffort", "EnableMutualTls": "on"}
    report = e.run()
    assert e.box.writes == [("PUT", path, {"AuthenticationMode": "DoNotCheckCredentials", "EnableMutualTls": "off"})]
    assert {f["step"] for f in report.findings} == {"b2b-default-mtls", "b2b-default-auth"}


def test_what_neither_interface_has_is_pending_and_the_rest_is_done(e):
    del e.box.settings["Zones DefaultZone SIP TLS Verify Mode"]
    report = e.run()
    assert [p["step"] for p in report.pendings] == ["b2b-default-mtls"] and e.secured()
    assert e.box.settings["Zones DefaultZone SIP Media Encryption Mode"] == "BestEffort"
    again = e.run()
    assert not again.changed and [p["step"] for p in again.pendings] == ["b2b-default-mtls"]


def test_a_field_of_a_zone_that_neither_interface_has_is_pending(tmp_path, monkeypatch):
    world = World(Box(None), "expressway_c", tmp_path, monkeypatch)
    world.run()
    del world.box.zones["Unified CM B2B"]["Neighbor SIP Media Encryption Mode"]
    report = world.run()
    assert [p["step"] for p in report.pendings] == ["b2b-neighbor-media"] and not world.box.writes


def test_sip_is_switched_on_first(c):
    c.box.settings["SIP Mode"] = "Off"
    c.run()
    assert c.box.writes[0] == ("PUT", "/common/protocol/sip/configuration", {"SipMode": "On"})


def test_a_zone_in_the_way_of_clients_waits_for_leave(c):
    path = "/controller/zone/unifiedcommunicationstraversal"
    c.box.offered[path] = {"methods": ["get"], "keys": {"Name": {}, "SIPPort": {}}}
    c.box.objects[path] = {"Name": "MRA", "SIPPort": 7001}
    report = c.run()
    assert not c.box.writes and not report.changed
    assert [(p["id"], p["object"]) for p in report.pendings] == [("expressway-disruption", name) for name in ("Unified CM B2B", "B2B traversal")]
    report = c.run(granted=True)
    assert c.secured() and not report.pendings and {i["kind"] for i in report.impacts} == {"service_restart"}


@pytest.mark.parametrize("product", ["expressway_c", "expressway_e"])
def test_passwords_are_written_when_they_change_and_never_shown(product, tmp_path, monkeypatch):
    world = World(Box(), product, tmp_path, monkeypatch)
    world.run()
    report = world.run(traversal_password="Sesam-2")
    assert len(world.box.writes) == 1 and "Sesam" not in repr(report.result())
    assert "Sesam-2" in (world.box.credentials.get("b2b-traversal"), world.box.zones["B2B traversal"].get("TraversalClient Authentication Password"))
    assert not world.run(traversal_password="Sesam-2").changed


@pytest.mark.parametrize("product", ["expressway_c", "expressway_e"])
def test_what_was_made_and_whose_answer_was_lost_is_not_written_again(product, tmp_path, monkeypatch):
    """Its password cannot be read back, but it came with the one request that made it."""
    world = World(Box(), product, tmp_path, monkeypatch)
    write = world.box.api_write

    def take_and_lose(method, path, body):
        write(method, path, body)
        raise NodeError("lost", "no answer")

    monkeypatch.setattr(world.box, "api_write", take_and_lose)
    world.run()
    assert world.secured() and not [one for one in world.box.writes if one[0] == "PUT"]
    monkeypatch.undo()
    again = World(world.box, product, tmp_path, monkeypatch).run()
    assert not again.changed and not world.box.writes


def test_a_password_whose_change_was_not_answered_is_written_again(c):
    """Nothing tells whether it was taken."""
    c.run()
    write, lost = c.box.api_write, []

    def lose_once(method, path, body):
        write(method, path, body)
        if not lost:
            lost.append(path)
            raise NodeError("lost", "no answer")

    c.box.api_write = lose_once
    with pytest.raises(NodeError, match="Run again"):
        c.run(traversal_password="Sesam-2")
    c.run(traversal_password="Sesam-2")
    assert [one[0] for one in c.box.writes] == ["PUT"] and c.box.zones["B2B traversal"]["TraversalClient Authentication Password"] == "Sesam-2"
    assert not c.run(traversal_password="Sesam-2").changed


def test_a_credential_that_is_gone_is_written_again(e):
    e.run()
    e.box.credentials.clear()
    e.run()
    assert e.box.credentials == {"b2b-traversal": "Sesam-1"}


def test_a_name_of_another_type_is_refused(c):
    c.box.add("Unified CM B2B", "DNS")
    with pytest.raises(BadZones, match="DNS zone, not a neighbor zone"):
        c.run()
    assert not c.box.writes


def test_the_port_of_another_traversal_zone_is_refused(c):
    c.box.add("Old traversal", "TraversalClient")
    c.box.put("Old traversal", "TraversalClient SIP Port", "7002")
    with pytest.raises(BadZones, match="7002.*Old traversal"):
        c.run()
    assert not c.box.writes


@pytest.mark.parametrize("settings, words", [
    ({"neighbor_port": 5061}, "neighbor_port"), ({"neighbor_port": 80}, "1024 to 65534"), ({"neighbor_peers": ["10.0.0.1"]}, "is an address"),
    ({"neighbor_peers": ["us-cm-sub1"]}, "no fully qualified name"), ({"neighbor_peers": ["n%d.ent-pa.com" % n for n in range(7)]}, "1 to 6 peers"),
    ({"traversal_port": 5060}, "port of SIP itself"), ({"traversal_password": ""}, "collab_traversal_password"),
    ({"neighbor_zone": "x" * 51}, "50 characters"), ({"traversal_peers": ["2001:db8::1"]}, "is an address")])
def test_bad_input_is_told_before_anything_is_asked(c, settings, words):
    with pytest.raises(BadB2b, match=words):
        c.run(**settings)
    assert not c.box.asked


def test_5061_is_right_where_there_is_no_mra():
    zones = zones_of_c({"neighbor_zone": "B2B", "neighbor_port": 5061}, CM, EDGE)
    assert problems(zones, mra=False) == [] and len(problems(zones, mra=True)) == 1


@pytest.mark.parametrize("subject", [None, "*.ent-pa.com", "10.0.0.1", "x" * 129])
def test_a_subject_that_is_no_name(subject):
    assert problems(zones_of_e({"traversal_zone": "T"}, subject), mra=False)
