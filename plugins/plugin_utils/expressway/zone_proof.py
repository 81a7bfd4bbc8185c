# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether zones carry calls: every peer of a cluster says of each zone whether it is Active, and why where it is not. Reads only.

A zone is waited for where the end that is called serves a certificate of a CA that is known, since the other end calls again after its retry interval. One
that cannot come up is told at once.
"""
from __future__ import annotations

from ..handshakes import look
from ..operations.waiting import Stuck
from ..operations.waiting import Waiting
from . import surroundings
from .documents import entries
from .documents import text
from .uc_discovery import cause_of
from .zone_types import TYPES

STEPS = {"neighbor": "b2b-neighbor-tls", "traversal_client": "b2b-traversal-c-tls", "traversal_server": "b2b-traversal-e-tls"}
ADVICE = {
    "neighbor": "Unified CM's trunk has to be secured with the zone's port as its incoming port, and its X.509 subject has to name the certificates of all "
                "peers: see what the report says of the trunk.",
    "traversal_client": "Both ends need one port and one password; Expressway-E needs the subject name that this cluster's certificates carry, and each side "
                        "the other's CA.",
    "traversal_server": "Look at the zone on Expressway-C first: it is the end that calls."}
UNKNOWN = "not shown"


class Proof:
    """One look, or a wait, at the zones of the task's cluster."""

    def __init__(self, action, settings, pauses):
        self.action, self.report, self.pauses = action, action.report, pauses
        self.zones = [zone for zone in surroundings.wanted(action, settings) if zone.kind in STEPS]

    def run(self, timeout):
        """Puts the states into the report; a zone that is not Active is a finding, and pending."""
        if not self.zones:
            self.report.add(zones=[])
            return
        states = self.look()
        if timeout and any(self.listens(zone) for zone in {zone.name: zone for zone, peer in self.down(states)}.values()):
            def again():
                states.update(self.look())
                if self.down(states):
                    raise Waiting("")
            try:
                self.pauses.until(again, timeout, str)
            except Stuck:
                pass                                            # what they came to is told below
        for zone in self.zones:
            self.tell(zone, {peer: states[zone.name, peer] for peer in self.action.nodes})
        self.report.add(zones=[{"name": zone.name, "type": zone.kind, "peer": peer, "status": states[zone.name, peer][0], "cause": states[zone.name, peer][1]}
                               for zone in self.zones for peer in self.action.nodes])

    def look(self):
        """{(zone, peer): (status, cause)} by every peer's own word."""
        found = self.action.each(self.action.nodes, self.read)
        return {(zone.name, peer): found[peer].get(zone.name, ("not there", "")) for zone in self.zones for peer in found}

    def read(self, node):
        """{zone: (status, cause)} of one peer: by its status document, else as far as its API shows it."""
        tree = node.ask("expressway_api", "witness", document="status")
        if tree is not None:
            return {text(zone, "Name"): (text(zone, "Status") or UNKNOWN, cause_of(zone).strip(" ()")) for zone in entries(tree, "Zones", "Zone")}
        found = {}
        for kind in {zone.kind for zone in self.zones}:
            if node.ask("expressway_api", "offers", path=TYPES[kind].path):
                for row in node.ask("expressway_api", "read", path=TYPES[kind].path):
                    found[row["Name"]] = (str(row.get("Status") or UNKNOWN), "")
        return found

    def down(self, states):
        """[(Zone, peer)] that are not Active."""
        return [(zone, peer) for zone in self.zones for peer in self.action.nodes if states[zone.name, peer][0].lower() != "active"]

    def listens(self, zone):
        """Whether the end that is called serves a certificate that the CA files prove, on the zone's port: without one the zone cannot come up."""
        if "peers" not in zone.settings:
            called = [(node.host, node.fqdn) for node in self.action.nodes.values()]
        else:
            addresses = {str(node.fqdn).lower(): node.host for node in (*surroundings.unified_cm(self.action), *surroundings.edge(self.action))}
            called = [(addresses.get(peer.lower(), peer), peer) for peer in zone.settings["peers"]]
        node = self.action.publisher
        anchors = "".join(text_of(node.option(option)) for option in ("ca_file", "public_ca_file"))
        for address, name in called:
            seen, chain_error = look(node, address, zone.settings["port"], name, ca_pem=anchors)
            if seen.get("chain") and chain_error is None:
                return True
        return False

    def tell(self, zone, states):
        """A finding and a pending step where a zone is not Active."""
        wrong = {peer: "%s%s" % (status, " (%s)" % cause if cause else "") for peer, (status, cause) in states.items() if status.lower() != "active"}
        if not wrong:
            return
        said = "the %s is not Active: %s" % (zone.type.label, "; ".join("%s says %s" % pair for pair in wrong.items()))
        self.report.finding("expressway-zone-down", "high", zone.name, said, step=STEPS[zone.kind], table=zone.type.table, before=wrong, after="Active")
        self.report.pending("expressway-zone-down", zone.name, said, [ADVICE[zone.kind], "Then run again."], step=STEPS[zone.kind])


def text_of(path):
    """The text of a file of certificates; "" where none is given."""
    if not path:
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read() + "\n"
