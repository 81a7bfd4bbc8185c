"""The SIP Proxy of an IM and Presence node: the far end of Unified CM's presence trunk.

5060 by TCP, which the guide leaves unencrypted; 5061 by TLS, where the server proves itself; 5062 by TLS, where both do (id:63356638770).
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from lab.ucm import sip_ports
from lab.ucm.listeners import ServicePorts

if TYPE_CHECKING:
    from lab.core.world import Node

SERVICE = "Cisco SIP Proxy"
PORTS = {5060: "sip", 5061: "sips", 5062: "sips-peer"}


def proxy(node: Node) -> ServicePorts:
    """All three."""
    choose = {
        "sip": None,
        "sips": lambda: node.tls.presence("sip-proxy"),
        "sips-peer": lambda: node.tls.presence("sip-proxy", "cup-trust", ssl.CERT_REQUIRED),
    }
    return ServicePorts(SERVICE, lambda: PORTS, lambda protocol, port: sip_ports.listener(node, protocol, port, choose[protocol]))
