"""Expressway's REST API: login, zones and settings, what it refuses, clusters, and the readings of what nobody is sure of."""

from __future__ import annotations

import json

import pytest
import requests
import yaml

from tests.lab.expressway_lab import CLIENT
from tests.lab.expressway_lab import DNS
from tests.lab.expressway_lab import NEIGHBOR
from tests.lab.expressway_lab import PASSWORD
from tests.lab.expressway_lab import SERVER
from tests.lab.expressway_lab import UC_CLIENT
from tests.lab.expressway_lab import UC_SERVER
from tests.lab.expressway_lab import USER
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import started
from tests.lab.expressway_lab import until

SPEED = 6000.0      # a replication takes 5 ms, a restart 30
ZONE = {"Name": "CUCM B2B", "PeerAddress": ["us-cm-sub1.ent-pa.com", "us-cm-sub2.ent-pa.com"], "SIPPort": 5561, "SIPTLSVerifyMode": "On"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab itself."""
    running = started(tmp_path_factory.mktemp("expressway"))
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def day0(lab):
    """The lab on day 0."""
    lab.restore("day0")
    lab.world.unknown, lab.world.clock.speed = 0, SPEED
    return lab


@pytest.fixture
def api(day0):
    """The primary Expressway-C."""
    return Api(day0)


@pytest.fixture
def edge(day0):
    """The primary Expressway-E."""
    return Api(day0, "us-expe1")


# ---- login

def test_a_wrong_password_is_refused(day0):
    response = Api(day0, password="wrong").send("GET", NEIGHBOR)
    assert response.status_code == 401 and response.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(("reading", "tries"), [("5", 5), ("2", 2)])
def test_who_fails_too_often_is_kept_out_for_a_while(day0, reading, tries):
    day0.world.clock.speed = 60.0
    day0.world.set_variant("expressway_ban_after", reading)
    for _ in range(tries):
        assert Api(day0, password="wrong").send("GET", NEIGHBOR).status_code == 401
    with pytest.raises(requests.ConnectionError):
        Api(day0).send("GET", NEIGHBOR)
    assert Api(day0, "us-expc2").send("GET", NEIGHBOR).status_code == 200, "each peer counts for itself"
    day0.call(lambda: day0.world.clock.advance(301))
    assert Api(day0).send("GET", NEIGHBOR).status_code == 200


# ---- objects

def test_a_new_pair_has_no_zone_and_one_rule(api):
    assert [api.get(path) for path in (NEIGHBOR, DNS, CLIENT, UC_CLIENT)] == [[], [], [], []]
    rule = api.get("/common/searchrule")
    assert [(one["Name"], one["TargetName"], one["Priority"]) for one in rule] == [("LocalZoneMatch", "LocalZone", 50)]
    assert api.get("/common/mra") == {"Enabled": "Off", "SSO": "Off"} and api.get("/common/credential") == {"Name": []}


def test_a_zone_is_made_found_changed_renamed_and_deleted(api):
    assert api.done("POST", NEIGHBOR, ZONE)
    one = api.get(f"{NEIGHBOR}/name/CUCM B2B")
    assert len(one) == 1 and {key: one[0][key] for key in ZONE} == ZONE
    assert (one[0]["SIPTransport"], one[0]["SIPMediaEncryptionMode"], one[0]["HopCount"]) == ("TLS", "Auto", 15), "the command line's defaults"
    api.done("PUT", NEIGHBOR, {"Name": "CUCM B2B", "SIPMediaEncryptionMode": "bestEFFORT", "PeerAddress": ["a.ent-pa.com"], "New_Name": "CUCM"})
    assert api.get(f"{NEIGHBOR}/name/CUCM B2B") == []
    changed = api.get(NEIGHBOR)[0]
    assert (changed["Name"], changed["SIPMediaEncryptionMode"], changed["PeerAddress"]) == ("CUCM", "BestEffort", ["a.ent-pa.com"])
    api.done("DELETE", NEIGHBOR, {"Name": "CUCM"})
    assert api.get(NEIGHBOR) == []


def test_one_state_behind_rest_and_xconfiguration(api):
    api.done("POST", NEIGHBOR, ZONE)
    api.done("POST", DNS, {"Name": "DNSZone"})
    config = api.peer.config
    assert config.get("zones zone 1 neighbor sip tls verify mode") == "On" and config.get("Zones Zone 2 Type") == "DNS"
    dump = dict(config.walk("Zones Zone"))
    assert dump["Zones Zone 1 Neighbor Peer 2 Address"] == "us-cm-sub2.ent-pa.com" and "Zones Zone 2 Neighbor SIP Port" not in dump
    api.done("DELETE", NEIGHBOR, {"Name": "CUCM B2B"})
    assert config.indices("Zones Zone") == [2], "indices stay as they are"
    api.done("POST", NEIGHBOR, ZONE)
    assert config.indices("Zones Zone") == [1, 2]


def test_unified_communications_zones_have_the_keys_that_are_proven(api, edge):
    api.done("POST", UC_CLIENT, {"Name": "UC Traversal", "PeerAddress": ["us-expe1.ent-pa.com"], "SIPPort": 7001, "AuthenticationUserName": "mra",
                                 "AuthenticationPassword": "secret-1", "AuthenticationMode": "DoNotCheckCredentials"})
    edge.done("POST", UC_SERVER, {"Name": "UC Traversal", "SIPTLSVerifySubjectName": "us-expc.ent-pa.com", "AuthenticationUserName": "mra"})
    client, server = api.get(UC_CLIENT)[0], edge.get(UC_SERVER)[0]
    assert set(client) == {
        "Name", "AuthenticationMode", "AuthenticationUserName", "HopCount", "SIPPort", "AcceptProxiedRegistrations", "SIPMediaICESupport",
        "SIPMultistreamMode", "SIPPoisonMode", "SIPPreloadedSipRoutesSupport", "SIPParameterPreservationMode", "Status", "PeerAddress", "RetryInterval"}
    assert server["SIPPort"] == 7001 and server["SIPTLSVerifySubjectName"] == "us-expc.ent-pa.com" and "UDPProbeRetryCount" in server
    assert "SIPTLSVerifyMode" not in client and "SIPTLSVerifyMode" not in server, "they are implied"
    zone = api.peer.zones()[0]
    assert (zone.uc, zone.tls_verify, zone.media, zone.type, zone.password) == (True, True, "On", "TraversalClient", "secret-1")
    assert api.get(CLIENT) == [], "one kind of zone is not the other"


@pytest.mark.parametrize(("reading", "status"), [("no", 200), ("yes", 400)])
def test_whether_they_need_mobile_and_remote_access(api, reading, status):
    api.lab.world.set_variant("expressway_uc_zone_needs_mra", reading)
    zone = {"Name": "UC Traversal", "PeerAddress": ["us-expe1.ent-pa.com"]}
    assert api.send("POST", UC_CLIENT, zone).status_code == status
    if status == 400:
        api.done("PUT", "/common/mra", {"Enabled": "On"})
        api.done("POST", UC_CLIENT, zone)


def test_traversal_server_zones_count_their_ports(edge):
    for name in ("first", "second"):
        edge.done("POST", SERVER, {"Name": name})
    assert [zone["SIPPort"] for zone in edge.get(SERVER)] == [7001, 7002]


def test_secrets_do_not_come_back(api):
    api.done("POST", "/common/credential", {"Name": "mra", "Password": "secret-1"})
    api.done("POST", CLIENT, {"Name": "B2B Traversal", "PeerAddress": ["us-expe1.ent-pa.com"], "AuthenticationPassword": "secret-2"})
    assert api.get("/common/credential") == {"Name": ["mra"]} and "AuthenticationPassword" not in api.get(CLIENT)[0]
    shown = dict(api.peer.config.walk("Zones Zone 1"))["Zones Zone 1 TraversalClient Authentication Password"]
    assert shown.startswith("{cipher}") and "secret-2" not in shown
    assert "secret" not in json.dumps([entry.detail for entry in api.lab.world.journal.entries()])
    api.done("PUT", "/common/credential", {"Name": "mra", "New_Password": "secret-3", "New_Name": "traversal"})
    assert api.peer.table("credential") == {"traversal": {"Password": "secret-3"}}
    api.done("DELETE", "/common/credential", {"Name": "traversal"})
    assert api.get("/common/credential") == {"Name": []}


def test_settings_of_one_object(api):
    api.done("PUT", "/common/mra", {"Enabled": "On"})
    assert api.get("/common/mra")["Enabled"] == "On" and api.peer.config.get("CollaborationEdge Enabled") == "On"
    api.done("PUT", "/common/protocol/sip/configuration", {"TcpMode": "On", "TlsPort": 5161})
    assert (api.get("/common/protocol/sip/configuration")[0]["TlsPort"], api.peer.config.get("SIP TCP Mode")) == (5161, "On")
    api.done("PUT", "/common/dns/dnsserver", {"DefaultDNSServers": ["10.0.0.1", "10.0.0.2"]})
    assert api.get("/common/dns/dnsserver") == {"DefaultDNSServers": ["10.0.0.1", "10.0.0.2"]}


def test_domains_and_rules(api, edge):
    api.done("POST", "/common/domain", {"Name": "ent-pa.com", "EdgeSip": "On", "EdgeXmpp": "On"})
    assert api.get("/common/domain") == [{"Name": "ent-pa.com", "Sip": "On", "EdgeSip": "On", "EdgeXmpp": "On", "XmppFederation": "Off"}]
    edge.refused("POST", "/common/domain", {"Name": "ent-pa.com", "EdgeSip": "On"})
    response = api.send("POST", "/common/searchrule", {"Name": "To CUCM", "Priority": 90, "TargetName": "CUCM B2B"})
    assert response.status_code == 201 and response.json()["Message"]
    assert api.get("/common/searchrule/name/To CUCM")[0]["SystemGenerated"] == "No"


# ---- what is refused

@pytest.mark.parametrize(("method", "path", "body"), [
    ("POST", NEIGHBOR, {**ZONE, "Nothing": "On"}), ("PUT", "/common/mra", {"Enable": "On"}), ("DELETE", NEIGHBOR, {"Name": "CUCM B2B", "SIPPort": 1})],
    ids=["new", "single", "delete"])
def test_unknown_keys(api, method, path, body):
    assert "Unknown key" in api.refused(method, path, body)


@pytest.mark.parametrize("change", [{"SIPPort": "5561"}, {"SIPPort": 80}, {"SIPTLSVerifyMode": "yes"}, {"SIPTLSVerifyMode": True}, {"PeerAddress": "a"},
                                    {"PeerAddress": [1]}, {"Name": "x" * 51}, {"PeerAddress": ["a"] * 7}], ids=str)
def test_values_that_do_not_fit(api, change):
    assert "Invalid value" in api.refused("POST", NEIGHBOR, {**ZONE, **change})


@pytest.mark.parametrize(("method", "path", "body"), [("POST", NEIGHBOR, {"Name": "x"}), ("PUT", NEIGHBOR, {"SIPPort": 5561}), ("DELETE", NEIGHBOR, {}),
                                                      ("POST", "/common/searchrule", {"Name": "x", "Priority": 1})], ids=str)
def test_missing_keys(api, method, path, body):
    assert "Missing key" in api.refused(method, path, body)


@pytest.mark.parametrize("text", ["[]", "{", "null"])
def test_bodies_that_are_no_object(api, text):
    api.refused("PUT", "/common/mra", data=text)


def test_a_second_zone_of_a_name(api):
    api.done("POST", NEIGHBOR, ZONE)
    assert api.refused("POST", NEIGHBOR, ZONE) == "Neighbor zone name already exists"
    assert "already exists" in api.refused("POST", DNS, {"Name": "CUCM B2B"})
    api.done("POST", DNS, {"Name": "DNSZone"})
    assert "already exists" in api.refused("PUT", DNS, {"Name": "DNSZone", "New_Name": "CUCM B2B"})


def test_an_object_that_is_not_there(api):
    api.done("POST", NEIGHBOR, ZONE)
    for method in ("PUT", "DELETE"):
        api.refused(method, NEIGHBOR, {"Name": "another"}, 404)


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/common/zone/nothing"), ("POST", "/common/mra"), ("DELETE", "/common/mra"), ("GET", SERVER), ("GET", "/edge/xmpp"), ("PATCH", NEIGHBOR),
    ("GET", NEIGHBOR + "/name"), ("GET", "/api/v1/provisioning/common/mra")])
def test_what_is_not_there_is_said_and_counted(api, method, path):
    assert api.send(method, path, {}).status_code == 404
    assert api.lab.world.unknown == 1


@pytest.mark.parametrize(("reading", "codes"), [("400", [400, 404, 400]), ("telling", [409, 404, 400])])
def test_status_of_refusals(api, reading, codes):
    api.lab.world.set_variant("expressway_error_status", reading)
    api.done("POST", NEIGHBOR, ZONE)
    answers = [api.send("POST", NEIGHBOR, ZONE), api.send("DELETE", NEIGHBOR, {"Name": "x"}), api.send("POST", NEIGHBOR, {"Name": 1})]
    assert [one.status_code for one in answers] == codes


@pytest.mark.parametrize("release", ["12.5", "14.0", "14.2", "15.4"])
def test_the_header_against_forged_requests(tmp_path, release):
    lab = started(tmp_path, release, ("us-expc1",), {"us_expc": {}}, second=True)
    try:
        api = Api(lab, csrf=False)
        if float(release) < 14.2:
            api.done("POST", "/restart")
        else:
            api.refused("POST", "/restart", status=400)
            assert not api.peer.restarting
            api.done("POST", NEIGHBOR, ZONE)
    finally:
        lab.close()


@pytest.mark.parametrize(("reading", "status"), [("any", 200), ("needed", 400)])
def test_whether_json_has_to_be_called_so(api, reading, status):
    api.lab.world.set_variant("expressway_json_type", reading)
    assert api.send("POST", NEIGHBOR, data=json.dumps(ZONE), headers={"Content-Type": "text/plain"}).status_code == status
    assert api.send("POST", DNS, {"Name": "DNSZone"}).status_code == 200


# ---- clusters

def test_what_the_primary_has_the_others_get(api):
    other = Api(api.lab, "us-expc2")
    assert (api.peer.is_primary, other.peer.is_primary) == (True, False)
    api.done("POST", NEIGHBOR, ZONE)
    until(lambda: api.peer.cluster.in_step(other.peer))
    assert other.get(NEIGHBOR)[0]["Name"] == "CUCM B2B"


def test_replication_can_fail(api):
    other = Api(api.lab, "us-expc2")
    api.lab.world.faults.add({"channel": "replication", "node": "us-expc2", "action": "never", "times": 0})
    api.done("POST", NEIGHBOR, ZONE)
    until(lambda: not api.peer.cluster._due)
    assert other.get(NEIGHBOR) == []


def test_shared_settings_on_a_subordinate_are_refused(api):
    other = Api(api.lab, "us-expc2")
    assert "primary" in other.refused("POST", NEIGHBOR, ZONE)
    other.done("PUT", "/common/dns/dns", {"DomainName": "other.ent-pa.com"})
    assert other.get("/common/dns/dns")["DomainName"] != api.get("/common/dns/dns")["DomainName"], "each peer has its own"


def test_or_they_are_taken_and_lost(api):
    api.lab.world.set_variant("expressway_subordinate_write", "overwritten")
    api.lab.world.clock.speed = 100.0
    other = Api(api.lab, "us-expc2")
    other.done("POST", NEIGHBOR, ZONE)
    assert other.get(NEIGHBOR)[0]["Name"] == "CUCM B2B" and api.get(NEIGHBOR) == []
    until(lambda: api.peer.cluster.in_step(other.peer))
    assert other.get(NEIGHBOR) == []


def test_a_write_that_fails_half_way_leaves_nothing(api):
    with pytest.raises(RuntimeError), api.peer.change() as peer:
        peer.config.set("SIP TCP Mode", "On")
        raise RuntimeError
    assert api.peer.config.get("SIP TCP Mode") == "Off"


# ---- restarts, faults, snapshots

def test_a_restart_closes_everything_for_a_while(api):
    api.lab.world.clock.speed = 300.0
    api.done("POST", "/restart")
    until(lambda: not api.appliance.doors.listening())
    with pytest.raises(requests.ConnectionError):
        Api(api.lab).send("GET", NEIGHBOR)
    until(lambda: api.peer.restarts == 1)
    assert Api(api.lab).get(NEIGHBOR) == []


def test_a_peer_that_does_not_come_back(api):
    api.lab.world.faults.add({"channel": "services", "node": "us-expc1", "operation": "restart", "action": "never"})
    api.done("POST", "/restart")
    until(lambda: not api.appliance.doors.listening())
    with pytest.raises(requests.ConnectionError):
        Api(api.lab).send("GET", NEIGHBOR)


def test_a_peer_off_the_network(api):
    api.lab.world.faults.add({"channel": "node", "node": "us-expc1", "action": "never", "times": 0})
    api.lab.do(api.lab._lab.resync())
    with pytest.raises(requests.ConnectionError):
        Api(api.lab).send("GET", NEIGHBOR)
    api.lab.world.faults.clear()
    api.lab.do(api.lab._lab.resync())
    assert Api(api.lab).get(NEIGHBOR) == []


def test_a_snapshot_holds_all_of_it(api):
    api.lab.snapshot("before")
    api.done("POST", NEIGHBOR, ZONE)
    api.done("PUT", "/common/dns/dns", {"DomainName": "other.ent-pa.com"})
    api.done("POST", "/common/credential", {"Name": "mra", "Password": "secret-1"})
    api.lab.restore("before")
    assert api.get(NEIGHBOR) == [] and api.get("/common/dns/dns")["DomainName"] == "ent-pa.com" and api.get("/common/credential") == {"Name": []}


@pytest.mark.parametrize(("phase", "left"), [("before", 0), ("after", 1)])
def test_injected_faults(api, phase, left):
    api.lab.world.faults.add({"channel": "expressway_api", "operation": "POST /common/zone/*", "action": "reset", "phase": phase})
    with pytest.raises(requests.ConnectionError):
        api.send("POST", NEIGHBOR, ZONE)
    assert len(Api(api.lab).get(NEIGHBOR)) == left


def test_the_journal_tells_reads_from_writes(api):
    since = len(api.lab.world.journal)
    api.get(NEIGHBOR)
    api.done("POST", NEIGHBOR, ZONE)
    seen = [(entry.node, entry.channel, entry.operation, entry.kind) for entry in api.lab.world.journal.entries(since)]
    assert seen == [("us-expc1", "expressway_api", f"GET {NEIGHBOR}", "read"), ("us-expc1", "expressway_api", f"POST {NEIGHBOR}", "write")]


def test_status_and_files_for_clients(api):
    status = api.lab.call(api.lab._lab.status)
    node = next(one for one in status["nodes"] if one["name"] == "us-expc1")
    assert (node["product"], node["cluster"], node["roles"]) == ("expressway_c", "us_expc", ["primary"])
    assert {"protocol": "https", "address": api.appliance.address, "port": 20443} in node["listeners"]
    cluster = next(one for one in status["clusters"] if one["name"] == "us_expc")
    assert cluster["primary"] == "us-expc1" and [peer["in_step"] for peer in cluster["peers"]] == [True, True]
    directory = api.lab.world.directory
    assert (directory / "pins" / "us-expc1.ent-pa.com.pem").read_text() == api.peer.certificates.installed.certificate
    assert f"[{api.appliance.address}]:20022 ssh-rsa " in (directory / "known_hosts").read_text()
    assert api.lab.world.resolve("us-expc1.ent-pa.com") == api.appliance.address


# ---- readings

def raml(api) -> dict:
    """{path: methods} of the RAML, whichever way it is laid out; with the schemas."""
    response = api.send("GET", "/api/raml")
    assert response.text.startswith("#%RAML 0.8\n")
    document = yaml.safe_load(response.text)
    named = {name: text for one in document.get("schemas", []) for name, text in one.items()}
    found: dict[str, dict] = {}

    def walk(place: dict, path: str) -> None:
        for word, inside in place.items():
            if str(word).startswith("/"):
                found[path + word] = {key: value for key, value in inside.items() if not key.startswith("/")}
                walk(inside, path + word)

    walk(document, "")
    for methods in found.values():
        for method in methods.values():
            for media in (method or {}).get("body", {}).values():
                if "schema" in media:
                    media["schema"] = json.loads(named.get(media["schema"], media["schema"]))
    return found


@pytest.mark.parametrize("reading", ["nested", "flat", "named"])
def test_the_api_says_what_it_has(api, edge, reading):
    api.lab.world.set_variant("expressway_raml", reading)
    found = raml(api)
    schema = found["/provisioning" + NEIGHBOR]["post"]["body"]["application/json"]["schema"]
    assert schema["properties"]["SIPTLSVerifyMode"] == {"type": "string", "enum": ["On", "Off"]} and schema["required"] == ["Name", "PeerAddress"]
    assert set(found["/provisioning" + NEIGHBOR]) == {"get", "post", "put", "delete"} and set(found["/provisioning/common/mra"]) == {"get", "put"}
    assert "/provisioning/edge/xmpp" not in found and "/provisioning/edge/xmpp" in raml(edge)
    assert "post" in found["/provisioning/certs/generate_csr"] and "/provisioning/certs/client" not in found


def test_schemas_in_files_that_are_not_served(api):
    api.lab.world.set_variant("expressway_raml", "included")
    text = api.send("GET", "/api/raml").text
    assert "schema: !include 'schemas/common_mra_put.json'" in text and "SIPTLSVerifyMode" not in text


def test_an_api_that_does_not_describe_itself(api):
    api.lab.world.set_variant("expressway_raml", "absent")
    assert api.send("GET", "/api/raml").status_code == 404 and api.get("/common/mra")["Enabled"] == "Off"


@pytest.mark.parametrize(("reading", "there", "gone"), [
    ("expected", "SIPTLSVerifyMode", "TLSVerify"), ("short", "TLSVerify", "SIPTLSVerifyMode"), ("without_security", "SIPPort", "SIPTLSVerifyMode")])
def test_keys_of_zones(api, reading, there, gone):
    api.lab.world.set_variant("expressway_zone_keys", reading)
    keys = raml(api)["/provisioning" + NEIGHBOR]["post"]["body"]["application/json"]["schema"]["properties"]
    assert there in keys and gone not in keys
    api.refused("POST", NEIGHBOR, {"Name": "x", "PeerAddress": ["a"], gone: "On"})
    api.done("POST", NEIGHBOR, {"Name": "x", "PeerAddress": ["a"]})
    assert there in api.get(NEIGHBOR)[0]


def test_zones_that_the_api_lacks(api):
    api.lab.world.set_variant("expressway_zone_resources", "absent")
    found = raml(api)
    assert "/provisioning" + NEIGHBOR not in found and "/provisioning" + UC_CLIENT in found
    assert api.send("POST", NEIGHBOR, ZONE).status_code == 404


@pytest.mark.parametrize("reading", ["AcceptProxiedRegistrations", "Registrations"])
def test_the_key_of_registrations(api, reading):
    api.lab.world.set_variant("expressway_registrations_key", reading)
    api.done("POST", UC_CLIENT, {"Name": "UC", "PeerAddress": ["a"], reading: "Deny"})
    assert api.get(UC_CLIENT)[0][reading] == "Deny"


@pytest.mark.parametrize(("reading", "shown"), [("shown", True), ("left_out", False)])
def test_status_inside_a_zone(api, reading, shown):
    api.lab.world.set_variant("expressway_zone_status", reading)
    api.done("POST", NEIGHBOR, ZONE)
    assert ("Status" in api.get(NEIGHBOR)[0]) == shown
    api.refused("PUT", NEIGHBOR, {"Name": ZONE["Name"], "Status": "Active"})


@pytest.mark.parametrize(("reading", "value"), [("cli", "On"), ("mixed", "on")])
def test_case_of_values(api, reading, value):
    api.lab.world.set_variant("expressway_value_case", reading)
    api.done("POST", NEIGHBOR, ZONE)
    assert api.get(NEIGHBOR)[0]["SIPTLSVerifyMode"] == value


@pytest.mark.parametrize(("reading", "body"), [
    ("page", {"XmppFederation": "On", "SecurityMode": "TLSRequired", "RequireClientSideSecurityCertificates": "Off"}),
    ("compact", {"Enabled": "On", "TlsMode": "TLSRequired", "ClientCertRequired": "Off"}), ("without_security", {"XmppFederation": "On"})])
def test_xmpp_federation(edge, reading, body):
    edge.lab.world.set_variant("expressway_xmpp_keys", reading)
    edge.done("PUT", "/edge/xmpp", body)
    assert body.items() <= edge.get("/edge/xmpp").items()
    assert edge.peer.table("xmpp")[""]["federation"] == "On"


def test_xmpp_federation_that_the_api_lacks(edge):
    edge.lab.world.set_variant("expressway_xmpp_keys", "absent")
    assert edge.send("GET", "/edge/xmpp").status_code == 404


@pytest.mark.parametrize(("variant", "path", "body", "setting"), [
    ("expressway_default_zone_resource", "/common/zone/defaultzone", {"SIPMediaEncryptionMode": "BestEffort"}, "Zones DefaultZone SIP Media Encryption Mode"),
    ("expressway_call_policy_resource", "/common/callpolicy", {"Mode": "LocalCPL"}, "Policy AdministratorPolicy Mode")])
def test_resources_that_may_be_there(api, variant, path, body, setting):
    api.lab.world.set_variant(variant, "absent")
    assert api.send("PUT", path, body).status_code == 404
    api.lab.world.set_variant(variant, "offered")
    api.done("PUT", path, body)
    assert api.peer.config.get(setting) == next(iter(body.values()))


@pytest.mark.parametrize(("reading", "kind"), [("list", list), ("object", dict)])
def test_shape_of_the_sip_configuration(api, reading, kind):
    api.lab.world.set_variant("expressway_sip_shape", reading)
    assert isinstance(api.get("/common/protocol/sip/configuration"), kind)


def test_curl_is_let_in(api):
    import subprocess

    done = subprocess.run(["curl", "-sk", "-u", f"{USER}:{PASSWORD}", f"{api.root}/api/provisioning/common/mra"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"Enabled": "Off", "SSO": "Off"}
