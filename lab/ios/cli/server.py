"""The SSH server of one router: a shell, single commands, the account of the inventory (ios.md 4).

IOS 15 may speak the algorithms of its time alone: SHA-1 key exchange and ssh-rsa signatures (variant ios_old_ssh).
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import asyncssh

from lab.ios.cli.shell import CHANNEL
from lab.ios.cli.shell import Shell
from lab.ios.cli.terminal import IosTerminal
from lab.ssh import server as ssh

if TYPE_CHECKING:
    from lab.core.appliances import Appliance

MAX_SESSIONS = 5        # line vty 0 4
OLD = {"kex_algs": ["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1"], "signature_algs": ["ssh-rsa"],
       "encryption_algs": ["aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-cbc", "aes256-cbc"], "mac_algs": ["hmac-sha1", "hmac-sha1-96"]}


class Gate(ssh.Gate):
    """Authentication of one connection, after the banner."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        super().connection_made(conn)
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        if text := self._server.router.banner("login"):
            self._connection.send_auth_banner(text.replace("\n", "\r\n"))
        return super().begin_auth(username)


class CliServer(ssh.SshServer):
    """All sessions of one router."""

    channel, gate = CHANNEL, Gate
    crowded = ("all lines are in use", "all lines are in use")

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self.router = appliance.state

    def algorithms(self) -> dict[str, list[str]]:
        """Those of its time."""
        return OLD if not self.router.is_xe and self.world.variant("ios_old_ssh") == "sha1_only" else {}

    def login(self, user: str, password: str) -> bool:
        """Check an account."""
        name, right = self.node.account
        good = user == name and hmac.compare_digest(password.encode(), right.encode())
        if not good and self.world.refuses("ios_login"):
            self.note("login", user=user, refused="wrong user name or password")
            return False
        self.note("login", user=user)
        return True

    def full(self, user: str) -> bool:
        """Whether a session has each line."""
        return len(self.sessions) >= MAX_SESSIONS

    def session(self, user: str) -> Session:
        """The command line."""
        return Session(self, user)


class Session(ssh.Session):
    """One channel with the command line on it, or with one command."""

    def shell(self) -> Shell:
        """The command line."""
        return Shell(self._server.router, self._terminal, self.cut, self.user)

    def screen(self, columns: int, rows: int) -> IosTerminal:
        """A router's, which pages only where somebody sits before it."""
        terminal = IosTerminal(self._send, self._server.world.clock.sleep, self._server.habits(), columns, rows)
        terminal.paged = self._command is None
        return terminal

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True
