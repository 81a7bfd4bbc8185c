# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine of configuration lines: read, compare, enter, read back; and what a configuration is read as and shown as."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.ios import config
from ansible_collections.collab.security.plugins.plugin_utils.ios import toll_fraud
from ansible_collections.collab.security.plugins.plugin_utils.ios import voice
from ansible_collections.collab.security.plugins.plugin_utils.ios.router import GUARD
from ansible_collections.collab.security.plugins.plugin_utils.ios.router import Router
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import DidNotStick

from .fake_router import FakeAction
from .fake_router import FakeRouter

CONFIGURATION = """version 15.7
hostname us-cube1
voice service voip
 ip address trusted list
  ipv4 10.66.6.6
sip-ua
 retry invite 2
 credentials username alice password 7 0822455D0A16
"""


class Once(FakeRouter):
    """A router whose answer to the first configuration is lost. done: whether it was made before that; deaf: nothing that is entered stays."""

    done, deaf, lost = True, False, True

    def configure(self, steps, guard=None):
        self.guard = guard
        if self.lost:
            self.lost = False
            if self.done:
                super().configure(steps, guard)
            raise NodeError("lost", "the session ended")
        return {"outputs": [""] * len(steps), "guarded": False} if self.deaf else super().configure(steps, guard)


def bring(fake, tmp_path, check=False):
    action = FakeAction(fake, tmp_path)
    router = Router(action)
    router.bring(check, lambda root: toll_fraud.plan(root, ["203.0.113.10"], True, "auto"), "toll fraud")
    return action.report, router.result()


def test_only_what_differs_is_entered_and_the_second_time_nothing(tmp_path):
    fake = FakeRouter(CONFIGURATION)
    report, result = bring(fake, tmp_path)
    assert result["commands"] == ["voice service voip", "ip address trusted list", "no ipv4 10.66.6.6", "ipv4 203.0.113.10", "exit", "exit"]
    assert result["diff"] == {"before": "voice service voip\n ip address trusted list\n  ipv4 10.66.6.6\n", "before_header": "us-cube1 running-config",
                              "after": "voice service voip\n ip address trusted list\n  ipv4 203.0.113.10\n", "after_header": "us-cube1 running-config"}
    assert [f["step"] for f in report.findings] == ["ios-trusted-list"] * 2
    fake.asked.clear()
    report, result = bring(fake, tmp_path)
    assert not report.changed and result == {"commands": [], "diff": {}} and fake.asked == ["show running-config"]


def test_check_mode_predicts_what_is_then_done(tmp_path):
    fake = FakeRouter(CONFIGURATION)
    said = bring(fake, tmp_path, check=True)
    assert fake.entered == [] and not list(tmp_path.rglob("*"))
    done = bring(fake, tmp_path)
    assert said[1] == done[1] and said[0].findings == done[0].findings


@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_is_read_back_and_what_is_missing_entered_again(tmp_path, done):
    fake = Once(CONFIGURATION)
    fake.done = done
    bring(fake, tmp_path)
    assert fake.sections["voice service voip", "ip address trusted list"] == ["ipv4 203.0.113.10"]


def test_what_does_not_stay_fails(tmp_path):
    fake = Once(CONFIGURATION)
    fake.deaf, fake.lost = True, False
    with pytest.raises(DidNotStick, match=r"ipv4 203\.0\.113\.10"):
        bring(fake, tmp_path)


@pytest.mark.parametrize(("archive", "guard"), [("", None), ("archive\n log config\n  logging enable\n", None), ("archive\n path flash:before\n", GUARD)])
def test_a_change_is_guarded_where_the_router_has_an_archive(tmp_path, archive, guard):
    fake = Once(CONFIGURATION + archive)
    fake.lost = False
    bring(fake, tmp_path)
    assert fake.guard == guard


def test_secrets_are_never_shown():
    lines = config.part(config.parse(CONFIGURATION), {"sip-ua"})
    assert "retry invite 2" in lines and "alice" not in lines and "0822455D0A16" not in lines and config.HIDDEN in lines
    for line in ("enable secret 9 $9$abc", "username a privilege 15 password 0 abc", "snmp-server community abc RO", "key-string 7 abc",
                 "tunnel key abc", "crypto isakmp key abc address 192.0.2.1", "authentication username a password 7 abc"):
        assert "abc" not in config.without_secrets(line)
    for line in ("srtp-auth sha1-80", "crypto key generate rsa general-keys label CUBE modulus 2048", "hash sha256", "voice-class sip srtp-crypto 3"):
        assert config.without_secrets(line) == line


def test_a_configuration_is_read_by_its_indentation():
    root = config.parse("Building configuration...\n\nCurrent configuration : 99 bytes\n!\nversion 17.9\nbanner motd ^C\nsip-ua\n no such thing\n^C\n"
                        "crypto pki certificate chain A\n certificate ca 01\n  30820122 300D0609 \n  0000\n  \tquit\n"
                        "voice service voip\n sip\n  early-offer forced\n"
                        " allow-connections sip to sip\nsip-ua \n transport tcp tls v1.2 \nend\n")
    assert config.release(root) == (17, 9) and root.under("sip-ua").children[0].line == "transport tcp tls v1.2"
    assert root.lines("voice service voip") == ["sip", "allow-connections sip to sip"] and root.lines("voice service voip", "sip") == ["early-offer forced"]
    assert "30820122" not in config.part(root, {"crypto pki certificate chain A"})


# -- what cannot be had --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("release", "wanted", "words"), [
    ("15.7", {"tls_profile": {"tag": 1}}, "17.3"), ("17.3", {"tls_profile": {"tag": 1, "cn_san_validate": "client"}}, "17.8"),
    ("17.9", {"tls_profile": {"tag": 1, "tenants": [9]}}, "no voice class tenant 9"), ("15.4", {"tls_minimum": "1.2"}, "15.6"),
    ("17.9", {"tls_minimum": "1.3"}, "17.14"), ("15.7", {"suites": ["AEAD_AES_256_GCM"]}, "pass-through"),
    ("15.7", {"dial_peers": [7]}, "no dial-peer voice 7"),
])
def test_what_a_release_lacks_is_refused(release, wanted, words):
    with pytest.raises(voice.BadRouter, match=words.replace(".", r"\.")):
        voice.plan(config.parse("version %s\n" % release), voice.Signaling("CUBE-Certificate", ["10.10.1.11"], **wanted))


@pytest.mark.parametrize("peer", ["nowhere", "10.0.0.0/40", "2001:db8::1"])
def test_a_peer_that_is_no_address_is_refused(peer):
    with pytest.raises(voice.BadRouter, match="trusted_peers"):
        toll_fraud.plan(config.parse("version 15.7\n"), [peer], True, "auto")
