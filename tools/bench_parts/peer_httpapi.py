# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: axl
short_description: AXL by ansible.netcommon, for the measurement
description: What a plugin for httpapi has at the least.
"""

from ansible.plugins.httpapi import HttpApiBase  # noqa: E402  (a plugin's documentation stands first)


class HttpApi(HttpApiBase):
    """Sends what it is given."""

    def send_request(self, data, path="/axl/"):
        """One POST; returns the answer as text."""
        _response, content = self.connection.send(path, data, method="POST", headers={"Content-Type": "text/xml"}, force_basic_auth=True)
        return content.getvalue().decode()
