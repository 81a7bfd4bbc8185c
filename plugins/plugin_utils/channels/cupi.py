# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CUPI, the provisioning REST interface of Unity Connection (/vmrest), in JSON. Source: vos.md 4 and the transcripts 30 and 31.

One page of a list is one request; whoever wants them all asks for the next (unity_connection/reading.py). Values are handed on as they came: CUPI writes
numbers and booleans as strings. A list of one object may come as that object; both are a list here.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote
from urllib.parse import urlencode

from ..errors import NodeError
from .https import Https
from .https import refuse

BASE = "/vmrest/"
ROLE = "the role System Administrator of Unity Connection, or one that may administer telephony integrations"


class Channel:
    """Objects of the node's Unity Connection cluster."""

    login = ("application", "application_user", "application_password")

    def __init__(self, option):
        self.https = Https(option, "platform_port", "application_user", "application_password", ("collab_application_user", "collab_application_password"))

    def close(self):
        """End the connection."""
        self.https.close()

    def page(self, left, path, element, number=1, size=500, query=None):
        """One page of a list: {"total": how many there are in all, None where the answer does not say, "rows": the objects}.

        path: "portgroups" or "portgroups/ID/portgroupservers"; element: what the answer calls one object ("PortGroup"); query: "(Column is Value)".
        """
        wanted = {"rowsPerPage": size, "pageNumber": number, **({"query": query} if query else {})}
        what = "%s?%s" % (path, urlencode(wanted))
        body = self._read(left, what)
        total, found = _number(body.get("@total")), body.get(element)
        rows = [row for row in (found if isinstance(found, list) else [found]) if isinstance(row, dict)]
        if total is None and not rows:
            raise NodeError("refused", "CUPI GET %s: the answer has neither a total nor any %s; it has %s"
                            % (what, element, ", ".join(sorted(body)) or "nothing"))
        if total and not rows and number == 1:
            raise NodeError("refused", "CUPI GET %s: the answer speaks of %d objects and has no %s" % (what, total, element))
        return {"total": total, "rows": rows}

    def get(self, left, path):
        """One object as the answer has it."""
        return self._read(left, path)

    def create(self, left, path, body):
        """Make an object. Returns {"id": its ObjectId, "" where the answer does not say}."""
        answer = self._exchange(left, "POST", path, body)
        found = re.search(r"/([0-9A-Za-z-]{8,})\s*\"?\s*$", answer.body.decode(errors="replace").strip() or answer.headers.get("location", ""))
        return {"id": found.group(1) if found else ""}

    def update(self, left, path, body):
        """Change these fields of an object, and no others."""
        self._exchange(left, "PUT", path, body)
        return {}

    def delete(self, left, path):
        """Remove an object."""
        self._exchange(left, "DELETE", path)
        return {}

    def _read(self, left, path):
        answer = self._exchange(left, "GET", path)
        try:
            body = json.loads(answer.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise NodeError("refused", "CUPI GET %s: the answer is no JSON object: %s" % (path, answer.summary or "empty"), {"status": answer.status})
        return body

    def _exchange(self, left, method, path, body=None):
        what, headers = "CUPI %s %s" % (method, path), {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self.https.request(left, method, BASE + quote(path, safe="/?&=%+-._~()"), None if body is None else json.dumps(body).encode(), headers,
                                    write=method != "GET")
        if answer.status in (200, 201, 204) and not answer.html:
            return answer
        if answer.html or answer.status == 503 or answer.status < 400:
            raise refuse(answer, what)
        text = _reason(answer)
        role = ": the user needs %s" % ROLE if answer.status == 403 else ""
        raise NodeError("refused", "%s: %s (HTTP %d)%s" % (what, text or "no reason given", answer.status, role), {"status": answer.status, "text": text})


def _number(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _reason(answer):
    """CUPI's own words. How an error is written is not published, so a message is looked for in JSON at any depth, then in XML."""
    try:
        found = _message(json.loads(answer.body))
    except ValueError:
        found = re.search(rb"<message>(.*?)</message>", answer.body, re.I | re.S)
        found = found.group(1).decode(errors="replace") if found else None
    return " ".join(found.split()) if found else answer.summary


def _message(value):
    if isinstance(value, dict):
        for key in ("message", "Message", "error", "Error"):
            if isinstance(value.get(key), str) and value[key].strip():
                return value[key]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found = _message(inner)
        if found:
            return found
    return None
