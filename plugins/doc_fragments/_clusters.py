# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which clusters a task ties together: it runs once, for all of them."""

    DOCUMENTATION = r"""
options:
  clusters:
    description:
      - The clusters, each by the inventory name of its publisher.
      - By default all hosts that are in the groups C(publishers) and C(unified_cm). If one of them is not part of the run any more, because it failed
        earlier or the run is limited to others, nothing is done, and that is reported as pending.
      - With fewer than two clusters there is nothing to do.
    type: list
    elements: str
notes:
  - One task deals with all clusters, so it has to run once (C(run_once)). The host that it runs for makes no difference.
"""
