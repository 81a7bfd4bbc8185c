# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates by each interface: which one is chosen, what it is asked, and what happens where it is not as it should be. IM and Presence, too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading
from ansible_collections.collab.security.plugins.plugin_utils.certificates import trust
from ansible_collections.collab.security.plugins.plugin_utils.certificates.identity import IdentityCertificate
from ansible_collections.collab.security.plugins.plugin_utils.certificates.request import CertificateRequest
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.pki import checks
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.pki import products

sys.path.insert(0, str(Path(__file__).parent))
from fake_nodes import PRESENCE  # noqa: E402
from fake_nodes import Action  # noqa: E402
from fake_nodes import Cluster  # noqa: E402


@pytest.fixture
def cluster(kit, ca, monkeypatch):
    monkeypatch.setattr(reading, "now", lambda: kit.NOW)
    return Cluster(kit, ca)


@pytest.fixture
def chain(ca):
    return [pem.to_pem(ca.root) + pem.to_pem(ca.intermediate)]


@pytest.fixture
def act(cluster, kit, tmp_path):
    """A fresh action, as each task makes one; more: of Action."""
    return lambda **more: Action(cluster, kit, tmp_path, **more)


def request(action, chain, check=False, **more):
    args = {"service": "tomcat", "distribution": "multi-server", "common_name": None, "alt_names": [], "key_length": 2048, "hash_algorithm": "sha256",
            "renew_before_days": 30, "issuer_certificates": chain, "replace_request": False, "settle_days": 7, "beside": [], **more}
    return CertificateRequest(action, args).apply(check).result()


def install(action, certificate, chain, check=False, **more):
    args = {"service": "tomcat", "distribution": "multi-server", "certificate": certificate and pem.to_pem(certificate), "chain": chain, "csr": None,
            "file": None, "granted": True, "phones_granted": True, "phones_reset_manually": False, "timeout": 1, **more}
    return IdentityCertificate(action, args).apply(check).result()


def sent(result):
    return [(o["channel"], o["operation"]) for o in result["operations"]]


def trusted(cluster, ca, fqdn):
    for store in cluster.store[fqdn]["trust"].values():
        store[:] = [ca.root, ca.intermediate]


@pytest.mark.parametrize("release, offered", [("12.5", "multi-server"), ("15", None)])
def test_without_an_api_that_offers_it_os_administration_makes_the_multi_server_certificate(act, cluster, kit, ca, chain, release, offered):
    """12.5 has no certificate API; a later release may have one that makes no such request."""
    cluster.distribution, publisher = offered, kit.NODES[0]
    trusted(cluster, ca, publisher)
    planned = request(act(release=release), chain, check=True)
    assert planned["csr_state"] == "would_create" and sent(planned) == [("os_admin", "Generate CSR")] and cluster.writes == []
    made = request(act(release=release), chain)
    assert made["csr_state"] == "created" and cluster.writes == [(publisher, "generate_csr")]
    assert made["csr_facts"]["common_name"] == "us-cm-pub-ms.ent-pa.com" and set(kit.NODES) <= set(made["csr_facts"]["dns_names"])
    assert request(act(release=release), chain)["csr_state"] == "present"
    certificate = ca.issue(pem.find_request(made["csr"]))
    planned = install(act(release=release), certificate, chain, check=True)
    assert sent(planned) == [("os_admin", "Upload Certificate")] and len(cluster.writes) == 1
    assert install(act(release=release), certificate, chain)["installed"] and cluster.writes[1:] == [(publisher, "upload")]
    assert not install(act(release=release), certificate, chain)["changed"]
    assert not request(act(release=release), chain)["needed"]


def test_certificate_for_one_node_goes_by_command_line_before_14(act, cluster, kit, ca, chain):
    single = {"distribution": "this-server"}
    trusted(cluster, ca, kit.NODES[0])
    planned = request(act(release="12.5"), chain, check=True, **single)
    assert sent(planned) == [("vos_cli", "set csr gen tomcat")] and cluster.writes == []
    made = request(act(release="12.5"), chain, **single)
    assert made["csr_facts"]["common_name"] == kit.NODES[0]
    done = install(act(release="12.5"), ca.issue(pem.find_request(made["csr"])), chain, **single)
    assert done["installed"] and sent(done) == [("vos_cli", "set cert import own tomcat")] and [op for _n, op in cluster.writes] == ["run", "run"]


@pytest.mark.parametrize("more", [{"alt_names": ["voice.ent-pa.com"]}, {"common_name": "voice.ent-pa.com"}, {"key_length": 4096}])
def test_what_a_command_cannot_say_os_administration_takes(act, cluster, kit, chain, more):
    made = request(act(release="12.5"), chain, distribution="this-server", **more)
    assert made["csr_state"] == "created" and cluster.writes == [(kit.NODES[0], "generate_csr")]


@pytest.mark.parametrize("check", [True, False])
def test_a_page_that_changed_leaves_the_request_to_a_person(act, cluster, kit, chain, check):
    cluster.page = "no field 'Distribution'"
    held = request(act(release="12.5"), chain, check=check)
    assert held["csr_state"] == "manual" and not held["changed"] and cluster.writes == ([] if check else [(kit.NODES[0], "generate_csr")])
    [pending] = held["pending"]
    assert pending["id"] == "request-by-hand" and "no field 'Distribution'" in pending["reason"] and "us-cm-pub-ms.ent-pa.com" in str(pending["what_to_do"])
    cluster.page, cluster.writes[:] = None, []
    cluster.store[kit.NODES[0]]["csr"]["tomcat"] = kit.csr()
    assert request(act(release="12.5"), chain)["csr_state"] == "present" and cluster.writes == []


def test_a_page_that_changed_leaves_the_upload_to_a_person_and_owes_nothing(act, cluster, kit, ca, chain, tmp_path):
    asked = cluster.store[kit.NODES[0]]["csr"]["tomcat"] = kit.csr()
    trusted(cluster, ca, kit.NODES[0])
    cluster.page = "no field 'Upload File'"
    held = install(act(release="12.5"), ca.issue(asked), chain)
    assert [p["id"] for p in held["pending"]] == ["upload-by-hand"] and "no field 'Upload File'" in str(held["pending"])
    assert not held["changed"] and cluster.writes == [] and Owed(tmp_path, "us_cm").items() == []


def test_the_products_words_on_a_page_are_a_refusal_only_when_nothing_was_installed(act, cluster, kit, ca, chain, monkeypatch):
    asked = cluster.store[kit.NODES[0]]["csr"]["tomcat"] = kit.csr()
    trusted(cluster, ca, kit.NODES[0])
    cluster.alerts = "Error: CSR SAN and Certificate SAN does not match"
    with pytest.raises(AnsibleActionFail, match="CSR SAN and Certificate SAN does not match.*correct the template"):
        install(act(release="12.5"), ca.issue(asked), chain)
    taken = Cluster.upload

    def taken_with_a_hint(self, fqdn, **args):
        self.alerts = ""
        return taken(self, fqdn, **args) | {"alerts": "If a phone fails to register, reset it"}

    monkeypatch.setattr(Cluster, "upload", taken_with_a_hint)
    assert install(act(release="12.5"), ca.issue(asked), chain)["installed"]


@pytest.mark.parametrize("op", ["generate_csr", "upload"])
def test_a_lost_answer_of_os_administration_is_read_back(act, cluster, kit, ca, chain, op):
    trusted(cluster, ca, kit.NODES[0])
    lost = NodeError("lost", "OS Administration asked for a new login; it may have been done")
    if op == "generate_csr":
        cluster.fail[op] = lost
        assert request(act(release="12.5"), chain)["csr_state"] == "created"
    else:
        asked = cluster.store[kit.NODES[0]]["csr"]["tomcat"] = kit.csr()
        real = Cluster.upload

        def upload(self, fqdn, **args):
            answer = real(self, fqdn, **args)
            if not args.get("dry"):
                raise lost
            return answer

        cluster.upload = upload.__get__(cluster)
        assert install(act(release="12.5"), ca.issue(asked), chain)["installed"]
    assert len(cluster.writes) == 1


# ---- IM and Presence

def test_tomcat_of_unified_cm_names_and_reaches_the_presence_nodes(act, cluster, kit, ca, chain, tmp_path):
    trusted(cluster, ca, kit.NODES[0])
    made = request(act(presence=PRESENCE), chain)
    assert set(PRESENCE) <= set(made["csr_facts"]["dns_names"])
    certificate = ca.issue(pem.find_request(made["csr"]))
    cluster.stuck = {PRESENCE[1]}
    with pytest.raises(AnsibleActionFail, match="still without it: us-imp-sub1"):
        install(act(presence=PRESENCE), certificate, chain)
    cluster.store[PRESENCE[1]]["identities"]["tomcat"] = certificate
    assert install(act(presence=PRESENCE), certificate, chain)["installed"]
    assert {o["node"] for o in Owed(tmp_path, "us_imp").items("Cisco Tomcat")} == {"us-imp-pub", "us-imp-sub1"}
    assert {o["node"] for o in Owed(tmp_path, "us_cm").items("Cisco Tomcat")} == {"us-cm-pub", "us-cm-sub1", "us-cm-sub2"}
    assert Owed(tmp_path, "us_imp").items("Cisco CallManager") == []


def test_presence_nodes_trust_the_ca_before_the_tomcat_certificate_reaches_them(act, cluster, kit, ca, chain):
    args = {"certificates": chain, "stores": ["tomcat-trust", "CallManager-trust"], "timeout": 1, "roles": [], "owes": []}
    planned = trust.bring(act(presence=PRESENCE), args, True).result()
    assert [o["node"] for o in planned["operations"]] == ["us-cm-pub", "us-imp-pub"] and cluster.writes == []
    done = trust.bring(act(presence=PRESENCE), args, False).result()
    assert cluster.writes == [(kit.NODES[0], "upload_trust"), (PRESENCE[0], "upload_trust")] and done["after"] == planned["after"]
    assert all(cluster.store[node]["trust"]["tomcat"] for node in PRESENCE) and not cluster.store[PRESENCE[0]]["trust"]["cup-xmpp"]
    assert {f["step"] for f in done["findings"]} == {"trust-ucm-tomcat", "trust-ucm-callmanager", "trust-imp-tomcat"}
    assert not trust.bring(act(presence=PRESENCE), args, False).result()["changed"]


def test_callmanager_does_not_concern_the_presence_nodes(act, chain):
    made = request(act(presence=PRESENCE), chain, service="CallManager")
    assert not set(PRESENCE) & set(made["csr_facts"]["dns_names"])


@pytest.mark.parametrize("service, restart, step", [("cup-xmpp", "Cisco XCP Router", "cup-xmpp"),
                                                    ("cup-xmpp-s2s", "Cisco XCP XMPP Federation Connection Manager", "cup-xmpp-s2s")])
def test_xmpp_certificates_are_the_presence_publishers(act, cluster, kit, ca, chain, tmp_path, service, restart, step):
    imp = {"product": "im_presence", "names": PRESENCE}
    trusted(cluster, ca, PRESENCE[0])
    made = request(act(**imp), chain, service=service)
    assert made["csr_facts"]["common_name"] == "us-imp-pub-ms.ent-pa.com" and {f["step"] for f in made["findings"]} == {"csr-" + step}
    done = install(act(**imp), ca.issue(pem.find_request(made["csr"])), chain, service=service)
    assert done["installed"] and {f["step"] for f in done["findings"]} == {"upload-" + step}
    assert {(o["what"], o["node"]) for o in Owed(tmp_path, "us_imp").items()} == {(restart, "us-imp-pub"), (restart, "us-imp-sub1")}


def test_tomcat_is_not_requested_on_the_presence_publisher(act, chain):
    with pytest.raises(AnsibleActionFail, match="multi-server certificate of their Unified CM cluster"):
        request(act(product="im_presence", names=PRESENCE), chain)


# ---- CAPF

def test_capf_certificate_keeps_what_its_request_asks_for(kit, ca):
    """Table 7-10: digital signature, certificate sign and server authentication."""
    asked = kit.csr("CAPF-1", names=["us-cm-pub.ent-pa.com"], key_name="capf", ku=("digital_signature", "key_cert_sign"), eku=kit.BOTH[:1])
    right = ca.issue(asked, eku=kit.BOTH[:1], ca=True, path_length=0)
    assert checks.issued(right, asked, ca.chain, None, kit.NOW, signs=True) == []
    wrong = ca.issue(asked, eku=kit.BOTH[:1], ku=("digital_signature",))
    assert "Certificate Sign" in checks.text_of(checks.issued(wrong, asked, ca.chain, None, kit.NOW, signs=True))
    assert [p.id for p in checks.issued(right, asked, ca.chain, None, kit.NOW)] == ["is_a_ca"], "any other certificate must not sign"


def test_every_certificate_has_its_step_of_the_guide():
    """A finding without a step is counted nowhere: what can be requested can be uploaded, and both belong to one."""
    with_requests = {product: steps for product, steps in products.STEPS.items() if "request" in steps or "upload" in steps}
    assert set(with_requests) >= {products.UNIFIED_CM, products.IM_PRESENCE, products.UNITY_CONNECTION}, "Expressways and others have modules of their own"
    for steps in with_requests.values():
        assert set(steps["request"]) == set(steps["upload"]) and all(steps["request"].values())
