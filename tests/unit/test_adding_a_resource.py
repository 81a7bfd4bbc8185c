# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worked example of docs/adding_a_resource.md does what the page says."""
from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.collab.security.plugins.plugin_utils.report import Report

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "adding_a_resource.md").read_text(encoding="utf-8")
TABLE, WORK = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[:2]


class Publisher:
    """A cluster with one credential policy."""

    name = "us-cm-pub"

    def __init__(self):
        self.policy, self.asked = {"name": "Example", "failedLogon": "3", "lockoutDuration": "30", "trivialCredCheck": "t"}, []

    def ask(self, channel, op, operation, arguments):
        """AXL as far as the example needs it."""
        self.asked.append(operation)
        if operation == "listCredentialPolicy":
            return {"return": {"credentialPolicy": [dict(self.policy)]}}
        assert (channel, op, operation) == ("axl", "call", "updateCredentialPolicy")
        self.policy.update(arguments)
        return {"return": "{}"}


def test_the_example_writes_what_differs_and_nothing_the_second_time() -> None:
    """And nothing at all in check mode."""
    space: dict = {}
    exec(TABLE + WORK, space)  # noqa: S102 the page's own code
    node, wanted = Publisher(), {"failedLogon": 5, "trivialCredCheck": True}
    looked = Report()
    space["ensure"](looked, node, "Example", wanted, True)
    assert looked.changed and node.asked == ["listCredentialPolicy"] and looked.after == {"Example": {"failedLogon": "5"}}
    first, second = Report(), Report()
    space["ensure"](first, node, "Example", wanted, False)
    assert [one["operation"] for one in first.operations] == ["updateCredentialPolicy"] and node.policy["failedLogon"] == "5"
    space["ensure"](second, node, "Example", wanted, False)
    assert not second.changed and second.findings == []
