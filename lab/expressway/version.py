"""How the product writes its release."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.expressway.state import Peer


def version(peer: Peer) -> str:
    """The whole release: X15.4.0, X12.5.0."""
    release = peer.appliance.release
    return f"X{release}" + ".0" * (2 - release.count("."))
