# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends of connections: who proves what to whom, with the words, steps and changes that belong to each product."""
from __future__ import annotations

from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from ..pki.products import IM_PRESENCE
from ..pki.products import MEETING_MANAGEMENT
from ..pki.products import MEETING_SERVER
from ..pki.products import PRIME_DEPLOYMENT
from ..pki.products import PRIME_PROVISIONING
from ..pki.products import STEPS
from ..pki.products import TMS
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from .connection import Connection
from .needs import Mend
from .needs import Names
from .needs import Proof
from .needs import by

ROUTER = "ios"
VOS = (UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION)
EXPRESSWAYS = (EXPRESSWAY_C, EXPRESSWAY_E)
BY_HAND = (PRIME_PROVISIONING, MEETING_MANAGEMENT, TMS)         # management servers to which a person takes the certificate
STORE_WORDS = {"tomcat": "tomcat-trust", "callmanager": "CallManager-trust", "cup-xmpp": "cup-xmpp-trust", "trusted": "the list of trusted CAs",
               "trustpoints": "the trustpoints", "c2w": "the trusted certificates of connections to Web Bridge",
               "call-bridges": "the Call Bridges that Web Bridge trusts",
               "database": "the CA file of the database"}
UNIT_WORDS = {"callmanager": "CallManager"}
WITH_CAS = " brings the certificates of collab_ca_file there"
EXPRESSWAY_TRUST = (by("expressway_certificates", "certificates", "expressway_trust_store")
                    .also(" brings the certificates of collab_ca_file and collab_public_ca_file there"))
OWN = {**dict.fromkeys(VOS, (by("certificates", "certificates", "identity_certificate", what="a new certificate of the enterprise CA")
                             .also(", and the restart that it owes (tag restarts)"), None)),
       PRIME_DEPLOYMENT: (by("management_servers", "certificates", "identity_certificate", what="a new certificate"), "pcd-import"),
       **dict.fromkeys(BY_HAND, (by("management_servers", "certificates", "management_certificate", what="a new certificate")
                                 .also(", and what it leaves to a person"), None)),
       EXPRESSWAY_C: (by("expressway_certificates", "certificates", "expressway_certificate", what="a new server certificate"), "expc-sign"),
       EXPRESSWAY_E: (by("expressway_certificates", "certificates", "expressway_certificate", what="a new server certificate of the public CA"),
                      "expe-sign"),
       ROUTER: (by("ios_certificates", "certificates", "ios_certificate", what="a new certificate"), "ios-import"),
       MEETING_SERVER: (by("meeting_server", "certificates", "meeting_server_certificate", what="a new certificate for all services"), "cms-sign-shared")}
TRUST = {**dict.fromkeys(VOS, (by("certificates", "certificates", "trust_store").also(WITH_CAS), None)),
         EXPRESSWAY_C: (EXPRESSWAY_TRUST, "expc-trust-enterprise"),
         EXPRESSWAY_E: (EXPRESSWAY_TRUST, "expe-trust-enterprise"),
         ROUTER: (by("ios_certificates", "certificates", "ios_trust").also(WITH_CAS), "ios-authenticate"),
         MEETING_SERVER: (by("meeting_server", "certificates", "meeting_server_certificate").also(" sets it"), "cms-webbridge-trust")}
NOTHING = (Mend("what is no node of the inventory has to be put right where it is"), None)


def proof(estate, holder, unit, verifier, store, client=False, names=None):
    """The Proof of one node's certificate to another node."""
    own, trust = OWN.get(holder.product, NOTHING), TRUST.get(verifier.product, NOTHING)
    steps = STEPS.get(holder.product, {})
    return Proof(holder.name, UNIT_WORDS.get(unit, unit), holder.shown.get(unit), verifier.name, STORE_WORDS.get(store, store), verifier.pool(store),
                 known(estate, verifier, holder), client, verifier.product == ROUTER, names, own[1] or steps.get("upload", {}).get(unit),
                 own[0].at(holder),
                 trust[1] or STEPS.get(verifier.product, {}).get("trust", {}).get(store), trust[0].at(verifier))


def to_outside(estate, holder, unit, verifier, names=None, pool=None, store="collab_ca_file"):
    """The Proof of a node's certificate to somebody who is no node of ours (phones, browsers), who trusts `pool` (None: not judged)."""
    own = OWN.get(holder.product, NOTHING)
    return Proof(holder.name, UNIT_WORDS.get(unit, unit), holder.shown.get(unit), verifier, store, pool, known(estate, holder), names=names,
                 own_step=own[1] or STEPS.get(holder.product, {}).get("upload", {}).get(unit), own_mend=own[0].at(holder),
                 trust_mend=Mend("a certificate by that CA, or the CA in %s" % store).at(holder))


def from_outside(estate, host, port, verifier, store, names=None):
    """The Proof of a server that is no node of ours to a node."""
    trust = TRUST.get(verifier.product, NOTHING)
    return Proof(host, "server", estate.outside.get((host.lower(), port)), verifier.name, STORE_WORDS.get(store, store), verifier.pool(store),
                 known(estate, verifier), names=names, own_mend=Mend("a certificate of the CA for %s" % host).at(verifier), trust_step="ldap-trust",
                 trust_mend=trust[0].at(verifier))


def known(estate, *nodes):
    """The CA certificates that the operators of these nodes name."""
    return tuple(one for node in nodes for one in estate.clusters[node.cluster].cas)


def own_name(node, setting="the name that it is called by"):
    """A client looks for the node's own full name."""
    return Names((node.fqdn.lower(),), setting, OWN.get(node.product, NOTHING)[0].at(node))


def between(client, server, port, protocol, purpose, needs, mutual=False, step=None):
    """A Connection between two nodes."""
    return Connection(client.name, server.name, client.name, server.name, port, protocol, mutual, purpose, tuple(needs), step, unread(client, server))


def to_node(client, server, port, protocol, purpose, needs, mutual=False, step=None):
    """A Connection of somebody outside to a node."""
    return Connection(client, server.name, None, server.name, port, protocol, mutual, purpose, tuple(needs), step, unread(server))


def unread(*nodes):
    """Why a connection of these nodes cannot be judged, or ""."""
    return "; ".join("%s could not be read: %s" % (node.name, node.unread) for node in nodes if node.unread)
