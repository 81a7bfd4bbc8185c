"""The mainboard management processor (MMP): the command line of a Meeting Server, over SSH, with SFTP beside it."""

from __future__ import annotations

from lab.core import doors
from lab.meeting_server.mmp.server import MmpServer


class MmpDoor(doors.SshDoor):
    """The SSH port of one server."""

    SERVER = MmpServer
