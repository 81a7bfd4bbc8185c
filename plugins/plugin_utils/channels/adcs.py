# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AD CS web enrolment (lab.md 4): submit a request, fetch what it became, fetch the CA's chain. Spoken by the PyPI package certsrv.

Options: url (https://NAME[:PORT], with or without /certsrv), user, password, ca_file (PEM; the CA's web server is verified against it
and nothing else), address (where NAME is reached, when that is not what DNS says).
"""

from __future__ import annotations

import base64
import json
import os
import re
import tempfile
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

import certsrv
import requests
from requests.adapters import HTTPAdapter

from ..errors import NodeError


class _Reached(HTTPAdapter):
    """Connects to an address while the TLS name and the Host header stay those of the URL."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs, server_hostname=self.name, assert_hostname=self.name)

    def send(self, request, **kwargs):
        parts = urlsplit(request.url)
        request.headers["Host"] = parts.netloc
        host = "[%s]" % self.address if ":" in self.address else self.address
        request.url = urlunsplit(parts._replace(netloc=host + (":%d" % parts.port if parts.port else "")))
        return super().send(request, **kwargs)


class _Client(certsrv.Certsrv):
    """certsrv, cut into single exchanges: get_cert() ends with the request's number and does not fetch at once."""

    def get_existing_cert(self, req_id, encoding="b64"):
        return {"state": "issued", "request_id": int(req_id)}

    def fetch(self, req_id):
        return super().get_existing_cert(req_id)


class Channel:
    """One enrolment server, one user."""

    login = ("certsrv", "user", "password")

    def __init__(self, option):
        parts = urlsplit(option("url"))
        if parts.scheme != "https" or not parts.hostname:
            raise NodeError("refused", "url '%s' of the CA must be https://NAME[:PORT]" % option("url"))
        if not option("ca_file"):
            raise NodeError("refused", "ca_file is needed: the CA's web server is verified against it")
        self.client = _Client(parts.netloc, option("user"), option("password"), cafile=os.path.expanduser(option("ca_file")))
        # With it REQUESTS_CA_BUNDLE, proxies and ~/.netrc of whoever runs this would win over what the inventory says (psf/requests 3829).
        self.client.session.trust_env = False
        if option("address") and option("address") != parts.hostname:
            self.client.session.mount("https://", _Reached(parts.hostname, option("address")))
        self.name = parts.netloc

    def close(self):
        """End the HTTP connections."""
        self.client.session.close()

    def submit(self, left, csr, template, keep=None):
        """POST certfnsh.asp: hand in a request (PEM) under a template.

        Returns {"state": "issued" or "pending", "request_id": N}. keep: file to which the answer is written before this returns, for the
        CA gives a number once, and the asking run may be gone by then. NodeError: "refused" with the CA's words when it denies.
        """
        try:
            out = self._exchange(left, lambda: self.client.get_cert(csr, template))
        except certsrv.CertificatePendingException as e:
            out = {"state": "pending", "request_id": int(e.req_id)}
        except certsrv.RequestDeniedException as e:
            raise NodeError("refused", "the CA %s denied the request: %s" % (self.name, _words(e))) from None
        if keep:
            _keep(keep, out)
        return out

    def fetch(self, left, request_id):
        """GET certnew.cer: {"state": "issued", "certificate": PEM}, or {"state": "pending" | "denied", "message": the CA's words}."""
        try:
            data = self._exchange(left, lambda: self.client.fetch(request_id))
        except certsrv.CouldNotRetrieveCertificateException as e:
            words = _words(e)
            text = "%s %s" % (words, e.response if isinstance(e.response, str) else "")
            waiting = re.search(r"taken under submission|pending", text, re.IGNORECASE)
            return {"state": "pending" if waiting and not re.search(r"denied", text, re.IGNORECASE) else "denied", "message": words}
        return {"state": "issued", "certificate": data.decode("ascii", "replace")}

    def chain(self, left):
        """GET certcarc.asp and certnew.p7b: the CA's chain as {"pkcs7": base64 of the DER}."""
        data = self._exchange(left, lambda: self.client.get_chain("bin"))
        return {"pkcs7": base64.b64encode(data).decode()}

    def _exchange(self, left, call):
        self.client.timeout = max(0.1, left)
        try:
            return call()
        except requests.exceptions.HTTPError as e:
            status = e.response.status_code
            if status in (401, 403):
                raise NodeError("auth", "the CA %s refuses user and password (HTTP %d); nothing is tried a second time" % (self.name, status)) from None
            raise NodeError("refused", "the CA %s answered HTTP %d" % (self.name, status)) from None
        except requests.exceptions.SSLError as e:
            raise NodeError("unreachable", "the CA %s could not be verified with ca_file: %s" % (self.name, _words(e))) from None
        except requests.exceptions.ConnectTimeout:
            raise NodeError("unreachable", "the CA %s does not answer" % self.name) from None
        except requests.exceptions.ConnectionError as e:
            # A connection that was never opened is a safe failure; one that broke under way may have left a request at the CA.
            unsent = "NewConnectionError" in repr(e) or "NameResolutionError" in repr(e)
            raise NodeError("unreachable" if unsent else "lost", "the CA %s cannot be reached: %s" % (self.name, _words(e))) from None
        except requests.exceptions.RequestException as e:
            raise NodeError("lost", "no answer from the CA %s: %s" % (self.name, _words(e))) from None
        except (AttributeError, KeyError) as e:
            raise NodeError("refused", "the CA %s sent a page that is not AD CS web enrolment's (%s)" % (self.name, _words(e))) from None


def _words(error):
    """An exception in one line: the innermost one's words, without tags and at a sane length."""
    while (inner := next((a for a in (getattr(error, "reason", None), *reversed(error.args)) if isinstance(a, Exception)), None)) is not None:
        error = inner
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", str(error))).strip()[:500]


def _keep(path, answer):
    """Write the CA's answer to a file, whole or not at all, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".answer-")
    with os.fdopen(handle, "w", encoding="utf-8") as f:
        json.dump(answer, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(name, path)
