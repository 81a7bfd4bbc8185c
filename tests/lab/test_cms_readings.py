"""The other readings of what no source settles about Meeting Server: each one really changes what the lab does. And faults, secrets, backups."""

from __future__ import annotations

import json

import paramiko
import pytest

from tests.lab import cms_lab
from tests.lab.cms_lab import CLIENT
from tests.lab.cms_lab import FULL
from tests.lab.cms_lab import NEW
from tests.lab.cms_lab import OLD
from tests.lab.cms_lab import ROOT
from tests.lab.cms_lab import SHARED
from tests.lab.cms_lab import Api
from tests.lab.cms_lab import Mmp

PAIR = f"{SHARED}.key {SHARED}.cer"
YES = ("(Y/n) ", "Y")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A lab of 3.8 that is secured and clustered."""
    lab = cms_lab.started(tmp_path_factory.mktemp("cms-readings"), NEW, 4, "enterprise")
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def lab(running):
    """On day 0."""
    running.restore("day0")
    return running


@pytest.fixture
def mmp(lab):
    """The first server's command line."""
    shell = Mmp(lab)
    yield shell
    shell.close()


def reading(lab, name: str, value: str) -> None:
    """Switch a reading."""
    lab.call(lambda: lab.world.set_variant(name, value))


@pytest.mark.parametrize(("value", "password", "keyboard"), [("both", True, True), ("password", True, False), ("keyboard", False, True)])
def test_logins(lab, value, password, keyboard):
    reading(lab, "mmp_login", value)
    for method, works in (("auth_password", password), ("auth_interactive", keyboard)):
        transport = paramiko.Transport((cms_lab.appliance(lab, "us-cms1").address, 20022))
        transport.start_client(timeout=10)
        given = cms_lab.PASSWORD if method == "auth_password" else lambda _title, _text, questions: [cms_lab.PASSWORD for _ in questions]
        options = {"fallback": False} if method == "auth_password" else {}
        try:
            getattr(transport, method)(cms_lab.USER, given, **options)
        except paramiko.BadAuthenticationType:
            assert not works
        else:
            assert works and transport.is_authenticated()
        transport.close()


def test_single_commands(lab):
    """Offered, or refused while the shell is there."""
    with cms_lab.connected(lab) as client:
        assert client.exec_command("version")[1].read().decode().strip() == "3.8.1"
        reading(lab, "mmp_exec", "refused")
        with pytest.raises(paramiko.SSHException):
            client.exec_command("version")
        client.invoke_shell()


def test_prompts(lab):
    reading(lab, "mmp_prompt", "fqdn")
    shell = Mmp(lab)
    assert shell.prompt == "us-cms1.ent-pa.com> "
    shell.close()


def test_a_key_is_an_answer(lab, mmp):
    """The line's end that a client sends after it is then a line of its own."""
    reading(lab, "mmp_confirm", "key")
    mmp.channel.sendall(b"reboot\n")
    mmp.until("(Y/n) ")
    mmp.channel.sendall(b"n\n")
    assert mmp.until(f"{mmp.prompt}\n{mmp.prompt}") and mmp.server.reboots == 0


def test_more_is_said_below_a_question(lab, mmp):
    reading(lab, "mmp_question", "above")
    mmp.channel.sendall(b"reboot\n")
    mmp.until("Are you sure you wish to reboot? (Y/n)\n\n")
    mmp.channel.sendall(b"n\n")
    assert mmp.until(mmp.prompt) and mmp.server.reboots == 0


def test_refusals_in_plain_words(lab, mmp):
    assert mmp.ask("pki match one.key one.cer") == "FAILURE: file one.key not found\n"
    reading(lab, "mmp_refusal", "plain")
    assert mmp.ask("pki match one.key one.cer") == "File one.key not found\n"


def test_requests_with_usage(lab, mmp):
    from cryptography import x509

    for value, there in (("none", False), ("both", True)):
        reading(lab, "cms_csr_usage", value)
        mmp.done("pki csr one CN:one.ent-pa.com")
        request = x509.load_pem_x509_csr(mmp.get("one.csr"))
        assert any(isinstance(extension.value, x509.ExtendedKeyUsage) for extension in request.extensions) == there


def test_a_second_request(lab, mmp):
    mmp.done("pki csr one CN:one.ent-pa.com")
    first = mmp.get("one.key")
    mmp.done("pki csr one CN:one.ent-pa.com")
    second = mmp.get("one.key")
    assert first != second
    reading(lab, "cms_csr_existing", "refused")
    assert mmp.ask("pki csr one CN:one.ent-pa.com") == "FAILURE: file one.key already exists\n" and mmp.get("one.key") == second


def test_a_mode_that_cannot_be_set(lab, mmp):
    with mmp.client.open_sftp() as sftp:
        sftp.chmod(ROOT, 0o600)
        reading(lab, "cms_sftp_mode", "refused")
        with pytest.raises(PermissionError):
            sftp.chmod(ROOT, 0o600)


def renewed(mmp: Mmp) -> str:
    """The shared certificate anew, in the same files. Gives the fingerprint in `lab status` of what Web Admin serves now."""
    mmp.put(f"{SHARED}.cer", cms_lab.sign(mmp.lab, request(mmp)))
    return serves(mmp)


def request(mmp: Mmp) -> bytes:
    """A request by the key that is there."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(mmp.get(f"{SHARED}.key"), None)
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, cms_lab.DOMAIN)]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def serves(mmp: Mmp) -> str:
    """The fingerprint in `lab status` of what Web Admin serves."""
    cluster = next(one for one in mmp.lab.call(mmp.lab._lab.status)["clusters"] if one["name"] == "us_cms")
    return cluster["servers"][0]["services"]["webadmin"]["certificates"]["tls"]


@pytest.mark.parametrize(("value", "follows"), [("certs", False), ("start", True)])
def test_a_file_that_changes(lab, mmp, value, follows):
    """Whether a start is enough after a file has changed, or `certs` has to be said again."""
    reading(lab, "cms_certs_copied", value)
    before = renewed(mmp)
    mmp.done("webadmin restart")
    assert (serves(mmp) != before) == follows


@pytest.mark.parametrize(("value", "refused"), [("refused", True), ("taken", False)])
def test_certs_of_a_service_that_runs(lab, mmp, value, refused):
    reading(lab, "cms_certs_while_enabled", value)
    assert ("FAILURE: webadmin is enabled: disable it first" in mmp.ask(f"webadmin certs {PAIR}")) == refused
    mmp.done(f"callbridge certs {PAIR}")


def test_certs_that_say_something(lab, mmp):
    mmp.done("webadmin disable")
    assert mmp.done(f"webadmin certs {PAIR}") == ""
    reading(lab, "cms_certs_output", "checked")
    assert mmp.done(f"webadmin certs {PAIR}") == "SUCCESS: Key and certificate pair match\n"


@pytest.mark.parametrize(("value", "enough"), [("root", False), ("intermediate", True)])
def test_a_chain_without_its_root(lab, mmp, value, enough):
    reading(lab, "cms_full_chain", value)
    leaf, issuing, _root = (f"{one}-----END CERTIFICATE-----\n" for one in mmp.get(FULL).decode().split("-----END CERTIFICATE-----\n")[:3])
    mmp.put("short.cer", leaf + issuing)
    mmp.done("webbridge3 disable")
    for part in ("https", "c2w"):
        mmp.done(f"webbridge3 {part} certs {SHARED}.key short.cer")
    assert ("FAILURE" not in mmp.ask("webbridge3 enable")) == enough


@pytest.mark.parametrize(("value", "runs"), [("stops", False), ("keeps", True)])
def test_a_call_bridge_that_cannot_start(lab, mmp, value, runs):
    reading(lab, "cms_restart_failure", value)
    mmp.put("other.key", lab.call(lambda: lab.world.keys.rsa()))
    mmp.done(f"callbridge certs other.key {SHARED}.cer")
    assert "FAILURE: Key and certificate pair do not match" in mmp.ask("callbridge restart")
    lab.do(lab.world.quiet())
    assert (5061 in mmp.server.appliance.doors.listening()) == runs


def test_words_of_an_older_release(tmp_path):
    lab = cms_lab.started(tmp_path, OLD, 5, "enterprise")
    shell = Mmp(lab)
    assert "Connected Master" in shell.ask("database cluster status")
    reading(lab, "cms_database_words", "primary")
    assert "Connected Primary" in shell.ask("database cluster status")
    shell.close()
    lab.close()


def test_a_join_without_an_interface(lab):
    shell = Mmp(lab, "us-cms3")
    shell.ask("database cluster remove", YES)
    cms_lab.until(lambda: shell.server.database.outcome == "Success" and not shell.server.database.role)
    lab.call(lambda: setattr(shell.server.database, "interface", ""))
    reading(lab, "cms_join_needs", "order")
    assert shell.ask("database cluster join us-cms1").startswith("FAILURE: no interface is configured")
    reading(lab, "cms_join_needs", "certificates")
    shell.done("database cluster join us-cms1", YES)
    shell.close()


def test_fields_that_the_api_does_not_know(lab):
    api = Api(lab)
    assert api.refused("POST", "callLegProfiles", colour="blue") == "parameterError"
    reading(lab, "cms_api_unknown_field", "ignored")
    one = api.make("callLegProfiles", colour="blue", name="Secure")
    assert [child.tag for child in api.get(f"callLegProfiles/{one}")] == ["name"]


def test_pages_of_the_api(lab):
    api = Api(lab)
    for number in range(25):
        api.make("callLegProfiles", name=f"Profile {number}")
    assert [len(api.get("callLegProfiles", **fields)) for fields in ({}, {"offset": "20"}, {"limit": "3"}, {"filter": "profile 24"})] == [20, 5, 3, 1]
    reading(lab, "cms_api_page", "10")
    assert len(api.get("callLegProfiles")) == 10 and api.get("callLegProfiles").get("total") == "25"


def test_words_of_a_web_bridges_status(lab):
    api = Api(lab)
    one = api.get("webBridges")[0].get("id")
    assert api.get(f"webBridges/{one}/status").findtext("status") == "success"
    reading(lab, "cms_c2w_status", "words")
    assert api.get(f"webBridges/{one}/status").findtext("status") == "connected"


def test_web_bridges_in_lab_status(lab):
    """Every Call Bridge reaches every Web Bridge; a server without one has none to reach."""
    lab.do(lab._lab.refresh())
    servers = next(one for one in lab.call(lab._lab.status)["clusters"] if one["name"] == "us_cms")["servers"]
    assert [sorted(server["web_bridges"].values()) for server in servers] == [["success", "success"], ["success", "success"], [], ["success", "success"]]


def test_spaces(lab):
    """A space may have a call leg profile of its own; its passcode is nobody's business."""
    api = Api(lab)
    profile = api.make("callLegProfiles", sipMediaEncryption="optional")
    one = api.make("coSpaces", name="Board", uri="board", callLegProfile=profile, passcode="8642")
    assert api.get(f"coSpaces/{one}").findtext("callLegProfile") == profile and api.get("coSpaces")[0].findtext("name") == "Board"
    told = [entry.detail for entry in lab.world.journal.entries() if entry.operation == "POST /coSpaces"][-1]
    assert told["fields"] == {"name": "Board", "uri": "board", "callLegProfile": profile, "passcode": "***"}
    assert api.get("inboundDialPlanRules").get("total") == "0"


def test_outbound_rules(lab):
    api = Api(lab)
    one = api.make("outboundDialPlanRules", domain="ent-pa.com", sipControlEncryption="encrypted")
    assert api.get(f"outboundDialPlanRules/{one}").findtext("sipControlEncryption") == "encrypted"
    assert api.send("PUT", f"outboundDialPlanRules/{one}", sipControlEncryption="auto").text == ""
    assert api.get("outboundDialPlanRules")[0].findtext("sipControlEncryption") == "auto"


# ---- faults, secrets, backups, reboots

def test_a_transfer_that_breaks(lab, mmp):
    """Half of what is written is there when the connection drops behind it; a refused one leaves nothing."""
    lab.world.faults.add({"channel": "mmp_sftp", "operation": "put one.cer", "action": "status"})
    with pytest.raises(OSError):
        mmp.put("one.cer", "x")
    assert "one.cer" not in mmp.server.files
    lab.world.faults.add({"channel": "mmp_sftp", "operation": "put two.cer", "phase": "after", "action": "drop"})
    with pytest.raises((OSError, EOFError, paramiko.SSHException)):
        mmp.put("two.cer", "x")
    assert mmp.server.files["two.cer"] == b"x"


@pytest.mark.parametrize(("phase", "done"), [("before", False), ("after", True)])
def test_a_session_that_drops(lab, mmp, phase, done):
    lab.world.faults.add({"channel": "mmp", "operation": "pki csr *", "phase": phase, "action": "drop"})
    with pytest.raises((AssertionError, OSError)):
        mmp.ask("pki csr one CN:one.ent-pa.com")
    assert ("one.key" in mmp.server.files) == done


def test_a_command_that_fails(lab, mmp):
    lab.world.faults.add({"channel": "mmp", "operation": "webadmin enable", "action": "status"})
    assert mmp.ask("webadmin enable") == "FAILURE: internal error\n"


def test_no_secret_in_the_journal(lab, mmp):
    """Neither keys, nor passwords, nor what the API's caller proves itself with."""
    mmp.done("user add backup admin", ("password: ", "New-Password-1"), ("again: ", "New-Password-1"))
    mmp.done("passwd backup", ("password: ", "New-Password-2"), ("again: ", "New-Password-2"))
    mmp.done("pki csr one CN:one.ent-pa.com challengePassword:Secret-1")
    mmp.put("two.key", mmp.get("one.key"))
    Api(lab).make("callLegProfiles", name="Secure")
    told = json.dumps([vars(entry) for entry in lab.world.journal.entries()], default=str) + (lab.world.directory / "journal.jsonl").read_text()
    for secret in ("New-Password", "Secret-1", "PRIVATE KEY", cms_lab.PASSWORD, cms_lab.API_PASSWORD):
        assert secret not in told
    assert "put two.key" in told and "challengePassword:***" in told and "passwd backup" in told
    second = Mmp(lab, user="backup", password="New-Password-2")
    assert "backup              admin       never         yes" in second.ask("user list")
    second.close()


def test_backup_and_rollback(lab, mmp):
    mmp.done("backup snapshot before")
    mmp.done("webadmin disable")
    mmp.done(f"rm {SHARED}.cer")
    reboots = mmp.server.reboots
    mmp.channel.sendall(b"backup rollback before\n")
    mmp.until("(Y/n) ")
    mmp.channel.sendall(b"Y\n")
    cms_lab.until(lambda: mmp.server.reboots > reboots)
    assert f"{SHARED}.cer" in mmp.server.files and 20443 in mmp.server.appliance.doors.listening()


def test_reboot_and_host_name(lab, mmp):
    """The new name counts from the next start; what is enabled runs again."""
    mmp.done("hostname CMS")
    mmp.channel.sendall(b"reboot\n")
    mmp.until("(Y/n) ")
    mmp.channel.sendall(b"Y\n")
    cms_lab.until(lambda: mmp.server.reboots == 1)
    shell = Mmp(lab)
    assert shell.prompt == "CMS> " and shell.fields("webadmin")["STATUS"] == "webadmin running"
    shell.close()


def test_other_commands(lab, mmp):
    mmp.done("ntp server add 10.0.0.1")
    assert mmp.ask("ntp") == "10.0.0.1\n"
    mmp.done("dns add forwardzone ent-pa.com 10.0.0.2")
    assert mmp.ask("dns") == "forwardzone ent-pa.com 10.0.0.2\n"
    mmp.done("pki selfsigned own CN:us-cms1.ent-pa.com")
    mmp.done("pki match own.key own.crt")
    mmp.done(f"pki verify {SHARED}.cer {ROOT}")
    assert "FAILURE" in mmp.ask(f"pki verify own.crt {ROOT}") and "FAILURE" in mmp.ask(f"pki match own.key {SHARED}.cer")
    assert f"Subject: CN={cms_lab.DOMAIN}" in mmp.ask(f"pki inspect {SHARED}.cer") and "private key" in mmp.ask("pki inspect own.key")
    assert mmp.fields("streamer")["SIP Resolution"] == "720p" and mmp.fields("scheduler")["Enabled"] == "false"
    assert "webbridge3 c2w trust <bundle>|none" in mmp.ask("help") and "xmpp" not in mmp.ask("help")
    assert lab.world.unknown == 0


def test_a_locked_key(lab, mmp):
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(mmp.get(f"{CLIENT}.key"), None)
    mmp.put("locked.key", key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"Secret-1")))
    assert "protected by a password" in mmp.ask("pki inspect locked.key") and "FAILURE" in mmp.ask(f"pki match locked.key {CLIENT}.cer")
    assert "FAILURE" in mmp.ask("pki unlock locked.key", ("password: ", "wrong"))
    mmp.done("pki unlock locked.key", ("password: ", "Secret-1"))
    mmp.done(f"pki match locked.key {CLIENT}.cer")


def test_an_estate_that_makes_no_sense(tmp_path):
    with pytest.raises(ValueError, match="us_cms"):
        cms_lab.started(tmp_path, NEW, 5, "borrowed")
