# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proof of SIP over TLS between a router and Unified CM, both ways, and of the credential service of SRST.

A router takes TLS only from the addresses of sip-ua, and none is this machine's. So what it shows is read of itself (far_end.py); what the nodes of Unified CM
show is seen by handshakes, and judged by the certificates that the router itself trusts.
"""

from __future__ import annotations

from ..certificates.verification import SIP_TLS
from ..certificates.verification import TlsVerification
from ..pki import chain as chains
from ..pki.facts import short
from ..pki.pem import fingerprint
from ..pki.pem import read_certificates
from . import srst
from .far_end import presented
from .peers import address_of
from .peers import callers
from .router import Router
from .voice import DIAL_PEER
from .voice import SIGNALING
from .voice import Signaling
from .voice import dial_peers
from .voice import transport

CUBE, SRST = "cube", "srst"
CREDENTIALS = r"ip source-address \S+(?: port (\d+))?"


class RouterVerification(TlsVerification):
    """One run of the module for one router."""

    def rows(self):
        """What the router shows to Unified CM's nodes and to phones, what these nodes show to it, and its credential service."""
        if SIP_TLS not in self.args["ports"]:
            return []
        router = Router(self.action)
        self.node, self.root, self.keys = router.node, router.running(), router.keys()
        self.held = router.points(self.root)
        with open(self.tls["ca_file"], "rb") as file:
            self.pool = read_certificates(file.read(), "ca_file (%s)" % self.tls["ca_file"])
        found = []
        if CUBE in self.node.roles:
            nodes = callers(self.action, self.action.var("collab_cm_cluster"))
            found.append(self.shown("SIP TLS", {node.name: address_of(node) for node in nodes}))
            found += [self.met(node) for node in nodes]
            self.calls(nodes)
        if SRST in self.node.roles:
            found.append(self.shown("SIP TLS of phones", {"phones": "0.0.0.0"}))
            found.append(self.credentials())
        return found or [self.own(point) for point in self.held.values() if point.identity is not None and not point.self_signed and not point.factory]

    def shown(self, purpose, addresses):
        """The row of what the router shows to who comes from these addresses ({who: address}), by its own configuration."""
        row = dict(self.blank(self.node.name, self.node.host, SIP_TLS, self.node.fqdn, purpose), step=SIGNALING)
        point, error = presented(self.node.name, self.root, self.held, self.keys, addresses)
        return self.by_trustpoint(row, point) if error is None else self.judged(dict(row, problems=[error]))

    def own(self, point):
        """The row of a certificate of a router that is neither CUBE nor SRST."""
        return self.by_trustpoint(dict(self.blank(self.node.name, self.node.host, "-", self.node.fqdn, "own certificate"), step=None), point)

    def by_trustpoint(self, row, point):
        """The row, judged by the certificate of a trustpoint."""
        leaf = point.identity
        proven = not chains.is_self_signed(leaf) and chains.build(leaf, self.pool)[1]
        self.judge(row, leaf, None if proven else "it was not issued by a CA of %s" % self.tls["ca_file"])
        if row["usage"] == "server":
            row["problems"].append("%s may not be used by a client, and the router is one where it calls" % short(leaf))
        row["certificate"], row["installed"] = "%s %s" % (point.name, fingerprint(leaf)[:8]), "yes"
        return self.judged(row)

    def met(self, node):
        """The row of what a node of Unified CM shows: the router has to trust it by what it holds itself."""
        row = self.blank(self.node.name, node.host, SIP_TLS, node.fqdn, "SIP TLS to %s" % node.name)
        seen_row, leaf, _seen = self.handshake(node, self.node.name, node.host, SIP_TLS, node.fqdn, row["purpose"])
        if leaf is None:
            return self.judged(dict(seen_row, step=SIGNALING))
        trusted = [point.authority for point in self.held.values() if point.authority is not None]
        known = any(fingerprint(one) == fingerprint(leaf) or chains.issued_by(leaf, one) for one in trusted)
        row |= {key: seen_row[key] for key in ("client", "protocol", "cipher")} | {"certificate": "callmanager %s" % fingerprint(leaf)[:8], "step": SIGNALING}
        self.judge(row, leaf, None if known else "no trustpoint of the router holds the CA that issued it")
        return self.judged(row)

    def credentials(self):
        """The row of the credential service of SRST: a handshake, for it takes anybody."""
        port = int(self.root.value(CREDENTIALS, *srst.CREDENTIALS) or srst.PORT)
        name = self.root.value(r"trustpoint (\S+)", *srst.CREDENTIALS)
        row, leaf, _seen = self.handshake(self.node, self.node.name, self.node.host, port, self.node.fqdn, "SRST credentials", anonymous=True)
        row["step"] = srst.SERVICE
        point = self.held.get(name)
        if leaf is not None:
            same = point is not None and point.identity is not None and fingerprint(point.identity) == fingerprint(leaf)
            row["certificate"], row["installed"] = "%s %s" % (name, fingerprint(leaf)[:8]), "yes" if same else "other"
            if not same:
                row["problems"].append("it serves %s, which is not what trustpoint %s holds" % (short(leaf), name))
        return self.judged(row)

    def calls(self, nodes):
        """A finding for each dial-peer to these nodes that is not over TLS: what both ends could do is not used then."""
        theirs = Signaling(trustpoint=None, addresses=[address_of(node) for node in nodes],
                           names=[name.lower() for node in nodes for name in (node.fqdn, node.name) if name])
        for tag, section in dial_peers(self.root, theirs):
            if transport(self.root, section) != "tcp tls":
                self.report.finding("dial-peer-plain", "medium", "dial-peer voice %s voip on %s" % (tag, self.node.name),
                                    "its calls to Unified CM do not go over TLS", step=DIAL_PEER)
