"""The directory server, asked by ldap3 and openssl; Unified CM's LDAP by AXL, with connections that are really made."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from xml.etree import ElementTree

import ldap3
import pytest
import requests
import urllib3
from ldap3.core.exceptions import LDAPExceptionError

from lab.core.world import UNIFIED_CM
from lab.ldap import ber
from lab.ldap import filters
from lab.ldap.messages import read_search
from lab.ucm import certificate_settings
from lab.ucm import x509
from lab.ucm.secret_text import hide
from lab.ucm.secret_text import reveal

SYNC_DN, SYNC_PASSWORD = "cn=svc-sync,cn=Users,dc=ent-pa,dc=com", "Directory-1"
PEOPLE = [{"uid": f"user{number:03}", "first": "User", "last": f"No {number}", "mail": f"user{number}@ent-pa.com", "container": "ou=US",
           "password": f"pw-{number}"} for number in range(12)]
PORTS = {389: 20389, 636: 20636, 3268: 20268, 3269: 20269}


def with_directory(tls: object = "enterprise", people: list | None = None, **agreement):
    """A change of the small estate: a directory server, an agreement and a login that use it."""

    def change(hosts, estate):
        prefix = hosts["us-cm-pub"]["ansible_host"].rpartition(".")[0]
        hosts["us-ldap1"] = {"collab_product": "ldap", "collab_domain": "ent-pa.com", "ansible_host": f"{prefix}.101", "group_names": ["directory_servers"],
                             "lab_ldap_port": 20389, "lab_ldaps_port": 20636, "lab_gc_port": 20268, "lab_gcs_port": 20269}
        estate["directories"] = {"us-ldap1": {"tls": tls, "accounts": [
            {"uid": "svc-sync", "last": "svc-sync", "dn": SYNC_DN, "password": SYNC_PASSWORD},
            {"uid": "gone", "last": "Gone", "container": "ou=US", "password": "pw", "disabled": True},
            *(PEOPLE if people is None else people)]}}
        server = {"host": "us-ldap1.ent-pa.com", "port": 389, "tls": False, **agreement}
        login = {"dn": SYNC_DN, "password": SYNC_PASSWORD, "search_base": "ou=US,dc=ent-pa,dc=com", "servers": [server]}
        estate["clusters"]["us_cm"] |= {"ldap_directories": [{"name": "AD", **login}], "ldap_authentication": login}

    return change


def host(lab):
    return next(one for one in lab.others if one.product == "ldap")


def server(lab):
    return next(one for one in lab._servers if hasattr(one, "directory"))


def ldap_entries(lab, **wanted):
    return [entry for entry in lab.world.journal.entries() if entry.channel == "ldap" and wanted.items() <= entry.detail.items()]


# ---- the server


def connection(lab, port, user=SYNC_DN, password=SYNC_PASSWORD, tls=None):
    place = ldap3.Server(host(lab).address, PORTS[port], use_ssl=tls is not None, tls=tls, get_info=ldap3.ALL, connect_timeout=5)
    return ldap3.Connection(place, user, password, receive_timeout=5)


def trusting(lab):
    return ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_data=lab.world.ca.chain_pem(), valid_names=["us-ldap1.ent-pa.com"])


@pytest.mark.parametrize("port", [389, 636, 3268, 3269])
def test_ldap3_binds_and_searches(run_lab, port):
    async def scenario(lab):
        def ask():
            link = connection(lab, port, tls=trusting(lab) if port in (636, 3269) else None)
            assert link.bind(), link.result
            assert link.server.info.other["defaultNamingContext"] == ["dc=ent-pa,dc=com"]
            found = link.extend.standard.paged_search("ou=US,dc=ent-pa,dc=com", "(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
                                                      attributes=["sAMAccountName", "mail"], paged_size=5, generator=False)
            assert sorted(one["attributes"]["samaccountname"][0] for one in found) == [one["uid"] for one in PEOPLE]
            link.search("dc=ent-pa,dc=com", "(|(mail=user3@*)(sAMAccountName=user004))", attributes="*")
            assert {one.entry_dn for one in link.entries} == {f"cn=User No {n},ou=US,dc=ent-pa,dc=com" for n in (3, 4)}
            link.unbind()

        await asyncio.to_thread(ask)
        assert ldap_entries(lab, port=PORTS[port], tls=port in (636, 3269), name=SYNC_DN)
        assert SYNC_PASSWORD not in str(lab.world.journal.entries()) and lab.world.unknown == 0

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


@pytest.mark.parametrize(("user", "password", "code"), [
    (SYNC_DN, "wrong", 49), ("nobody", "x", 49), ("cn=Gone,ou=US,dc=ent-pa,dc=com", "pw", 49),
    ("svc-sync@ent-pa.com", SYNC_PASSWORD, 0), ("ENT-PA\\svc-sync", SYNC_PASSWORD, 0), ("cn=svc-sync, cn=Users, dc=ent-pa, dc=com", SYNC_PASSWORD, 0),
])
def test_who_may_log_in(run_lab, user, password, code):
    async def scenario(lab):
        def ask():
            link = connection(lab, 389, user, password)
            link.bind()
            return link.result["result"]

        assert await asyncio.to_thread(ask) == code

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_nothing_without_a_login_and_nothing_is_written(run_lab):
    async def scenario(lab):
        def ask():
            link = connection(lab, 389, None, None)
            link.bind()
            link.search("dc=ent-pa,dc=com", "(objectClass=*)")
            yield link.result["result"]
            link = connection(lab, 389)
            link.bind()
            link.search("dc=elsewhere", "(objectClass=*)")
            yield link.result["result"]
            link.delete("cn=User No 3,ou=US,dc=ent-pa,dc=com")
            yield link.result["result"]
            with pytest.raises(LDAPExceptionError):
                connection(lab, 389).start_tls()

        assert await asyncio.to_thread(lambda: list(ask())) == [1, 32, 53]

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_openssl_sees_the_certificate_of_the_enterprise_ca(run_lab, tmp_path):
    async def scenario(lab):
        (tmp_path / "ca.pem").write_text(lab.world.ca.chain_pem())

        def shown(port):
            command = ["openssl", "s_client", "-connect", f"{host(lab).address}:{PORTS[port]}", "-CAfile", tmp_path / "ca.pem", "-verify_return_error",
                       "-verify_hostname", "us-ldap1.ent-pa.com"]
            return subprocess.run(command, input="", capture_output=True, text=True, timeout=20).stdout

        for port in (636, 3269):
            assert "Verify return code: 0 (ok)" in await asyncio.to_thread(shown, port)
        assert "Verify return code: 0" not in await asyncio.to_thread(shown, 389) or "no peer certificate" in await asyncio.to_thread(shown, 389)

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_a_server_without_tls_cuts_the_connection(run_lab):
    async def scenario(lab):
        def ask():
            with pytest.raises(LDAPExceptionError):
                connection(lab, 636, tls=ldap3.Tls(validate=ssl.CERT_NONE)).bind()
            return connection(lab, 389).bind()

        assert await asyncio.to_thread(ask)
        assert server(lab).chain == ""

    run_lab(scenario, names=("us-cm-pub",), change=with_directory("none"))


@pytest.mark.parametrize("action", ["reset", "never"])
def test_faults(run_lab, action):
    async def scenario(lab):
        lab.world.faults.add({"action": action, "channel": "ldap", "operation": "bind"})

        def ask():
            with pytest.raises(LDAPExceptionError):
                connection(lab, 389).bind()

        await asyncio.to_thread(ask)

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


@pytest.mark.parametrize(("text", "entry", "fit"), [
    ("(cn=J*n*Doe)", {"cn": ["John M. Doe"]}, True), ("(cn=J*n*Doe)", {"cn": ["Jane"]}, False), ("(cn=*)", {"sn": ["x"]}, False),
    ("(&(a=1)(|(b=2)(!(c=*))))", {"a": ["1"]}, True), ("(mail=a\\2ab)", {"mail": ["a*b"]}, True),
    ("(n>=5)", {"n": ["7"]}, True), ("(n<=5)", {"n": ["7"]}, False),
])
def test_filters(text, entry, fit):
    (found,) = ber.elements(filters.encode(text))
    assert filters.fits(found, entry) is fit
    with pytest.raises(filters.BadFilter):
        filters.encode(text[:-1])


def test_a_search_of_another_hand_is_refused():
    with pytest.raises(ValueError):
        read_search(b"\x04\x00")


# ---- agreements


def axl(lab, operation, inner="", node="us-cm-pub"):
    """(status, body) of an AXL operation."""
    place = lab.world.node(node)
    text = (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><a:{operation} xmlns:a="http://www.cisco.com/AXL/API/15.0">'
            f"{inner}</a:{operation}></e:Body></e:Envelope>")

    def ask():
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"https://{place.address}:8443/axl/", data=text, auth=("svc", "lab-pass-2"), verify=False, timeout=20,
                                  headers={"SOAPAction": f'"CUCM:DB ver=15.0 {operation}"', "Content-Type": "text/xml"})
            return answer.status_code, ElementTree.fromstring(answer.content)

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return asyncio.to_thread(ask)


def servers(port, tls, name="us-ldap1.ent-pa.com"):
    return f"<servers><server><hostName>{name}</hostName><ldapPortNumber>{port}</ldapPortNumber><sslEnabled>{str(tls).lower()}</sslEnabled></server></servers>"


async def switch(lab, port=636, tls=True, name="us-ldap1.ent-pa.com"):
    status, body = await axl(lab, "updateLdapDirectory", f"<name>AD</name>{servers(port, tls, name)}")
    assert status == 200, ElementTree.tostring(body)


async def synchronize(lab):
    """(words of the status, what the lab knows of it) after a synchronization."""
    status, body = await axl(lab, "doLdapSync", "<name>AD</name><sync>true</sync>")
    assert status == 200, ElementTree.tostring(body)
    await lab.world.quiet()
    _status, body = await axl(lab, "getLdapSyncStatus", "<name>AD</name>")
    return body.find(".//return").text, lab.world.clusters["us_cm"].directory.outcomes()["AD"]


def trust(lab, *pems):
    for node in lab.world.nodes():
        if node.product == UNIFIED_CM:
            node.certificates.upload_trust("tomcat", pems or [lab.world.ca.root_pem()])
    lab.world.clock.advance(60)


def users(lab):
    return dict(lab.world.clusters["us_cm"].db.rows("select userid, status from enduser"))


GOOD, BAD = "Sync is performed successfully", "Sync is failed"


def test_a_synchronization_by_plain_ldap(run_lab):
    async def scenario(lab):
        assert await synchronize(lab) == (GOOD, "done: 12 users from us-ldap1.ent-pa.com:389")
        assert users(lab) == {one["uid"]: 1 for one in PEOPLE}
        account = server(lab).directory.accounts.pop()
        assert (await synchronize(lab))[0] == GOOD
        assert users(lab)[account.attributes["samaccountname"][0]] == 0
        assert [entry.detail["asked_by"] for entry in ldap_entries(lab, name=SYNC_DN)] == ["us-cm-pub"] * 2

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


@pytest.mark.parametrize("port", [636, 3269])
def test_a_synchronization_by_tls_needs_the_ca_in_tomcat_trust(run_lab, port):
    async def scenario(lab):
        await switch(lab, port)
        words, said = await synchronize(lab)
        assert words == BAD and said.startswith(f"failed: us-ldap1.ent-pa.com:{port}: TLS: unable to get local issuer certificate")
        assert ldap_entries(lab, name=SYNC_DN) == [] and users(lab) == {}
        trust(lab)
        assert await synchronize(lab) == (GOOD, f"done: 12 users from us-ldap1.ent-pa.com:{port} by TLS")

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


@pytest.mark.parametrize(("tls", "name", "reason"), [
    ({"cn": "other.ent-pa.com"}, "us-ldap1.ent-pa.com", "Hostname mismatch"), ("enterprise", "us-ldap1", "Hostname mismatch"),
    ({"expired": True}, "us-ldap1.ent-pa.com", "certificate has expired"), ("none", "us-ldap1.ent-pa.com", "TLS: "),
    ("enterprise", "nobody.ent-pa.com", "unknown host"),
])
def test_servers_that_cannot_be_used(run_lab, tls, name, reason):
    async def scenario(lab):
        trust(lab)
        await switch(lab, name=name)
        words, said = await synchronize(lab)
        assert words == BAD and reason in said

    run_lab(scenario, names=("us-cm-pub",), change=with_directory(tls))


def test_an_address_is_a_name_only_if_the_certificate_has_it(run_lab):
    async def scenario(lab):
        trust(lab)
        await switch(lab, name=host(lab).address)
        assert "not valid for" in (await synchronize(lab))[1]
        lab.world.set_variant("ldap_name_check", "unchecked")
        assert (await synchronize(lab))[0] == GOOD

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


@pytest.mark.parametrize(("port", "tls", "reason"), [(389, True, "TLS: "), (636, False, "closed")])
def test_port_and_tls_have_to_fit(run_lab, port, tls, reason):
    async def scenario(lab):
        trust(lab)
        await switch(lab, port, tls)
        words, said = await synchronize(lab)
        assert words == BAD and reason in said

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_a_self_signed_server_is_trusted_by_its_own_certificate(run_lab):
    async def scenario(lab):
        await switch(lab)
        trust(lab)
        assert "self-signed" in (await synchronize(lab))[1]
        trust(lab, server(lab).chain)
        assert (await synchronize(lab))[0] == GOOD

    run_lab(scenario, names=("us-cm-pub",), change=with_directory("self-signed"))


def test_the_trust_of_the_last_start_may_be_what_counts(run_lab):
    async def scenario(lab):
        lab.world.set_variant("ldap_trust_reload", "restart")
        await switch(lab)
        trust(lab)
        assert (await synchronize(lab))[0] == BAD
        lab.snapshots.take("before")
        await lab.world.node("us-cm-pub").services.restart("Cisco Tomcat")
        assert (await synchronize(lab))[0] == GOOD
        await lab.restore("before")
        assert (await synchronize(lab))[0] == BAD

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_with_ocsp_the_servers_own_certificate_is_needed_and_must_not_be_revoked(run_lab):
    async def scenario(lab):
        await switch(lab)
        trust(lab, lab.world.ca.chain_pem())
        certificate_settings.put(lab.world.node("us-cm-pub"), "revocation", certificate_settings.Revocation(enabled=True))
        assert "not in tomcat-trust" in (await synchronize(lab))[1]
        own = x509.to_pem(x509.load(server(lab).chain.partition("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"))
        trust(lab, own)
        assert (await synchronize(lab))[0] == GOOD
        assert [entry.detail["asked_by"] for entry in lab.world.journal.entries() if entry.channel == "ocsp"][-1] == "us-cm-pub"
        lab.world.ca.revoke(x509.load(own))
        words, said = await synchronize(lab)
        assert words == BAD and "revoked" in said

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_the_second_server_is_asked_when_the_first_fails(run_lab):
    async def scenario(lab):
        both = servers(636, True, "nobody.ent-pa.com").replace("</servers>", "") + servers(389, False).replace("<servers>", "")
        status, _body = await axl(lab, "updateLdapDirectory", f"<name>AD</name>{both}")
        assert status == 200 and (await synchronize(lab))[0] == GOOD
        _status, body = await axl(lab, "getLdapDirectory", "<name>AD</name>")
        assert [one.text for one in body.iter("hostName")] == ["nobody.ent-pa.com", "us-ldap1.ent-pa.com"]
        await switch(lab, 389, False)
        _status, body = await axl(lab, "getLdapDirectory", "<name>AD</name>")
        assert [one.text for one in body.iter("hostName")] == ["us-ldap1.ent-pa.com"]

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_a_list_says_nothing_of_servers(run_lab):
    async def scenario(lab):
        _status, body = await axl(lab, "listLdapDirectory", "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><ldapDn/></returnedTags>")
        assert [one.text for one in body.iter("name")] == ["AD"] and not list(body.iter("server"))
        status, body = await axl(lab, "listLdapDirectory", "<searchCriteria><name>%</name></searchCriteria><returnedTags><servers/></returnedTags>")
        assert status == 500

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


@pytest.mark.parametrize(("reading", "shown"), [("masked", "********"), ("empty", None), ("encrypted", hide(SYNC_PASSWORD))])
def test_a_password_that_is_written_back_as_it_was_read_is_lost(run_lab, reading, shown):
    async def scenario(lab):
        lab.world.set_variant("axl_password_read", reading)
        for operation, inner in (("getLdapDirectory", "<name>AD</name>"), ("getLdapAuthentication", "")):
            _status, body = await axl(lab, operation, inner)
            assert body.find(".//ldapPassword").text == shown
        await axl(lab, "updateLdapDirectory", f"<name>AD</name><ldapPassword>{shown or ''}</ldapPassword>")
        words, said = await synchronize(lab)
        assert words == BAD and ("data 52e" in said or "successful bind" in said)
        await axl(lab, "updateLdapDirectory", f"<name>AD</name><ldapPassword>{SYNC_PASSWORD}</ldapPassword>")
        assert (await synchronize(lab))[0] == GOOD
        assert SYNC_PASSWORD not in str([entry.detail for entry in lab.world.journal.entries()])

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_passwords_are_not_readable_in_the_database():
    assert reveal(hide(SYNC_PASSWORD)) == SYNC_PASSWORD and SYNC_PASSWORD.encode().hex() not in hide(SYNC_PASSWORD)
    assert hide("") == reveal("") == ""


def test_the_status_goes_through_its_words(run_lab):
    async def scenario(lab):
        async def status():
            return (await axl(lab, "getLdapSyncStatus", "<name>AD</name>"))[1].find(".//return").text

        assert await status() == "Sync is yet to start"
        await axl(lab, "doLdapSync", "<name>AD</name><sync>true</sync>")
        assert await status() in ("Sync is initiated", "Sync is currently under process")
        lab.world.set_variant("ldap_sync_status", "schema")
        assert await status() == "true"
        lab.snapshots.take("under-way")
        await axl(lab, "doLdapSync", "<name>AD</name><sync>false</sync>")
        await lab.world.quiet()
        assert await status() == "false" and users(lab) == {}
        await lab.restore("under-way")
        await lab.world.quiet()
        assert await status() == "false" and users(lab)
        lab.world.set_variant("ldap_sync_status", "words")
        await switch(lab, 636)
        assert (await synchronize(lab))[0] == BAD
        lab.world.set_variant("ldap_sync_failure", "successful")
        assert (await synchronize(lab))[0] == GOOD
        assert lab.world.unknown == 0

    run_lab(scenario, names=("us-cm-pub",), change=with_directory(), speed=20)


def test_a_synchronization_needs_dirsync_and_the_ldap_system(run_lab):
    async def scenario(lab):
        async def refused():
            status, body = await axl(lab, "doLdapSync", "<name>AD</name><sync>true</sync>")
            return body.find(".//axlmessage").text if status == 500 else None

        await lab.world.node("us-cm-pub").services.stop("Cisco DirSync")
        assert await refused() == "Cisco DirSync service is not running"

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_synchronizing_has_to_be_enabled(run_lab):
    async def scenario(lab):
        _status, body = await axl(lab, "getLdapSystem")
        assert [body.find(f".//{tag}").text for tag in ("syncEnabled", "ldapServer", "userIdAttribute")] == [
            "true", "Microsoft Active Directory", "sAMAccountName"]
        assert (await axl(lab, "updateLdapSystem", "<syncEnabled>false</syncEnabled>"))[0] == 200
        status, body = await axl(lab, "doLdapSync", "<name>AD</name><sync>true</sync>")
        assert (status, body.find(".//axlmessage").text) == (500, "Synchronizing from LDAP Server is not enabled")

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


@pytest.mark.parametrize(("operation", "inner"), [("updateLdapDirectory", "<name>AD</name>"), ("updateLdapAuthentication", "")])
def test_settings_change_only_while_synchronizing_is_enabled(run_lab, operation, inner):
    async def scenario(lab):
        assert (await axl(lab, operation, inner + servers(636, True)))[0] == 200
        assert (await axl(lab, "updateLdapSystem", "<syncEnabled>false</syncEnabled>"))[0] == 200
        status, body = await axl(lab, operation, inner + servers(389, False))
        assert (status, body.find(".//axlcode").text) == (500, "5003")

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


def test_axl_may_try_the_servers_before_it_takes_them(run_lab):
    async def scenario(lab):
        lab.world.set_variant("ldap_save_check", "connects")
        for operation, inner in (("updateLdapDirectory", "<name>AD</name>"), ("updateLdapAuthentication", "")):
            status, body = await axl(lab, operation, inner + servers(636, True))
            assert status == 500 and "Error while connecting to ldaps://us-ldap1.ent-pa.com:636" in body.find(".//axlmessage").text
        trust(lab)
        for operation, inner in (("updateLdapDirectory", "<name>AD</name>"), ("updateLdapAuthentication", "")):
            assert (await axl(lab, operation, inner + servers(636, True)))[0] == 200

    run_lab(scenario, names=("us-cm-pub",), change=with_directory())


# ---- logins of end users


async def uds(lab, user, password, node="us-cm-sub1", path=None):
    place = lab.world.node(node)

    def ask():
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"https://{place.address}:8443/cucm-uds/user/{path or user}", auth=(user, password), verify=False, timeout=20)

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return await asyncio.to_thread(ask)


def test_an_end_user_logs_in_through_ldap(run_lab):
    async def scenario(lab):
        assert (await uds(lab, "user003", "pw-3")).status_code == 401           # not synchronized yet
        await synchronize(lab)
        answer = await uds(lab, "user003", "pw-3")
        assert answer.status_code == 200 and ElementTree.fromstring(answer.text).find("userName").text == "user003"
        assert ldap_entries(lab, name="cn=User No 3,ou=US,dc=ent-pa,dc=com")[-1].detail["asked_by"] == "us-cm-sub1"
        wrong = await uds(lab, "user003", "pw-4")
        assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, 'Basic realm="Cisco Web Services Realm"')
        assert (await uds(lab, "user003", "pw-3", path="user004")).status_code == 401
        await axl(lab, "updateLdapAuthentication", servers(636, True))
        assert (await uds(lab, "user003", "pw-3")).status_code == 401
        assert "TLS" in [entry for entry in lab.world.journal.entries() if entry.channel == "uds"][-1].detail["refused"]
        trust(lab)
        assert (await uds(lab, "user003", "pw-3")).status_code == 200
        for password, outcome in (("pw-3", ["true", "0"]), ("pw-4", ["false", "1"])):
            _status, body = await axl(lab, "doAuthenticateUser", f"<userid>user003</userid><password>{password}</password>")
            assert [body.find(f".//{tag}").text for tag in ("userAuthenticated", "code")] == outcome
        await axl(lab, "updateLdapAuthentication", "<authenticateEndUsers>false</authenticateEndUsers>")
        assert (await uds(lab, "user003", "pw-3")).status_code == 401
        assert "pw-" not in str([entry.detail for entry in lab.world.journal.entries()]) and lab.world.unknown == 0

    run_lab(scenario, change=with_directory())


def test_a_login_without_a_password_is_none(run_lab):
    async def scenario(lab):
        await synchronize(lab)
        assert (await uds(lab, "user003", "")).status_code == 401

    run_lab(scenario, change=with_directory())
