"""The SSH server of one node: keyboard-interactive only, a shell and nothing else, few sessions (vos.md 6).

No password method, no keys, no exec channel, no sftp, no forwarding. Accounts lock after three wrong passwords; a node serves ten
sessions at most.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import asyncssh

from lab.ucm.platform_login import platform_login
from lab.ucm.vos_cli.authshim import accept_repeated_service_requests
from lab.ucm.vos_cli.shell import CHANNEL
from lab.ucm.vos_cli.shell import Shell
from lab.ucm.vos_cli.terminal import Habits
from lab.ucm.vos_cli.terminal import Terminal

if TYPE_CHECKING:
    from lab.core.world import Node

LOG = logging.getLogger(__name__)
MAX_SESSIONS = 10


class VosServer:
    """All sessions of one node. `start` binds, `close` ends the server, `drop` cuts every session (restart of the node)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.world = node.world
        self.since = self.world.clock.now()
        self.sessions: set[Session] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self, address: str, port: int, host_key: asyncssh.SSHKey) -> None:
        """Listen. Raises OSError when the address cannot be bound."""
        self._acceptor = await asyncssh.create_server(
            lambda: Gate(self),
            address,
            port,
            server_host_keys=[host_key],
            line_editor=False,
            encoding=None,
            login_timeout=60,
            allow_scp=False,
            agent_forwarding=False,
            keepalive_interval=0,
            reuse_address=True,
        )

    def close(self) -> None:
        """Stop listening and cut every session."""
        if self._acceptor is not None:
            self._acceptor.close()
        self.drop()

    async def wait_closed(self) -> None:
        """Wait until the port is free."""
        if self._acceptor is not None:
            await self._acceptor.wait_closed()

    def drop(self) -> None:
        """Cut every session at once, as a restart does."""
        for session in list(self.sessions):
            session.cut()

    def habits(self) -> Habits:
        """What the lab's variants say about this terminal."""
        variant = self.world.variant
        return Habits(
            pager=variant("cli_pager"),
            slow_keys=variant("cli_typing") == "slow-keys",
            crlf_twice=variant("cli_crlf") == "two-enters",
            ansi=variant("cli_prompt") == "ansi",
            wrap=variant("cli_echo_wrap") == "wrapped",
        )

    def admit(self, user: str, password: str) -> bool:
        """Check the platform administrator's password; three wrong ones lock the account for a while."""
        return self._login(user, platform_login(self.node).refused(user, password))

    def _login(self, user: str, refused: str | None) -> bool:
        detail = {"refused": refused} if refused else {}
        self.world.journal.add(self.node, CHANNEL, "login", "read", user=user, **detail)
        return refused is None


class Gate(asyncssh.SSHServer):
    """Authentication of one connection."""

    def __init__(self, server: VosServer) -> None:
        self._server = server
        self._user = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        accept_repeated_service_requests(conn)

    def begin_auth(self, username: str) -> bool:
        self._user = username
        return True

    def password_auth_supported(self) -> bool:
        return False

    def public_key_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str):
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        return len(responses) == 1 and self._server.admit(username, responses[0])

    def session_requested(self):
        if len(self._server.sessions) >= MAX_SESSIONS and self._server.world.refuses("cli_session_limit"):
            self._server.world.journal.add(self._server.node, CHANNEL, "session", "read", refused="too many sessions")
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "Maximum number of sessions reached")
        return Session(self._server)


class Session(asyncssh.SSHServerSession):
    """One channel with a shell on it."""

    def __init__(self, server: VosServer) -> None:
        self._server = server
        self._channel: asyncssh.SSHServerChannel | None = None
        self._terminal: Terminal | None = None
        self._task: asyncio.Task | None = None
        self._unsent: list[str] = []

    def connection_made(self, chan: asyncssh.SSHServerChannel) -> None:
        self._channel = chan
        self._server.sessions.add(self)

    def pty_requested(self, term_type, term_size, term_modes) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        return self._not_offered("exec")

    def subsystem_requested(self, subsystem: str) -> bool:
        return self._not_offered(f"subsystem {subsystem}")

    def _not_offered(self, what: str) -> bool:
        self._server.world.journal.add(self._server.node, CHANNEL, what, "read", refused="not offered")
        return False

    def session_started(self) -> None:
        columns, rows = self._channel.get_terminal_size()[:2]
        self._terminal = Terminal(self._send, self._server.world.clock.sleep, self._server.habits(), columns, rows)
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes, datatype) -> None:
        self._terminal.feed(data.decode("utf-8", "replace"))

    def terminal_size_changed(self, width, height, pixwidth, pixheight) -> None:
        if self._terminal is not None:
            self._terminal.columns, self._terminal.rows = width or 80, height or 24

    def eof_received(self) -> bool:
        if self._terminal is not None:
            self._terminal.hang_up()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.sessions.discard(self)
        if self._terminal is not None:
            self._terminal.hang_up()

    def cut(self) -> None:
        """Drop the connection without a word."""
        if self._terminal is not None:
            self._terminal.hang_up()
        self._channel.get_connection().abort()

    def _send(self, text: str) -> None:
        # Gathered until the loop's next turn: the echo of a pasted certificate must not become a packet a character.
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append(text)

    def _flush(self) -> None:
        text, self._unsent = "".join(self._unsent), []
        if text and not self._channel.is_closing():
            self._channel.write(text.encode("utf-8"))

    async def _serve(self) -> None:
        shell = Shell(self._server.node, self._terminal, self.cut, self._server.since)
        try:
            await shell.run()
        except Exception:
            # A fault of the lab itself: say so in its log; the client sees its session end.
            LOG.exception("%s: command line", self._server.node.name)
        finally:
            self._server.sessions.discard(self)
            self._flush()
            self._channel.close()
