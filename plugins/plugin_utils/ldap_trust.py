# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tomcat-trust needs so that Unified CM trusts its LDAP servers: their CA; with OCSP also the certificates that they serve themselves."""
from __future__ import annotations

from .anchors import STORE
from .anchors import ca_certificates
from .certificates.trust import TrustStores
from .ldap_servers import Prover
from .ldap_servers import by_host
from .ldap_servers import plan
from .ldap_servers import read_agreements
from .pki.chain import is_self_signed
from .pki.facts import is_ca
from .pki.pem import to_pem
from .pki.restarts import TOMCAT

CA_VARIABLE = "collab_ldap_ca_file"


def trust(action, args, check):
    """Brings what is missing into tomcat-trust, by the action's module trust_store would; returns the report."""
    given = ca_certificates(action, args["ca_file"], CA_VARIABLE)
    servers = [one for one in given if not is_ca(one) and is_self_signed(one)]      # a self-signed server certificate is its own anchor
    if args["ocsp"]:
        servers += _served(action, args, given)
    stores = TrustStores(action, action.var("collab_release"), [STORE], args["timeout"], servers=servers, owes=[TOMCAT], steps={"tomcat": "ldap-trust"})
    return stores.apply([to_pem(one) for one in given if one not in servers], check)


def _served(action, args, anchors):
    """The certificates that the LDAP servers serve, as far as they are proven by the CA; the others are findings, and are not trusted."""
    agreements = read_agreements(action.publisher)
    said, prover, found = by_host(args["servers"], agreements), Prover(action, anchors), []
    for name, servers in agreements.items():
        for proof in plan(name, servers, said, prover).proofs:
            if not proof["proven"]:
                action.report.finding("ldap-server", "high", name, "%s:%d: %s" % (proof["host"], proof["port"], proof["reason"]), step="ldap-trust-ocsp")
            elif proof["certificate"] not in found:
                found.append(proof["certificate"])
    return found
