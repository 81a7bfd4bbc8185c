"""Keys, trustpoints and certificates of routers: every dialogue with and without its optional questions, and what it refuses."""

from __future__ import annotations

import datetime
import hashlib
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from tests.lab.ios_lab import Person
from tests.lab.ios_lab import authenticated
from tests.lab.ios_lab import enrolled
from tests.lab.ios_lab import hang_up
from tests.lab.ios_lab import imported
from tests.lab.ios_lab import prepared
from tests.lab.ios_lab import requested
from tests.lab.ios_lab import signed
from tests.lab.ios_lab import started

FAIL = "% Error in saving certificate: status = FAIL"
PARSE = "% Failed to parse or verify imported certificate"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """One router."""
    running = started(tmp_path_factory.mktemp("ios-pki"), names=("us-cube1",), estate={"us_cube": {}}, speed=60000.0)
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def person(lab, tmp_path):
    """Somebody at the router on day 0."""
    lab.restore("day0")
    someone = Person(lab, tmp_path)
    yield someone
    hang_up(lab)


@pytest.fixture
def authority(lab):
    """PEM of (root, issuing CA)."""
    return tuple(one.public_bytes(serialization.Encoding.PEM).decode() for one in (lab.world.ca.root, lab.world.ca.issuing))


def holding(person: Person, name: str = "CUBE"):
    """What a trustpoint has got."""
    return person.router.pki.holding(name)


# ---- keys

def test_a_new_key_and_one_that_replaces_it_without_asking(person):
    person.run("configure terminal")
    said = person.run("crypto key generate rsa label CUBE modulus 2048")
    assert said == ("The name for the keys will be: CUBE\n\n% The key modulus size is 2048 bits\n"
                    "% Generating 2048 bit RSA keys, keys will be non-exportable...\n"
                    "[OK] (elapsed time was 2 seconds)\n\n")
    first = person.router.pki.keys["CUBE"]
    said = person.run("crypto key generate rsa label CUBE modulus 2048")
    assert said.startswith("% You already have RSA keys defined named CUBE.\n% They will be replaced.\n\n") and "[yes/no]" not in said
    assert person.router.pki.keys["CUBE"].pem != first.pem


def test_without_a_modulus_it_asks(person):
    person.run("configure terminal")
    assert "in the range of 512 to 4096" in person.say("crypto key generate rsa label CUBE", "[512]: ")
    assert "2048 bit" in person.run("2048")
    assert "% Do you really want to replace them? [yes/no]: " in person.say("crypto key generate rsa label CUBE", "[yes/no]: ")
    assert "Please answer" in person.say("perhaps", "[yes/no]: ")
    before = person.router.pki.keys["CUBE"]
    person.run("no")
    assert person.router.pki.keys["CUBE"] == before
    person.lab.world.set_variant("ios_key_exists", "asks")
    person.say("crypto key generate rsa label CUBE modulus 2048", "[yes/no]: ")
    person.run("no")
    assert person.router.pki.keys["CUBE"] == before


def test_a_key_may_come_in_the_background(person):
    person.lab.world.set_variant("ios_key_background", "background")
    person.run("configure terminal")
    assert "[OK]" not in person.run("crypto key generate rsa label CUBE modulus 2048")
    person.lab.do(person.lab.world.quiet())
    assert "Key name: CUBE" in person.run("do show crypto key mypubkey rsa CUBE")


def test_a_key_without_label_needs_a_domain(person):
    person.run("configure terminal")
    person.run("no ip domain name")
    assert person.run("crypto key generate rsa modulus 2048") == "% Please define a domain-name first.\n\n"


def test_the_public_half_is_shown(person):
    person.run("configure terminal")
    person.run("crypto key generate rsa label CUBE modulus 2048")
    person.run("end")
    text = person.run("show crypto key mypubkey rsa CUBE")
    data = bytes.fromhex("".join(re.findall(r"^  ([0-9A-F ]+)$", text, re.M)).replace(" ", ""))
    assert data == person.router.pki.keys["CUBE"].der() and "Key name: CUBE\n" in text
    assert person.run("show crypto key mypubkey rsa NONE") == ""


def test_zeroize_takes_certificates_along(person):
    enrolled(person)
    assert "% Keys to be removed are named 'CUBE'." in person.say("crypto key zeroize rsa CUBE", "[yes/no]: ")
    person.run("yes")
    assert holding(person).own == "" and "CUBE" not in person.router.pki.keys


# ---- authenticate

@pytest.mark.parametrize("armour", [True, False])
def test_the_fingerprint_is_that_of_the_certificate(person, authority, armour):
    prepared(person)
    said = authenticated(person, authority[1], armour=armour)
    data = x509.load_pem_x509_certificate(authority[1].encode()).public_bytes(serialization.Encoding.DER)
    shown = re.search(r"Fingerprint SHA1: ([0-9A-F ]+)\n", said)[1].replace(" ", "")
    assert shown == hashlib.sha1(data, usedforsecurity=False).hexdigest().upper()
    assert said.endswith("Trustpoint CA certificate accepted.\n% Certificate successfully imported\n\n")
    assert holding(person).ca == authority[1]


def test_no_is_respected(person, authority):
    prepared(person)
    person.say("crypto pki authenticate CUBE", "by itself\n\n")
    person.paste(authority[0], "[yes/no]: ")
    assert "not accepted" in person.run("no")
    assert holding(person).ca == ""


def test_a_trustpoint_takes_one_ca(person, authority):
    prepared(person)
    authenticated(person, authority[1])
    said = person.run("crypto pki authenticate CUBE")
    assert said.startswith("% Please delete your existing CA certificate first.\n% You must use 'no crypto pki trustpoint ")


def test_a_trustpoint_that_nobody_knows(person):
    person.run("configure terminal")
    assert person.run("crypto pki authenticate NONE") == "CA server trustpoint is not known\n\n"


@pytest.mark.parametrize("kind", ["garbage", "expired"])
def test_what_is_no_certificate_or_not_valid_now(person, kind):
    prepared(person)
    if kind == "expired":
        ca = person.lab.world.ca
        past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        text = ca.issue(ca.issuing.public_key(), "old.ent-pa.com", [], "both", not_after=past).public_bytes(serialization.Encoding.PEM).decode()
    else:
        text = "bm90IGEgY2VydGlmaWNhdGU="
    person.say("crypto pki authenticate CUBE", "by itself\n\n")
    assert FAIL in person.paste(text, "(config)#", "[yes/no]: ")
    assert holding(person).ca == ""


def test_a_configured_fingerprint_is_compared_without_asking(person, authority):
    root = x509.load_pem_x509_certificate(authority[0].encode()).public_bytes(serialization.Encoding.DER)
    right = hashlib.sha1(root, usedforsecurity=False).hexdigest().upper()
    prepared(person, "CUBE", f"fingerprint {'0' * 40}")
    person.say("crypto pki authenticate CUBE", "by itself\n\n")
    assert FAIL in person.paste(authority[0], "(config)#")
    assert holding(person).ca == ""
    person.configure("crypto pki trustpoint CUBE", f"fingerprint {right}")
    person.run("configure terminal")
    person.say("crypto pki authenticate CUBE", "by itself\n\n")
    assert "fingerprints matched" in person.paste(authority[0], "(config)#")
    assert holding(person).ca == authority[0]


def test_a_ca_without_its_fingerprint_is_rejected(person, authority):
    """As from 26 on (tested with the reading that earlier releases do so, too)."""
    person.lab.world.set_variant("ios_fingerprint_needed", "always")
    prepared(person)
    person.say("crypto pki authenticate CUBE", "by itself\n\n")
    said = person.paste(authority[0], "(config)#", "[yes/no]: ")
    assert "Trustpoint fingerprint must be supplied.\nTrustpoint CA certificate is rejected. Abort.\n" + FAIL in said and holding(person).ca == ""


@pytest.mark.parametrize(("known", "question"), [(True, "skipped"), (True, "asked"), (False, "skipped")])
def test_a_subordinate_ca(person, authority, known, question):
    person.lab.world.set_variant("ios_subca_question", question)
    if known:
        prepared(person, "ROOT")
        authenticated(person, authority[0], "ROOT")
        person.run("end")
    prepared(person)
    person.say("crypto pki authenticate CUBE", "by itself\n\n")
    said = person.paste(authority[1], "(config)#", "[yes/no]: ")
    assert ("[yes/no]" not in said) == (known and question == "skipped")
    if "[yes/no]" in said:
        person.run("yes")
    assert holding(person).ca == authority[1]


def test_a_subordinate_ca_may_be_refused_without_its_root(person, authority):
    person.lab.world.set_variant("ios_subca_unknown_root", "refused")
    prepared(person)
    person.say("crypto pki authenticate CUBE", "by itself\n\n")
    assert FAIL in person.paste(authority[1], "(config)#")


# ---- enroll

def test_the_request_is_what_a_router_makes(person, authority):
    prepared(person)
    authenticated(person, authority[1])
    csr, said = requested(person)
    rdns = [[(attribute.oid, attribute.value) for attribute in rdn] for rdn in csr.subject.rdns]
    assert rdns == [[(NameOID.ORGANIZATION_NAME, "ENT-PA")], [(NameOID.COMMON_NAME, "us-cube1.ent-pa.com")],
                    [(NameOID.UNSTRUCTURED_NAME, "us-cube1.ent-pa.com")]]
    assert csr.is_signature_valid and csr.signature_hash_algorithm.name == "sha256"
    assert csr.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo) == person.router.pki.keys["CUBE"].der()
    assert said.startswith("crypto pki enroll CUBE\n% Start certificate enrollment .. \n\n"
                           "% The subject name in the certificate will include: cn=us-cube1.ent-pa.com,")
    assert "BEGIN CERTIFICATE REQUEST" in said
    with pytest.raises(x509.ExtensionNotFound):
        csr.extensions.get_extension_for_class(x509.SubjectAlternativeName)


def test_names_serial_number_and_address_as_configured(person, authority):
    prepared(person, "CUBE", "subject-alt-name cube.ent-pa.com,sip.ent-pa.com", "serial-number", "ip-address 10.1.1.1", "fqdn none", "no hash")
    authenticated(person, authority[1])
    said = person.say("crypto pki enroll CUBE", "terminal? [yes/no]: ")
    assert "serial number in the subject" not in said and "% The IP address in the certificate is 10.1.1.1" in said and "include: us-cube1" not in said
    person.say("yes", "request? [yes/no]: ")
    person.run("no")
    csr = x509.load_pem_x509_csr(holding(person).request.pem.encode())
    assert {str(attribute.value) for attribute in csr.subject.rdns[-1]} == {person.router.serial, "10.1.1.1"}
    assert csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == ["cube.ent-pa.com", "sip.ent-pa.com"]
    assert csr.signature_algorithm_oid.dotted_string == "1.2.840.113549.1.1.5", "SHA-1, as nobody has said anything else"


@pytest.mark.parametrize(("reading", "typed", "named"), [
    ("list", ("a.ent-pa.com", "b.ent-pa.com"), ["b.ent-pa.com"]), ("list", ("a.ent-pa.com,b.ent-pa.com",), ["a.ent-pa.com", "b.ent-pa.com"]),
    ("lines", ("a.ent-pa.com", "b.ent-pa.com"), ["a.ent-pa.com", "b.ent-pa.com"]), ("lines", ("a.ent-pa.com,b.ent-pa.com",), ["a.ent-pa.com,b.ent-pa.com"])])
def test_several_alternative_names(person, authority, reading, typed, named):
    person.lab.world.set_variant("ios_subject_alt_name", reading)
    prepared(person, "CUBE", *(f"subject-alt-name {names}" for names in typed))
    authenticated(person, authority[1])
    csr, _said = requested(person)
    assert csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == named


@pytest.mark.parametrize("reading", ["asked", "absent"])
@pytest.mark.parametrize("name", ["ios_question_serial", "ios_question_address", "ios_question_redisplay"])
def test_questions_may_be_absent(person, authority, name, reading):
    person.lab.world.set_variant(name, reading)
    prepared(person)
    authenticated(person, authority[1])
    question = {"ios_question_serial": "subject name? [yes/no]: ", "ios_question_address": "subject name? [no]: ",
                "ios_question_redisplay": "Redisplay enrollment request? [yes/no]: "}[name]
    said = person.say("crypto pki enroll CUBE", "]: ")
    while "Display Certificate Request" not in said:
        said += person.say("no", "]: ")
    said += person.say("yes", "request? [yes/no]: ", "(config)#")
    assert (question in said) == (reading == "asked")


@pytest.mark.parametrize(("enrollment", "armour", "begins"), [("terminal", "as_configured", False), ("terminal pem", "as_configured", True),
                                                              ("terminal", "pem", True), ("terminal pem", "bare", False)])
def test_the_request_comes_with_and_without_armour(person, authority, enrollment, armour, begins):
    person.lab.world.set_variant("ios_request_armour", armour)
    prepared(person, "CUBE", f"enrollment {enrollment}")
    authenticated(person, authority[1])
    csr, said = requested(person)
    assert ("BEGIN CERTIFICATE REQUEST" in said) == begins and csr.is_signature_valid
    assert said.count("---End - This line not part of the certificate request---") == 1


def test_enrolment_needs_the_ca(person):
    prepared(person)
    assert "% You must authenticate the Certificate Authority" in person.say("crypto pki enroll CUBE", "(config)#", "]: ")


# ---- import

@pytest.mark.parametrize("armour", [True, False])
def test_the_certificate_is_imported_and_shown(person, authority, armour):
    prepared(person)
    authenticated(person, authority[1])
    csr, _said = requested(person)
    pem = signed(person.lab, csr)
    assert imported(person, pem, armour=armour).endswith("% Router Certificate successfully imported\n\n")
    person.run("end")
    serial = f"{x509.load_pem_x509_certificate(pem.encode()).serial_number:X}"
    shown = person.run("show crypto pki certificates verbose CUBE")
    assert serial in shown and "Server Auth" in shown and "Key Label: CUBE" in shown and "SHA256 with RSA" in shown
    status = person.run("show crypto pki trustpoints CUBE status")
    assert "Last enrollment status: Granted" in status and "Certificate request(s) ..... Yes" in status
    assert person.run("show crypto pki certificates pem CUBE").count("BEGIN CERTIFICATE") == 2


def test_the_running_configuration_holds_the_certificates(person):
    pem = enrolled(person)
    person.run("end")
    chain = person.running().partition("crypto pki certificate chain CUBE\n")[2].partition("\n!\n")[0]
    own = re.search(r" certificate [0-9A-F]+\n((?:  [0-9A-F ]+ \n)+)  \tquit", chain)[1]
    assert bytes.fromhex(re.sub(r"\s", "", own)) == x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)
    assert "308" not in person.run("show running-config brief")
    person.run("write memory")
    person.lab.world.set_variant("ios_chain_after_save", "nvram")
    assert re.search(r"crypto pki certificate chain CUBE\n certificate [0-9A-F]+ nvram:us-cube1#[0-9A-F]+\.cer\n certificate ca ", person.running())


def test_no_request_no_import(person, authority):
    prepared(person)
    authenticated(person, authority[1])
    csr, _said = requested(person)
    person.run("no crypto pki enroll CUBE")
    assert PARSE in imported(person, signed(person.lab, csr))


def test_a_key_made_anew_breaks_the_request(person, authority):
    prepared(person)
    authenticated(person, authority[1])
    csr, _said = requested(person)
    person.run("crypto key generate rsa label CUBE modulus 2048")
    assert PARSE in imported(person, signed(person.lab, csr))


def test_another_issuer(person, authority):
    prepared(person)
    authenticated(person, authority[0])
    csr, _said = requested(person)
    assert PARSE in imported(person, signed(person.lab, csr))


def test_an_own_certificate_that_is_over(person, authority):
    person.lab.world.set_variant("ios_import_failure", "error_in_saving")
    prepared(person)
    authenticated(person, authority[1])
    csr, _said = requested(person)
    past = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    assert FAIL in imported(person, signed(person.lab, csr, not_after=past))


def test_enrolling_again_asks_and_keeps_the_old_one_until_the_import(person):
    first = enrolled(person)
    said = person.say("crypto pki enroll CUBE", "re-enrollment? [yes/no]: ")
    assert "Trustpoint CUBE has already enrolled and has a router cert issued to it.\n" in said
    person.say("yes", "[yes/no]: ")
    person.say("no", "[no]: ")
    person.say("no", "[yes/no]: ")
    person.say("yes", "request? [yes/no]: ")
    person.run("no")
    assert holding(person).own == first
    second = signed(person.lab, x509.load_pem_x509_csr(holding(person).request.pem.encode()))
    assert "successfully" in imported(person, second)
    assert holding(person).own == second


# ---- deletion, and what is left behind

def test_deleting_asks_where_something_would_be_lost(person):
    enrolled(person)
    assert person.say("no crypto pki trustpoint CUBE", "[yes/no]: ").endswith(
        "% Removing an enrolled trustpoint will destroy all certificates\n received from the related Certificate Authority.\n\n"
        "Are you sure you want to do this? [yes/no]: ")
    person.run("no")
    assert holding(person).own
    person.say("no crypto pki trustpoint CUBE", "[yes/no]: ")
    assert "% Be sure to ask the CA administrator to revoke your certificates." in person.run("yes")
    assert "trustpoint CUBE" not in person.running() and "CUBE" in person.router.pki.keys


@pytest.mark.parametrize("reading", ["silent", "asks"])
def test_an_empty_trustpoint(person, reading):
    person.lab.world.set_variant("ios_delete_empty_trustpoint", reading)
    person.lab.world.set_variant("ios_delete_indent", "none")
    prepared(person)
    said = person.say("no crypto pki trustpoint CUBE", "(config)#", "[yes/no]: ")
    assert ("\nreceived from" in said) == (reading == "asks")


def test_a_trustpoint_that_is_not_there(person):
    person.run("configure terminal")
    assert person.run("no crypto pki trustpoint NONE") == "% Can't find policy\n\n"


@pytest.mark.parametrize("reading", ["dangling", "refused"])
def test_a_trustpoint_in_use(person, reading):
    person.lab.world.set_variant("ios_trustpoint_in_use", reading)
    enrolled(person)
    person.run("sip-ua")
    person.run("crypto signaling default trustpoint CUBE")
    said = person.say("no crypto pki trustpoint CUBE", "[yes/no]: ", "is in use.\n\nus-cube1(config)#")
    assert ("is in use" in said) == (reading == "refused")


@pytest.mark.parametrize("step", ["crypto key generate*", "crypto pki authenticate*", "question % Do you accept*", "crypto pki enroll*",
                                  "question Display*", "crypto pki import*"])
def test_an_error_at_each_step(person, authority, step):
    person.lab.world.faults.add({"channel": "ios_cli", "operation": step, "action": "status", "body": "% Error: out of order"})
    person.run("configure terminal")
    said = person.run("crypto key generate rsa label CUBE modulus 2048")
    if "out of order" not in said:
        for line in ("crypto pki trustpoint CUBE", "enrollment terminal", "subject-name cn=us-cube1.ent-pa.com", "revocation-check none", "rsakeypair CUBE",
                     "exit"):
            person.run(line)
        said = person.say("crypto pki authenticate CUBE", "itself\n\n", "(config)#")
    if "out of order" not in said:
        said = person.paste(authority[1], "[yes/no]: ", "(config)#")
    if "out of order" not in said:
        person.run("yes")
        said = person.say("crypto pki enroll CUBE", "]: ", "(config)#")
    while "out of order" not in said and "(config)#" not in said:
        said = person.say("yes" if "Display" in said else "no", "]: ", "(config)#")
    if "out of order" not in said:
        said = person.say("crypto pki import CUBE certificate", "itself\n\n", "(config)#")
    assert "% Error: out of order\n" in said
    assert holding(person).own == ""


def test_a_question_that_nobody_expects_in_the_middle(person, authority):
    person.lab.world.faults.add({"channel": "ios_cli", "operation": "question Display*", "action": "question", "body": "% Use the USB token? [yes/no]: "})
    prepared(person)
    authenticated(person, authority[1])
    person.say("crypto pki enroll CUBE", "subject name? [yes/no]: ")
    person.say("no", "[no]: ")
    assert person.say("no", "[yes/no]: ").endswith("% Use the USB token? [yes/no]: ")
    person.channel.sendall(b"\x03")
    assert person.until("(config)#")
    assert person.run("end") == ""


def test_the_journal_has_no_key_and_no_certificate(person):
    since = len(person.lab.world.journal)
    enrolled(person)
    text = str(person.lab.world.journal.entries(since))
    assert "PRIVATE" not in text and "MII" not in text and "'pasted'" in text


def test_factory_trustpoints_are_there(person):
    text = person.run("show crypto pki trustpoints")
    assert re.search(r"Trustpoint TP-self-signed-\d+:\n", text) and "Trustpoint SLA-TrustPoint:" in text
    assert "Persistent self-signed certificate trust point" in text
    assert person.run("show crypto pki trustpoints NONE").startswith("%")


# ---- readings that no other test needs

@pytest.mark.parametrize(("default", "algorithm"), [("sha1", "sha1"), ("sha256", "sha256")])
@pytest.mark.parametrize("line", ["hidden", "shown"])
def test_the_hash_that_nobody_configured(person, authority, default, algorithm, line):
    person.lab.world.set_variant("ios_default_hash", default)
    person.lab.world.set_variant("ios_default_hash_line", line)
    prepared(person, "CUBE", f"hash {default}")
    assert (f" hash {default}\n" in person.run("do show running-config | section pki trustpoint CUBE")) == (line == "shown")
    authenticated(person, authority[1])
    csr, _said = requested(person)
    assert csr.signature_hash_algorithm.name == algorithm


@pytest.mark.parametrize("algorithm", ["md5", "sha384", "sha512"])
def test_every_hash_makes_a_request(person, authority, algorithm):
    prepared(person, "CUBE", f"hash {algorithm}")
    authenticated(person, authority[1])
    csr, _said = requested(person)
    assert csr.signature_hash_algorithm.name == algorithm
    if algorithm != "md5":
        assert csr.is_signature_valid


@pytest.mark.parametrize("reading", ["absent", "present"])
def test_the_name_of_a_host_that_has_none(person, authority, reading):
    person.lab.world.set_variant("ios_fqdn_none_line", reading)
    prepared(person, "CUBE", "fqdn none")
    authenticated(person, authority[1])
    assert ("will include: us-cube1.ent-pa.com\n" in requested(person)[1]) == (reading == "present")


@pytest.mark.parametrize("reading", ["512", "2048"])
def test_the_modulus_that_is_offered(person, reading):
    person.lab.world.set_variant("ios_key_prompt_default", reading)
    person.run("configure terminal")
    assert person.say("crypto key generate rsa label CUBE", "]: ").endswith(f"How many bits in the modulus [{reading}]: ")


@pytest.mark.parametrize(("release", "reading", "blank"), [("15.7", "by_release", True), ("15.7", "never", False), ("17.9", "by_release", False)])
def test_a_blank_behind_fingerprints(lab, tmp_path, release, reading, blank):
    other = started(tmp_path / "lab", release, names=("us-cube1",), estate={"us_cube": {"secured": True}}, number=3)
    try:
        other.world.set_variant("ios_fingerprint_blank", reading)
        someone = Person(other, tmp_path)
        assert bool(re.search(r"Fingerprint SHA1: [0-9A-F ]{43}[0-9A-F] \n", someone.run("show crypto pki trustpoints ENT-PA status"))) == blank
        someone.close()
    finally:
        other.close()


def test_exec_commands_of_pki_are_those_of_ios_xe(person, authority):
    prepared(person)
    person.run("end")
    assert "accepted" in authenticated(person, authority[1])
    assert holding(person).ca == authority[1]
    assert "% Only export the CA certificate in PEM format.\n% CA certificate:\n-----BEGIN" in person.run("crypto pki export CUBE pem terminal")


def test_a_request_that_waits_is_shown(person, authority):
    prepared(person)
    authenticated(person, authority[1])
    csr, _said = requested(person)
    person.run("end")
    text = person.run("show crypto pki certificates CUBE")
    fingerprint = hashlib.sha1(csr.public_bytes(serialization.Encoding.DER), usedforsecurity=False).hexdigest().upper()
    assert "Status: Pending" in text and fingerprint in text.replace(" ", "")
    assert "Certificate request(s) ..... Pending" in person.run("show crypto pki trustpoints CUBE status")


def test_a_scep_trustpoint_has_no_server_here(person):
    prepared(person, "CUBE", "enrollment url http://10.0.0.1/certsrv")
    assert "status = FAIL, cert length = 0" in person.run("crypto pki authenticate CUBE")
