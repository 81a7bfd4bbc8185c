# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP over TLS: what is switched, that logins and synchronizations go on by it, and what keeps an agreement from being switched."""
from __future__ import annotations

import re
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

from tests.integration.administrator import Administrator
from tests.integration.harness import Estate

LDAP1 = "us-ldap1.ent-pa.com"
WRITES = ("updateLdapDirectory", "updateLdapAuthentication")


def switch(estate: Estate, *arguments: str, **variables: object):
    """One run of just this part."""
    return estate.play("site.yml", "--tags", "ldap,restarts", *arguments, variables=variables)


def servers(estate: Estate, operation: str = "getLdapDirectory", body: str = "<name>US_AD</name>") -> list[tuple[str, str, str]]:
    """The servers of an agreement as AXL shows them."""
    reply = Administrator(estate).axl(operation, body)
    found = re.findall("<server>(.*?)</server>", reply, re.DOTALL)
    return [tuple(re.search("<%s>(.*?)</" % tag, one)[1] for tag in ("hostName", "ldapPortNumber", "sslEnabled")) for one in found]


def agree(estate: Estate, *hosts: tuple[str, int]) -> None:
    """Another administrator gives the directory these servers, without TLS."""
    listed = "".join("<server><hostName>%s</hostName><ldapPortNumber>%d</ldapPortNumber><sslEnabled>false</sslEnabled></server>" % one for one in hosts)
    Administrator(estate).axl("updateLdapDirectory", "<name>US_AD</name><servers>%s</servers>" % listed)


def logs_in(estate: Estate, user: str, password: str) -> bool:
    """Whether an end user gets in: he is authenticated by LDAP."""
    context = ssl.create_default_context(cafile=str(estate.lab_directory / "ca" / "chain.pem"))
    context.check_hostname = False      # dialled by address
    request = urllib.request.Request("https://%s.1.1:8443/cucm-uds/user/%s" % (estate.network, user), headers={
        "Authorization": "Basic " + b64encode(("%s:%s" % (user, password)).encode()).decode()})
    try:
        with urllib.request.urlopen(request, context=context, timeout=30):
            return True
    except urllib.error.HTTPError as error:
        assert error.code == 401, error
        return False


def writes(estate: Estate, since: int) -> list[str]:
    """Operations that wrote since then."""
    return [e["operation"] for e in estate.journal(writes=True, since=since)]


def test_switched_proven_and_left_alone_by_the_second_run(certified: Estate) -> None:
    """Ports and TLS of both agreements, users synchronised and let in by it with the passwords of before; then nothing more to write."""
    planned = certified.play("drift.yml", "--tags", "ldap").ok()
    since = certified.mark()
    assert planned.changed and certified.journal(writes=True, since=since) == []
    run = switch(certified, ldap_over_ssl_synchronize=True).ok()
    assert not run.pending, run.pending
    assert sorted(writes(certified, since)) == ["doLdapSync", "updateLdapAuthentication", "updateLdapDirectory"]
    assert servers(certified) == servers(certified, "getLdapAuthentication", "") == [(LDAP1, "636", "true")]
    assert logs_in(certified, "jdoe", "lab-Jdoe-0818") and not logs_in(certified, "jdoe", "wrong")
    assert {row["step"] for row in run.findings} >= {"ldap-directory-tls", "ldap-authentication-tls"}
    since = certified.mark()
    assert switch(certified, ldap_over_ssl_synchronize=True).ok().changed == 0
    assert certified.journal(writes=True, since=since) == []


def test_every_reading_at_once(certified: Estate) -> None:
    """Servers are tried when they are saved, trust counts after a restart, passwords read as they are, the status is true or false: all the same."""
    certified.lab("variant", "set", "ldap_save_check", "connects", "ldap_trust_reload", "restart", "ldap_sync_status", "schema")
    certified.lab("variant", "set", "ldap_name_check", "unchecked", "ldap_sync_failure", "successful", "axl_password_read", "encrypted")
    run = switch(certified, "-vvvv", ldap_over_ssl_synchronize=True).ok()
    assert "lab-Directory-0817" not in run.output
    assert servers(certified) == [(LDAP1, "636", "true")] and logs_in(certified, "jdoe", "lab-Jdoe-0818")
    since = certified.mark()
    assert switch(certified, ldap_over_ssl_synchronize=True).ok().changed == 0
    assert certified.journal(writes=True, since=since) == []


def test_not_granted_is_pending(certified: Estate) -> None:
    """Logins depend on it."""
    since = certified.mark()
    run = switch(certified, collab_disruption=[]).ok()
    assert {p["object"] for p in run.pending if p["id"] == "ldap-agreement"} == {"US_AD", "LDAP Authentication"}
    assert certified.journal(writes=True, since=since) == []


BAD = {
    "no TLS, self-signed, another name": {
        ("plain-ldap.ent-pa.com", 389): "offers no TLS", ("own-ldap.ent-pa.com", 389): "does not chain to tomcat-trust",
        ("other-ldap.ent-pa.com", 389): "for other.ent-pa.com"},
    "expired, a port that nobody knows": {("old-ldap.ent-pa.com", 389): "expired", (LDAP1, 10389): "not known", ("us-ldap2.ent-pa.com", 3268): ""},
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_servers_hold_their_agreement_and_no_other(certified: Estate, name: str) -> None:
    """The agreement stays as it is, in all of its servers, with each reason; LDAP authentication is switched."""
    agree(certified, *BAD[name])
    before, since = servers(certified), certified.mark()
    run = switch(certified).ok()
    assert servers(certified) == before
    assert writes(certified, since) == ["updateLdapAuthentication"]
    told = [p for p in run.pending if p["object"] == "US_AD"]
    assert len(told) == 1 and told[0]["what_to_do"], run.pending
    assert [says for says in BAD[name].values() if says not in told[0]["reason"]] == []


def test_servers_keep_number_and_order(certified: Estate) -> None:
    """A global catalog goes to 3269, a domain controller to 636."""
    agree(certified, ("us-ldap2.ent-pa.com", 3268), (LDAP1, 389))
    switch(certified, ldap_over_ssl_synchronize=True).ok()
    assert servers(certified) == [("us-ldap2.ent-pa.com", "3269", "true"), (LDAP1, "636", "true")]


def test_port_that_the_guide_prints_is_corrected_and_said(certified: Estate) -> None:
    """3268 is the plain port of a global catalog."""
    run = switch(certified, collab_ldap_servers=[{"host": LDAP1, "port": 3268}]).ok()
    assert servers(certified) == [(LDAP1, "3269", "true")]
    assert "3268 is the plain port of a global catalog" in " ".join(run.output.split())


def test_address_needs_the_name_behind_it(certified: Estate) -> None:
    """Without it the agreement waits; with it, it is switched."""
    address = "%s.0.20" % certified.network
    agree(certified, (address, 389))
    run = switch(certified).ok()
    assert any(address in p["reason"] for p in run.pending if p["object"] == "US_AD")
    switch(certified, collab_ldap_servers=[{"host": address, "server_name": LDAP1}]).ok()
    assert servers(certified) == [(address, "636", "true")]


def test_self_signed_server_by_its_own_certificate(certified: Estate, tmp_path: Path) -> None:
    """Its certificate goes into tomcat-trust, Tomcat restarts, the agreement is switched."""
    ca = certified.lab_directory / "ca" / "chain.pem"
    pem = ssl.get_server_certificate(("%s.0.23" % certified.network, 636))
    trust = tmp_path / "ldap-ca.pem"
    trust.write_text(ca.read_text() + pem)
    agree(certified, ("own-ldap.ent-pa.com", 389))
    since = certified.mark()
    switch(certified, collab_ldap_ca_file=str(trust), ldap_over_ssl_synchronize=True).ok()
    assert servers(certified) == [("own-ldap.ent-pa.com", "636", "true")]
    done = writes(certified, since)
    order = [done.index(name) for name in ("POST /trust/certificates", "utils service restart Cisco Tomcat", "updateLdapDirectory", "doLdapSync")]
    assert order == sorted(order)
    since = certified.mark()
    assert switch(certified, collab_ldap_ca_file=str(trust)).ok().changed == 0
    assert certified.journal(writes=True, since=since) == []


def test_with_ocsp_the_servers_certificate_is_trusted_itself(certified: Estate) -> None:
    """Once its chain is proven."""
    held = Administrator(certified).cli("set cli pagination off", "show cert list trust")
    assert "us-ldap1" not in held
    switch(certified, collab_ldap_ocsp=True, ldap_over_ssl_synchronize=True).ok()
    assert "us-ldap1" in Administrator(certified).cli("set cli pagination off", "show cert list trust")
    since = certified.mark()
    assert switch(certified, collab_ldap_ocsp=True).ok().changed == 0
    assert certified.journal(writes=True, since=since) == []


@pytest.mark.parametrize("phase", ["before", "after"])
def test_fault_in_the_middle_is_gone_on_with(certified: Estate, phase: str) -> None:
    """A refused write stops with the cluster's words; one whose answer is lost is read back, not sent again."""
    if phase == "before":
        certified.fault(channel="axl", operation="updateLdapAuthentication*", action="status", status=500, body="<html>out of order</html>")
        switch(certified).refused("updateLdapAuthentication")
    else:
        certified.fault(channel="axl", operation="updateLdapDirectory*", phase="after", action="reset")
    since = certified.mark()
    switch(certified, ldap_over_ssl_synchronize=True).ok()
    assert [name for name in writes(certified, since) if name in WRITES] == (["updateLdapAuthentication"] if phase == "before" else list(WRITES))
    assert switch(certified).ok().changed == 0


def test_synchronization_that_fails_says_how_to_go_back(certified: Estate) -> None:
    """The server proves itself under the name that the operator gave for the address, and the cluster compares the address."""
    address = "%s.0.20" % certified.network
    agree(certified, (address, 389))
    run = switch(certified, collab_ldap_servers=[{"host": address, "server_name": LDAP1}], ldap_over_ssl_synchronize=True)
    run.refused("was switched to TLS, but its synchronisation failed", "To go back", address + ":389")
    assert servers(certified) == [(address, "636", "true")]


@pytest.mark.parametrize("variables, words", [
    ({"collab_ldap_servers": [{"host": "nobody.ent-pa.com"}]}, ("collab_ldap_servers", "nobody.ent-pa.com", LDAP1)),
    ({"collab_ldap_ca_file": "/no/such/file.pem"}, ("collab_ldap_ca_file", "/no/such/file.pem")),
])
def test_bad_input_writes_nothing(certified: Estate, variables: dict, words: tuple[str, ...]) -> None:
    """The message names the variable."""
    since = certified.mark()
    switch(certified, **variables).refused(*words)
    assert certified.journal(writes=True, since=since) == []
