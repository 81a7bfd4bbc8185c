# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAPF's online CA mode on a cluster of dicts: nothing on a guess, nothing half, and the password only where it is not known to be in place."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.capf_online_ca import ActionModule as OnlineCa
from ansible_collections.collab.security.plugins.action.enterprise_parameter import ActionModule as Parameter
from ansible_collections.collab.security.plugins.action.lsc_issuers import ActionModule as Issuers
from ansible_collections.collab.security.plugins.plugin_utils import lsc_issuers
from ansible_collections.collab.security.plugins.plugin_utils import online_ca as steps
from ansible_collections.collab.security.plugins.plugin_utils.lsc_issuers import issuer
from ansible_collections.collab.security.plugins.plugin_utils.resources.online_ca import SERVICE
from ansible_collections.collab.security.plugins.plugin_utils.resources.online_ca import BadOnlineCa
from ansible_collections.collab.security.plugins.plugin_utils.resources.parameters import BadParameters

NAMES = {"Certificate Issuer to Endpoint": "CertIssuer", "Online CA Type": "CAType", "Online CA Hostname": "CAHost", "Online CA Port": "CAPort",
         "Online CA Template": "CATemplate", "Online CA Username": "CAUser", "Online CA Password": "CAPassword"}
STORED = {"Certificate Issuer to Endpoint": "2", "Online CA Type": "1"}
CONFIRMED = [{"label": label, "name": name, "confirmed": True, "stored_value": STORED.get(label)} for label, name in NAMES.items()]
ARGS = {"hostname": "us-ca.ent-pa.com", "template": "CollabLSC", "username": "ENT-PA\\svc-capf", "password": "planted-secret", "parameters": CONFIRMED}
ORDER = ["CAHost", "CAPort", "CATemplate", "CAUser", "CAPassword", "CAType", "CertIssuer"]


def parameter(name, value, node="us-cm-pub.ent-pa.com"):
    return {"name": name, "value": value, "service": SERVICE, "processNodeName": node, "valueType": "string"}


def shown(reading):
    """How a written password reads, by the readings of the lab."""
    readings = {"plain": lambda value: value, "masked": lambda value: "****", "empty": lambda value: "", "encrypted": lambda value: value[::-1].encode().hex()}
    return readings[reading]


@pytest.fixture(params=["plain", "masked", "empty", "encrypted"])
def capf(cluster, make, request, monkeypatch):
    """A publisher whose CAPF issues LSCs itself, and a CA whose web server has the right certificate."""
    cluster.tables["processNode"] = [{"name": "us-cm-pub.ent-pa.com", "nodeUsage": "Publisher", "processNodeRole": "CUCM Voice/Video"}]
    cluster.tables["serviceParameter"] = [parameter(name, "" if name == "CAPassword" else "0") for name in NAMES.values()]
    cluster.served["us-ca.ent-pa.com", 443] = (make["pem"]("us-ca.ent-pa.com", "us-ca.ent-pa.com"), True)
    monkeypatch.setattr(steps, "ca_certificates", lambda action, path, variable: [])
    written, real = shown(request.param), cluster.listed

    def listed(tag, arguments):
        rows = real(tag, arguments)
        for row in rows or ():
            if row["name"] == "CAPassword" and row["value"]:
                row["value"] = written(row["value"])
        return rows

    cluster.listed = listed
    return cluster


def names(cluster):
    return [arguments["name"] for operation, arguments in cluster.writes]


def test_all_is_written_the_issuer_last_and_capf_owes_a_restart(capf, run, owed):
    result = run(OnlineCa, ARGS)
    assert names(capf) == ORDER
    assert {arguments["processNodeName"] for operation, arguments in capf.writes} == {"us-cm-pub.ent-pa.com"}
    assert [entry["what"] for entry in owed.items()] == [SERVICE]
    assert {row["state"] for row in result["parameters"]} == {"as wanted"} and result["server"]["proven"]
    assert "planted-secret" not in str(result)
    assert {row["step"] for row in result["findings"]} == {"onlineca-host-port", "onlineca-template", "onlineca-credentials", "onlineca-issuer-type"}


def test_second_run_and_check_mode_write_nothing(capf, run, owed):
    assert len(run(OnlineCa, ARGS, check=True)["operations"]) == 7 and capf.writes == [] and owed.items() == []
    run(OnlineCa, ARGS)
    capf.writes.clear()
    again = run(OnlineCa, ARGS)
    assert not again["changed"] and capf.writes == [] and again["findings"] == []


def test_other_password_is_written_and_so_is_the_same_on_request(capf, run):
    run(OnlineCa, ARGS)
    capf.writes.clear()
    run(OnlineCa, {**ARGS, "password": "planted-other"})
    assert names(capf) == ["CAPassword"]
    capf.writes.clear()
    result = run(OnlineCa, {**ARGS, "password": "planted-other", "rewrite_password": True})
    read = capf.listed("serviceParameter", {"returnedTags": {"name": "", "value": ""}, "searchCriteria": {"name": "CAPassword"}})[0]["value"]
    assert names(capf) == ([] if read == "planted-other" else ["CAPassword"])
    assert "planted" not in str(result)


def test_drift_is_mended_alone(capf, run):
    run(OnlineCa, ARGS)
    capf.row("serviceParameter", "CATemplate")["value"] = "Other"
    capf.writes.clear()
    run(OnlineCa, ARGS)
    assert names(capf) == ["CATemplate"]


def test_cluster_wide_parameters_are_found_too(capf, run):
    for row in capf.tables["serviceParameter"]:
        row["processNodeName"] = "EnterpriseWideData"
    run(OnlineCa, ARGS)
    assert {arguments["processNodeName"] for operation, arguments in capf.writes} == {"EnterpriseWideData"} and names(capf) == ORDER


@pytest.mark.parametrize("missing", [0, 3, 6])
def test_one_that_is_not_confirmed_keeps_all_from_being_written(capf, run, missing):
    listed = [{**entry, "confirmed": False} if number == missing else entry for number, entry in enumerate(CONFIRMED)]
    result = run(OnlineCa, {**ARGS, "parameters": listed})
    assert capf.writes == [] and not result["changed"]
    assert {row["id"] for row in result["pending"]} == {"online-ca-parameter-unconfirmed", "online-ca-half-known"}


def test_candidates_never_show_a_password(capf, run):
    capf.row("serviceParameter", "CAPassword")["value"] = "planted-older"
    result = run(OnlineCa, {**ARGS, "parameters": []})
    assert "CAPassword (now 'not shown')" in str(result["pending"]) and "planted" not in str(result)


def test_without_a_password_nothing_is_written(capf, run):
    result = run(OnlineCa, {**ARGS, "password": None})
    assert capf.writes == [] and "online-ca-password" in [row["id"] for row in result["pending"]]


@pytest.mark.parametrize("serve, says", [
    (None, "nothing answers by TLS"), (("us-ca.ent-pa.com", False), "does not chain to tomcat-trust"), (("other.ent-pa.com", True), "for other.ent-pa.com"),
])
def test_web_server_that_is_not_proven_keeps_all_from_being_written(capf, run, make, serve, says):
    del capf.served["us-ca.ent-pa.com", 443]
    if serve:
        capf.served["us-ca.ent-pa.com", 443] = (make["pem"](serve[0], serve[0]), serve[1])
    result = run(OnlineCa, ARGS)
    assert capf.writes == [] and says in result["pending"][0]["reason"]
    assert [row["id"] for row in result["findings"] if row["severity"] == "high"] == ["online-ca-server"]


@pytest.mark.parametrize("listed, says", [
    ([{"label": "Online CA Colour"}], "no parameter of the online CA"), ([{"label": "Online CA Port", "confirmed": True}], "no name"),
    ([{"label": "Online CA Hostname", "name": "CAHostX", "confirmed": True}], "no such parameter"),
])
def test_bad_input_stops_before_anything(capf, run, listed, says):
    with pytest.raises(BadOnlineCa, match=says):
        run(OnlineCa, {**ARGS, "parameters": listed})
    assert capf.writes == [] and capf.probes == []


@pytest.mark.parametrize("write", range(7))
def test_killed_at_any_write_the_next_run_finishes(capf, run, owed, write):
    capf.fail_at = write
    with pytest.raises(KeyboardInterrupt):
        run(OnlineCa, ARGS)
    assert [entry["what"] for entry in owed.items()] == [SERVICE]
    capf.fail_at = None
    run(OnlineCa, ARGS)
    assert names(capf) == ORDER


def test_other_modules_do_not_take_the_password(capf, run):
    with pytest.raises(BadParameters, match="capf_online_ca"):
        run(Parameter, {"parameters": [{"label": "Online CA Password", "name": "CAPassword", "confirmed": True, "stored_value": "x"}]})
    assert capf.writes == []


# --- the proof -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("words, name", [("CN=Ent-PA Issuing CA,O=ent-pa", "Ent-PA Issuing CA"), ("O=ent-pa;CN = Ent-PA Issuing CA", "Ent-PA Issuing CA"),
                                         ("/C=US/CN=CAPF-1a2b", "CAPF-1a2b"), ("CAPF-1a2b", "CAPF-1a2b")])
def test_issuer_in_each_spelling(words, name):
    assert issuer(words) == name


def test_proof_by_one_query(cluster, run, monkeypatch):
    class Certificate:
        pass

    monkeypatch.setattr(lsc_issuers, "ca_certificates", lambda action, path, variable: [Certificate()])
    monkeypatch.setattr(lsc_issuers, "is_ca", lambda one: True)
    monkeypatch.setattr(lsc_issuers, "common_name", lambda one: "Ent-PA Issuing CA")
    rows, real = [{"lscissuername": "CN=CAPF-1a2b", "phones": "3"}], cluster.ask
    monkeypatch.setattr(cluster, "ask", lambda channel, op, **args: rows if op == "sql" else real(channel, op, **args))
    result = run(Issuers, {})
    assert result["proven"] == 0 and result["issuers"] == {"CAPF-1a2b": 3} and result["pending"][0]["step"] == "onlineca-restart-capf"
    rows.append({"lscissuername": "CN=Ent-PA Issuing CA", "phones": "2"})
    result = run(Issuers, {})
    assert result["proven"] == 2 and result["pending"] == []
