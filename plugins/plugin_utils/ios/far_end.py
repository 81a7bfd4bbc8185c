# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A router as the far end of Unified CM's trunk: what it would show to the cluster's nodes.

A router takes TLS only from addresses that sip-ua names, and this machine is none of them: a handshake from here would prove nothing. So a router of the
inventory is asked itself: the trustpoint for each node that processes calls, and the certificate in it, by its bytes.
"""

from __future__ import annotations

import re

from ..certificates import reading
from ..pki import chain as chains
from ..pki import checks
from ..pki.facts import short
from ..pki.pem import read_certificates
from ..pki.pem import to_pem
from . import pki
from .config import parse
from .peers import CALLS
from .peers import address_of
from .router import KEYS
from .router import RUNNING
from .router import points
from .router import show
from .voice import UA
from .voice import covers

GROUP, PRODUCT, PORT = "ios", "ios", 5061


def router_at(action, address):
    """The Node of the inventory's router at an address or name, or None."""
    for name in action.task_vars["groups"].get(GROUP, ()):
        node = action.node_of(str(name))
        if node.variables.get("collab_product") == PRODUCT and str(address).lower() in {str(n).lower() for n in (node.host, node.fqdn, node.name)}:
            return node
    return None


def shown_to(action, router, ca_file):
    """(what a probe from the cluster's nodes would see: {"reachable", "chain": [PEM], "error"}, why its chain does not stand or None)."""
    root = parse(show(router, RUNNING))
    folder = action.workspace / str(router.variables.get("collab_cluster")) if action.workspace else None
    held, keys = points(router, root, folder), pki.key_pairs(show(router, KEYS))
    nodes = [node for node in action.nodes.values() if CALLS in node.roles] or list(action.nodes.values())
    point, error = presented(router.name, root, held, keys, {node.name: address_of(node) for node in nodes})
    if point is None:
        return {"reachable": True, "chain": [], "error": error}, None
    return {"reachable": True, "chain": [to_pem(point.identity)], "error": None}, _wrong(point, ca_file)


def presented(name, root, held, keys, addresses):
    """(the trustpoint whose certificate a router shows to all who come from these addresses, None), or (None, why there is none).

    name: of the router; held: {name: Trustpoint}; keys: {label: public key}; addresses: {who: IPv4 address}.
    """
    found = {who: trustpoint_for(root, address) for who, address in addresses.items()}
    missing = [who for who, point in found.items() if point is None]
    if missing:
        return None, "%s takes no TLS from %s: sip-ua has no trustpoint for it" % (name, ", ".join(missing))
    points_ = {one: held.get(one) for one in sorted(set(found.values()))}
    for one, point in points_.items():
        if point is None or point.identity is None or not pki.belongs(point.identity, keys.get(point.label)):
            return None, "trustpoint %s of %s has no certificate with its key" % (one, name)
    if len(points_) > 1:
        return None, "%s shows different certificates to the nodes: %s" % (name, ", ".join(points_))
    return next(iter(points_.values())), None


def _wrong(point, ca_file):
    with open(ca_file, "rb") as file:
        pool = read_certificates(file.read(), "ca_file (%s)" % ca_file)
    problems = checks.validity(point.identity, reading.now(), point.name)
    if problems:
        return problems[0].what
    if not chains.build(point.identity, pool)[1] or chains.is_self_signed(point.identity):
        return "%s was not issued by a CA of that file" % short(point.identity)
    return None


def trustpoint_for(root, address):
    """The trustpoint that sip-ua uses with an address: of its own line, of a network's, of the default; by way of a TLS profile where the line names one."""
    lines = [line for line in root.lines(*UA) if line.startswith("crypto signaling ")]
    fitting = sorted((line for line in lines if covers(line, address)), key=lambda line: "255.255.255.255" not in line)
    for line in fitting + [line for line in lines if line.startswith("crypto signaling default ")]:
        profile = re.search(r"tls-profile (\d+)", line)
        if profile:
            name = root.value(r"trustpoint (\S+)", "voice class tls-profile %s" % profile[1])
        else:
            name = (re.search(r"trustpoint (\S+)", line) or (None, None))[1]
        if name:
            return name
    return None
