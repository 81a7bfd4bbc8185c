# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run for the Unified Communications traversal zone: what stands against it, both ends, and the proof that it carries mobile and remote access."""
from __future__ import annotations

from ..certificates.reading import read_node
from ..certificates.reading import release_of
from ..operations.waiting import Stuck
from ..operations.waiting import Waiting
from . import keys
from . import uc_certificates
from .documents import entries
from .sides import C
from .sides import E
from .sides import Side
from .sides import edge_of
from .sides import witness
from .uc_discovery import cause_of
from .uc_server_kinds import KINDS
from .uc_server_kinds import is_address
from .uc_zone import PAGES
from .uc_zone import POLICY
from .uc_zone import STEPS
from .uc_zone import SUBJECT_STEP
from .uc_zone import BadZone
from .uc_zone import End
from .uc_zone import Zone

STORES = ("tomcat-trust", "CallManager-trust")
RETRY = "A traversal client zone that failed calls again only after its retry interval, 120 seconds."


class Traversal:
    """Both ends in one task. action: of Expressway-C; cm: as seen from Unified CM; args: of the module."""

    def __init__(self, action, cm, args, pauses):
        self.action, self.cm, self.args, self.pauses, self.report = action, cm, args, pauses, action.report
        self.c, self.e = Side(action), Side(edge_of(action))
        self.zone = definition(args, action.var("collab_cluster_name"), [str(node.fqdn) for node in self.e.peers.values()])

    def ensure(self, check):
        """Both ends, or neither; then the proof."""
        c_peers, e_peers = self.certificates()
        self.trusted_by_unified_cm(c_peers)
        problems, broken = self.problems()
        ends = [End(self.e, self.zone, broken), End(self.c, self.zone, broken)]
        self.report.add(zone={"name": self.zone.name, "port": self.zone.port, "subject_name": self.zone.subject, "peers": list(self.zone.peers)})
        if not self.writable(ends, uc_certificates.against_zone(c_peers, e_peers, self.zone.subject)):
            return
        in_use, before = self.c.in_use(), len(self.report.operations)
        for end in ends:
            end.write(check, self.args["granted"], in_use)
        wrote = len(self.report.operations) > before
        if not check:
            self.prove(wrote)
        elif problems and not wrote:
            self.tell(problems)

    # what stands against it

    def certificates(self):
        """The certificates and trust of all peers, asked all at once: (those of C, those of E)."""
        peers = {**self.c.peers, **self.e.peers}
        found = self.action.each(list(peers.values()), uc_certificates.read)
        return [found[name] for name in self.c.peers], [found[name] for name in self.e.peers]

    def trusted_by_unified_cm(self, c_peers):
        """Whether Unified CM trusts Expressway-C's certificates; told where it does not."""
        publisher = self.cm.publisher
        held = read_node(publisher, release_of(publisher), stores=STORES)
        for store, names in uc_certificates.lacking(c_peers, held, STORES).items():
            self.report.finding("expressway-untrusted", "high", "%s of %s" % (store, self.cm.cluster),
                                "%s does not trust what signed the certificate of %s, so registrations by mobile and remote access fail" % (
                                    store, ", ".join(names)), step="mra-verify-ucm")

    def writable(self, ends, problems):
        """Whether the zone can be written on both ends and would work; what stands against it is pending, and neither end is touched."""
        for end in ends:
            if end.missing:
                self.report.pending("expressway-no-interface", "zone %s of %s" % (self.zone.name, end.side.name),
                                    "the API of this release has not %s, and the command line cannot make such a zone; neither end was touched"
                                    % " and not ".join(end.missing), self.by_hand(end.side), step=STEPS[end.side.product])
        if problems:
            step = SUBJECT_STEP if any("subject name" in one for one in problems) else STEPS[E]
            self.report.finding("expressway-uc-certificates", "high", "zone %s" % self.zone.name, "; ".join(problems), step=step)
            self.report.pending("expressway-uc-certificates", "zone %s" % self.zone.name, "it would fail as the certificates are: %s" % "; ".join(problems), [
                "Install certificates and trust on both clusters first (role expressway_certificates); the TLS verify subject name is the cluster name, "
                "collab_cluster_name, which has to stand in the certificate of every peer of Expressway-C."], step=step)
        if problems or any(end.missing for end in ends):
            return False
        conflicts = [one for end in ends for one in end.against(end.read()["zones"])]
        if conflicts:
            raise BadZone("%s, so zone '%s' cannot be there as well. If it is the zone for mobile and remote access, name it in collab_expressway.mra.zone, "
                          "else choose another port. Nothing was written." % ("; ".join(conflicts), self.zone.name))
        return True

    def by_hand(self, side):
        """The steps that a person has to do."""
        values = {"port": self.zone.port, "authentication policy": POLICY, "user name": self.zone.username}
        values.update({"TLS verify subject name": self.zone.subject} if side.product == E else {"peers": ", ".join(self.zone.peers)})
        said = ", ".join("%s %s" % pair for pair in values.items())
        first = ["On %s, Configuration > Authentication > Local database: have the credential %s with the password of collab_traversal_password." % (
            side.primary.name, self.zone.username)] if side.product == E else []
        return [*first, "On %s, %s: have zone %s with %s." % (side.primary.name, PAGES[side.product], self.zone.name, said)]

    # proof

    def problems(self):
        """(what keeps mobile and remote access from working by the status of all peers, as sentences; whether the zone itself does)."""
        status = self.action.each([*self.c.peers.values(), *self.e.peers.values()], lambda node: witness(node, "status"))
        found = []
        for side in (self.c, self.e):
            for name in side.peers:
                found += self.wrong_on(name, status[name]) if status[name] else []
        return found + servers_down(self.c.primary.name, status[self.c.primary.name]), bool(found)

    def wrong_on(self, name, status):
        """What is wrong on one peer: the zone, and the tunnels that HTTPS goes through."""
        zone = next((zone for zone in entries(status, "Zones", "Zone") if keys.same(zone.get("Name"), self.zone.name)), None)
        if zone is None:
            return ["%s has no zone %s" % (name, self.zone.name)]
        if not keys.same(zone.get("Status"), "Active"):
            return ["zone %s on %s is %s%s" % (self.zone.name, name, zone.get("Status") or "without status", cause_of(zone))]
        return ["the tunnel of %s to %s is %s" % (name, tunnel.get("Peer"), tunnel.get("Status"))
                for tunnel in entries(status, "CollaborationEdge", "Tunnels", "Tunnel") if not keys.same(tunnel.get("Status"), "Active")]

    def prove(self, wrote):
        """Wait for the zone to be Active on every peer where something was written, else look once and tell."""
        def look():
            problems, _broken = self.problems()
            if problems:
                raise Waiting("; ".join(problems))

        try:
            self.pauses.until(look, self.args["timeout"] if wrote else 0, str)
        except Stuck as e:
            if wrote:
                raise Stuck("the zone was written, but %d s later mobile and remote access does not work: %s. %s" % (self.args["timeout"], e, RETRY)) from None
            self.tell([str(e)])

    def tell(self, problems):
        """A zone that is as wanted and does not work."""
        said = "; ".join(problems)
        self.report.finding("expressway-uc-zone-down", "high", "zone %s" % self.zone.name, said, step=STEPS[C])
        self.report.pending("expressway-uc-zone-down", "zone %s" % self.zone.name, said, [
            "Look at network, certificates and clocks between the peers named, then run again. %s" % RETRY,
            "Where somebody has changed the password of the zone or of its credential: delete written.json of %s and %s in the workspace, and run again."
            % (self.c.name, self.e.name)], step=STEPS[C])


def definition(args, cluster_name, peers):
    """The Zone of the module's options; raises BadZone. cluster_name: collab_cluster_name of Expressway-C; peers: FQDNs of Expressway-E."""
    subject = args["subject_name"] or cluster_name
    for what, value, longest in (("zone", args["zone"], 50), ("subject_name (or collab_cluster_name)", subject, 128), ("username", args["username"], 128),
                                 ("password", args["password"], 128)):
        if not value or len(value) > longest:
            raise BadZone("%s: 1 to %d characters are needed, there are %d. Nothing was written." % (what, longest, len(value or "")))
    if not 1024 <= args["port"] <= 65534 or args["port"] in (5060, 5061):
        raise BadZone("port: it has to be from 1024 to 65534, and neither 5060 nor 5061; it is %d. Nothing was written." % args["port"])
    for peer in peers:
        if "." not in peer or is_address(peer):
            raise BadZone("the peers of the zone have to be named by FQDN, or their certificates cannot be verified; collab_fqdn of one is %s. Nothing was "
                          "written." % peer)
    return Zone(args["zone"], args["port"], args["username"], args["password"], subject, tuple(peers))


def servers_down(name, status):
    """Nodes of discovered servers that are not Active."""
    return ["%s %s is %s on %s" % (kind.label, row.get("Name"), row.get("Status"), name)
            for kind in KINDS for row in entries(status, "CollaborationEdge", *kind.status) if not keys.same(row.get("Status"), "Active")]
