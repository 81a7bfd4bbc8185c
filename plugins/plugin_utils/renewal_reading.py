# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of a cluster with their dates: what its nodes hold, what its phones hold, and the CA certificates of the control node. Reads only."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from pathlib import Path

from ansible.errors import AnsibleActionFail

from .certificates import reading
from .expressway import renewal as expressway
from .ios import renewal as ios
from .management import renewal as management
from .meeting_server import renewal as meeting_server
from .operations import bulk
from .pki.facts import is_ca
from .pki.holdings import key
from .pki.pem import PemError
from .pki.pem import read_certificates
from .pki.products import EXPRESSWAY_C
from .pki.products import EXPRESSWAY_E
from .pki.products import IM_PRESENCE
from .pki.products import IOS
from .pki.products import MEETING_MANAGEMENT
from .pki.products import MEETING_SERVER
from .pki.products import PRIME_DEPLOYMENT
from .pki.products import PRIME_PROVISIONING
from .pki.products import TMS
from .pki.products import UNIFIED_CM
from .pki.products import UNITY_CONNECTION
from .pki.products import product_of
from .renewal import CA
from .renewal import IDENTITY
from .renewal import LSC
from .renewal import TRUST
from .renewal import Certificate
from .renewal import certificate_of
from .renewal import certificates_of

# Identity certificates of each product. The tomcat certificate of IM and Presence is that of its Unified CM cluster.
SERVICES = {
    UNIFIED_CM: ("tomcat", "tomcat-ECDSA", "ipsec", "CallManager", "CallManager-ECDSA", "CAPF", "TVS", "ITLRecovery"),
    IM_PRESENCE: ("tomcat-ECDSA", "ipsec", "cup-xmpp", "cup-xmpp-ECDSA", "cup-xmpp-s2s", "cup-xmpp-s2s-ECDSA"),
    UNITY_CONNECTION: ("tomcat", "tomcat-ECDSA", "ipsec"),
}
# Those that the enterprise CA signs on every cluster, and the stores that its certificates go into (Tables 7-8 and 7-9).
SIGNED = {UNIFIED_CM: ("tomcat", "CallManager"), IM_PRESENCE: ("cup-xmpp", "cup-xmpp-s2s"), UNITY_CONNECTION: ("tomcat",)}
STORES = {UNIFIED_CM: ("tomcat-trust", "CallManager-trust"), IM_PRESENCE: ("tomcat-trust", "cup-xmpp-trust"),
          UNITY_CONNECTION: ("tomcat-trust", "CallManager-trust")}
# Products whose certificates are no services of one platform: (action, CA certificates of the control node) -> [Certificate].
READERS = {EXPRESSWAY_C: expressway.read, EXPRESSWAY_E: expressway.read, IOS: ios.read, MEETING_SERVER: meeting_server.read,
           **dict.fromkeys((MEETING_MANAGEMENT, TMS, PRIME_PROVISIONING, PRIME_DEPLOYMENT), management.read)}
BY_COMMAND = "ITLRecovery"      # the certificate API does not show it (vos.md 1.2)


def read(action, signed, ca_files):
    """[Certificate] of the cluster of an action. signed: keys of services that the roles renew; ca_files: PEM files of the control node."""
    product, files = product_of(action.node), {path: in_file(path) for path in ca_files}
    authorities = [one for found in files.values() for one in found]
    found = READERS[product](action, authorities) if product in READERS else of_nodes(action, product, signed, authorities)
    found += [certificate_of(one, Path(path).name, CA) for path, held in files.items() for one in held]
    return found + lscs(bulk.phones(action.publisher).values()) if product == UNIFIED_CM else found


def of_nodes(action, product, signed, authorities):
    """Identity certificates of all nodes, and CAs in the trust stores of the publisher, from which the others have theirs. One on many nodes is one."""
    presence = action.presence_nodes if product == UNIFIED_CM else {}
    held = action.each(action.nodes | presence, lambda node: reading.read_node(
        node, reading.release_of(node), services=SERVICES[product], stores=STORES[product] if node.name == action.publisher.name else (),
        known=authorities))
    publisher, rows = held[action.publisher.name], []
    if product == UNIFIED_CM:
        publisher.identities.update(reading.read_by_command(action.publisher, [BY_COMMAND]).identities)
    for name, holdings in held.items():
        for service in ("tomcat",) if name in presence else SERVICES[product]:
            certificate = holdings.identities.get(key(service))
            if certificate is not None:
                rows.append((name, IDENTITY, service, certificate))
    for store in STORES[product]:
        rows += [(action.publisher.name, TRUST, store, one) for one in publisher.trust.get(key(store), ()) if is_ca(one)]
    return certificates_of(rows, authorities, lambda name: key(name) in signed)


def in_file(path):
    """The CA certificates of a file."""
    try:
        return read_certificates(Path(path).expanduser().read_bytes(), path)
    except (OSError, PemError) as e:
        raise AnsibleActionFail("ca_files: %s: %s" % (path, e)) from None


def lscs(phones):
    """LSCs by the day on which they end: for ten thousand phones as many as there are days. The role phones renews them."""
    days = {}
    for phone in phones:
        if phone.lsc_until > 0:
            days.setdefault(datetime.fromtimestamp(phone.lsc_until, UTC).date(), []).append(phone)
    out = []
    for day, found in days.items():
        first = datetime.fromtimestamp(min(one.lsc_until for one in found), UTC)
        out.append(Certificate("LSC", LSC, ("%d phones" % len(found),), "", str(day), first, first, True))
    return out
