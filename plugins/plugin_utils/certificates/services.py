# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about each certificate in one place: steps of the guide, uses, nodes that carry it."""

from __future__ import annotations

from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.holdings import key

REQUEST_STEPS = {"tomcat": "csr-tomcat", "callmanager": "csr-callmanager", "cup-xmpp": "csr-cup-xmpp", "cup-xmpp-s2s": "csr-cup-xmpp-s2s"}
UPLOAD_STEPS = {"tomcat": "upload-tomcat", "callmanager": "upload-callmanager", "cup-xmpp": "upload-cup-xmpp", "cup-xmpp-s2s": "upload-cup-xmpp-s2s"}
# Table 7-10: these authenticate as server and as client; a certificate of any other service is compared with its request only.
BOTH_WAYS = ("tomcat", "callmanager", "cup-xmpp", "cup-xmpp-s2s")
# Multi-server certificates of one product of the cluster; tomcat's is shared by all of its nodes (Table 7-6).
PRODUCTS = {"callmanager": "unified_cm", "cup-xmpp": "im_presence", "cup-xmpp-s2s": "im_presence"}


def uses(service):
    """Extended key usages (OIDs) that the certificate of a service must have."""
    return {SERVER_AUTH, CLIENT_AUTH} if key(service) in BOTH_WAYS else set()


def carriers(nodes, service):
    """The nodes (dict by name) that carry a service's multi-server certificate."""
    product = PRODUCTS.get(key(service))
    return {name: node for name, node in nodes.items() if product is None or (node.variables.get("collab_product") or product) == product}
