"""The SSH server of one Expressway peer: `admin` and `root` alone, by password, with a shell that is the command line (expressway.md 2.1)."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING

import asyncssh

from lab.expressway.cli import unsure as unsure
from lab.expressway.cli.shell import CHANNEL
from lab.expressway.cli.shell import Shell
from lab.ucm.vos_cli import server as vos
from lab.ucm.vos_cli.terminal import CTRL_D
from lab.ucm.vos_cli.terminal import Habits

if TYPE_CHECKING:
    from lab.core.appliances import Appliance

LOG = logging.getLogger(__name__)
MAX_SESSIONS = 20
CATEGORY = "ssh-auth"
ADMIN, ROOT = "admin", "root"


class CliServer(vos.VosServer):
    """All sessions of one peer. `start` binds, `close` ends the server, `drop` cuts every session."""

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self.peer = appliance.state

    async def start(self, address: str, port: int, host_key: asyncssh.SSHKey) -> None:
        """Listen. Raises OSError when the address cannot be bound."""
        self._acceptor = await asyncssh.create_server(
            lambda: Gate(self), address, port, server_host_keys=[host_key], line_editor=False, encoding=None, login_timeout=60,
            allow_scp=False, agent_forwarding=False, keepalive_interval=0, reuse_address=True,
        )

    def habits(self) -> Habits:
        """A terminal without quirks: no pager, nothing lost."""
        return Habits()

    def banned(self, address: str) -> bool:
        """Whether the automated protection keeps an address out."""
        return self.peer.intrusion.banned(CATEGORY, address)

    def note(self, refused: str | None, user: str = "") -> None:
        """Write a login down."""
        self.world.journal.add(self.node, CHANNEL, "login", "read", **({"user": user} if user else {}), **({"refused": refused} if refused else {}))

    def login(self, user: str, password: str, address: str) -> bool:
        """Check an account; failures count for the address they come from."""
        refused = "address is blocked" if self.banned(address) else self._problem(user, password)
        self.note(refused, user)
        if refused:
            self.peer.intrusion.failed(CATEGORY, address)
        return refused is None

    def _problem(self, user: str, password: str) -> str | None:
        if user not in (ADMIN, ROOT) and self.world.refuses("expressway_cli_account"):
            return "only admin and root may log in by SSH"
        right = bool(password) and hmac.compare_digest(password.encode(), self._password(user).encode())
        return None if right or not self.world.refuses("expressway_cli_login") else "wrong user name or password"

    def _password(self, user: str) -> str:
        """Of the inventory's account where it is this one; else `lab_admin_password` and `lab_root_password`, which say what it is."""
        name, password = self.node.account
        return password if user == name else str(self.node.variables.get(f"lab_{user}_password", ""))

    def full(self, user: str) -> bool:
        """Whether there is no room for one more session of an account."""
        one = self.world.variant("expressway_cli_sessions") == "one" and self.world.refuses("expressway_cli_session")
        return len(self.sessions) >= MAX_SESSIONS or (one and any(session.user == user for session in self.sessions))


class Gate(vos.Gate):
    """Authentication of one connection: password, or keyboard-interactive with one question, as OpenSSH's server has them."""

    def __init__(self, server: CliServer) -> None:
        super().__init__(server)
        self._address = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        super().connection_made(conn)
        self._address = conn.get_extra_info("peername")[0]
        if self._server.banned(self._address):
            self._server.note("address is blocked")
            conn.abort()

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return self._server.login(username, password, self._address)

    def validate_kbdint_response(self, username: str, responses: list[str]) -> bool:
        return len(responses) == 1 and self.validate_password(username, responses[0])

    def session_requested(self):
        if self._server.full(self._user):
            self._server.world.journal.add(self._server.node, CHANNEL, "session", "read", refused="too many sessions")
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "Maximum number of sessions reached")
        return Session(self._server, self._user)


class Session(vos.Session):
    """One channel with the command line on it, or (variant) with one command."""

    def __init__(self, server: CliServer, user: str) -> None:
        super().__init__(server)
        self.user = user
        self._command: str | None = None

    def exec_requested(self, command: str) -> bool:
        if self._server.world.variant("expressway_cli_exec") == "refused":
            return self._not_offered("exec")
        self._command = command
        return True

    def eof_received(self) -> bool:
        """The client has no more to say: what it has typed is still answered."""
        if self._terminal is not None and self._command is None:
            self._terminal.feed(CTRL_D)
        return True

    def _not_offered(self, what: str) -> bool:
        self._server.world.journal.add(self._server.node, CHANNEL, what, "read", refused="not offered")
        return False

    async def _serve(self) -> None:
        shell = Shell(self._server.peer, self._terminal, self.cut)
        try:
            await (shell.run() if self._command is None else shell.run_one(self._command))
        except Exception:
            # A fault of the lab itself: say so in its log; the client sees its session end.
            LOG.exception("%s: command line", self._server.node.name)
        finally:
            self._server.sessions.discard(self)
            self._flush()
            self._channel.close()
