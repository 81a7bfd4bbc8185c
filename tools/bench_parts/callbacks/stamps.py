# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = """
name: stamps
type: notification
short_description: When each task ended
description: Appends a time for each ended task to the file in BENCH_STAMPS.
"""

import os  # noqa: E402  (a plugin's documentation stands first)
import time  # noqa: E402

from ansible.plugins.callback import CallbackBase  # noqa: E402


class CallbackModule(CallbackBase):
    """Writes times."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "stamps"

    def v2_runner_on_ok(self, result):
        """One line for each task."""
        with open(os.environ["BENCH_STAMPS"], "a", encoding="ascii") as f:
            f.write("%.6f\n" % time.monotonic())
