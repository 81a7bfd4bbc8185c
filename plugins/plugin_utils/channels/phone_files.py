# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configuration files of phones, as a node that runs Cisco Tftp gives them to anybody by plain HTTP on port 6970. Nothing of ours is sent but a name."""

from __future__ import annotations

import http.client
import urllib.parse

from ..errors import NodeError
from .https import CONNECT

PORT = 6970
MOST = 1 << 20          # bytes; a phone's file has some tens of thousands


class Channel:
    """Keeps no connection: a file is asked for now and then."""

    def __init__(self, option):
        self.option = option

    def close(self):
        """Nothing is kept open."""

    def read(self, left, phone):
        """Text of a phone's file, None where there is none, or none that can be read: an encrypted one is no text."""
        connection = http.client.HTTPConnection(self.option("host"), PORT, timeout=max(0.1, min(left, CONNECT)))
        try:
            connection.request("GET", "/%s.cnf.xml" % urllib.parse.quote(phone), headers={"User-Agent": "collab.security"})
            answer = connection.getresponse()
            body = answer.read(MOST)
        except (OSError, http.client.HTTPException) as e:
            raise NodeError("unreachable", "the file of %s cannot be had from port %d: %s" % (phone, PORT, getattr(e, "strerror", None) or e)) from None
        finally:
            connection.close()
        try:
            return body.decode() if answer.status == 200 else None
        except UnicodeDecodeError:
            return None
