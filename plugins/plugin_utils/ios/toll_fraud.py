# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Toll fraud on a router: who may call in, and whether it takes registrations. Pure data. Source: ios.md 2; guide, Architecture: Toll Fraud Mitigation."""

from __future__ import annotations

import ipaddress
import re

from .changes import entries
from .changes import setting
from .voice import SIP
from .voice import VOIP
from .voice import BadRouter

LIST = (*VOIP, "ip address trusted list")
AUTHENTICATE, TRUSTED, REGISTRAR = "ios-trusted-authenticate", "ios-trusted-list", "ios-registrar-off"


def plan(root, peers, authoritative, registrar):
    """[Change]. peers: addresses or networks that may call and are no target of a dial-peer; authoritative: entries beyond these have to go;
    registrar: "off", "on" (left as it is), or "auto" (off unless the router is SRST or CME)."""
    known = targets(root)
    want = [peer for peer in (network(p) for p in peers) if not (peer.num_addresses == 1 and str(peer.network_address) in known)]
    changes = [setting(root, VOIP, r"ip address trusted authenticate", "ip address trusted authenticate", "ip address trusted authenticate",
                       message="calls are taken from any address", step=AUTHENTICATE)]
    # A peer that is a target as well may stand in the list all the same: dial-peers that are down vouch for nobody.
    allowed = {network(p) for p in peers}
    stale = [line for line in root.lines(*LIST) if line.startswith("ipv4 ") and same(line) not in allowed] if authoritative else []
    add = entries(root, LIST, r"ipv4 \S+( \S+)?", [written(peer) for peer in want], same, False,
                  message="peers that may call are not on the trusted list: %s" % ", ".join(map(str, want)), step=TRUSTED)
    if stale:
        from_here = entries(root, LIST, r"ipv4 \S+( \S+)?", [line for line in root.lines(*LIST) if line not in stale], same, True,
                            message="the trusted list has addresses that nobody asked for: %s" % ", ".join(line[5:] for line in stale), step=TRUSTED)
        changes.append(from_here)
    changes.append(add)
    if registrar == "off" or (registrar == "auto" and not serves_phones(root)):
        changes.append(setting(root, SIP, r"registrar server( .*)?", None, None, message="the router takes registrations, and is no registrar", step=REGISTRAR,
                               severity="medium"))
    return [change for change in changes if change]


def others(root, peers):
    """Entries of the trusted list beyond these peers."""
    allowed = {network(p) for p in peers}
    return [line[5:] for line in root.lines(*LIST) if line.startswith("ipv4 ") and same(line) not in allowed]


def serves_phones(root):
    """Whether the router is SRST or CME: its phones register with it."""
    return (any(root.under(line) is not None for line in ("call-manager-fallback", "telephony-service"))
            or bool(root.sections(r"voice register (pool|dn) .*")) or bool(root.lines("voice register global")))


def targets(root):
    """Addresses that are trusted because a dial-peer or a server group that one uses names them."""
    found, groups = set(), set()
    for _match, section in root.sections(r"dial-peer voice \d+ voip"):
        for child in section.children:
            address = re.fullmatch(r"session target ipv4:([\d.]+)(?::\d+)?", child.line)
            group = re.fullmatch(r"session server-group (\d+)", child.line)
            found |= {address[1]} if address else set()
            groups |= {group[1]} if group else set()
    for match, section in root.sections(r"voice class server-group (\d+)"):
        if match[1] in groups:
            found |= {entry[1] for child in section.children if (entry := re.match(r"ipv4 ([\d.]+)", child.line))}
    return found


def network(text):
    """A peer as the operator writes it: an address, or a network with its length or mask. Raises BadRouter."""
    try:
        return ipaddress.IPv4Network("/".join(str(text).split()), strict=False)
    except ValueError:
        raise BadRouter("trusted_peers: '%s' is neither an IPv4 address nor a network; nothing was entered" % text) from None


def same(line):
    """What two spellings of an entry have in common: the network."""
    return network(line[5:])


def written(peer):
    """An entry as the router shows it."""
    return "ipv4 %s" % peer.network_address if peer.num_addresses == 1 else "ipv4 %s %s" % (peer.network_address, peer.netmask)
