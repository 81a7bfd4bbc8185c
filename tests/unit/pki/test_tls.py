# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe against real listeners: what it reports of right, wrong and choosy servers, in TLS 1.2 and 1.3."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.channels import tls
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem

NAME = "us-cm-sub1.ent-pa.com"


class World:
    """A CA of today's date (the probes verify with the real clock), leaves, and listeners that end with the test."""

    def __init__(self, directory):
        self.directory, self.listeners = directory, []
        self.root, self.root_key = self.certificate("Ent-PA Root CA", ca=True)
        self.ca = self.write("ca.pem", pem.to_pem(self.root))

    def certificate(self, common, issuer=None, issuer_key=None, names=(), ca=False, days=30):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        now = datetime.datetime.now(datetime.UTC)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=60))
                   .not_valid_after(now + datetime.timedelta(days=days)).add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        return builder.sign(issuer_key or key, hashes.SHA256()), key

    def leaf(self, file, **more):
        certificate, key = self.certificate(NAME, more.pop("issuer", self.root), more.pop("issuer_key", self.root_key), names=more.pop("names", [NAME]), **more)
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
        self.write(file + ".pem", pem.to_pem(certificate))
        return self.write(file + ".both.pem", pem.to_pem(certificate) + private), certificate

    def write(self, file, text):
        path = self.directory / file
        path.write_text(text)
        return str(path)

    def listen(self, both, clients=None, version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        if version:
            context.minimum_version = context.maximum_version = tls.VERSIONS[version]
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients)
        listener = socket.create_server(("127.0.0.1", 0))
        self.listeners.append(listener)

        def serve():
            while True:
                try:
                    raw, _peer = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(raw, server_side=True) as connection:
                        connection.recv(1)
                except OSError:
                    continue

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]


@pytest.fixture
def world(tmp_path):
    it = World(tmp_path)
    yield it
    for listener in it.listeners:
        listener.close()


def probe(port, **more):
    return tls.Channel({}.get).probe(10, "127.0.0.1", port, **{"server_name": NAME, **more})


@pytest.mark.parametrize("version, protocol", [("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")])
def test_right_server(world, version, protocol):
    both, certificate = world.leaf("server")
    got = probe(world.listen(both, version=version), ca_file=world.ca)
    assert got["verified"] and got["error"] is None and got["handshake"] and got["reachable"]
    assert [pem.fingerprint(c) for c in pem.find_certificates(got["chain"][0])] == [pem.fingerprint(certificate)]
    assert got["protocol"] == protocol and got["cipher"]
    assert got["client_certificate_requested"] is False and got["client_certificate_accepted"] is None


def test_trust_anchors_as_text(world):
    both, _ = world.leaf("server")
    assert probe(world.listen(both), ca_pem=pem.to_pem(world.root))["verified"]


@pytest.mark.parametrize("change, words", [
    ({"names": ["other.ent-pa.com"]}, "mismatch"),
    ({"days": -1}, "expired"),
    ({"issuer": None, "issuer_key": None}, "self-signed"),
])
def test_wrong_server_is_read_but_not_verified(world, change, words):
    both, certificate = world.leaf("server", **change)
    got = probe(world.listen(both), ca_file=world.ca)
    assert not got["verified"] and words in got["error"]
    assert pem.find_certificates(got["chain"][0]) == [certificate]


def test_without_trust_anchors_nothing_is_verified(world):
    both, _ = world.leaf("server")
    got = probe(world.listen(both))
    assert not got["verified"] and "no CA certificates" in got["error"] and got["chain"]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_client_certificate_asked_for_and_accepted(world, version):
    both, _ = world.leaf("server")
    client, _ = world.leaf("client")
    port = world.listen(both, clients=world.ca, version=version)
    without = probe(port, ca_file=world.ca)
    assert without["client_certificate_requested"] and without["client_certificate_accepted"] is None
    assert without["verified"] and without["chain"]             # a server that wants more of us has still proven itself
    got = probe(port, ca_file=world.ca, client_certificate=client)
    assert got["client_certificate_requested"] and got["client_certificate_accepted"] is True and got["verified"]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_client_certificate_refused(world, version):
    both, _ = world.leaf("server")
    stranger, _ = world.leaf("stranger", issuer=None, issuer_key=None)
    got = probe(world.listen(both, clients=world.ca, version=version), ca_file=world.ca, client_certificate=stranger)
    assert got["client_certificate_requested"] and got["client_certificate_accepted"] is False
    assert got["verified"]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_wrong_server_that_asks_for_a_client_certificate_is_not_verified(world, version):
    both, _ = world.leaf("server", names=["other.ent-pa.com"])
    got = probe(world.listen(both, clients=world.ca, version=version), ca_file=world.ca)
    assert got["client_certificate_requested"] and not got["verified"] and "mismatch" in got["error"]


def test_versions(world):
    both, _ = world.leaf("server")
    port = world.listen(both, version="1.2")
    assert probe(port, ca_file=world.ca, version="1.2")["verified"]
    got = probe(port, ca_file=world.ca, version="1.3")
    assert got["reachable"] and not got["handshake"] and not got["verified"] and "handshake failed" in got["error"]


def test_rsa_only_is_refused_by_a_server_with_an_ec_certificate(world):
    both, _ = world.leaf("server")
    got = probe(world.listen(both), ca_file=world.ca, rsa_only=True)
    assert got["reachable"] and not got["handshake"] and not got["verified"]


def test_rsa_only_is_served_by_rsa(world, kit):
    key = kit.key("rsa server")
    certificate = kit.make(NAME, "rsa server", world.root, world.root_key, start=-3000, days=9000, names=[NAME])
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    port = world.listen(world.write("rsa.pem", pem.to_pem(certificate) + private))
    got = probe(port, ca_file=world.ca, rsa_only=True)
    assert got["verified"] and got["protocol"] == "TLSv1.2"


def test_nobody_listens(world):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    got = probe(port, ca_file=world.ca)
    assert not got["reachable"] and "no connection to 127.0.0.1 port %d" % port in got["error"] and got["chain"] == []


def test_listener_that_speaks_no_tls(world):
    listener = socket.create_server(("127.0.0.1", 0))
    world.listeners.append(listener)

    def serve():
        raw, _peer = listener.accept()
        raw.sendall(b"SIP/2.0 400 Bad Request\r\n\r\n")
        raw.close()

    threading.Thread(target=serve, daemon=True).start()
    got = probe(listener.getsockname()[1], ca_file=world.ca)
    assert got["reachable"] and not got["verified"] and "handshake failed" in got["error"]


def test_our_own_wrong_files_are_errors(world):
    both, _ = world.leaf("server")
    port = world.listen(both)
    with pytest.raises(NodeError, match="cannot be read"):
        probe(port, ca_file=str(world.directory / "nowhere.pem"))
    with pytest.raises(NodeError, match="cannot be used"):
        probe(port, ca_file=world.ca, client_certificate=world.ca)
    with pytest.raises(NodeError, match="not known"):
        probe(port, version="1.1")


# ---- TLS that begins within XMPP

class Xmpp(threading.Thread):
    """A server that speaks just enough XMPP to begin TLS. how: "well", "refuses" (no TLS for this domain) or "silent"."""

    def __init__(self, context, how="well"):
        super().__init__(daemon=True)
        self.context, self.how, self.heard = context, how, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                raw, _peer = self.listener.accept()
            except OSError:
                return
            with raw:
                self.serve(raw)

    def serve(self, raw):
        self.heard.append(raw.recv(4096).decode())
        if self.how == "silent":
            return
        raw.sendall(b"<?xml version='1.0'?><stream:stream from='ent-pa.com' version='1.0'>")
        if self.how == "refuses":
            raw.sendall(b"<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")
            return
        raw.sendall(b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>")
        self.heard.append(raw.recv(4096).decode())
        raw.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        try:
            with self.context.wrap_socket(raw, server_side=True) as tls:
                tls.recv(1)
        except OSError:
            return


@pytest.mark.parametrize("kind, space", [("xmpp-client", "jabber:client"), ("xmpp-server", "jabber:server")])
def test_tls_within_xmpp(world, kind, space):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(world.leaf("xmpp")[0])
    server = Xmpp(context)
    seen = probe(server.port, server_name=NAME, ca_file=world.ca, starttls=kind)
    assert seen["reachable"] and seen["handshake"] and seen["verified"] and len(seen["chain"]) >= 1
    assert "to='ent-pa.com'" in server.heard[0] and probe(server.port, starttls=kind, domain="chat.ent-pa.com")["handshake"]
    assert "to='chat.ent-pa.com'" in server.heard[-2]
    assert space in server.heard[0] and "<starttls" in server.heard[1]


@pytest.mark.parametrize("how, words", [("refuses", "host-unknown"), ("silent", "TLS could not be begun within XMPP")])
def test_tls_that_does_not_begin_within_xmpp(how, words):
    seen = probe(Xmpp(None, how).port, server_name=NAME, starttls="xmpp-client", seconds=3)
    assert seen["reachable"] and not seen["handshake"] and words in seen["error"]


def test_a_way_to_begin_tls_that_is_not_known():
    with pytest.raises(NodeError, match="starttls 'smtp' is not known"):
        probe(1, starttls="smtp")
