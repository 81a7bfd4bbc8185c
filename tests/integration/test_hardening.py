# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Toll fraud and hardening: what is wrong in the lab's estate is found, with its step of the guide, under every form of the reply; little is written."""
from __future__ import annotations

import pytest

from tests.integration.administrator import Administrator
from tests.integration.harness import Estate
from tests.integration.harness import Run

ONLY = ("site.yml", "--tags", "hardening")
# (object, step) of what the shipped estate has wrong on Unified CM, besides the classification of the trunks.
TRUNKS = {("US_EXPRESSWAY_B2B", "tf-inbound-css"), ("US_UNITY", "tf-cuc-css")}
WRONG = {
    *TRUNKS, ("CM_us-cm-sub1", "tf-autoregistration"), ("us-cm-sub1", "tf-cdr"), ("us-cm-sub2", "tf-cdr"), ("US_Old_PIN_Policy", "credential-policy"),
    ("HTTP beside HTTPS: Cisco 8845", "ep-web-https"), ("SSH Access: Cisco 8845", "ep-remote-access"),
    ("Settings Access: Cisco 8845", "ep-settings-access"), ("Web Access: Cisco 8845", "ep-web-access"), ("Canteen", "ep-https-services"),
}
CONFIRMED = [
    {"label": "Block OffNet To OffNet Transfer", "value": "True", "name": "BlockOffNetToOffNetTransfer", "stored_value": "T", "confirmed": True},
    {"label": "Drop Ad Hoc Conference", "value": "When No OnNet Parties Remain in the Conference", "name": "DropAdHocConference", "stored_value": "2",
     "confirmed": True},
]


def found(run: Run) -> set[tuple[str, str]]:
    """(object, step) of the findings that are more than a hint."""
    return {(str(one["object"]), one["step"]) for one in run.findings if one["severity"] != "info"}


def hardening(estate: Estate, **variables: object) -> Run:
    """One run of the role alone, which has to succeed."""
    return estate.play(*ONLY, variables=variables).ok()


def test_what_is_wrong_is_found(estate: Estate) -> None:
    """The trunks to the PSTN are classified and reset; everything else is only found. The second run finds the same and writes nothing."""
    since = estate.mark()
    run = hardening(estate)
    assert WRONG <= found(run), WRONG - found(run)
    assert {("US_CUBE", "tf-offnet"), ("US_LEGACY_GW", "tf-offnet")} <= found(run)
    written = [(e["operation"], e["detail"]["object"]) for e in estate.journal(writes=True, since=since)]
    assert sorted(written) == [(operation, trunk) for operation in ("resetSipTrunk", "updateSipTrunk") for trunk in ("US_CUBE", "US_LEGACY_GW")]

    since = estate.mark()
    again = hardening(estate)
    assert again.changed == 0 and estate.journal(writes=True, since=since) == []
    assert found(again) == {one for one in found(run) if one[1] != "tf-offnet"}


def test_check_mode_and_missing_leave_write_nothing(estate: Estate) -> None:
    """Check mode foresees the classification; without leave for trunks it is pending."""
    since = estate.mark()
    run = estate.play(*ONLY, "--check", "--diff").ok()
    assert {"updateSipTrunk", "resetSipTrunk"} <= {one["operation"] for one in run.operations}
    run = hardening(estate, collab_disruption=[])
    assert any("tf-offnet" == item["step"] and "may not disturb trunks" in item["reason"] for item in run.pending)
    assert estate.journal(writes=True, since=since) == []


def test_without_names_nothing_is_all_clear(estate: Estate) -> None:
    """Nobody says which trunks lead to the PSTN: the run says that it cannot tell, rather than that all is well."""
    run = hardening(estate, collab_pstn_trunks=[], collab_inbound_trunks=[])
    assert {"tf-inbound-css", "tf-offnet"} <= {item["step"] for item in run.pending}
    assert not TRUNKS & found(run)


def test_named_partitions_find_the_same(estate: Estate) -> None:
    """Partitions that the operator names stand in for those that route patterns tell of."""
    assert TRUNKS <= found(hardening(estate, collab_pstn_partitions=["PT_PSTN", "PT_Emergency"]))


def test_what_was_put_right_is_not_found_again(estate: Estate) -> None:
    """Calling search spaces that no longer reach the PSTN, and a policy with limits."""
    admin = Administrator(estate)
    admin.axl("updateSipTrunk", "<name>US_EXPRESSWAY_B2B</name><callingSearchSpaceName/>")
    admin.axl("updateSipTrunk", "<name>US_UNITY</name><rerouteCallingSearchSpaceName/>")
    assert not TRUNKS & found(hardening(estate))


def test_unconfirmed_parameters_are_pending_and_confirmed_ones_kept(estate: Estate) -> None:
    """No parameter is written under a name that nobody has confirmed; one that is confirmed is written once, and again when somebody changed it."""
    run = hardening(estate)
    assert {"tf-block-offnet", "tf-drop-adhoc"} <= {item["step"] for item in run.pending}
    since = estate.mark()
    assert hardening(estate, collab_toll_fraud_parameters=CONFIRMED).changed > 0
    assert len([e for e in estate.journal(writes=True, since=since) if e["operation"] == "updateServiceParameter"]) == 2
    Administrator(estate).axl("updateServiceParameter", "<processNodeName>EnterpriseWideData</processNodeName><name>DropAdHocConference</name>"
                              "<service>Cisco CallManager</service><value>0</value>")
    since = estate.mark()
    hardening(estate, collab_toll_fraud_parameters=CONFIRMED)
    assert [e["operation"] for e in estate.journal(writes=True, since=since)] == ["updateServiceParameter"]
    since = estate.mark()
    assert hardening(estate, collab_toll_fraud_parameters=CONFIRMED).changed == 0 and estate.journal(writes=True, since=since) == []


@pytest.mark.parametrize("form", ["elements", "text"])
def test_every_form_of_a_setting(estate: Estate, form: str) -> None:
    """SQL may give the settings of phones in any of three forms; the same is found."""
    estate.lab("variant", "set", "sql_xml_column", form)
    assert WRONG <= found(hardening(estate))


@pytest.mark.parametrize("operation, step", [("getCss*", "tf-inbound-css"), ("listRoutePattern*", "tf-inbound-css"), ("executeSQLQuery*", "ep-web-access"),
                                             ("listCredentialPolicy*", "credential-policy"), ("listCallManager*", "tf-autoregistration")])
def test_what_cannot_be_read_is_found(estate: Estate, operation: str, step: str) -> None:
    """A read that the cluster refuses becomes a finding, never silence."""
    estate.fault(channel="axl", operation=operation, action="status", status=500, times=0)
    run = estate.play(*ONLY)
    if run.code == 0:
        assert [one for one in run.findings if one["step"] == step and one["id"].endswith("unreadable")], run.findings
    else:
        assert "500" in run.output and "Traceback" not in run.output


@pytest.mark.parametrize("variables, words", [
    ({"collab_pstn_trunks": ["NO_SUCH_TRUNK"]}, ("NO_SUCH_TRUNK", "US_CUBE")), ({"collab_pstn_partitions": ["PT_None"]}, ("PT_None", "PT_PSTN")),
    ({"collab_inbound_trunks": ["NO_SUCH_TRUNK"]}, ("NO_SUCH_TRUNK",))])
def test_names_that_the_cluster_does_not_have(estate: Estate, variables: dict, words: tuple[str, ...]) -> None:
    """It is said what there is, and nothing is taken for secured."""
    estate.play(*ONLY, variables=variables).refused(*words)


def test_voice_mail(running_voice_mail: Estate) -> None:
    """Restriction tables and authentication rules of Unity Connection; nothing is written there."""
    running_voice_mail.load("day0")
    run = hardening(running_voice_mail)
    assert {("Default Outdial", "tf-cuc-restriction"), ("Lobby phones", "credential-policy")} <= found(run)
    assert [e for e in running_voice_mail.journal(writes=True) if e["channel"] == "cupi"] == []
    run = hardening(running_voice_mail, collab_blocked_numbers=[])
    assert "tf-cuc-restriction" in {item["step"] for item in run.pending}
    for name, value in (("cupi_json_single", "list"), ("cupi_last_page", "repeated"), ("cupi_json_numbers", "strings")):
        running_voice_mail.lab("variant", "set", name, value)
    assert ("Default Outdial", "tf-cuc-restriction") in found(hardening(running_voice_mail))
