"""The SSH server of one Expressway peer: `admin` and `root` alone, by password, with a shell that is the command line (expressway.md 2.1)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import asyncssh

from lab.expressway.cli import unsure as unsure
from lab.expressway.cli.shell import CHANNEL
from lab.expressway.cli.shell import Shell
from lab.ssh import server as ssh

if TYPE_CHECKING:
    from lab.core.appliances import Appliance

MAX_SESSIONS = 20
CATEGORY = "ssh-auth"
ADMIN, ROOT = "admin", "root"


class Gate(ssh.Gate):
    """Authentication of one connection, whose address counts."""

    def __init__(self, server: CliServer) -> None:
        super().__init__(server)
        self._address = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        super().connection_made(conn)
        self._address = conn.get_extra_info("peername")[0]
        if self._server.banned(self._address):
            self._server.note("login", refused="address is blocked")
            conn.abort()

    def validate_password(self, username: str, password: str) -> bool:
        return self._server.login_from(self._address, username, password)


class CliServer(ssh.SshServer):
    """All sessions of one peer."""

    channel, gate = CHANNEL, Gate

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self.peer = appliance.state

    def banned(self, address: str) -> bool:
        """Whether the automated protection keeps an address out."""
        return self.peer.intrusion.banned(CATEGORY, address)

    def login_from(self, address: str, user: str, password: str) -> bool:
        """Check an account; failures count for the address they come from."""
        refused = "address is blocked" if self.banned(address) else self._problem(user, password)
        self.note("login", user=user, **({"refused": refused} if refused else {}))
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

    def session(self, user: str) -> Session:
        """The command line."""
        return Session(self, user)


class Session(ssh.Session):
    """One channel with the command line on it, or (variant) with one command."""

    def shell(self) -> Shell:
        """The command line."""
        return Shell(self._server.peer, self._terminal, self.cut)

    def exec_requested(self, command: str) -> bool:
        if self._server.world.variant("expressway_cli_exec") == "refused":
            return self._not_offered("exec")
        self._command = command
        return True
