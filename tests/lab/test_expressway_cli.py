"""The command line of an Expressway peer: xConfiguration and xCommand by stock paramiko, what it refuses, and the readings of its answers."""

from __future__ import annotations

import paramiko
import pytest

from tests.lab.axl_lab import PASSWORD as AXL_PASSWORD
from tests.lab.axl_lab import USER as AXL_USER
from tests.lab.expressway_cli import Cli
from tests.lab.expressway_cli import hang_up
from tests.lab.expressway_cli import started
from tests.lab.expressway_lab import NEIGHBOR
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import until
from tests.lab.expressway_lab import with_servers

DEFAULT_ZONE = "Zones DefaultZone SIP TLS Verify Mode"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A pair of Expressway-C and one Expressway-E, release 15.4."""
    running = started(tmp_path_factory.mktemp("cli"), names=("us-expc1", "us-expc2", "us-expe1"))
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def day0(lab):
    """The lab on day 0."""
    lab.restore("day0")
    lab.world.unknown = 0
    yield lab
    hang_up(lab)


@pytest.fixture
def cli(day0):
    """A session at the primary Expressway-C."""
    return Cli(day0)


@pytest.fixture
def edge(day0):
    """A session at Expressway-E."""
    return Cli(day0, "us-expe1")


# ---- xConfiguration

def test_lines_are_those_of_the_recorded_dump(cli):
    cli.done('xCommand ZoneAdd ZoneName: "DNSZone" Type: DNS')
    cli.done('xConfiguration Zones Zone 1 DNS SIP TLS Verify Subject Name: "callservice.ciscospark.com"')
    answer = cli.run("xConfiguration Zones Zone 1 DNS SIP TLS")
    assert answer == ('*c xConfiguration Zones Zone 1 DNS SIP TLS Verify Mode: "Off"\n'
                      '*c xConfiguration Zones Zone 1 DNS SIP TLS Verify Subject Name: "callservice.ciscospark.com"\n*c/end\n\nOK\n')


def test_what_is_written_here_stands_in_rest_and_xml(cli):
    cli.done('xCommand ZoneAdd ZoneName: "CUCM B2B" Type: Neighbor')
    for line in ("SIP Port: 5561", "SIP Transport: TLS", "SIP TLS Verify Mode: On", "SIP Media Encryption Mode: BestEffort",
                 'Peer 1 Address: "us-cm-sub1.ent-pa.com"'):
        assert cli.done(f"xConfiguration Zones Zone 1 Neighbor {line}") == []
    (row,) = Api(cli.lab).get(NEIGHBOR)
    assert (row["Name"], row["SIPPort"], row["SIPTLSVerifyMode"], row["SIPMediaEncryptionMode"], row["PeerAddress"]) == (
        "CUCM B2B", 5561, "On", "BestEffort", ["us-cm-sub1.ent-pa.com"])
    assert "<Port item=\"1\">5561</Port>" in Api(cli.lab).send("GET", "/configuration.xml").text
    assert cli.lab.world.unknown == 0


def test_words_may_be_in_any_case_and_short(cli):
    cli.done("xconfig zones defaultzone sip tls VERIFY mode: on")
    assert cli.value(DEFAULT_ZONE) == "On"


def test_usage(cli):
    since = len(cli.lab.world.journal)
    assert cli.done(f"xConfiguration {DEFAULT_ZONE} ?") == [f"*h xConfiguration {DEFAULT_ZONE}", f"   {DEFAULT_ZONE}: <On/Off>"]
    assert cli.done("xConfiguration Zones Zone 1 Neighbor SIP Port: ?")[1] == "   Zones Zone [1..1000] Neighbor SIP Port: <1024..65534>"
    assert cli.done("xCommand ZoneAdd")[1:] == ["   ZoneName(r): <S: 1, 50>", "   Type(r): <Neighbor/TraversalClient/TraversalServer/ENUM/DNS>"]
    assert "   ZoneAdd" in cli.done("xCommand") and "   ACMESign" not in cli.done("xCommand ?")
    assert {entry.kind for entry in cli.lab.world.journal.entries(since)} == {"read"}


def test_unknown_words_are_refused_and_counted(cli):
    assert "Zones Nowhere" in cli.refused("xConfiguration Zones Nowhere")
    cli.refused("xConfiguration Zones Nowhere: On")
    cli.refused("xConfiguration Zones Zone 7 Name: \"x\"")
    cli.refused("xConfiguration Zones Zone 7")
    cli.refused("xStatus Nowhere")
    cli.refused("xCommand ZoneBreak ZoneId: 1")
    cli.refused("xHistory Calls")
    cli.refused("show version")
    assert cli.lab.world.unknown == 8


@pytest.mark.parametrize("value", ["Maybe", "", "''", "1"])
def test_values_that_do_not_fit(cli, value):
    cli.refused(f"xConfiguration {DEFAULT_ZONE}: {value}")


@pytest.mark.parametrize(("path", "value"), [("SIP TLS Port", "80"), ("SIP TLS Port", "x"), ("Zones Zone 1 Name", "x" * 51),
                                            ("Zones Zone 1 Type", "DNS")])
def test_more_values_that_do_not_fit(cli, path, value):
    cli.done("xCommand ZoneAdd ZoneName: one Type: Neighbor")
    cli.refused(f"xConfiguration {path}: {value}")


def test_settings_of_another_type_of_zone_release_or_product_are_not_there(cli, edge):
    cli.done("xCommand ZoneAdd ZoneName: one Type: Neighbor")
    cli.refused("xConfiguration Zones Zone 1 TraversalServer SIP Port: 7001")
    cli.refused("xConfiguration SIP TLS Certificate ExtendedKeyUsage Checking Mode: Off")
    cli.refused("xConfiguration XCP TLS Certificate CVS EnableServerEkuUpload: On")
    edge.done("xConfiguration XCP TLS Certificate CVS EnableServerEkuUpload: On")


def test_a_traversal_server_zone_verifies_only_with_a_name_to_look_for(edge):
    edge.done('xCommand ZoneAdd ZoneName: "B2B Traversal" Type: TraversalServer')
    assert "subject name" in edge.refused("xConfiguration Zones Zone 1 TraversalServer SIP TLS Verify Mode: On")
    edge.done('xConfiguration Zones Zone 1 TraversalServer SIP TLS Verify Subject Name: "us-expc.ent-pa.com"')
    edge.done("xConfiguration Zones Zone 1 TraversalServer SIP TLS Verify Mode: On")
    edge.refused('xConfiguration Zones Zone 1 TraversalServer SIP TLS Verify Subject Name: ""')


def test_the_mode_of_the_call_policy(edge):
    assert edge.value("Policy AdministratorPolicy Mode") == "Off"
    edge.done("xConfiguration Policy AdministratorPolicy Mode: LocalCPL")
    assert edge.value("Policy AdministratorPolicy Mode") == "LocalCPL"
    assert not [line for line in edge.done("xCommand") if "CPL" in line or "Policy" in line], "rules have no command"


def test_a_subordinate_takes_its_own_settings_only(day0):
    other = Cli(day0, "us-expc2")
    assert "primary" in other.refused(f"xConfiguration {DEFAULT_ZONE}: On")
    other.refused("xCommand ZoneAdd ZoneName: one Type: Neighbor")
    other.refused("xCommand CUCMConfigAdd Address: cm.ent-pa.com Axlusername: a Axlpassword: b")
    other.done('xConfiguration SystemUnit Name: "second"')
    assert other.value("SystemUnit Name") == "second" and Cli(day0).value("SystemUnit Name") == "us-expc1"


def test_the_primary_reaches_its_peers(day0):
    Cli(day0).done(f"xConfiguration {DEFAULT_ZONE}: On")
    other = Cli(day0, "us-expc2")
    until(lambda: other.value(DEFAULT_ZONE) == "On")
    day0.world.faults.add({"channel": "replication", "node": "us-expc2", "action": "never", "times": 0})
    Cli(day0).done(f"xConfiguration {DEFAULT_ZONE}: Off")
    assert other.value(DEFAULT_ZONE) == "On"
    day0.world.faults.clear()
    other.done("xCommand ForceConfigUpdate")
    assert other.value(DEFAULT_ZONE) == "Off"


# ---- secrets

def test_secrets_read_as_cipher_and_stand_nowhere(cli):
    cli.done("xCommand ZoneAdd ZoneName: one Type: TraversalClient")
    path = "Zones Zone 1 TraversalClient Authentication Password"
    cli.done(f'xConfiguration {path}: "lab-Secret-1"')
    shown = cli.value(path)
    assert shown.startswith("{cipher}")
    cli.done(f'xConfiguration {path}: "{shown}"')
    assert cli.lab.call(lambda: cli.peer.config.get(path)) == "lab-Secret-1", "what was read can be written back"
    cli.refused(f'xConfiguration {path}: "{{cipher}}$1$forged"')
    cli.refused(f'xConfiguration {path}: "{"x" * 129}"')
    cli.done('xCommand CredentialAdd Name: "us-expc" Password: "lab-Secret-2"')
    assert "lab-Secret" not in str([vars(entry) for entry in cli.lab.world.journal.entries()])


# ---- objects

def test_objects_are_made_by_name_and_deleted_by_index(cli):
    for name in ("one", "two", "three"):
        cli.done(f"xCommand ZoneAdd ZoneName: {name} Type: Neighbor")
    cli.done("xCommand ZoneDelete ZoneId: 2")
    assert [cli.value(f"Zones Zone {index} Name") for index in (1, 3)] == ["one", "three"], "indices stay"
    cli.refused("xCommand ZoneDelete ZoneId: 2")
    cli.refused("xCommand ZoneDelete ZoneId: three")
    assert cli.done('xCommand ZoneAdd ZoneName: "four" Type: ENUM')[1] == '   ZoneId: "2"'


def test_a_second_zone_of_a_name(cli):
    cli.done("xCommand ZoneAdd ZoneName: one Type: Neighbor")
    cli.refused("xCommand ZoneAdd ZoneName: one Type: DNS")


@pytest.mark.parametrize("line", ["xCommand ZoneAdd ZoneName: one", "xCommand ZoneAdd Type: DNS", 'xCommand ZoneAdd ZoneName: "" Type: DNS',
                                  "xCommand CredentialAdd Name: a"])
def test_required_parameters(cli, line):
    cli.refused(line)


@pytest.mark.parametrize("line", ["xCommand ZoneAdd ZoneName: one Type: UnifiedCommunications", "xCommand ZoneAdd ZoneName: one Type: Neighbor Port: 5061",
                                  "xCommand ZoneAdd ZoneName:", "xCommand ZoneAdd one two three"])
def test_parameters_that_are_none(cli, line):
    cli.refused(line)


def test_traversal_server_zones_get_the_next_port(edge):
    for name, port in (("one", "7001"), ("two", "7002")):
        index = edge.done(f"xCommand ZoneAdd ZoneName: {name} Type: TraversalServer")[1].split('"')[1]
        assert edge.value(f"Zones Zone {index} TraversalServer SIP Port") == port


def test_search_rules_domains_and_credentials(cli):
    cli.done('xCommand SearchRuleAdd Name: "To E" ZoneName: "B2B Traversal" Description: "out"')
    assert cli.value("Zones Policy SearchRules Rule 2 Target Name") == "B2B Traversal"
    cli.done("xCommand SearchRuleDelete SearchRuleId: 2")
    cli.done('xCommand DomainAdd Name: "ent-pa.com" Edgesip: On Xmppfederation: On')
    (row,) = Api(cli.lab).get("/common/domain")
    assert row == {"Name": "ent-pa.com", "Sip": "On", "EdgeSip": "On", "EdgeXmpp": "Off", "XmppFederation": "On"}
    cli.done("xCommand DomainDelete DomainId: 1")
    cli.done('xCommand CredentialAdd Name: "us-expc" Password: "a b"')
    cli.refused('xCommand CredentialAdd Name: "us-expc" Password: "other"')
    assert Api(cli.lab).get("/common/credential") == {"Name": ["us-expc"]}
    cli.done('xCommand CredentialDelete Name: "us-expc"')
    cli.refused('xCommand CredentialDelete Name: "us-expc"')


def test_a_unified_communications_zone_cannot_be_made_but_changed_and_deleted(cli):
    api = Api(cli.lab)
    api.done("POST", "/controller/zone/unifiedcommunicationstraversal", {"Name": "UC", "PeerAddress": ["us-expe1.ent-pa.com"], "SIPPort": 7001,
                                                                         "AuthenticationUserName": "u", "AuthenticationPassword": "p"})
    assert cli.value("Zones Zone 1 Type") == "TraversalClient"
    cli.done("xConfiguration Zones Zone 1 TraversalClient Authentication Mode: TreatAsAuthenticated")
    cli.done("xCommand ZoneDelete ZoneId: 1")
    cli.done("xCommand ZoneAdd ZoneName: one Type: TraversalClient")
    assert api.get("/controller/zone/unifiedcommunicationstraversal") == [], "what comes to its index is no Unified Communications zone"


# ---- certificates and ACME

def test_a_request_by_the_command_line(cli):
    subject = """'{"CN": "www.cisco.com", "C": "US", "OU": "expressway" }'"""
    cli.done(f"xcommand Certs Command csr_create subjectfields: {subject} Keysize: 256 Publickeyalgorithm: ECDSA")
    request = cli.lab.call(lambda: cli.peer.certificates.pending.csr)
    assert "BEGIN CERTIFICATE REQUEST" in request
    cli.refused("xCommand Certs Command: csr_create")
    for wrong in ("Keysize: 1024", "Keysize: 2048 Publickeyalgorithm: ECDSA", "subjectfields: '{\"X\": \"1\"}'", "subjectfields: '[1'", "Domain: a.com"):
        cli.refused(f"xCommand Certs Command: csr_create {wrong}")


def test_acme_by_the_command_line(edge, cli):
    cli.refused("xCommand ACMESettingsRead")
    assert '   AcmeManaged: "Disabled"' in edge.done("xCommand ACMESettingsRead")
    edge.done('xCommand ACMEProvidersWrite ProviderUuid: "Default" Email: "pki@ent-pa.com" TermsOfService: "Accepted"')
    assert '   Email: "pki@ent-pa.com"' in edge.done("xCommand ACMEProvidersRead")
    edge.refused('xCommand ACMEProvidersWrite ProviderUuid: "Default" Email: "pki@ent-pa.com"')
    edge.refused("xCommand ACMESettingsWrite AcmeManaged: Automated")
    edge.done('xCommand ACMESettingsWrite AcmeManaged: "Automated" RenewalSchedule: "{ "DaysOfWeek" :[ "Mon" ], "TimeOfDay" : "04:00" }" RenewKey: "Rotate"')
    assert '   RenewalSchedule: "{ "DaysOfWeek" :[ "Mon" ], "TimeOfDay" : "04:00" }"' in edge.done("xCommand ACMESettingsRead")
    for wrong in ("ACMESign", "ACMEDeploy", "ACMEGetPendingCert", "ACMEDeletePendingCert", "ACMESign Domain: a.com", "ACMERevoke CertPath: /tmp/x"):
        edge.refused(f"xCommand {wrong}")
    assert "disabled" in edge.refused("xCommand ACMEReset execute")
    edge.done("xCommand ACMESettingsWrite AcmeManaged: Disabled")
    edge.done("xCommand ACMEReset Action: execute")
    assert '   Email: ""' in edge.done("xCommand ACMEProvidersRead")


# ---- servers

@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """With Unified CM, IM and Presence and Unity Connection behind it."""
    running = with_servers(tmp_path_factory.mktemp("cli-servers"))
    yield running
    running.close()


@pytest.mark.parametrize(("flag", "verify"), [("", "Off"), (" CertValidationDisabled: On", "Off"), (" CertValidationDisabled: Off", "On")])
def test_a_plain_add_leaves_verification_off(servers, flag, verify):
    cli, api = Cli(servers), Api(servers)
    account = f'Axlusername: "{AXL_USER}" Axlpassword: "{AXL_PASSWORD}"'
    for name in ("us-cm-pub", "us-imp-pub", "us-cuc-pub"):
        api.upload("/certs/root", servers.call(lambda name=name: servers.world.node(name).certificates.served("https").certificate))
    cli.done(f'xCommand CUCMConfigAdd Address: "us-cm-pub.ent-pa.com" {account}{flag}')
    cli.done(f'xCommand XMPPDiscovery Address: "us-imp-pub.ent-pa.com" {account}{flag}')
    cli.done(f'xCommand UcxnConfigAdd Address: "us-cuc-pub.ent-pa.com" Username: "{AXL_USER}" Password: "{AXL_PASSWORD}"{flag}')
    assert [api.get(f"/controller/server/{table}")[0]["TlsVerify"] for table in ("cucm", "imp")] == [verify, verify]
    assert servers.call(lambda: api.peer.table("ucxn")["us-cuc-pub.ent-pa.com"]["TlsVerify"]) == verify
    cli.refused(f'xCommand CUCMConfigAdd Address: "us-cm-pub.ent-pa.com" {account}')
    for verb, name in (("CUCMConfigDelete", "us-cm-pub"), ("XMPPDelete", "us-imp-pub"), ("UcxnConfigDelete", "us-cuc-pub")):
        cli.done(f'xCommand {verb} Address: "{name}.ent-pa.com"')
        cli.refused(f'xCommand {verb} Address: "{name}.ent-pa.com"')
    assert AXL_PASSWORD not in str([vars(entry) for entry in servers.world.journal.entries() if entry.channel == "expressway_cli"])


def test_a_server_that_cannot_be_discovered_is_not_kept(servers):
    cli = Cli(servers)
    assert "Authentication" in cli.refused(f'xCommand CUCMConfigAdd Address: "us-cm-pub.ent-pa.com" Axlusername: "{AXL_USER}" Axlpassword: "wrong"')
    assert cli.done(f'xCommand CUCMMixedModeCheck Address: "us-cm-pub.ent-pa.com" Axlusername: "{AXL_USER}" Axlpassword: "{AXL_PASSWORD}"')[1] == (
        '   MixedMode: "False"')


# ---- xStatus, restart

def test_status_in_the_shape_that_public_programs_read(cli):
    answer = cli.run("xStatus SystemUnit")
    assert answer.startswith('*s SystemUnit: /\n     Product: "TANDBERG VCS"\n') and answer.endswith("*s/end\n\nOK\n")
    assert '       Version: "X15.4.0"' in answer
    assert cli.done("xStatus Alternates Peer 2 Status") == ['*s Alternates Peer 2 Status: "Active"']
    whole = cli.run("xStatus")
    assert "*s/end\n*s Zones: /\n" in whole and whole.count("*s/end") == whole.count(": /\n")


def test_a_restart_cuts_the_session(cli):
    before = cli.peer.restarts
    cli.done("xCommand Restart")
    with pytest.raises((EOFError, OSError)):
        while True:
            cli.run("xStatus SystemUnit")
    until(lambda: cli.peer.restarts > before)
    assert Cli(cli.lab).done("xStatus SystemUnit Product") == ['*s SystemUnit Product: "TANDBERG VCS"']


# ---- faults

def test_faults(cli):
    cli.lab.world.faults.add({"channel": "expressway_cli", "operation": "xCommand ZoneAdd", "action": "status"})
    assert "Internal error" in cli.refused("xCommand ZoneAdd ZoneName: one Type: DNS")
    cli.lab.world.faults.add({"channel": "expressway_cli", "operation": "xCommand ZoneAdd", "action": "drop", "phase": "after"})
    with pytest.raises((EOFError, OSError)):
        cli.run("xCommand ZoneAdd ZoneName: one Type: DNS")
    assert Cli(cli.lab).value("Zones Zone 1 Name") == "one", "it was done before the session was cut"


# ---- readings

def with_reading(lab, name: str, value: str) -> Cli:
    """A session under a reading."""
    lab.world.set_variant(name, value)
    return Cli(lab)


@pytest.mark.parametrize(("value", "end"), [("end", "*c/end\n\nOK\n"), ("blank", "\n\nOK\n"), ("stars", "** end\n\nOK\n")])
def test_what_ends_a_list(day0, value, end):
    cli = with_reading(day0, "expressway_cli_end", value)
    assert cli.run(f"xConfiguration {DEFAULT_ZONE}") == f'*c xConfiguration {DEFAULT_ZONE}: "Off"\n' + end.removeprefix("\n" if value == "blank" else "")
    assert cli.run("xStatus SystemUnit Product").endswith(end.replace("*c", "*s"))


@pytest.mark.parametrize(("value", "text"), [("ok", "OK\n"), ("blank_ok", "\nOK\n"), ("end_ok", "*c/end\n\nOK\n")])
def test_what_a_write_prints(day0, value, text):
    assert with_reading(day0, "expressway_cli_done", value).run(f"xConfiguration {DEFAULT_ZONE}: On") == text


@pytest.mark.parametrize(("value", "text"), [
    ("error", '*r ZoneDeleteResult (status=Error): /\n   Cause: "There is no Zones Zone 5"\n*r/end\n\nERROR\n'),
    ("status_then_ok", '*r ZoneDeleteResult (status=Error): /\n   Cause: "There is no Zones Zone 5"\n*r/end\n\nOK\n'),
    ("text", "There is no Zones Zone 5\n\nERROR\n")])
def test_how_a_failure_looks(day0, value, text):
    assert with_reading(day0, "expressway_cli_error", value).run("xCommand ZoneDelete ZoneId: 5") == text


@pytest.mark.parametrize(("value", "good", "bad"), [("joined", ["ZoneAdd", "zoneadd"], ["Zone Add"]), ("spaced", ["Zone Add"], ["ZoneAdd"]),
                                                    ("release", ["Zone Add"], ["ZoneAdd"]), ("both", ["ZoneAdd", "zone add"], [])])
def test_spelling_of_verbs(day0, value, good, bad):
    cli = with_reading(day0, "expressway_cli_verbs", value)
    for number, verb in enumerate(good):
        cli.done(f'xCommand {verb} ZoneName: "zone {number}" Type: DNS')
    for verb in bad:
        cli.refused(f"xCommand {verb} ZoneName: other Type: DNS")


@pytest.mark.parametrize(("value", "good"), [("accepted", True), ("refused", False)])
def test_a_quoted_choice(day0, value, good):
    cli = with_reading(day0, "expressway_cli_quoted_choice", value)
    (cli.done if good else cli.refused)(f'xConfiguration {DEFAULT_ZONE}: "On"')
    (cli.done if good else cli.refused)('xCommand ZoneAdd ZoneName: "one" Type: "DNS"')


@pytest.mark.parametrize(("value", "line"), [("all", '"Off"'), ("text_only", "Off")])
def test_quotes_in_output(day0, value, line):
    cli = with_reading(day0, "expressway_cli_output_quotes", value)
    assert cli.done(f"xConfiguration {DEFAULT_ZONE}") == [f"*c xConfiguration {DEFAULT_ZONE}: {line}"]
    assert cli.done("xConfiguration Alternates Cluster Name") == ['*c xConfiguration Alternates Cluster Name: "us-expc.ent-pa.com"']


@pytest.mark.parametrize(("value", "count"), [("listed", 6), ("left_out", 2)])
def test_settings_without_a_value(day0, value, count):
    lines = with_reading(day0, "expressway_cli_unset", value).done("xConfiguration Alternates")
    assert sum(" Peer " in line for line in lines) == count


@pytest.mark.parametrize(("value", "text"), [("banner", "TANDBERG Video Communication Server X15.4.0"), ("bare", "\nOK\n")])
def test_greeting(day0, value, text):
    greeting = with_reading(day0, "expressway_cli_greeting", value).greeting
    assert text in greeting and greeting.endswith("OK\n") and ("TANDBERG" in greeting) == (value == "banner")


# ---- release 12.5

def test_release_12_5(tmp_path):
    lab = started(tmp_path, "12.5", ("us-expc1",), number=1)
    try:
        cli = Cli(lab)
        cli.refused("xCommand Certs Command: csr_create")
        cli.refused("xConfiguration EdgeConfigServer VerifyOriginServer")
        lab.world.set_variant("expressway_cli_verbs", "release")
        cli.done("xCommand ZoneAdd ZoneName: one Type: DNS")
        assert "X12.5.0" in cli.greeting
    finally:
        lab.close()


def test_paramiko_is_offered_both_ways_to_log_in(day0):
    appliance = next(one for one in day0.world.appliances() if one.name == "us-expc1")
    transport = paramiko.Transport((appliance.address, appliance.ports["ssh"]))
    transport.start_client(timeout=10)
    with pytest.raises(paramiko.BadAuthenticationType) as refused:
        transport.auth_none("admin")
    assert sorted(refused.value.allowed_types) == ["keyboard-interactive", "password"]
    transport.close()
