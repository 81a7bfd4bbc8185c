# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS to one node, for the channels that need it: one kept connection, what was sent known for sure, names verified, the environment ignored.

Made on http.client: it says exactly whether a request was on its way when something broke, and no REQUESTS_CA_BUNDLE, proxy or .netrc of
whoever runs this wins over the inventory (axl.md 0.5, lab.md 2.4). The address is dialled, the FQDN is verified and sent as SNI and Host.
Trusted are the CA files and the certificate pinned for that FQDN, each by itself (partial chain), and nothing else. A pinned certificate may
have no names at all, as Expressway's first one; those that it has must fit.
"""

from __future__ import annotations

import base64
import http.client
import os
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from ..errors import NodeError
from .recording import recorder

CONNECT = 20            # seconds at most for TCP and TLS
CHUNK = 1 << 18
HOSTNAME_MISMATCH = 62  # X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL
CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
BROKEN = (OSError, http.client.HTTPException)


@dataclass
class Answer:
    """status; headers (lower-case names); body as bytes; date: epoch of the Date header, by the device's clock, or None."""

    status: int
    headers: dict
    body: bytes
    date: int | None

    @property
    def html(self):
        """Whether it is a page for people, never to be parsed as an answer."""
        return "html" in self.headers.get("content-type", "") or re.match(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+)?html", self.body[:2000], re.I | re.S) is not None

    @property
    def summary(self):
        """The first words of a page or text, for a message."""
        text = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", self.body[:20000].decode(errors="replace"), flags=re.I | re.S)
        return " ".join(text.split())[:200]


def _pin_path(option):
    """Where the node's own certificate would be pinned, or None."""
    return os.path.join(option("pinned_certificates"), option("fqdn") + ".pem") if option("pinned_certificates") else None


def _pin(option):
    """The file with the certificate that is pinned for the node, or None."""
    path = _pin_path(option)
    return path if path and os.path.exists(path) else None


def trust(option):
    """TLS context for a node. Read anew for each connection: files may have changed since the last."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    anchors = []
    for name in ("ca_file", "public_ca_file"):
        if option(name):
            anchors.append(("collab_" + name, option(name)))
    pin = _pin(option)
    if pin is not None:
        anchors.append(("the pinned certificate", pin))
    if not anchors:
        place = _pin_path(option)
        raise NodeError("unreachable", "nothing to verify %s against: set collab_ca_file%s"
                        % (option("fqdn"), " or put its certificate into %s" % place if place else ""))
    for what, path in anchors:
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError) as e:
            raise NodeError("unreachable", "%s (%s) cannot be used: %s" % (what, path, getattr(e, "strerror", None) or e)) from None
    return context


def _dialled(host, port, limit, variable):
    try:
        plain = socket.create_connection((host, port), timeout=limit)
    except OSError as e:
        raise NodeError("unreachable", "%s:%s does not answer: %s. Check ansible_host and %s, that the node is up, and that nothing in between blocks the way"
                        % (host, port, e.strerror or e, variable)) from None
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain


def _pinned(option, port, limit, variable):
    """A TLS socket where the certificate served is the very one that is pinned and has no names at all, as Expressway's first one; else None."""
    pin = _pin(option)
    if pin is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    plain = _dialled(option("host"), port, limit, variable)
    try:
        context.load_verify_locations(pin)
        sock = context.wrap_socket(plain, server_hostname=option("fqdn"))
    except OSError:
        plain.close()
        return None
    with open(pin, encoding="ascii", errors="replace") as file:
        wanted = [ssl.PEM_cert_to_DER_cert(text) for text in CERTIFICATE.findall(file.read())]
    if sock.getpeercert(binary_form=True) in wanted and "subjectAltName" not in sock.getpeercert():
        return sock
    sock.close()
    return None


def connect(option, port, left, variable):
    """A verified TLS socket to the node. Raises NodeError "unreachable", with what an operator can do about it. variable: where the port is set."""
    host, fqdn, limit = option("host"), option("fqdn"), max(0.1, min(left, CONNECT))
    context = trust(option)
    plain = _dialled(host, port, limit, variable)
    try:
        return context.wrap_socket(plain, server_hostname=fqdn)
    except ssl.SSLCertVerificationError as e:
        plain.close()
        pinned = _pinned(option, port, limit, variable) if e.verify_code == HOSTNAME_MISMATCH else None
        if pinned is not None:
            return pinned
        raise NodeError("unreachable", "%s:%s serves a certificate that is not to be trusted for %s: %s. It must be issued by a CA in collab_ca_file%s and "
                        "carry that name (collab_fqdn), or be the very certificate in collab_pinned_certificates/%s.pem"
                        % (host, port, fqdn, e.verify_message, " or collab_public_ca_file" if option("public_ca_file") else "", fqdn)) from None
    except OSError as e:
        plain.close()
        raise NodeError("unreachable", "%s:%s: the TLS handshake failed: %s" % (host, port, getattr(e, "reason", None) or e.strerror or e)) from None


class Https:
    """One kept connection with one login.

    port_option, user_option, password_option: names of the connection options. variables: how an operator calls the user's and password's.
    basic: whether the login goes with each request (the service does not log in by a form of its own).
    """

    def __init__(self, option, port_option, user_option, password_option, variables, basic=True):
        self.option, self.port = option, int(option(port_option))
        self.user, self.variables, self.port_variable = option(user_option), variables, "collab_" + port_option
        if not self.user or not option(password_option):
            raise NodeError("refused", "%s and %s must both be set" % variables)
        pair = "%s:%s" % (self.user, option(password_option))
        self.login = "Basic " + base64.b64encode(pair.encode()).decode() if basic else None
        self.cookies, self.connection, self.used = {}, None, False
        self.record = recorder(option)

    def request(self, left, method, path, body=None, headers=None, write=True):
        """One exchange. write=False: it changes nothing, so it is made once more on a new connection when the old one broke.

        Returns an Answer for any status but 401. Raises NodeError "unreachable" (nothing was sent), "lost" (it may have been done) or "auth".
        """
        deadline = time.time() + left
        try:
            return self._once(deadline, method, path, body, headers)
        except NodeError as e:
            if write or e.kind != "lost" or e.detail or deadline - time.time() < 1:
                raise
            return self._once(deadline, method, path, body, headers)

    def close(self):
        """End the connection."""
        connection, self.connection, self.used = self.connection, None, False
        if connection is not None:
            connection.close()

    def _once(self, deadline, method, path, body, headers):
        self._open(deadline)
        where = "%s https://%s:%d%s" % (method, self.option("fqdn"), self.port, bare(path))
        try:
            self.used = True
            self.connection.sock.settimeout(max(0.1, deadline - time.time()))
            if self.record is not None:
                self.record.note("request", "%s %s\n\n%s" % (method, path, (body or b"").decode(errors="replace")))
            self.connection.request(method, path, body=body, headers=self._headers(headers))
            answer = self._read(self.connection.getresponse(), deadline)
            if self.record is not None:
                self.record.answer(answer.status, answer.headers, answer.body)
        except TimeoutError:
            self.close()
            raise NodeError("lost", "%s: no answer in the time it may take; it may have been done" % where, {"late": True}) from None
        except BROKEN as e:
            self.close()
            raise NodeError("lost", "%s: the connection ended before the answer (%s); it may have been done" % (where, e or type(e).__name__)) from None
        except BaseException:
            self.close()
            raise
        if answer.status == 401:
            self.cookies.clear()
            raise NodeError("auth", "%s: the login of '%s' was refused (HTTP 401): check %s and %s" % (where, self.user, *self.variables))
        return answer

    def _open(self, deadline):
        """Have a connection that the other end has not closed meanwhile (a Tomcat restart, its idle limit)."""
        if self.connection is not None and (self.connection.sock is None or select.select([self.connection.sock], [], [], 0)[0]):
            self.close()
        if self.connection is None:
            sock = connect(self.option, self.port, deadline - time.time(), self.port_variable)
            self.connection = http.client.HTTPSConnection(self.option("fqdn"), self.port, context=sock.context)    # its own costs some ms
            self.connection.auto_open, self.connection.sock = 0, sock

    def _headers(self, more):
        headers = {"Accept": "*/*", "User-Agent": "collab.security"}
        if self.login:
            headers["Authorization"] = self.login
        if self.cookies:
            headers["Cookie"] = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        headers.update(more or {})
        return headers

    def _read(self, response, deadline):
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _equals, value = line.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
        parts, sock = [], self.connection.sock
        while True:
            if sock is not None:
                sock.settimeout(max(0.1, deadline - time.time()))
            part = response.read(CHUNK)
            if not part:
                break
            parts.append(part)
            if time.time() > deadline:
                raise TimeoutError
        if response.length:
            raise http.client.IncompleteRead(b"".join(parts)[:0], response.length)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.will_close:
            self.close()
        return Answer(response.status, headers, b"".join(parts), _epoch(headers.get("date")))


def _epoch(date):
    try:
        return int(parsedate_to_datetime(date).timestamp()) if date else None
    except ValueError:
        return None


def bare(path):
    """A path without what stands behind ? or ;, where a server may put its session."""
    return re.split("[?;]", path, maxsplit=1)[0]


def refuse(answer, what, role=None):
    """The NodeError for a status that is no answer of the service itself. what: what was asked; role: what a 403 may lack."""
    detail = {"status": answer.status, "text": answer.summary}
    if answer.status == 503:
        return NodeError("busy", "%s: not now (HTTP 503)" % what, detail)
    if answer.status == 403:
        return NodeError("refused", "%s: not allowed (HTTP 403)%s" % (what, ": the user needs %s" % role if role else ""), detail)
    if answer.status in (404, 502, 504):
        return NodeError("unreachable", "%s: the service is not there (HTTP %d): not activated, or not started yet" % (what, answer.status), detail)
    return NodeError("refused", "%s: HTTP %d %s" % (what, answer.status, answer.summary), detail)
