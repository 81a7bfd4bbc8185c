# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a router's Unified CM cluster: whether the trunk to the router is over TLS, certificates that nobody signed, who issues LSCs."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates.reading import read_node
from ..certificates.reading import release_of
from ..device_action import publisher_among
from ..pki import chain as chains
from ..sip_trunks import read_profiles
from ..sip_trunks import read_trunks
from .peers import address_of
from .peers import callers
from .peers import members


def trunks_to(action, cluster, router):
    """{trunk: whether it is over TLS} of the SIP trunks of a cluster that lead to this router."""
    publisher = publisher_among(members(action, cluster), cluster)
    here = {str(name).lower() for name in (router.host, router.fqdn, router.name, address_of(router))}
    profiles = read_profiles(publisher)
    found = {}
    for name, trunk in read_trunks(publisher).items():
        if any(str(end["address"]).lower() in here for end in trunk["destinations"]):
            profile = profiles.get(trunk["securityProfileName"], {})
            found[name] = profile.get("securityMode") == "Encrypted" and profile.get("outgoingTransport", "TLS") == "TLS"
    return found


def unsigned(action, cluster, authorities, service="callmanager"):
    """Certificates of the nodes that process calls which no CA of ours signed: read from the nodes by their own authenticated interface."""
    found = []
    for node in callers(action, cluster):
        certificate = read_node(node, release_of(node), services=[service]).identities.get(service)
        if certificate is not None and not chains.build(certificate, authorities)[1] or (certificate is not None and chains.is_self_signed(certificate)):
            found.append(certificate)
    return found


def issuers_of_lscs(action, cluster):
    """CAPF's certificate of a cluster, which signs its phones' LSCs."""
    publisher = publisher_among(members(action, cluster), cluster)
    certificate = read_node(publisher, release_of(publisher), services=["capf"]).identities.get("capf")
    if certificate is None:
        raise AnsibleActionFail("%s shows no CAPF certificate, so the issuer of the phones' LSCs is not known" % publisher.name)
    return [certificate]
