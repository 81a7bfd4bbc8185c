# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of the two sides as far as mobile and remote access rests on them: names and chains, judged before a zone is written. Pure functions.

The zone is mutual TLS: Expressway-C shows its certificate to Expressway-E, which looks for the TLS verify subject name in it, and the other way round
by the peers' names (guide, MRA and XMPP Federation). Unified CM has to trust what signed Expressway-C, in tomcat-trust and CallManager-trust
(CSCvz20720, expressway.md 4.3).
"""
from __future__ import annotations

from ..pki.chain import build
from ..pki.chain import is_self_signed
from ..pki.holdings import key
from ..pki.names import covers
from ..pki.pem import find_certificates
from ..pki.pem import fingerprint


class Peer:
    """What one peer has: certificate (or None) and trusted (list of CA certificates)."""

    def __init__(self, name, fqdn, certificate, trusted):
        self.name, self.fqdn, self.certificate, self.trusted = name, fqdn, certificate, trusted


def read(node):
    """The Peer of a node."""
    own = find_certificates(node.ask("expressway_api", "pem", path="/certs/server") or "")
    return Peer(node.name, str(node.fqdn), own[0] if own else None, find_certificates(node.ask("expressway_api", "pem", path="/certs/root") or ""))


def against_zone(c_peers, e_peers, subject):
    """Why a traversal zone with this TLS verify subject name would fail, as sentences."""
    found = ["%s shows no server certificate" % peer.name for peer in (*c_peers, *e_peers) if peer.certificate is None]
    for peer in (one for one in c_peers if one.certificate is not None):
        if not covers(peer.certificate, subject, common_name_counts=True):
            found.append("the certificate of %s does not carry the TLS verify subject name %s" % (peer.name, subject))
        found += untrusted(peer, e_peers)
    for peer in (one for one in e_peers if one.certificate is not None):
        if not covers(peer.certificate, peer.fqdn, common_name_counts=True):
            found.append("the certificate of %s does not carry its name %s, which Expressway-C verifies" % (peer.name, peer.fqdn))
        found += untrusted(peer, c_peers)
    return found


def trusts(pool, certificate):
    """Whether a store (list of certificates) proves a certificate up to a root; one that signed itself has to be there itself."""
    if is_self_signed(certificate):
        return fingerprint(certificate) in {fingerprint(one) for one in pool}
    return build(certificate, pool)[1]


def untrusted(peer, others):
    """Which of the others do not trust a peer's certificate."""
    return ["%s does not trust what signed the certificate of %s" % (other.name, peer.name) for other in others if not trusts(other.trusted, peer.certificate)]


def lacking(c_peers, holdings, stores):
    """{store: [names of peers whose certificate it does not prove]} of Unified CM's trust stores. holdings: pki.holdings.Holdings of its publisher."""
    found = {}
    for store in stores:
        names = [peer.name for peer in c_peers if peer.certificate is not None and not trusts(holdings.trust.get(key(store), []), peer.certificate)]
        if names:
            found[store] = names
    return found
