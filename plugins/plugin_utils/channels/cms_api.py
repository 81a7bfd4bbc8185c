# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The REST API of one Meeting Server, on the port of Web Admin. Source: cms.md 2.

Objects come as XML and are handed on as text; they are written as forms, and the answer to that is empty but for the new object's address.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from ..errors import NodeError
from .https import Https
from .https import refuse

BASE = "/api/v1/"
REASON = re.compile(r"<failureDetails>\s*<([A-Za-z0-9]+)")


class Channel:
    """The node's objects. path: below /api/v1/, for example "callLegProfiles" or "callLegProfiles/ID"."""

    login = ("application", "application_user", "application_password")

    def __init__(self, option):
        self.https = Https(option, "https_port", "application_user", "application_password", ("collab_application_user", "collab_application_password"))

    def close(self):
        """End the connection."""
        self.https.close()

    def get(self, left, path, query=None):
        """One object or one page of a collection. Returns {"xml": text}."""
        answer = self._exchange(left, "GET", path + ("?" + urlencode(query) if query else ""))
        return {"xml": answer.body.decode(errors="replace")}

    def post(self, left, path, fields):
        """Make an object. Returns {"id": its id}."""
        answer = self._exchange(left, "POST", path, fields)
        return {"id": answer.headers.get("location", "").rstrip("/").rpartition("/")[2]}

    def put(self, left, path, fields):
        """Change fields of an object."""
        self._exchange(left, "PUT", path, fields)
        return {}

    def _exchange(self, left, method, path, fields=None):
        body, headers = None, {"Accept": "text/xml, application/xml"}
        if fields is not None:
            body = urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.https.request(left, method, BASE + path, body, headers, write=method != "GET")
        if answer.status == 200 and not answer.html:
            return answer
        what = "%s %s%s" % (method, BASE, path.partition("?")[0])
        reason = REASON.search(answer.body.decode(errors="replace"))
        if reason:
            raise NodeError("refused", "%s: %s (HTTP %d)" % (what, reason[1], answer.status), {"status": answer.status, "reason": reason[1]})
        raise refuse(answer, what)
