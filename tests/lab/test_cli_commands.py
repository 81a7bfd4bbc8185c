"""What the commands of the simulated command line print and do (vos.md 1 to 3, transcripts 03 to 22)."""

from __future__ import annotations

import datetime
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from lab.ca.authority import Authority
from lab.core.keys import load_key
from lab.ucm.db import Database
from tests.lab.cli_client import Typist
from tests.lab.cli_client import connect
from tests.lab.cli_client import make_world
from tests.lab.cli_client import serving

CAPF = "Cisco Certificate Authority Proxy Function"
ESTATE = {"licence": {"registration": "Registered", "export_control": "ALLOWED"}, "backup": {"last_success": "2026-11-20T02:00:00Z"}}


class Desk:
    """A world whose command line is served, and a person at each node's terminal."""

    def __init__(self, world, running, servers, tmp_path):
        self.world, self.running, self.servers, self._tmp_path = world, running, servers, tmp_path
        self.node = world.node("us-cm-pub")
        self._clients = []

    def at(self, name="us-cm-pub"):
        """Log in, pager off."""
        client = connect(self.world.node(name), self._tmp_path)
        self._clients.append(client)
        typist = Typist(client)
        typist.until("admin:")
        typist.run("set cli pagination off")
        return typist

    def last(self):
        """The newest journal entry as (operation, kind, refused)."""
        entry = self.world.journal.entries()[-1]
        return entry.operation, entry.kind, entry.detail.get("refused")

    def close(self):
        """Hang up everywhere."""
        for client in self._clients:
            client.close()


def desk_of(tmp_path, **options):
    world = make_world(**{"estate": dict(ESTATE), "network": "127.78.3", **options})
    with serving(world) as (running, servers):
        desk = Desk(world, running, servers, tmp_path)
        try:
            yield desk
        finally:
            desk.close()


@pytest.fixture
def desk(tmp_path):
    yield from desk_of(tmp_path)


@pytest.fixture
def old_desk(tmp_path):
    yield from desk_of(tmp_path, release="12.5")


@pytest.fixture
def authority():
    world = make_world(nodes=("us-cm-pub",))
    return Authority(world.clock.now, lambda: load_key(world.keys.rsa()))


def pems(text):
    found = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)
    return [x509.load_pem_x509_certificate(one.replace("\r", "").encode()) for one in found]


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


# --- node and cluster


def test_network_cluster(desk):
    seen = desk.at().run("show network cluster")
    assert "127.78.3.1 us-cm-pub.ent-pa.com us-cm-pub Publisher callmanager DBPub authenticated\r\n" in seen
    assert re.search(r"127\.78\.3\.2 us-cm-sub1\.ent-pa\.com us-cm-sub1 Subscriber callmanager DBSub authenticated using TCP since \w+ \w+ \d+ ", seen)
    assert "Server Table (processnode) Entries" in seen


def test_network_cluster_in_other_layouts(desk):
    desk.world.set_variant("cli_network_cluster", "old")
    assert "us-cm-pub Publisher authenticated\r\n" in desk.at().run("show network cluster")
    desk.world.set_variant("cli_network_cluster", "wrapped")
    seen = desk.at().run("show network cluster")
    assert max(len(line) for line in seen.split("\r\n")) == 80
    assert "us-cm-sub1 Subscriber callmanager DBSub authenticated using TCP since" in seen.replace("\r\n", "")


def test_replication(desk):
    seen = desk.at().run("utils dbreplication runtimestate")
    assert "Replication status command COMPLETED. Checked 754 tables out of 754\r\n" in seen
    assert "No Errors or Mismatches found" in seen
    assert len(re.findall(r"us-cm-\w+ +127\.78\.3\.\d +[\d.]+ +Y/Y/Y +0 +\(g_\d\) +\(2\) Setup Completed\r\n", seen)) == 2


@pytest.mark.parametrize(
    ("state", "text"),
    [("broken", "(4) Setup Failed"), ("in-progress", "Replication status command in PROGRESS"), ("database-down", "Cisco DB is not running")],
)
def test_replication_ailing(desk, state, text):
    desk.world.set_variant("replication_state", state)
    assert text in desk.at().run("utils dbreplication runtimestate")


def test_replication_on_a_single_node(tmp_path):
    for desk in desk_of(tmp_path, nodes=("us-cm-pub",), network="127.78.4"):
        assert "cannot be performed on a cluster with a single active node" in desk.at().run("utils dbreplication runtimestate")


def test_licence(desk):
    seen = desk.at().run("show license all")
    assert "  Status: REGISTERED\r\n" in seen and "  Export-Controlled Functionality: Allowed\r\n" in seen
    desk.node.cluster.estate["licence"] = {"registration": "Unregistered", "export_control": "NOT ALLOWED"}
    seen = desk.at().run("show license status")
    assert "  Status: UNREGISTERED\r\n" in seen and "  Export-Controlled Functionality: Not Allowed\r\n" in seen


def test_backup_history(desk):
    terminal = desk.at()
    seen = terminal.run("utils disaster_recovery history backup")
    row = next(line for line in seen.splitlines() if ".tar" in line).split()
    assert row[:9] == ["2026-11-20-02-00-00.tar", "NETWORK", "Fri", "Nov", "20", "02:00:00", "UTC", "2026", "SUCCESS"]
    desk.world.set_variant("cli_backup_history", "no-history")
    assert "drfCliMsg:  No history data is available" in terminal.run("utils disaster_recovery history Backup")
    assert "unsuccessfully" in terminal.run("utils disaster_recovery history everything")


def test_backup_history_relative_to_the_start_of_the_lab(desk):
    desk.node.cluster.estate["backup"] = {"hours_ago": 6}
    then = desk.servers["us-cm-pub"].since - datetime.timedelta(hours=6)
    assert f"{then:%Y-%m-%d-%H-%M-%S}.tar" in desk.at().run("utils disaster_recovery history backup")
    desk.node.cluster.estate["backup"] = {}
    assert "No history data" in desk.at().run("utils disaster_recovery history backup")


# --- services


def test_service_list(desk):
    seen = desk.at().run("utils service list")
    assert "Cisco Tomcat[STARTED]\r\n" in seen
    assert f"{CAPF}[STOPPED]  Service Not Activated\r\n" in seen
    assert seen.endswith("Primary Node =true\r\nCommand successful\r\n\radmin:")
    subscriber = desk.at("us-cm-sub1")
    assert "Cisco DRF Master[STOPPED]  Commanded Out of Service" in subscriber.run("utils service list")
    subscriber.send("utils service list page\n")
    subscriber.until("to quit\x1b[0m")
    subscriber.send("q")
    subscriber.until("admin:")


def test_restart_prints_states_and_takes_until_it_is_up(desk):
    before = desk.node.services.find("Cisco Tomcat").starts
    seen = desk.at().run("utils service restart Cisco Tomcat")
    states = re.findall(r"Cisco Tomcat\[(\w+)\]  \r\n", seen)
    assert states[0] == "STOPPING" and "STARTING" in states and states[-2:] == ["STARTED", "STARTED"]
    assert "Don't press Ctrl-c while the service is getting RESTARTED" in seen and "Service Manager is running" in seen
    assert desk.node.services.find("Cisco Tomcat").starts == before + 1
    assert desk.last() == ("utils service restart Cisco Tomcat", "write", None)


def test_restart_whose_prompt_comes_early(desk):
    desk.world.set_variant("cli_restart_prompt", "after-starting")
    seen = desk.at().run("utils service restart Cisco Tomcat")
    assert re.findall(r"\[(\w+)\]", seen)[-1] == "STARTING"


def test_a_service_that_never_comes_back(desk):
    desk.world.faults.add({"action": "never", "channel": "services", "operation": "restart Cisco Tomcat"})
    seen = desk.at().run("utils service restart Cisco Tomcat")
    assert "STARTED]" not in seen


def test_a_restart_goes_on_when_the_session_is_gone(desk):
    terminal = desk.at()
    terminal.send("utils service restart Cisco Tomcat\n")
    terminal.until("[STOPPING]  \r\n")
    desk.running.call(desk.servers["us-cm-pub"].drop)
    terminal.closed()
    again = desk.at()
    for _look in range(200):
        if "Cisco Tomcat[STARTED]" in again.run("utils service list"):
            break
    assert desk.node.services.find("Cisco Tomcat").starts == 2


@pytest.mark.parametrize(
    "command", ["utils service restart Cisco Nothing", f"utils service restart {CAPF}", "utils service activate Cisco Tomcat", "utils service stop"]
)
def test_services_that_cannot_be_controlled(desk, command):
    assert "Executed command unsuccessfully" in desk.at().run(command)
    assert desk.last()[1] == "write" and desk.last()[2]


@pytest.mark.parametrize("way", ["states", "sentence"])
def test_activate_and_deactivate(desk, way):
    desk.world.set_variant("cli_service_activate", way)
    terminal = desk.at()
    terminal.run(f"utils service activate {CAPF}")
    assert f"{CAPF}[STARTED]\r\n" in terminal.run("utils service list")
    terminal.run(f"utils service deactivate {CAPF}")
    assert f"{CAPF}[STOPPED]  Service Not Activated\r\n" in terminal.run("utils service list")


def test_stop_and_start(desk):
    terminal = desk.at()
    assert "Cisco CDP[STOPPED]" in terminal.run("utils service stop Cisco CDP")
    assert "Cisco CDP[STOPPED]  Commanded Out of Service" in terminal.run("utils service list")
    assert "Cisco CDP[STARTED]" in terminal.run("utils service start Cisco CDP")


# --- certificates


def test_cert_list_own_as_in_the_transcript(desk):
    seen = desk.at().run("show cert list own")
    lines = seen.split("\r\n")[1:-1]
    assert lines[0] == "tomcat/tomcat.pem: Self-signed certificate generated by system"
    assert [line.split("/")[0] for line in lines] == ["tomcat", "tomcat-ECDSA", "ipsec", "ITLRecovery", "CallManager-ECDSA", "CallManager", "CAPF", "TVS"]


@pytest.mark.parametrize("name", ["CallManager", "CallManager/CallManager.pem"])
def test_cert_own_ends_with_the_pem(desk, name):
    seen = desk.at().run(f"show cert own {name}")
    assert [pem(one) for one in pems(seen)] == [desk.node.certificates.identity("CallManager").certificate]
    assert "IssuerDN: CN=" in seen and "Final Date: " in seen


def test_older_releases_print_other_labels(old_desk):
    seen = old_desk.at().run("show cert own tomcat")
    assert "Issuer Name: CN=us-cm-pub.ent-pa.com, OU=UC" in seen
    assert re.search(r" To: +\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}\r\n", seen)
    assert re.search(r"\r\n  Serial Number: [0-9A-F]+\r\n", seen) and re.search(r"\r\n  00f0: ([0-9a-f]{2} ){16}\[.{16}\]\r\n\r\n\]-----BEGIN", seen)
    assert len(pems(seen)) == 1


def test_trust_list_and_each_of_its_files(desk):
    terminal = desk.at()
    listed = [line.split(": ")[0] for line in terminal.run("show cert list trust").split("\r\n") if ".pem: " in line]
    assert listed
    for path in listed:
        seen = terminal.run(f"show cert trust {path}")
        assert "SubjectDN: " in seen and pems(seen) == []
    desk.world.set_variant("cli_cert_trust_pem", "present")
    assert len(pems(terminal.run(f"show cert trust {listed[0]}"))) == 1
    assert "unsuccessfully" in terminal.run("show cert trust tomcat-trust/nothing.pem")


@pytest.mark.parametrize(("spacing", "text"), [("one", "Successfully Generated CSR for tomcat.\r\n"), ("two", "Successfully Generated CSR  for tomcat\r\n")])
def test_csr_with_the_ou_question(desk, spacing, text):
    desk.world.set_variant("cli_csr_spacing", spacing)
    terminal = desk.at()
    terminal.send("set csr gen tomcat\n")
    terminal.until("Include OU in CSR (yes|no)?")
    terminal.send("no\r")
    assert text in terminal.until("\radmin:")
    seen = terminal.run("show csr own tomcat")
    request = x509.load_pem_x509_csr(seen[seen.index("-----BEGIN") : seen.rindex("-----") + 5].replace("\r", "").encode())
    assert not request.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
    assert "tomcat/tomcat.csr\r\n" in terminal.run("show csr list own")


def test_csr_of_12_5_asks_nothing_and_has_the_ou(old_desk):
    assert "Successfully Generated CSR for CallManager." in old_desk.at().run("set csr gen CallManager")
    request = x509.load_pem_x509_csr(old_desk.node.certificates.request("CallManager").csr.encode())
    assert request.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)


@pytest.mark.parametrize(
    ("label", "text"), [("sign-request", "-----BEGIN CERTIFICATE SIGN REQUEST-----"), ("new-request", "-----BEGIN NEW CERTIFICATE REQUEST-----")]
)
def test_csr_labels(old_desk, label, text):
    old_desk.world.set_variant("cli_csr_label", label)
    terminal = old_desk.at()
    terminal.run("set csr gen tomcat")
    assert text in terminal.run("show csr own tomcat/tomcat.csr")


def test_no_csr(desk):
    assert "/usr/local/platform/.security/tomcat/keys/tomcat.csr does not exist" in desk.at().run("show csr own tomcat")


@pytest.mark.parametrize(("ending", "by_empty_line"), [("\n", False), ("\r\n", False), ("\n\r\n", True)])
def test_import_trust_and_identity_by_paste(old_desk, authority, ending, by_empty_line):
    old_desk.world.set_variant("cli_paste_end", "empty-line" if by_empty_line else "end-line")
    terminal = old_desk.at()

    def paste(command, text):
        terminal.send(command + "\n")
        terminal.until("Paste the Certificate and Hit Enter\r\n")
        terminal.send(text.rstrip("\n") + ending)
        return terminal.until("\radmin:")

    for authority_certificate in authority.chain:
        assert "Successfully imported certificate for tomcat." in paste("set cert import trust tomcat", pem(authority_certificate))
    terminal.run("set csr gen tomcat")
    issued = authority.sign_request(old_desk.node.certificates.request("tomcat").csr, "CollabServer").certificate
    assert "Please restart services related to tomcat for the new certificate to become active." in paste("set cert import own tomcat", issued)
    assert "tomcat/tomcat.pem: Certificate Signed by Enterprise Issuing CA 1\r\n" in terminal.run("show cert list own")
    assert "BEGIN" not in str(old_desk.world.journal.entries())


def test_import_refusals_come_in_the_products_words(old_desk, authority):
    terminal = old_desk.at()

    def paste(command, text):
        terminal.send(command + "\n")
        terminal.until("Paste the Certificate and Hit Enter\r\n")
        terminal.send(text)
        return terminal.until("\radmin:")

    terminal.run("set csr gen tomcat")
    issued = authority.sign_request(old_desk.node.certificates.request("tomcat").csr, "CollabServer").certificate
    seen = paste("set cert import own tomcat", issued)
    assert "CA certificate is not available in the trust-store\r\nExecuted command unsuccessfully\r\n" in seen
    assert old_desk.last() == ("set cert import own tomcat", "write", "CA certificate is not available in the trust-store")
    assert "Certificate is not in PEM format" in paste("set cert import trust tomcat", "rubbish\n\n")
    assert "unsuccessfully" in terminal.run("set cert import own tomcat tomcat-trust/nothing.pem")
    assert "unsuccessfully" in terminal.run("set cert import own nothing")


def test_multi_server_certificates_do_not_go_through_the_command_line(desk, authority):
    desk.running.call(lambda: desk.node.certificates.generate_request("tomcat", "multi-server"))
    issued = authority.sign_request(desk.node.certificates.request("tomcat").csr, "CollabServer").certificate
    terminal = desk.at()
    terminal.send("set cert import own tomcat\n")
    terminal.until("Hit Enter\r\n")
    terminal.send(issued)
    assert "Multi-server (SAN) certificates cannot be imported" in terminal.until("\radmin:")


def test_interrupting_a_paste(desk):
    terminal = desk.at()
    terminal.send("set cert import trust tomcat\n")
    terminal.until("Hit Enter\r\n")
    terminal.send("\x03")
    assert "Executed command unsuccessfully" in terminal.until("\radmin:")


def test_regenerate(desk):
    terminal = desk.at()
    before = desk.node.certificates.identity("tomcat").certificate
    assert "Successfully regenerated certificate for tomcat." in terminal.run("set cert regen tomcat")
    assert desk.node.certificates.identity("tomcat").certificate != before
    terminal.send("set cert regen ITLRecovery\n")
    terminal.until("Proceed with regeneration (yes|no)? ")
    terminal.send("yes\n")
    assert "Successfully Regenerated Certificate for ITLRecovery." in terminal.until("\radmin:")


@pytest.mark.parametrize("asks", [False, True])
def test_delete_from_a_trust_store(desk, authority, asks):
    desk.world.set_variant("cli_cert_delete", "asks" if asks else "silent")
    entry = desk.running.call(lambda: desk.node.certificates.upload_trust("tomcat", pem(authority.root)))[0]
    terminal = desk.at()
    terminal.send(f"set cert delete tomcat {entry.filename}\n")
    if asks:
        terminal.until("(yes|no)? ")
        terminal.send("yes\r")
    terminal.until("\radmin:")
    assert entry.filename not in terminal.run("show cert list trust")
    assert "unsuccessfully" in terminal.run(f"set cert delete tomcat {entry.filename}")


# --- mixed mode and SIP OAuth


def test_no_ctl(desk):
    assert "Length of CTL file: 0\r\nCTL File not found . Please run CTLClient plugin" in desk.at().run("show ctl")


def enable_capf(desk, terminal):
    terminal.run(f"utils service activate {CAPF}")


def answered(terminal, command, question, answer):
    terminal.send(command + "\n")
    terminal.until(question)
    terminal.send(answer)
    return terminal.until("\radmin:")


def test_mixed_mode_and_the_ctl(desk):
    terminal = desk.at()
    enable_capf(desk, terminal)
    seen = answered(terminal, "utils ctl set-cluster mixed-mode", "Do you want to continue? (y/n):", "y")
    assert seen.startswith("y\r\nMoving Cluster to Mixed Mode\r\nCluster set to Mixed Mode\r\n")
    assert desk.node.cluster.security.mixed
    seen = terminal.run("show ctl")
    assert seen.count("CTL Record #:") == 5 and "The CTL file was verified successfully.\r\n" in seen
    functions = re.findall(r"FUNCTION +2 +(.*?)\r\n", seen)
    assert functions == ["System Administrator Security Token", "System Administrator Security Token", "CCM+TFTP", "CCM+TFTP", "CAPF"]
    number = f"{x509.load_pem_x509_certificate(desk.node.certificates.identity('CallManager').certificate.encode()).serial_number:X}"
    serials = re.findall(r"SERIALNUMBER +\d+ +([0-9A-F:]+)\r\n", seen)
    assert number in [text.replace(":", "").lstrip("0") for text in serials]
    assert seen.count("This etoken was used to sign the CTL file.") == 1
    seen = answered(terminal, "utils ctl update CTLFile", "(y/n):", "y")
    assert "Updating CTL file\r\nCTL file Updated\r\n" in seen
    seen = answered(terminal, "utils ctl set-cluster non-secure-mode", "(y/n):", "y")
    assert "Cluster set to Non Secure Mode" in seen and not desk.node.cluster.security.mixed
    assert "CTL Record #:1" in terminal.run("show ctl")


def test_mixed_mode_answered_no_changes_nothing(desk):
    terminal = desk.at()
    answered(terminal, "utils ctl set-cluster mixed-mode", "(y/n):", "n")
    assert not desk.node.cluster.security.mixed


def test_a_second_mixed_mode_says_so_and_asks_again(desk):
    terminal = desk.at()
    enable_capf(desk, terminal)
    answered(terminal, "utils ctl set-cluster mixed-mode", "(y/n):", "y")
    terminal.send("utils ctl set-cluster mixed-mode\n")
    assert "already in Mixed Mode" in terminal.until("(y/n):")
    terminal.send("n")
    terminal.until("\radmin:")


def test_the_key_may_need_an_enter(desk):
    desk.world.set_variant("cli_yes_no_key", "line")
    terminal = desk.at()
    enable_capf(desk, terminal)
    assert "Cluster set to Mixed Mode" in answered(terminal, "utils ctl set-cluster mixed-mode", "(y/n):", "y\r")


def test_mixed_mode_refusals(desk):
    terminal = desk.at()
    seen = answered(terminal, "utils ctl set-cluster mixed-mode", "(y/n):", "y")
    assert "Executed command unsuccessfully" in seen and not desk.node.cluster.security.mixed
    assert "Proxy Function" in desk.last()[2]
    seen = answered(desk.at("us-cm-sub1"), "utils ctl set-cluster mixed-mode", "(y/n):", "y")
    assert "Publisher" in seen and "Executed command unsuccessfully" in seen


@pytest.mark.parametrize("way", ["plain", "asks", "silent"])
def test_sip_oauth(desk, way):
    desk.world.set_variant("cli_sipoauth", way)
    terminal = desk.at()
    for verb, enabled in (("enable", True), ("disable", False)):
        terminal.send(f"utils sipOAuth-mode {verb}\n")
        if way == "asks":
            terminal.until("(yes/no)? ")
            terminal.send("yes\r")
        seen = terminal.until("\radmin:")
        assert "unsuccessfully" not in seen
        assert desk.node.cluster.security.oauth is enabled
        assert desk.last()[1] == "write"
        assert f"SIP OAuth mode is {verb}d" in terminal.run("utils sipOAuth-mode status")
        assert desk.last()[1] == "read"


def test_sip_oauth_refusals(desk):
    assert "unsuccessfully" in desk.at("us-cm-sub1").run("utils sipOAuth-mode enable")
    desk.node.cluster.estate["licence"] = {"registration": "Registered", "export_control": "NOT ALLOWED"}
    assert "unsuccessfully" in desk.at().run("utils sipOAuth-mode enable")
    assert "unsuccessfully" in desk.at().run("utils sipOAuth-mode maybe")
    assert not desk.node.cluster.security.oauth


def test_slow_keys_lose_what_is_typed_too_fast(desk):
    desk.world.set_variant("cli_typing", "slow-keys")
    desk.world.set_variant("cli_sipoauth", "asks")
    terminal = desk.at()
    terminal.send("utils sipOAuth-mode enable\n")
    terminal.until("(yes/no)? ")
    terminal.send("yes\r")
    terminal.until("y")
    for key in "es\r":
        desk.running.do(desk.world.clock.sleep(1))
        terminal.send(key)
        terminal.until(key.strip() or "\r\n") if key != "\r" else None
    terminal.until("\radmin:")
    assert desk.node.cluster.security.oauth


def test_itl(desk):
    seen = desk.at("us-cm-sub1").run("show itl")
    assert "ITL Record #:1" in seen and "The ITL file was verified successfully.\r\n" in seen and "FUNCTION        2       TVS" in seen


# --- run sql


@pytest.fixture
def with_database(desk):
    cluster = desk.node.cluster
    cluster.db = desk.running.call(lambda: Database(cluster))
    yield desk
    desk.running.call(cluster.db.close)


def test_run_sql_as_in_the_transcript(with_database):
    terminal = with_database.at()
    statement = "run sql select paramname,paramvalue from processconfig where paramname='ClusterSecurityMode'"
    lines = terminal.run(statement).split("\r\n")[1:]
    assert [line.split() for line in lines[:3]] == [["paramname", "paramvalue"], ["=" * 19, "=" * 10], ["ClusterSecurityMode", "0"]]
    assert with_database.last() == (statement, "read", None)


def test_run_sql_sees_what_mixed_mode_wrote(with_database):
    terminal = with_database.at()
    enable_capf(with_database, terminal)
    answered(terminal, "utils ctl set-cluster mixed-mode", "(y/n):", "y")
    seen = terminal.run("run sql select paramvalue from processconfig where paramname='ClusterSecurityMode'")
    assert seen.split("\r\n")[3].strip() == "1"


@pytest.mark.parametrize(("way", "header"), [("header", True), ("nothing", False)])
def test_run_sql_without_rows(with_database, way, header):
    with_database.world.set_variant("cli_sql_empty", way)
    seen = with_database.at().run("run sql select name from device where name = 'no such device'")
    assert ("name\r\n====\r\n" in seen) is header


@pytest.mark.parametrize("statement", ["", "select nothing from nowhere", "delete from device", "selct x"])
def test_run_sql_refuses(with_database, statement):
    assert "Executed command unsuccessfully" in with_database.at().run(f"run sql {statement}".strip())


def test_auto_registration_is_mentioned(with_database):
    cluster = with_database.node.cluster
    with_database.running.call(lambda: cluster.db.run("update callmanager set autoregistration = 't'"))
    terminal = with_database.at()
    terminal.send("utils ctl set-cluster mixed-mode\n")
    assert "Auto-registration is enabled on at least one CM node." in terminal.until("(y/n):")
    terminal.send("n")
    terminal.until("\radmin:")
