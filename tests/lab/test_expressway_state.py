"""What is behind Expressway's interfaces: the settings of xConfiguration by product and release, day 0, and what an inventory or estate may say of it."""

from __future__ import annotations

import re

import pytest

from lab.core.inventory import BadInventory
from lab.core.inventory import populate
from lab.core.world import World
from lab.expressway import catalogue
from lab.expressway.catalogue import BadValue
from lab.expressway.state import hidden
from tests.lab.expressway_lab import NODES
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import hosts
from tests.lab.expressway_lab import started


def test_every_setting_makes_sense():
    assert len({setting.path for setting in catalogue.SETTINGS}) == len(catalogue.SETTINGS)
    for setting in catalogue.SETTINGS:
        # An object's name and type have no default: they are given when it is made.
        if not setting.path.endswith((" # Name", " # Type")):
            assert setting.checked(setting.default) == setting.default
    named = {setting.path.replace("#", "1") for setting in catalogue.SETTINGS}
    assert {path.replace("#", "1") for path in catalogue.INFERRED} <= named


SWITCH = "XCP TLS Certificate CVS EnableServerEkuUpload"


@pytest.mark.parametrize(("product", "release", "path", "there"), [
    ("expressway_e", 15.4, SWITCH, True), ("expressway_e", 15.3, SWITCH, False), ("expressway_e", 15.5, SWITCH, False), ("expressway_c", 15.4, SWITCH, False),
    ("expressway_c", 15.5, "SIP TLS Certificate ExtendedKeyUsage Checking Mode", True),
    ("expressway_c", 15.4, "SIP TLS Certificate ExtendedKeyUsage Checking Mode", False),
    ("expressway_c", 14.2, "EdgeConfigServer VerifyOriginServer", True), ("expressway_c", 12.5, "EdgeConfigServer VerifyOriginServer", False),
    ("expressway_c", 12.5, "Zones DefaultZone SIP TLS Verify Mode", True)])
def test_settings_by_product_and_release(product, release, path, there):
    assert (path.lower() in catalogue.offered(product, release)) == there


@pytest.mark.parametrize(("path", "value", "stored"), [
    ("Zones DefaultZone SIP Media Encryption Mode", "bestEFFORT", "BestEffort"), ("Zones DefaultZone SIP Media Encryption Mode", "Best effort", None),
    ("SIP TLS Port", "5161", "5161"), ("SIP TLS Port", "80", None), ("SIP TLS Port", "x", None), ("SystemUnit Name", "x" * 51, None)])
def test_values(path, value, stored):
    setting = next(one for one in catalogue.SETTINGS if one.path == path)
    if stored is None:
        with pytest.raises(BadValue):
            setting.checked(value)
    else:
        assert setting.checked(value) == stored


def test_a_path_and_its_index():
    assert catalogue.place("zones ZONE 12 name") == ("zones zone # name", 12) and catalogue.place("SIP Mode") == ("sip mode", None)
    assert catalogue.place("Alternates Peer 2 Address") == ("alternates peer 2 address", None)


def test_secrets_are_shown_as_one_text_a_secret():
    assert hidden("a") == hidden("a") != hidden("b") and re.fullmatch(r"\{cipher\}\$[0-9a-f]{40}", hidden("a"))


# ---- day 0 by estate

@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A lab whose Expressway-C has something of everything on day 0."""
    estate = {"us_expc": {
        "settings": {"SIP TCP Mode": "On", "SIP Mode": "Off"}, "credentials": {"mra": "secret-1"}, "peers_by": "address",
        "zones": [{"Name": "To CUCM", "Type": "Neighbor", "Neighbor Peer 1 Address": "us-cm-sub1.ent-pa.com", "Neighbor SIP Port": 5060,
                   "Neighbor SIP Transport": "TCP"}],
        "search_rules": [{"Name": "To CUCM", "Priority": 90, "Target Name": "To CUCM"}]}, "us_expe": {}}
    running = started(tmp_path_factory.mktemp("expressway"), estate=estate)
    yield running
    running.close()


def test_day_zero_by_estate(lab):
    for name in ("us-expc1", "us-expc2"):
        peer = Api(lab, name).peer
        assert (peer.config.get("SIP TCP Mode"), peer.config.get("SIP Mode")) == ("On", "Off")
        zone = peer.zones()[0]
        assert (zone.name, zone.transport, zone.port, zone.peers, zone.tls_verify) == ("To CUCM", "TCP", 5060, ("us-cm-sub1.ent-pa.com",), False)
        assert [peer.config.get(f"Zones Policy SearchRules Rule {n} Name") for n in peer.config.indices("Zones Policy SearchRules Rule")] == [
            "LocalZoneMatch", "To CUCM"]
        assert peer.table("credential") == {"mra": {"Password": "secret-1"}}
        assert peer.config.get("Alternates Peer 2 Address") == peer.world.find_appliance("us-expc2").address
    assert Api(lab).peer.is_primary and not Api(lab, "us-expc2").peer.is_primary
    assert Api(lab, "us-expe1").peer.config.get("SIP Mode") == "On" and Api(lab, "us-expe1").peer.zones() == []


def test_what_has_no_place(lab):
    config = Api(lab).peer.config
    for path in ("Zones Zone 9 Name", "Zones Zone 1 DNS SIP TLS Verify Mode", "Nothing", "XCP TLS Certificate CVS EnableCvs"):
        with pytest.raises(KeyError):
            config.get(path)
    with pytest.raises(KeyError):
        config.delete("Zones Zone", 9)


def test_a_dump_is_in_the_order_of_the_manual_and_whole(lab):
    lines = dict(Api(lab).peer.config.walk())
    assert lines["Alternates Cluster Name"] == "us-expc.ent-pa.com" and lines["Zones Zone 1 Neighbor SIP Port"] == "5060"
    paths = list(lines)
    assert paths.index("Zones Zone 1 Name") < paths.index("Zones Zone 1 Type") < paths.index("Zones Zone 1 Neighbor SIP Transport")
    assert [path for path, _value in Api(lab).peer.config.walk("zones defaultzone")] == [
        "Zones DefaultZone Authentication Mode", "Zones DefaultZone SIP Media Encryption Mode", "Zones DefaultZone SIP TLS Verify Mode"]


def test_a_peer_that_stands_alone(tmp_path):
    alone = started(tmp_path, names=("us-expc1",), estate={"us_expc": {}}, second=True)
    try:
        peer = Api(alone).peer
        assert peer.is_primary and peer.config.get("Alternates Cluster Name") == "" and peer.config.get("Alternates Peer 1 Address") == ""
    finally:
        alone.close()


@pytest.mark.parametrize("part", [{"settings": {"Nothing": "On"}}, {"settings": {"SIP Mode": "Perhaps"}}, {"zones": [{"Name": "x", "Type": "UC"}]},
                                  {"search_rules": [{"Name": "x", "Colour": "red"}]}], ids=str)
def test_an_estate_that_makes_no_sense(tmp_path, part):
    with pytest.raises(ValueError, match="us_expc"):
        started(tmp_path, names=("us-expc1",), estate={"us_expc": part}, second=True)


# ---- inventory

@pytest.mark.parametrize(("change", "words"), [
    ({"collab_roles": ["peer"]}, "exactly one host needs collab_roles"), ({"collab_roles": ["publisher"]}, "collab_roles of expressway_c knows peer, primary"),
    ({"collab_release": "12.5"}, "the other members of us_expc"), ({"collab_cluster": "nowhere"}, "no group of that name"),
    ({"ansible_password": ""}, "ansible_password")])
def test_an_inventory_that_cannot_be_simulated(change, words):
    variables = hosts(names=("us-expc1", "us-expc2"))
    variables["us-expc1"] |= change
    with pytest.raises(BadInventory, match=words):
        populate(World(), variables, {})


def test_two_primaries_and_one_address():
    variables = hosts(names=("us-expc1", "us-expc2"))
    variables["us-expc2"]["collab_roles"] = ["primary"]
    with pytest.raises(BadInventory, match="found us-expc1, us-expc2"):
        populate(World(), variables, {})
    variables = hosts(names=("us-expc1", "us-expe1"))
    variables["us-expe1"]["ansible_host"] = variables["us-expc1"]["ansible_host"]
    with pytest.raises(BadInventory, match="same ansible_host"):
        populate(World(), variables, {})


def test_names_lead_to_appliances():
    world = World()
    populate(world, hosts(), {"clusters": {"us_expc": {}}})
    assert [one.name for one in world.appliances()] == list(NODES) and world.nodes() == []
    for name in ("us-expe1", "us-expe1.ent-pa.com", "US-EXPE1.ENT-PA.COM"):
        assert world.resolve(name) == world.groups["us_expe"].head.address
    assert world.find("us-expe1") is None, "who asks for a node gets none"
