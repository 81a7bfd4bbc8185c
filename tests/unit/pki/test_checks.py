# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check before an upload: the right certificate passes, each kind of wrong one is named."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.collab.security.plugins.plugin_utils.pki import chain
from ansible_collections.collab.security.plugins.plugin_utils.pki import checks


def ids(problems):
    return {p.id for p in problems}


def issued(ca, kit, certificate, request=None, given=None, store=None):
    return checks.issued(certificate, request or kit.csr(), ca.chain if given is None else given, ca.chain if store is None else store, kit.NOW,
                         "certificate", "us-cm-pub", "tomcat-trust of us-cm-pub")


def test_right_certificate_has_no_problem(ca, kit):
    assert issued(ca, kit, ca.issue(kit.csr())) == []
    assert issued(ca, kit, ca.issue(kit.csr()), given=[]) == []            # the store alone completes the chain


@pytest.mark.parametrize("change, found, words", [
    ({"names": ("us-cm-pub.ent-pa.com",)}, "san_mismatch", "lacks ent-pa.com, us-cm-sub1.ent-pa.com"),
    ({"names": ()}, "san_mismatch", "lacks"),
    ({"eku": (ExtendedKeyUsageOID.SERVER_AUTH,)}, "usage_missing", "TLS Web Client Authentication"),
    ({"eku": None}, "usage_missing", "no extended key usage at all"),
    ({"ku": ("digital_signature",)}, "usage_missing", "Data Encipherment, Key Encipherment"),
    ({"start": -900}, "expired", "expired on"),
    ({"start": 2}, "not_yet_valid", "clocks"),
    ({"ca": True}, "is_a_ca", "CA certificate"),
    ({"ku": ("digital_signature", "key_encipherment", "data_encipherment", "key_cert_sign")}, "is_a_ca", "template"),
    ({"algorithm": hashes.SHA512()}, None, ""),
    ({"critical_eku": True}, "critical_extension", "extended key usage critical"),
])
def test_one_thing_wrong_is_named(ca, kit, change, found, words):
    problems = issued(ca, kit, ca.issue(kit.csr(), **change))
    assert ids(problems) == ({found} if found else set())
    assert words in checks.text_of(problems)


def test_extra_alternative_name_is_refused(ca, kit):
    wrong = ca.issue(kit.csr(), names=(*kit.NODES, "ent-pa.com", "www.ent-pa.com"))
    assert "has www.ent-pa.com beyond the request" in checks.text_of(issued(ca, kit, wrong))


@pytest.mark.parametrize(("names", "found"), [((), set()), (("US-Cube1.ent-pa.com",), set()), (("us-cube1.ent-pa.com", "www.ent-pa.com"), {"san_mismatch"})])
def test_a_router_asks_for_no_alternative_name_and_may_get_its_own(ca, kit, names, found):
    request = kit.csr("us-cube1.ent-pa.com", names=())
    assert ids(issued(ca, kit, ca.issue(request, names=names), request)) == found


def test_order_and_case_of_alternative_names_do_not_matter(ca, kit):
    assert issued(ca, kit, ca.issue(kit.csr(), names=[n.upper() for n in reversed([*kit.NODES, "ent-pa.com"])])) == []


def test_certificate_of_another_request(ca, kit):
    wrong = ca.issue(kit.csr(key_name="an older key"))
    problems = issued(ca, kit, wrong)
    assert ids(problems) == {"key_mismatch"} and "us-cm-pub" in str(problems[0])


def test_missing_intermediate(ca, kit):
    problems = issued(ca, kit, ca.issue(kit.csr()), given=[ca.root], store=[ca.root])
    assert ids(problems) == {"issuer_missing"} and "Ent-PA Issuing CA" in str(problems[0])


def test_missing_root(ca, kit):
    problems = issued(ca, kit, ca.issue(kit.csr()), given=[ca.intermediate], store=[ca.intermediate])
    assert ids(problems) == {"issuer_missing"} and "Ent-PA Root CA" in str(problems[0])


def test_chain_known_but_not_in_the_store(ca, kit):
    problems = issued(ca, kit, ca.issue(kit.csr()), store=[ca.root])
    assert ids(problems) == {"not_in_trust_store"} and "tomcat-trust of us-cm-pub" in str(problems[0])


def test_before_signing_no_store_is_asked(ca, kit):
    assert checks.issued(ca.issue(kit.csr()), kit.csr(), ca.chain, None, kit.NOW) == []


def test_signature_of_another_key(ca, kit):
    forged = ca.issue(kit.csr(), issuer_key=kit.key("somebody else"))
    assert ids(issued(ca, kit, forged)) == {"bad_signature"}


def test_issuer_that_may_not_issue(ca, kit):
    server = kit.make("not a ca", "server", ca.intermediate, kit.key("intermediate"))
    wrong = ca.issue(kit.csr(), issuer=server, issuer_key=kit.key("server"))
    assert "bad_issuer" in ids(issued(ca, kit, wrong, given=[server, *ca.chain], store=[server, *ca.chain]))


def test_path_length_is_kept(ca, kit):
    below = kit.make("Too Deep CA", "deep", ca.intermediate, kit.key("intermediate"), ca=True)
    wrong = ca.issue(kit.csr(), issuer=below, issuer_key=kit.key("deep"))
    assert "path length is 0" in checks.text_of(issued(ca, kit, wrong, given=[below, *ca.chain], store=[below, *ca.chain]))


def test_expired_intermediate(ca, kit):
    old = kit.make("Old Issuing CA", "old", ca.root, kit.key("root"), ca=True, start=-400, days=100)
    wrong = ca.issue(kit.csr(), issuer=old, issuer_key=kit.key("old"))
    assert "expired" in ids(issued(ca, kit, wrong, given=[old, ca.root], store=[old, ca.root]))


def test_self_signed(ca, kit):
    request = kit.csr()
    own = kit.make("us-cm-pub-ms.ent-pa.com", "tomcat", names=(*kit.NODES, "ent-pa.com"), eku=kit.BOTH,
                   ku=("digital_signature", "key_encipherment", "data_encipherment"))
    assert ids(issued(ca, kit, own, request, store=[own])) == {"self_signed"}


# ---- CA certificates for trust stores

def test_good_ca_certificates(ca, kit):
    assert checks.ca_certificates(ca.chain, kit.NOW, "collab_ca_file") == []


def test_wrong_ca_certificates(ca, kit):
    leaf = ca.issue(kit.csr())
    old = kit.make("Old Root", "old root", ca=True, start=-400, days=100)
    young = kit.make("Young Root", "young root", ca=True, start=3)
    assert ids(checks.ca_certificates([leaf, *ca.chain], kit.NOW, "v")) == {"not_a_ca"}
    assert ids(checks.ca_certificates([old], kit.NOW, "v")) == {"expired"}
    assert ids(checks.ca_certificates([young], kit.NOW, "v")) == {"not_yet_valid"}
    problems = checks.ca_certificates([ca.intermediate], kit.NOW, "collab_ca_file")
    assert ids(problems) == {"chain_incomplete"} and str(problems[0]).startswith("collab_ca_file: ")
    unfit = kit.make("Unfit Root", "unfit", ca=True, ku=("digital_signature",))
    assert ids(checks.ca_certificates([unfit], kit.NOW, "v")) == {"not_a_ca"}


# ---- requests and installed certificates

@pytest.fixture
def wanted(kit):
    return {"common_name": "us-cm-pub-ms.ent-pa.com", "names": kit.NODES, "key_length": 2048, "hash": "sha256",
            "uses": {o.dotted_string for o in kit.BOTH}}


def test_requests(kit, wanted):
    assert checks.requested(kit.csr(), wanted, "w") == []
    assert ids(checks.requested(kit.csr(common="us-cm-pub.ent-pa.com"), wanted, "w")) == {"csr_common_name"}
    assert ids(checks.requested(kit.csr(names=kit.NODES[:2]), wanted, "w")) == {"csr_names"}
    assert ids(checks.requested(kit.csr(names=()), wanted, "w")) == {"csr_names"}
    assert ids(checks.requested(kit.csr(), dict(wanted, key_length=4096), "w")) == {"csr_key"}
    assert ids(checks.requested(kit.csr(algorithm=hashes.SHA224()), wanted, "w")) == {"csr_hash"}
    assert checks.requested(kit.csr(names=[*kit.NODES, "us-imp-pub.ent-pa.com"]), wanted, "w") == []


def test_installed(ca, kit, wanted):
    good = ca.issue(kit.csr())
    assert checks.installed(good, wanted, ca.chain, kit.NOW, 60, "w") == []
    assert ids(checks.installed(good, wanted, ca.chain, kit.NOW, 771, "w")) == {"expiry"}
    assert ids(checks.installed(good, wanted, ca.chain, kit.NOW + datetime.timedelta(days=900), 60, "w")) == {"expiry"}
    assert ids(checks.installed(good, wanted, [kit.make("Other Root", "other", ca=True)], kit.NOW, 60, "w")) == {"other_issuer"}
    assert ids(checks.installed(good, dict(wanted, names=[*kit.NODES, "us-cm-sub9.ent-pa.com"]), ca.chain, kit.NOW, 60, "w")) == {"names"}
    assert ids(checks.installed(good, dict(wanted, key_length=3072), ca.chain, kit.NOW, 60, "w")) == {"key"}
    server_only = ca.issue(kit.csr(), eku=(ExtendedKeyUsageOID.SERVER_AUTH,))
    assert ids(checks.installed(server_only, wanted, ca.chain, kit.NOW, 60, "w")) == {"usage"}
    assert ids(checks.installed(good, dict(wanted, exact_name=True, common_name="x"), ca.chain, kit.NOW, 60, "w")) == {"common_name"}
    day0 = kit.make("us-cm-pub.ent-pa.com", "day0", names=kit.NODES, eku=kit.BOTH)
    assert ids(checks.installed(day0, wanted, ca.chain, kit.NOW, 60, "w")) == {"self_signed"}


def test_served(ca, kit):
    good = ca.issue(kit.csr())
    assert checks.served(good, "us-cm-sub1.ent-pa.com", kit.NOW, "w") == []
    assert ids(checks.served(good, "us-cm-sub9.ent-pa.com", kit.NOW, "w")) == {"name"}
    client = ca.issue(kit.csr(), eku=(ExtendedKeyUsageOID.CLIENT_AUTH,))
    assert ids(checks.served(client, "us-cm-sub1.ent-pa.com", kit.NOW, "w")) == {"usage"}
    assert checks.client_use(client) and not checks.client_use(ca.issue(kit.csr(), eku=(ExtendedKeyUsageOID.SERVER_AUTH,)))


# ---- trust stores keep one certificate a name

def test_store_conflicts(ca, kit):
    older = kit.make("Ent-PA Root CA", "other root key", ca=True, start=-500, days=7000)
    newer = kit.make("Ent-PA Root CA", "other root key", ca=True, start=-1, days=7000)
    assert checks.store_conflicts([ca.root], [ca.root, ca.intermediate], "w") == []
    assert [c[2] for c in checks.store_conflicts([ca.root], [older], "w")] == [True]
    assert [c[2] for c in checks.store_conflicts([ca.root], [newer], "w")] == [False]


# ---- chains

def test_chain_is_built_by_signature_not_by_name(ca, kit):
    impostor = kit.make("Ent-PA Root CA", "impostor", ca=True, days=9000)
    found, complete = chain.build(ca.issue(kit.csr()), [impostor, ca.root, ca.intermediate])
    assert complete and found[1:] == ca.chain


def test_order_is_root_first(ca):
    assert chain.order([ca.intermediate, ca.root, ca.intermediate]) == [ca.root, ca.intermediate]


def test_cross_signed_cas_do_not_hang(kit):
    a = kit.make("A", "a", x509_issuer(kit, "B", "b"), kit.key("b"), ca=True)
    b = kit.make("B", "b", x509_issuer(kit, "A", "a"), kit.key("a"), ca=True)
    found, complete = chain.build(a, [a, b])
    assert not complete and len(found) == 2
    assert len(chain.order([a, b])) == 2


def x509_issuer(kit, common, key_name):
    certificate = kit.make(common, key_name, ca=True)
    assert isinstance(certificate, x509.Certificate)
    return certificate
