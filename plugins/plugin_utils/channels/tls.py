# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS handshakes made to be looked at: what an address serves, to whom, and whether it stands up to verification.

A probe reads twice. The first handshake accepts any certificate, because it is there to report the certificate that is served however
wrong it is; nothing but the handshake crosses it. The second verifies chain and name as any client of ours does, and only that one says
`verified`. No data of ours is ever sent on either, but the request to begin TLS where a service begins without it (STARTTLS).
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import time

from ..errors import NodeError

HANDSHAKE, CERTIFICATE_REQUEST = 22, 13     # RFC 8446 B.1 and B.3, RFC 5246 7.4: the server asks for a client certificate
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
# Ciphers of TLS 1.2 that an RSA certificate alone can serve. In TLS 1.3 the cipher says nothing about the certificate.
RSA_ONLY = "ECDHE+aRSA:DHE+aRSA:kRSA:!aNULL"
# XMPP begins in the clear (RFC 6120 4.2 and 5.4): a stream is opened, TLS asked for, and the server says "proceed".
XMPP = {"xmpp-client": "jabber:client", "xmpp-server": "jabber:server"}
STREAM = ("<?xml version='1.0'?><stream:stream to='%s' version='1.0' xmlns='%s' xmlns:stream='http://etherx.jabber.org/streams'>")
START = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


class Channel:
    """Handshakes from this machine. Keeps no connection: every probe opens and closes its own."""

    def __init__(self, option):
        self.option = option

    def close(self):
        """Nothing is kept open."""

    def probe(self, left, address, port, server_name=None, ca_file=None, ca_pem=None, client_certificate=None, client_key_file=None,
              client_key_passphrase=None, version=None, rsa_only=False, seconds=10, starttls=None,
              domain=None):
        """One address and port, looked at by handshakes.

        server_name: name to verify and to send as SNI (default: address); ca_file or ca_pem: trust anchors, without either nothing
        can be verified; client_certificate, client_key_file: files of a client certificate to offer; version: "1.2" or "1.3" to allow
        only that; rsa_only: offer only what an RSA certificate can serve (TLS 1.2); seconds: limit of each handshake; starttls: "xmpp-client" or
        "xmpp-server" where TLS begins within XMPP; domain: which one is asked for there (by default that of server_name).

        Returns {"reachable": the port took the connection, "handshake": the reading handshake was completed, "chain": [PEM as served,
        leaf first], "protocol", "cipher", "client_certificate_requested": bool, "client_certificate_accepted": True, False, or None
        where none was offered or asked for, "verified": bool, "error": why not verified or not reachable, else None}.
        A far end that fails is a result, not an exception; NodeError is raised for our own files only.
        """
        limit = min(left, seconds)
        name = server_name or address
        client = (client_certificate, client_key_file, client_key_passphrase) if client_certificate else None
        out = {"reachable": False, "handshake": False, "chain": [], "protocol": None, "cipher": None, "client_certificate_requested": False,
               "client_certificate_accepted": None, "verified": False, "error": None}
        if starttls not in (None, *XMPP):
            raise NodeError("refused", "starttls '%s' is not known; give one of %s" % (starttls, ", ".join(XMPP)))
        where = (address, int(port), name, (starttls, domain or name.partition(".")[2] or name) if starttls else None, limit)
        self._read(out, where, _context(version, rsa_only, client), bool(client))
        if out["reachable"] and (out["chain"] or out["handshake"]):
            out["error"] = self._verify(where, _context(version, rsa_only, client, ca_file, ca_pem), out)
            out["verified"] = out["error"] is None
        return out

    def _read(self, out, where, context, offered):
        """The reading handshake: fills out. where: as for _open."""
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE                     # to report a wrong certificate one must see it; see the module's head
        asked = []

        def watch(connection, direction, protocol, content, message, data):
            if direction == "read" and (int(content), int(message)) == (HANDSHAKE, CERTIFICATE_REQUEST):
                asked.append(True)

        context._msg_callback = watch                           # not public, there is no public way; covered by tests/unit/pki/test_tls.py
        started = time.monotonic()
        try:
            raw = socket.create_connection(where[:2], timeout=where[4])
        except OSError as e:
            out["error"] = "no connection to %s port %s: %s" % (*where[:2], _plain(e))
            return
        out["reachable"], trip = True, time.monotonic() - started
        try:
            _begin(raw, where)
        except OSError as e:
            raw.close()
            out["error"] = "TLS could not be begun within XMPP: %s" % _plain(e)
            return
        with raw, context.wrap_socket(raw, server_hostname=where[2], do_handshake_on_connect=False) as tls:
            try:
                tls.do_handshake()
                out["handshake"] = True
            except OSError as e:                                # ssl.SSLError is one
                out["error"] = "the handshake failed: %s" % _plain(e)
            out["chain"] = _served(tls)
            out["client_certificate_requested"] = bool(asked)
            if out["handshake"]:
                out["protocol"], out["cipher"] = tls.version(), tls.cipher()[0]
            if asked and offered:
                out["client_certificate_accepted"] = out["handshake"] and _still_open(tls, trip)

    def _verify(self, where, context, read):
        """The verifying handshake: None when chain and name hold, else why not."""
        if not context.cert_store_stats()["x509_ca"] and not context.cert_store_stats()["x509"]:
            return "no CA certificates were given to verify with"
        try:
            with socket.create_connection(where[:2], timeout=where[4]) as raw:
                _begin(raw, where)
                with context.wrap_socket(raw, server_hostname=where[2], do_handshake_on_connect=False) as tls:
                    tls.do_handshake()
        except ssl.SSLCertVerificationError as e:
            return e.verify_message or _plain(e)
        except OSError as e:
            if not read["handshake"]:
                # The server ended it because it wanted a client certificate: by then ours had verified the server's (TLS 1.2 and 1.3 both
                # check it before they answer), else it would have been a verification error.
                return None if read["client_certificate_requested"] else read["error"]
            return "the handshake failed: %s" % _plain(e)
        return None


def _begin(raw, where):
    """Have the server wait for the handshake. where: (address, port, name, (starttls, domain) or None, seconds). OSError where it does not."""
    _address, _port, _name, starttls, seconds = where
    if starttls is None:
        return
    kind, domain = starttls
    raw.sendall((STREAM % (domain, XMPP[kind])).encode())
    _until(raw, (b"</stream:features>", b"<stream:features/>"), seconds)
    raw.sendall(START.encode())
    _until(raw, (b"<proceed",), seconds)


def _until(raw, words, seconds):
    """Read until one of the words has come, to the end of its tag. OSError where the stream ends or something else comes."""
    seen, end = b"", time.monotonic() + seconds
    while not (any(word in seen for word in words) and seen.rstrip().endswith(b">")):
        raw.settimeout(max(0.1, end - time.monotonic()))
        part = raw.recv(4096)
        seen += part
        if not part or b"<stream:error" in seen or b"<failure" in seen or len(seen) > 65536:
            raise OSError("the server answered %s" % (seen[-200:].decode(errors="replace") or "nothing"))


def _context(version, rsa_only, client, ca_file=None, ca_pem=None):
    """A client context that verifies, with the trust anchors given and no others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The estate's day-0 services still speak what Debian's and Red Hat's defaults have given up for the public web; these are handshakes
    # to report with, and the report names protocol and cipher.
    context.minimum_version = VERSIONS["1.2"]
    if version not in (None, *VERSIONS):
        raise NodeError("refused", "TLS version '%s' is not known; give one of %s" % (version, ", ".join(VERSIONS)))
    if version == "1.3" and rsa_only:
        raise NodeError("refused", "rsa_only needs TLS 1.2: in TLS 1.3 the cipher does not choose the certificate")
    if version or rsa_only:
        context.minimum_version = context.maximum_version = VERSIONS["1.2" if rsa_only else version]
    if rsa_only:
        context.set_ciphers(RSA_ONLY)
    try:
        if ca_file:
            context.load_verify_locations(cafile=os.path.expanduser(ca_file))
        if ca_pem:
            context.load_verify_locations(cadata=ca_pem)
    except (OSError, ssl.SSLError) as e:
        raise NodeError("refused", "the CA certificates (%s) cannot be read: %s" % (ca_file or "given as text", _plain(e))) from None
    if client:
        certificate, key, passphrase = client
        try:
            # An encrypted key without a passphrase would be asked for on the terminal; an empty answer makes it an error instead.
            context.load_cert_chain(os.path.expanduser(certificate), os.path.expanduser(key) if key else None, password=lambda: passphrase or "")
        except (OSError, ssl.SSLError) as e:
            raise NodeError("refused", "the client certificate %s with key %s cannot be used: %s; do they belong together, and is the passphrase right?"
                            % (certificate, key or certificate, _plain(e))) from None
    return context


def _served(tls):
    """The certificates that the server sent, leaf first, as PEM, verified or not."""
    try:
        if hasattr(tls, "get_unverified_chain"):                # public from Python 3.13 on
            return [ssl.DER_cert_to_PEM_cert(der) for der in tls.get_unverified_chain()]
        return [certificate.public_bytes() for certificate in tls._sslobj.get_unverified_chain() or ()]
    except (ValueError, AttributeError, ssl.SSLError):
        return []                                               # the handshake ended before the server's certificate


def _still_open(tls, trip):
    """Whether the server kept the connection after it had seen our certificate.

    In TLS 1.3 (and with some TLS 1.2 servers) the client's handshake is done before the server judges the client certificate: a refusal
    arrives as an alert or a reset afterwards. In TLS 1.2 the chain has been judged by then, and only a server that looks at names closes after it, at once.
    trip: seconds that the connection took to open, as a measure of how long an answer needs.
    """
    until = time.monotonic() + min(3.0, (0.1 if tls.version() == "TLSv1.2" else 0.3) + 4 * trip)
    while (wait := until - time.monotonic()) > 0:
        tls.settimeout(wait)
        try:
            if tls.recv(1) == b"":
                return False                                    # closed at once, by a server that talks only to whom it accepts
            return True
        except (TimeoutError, ssl.SSLWantReadError):
            if not select.select([tls], [], [], 0)[0]:
                return True                                     # silence: it waits for us to speak
        except OSError:
            return False
    return True


def _plain(error):
    """An exception's message without Python's wrapping ([SSL: ...] (_ssl.c:1006), [Errno 111])."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return str(text).replace("_", " ").lower() if isinstance(error, ssl.SSLError) else str(text)
