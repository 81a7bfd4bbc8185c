"""The command line of routers: logins by stock clients, modes and prompts, lines taken and refused, the configuration as it is printed."""

from __future__ import annotations

import socket
import subprocess
import time

import paramiko
import pytest
from cryptography import x509
from netmiko import ConnectHandler

from lab.core.client import ControlError
from lab.core.control import Control
from lab.ios import config
from tests.lab.ios_lab import ENABLE
from tests.lab.ios_lab import PASSWORD
from tests.lab.ios_lab import USER
from tests.lab.ios_lab import Person
from tests.lab.ios_lab import appliance
from tests.lab.ios_lab import enrolled
from tests.lab.ios_lab import hang_up
from tests.lab.ios_lab import known_hosts
from tests.lab.ios_lab import started

MARKER = "% Invalid input detected at '^' marker.\n\n"


@pytest.fixture(scope="module", params=["17.9", "15.7"])
def release(request):
    """Each release in turn."""
    return request.param


@pytest.fixture(scope="module")
def lab(tmp_path_factory, release):
    """Routers alone."""
    running = started(tmp_path_factory.mktemp("ios"), release, speed=60000.0)
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
    lab.call(lambda: [one.doors.close() for one in lab.world.appliances()])


@pytest.fixture
def person(day0, tmp_path):
    """Somebody at us-cube1, enabled."""
    someone = Person(day0, tmp_path)
    yield someone
    someone.close()


# ---- logins

def test_login_takes_the_account_alone(day0, tmp_path):
    Person(day0, tmp_path, enable=False).close()
    with pytest.raises(paramiko.AuthenticationException):
        Person(day0, tmp_path, enable=False, password="wrong")
    assert any(entry.detail.get("refused") == "wrong user name or password" for entry in day0.world.journal.entries())


def test_enable_asks_three_times(day0, tmp_path):
    someone = Person(day0, tmp_path, enable=False)
    assert someone.say("enable", "Password: ", "#").endswith("Password: ")
    someone.say("Wr0ng-1", "Password: ")
    someone.say("Wr0ng-1", "Password: ")
    assert "% Bad secrets" in someone.run("Wr0ng-1")
    assert "Wr0ng-1" not in str(day0.world.journal.entries())


def test_user_mode_knows_no_configuration(day0, tmp_path):
    someone = Person(day0, tmp_path, enable=False)
    assert MARKER in someone.run("configure terminal")
    assert "Processor board ID" in someone.run("show version | include Processor")


def test_a_login_may_be_privileged_at_once(day0, tmp_path):
    day0.world.set_variant("ios_login_privilege", "15")
    assert "level is 15" in Person(day0, tmp_path).run("show privilege")


def test_netmiko_reads_a_long_configuration_whole(day0, release):
    router = appliance(day0).state
    lines = [f"access-list 101 permit tcp host 10.0.{number // 250}.{number % 250} any" for number in range(5000)]
    rules = config.rules("config", router.release)
    for line in lines:
        match = config.understand(line, [rule.syntax for rule in rules])
        config.write(router.config, rules[match.number], match, router.release)
    with ConnectHandler(device_type="cisco_ios", host=router.appliance.address, port=20022, username=USER, password=PASSWORD, secret=ENABLE) as client:
        client.enable()
        began = time.monotonic()
        text = client.send_command("show running-config", expect_string=r"(?:^|\n)us-cube1#\s*$", read_timeout=30)
        assert time.monotonic() - began < 10
        assert [line for line in text.splitlines() if line.startswith("access-list")] == lines and text.rstrip().endswith("end")
        # The name of a certificate's file looks like a prompt: a search that is not bound to a whole line may end there.
        assert "nvram:us-cube1#1.cer" in text


@pytest.mark.parametrize("old_ssh", ["also_sha2", "sha1_only"])
def test_openssh_runs_one_command(day0, tmp_path, release, old_ssh):
    node = appliance(day0)
    day0.world.set_variant("ios_old_ssh", old_ssh)
    day0.call(node.doors.close)
    day0.do(day0._lab.resync())
    modern = release != "15.7" or old_ssh == "also_sha2"
    old = [] if modern else ["-oKexAlgorithms=+diffie-hellman-group14-sha1", "-oHostKeyAlgorithms=+ssh-rsa", "-oMACs=+hmac-sha1"]
    script = tmp_path / "askpass"
    script.write_text(f"#!/bin/sh\necho {PASSWORD}\n")
    script.chmod(0o700)
    command = ["ssh", "-F", "none", "-p", str(node.ports["ssh"]), f"-oUserKnownHostsFile={known_hosts(day0, tmp_path / 'hosts')}",
               "-oStrictHostKeyChecking=yes",
               "-oPreferredAuthentications=password", *old, f"{USER}@{node.address}", "show version"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False,
                          env={"SSH_ASKPASS": str(script), "SSH_ASKPASS_REQUIRE": "force", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    assert "Cisco IOS" in done.stdout, done.stderr
    if old:
        command = [part for part in command if not part.startswith(("-oKex", "-oHostKey", "-oMACs"))]
        assert "no matching" in subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False).stderr


# ---- lines

def test_prompts_of_modes(person):
    person.channel.sendall(b"configure terminal\nvoice service voip\nsip\nip address trusted list\ndial-peer voice 5 voip\nexit\nend\n")
    seen = person.until("us-cube1#")
    for mode in ("config", "conf-voi-serv", "conf-serv-sip", "cfg-iptrust-list", "config-dial-peer"):
        assert f"us-cube1({mode})#" in seen


def test_what_no_mode_knows_is_pointed_at(person):
    person.run("configure terminal")
    assert person.run("sip-ua") == ""
    assert person.run("crypto signaling default truspoint X") == " " * (len("us-cube1(config-sip-ua)#crypto signaling default trus")) + "^\n" + MARKER
    assert person.run("transport") == "% Incomplete command.\n\n"
    assert person.run("tr") == "% Incomplete command.\n\n" or person.run("t").startswith("% Ambiguous")
    assert person.lab.world.unknown == 1


def test_shortened_words_are_printed_in_full(person):
    person.configure("dial-p v 7 voip", "sess prot sipv2", "sess trans tcp tls", "dest 9T")
    assert person.run("show running-config | section dial-peer voice 7") == (
        "dial-peer voice 7 voip\n destination-pattern 9T\n session protocol sipv2\n session transport tcp tls\n")


def test_defaults_are_not_printed_and_one_only_when_off(person):
    person.configure("voice service voip", "no ip address trusted authenticate", "sip", "srtp-auth sha1-32", "session transport udp")
    section = person.run("show running-config | section voice service voip")
    assert " no ip address trusted authenticate\n" in section and "srtp-auth" not in section and "session transport" not in section
    person.configure("voice service voip", "ip address trusted authenticate")
    assert "trusted authenticate" not in person.running()
    assert "Operation State:      UP" in person.run("show ip address trusted list")


def test_order_is_the_devices_own(person):
    person.configure("dial-peer voice 7 voip", "srtp", "no vad", "dtmf-relay rtp-nte", "session protocol sipv2", "description x y  z")
    assert person.run("show running-config | section dial-peer voice 7").splitlines()[1:] == [
        " description x y  z", " session protocol sipv2", " dtmf-relay rtp-nte", " srtp", " no vad"]


def test_a_line_of_an_outer_mode_leaves_the_inner_one(person):
    person.configure("voice service voip", "sip", "early-offer forced", "ip address trusted list", "ipv4 10.9.9.9", "address-hiding")
    text = person.run("show running-config | section voice service voip")
    assert "  ipv4 10.9.9.9\n" in text and "\n address-hiding\n" in text


def test_lines_of_later_releases(person, release):
    found = person.configure("voice class srtp-crypto 1", "voice class tls-profile 1")
    assert all(MARKER in text for text in found) == (release == "15.7")
    deprecated = person.configure("voice service voip", "mode border-element license capacity 50")[1]
    assert ("deprecated" in deprecated) == (release != "15.7") and "save and reload" in deprecated


def test_srtp_auth_may_be_gone(person, release):
    person.lab.world.set_variant("ios_srtp_auth", "gone")
    refused = person.configure("dial-peer voice 7 voip", "voice-class sip srtp-auth sha1-80")[1]
    assert (MARKER in refused) == (release != "15.7")


def test_pager_and_terminal(day0, tmp_path):
    someone = Person(day0, tmp_path, enable=False)
    someone.say("enable", "Password: ")
    someone.say(ENABLE, "#")
    assert someone.say("show running-config", " --More-- ").count("\n") == 24
    someone.channel.sendall(b" ")
    someone.until(" --More-- ")
    someone.channel.sendall(b"q")
    someone.until("us-cube1#")
    someone.run("terminal length 0")
    assert "--More--" not in someone.running()


def test_trusted_addresses_may_be_printed_with_a_mask(person):
    person.configure("voice service voip", "ip address trusted list", "ipv4 10.9.9.9")
    assert "\n  ipv4 10.9.9.9\n" in person.running()
    person.lab.world.set_variant("ios_trusted_mask", "host_mask")
    assert "\n  ipv4 10.9.9.9 255.255.255.255\n" in person.running()


def test_blocks_may_follow_each_other_at_once(person):
    person.lab.world.set_variant("ios_separators", "few")
    assert "!" not in person.run("show startup-config").splitlines()[2:]
    assert "\ndial-peer voice 1 voip\n" in person.running()


def test_a_trusted_network_by_its_length(person, release):
    said = person.configure("voice service voip", "ip address trusted list", "ipv4 10.7.7.0/24")[2]
    assert (MARKER in said) == (release == "15.7")
    assert ("\n  ipv4 10.7.7.0 255.255.255.0\n" in person.running()) == (release != "15.7")
    if release != "15.7":
        assert "Invalid address" in person.configure("voice service voip", "ip address trusted list", "ipv4 10.7.7.0/99")[2]
        person.configure("voice service voip", "ip address trusted list", "no ipv4 10.7.7.0/24")
        assert "10.7.7.0" not in person.running()


def test_banners_of_several_lines(person, tmp_path):
    person.run("configure terminal")
    assert "End with the character '#'" in person.say("banner login #", "'#'.\n")
    person.channel.sendall(b"Nobody but us\nus-cube1> is watched\n")
    assert person.run("#") != "" and person.run("banner motd ^Cdial-peer voice 9 voip^C") == ""
    person.run("end")
    text = person.running()
    assert "\nbanner login ^C\nNobody but us\nus-cube1> is watched\n^C\nbanner motd ^Cdial-peer voice 9 voip^C\n!\nline con 0\n" in text
    person.lab.world.set_variant("ios_login_privilege", "15")
    other = Person(person.lab, tmp_path)
    assert other.client.get_transport().get_banner().decode().startswith("Nobody but us")
    other.close()
    person.configure("no banner login", "no banner motd")
    assert "banner" not in person.running()


@pytest.mark.parametrize("old_ssh", ["also_sha2", "sha1_only"])
def test_paramiko_of_today_knows_no_sha1(day0, tmp_path, release, old_ssh):
    """Which is why the collection needs an older one for IOS 15."""
    day0.world.set_variant("ios_old_ssh", old_ssh)
    day0.call(appliance(day0).doors.close)
    day0.do(day0._lab.resync())
    if release == "15.7" and old_ssh == "sha1_only" and int(paramiko.__version__.split(".")[0]) >= 5:
        with pytest.raises(paramiko.SSHException, match="no acceptable"):
            Person(day0, tmp_path)
    else:
        assert "Cisco IOS" in Person(day0, tmp_path).run("show version")


# ---- saving, going back, restarting

def test_what_is_not_saved_is_gone_after_a_restart(person):
    person.configure("dial-peer voice 7 voip", "description kept")
    assert person.run("write memory") == "Building configuration...\n[OK]\n" and person.router.is_saved
    person.configure("dial-peer voice 8 voip")
    assert not person.router.is_saved
    assert "modified" in person.say("reload", "[yes/no]: ")
    person.say("no", "[confirm]")
    person.restarted()
    text = "\n".join(config.printed(person.router.config))
    assert "dial-peer voice 7 voip" in text and "dial-peer voice 8 voip" not in text and person.router.restarts == 1


def test_copy_to_the_startup_configuration(person):
    person.configure("dial-peer voice 7 voip")
    assert person.say("copy running-config startup-config", "? ").endswith("Destination filename [startup-config]? ")
    assert "[OK]" in person.run("") and "dial-peer voice 7 voip" in person.run("show startup-config")


def test_a_guarded_change_goes_back_unless_it_is_confirmed(person):
    assert "Backing up" in person.run("configure terminal revert timer 10")
    person.run("dial-peer voice 7 voip")
    person.run("end")
    assert "dial-peer voice 7 voip" in person.running()
    person.lab.call(lambda: person.lab.world.clock.advance(600))
    person.lab.do(person.lab.world.quiet())
    assert "dial-peer voice 7 voip" not in person.running()
    person.run("configure terminal revert timer 120")
    person.run("dial-peer voice 7 voip")
    person.run("end")
    assert person.run("configure confirm") == ""
    assert "dial-peer voice 7 voip" in person.running()


def test_a_guarded_change_needs_the_archive(person):
    person.configure("no archive")
    assert person.run("configure terminal revert timer 10") == "%Please turn config archive on\n\n"


# ---- journal, faults, log lines

def test_the_journal_knows_reads_from_writes_and_no_secret(person):
    since = len(person.lab.world.journal)
    person.run("show version")
    person.configure("sip-ua", "credentials username trunk password 0 S3cret-1 realm ent-pa.com", "authentication username trunk password S3cret-2")
    entries = person.lab.world.journal.entries(since)
    assert [(entry.operation, entry.kind) for entry in entries] == [
        ("show version", "read"), ("configure terminal", "write"), ("sip-ua", "write"),
        ("credentials username trunk password 0 *** realm ent-pa.com", "write"), ("authentication username trunk password ***", "write"), ("end", "read")]


@pytest.mark.parametrize(("action", "body"), [("status", "% Error: no memory"), ("question", "% Is this wise? [yes/no]: ")])
def test_a_fault_at_a_line(person, action, body):
    person.lab.world.faults.add({"channel": "ios_cli", "operation": "dial-peer voice 7*", "action": action, "body": body})
    person.run("configure terminal")
    if action == "question":
        assert person.say("dial-peer voice 7 voip", body).endswith(body)
        person.run("no")
    else:
        assert person.run("dial-peer voice 7 voip") == f"{body}\n"
    person.run("end")
    assert "dial-peer voice 7 voip" not in person.running()


def test_a_fault_cuts_the_session(person):
    person.lab.world.faults.add({"channel": "ios_cli", "operation": "show running-config", "action": "truncate", "phase": "after"})
    with pytest.raises((EOFError, socket.timeout)):
        person.running()


def test_log_lines_come_between(person):
    person.lab.world.set_variant("ios_vty_logging", "until_no_monitor")
    other = Person(person.lab, person.lab._lab.directory, "us-cube1")
    assert "%SYS-6-LOGGINGHOST_STARTSTOP" in other.running()
    other.channel.sendall(b"configure terminal\nend\n")
    assert "%SYS-5-CONFIG_I" in other.until("on vty0\n")
    other.run("terminal no monitor")
    assert "%SYS" not in other.running()
    other.close()


def test_what_the_estate_says_of_day_0(tmp_path, release):
    """A router that has stood for years, with lines of its own."""
    estate = {"us_cube": {"running_lines": 5000, "lines": ["dial-peer voice 300 voip", " description theirs"],
                          "routers": {"us-cube2": {"lines": ["no ip http server"]}}}}
    lab = started(tmp_path / "years", release, names=("us-cube1", "us-cube2"), estate=estate, number=4)
    try:
        first, second = (Person(lab, tmp_path, name) for name in ("us-cube1", "us-cube2"))
        text = first.running()
        assert text.count("\n") > 5000 and text.endswith("\nend\n\n") and "dial-peer voice 300 voip\n description theirs\n" in text
        assert "no ip http server" not in text and "\nno ip http server\n" in second.running()
        assert first.router.is_saved
    finally:
        lab.close()


# ---- at the console

def test_lines_at_the_console_and_a_certificate_that_is_over(person):
    control = Control(person.lab._lab)
    shown = person.lab.do(control.do_router("us-cube1", ["configure terminal", "voice service voip", "no ip address trusted authenticate", "bogus", "end"]))
    assert "us-cube1(conf-voi-serv)#bogus\n" in shown and MARKER in shown
    assert "no ip address trusted authenticate" in person.running()
    enrolled(person)
    person.run("end")
    person.lab.do(control.do_router("us-cube1", [], "CUBE"))
    assert x509.load_pem_x509_certificate(person.router.pki.holding("CUBE").own.encode()).not_valid_after_utc < person.lab.world.clock.now()
    with pytest.raises(KeyError, match="NONE"):
        person.lab.do(control.do_router("us-cube1", [], "NONE"))
    with pytest.raises(ControlError, match="no router us-cube9"):
        person.lab.do(control.do_router("us-cube9", []))


def test_five_lines_and_no_more(day0, tmp_path):
    people = [Person(day0, tmp_path, enable=False) for _number in range(5)]
    with pytest.raises(paramiko.SSHException):
        Person(day0, tmp_path, enable=False)
    for one in people:
        one.close()


def test_a_session_that_is_cut_leaves_nothing_half_done(day0, tmp_path):
    first = Person(day0, tmp_path)
    first.run("configure terminal")
    for line in ("crypto pki trustpoint HALF", "enrollment terminal", "revocation-check none"):
        first.run(line)
    first.say("crypto pki authenticate HALF", "itself\n\n")
    first.channel.sendall(b"MIIDVTCC\n")
    first.close()
    second = Person(day0, tmp_path)
    assert second.router.pki.holding("HALF").ca == "" and second.run("show privilege") == "Current privilege level is 15\n"
    assert second.configure("no crypto pki trustpoint HALF") == [""]
    second.close()


# ---- what it shows

def test_states_of_sip_and_credentials(person):
    person.configure("sip-ua", "no transport udp", "no transport tcp")
    assert [line.split()[-1] for line in person.run("show sip-ua status").splitlines()[1:]] == ["DISABLED", "DISABLED", "ENABLED"]
    person.configure("credentials", "ip source-address 10.1.1.22 port 2445", "trustpoint srstca")
    assert person.run("show credentials") == "Credentials IP: 10.1.1.22\nCredentials PORT: 2445\nTrustpoint: srstca\n"
    assert "GigabitEthernet0/0" in person.run("show ip interface brief")
    assert "flash:archive" in person.run("show archive") and "UTC" in person.run("show clock")
    assert "us-cube1 uptime" in person.run("show version")


# ---- 17.18

def test_weak_settings_are_warned_of(tmp_path):
    """From 17.18.2 on: of weak ciphers at once, of a short key behind the prompt. Both are taken."""
    lab = started(tmp_path / "new", "17.18", names=("us-cube1",), estate={"us_cube": {}}, speed=60000.0, number=5)
    try:
        someone = Person(lab, tmp_path)
        said = someone.configure("voice class tls-cipher 1", "cipher 1 RSA_WITH_AES_128_CBC_SHA", "cipher 2 AES256_GCM_SHA384", "voice class tls-profile 1",
                                 "cipher ecdsa-cipher curve-size 384", "cipher strict-cipher")
        assert ["SECURITY WARNING - Module: VOICE" in text for text in said] == [False, True, False, False, False, True]
        someone.run("configure terminal")
        said = someone.say("crypto key generate rsa general-keys label K modulus 2048", "3072 bits\n")
        assert "[OK]" in said and "us-cube1(config)#\nSECURITY WARNING - Module: SSH, Command: crypto key generate rsa" in said
        someone.run("end")
        assert someone.run("show running-config | section voice class tls") == (
            "voice class tls-cipher 1\n cipher 1 RSA_WITH_AES_128_CBC_SHA\n cipher 2 AES256_GCM_SHA384\nvoice class tls-profile 1\n cipher strict-cipher\n")
    finally:
        lab.close()
