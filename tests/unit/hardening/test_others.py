# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints, credentials and restriction tables."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.credential_audit import ActionModule as Credentials
from ansible_collections.collab.security.plugins.action.cuc_restriction_audit import ActionModule as Restrictions
from ansible_collections.collab.security.plugins.action.endpoint_audit import ActionModule as Endpoints
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.hardening.restrictions import fits
from ansible_collections.collab.security.plugins.plugin_utils.resources import endpoint_settings

SAFE = "<webAccess>1</webAccess><sshAccess>1</sshAccess><consoleAccess>1</consoleAccess><telnetAccess>1</telnetAccess><webAdmin>1</webAdmin>" \
       "<settingsAccess>2</settingsAccess>"
KNOWN = {"access_lists": True}


def phones(world, *listed):
    world.cluster.tables["phone"] = [{"name": name, "model": model, "commonPhoneConfigName": "Standard"} for name, model in listed]


def found(result):
    return {(row["id"], row["object"], row["step"]) for row in result["findings"]}


@pytest.fixture
def desk(world):
    """Two desk phones and a Jabber; the common phone profile has all switched off."""
    phones(world, ("SEP1", "Cisco 8845"), ("SEP2", "Cisco 8845"), ("CSFA", "Cisco Unified Client Services Framework"))
    world.cluster.xml["commonphoneconfigxml"] = [("Standard", SAFE)]
    return world


def test_a_profile_that_switches_all_off_has_no_finding(desk):
    result = desk.run(Endpoints, KNOWN)
    assert result["findings"] == [] and result["pending"] == [] and result["phones"] == 2 and not result["changed"]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("element, value, label, step", [
    ("webAccess", "0", "Web Access", "ep-web-access"), ("sshAccess", "0", "SSH Access", "ep-remote-access"),
    ("telnetAccess", "0", "Telnet Access", "ep-remote-access"), ("settingsAccess", "1", "Settings Access", "ep-settings-access")])
def test_a_phone_of_its_own_ways(desk, nested, element, value, label, step):
    desk.cluster.nested = nested
    desk.cluster.xml["devicexml4k"] = [("SEP2", "<disableSpeaker>false</disableSpeaker><%s>%s</%s>" % (element, value, element))]
    result = desk.run(Endpoints, KNOWN)
    assert ("endpoint-setting", "%s: Cisco 8845" % label, step) in found(result)
    assert "1 x Cisco 8845 (SEP2)" in str(result["findings"]) and "SEP1" not in str(result["findings"])


def test_web_access_that_is_on_asks_for_https(desk):
    desk.cluster.xml["commonphoneconfigxml"] = [("Standard", SAFE.replace("<webAccess>1", "<webAccess>0"))]
    assert ("endpoint-setting-unreadable", "HTTP beside HTTPS: Cisco 8845", "ep-web-https") in found(desk.run(Endpoints, KNOWN))
    desk.cluster.xml["enterprisephoneconfigxml"] = [("", "<webProtocol>0</webProtocol>")]
    assert ("endpoint-setting", "HTTP beside HTTPS: Cisco 8845", "ep-web-https") in found(desk.run(Endpoints, KNOWN))
    desk.cluster.xml["enterprisephoneconfigxml"] = [("", "<webProtocol>1</webProtocol>")]
    assert {row[2] for row in found(desk.run(Endpoints, KNOWN))} == {"ep-web-access"}


def test_what_nothing_sets_is_not_taken_for_safe(desk):
    desk.cluster.xml["commonphoneconfigxml"] = []
    result = desk.run(Endpoints, KNOWN)
    assert {row["object"] for row in result["findings"]} == {
        "Console Access, SSH Access, Telnet Access, Web Admin: Cisco 8845", "Settings Access: Cisco 8845"}
    assert {row["severity"] for row in result["findings"]} == {"info"} and "could not be read" in result["findings"][0]["message"]


def test_a_value_that_is_not_known_is_not_taken_for_safe(desk):
    desk.cluster.xml["commonphoneconfigxml"] = [("Standard", SAFE.replace("<sshAccess>1", "<sshAccess>7"))]
    result = desk.run(Endpoints, KNOWN)
    assert found(result) == {("endpoint-setting-unreadable", "SSH Access: Cisco 8845", "ep-remote-access")} and "says '7'" in result["findings"][0]["message"]


@pytest.mark.parametrize("table", ["devicexml4k", "commonphoneconfigxml", "enterprisephoneconfigxml"])
def test_a_table_that_cannot_be_read_is_a_finding(desk, table):
    desk.cluster.refuse.add(table)
    result = desk.run(Endpoints, KNOWN)
    assert ("endpoint-settings-unreadable", table, "ep-remote-access") in found(result)
    if table == "commonphoneconfigxml":
        assert "Web Access" in str(result["findings"]), "what nothing sets may be set there"


def test_a_table_that_is_not_given_to_its_end_is_a_finding(desk):
    """A server that knows `first` and no `skip` gives its first rows again and again: what the others set is not known."""
    size, real = endpoint_settings.TABLES["devicexml4k"], desk.cluster.sql
    desk.cluster.xml["devicexml4k"] = [("SEP%05d" % n, SAFE) for n in range(2 * size)]
    desk.cluster.sql = lambda query: real(query.replace("skip %d" % size, "skip 0"))
    assert ("endpoint-settings-unreadable", "devicexml4k", "ep-remote-access") in found(desk.run(Endpoints, KNOWN))


def test_phone_services_that_cannot_be_read_are_a_finding(desk):
    desk.cluster.refuse.add("listIpPhoneServices")
    assert found(desk.run(Endpoints, KNOWN)) == {("endpoint-urls-unreadable", "phone services", "ep-https-services")}


def test_settings_that_are_no_xml_are_a_finding(desk):
    desk.cluster.xml["devicexml4k"] = [("SEP1", "<webAccess>0")]
    result = desk.run(Endpoints, KNOWN)
    assert found(result) == {("endpoint-settings-unreadable", "Cisco 8845", "ep-remote-access")}


@pytest.mark.parametrize("xml, kind", [("<adminPassword></adminPassword>", "endpoint-password-empty"), ("", "endpoint-setting-unreadable"),
                                       ("<adminPassword>planted-Secret</adminPassword>", None)])
def test_empty_passwords_of_room_systems(desk, xml, kind):
    phones(desk, ("SEP9", "Cisco Webex Room Kit"))
    desk.cluster.xml["devicexml4k"] = [("SEP9", xml)] if xml else []
    result = desk.run(Endpoints, KNOWN)
    assert {row["id"] for row in result["findings"]} == ({kind} if kind else set()) and "planted" not in str(result)


def test_ten_thousand_phones_in_a_few_requests(desk):
    phones(desk, *(("SEP%05d" % n, "Cisco 8845") for n in range(10000)))
    desk.cluster.xml["devicexml4k"] = [("SEP%05d" % n, "<webAccess>%d</webAccess>" % (n % 10 != 0)) for n in range(10000)]
    asked, ask = [], desk.cluster.ask
    desk.cluster.ask = lambda channel, op, **args: (asked.append(op), ask(channel, op, **args))[1]
    result = desk.run(Endpoints, KNOWN)
    assert "Web Access is enabled on 1000 x Cisco 8845 (SEP00000, " in str(result["findings"]) and len(result["findings"]) == 2
    assert len(asked) <= 20


def test_access_lists_are_pending_until_somebody_says_that_they_are_there(desk):
    assert [row["step"] for row in desk.run(Endpoints)["pending"]] == ["ep-acl"]


def test_urls_without_tls(desk):
    parameters = desk.cluster.tables["serviceParameter"]
    for name, value in (("URLDirectories", "http://pub:8080/d"), ("SecureServicesURL", "http://pub:8080/s")):
        parameters.append({"processNodeName": {"_value_1": "EnterpriseWideData"}, "name": name, "service": "Enterprise Wide", "value": value})
    desk.cluster.tables["ipPhoneServices"] = [
        {"serviceName": "EM", "serviceUrl": "http://pub:8080/em", "secureServiceUrl": None, "enabled": "true"},
        {"serviceName": "Ok", "serviceUrl": "http://pub:8080/x", "secureServiceUrl": "https://pub:8443/x", "enabled": "true"},
        {"serviceName": "Off", "serviceUrl": "http://pub:8080/y", "secureServiceUrl": None, "enabled": "false"}]
    assert {(row["object"], row["step"]) for row in desk.run(Endpoints, KNOWN)["findings"]} == {
        ("URLDirectories", "ep-https-services"), ("SecureServicesURL", "ep-https-services"), ("EM", "ep-https-services")}


@pytest.mark.parametrize("xml, wanted", [
    ("<webAccess>0</webAccess>", {"webaccess": "0"}), ("&lt;webAccess&gt;0&lt;/webAccess&gt;", {"webaccess": "0"}),
    ("<vendorConfig><a><webAccess>0</webAccess></a></vendorConfig>", {"webaccess": "0"}), ("<?xml version='1.0'?><x/>", {"x": ""}), ("", {}), (None, {}),
    ("<webAccess>", None), ("rubbish", None)])
def test_forms_of_the_xml(xml, wanted):
    assert endpoint_settings.elements(xml) == wanted


# -- credentials

def test_credential_policies(world):
    assert world.run(Credentials)["findings"] == []
    world.cluster.tables["credentialPolicy"].append({"name": "Weak", "failedLogon": "0", "lockoutDuration": "5", "minCredLength": "4",
                                                     "prevCredStoredNum": "0", "trivialCredCheck": "false"})
    result = world.run(Credentials)
    assert len(result["findings"]) == 5 and {row["object"] for row in result["findings"]} == {"Weak"}
    assert {row["step"] for row in result["findings"]} == {"credential-policy"}
    assert world.run(Credentials, {"exclude": ["Weak"]})["findings"] == []


@pytest.mark.parametrize("element, value, wrong", [("lockoutDuration", "0", False), ("failedLogon", "6", True), ("minCredLength", "", True)])
def test_limits(world, element, value, wrong):
    world.cluster.tables["credentialPolicy"][0][element] = value
    assert bool(world.run(Credentials)["findings"]) is wrong


def test_no_policies_are_no_good_policies(world):
    world.cluster.tables["credentialPolicy"] = []
    assert world.run(Credentials)["findings"][0]["id"] == "credential-policies-unreadable"
    world.cluster.refuse.add("listCredentialPolicy")
    assert "not authorised" in world.run(Credentials)["findings"][0]["message"]


# -- Unity Connection

class Unity:
    """Answers lists of CUPI."""

    name = "us-cuc-pub"

    def __init__(self):
        self.lists = {
            "authenticationrules": [{"ObjectId": "a", "DisplayName": "Recommended Voice Mail Authentication Rule", "MaxHacks": "3", "LockoutDuration": "30",
                                     "MinLength": "4", "PrevCredCount": "5", "TrivialCredChecking": "true"}],
            "coses": [{"ObjectId": "c", "DisplayName": "Voice Mail User COS", "XferRestrictionObjectId": "t1", "OutcallRestrictionObjectId": "t1",
                       "FaxRestrictionObjectId": "t2"}],
            "restrictiontables": [{"ObjectId": "t1", "DisplayName": "Default Transfer", "DefaultBlocked": "false"},
                                  {"ObjectId": "t2", "DisplayName": "Default Fax", "DefaultBlocked": "true"}],
            "restrictiontables/t1/restrictionpatterns": [
                {"ObjectId": "p2", "NumberPattern": "*", "Blocked": "false", "SequenceNumber": "2"},
                {"ObjectId": "p1", "NumberPattern": "9011*", "Blocked": "true", "SequenceNumber": "0"},
                {"ObjectId": "p3", "NumberPattern": "900???????*", "Blocked": "true", "SequenceNumber": "1"}],
            "restrictiontables/t2/restrictionpatterns": [],
        }

    def ask(self, channel, op, path, element, number, size):
        if path not in self.lists:
            raise NodeError("refused", "CUPI GET %s: not found" % path)
        return {"total": len(self.lists[path]), "rows": self.lists[path]}


def unity(world, action, arguments=None):
    world.cluster = Unity()
    return world.run(action, arguments)


def test_restriction_tables_are_judged_as_the_product_does(world):
    result = unity(world, Restrictions, {"numbers": ["90114412345678", "9005551234", "918005551234"]})
    assert [(row["object"], row["before"], row["step"]) for row in result["findings"]] == [("Default Transfer", ["918005551234"], "tf-cuc-restriction")]
    assert "pattern *" in result["findings"][0]["message"] and "transfers of Voice Mail User COS" in result["findings"][0]["message"]


def test_restriction_tables_without_numbers_are_pending(world):
    assert unity(world, Restrictions)["pending"][0]["step"] == "tf-cuc-restriction"


def test_restriction_tables_that_cannot_be_read(world):
    world.cluster = Unity()
    del world.cluster.lists["coses"]
    assert world.run(Restrictions, {"numbers": ["1"]})["findings"][0]["id"] == "restriction-tables-unreadable"


@pytest.mark.parametrize("pattern, dialled, yes", [("*", "", True), ("9011*", "9011", True), ("91??", "915", False), ("+*", "+49", True), ("1#", "1#", True)])
def test_number_patterns(pattern, dialled, yes):
    assert fits(pattern, dialled) is yes
