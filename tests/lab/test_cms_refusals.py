"""What a Meeting Server turns down. Each test fails in a lab that lacks the check (mutations.yaml)."""

from __future__ import annotations

import datetime
import subprocess

import paramiko
import pytest

from lab.core.keys import load_key
from lab.ucm import x509
from tests.lab import cms_lab
from tests.lab.cms_lab import CLIENT
from tests.lab.cms_lab import FULL
from tests.lab.cms_lab import ROOT
from tests.lab.cms_lab import SHARED
from tests.lab.cms_lab import Api
from tests.lab.cms_lab import Mmp

FILES = f"{SHARED}.key {SHARED}.cer {CLIENT}.key {CLIENT}.cer {ROOT}"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Two labs: one as installed, one that runs with certificates of the enterprise CA and a database cluster."""
    labs = {way: cms_lab.started(tmp_path_factory.mktemp(f"cms-{way}"), number=number, certificates=way) for number, way in enumerate(("none", "enterprise"))}
    for one in labs.values():
        one.snapshot("day0")
    yield labs
    for one in labs.values():
        one.close()


@pytest.fixture
def lab(both):
    """As installed."""
    both["none"].restore("day0")
    return both["none"]


@pytest.fixture
def secured(both):
    """As it runs."""
    both["enterprise"].restore("day0")
    return both["enterprise"]


@pytest.fixture(scope="module")
def before_3(tmp_path_factory):
    """A lab of 2.9 that runs."""
    lab = cms_lab.started(tmp_path_factory.mktemp("cms-2"), cms_lab.OLD, 6, "enterprise")
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def older(before_3):
    """As it runs."""
    before_3.restore("day0")
    return before_3


@pytest.fixture
def mmp(lab):
    """The command line of the first server as installed, with files on it that fit, and some that do not."""
    shell = Mmp(lab)
    for name, content in material(lab).items():
        shell.put(name, content)
    yield shell
    shell.close()


def material(lab) -> dict[str, str]:
    """The shared certificate, the database client's, the CA's; `other.key`; `expired.cer`; `foreign.cer`, of a CA that nobody knows."""
    def make() -> dict[str, str]:
        ca, keys = lab.world.ca, lab.world.keys
        shared, client, other = keys.rsa(), keys.rsa(), keys.rsa()
        now = lab.world.clock.now()
        leaf = x509.to_pem(ca.issue(load_key(shared).public_key(), cms_lab.DOMAIN, [cms_lab.DOMAIN]))
        expired = x509.to_pem(ca.issue(load_key(shared).public_key(), cms_lab.DOMAIN, [cms_lab.DOMAIN], not_after=now - datetime.timedelta(days=1)))
        postgres = x509.to_pem(ca.issue(load_key(client).public_key(), "postgres", [], "client"))
        chain = ca.chain_pem()
        foreign = x509.self_signed("meeting_server", x509.subject("foreign", {}), other, now - datetime.timedelta(days=1), ["foreign"])
        nobody = x509.to_pem(ca.issue(load_key(client).public_key(), "nobody", [], "client"))
        return {f"{SHARED}.key": shared, f"{SHARED}.cer": leaf, FULL: leaf + chain, ROOT: chain, f"{CLIENT}.key": client, f"{CLIENT}.cer": postgres,
                "other.key": other, "expired.cer": expired, "foreign.cer": foreign, "nobody.cer": nobody}
    return lab.call(make)


@pytest.mark.parametrize(("user", "password"), [(cms_lab.USER, "wrong"), (cms_lab.API_USER, cms_lab.API_PASSWORD), ("root", cms_lab.PASSWORD)])
def test_logins(lab, user, password):
    with pytest.raises(paramiko.AuthenticationException):
        cms_lab.connected(lab, user=user, password=password)
    assert {entry.detail["refused"] for entry in lab.world.journal.entries() if entry.operation == "login"} == {"wrong user name or password"}


def test_only_a_capital_y_is_a_yes(mmp):
    mmp.done(f"database cluster certs {FILES}")
    for answer in ("y", "yes", "n", ""):
        assert "started" not in mmp.ask("database cluster initialize", ("(Y/n) ", answer))
    assert mmp.fields("database cluster status")["Status"] == "Disabled"


@pytest.mark.parametrize("line", ["callbridge enable", "webbridge", "xmpp disable", "frobnicate"])
def test_commands_that_there_are_not(mmp, line):
    before = mmp.lab.world.unknown
    assert mmp.ask(line).startswith("Unknown command: ")
    assert mmp.lab.world.unknown - before == (line in ("callbridge enable", "frobnicate"))


def test_too_few_words(mmp):
    assert mmp.ask(f"webadmin certs {SHARED}.key") == "Usage: webadmin certs <key-file> <crt-file> [<crt-bundle>]\n"


@pytest.mark.parametrize("words", ["OU:TME", "CN:cms.ent-pa.com colour:blue", "CN:cms.ent-pa.com subjectAltName:a.ent-pa.com, b.ent-pa.com"])
def test_attributes_of_requests(mmp, words):
    assert mmp.ask(f"pki csr one {words}").startswith("FAILURE: ")
    assert "one.key" not in mmp.server.files


def test_base_names(mmp):
    assert mmp.ask("pki csr one.two CN:cms.ent-pa.com") == "FAILURE: bad file name one.two\n"


def test_file_names(mmp):
    for name in ("one.two.cer", "one two.cer"):
        with pytest.raises(OSError):
            mmp.put(name, "x")
        assert name not in mmp.server.files


def test_files_of_the_system(mmp):
    with pytest.raises(OSError):
        mmp.put("live.json", "{}")
    with mmp.client.open_sftp() as sftp, pytest.raises(OSError):
        sftp.remove("live.json")


def enabled(mmp: Mmp, certs: str, service: str = "webadmin") -> list[str]:
    """The failures of a service that is to run with some files."""
    mmp.done(f"{service} certs {certs}")
    failures = [line for line in mmp.ask(f"{service} enable").splitlines() if line.startswith("FAILURE: ")]
    assert mmp.fields(service)["Enabled"] == str(not failures).lower()
    return failures


def test_a_key_that_is_anothers(mmp):
    assert enabled(mmp, f"other.key {SHARED}.cer")[0] == "FAILURE: Key and certificate pair do not match"


def test_a_bundle_that_does_not_fit(mmp):
    assert enabled(mmp, f"{SHARED}.key {SHARED}.cer foreign.cer")[0] == "FAILURE: certificate not verified against CA bundle"
    assert not enabled(mmp, f"{SHARED}.key {SHARED}.cer {ROOT}")


def test_a_certificate_that_has_expired(mmp):
    assert enabled(mmp, f"{SHARED}.key expired.cer")[0] == "FAILURE: certificate is not valid at this time"


def test_no_certificate(mmp):
    said = mmp.ask("webadmin enable")
    assert "FAILURE: TLS port set but no certificates configured" in said and said.endswith("FAILURE: webadmin configuration not complete\n")


def test_a_chain_that_is_not_full(mmp):
    mmp.done(f"webbridge3 https certs {SHARED}.key {SHARED}.cer")
    mmp.done(f"webbridge3 c2w certs {SHARED}.key {FULL}")
    said = mmp.ask("webbridge3 enable")
    assert "FAILURE: HTTPS full chain of certificates does not verify" in said and "SUCCESS: C2W full chain of certificates verifies correctly" in said
    mmp.done(f"webbridge3 https certs {SHARED}.key {FULL}")
    mmp.done("webbridge3 enable")


def test_a_port_of_another_service(mmp):
    mmp.done("webadmin listen a 20444")
    assert not enabled(mmp, f"{SHARED}.key {SHARED}.cer")
    for part in ("https", "c2w"):
        mmp.done(f"webbridge3 {part} certs {SHARED}.key {FULL}")
    assert "FAILURE: port 20444 on interface a is in use by webadmin" in mmp.ask("webbridge3 enable")


# ---- the database cluster

def test_certificates_of_a_clustered_database(secured):
    """They cannot be changed, nor taken away, on any of its servers."""
    for name, files in (("us-cms1", FILES), ("us-cms3", FILES), ("us-cms4", FILES.split(" ", 2)[2])):
        shell = Mmp(secured, name)
        for line in (f"database cluster certs {files}", "database cluster certs none"):
            assert shell.ask(line).startswith("FAILURE: certificates cannot be "), name
        shell.close()


@pytest.mark.parametrize("files", [FILES.replace(f"{SHARED}.key", "other.key"), FILES.replace(f"{CLIENT}.key", "other.key"),
                                   FILES.replace(ROOT, "foreign.cer")])
def test_database_files_that_do_not_fit(mmp, files):
    assert mmp.ask(f"database cluster certs {files}").startswith("FAILURE: ")
    assert "Certificates" not in mmp.ask("database cluster status")


@pytest.mark.parametrize("line", ["database cluster initialize", f"database cluster certs {FILES} and more"])
def test_database_without_certificates(mmp, line):
    assert mmp.ask(line).startswith(("FAILURE: database clustering server and client certificates", "Usage: "))


@pytest.mark.parametrize("line", ["database cluster initialize", "database cluster join us-cms2", "database cluster connect us-cms2"])
def test_database_commands_of_a_clustered_server(secured, line):
    shell = Mmp(secured)
    assert shell.ask(line) == "FAILURE: this node is already part of a database cluster\n"
    shell.close()


def test_one_database_command_at_a_time(secured):
    shell = Mmp(secured, "us-cms2")
    secured.world.clock.speed = 1.0
    try:
        shell.ask("database cluster remove", ("(Y/n) ", "Y"))
        assert shell.ask("database cluster upgrade_schema") == "FAILURE: another database clustering command is in progress\n"
    finally:
        secured.world.clock.speed = 6000.0
    shell.close()


def joined(mmp: Mmp, name: str, files: str) -> dict[str, str]:
    """The status of a server that was to join the first, which is a cluster of its own."""
    lab = mmp.lab
    mmp.done(f"database cluster certs {FILES}")
    mmp.done("database cluster initialize", ("(Y/n) ", "Y"))
    settled(mmp)
    other = Mmp(lab, name)
    for file, content in mmp.server.files.items():
        other.put(file, content)
    five = len(files.split()) == 5
    other.done(f"database cluster certs {files}")
    other.done(f"database cluster {'join' if five else 'connect'} us-cms1.ent-pa.com", ("(Y/n) ", "Y"))
    settled(other)
    status = other.fields("database cluster status")
    other.close()
    return status


def settled(mmp: Mmp) -> None:
    """Wait for the command that is under way."""
    cms_lab.until(lambda: mmp.server.database.outcome != "In progress")


def test_a_database_client_that_is_not_postgres(mmp):
    status = joined(mmp, "us-cms2", FILES.replace(f"{CLIENT}.cer", "nobody.cer"))
    assert (status["Status"], status["ERROR"]) == ("Error", "certificate authentication failed")
    assert status["Last command"] == "'database cluster join us-cms1.ent-pa.com' (Failed)"


def test_a_database_client_of_another_ca(mmp):
    """Its own authority is in its file of CAs beside the cluster's, so that it trusts the cluster; the cluster does not trust it."""
    key = mmp.lab.call(lambda: mmp.lab.world.keys.rsa())
    start = mmp.lab.world.clock.now() - datetime.timedelta(days=1)
    alone = x509.self_signed("meeting_server", x509.subject("postgres", {}), key, start, authority=True)
    mmp.put("alone.key", key)
    mmp.put("alone.cer", alone)
    mmp.put("more.cer", alone + mmp.get(ROOT).decode())
    status = joined(mmp, "us-cms4", "alone.key alone.cer more.cer")
    assert status["Status"] == "Error" and status["Last command"].endswith("(Failed)")


def test_a_fourth_database(secured):
    """The Call Bridge without a database becomes one with: there are three already."""
    shell = Mmp(secured, "us-cms4")
    shell.ask("database cluster remove", ("(Y/n) ", "Y"))
    settled(shell)
    shell.done(f"database cluster certs {FILES}")
    shell.ask("database cluster join us-cms1.ent-pa.com", ("(Y/n) ", "Y"))
    settled(shell)
    assert "ERROR                    : a database cluster has at most 3 nodes\n" in shell.ask("database cluster status")
    shell.close()


# ---- services by TLS

def bridge(api: Api, name: str) -> str:
    """The id of a Web Bridge."""
    return next(one.get("id") for one in api.get("webBridges") if name in one.findtext("url"))


@pytest.mark.parametrize(("content", "status"), [("foreign.cer", "connectionFailure"), ("none", "connectionFailure"), (ROOT, "success"),
                                                 ("call.cer", "success")])
def test_a_call_bridge_that_a_web_bridge_does_not_trust(older, content, status):
    """2.9: by its certificate, or by its CA."""
    shell = Mmp(older, "us-cms2")
    shell.put("foreign.cer", material(older)["foreign.cer"])
    shell.put("call.cer", shell.get(f"{SHARED}.cer"))
    shell.done(f"webbridge trust {content}")
    shell.done("webbridge restart")
    shell.close()
    api = Api(older)
    assert api.get(f"webBridges/{bridge(api, 'us-cms2')}/status").findtext("status") == status
    assert api.get(f"webBridges/{bridge(api, 'us-cms1')}/status").findtext("status") == "success"


def handshake(lab, port: int, *more: str) -> bool:
    """Whether openssl has a session on a port of the first server (TLS 1.2: a refusal of its certificate is part of the handshake)."""
    command = ["openssl", "s_client", "-connect", f"{cms_lab.appliance(lab, 'us-cms1').address}:{port}", *more]
    return subprocess.run(command, input="Q\n", capture_output=True, text=True, timeout=20, check=False).returncode == 0


def test_c2w_callers(secured, tmp_path):
    (tmp_path / "key").write_bytes(cms_lab.appliance(secured, "us-cms1").state.files[f"{SHARED}.key"])
    (tmp_path / "cer").write_bytes(cms_lab.appliance(secured, "us-cms1").state.files[f"{SHARED}.cer"])
    assert handshake(secured, 9999, "-cert", str(tmp_path / "cer"), "-key", str(tmp_path / "key"))
    assert not handshake(secured, 9999)


def test_sip_callers_where_they_are_verified(secured):
    assert handshake(secured, 5061)
    shell = Mmp(secured)
    assert shell.ask("tls sip verify enable") == "FAILURE: no trusted certificates configured\n"
    shell.done(f"tls sip trust {ROOT}")
    shell.done("tls sip verify enable")
    shell.close()
    assert not handshake(secured, 5061)


def test_a_web_bridge_that_the_call_bridge_does_not_trust(secured):
    api = Api(secured)
    one = bridge(api, "us-cms2")
    assert api.get(f"webBridges/{one}/status").findtext("status") == "success"
    shell = Mmp(secured)
    for name, content in material(secured).items():
        if name == "foreign.cer":
            shell.put(name, content)
    shell.done("callbridge trust c2w foreign.cer")
    shell.done("callbridge restart")
    assert api.get(f"webBridges/{one}/status").findtext("status") == "connectionFailure"
    shell.close()


# ---- the API

def test_api_logins(secured):
    for user, password in ((cms_lab.API_USER, "wrong"), ("nobody", "x")):
        assert Api(secured, user=user, password=password).send("GET", "system/status").status_code == 401
    assert Api(secured, user=cms_lab.USER, password=cms_lab.PASSWORD).send("GET", "system/status").status_code == 200


@pytest.mark.parametrize(("path", "fields"), [
    ("callLegProfiles", {"sipMediaEncryption": "always"}), ("outboundDialPlanRules", {"domain": "ent-pa.com", "sipControlEncryption": "tls"}),
    ("outboundDialPlanRules", {"sipControlEncryption": "encrypted"}), ("callProfiles", {"sipMediaEncryption": "required"})])
def test_api_values(secured, path, fields):
    api = Api(secured)
    assert api.refused("POST", path, **fields) == "parameterError"
    assert api.get(path).get("total") == "0"


def test_api_objects_that_there_are_not(secured):
    api = Api(secured)
    nobody = "0c0ffee0-0000-4000-8000-000000000000"
    assert api.refused("PUT", "system/profiles", callLegProfile=nobody) == "callLegProfileDoesNotExist"
    assert api.refused("GET", f"callLegProfiles/{nobody}") == "callLegProfileDoesNotExist"


def test_api_profiles_in_use(secured):
    api = Api(secured)
    one = api.make("callLegProfiles", name="Secure", sipMediaEncryption="required")
    assert api.send("PUT", "system/profiles", callLegProfile=one).status_code == 200
    assert api.refused("DELETE", f"callLegProfiles/{one}") == "objectInUse"
    assert api.send("PUT", "system/profiles", callLegProfile="").status_code == 200
    assert api.send("DELETE", f"callLegProfiles/{one}").status_code == 200


# ---- what a certificate is good for

def made(lab, name: str, profile: str) -> tuple[str, str]:
    """(key, leaf) of the enterprise CA for server or client authentication alone."""
    key = lab.call(lambda: lab.world.keys.rsa())
    return key, x509.to_pem(lab.call(lambda: lab.world.ca.issue(load_key(key).public_key(), name, [name], profile)))


def test_a_database_client_without_client_authentication(mmp):
    key, leaf = made(mmp.lab, "postgres", "server")
    mmp.put("server.key", key)
    mmp.put("server.cer", leaf)
    status = joined(mmp, "us-cms2", FILES.replace(f"{CLIENT}.key {CLIENT}.cer", "server.key server.cer"))
    assert status["Status"] == "Error" and status["Last command"].endswith("(Failed)")


@pytest.mark.parametrize(("profile", "status"), [("both", "success"), ("server", "connectionFailure")])
def test_a_call_bridge_without_client_authentication(secured, profile, status):
    shell = Mmp(secured)
    key, leaf = made(secured, cms_lab.DOMAIN, profile)
    shell.put("other.key", key)
    shell.put("other.cer", leaf)
    shell.done(f"callbridge certs other.key other.cer {ROOT}")
    shell.done("callbridge restart")
    shell.close()
    secured.do(secured.world.quiet())
    api = Api(secured)
    assert api.get(f"webBridges/{bridge(api, 'us-cms2')}/status").findtext("status") == status
