# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The REST API of an Expressway and its XML documents. Source: expressway.md 1 and 3.

Paths are those below /api/provisioning ("/common/mra"). What a release offers is in its own RAML, read once a session; whoever writes looks there first.
Where that does not say the keys of a resource, or is not there, what programs in use have shown counts (expressway_published.py).
Objects are changed and deleted at the path of their collection, with the key in the body. Every request has the header against cross-site requests.
"""

from __future__ import annotations

import json
import uuid
from urllib.parse import quote

from ..errors import NodeError
from . import expressway_published
from . import expressway_raml
from . import expressway_xml
from .https import Https
from .https import refuse

BASE = "/api/provisioning"
ROLE = "API access (Users > Administrator accounts), on the node, too (no advanced account security)"
PROTECTION = {"X-CSRF-Header": "collab.security"}
DOCUMENTS = {"status": ("/status.xml", "/getxml?location=/Status"), "configuration": ("/configuration.xml", "/getxml?location=/Configuration")}
# What the message of a refusal begins with, in case one comes with a good status: its HTTP codes are not published.
REFUSALS = ("Bad Request", "Conflict", "CommandError")


class Channel:
    """REST and XML of the peer."""

    login = ("administrator", "remote_user", "password")

    def __init__(self, option):
        self.https, self.described = Https(option, "https_port", "remote_user", "password", ("ansible_user", "ansible_password")), None

    def close(self):
        """End the connection."""
        self.https.close()

    def offers(self, left, path):
        """What the peer offers at a path: {"methods": [...], "keys": {name: {"type", "enum"}}}; None where it is not there."""
        return self._offered(left, path)

    def resources(self, left):
        """The paths of all resources that the peer's RAML has, for what no source gives the path of."""
        self._offered(left, "")
        return sorted(self.described)

    def read(self, left, path):
        """The objects of a collection as a list of dicts, as the answer has them; a single object is a list of one.

        Raises NodeError "absent" where the API does not offer the path.
        """
        answer = self._exchange(left, "GET", path)
        if answer is None:
            return []
        body = _json(answer)
        objects = body if isinstance(body, list) else [body]
        if not all(isinstance(one, dict) for one in objects):
            raise NodeError("refused", "GET %s: the answer is no object: %s" % (path, answer.summary or "empty"),
                            {"status": answer.status, "text": answer.summary})
        return objects

    def write(self, left, method, path, body=None):
        """POST, PUT or DELETE with a JSON body. Returns the message of the answer. Keys that the RAML does not have are not sent: NodeError "absent"."""
        offered = self._offered(left, path)
        if offered is not None:
            unknown = [key for key in body or () if offered["keys"] and key not in offered["keys"] and not key.startswith("New_")]
            if method.lower() not in offered["methods"] or unknown:
                raise NodeError("absent", "%s %s: the API of this release has no %s; nothing was sent"
                                % (method, path, "key %s" % ", ".join(unknown) if unknown else "such method"))
        data = json.dumps(body or {}).encode()
        return _message(self._exchange(left, method, path, data, "application/json"))

    def pem(self, left, path):
        """The PEM text at a path (trusted CAs, the server certificate, the pending request), or None where there is none."""
        answer = self._exchange(left, "GET", path)
        text = "" if answer is None else answer.body.decode(errors="replace").replace("\r\n", "\n").strip()
        if text and "-----BEGIN " not in text:
            raise NodeError("refused", "GET %s: the answer is no PEM: %s" % (path, answer.summary), {"status": answer.status, "text": answer.summary})
        return text + "\n" if text else None

    def upload(self, left, path, pem):
        """POST PEM text as the file of a form. Returns the message of the answer."""
        boundary = "----collab%s" % uuid.uuid4().hex
        head = '--%s\r\nContent-Disposition: form-data; name="file"; filename="upload.pem"\r\nContent-Type: application/x-pem-file\r\n\r\n' % boundary
        data = (head + pem + "\r\n--%s--\r\n" % boundary).encode()
        return _message(self._exchange(left, "POST", path, data, "multipart/form-data; boundary=" + boundary))

    def witness(self, left, document):
        """The whole of "configuration" or "status" as a nested dict (expressway_xml.py), or None where the peer does not serve it."""
        for path in DOCUMENTS[document]:
            answer = self.https.request(left, "GET", path, headers=PROTECTION, write=False)
            if answer.status == 404:
                continue
            if answer.status != 200:
                raise refuse(answer, "GET %s" % path, ROLE)
            if answer.html:
                continue
            try:
                return expressway_xml.plain(answer.body)
            except ValueError as e:
                raise NodeError("refused", "GET %s: %s" % (path, e), {"status": answer.status, "text": answer.summary}) from None
        return None

    def _offered(self, left, path):
        if self.described is None:
            answer = self.https.request(left, "GET", "/api/raml", headers=PROTECTION, write=False)
            if answer.status not in (200, 404):
                raise refuse(answer, "GET /api/raml", ROLE)
            try:
                self.described = {} if answer.status == 404 else expressway_raml.resources(answer.body.decode(errors="replace"))
            except expressway_raml.BadRaml:
                self.described = {}
        return expressway_published.completed(path, bool(self.described), expressway_raml.match(self.described, path))

    def _exchange(self, left, method, path, data=None, kind=None):
        """The Answer of a request that went well. None: GET of something that is offered and is not there now."""
        headers = dict(PROTECTION, Accept="application/json, text/plain, */*", **({"Content-Type": kind} if kind else {}))
        what = "%s %s%s" % (method, BASE, path)
        answer = self.https.request(left, method, BASE + quote(path, safe="/%-._~"), data, headers, write=method != "GET")
        said = _said(answer)
        if 200 <= answer.status < 300:
            if said and said.startswith(REFUSALS):
                raise NodeError("refused", "%s: %s" % (what, said), {"status": answer.status, "text": said})
            return answer
        if answer.status == 404 and (method == "GET" or self._offered(left, path) is None):
            offered = self._offered(left, path)
            if offered is not None and "get" in offered["methods"]:
                return None
            raise NodeError("absent", "%s: the API of this release does not offer that" % what, {"status": 404, "text": said or answer.summary})
        if said and answer.status != 503:
            role = ": the account needs %s" % ROLE if answer.status == 403 and method == "GET" else ""
            raise NodeError("refused", "%s: %s (HTTP %d)%s" % (what, said, answer.status, role), {"status": answer.status, "text": said})
        raise refuse(answer, what, ROLE)


def _json(answer):
    """The JSON of an answer; an empty one is {}."""
    try:
        return json.loads(answer.body or b"{}")
    except ValueError:
        raise NodeError("refused", "the answer is no JSON: %s" % (answer.summary or "empty"), {"status": answer.status, "text": answer.summary}) from None


def _said(answer):
    """Message of an answer, or None."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    found = body.get("Message", body.get("message"))
    return found if found is None or isinstance(found, str) else json.dumps(found)


def _message(answer):
    return _said(answer) or answer.summary
