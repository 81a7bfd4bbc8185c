# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to agree between Unified CM, Expressway-C and Expressway-E, each as a pure function on readings: [] where it does.

Names are lower case. names: {peer of Expressway-C: the names that its certificate carries}. Guide: Tables 7-11, 7-15, 7-16 and 7-18 to 7-20.
"""
from __future__ import annotations

from dataclasses import dataclass

from ..pki.facts import short
from .b2b import SIP_PORTS
from .b2b import is_address
from .uc_certificates import trusts

CM_SIDE, C_SIDE, E_SIDE = "Unified CM", "Expressway-C", "Expressway-E"


@dataclass(frozen=True)
class Problem:
    """One thing that does not agree. id: stable word for programs; step of the guide; object and text for people, with the variable to correct."""

    id: str
    step: str
    object: str
    text: str


def phone_profiles(needed, names):
    """Each phone security profile that endpoints come in by stands in the certificate of every Expressway-C peer."""
    found = []
    for profile in sorted(needed):
        lacking = sorted(peer for peer, carried in names.items() if profile.lower() not in carried)
        if lacking:
            found.append(Problem("phone-profile-not-named", "expc-san-profiles", profile,
                                 "the phone security profile %s is encrypted, and the certificate of %s does not name it, so phones with it cannot come in: "
                                 "have certificates made (tag certificates), or correct expressway_certificates_phone_profiles" % (
                                     profile, ", ".join(lacking))))
    return found


def traversal_ports(what, of_c, of_e):
    """Both ends of a traversal zone have one port. of_c, of_e: ports; None where that end has no such zone and gets none."""
    if of_c is None and of_e is None or of_c == of_e:
        return []
    if None in (of_c, of_e):
        end, other = (C_SIDE, E_SIDE) if of_c is not None else (E_SIDE, C_SIDE)
        text = "the zone for %s is on %s and not on %s" % (what, end, other)
    else:
        text = "the zone for %s has port %d on Expressway-C and port %d on Expressway-E" % (what, of_c, of_e)
    return [Problem("traversal-ports", "b2b-traversal-e-port", what, text + ": say it once for both ends, in collab_expressway of all Expressways")]


def subject_name(what, subject, names):
    """The name that Expressway-E looks for stands in the certificate of every Expressway-C peer."""
    lacking = sorted(peer for peer, carried in names.items() if subject and subject.lower() not in carried)
    if not lacking:
        return []
    return [Problem("subject-not-named", "b2b-traversal-e-subject", subject,
                    "Expressway-E expects the name %s in the zone for %s, and the certificate of %s does not carry it: correct traversal_subject (or "
                    "subject_name of mobile and remote access), or collab_cluster_name and the certificates" % (subject, what, ", ".join(lacking)))]


def trunk_port(trunk, incoming, port):
    """Unified CM listens for Expressway-C where Expressway-C calls. incoming: the trunk's port, None where it takes no TLS."""
    if incoming == port:
        return []
    listens = "takes no TLS" if incoming is None else "listens on port %d" % incoming
    return [Problem("trunk-port", "trunk-incoming-port-b2b", trunk,
                    "the neighbor zone of Expressway-C calls port %d, and Unified CM's trunk %s %s: correct incoming_port of the trunk in collab_sip_trunks "
                    "(or neighbor_port of collab_expressway.b2b), and let the run secure the trunk (tag trunks)" % (port, trunk, listens))]


def trunk_subjects(trunk, subjects, names):
    """The trunk's X.509 subject names each Expressway-C peer. subjects: None where they are taken from the certificates as served."""
    if subjects is None:
        return []
    said = {subject.lower() for subject in subjects}
    unnamed = sorted(peer for peer, carried in names.items() if not said & carried)
    if not unnamed:
        return []
    return [Problem("trunk-subjects", "trunk-x509-expressway", trunk,
                    "the X.509 subject of Unified CM's trunk %s (%s) names nothing that the certificate of %s carries, so its calls are refused: correct "
                    "subject_names of the trunk in collab_sip_trunks, or leave them out" % (trunk, ", ".join(sorted(said)) or "empty", ", ".join(unnamed)))]


def beside_mra(zone, port, mra):
    """Business-to-business calls do not use the port of mobile and remote access."""
    if not mra or port != SIP_PORTS[1]:
        return []
    return [Problem("port-of-mra", "b2b-neighbor-port", zone, "the neighbor zone %s calls port 5061, which is that of mobile and remote access on the same "
                    "Expressways: set neighbor_port of collab_expressway.b2b to another one, for example 5561" % zone)]


def peers_by_name(zones):
    """Where TLS is verified, peers are given by name. zones: [Zone]."""
    return [Problem("peer-by-address", zone.type.fields["peers"][0], zone.name, "peer %s of the %s %s is an address, and TLS verify needs the name that its "
                    "certificate carries: correct the peers in collab_expressway.b2b (or collab_fqdn of that node)" % (peer, zone.type.label, zone.name))
            for zone in zones if zone.settings.get("tls_verify") == "On" for peer in zone.settings.get("peers") or () if is_address(peer)]


@dataclass(frozen=True)
class Trust:
    """One side that has to prove the other: verifier and holder for people, variable to correct, step; pool: what it trusts; shown: what it is shown."""

    verifier: str
    holder: str
    variable: str
    step: str
    pool: tuple
    shown: tuple


def chains(trust):
    """What a side is shown chains to what it trusts. What is shown: certificates as served, or the CA certificates that they are going to be made by."""
    lacking = [certificate for certificate in trust.shown if not trusts(trust.pool, certificate)]
    if not lacking:
        return []
    return [Problem("chain-missing", trust.step, trust.verifier, "%s does not trust the CA of %s (%s): correct %s, and let the run bring it there (tag "
                    "certificates)" % (trust.verifier, trust.holder, ", ".join(short(one) for one in lacking), trust.variable))]
