# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of certificates do on two peers, and above all what they do not do."""
from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.expressway import server_request
from ansible_collections.collab.security.plugins.plugin_utils.expressway.acme import AcmeCertificates
from ansible_collections.collab.security.plugins.plugin_utils.expressway.cluster import NotPrimary
from ansible_collections.collab.security.plugins.plugin_utils.expressway.server_certificate import ServerCertificates
from ansible_collections.collab.security.plugins.plugin_utils.expressway.trusted_cas import TrustedCas
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import to_pem
from ansible_collections.collab.security.plugins.plugin_utils.reconcile import DidNotStick
from tests.unit.expressway.fake_peers import BOTH
from tests.unit.expressway.fake_peers import PENDING_CERTIFICATE
from tests.unit.expressway.fake_peers import Action
from tests.unit.expressway.fake_peers import Peers
from tests.unit.expressway.fake_peers import first_certificate
from tests.unit.expressway.fake_peers import intermediate
from tests.unit.expressway.fake_peers import issue
from tests.unit.expressway.fake_peers import request
from tests.unit.expressway.fake_peers import root
from tests.unit.expressway.fake_peers import temporary_ca

ENTERPRISE, PUBLIC = "Enterprise Root CA", "Public Root CA"
REQUEST = {"cluster_name": "us-expc.ent-pa.com", "mra": True, "registration_domains": ["ent-pa.com"], "federation_domains": [], "chat_node_aliases": [],
           "phone_profiles": ["UDT.ent-pa.com"], "alt_names": [], "subject": {}, "key_length": 2048, "hash_algorithm": "sha256", "renew_before_days": 30,
           "issuer_certificates": [to_pem(root(ENTERPRISE)), to_pem(root(PUBLIC))], "require_client_eku": "by-version", "replace_request": False}
SWITCH = "XCP TLS Certificate CVS EnableServerEkuUpload"


def trust(peers: Peers, tmp_path: Path, check: bool = False, **more: object) -> Action:
    """One run of the trust module."""
    action = Action(peers, tmp_path)
    TrustedCas(action, {"enterprise": [to_pem(root(ENTERPRISE))], "public": [to_pem(root(PUBLIC))], "partners": [], **more}).apply(check)
    return action


def requested(peers: Peers, tmp_path: Path, check: bool = False, **more: object) -> tuple[Action, list]:
    """One run of the request module, and its rows."""
    action = Action(peers, tmp_path)
    server_request.ServerRequests(action, {**REQUEST, **more}).apply(check)
    return action, action.report.extra["peers"]


def installed(peers: Peers, tmp_path: Path, rows: list, issuer: str = ENTERPRISE, check: bool = False, eku: object = None, **more: object) -> Action:
    """One run of the module that installs, with what the CA issued for the rows."""
    action = Action(peers, tmp_path)
    signed = [{"name": row["name"], "certificate": to_pem(issue(row["csr"], issuer, eku=eku)), "chain": [to_pem(root(issuer))]} for row in rows if row["csr"]]
    ServerCertificates(action, {"requests": rows, "signatures": signed, "require_client_eku": "by-version", "granted": True, "timeout": 1, **more}).apply(check)
    return action


def ids(action: Action) -> set[str]:
    """Words of all findings and of what is pending."""
    return {f["id"] for f in action.report.findings} | {p["id"] for p in action.report.pendings}


# -- trusted CAs ---------------------------------------------------------------------------------------------------------
def test_missing_cas_are_added_once(tmp_path: Path) -> None:
    """One upload a peer, owed before; the second run uploads nothing; check mode neither; the temporary CA is left to a person."""
    peers = Peers()
    assert trust(peers, tmp_path, check=True).report.changed and not peers.writes
    first = trust(peers, tmp_path)
    assert peers.writes == [("us-expc1", "/certs/root"), ("us-expc2", "/certs/root")] and "temporary-ca" in ids(first)
    assert {entry["node"] for entry in Owed(tmp_path, "us_expc").items("Expressway")} == {"us-expc1", "us-expc2"}
    assert not trust(peers, tmp_path).report.changed and len(peers.writes) == 2
    assert temporary_ca() in peers.boxes["us-expc1"]["root"]


def test_a_list_that_is_replaced_by_an_upload_is_told(tmp_path: Path) -> None:
    """The temporary CA may go; anything else that was trusted has to be there still."""
    peers = Peers()
    peers.append = False
    trust(peers, tmp_path)
    peers = Peers()
    peers.append, peers.boxes["us-expc2"]["root"] = False, [root("Somebody's CA")]
    with pytest.raises(DidNotStick, match="trusted CAs of us-expc2"):
        trust(peers, tmp_path)


def test_partners_are_for_e_and_namesakes_are_told(tmp_path: Path) -> None:
    """Bad input is refused before anything is read; a CA of the same name with other bytes is a finding."""
    peers = Peers()
    with pytest.raises(AnsibleActionFail, match="partners: only Expressway-E"):
        trust(peers, tmp_path, partners=[to_pem(root("Partner"))])
    with pytest.raises(AnsibleActionFail, match="not a CA certificate"):
        trust(peers, tmp_path, public=[to_pem(issue(request("a", ["a.b"], "a")))])
    assert not peers.writes
    edge = Peers("expressway_e")
    assert {f["step"] for f in trust(edge, tmp_path, partners=[to_pem(root("Partner"))]).report.findings} == {
        "expe-trust-enterprise", "expe-trust-public", "expe-trust-partners", "exp-trust-temporary"}


# -- requests ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["%s", "DNS:%s"])
def test_requests_are_made_in_the_form_that_the_box_takes(tmp_path: Path, form: str) -> None:
    """One for each peer, reused by the next run."""
    peers = Peers()
    peers.form = form
    _action, rows = requested(peers, tmp_path)
    assert [(row["node"], row["needed"], row["csr_state"]) for row in rows] == [("us-expc1", True, "created"), ("us-expc2", True, "created")]
    count = len(peers.writes)
    assert [row["csr_state"] for row in requested(peers, tmp_path)[1]] == ["present", "present"] and len(peers.writes) == count


def test_a_foreign_request_stays(tmp_path: Path) -> None:
    """Unless its replacement is asked for and the API can discard it."""
    peers = Peers()
    peers.boxes["us-expc1"]["csr"] = theirs = request("us-expc1.ent-pa.com", ["other.ent-pa.com"], "theirs")
    action, rows = requested(peers, tmp_path)
    assert rows[0]["csr_state"] == "differs" and rows[0]["csr"] is None and "request-differs" in ids(action) and peers.boxes["us-expc1"]["csr"] is theirs
    peers.offered["/certs/generate_csr"] = ["get", "post"]
    assert requested(peers, tmp_path, replace_request=True)[1][0]["csr_state"] == "differs" and peers.boxes["us-expc1"]["csr"] is theirs
    peers.offered["/certs/generate_csr"].append("delete")
    assert requested(peers, tmp_path, replace_request=True)[1][0]["csr_state"] == "created" and peers.boxes["us-expc1"]["csr"] is not theirs


def test_a_lost_answer_is_read_back(tmp_path: Path) -> None:
    """The request is there, so it is not made again."""
    peers = Peers()
    peers.fail["write", "/certs/generate_csr"] = NodeError("lost", "no answer")
    assert requested(peers, tmp_path)[1][0]["csr_state"] == "created" and len(peers.writes) == 2


def test_names_come_from_unified_cm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it has them now; too many of them, or some that no certificate can name, are findings; none without mobile and remote access."""
    profiles = {"Phone-%02d.a-rather-long-name-of-a-domain.ent-pa.com" % n: {"deviceSecurityMode": "Encrypted"} for n in range(20)}
    profiles["Cisco 8845 Encrypted"] = {"deviceSecurityMode": "Encrypted"}
    monkeypatch.setattr(server_request, "read_profiles", lambda publisher: profiles)
    monkeypatch.setattr(Action, "cm_publisher", None, raising=False)
    peers = Peers()
    action, rows = requested(peers, tmp_path, phone_profiles=[], check=True)
    assert len(action.report.extra["names"]["us-expc1"]) == 22 and {"names-too-long", "phone-profile-name"} <= ids(action)
    assert rows[0]["csr_state"] == "would_create" and not peers.writes
    action, _rows = requested(peers, tmp_path, phone_profiles=[], mra=False, check=True)
    assert action.report.extra["names"]["us-expc2"] == ["us-expc2.ent-pa.com", "us-expc.ent-pa.com"]


@pytest.mark.parametrize(("more", "words"), [
    ({"key_length": 1024}, "key_length: 1024"), ({"cluster_name": None}, "cluster_name"), ({"subject": {"city": "x"}}, "'city' is none of"),
    ({"alt_names": ["*.ent-pa.com"]}, "wildcard"), ({"issuer_certificates": ["no"]}, "issuer_certificates")])
def test_bad_input_is_refused(tmp_path: Path, more: dict, words: str) -> None:
    """Before anything is written."""
    peers = Peers()
    with pytest.raises(AnsibleActionFail, match=words.replace("*", r"\*")):
        requested(peers, tmp_path, **more)
    assert not peers.writes


# -- installation --------------------------------------------------------------------------------------------------------
def test_peers_are_installed_one_by_one_the_primary_last(tmp_path: Path) -> None:
    """Upload and restart of one, then of the other; nothing is owed afterwards; the second run writes nothing."""
    peers = Peers()
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    assert installed(peers, tmp_path, rows, check=True).report.changed and not peers.writes
    installed(peers, tmp_path, rows)
    assert peers.writes == [("us-expc2", "/certs/server"), ("us-expc2", "/restart"), ("us-expc1", "/certs/server"), ("us-expc1", "/restart")]
    assert not Owed(tmp_path, "us_expc").items()
    rows = requested(peers, tmp_path)[1]
    assert not any(row["needed"] for row in rows) and not installed(peers, tmp_path, rows).report.changed


def test_nothing_is_restarted_while_a_peer_is_away(tmp_path: Path) -> None:
    """The gate stands before the first restart, too."""
    peers = Peers()
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.inactive.add("us-expc1")
    with pytest.raises(AnsibleActionFail, match="us-expc2 does not see us-expc1.*No peer is restarted"):
        installed(peers, tmp_path, rows)
    assert not [one for one in peers.writes if one[1] == "/restart"]


def test_a_killed_run_still_owes_its_restart(tmp_path: Path) -> None:
    """Uploaded and not restarted: seen by what the peer serves, without any certificate given; restarted meanwhile: nothing is owed any more."""
    peers = Peers()
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    box = peers.boxes["us-expc2"]
    box["server"], box["csr"] = issue(rows[1]["csr"]), None
    peers.writes.clear()
    installed(peers, tmp_path, [])
    assert peers.writes == [("us-expc2", "/restart")]
    peers.writes.clear()
    Owed(tmp_path, "us_expc").add("Expressway", ["us-expc2"], box["started"] - 60, "new server certificate")
    assert not installed(peers, tmp_path, []).report.changed and not peers.writes


def test_a_file_with_the_chain_may_be_refused(tmp_path: Path) -> None:
    """Then the certificate goes alone; what is refused then, too, is explained."""
    peers = Peers()
    rows = requested(peers, tmp_path)[1]
    issuing = intermediate()
    peers.boxes["us-expc1"]["root"] += [root(ENTERPRISE), issuing]
    peers.boxes["us-expc2"]["root"] += [root(ENTERPRISE), issuing]
    chain = [to_pem(issuing), to_pem(root(ENTERPRISE))]
    signed = [{"name": row["name"], "certificate": to_pem(issue(row["csr"], "Issuing CA")), "chain": chain} for row in rows]
    args = {"requests": rows, "signatures": signed, "require_client_eku": "by-version", "granted": True, "timeout": 1}
    peers.refuse = lambda path, found: path == "/certs/server" and len(found) > 1
    ServerCertificates(Action(peers, tmp_path), args).apply(False)
    assert [what for name, what in peers.writes if name == "us-expc2"].count("/certs/server") == 2


def test_a_refusal_of_the_box_is_explained(tmp_path: Path) -> None:
    """With the page where to look; the peers before it have theirs."""
    peers = Peers()
    for box in peers.boxes.values():
        box["root"] += [root(ENTERPRISE), root(PUBLIC)]
    rows = requested(peers, tmp_path)[1]
    peers.refuse = lambda path, found: path == "/certs/server"
    with pytest.raises(AnsibleActionFail, match="us-expc2 did not take the certificate.*Bad Request.*Server certificate of us-expc2"):
        installed(peers, tmp_path, rows)
    assert ("us-expc1", "/certs/server") not in peers.writes and not Owed(tmp_path, "us_expc").items(), "nothing was changed, so nothing is owed"


def test_new_cas_may_count_only_after_a_restart(tmp_path: Path) -> None:
    """An upload that is refused while that restart is owed is made once more after it, and only then."""
    peers = Peers()
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    peers.refuse = lambda path, found: ("us-expc2", "/restart") not in peers.writes
    installed(peers, tmp_path, rows)
    assert peers.writes == [("us-expc2", "/certs/server"), ("us-expc2", "/restart"), ("us-expc2", "/certs/server"), ("us-expc2", "/restart"),
                            ("us-expc1", "/certs/server"), ("us-expc1", "/restart")]


def test_a_certificate_for_another_request_is_refused(tmp_path: Path) -> None:
    """And all that is wrong is told before the first upload."""
    peers = Peers()
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    swapped = [{**row, "csr": other["csr"]} for row, other in zip(rows, reversed(rows), strict=True)]
    with pytest.raises(AnsibleActionFail, match="no longer the one pending"):
        installed(peers, tmp_path, swapped)
    with pytest.raises(AnsibleActionFail, match="nothing was changed: .*us-expc1.*lacks.*us-expc2.*lacks"):
        installed(peers, tmp_path, rows, eku=BOTH[:1])
    assert not peers.writes


def test_the_switch_of_x15_4_comes_first(tmp_path: Path) -> None:
    """Before any upload; where it does not reach every peer, nothing is uploaded; where the certificate is good for clients, it stays off."""
    peers = Peers("expressway_e", "15.4")
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    assert "certificate-server-only" in ids(installed(peers, tmp_path, rows, PUBLIC, eku=BOTH[:1]))
    assert peers.writes[0] == ("us-expe1", SWITCH) and peers.writes[1] == ("us-expe2", "/certs/server")

    for box in peers.boxes.values():
        box["server"], box["csr"] = issue(request("x", ["x.y"], "x")), None
    peers.settings[SWITCH] = "Off"
    rows = requested(peers, tmp_path)[1]
    peers.set = lambda box, path, value: {}
    peers.writes.clear()
    with pytest.raises(AnsibleActionFail, match="not there yet: us-expe1, us-expe2. Nothing was uploaded"):
        installed(peers, tmp_path, rows, PUBLIC, eku=BOTH[:1])
    assert peers.writes == [("us-expe1", SWITCH)]
    peers.primary = 2
    with pytest.raises(NotPrimary, match="us-expe1 is peer 1 of its cluster, and the primary is peer 2"):
        installed(peers, tmp_path, rows, PUBLIC, eku=BOTH[:1])
    installed(peers, tmp_path, rows, PUBLIC)
    assert peers.settings[SWITCH] == "Off"


@pytest.mark.parametrize(("path", "eku", "words"), [
    ("/certs/client", None, None), ("/certs/clientcert", BOTH[:1], "may not be used by clients"), ("/certs/client", "temporary", "temporary"),
    (None, None, "cannot be read")])
def test_the_store_of_client_certificates(tmp_path: Path, path: str | None, eku: object, words: str | None) -> None:
    """X15.5: looked at in every run, where the API shows it; what is not right, or not to be read, a person is told, and nothing is written there."""
    peers = Peers("expressway_e", "15.5")
    if path:
        peers.offered[path] = ["get", "post"]
        peers.stored[path] = first_certificate("x") if eku == "temporary" else issue(request("x", ["x.y"], "x"), eku=eku)
    trust(peers, tmp_path)
    for _run in range(2):
        action = installed(peers, tmp_path, requested(peers, tmp_path)[1], PUBLIC, eku=BOTH[:1])
        told = [p["reason"] for p in action.report.pendings if p["id"] == "client-certificate"]
        assert len(told) == (2 if words else 0) and all(words in text for text in told)
    assert path not in [what for _name, what in peers.writes]


def test_not_granted_is_prepared(tmp_path: Path) -> None:
    """Checked and ready; neither uploaded nor restarted."""
    peers = Peers()
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    assert "restart-not-granted" in ids(installed(peers, tmp_path, rows, granted=False)) and not peers.writes


# -- ACME ----------------------------------------------------------------------------------------------------------------
def acme(peers: Peers, tmp_path: Path, rows: list, check: bool = False, **more: object) -> Action:
    """One run of the ACME module."""
    action = Action(peers, tmp_path)
    args = {"requests": rows, "ca_certificates": [to_pem(root(PUBLIC))], "email": "uc@ent-pa.com", "accept_terms": True}
    AcmeCertificates(action, {**args, "require_client_eku": "by-version", "timeout": 1, **more}).apply(check)
    return action


@pytest.mark.parametrize("offered", [True, False])
def test_acme_signs_checks_and_deploys(tmp_path: Path, offered: bool) -> None:
    """By REST or by the command line; without a restart; in check mode nothing."""
    peers = Peers("expressway_e", "15.4")
    if not offered:
        del peers.offered[PENDING_CERTIFICATE]
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    assert acme(peers, tmp_path, rows, check=True).report.changed and not peers.writes
    assert set(acme(peers, tmp_path, rows).report.extra["installed"]) == {"us-expe1", "us-expe2"}
    assert ("us-expe1", SWITCH) in peers.writes and not [what for _name, what in peers.writes if what == "/restart"]
    assert not any(row["needed"] for row in requested(peers, tmp_path)[1])


@pytest.mark.parametrize("shared", [True, False])
def test_acme_settings_are_the_primarys_or_each_peers(tmp_path: Path, shared: bool) -> None:
    """Written to the primary first; another peer gets them itself only where they do not come to it from there."""
    peers = Peers("expressway_e", "15.5")
    if shared:
        first, second = (peers.boxes[name] for name in peers.names)
        peers.replicate = lambda: second.update(managed=first["managed"], terms=first["terms"])
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    acme(peers, tmp_path, rows)
    written = [name for name, what in peers.writes if what in ("ACMEProvidersWrite", "ACMESettingsWrite")]
    assert written == (["us-expe1"] * 2 if shared else ["us-expe1"] * 2 + ["us-expe2"] * 2)


def test_a_lost_upload_is_read_back(tmp_path: Path) -> None:
    """It was taken, so it is not made again."""
    peers = Peers()
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    peers.fail["upload", "/certs/server"] = NodeError("lost", "no answer")
    installed(peers, tmp_path, rows)
    assert [what for _name, what in peers.writes].count("/certs/server") == 2


def test_acme_does_not_deploy_what_does_not_pass(tmp_path: Path) -> None:
    """A provider that leaves names out."""
    peers = Peers("expressway_e", "15.5")
    trust(peers, tmp_path)
    rows = requested(peers, tmp_path)[1]
    peers.acme = lambda csr: issue(request("us-expe1.ent-pa.com", ["us-expe1.ent-pa.com"], "csr us-expe1.ent-pa.com 3"), PUBLIC, eku=BOTH[:1])
    before = peers.boxes["us-expe1"]["server"]
    with pytest.raises(AnsibleActionFail, match="waited|does not pass"):
        acme(peers, tmp_path, rows)
    assert peers.boxes["us-expe1"]["server"] is before and ("us-expe1", "ACMEDeploy") not in peers.writes


def test_acme_only_where_the_release_lives_with_it(tmp_path: Path) -> None:
    """Before X15.4 it is an error, and terms are accepted only when somebody said so."""
    old = Peers("expressway_e", "12.5")
    rows = requested(old, tmp_path)[1]
    old.writes.clear()
    with pytest.raises(AnsibleActionFail, match="ACME is not used on us_expe.*before X15.4"):
        acme(old, tmp_path, rows)
    assert not old.writes
    peers = Peers("expressway_e", "15.5")
    rows = requested(peers, tmp_path)[1]
    peers.writes.clear()
    assert ids(acme(peers, tmp_path, rows, accept_terms=False)) == {"acme-terms"} and not peers.writes


def test_automated_renewal_is_a_finding_where_it_would_break(tmp_path: Path) -> None:
    """On X12.5 always, on X15.4 while the switch is off, on X15.5 never."""
    def found(release: str, switch: str | None = None) -> bool:
        peers = Peers("expressway_e", release)
        peers.boxes["us-expe2"]["managed"] = "Automated"
        peers.settings.update({SWITCH: switch} if switch else {})
        return "acme-automated" in ids(requested(peers, tmp_path, check=True)[0])

    assert [found("12.5"), found("15.4"), found("15.4", "On"), found("15.5")] == [True, True, False, False]
