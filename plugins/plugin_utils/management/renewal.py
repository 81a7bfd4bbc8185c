# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of a management server for a renewal, as it serves it: that counts, whatever was prepared, uploaded or not restarted yet. Reads only."""

from __future__ import annotations

from .. import handshakes
from ..certificates.reading import read_node
from ..certificates.reading import release_of
from ..pki.facts import is_ca
from ..pki.products import PRIME_DEPLOYMENT
from ..pki.products import product_of
from ..renewal import IDENTITY
from ..renewal import TRUST
from ..renewal import certificates_of

SERVER, STORE = "server", "tomcat-trust"


def read(action, authorities):
    """[Certificate] of the server that the task runs for; where it does not answer, that is a finding."""
    node = action.node
    port = node.ports["https"] or 8443
    certificate, held = handshakes.served(node.ask("tls", "probe", address=node.host, port=port, server_name=node.fqdn)), []
    if certificate is None:
        action.report.finding("management-not-reachable", "high", "certificate of %s" % node.name, "%s:%s does not answer by TLS, so nobody knows when its "
                              "certificate ends" % (node.host, port))
    else:
        held.append((node.name, IDENTITY, SERVER, certificate))
    if product_of(node) == PRIME_DEPLOYMENT:
        store = read_node(node, release_of(node), stores=[STORE], known=authorities).trust.get("tomcat", ())
        held += [(node.name, TRUST, STORE, one) for one in store if is_ca(one)]
    return certificates_of(held, authorities)
