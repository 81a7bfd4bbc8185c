"""The command line of an Expressway peer, over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core import doors
from lab.expressway.cli.server import CliServer

if TYPE_CHECKING:
    from lab.core.appliances import Appliance


class SshDoor(doors.SshDoor):
    """The SSH port of one peer. `Administration SSH Mode` counts from the next start of the peer (RM150)."""

    SERVER = CliServer

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self._is_on = False
        self._since = -1.0      # the start of the peer whose setting this is

    async def sync(self, wanted: bool) -> None:
        """Open or close."""
        peer = self._appliance.state
        if wanted and self._since != peer.started:
            self._since, self._is_on = peer.started, peer.config.get("Administration SSH Mode") == "On"
        await super().sync(wanted and self._is_on)
