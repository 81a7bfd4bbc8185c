# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AD CS channel against pages as certsrv's own expressions expect them, over real TLS."""

from __future__ import annotations

import base64
import datetime
import http.server
import json
import ssl
import sys
import threading
import urllib.parse

import pytest
import spnego
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from spnego.exceptions import SpnegoError

from ansible_collections.collab.security.plugins.plugin_utils.channels import adcs
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem

NAME = "us-ca.ent-pa.com"


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, text, kind="text/html"):
        data = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def allowed(self):
        self.server.seen.append((self.command, self.path, self.headers["Host"]))
        if self.server.ways:
            return self.logged_in()
        if self.headers["Authorization"] == "Basic " + base64.b64encode(b"enroll:secret").decode():
            return True
        self.answer(401, "no")
        return False

    def logged_in(self):
        """By NTLM on this connection (the handler is that of a connection)."""
        scheme, _, token = (self.headers["Authorization"] or "").partition(" ")
        self.server.schemes.append(scheme)
        challenge = None
        if scheme == "NTLM":
            self.context = getattr(self, "context", None) or spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
            try:
                challenge = self.context.step(base64.b64decode(token))
            except SpnegoError:
                self.context = None
        if getattr(self, "context", None) is not None and self.context.complete:
            return True
        self.send_response(401)
        for way in (["NTLM " + base64.b64encode(challenge).decode()] if challenge else self.server.ways):
            self.send_header("WWW-Authenticate", way)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.allowed():
            self.server.forms.append(form)
            template = form["CertAttrib"][0].strip().partition(":")[2]
            self.answer(*{
                "Good": (200, '<a href="certnew.cer?ReqID=5&amp;Enc=bin">x</a> certnew.cer?ReqID=5&'),
                "Approval": (200, "<title>Certificate Pending</title> Your Request Id is 6."),
                "Wrong": (200, 'The disposition message is "Denied by Policy Module  0x80094800, The request was for a certificate template '
                               'that is not supported".'),
            }.get(template, (500, "error")))

    def do_GET(self):
        if self.allowed():
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
            if "certcarc" in self.path:
                self.answer(200, "var nRenewals=0;")
            elif "p7b" in self.path:
                self.answer(200, self.server.bundle, "application/x-pkcs7-certificates")
            elif query["ReqID"] == ["5"]:
                self.answer(200, self.server.certificate, "application/pkix-cert")
            elif query["ReqID"] == ["6"]:
                self.answer(200, "Disposition message:</B>\t\tTaken Under Submission\r\n")
            else:
                self.answer(200, "Disposition message:</B>\t\tDenied by US-CA\\admin\r\n")

    def log_message(self, *_):
        """Silence."""


@pytest.fixture
def server(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    own = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(1)
           .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
           .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(key, hashes.SHA256()))
    (tmp_path / "ca.pem").write_text(pem.to_pem(own))
    (tmp_path / "both.pem").write_text(pem.to_pem(own) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode())
    it = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    it.socket = context.wrap_socket(it.socket, server_side=True)
    it.seen, it.forms, it.certificate, it.bundle = [], [], pem.to_pem(own), pkcs7.serialize_certificates([own], serialization.Encoding.DER)
    threading.Thread(target=it.serve_forever, args=(0.05,), daemon=True).start()
    it.ways, it.schemes = (), []
    it.options = {"url": "https://%s:%d" % (NAME, it.server_address[1]), "address": "127.0.0.1", "user": "enroll", "password": "secret",
                  "ca_file": str(tmp_path / "ca.pem")}
    yield it
    it.shutdown()
    it.server_close()


def channel(server, **change):
    return adcs.Channel({**server.options, **change}.get)


def test_issued(server, kit, tmp_path):
    it, request = channel(server), pem.to_pem(kit.csr())
    keep = tmp_path / "tomcat.answer.json"
    assert it.submit(10, request, "Good", keep=str(keep)) == {"state": "issued", "request_id": 5}
    assert json.loads(keep.read_text()) == {"state": "issued", "request_id": 5}
    assert [s[:2] for s in server.seen] == [("POST", "/certsrv/certfnsh.asp")]              # one request, one exchange
    assert server.forms[0]["CertRequest"] == [request]
    assert it.fetch(10, 5) == {"state": "issued", "certificate": server.certificate}
    assert server.seen[-1][2] == "%s:%d" % (NAME, server.server_address[1])                 # the name stays, though an address is dialled


def test_pending_then_denied(server, kit):
    it = channel(server)
    assert it.submit(10, pem.to_pem(kit.csr()), "Approval") == {"state": "pending", "request_id": 6}
    assert it.fetch(10, 6)["state"] == "pending"
    assert it.fetch(10, 7) == {"state": "denied", "message": "Denied by US-CA\\admin"}


def test_denied_at_once_with_the_cas_words(server, kit):
    with pytest.raises(NodeError, match="0x80094800.*not supported") as caught:
        channel(server).submit(10, pem.to_pem(kit.csr()), "Wrong")
    assert caught.value.kind == "refused"


def test_chain(server):
    data = base64.b64decode(channel(server).chain(10)["pkcs7"])
    assert [pem.to_pem(c) for c in pem.read_certificates(data, "chain")] == [server.certificate]


def test_wrong_password_is_tried_once(server, kit):
    with pytest.raises(NodeError, match="user and password") as caught:
        channel(server, password="wrong").submit(10, pem.to_pem(kit.csr()), "Good")
    assert caught.value.kind == "auth" and len(server.seen) == 1 and "wrong" not in str(caught.value).replace("user and password", "")


@pytest.fixture
def windows(server, tmp_path, monkeypatch):
    """The same web site as IIS sets it up: without Basic authentication."""
    accounts = tmp_path / "accounts"
    accounts.write_text("ENT-PA:enroll:secret\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(accounts))
    server.ways, server.options["user"] = ("Negotiate", "NTLM"), "ENT-PA\\enroll"
    return server


def test_windows_authentication_alone(windows, kit):
    """Basic is not offered, so nobody has looked at the password: NTLM then, and the name stays, though an address is dialled."""
    it = channel(windows)
    assert it.submit(10, pem.to_pem(kit.csr()), "Good") == {"state": "issued", "request_id": 5}
    assert len(windows.forms) == 1 and windows.schemes[0] == "Basic" and "Basic" not in windows.schemes[1:]
    assert it.fetch(10, 5)["state"] == "issued"
    assert {seen[2] for seen in windows.seen} == {"%s:%d" % (NAME, windows.server_address[1])}


def test_a_wrong_password_of_windows_is_tried_once(windows, kit):
    with pytest.raises(NodeError, match="user and password") as caught:
        channel(windows, password="wrong").submit(10, pem.to_pem(kit.csr()), "Good")
    assert caught.value.kind == "auth" and windows.forms == [] and windows.schemes.count("NTLM") == 2


def test_windows_authentication_without_its_package(windows, kit, monkeypatch):
    monkeypatch.setitem(sys.modules, "requests_ntlm", None)
    with pytest.raises(NodeError, match="pip install requests_ntlm.*Basic authentication") as caught:
        channel(windows).submit(10, pem.to_pem(kit.csr()), "Good")
    assert caught.value.kind == "refused" and windows.forms == []


def test_kerberos_alone_is_not_ours(windows, kit):
    """Where Negotiate is offered alone, NTLM is tried under that name, and refused by a site that wants Kerberos."""
    windows.ways = ("Negotiate",)
    with pytest.raises(NodeError, match="without NTLM") as caught:
        channel(windows).submit(10, pem.to_pem(kit.csr()), "Good")
    assert caught.value.kind == "refused" and windows.forms == []


def test_the_environments_bundle_does_not_matter(server, kit, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert channel(server).submit(10, pem.to_pem(kit.csr()), "Good")["request_id"] == 5


def test_untrusted_or_misnamed_server_gets_nothing(server, kit, tmp_path, ca):
    other = tmp_path / "other.pem"
    other.write_text(pem.to_pem(ca.root))
    for change in ({"ca_file": str(other)}, {"url": server.options["url"].replace("us-ca", "eu-ca")}):
        with pytest.raises(NodeError, match="could not be verified") as caught:
            channel(server, **change).submit(10, pem.to_pem(kit.csr()), "Good")
        assert caught.value.kind == "unreachable"
    assert server.seen == []


def test_page_error_and_nobody_there(server, kit):
    with pytest.raises(NodeError, match="HTTP 500"):
        channel(server).submit(10, pem.to_pem(kit.csr()), "Broken")
    with pytest.raises(NodeError) as caught:
        channel(server, url="https://%s:1" % NAME).submit(10, pem.to_pem(kit.csr()), "Good")
    assert caught.value.kind == "unreachable"


def test_options_are_checked():
    with pytest.raises(NodeError, match="must be https"):
        adcs.Channel({"url": "http://us-ca.ent-pa.com", "ca_file": "x"}.get)
    with pytest.raises(NodeError, match="ca_file is needed"):
        adcs.Channel({"url": "https://us-ca.ent-pa.com"}.get)
