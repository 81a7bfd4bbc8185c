"""Words and small facts that several pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ucm import certificate_rules as rules
from lab.ucm.certificate_units import is_elliptic

if TYPE_CHECKING:
    from lab.core.world import Node

# What must be restarted for a new certificate (vos.md 1.7), as the result page names it.
RESTART = {
    "tomcat": 'Restart Cisco Tomcat Service using the CLI "utils service restart Cisco Tomcat"',
    "CallManager": "Restart the services Cisco Tftp, Cisco CallManager and Cisco CTIManager on all nodes that run them",
    "CAPF": "Restart the services Cisco Certificate Authority Proxy Function and Cisco Tftp",
    "TVS": "Restart the services Cisco Trust Verification Service and Cisco Tftp",
    "ipsec": "Restart the services Cisco DRF Master and Cisco DRF Local",
    "cup-xmpp": "Restart the service Cisco XCP Router",
    "cup-xmpp-s2s": "Restart the service Cisco XCP XMPP Federation Connection Manager",
    "cup": "Restart the services Cisco SIP Proxy and Cisco Presence Engine",
}


def multi_server(node: Node) -> str:
    """How the choice of all nodes is written under Distribution."""
    return node.world.variant("os_admin_multi_server_label")


def can_be_multi_server(node: Node, unit: str) -> bool:
    """Whether the form offers a multi-server request for a unit: not in a cluster of one node (vos.md 1.5)."""
    return unit in node.certificates.kinds.multi and len(nodes_of(node, unit)) > 1


def nodes_of(node: Node, unit: str) -> list[str]:
    """The nodes that share a multi-server certificate of a unit."""
    return [other.fqdn for other in rules.sharers(node, unit)]


def restart_hint(unit: str) -> str:
    """Which services a new certificate of a unit waits for."""
    return RESTART.get(unit.removesuffix("-ECDSA"), "Restart the services that use this certificate")


def key_type(unit: str) -> str:
    """RSA or EC, from the unit's name."""
    return "EC" if is_elliptic(unit) else "RSA"
