"""Who may call in on a SIP trunk, and what a trunk does when its far end has changed.

A call belongs to the trunk that has the caller's address among its destinations and the port in its security profile; where there is
none, CallManager finds no device for it. By TLS the caller's certificate must have one of the profile's X.509 subject names. A trunk
pings its far ends again and again, so that what changes there shows after a while.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from lab.core.refusals import refusal
from lab.ucm.tls import certificate_names

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.core.world import World
    from lab.ucm.devices import Trunk

KEEP_ALIVE = 60.0

refusal("trunk_caller_unknown", "guide Table 7-12 (words from recall)", "a SIP request from an address that no trunk of the node has, on that port")
refusal("trunk_caller_name", "guide Table 7-11", "a SIP caller by TLS whose certificate has none of the trunk's X.509 subject names")


def subject_fits(world: World, certificate: dict | None, subjects: tuple[str, ...]) -> bool:
    """Whether a certificate (as `getpeercert` gives it) has one of the X.509 subject names of a profile; it need not where there are none."""
    name, names = certificate_names(certificate)
    seen = {name.lower()} | ({other.lower() for other in names} if world.variant("trunk_subject_match") == "cn_or_san" else set())
    return not subjects or bool(seen & set(subjects))


def answer(node: Node, port: int, tls: bool, transport: Any) -> tuple[str, ...]:
    """How CallManager answers OPTIONS of a caller: status, and header lines."""
    world, (address, source) = node.world, transport.get_extra_info("peername")[:2]
    trunks = [trunk for trunk in node.cluster.phones.trunks.on(node) if trunk.incoming_port == port and trunk.incoming_tls == tls
              and address in {world.resolve(host) for host, _port in trunk.destinations}]
    if not trunks and world.refuses("trunk_caller_unknown"):
        warning = f'Warning: 399 {node.hostname} "Unable to find a device handler for the request received on port {source} from {address}"'
        return "503 Service Unavailable", warning
    certificate = transport.get_extra_info("peercert")
    if tls and trunks and not any(subject_fits(world, certificate, trunk.subjects) for trunk in trunks) and world.refuses("trunk_caller_name"):
        return ("403 Forbidden",)
    return ("200 OK",)


def dials(world: World, trunk: Trunk, node: Node) -> bool:
    """Whether a node is among the destinations of a trunk."""
    return node.address in {world.resolve(host) for host, _port in trunk.destinations}
