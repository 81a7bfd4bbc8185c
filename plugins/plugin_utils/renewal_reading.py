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
from .operations import bulk
from .pki.chain import is_self_signed
from .pki.facts import is_ca
from .pki.holdings import key
from .pki.pem import PemError
from .pki.pem import fingerprint
from .pki.pem import read_certificates
from .pki.products import IM_PRESENCE
from .pki.products import UNIFIED_CM
from .pki.products import UNITY_CONNECTION
from .pki.products import product_of
from .renewal import CA
from .renewal import IDENTITY
from .renewal import LSC
from .renewal import TRUST
from .renewal import Certificate

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
BY_COMMAND = "ITLRecovery"      # the certificate API does not show it (vos.md 1.2)


def read(action, signed, ca_files):
    """[Certificate] of the cluster of an action. signed: keys of services that the roles renew; ca_files: PEM files of the control node."""
    product = product_of(action.publisher)
    found = of_nodes(action, product, signed) + [one for path in ca_files for one in authorities(path)]
    return found + lscs(bulk.phones(action.publisher).values()) if product == UNIFIED_CM else found


def of_nodes(action, product, signed):
    """Identity certificates of all nodes, and CAs in the trust stores of the publisher, from which the others have theirs. One on many nodes is one."""
    presence = action.presence_nodes if product == UNIFIED_CM else {}
    held = action.each(action.nodes | presence, lambda node: reading.read_node(
        node, reading.release_of(node), services=SERVICES[product], stores=STORES[product] if node.name == action.publisher.name else ()))
    publisher, rows = held[action.publisher.name], {}
    if product == UNIFIED_CM:
        publisher.identities.update(reading.read_by_command(action.publisher, [BY_COMMAND]).identities)
    for name, holdings in held.items():
        for service in ("tomcat",) if name in presence else SERVICES[product]:
            certificate = holdings.identities.get(key(service))
            if certificate is not None:
                rows.setdefault((IDENTITY, service, fingerprint(certificate)), (certificate, []))[1].append(name)
    for store in STORES[product]:
        for certificate in filter(is_ca, publisher.trust.get(key(store), ())):
            rows[TRUST, store, fingerprint(certificate)] = certificate, [action.publisher.name]
    return [certificate_of(certificate, name, kind, on, kind == IDENTITY and key(name) in signed) for (kind, name, _print), (certificate, on) in rows.items()]


def authorities(path):
    """The CA certificates of a file."""
    try:
        return [certificate_of(one, Path(path).name, CA) for one in read_certificates(Path(path).expanduser().read_bytes(), path)]
    except (OSError, PemError) as e:
        raise AnsibleActionFail("ca_files: %s: %s" % (path, e)) from None


def certificate_of(certificate, name, kind, nodes=(), managed=False):
    """A certificate as the planner takes it."""
    return Certificate(name, kind, tuple(sorted(nodes)), certificate.subject.rfc4514_string(), fingerprint(certificate), certificate.not_valid_before_utc,
                       certificate.not_valid_after_utc, managed, is_self_signed(certificate))


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
