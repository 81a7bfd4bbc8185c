# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unified CM's side of the integration: which trunks dial this Unity Connection cluster, and what it takes to switch them. Reads, and plans.

Before the switch nothing of Unity Connection listens with TLS for SIP. With Next Generation Encryption it will serve its tomcat certificate there, so
its far ends are proven by what the same node serves for HTTPS; that the secure port serves the same is seen between port group and trunk.
"""
from __future__ import annotations

from cryptography import x509

from .. import sip_trunks
from ..asking import axl
from ..resources import sip_trunk as trunks_
from ..resources.sip_trunk import BadTrunks
from ..resources.unity_connection import is_node

PRODUCT = "unity_connection"


def describe(node):
    """A node of the inventory as the tables know it."""
    return {"name": node.name, "fqdn": str(node.fqdn), "host": str(node.host)}


def dialled_by(trunks, nodes):
    """Names of the trunks that have one of the nodes (describe()) among their destinations."""
    return sorted(name for name, trunk in trunks.items() if any(is_node(one["address"], node) for one in trunk["destinations"] for node in nodes))


def left_to_unity(action):
    """(trunks as read) -> names of those that dial a Unity Connection cluster of the inventory whose Unified CM cluster is the action's.

    They are switched together with the port group at their other end (module cuc_port_group), never alone. None where there is no such cluster.
    """
    nodes = [action.node_of(str(name)) for name in action.task_vars["groups"].get(PRODUCT, ())]
    nodes = [describe(node) for node in nodes if node.variables.get("collab_cm_cluster") == action.cluster]
    return (lambda trunks: dialled_by(trunks, nodes)) if nodes else None


class VoiceMailTrunks:
    """The trunks of one Unified CM cluster to one Unity Connection cluster.

    cm: the action as seen from Unified CM's publisher; nodes: the Unity Connection nodes; args: trunks (names, or None to find them), incoming_port,
    suffix, ca_file, port (the secure port).
    """

    def __init__(self, cm, nodes, args):
        self.cm, self.nodes, self.args = cm, nodes, args
        self.names, self.found = [], None

    def survey(self):
        """Read and plan. Raises BadTrunks where a name does not fit."""
        known = trunks_.TRUNK.read_all(axl(self.cm.publisher, trunks_.TRUNK.list_request()))
        if self.args["trunks"]:
            trunks_.check_names(known, [{"name": name} for name in self.args["trunks"]], ())
            self.names = list(self.args["trunks"])
        else:
            self.names = dialled_by(sip_trunks.read_trunks(self.cm.publisher), [describe(node) for node in self.nodes.values()])
        self.plan()

    def plan(self):
        """The same survey by what is there now."""
        if not self.names:
            return
        everything = sip_trunks.read_trunks(self.cm.publisher, self.names)
        specs = [self.spec(name, everything[name]) for name in self.names]
        args = {"trunks": specs, "exclude": [], "ca_file": self.args["ca_file"], "suffix": self.args["suffix"], "require_server_name": False}
        self.found = sip_trunks.survey(self.cm.publisher, args, sip_trunks.presence_hosts(self.cm), prover=self.prove)

    def spec(self, name, trunk):
        """A trunk as the trunk modules take it, every far end with the name of its node. Raises BadTrunks for a far end that is no node of ours."""
        ends, strangers = [], []
        for one in trunk["destinations"]:
            node = self.node_at(one["address"])
            if node is None:
                strangers.append(one["address"])
            else:
                ends.append({"address": one["address"], "port": self.args["port"], "server_name": str(node.fqdn)})
        if strangers or not ends:
            raise BadTrunks("the SIP trunk '%s' dials %s, which is no node of this Unity Connection cluster in the inventory, so it cannot be switched with "
                            "it. Nothing was written: add the node, or name the right trunk." % (name, ", ".join(strangers) or "nothing"))
        return {"name": name, "peer": "unity", "secure_port": self.args["port"], "incoming_port": self.args["incoming_port"], "far_ends": ends}

    def node_at(self, address):
        """The Unity Connection node that a trunk dials by this address or name."""
        return next((node for node in self.nodes.values() if is_node(address, describe(node))), None)

    def prove(self, end):
        """A far end's proof, by what its node serves for HTTPS."""
        node = self.node_at(end["address"])
        proof = sip_trunks.prove(self.cm.publisher, {**end, "address": node.host, "port": node.ports["https"]}, self.args["ca_file"])
        return {**proof, "address": end["address"], "port": end["port"]}


def serves_tomcat(node, port, ca_file):
    """Why a node does not serve its tomcat certificate on a port, by handshakes with both ports; None when it does."""
    def leaf(where):
        return node.ask("tls", "probe", address=node.host, port=where, server_name=str(node.fqdn), ca_file=ca_file, rsa_only=True, seconds=5)

    seen, web = leaf(port), leaf(node.ports["https"])
    if not seen["chain"]:
        return "%s:%d: %s" % (node.name, port, seen.get("error") or "nothing is served")
    if not seen["verified"]:
        return "%s:%d: %s" % (node.name, port, seen.get("error"))
    if web["chain"] and x509.load_pem_x509_certificate(seen["chain"][0].encode()) != x509.load_pem_x509_certificate(web["chain"][0].encode()):
        return "%s:%d serves another certificate than its web server: it is not the tomcat certificate" % (node.name, port)
    return None
