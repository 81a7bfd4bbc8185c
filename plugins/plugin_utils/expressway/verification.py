# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes with the ports of Expressway peers: each must serve the installed server certificate."""

from __future__ import annotations

from ..certificates.verification import TlsVerification
from ..errors import NodeError
from ..pki import chain as chains
from ..pki.facts import short
from ..pki.pem import find_certificates
from ..pki.pem import fingerprint
from ..pki.products import EXPRESSWAY_E
from ..pki.products import Listener
from ..pki.products import product_of
from ..pki.products import step
from . import peer_certificates as peers
from .facts import rows
from .keys import value_of
from .zone_types import FIELDS
from .zone_types import TYPES
from .zone_types import UNIFIED_COMMUNICATIONS

# By which word the option ports asks for a port: that of the web interface is each peer's own.
WEB, SIP_TLS, ACCESS = 8443, 5061, 8443
SIP, MRA = "/common/protocol/sip/configuration", "/common/mra"
TRAVERSAL = "traversal zone"
UNIT = "server"


class ExpresswayVerification(TlsVerification):
    """One run of the module for a cluster of Expressway."""

    def targets(self, node, oauth, ports):
        """(listener, installed certificate) for each port that a peer must serve: those of web interface and SIP; on E of its traversal zones and clients."""
        found = [Listener(None, node.ports["https"] or 443, UNIT, "HTTPS")] if WEB in ports else []
        sip, mra = first(node, SIP), first(node, MRA)
        if SIP_TLS in ports and on(sip.get("TlsMode", "On")) and on(sip.get("SipMode", "On")):
            found.append(Listener(None, int(sip.get("TlsPort") or SIP_TLS), UNIT, "SIP TLS"))
        if ACCESS in ports and product_of(node) == EXPRESSWAY_E and on(mra.get("Enabled")):
            found.append(Listener(None, ACCESS, UNIT, "mobile and remote access"))
        if SIP_TLS in ports and product_of(node) == EXPRESSWAY_E:
            found += [Listener(None, port, UNIT, TRAVERSAL) for port in traversal_ports(node)]
        installed = peers.read_server(node)
        return [(one, installed) for one in found]

    def look(self, node, listener, installed):
        """The row of one port of a peer."""
        row, leaf, seen = self.handshake(node, node.name, node.host, listener.port, node.fqdn, listener.purpose, anonymous=listener.purpose == TRAVERSAL)
        row["step"] = step(node, "served", UNIT)
        if leaf is not None:
            row["certificate"] = "%s %s" % (UNIT, fingerprint(leaf)[:8])
            row["installed"] = "no" if installed is None else "yes" if fingerprint(leaf) == fingerprint(installed) else "other"
            if row["installed"] == "other":
                row["problems"].append("it serves %s, installed is %s: the peer has not been restarted since" % (short(leaf), short(installed)))
            elif row["installed"] == "no":
                row["problems"].append("no installed server certificate could be read from the peer to compare with")
            sent = [one for text in seen["chain"] for one in find_certificates(text)]
            if len(sent) == 1 and not self.by_a_root(leaf):
                self.report.finding("chain-not-served", "medium", "%s port %d" % (node.name, listener.port), "it sends its certificate without the intermediate"
                                    " '%s', so that clients who only know the root cannot verify it" % leaf.issuer.rfc4514_string(), step="exp-upload")
        return self.judged(row)

    def by_a_root(self, leaf):
        """Whether a certificate was issued by a root of ca_file itself."""
        with open(self.tls["ca_file"], encoding="utf-8") as file:
            anchors = find_certificates(file.read())
        return any(chains.is_self_signed(one) and chains.issued_by(leaf, one) for one in anchors)


def traversal_ports(node):
    """Ports on which an Expressway-E waits for its Expressway-C by TLS. A zone of which the API does not show that it speaks TLS is left out."""
    found = [row for row in rows(node, TYPES["traversal_server"].path) if str(value_of(row, FIELDS["transport"].keys)).upper() == "TLS"
             and on(value_of(row, FIELDS["sip_mode"].keys) or "On")]
    found += rows(node, UNIFIED_COMMUNICATIONS[EXPRESSWAY_E])           # these are by TLS always
    return sorted({int(value_of(row, FIELDS["port"].keys)) for row in found if value_of(row, FIELDS["port"].keys)})


def first(node, path):
    """The single object of a resource; {} where the release does not offer it."""
    try:
        found = node.ask("expressway_api", "read", path=path)
    except NodeError as e:
        if e.kind != "absent":
            raise
        return {}
    return found[0] if found else {}


def on(value):
    """Whether a mode is On, however it is written."""
    return str(value).lower() in ("on", "true")
