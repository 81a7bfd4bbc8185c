# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel to Vault over real TLS, and what a step makes of its answers."""

from __future__ import annotations

import datetime
import http.server
import json
import ssl
import sys
import threading
import types
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading
from ansible_collections.collab.security.plugins.plugin_utils.certificates.signature import CertificateSignature
from ansible_collections.collab.security.plugins.plugin_utils.certificates.signers.vault import Vault
from ansible_collections.collab.security.plugins.plugin_utils.channels import vault
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.pki import checks
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.pki.archive import Archive
from ansible_collections.collab.security.plugins.plugin_utils.pki.checks import Problem

sys.path.insert(0, str(Path(__file__).parent))
import real_servers  # noqa: E402
from fake_nodes import Action  # noqa: E402
from fake_nodes import Cluster  # noqa: E402

NAME = "us-vault.ent-pa.com"
SIGNED = {"data": {"certificate": "LEAF", "issuing_ca": "ISSUING", "ca_chain": ["ISSUING", "ROOT"]},
          "warnings": ['the common_name field was provided but the role is set with "use_csr_common_name" set to true', "TTL is longer than permitted maxTTL"]}


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
        self.server.seen.append((self.path, self.headers["X-Vault-Token"], self.headers["Host"], body))
        status, answer = self.server.answers.get(self.path, (404, {"errors": ["no handler for route"]}))
        data = json.dumps(answer).encode() if isinstance(answer, dict) else answer
        self.send_response(status)
        if status == 307:
            self.send_header("Location", "https://elsewhere.example.com/v1/pki/sign/good")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Silence."""


@pytest.fixture
def server(tmp_path):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    own = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
           .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
           .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(key, hashes.SHA256()))
    (tmp_path / "ca.pem").write_text(pem.to_pem(own))
    (tmp_path / "both.pem").write_text(pem.to_pem(own) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
    it = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    it.socket = context.wrap_socket(it.socket, server_side=True)
    it.seen, it.answers = [], {"/v1/pki/sign/good": (200, SIGNED), "/v1/auth/token/revoke-self": (204, b""),
                               "/v1/auth/approle/login": (200, {"auth": {"client_token": "hvs.new"}})}
    threading.Thread(target=it.serve_forever, args=(0.05,), daemon=True).start()
    it.options = {"url": "https://%s:%d/pki" % (NAME, it.server_address[1]), "address": "127.0.0.1", "password": "hvs.secret",
                  "ca_file": str(tmp_path / "ca.pem")}
    yield it
    it.shutdown()
    it.server_close()


def sign(server, role="good", keep=None, **change):
    channel = vault.Channel({**server.options, **change}.get)
    try:
        return channel.sign(10, "CSR", role, "us-cm-pub-ms.ent-pa.com", 730, keep=keep)
    finally:
        channel.close()


def test_signed_with_a_token(server, tmp_path):
    keep = tmp_path / "tomcat.answer.json"
    got = sign(server, keep=str(keep))
    assert got == {"certificates": ["LEAF", "ISSUING", "ROOT"], "warnings": ["TTL is longer than permitted maxTTL"]}
    assert json.loads(keep.read_text()) == got and keep.stat().st_mode & 0o077 == 0
    assert server.seen == [("/v1/pki/sign/good", "hvs.secret", "%s:%d" % (NAME, server.server_address[1]), {
        "csr": "CSR", "common_name": "us-cm-pub-ms.ent-pa.com", "ttl": "17520h", "exclude_cn_from_sans": True})]


def test_an_approle_logs_in_signs_and_revokes_its_token(server):
    assert sign(server, user="role", password="secret")["certificates"][0] == "LEAF"
    assert [seen[:2] for seen in server.seen] == [("/v1/auth/approle/login", None), ("/v1/pki/sign/good", "hvs.new"), ("/v1/auth/token/revoke-self", "hvs.new")]
    assert server.seen[0][3] == {"role_id": "role", "secret_id": "secret"}


def test_the_surroundings_do_not_matter(server, monkeypatch, tmp_path):
    for name, value in {"REQUESTS_CA_BUNDLE": str(tmp_path / "nowhere.pem"), "HTTPS_PROXY": "http://127.0.0.1:9", "VAULT_TOKEN": "hvs.of-somebody",
                        "VAULT_ADDR": "https://127.0.0.1:9", "VAULT_SKIP_VERIFY": "1"}.items():
        monkeypatch.setenv(name, value)
    assert sign(server)["certificates"] and server.seen[0][1] == "hvs.secret"
    server.seen.clear()
    sign(server, user="role", password="secret")
    assert server.seen[0][1] is None


def test_untrusted_or_misnamed_server_gets_nothing(server, tmp_path, ca):
    (tmp_path / "other.pem").write_text(pem.to_pem(ca.root))
    for change in ({"ca_file": str(tmp_path / "other.pem")}, {"url": server.options["url"].replace("us-vault", "eu-vault")}):
        with pytest.raises(NodeError, match="could not be verified") as caught:
            sign(server, **change)
        assert caught.value.kind == "unreachable"
    assert server.seen == []


@pytest.mark.parametrize("status, answer, kind, words", [
    (400, {"errors": ["common name x not allowed by this role"]}, "refused", "refuses the role 'good': common name x not allowed by this role"),
    (403, {"errors": ["permission denied"]}, "auth", "refuses this account for the role 'good': permission denied; nothing is tried a second time"),
    (404, {"errors": ["no handler for route"]}, "refused", "no handler"),
    (500, {"errors": ["1 error occurred:\n\t* internal error\n\n"]}, "refused", r"1 error occurred: \* internal error"),
    (502, b"<h1>Bad Gateway</h1>", "lost", "Bad Gateway"),
    (504, b"<h1>Gateway Time-out</h1>", "lost", "Gateway Time-out"),
    (503, {"errors": ["Vault is sealed"]}, "unreachable", "does not serve: Vault is sealed"),
    (429, {"errors": ["request path quota exceeded"]}, "busy", "quota"),
    (307, b"", "refused", "is a standby and sends its clients to https://elsewhere.example.com"),
    (200, {"data": None}, "refused", "not that of a PKI engine"),
    (200, b"<html>Welcome</html>", "refused", "not that of a PKI engine"),
])
def test_other_answers(server, status, answer, kind, words):
    server.answers["/v1/pki/sign/good"] = (status, answer)
    with pytest.raises(NodeError, match=words) as caught:
        sign(server)
    assert caught.value.kind == kind and len(server.seen) == 1 and "hvs.secret" not in str(caught.value)


def test_a_refused_secret_id_is_the_accounts(server):
    server.answers["/v1/auth/approle/login"] = (400, {"errors": ["invalid role or secret ID"]})
    with pytest.raises(NodeError, match="invalid role or secret ID") as caught:
        sign(server, user="role", password="guess")
    assert caught.value.kind == "auth" and len(server.seen) == 1


def test_a_login_whose_answer_is_lost_has_asked_for_nothing(server):
    server.answers["/v1/auth/approle/login"] = (502, b"")
    with pytest.raises(NodeError) as caught:
        sign(server, user="role", password="secret")
    assert caught.value.kind == "unreachable"


def test_options_are_checked():
    for url, words in (("http://us-vault.ent-pa.com/pki", "must be https"), ("https://us-vault.ent-pa.com", "must name the mount"),
                       ("https://us-vault.ent-pa.com/v1/", "must name the mount")):
        with pytest.raises(NodeError, match=words):
            vault.Channel({"url": url, "ca_file": "x"}.get)


VAULT = Vault(types.SimpleNamespace(args={"template": "web"}, settings="collab_enterprise_ca"))


def test_every_setting_is_named_once():
    problems = [Problem("usage_missing", "x", "lacks", "todo"), Problem("usage_missing", "x", "lacks more", "todo"), Problem("key_mismatch", "x", "", "")]
    (sentence,) = VAULT.hints(problems)
    assert sentence.count("client_flag") == 1 and "role 'web'" in sentence and VAULT.hints(problems[2:]) == []


def test_what_to_do():
    for kind, words in (("refused", "allow_any_name"), ("auth", "collab_enterprise_ca_password"), ("lost", "it asks once more"),
                        ("unreachable", "the way to Vault")):
        assert words in VAULT.explain(NodeError(kind, "said"))


@pytest.fixture(scope="module")
def openbao(tmp_path_factory):
    """The options to reach a real server, with an AppRole that may do just one thing, as docs/certificates.md has it."""
    with real_servers.openbao(tmp_path_factory.mktemp("openbao")) as (root, ca_file):
        root.secrets.pki.create_or_update_role("web", {
            "allowed_domains": "ent-pa.com", "allow_subdomains": True, "allow_bare_domains": True, "max_ttl": "17520h",
            "key_usage": "DigitalSignature,KeyEncipherment,DataEncipherment,KeyAgreement", "ext_key_usage_oids": "1.3.6.1.5.5.7.3.5"})
        root.sys.create_or_update_policy("collab", 'path "pki/sign/web" { capabilities = ["update"] }')
        root.sys.enable_auth_method("approle")
        root.auth.approle.create_or_update_approle("collab", token_policies=["collab"])
        yield {"url": root.url + "/pki", "ca_file": ca_file, "root": root, "user": root.auth.approle.read_role_id("collab")["data"]["role_id"],
               "password": root.auth.approle.generate_secret_id("collab")["data"]["secret_id"]}


def real(openbao, request, role="web", **change):
    channel = vault.Channel({**openbao, **change}.get)
    try:
        return channel.sign(20, pem.to_pem(request), role, "us-cm-pub-ms.ent-pa.com", 730)
    finally:
        channel.close()


def accessors(openbao):
    return set(openbao["root"].list("auth/token/accessors")["data"]["keys"])


def test_a_real_server_signs_for_an_approle_and_keeps_no_token(openbao, kit):
    before, request = accessors(openbao), kit.csr()
    got = real(openbao, request)
    found = [pem.read_certificate(one, "answer") for one in got["certificates"]]
    assert checks.alternative_names(found[0], request, "x") == checks.usages(found[0], request, "x") == [] and got["warnings"] == []
    assert len(found) == 2 and (found[0].not_valid_after_utc - found[0].not_valid_before_utc).days == 730
    assert accessors(openbao) == before


def test_what_a_real_server_refuses(openbao, kit):
    for change, kind, words in (
            ({"password": "guess"}, "auth", "invalid role or secret ID"), ({"user": None, "password": "hvs.x"}, "auth", "permission denied"),
            ({"role": "other"}, "auth", "permission denied"), ({"user": None, "password": "root", "role": "other"}, "refused", "unknown role"),
            ({"url": openbao["url"][:-3] + "other"}, "auth", "permission denied")):
        with pytest.raises(NodeError, match=words) as caught:
            real(openbao, kit.csr(), **change)
        assert caught.value.kind == kind, change


@pytest.fixture
def step(kit, ca, tmp_path, monkeypatch):
    """A signature by Vault; gives what it reports. asked: what Vault was asked; change: of the certificates that it issues."""
    monkeypatch.setattr(reading, "now", lambda: kit.NOW)
    (tmp_path / "ca.pem").write_text(pem.to_pem(ca.root) + pem.to_pem(ca.intermediate))
    request = kit.csr()

    def run(check=False, answer=None, change=None, **more):
        action = Action(Cluster(kit, ca), kit, tmp_path)

        def ask(channel, operation, **given):
            run.asked.append((channel, operation, given))
            if answer:
                raise answer
            issued = ca.issue(request, **(change or {}))
            return {"certificates": [pem.to_pem(issued), pem.to_pem(ca.intermediate)], "warnings": ["TTL is longer than permitted"]}

        action.session = lambda name, **options: types.SimpleNamespace(ask=ask)
        args = {"name": "tomcat", "service": None, "csr": pem.to_pem(request), "needed": True, "method": "vault", "url": "https://us-vault.ent-pa.com:8200/pki",
                "template": "web", "user": None, "password": "x", "ca_file": str(tmp_path / "ca.pem"), "ca_certificate": None, "ca_key_file": None,
                "ca_key_passphrase": None, "days": 365, "folder": None, "reissue": False, "authority": "enterprise", "client_use_required": True,
                "usage_note": None, "uses": [], **more}
        return dict(CertificateSignature(action, args).apply(check).result(), warned=action.warnings)

    run.asked, run.request, run.archive = [], request, Archive(tmp_path, "us_cm", "tomcat")
    return run


def test_signed_once(step):
    assert step(check=True)["changed"] and step.asked == []
    got = step()
    assert got["signed"] and got["warned"] == ["Vault, role web: TTL is longer than permitted"]
    assert [(o["node"], o["channel"], o["operation"]) for o in got["operations"]] == [("us-vault.ent-pa.com:8200", "vault", "POST sign")]
    ((channel, operation, given),) = step.asked
    assert (channel, operation, given["role"], given["days"]) == ("vault", "sign", "web", 365)
    assert not step()["changed"] and len(step.asked) == 1


def test_an_answer_that_came_when_the_run_was_gone(step, ca):
    step.archive.submitting(step.request, {"method": "vault"})
    step.archive.answer.write_text(json.dumps({"certificates": [pem.to_pem(ca.issue(step.request)), pem.to_pem(ca.intermediate)], "warnings": []}))
    assert step(check=True)["after"]["tomcat"] == "issued by the CA, to be taken" and step.archive.answer.exists()
    assert step()["signed"] and step.asked == [] and not step.archive.answer.exists()


def test_a_lost_answer_is_said_and_asked_for_anew(step):
    with pytest.raises(AnsibleActionFail, match="gone. Vault may have issued"):
        step(answer=NodeError("lost", "gone"))
    got = step()
    assert got["signed"] and [f["id"] for f in got["findings"]] == ["submission-lost"]


def test_a_refusal_leaves_nothing(step):
    with pytest.raises(AnsibleActionFail, match="no. Check url .its mount. and the role 'web'"):
        step(answer=NodeError("refused", "no"))
    assert not step.archive.record.exists()


def test_what_the_role_left_out_names_its_settings(step, kit):
    with pytest.raises(AnsibleActionFail, match="Settings of Vault's role 'web': use_csr_sans .*reissue: true"):
        step(change={"names": kit.NODES[:1]})
    with pytest.raises(AnsibleActionFail, match="role 'web': key_usage, server_flag, client_flag"):
        step(change={"eku": kit.BOTH[:1]}, reissue=True)
    assert step(reissue=True)["signed"] and len(step.asked) == 3


@pytest.mark.parametrize("change, words", [
    ({"service": "CAPF"}, "signs others"), ({"url": None}, "collab_enterprise_ca.url"), ({"template": None}, "template is needed"),
    ({"password": ""}, "password is needed")])
def test_what_is_missing_is_said_before_anything_is_asked(step, change, words):
    with pytest.raises(AnsibleActionFail, match=words):
        step(**change)
    assert step.asked == []
