# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estate as it will be when site.yml has run: what it brings, by what variables and inventory say. Pure data in, pure data out."""
from __future__ import annotations

from dataclasses import replace

from ..pki import chain as chains
from ..pki.pem import fingerprint
from .facts import Shown


def planned(estate):
    """A new Estate; the one given stays as it is."""
    nodes = {name: node_after(node, estate.now) for name, node in estate.nodes.items()}
    clusters = {name: replace(cluster, says={**cluster.says, **cluster.wanted}) for name, cluster in estate.clusters.items()}
    for node in nodes.values():
        node.says = {**node.says, **node.says.get("wanted", {})}
    return replace(estate, nodes=nodes, clusters=clusters)


def node_after(node, now):
    """A node with the certificates and trust that a run brings."""
    stores = {store: tuple(chains.unique([*held, *node.brings.get(store, ())])) for store, held in node.stores.items()}
    shows = {unit: after(one, node.comes.get(unit), node, now) for unit, one in node.shown.items()}
    return replace(node, stores=stores, shown=shows, says=dict(node.says))


def after(now_shown, wanted, node, now):
    """What an end shows afterwards: as now where that is as wanted, else one that is still to be made."""
    if wanted is None or not wanted.cas or now_shown is not None and right(now_shown, wanted, now):
        return now_shown
    return Shown("%s, by the enterprise CA" % node.fqdn, wanted.names, wanted.uses, None, wanted.cas[-1])


def right(held, wanted, now):
    """Whether a run leaves a certificate in place."""
    if held.leaf is None or now > held.until or chains.is_self_signed(held.leaf):
        return False
    above, complete = chains.build(held.leaf, wanted.cas)
    cas = {fingerprint(one) for one in wanted.cas}
    return (complete and all(fingerprint(one) in cas for one in above[1:]) and all(held.carries(name) for name in wanted.names)
            and (held.uses is None or wanted.uses <= held.uses))
