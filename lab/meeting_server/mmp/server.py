"""The SSH server of one Meeting Server: the MMP's command line, single commands, and SFTP, for the accounts of the MMP (cms.md 1.1)."""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import TYPE_CHECKING

import asyncssh
from asyncssh.stream import SSHServerStreamSession

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server.mmp.shell import CHANNEL
from lab.meeting_server.mmp.shell import Shell
from lab.meeting_server.sftp import Sftp
from lab.ucm.vos_cli.authshim import accept_repeated_service_requests
from lab.ucm.vos_cli.terminal import CTRL_D
from lab.ucm.vos_cli.terminal import Habits
from lab.ucm.vos_cli.terminal import Terminal

if TYPE_CHECKING:
    from lab.core.appliances import Appliance

LOG = logging.getLogger(__name__)

variant("mmp_login", ("password", "keyboard", "both"), "both", "cms.md 1.1 (unsure)", "which method a login with a password takes")
variant("mmp_exec", ("offered", "refused"), "offered", "cms.md 1.1 (public scripts use it; on every release unsure)",
        "whether a single command can be run by SSH (an exec request)")

refusal("mmp_login", "cms.md 1.1", "a login to the MMP with a wrong name or password, or with an account of the API")


class MmpServer:
    """All sessions of one server. `start` binds, `close` ends the server and cuts every session."""

    def __init__(self, appliance: Appliance) -> None:
        self.node = appliance
        self.server = appliance.state
        self.world = appliance.world
        self.sessions: set[Session] = set()
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def start(self, address: str, port: int, host_key: asyncssh.SSHKey) -> None:
        """Listen. Raises OSError when the address cannot be bound."""
        self._acceptor = await asyncssh.create_server(
            lambda: Gate(self), address, port, server_host_keys=[host_key], line_editor=False, encoding=None,
            login_timeout=60, allow_scp=False, agent_forwarding=False, keepalive_interval=0, reuse_address=True)

    def close(self) -> None:
        """Stop listening and cut every session."""
        if self._acceptor is not None:
            self._acceptor.close()
        for session in list(self.sessions):
            session.cut()

    def login(self, name: str, password: str) -> bool:
        """Check an account of the MMP."""
        user = self.server.users.get(name)
        right = user is not None and user.role != "api" and bool(password) and hmac.compare_digest(password.encode(), user.password.encode())
        good = right or not self.world.refuses("mmp_login")
        self.world.journal.add(self.node, CHANNEL, "login", "read", user=name, **({} if good else {"refused": "wrong user name or password"}))
        return good


class Gate(asyncssh.SSHServer):
    """Authentication of one connection."""

    def __init__(self, server: MmpServer) -> None:
        self._server = server
        self._user = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        accept_repeated_service_requests(conn)

    def begin_auth(self, username: str) -> bool:
        self._user = username
        return True

    def password_auth_supported(self) -> bool:
        return self._server.world.variant("mmp_login") != "keyboard"

    def public_key_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return self._server.world.variant("mmp_login") != "password"

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str):
        return "", "", "", [("Password: ", False)]

    def validate_password(self, username: str, password: str) -> bool:
        return self._server.login(username, password)

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        return len(responses) == 1 and self._server.login(username, responses[0])

    def session_requested(self):
        return Session(self._server, self._user)


class Session(SSHServerStreamSession):
    """One channel: the command line, one command, or SFTP."""

    def __init__(self, server: MmpServer, user: str) -> None:
        super().__init__(None, lambda channel: Sftp(channel, server), 3)
        self._server = server
        self.user = user
        self._terminal: Terminal | None = None
        self._command: str | None = None
        self._unsent: list[str] = []
        self._task: asyncio.Task | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel) -> None:
        super().connection_made(chan)
        self._server.sessions.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.sessions.discard(self)
        if self._terminal is not None:
            self._terminal.hang_up()
        super().connection_lost(exc)

    def pty_requested(self, term_type, term_size, term_modes) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        if self._server.world.variant("mmp_exec") == "refused":
            self._server.world.journal.add(self._server.node, CHANNEL, "exec", "read", refused="not offered")
            return False
        self._command = command
        return True

    def session_started(self) -> None:
        if self._chan.get_subsystem() == "sftp":
            super().session_started()
            return
        columns, rows = self._chan.get_terminal_size()[:2]
        self._terminal = Terminal(self._send, self._server.world.clock.sleep, Habits(), columns, rows)
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def data_received(self, data: bytes, datatype) -> None:
        if self._terminal is None:
            super().data_received(data, datatype)
        else:
            self._terminal.feed(data.decode("utf-8", "replace"))

    def eof_received(self) -> bool | None:
        if self._terminal is None:
            return super().eof_received()
        if self._command is None:
            self._terminal.feed(CTRL_D)
        return True

    def terminal_size_changed(self, width, height, pixwidth, pixheight) -> None:
        """The window does not matter: nothing is paged."""

    def cut(self) -> None:
        """Drop the connection without a word."""
        if self._terminal is not None:
            self._terminal.hang_up()
        self._chan.get_connection().abort()

    def _send(self, text: str) -> None:
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append(text)

    def _flush(self) -> None:
        text, self._unsent = "".join(self._unsent), []
        if text and not self._chan.is_closing():
            self._chan.write(text.encode("utf-8"))

    async def _serve(self) -> None:
        shell = Shell(self._server.server, self._terminal, self.cut, self.user)
        try:
            await (shell.run() if self._command is None else shell.run_one(self._command))
        except Exception:
            # A fault of the lab itself: say so in its log; the client sees its session end.
            LOG.exception("%s: MMP", self._server.node.name)
        finally:
            self._server.sessions.discard(self)
            self._flush()
            if not self._chan.is_closing():
                # Always 0: whether a command failed is in its words alone (cms.md 1.3).
                self._chan.exit(0)
