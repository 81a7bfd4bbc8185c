# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted HTTPS server and the options to reach it."""
from __future__ import annotations

import base64
import datetime
import http.server
import importlib.metadata
import io
import ipaddress
import socket
import ssl
import struct
import threading
import zipfile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.channels import axl
from ansible_collections.collab.security.plugins.plugin_utils.channels import axl_schema

FQDN = "us-cm-pub.ent-pa.com"
DATE, EPOCH = "Mon, 23 Nov 2026 21:36:58 GMT", 1795469818      # the node's clock
USER, PASSWORD = "svc-collab", "stub-password"


class Identity:
    """A key and a certificate."""

    def __init__(self, name, issuer=None, names=(), ca=False, days=(-1, 30)):
        self.key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder().subject_name(self.name).issuer_name((issuer or self).name).public_key(self.key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).add_extension(x509.BasicConstraints(ca=ca, path_length=None), True)
        builder = builder.not_valid_before(now + datetime.timedelta(days=days[0])).not_valid_after(now + datetime.timedelta(days=days[1]))
        if names:
            found = [x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(found), False)
        self.certificate = builder.sign((issuer or self).key, hashes.SHA256())
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def files(self, folder, *chain):
        """Certificate (with a chain) and key as files."""
        certificate, key = folder / "server.pem", folder / "server.key"
        certificate.write_text(self.pem + "".join(c.pem for c in chain))
        key.write_bytes(self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, key


class Reply:
    """One scripted answer. how: None, "reset" (connection reset instead of an answer), "silence", "truncate"."""

    def __init__(self, body=b"", status=200, kind="text/xml", headers=(), how=None):
        self.body, self.status, self.kind, self.headers, self.how = body if isinstance(body, bytes) else body.encode(), status, kind, headers, how


class Stub:
    """The server: answers from `script` (a list of Reply, or a function of the request); keeps every request in `seen`."""

    def __init__(self, folder, identity, *chain):
        self.script, self.seen, self.connections, stub = [], [], 0, self
        self.release = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                self.request.settimeout(30)
                self.request.do_handshake()
                stub.connections += 1
                super().setup()

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                request = {"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body.decode()}
                stub.seen.append(request)
                reply = stub.script(request) if callable(stub.script) else stub.script.pop(0)
                if reply.how == "reset":
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                    self.request.detach_and_close()
                    return
                if reply.how == "silence":
                    stub.release.wait(20)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(reply.body)))
                for name, value in reply.headers:
                    self.send_header(name, value)
                    self.close_connection = self.close_connection or (name, value) == ("Connection", "close")
                self.end_headers()
                self.wfile.write(reply.body[:len(reply.body) // 2] if reply.how == "truncate" else reply.body)
                self.close_connection = self.close_connection or reply.how == "truncate"

            do_GET = do_POST = do_PUT = do_DELETE = serve

            def date_time_string(self, timestamp=None):
                return DATE

            def log_message(self, *args):
                """Quiet."""

        class Socket(ssl.SSLSocket):
            def detach_and_close(self):
                socket.socket(fileno=self.detach()).close()

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """Refused handshakes are what some tests are about."""

        certificate, key = identity.files(folder, *chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sslsocket_class = Socket
        context.load_cert_chain(certificate, key)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        """Let waiting handlers go and end."""
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="session")
def ca():
    """Root, intermediate and the node's identity."""
    root = Identity("Enterprise Root", ca=True)
    issuing = Identity("Enterprise Issuing", root, ca=True)
    return {"root": root, "issuing": issuing, "node": Identity(FQDN, issuing, [FQDN])}


@pytest.fixture
def stub(tmp_path, ca):
    """The server with a certificate of the enterprise CA."""
    server = Stub(tmp_path, ca["node"], ca["issuing"])
    yield server
    server.close()


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory):
    """A cache of the schema for the tests that are not about it."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def options(tmp_path, ca, stub, shared_cache):
    """Connection options for the stub, as the broker has them."""
    chain = tmp_path / "chain.pem"
    chain.write_text(ca["root"].pem + ca["issuing"].pem)
    return {"host": "127.0.0.1", "fqdn": FQDN, "https_port": stub.port, "platform_port": stub.port, "ca_file": str(chain), "pinned_certificates": None,
            "application_user": USER, "application_password": PASSWORD, "remote_user": USER, "password": PASSWORD, "cache_dir": shared_cache}


def basic(request):
    """User and password of a request."""
    return base64.b64decode(request["headers"]["authorization"].removeprefix("Basic ")).decode()


@pytest.fixture(scope="session")
def axl_soap():
    """AXLSoap.xsd of 12.5 as the package ciscoaxl has it (never committed here)."""
    [file] = [f for f in importlib.metadata.files("ciscoaxl") if str(f).endswith("schema/12.5/AXLSoap.xsd")]
    return file.read_binary()


@pytest.fixture(scope="session")
def toolkit(axl_soap):
    """What a node serves as /plugins/axlsqltoolkit.zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema/12.5/AXLSoap.xsd", axl_soap)
    return out.getvalue()


@pytest.fixture(autouse=True)
def forgotten():
    """What the channels remember for a run is remembered for a test."""
    axl._versions.clear()
    axl_schema._schemas.clear()
    axl_schema._locks.clear()
