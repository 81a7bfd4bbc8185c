# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Unity Connection cluster is and whom it belongs to: its state, and the Unified CM cluster whose voice mail it is."""
from __future__ import annotations

import os
import re

from ansible.errors import AnsibleActionFail

STATUS = "show cuc cluster status"
STATES = ("Primary", "Secondary", "Starting", "Replicating Data", "Split Brain Recovery", "Not Functioning", "Deactivated")
# With the columns Member ID, Internal State and Reason, or without any of them.
ROW = re.compile(r"^[ \t]*(\S+)[ \t]+(?:\d+[ \t]+({0})\b.*|({0})[ \t]*)$".format("|".join(STATES)), re.MULTILINE | re.IGNORECASE)


def unified_cm_of(action):
    """The action as seen from the publisher of the Unified CM cluster that collab_cm_cluster names."""
    return action.seen_from(action.cm_publisher.name)


def ca_file(action, given):
    """The file of CA certificates that both ends are proven by, as an absolute path."""
    path = os.path.abspath(os.path.expanduser(given)) if given else action.publisher.option("ca_file")
    if not path:
        raise AnsibleActionFail("ca_file: no file of CA certificates is given, so neither end can be proven; set collab_ca_file (or the option ca_file)")
    return path


def cluster_status(output):
    """`show cuc cluster status` as {nodes: {name: state}, problems: [sentence]}: one Primary, all others Secondary (vos.md 4).

    A subscriber that acts as Primary is a failover: it works, and is no state to change a cluster in.
    """
    nodes = {name: full or short for name, full, short in ROW.findall(output.replace("\r", ""))}
    problems = ["%s is %s" % (name, state) for name, state in nodes.items() if state.lower() not in ("primary", "secondary")]
    primaries = [name for name, state in nodes.items() if state.lower() == "primary"]
    if nodes and len(primaries) != 1:
        problems.append("%s: there has to be one Primary" % ("no node is Primary" if not primaries else "%s are all Primary" % ", ".join(primaries)))
    if not nodes:
        problems.append("'%s' shows no server that could be judged" % STATUS)
    return {"nodes": nodes, "primary": primaries[0] if len(primaries) == 1 else None, "problems": problems}
