"""Let SSH clients ask for the authentication service again.

paramiko sends a service request before each authentication method. asyncssh takes a second one for an attack and disconnects, so a
client that tries `password` and falls back to keyboard-interactive, as every paramiko client of a VOS node does, could not log in
(lab.md 2.1). OpenSSH's server accepts it, and so does a VOS node as long as nobody is logged in. The patch touches a private table
of the pinned asyncssh; tests/lab/test_foreign_ssh.py runs a stock paramiko client against it.
"""

from __future__ import annotations

from asyncssh.connection import MSG_SERVICE_ACCEPT
from asyncssh.connection import MSG_SERVICE_REQUEST
from asyncssh.connection import SSHConnection
from asyncssh.connection import SSHServerConnection
from asyncssh.packet import SSHPacket
from asyncssh.packet import String

USERAUTH = b"ssh-userauth"
LENIENT = "_lab_accepts_repeated_service_request"

_strict = SSHConnection._packet_handlers[MSG_SERVICE_REQUEST]


def _service_request(connection: SSHConnection, pkttype: int, pktid: int, packet: SSHPacket) -> None:
    lenient = getattr(connection, LENIENT, False) and connection._auth_in_progress and not connection._auth_complete
    if lenient and packet.get_remaining_payload() == String(USERAUTH):
        connection.send_packet(MSG_SERVICE_ACCEPT, String(USERAUTH))
        return
    _strict(connection, pkttype, pktid, packet)


SSHServerConnection._packet_handlers = {**SSHConnection._packet_handlers, MSG_SERVICE_REQUEST: _service_request}


def accept_repeated_service_requests(connection: SSHServerConnection) -> None:
    """Make this one server connection accept further requests for the authentication service until someone is logged in."""
    setattr(connection, LENIENT, True)
