"""The SIP ports of a Unity Connection node: those of its port groups, the far end of Unified CM's voice mail trunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cuc.encryption import CONVERSATION_MANAGER
from lab.ucm import sip_ports
from lab.ucm.listeners import Listener
from lab.ucm.listeners import ServicePorts

if TYPE_CHECKING:
    from lab.core.world import Node


def conversation_manager(node: Node) -> ServicePorts:
    """The port of each port group that is in service, as its SIP security profile has it."""
    telephony = node.cluster.unity.telephony

    def make(protocol: str, port: int) -> Listener:
        return sip_ports.listener(node, protocol, port, telephony.context(node, port) if protocol == "sips" else None)

    return ServicePorts(CONVERSATION_MANAGER, lambda: telephony.ports(node), make)
