# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for parameters, phone security profiles and facts on a cluster of dicts."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.cluster_info import ActionModule as Info
from ansible_collections.collab.security.plugins.action.enterprise_parameter import ActionModule as Parameter
from ansible_collections.collab.security.plugins.action.phone_security_profile import ActionModule as Phone
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_ledger import PhoneLedger
from ansible_collections.collab.security.plugins.plugin_utils.phone_profile_steps import NoUniversalProfile
from ansible_collections.collab.security.plugins.plugin_utils.resources.parameters import BadParameters

LSC = "By Existing Certificate (precedence to LSC)"
TABLE = [{"name": "UDT-Encrypted-LSC-TFTPenc.ent-pa.com", "authentication_mode": LSC, "tftp_encrypted_config": True},
         {"name": "UDT-Encrypted-LSC.ent-pa.com", "authentication_mode": LSC},
         {"name": "UDT-Encrypted-NullString.ent-pa.com", "authentication_mode": "By Null String"},
         {"name": "UDT-Jabber-SIPOAuth", "authentication_mode": "By Null String", "oauth": True}]
HTTPS = {"label": "HTTPS Ciphers", "value": "RSA Ciphers Only", "name": "HTTPSCiphers", "confirmed": True, "stored_value": "0"}


def enterprise(name, value):
    return {"name": name, "value": value, "service": "Enterprise Wide", "processNodeName": "EnterpriseWideData", "valueType": "long"}


@pytest.fixture
def parameters(cluster):
    cluster.tables["serviceParameter"] += [enterprise("HTTPSCiphers", "1"), enterprise("TLSCiphers", "0"), enterprise("ClusterSecurityMode", "0")]
    return cluster


@pytest.fixture
def universal(cluster):
    cluster.tables["phoneSecurityProfile"] = [{
        "name": "Universal Device Template - Model-independent Security Profile", "phoneType": "Universal Device Template",
        "protocol": "Protocol Not Specified", "deviceSecurityMode": "Non Secure"}]
    return cluster


# --- parameters ----------------------------------------------------------------------------------------------------

def test_unconfirmed_is_pending_with_candidates_and_never_written(parameters, run):
    result = run(Parameter, {"parameters": [{"label": "TLS Ciphers", "value": "All Ciphers RSA Preferred", "name": "TLSCiphers", "stored_value": "9"}]})
    assert parameters.writes == [] and not result["changed"]
    assert result["parameters"][0]["candidates"] == [{"name": "TLSCiphers", "value": "0", "type": "long"}]
    said = " ".join(result["pending"][0]["what_to_do"])
    assert "TLSCiphers (now '0')" in said and "collab_enterprise_parameters" in said


def test_several_candidates_are_not_chosen_from(parameters, run):
    parameters.tables["serviceParameter"] += [enterprise("WebCipherSuite", "0"), enterprise("MediaCipherSuite", "1")]
    result = run(Parameter, {"parameters": [{"label": "SRTP Ciphers"}]}, release="12.5")
    said = result["pending"][0]["what_to_do"]
    assert "MediaCipherSuite (now '1')" in said[0] and "name: THE_CONFIRMED_NAME" in said[-1]


def test_confirmed_is_written_and_owes_tomcat_first(parameters, run, owed):
    result = run(Parameter, {"parameters": [HTTPS]}, release="12.5")
    assert parameters.writes == [("updateServiceParameter", {"processNodeName": "EnterpriseWideData", "name": "HTTPSCiphers", "service": "Enterprise Wide",
                                                            "value": "0"})]
    assert owed.items() == [{"what": "Cisco Tomcat", "node": "us-cm-pub", "since": 1795464000, "reason": "HTTPS Ciphers was changed"}]
    assert result["parameters"][0]["state"] == "as wanted" and result["parameters"][0]["stored_value"] == "0"
    assert (result["findings"][0]["step"], result["pending"]) == ("cipher-https", [])


def test_restart_is_owed_even_when_killed_at_the_write(parameters, run, owed):
    parameters.fail_at = 0
    with pytest.raises(KeyboardInterrupt):
        run(Parameter, {"parameters": [HTTPS]})
    assert [entry["what"] for entry in owed.items()] == ["Cisco Tomcat"]


def test_second_run_and_check_mode_write_nothing(parameters, run):
    assert run(Parameter, {"parameters": [HTTPS]}, check=True)["changed"]
    assert parameters.writes == []
    run(Parameter, {"parameters": [HTTPS]})
    parameters.writes.clear()
    assert not run(Parameter, {"parameters": [HTTPS]})["changed"]
    assert parameters.writes == []


@pytest.mark.parametrize("entry, says", [
    ({"label": "Cluster Security Mode", "confirmed": True, "stored_value": "1"}, "cluster_security_mode"),
    ({"label": "x", "name": "ClusterSecurityMode", "confirmed": True, "stored_value": "1"}, "cluster_security_mode"),
    ({"label": "Cluster SIPOAuth Mode"}, "sip_oauth_mode"),
    ({"label": "TLS Ciphers", "name": "TlsCiphersX", "confirmed": True, "stored_value": "1"}, "it has TLSCiphers"),
    ({"label": "TLS Ciphers", "confirmed": True, "stored_value": "1"}, "no name"),
])
def test_what_must_not_be_written_stops_everything(parameters, run, entry, says):
    with pytest.raises(BadParameters, match=says):
        run(Parameter, {"parameters": [HTTPS, entry]})
    assert parameters.writes == []


def test_confirmed_name_without_a_stored_value_is_pending(parameters, run):
    result = run(Parameter, {"parameters": [{**HTTPS, "stored_value": None}]}, release="12.5")
    assert parameters.writes == []
    assert [row["id"] for row in result["pending"]] == ["enterprise-parameter-value-unknown"]


@pytest.mark.parametrize("release, checked, pending", [("15", False, True), ("14.0", False, True), ("12.5", False, False), ("15", True, False)])
def test_cipher_management_is_asked_for_from_14(parameters, run, release, checked, pending):
    result = run(Parameter, {"parameters": [HTTPS], "cipher_management_checked": checked}, release=release)
    assert ("cipher-management" in [row["id"] for row in result["pending"]]) is pending


# --- phone security profiles ---------------------------------------------------------------------------------------

def test_four_profiles_are_made_once(universal, run):
    result = run(Phone, {"profiles": TABLE})
    made = {arguments["phoneSecurityProfile"]["name"]: arguments["phoneSecurityProfile"] for operation, arguments in universal.writes}
    assert list(made) == [row["name"] for row in TABLE]
    assert {(row["phoneType"], row["protocol"], row["deviceSecurityMode"], row["transportType"]) for row in made.values()} == {
        ("Universal Device Template", "Protocol Not Specified", "Encrypted", "TLS")}
    assert [row["tftpEncryptedConfig"] for row in made.values()] == ["true", "false", "false", "false"]
    assert [row["EnableOAuthAuthentication"] for row in made.values()] == ["false", "false", "false", "true"]
    assert [row["step"] for row in result["findings"]] == ["psp-lsc-tftpenc", "psp-lsc", "psp-nullstring", "psp-jabber-sipoauth"]
    universal.writes.clear()
    assert not run(Phone, {"profiles": TABLE})["changed"] and universal.writes == []


def test_check_mode_makes_none(universal, run):
    assert len(run(Phone, {"profiles": TABLE}, check=True)["operations"]) == 4
    assert universal.writes == []


def test_only_what_differs_is_updated(universal, run):
    run(Phone, {"profiles": TABLE})
    universal.row("phoneSecurityProfile", TABLE[1]["name"])["deviceSecurityMode"] = "Authenticated"
    universal.writes.clear()
    result = run(Phone, {"profiles": TABLE})
    assert universal.writes == [("updatePhoneSecurityProfile", {"name": TABLE[1]["name"], "deviceSecurityMode": "Encrypted"})]
    assert [(row["step"], row["severity"]) for row in result["findings"]] == [("psp-encrypted", "high")]


def test_phones_of_a_changed_profile_are_on_record_before_it_is_changed(universal, run, tmp_path):
    run(Phone, {"profiles": TABLE})
    universal.tables["phone"] = [{"name": "SEP1", "securityProfileName": TABLE[0]["name"]}, {"name": "SEP2", "securityProfileName": "other"}]
    universal.row("phoneSecurityProfile", TABLE[0]["name"])["tftpEncryptedConfig"] = "false"
    universal.writes.clear()
    universal.fail_at = 0
    with pytest.raises(KeyboardInterrupt):
        run(Phone, {"profiles": TABLE})
    assert universal.writes == [] and list(PhoneLedger(tmp_path, "us_cm", "apply").owes) == ["SEP1"]
    universal.fail_at = None
    result = run(Phone, {"profiles": TABLE})
    assert [operation for operation, _arguments in universal.writes] == ["updatePhoneSecurityProfile"]
    assert result["impact"][0]["what"] == "1 phone of UDT-Encrypted-LSC-TFTPenc.ent-pa.com"
    assert list(PhoneLedger(tmp_path, "us_cm", "apply").owes) == ["SEP1"]


def test_other_type_under_the_name_is_left_alone(universal, run):
    universal.tables["phoneSecurityProfile"].append({"name": TABLE[0]["name"], "phoneType": "Cisco 8845", "protocol": "SIP"})
    result = run(Phone, {"profiles": TABLE[:1]})
    assert universal.writes == []
    assert [row["id"] for row in result["pending"]] == ["phone-security-profile-type"]


def test_without_a_universal_profile_nothing_is_guessed(cluster, run):
    with pytest.raises(NoUniversalProfile, match="Nothing was written"):
        run(Phone, {"profiles": TABLE})
    assert cluster.writes == []


def test_name_that_is_no_fqdn_is_a_finding(universal, run):
    result = run(Phone, {"profiles": [{**TABLE[1], "name": "no fqdn"}]})
    assert "psp-fqdn-name" in [row["step"] for row in result["findings"]]


# --- facts ---------------------------------------------------------------------------------------------------------

def test_facts(parameters, run):
    facts = run(Info, {"gather": ["nodes", "services", "security", "trunks"]})["cluster"]
    assert sorted(facts) == ["nodes", "security", "services", "trunks"]
    assert [row["name"] for row in facts["nodes"]] == ["us-cm-pub.ent-pa.com"]
    assert facts["security"] == {"mode": "non-secure", "parameters": {"ClusterSecurityMode": "0", "HTTPSCiphers": "1", "TLSCiphers": "0"}}
    assert {row["name"]: row["presence"] for row in facts["trunks"]}["US_IMP"] is True
    assert parameters.writes == []
