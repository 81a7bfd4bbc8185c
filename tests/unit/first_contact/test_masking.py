# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masking: nothing that was planted comes out, what belongs together still does, and what a transcript is wanted for stays."""
from __future__ import annotations

import re

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.first_contact import masking

HOSTS = [
    {"name": "nyc-ucm-01", "fqdn": "nyc-ucm-01.voice.acme-widgets.com", "host": "10.20.30.41", "domain": "voice.acme-widgets.com", "cluster": "nyc_cluster",
     "user": "svc-platform", "password": "Planted-Pl4tform!", "application_user": "svc-axl", "application_password": "Planted-Axl&77"},
    {"name": "nyc-ucm-02", "fqdn": "nyc-ucm-02.voice.acme-widgets.com", "host": "10.20.30.42", "domain": "voice.acme-widgets.com", "cluster": "nyc_cluster"},
]
NAMES = masking.names_of(HOSTS, ["Acme Widgets", "Springfield"])
PEM = "-----BEGIN CERTIFICATE-----\nMIIDplantedCERTIFICATEbody0123456789+/abcdefghijklmnopqrstuvwxyz\nABCD=\n-----END CERTIFICATE-----"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEplantedKEYbody\n-----END RSA PRIVATE KEY-----"

# text, words that must not come out, words that must
CASES = [
    ("admin: show status\nHost Name          : nyc-ucm-01\nProduct Ver        : 15.0.1.11900-40\n", ["nyc"], ["admin:", "15.0.1.11900-40", "Host Name"]),
    ("Unified OS Version : 7.0.0.0-4\n", [], ["7.0.0.0-4"]),
    ("nyc-ucm-02.voice.acme-widgets.com and NYC-UCM-02 and 10.20.30.42\n", ["nyc", "acme", "10.20.30.42"], ["node2.ent-pa.com and node2 and 192.0.2.1"]),
    ("other-host.corp.acme-widgets.net, old-dc1.partner.co.uk; later old-dc1 alone\n", ["other-host", "acme", "partner", "old-dc1"], ["ent-pa.com"]),
    ("xmlns=\"http://www.cisco.com/AXL/API/15.0\" http://schemas.xmlsoap.org/soap/envelope/\n", [], ["www.cisco.com/AXL/API/15.0", "schemas.xmlsoap.org"]),
    ("tomcat/tomcat.pem: Certificate Signed by CN=Acme Widgets Issuing CA 2, O=Acme Widgets, L=Springfield, C=US\n",
     ["Acme", "Issuing CA 2", "Springfield"], ["tomcat/tomcat.pem", "Certificate Signed by"]),
    ("subject=/C=US/ST=New York/L=Albany/O=Globex/OU=Voice/CN=globex-root\n", ["New York", "Albany", "Globex", "globex-root"], ["CN="]),
    (PEM + "\n" + KEY + "\n" + PEM, ["planted", "MII"], ["-----BEGIN CERTIFICATE-----", "-----END RSA PRIVATE KEY-----"]),
    ('{"certificate": "%s"}' % PEM.replace("\n", "\\n"), ["planted", "MII"], ['"certificate"']),
    ("MIIDplantedBARErequest0123456789abcdefghijklmnopqrstuvwx\nYZABCDEFplantedBARErequest0123456789abcdefghijklmnopqr\n", ["planted", "MII"], []),
    (" certificate ca 01\n  30820321 30820209 A0030201 02020101\n  300D0609 2A864886 F70D0101\n  \tquit\n", ["30820321", "2A864886"],
     ["certificate ca 01", "quit"]),
    ("Fingerprint SHA1: 8D2F11AA 0099BBCC DDEEFF00 11223344 55667788\n", ["8D2F11AA", "55667788"], ["Fingerprint SHA1"]),
    ("Serial Number: 4D:00:00:00:1A:2B:3C:4D:5E:6F:70:81:92\n", ["4D:00", "81:92"], ["Serial Number"]),
    ("license udi pid ISR4451-X/K9 sn FDO231009001\nProcessor board ID FCZ1234A5BC\n", ["FDO231009001", "FCZ1234A5BC"], ["ISR4451-X/K9"]),
    ("<password>Planted-One</password><ldapPassword>Planted-Two</ldapPassword><authenticationString>Planted-Three</authenticationString>",
     ["Planted"], ["<password>", "</ldapPassword>"]),
    ('{"Password": "Planted-4", "clientSecret": "Planted \\"5\\"", "name": "kept"}', ["Planted"], ['"Password"', "kept"]),
    ("Login with svc-platform / Planted-Pl4tform! and Planted-Axl&77\n", ["svc-platform", "Planted"], ["user1", masking.HIDDEN]),
    ("enable secret 9 $9$planted.aa$bb\nusername operator1 privilege 15 secret 5 $1$planted$cc\n", ["planted", "operator1"], ["enable secret 9"]),
    ("snmp-server community PlantedRO ro\nkey 7 0822455D0A16\ncrypto isakmp key Planted9 address 10.1.1.1\n", ["Planted", "0822455D0A16", "10.1.1.1"], ["key"]),
    ("authentication username planted1 password 7 1511021F0725 realm x\n", ["planted1", "1511021F0725"], ["authentication username"]),
    ("Key name: CUBE-Certificate\nKey type: RSA KEYS\n", [], ["Key name:", "Key type: RSA KEYS"]),
    ("*c xConfiguration SystemUnit Name: \"planted-name\"\n*c xConfiguration IP DNS Domain Name: \"planted.example\"\n", ["planted"],
     ["xConfiguration SystemUnit Name"]),
    ("*c xConfiguration SIP TLS Port: \"5061\"\n", [], ["SIP TLS Port: \"5061\""]),
    ("description to Planted Carrier\n destination-pattern +49891234567\n hostname planted-rtr\n", ["Planted", "49891234567", "planted"],
     ["destination-pattern"]),
    ("planted-rtr1#show version\nplanted-rtr1(config)#\n", ["planted"], ["show version", "(config)#"]),
    ("SEP0011AABB0001 and CSFJDOE and 00:11:22:33:44:55 and 0011.2233.4455\n", ["0011AABB0001", "JDOE", "00:11:22", "0011.2233"], ["SEP", "CSF"]),
    ("call +12125550123 or 4989123456789\n", ["12125550123", "4989123456789"], ["call"]),
    ("jane.planted@acme-widgets.com wrote\n", ["jane", "planted", "acme"], ["@ent-pa.com wrote"]),
    ("<description>Planted lobby</description><x509SubjectName>planted-cube</x509SubjectName><securityMode>Encrypted</securityMode>",
     ["Planted", "planted"], ["<securityMode>Encrypted<"]),
    ("<processNode uuid=\"{2B8F0AA1-1234-4321-ABCD-0123456789AB}\">", ["2B8F0AA1"], ["processNode uuid"]),
    ("fe80::1:2aa:ff:fe9a:4ca2 at 20:13:01\n", ["4ca2"], ["20:13:01", "2001:db8::"]),
    ("Smart Account: Planted GmbH\nVirtual Account: Planted Voice\n", ["Planted"], ["Smart Account:"]),
    ("CAPF-beadef69/CAPF-beadef69.pem\n", ["beadef69"], ["CAPF-"]),
    ("GET /controlcenterservice2/services/ControlCenterServices\n", [], ["/controlcenterservice2/services/ControlCenterServices"]),
    ("j_username=svc-platform&j_password=Planted-6&x=1\n", ["svc-platform", "Planted"], ["j_password="]),
    ("Acme Widgets of SPRINGFIELD\n", ["Acme", "SPRINGFIELD"], ["word1 of word2"]),
]


@pytest.mark.parametrize(("text", "planted", "kept"), CASES)
def test_what_tells_whose_it_is_goes_and_the_rest_stays(text, planted, kept):
    masked = masking.mask(text, NAMES)
    assert [word for word in planted if word.lower() in masked.lower()] == []
    assert [word for word in kept if word not in masked] == []


def test_all_of_it_in_one_text_as_well():
    masked = masking.mask("\n".join(text for text, _planted, _kept in CASES), NAMES).lower()
    everything = [word for _text, planted, _kept in CASES for word in planted]
    assert [word for word in everything if word.lower() in masked] == [] and len(everything) > 60


def test_the_same_word_is_the_same_again_and_two_words_are_not_one():
    masked = masking.mask("10.1.1.1 10.1.1.2 10.1.1.1 %s a %s" % (PEM, PEM.replace("planted", "another")), NAMES)
    one, two, again = re.findall(r"192\.0\.2\.\d+", masked)
    assert one == again != two
    assert len(set(re.findall(r"\(masked \d+\)", masked))) == 2


def test_what_is_masked_stays_as_it_is():
    once = masking.mask("\n".join(text for text, _planted, _kept in CASES[:4]), NAMES)
    assert masking.mask(once, NAMES) == once


def test_what_is_no_name_is_never_replaced_everywhere():
    """An inventory may call a user admin, or a host by its address: neither may be taken out of every text."""
    names = dict(masking.names_of([{"name": "10.1.1.1", "fqdn": "", "user": "admin", "cluster": "us"}]))
    assert names == {}


def test_addresses_go_on_after_the_first_network():
    assert len({masking.address(number) for number in range(1, 2001)}) == 2000


def test_a_transcript_has_each_request_with_what_came_and_how_it_came_out():
    capture = [{"channel": "vos_cli", "request": "show status", "wire": [{"kind": "session", "text": "show status\r\nx\r\nadmin:"}], "error": None},
               {"channel": "axl", "request": "version", "wire": [], "error": "refused"}]
    results = [{"result": "holds", "row": "cli-show-status", "channel": "vos_cli", "assumed": "it has lines"}]
    text = masking.transcript("unified_cm", "15", capture, results)
    assert "===== vos_cli: show status\n--- session\nshow status\nx\nadmin:\n" in text and "--- error\nrefused\n" in text
    assert "holds    cli-show-status (vos_cli): it has lines" in text
