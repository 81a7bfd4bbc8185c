"""A device as RIS shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Registration:
    """One phone, or one trunk on one node.

    status: "Registered", "UnRegistered", "Rejected". node: inventory name of the CallManager it is (or was) registered with, "" = none.
    reason: why it is not registered, "" otherwise. since: epoch of the last change. secure: by TLS. device_class: "Phone", "SIPTrunk".
    former: nodes that a phone has left, which remember it.
    """

    name: str
    device_class: str
    model: str
    protocol: str
    description: str
    status: str = "UnRegistered"
    node: str = ""
    reason: str = ""
    since: float = 0.0
    ip: str = ""
    secure: bool = False
    former: tuple[str, ...] = ()

    def left(self) -> tuple[str, ...]:
        """The nodes that remember it once it has left the one that it is registered with."""
        return tuple(dict.fromkeys((*self.former, *((self.node,) if self.node else ()))))
