# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `database cluster status` says. Source: cms.md 1.4, a transcript; older software says Master and Slave."""

from __future__ import annotations

import re

PRIMARY, REPLICA = re.compile(r"\b(primary|master)\b", re.IGNORECASE), re.compile(r"\b(replica|slave)\b", re.IGNORECASE)
LABELS = {"server_key": r"server key", "server_certificate": r"server certificate", "client_key": r"client key", "client_certificate": r"client certificate",
          "ca": r"ca certificate"}
PAIR = re.compile(r"^[ \t]*([^:\n]+?)[ \t]*:[ \t]*([^\n]*?)[ \t\r]*$", re.MULTILINE)
ADDRESS = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)$")


class DatabaseStatus:
    """enabled: whether the node is in a cluster; nodes: {address: {"me", "primary", "replica", "connected", "in_sync"}}; interface; certificates: {what: file
    name or ""}; last: (command, "Success", "Failed" or what else); errors: [lines]."""

    def __init__(self, text):
        self.text, self.nodes, self.enabled, self.interface, self.last, self.errors = text, {}, False, "", ("", ""), []
        self.certificates = dict.fromkeys(LABELS, "")
        for label, value in PAIR.findall(text):
            word = label.lower()
            name = re.sub(r"\s*\(me\)$", "", label)
            if ADDRESS.match(name):
                self.nodes[name] = {"me": name != label or "(me)" in value, "primary": bool(PRIMARY.search(value)), "replica": bool(REPLICA.search(value)),
                                    "connected": value.lower().startswith("connected"), "in_sync": bool(re.search(r"\bin sync\b", value, re.IGNORECASE))}
            elif word == "status":
                self.enabled = value.lower() in ("enabled", "error")
            elif word.startswith("error"):
                self.errors.append(value)
            elif word == "interface":
                self.interface = "" if value.lower() == "none" else value
            elif word == "last command":
                found = re.match(r"'([^']*)'\s*\(([^)]*)\)", value)
                self.last = (found[1], found[2]) if found else (value, "")
            else:
                for what, pattern in LABELS.items():
                    if re.fullmatch(pattern, word):
                        self.certificates[what] = "" if value.lower() == "none" else value

    @property
    def primary(self):
        """The address of the primary, or None."""
        return next((a for a, n in self.nodes.items() if n["primary"]), None)

    @property
    def busy(self):
        """Whether the last command is still at work: it is neither done nor failed."""
        return bool(self.last[0]) and self.last[1].lower() not in ("success", "failed", "")

    @property
    def failed(self):
        """Whether the last command failed."""
        return self.last[1].lower() == "failed"

    @property
    def settled(self):
        """Whether every node is connected, one of them as primary, every replica in sync, and the last command done."""
        return (self.enabled and not self.busy and not self.failed and self.primary is not None
                and all(n["connected"] and (n["in_sync"] or not n["replica"]) for n in self.nodes.values()))
