# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the estate for its trust graph: each node once, all at a time. Nothing here writes."""
from __future__ import annotations

from ansible.errors import AnsibleError

from ..certificates import reading
from ..errors import NodeError
from ..meeting_server.services import Unread
from ..pki import chain as chains
from ..pki.pem import PemError
from ..pki.pem import read_certificates
from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from ..pki.products import IM_PRESENCE
from ..pki.products import MEETING_SERVER
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..pki.products import product_of
from ..unity_connection.reading import Incomplete
from . import reading_edge
from . import reading_routers
from . import reading_servers
from . import reading_vos
from .facts import ClusterFacts
from .facts import Estate
from .facts import NodeFacts

NODES = {UNIFIED_CM: reading_vos.node, IM_PRESENCE: reading_vos.node, UNITY_CONNECTION: reading_vos.node, EXPRESSWAY_C: reading_edge.node,
         EXPRESSWAY_E: reading_edge.node, MEETING_SERVER: reading_servers.meeting_server, "ios": reading_routers.node}
CLUSTERS = {UNIFIED_CM: reading_vos.unified_cm, UNITY_CONNECTION: reading_vos.unity_connection, EXPRESSWAY_C: reading_edge.clusters,
            MEETING_SERVER: reading_servers.calls}

UNREAD = (NodeError, AnsibleError, Incomplete, Unread)      # what a node that cannot be judged may answer


def read(action):
    """The Estate of the whole inventory. A node that does not answer is part of it, and says why."""
    views, estate = views_of(action), Estate(reading.now())
    for name, view in views.items():
        estate.clusters[name] = cluster_facts(view, name)
        for node in view.nodes.values():
            estate.nodes[node.name] = NodeFacts(node.name, name, product_of(node), str(node.fqdn), str(node.host), tuple(node.roles),
                                                node.ports["https"] or 8443)
    everything = [node for view in views.values() for node in view.nodes.values()]
    view_of = {node.name: view for view in views.values() for node in view.nodes.values()}
    action.each(everything, lambda node: read_node(estate, view_of[node.name], node))
    action.each([next(iter(view.nodes.values())) for view in views.values()], lambda node: read_cluster(estate, view_of[node.name]))
    return estate


def views_of(action):
    """{cluster: the action as seen from one of its publishers} of the whole inventory."""
    found = {}
    for name in action.task_vars["groups"].get("publishers", ()):
        view = action.seen_from(str(name))
        view.__dict__.pop("node", None)
        found.setdefault(view.cluster, view)
    return found


def cluster_facts(view, name):
    """A cluster with what its variables say."""
    variables = view.node.variables
    return ClusterFacts(name, product_of(view.node), list(view.nodes), view.where, str(variables.get("collab_cm_cluster") or ""),
                        str(variables.get("collab_edge_cluster") or ""), tuple(cas_of(view, "ca_file") + cas_of(view, "public_ca_file")))


def cas_of(view, option):
    """The CA certificates of a file that the operator names, roots first; [] without one."""
    path = view.node.option(option) or view.var("collab_" + option)      # the connection of web servers has no such option
    if not path:
        return []
    try:
        with open(path, encoding="utf-8") as file:
            return chains.order(read_certificates(file.read(), "collab_%s of %s" % (option, view.cluster)))
    except (OSError, UnicodeDecodeError, PemError) as e:
        raise AnsibleError("collab_%s of %s (%s) cannot be used: %s" % (option, view.cluster, path, e)) from None


def read_node(estate, view, node):
    """What a node holds, into the estate."""
    facts = estate.nodes[node.name]
    try:
        NODES.get(facts.product, reading_servers.web_server)(facts, view, node, {name: cas_of(view, name) for name in ("ca_file", "public_ca_file")})
    except UNREAD as e:
        facts.unread = str(e)


def read_cluster(estate, view):
    """What a cluster says as a whole, into the estate."""
    cluster = estate.clusters[view.cluster]
    if cluster.product not in CLUSTERS or any(estate.nodes[name].unread for name in cluster.nodes):
        return
    try:
        CLUSTERS[cluster.product](estate, cluster, view)
    except UNREAD as e:
        for name in cluster.nodes:
            estate.nodes[name].unread = str(e)
