# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a router's certificate: first time, from wherever a killed run left off, renewal, retirement."""
from __future__ import annotations

import re

import pytest
from ansible.errors import AnsibleActionFail
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.ios import pki
from ansible_collections.collab.security.plugins.plugin_utils.ios import saving
from ansible_collections.collab.security.plugins.plugin_utils.ios.config import parse
from ansible_collections.collab.security.plugins.plugin_utils.ios.identity import RouterCertificate
from ansible_collections.collab.security.plugins.plugin_utils.ios.identity import issuing
from ansible_collections.collab.security.plugins.plugin_utils.ios.trust import RouterTrust
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import fingerprint
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import read_request
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import to_pem

from .fake_router import FakeAction
from .fake_router import FakeRouter

GENERATE = "crypto key generate rsa general-keys label CUBE modulus 2048"
TRUSTPOINT = ["crypto pki trustpoint CUBE-Certificate", "enrollment terminal pem", "subject-name CN=us-cube1.ent-pa.com", "revocation-check none",
              "rsakeypair CUBE", "hash sha256", "exit"]
AUTHENTICATE, ENROLL = "crypto pki authenticate CUBE-Certificate", "crypto pki enroll CUBE-Certificate"
IMPORT = "crypto pki import CUBE-Certificate certificate"
SUBJECT = x509.Name.from_rfc4514_string("CN=us-cube1.ent-pa.com")


class Bench:
    """One router, one workspace, a CA that signs."""

    def __init__(self, tmp_path, root, authority, configuration="version 15.7\nhostname us-cube1\n"):
        self.router, self.workspace, self.root, self.authority = FakeRouter(configuration), tmp_path, root, authority

    def run(self, certificate=None, check=False, **options):
        """The module once; gives its report's values and the lines that were entered."""
        args = {"trustpoint": "CUBE-Certificate", "label": "CUBE", "subject": None, "alt_names": [], "fqdn": None, "key_length": 2048,
                "hash_algorithm": "sha256", "revocation_check": "none",
                "issuer_certificates": [to_pem(self.authority.certificate) + to_pem(self.root.certificate)], "issuer": None,
                "renew_before_days": 30, "client_use": True, "certificate": certificate, "chain": [], **options}
        action = FakeAction(self.router, self.workspace)
        self.router.entered.clear()
        self.router.asked.clear()
        result = RouterCertificate(action, args).apply(check)
        self.report = action.report
        return {**action.report.extra, **result, "changed": action.report.changed}

    def sign(self, csr, days=400, **how):
        """What the CA issues for a request."""
        request = read_request(csr, "the request")
        return to_pem((how.pop("by", None) or self.authority).issue(request.subject, request.public_key(), days, **how))

    def whole(self, days=400):
        """Request, signature, import."""
        return self.run(self.sign(self.run()["csr"], days))

    def finish(self, check=False):
        """The end of a run."""
        action = FakeAction(self.router, self.workspace)
        self.router.entered.clear()
        saving.finish(action, {"retire": ["CUBE-Certificate"]}, check)
        return action.report.extra


@pytest.fixture
def bench(tmp_path, root, authority):
    return Bench(tmp_path, root, authority)


@pytest.mark.parametrize("armour", [True, False])
def test_the_first_time(bench, armour):
    bench.router.pem = armour
    first = bench.run()
    assert bench.router.entered == [GENERATE, *TRUSTPOINT, AUTHENTICATE, ENROLL] and first["needed"] and first["trustpoint"] is None
    second = bench.run(bench.sign(first["csr"]))
    assert bench.router.entered == [IMPORT] and not second["needed"] and (second["trustpoint"], second["label"]) == ("CUBE-Certificate", "CUBE")
    third = bench.run()
    assert not third["needed"] and not third["changed"] and third["commands"] == []
    assert bench.router.asked == ["show running-config", "show crypto key mypubkey rsa"]


def test_check_mode_says_all_and_enters_nothing(bench):
    result = bench.run(check=True)
    assert result["commands"] == [GENERATE, *TRUSTPOINT, AUTHENTICATE, ENROLL] and result["changed"] and bench.router.entered == []
    assert "crypto pki trustpoint CUBE-Certificate\n enrollment terminal pem" in result["diff"]["after"] and not list(bench.workspace.rglob("*.pem"))


@pytest.mark.parametrize("line", [GENERATE, TRUSTPOINT[0], AUTHENTICATE, ENROLL])
def test_a_run_that_ended_anywhere_is_gone_on_with(bench, line):
    bench.router.refuse[line] = "the power went"
    with pytest.raises(NodeError):
        bench.run()
    before = dict(bench.router.keys)
    csr = bench.run()["csr"]
    assert all(bench.router.keys[label] is key for label, key in before.items())
    bench.run(bench.sign(csr))
    assert "CUBE-Certificate" in bench.router.identities and list(bench.router.sections[()]).count("crypto pki trustpoint CUBE-Certificate") == 1


def test_a_request_that_waits_is_not_made_again(bench):
    first = bench.run()["csr"]
    again = bench.run()
    assert again["csr"] == first and bench.router.entered == []
    bench.router.requests.clear()                                           # the router was restarted meanwhile, and has forgotten it
    bench.run(bench.sign(first))
    assert bench.router.entered[-2:] == [ENROLL, IMPORT] and "CUBE-Certificate" in bench.router.identities


def test_a_key_that_is_there_is_used_and_never_made_again(bench):
    kept = bench.router.keys["CUBE"] = rsa.generate_private_key(65537, 2048)
    bench.whole()
    assert bench.router.keys["CUBE"] is kept


@pytest.mark.parametrize(("release", "tries"), [("17.9", 2), ("26.1", 1)])
def test_a_router_that_asks_nothing_is_told_the_fingerprint(bench, release, tries):
    """IOS XE 26 rejects a CA certificate whose fingerprint it was not told; an earlier one that does so is told when it says so."""
    bench.router.wants_pin = True
    bench.router.sections[()][0] = "version " + release
    csr = bench.run()["csr"]
    print_ = "fingerprint " + bench.authority.certificate.fingerprint(hashes.SHA1()).hex().upper()
    assert bench.router.entered.count(AUTHENTICATE) == tries and bench.router.entered.count(print_) == 1
    bench.run(bench.sign(csr))
    assert not bench.run()["needed"] and bench.router.entered == []


@pytest.mark.parametrize("lines", [False, True])
def test_several_names_come_into_the_request_however_the_router_takes_them(bench, lines):
    bench.router.alt_name_lines = lines
    names = {"alt_names": ["cube.ent-pa.com", "sip.ent-pa.com"]}
    request = read_request(bench.run(**names)["csr"], "the request")
    assert request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == names["alt_names"]
    assert ("subject-alt-name cube.ent-pa.com,sip.ent-pa.com" in bench.router.entered) != lines
    assert bench.run(**names)["csr"] and bench.router.entered == []


def test_a_request_without_its_names_is_not_signed(bench):
    bench.router.forgets_names = True
    with pytest.raises(AnsibleActionFail) as caught:
        bench.run(alt_names=["cube.ent-pa.com", "sip.ent-pa.com"])
    assert "does not name cube.ent-pa.com, sip.ent-pa.com" in str(caught.value) and not list(bench.workspace.rglob("*.pem"))


def test_a_key_that_cannot_be_read_is_not_generated_anew(bench):
    """The name stands there without bytes; the next key's bytes are not taken for its own."""
    bench.router.keys["OTHER"] = rsa.generate_private_key(65537, 2048)
    shown = bench.router._key
    bench.router._key = lambda label, key: shown(label, key).partition(" Key Data")[0] if label == "CUBE" else shown(label, key)
    bench.router.keys = {"CUBE": rsa.generate_private_key(65537, 2048), **bench.router.keys}
    result = bench.whole()
    assert result["label"] == "CUBE-2" and GENERATE not in bench.router.entered


def test_a_key_that_is_too_short_is_kept_and_the_next_label_taken(bench):
    kept = bench.router.keys["CUBE"] = rsa.generate_private_key(65537, 1024)
    result = bench.whole()
    assert result["label"] == "CUBE-2" and result["trustpoint"] == "CUBE-Certificate-2" and bench.router.keys["CUBE"] is kept


def test_a_renewal_is_made_beside_the_old_one_which_goes_when_nothing_refers_to_it(bench):
    bench.whole(days=20)
    bench.finish()
    bench.router._line(bench.router._line((), "sip-ua"), "crypto signaling default trustpoint CUBE-Certificate")
    renewal = bench.run()
    assert renewal["needed"] and renewal["trustpoint"] == "CUBE-Certificate" and "expires" in renewal["reasons"][0]
    assert set(bench.router.identities) == {"CUBE-Certificate"}
    result = bench.run(bench.sign(renewal["csr"]))
    assert (result["trustpoint"], result["label"]) == ("CUBE-Certificate-2", "CUBE-2")
    assert set(bench.router.identities) == {"CUBE-Certificate", "CUBE-Certificate-2"}
    assert bench.finish()["retired"] == [] and bench.router.entered == []   # sip-ua refers to it still
    section = bench.router._line((), "sip-ua")
    bench.router._line(section, "no crypto signaling default trustpoint CUBE-Certificate")
    bench.router._line(section, "crypto signaling default trustpoint CUBE-Certificate-2")
    assert bench.finish(check=True)["retired"] == ["CUBE-Certificate"] and bench.router.entered == []
    saved = bench.router.saved
    assert bench.finish()["retired"] == ["CUBE-Certificate"] and bench.router.saved > saved
    assert bench.router.entered == ["no crypto pki trustpoint CUBE-Certificate", "crypto key zeroize rsa CUBE"]
    assert set(bench.router.identities) == {"CUBE-Certificate-2"} and set(bench.router.keys) == {"CUBE-2"}
    assert not bench.run()["needed"]


def test_an_expired_certificate_is_replaced(bench, authority):
    bench.whole()
    old = bench.router.identities["CUBE-Certificate"]
    bench.router.identities["CUBE-Certificate"] = authority.issue(old.subject, old.public_key(), -1, start=-100)
    result = bench.run()
    assert result["needed"] and result["trustpoint"] is None and "not valid now" in result["reasons"][0]
    assert bench.run(bench.sign(result["csr"]))["trustpoint"] == "CUBE-Certificate-2"


def test_a_certificate_for_another_key_is_replaced(bench, authority):
    bench.whole()
    other = rsa.generate_private_key(65537, 2048).public_key()
    bench.router.identities["CUBE-Certificate"] = authority.issue(SUBJECT, other)
    assert bench.run()["needed"]


def test_the_trustpoint_of_another_ca_is_left_and_the_next_one_made(bench, root):
    bench.run()
    bench.router.authorities["CUBE-Certificate"] = root.certificate
    assert bench.whole()["trustpoint"] == "CUBE-Certificate-2"


@pytest.mark.parametrize(("how", "word"), [({"days": -1, "start": -20}, "expired"), ({"uses": (x509.oid.ExtendedKeyUsageOID.SERVER_AUTH,)}, "Client"),
                                           ({"ca": True}, "CA certificate")])
def test_what_was_issued_wrong_is_never_imported(bench, how, word):
    csr = bench.run()["csr"]
    with pytest.raises(AnsibleActionFail) as caught:
        bench.run(bench.sign(csr, how.pop("days", 400), **how))
    assert word in str(caught.value) and bench.router.entered == []


def test_a_certificate_of_another_ca_is_never_imported(bench, root):
    csr = bench.run()["csr"]
    with pytest.raises(AnsibleActionFail) as caught:
        bench.run(bench.sign(csr, by=root))
    assert "name the CA that signs (issuer)" in str(caught.value) and bench.router.entered == []


def test_it_is_owed_that_it_is_saved_from_before_the_first_line(bench):
    bench.router.refuse[GENERATE] = "the power went"
    with pytest.raises(NodeError):
        bench.run()
    assert bench.finish()["saved"] and bench.router.saved == 1
    assert not bench.finish()["saved"] and bench.router.saved == 1


@pytest.mark.parametrize(("option", "value"), [("trustpoint", "TP-self-signed-4711"), ("trustpoint", "a b"), ("label", "x\ny"), ("key_length", 1024),
                                               ("subject", "O=ent-pa"), ("subject", "CN=*.ent-pa.com"), ("issuer", "Nobody"),
                                               ("issuer_certificates", ["rubbish"])])
def test_bad_options_enter_nothing(bench, option, value):
    with pytest.raises(AnsibleActionFail) as caught:
        bench.run(**{option: value})
    assert option in str(caught.value) and bench.router.asked == []


def test_only_the_right_ca_is_accepted(authority):
    step = pki.authenticate("X", authority.certificate)
    accept = step["answers"][0]
    sha1 = authority.certificate.fingerprint(hashes.SHA1()).hex().upper()
    shown = "      Fingerprint SHA1: %s \n" % " ".join(sha1[i:i + 8] for i in range(0, 40, 8))
    assert re.search(accept["needs"], shown) and not re.search(accept["needs"], shown.replace(sha1[:8], "00000000"))
    assert accept["answer"] == "yes" and accept["otherwise"] == "no"


# -- trust -----------------------------------------------------------------------------------------------------------
def trust(bench, check=False, **options):
    args = {"issuer_certificates": [to_pem(bench.authority.certificate) + to_pem(bench.root.certificate)], "issuer": None, "certificates": [],
            "callmanager_of": None, "lsc_issuers_of": None, "prefix": "TRUST-", "revocation_check": "none", **options}
    action = FakeAction(bench.router, bench.workspace)
    bench.router.entered.clear()
    result = RouterTrust(action, args).apply(check)
    return {**action.report.extra, **result}


def test_the_root_gets_a_trustpoint_and_the_issuer_does_not(bench):
    result = trust(bench)
    name = result["trusted"][0]["trustpoint"]
    assert name.startswith("TRUST-Ent-PA-Root-CA-") and bench.router.authorities == {name: bench.root.certificate}
    assert trust(bench)["commands"] == [] and bench.router.entered == []


def test_trust_goes_on_where_it_ended_and_other_trustpoints_count(bench):
    name = trust(bench, check=True)["trusted"][0]["trustpoint"]
    assert bench.router.entered == []
    bench.router.refuse["crypto pki authenticate %s" % name] = "the power went"
    with pytest.raises(NodeError):
        trust(bench)
    trust(bench)
    assert bench.router.entered == ["crypto pki authenticate %s" % name]
    bench.router.authorities["SOMETHING-ELSE"] = bench.router.authorities.pop(name)
    assert trust(bench)["commands"] == []


def test_the_successor_of_the_issuing_ca_is_trusted_before_anything_that_it_issues(bench):
    """Both of one name are in the file: the one that lasts longer issues from now on, and both are in trustpoints of their own."""
    bench.whole()
    key = rsa.generate_private_key(65537, 2048).public_key()
    successor = bench.root.issue(bench.authority.subject, key, 4000, True, None)
    both = [to_pem(one) for one in (bench.authority.certificate, successor, bench.root.certificate)]
    result = trust(bench, issuer_certificates=both)
    assert {one["sha256"] for one in result["trusted"]} >= {fingerprint(successor), fingerprint(bench.root.certificate)}
    assert successor in bench.router.authorities.values() and trust(bench, issuer_certificates=both)["commands"] == []
    assert issuing([bench.authority.certificate, successor, bench.root.certificate]) == successor


def test_factory_trustpoints_are_known(bench):
    points = pki.trustpoints(parse("crypto pki trustpoint TP-self-signed-1\n enrollment selfsigned\ncrypto pki certificate chain TP-self-signed-1\n"
                                   " certificate self-signed 01 nvram:IOS-Self-Sig#1.cer\n"))
    assert points["TP-self-signed-1"].factory and points["TP-self-signed-1"].hidden


# -- certificates that the configuration shows as files ------------------------------------------------------------------
HIDDEN = ("crypto pki trustpoint CUBE-Certificate\n rsakeypair CUBE\ncrypto pki certificate chain CUBE-Certificate\n"
          " certificate 0A nvram:us-cube1#A.cer\n certificate ca 0B nvram:us-cube1#BCA.cer\n")


def fingerprint_of(certificate):
    sha1 = certificate.fingerprint(hashes.SHA1()).hex().upper()
    return " ".join(sha1[i:i + 8] for i in range(0, 40, 8))


def test_certificates_in_files_are_read_as_pem_or_known_by_their_fingerprints(authority):
    leaf = authority.issue(SUBJECT, rsa.generate_private_key(65537, 2048).public_key())
    pem = ("------Trustpoint: CUBE-Certificate------\n% CA certificate:\n" + to_pem(authority.certificate) + "\n% General Purpose Certificate:\n" + to_pem(leaf)
           + "\n------Trustpoint: OTHER------\n% The specified trustpoint is not enrolled (OTHER).\n")
    shown = pki.trustpoints(parse(HIDDEN))
    assert shown["CUBE-Certificate"].hidden and shown["CUBE-Certificate"].identity is None
    pki.uncover(shown, pem)
    assert (shown["CUBE-Certificate"].authority, shown["CUBE-Certificate"].identity) == (authority.certificate, leaf)
    block = "%s\n  Status: Available\n  Issuer: \n    cn=x\n  Fingerprint MD5: 00 \n  Fingerprint SHA1: %s \n  Associated Trustpoints: %s \n\n"
    verbose = "".join(block % row for row in (
        ("Certificate", fingerprint_of(leaf), "CUBE-Certificate"), ("CA Certificate", fingerprint_of(authority.certificate), "OTHER CUBE-Certificate")))
    shown = pki.trustpoints(parse(HIDDEN))
    pki.uncover_by_fingerprint(shown, verbose, [leaf])
    assert (shown["CUBE-Certificate"].authority, shown["CUBE-Certificate"].identity) == (None, leaf)
    shown = pki.trustpoints(parse(HIDDEN))
    pki.uncover_by_fingerprint(shown, verbose, [leaf, authority.certificate])
    assert (shown["CUBE-Certificate"].authority, shown["CUBE-Certificate"].identity) == (authority.certificate, leaf)
    shown = pki.trustpoints(parse(HIDDEN))
    pki.uncover_by_fingerprint(shown, verbose, [authority.certificate])
    assert shown["CUBE-Certificate"].authority == authority.certificate
