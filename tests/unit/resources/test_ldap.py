# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP over TLS on a cluster of dicts: what is switched, what is held back, and that no password is ever asked for or sent."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.ldap_authentication import ActionModule as Authentication
from ansible_collections.collab.security.plugins.action.ldap_directory import ActionModule as Directory
from ansible_collections.collab.security.plugins.action.ldap_synchronization import ActionModule as Synchronization
from ansible_collections.collab.security.plugins.plugin_utils import ldap_steps
from ansible_collections.collab.security.plugins.plugin_utils import ldap_synchronization
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Stuck
from ansible_collections.collab.security.plugins.plugin_utils.resources.ldap import BadLdap

LDAP1, LDAP2 = "us-ldap1.ent-pa.com", "us-ldap2.ent-pa.com"
GRANTED = {"granted": True}


def servers(*listed):
    return {"server": [{"hostName": host, "ldapPortNumber": str(port), "sslEnabled": tls} for host, port, tls in listed]}


def listed(row):
    return [(one["hostName"], str(one["ldapPortNumber"]), str(one["sslEnabled"]).lower()) for one in row["servers"]["server"]]


@pytest.fixture
def directory(cluster, make):
    """One directory with two domain controllers, LDAP authentication against a global catalog, all plain."""
    cluster.tables["ldapDirectory"] = [{"name": "US_AD", "ldapDn": "CN=svc", "ldapPassword": "planted-secret",
                                        "servers": servers((LDAP1, 389, "false"), (LDAP2, 389, "f"))}]
    cluster.tables["ldapAuthentication"] = [{"authenticateEndUsers": "true", "ldapPassword": "planted-secret", "servers": servers((LDAP1, 3268, "false"))}]
    cluster.services["Cisco DirSync"] = "Started"
    cluster.trust["tomcat"] = [make["pem"]("Enterprise Root")]
    for port in (636, 3269):
        for host in (LDAP1, LDAP2):
            cluster.served[host, port] = (make["pem"](host, host), True)
    return cluster


def test_switched_as_a_whole_and_nothing_else(directory, run):
    result = run(Directory, GRANTED)
    assert directory.writes == [("updateLdapDirectory", {"name": "US_AD", "servers": {"server": [
        {"hostName": LDAP1, "ldapPortNumber": "636", "sslEnabled": True}, {"hostName": LDAP2, "ldapPortNumber": "636", "sslEnabled": True}]}})]
    assert result["before"] == {"US_AD": [LDAP1 + ":389", LDAP2 + ":389"]} and result["after"] == {"US_AD": [LDAP1 + ":636 TLS", LDAP2 + ":636 TLS"]}
    assert {row["step"] for row in result["findings"]} == {"ldap-directory-tls"}
    assert result["agreements"][0]["state"] == "over TLS"
    result = run(Authentication, GRANTED)
    assert directory.writes[1:] == [("updateLdapAuthentication", {"servers": {"server": [{"hostName": LDAP1, "ldapPortNumber": "3269", "sslEnabled": True}]}})]
    assert {row["step"] for row in result["findings"]} == {"ldap-authentication-tls"}
    assert "planted-secret" not in str(result)


def test_password_is_neither_asked_for_nor_sent(directory, run):
    run(Directory, GRANTED)
    run(Authentication, GRANTED)
    assert not [asked for asked in directory.asked if "assword" in str(asked)]


def test_second_run_and_check_mode_write_nothing(directory, run, monkeypatch, tmp_path):
    monkeypatch.setattr(ldap_steps, "ca_certificates", lambda action, path, variable: [])
    planned = run(Directory, GRANTED, check=True)
    assert planned["changed"] and directory.writes == []
    done = run(Directory, GRANTED)
    for key in ("operations", "before", "after", "findings"):
        assert planned[key] == done[key]
    directory.writes.clear()
    assert not run(Directory, GRANTED)["changed"] and directory.writes == []


def test_not_granted_is_pending(directory, run):
    result = run(Directory, {})
    assert directory.writes == [] and "services" in result["pending"][0]["what_to_do"][0]


@pytest.mark.parametrize("broken, says", [
    ("no TLS", "offers no TLS"), ("no chain", "does not chain to tomcat-trust"), ("other name", "its certificate is for other.ent-pa.com"),
])
def test_server_that_is_not_proven_holds_its_agreement(directory, run, make, broken, says):
    if broken == "no TLS":
        del directory.served[LDAP2, 636]
    else:
        directory.served[LDAP2, 636] = (make["pem"]("other.ent-pa.com" if broken == "other name" else LDAP2, LDAP2 if broken == "no chain" else "x.y.z"),
                                        broken != "no chain")
    result = run(Directory, GRANTED)
    assert directory.writes == []
    assert result["pending"][0]["object"] == "US_AD" and says in result["pending"][0]["reason"] and result["pending"][0]["what_to_do"]
    assert "ldap-trust" in {row["step"] for row in result["findings"]}
    assert run(Authentication, GRANTED)["changed"]


def test_address_needs_a_name(directory, run, make):
    directory.tables["ldapDirectory"][0]["servers"] = servers(("10.0.2.1", 389, "false"))
    directory.served["10.0.2.1", 636] = (make["pem"](LDAP1, LDAP1), True)
    result = run(Directory, GRANTED)
    assert directory.writes == [] and "the name to find there is 10.0.2.1" in result["pending"][0]["reason"]
    result = run(Directory, {**GRANTED, "servers": [{"host": "10.0.2.1", "server_name": LDAP1}]})
    assert listed(directory.tables["ldapDirectory"][0]) == [("10.0.2.1", "636", "true")]
    assert "ldap-address" in [row["id"] for row in result["findings"]]


def test_guides_port_for_a_global_catalog_is_corrected_with_a_warning(directory, run, cluster):
    directory.tables["ldapDirectory"][0]["servers"] = servers((LDAP1, 3268, "true"))
    result = run(Directory, {**GRANTED, "servers": [{"host": LDAP1, "port": 3268}]})
    assert listed(directory.tables["ldapDirectory"][0]) == [(LDAP1, "3269", "true")]
    assert "ldap-plain-port" in [row["id"] for row in result["findings"]]


def test_port_that_nobody_knows_is_pending(directory, run, make):
    directory.tables["ldapDirectory"][0]["servers"] = servers((LDAP1, 10389, "false"), (LDAP2, 389, "false"))
    assert "10389" in run(Directory, GRANTED)["pending"][0]["reason"] and directory.writes == []
    directory.served[LDAP1, 10636] = (make["pem"](LDAP1, LDAP1), True)
    run(Directory, {**GRANTED, "servers": [{"host": LDAP1.upper(), "port": 10636}]})
    assert listed(directory.tables["ldapDirectory"][0]) == [(LDAP1, "10636", "true"), (LDAP2, "636", "true")]


def test_own_port_over_tls_is_left(directory, run, make):
    directory.tables["ldapDirectory"][0]["servers"] = servers((LDAP1, 10636, "t"))
    directory.served[LDAP1, 10636] = (make["pem"](LDAP1, LDAP1), True)
    assert not run(Directory, GRANTED)["changed"]


@pytest.mark.parametrize("args, says", [
    ({"directories": ["NO_SUCH"]}, "NO_SUCH.*it has US_AD"),
    ({"servers": [{"host": "no-such.ent-pa.com"}]}, "no-such.ent-pa.com.*" + LDAP1),
    ({"servers": [{"host": LDAP1}, {"host": LDAP1}]}, "more than once"),
])
def test_bad_input_stops_before_anything(directory, run, args, says):
    with pytest.raises(BadLdap, match=says):
        run(Directory, {**GRANTED, **args})
    assert directory.writes == [] and directory.probes == []


def test_tomcat_that_owes_a_restart_holds_the_switch(directory, run, owed):
    owed.add("Cisco Tomcat", ["us-cm-sub1"], 1, "certificates came into tomcat-trust")
    assert "us-cm-sub1" in run(Directory, GRANTED)["pending"][0]["reason"] and directory.writes == []
    owed.settle("Cisco Tomcat", "us-cm-sub1")
    assert run(Directory, GRANTED)["changed"]


def test_with_ocsp_the_certificate_itself_has_to_be_trusted(directory, run):
    assert "OCSP" in run(Directory, {**GRANTED, "ocsp": True})["pending"][0]["reason"]
    directory.trust["tomcat"] += [directory.served[host, 636][0] for host in (LDAP1, LDAP2)]
    assert run(Directory, {**GRANTED, "ocsp": True})["changed"]


def test_authentication_that_is_not_in_use_is_left(directory, run):
    directory.tables["ldapAuthentication"][0]["authenticateEndUsers"] = "false"
    result = run(Authentication, GRANTED)
    assert not result["changed"] and result["agreements"] == [] and result["findings"] == []


def test_server_that_fails_later_is_a_finding_only(directory, run):
    run(Directory, GRANTED)
    del directory.served[LDAP1, 636]
    result = run(Directory, GRANTED)
    assert not result["changed"] and result["pending"] == []
    assert [(row["id"], row["severity"]) for row in result["findings"]] == [("ldap-server", "medium")]


# --- synchronisation -----------------------------------------------------------------------------------------------

@pytest.fixture
def statuses(directory, monkeypatch):
    """The answers of getLdapSyncStatus, the last one for ever; waits take no time."""
    said = ["Sync is performed successfully"]
    directory.answers.update(doLdapSync=lambda a: {"return": "Sync initiated successfully"},
                             getLdapSyncStatus=lambda a: {"return": said.pop(0) if len(said) > 1 else said[0]})
    clock = iter(range(10 ** 6))
    import ansible_collections.collab.security.plugins.action.ldap_synchronization as module
    monkeypatch.setattr(module, "pauses_of", lambda action: Pauses(1, lambda seconds: None, lambda: next(clock)))
    return said


def test_synchronised_once_where_it_was_asked_for(statuses, directory, run, owed):
    run(Directory, {**GRANTED, "synchronize": True})
    assert [entry["what"] for entry in owed.items()] == ["sync:ldap:US_AD"]
    statuses[:] = ["Sync is performed successfully", "Sync is performed successfully", "Sync is currently under process", "Sync is performed succesfully"]
    result = run(Synchronization, {})
    assert result["synchronized"] == {"US_AD": "Sync is performed succesfully"} and owed.items() == []
    assert [name for name, arguments in directory.writes] == ["updateLdapDirectory", "doLdapSync"]
    assert not run(Synchronization, {})["changed"]


def test_success_of_before_counts_after_some_looks(statuses, directory, run, owed):
    run(Directory, {**GRANTED, "synchronize": True})
    run(Synchronization, {})
    assert len([1 for name, arguments in directory.asked if name == "getLdapSyncStatus"]) == 1 + ldap_synchronization.LOOKS


def test_failed_synchronisation_says_how_to_go_back(statuses, directory, run, owed):
    run(Directory, {**GRANTED, "synchronize": True})
    statuses[:] = ["Sync is performed successfully", "Sync is currently under process", "Sync failed: cannot connect"]
    with pytest.raises(Stuck, match="cannot connect.*To go back.*%s:389" % LDAP1):
        run(Synchronization, {})
    assert [entry["what"] for entry in owed.items()] == ["sync:ldap:US_AD"]


def test_synchronisation_that_does_not_end_is_said(statuses, directory, run):
    run(Directory, {**GRANTED, "synchronize": True})
    statuses[:] = ["Sync is performed successfully", "Sync is currently under process"]
    with pytest.raises(Stuck, match="no synchronisation of it came to an end in 20 s"):
        run(Synchronization, {"timeout": 20})


def test_nothing_is_synchronised_unasked_or_without_dirsync(statuses, directory, run):
    run(Directory, GRANTED)
    assert not run(Synchronization, {})["changed"]
    directory.tables["ldapDirectory"][0]["servers"] = servers((LDAP1, 389, "false"))
    run(Directory, {**GRANTED, "synchronize": True})
    directory.services["Cisco DirSync"] = "Stopped"
    result = run(Synchronization, {})
    assert not result["changed"] and [row["id"] for row in result["pending"]] == ["ldap-sync"]
