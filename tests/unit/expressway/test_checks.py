# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to agree between the products, one check at a time: silent where it does, with the variable to correct where it does not."""
from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.collab.security.plugins.plugin_utils.expressway import checks
from ansible_collections.collab.security.plugins.plugin_utils.expressway.b2b import zones_of_c
from ansible_collections.collab.security.plugins.plugin_utils.expressway.b2b import zones_of_e

NAMES = {"us-expc1": frozenset({"us-expc1.ent-pa.com", "us-expc.ent-pa.com", "lsc.ent-pa.com"}),
         "us-expc2": frozenset({"us-expc2.ent-pa.com", "us-expc.ent-pa.com"})}


def said(problems, *words):
    """One problem, whose text has all the words."""
    assert len(problems) == 1, problems
    missing = [word for word in words if word not in problems[0].text]
    assert not missing, problems[0].text
    return True


def test_a_phone_profile_has_to_stand_in_every_peers_certificate():
    assert said(checks.phone_profiles(["LSC.ent-pa.com"], NAMES), "LSC.ent-pa.com", "us-expc2", "expressway_certificates_phone_profiles")
    assert "us-expc1" not in checks.phone_profiles(["LSC.ent-pa.com"], NAMES)[0].text
    assert checks.phone_profiles(["us-expc.ent-pa.com"], NAMES) == [] and checks.phone_profiles([], NAMES) == []


@pytest.mark.parametrize("of_c, of_e, words", [
    (7002, 7003, ["7002", "7003", "collab_expressway"]), (7002, None, ["on Expressway-C and not on Expressway-E"]),
    (None, 7002, ["on Expressway-E and not on Expressway-C"])])
def test_traversal_ports_have_to_be_equal(of_c, of_e, words):
    assert said(checks.traversal_ports("business-to-business calls", of_c, of_e), *words)


def test_equal_ports_or_no_zone_at_all():
    assert checks.traversal_ports("x", 7002, 7002) == [] and checks.traversal_ports("x", None, None) == []


def test_the_subject_name_has_to_stand_in_every_peers_certificate():
    assert checks.subject_name("x", "US-EXPC.ent-pa.com", NAMES) == []
    assert said(checks.subject_name("x", "us-expc1.ent-pa.com", NAMES), "us-expc1.ent-pa.com", "us-expc2", "traversal_subject")


def test_the_trunk_listens_where_the_neighbor_zone_calls():
    assert checks.trunk_port("T", 5561, 5561) == []
    assert said(checks.trunk_port("T", 5061, 5561), "calls port 5561", "listens on port 5061", "incoming_port")
    assert said(checks.trunk_port("T", None, 5561), "takes no TLS", "tag trunks")


def test_the_trunks_subject_names_every_peer():
    assert checks.trunk_subjects("T", None, NAMES) == [] and checks.trunk_subjects("T", ["us-expc.ENT-PA.com"], NAMES) == []
    assert said(checks.trunk_subjects("T", {"us-expc1.ent-pa.com"}, NAMES), "us-expc2", "subject_names")
    assert said(checks.trunk_subjects("T", set(), NAMES), "us-expc1, us-expc2", "empty")


def test_5061_belongs_to_mra():
    assert said(checks.beside_mra("Z", 5061, True), "5061", "neighbor_port")
    assert checks.beside_mra("Z", 5061, False) == [] and checks.beside_mra("Z", 5561, True) == []


def test_peers_by_address_where_tls_is_verified():
    settings = {"neighbor_zone": "N", "traversal_zone": "T"}
    good = zones_of_c(settings, ["cm1.ent-pa.com"], ["e1.ent-pa.com"]) + zones_of_e({**settings, "dns_zone": "D"}, "us-expc.ent-pa.com")
    assert checks.peers_by_name(good) == []
    bad = zones_of_c(settings, ["10.0.0.1", "cm2.ent-pa.com"], ["e1.ent-pa.com"])
    assert said(checks.peers_by_name(bad), "10.0.0.1", "neighbor zone N")
    assert checks.peers_by_name(bad)[0].step == "b2b-neighbor-tls"
    assert checks.peers_by_name(zones_of_c(settings, ["cm1.ent-pa.com"], ["2001:db8::1"]))[0].step == "b2b-traversal-c-tls"


def certificate(name, issuer=None, ca=True):
    """(certificate, key) that `issuer` (such a pair) signed, or that signed itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    by = issuer[0].subject if issuer else subject
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=9)).add_extension(x509.BasicConstraints(ca, None), critical=True)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def test_what_is_shown_has_to_chain_to_what_is_trusted():
    root, other = certificate("Enterprise Root CA"), certificate("Other Root CA")
    issuing = certificate("Enterprise Issuing CA 1", root)
    leaf = certificate("us-expc1.ent-pa.com", issuing, ca=False)

    def judged(pool, *shown):
        return checks.chains(checks.Trust("Expressway-E (us_expe)", "Expressway-C (us_expc)", "collab_ca_file of us_expe", "expe-trust-enterprise",
                                          tuple(pool), shown))

    assert judged([root[0], issuing[0]], leaf[0], root[0], issuing[0]) == []
    assert said(judged([other[0]], leaf[0]), "Expressway-E (us_expe) does not trust the CA of Expressway-C (us_expc)", "collab_ca_file of us_expe")
    assert said(judged([root[0]], leaf[0]), "us-expc1.ent-pa.com")                 # the root alone, and nobody sends the issuing CA's certificate
    assert said(judged([issuing[0]], root[0]), "Enterprise Root CA")
