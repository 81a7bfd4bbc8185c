# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Business-to-business calls on Expressway X15.4 (US) and X12.5 (EMEA): zones that really are active, under every reading of what the API offers."""
from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.integration.administrator import Administrator
from tests.integration.conftest import free_network
from tests.integration.expressway_administrator import ExpresswayAdministrator
from tests.integration.harness import Estate
from tests.integration.harness import Run

CLUSTERS = ("us_cm", "emea_cm", "us_expc", "us_expe", "emea_expc", "emea_expe")
PRIMARY = ("us-expc1", "us-expe1", "emea-expc1", "emea-expe1")
PLAYBOOK = """\
- hosts: publishers:&expressway
  gather_facts: false
  roles: [collab.security.expressway_b2b]
"""
CHECK = """\
- hosts: publishers:&expressway
  gather_facts: false
  roles: [collab.security.expressway_check]
"""
CALLS = ("site.yml", "--tags", "trunks,b2b")
# Readings of what the API offers, each another than the usual one.
OFFERS = [{"expressway_zone_keys": "short", "expressway_value_case": "mixed", "expressway_sip_shape": "object", "expressway_raml": "nested"},
          {"expressway_zone_keys": "without_security", "expressway_raml": "named", "expressway_json_type": "needed"}, {"expressway_zone_resources": "absent"},
          {"expressway_raml": "included", "expressway_default_zone_resource": "offered"}, {"expressway_raml": "absent"},
          {"expressway_default_zone_resource": "offered", "expressway_call_policy_resource": "offered", "expressway_zone_status": "left_out",
           "expressway_error_status": "telling", "expressway_configuration_xml": "absent"}]
# The same for the command line, where zones go by it.
WORDS = [{"expressway_cli_verbs": "spaced", "expressway_cli_done": "ok", "expressway_cli_quoted_choice": "refused", "expressway_cli_unset": "left_out"},
         {"expressway_cli_verbs": "release", "expressway_cli_end": "blank", "expressway_cli_output_quotes": "text_only"}]


@pytest.fixture(scope="session")
def _expressways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with both regions' Expressways, whose peers have certificates of the enterprise CA from the beginning."""
    found = Estate(Path(tmp_path_factory.mktemp("b2b")), free_network(), CLUSTERS)
    file = found.inventory / "estate.yml"
    estate = yaml.safe_load(file.read_text(encoding="utf-8"))
    for cluster in CLUSTERS[2:]:
        estate["clusters"][cluster]["certificates"] = "enterprise"
    file.write_text(yaml.safe_dump(estate, sort_keys=False), encoding="utf-8")
    (found.directory / "b2b.yml").write_text(PLAYBOOK, encoding="utf-8")
    (found.directory / "check.yml").write_text(CHECK, encoding="utf-8")
    with found.running():
        yield found


@pytest.fixture
def day0(_expressways: Estate) -> Estate:
    """No zones yet."""
    _expressways.load("day0")
    return _expressways


@pytest.fixture(scope="session")
def _made(_expressways: Estate) -> str:
    _expressways.load("day0")
    play(_expressways).ok()
    _expressways.save("made")
    return "made"


@pytest.fixture
def made(_expressways: Estate, _made: str) -> Estate:
    """All zones are there."""
    _expressways.load(_made)
    return _expressways


@pytest.fixture(scope="session")
def _calling(_expressways: Estate, _made: str) -> str:
    _expressways.load(_made)
    _expressways.play("site.yml", "--tags", "certificates,restarts", "--limit", "us-cm-pub,emea-cm-pub").ok()
    first = _expressways.play(*CALLS).ok()
    assert not [one for one in first.pending if one["id"] == "expressway-zone-down"]
    _expressways.save("calling")
    return "calling"


@pytest.fixture
def calling(_expressways: Estate, _calling: str) -> Estate:
    """Unified CM's trunks are secured as well, and the neighbor zones are active."""
    _expressways.load(_calling)
    return _expressways


def play(estate: Estate, *arguments: str, **variables: object) -> Run:
    """The role on all Expressways, or as --limit says."""
    return estate.play(str(estate.directory / "b2b.yml"), *arguments, variables=variables)


def turn(estate: Estate, variants: dict[str, str]) -> None:
    """Set variants."""
    estate.lab("variant", "set", *(word for pair in variants.items() for word in pair))


def zones(estate: Estate, host: str) -> dict[str, dict[str, str]]:
    """The zones of a cluster by the command line of a peer: {name: {path below the zone: value}}."""
    found: dict[str, dict[str, str]] = {}
    for path, value in ExpresswayAdministrator(estate, host).settings("Zones").items():
        zone = re.fullmatch(r"Zones Zone (\d+) (.+)", path)
        if zone:
            found.setdefault(zone[1], {})[zone[2]] = value
    return {zone["Name"]: zone for zone in found.values()}


def status(estate: Estate) -> dict[str, dict[str, str]]:
    """{peer: {zone: what calling it came to, empty where all is well}}."""
    found: dict[str, dict[str, str]] = {}
    for cluster in json.loads(estate.lab("status", "--json"))["clusters"]:
        for peer in cluster.get("peers", ()):
            found[peer["name"]] = {zone["name"]: "; ".join(one["cause"] for one in zone["peers"] if one["cause"]) for zone in peer.get("zones", ())}
    return found


def as_the_tables_say(estate: Estate, regions: tuple[str, ...] = ("us", "emea")) -> None:
    """Every field of Tables 7-18 to 7-22 and the mode of 7-3, on the regions' Expressways."""
    for region in regions:
        of_c, of_e = zones(estate, region + "-expc1"), zones(estate, region + "-expe1")
        neighbor, client, server, dns = of_c["Unified CM B2B"], of_c["B2B traversal"], of_e["B2B traversal"], of_e["Internet"]
        assert has(neighbor, "Neighbor SIP", {"Port": "5561", "Transport": "TLS", "TLS Verify Mode": "On", "Media Encryption Mode": "BestEffort"})
        assert {neighbor["Neighbor Peer %d Address" % n] for n in (1, 2)} == {"%s-cm-sub%d.ent-pa.com" % (region, n) for n in (1, 2)}
        assert has(client, "TraversalClient SIP", {"Port": "7002", "Transport": "TLS", "TLS Verify Mode": "On", "Media Encryption Mode": "Auto"})
        assert has(server, "TraversalServer SIP", {"Port": "7002", "Transport": "TLS", "TLS Verify Mode": "On", "Media Encryption Mode": "BestEffort",
                                                   "TLS Verify Subject Name": region + "-expc.ent-pa.com"})
        assert has(dns, "DNS SIP", {"TLS Verify Mode": "Off", "Media Encryption Mode": "BestEffort"})
        edge = ExpresswayAdministrator(estate, region + "-expe1")
        assert has(edge.settings("Zones DefaultZone"), "Zones DefaultZone", {
            "SIP TLS Verify Mode": "Off", "Authentication Mode": "DoNotCheckCredentials", "SIP Media Encryption Mode": "BestEffort"})
        assert edge.settings("Policy")["Policy AdministratorPolicy Mode"] == "LocalCPL"


def has(settings: dict[str, str], prefix: str, wanted: dict[str, str]) -> bool:
    """Whether settings are as wanted; shows the difference where not."""
    actual = {path: settings.get("%s %s" % (prefix, path)) for path in wanted}
    assert actual == wanted
    return True


def test_zones_come_to_be_active_and_the_second_run_writes_nothing(day0: Estate) -> None:
    """X15.4 and X12.5 alike. The traversal zones are active on every peer: port, login, names and trust fit on both ends. The policy's rules are pending."""
    search_rules = ExpresswayAdministrator(day0, "us-expc1").settings("Zones Policy")
    first = play(day0).ok()
    as_the_tables_say(day0)
    assert first.changed == 6
    assert {(p["step"], p["id"]) for p in first.pending} == {("b2b-cpl", "expressway-call-policy-rules")}
    found = status(day0)
    assert {peer: zone["B2B traversal"] for peer, zone in found.items()} == dict.fromkeys(found, "") and len(found) == 8
    assert ExpresswayAdministrator(day0, "us-expc1").settings("Zones Policy") == search_rules
    mark = day0.mark()
    second = play(day0).ok()
    assert second.changed == 0 and not second.operations and not day0.journal(writes=True, since=mark)


def test_check_mode_tells_the_same_and_opens_no_writing_path(day0: Estate) -> None:
    mark = day0.mark()
    told = play(day0, "--check").ok()
    assert not day0.journal(writes=True, since=mark)
    done = play(day0).ok()
    assert sorted(map(json.dumps, told.operations)) == sorted(map(json.dumps, done.operations)) and len(told.operations) == 14


DRIFT = [("us-expc1", "Unified CM B2B", "Neighbor SIP Port: 5061", "b2b-neighbor-port"),
         ("us-expc1", "Unified CM B2B", "Neighbor SIP TLS Verify Mode: Off", "b2b-neighbor-tls"),
         ("emea-expc1", "Unified CM B2B", "Neighbor SIP Media Encryption Mode: Off", "b2b-neighbor-media"),
         ("emea-expc1", "B2B traversal", "TraversalClient SIP Port: 7003", "b2b-traversal-c-port"),
         ("us-expe1", "B2B traversal", "TraversalServer SIP TLS Verify Mode: Off", "b2b-traversal-e-tls"),
         ("emea-expe1", "B2B traversal", 'TraversalServer SIP TLS Verify Subject Name: "somebody.ent-pa.com"', "b2b-traversal-e-subject"),
         ("us-expe1", "Internet", "DNS SIP Media Encryption Mode: Auto", "b2b-dns-media")]
DEFAULT_ZONE = [("us-expe1", "Zones DefaultZone SIP TLS Verify Mode: On", "b2b-default-mtls"),
                ("emea-expe1", "Zones DefaultZone Authentication Mode: CheckCredentials", "b2b-default-auth"),
                ("us-expe1", "Zones DefaultZone SIP Media Encryption Mode: Off", "b2b-default-media"),
                ("us-expe1", "Policy AdministratorPolicy Mode: Off", "b2b-cpl")]


def test_drift_is_found_and_mended_and_nothing_else(made: Estate) -> None:
    """Somebody changes a field of each zone, the default zone and the call policy: each is a finding of its step, and is put right."""
    for host, zone, setting, step in DRIFT:
        ExpresswayAdministrator(made, host).zone(zone, setting)
    for host, setting, step in DEFAULT_ZONE:
        ExpresswayAdministrator(made, host).done("xConfiguration " + setting)
    told = play(made, "--check").ok()
    wanted = sorted([one[-1] for one in DRIFT] + [one[-1] for one in DEFAULT_ZONE])
    assert sorted(f["step"] for f in told.findings) == wanted
    mark = made.mark()
    mended = play(made).ok()
    assert sorted(f["step"] for f in mended.findings) == wanted
    as_the_tables_say(made)
    objects = {str(one["detail"].get("object")) for one in made.journal(writes=True, since=mark)}
    assert len(made.journal(writes=True, since=mark)) == len(mended.operations), objects
    assert not play(made).ok().operations


@pytest.mark.parametrize("offers", OFFERS, ids=lambda variants: "-".join(variants.values()))
def test_whatever_the_api_offers_the_zones_come_to_be(day0: Estate, offers: dict[str, str]) -> None:
    """A resource or key that the RAML lacks leads to the command line, never to half a zone; what it has goes by it."""
    turn(day0, offers)
    first = play(day0).ok()
    as_the_tables_say(day0)
    zone_writes = {op["channel"] for op in first.operations if op["object"] in ("Unified CM B2B", "Internet")}
    by_cli = {"without_security", "absent", "included"} & {offers.get("expressway_" + name) for name in ("zone_keys", "zone_resources", "raml")}
    assert ("expressway_cli" in zone_writes) == bool(by_cli)
    assert not play(day0).ok().operations


@pytest.mark.parametrize("words", WORDS, ids=lambda variants: "-".join(variants.values()))
def test_whatever_the_command_line_says_the_zones_come_to_be(day0: Estate, words: dict[str, str]) -> None:
    turn(day0, {"expressway_zone_resources": "absent", **words})
    play(day0).ok()
    as_the_tables_say(day0)
    assert not play(day0).ok().operations


@pytest.mark.parametrize(("offers", "after"), [({}, 3), ({"expressway_zone_resources": "absent"}, 20)], ids=["rest", "cli"])
def test_a_killed_run_is_taken_up_by_the_next(day0: Estate, offers: dict[str, str], after: int) -> None:
    if offers:
        turn(day0, offers)
    assert day0.play_and_kill(after, str(day0.directory / "b2b.yml"))
    play(day0).ok()
    as_the_tables_say(day0)
    assert not play(day0).ok().operations


# Each strikes the write of every zone once, or on the command line that of its making and some of its settings. The words: what a run that it stops has to
# say; None: the run itself gets past it, since the device is only busy, or since what it took is there when read back.
US = ("--limit", "us-expc1,us-expe1")
REST = ("POST /common/zone/neighborzone", "POST /controller/zone/traversalclient", "POST /common/credential", "POST /edge/zone/traversalserver",
        "POST /common/zone/dnszone")
CLI = ("xCommand ZoneAdd", "xConfiguration Zones Zone ? Neighbor SIP Port", "xConfiguration Zones Zone ? TraversalServer SIP TLS Verify Mode")
REFUSED = '{"Message": "The value of SIPPort is out of range"}'
ZONE_FAULTS = {
    "503": (REST, {"action": "status", "status": 503}, None),
    "500": (REST, {"action": "status", "status": 500, "body": "<html>Internal Server Error</html>"}, "HTTP 500"),
    "refused value": (REST, {"action": "status", "status": 400, "body": REFUSED}, "The value of SIPPort is out of range"),
    "session dropped before the write": (REST, {"action": "drop"}, "read back: it was not done. Run again"),
    "session dropped after the write": (REST, {"action": "reset", "phase": "after"}, None),
    "half an answer": (REST, {"action": "truncate", "phase": "after"}, None),
    "no answer": (REST, {"action": "never", "phase": "after"}, None),
    "command line fails": (CLI, {"action": "status"}, "Internal error"),
    "command line dropped before the write": (CLI, {"action": "drop"}, "read back: it was not done. Run again"),
    "command line dropped after the write": (CLI, {"action": "drop", "phase": "after"}, None),
}


def taken(estate: Estate, since: int) -> Counter[tuple[str, str]]:
    """The writes that the Expressways took since then, and how often."""
    return Counter((e["node"], e["operation"]) for e in estate.journal(writes=True, since=since) if "refused" not in e["detail"])


@pytest.fixture(scope="session")
def _undisturbed(_expressways: Estate) -> dict[tuple[str, ...], Counter[tuple[str, str]]]:
    """What an undisturbed run writes, by either interface."""
    found = {}
    for operations in (REST, CLI):
        _expressways.load("day0")
        if operations is CLI:
            turn(_expressways, {"expressway_zone_resources": "absent"})
        since = _expressways.mark()
        play(_expressways, *US).ok()
        found[operations] = taken(_expressways, since)
    return found


@pytest.mark.parametrize("kind", ZONE_FAULTS)
def test_a_zone_whose_write_goes_wrong_is_taken_up(_undisturbed: dict, day0: Estate, kind: str) -> None:
    """A write that was taken is read back and never sent again; one that was not stops the run with words, and the next one makes it.

    On the command line a zone has its type's defaults from its making on: a later run leaves out those that are right.
    """
    operations, fault, words = ZONE_FAULTS[kind]
    if operations is CLI:
        turn(day0, {"expressway_zone_resources": "absent"})
    for operation in operations:
        day0.fault(operation=operation, **fault)
    since, stopped = day0.mark(), 0
    while (run := play(day0, *US, collab_command_timeout=15)).code:
        stopped += 1
        assert stopped <= len(operations) and "Traceback" not in run.output, run.output[-6000:]
        run.refused(words or "nothing has to stop this run")
    assert bool(stopped) == bool(words), run.output[-6000:]
    assert [rule for rule in json.loads(day0.lab("fault", "list")) if not rule["struck"]] == [], "these never struck, so they test nothing"
    as_the_tables_say(day0, ("us",))
    assert taken(day0, since) <= _undisturbed[operations]
    since = day0.mark()
    assert not play(day0, *US).ok().operations and not day0.journal(writes=True, since=since)


BAD = [({"neighbor_peers": ["10.1.1.1"]}, "is an address"), ({"neighbor_port": "many"}, "neighbor_port"),
       ({"traversal_subject": "*.ent-pa.com"}, "traversal_subject"), ({"neighbor_zone": "Z" * 51}, "50 characters")]


@pytest.mark.parametrize(("wrong", "words"), BAD, ids=[words for wrong, words in BAD])
def test_bad_input_changes_nothing(day0: Estate, wrong: dict[str, object], words: str) -> None:
    settings = {"neighbor_zone": "Unified CM B2B", "traversal_zone": "B2B traversal", "dns_zone": "Internet", **wrong}
    mark = day0.mark()
    host = "us-expe1" if "traversal_subject" in wrong else "us-expc1"
    play(day0, "--limit", host, expressway_b2b_settings=settings, expressway_b2b_beside_mra=True).refused(words)
    assert not day0.journal(writes=True, since=mark)


def test_a_port_or_name_that_another_zone_has_changes_nothing(day0: Estate) -> None:
    admin = ExpresswayAdministrator(day0, "us-expc1")
    admin.done('xCommand ZoneAdd ZoneName: "Partner" Type: TraversalClient')
    admin.zone("Partner", "TraversalClient SIP Port: 7002")
    mark = day0.mark()
    play(day0, "--limit", "us-expc1").refused("7002", "Partner", "Nothing was written")
    admin.zone("Partner", "TraversalClient SIP Port: 7009")
    admin.zone("Partner", 'Name: "Unified CM B2B"')
    play(day0, "--limit", "us-expc1").refused("traversal client zone, not a neighbor zone", "Nothing was written")
    assert not [e for e in day0.journal(writes=True, since=mark) if e["channel"] == "expressway_api"]


def test_passwords_are_shown_nowhere(day0: Estate) -> None:
    shown = play(day0, "-vvv", "--diff").ok()
    assert "lab-Traversal-0824" not in shown.output and "lab-Traversal-0824" not in json.dumps(shown.report)


def all_active(estate: Estate) -> None:
    """Every zone of every peer, both regions'."""
    found = status(estate)
    assert len(found) == 8 and not [(peer, zone, cause) for peer, zones in found.items() for zone, cause in zones.items() if cause]


def test_unified_cms_trunk_and_the_neighbor_zone_come_up_together(calling: Estate) -> None:
    """Expressway-C calls Unified CM on the trunk's own port, by TLS with certificates that both ends verify; the next run writes nothing."""
    all_active(calling)
    mark = calling.mark()
    again = calling.play(*CALLS).ok()
    assert not again.operations and not calling.journal(writes=True, since=mark)
    profile = Administrator(calling).axl("getSipTrunkSecurityProfile", "<name>Expressway-C B2B SIP Trunk Profile - TLS</name>")
    assert "<incomingPort>5561</incomingPort>" in profile
    assert all("us-expc%d.ent-pa.com" % n in profile for n in (1, 2))


def test_one_definition_moves_both_ends(calling: Estate) -> None:
    """Another port for the neighbor zone, and the trunk's profile has it, too."""
    file = calling.inventory / "group_vars" / "expressway.yml"
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(before.replace("neighbor_port: 5561", "neighbor_port: 5571").replace("traversal_port: 7002", "traversal_port: 7012"), encoding="utf-8")
        moved = calling.play(*CALLS).ok()
        assert not [one for one in moved.pending if one["id"] == "expressway-zone-down"]
        assert zones(calling, "us-expc1")["Unified CM B2B"]["Neighbor SIP Port"] == "5571"
        all_active(calling)
        assert not calling.play(*CALLS).ok().operations
    finally:
        file.write_text(before, encoding="utf-8")


def test_a_zone_that_is_down_is_told_with_its_cause(calling: Estate) -> None:
    """Somebody gives the trunk's profile another name to expect: calls are refused, the run says so, and puts it right where it may."""
    turn(calling, {"expressway_neighbor_alive": "success"})
    admin = Administrator(calling)
    admin.axl("updateSipTrunkSecurityProfile", "<name>Expressway-C B2B SIP Trunk Profile - TLS</name><x509SubjectName>nobody.ent-pa.com</x509SubjectName>")
    admin.axl("resetSipTrunk", "<name>US_EXPRESSWAY_B2B</name>")
    found = calling.play("drift.yml", "--tags", "b2b").ok()
    down = [f for f in found.findings if f["id"] == "expressway-zone-down"]
    assert {f["object"] for f in down} == {"Unified CM B2B"} and down[0]["before"]
    mended = calling.play(*CALLS).ok()
    assert not [f for f in mended.findings if f["id"] == "expressway-zone-down"]
    all_active(calling)


@contextmanager
def said(estate: Estate, group: str, **variables: object) -> Iterator[None]:
    """The operator's words for a group, for a while."""
    file = estate.inventory / "group_vars" / (group + ".yml")
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(yaml.safe_dump({**yaml.safe_load(before), **variables}), encoding="utf-8")
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def of_expressway(estate: Estate, part: str, **changes: object) -> dict[str, object]:
    """collab_expressway as shipped, with changes in one part."""
    shipped = yaml.safe_load((estate.inventory / "group_vars" / "expressway.yml").read_text(encoding="utf-8"))["collab_expressway"]
    return {"collab_expressway": {**shipped, part: {**shipped[part], **changes}}}


def of_trunk(estate: Estate, **changes: object) -> dict[str, object]:
    """collab_sip_trunks as shipped, with changes of the one to Expressway-C."""
    shipped = yaml.safe_load((estate.inventory / "group_vars" / "us_cm.yml").read_text(encoding="utf-8"))["collab_sip_trunks"]
    return {"collab_sip_trunks": [{**one, **(changes if one["name"] == "US_EXPRESSWAY_B2B" else {})} for one in shipped]}


# What an operator may say that contradicts itself or the estate: the group, the words, and what the run tells.
CONTRADICTIONS: dict[str, tuple[str, Callable[[Estate], dict], tuple[str, ...]]] = {
    "phone profile": ("us_expc", lambda e: {"expressway_certificates_phone_profiles": ["other.ent-pa.com"]}, (
        "UDT-Encrypted-LSC.ent-pa.com", "expressway_certificates_phone_profiles")),
    "traversal ports": ("us_expe", lambda e: of_expressway(e, "b2b", traversal_port=7003), ("port 7002 on Expressway-C and port 7003 on Expressway-E",)),
    "ports of mobile access": ("us_expe", lambda e: of_expressway(e, "mra", port=7004), ("mobile and remote access has port 7001", "7004")),
    "subject name": ("us_expe", lambda e: of_expressway(e, "b2b", traversal_subject="us-expc1.ent-pa.com"), (
        "expects the name us-expc1.ent-pa.com", "us-expc2")),
    "trunk's port": ("us_cm", lambda e: of_trunk(e, incoming_port=5999), ("calls port 5561", "listens on port 5999")),
    "trunk's subject": ("us_cm", lambda e: of_trunk(e, subject_names=["us-expc1.ent-pa.com"]), ("names nothing that the certificate of us-expc2 carries",)),
    "trunk left alone": ("us_cm", lambda e: {"collab_sip_trunks": [], "collab_sip_trunks_excluded": ["US_EXPRESSWAY_B2B"]}, (
        "US_EXPRESSWAY_B2B takes no TLS",)),
    "port 5061": ("us_expc", lambda e: of_expressway(e, "b2b", neighbor_port=5061), ("calls port 5061, which is that of mobile and remote access",)),
    "peer by address": ("us_expc", lambda e: of_expressway(e, "b2b", neighbor_peers=["192.0.2.7"]), ("peer 192.0.2.7", "is an address")),
    "chain on Expressway-C": ("us_expc", lambda e: {"collab_public_ca_file": "{{ collab_ca_file }}"}, ("does not trust the CA of Expressway-E (us_expe)",)),
    "chain on Unified CM": ("us_cm", lambda e: {"collab_ca_file": "{{ collab_public_ca_file }}"}, (
        "CallManager-trust of Unified CM (us_cm) does not trust the CA of Expressway-C",)),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_contradiction_stops_the_run_before_anything_is_changed(day0: Estate, what: str) -> None:
    """On none of the products, in no cluster."""
    group, words, told = CONTRADICTIONS[what]
    mark = day0.mark()
    with said(day0, group, **words(day0)):
        stopped = day0.play("site.yml").refused("Nothing was changed", *told)
    assert not stopped.operations and not day0.journal(writes=True, since=mark)


def test_day_0_contradicts_nothing_that_the_run_mends(day0: Estate) -> None:
    """Certificates, zones and trunks that are to be made stop nobody; judged as they are, they do not agree."""
    day0.play(str(day0.directory / "check.yml")).ok()
    as_it_is = day0.play(str(day0.directory / "check.yml"), variables={"expressway_check_mends": []})
    as_it_is.refused("CallManager-trust of Unified CM (us_cm) does not trust")


PROFILE = """<phoneSecurityProfile><phoneType>Universal Device Template</phoneType><protocol>Protocol Not Specified</protocol>
<name>hand-made.ent-pa.com</name><deviceSecurityMode>Encrypted</deviceSecurityMode><authenticationMode>By Null String</authenticationMode>
<keySize>2048</keySize><transportType>TLS</transportType></phoneSecurityProfile>"""


def test_what_somebody_changed_is_mended_or_stops_a_run_that_leaves_it(calling: Estate) -> None:
    """As they are, the products agree; then a port on Expressway-E and the trunk's are changed by hand, and a phone profile comes that no certificate names."""
    check = str(calling.directory / "check.yml")
    calling.play(check, variables={"expressway_check_mends": []}).ok()
    ExpresswayAdministrator(calling, "us-expe1").zone("B2B traversal", "TraversalServer SIP Port: 7003")
    admin = Administrator(calling)
    admin.axl("updateSipTrunkSecurityProfile", "<name>Expressway-C B2B SIP Trunk Profile - TLS</name><incomingPort>5777</incomingPort>")
    admin.axl("addPhoneSecurityProfile", PROFILE)
    calling.play(check, variables={"expressway_check_mends": []}).refused("port 7003 on Expressway-E", "listens on port 5777", "hand-made.ent-pa.com")
    mark = calling.mark()
    calling.play("site.yml", "--tags", "b2b").refused("listens on port 5777")       # the zones alone would not make it work
    assert not calling.journal(writes=True, since=mark)
    told = calling.play(*CALLS).ok()
    assert {f["id"] for f in told.findings} >= {"phone-profile-not-named"}          # this run leaves certificates as they are: told, and no reason to stop
    all_active(calling)
