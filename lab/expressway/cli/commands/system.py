"""Restart, reboot, and what takes a peer back to the primary's configuration."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from lab.expressway.cli.commands.registry import command

if TYPE_CHECKING:
    from lab.expressway.state import Peer

MOMENT = 1.0    # virtual seconds until a restart cuts the session that asked for it; ours


async def _soon(peer: Peer) -> None:
    await peer.world.clock.sleep(MOMENT)
    peer.restart()


@command("Restart")
async def restart(peer: Peer, given: dict[str, str]) -> None:
    """Restarts the application without a reboot; every session ends."""
    peer.world.spawn(_soon(peer), f"{peer.name}: restart is asked for")


@command("Boot")
async def boot(peer: Peer, given: dict[str, str]) -> None:
    """Reboots; here it is the same."""
    peer.world.spawn(_soon(peer), f"{peer.name}: reboot is asked for")


@command("Force Config Update")
async def force_config_update(peer: Peer, given: dict[str, str]) -> None:
    """Brings the configuration of this peer to that of the primary."""
    primary = peer.cluster.primary
    if primary is not peer:
        with peer.change(shared=False):
            peer.shared = copy.deepcopy(primary.shared)
