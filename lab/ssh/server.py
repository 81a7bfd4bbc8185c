"""An SSH server with a command line in each session. A product's own says who may log in, how many at once, and what runs in a session."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from typing import Any

import asyncssh

from lab.ssh.authshim import accept_repeated_service_requests
from lab.ssh.terminal import CTRL_D
from lab.ssh.terminal import Habits
from lab.ssh.terminal import Terminal

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.world import Node

LOG = logging.getLogger(__name__)


class SshServer:
    """All sessions of one host. `start` binds, `close` ends the server, `drop` cuts every session (restart of the host).

    channel: as in the journal; gate: what authenticates a connection; crowded: how it says in the journal and to the client that no session is free.
    """

    channel: str
    gate: type[Gate]
    crowded = ("too many sessions", "Maximum number of sessions reached")

    def __init__(self, node: Node | Appliance) -> None:
        self.node, self.world = node, node.world
        self.sessions: set[Session] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self, address: str, port: int, host_key: asyncssh.SSHKey) -> None:
        """Listen. Raises OSError when the address cannot be bound."""
        self._acceptor = await asyncssh.create_server(
            lambda: self.gate(self), address, port, server_host_keys=[host_key], line_editor=False, encoding=None, login_timeout=60,
            allow_scp=False, agent_forwarding=False, keepalive_interval=0, reuse_address=True, **self.algorithms(),
        )

    def algorithms(self) -> dict[str, list[str]]:
        """Options of asyncssh for algorithms, where a product has others than today's."""
        return {}

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
        """How its terminals behave: without quirks, unless a product has some."""
        return Habits()

    def login(self, user: str, password: str) -> bool:
        """Check an account, and write the login down."""
        raise NotImplementedError

    def full(self, user: str) -> bool:
        """Whether there is no room for one more session of an account."""
        return False

    def session(self, user: str) -> Session:
        """A new session."""
        raise NotImplementedError

    def note(self, operation: str, **detail: Any) -> None:
        """Write something into the journal that is no command."""
        self.world.journal.add(self.node, self.channel, operation, "read", **detail)


class Gate(asyncssh.SSHServer):
    """Authentication of one connection: password, or keyboard-interactive with one question, as OpenSSH's server has them."""

    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._user = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        accept_repeated_service_requests(conn)

    def begin_auth(self, username: str) -> bool:
        self._user = username
        return True

    def password_auth_supported(self) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str):
        return "", "", "", [("Password: ", False)]

    def validate_password(self, username: str, password: str) -> bool:
        return self._server.login(username, password)

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        return len(responses) == 1 and self.validate_password(username, responses[0])

    def session_requested(self):
        if self._server.full(self._user):
            noted, told = self._server.crowded
            self._server.note("session", refused=noted)
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, told)
        return self._server.session(self._user)


class Session(asyncssh.SSHServerSession):
    """One channel with a command line on it; where the product has that, with one command (exec)."""

    def __init__(self, server: SshServer, user: str) -> None:
        self._server, self.user = server, user
        self._channel: asyncssh.SSHServerChannel | None = None
        self._terminal: Terminal | None = None
        self._command: str | None = None
        self._task: asyncio.Task | None = None
        self._unsent: list[str] = []

    # -- what a product's own says -------------------------------------------------------------------------------------
    def shell(self) -> Any:
        """What runs in the session: an object with `run()` and, where single commands are taken, `run_one(command)`."""
        raise NotImplementedError

    def screen(self, columns: int, rows: int) -> Terminal:
        """The terminal."""
        return Terminal(self._send, self._server.world.clock.sleep, self._server.habits(), columns, rows)

    def end(self) -> None:
        """The shell has ended."""
        self._channel.close()

    # -- what asyncssh calls -------------------------------------------------------------------------------------------
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
        self._server.note(what, refused="not offered")
        return False

    def session_started(self) -> None:
        self._terminal = self.screen(*self._channel.get_terminal_size()[:2])
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes, datatype) -> None:
        self._terminal.feed(data.decode("utf-8", "replace"))

    def terminal_size_changed(self, width, height, pixwidth, pixheight) -> None:
        if self._terminal is not None:
            self._terminal.columns, self._terminal.rows = width or 80, height or 24

    def eof_received(self) -> bool:
        """The client has no more to say: what it has typed is still answered."""
        if self._terminal is not None and self._command is None:
            self._terminal.feed(CTRL_D)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.sessions.discard(self)
        if self._terminal is not None:
            self._terminal.hang_up()

    # -- the session itself --------------------------------------------------------------------------------------------
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
        shell = self.shell()
        try:
            await (shell.run() if self._command is None else shell.run_one(self._command))
        except Exception:
            # A fault of the lab itself: say so in its log; the client sees its session end.
            LOG.exception("%s: command line", self._server.node.name)
        finally:
            self._server.sessions.discard(self)
            self._flush()
            self.end()
