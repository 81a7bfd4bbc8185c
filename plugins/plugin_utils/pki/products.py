# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs by product in the work with certificates, as tables: steps of the guide, certificates, ports that serve them."""

from __future__ import annotations

from dataclasses import dataclass

from . import restarts
from .facts import CLIENT_AUTH
from .facts import SERVER_AUTH
from .holdings import key

UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION, MEETING_SERVER = "unified_cm", "im_presence", "unity_connection", "meeting_server"
PRIME_DEPLOYMENT, PRIME_PROVISIONING, MEETING_MANAGEMENT, TMS = "prime_deployment", "prime_provisioning", "meeting_management", "tms"
EXPRESSWAY_C, EXPRESSWAY_E, IOS = "expressway_c", "expressway_e", "ios"

# What is done with a store, certificate or service -> its step in the guide.
STEPS = {
    UNIFIED_CM: {
        "trust": {"tomcat": "trust-ucm-tomcat", "callmanager": "trust-ucm-callmanager", "capf": "onlineca-trust-capf"},
        "request": {"tomcat": "csr-tomcat", "callmanager": "csr-callmanager", "ipsec": "csr-single-node", "capf": "usage-capf"},
        "upload": {"tomcat": "upload-tomcat", "callmanager": "upload-callmanager", "ipsec": "csr-single-node", "capf": "usage-capf"},
        "served": {"tomcat": "restart-tomcat", "callmanager": "restart-callmanager-group"},
        "restart": {restarts.TOMCAT: "restart-tomcat", restarts.CAPF: "onlineca-restart-capf", restarts.ILS: "mc-ils-tls", restarts.LBM: "mc-lbm-secure",
                    None: "restart-callmanager-group"},
    },
    IM_PRESENCE: {
        "trust": {"tomcat": "trust-imp-tomcat", "cup-xmpp": "trust-imp-cup-xmpp"},
        "request": {"cup-xmpp": "csr-cup-xmpp", "cup-xmpp-s2s": "csr-cup-xmpp-s2s", "ipsec": "csr-single-node"},
        "upload": {"cup-xmpp": "upload-cup-xmpp", "cup-xmpp-s2s": "upload-cup-xmpp-s2s", "ipsec": "csr-single-node"},
        "served": {"tomcat": "restart-tomcat", "cup-xmpp": "restart-xmpp", "cup-xmpp-s2s": "restart-xmpp"},
        "restart": {restarts.TOMCAT: "restart-tomcat", None: "restart-xmpp"},
    },
    UNITY_CONNECTION: {
        "trust": {"tomcat": "cuc-trust-tomcat", "callmanager": "cuc-trust-callmanager"},
        "request": {"tomcat": "cuc-csr"},
        "upload": {"tomcat": "cuc-upload"},
        "served": {"tomcat": "cuc-restart-tomcat"},
        "restart": {restarts.TOMCAT: "cuc-restart-tomcat", None: "cuc-portgroup-nge"},
    },
    EXPRESSWAY_C: {"sign": {None: "expc-sign"}, "served": {None: "exp-upload"}},
    EXPRESSWAY_E: {"sign": {None: "expe-sign"}, "served": {None: "exp-upload"}},
    MEETING_SERVER: {"served": {"webadmin": "cms-webadmin", "callbridge": "cms-callbridge", "xmpp": "cms-xmpp", "webbridge": "cms-webbridge-certs",
                                "webbridge3": "cms-webbridge-certs"}},
    PRIME_DEPLOYMENT: {"trust": {"tomcat": "pcd-trust"}, "request": {"tomcat": "pcd-csr"}, "upload": {"tomcat": "pcd-import"},
                       "served": {"tomcat": "pcd-restart"}},
}
# Identity certificates of each product, as its own lists spell them.
UNITS = {
    UNIFIED_CM: ("tomcat", "tomcat-ECDSA", "CallManager", "CallManager-ECDSA", "CAPF"),
    IM_PRESENCE: ("tomcat", "tomcat-ECDSA", "cup-xmpp", "cup-xmpp-ECDSA", "cup-xmpp-s2s", "cup-xmpp-s2s-ECDSA"),
    UNITY_CONNECTION: ("tomcat", "tomcat-ECDSA"),
}


# Table 7-10: extended key usages that a service's certificate must have; that of any other service is compared with its request only.
USES = {"tomcat": {SERVER_AUTH, CLIENT_AUTH}, "callmanager": {SERVER_AUTH, CLIENT_AUTH}, "cup-xmpp": {SERVER_AUTH, CLIENT_AUTH},
        "cup-xmpp-s2s": {SERVER_AUTH, CLIENT_AUTH}, "capf": {SERVER_AUTH}}


@dataclass(frozen=True)
class Listener:
    """A port on which a service shows a certificate. port: None for the web port, which the inventory names; starttls: how TLS begins there."""

    service: str
    port: int | None
    unit: str
    purpose: str
    starttls: str | None = None

    def on(self, node):
        """The port of a node."""
        return self.port or node.ports["https"] or 8443


HTTPS = Listener(restarts.TOMCAT, None, "tomcat", "HTTPS")
LISTENERS = {
    UNIFIED_CM: (HTTPS, Listener(restarts.CALLMANAGER, 5061, "CallManager", "SIP TLS")),
    IM_PRESENCE: (HTTPS, Listener(restarts.XCP_ROUTER, 5222, "cup-xmpp", "XMPP clients", "xmpp-client"),
                  Listener(restarts.XCP_FEDERATION, 5269, "cup-xmpp-s2s", "XMPP federation", "xmpp-server")),
    UNITY_CONNECTION: (HTTPS, Listener(restarts.CONVERSATION_MANAGER, 5061, "tomcat", "SIP TLS")),
}


# Services of Unified CM that ask an OCSP responder in earnest only after they have started anew: its page names them when it is saved.
OCSP_CLIENTS = (restarts.TOMCAT, restarts.CALLMANAGER, restarts.ILS, restarts.LBM)


def product_of(node):
    """The product of a node, by its inventory."""
    return str(node.variables.get("collab_product") or UNIFIED_CM)


def of(table, node):
    """The entry of one of the tables above for a node's product; Unified CM's for a product that is not in it."""
    return table.get(product_of(node), table[UNIFIED_CM])


def step(node, kind, name):
    """The step of the guide that is about `name` on a node's product, or None. kind: a word of STEPS."""
    rows = STEPS.get(product_of(node), {}).get(kind, {})
    return rows.get(name if kind == "restart" else key(name), rows.get(None))


def store_of(service):
    """Key of the trust store that a service's chain has to be in: RSA and ECDSA share one, and both XMPP certificates do (Table 7-8; vos.md 1.6)."""
    unit = key(service).removesuffix("-ecdsa")
    return "cup-xmpp" if unit == "cup-xmpp-s2s" else unit


def carriers(action, service):
    """{name: Node} of the nodes that carry a service's multi-server certificate, requested and uploaded on the publisher (Tables 7-6 and 7-9).

    That of tomcat on a Unified CM cluster is shared by its IM and Presence nodes.
    """
    if key(service) == "tomcat" and product_of(action.publisher) == UNIFIED_CM:
        return action.nodes | action.presence_nodes
    return dict(action.nodes)
