# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate management REST of one node, release 14 and later. Source: vos.md 1.2 (requests and replies as public tools use them).

Server specific: each node is asked by itself, with the platform administrator's login. What the API answers is handed on as it came; judging
certificates is not done here.
"""

from __future__ import annotations

import json

from ..errors import NodeError
from .https import Https
from .https import refuse

BASE = "/platformcom/api/v1/certmgr/config"


class Channel:
    """Certificates, requests and trust stores of the node."""

    login = ("platform", "remote_user", "password")

    def __init__(self, option):
        self.https = Https(option, "platform_port", "remote_user", "password", ("ansible_user", "ansible_password"))

    def close(self):
        """End the connection."""
        self.https.close()

    def snapshot(self, left):
        """All that the node has: {"identities": [{service, certificate, csr}], "trusts": [{service, certificate_data: [{filename, certificate}]}], ...}."""
        return self._exchange(left, "GET", "/snapshot/server")

    def options(self, left):
        """The values that the API takes (content differs by release)."""
        return self._exchange(left, "GET", "/options")

    def csr(self, left, body):
        """Make a new key and request; body as the API takes it: service, distribution, commonName, ... Returns {"csr": PEM}.

        The node's former request for that service is gone with it.
        """
        return self._exchange(left, "POST", "/csr", body)

    def upload_trust(self, left, services, certificates, description=""):
        """Put certificates (list of PEM) into the trust stores of services (list)."""
        return self._exchange(left, "POST", "/trust/certificates", {"service": list(services), "certificates": list(certificates), "description": description})

    def upload_identity(self, left, service, certificates):
        """Install a signed certificate; certificates: list of PEM, the service's own first, then its chain."""
        return self._exchange(left, "POST", "/identity/certificates", {"service": service, "certificates": list(certificates)})

    def _exchange(self, left, method, path, body=None):
        what = "%s certmgr%s" % (method, path)
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self.https.request(left, method, BASE + path, None if body is None else json.dumps(body).encode(), headers, write=method != "GET")
        if answer.status in (200, 201) and not answer.html:
            try:
                return json.loads(answer.body) if answer.body.strip() else {}
            except ValueError:
                raise NodeError("lost", "%s: the answer cannot be read; it may have been done" % what) from None
        if 400 <= answer.status < 600 and not answer.html and answer.status not in (403, 404, 503):
            text = _reason(answer)
            raise NodeError("refused", "%s: %s (HTTP %d)" % (what, text, answer.status), {"status": answer.status, "text": text})
        raise refuse(answer, what)


def _reason(answer):
    """The API's own words; the name of the key is not proven, so each that public tools read is looked for (vos.md 1.2)."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return answer.summary
    if isinstance(body, dict):
        messages = body.get("messages")
        for found in (body.get("message"), messages[0] if isinstance(messages, list) and messages else None, body.get("error")):
            if found:
                return found if isinstance(found, str) else json.dumps(found)
    return answer.summary
