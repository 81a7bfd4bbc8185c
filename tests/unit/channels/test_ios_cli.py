# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of routers: prompts, dialogues with questions that may or may not come, and what is known when it breaks."""
from __future__ import annotations

import time

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import ios_cli
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .stub_ios import LOG
from .stub_ios import Router

PASSWORD, FQDN = "stub-router-password", "us-cube1.ent-pa.com"
PEM = "-----BEGIN CERTIFICATE-----\n" + "\n".join(("%02d" % n) + "A" * 62 for n in range(12)) + "\n-----END CERTIFICATE-----\n"
RUNNING = "Building configuration...\n\nversion 15.7\nhostname us-cube1\n!\ncrypto pki certificate chain X\n certificate self-signed 01 nvram:us-cube1#1.cer\n"
ACCEPT = {"prompt": r"Do you accept this certificate", "answer": "yes", "needs": r"Fingerprint SHA1:\s*AB\s*CD", "otherwise": "no",
          "mismatch": "the router shows another fingerprint"}


@pytest.fixture
def router():
    server = Router(PASSWORD)
    yield server
    server.close()


@pytest.fixture
def channel(router, tmp_path):
    """make(**options) gives a channel to the stub; all are closed at the end."""
    made = []

    def make(**more):
        options = {"host": "127.0.0.1", "fqdn": FQDN, "port": router.port, "remote_user": "netadmin", "password": PASSWORD,
                   "known_hosts": router.known_hosts(tmp_path / "known_hosts")}
        made.append(ios_cli.Channel(dict(options, **more).get))
        return made[-1]

    yield make
    for one in made:
        one.close()


def refused(call, *arguments, **more):
    with pytest.raises(NodeError) as caught:
        call(15, *arguments, **more)
    return caught.value


# -- login and show --------------------------------------------------------------------------------------------------
def test_one_login_is_kept_and_what_was_shown_a_moment_ago_is_not_asked_for_again(router, channel):
    router.commands["show running-config"] = RUNNING + "end\n"
    made = channel()
    for _time in range(3):
        assert made.show(15, "show running-config", age=60)["output"].endswith("end")
    assert router.sessions == 1
    made.close()
    assert router.typed == ["terminal length 0", "terminal width 511", "show running-config", "exit"]


def test_a_configuration_makes_what_was_shown_old(router, channel):
    router.commands.update({"show running-config": RUNNING + "end\n", "sip-ua": ""})
    made = channel()
    made.show(15, "show running-config", age=60)
    made.configure(15, [{"line": "sip-ua"}])
    made.show(15, "show running-config", age=60)
    assert router.typed.count("show running-config") == 2


def test_the_host_name_inside_a_certificate_ends_nothing(router, channel):
    def slowly(session):
        for piece in (RUNNING[:RUNNING.index("#1.cer") + 1], RUNNING[RUNNING.index("#1.cer") + 1:], "end\n"):
            session.out(piece)
            time.sleep(0.2)

    router.commands["show running-config"] = slowly
    output = channel().show(15, "show running-config")["output"]
    assert "nvram:us-cube1#1.cer" in output and output.endswith("\nend")


def test_a_configuration_without_its_end_is_no_configuration(router, channel):
    router.commands["show running-config"] = RUNNING
    assert "without its last line" in str(refused(channel().show, "show running-config"))


def test_user_mode_is_left_by_the_enable_password(router, channel):
    router.level, router.commands["show clock"] = ">", "10:00:00 UTC\n"
    assert channel(enable_password="stub-enable").show(15, "show clock")["output"] == "10:00:00 UTC"
    assert refused(channel(enable_password="wrong").show, "show clock").kind == "auth"
    error = refused(channel().show, "show clock")
    assert error.kind == "auth" and "collab_enable_password" in str(error)


def test_an_unknown_command_is_refused_and_the_session_stays(router, channel):
    router.commands["show clock"] = "10:00:00 UTC\n"
    made = channel()
    error = refused(made.show, "show crypto pki certificates pem")
    assert error.kind == "refused" and "Invalid input" in str(error) and error.keep
    assert made.show(15, "show clock")["output"] == "10:00:00 UTC" and router.sessions == 1


def test_a_command_that_the_account_may_not_give_is_no_answer(router, channel):
    """AAA says so without a percent sign: a router without keys would be given new ones."""
    router.commands["show crypto key mypubkey rsa"] = "Command authorization failed.\n\n"
    error = refused(channel().show, "show crypto key mypubkey rsa")
    assert error.kind == "refused" and "Command authorization failed" in str(error)


def test_a_router_that_goes_on_showing_pages_is_told(router, channel):
    router.denied = ("terminal length 0",)
    assert "terminal length 0" in str(refused(channel().show, "show clock"))


def test_what_begins_with_a_percent_sign_may_be_an_answer(router, channel):
    router.commands["show crypto key mypubkey rsa"] = "% Key pair was generated at: 16:38:25 UTC Aug 26 2021\nKey name: CUBE\n"
    assert "Key name: CUBE" in channel().show(15, "show crypto key mypubkey rsa")["output"]


# -- dialogues -------------------------------------------------------------------------------------------------------
def authenticate(*, asks=True, shown="AB CD", log=False, more=""):
    def act(session):
        session.pasted = session.paste()
        session.out("Certificate has the following attributes:\n       Fingerprint MD5: 00\n      Fingerprint SHA1: %s \n\n" % shown)
        answer = session.ask("% Do you accept this certificate? [yes/no]: ") if asks else "yes"
        if log:
            session.out(LOG + "\n")
        if more:
            session.ask(more)
        session.out("Trustpoint CA certificate accepted.\n% Certificate successfully imported\n\n" if answer == "yes" else "\n")
        session.cli.pasted = session.pasted
    return act


STEP = {"line": "crypto pki authenticate X", "answers": [ACCEPT], "paste": PEM, "success": "successfully imported"}


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("log", [True, False])
def test_a_certificate_is_pasted_and_accepted_whether_it_asks_or_not(router, channel, asks, log):
    router.commands[STEP["line"]] = authenticate(asks=asks, log=log)
    assert "successfully imported" in channel().configure(15, [STEP])["outputs"][0]
    assert router.pasted == PEM.strip()
    assert router.typed[2:] == ["configure terminal", STEP["line"], *(["> yes"] if asks else []), "end"]


def test_another_fingerprint_is_answered_no(router, channel):
    router.commands[STEP["line"]] = authenticate(shown="12 34")
    error = refused(channel().configure, [STEP])
    assert "another fingerprint" in str(error) and error.detail["mismatch"] and router.typed[-2:] == ["> no", "end"]


def test_an_unknown_question_is_broken_off_and_quoted(router, channel):
    router.commands[STEP["line"]] = authenticate(more="% Shall the moon be imported as well? [yes/no]: ")
    router.commands["show clock"] = "10:00:00 UTC\n"
    made = channel()
    error = refused(made.configure, [STEP])
    assert error.detail["question"] == "% Shall the moon be imported as well? [yes/no]:" and "moon" in str(error)
    assert router.typed[-2:] == ["^C", "end"] and error.keep
    assert made.show(15, "show clock")["output"] == "10:00:00 UTC" and router.sessions == 1


def test_a_router_that_does_not_come_back_from_its_question_is_left(router, channel, monkeypatch):
    monkeypatch.setattr(ios_cli, "CANCEL", 0.5)

    def deaf(session):
        session.out("Really? [confirm]")
        while session.key():
            continue

    router.commands.update({"reload": deaf, "show clock": "10:00:00 UTC\n"})
    made = channel()
    error = refused(made.configure, [{"line": "reload"}])
    assert error.detail["question"] == "Really? [confirm]" and not error.keep and made.shell is None
    assert made.show(15, "show clock")["output"] == "10:00:00 UTC" and router.sessions == 2


def test_log_lines_anywhere_do_not_disturb(router, channel):
    def noisy(session):
        session.out("one\n%s\ntwo\n" % LOG)
        session.prompt()
        session.out("\n%s\n" % LOG)
        session.line()

    router.commands["show things"] = noisy
    made = channel()
    assert made.show(15, "show things")["output"] == "one\ntwo"
    made.shell.type("\n")


WEAK = "SECURITY WARNING - Module: VOICE, Command: cipher 1 RSA_WITH_AES_128_CBC_SHA, Reason: Weak cipher(s), Remediation: it is not supported for ever"
DYNAMIC = "INSECURE DYNAMIC WARNING - Module: SSH,\n Reason: host key,\n Remediation: % Use a longer one"


@pytest.mark.parametrize("warning", [WEAK, DYNAMIC])
@pytest.mark.parametrize("behind", [True, False])
def test_warnings_of_weak_settings_are_no_refusals(router, channel, warning, behind):
    def warn(session):
        if behind:
            session.prompt()
        session.out("\n" * behind + warning + "\n")
        if behind:
            session.line()

    router.commands.update({"cipher": warn, "show clock": "10:00:00 UTC\n"})
    made = channel()
    assert made.configure(15, [{"line": "cipher"}])["outputs"] == [""] or not behind
    assert made.show(15, "show clock")["output"] == "10:00:00 UTC"


def test_a_long_name_is_cut_in_configuration_mode(router, channel):
    router.host = "us-cube1-new-york-head-office"
    router.commands["sip-ua"] = ""
    assert channel().configure(15, [{"line": "sip-ua"}])["outputs"] == [""]


@pytest.mark.parametrize("text", ["% Invalid input detected at '^' marker.", "% Error in saving certificate: status = FAIL",
                                  "CA server trustpoint is not known", "Command authorization failed.",
                                  "% Please delete your existing CA certificate first.", "% You already have RSA keys defined named CUBE."])
def test_the_first_line_that_fails_ends_it(router, channel, text):
    router.commands.update({"one": "", "two": text + "\n", "three": ""})
    error = refused(channel().configure, [{"line": "one"}, {"line": "two"}, {"line": "three"}])
    assert error.kind == "refused" and text in str(error) and error.detail["done"] == ["one"]
    assert router.typed[-2:] == ["two", "end"]


def test_what_a_router_merely_says_is_no_error(router, channel):
    router.commands["crypto key generate"] = ("The name for the keys will be: CUBE\n\n% The key modulus size is 2048 bits\n"
                                              "% Generating 2048 bit RSA keys, keys will be non-exportable...\n[OK] (elapsed time was 1 seconds)\n\n")
    assert "[OK]" in channel().configure(15, [{"line": "crypto key generate", "success": r"\[OK\]"}])["outputs"][0]


def test_success_has_to_be_said(router, channel):
    router.commands["crypto pki import X certificate"] = "done, perhaps\n"
    assert "did not say" in str(refused(channel().configure, [{"line": "crypto pki import X certificate", "success": "successfully imported"}]))


def test_an_end_in_the_middle_is_lost(router, channel):
    def hang_up(session):
        session.channel.close()

    router.commands.update({"one": "", "two": hang_up})
    error = refused(channel().configure, [{"line": "one"}, {"line": "two"}])
    assert error.kind == "lost" and error.detail["done"] == ["one"]


def test_saving_takes_its_question_and_insists_on_ok(router, channel):
    def save(session):
        session.ask("Warning: Attempting to overwrite an NVRAM configuration previously written\nby a different version of the system image.\n"
                    "Overwrite the previous NVRAM configuration?[confirm]")
        session.out("Building configuration...\n[OK]\n")

    router.commands["write memory"] = save
    assert "[OK]" in channel().save(15)["output"]
    router.commands["write memory"] = "startup-config file open failed (Device or resource busy)\n"
    assert refused(channel().save).kind == "busy"


def test_a_line_is_one_line(router, channel):
    assert "nothing was sent" in str(refused(channel().configure, [{"line": "a\nb"}]))
    assert router.sessions == 0
