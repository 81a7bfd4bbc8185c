# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones of an Expressway as tables: the fields that we set, what REST and the command line call them. Pure data.

Sources: expressway.md 2.2 (paths, values, defaults), 1.3 (REST resources), 1.4: the REST keys for transport, TLS verify, media encryption and subject
name are not published. So the box's own RAML decides: a key counts only where it is one of the spellings below and may hold the value that is wanted.
"""
from __future__ import annotations

from dataclasses import dataclass

NAME_LENGTH, SUBJECT_LENGTH, PEERS = 50, 128, 6
PORTS = range(1024, 65535)


@dataclass(frozen=True)
class Field:
    """One setting of a zone: label for messages, keys (spellings in REST, in lower case), cli (path below the zone and its type's word)."""

    label: str
    keys: tuple
    cli: str
    secret: bool = False


FIELDS = {
    "sip_mode": Field("SIP mode", ("sipmode",), "SIP Mode"),
    "peers": Field("peer addresses", ("peeraddress", "peeraddresses"), "Peer"),
    "port": Field("port", ("sipport", "port"), "SIP Port"),
    "transport": Field("transport", ("siptransport", "transport"), "SIP Transport"),
    "username": Field("user name", ("authenticationusername",), "Authentication UserName"),
    "password": Field("password", ("authenticationpassword",), "Authentication Password", secret=True),
    # The subject name stands before TLS verify: the box refuses TLS verify without one.
    "subject": Field("TLS verify subject name", ("siptlsverifysubjectname", "tlsverifysubjectname"), "SIP TLS Verify Subject Name"),
    "tls_verify": Field("TLS verify mode", ("siptlsverifymode", "tlsverifymode", "siptlsverify", "tlsverify"), "SIP TLS Verify Mode"),
    "media": Field("media encryption mode", ("sipmediaencryptionmode", "mediaencryptionmode", "sipmediaencryption", "mediaencryption"),
                   "SIP Media Encryption Mode"),
}
OF_EVERY_TYPE = ("sip_mode",)        # its path has no word of the type


@dataclass(frozen=True)
class ZoneType:
    """One type of zone: label, REST resource, the command line's word, the guide's table, and its fields {field: (step of the guide, severity)}."""

    label: str
    path: str
    word: str
    table: str
    fields: dict


TYPES = {
    "neighbor": ZoneType("neighbor zone", "/common/zone/neighborzone", "Neighbor", "7-18", {
        "sip_mode": ("b2b-neighbor-tls", "medium"), "peers": ("b2b-neighbor-tls", "high"), "port": ("b2b-neighbor-port", "high"),
        "transport": ("b2b-neighbor-tls", "high"), "tls_verify": ("b2b-neighbor-tls", "high"), "media": ("b2b-neighbor-media", "high")}),
    "traversal_client": ZoneType("traversal client zone", "/controller/zone/traversalclient", "TraversalClient", "7-19", {
        "sip_mode": ("b2b-traversal-c-tls", "medium"), "peers": ("b2b-traversal-c-tls", "high"), "port": ("b2b-traversal-c-port", "high"),
        "transport": ("b2b-traversal-c-tls", "high"), "username": ("b2b-traversal-c-tls", "medium"), "password": ("b2b-traversal-c-tls", "medium"),
        "tls_verify": ("b2b-traversal-c-tls", "high"), "media": ("b2b-traversal-c-media", "high")}),
    "traversal_server": ZoneType("traversal server zone", "/edge/zone/traversalserver", "TraversalServer", "7-20", {
        "sip_mode": ("b2b-traversal-e-tls", "medium"), "port": ("b2b-traversal-e-port", "high"), "transport": ("b2b-traversal-e-tls", "high"),
        "username": ("b2b-traversal-e-tls", "medium"), "subject": ("b2b-traversal-e-subject", "high"), "tls_verify": ("b2b-traversal-e-tls", "high"),
        "media": ("b2b-traversal-e-media", "high")}),
    "dns": ZoneType("DNS zone", "/common/zone/dnszone", "DNS", "7-22", {
        "sip_mode": ("b2b-dns-media", "medium"), "tls_verify": ("b2b-dns-verify", "medium"), "media": ("b2b-dns-media", "high")}),
}

#: Where REST lists the traversal zones of Unified Communications (the command line shows them as traversal zones): their ports are taken, too.
UNIFIED_COMMUNICATIONS = {"expressway_c": "/controller/zone/unifiedcommunicationstraversal", "expressway_e": "/edge/zone/unifiedcommunicationstraversal"}


@dataclass(frozen=True)
class Zone:
    """A zone as it has to be. settings: {field: value}, On/Off and the like as on the command line, port an int, peers a list."""

    kind: str
    name: str
    settings: dict

    @property
    def type(self):
        """Its ZoneType."""
        return TYPES[self.kind]
