# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the node itself takes for the read that is measured: the same channel, without Ansible. Argument: connection options as JSON."""
from __future__ import annotations

import json
import statistics
import sys
import time

from ansible_collections.collab.security.plugins.plugin_utils.channels.axl import Channel

channel = Channel(json.loads(sys.argv[1]).get)
channel.version(30)
taken = []
for _time in range(50):
    start = time.perf_counter()
    channel.version(30)
    taken.append(time.perf_counter() - start)
print(json.dumps({"milliseconds": statistics.median(taken) * 1000}))
