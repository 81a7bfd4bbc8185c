# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ACME channel with a real ACME server (pebble), and what a step makes of its answers."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import types
from pathlib import Path

import dns.message
import pytest
from ansible.errors import AnsibleActionFail
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading
from ansible_collections.collab.security.plugins.plugin_utils.certificates.signature import CertificateSignature
from ansible_collections.collab.security.plugins.plugin_utils.certificates.signers.acme_dns import Order
from ansible_collections.collab.security.plugins.plugin_utils.certificates.signers.acme_dns import account_key
from ansible_collections.collab.security.plugins.plugin_utils.channels import acme
from ansible_collections.collab.security.plugins.plugin_utils.channels import dns_update
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.pki import checks
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.pki.archive import Archive

sys.path.insert(0, str(Path(__file__).parent))
import real_servers  # noqa: E402
from fake_nodes import Action  # noqa: E402
from fake_nodes import Cluster  # noqa: E402

NAME = "pebble.ent-pa.com"
NAMES = ["us-cms1.ent-pa.com", "meet.ent-pa.com"]
BINDING = ("kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W")


@pytest.fixture(scope="module", params=["open", "bound accounts only"])
def pebble(request, tmp_path_factory):
    """The options to reach a pebble that takes every proof."""
    if shutil.which("pebble") is None:
        pytest.skip("pebble is not installed (Debian: apt install pebble)")
    folder, now = tmp_path_factory.mktemp("pebble"), datetime.datetime.now(datetime.UTC)
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    own = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
           .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
           .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(key, hashes.SHA256()))
    (folder / "own.pem").write_text(pem.to_pem(own))
    (folder / "own.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    listen, management, unused, bound = real_servers.free_port(), real_servers.free_port(), real_servers.free_port(), request.param != "open"
    (folder / "pebble.json").write_text(json.dumps({"pebble": {
        "listenAddress": "127.0.0.1:%d" % listen, "managementListenAddress": "127.0.0.1:%d" % management, "certificate": str(folder / "own.pem"),
        "privateKey": str(folder / "own.key"), "httpPort": unused, "tlsPort": unused, "ocspResponderURL": "", "externalAccountBindingRequired": bound,
        "externalAccountMACKeys": dict([BINDING]) if bound else {}}}))
    process = subprocess.Popen(["pebble", "-config", str(folder / "pebble.json")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"})
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", listen)) == 0:
                break
        assert process.poll() is None
        time.sleep(0.05)
    user, password = BINDING if bound else (None, None)
    yield {"url": "https://%s:%d/dir" % (NAME, listen), "address": "127.0.0.1", "ca_file": str(folder / "own.pem"), "user": user, "password": password,
           "key_file": str(account_key(folder / "account.key", "four words")), "key_passphrase": "four words"}
    process.terminate()
    process.wait(10)


def request_pem(names=NAMES):
    """A request with its common name among its names."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())


class Hand:
    """What Order uses of an action, with an ACME channel of its own and a name server that remembers."""

    def __init__(self, options):
        self.channel, self.asked, self.records, self.warnings = acme.Channel(options.get), [], [], []
        self.ca = types.SimpleNamespace(ask=lambda channel, op, **args: (self.asked.append(op), getattr(self.channel, op)(20, **args))[1])
        self.dns = types.SimpleNamespace(ask=self.change)

    def change(self, _channel, op, name, value):
        (self.records.append if op == "add" else self.records.remove)((name, value))
        self.seen = self.records[:] if op == "add" else self.seen

    def poll(self, _what, check, timeout):
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            if check():
                return
            time.sleep(0.05)
        raise AssertionError("the CA took too long")

    def warn(self, text):
        self.warnings.append(text)


def test_an_order_at_a_real_server(pebble, tmp_path):
    hand, request = Hand(pebble), request_pem()
    keep = tmp_path / "webadmin.answer.json"
    found = Order(hand, hand.ca, hand.dns).sign(request, str(keep))
    leaf, *above = [pem.read_certificate(one, "answer") for one in found]
    assert leaf.public_key() == request.public_key() and above
    assert set(leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)) == set(NAMES)
    assert sorted(name for name, _value in hand.seen) == sorted("_acme-challenge." + name for name in NAMES) and hand.records == []
    assert json.loads(keep.read_text()) == {"certificates": found} and keep.stat().st_mode & 0o077 == 0
    again = Hand(pebble)                                                # the account is there already; names may be proven still
    assert Order(again, again.ca, again.dns).sign(request_pem(), str(keep)) and again.records == []


def test_another_session_does_not_know_the_order(pebble):
    first, second = acme.Channel(pebble.get), acme.Channel(pebble.get)
    order = first.order(20, pem.to_pem(request_pem()))["order"]
    with pytest.raises(NodeError, match="of an earlier session"):
        second.finalize(20, order)


def test_an_order_that_is_not_ready(pebble):
    channel = acme.Channel(pebble.get)
    order = channel.order(20, pem.to_pem(request_pem(["new%d.ent-pa.com" % time.time_ns()])))["order"]
    assert channel.look(20, order)["status"] == "pending"
    with pytest.raises(NodeError, match="says orderNotReady") as caught:
        channel.finalize(20, order)
    assert caught.value.kind == "refused"


def test_who_may_not(pebble, tmp_path):
    if not pebble["user"]:
        pytest.skip("anybody may")
    for change, words in (({"user": None}, "externalAccountRequired"), ({"user": "kid-2"}, "says"), ({"password": "AAAA" * 12}, "says"),
                          ({"password": "A"}, "not base64url")):
        channel = acme.Channel({**pebble, **change, "key_file": str(account_key(tmp_path / "other.key", None)), "key_passphrase": None}.get)
        with pytest.raises(NodeError, match=words) as caught:
            channel.order(20, pem.to_pem(request_pem()))
        assert caught.value.kind in ("auth", "refused") and BINDING[1] not in str(caught.value)


def test_untrusted_server_gets_nothing(pebble, tmp_path, ca):
    (tmp_path / "other.pem").write_text(pem.to_pem(ca.root))
    with pytest.raises(NodeError, match="could not be verified") as caught:
        acme.Channel({**pebble, "ca_file": str(tmp_path / "other.pem")}.get).order(20, pem.to_pem(request_pem()))
    assert caught.value.kind == "unreachable"


def test_the_accounts_key(tmp_path):
    path = account_key(tmp_path / "acme" / "ca.key", "four words")
    assert path.stat().st_mode & 0o077 == 0 and b"ENCRYPTED" in path.read_bytes() and account_key(path, None) == path
    for options, words in (({"key_passphrase": "wrong"}, "passphrase right"), ({"key_file": str(tmp_path / "none")}, "cannot be read")):
        with pytest.raises(NodeError, match=words):
            acme.Channel({"url": "https://x/dir", "ca_file": "x", "key_file": str(path), **options}.get)
    path.chmod(0o640)
    with pytest.raises(AnsibleActionFail, match="chmod 600"):
        account_key(path, None)


@pytest.mark.parametrize("options, words", [
    ({"server": "ns1.ent-pa.com"}, "must be the address"), ({"server": None}, "must be the address"), ({"key_file": "/nowhere"}, "cannot be read"),
    ({"key_file": "empty"}, "holds no key"), ({"key_file": "odd"}, "cannot be used")])
def test_options_of_dns_are_checked(tmp_path, options, words):
    (tmp_path / "empty").write_text("secret!")
    (tmp_path / "odd").write_text('key "x" { algorithm hmac-sha256; secret "A"; };')
    (tmp_path / "key").write_text('key "x" {\n algorithm hmac-sha256;\n secret "c2VjcmV0LXNlY3JldA==";\n};\n')
    given = {"server": "127.0.0.1:5353", "key_file": str(tmp_path / "key")}
    assert dns_update.Channel(given.get).port == 5353
    given.update({k: str(tmp_path / v) if v in ("empty", "odd") else v for k, v in options.items()})
    with pytest.raises(NodeError, match=words) as caught:
        dns_update.Channel(given.get)
    assert "secret!" not in str(caught.value)


def test_a_name_server_that_is_not_there(tmp_path):
    (tmp_path / "key").write_text('key "x" { algorithm hmac-sha256; secret "c2VjcmV0LXNlY3JldA=="; };')
    channel = dns_update.Channel({"server": "127.0.0.1:%d" % real_servers.free_port(), "key_file": str(tmp_path / "key")}.get)
    with pytest.raises(NodeError, match="does not answer") as caught:
        channel.add(5, "_acme-challenge.ent-pa.com", "x")
    assert caught.value.kind == "unreachable"


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """The options to reach a BIND whose key may change one name."""
    with real_servers.named(tmp_path_factory.mktemp("named"), "grant collab-acme name _acme-challenge.us-cms1.ent-pa.com. TXT;") as options:
        yield options


def test_records_at_a_real_name_server(named):
    channel, name = dns_update.Channel(named.get), "_acme-challenge.us-cms1.ent-pa.com"
    for value in ("one", "two", "one"):
        channel.add(5, name, value)
    for _twice in range(2):
        channel.remove(5, name, "one")
    channel.add(5, name, "three")                       # it reads back: "two" is there still, beside it
    answer = channel._exchange(5, dns.message.make_query(name, "TXT"))
    assert sorted(record.strings[0] for rrset in answer.answer for record in rrset) == [b"three", b"two"]


def test_what_a_real_name_server_refuses(named):
    channel = dns_update.Channel(named.get)
    for name, words in (("_acme-challenge.other.ent-pa.com", "refuses to change .*REFUSED"), ("_acme-challenge.example.com", "has no zone")):
        with pytest.raises(NodeError, match=words) as caught:
            channel.add(5, name, "x")
        assert caught.value.kind == "refused"
    with pytest.raises(NodeError, match="refuses the key of dns_key_file") as caught:
        dns_update.Channel({**named, "key_file": named["wrong"]}.get).add(5, "_acme-challenge.us-cms1.ent-pa.com", "x")
    assert caught.value.kind == "auth"


@pytest.fixture(scope="module")
def openbao(tmp_path_factory):
    """(options of the CA, options of the name server) for an ACME server of a private CA that looks each name up at a real name server."""
    with (real_servers.named(tmp_path_factory.mktemp("zone"), "grant collab-acme zonesub TXT;") as dns_options,
          real_servers.openbao(tmp_path_factory.mktemp("openbao")) as (root, ca_file)):
        root.secrets.pki.create_or_update_role("web", {"allow_any_name": True, "key_usage": "DigitalSignature,KeyEncipherment,DataEncipherment,KeyAgreement",
                                                       "ext_key_usage_oids": "1.3.6.1.5.5.7.3.5"})
        root.write_data("pki/config/cluster", data={"path": root.url + "/v1/pki"})
        root.write_data("pki/config/acme", data={"enabled": True, "default_directory_policy": "role:web", "allow_role_ext_key_usage": True,
                                                 "dns_resolver": dns_options["server"], "eab_policy": "not-required"})
        yield {"url": root.url + "/v1/pki/acme/directory", "ca_file": ca_file,
               "key_file": str(account_key(tmp_path_factory.mktemp("account") / "key", None))}, dns_options


def test_a_private_ca_that_looks_at_a_real_name_server(openbao, kit):
    ca_options, dns_options = openbao
    hand, zone = Hand(ca_options), dns_update.Channel(dns_options.get)
    hand.dns = types.SimpleNamespace(ask=lambda _channel, op, **args: getattr(zone, op)(20, **args))
    request = kit.csr(kit.NODES[0], [*kit.NODES, "ent-pa.com"])
    found = [pem.read_certificate(one, "answer") for one in Order(hand, hand.ca, hand.dns).sign(request, None)]
    assert checks.alternative_names(found[0], request, "x") == checks.usages(found[0], request, "x") == [] and len(found) == 2
    query = dns.message.make_query("_acme-challenge.%s" % kit.NODES[0], "TXT")
    assert zone._exchange(5, query).answer == [] and hand.warnings == []


def test_a_common_name_that_is_none_of_the_names_becomes_one(openbao, kit):
    """Why docs/certificates.md says that Unified CM's multi-server requests do not fit."""
    ca_options, dns_options = openbao
    hand, zone = Hand(ca_options), dns_update.Channel(dns_options.get)
    hand.dns = types.SimpleNamespace(ask=lambda _channel, op, **args: getattr(zone, op)(20, **args))
    request = kit.csr("us-cm-pub-ms.ent-pa.com", ["us-cm-pub.ent-pa.com"])
    leaf = pem.read_certificate(Order(hand, hand.ca, hand.dns).sign(request, None)[0], "answer")
    assert "us-cm-pub-ms.ent-pa.com beyond the request" in checks.text_of(checks.alternative_names(leaf, request, "x"))


@pytest.fixture
def step(kit, ca, tmp_path, monkeypatch):
    """A signature by ACME, with a CA made of functions."""
    monkeypatch.setattr(reading, "now", lambda: kit.NOW)
    (tmp_path / "ca.pem").write_text(pem.to_pem(ca.root) + pem.to_pem(ca.intermediate))
    (tmp_path / "dns.key").write_text("")
    request = kit.csr()

    def run(states=("ready", "valid"), change=None, fails=(), proofs=True, **more):
        action, left, asked = Action(Cluster(kit, ca), kit, tmp_path), list(states), []
        proven = [{"name": "a.ent-pa.com", "record": "_acme-challenge.a.ent-pa.com", "value": "v"}] if proofs else []

        def ask(channel, operation, **given):
            asked.append(operation)
            if operation in fails:
                raise NodeError("lost" if operation == "finalize" else "refused", "no")
            return {"order": {"order": "O", "proofs": proven}, "fetch": {"certificates": [pem.to_pem(ca.issue(request, **(change or {})))]}}.get(
                operation) or ({"status": left.pop(0), "message": "a.ent-pa.com: no TXT"} if operation == "look" else None)

        action.session = lambda name, **options: types.SimpleNamespace(ask=ask)
        args = {"name": "tomcat", "service": None, "csr": pem.to_pem(request), "needed": True, "method": "acme_dns", "url": "https://acme.ent-pa.com/dir",
                "template": None, "user": None, "password": None, "ca_file": str(tmp_path / "ca.pem"), "ca_certificate": None, "ca_key_file": None,
                "ca_key_passphrase": None, "days": 365, "folder": None, "reissue": False, "authority": "enterprise", "client_use_required": True,
                "usage_note": None, "uses": [], "accept_terms": True, "dns_server": "192.0.2.53", "dns_key_file": str(tmp_path / "dns.key"), **more}
        run.asked = asked
        return dict(CertificateSignature(action, args).apply(False).result(), warned=action.warnings)

    run.archive = Archive(tmp_path, "us_cm", "tomcat")
    return run


def test_signed(step, tmp_path):
    assert step()["signed"]
    assert step.asked == ["order", "add", "prove", "look", "remove", "finalize", "look", "fetch"]
    assert (tmp_path / "acme" / "acme.ent-pa.com.key").stat().st_mode & 0o077 == 0
    assert not step()["changed"] and step.asked == []


def test_names_that_are_proven_already_are_not_proven_again(step):
    assert step(states=("valid",), proofs=False)["signed"] and step.asked == ["order", "finalize", "look", "fetch"]


def test_a_proof_that_fails_leaves_no_record(step):
    with pytest.raises(AnsibleActionFail, match="gave the order up: a.ent-pa.com: no TXT.*dns_server is the primary"):
        step(states=("invalid",))
    assert step.asked[-1] == "remove" and not step.archive.record.exists()


def test_a_record_that_cannot_be_removed_is_said(step):
    assert "could not be removed" in step(fails=("remove",))["warned"][0]


def test_a_lost_finalization_is_said_and_ordered_anew(step):
    with pytest.raises(AnsibleActionFail, match="run this again, it orders once more"):
        step(fails=("finalize",))
    assert [f["id"] for f in step()["findings"]] == ["submission-lost"]


def test_what_a_cas_profile_leaves_out(step, kit):
    with pytest.raises(AnsibleActionFail, match="nothing is uploaded.*With ACME: the CA's profile says which usages"):
        step(change={"eku": kit.BOTH[:1]})


@pytest.mark.parametrize("change, words", [
    ({"service": "CAPF"}, "signs others"), ({"url": None}, "collab_enterprise_ca.url"), ({"accept_terms": False}, "accept_terms"),
    ({"dns_server": None}, "dns_server is needed"), ({"dns_key_file": None}, "dns_key_file is needed")])
def test_what_is_missing_is_said_before_anything_is_asked(step, change, words):
    with pytest.raises(AnsibleActionFail, match=words):
        step(**change)
    assert step.asked == []
