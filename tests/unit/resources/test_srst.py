# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRST references on a cluster of dicts: proven before they are marked secure, and the router's certificate told, seen or confirmed."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.srst_reference import ActionModule as Srst
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.phone_ledger import PhoneLedger
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import find_certificates
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import fingerprint
from ansible_collections.collab.security.plugins.plugin_utils.resources import srst
from ansible_collections.collab.security.plugins.plugin_utils.resources.srst import BadReferences
from tests.unit.resources.fake_publisher import pem

ROUTER = pem("us-branch1.ent-pa.com", "us-branch1.ent-pa.com")
SHA256 = fingerprint(find_certificates(ROUTER)[0])
LSC, TFTP = "UDT-Encrypted-LSC.ent-pa.com", "UDT-Encrypted-LSC-TFTPenc.ent-pa.com"


def reference(name, address="10.0.9.1", secure="false", **more):
    return {"name": name, "port": "2000", "ipAddress": address, "SipPort": "5060", "srstCertificatePort": "2445", "isSecure": secure, **more}


@pytest.fixture
def branch(cluster):
    """A branch whose router is ready and one whose is not, two phones behind the first."""
    cluster.tables["srst"] = [reference("Disable", None), reference("US_BRANCH"), reference("US_SHOP", "10.0.9.2")]
    cluster.tables["devicePool"] = [{"name": "DP_BRANCH", "srstName": {"_value_1": "US_BRANCH"}}, {"name": "DP_1", "srstName": {"_value_1": "Disable"}}]
    cluster.tables["phone"] = [{"name": name, "devicePoolName": pool, "securityProfileName": TFTP} for name, pool in (
        ("SEP1", "DP_BRANCH"), ("SEP2", "DP_BRANCH"), ("SEP3", "DP_1"))]
    cluster.tables["phoneSecurityProfile"] = [{"name": TFTP, "tftpEncryptedConfig": "true"}, {"name": LSC, "tftpEncryptedConfig": "false"}]
    cluster.served["10.0.9.1", 2445] = (ROUTER, True)
    cluster.mixed, cluster.files = "1", {}
    ask = cluster.ask

    def more(channel, op, **args):
        if (channel, op) == ("axl", "sql"):
            return [{"paramname": "ClusterSecurityMode", "paramvalue": cluster.mixed}]
        if (channel, op) == ("phone_files", "read"):
            return cluster.files[args["phone"]]
        return ask(channel, op, **args)

    cluster.ask = more
    return cluster


def seen(result, name="US_BRANCH"):
    return next(row for row in result["references"] if row["name"] == name)


def test_a_proven_reference_is_marked_secure_and_its_phones_are_on_record_before(branch, run, tmp_path):
    branch.fail_at = 0
    with pytest.raises(KeyboardInterrupt):
        run(Srst, {})
    assert branch.writes == [] and list(PhoneLedger(tmp_path, "us_cm", "apply").owes) == ["SEP1", "SEP2"]
    branch.fail_at = None
    result = run(Srst, {})
    assert branch.writes == [("updateSrst", {"name": "US_BRANCH", "isSecure": "true"})]
    assert (seen(result)["sha256"], seen(result)["proven"], seen(result)["phones"]) == (SHA256, True, 2)
    assert [(f["step"], f["severity"]) for f in result["findings"] if f["object"] == "US_BRANCH"] == [("srst-is-secure", "high")]
    assert {(p["id"], p["object"]) for p in result["pending"]} == {("srst-router", "US_SHOP"), ("srst-fetch", "US_BRANCH")}
    assert SHA256 in str(result["pending"])
    branch.writes.clear()
    assert not run(Srst, {})["changed"] and branch.writes == []


def test_check_mode_writes_nothing(branch, run, tmp_path):
    result = run(Srst, {}, check=True)
    assert result["changed"] and branch.writes == [] and not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("served, name, says, step", [
    (None, None, "does not answer", "srst-credential-server"), ((ROUTER, False), None, "not of the enterprise CA", "srst-certificate"),
    ((ROUTER, True), "other.ent-pa.com", "not for other.ent-pa.com", "srst-certificate")])
def test_a_router_that_does_not_prove_itself_leaves_the_reference_alone(branch, run, served, name, says, step):
    del branch.served["10.0.9.1", 2445]
    if served:
        branch.served["10.0.9.1", 2445] = served
    result = run(Srst, {"references": [{"name": "US_BRANCH", "server_name": name}]})
    assert branch.writes == [] and says in result["pending"][0]["reason"] and result["pending"][0]["step"] == step


def test_nothing_is_written_before_mixed_mode(branch, run):
    branch.mixed = "0"
    result = run(Srst, {"references": [{"name": "US_BRANCH"}]})
    assert branch.writes == [] and [p["id"] for p in result["pending"]] == ["srst-wait-for-mixed-mode"]
    assert run(Srst, {}, check=True)["changed"]


def test_unknown_references_stop_before_anything(branch, run):
    with pytest.raises(BadReferences, match="no SRST reference NOBODY .*US_BRANCH, US_SHOP. Nothing was written"):
        run(Srst, {"references": [{"name": "NOBODY"}]})
    assert branch.writes == [] and branch.probes == []


def test_ports_are_set_only_where_asked_and_exclusions_hold(branch, run):
    run(Srst, {"references": [{"name": "US_BRANCH", "sip_port": 5061}]})
    assert branch.writes == [("updateSrst", {"name": "US_BRANCH", "SipPort": "5061", "isSecure": "true"})]
    assert [row["name"] for row in run(Srst, {"exclude": ["US_BRANCH"]})["references"]] == ["US_SHOP"]


def secured(branch, run, tmp_path):
    run(Srst, {})
    PhoneLedger(tmp_path, "us_cm", "apply").forget()                # the phones were told


def test_a_file_that_can_be_read_shows_whether_the_certificate_was_taken(branch, run, tmp_path):
    secured(branch, run, tmp_path)
    branch.row("phone", "SEP2")["securityProfileName"] = LSC
    branch.files["SEP2"] = "<device><srstInfo><isSecure>true</isSecure></srstInfo></device>"
    assert seen(run(Srst, {}))["certificate"] == "not known"
    branch.files["SEP2"] = "<device><srstInfo><cert>%s</cert></srstInfo></device>" % ROUTER
    result = run(Srst, {})
    assert seen(result)["certificate"] == "taken" and [p["id"] for p in result["pending"]] == ["srst-router"]
    assert not PhoneLedger(tmp_path, "us_cm", "apply").owes
    branch.files["SEP2"] = None
    assert seen(run(Srst, {}))["certificate"] == "not known"


def test_a_confirmed_certificate_is_told_once_and_a_new_one_is_noticed(branch, run, tmp_path):
    secured(branch, run, tmp_path)
    confirmed = {"references": [{"name": "US_BRANCH", "certificate_sha256": SHA256.lower().replace(":", "")}]}
    result = run(Srst, confirmed)
    assert seen(result)["certificate"] == "confirmed" and result["pending"] == []
    assert list(PhoneLedger(tmp_path, "us_cm", "apply").owes) == ["SEP1", "SEP2"]
    PhoneLedger(tmp_path, "us_cm", "apply").forget()
    run(Srst, confirmed)
    assert not PhoneLedger(tmp_path, "us_cm", "apply").owes
    branch.served["10.0.9.1", 2445] = (pem("us-branch1.ent-pa.com", "us-branch1.ent-pa.com", "new.ent-pa.com"), True)
    result = run(Srst, confirmed)
    assert seen(result)["certificate"] == "another" and "srst-certificate-other" in [f["id"] for f in result["findings"]]


def test_a_node_that_gives_no_files_shows_nothing(branch, run, tmp_path):
    secured(branch, run, tmp_path)
    branch.row("phone", "SEP1")["securityProfileName"] = LSC
    ask = branch.ask

    def away(channel, op, **args):
        if channel == "phone_files":
            raise NodeError("unreachable", "no")
        return ask(channel, op, **args)

    branch.ask = away
    assert seen(run(Srst, {}))["certificate"] == "not known"


def test_certificates_are_found_in_either_place_and_rubbish_is_not_one():
    body = "".join(ROUTER.split("\n")[1:-2])
    assert srst.certificates_in("<a><srstInfo><x>%s</x></srstInfo></a>" % body) == {SHA256}
    assert srst.certificates_in("<a><certificates><c>\n%s</c></certificates></a>" % ROUTER) == {SHA256}
    assert srst.certificates_in("<a>%s</a>" % ("A" * 1000)) == set()
