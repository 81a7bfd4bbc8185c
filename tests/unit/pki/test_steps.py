# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From trust store to proof, on a cluster made of dicts: what is written, what is not, and what an interrupted run leaves behind."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from cryptography.hazmat.primitives import serialization

from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading
from ansible_collections.collab.security.plugins.plugin_utils.certificates.identity import IdentityCertificate
from ansible_collections.collab.security.plugins.plugin_utils.certificates.request import CertificateRequest
from ansible_collections.collab.security.plugins.plugin_utils.certificates.signature import CertificateSignature
from ansible_collections.collab.security.plugins.plugin_utils.certificates.trust import TrustStores
from ansible_collections.collab.security.plugins.plugin_utils.certificates.trust import bring
from ansible_collections.collab.security.plugins.plugin_utils.certificates.verification import TlsVerification
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.registrations import Baseline
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.pki import facts
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.pki.archive import Archive

sys.path.insert(0, str(Path(__file__).parent))
from fake_nodes import Action  # noqa: E402
from fake_nodes import Cluster  # noqa: E402


@pytest.fixture
def cluster(kit, ca, monkeypatch):
    monkeypatch.setattr(reading, "now", lambda: kit.NOW)
    return Cluster(kit, ca)


@pytest.fixture
def act(cluster, kit, tmp_path):
    """A fresh action on the cluster, as each task makes one."""
    return lambda: Action(cluster, kit, tmp_path)


@pytest.fixture
def chain(ca):
    return [pem.to_pem(ca.root) + pem.to_pem(ca.intermediate)]


def ids(rows):
    return [r["id"] for r in rows]


# ---- trust stores

def trust(action, texts, check=False, stores=("tomcat-trust", "callManager-trust")):
    return TrustStores(action, "15", list(stores), 1).apply(texts, check).result()


def test_trust_is_uploaded_once_and_found_again(act, cluster, kit, chain):
    planned = trust(act(), chain, check=True)
    assert planned["changed"] and cluster.writes == [] and ids(planned["findings"]) == ["trust-missing", "trust-missing"]
    done = trust(act(), chain)
    assert cluster.writes == [(kit.NODES[0], "upload_trust")] and done["after"] == planned["after"] and len(done["operations"]) == 1
    again = trust(act(), chain)
    assert not again["changed"] and again["findings"] == [] and again["diff"] == {} and len(cluster.writes) == 1


@pytest.mark.parametrize(("stores", "owed"), [
    (["tomcat-trust"], {"Cisco Tomcat", "Cisco Tftp", "Cisco HAProxy"}), (["CallManager-trust"], {"Cisco Tftp", "Cisco HAProxy", "Cisco CallManager"})])
def test_trust_owes_the_restarts_of_those_who_read_it(act, cluster, kit, chain, tmp_path, stores, owed):
    """By default, where they run; and once: what is there already owes nothing."""
    args = {"certificates": chain, "stores": stores, "timeout": 1, "roles": [], "owes": None}
    planned = bring(act(), args, True).result()
    assert {i["what"] for i in planned["impact"]} == owed and Owed(tmp_path, "us_cm").items() == []
    bring(act(), args, False)
    journal = {(o["what"], o["node"]) for o in Owed(tmp_path, "us_cm").items()}
    assert {what for what, _node in journal} == owed and ("Cisco Tftp", "us-cm-sub1") not in journal
    Owed(tmp_path, "us_cm").settle("Cisco Tftp", "us-cm-pub")
    bring(act(), args, False)
    assert ("Cisco Tftp", "us-cm-pub") not in {(o["what"], o["node"]) for o in Owed(tmp_path, "us_cm").items()}


def test_trust_owes_nothing_for_a_store_that_had_it(act, cluster, kit, ca, chain, tmp_path):
    for node in kit.NODES:
        cluster.store[node]["trust"]["tomcat"] = [ca.root, ca.intermediate]
    bring(act(), {"certificates": chain, "stores": ["tomcat-trust", "CallManager-trust"], "timeout": 1, "roles": [], "owes": None}, False)
    assert {o["what"] for o in Owed(tmp_path, "us_cm").items()} == {"Cisco Tftp", "Cisco HAProxy", "Cisco CallManager"}


def test_trust_missing_in_one_store_only(act, cluster, kit, ca, chain):
    for node in kit.NODES:
        cluster.store[node]["trust"]["tomcat"] = [ca.root]
    done = trust(act(), chain)
    sent = {tuple(o["object"].split(", ")): len(o["arguments"]["certificates"]) for o in done["operations"]}
    assert sent == {("tomcat-trust",): 1, ("callManager-trust",): 2}


def test_what_cannot_be_read_is_told_where_something_is_missing(act, cluster, kit, ca, chain, monkeypatch):
    """It may be what is missing; in a store that has all of ours it is nobody's business."""
    def worded(*args, **more):
        held = reading.read_node(*args, **more)
        held.unread = {"tomcat": ["9.pem"], "callmanager": ["8.pem"]}
        return held

    monkeypatch.setattr("%s.read_node" % TrustStores.__module__, worded)
    for node in kit.NODES:
        cluster.store[node]["trust"]["tomcat"] = [ca.root, ca.intermediate]
    told = [f for f in trust(act(), chain, check=True)["findings"] if f["id"] == "trust-unread"]
    assert {f["object"] for f in told} == {"callmanager-trust on %s" % node.partition(".")[0] for node in kit.NODES}
    assert all("8.pem" in f["message"] for f in told)


def test_store_that_is_not_distributed_is_filled_where_it_is_needed(act, cluster, kit, chain):
    for node in kit.NODES:
        cluster.store[node]["trust"]["CAPF"] = []
    action = act()
    TrustStores(action, "15", ["CAPF-trust"], 1, roles=["publisher"], owes=["CAPF service"]).apply(chain, False)
    assert cluster.writes == [(kit.NODES[0], "upload_trust")]
    assert [(entry["what"], entry["node"]) for entry in Owed(action.workspace, action.cluster).items()] == [("CAPF service", "us-cm-pub")]
    assert action.report.impacts == [{"node": "us-cm-pub", "kind": "service_restart", "what": "CAPF service"}]
    again = act()
    TrustStores(again, "15", ["CAPF-trust"], 1, roles=["publisher"], owes=["CAPF service"]).apply(chain, False)
    assert not again.report.changed and again.report.impacts == []


def test_certificate_of_a_server_goes_in_as_it_is(act, cluster, kit, ca):
    server = kit.make("us-ldap1.ent-pa.com", "ldap", names=["us-ldap1.ent-pa.com"])
    TrustStores(act(), "15", ["tomcat-trust"], 1, servers=[server]).apply([], False)
    assert server in cluster.store[kit.NODES[1]]["trust"]["tomcat"]
    old = kit.make("us-ldap1.ent-pa.com", "ldap", start=-100, days=50)
    with pytest.raises(AnsibleActionFail, match="us-ldap1.ent-pa.com.*expired"):
        TrustStores(act(), "15", ["tomcat-trust"], 1, servers=[old]).apply([], False)


def test_trust_that_does_not_arrive_names_node_and_store(act, cluster, kit, chain):
    cluster.stuck = {kit.NODES[2]}
    with pytest.raises(AnsibleActionFail, match="tomcat-trust on us-cm-sub2 lacks.*Ent-PA Root CA"):
        trust(act(), chain)
    cluster.stuck = set()
    cluster.store[kit.NODES[2]]["trust"] = cluster.store[kit.NODES[0]]["trust"]
    assert not trust(act(), chain)["changed"]


def test_lost_answer_is_read_back_not_sent_again(act, cluster, chain):
    cluster.fail["upload_trust"] = NodeError("lost", "no answer")
    assert trust(act(), chain)["changed"]
    assert len(cluster.writes) == 1


def test_newer_namesake_stops_before_any_upload(act, cluster, kit, chain):
    cluster.store[kit.NODES[0]]["trust"]["tomcat"] = [kit.make("Ent-PA Root CA", "another key", ca=True, start=-1, days=9000)]
    with pytest.raises(AnsibleActionFail, match="keeps only the newer one.*collab_ca_file"):
        trust(act(), chain)
    assert cluster.writes == []


def test_older_namesake_is_said(act, cluster, kit, chain):
    cluster.store[kit.NODES[0]]["trust"]["tomcat"] = [kit.make("Ent-PA Root CA", "another key", ca=True, start=-300, days=9000)]
    assert "trust-namesake" in ids(trust(act(), chain, check=True)["findings"])


def test_a_successor_of_the_same_name_takes_the_place_of_the_ca(act, cluster, kit, chain):
    """A store keeps one certificate a name: the file has both, and the next run wants no other."""
    older = kit.make("ENT-PA Root", "root", ca=True, start=-900, days=1000, ku=("key_cert_sign", "crl_sign"))
    newer = kit.make("ENT-PA Root", "root", ca=True, start=-1, days=4000, ku=("key_cert_sign", "crl_sign"))
    file = [pem.to_pem(newer) + pem.to_pem(older)]
    trust(act(), file)
    assert cluster.store[kit.NODES[0]]["trust"]["tomcat"] == [newer]
    writes = len(cluster.writes)
    assert not trust(act(), file)["changed"] and len(cluster.writes) == writes


@pytest.mark.parametrize("make, words", [
    (lambda kit, ca: [pem.to_pem(ca.intermediate)], "chain of.*stops at issuer"),
    (lambda kit, ca: ["rubbish" + pem.to_pem(ca.root)], "outside its BEGIN and END lines"),
    (lambda kit, ca: [pem.to_pem(ca.issue(kit.csr())), pem.to_pem(ca.root)], "not a CA certificate"),
    (lambda kit, ca: [], "no certificate is given"),
])
def test_wrong_trust_input_stops_with_the_variables_name(act, cluster, kit, ca, make, words):
    with pytest.raises(AnsibleActionFail, match=words) as caught:
        trust(act(), make(kit, ca))
    assert "collab_ca_file" in str(caught.value) and cluster.writes == []


# ---- requests

def request(action, chain, check=False, **more):
    args = {"service": "tomcat", "distribution": "multi-server", "common_name": None, "alt_names": [], "key_length": 2048, "hash_algorithm": "sha256",
            "renew_before_days": 30, "issuer_certificates": chain, "replace_request": False, "settle_days": 7, "beside": [], **more}
    return CertificateRequest(action, args).apply(check).result()


def test_request_is_made_once_and_reused(act, cluster, kit, chain):
    planned = request(act(), chain, check=True)
    assert (planned["needed"], planned["csr_state"], planned["csr"]) == (True, "would_create", None) and cluster.writes == []
    assert len(planned["findings"]) == 3 and "self-signed" in planned["findings"][0]["message"]
    made = request(act(), chain)
    assert made["csr_state"] == "created" and made["changed"]
    assert made["csr_facts"]["common_name"] == "us-cm-pub-ms.ent-pa.com" and set(kit.NODES) <= set(made["csr_facts"]["dns_names"])
    again = request(act(), chain)
    assert (again["csr_state"], again["csr"], again["changed"]) == ("present", made["csr"], False) and len(cluster.writes) == 1


def test_request_with_a_lost_answer_is_read_back(act, cluster, chain):
    cluster.fail["csr"] = NodeError("lost", "no answer")
    assert request(act(), chain)["csr_state"] == "created" and len(cluster.writes) == 1


def test_request_that_differs_is_not_replaced_silently(act, cluster, kit, chain):
    cluster.store[kit.NODES[0]]["csr"]["tomcat"] = kit.csr(common="us-cm-pub.ent-pa.com", names=[kit.NODES[0]])
    held = request(act(), chain)
    assert (held["csr_state"], held["csr"], held["changed"]) == ("differs", None, False)
    assert ids(held["pending"]) == ["request-differs"] and "replace_request: true" in str(held["pending"]) and cluster.writes == []
    replaced = request(act(), chain, replace_request=True)
    assert replaced["csr_state"] == "created" and "request-replaced" in ids(replaced["findings"])


def test_right_certificate_needs_nothing(act, cluster, kit, ca, chain):
    right = ca.issue(kit.csr())
    for node in kit.NODES:
        cluster.store[node]["identities"]["tomcat"] = right
    got = request(act(), chain)
    assert (got["needed"], got["reasons"], got["csr"], got["findings"]) == (False, {}, None, [])
    assert request(act(), chain, alt_names=["us-cm-sub9.ent-pa.com"])["needed"]
    assert "expires" in str(request(act(), chain, renew_before_days=800, check=True)["reasons"])


def test_node_that_lags_behind_needs_no_new_certificate(act, cluster, kit, ca, chain):
    cluster.store[kit.NODES[0]]["identities"]["tomcat"] = ca.issue(kit.csr())
    got = request(act(), chain)
    assert not got["needed"] and set(ids(got["findings"])) == {"certificate-not-distributed"} and cluster.writes == []


@pytest.mark.parametrize(("tvs_made", "callmanager_made", "held"), [
    (-400, -720, False),        # CallManager alone is due
    (-1, -720, True),           # TVS has just become new
    (-720, -720, True),         # both are due, and TVS ends first
])
def test_what_phones_verify_with_is_renewed_in_its_turn(act, cluster, kit, ca, chain, tvs_made, callmanager_made, held):
    """site.yml renews by the rules of renew.yml: one at a time, and not before phones have had time."""
    for node in kit.NODES:
        cluster.store[node]["identities"].update(CallManager=ca.issue(kit.csr(), start=callmanager_made, days=740),
                                                 TVS=ca.issue(kit.csr(), start=tvs_made, days=739))
    got = request(act(), chain, service="CallManager", beside=["CallManager", "TVS"])
    assert got["needed"] is not held and got["csr_state"] == ("none" if held else "created")
    assert ids(got["pending"]) == ["renewal-held"] * held
    if held:
        assert cluster.writes == [] and "TVS" in got["pending"][0]["reason"]


@pytest.mark.parametrize(("made", "beside", "held"), [(-1, ["CallManager", "TVS"], True), (-8, ["CallManager", "TVS"], False), (-1, ["TVS"], False)])
def test_tvs_is_not_replaced_beside_callmanager(act, cluster, kit, ca, chain, made, beside, held):
    """Whatever the reason why it becomes new: here it is self-signed as installed."""
    for node in kit.NODES:
        cluster.store[node]["identities"].update(CallManager=ca.issue(kit.csr(), start=made), TVS=kit.make(node, "tvs " + node))
    got = request(act(), chain, check=True, service="TVS", distribution="this-server", beside=beside)
    assert ids(got["pending"]) == ["renewal-held"] * held and got["needed"] is not held


@pytest.mark.parametrize("more, words", [({"alt_names": ["*.ent-pa.com"]}, "wildcards"), ({"key_length": 1024}, "between 2048 and 4096"),
                                         ({"issuer_certificates": ["x"]}, "issuer_certificates")])
def test_wrong_request_input(act, chain, more, words):
    with pytest.raises(AnsibleActionFail, match=words):
        request(act(), chain, **more)


# ---- signing

ENTERPRISE = {"authority": "enterprise", "client_use_required": True, "usage_note": None, "uses": []}

def sign(action, csr, check=False, **more):
    args = {"name": "tomcat", "service": None, "csr": csr, "needed": True, "method": "adcs", "url": None, "template": "CollabServer", "user": "enrol",
            "password": "x",
            "ca_file": str(action.workspace / "ca.pem"), "ca_certificate": None, "ca_key_file": None, "ca_key_passphrase": None, "days": 730, "folder": None,
            "reissue": False, **ENTERPRISE, **more}
    return CertificateSignature(action, args).apply(check).result()


@pytest.fixture
def csr(kit, chain, tmp_path):
    (tmp_path / "ca.pem").write_text(chain[0])
    return pem.to_pem(kit.csr())


def test_adcs_is_asked_once(act, cluster, csr, ca):
    assert sign(act(), csr, check=True)["changed"] and cluster.writes == []
    action = act()
    got = sign(action, csr)
    assert got["signed"] and got["changed"] and got["request_id"] == 1
    assert [pem.find_certificates(c)[0] for c in got["chain"]] == ca.chain
    assert (action.options["url"], action.options["address"]) == ("https://us-ca.ent-pa.com:20443", "127.77.0.10")
    again = sign(act(), csr)
    assert again["certificate"] == got["certificate"] and not again["changed"] and cluster.writes == [("us-ca", "submit")]


def test_nothing_needed_or_no_request_asks_nothing(act, cluster, csr):
    assert not sign(act(), csr, needed=False)["changed"] and not sign(act(), None)["changed"] and cluster.writes == []


def test_pending_at_the_ca_is_fetched_later(act, cluster, csr):
    held = sign(act(), csr, template="Approval")
    assert ids(held["pending"]) == ["signature-pending"] and not held["signed"] and held["request_id"] == 1
    cluster.issued[1] = (cluster.issued[1][0], "CollabServer")          # an administrator issues it
    got = sign(act(), csr, template="Approval")
    assert got["signed"] and not got["changed"] and len(cluster.writes) == 1


def test_denied_is_an_error_and_tried_anew_next_time(act, cluster, csr, tmp_path):
    with pytest.raises(AnsibleActionFail, match="denied the request: 0x80094800.*template 'Denied'"):
        sign(act(), csr, template="Denied")
    assert sign(act(), csr)["signed"]


def test_killed_after_the_ca_answered(act, cluster, csr, kit, tmp_path):
    """The run is gone, the broker has kept the number: the next run fetches, it does not ask again."""
    action = act()
    kept = Archive(tmp_path, "us_cm", "tomcat")
    kept.submitting(kit.csr(), {"method": "adcs", "url": None, "template": "CollabServer"})
    cluster.ask("us-ca", "adcs", "submit", csr=csr, template="CollabServer", keep=str(kept.answer))
    got = sign(action, csr)
    assert got["signed"] and len(cluster.writes) == 1


def test_lost_answer_of_the_ca_is_told_and_a_later_run_finishes(act, cluster, csr, tmp_path):
    cluster.fail["submit"] = NodeError("lost", "gone")
    action = act()
    with pytest.raises(AnsibleActionFail, match="The CA may have issued"):
        sign(action, csr)
    Archive(tmp_path, "us_cm", "tomcat").answer.unlink()
    got = sign(act(), csr)
    assert got["signed"] and "submission-lost" in ids(got["findings"])


def test_wrong_template_is_an_error_until_it_changes(act, cluster, csr):
    for _ in range(2):
        with pytest.raises(AnsibleActionFail, match="lacks the extended key usage TLS Web Client Authentication.*delete .*tomcat.pem or set reissue"):
            sign(act(), csr, template="ServerOnly")
    assert len(cluster.writes) == 1
    got = sign(act(), csr, template="CollabServer")
    assert got["signed"] and "certificate-reissued" in ids(got["findings"]) and len(cluster.writes) == 2


def test_reissue_asks_anew(act, cluster, csr):
    with pytest.raises(AnsibleActionFail):
        sign(act(), csr, template="ServerOnly")
    cluster.issued.clear()
    with pytest.raises(AnsibleActionFail):
        sign(act(), csr, template="ServerOnly", reissue=True)
    assert len(cluster.writes) == 2


def test_local_ca_keeps_what_the_request_asks(act, csr, kit, ca, tmp_path):
    key = kit.key("intermediate").private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                serialization.BestAvailableEncryption(b"four words"))
    (tmp_path / "ca.key").write_bytes(key)
    local = {"method": "local", "ca_certificate": pem.to_pem(ca.intermediate), "ca_key_file": str(tmp_path / "ca.key"), "ca_key_passphrase": "four words"}
    got = sign(act(), csr, **local)
    certificate, asked = pem.find_certificates(got["certificate"])[0], kit.csr()
    assert facts.alt_names(certificate) == facts.alt_names(asked) and facts.key_usage(certificate) == facts.key_usage(asked)
    assert facts.extended_key_usage(certificate) == facts.extended_key_usage(asked)
    assert sign(act(), csr, **local)["certificate"] == got["certificate"]
    for change, words in (({"ca_key_passphrase": "wrong"}, "passphrase right"), ({"ca_key_passphrase": None}, "give its passphrase"),
                          ({"ca_certificate": pem.to_pem(ca.root)}, "does not belong to the CA certificate"),
                          ({"ca_key_file": str(tmp_path / "none")}, "ca_key_file")):
        with pytest.raises((AnsibleActionFail, pem.PemError), match=words):
            sign(act(), pem.to_pem(kit.csr(key_name="another")), **{**local, **change})


def test_folder_waits_for_a_person(act, csr, kit, ca, tmp_path):
    folder = {"method": "folder", "folder": str(tmp_path / "drop")}
    assert ids(sign(act(), csr, check=True, **folder)["pending"]) == ["signature-by-hand"] and not (tmp_path / "drop").exists()
    held = sign(act(), csr, **folder)
    assert held["changed"] and ids(held["pending"]) == ["signature-by-hand"] and (tmp_path / "drop" / "tomcat.csr").read_text() == csr
    assert not sign(act(), csr, **folder)["changed"]
    issued = ca.issue(kit.csr())
    (tmp_path / "drop" / "tomcat.cer").write_bytes(issued.public_bytes(serialization.Encoding.DER))
    got = sign(act(), csr, **folder)
    assert got["signed"] and pem.find_certificates(got["certificate"]) == [issued] and got["pending"] == []


@pytest.mark.parametrize("text, words", [
    (lambda kit, ca: pem.to_pem(ca.issue(kit.csr(key_name="other"))), "another public key.*Replace .*tomcat.pem"),
    (lambda kit, ca: "Certificate follows\n" + pem.to_pem(ca.issue(kit.csr())), "tomcat.pem holds text outside"),
    (lambda kit, ca: pem.to_pem(ca.issue(kit.csr(), names=kit.NODES[:1])), "alternative names"),
    (lambda kit, ca: pem.to_pem(ca.issue(kit.csr(), start=-900)), "expired"),
])
def test_wrong_file_in_the_folder_is_an_error_that_names_it(act, csr, kit, ca, tmp_path, text, words):
    folder = {"method": "folder", "folder": str(tmp_path)}
    sign(act(), csr, **folder)
    (tmp_path / "tomcat.pem").write_text(text(kit, ca))
    with pytest.raises((AnsibleActionFail, pem.PemError), match=words):
        sign(act(), csr, **folder)


def test_new_request_puts_the_old_answer_aside(act, csr, kit, ca, tmp_path):
    folder = {"method": "folder", "folder": str(tmp_path)}
    sign(act(), csr, **folder)
    (tmp_path / "tomcat.pem").write_text(pem.to_pem(ca.issue(kit.csr())))
    sign(act(), csr, **folder)
    held = sign(act(), pem.to_pem(kit.csr(key_name="renewal")), **folder)
    assert ids(held["pending"]) == ["signature-by-hand"] and (tmp_path / "tomcat.previous.pem").exists() and not (tmp_path / "tomcat.pem").exists()


def test_a_public_ca_may_leave_client_use_out(act, kit, ca, cluster, csr):
    """Where the operator's release lives with that; elsewhere the refusal says why, and where the variables are it names the public CA's."""
    public = {"authority": "public", "method": "folder", "client_use_required": True, "usage_note": "X12.5 needs both", "uses": []}
    action = act()
    folder = action.workspace / action.cluster / "to-sign"
    waiting = sign(action, csr, **public)["pending"]
    assert "signed by the public CA" in waiting[0]["what_to_do"][0]
    (folder / "tomcat.pem").write_text(pem.to_pem(ca.issue(pem.find_request(csr), eku=kit.BOTH[:1])))
    with pytest.raises(AnsibleActionFail, match="TLS Web Client Authentication.*X12.5 needs both"):
        sign(act(), csr, **public)
    assert sign(act(), csr, **{**public, "client_use_required": False})["signed"]


def test_uses_that_the_request_does_not_ask_for(act, kit, ca, cluster):
    """A product's request may name no extended key usage, and its service need one all the same."""
    action = act()
    (action.workspace / "ca.pem").write_text(pem.to_pem(ca.root) + pem.to_pem(ca.intermediate))
    bare = pem.to_pem(kit.csr(eku=()))
    sign(action, bare, method="folder")
    (action.workspace / action.cluster / "to-sign" / "tomcat.pem").write_text(pem.to_pem(ca.issue(pem.find_request(bare), eku=kit.BOTH[:1])))
    assert sign(act(), bare, method="folder", uses=["server"])["signed"]
    with pytest.raises(AnsibleActionFail, match="TLS Web Client Authentication"):
        sign(act(), bare, method="folder", uses=["server", "client"])


def test_without_workspace_nothing_is_asked(act, cluster, csr):
    action = act()
    ca_file = str(action.workspace / "ca.pem")
    action.workspace = None
    args = {"needed": True, "csr": csr, "name": "tomcat", "service": None, "method": "adcs", "url": None, "template": "x", "ca_file": ca_file, **ENTERPRISE}
    with pytest.raises(AnsibleActionFail, match="collab_workspace"):
        CertificateSignature(action, args).apply(False)
    assert cluster.writes == []


# ---- installing

def install(action, certificate, chain, check=False, **more):
    args = {"service": "tomcat", "distribution": "multi-server", "certificate": certificate and pem.to_pem(certificate), "chain": chain, "csr": None,
            "file": None, "granted": True, "phones_granted": True, "phones_reset_manually": False, "timeout": 1, **more}
    return IdentityCertificate(action, args).apply(check).result()


@pytest.fixture
def ready(cluster, kit, ca):
    """A request is pending, the trust stores are filled, the certificate is issued."""
    asked = kit.csr()
    for service in ("tomcat", "CallManager"):
        cluster.store[kit.NODES[0]]["csr"][service] = asked
        cluster.store[kit.NODES[0]]["trust"][service] = [ca.root, ca.intermediate]
    return ca.issue(asked)


def test_installed_with_restarts_owed_before(act, cluster, kit, chain, ready, tmp_path):
    links = ("Cisco Intercluster Lookup Service", "Cisco Location Bandwidth Manager")
    planned = install(act(), ready, chain, check=True)
    assert planned["changed"] and cluster.writes == [] and Owed(tmp_path, "us_cm").items() == []
    assert {i["what"] for i in planned["impact"]} == {"Cisco Tomcat", "Cisco Tftp", *links}
    done = install(act(), ready, chain)
    assert done["installed"] and cluster.writes == [(kit.NODES[0], "upload_identity")]
    owed = Owed(tmp_path, "us_cm").items()
    everywhere = {(what, n.partition(".")[0]) for n in kit.NODES for what in ("Cisco Tomcat", *links)}
    assert {(o["what"], o["node"]) for o in owed} == everywhere | {("Cisco Tftp", "us-cm-pub")}
    assert owed[0]["since"] == 1795464000
    again = install(act(), ready, chain)
    assert again["installed"] and not again["changed"] and len(cluster.writes) == 1


def test_callmanager_owes_its_services_where_they_run(act, cluster, kit, chain, ready, tmp_path):
    install(act(), ready, chain, service="CallManager")
    owed = {(o["what"], o["node"]) for o in Owed(tmp_path, "us_cm").items()}
    assert ("Cisco Tftp", "us-cm-pub") in owed and ("Cisco Tftp", "us-cm-sub1") not in owed
    assert {("Cisco CallManager", "us-cm-sub1"), ("Cisco CTIManager", "us-cm-sub2")} <= owed


def test_debt_is_written_before_the_upload(act, cluster, chain, ready, tmp_path):
    cluster.fail["upload_identity"] = NodeError("refused", "Invalid certificate type found")
    with pytest.raises(AnsibleActionFail, match="Invalid certificate type"):
        install(act(), ready, chain)
    assert Owed(tmp_path, "us_cm").items("Cisco Tomcat")


@pytest.mark.parametrize(("release", "service", "more", "done"), [
    ("15", "CallManager", {}, False), ("14", "CallManager", {}, False), ("12.5", "CallManager", {}, True), ("15", "tomcat", {}, True),
    ("15", "CallManager", {"phones_reset_manually": True}, True), ("15", "CallManager", {"phones_granted": True}, True)])
def test_from_14_on_phones_are_reset_by_the_product_itself(cluster, kit, tmp_path, chain, ready, release, service, more, done):
    """So such a certificate wants the grant for phones, too, unless somebody has told Unified CM to leave them alone."""
    held = install(Action(cluster, kit, tmp_path, release=release), ready, chain, service=service, **{"phones_granted": False, **more})
    assert held["installed"] is done and bool(cluster.writes) is done
    assert ids(held["pending"]) == ([] if done else ["certificate-prepared"])
    if not done:
        assert "all phones" in held["pending"][0]["reason"] and "certificates_phones_reset_manually" in str(held["pending"][0]["what_to_do"])
    by_itself = [i["what"] for i in held["impact"] if i["kind"] == "phone_reset"]
    assert by_itself == (["all phones, by Unified CM itself"] if more.get("phones_granted") else [])
    # The restarts that follow have to wait for the phones that were registered before.
    assert Baseline(tmp_path, "us_cm").load(1795464000) == ({"SEP0011AABB0001"} if by_itself else None)


def test_not_granted_is_prepared(act, cluster, chain, ready, tmp_path):
    held = install(act(), ready, chain, granted=False)
    assert ids(held["pending"]) == ["certificate-prepared"] and not held["changed"] and cluster.writes == [] and Owed(tmp_path, "us_cm").items() == []


def test_lost_upload_is_read_back(act, cluster, chain, ready):
    cluster.fail["upload_identity"] = NodeError("lost", "no answer")
    assert install(act(), ready, chain)["installed"] and len(cluster.writes) == 1


def test_upload_that_never_arrived_says_so(act, cluster, chain, ready, monkeypatch):
    monkeypatch.setattr(cluster, "upload_identity", lambda fqdn, service, certificates: None)
    cluster.fail["upload_identity"] = NodeError("lost", "no answer")
    with pytest.raises(AnsibleActionFail, match="no answer; read back: the certificate was not taken. Run this again"):
        install(act(), ready, chain)
    assert len(cluster.writes) == 1


def test_trust_upload_that_never_arrived_says_so(act, cluster, chain, monkeypatch):
    monkeypatch.setattr(cluster, "upload_trust", lambda fqdn, **args: None)
    cluster.fail["upload_trust"] = NodeError("lost", "no answer")
    with pytest.raises(AnsibleActionFail, match="no answer; read back: the CA certificates were not taken"):
        trust(act(), chain)
    assert len(cluster.writes) == 1


def test_chain_is_sent_only_when_the_refusal_speaks_of_it(act, cluster, ca, chain, ready):
    cluster.fail["upload_identity"] = NodeError("refused", "HTTP 400: incomplete certificate chain")
    assert install(act(), ready, chain)["installed"] and len(cluster.writes) == 2
    assert cluster.fail == {}


def test_node_that_never_gets_it_is_named(act, cluster, kit, chain, ready):
    cluster.stuck = {kit.NODES[1]}
    with pytest.raises(AnsibleActionFail, match="still without it: us-cm-sub1; check the replication"):
        install(act(), ready, chain)
    with pytest.raises(AnsibleActionFail, match="still without it: us-cm-sub1"):
        install(act(), None, chain)                             # the next run: nothing to upload, and still not well
    assert len(cluster.writes) == 1


@pytest.mark.parametrize("break_it, words", [
    (lambda c, kit: c.store[kit.NODES[0]]["csr"].clear(), "no request is pending"),
    (lambda c, kit: c.store[kit.NODES[0]]["csr"].update(tomcat=kit.csr(key_name="newer")), "another public key"),
    (lambda c, kit: c.store[kit.NODES[0]]["trust"].update(tomcat=[c.ca.root]), "is not in tomcat-trust of us-cm-pub"),
])
def test_checks_before_upload(act, cluster, kit, chain, ready, break_it, words):
    break_it(cluster, kit)
    with pytest.raises(AnsibleActionFail, match=words):
        install(act(), ready, chain)
    assert cluster.writes == []


def test_signed_request_that_was_replaced_meanwhile(act, cluster, kit, chain, ready):
    with pytest.raises(AnsibleActionFail, match="no longer the one pending"):
        install(act(), ready, chain, csr=pem.to_pem(kit.csr(key_name="older")))


def test_day_0_certificates_are_not_waited_for(act, cluster, chain):
    got = install(act(), None, chain)
    assert got["installed"] is False and cluster.writes == []


# ---- proof

def seen(leaf, **change):
    return {"reachable": True, "handshake": True, "chain": [pem.to_pem(leaf)], "protocol": "TLSv1.2", "cipher": "x", "client_certificate_requested": False,
            "client_certificate_accepted": None, "verified": True, "error": None, **change}


def verify(action, cluster, probe, **more):
    cluster.probe = lambda fqdn, **args: probe(fqdn, args)
    args = {"ca_file": "/ca.pem", "ports": [8443, 5061, 5090, 5091], "targets": [], "client_certificate": None, "client_key_file": None,
            "client_key_passphrase": None, **more}
    return TlsVerification(action, args).apply().result()


def test_handshakes_prove_what_is_installed(act, cluster, kit, ready):
    for node in kit.NODES:
        for service in ("tomcat", "CallManager"):
            cluster.store[node]["identities"][service] = ready
    good = verify(act(), cluster, lambda fqdn, args: seen(ready, client_certificate_requested=args["port"] == 5061))
    assert (good["expected"], good["proved"], good["findings"]) == (6, 6, [])           # 8443 and 5061 of three nodes, CallManager runs on all
    assert good["table"][0].startswith("NODE") and len(good["table"]) == 7
    old = kit.make("old", "old", names=kit.NODES)
    bad = verify(act(), cluster, lambda fqdn, args: seen(old, verified=False, error="self-signed certificate"))
    assert bad["proved"] == 0 and "has not been restarted since" in str(bad["findings"]) and "does not verify: self-signed" in str(bad["findings"])
    assert {f["step"] for f in bad["findings"]} == {"restart-tomcat", "restart-callmanager-group"}


def test_each_failure_of_a_handshake_is_named(act, cluster, kit, ca, ready):
    cluster.store[kit.NODES[0]]["identities"]["tomcat"] = ready
    none = verify(act(), cluster, lambda fqdn, args: seen(ready, reachable=False, handshake=False, chain=[], error="no connection"), ports=[8443])
    assert (none["expected"], none["proved"]) == (3, 0) and "no connection" in none["table"][-1]
    refused = verify(act(), cluster, lambda fqdn, args: seen(ready, client_certificate_requested=True, client_certificate_accepted=False),
                     ports=[8443], client_certificate="/c.pem")
    assert "refuses the client certificate" in str(refused["findings"]) and refused["handshakes"][0]["client"] == "refused"
    unasked = verify(act(), cluster, lambda fqdn, args: seen(ready), ports=[5061])
    assert "asks for no client certificate" in str(unasked["findings"])


def test_sip_oauth_ports_only_when_it_is_on(act, cluster, kit, ready):
    cluster.sql = lambda fqdn, query: [{"paramname": "ClusterSIPOAuthMode", "paramvalue": "1"}]
    got = verify(act(), cluster, lambda fqdn, args: seen(ready))
    assert {r["port"] for r in got["handshakes"]} == {8443, 5061, 5090, 5091}


def test_far_ends(act, cluster, ready):
    target = {"name": None, "address": "192.0.2.9", "port": 5061, "server_name": None, "purpose": "far end"}
    got = verify(act(), cluster, lambda fqdn, args: seen(ready), ports=[], targets=[target])
    assert (got["expected"], got["proved"]) == (1, 1) and got["handshakes"][0]["server_name"] == "us-cm-pub-ms.ent-pa.com"
    got = verify(act(), cluster, lambda fqdn, args: seen(ready), ports=[], targets=[{**target, "server_name": "other.ent-pa.com"}])
    assert got["proved"] == 0 and "does not name other.ent-pa.com" in str(got["findings"])
