# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading routers for the trust graph: what they show to whom, what they trust, and whom their dial-peers call how."""
from __future__ import annotations

import re

from ..ios import pki
from ..ios import srst
from ..ios.config import parse
from ..ios.far_end import presented
from ..ios.peers import address_of
from ..ios.peers import callers
from ..ios.router import KEYS
from ..ios.router import RUNNING
from ..ios.router import points
from ..ios.router import show
from ..ios.verification import CREDENTIALS
from ..ios.voice import Signaling
from ..ios.voice import dial_peers
from ..ios.voice import transport
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from .facts import Wanted
from .facts import shown

SIP_TLS = 5061


def node(facts, view, host, cas):
    """What one router holds and says."""
    root, keys = parse(show(host, RUNNING)), pki.key_pairs(show(host, KEYS))
    folder = view.workspace / view.cluster if view.workspace else None
    held = points(host, root, folder)
    facts.stores = {"trustpoints": tuple(point.authority for point in held.values() if point.authority is not None)}
    facts.brings = {"trustpoints": tuple(cas["ca_file"])}
    wanted = Wanted((facts.fqdn.lower(),), frozenset({SERVER_AUTH, CLIENT_AUTH}), tuple(cas["ca_file"]))
    cube(facts, view, host, root, held, keys, wanted)
    if "srst" in facts.roles:
        point, _error = presented(facts.name, root, held, keys, {"phones": "0.0.0.0"})
        facts.shown["phones"] = shown(point.identity) if point else None
        service = held.get(root.value(r"trustpoint (\S+)", *srst.CREDENTIALS))
        facts.shown["credentials"] = shown(service.identity) if service else None
        facts.says["credential_port"] = int(root.value(CREDENTIALS, *srst.CREDENTIALS) or srst.PORT)
        facts.comes |= {"phones": wanted, "credentials": wanted}


def cube(facts, view, host, root, held, keys, wanted):
    """What a router shows to each node of its Unified CM cluster, and how its dial-peers call it."""
    cluster = host.variables.get("collab_cm_cluster")
    nodes = callers(view, cluster) if cluster else []
    facts.says |= {"no_trustpoint": {}, "dial_peers": {}, "wanted": {"no_trustpoint": {}, "dial_peers": {}}}
    facts.shown["sip"] = None
    for one in nodes:
        address = address_of(one)
        point, why = presented(facts.name, root, held, keys, {one.name: address})
        if point is not None:
            facts.shown["sip"] = shown(point.identity)
        else:
            facts.says["no_trustpoint"][one.name] = why
        theirs = Signaling(trustpoint=None, addresses=[address], names=[str(name).lower() for name in (one.fqdn, one.name) if name])
        found = [(tag, transport(root, section) == "tcp tls", port_of(section)) for tag, section in dial_peers(root, theirs)]
        facts.says["dial_peers"][one.name] = found
        facts.says["wanted"]["dial_peers"][one.name] = [(tag, True, port if tls else SIP_TLS) for tag, tls, port in found]
    facts.comes["sip"] = wanted


def port_of(section):
    """The port that a dial-peer calls by TLS."""
    for child in section.children:
        named = re.fullmatch(r"session target (?:ipv4|dns):[^:\s]+:(\d+)", child.line)
        if named:
            return int(named[1])
    return SIP_TLS
