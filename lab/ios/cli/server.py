"""The SSH server of one router: a shell, single commands, the account of the inventory (ios.md 4).

IOS 15 may speak the algorithms of its time alone: SHA-1 key exchange and ssh-rsa signatures (variant ios_old_ssh).
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import TYPE_CHECKING

import asyncssh

from lab.ios.cli.shell import CHANNEL
from lab.ios.cli.shell import Shell
from lab.ios.cli.terminal import IosTerminal
from lab.ucm.vos_cli import server as vos
from lab.ucm.vos_cli.terminal import CTRL_D
from lab.ucm.vos_cli.terminal import Habits

if TYPE_CHECKING:
    from lab.core.appliances import Appliance

LOG = logging.getLogger(__name__)
MAX_SESSIONS = 5        # line vty 0 4
OLD = {"kex_algs": ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1"], "signature_algs": ["ssh-rsa"],
       "encryption_algs": ["aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes256-cbc"], "mac_algs": ["hmac-sha1", "hmac-sha1-96"]}


class CliServer(vos.VosServer):
    """All sessions of one router."""

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self.router = appliance.state

    async def start(self, address: str, port: int, host_key: asyncssh.SSHKey) -> None:
        """Listen. Raises OSError when the address cannot be bound."""
        old = not self.router.is_xe and self.world.variant("ios_old_ssh") == "sha1_only"
        self._acceptor = await asyncssh.create_server(
            lambda: Gate(self), address, port, server_host_keys=[host_key], line_editor=False, encoding=None, login_timeout=60,
            allow_scp=False, agent_forwarding=False, keepalive_interval=0, reuse_address=True, **(OLD if old else {}),
        )

    def login(self, user: str, password: str) -> bool:
        """Check an account."""
        name, right = self.node.account
        good = user == name and hmac.compare_digest(password.encode(), right.encode())
        if not good and self.world.refuses("ios_login"):
            self.world.journal.add(self.node, CHANNEL, "login", "read", user=user, refused="wrong user name or password")
            return False
        self.world.journal.add(self.node, CHANNEL, "login", "read", user=user)
        return True


class Gate(vos.Gate):
    """Authentication of one connection: password or keyboard-interactive."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        super().connection_made(conn)
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        if text := self._server.router.banner("login"):
            self._connection.send_auth_banner(text.replace("\n", "\r\n"))
        return super().begin_auth(username)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._server.login(username, password)

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        return len(responses) == 1 and self.validate_password(username, responses[0])

    def session_requested(self):
        if len(self._server.sessions) >= MAX_SESSIONS:
            self._server.world.journal.add(self._server.node, CHANNEL, "session", "read", refused="all lines are in use")
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "all lines are in use")
        return Session(self._server, self._user)


class Session(vos.Session):
    """One channel with the command line on it, or with one command."""

    def __init__(self, server: CliServer, user: str) -> None:
        super().__init__(server)
        self.user = user
        self._command: str | None = None

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        columns, rows = self._channel.get_terminal_size()[:2]
        self._terminal = IosTerminal(self._send, self._server.world.clock.sleep, Habits(), columns, rows)
        self._terminal.paged = self._command is None
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def eof_received(self) -> bool:
        """The client has no more to say: what it has typed is still answered."""
        if self._terminal is not None and self._command is None:
            self._terminal.feed(CTRL_D)
        return True

    async def _serve(self) -> None:
        shell = Shell(self._server.router, self._terminal, self.cut, self.user)
        try:
            await (shell.run() if self._command is None else shell.run_one(self._command))
        except Exception:
            # A fault of the lab itself: say so in its log; the client sees its session end.
            LOG.exception("%s: command line", self._server.node.name)
        finally:
            self._server.sessions.discard(self)
            self._flush()
            self._channel.close()
