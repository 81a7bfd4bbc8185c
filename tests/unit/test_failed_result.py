# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed task shows of what it has done."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import LONGEST
from ansible_collections.collab.security.plugins.plugin_utils.device_action import cut


def test_long_lists_are_cut_and_no_operation_is_left_out():
    names = ["SEP%03d" % number for number in range(LONGEST + 10)]
    result = cut({"operations": [{"operation": "updateSipTrunk", "object": name} for name in names] + [{"arguments": {"names": names}}],
                  "phones": [{"name": name} for name in names], "changed": True})
    assert len(result["operations"]) == LONGEST + 11 and result["changed"] is True
    assert result["operations"][-1]["arguments"]["names"][-1] == "and 10 more"
    assert len(result["phones"]) == LONGEST + 1
