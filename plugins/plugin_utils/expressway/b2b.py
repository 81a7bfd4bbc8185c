# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Business-to-business calls (Tables 7-18 to 7-22): from what the operator says and what the inventory has to the zones of both ends. Pure data in and out.

One definition (`collab_expressway.b2b`) makes the zones of Expressway-C and -E; names of peers and the subject name come from the inventory, and may be
overridden. Reads no box. expressway_check judges by the same functions.
"""
from __future__ import annotations

import ipaddress

from .zone_types import NAME_LENGTH
from .zone_types import PEERS
from .zone_types import PORTS
from .zone_types import SUBJECT_LENGTH
from .zone_types import Zone

NEIGHBOR_PORT, TRAVERSAL_PORT, USERNAME = 5561, 7002, "b2b-traversal"
SIP_PORTS = (5060, 5061)


class BadB2b(Exception):
    """What is asked contradicts itself or the estate; the text says what to correct. Nothing has been written."""


def is_address(name):
    """Whether a peer is given by address instead of name."""
    try:
        ipaddress.ip_address(str(name).strip("[]"))
    except ValueError:
        return False
    return True


def zones_of_c(settings, cm_names, edge_names):
    """[Zone] of Expressway-C. settings: the b2b dict; cm_names, edge_names: FQDNs of Unified CM's call processing nodes and of the Expressway-E peers."""
    zones = []
    if settings.get("neighbor_zone"):
        zones.append(Zone("neighbor", settings["neighbor_zone"], {
            "sip_mode": "On", "peers": settings.get("neighbor_peers") or cm_names, "port": neighbor_port(settings), "transport": "TLS", "tls_verify": "On",
            "media": "BestEffort"}))
    if settings.get("traversal_zone"):
        zones.append(Zone("traversal_client", settings["traversal_zone"], {
            "sip_mode": "On", "peers": settings.get("traversal_peers") or edge_names, "port": traversal_port(settings), "transport": "TLS",
            "username": username(settings), "password": settings.get("traversal_password"), "tls_verify": "On", "media": "Auto"}))
    return zones


def zones_of_e(settings, subject):
    """[Zone] of Expressway-E. subject: the cluster name of Expressway-C, as its certificates carry it, or None where the inventory does not tell."""
    zones = []
    if settings.get("traversal_zone"):
        zones.append(Zone("traversal_server", settings["traversal_zone"], {
            "sip_mode": "On", "port": traversal_port(settings), "transport": "TLS", "username": username(settings),
            "subject": settings.get("traversal_subject") or subject, "tls_verify": "On", "media": "BestEffort"}))
    if settings.get("dns_zone"):
        zones.append(Zone("dns", settings["dns_zone"], {"sip_mode": "On", "tls_verify": "Off", "media": "BestEffort"}))
    return zones


def neighbor_port(settings):
    """Port on which Expressway-C calls Unified CM."""
    return int(settings.get("neighbor_port") or NEIGHBOR_PORT)


def traversal_port(settings):
    """Port of the traversal zone, on both ends."""
    return int(settings.get("traversal_port") or TRAVERSAL_PORT)


def username(settings):
    """What Expressway-C logs in as in the traversal zone."""
    return settings.get("username") or USERNAME


def problems(zones, mra):
    """[sentence] on what is wrong with the zones of one box before it is even asked. mra: whether mobile and remote access is on the same Expressways."""
    found = []
    for zone in zones:
        found += [text for check in (_name, _port, _peers, _subject, _secret) for text in check(zone, mra)]
    return found


def _name(zone, mra):
    if len(zone.name) > NAME_LENGTH:
        yield "the name of %s '%s' is longer than the %d characters that a zone's name may have" % (zone.type.label, zone.name, NAME_LENGTH)


def _port(zone, mra):
    port = zone.settings.get("port")
    if port is None:
        return
    if port not in PORTS:
        yield "port %d of %s '%s' is outside %d to %d" % (port, zone.type.label, zone.name, PORTS[0], PORTS[-1])
    if zone.kind == "neighbor" and mra and port == 5061:
        yield ("port 5061 of %s '%s' is that of mobile and remote access on the same Expressways: set neighbor_port to another one, for example %d, and the "
               "incoming port of Unified CM's trunk with it" % (zone.type.label, zone.name, NEIGHBOR_PORT))
    if zone.kind.startswith("traversal") and port in SIP_PORTS:
        yield ("port %d of %s '%s' is a port of SIP itself: set traversal_port to another one, for example %d"
               % (port, zone.type.label, zone.name, TRAVERSAL_PORT))


def _peers(zone, mra):
    peers = zone.settings.get("peers")
    if peers is None:
        return
    if not 1 <= len(peers) <= PEERS:
        yield ("%s '%s' has to have 1 to %d peers and would have %d (%s): set %s"
               % (zone.type.label, zone.name, PEERS, len(peers), ", ".join(peers) or "none", _peers_option(zone)))
    for peer in peers:
        if is_address(peer):
            yield ("peer %s of %s '%s' is an address: with TLS verify a peer has to be given by the name in its certificate (%s)"
                   % (peer, zone.type.label, zone.name, _peers_option(zone)))
        elif "." not in str(peer):
            yield "peer %s of %s '%s' is no fully qualified name (%s)" % (peer, zone.type.label, zone.name, _peers_option(zone))


def _peers_option(zone):
    return "neighbor_peers" if zone.kind == "neighbor" else "traversal_peers"


def _subject(zone, mra):
    if "subject" not in zone.settings:
        return
    subject = zone.settings["subject"]
    if not subject:
        yield ("no name is known that the certificate of Expressway-C has to carry in %s '%s': no Expressway-C in the inventory has this cluster as its "
               "collab_edge_cluster, or more than one has: set traversal_subject" % (zone.type.label, zone.name))
    elif len(subject) > SUBJECT_LENGTH or is_address(subject) or "*" in subject:
        yield "traversal_subject %r of %s '%s' is no name of at most %d characters" % (subject, zone.type.label, zone.name, SUBJECT_LENGTH)


def _secret(zone, mra):
    if "password" in zone.settings and not zone.settings["password"]:
        yield "no password for %s '%s': set collab_traversal_password" % (zone.type.label, zone.name)
    elif len(zone.settings.get("password") or "") > SUBJECT_LENGTH:
        yield "the password for %s '%s' is longer than %d characters" % (zone.type.label, zone.name, SUBJECT_LENGTH)
