# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CUBE and SRST routers with their Unified CM cluster: from plain to encrypted, drift, renewal, dialogues, and what stops a run."""
from __future__ import annotations

import hashlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from tests.integration.administrator import ROUTER_SEEDS
from tests.integration.administrator import Administrator
from tests.integration.conftest import free_network
from tests.integration.harness import Estate
from tests.integration.harness import Run

CUBES, BRANCH = ("us-cube1", "us-cube2"), "us-branch1"
OLD = "emea-cube1"          # on IOS 15; its Unified CM cluster stays as installed here
US = ("--limit", "us_cm:us_cube:us_srst")
ROUTERS = (*CUBES, BRANCH)
ALLOWED = {"login", "enable", "exit", "answer to Password:", "terminal length 0", "terminal width 511", "show running-config", "show crypto key mypubkey rsa"}


@pytest.fixture(scope="session")
def _routers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with the US cluster and its routers, and a CUBE on IOS 15: day 0, and the state that one full run of the US leaves."""
    found = Estate(Path(tmp_path_factory.mktemp("routers")), free_network(), ("us_cm", "us_cube", "us_srst", "emea_cm", "emea_cube"))
    found.up()
    try:
        found.save("day0")
        found.first = found.play("site.yml", *US).ok()
        found.save("encrypted")
        yield found
    finally:
        found.down()


@pytest.fixture
def plain(_routers: Estate) -> Estate:
    """Everything as installed."""
    _routers.load("day0")
    return _routers


@pytest.fixture
def encrypted(_routers: Estate) -> Estate:
    """Everything as the guide wants it."""
    _routers.load("encrypted")
    return _routers


def console(estate: Estate, router: str, *lines: str) -> str:
    """What a person types at a router's console, and what it shows."""
    return estate.lab("router", router, *lines)


def running(estate: Estate, router: str) -> list[tuple[str, str]]:
    """The lines of the running configuration with the section's before each, sorted (a list keeps no order), without comments and certificates' bytes."""
    found, section = [], ""
    for line in console(estate, router, "show running-config").splitlines():
        section = line if line[:1].strip() else section
        if not re.match(r"!|  [0-9A-F]{8}|Current configuration|\s*$", line):
            found.append((section.rstrip(), line.rstrip()))
    return sorted(found)


def asked(estate: Estate, router: str, since: int) -> list[dict]:
    """What a router was asked over SSH."""
    return [entry for entry in estate.journal(since=since) if entry["node"] == router and entry["channel"] == "ios_cli"]


def routers(run: Run) -> list[dict]:
    """Operations on routers."""
    return [operation for operation in run.operations if operation["channel"] == "ios_cli"]


def lines(run: Run, router: str) -> list[str]:
    """Configuration lines that a run entered on a router."""
    return [line for operation in routers(run) if operation["node"] == router for line in operation["arguments"]["lines"]]


def status(estate: Estate) -> dict:
    """{router: what the lab says of it}."""
    found = json.loads(estate.lab("status", "--json"))
    return {one["name"]: one for cluster in found["clusters"] for one in cluster.get("routers", ())}


def site(estate: Estate, *arguments: str, limit: str = "us_cube:us_srst", **variables: object) -> Run:
    """The plays of routers alone."""
    return estate.play("site.yml", "--limit", limit, *arguments, variables=variables)


# -- from plain to encrypted -------------------------------------------------------------------------------------------
def test_from_plain_to_encrypted(encrypted: Estate) -> None:
    """Certificates, signalling, trunk, dial-peers, SRST: one run, and both ends speak TLS with each other."""
    found = status(encrypted)
    for router in CUBES:
        peers = found[router]["dial_peers"]
        ends = {end: state for tag in ("101", "102") for end, state in peers[tag].items()}
        assert set(ends.values()) == {"in service"} and all(end.endswith(":5061") for end in ends)
    assert all(found[router]["saved"] for router in ROUTERS)
    entered = lines(encrypted.first, "us-cube1")
    assert entered.count("crypto key generate rsa general-keys label CUBE modulus 2048") == 1 and entered.count("write memory") == 2
    assert {"session transport tcp tls", "srtp fallback", "voice-class sip srtp negotiate cisco"} <= set(entered)
    profiles = [op for op in encrypted.first.operations if op["operation"] == "addSipTrunkSecurityProfile" and op["object"].startswith("CUBE")]
    assert set(profiles[0]["arguments"]["x509SubjectName"].split(",")) == {"us-cube1.ent-pa.com", "us-cube2.ent-pa.com"}
    switched = [op["object"] for op in encrypted.first.operations if op["operation"] == "updateSipTrunk" and op["arguments"].get("securityProfileName")]
    assert "US_CUBE" in switched
    secured = [op for op in encrypted.first.operations if op["operation"] == "updateSrst"]
    assert secured and secured[0]["arguments"]["isSecure"] == "true"
    order = [op["operation"] if op["object"] == "US_CUBE" else op["arguments"]["lines"][1] for op in encrypted.first.operations
             if op["object"] == "US_CUBE" or (op["node"] == "us-cube1" and op["arguments"].get("lines", [""])[0].startswith("dial-peer"))]
    assert order.index("updateSipTrunk") < order.index("session transport tcp tls")


def test_the_second_run_enters_nothing_and_asks_little(encrypted: Estate) -> None:
    """No configuration line; one login and four commands a router, whatever number of tasks."""
    since = encrypted.mark()
    run = encrypted.play("site.yml", *US).ok()
    assert run.changed == 0 and routers(run) == []
    for router in ROUTERS:
        seen = [entry["operation"] for entry in asked(encrypted, router, since)]
        assert seen.count("login") == 1 and set(seen) <= ALLOWED, seen
        assert len([one for one in seen if one.startswith(("terminal", "show"))]) == 4, seen


def test_check_mode_says_what_the_run_then_does(plain: Estate) -> None:
    """From the first day: no line reaches a router, and what is said is what is done."""
    before = {router: running(plain, router) for router in ROUTERS}
    since = plain.mark()
    said = site(plain, "--check", "--diff").ok()
    assert plain.journal(writes=True, since=since) == [] and {router: running(plain, router) for router in ROUTERS} == before
    assert "+ crypto signaling remote-addr" in said.output and "+crypto pki trustpoint CUBE-Certificate" in said.output
    done = site(plain).ok()
    for router in CUBES:
        assert crypto(said, router) == crypto(done, router)


def crypto(run: Run, router: str) -> list[str]:
    """The lines about keys, certificates and signalling, each once: in check mode two tasks see the same difference. Without what nobody knows beforehand."""
    return list(dict.fromkeys(one for one in lines(run, router) if "crypto" in one and "import" not in one and "TRUST-" not in one))


def test_the_dial_peers_wait_for_the_trunk(plain: Estate) -> None:
    """Routers alone: they take TLS, and do not call by it while Unified CM's trunk is plain. Unified CM itself, self-signed, is trusted by its certificates."""
    run = site(plain).ok()
    assert {p["id"] for p in run.pending} == {"ios-dial-peers"} and "US_CUBE" in run.pending[0]["reason"]
    for router in CUBES:
        assert "session transport tcp tls" not in lines(run, router) and (
            "dial-peer voice 101 voip", " session transport tcp") in running(plain, router)
        assert len({one for one in status(plain)[router]["trustpoints"] if one.startswith("TRUST-us-cm-sub")}) == 2
    again = site(plain).ok()
    assert routers(again) == []


def test_stronger_suites_pass_through_where_asked(encrypted: Estate) -> None:
    """Pass-through in place of the router's own SRTP, once; and back."""
    ways = {" srtp pass-thru": True, " srtp fallback": False}
    for line, passes in ways.items():
        site(encrypted, limit="us-cube1", cube_pass_thru=passes).ok()
        found = running(encrypted, "us-cube1")
        assert {text for _section, text in found if text in ways} == {line}
        assert passes == (("voice service voip", line) in found) and passes != (("dial-peer voice 101 voip", line) in found)
        assert routers(site(encrypted, limit="us-cube1", cube_pass_thru=passes).ok()) == []


def test_an_srst_router_trusts_the_issuer_of_lscs(encrypted: Estate) -> None:
    """CAPF's certificate, read from Unified CM, in a trustpoint of its own; the credential service shows the router's own of the enterprise CA."""
    assert [name for name in status(encrypted)[BRANCH]["trustpoints"] if name.startswith("TRUST-CAPF-")]
    assert [name for router in CUBES for name in status(encrypted)[router]["trustpoints"] if "CAPF" in name] == []
    context = ssl.create_default_context(cafile=str(encrypted.lab_directory / "ca" / "chain.pem"))
    context.check_hostname = False
    with socket.create_connection((encrypted.network + ".9.81", 2445), 5) as plain, context.wrap_socket(plain) as made:
        assert "us-branch1.ent-pa.com" in x509.load_der_x509_certificate(made.getpeercert(True)).subject.rfc4514_string()


def test_a_provider_that_encrypts(encrypted: Estate, tmp_path: Path) -> None:
    """A second certificate, by a public CA through a folder; calls with the provider go over TLS once a window grants it."""
    variables = {"collab_sip_provider": {"peers": [encrypted.network + ".9.250"], "encrypted": True, "client_use": False, "dial_peers": [200]},
                 "collab_public_ca": {"method": "folder", "folder": str(tmp_path)}}
    first = encrypted.play("site.yml", "--limit", "us-cube1", variables=variables).ok()
    assert {p["step"] for p in first.pending} == {"csr-submit", "ios-crypto-signaling"} and not [one for one in lines(first, "us-cube1") if "dial-peer" in one]
    request = next(tmp_path.glob("*.csr"))
    encrypted.lab("public-ca", "sign", str(request), "--out", str(request.with_suffix(".pem")))
    held = encrypted.play("site.yml", "--limit", "us-cube1", variables={**variables, "collab_disruption": []}).ok()
    assert "crypto pki import PROVIDER-Certificate certificate" in lines(held, "us-cube1") and {p["id"] for p in held.pending} == {"ios-dial-peers"}
    done = encrypted.play("site.yml", "--limit", "us-cube1", variables=variables).ok()
    entered = lines(done, "us-cube1")
    assert entered[:1] == ["dial-peer voice 200 voip"] and "session transport tcp tls" in entered and "srtp" in entered and not done.pending
    assert ("sip-ua", " crypto signaling remote-addr %s.9.250 255.255.255.255 trustpoint PROVIDER-Certificate" % encrypted.network) in running(
        encrypted, "us-cube1")
    assert routers(encrypted.play("site.yml", "--limit", "us-cube1", variables=variables).ok()) == []


# -- proof ---------------------------------------------------------------------------------------------------------------
def proofs(run: Run) -> list[dict]:
    """The rows of routers in the proofs of a run."""
    tasks = [task["result"] for task in run.report["tasks"] if task["action"] == "collab.security.tls_verification"]
    return [row for result in tasks for row in result.get("handshakes", ()) if row["node"] in ROUTERS]


def test_the_trunk_is_proven_both_ways(encrypted: Estate) -> None:
    """What each router shows to Unified CM and to phones, what each node that calls shows to it, the credential service; and no write."""
    since = encrypted.mark()
    run = encrypted.play("verify.yml", "--limit", "us_cm:us_cube:us_srst").ok()
    assert encrypted.journal(writes=True, since=since) == []
    rows = {(row["node"], row["purpose"]): row for row in proofs(run)}
    assert set(rows) == {(cube, purpose) for cube in CUBES for purpose in ("SIP TLS", "SIP TLS to us-cm-sub1", "SIP TLS to us-cm-sub2")} | {
        (BRANCH, "SIP TLS of phones"), (BRANCH, "SRST credentials")}
    assert all(row["verdict"] == "proved" and row["chain"] == row["name"] == row["usage"] == row["rsa"] == "yes" for row in rows.values())
    for cube in CUBES:
        assert rows[cube, "SIP TLS"]["installed"] == "yes" and rows[cube, "SIP TLS"]["certificate"].startswith("CUBE-Certificate ")
        assert rows[cube, "SIP TLS to us-cm-sub1"]["protocol"].startswith("TLSv1.")
    serials = Watch(encrypted)
    serials.once()
    assert serials.failures == [] and rows["us-cube1", "SIP TLS"]["sha256"].replace(":", "").lower() == serials.sha256     # as a node of Unified CM sees it


def test_what_is_not_proven_is_told(encrypted: Estate) -> None:
    """A certificate that is over, an address without a trustpoint, a credential service that shows another certificate: each fails for what it is. A dial-peer
    without TLS is a finding."""
    signaling = next(line.strip() for _section, line in running(encrypted, "us-cube1") if line.startswith(" crypto signaling"))
    console(encrypted, "us-cube1", "configure terminal", "sip-ua", "no " + signaling, "exit", "dial-peer voice 101 voip", "session transport udp", "end")
    encrypted.lab("router", "us-cube2", "--expire", "CUBE-Certificate")
    own = next(line.split()[-1] for _section, line in running(encrypted, BRANCH) if line.startswith("crypto pki trustpoint TP-self-signed"))
    console(encrypted, BRANCH, "configure terminal", "credentials", "trustpoint " + own, "end")
    run = encrypted.play("verify.yml", "--limit", "us_cube:us_srst")
    run.refused("takes no TLS from us-cm-sub", "expired on")
    wrong = {(row["node"], row["purpose"]) for row in proofs(run) if row["verdict"] == "failed"}
    assert wrong == {("us-cube1", "SIP TLS"), ("us-cube2", "SIP TLS"), (BRANCH, "SRST credentials")}
    assert [f["object"] for f in run.findings if f["id"] == "dial-peer-plain"] == ["dial-peer voice 101 voip on us-cube1"]


def test_a_day_before_anything_nothing_is_proven(plain: Estate) -> None:
    """As installed, no router takes TLS, and none trusts what Unified CM shows."""
    run = plain.play("verify.yml", "--limit", "us_cube:us_srst")
    run.refused("sip-ua has no trustpoint")
    assert {row["verdict"] for row in proofs(run)} == {"failed"} and "no trustpoint of the router holds the CA" in run.output


# -- drift ---------------------------------------------------------------------------------------------------------------
DRIFT = {
    "us-cube1": ("voice service voip", "no ip address trusted authenticate", "ip address trusted list", "ipv4 10.66.6.6", "no ipv4 203.0.113.10", "exit",
                 "sip", "registrar server expires max 600 min 60", "exit", "exit",
                 "dial-peer voice 101 voip", "session transport udp", "no srtp fallback", "exit", "dial-peer voice 102 voip", "srtp", "exit",
                 "sip-ua", "no crypto signaling remote-addr 127.0.0.0", "exit"),
    BRANCH: ("credentials", "trustpoint TP-self-signed-1093009081", "exit", "sip-ua", "no crypto signaling default", "exit"),
}
STEPS = {"ios-trusted-authenticate", "ios-trusted-list", "ios-registrar-off", "ios-dialpeer-tls", "ios-srtp-fallback", "ios-crypto-signaling",
         "srst-credential-server"}


def test_drift_is_found_and_mended_and_nothing_else_is_touched(encrypted: Estate) -> None:
    """A line of each kind, a hidden default, a stale entry: found without a write, then mended; the configuration is what it was, neighbours and all."""
    before = {router: running(encrypted, router) for router in ROUTERS}
    signaling = next(line.strip() for _section, line in before["us-cube1"] if line.startswith(" crypto signaling"))
    for router, typed in DRIFT.items():
        words = [("no " + signaling) if one.startswith("no crypto signaling remote-addr") else one for one in typed]
        own = next((line.split()[-1] for _section, line in before[router] if line.startswith("crypto pki trustpoint TP-self-signed")), "")
        console(encrypted, router, "configure terminal", *(f"trustpoint {own}" if one.startswith("trustpoint TP") else one for one in words), "end")
        assert running(encrypted, router) != before[router]
    since = encrypted.mark()
    found = encrypted.play("drift.yml", "--limit", "us_cube:us_srst").ok()
    assert [f["object"] for f in found.findings if f["id"] == "ios-srst-certificate"] == ["credentials on us-branch1"]
    assert encrypted.journal(writes=True, since=since) == [] and STEPS <= {f["step"] for f in found.findings}
    mended = site(encrypted).ok()
    assert {router: running(encrypted, router) for router in ROUTERS} == before
    assert [op for op in routers(mended) if op["node"] == "us-cube2"] == [] and {"no ipv4 10.66.6.6", "ip address trusted authenticate"} <= set(
        lines(mended, "us-cube1"))
    assert routers(site(encrypted).ok()) == []


def test_each_kind_is_found_and_mended_by_its_own_lines(encrypted: Estate) -> None:
    """What `make demo` shows: another administrator's changes over SSH, each with its finding, each mended, and no line sent that none of them calls for. Every
    kind by lines that no other calls for."""
    other = Administrator(encrypted)
    for seed in ROUTER_SEEDS.values():
        seed.make(other)
    found = encrypted.play("drift.yml", "--limit", "us_cube").ok()
    assert [kind for kind, seed in ROUTER_SEEDS.items() if not any(seed.found_as in str(finding) for finding in found.findings)] == []
    since = encrypted.mark()
    encrypted.play("site.yml", "--limit", "us_cube").ok()
    writes = encrypted.journal(writes=True, since=since)
    assert writes and [write for write in writes if not any(seed.mends(write) for seed in ROUTER_SEEDS.values())] == []
    for kind, seed in ROUTER_SEEDS.items():
        others = [one for one in ROUTER_SEEDS.values() if one is not seed]
        assert [write for write in writes if seed.mends(write) and not any(one.mends(write) for one in others)], kind


def test_an_expired_certificate_is_replaced(encrypted: Estate) -> None:
    """A new key and trustpoint beside it, the references switched, the old one gone; then nothing more."""
    encrypted.lab("router", "us-cube1", "--expire", "CUBE-Certificate")
    run = site(encrypted).ok()
    entered = lines(run, "us-cube1")
    assert "crypto pki import CUBE-Certificate-2 certificate" in entered and "no crypto pki trustpoint CUBE-Certificate" in entered
    assert lines(run, "us-cube2") == []
    now = [line for _section, line in running(encrypted, "us-cube1")]
    assert not [line for line in now if re.search(r"CUBE-Certificate(?!-2)", line)] and "CUBE-Certificate-2" in "\n".join(now)
    assert routers(site(encrypted).ok()) == [] and status(encrypted)["us-cube1"]["dial_peers"]["101"]


def test_a_renewal_leaves_no_moment_without_a_valid_certificate(encrypted: Estate) -> None:
    """Asked every 50 ms from a Unified CM node's address, the router always shows a certificate of the CA, first the old, at last the new."""
    watch = Watch(encrypted)
    with watch:
        run = encrypted.play("site.yml", "--limit", "us-cube1", variables={"ios_certificates_renew_before_days": 5000}).ok()
    assert watch.failures == [] and len(watch.serials) == 2 and watch.count > 20
    assert "no crypto pki trustpoint CUBE-Certificate" in lines(run, "us-cube1") and "crypto key zeroize rsa CUBE" in lines(run, "us-cube1")
    assert lines(site(encrypted).ok(), "us-cube1") == []


class Watch:
    """Handshakes with a CUBE, one after the other, from the address of a Unified CM node."""

    def __init__(self, estate: Estate) -> None:
        """Verify by the enterprise CA; offer the lab's client certificate."""
        self.source, self.target = (estate.network + ".1.2", 0), (estate.network + ".9.1", 5061)
        ca = estate.lab_directory / "ca"
        self.context = ssl.create_default_context(cafile=str(ca / "chain.pem"))
        self.context.check_hostname = False
        self.context.load_cert_chain(str(ca / "client.pem"), str(ca / "client.key"))
        self.failures, self.serials, self.count, self.sha256, self.ended = [], [], 0, "", threading.Event()

    def once(self) -> None:
        """One handshake."""
        try:
            with socket.create_connection(self.target, 5, self.source) as plain, self.context.wrap_socket(plain) as made:
                served = made.getpeercert(True)
            serial, self.sha256 = x509.load_der_x509_certificate(served).serial_number, hashlib.sha256(served).hexdigest()
            if serial not in self.serials:
                self.serials.append(serial)
        except OSError as error:
            self.failures.append(repr(error))
        self.count += 1

    def __enter__(self) -> Watch:
        def watch() -> None:
            while not self.ended.is_set():
                self.once()
                time.sleep(0.05)

        self.thread = threading.Thread(target=watch)
        self.thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self.ended.set()
        self.thread.join()


# -- dialogues ---------------------------------------------------------------------------------------------------------------
WORLDS = {
    "certificates are files": {"ios_chain_after_save": "nvram"},
    "everything is asked": {"ios_key_exists": "asks", "ios_delete_empty_trustpoint": "asks", "ios_vty_logging": "always", "ios_request_armour": "pem"},
    "nothing is asked": {"ios_question_address": "absent", "ios_question_serial": "absent", "ios_question_redisplay": "absent", "ios_subca_question": "skipped",
                         "ios_request_armour": "bare", "ios_login_privilege": "15", "ios_fingerprint_blank": "never", "ios_delete_indent": "none"},
    "other words": {"ios_default_hash": "sha256", "ios_default_hash_line": "shown", "ios_import_failure": "error_in_saving", "ios_srtp_auth": "gone",
                    "ios_trusted_mask": "host_mask", "ios_trustpoint_in_use": "refused", "ios_fqdn_none_line": "present",
                    "ios_vty_logging": "until_no_monitor", "ios_subca_unknown_root": "refused", "ios_client_certificate": "optional",
                    "ios_key_prompt_default": "2048", "ios_subject_alt_name": "lines", "ios_fingerprint_needed": "always"},
}


@pytest.mark.parametrize("world", WORLDS)
def test_every_reading_of_the_dialogues(plain: Estate, world: str) -> None:
    """IOS 15 and IOS XE: first run, a second that enters nothing, and a renewal with its retirement, in worlds that differ in every unsure fact."""
    for name, value in WORLDS[world].items():
        plain.lab("variant", "set", name, value)
    both, names = "us-cube1:" + OLD, {"ios_certificates_alt_names": ["cube.ent-pa.com", "sip.ent-pa.com"]}
    site(plain, limit=both, **names).ok()
    assert ("voice service voip", "  srtp-auth sha1-80") in running(plain, OLD)
    assert routers(site(plain, limit=both, **names).ok()) == []
    renewed = site(plain, limit=both, **names, ios_certificates_renew_before_days=5000).ok()
    for router in ("us-cube1", OLD):
        assert "no crypto pki trustpoint CUBE-Certificate" in lines(renewed, router)
        assert {"CUBE-Certificate", "CUBE-Certificate-2"} & set(status(plain)[router]["trustpoints"]) == {"CUBE-Certificate-2"}


def test_whatever_goes_wrong_the_next_run_goes_on(plain: Estate) -> None:
    """An error at each step, and a question that nobody knows: the router's words are in the message, it is left in no half-entered mode, and no key is made
    twice."""
    since = plain.mark()
    for operation in ("crypto key generate *", "crypto pki trustpoint CUBE*", "crypto pki authenticate CUBE*", "crypto pki enroll *", "question",
                      "crypto pki import *", "sip-ua", "write memory"):
        how = {"operation": operation, "action": "status", "body": "% Error: the flux capacitor is empty"}
        if operation == "question":
            how = {"operation": "crypto pki enroll *", "action": "question", "body": "% Shall the moon be included? [yes/no]: "}
        plain.fault(channel="ios_cli", node="us-cube1", times=2, **how)
        site(plain, limit="us-cube1").refused("flux capacitor" if operation != "question" else "Shall the moon be included? [yes/no]")
        plain.lab("fault", "clear")
    site(plain, limit="us-cube1").ok()
    assert routers(site(plain, limit="us-cube1").ok()) == [] and status(plain)["us-cube1"]["saved"]
    made = [entry for entry in asked(plain, "us-cube1", since) if entry["operation"].startswith("crypto key generate") and entry["kind"] == "write"]
    assert len(made) <= 3                   # the two that were refused, and one that was made
    assert {"CUBE-Certificate-2"} & set(status(plain)["us-cube1"]["trustpoints"]) == set()


def test_what_the_account_may_not_see_is_not_taken_for_nothing(encrypted: Estate) -> None:
    """AAA refuses the command that shows the keys: no key is generated over one that is there, and nothing else is entered."""
    encrypted.fault(channel="ios_cli", node="us-cube1", operation="show crypto key mypubkey rsa", action="status", body="Command authorization failed.")
    since = encrypted.mark()
    site(encrypted, limit="us-cube1").refused("Command authorization failed")
    assert [entry for entry in asked(encrypted, "us-cube1", since) if entry["kind"] == "write"] == []


def test_a_session_that_drops_is_gone_on_with(plain: Estate) -> None:
    """The SSH session ends in the middle of enrolment and import, before a line is taken and after: the run says so, and the next one goes on. In the middle of
    configuration lines the run itself does. One key is made, one trustpoint, and at last all is saved."""
    since = plain.mark()
    for operation, phase in (("crypto key generate *", "after"), ("crypto pki enroll *", "before"), ("crypto pki import *", "after")):
        plain.fault(channel="ios_cli", node="us-cube1", operation=operation, phase=phase, action="drop")
        site(plain, limit="us-cube1").refused("us-cube1", "the session ended")
        plain.lab("fault", "clear")
    plain.fault(channel="ios_cli", node="us-cube1", operation="sip-ua", action="drop")
    site(plain, limit="us-cube1").ok()
    assert [rule["struck"] for rule in json.loads(plain.lab("fault", "list"))] == [1]
    assert routers(site(plain, limit="us-cube1").ok()) == [] and status(plain)["us-cube1"]["saved"]
    made = [entry for entry in asked(plain, "us-cube1", since) if entry["operation"].startswith("crypto key generate") and entry["kind"] == "write"]
    assert len(made) == 1 and "CUBE-Certificate-2" not in status(plain)["us-cube1"]["trustpoints"]


def test_killed_runs_are_gone_on_with(plain: Estate) -> None:
    """Killed again and again in the middle: the last run comes to the same end, saves, and makes no key again."""
    since = plain.mark()
    for after in (2, 3, 4):
        assert plain.play_and_kill(after, "site.yml", "--limit", "us_cube:us_srst")
    site(plain).ok()
    assert routers(site(plain).ok()) == []
    for router in ROUTERS:
        made = [entry for entry in asked(plain, router, since) if entry["operation"].startswith("crypto key generate")]
        assert len(made) == 1 and status(plain)[router]["saved"]


# -- what stops a run ----------------------------------------------------------------------------------------------------------
BAD = {
    "a release that is not the router's": ({"collab_release": "15.7"}, "collab_release"),
    "a cluster that is none": ({"collab_cm_cluster": "mars"}, "collab_cm_cluster"),
    "a peer that is no address": ({"collab_trusted_peers": ["nowhere"]}, "neither an IPv4 address"),
    "a dial-peer that is not there": ({"collab_router_dial_peers": [4711]}, "no dial-peer voice 4711"),
    "a factory trustpoint": ({"collab_router_trustpoint": "SLA-TrustPoint"}, "cannot be used"),
    "a password that is wrong": ({"ansible_password": "wrong"}, "ansible_password"),
    "an enable password that is wrong": ({"collab_enable_password": "wrong"}, "collab_enable_password"),
    "a key that is too short": ({"ios_certificates_key_length": 1024}, "key_length"),
    "a TLS profile on a router": ({"cube_tls_profile": {"tag": 5, "tenants": [9]}}, "no voice class tenant 9"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told(encrypted: Estate, case: str) -> None:
    """The variable is named, and no configuration line is entered."""
    variables, words = BAD[case]
    since = encrypted.mark()
    encrypted.play("site.yml", "--limit", "us-cube1", variables=variables).refused(words)
    assert [e for e in encrypted.journal(writes=True, since=since) if e["channel"] == "ios_cli"] == []


def test_secrets_are_nowhere(plain: Estate) -> None:
    """Passwords of the login and those in the configuration, in output, report, workspace and journal of a run that shows all."""
    console(plain, "us-cube1", "configure terminal", "sip-ua", "credentials username trunk password 0 Sip-Secret-77 realm ent-pa.com", "end")
    run = site(plain, "--diff", "-vvv")
    kept = "".join(path.read_text(errors="replace") for path in plain.workspace.rglob("*") if path.is_file())
    for secret in ("lab-Router-0825", "lab-Enable-0826", "Sip-Secret-77", "lab-Enrol-4711", "BEGIN RSA PRIVATE"):
        assert secret not in run.output and secret not in json.dumps(run.report) and secret not in kept
    assert run.code == 0


def settings(estate: Estate, router: str) -> set[tuple[str, str]]:
    """(section, line) of the running configuration but for certificates and what somebody else describes."""
    return {(section, line.strip()) for section, line in running(estate, router) if not section.startswith("crypto ") and "description" not in line}


def test_what_was_entered_is_taken_back(encrypted: Estate) -> None:
    """A rollback brings every section of day 0 back, leaves those that were made since, and saves; what others entered since is theirs."""
    secured = {router: settings(encrypted, router) for router in ROUTERS}
    encrypted.load("day0")
    before = {router: settings(encrypted, router) for router in ROUTERS}
    assert all(before[router] - secured[router] or secured[router] - before[router] for router in ROUTERS)
    encrypted.load("encrypted")
    Administrator(encrypted, "us-cube1").configure("dial-peer voice 101 voip", "description of others")
    run = encrypted.play("rollback.yml", *US, variables={"rollback_since": "all"}).ok()
    for router in ROUTERS:
        now, sections = settings(encrypted, router), {section for section, _line in before[router]}
        assert {one for one in now if one[0] in sections} == before[router], router
    assert "description of others" in console(encrypted, "us-cube1", "show running-config")
    assert any(operation["operation"] == "save" for operation in routers(run))
    since = encrypted.mark()
    assert encrypted.play("rollback.yml", *US, variables={"rollback_since": "all"}).ok().changed == 0
    assert encrypted.journal(writes=True, since=since) == []
