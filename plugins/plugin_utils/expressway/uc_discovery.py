# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Expressway-C knows of Unified CM: its nodes, and the zones that it makes for each of them by itself (id:63293541382).

Discovery is static: a node, mixed mode or SIP OAuth mode that came later is not known before the servers are discovered anew. CEtls-NODE is there in mixed
mode, "CEOAuth NODE" with SIP OAuth mode from X12.5 on; such a zone need not be Active: from X14.0.2 on it is Address Resolvable.
"""
from __future__ import annotations

import json
import re

from ..operations import estate
from ..operations.waiting import Stuck
from ..operations.waiting import Waiting
from ..written import Written
from . import keys
from .documents import below
from .documents import entries
from .sides import witness

STEP = "mra-verify-ucm"
WELL = ("active", "address resolvable")
PATTERNS = {"tls": "CEtls-%s", "oauth": "CEOAuth[ -]%s"}       # the guide writes the second with a space, the others have a dash
REASONS = {"tls": "mixed mode", "oauth": "SIP OAuth mode"}


class Discovery:
    """Unified CM as one Expressway-C knows it. servers: uc_servers.Servers; cm: the action as seen from the Unified CM cluster."""

    def __init__(self, servers, cm, pauses):
        self.servers, self.cm, self.pauses, self.report = servers, cm, pauses, servers.report
        self.fqdn, self.side = str(cm.publisher.fqdn), servers.side
        self.written, self.record = Written(servers.action.workspace, servers.action.cluster), "discovery of %s" % self.fqdn

    def ensure(self, check, timeout):
        """Discover Unified CM anew where what is known of it is out of date, and prove its zones on every peer."""
        status = witness(self.side.primary, "status")
        if not status:
            self.report.pending("expressway-discovery", self.name, "this release does not show its status by XML, so what it knows of Unified CM is not read", [
                "After SIP OAuth mode or mixed mode was enabled: Configuration > Unified Communications > Unified CM servers, Refresh servers."], step=STEP)
            return
        self.modes = self.read_modes()
        if self.fqdn not in self.servers.added and self.listed(status):
            reasons = self.out_of_date(status)
            for reason in reasons:
                self.report.finding("expressway-discovery", "high", self.name, reason, step=STEP)
            if reasons:
                self.servers.refresh.add(self.fqdn)
                self.servers.ensure(check)
        if not check:
            self.prove(timeout if self.fqdn in self.servers.added else 0)
            if self.fqdn in self.servers.added:
                self.written.note(self.record, self.state())

    @property
    def name(self):
        """How the report calls it."""
        return "Unified CM server %s" % self.fqdn

    def read_modes(self):
        """{"tls": mixed mode, "oauth": SIP OAuth mode}, as Unified CM has them now."""
        publisher = self.cm.publisher
        oauth = estate.sip_oauth(publisher)
        self.told = oauth is not None       # Expressway-C learns of it in the same way, and may never
        if oauth is None:           # before release 14 the parameter may say nothing: the ports do
            oauth = estate.sip_oauth_ports([node for node in self.cm.nodes.values() if "call_processing" in node.roles] or [publisher])
        return {"tls": estate.mixed(publisher), "oauth": oauth}

    def listed(self, status):
        """The rows of this Unified CM cluster's nodes."""
        return [row for row in entries(status, "CollaborationEdge", "CUCMs", "CUCM") if keys.same_name(row.get("Publisher"), self.fqdn)]

    def running(self):
        """Nodes of the inventory that do call processing: Expressway-C has to know each of them."""
        return [node for node in self.cm.nodes.values() if "call_processing" in node.roles]

    def out_of_date(self, status):
        """Why Unified CM has to be discovered anew, as sentences."""
        known, found = [str(row.get("Name") or "") for row in self.listed(status)], []
        for node in self.running():
            names = (node.fqdn, node.host, node.name)
            if not any(keys.same_name(one, name) for one in known for name in names):
                found.append("its node %s is not known to Expressway-C" % node.fqdn)
        if self.written.same(self.record, self.state()):
            return found                    # it has been discovered as it is now: what is missing still does not come by a discovery
        return found + ["there is no automatic zone for %s (%s), which Unified CM is in" % (name, REASONS[kind]) for kind, name in self.missing(status)]

    def state(self):
        """What a discovery finds: the modes and nodes of Unified CM, as text."""
        return json.dumps([self.modes, sorted(str(node.fqdn) for node in self.running())], sort_keys=True)

    def missing(self, status):
        """[(kind, node)] of the automatic zones that are not there."""
        zones = [str(zone.get("Name") or "") for zone in entries(status, "Zones", "Zone")]
        return [(kind, name) for kind, pattern in PATTERNS.items() if self.modes[kind] for name in (str(row.get("Name")) for row in self.listed(status))
                if not any(re.fullmatch(pattern % re.escape(name), zone, re.IGNORECASE) for zone in zones)]

    def prove(self, timeout):
        """The automatic zones on every peer: waited for where Unified CM was discovered in this task, told where they fail.

        Not waited for is what cannot come: a zone by a name without a domain, which no certificate has, and one for a mode that only ports speak of.
        """
        def look():
            wrong = [sentence for peer in self.side.peers.values() for sentence, may_come in self.wrong_on(peer) if may_come]
            if wrong:
                raise Waiting("; ".join(wrong))

        try:
            self.pauses.until(look, timeout, str)
        except Stuck as e:
            if timeout:
                raise Stuck("Unified CM was discovered, but %d s later its zones are not as they have to be: %s" % (timeout, e)) from None
        left = [sentence for peer in self.side.peers.values() for sentence, _may_come in self.wrong_on(peer)]
        if left:
            self.report.finding("expressway-automatic-zone", "high", self.name, "; ".join(left), step=STEP)
            self.report.pending("expressway-automatic-zone", self.name, "; ".join(left), [
                "See that Expressway-C trusts the CA of Unified CM's CallManager certificates and reaches the nodes, and that Unified CM knows its nodes by "
                "their full names (System > Server): certificates are verified by these.",
                "Then Configuration > Unified Communications > Unified CM servers, Refresh servers; and run again."], step=STEP)

    def wrong_on(self, peer):
        """What is wrong with the automatic zones of one peer: [(sentence, whether it may come right by itself)]."""
        status = witness(peer, "status")
        found = [("%s has no zone for %s (%s)" % (peer.name, name, REASONS[kind]), kind != "oauth" or self.told) for kind, name in self.missing(status)]
        names = [str(row.get("Name")) for row in self.listed(status)]
        for zone in entries(status, "Zones", "Zone"):
            name = next((name for pattern in PATTERNS.values() for name in names
                         if re.fullmatch(pattern % re.escape(name), str(zone.get("Name") or ""), re.IGNORECASE)), None)
            if name and str(zone.get("Status") or "").lower() not in WELL:
                found.append(("%s on %s is %s%s" % (zone.get("Name"), peer.name, zone.get("Status") or "without status", cause_of(zone)), "." in name))
        return found


def cause_of(zone):
    """Why a zone of /status.xml fails, in the product's words, in parentheses; "" where it says nothing."""
    said = [zone.get("Cause")]
    for kind in ("Neighbor", "TraversalClient", "TraversalServer"):
        for peer in entries(zone, kind, "Peer"):
            address, cause = below(peer, "SIP", "Address"), below(peer, "SIP", "Cause")
            said.append("%s: %s" % (address, cause) if cause else None)
    said = list(dict.fromkeys(text for text in said if text))
    return " (%s)" % "; ".join(said) if said else ""
