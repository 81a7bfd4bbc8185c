# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AD CS web enrolment (lab.md 4): submit a request, fetch what it became, fetch the CA's chain. Spoken by the PyPI package certsrv.

User and password go by Basic authentication where the web site offers it. IIS sets it up with Windows authentication alone: then NTLM.

Options: url (https://NAME[:PORT], with or without /certsrv), user, password, ca_file (PEM; the CA's web server is verified against it
and nothing else), address (where NAME is reached, when that is not what DNS says).
"""

from __future__ import annotations

import base64
import os
import re

import certsrv
import requests

from ..errors import NodeError
from . import ca_https
from .ca_https import words

WINDOWS = re.compile(r"\b(ntlm|negotiate)\b")


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
        self.account = option("user"), option("password")
        parts = ca_https.place_of(option)
        self.client = _Client(parts.netloc, *self.account, cafile=os.path.expanduser(option("ca_file")))
        ca_https.prepare(self.client.session, parts, option("address"))
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
            raise NodeError("refused", "the CA %s denied the request: %s" % (self.name, words(e))) from None
        if keep:
            ca_https.keep_answer(keep, out)
        return out

    def fetch(self, left, request_id):
        """GET certnew.cer: {"state": "issued", "certificate": PEM}, or {"state": "pending" | "denied", "message": the CA's words}."""
        try:
            data = self._exchange(left, lambda: self.client.fetch(request_id))
        except certsrv.CouldNotRetrieveCertificateException as e:
            said = words(e)
            text = "%s %s" % (said, e.response if isinstance(e.response, str) else "")
            waiting = re.search(r"taken under submission|pending", text, re.IGNORECASE)
            return {"state": "pending" if waiting and not re.search(r"denied", text, re.IGNORECASE) else "denied", "message": said}
        return {"state": "issued", "certificate": data.decode("ascii", "replace")}

    def chain(self, left):
        """GET certcarc.asp and certnew.p7b: the CA's chain as {"pkcs7": base64 of the DER}."""
        data = self._exchange(left, lambda: self.client.get_chain("bin"))
        return {"pkcs7": base64.b64encode(data).decode()}

    def _exchange(self, left, call):
        self.client.timeout = max(0.1, left)
        try:
            with ca_https.exchange(self.name):
                try:
                    return call()
                except requests.exceptions.HTTPError as e:
                    if not self._by_windows(e.response):
                        raise self._said_no(e.response.status_code) from None
                try:
                    return call()
                except requests.exceptions.HTTPError as e:
                    raise self._said_no(e.response.status_code) from None
        except PermissionError:         # requests_ntlm's word for a server that does not go on with NTLM
            raise NodeError("refused", "the CA %s has Windows authentication without NTLM: allow NTLM for /certsrv in IIS, or add Basic authentication there; "
                            "or hand the requests in by hand (collab_enterprise_ca.method: folder)" % self.name) from None
        except (AttributeError, KeyError) as e:
            raise NodeError("refused", "the CA %s sent a page that is not AD CS web enrolment's (%s)" % (self.name, words(e))) from None

    def _by_windows(self, response):
        """Log in by NTLM from now on, where that is offered and Basic is not: then nobody has looked at user and password yet."""
        offered = response.headers.get("WWW-Authenticate", "").lower()
        if response.status_code != 401 or not isinstance(self.client.session.auth, tuple) or "basic" in offered or not WINDOWS.search(offered):
            return False
        try:
            from requests_ntlm import HttpNtlmAuth
        except ImportError:
            raise NodeError("refused", "the CA %s lets people in by Windows authentication alone, and requests_ntlm is not installed on the control node: "
                            "install it (pip install requests_ntlm), or add Basic authentication to /certsrv in IIS" % self.name) from None
        self.client.session.auth = HttpNtlmAuth(*self.account)
        return True

    def _said_no(self, status):
        if status in (401, 403):
            return NodeError("auth", "the CA %s refuses user and password (HTTP %d); nothing is tried a second time" % (self.name, status))
        return NodeError("refused", "the CA %s answered HTTP %d" % (self.name, status))
