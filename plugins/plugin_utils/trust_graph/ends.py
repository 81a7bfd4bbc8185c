# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends of connections: who proves what to whom, with the words, steps and changes that belong to each product."""
from __future__ import annotations

from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from ..pki.products import IM_PRESENCE
from ..pki.products import MEETING_SERVER
from ..pki.products import STEPS
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from .connection import Connection
from .needs import Names
from .needs import Proof

ROUTER = "ios"
VOS = (UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION)
EXPRESSWAYS = (EXPRESSWAY_C, EXPRESSWAY_E)
STORE_WORDS = {"tomcat": "tomcat-trust", "callmanager": "CallManager-trust", "cup-xmpp": "cup-xmpp-trust", "trusted": "the list of trusted CAs",
               "trustpoints": "the trustpoints", "c2w": "the trusted certificates of connections to Web Bridge",
               "call-bridges": "the Call Bridges that Web Bridge trusts",
               "database": "the CA file of the database"}
UNIT_WORDS = {"callmanager": "CallManager"}
OWN = {**dict.fromkeys(VOS, ("a new certificate of the enterprise CA: module identity_certificate of role certificates (tag certificates), and the restart "
                             "that it owes (tag restarts)", None)),
       EXPRESSWAY_C: ("a new server certificate: module expressway_certificate of role expressway_certificates (tag certificates)", "expc-sign"),
       EXPRESSWAY_E: ("a new server certificate of the public CA: module expressway_certificate of role expressway_certificates (tag certificates)",
                      "expe-sign"),
       ROUTER: ("a new certificate: module ios_certificate of role ios_certificates (tag certificates)", "ios-import"),
       MEETING_SERVER: ("a new certificate for all services: module meeting_server_certificate of role meeting_server (tag certificates)", "cms-sign-shared")}
TRUST = {**dict.fromkeys(VOS, ("module trust_store of role certificates (tag certificates) brings the certificates of collab_ca_file there", None)),
         EXPRESSWAY_C: ("module expressway_trust_store of role expressway_certificates (tag certificates) brings the certificates of collab_ca_file and "
                        "collab_public_ca_file there", "expc-trust-enterprise"),
         EXPRESSWAY_E: ("module expressway_trust_store of role expressway_certificates (tag certificates) brings the certificates of collab_ca_file and "
                        "collab_public_ca_file there", "expe-trust-enterprise"),
         ROUTER: ("module ios_trust of role ios_certificates (tag certificates) brings the certificates of collab_ca_file there", "ios-authenticate"),
         MEETING_SERVER: ("module meeting_server_certificate of role meeting_server (tag certificates) sets it", "cms-webbridge-trust")}
NOTHING = ("what is no node of the inventory has to be put right where it is", None)


def proof(estate, holder, unit, verifier, store, client=False, names=None):
    """The Proof of one node's certificate to another node."""
    own, trust = OWN.get(holder.product, NOTHING), TRUST.get(verifier.product, NOTHING)
    steps = STEPS.get(holder.product, {})
    return Proof(holder.name, UNIT_WORDS.get(unit, unit), holder.shown.get(unit), verifier.name, STORE_WORDS.get(store, store), verifier.pool(store),
                 known(estate, verifier, holder), client, verifier.product == ROUTER, names, own[1] or steps.get("upload", {}).get(unit), own[0],
                 trust[1] or STEPS.get(verifier.product, {}).get("trust", {}).get(store), trust[0])


def to_outside(estate, holder, unit, verifier, names=None, pool=None, store="collab_ca_file"):
    """The Proof of a node's certificate to somebody who is no node of ours (phones, browsers), who trusts `pool` (None: not judged)."""
    own = OWN.get(holder.product, NOTHING)
    return Proof(holder.name, UNIT_WORDS.get(unit, unit), holder.shown.get(unit), verifier, store, pool, known(estate, holder), names=names,
                 own_step=own[1] or STEPS.get(holder.product, {}).get("upload", {}).get(unit), own_mend=own[0],
                 trust_mend="a certificate by that CA, or the CA in %s" % store)


def from_outside(estate, host, port, verifier, store, names=None):
    """The Proof of a server that is no node of ours to a node."""
    trust = TRUST.get(verifier.product, NOTHING)
    return Proof(host, "server", estate.outside.get((host.lower(), port)), verifier.name, STORE_WORDS.get(store, store), verifier.pool(store),
                 known(estate, verifier), names=names, own_mend="a certificate of the CA for %s" % host, trust_step="ldap-trust", trust_mend=trust[0])


def known(estate, *nodes):
    """The CA certificates that the operators of these nodes name."""
    return tuple(one for node in nodes for one in estate.clusters[node.cluster].cas)


def own_name(node, setting="the name that it is called by"):
    """A client looks for the node's own full name."""
    return Names((node.fqdn.lower(),), setting, OWN.get(node.product, NOTHING)[0])


def between(client, server, port, protocol, purpose, needs, mutual=False, step=None):
    """A Connection between two nodes."""
    return Connection(client.name, server.name, client.name, server.name, port, protocol, mutual, purpose, tuple(needs), step, unread(client, server))


def to_node(client, server, port, protocol, purpose, needs, mutual=False, step=None):
    """A Connection of somebody outside to a node."""
    return Connection(client, server.name, None, server.name, port, protocol, mutual, purpose, tuple(needs), step, unread(server))


def unread(*nodes):
    """Why a connection of these nodes cannot be judged, or ""."""
    return "; ".join("%s could not be read: %s" % (node.name, node.unread) for node in nodes if node.unread)
