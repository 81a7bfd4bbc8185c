"""The name server that the public CA asks, under dnspython: queries, updates with the key, and what it refuses."""

from __future__ import annotations

import re
import shutil
import subprocess

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
import pytest

from tests.lab.axl_lab import Lab
from tests.lab.expressway_lab import network
from tests.lab.test_public_ca import public_hosts

NAME = "_acme-challenge.us-cm-pub.ent-pa.com"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab itself: nothing but the CA."""
    running = Lab(tmp_path_factory.mktemp("public-dns") / "lab", 0, estate={"public_dns": {}}, variables=public_hosts(network()))
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def day0(lab):
    """The lab on day 0."""
    lab.restore("day0")
    return lab


def key(lab) -> dns.tsig.Key:
    """The zone's key as the lab has written it."""
    file = lab.world.directory / "ca" / "dns.key"
    assert file.stat().st_mode & 0o077 == 0
    name, algorithm, secret = re.fullmatch(r'key "(.*)" \{\s+algorithm (.*);\s+secret "(.*)";\s+\};\s+', file.read_text()).groups()
    return dns.tsig.Key(name, secret, algorithm)


def send(message: dns.message.Message) -> dns.message.Message:
    """An exchange."""
    return dns.query.tcp(message, f"{network()}.30", port=20053, timeout=5)


def update(signer: dns.tsig.Key | None, zone: str = "ent-pa.com", name: str = NAME) -> dns.message.Message:
    """An update that adds a record."""
    message = dns.update.UpdateMessage(zone, keyring=signer)
    message.add(dns.name.from_text(name), 60, "TXT", '"proof"')
    return message


def text(name: str = NAME) -> list[bytes]:
    """TXT records of a name."""
    return [record.strings[0] for rrset in send(dns.message.make_query(name, "TXT")).answer for record in rrset]


def test_a_record_comes_once_and_goes(day0):
    for _twice in range(2):
        assert send(update(key(day0))).rcode() == dns.rcode.NOERROR
    assert text() == [b"proof"] and day0.world.public_ca.records == {NAME: ["proof"]}
    gone = dns.update.UpdateMessage("ent-pa.com", keyring=key(day0))
    gone.delete(dns.name.from_text(NAME), "TXT", '"proof"')
    assert send(gone).rcode() == dns.rcode.NOERROR and text() == [] and send(gone).rcode() == dns.rcode.NOERROR


def test_the_zone_of_a_name(day0):
    (rrset,) = send(dns.message.make_query(NAME, "SOA")).authority
    assert rrset.rdtype == dns.rdatatype.SOA and rrset.name.to_text() == "ent-pa.com."
    assert send(dns.message.make_query("www.example.com", "TXT")).rcode() == dns.rcode.REFUSED


def test_an_update_needs_the_key(day0):
    assert send(update(None)).rcode() == dns.rcode.REFUSED
    assert text() == []


def test_another_key_is_none(day0):
    for other, error in ((dns.tsig.Key("collab-acme", "AAAA", "hmac-sha256"), dns.tsig.PeerBadSignature), (dns.tsig.Key("other", "AAAA"), dns.tsig.PeerBadKey)):
        with pytest.raises(error):
            send(update(other))
    assert text() == []


def test_another_zone(day0):
    assert send(update(key(day0), "example.com", "_acme-challenge.www.example.com")).rcode() == dns.rcode.NOTZONE


@pytest.mark.skipif(shutil.which("nsupdate") is None, reason="nsupdate is not installed (Debian: apt install bind9-dnsutils)")
def test_nsupdate_gets_on_with_it(day0):
    script = f"server {network()}.30 20053\nzone ent-pa.com\nupdate add {NAME}. 60 TXT proof\nsend\n"
    done = subprocess.run(["nsupdate", "-v", "-k", str(day0.world.directory / "ca" / "dns.key")], input=script, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stderr == "" and text() == [b"proof"]
