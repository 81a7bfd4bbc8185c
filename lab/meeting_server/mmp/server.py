"""The SSH server of one Meeting Server: the MMP's command line, single commands, and SFTP, for the accounts of the MMP (cms.md 1.1)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import asyncssh
from asyncssh.stream import SSHServerStreamSession

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server.mmp.shell import CHANNEL
from lab.meeting_server.mmp.shell import Shell
from lab.meeting_server.sftp import Sftp
from lab.ssh import server as ssh

if TYPE_CHECKING:
    from lab.core.appliances import Appliance

variant("mmp_login", ("password", "keyboard", "both"), "both", "cms.md 1.1 (unsure)", "which method a login with a password takes")
variant("mmp_exec", ("offered", "refused"), "offered", "cms.md 1.1 (public scripts use it; on every release unsure)",
        "whether a single command can be run by SSH (an exec request)")

refusal("mmp_login", "cms.md 1.1", "a login to the MMP with a wrong name or password, or with an account of the API")


class Gate(ssh.Gate):
    """Authentication of one connection, by the methods of the variant."""

    def password_auth_supported(self) -> bool:
        return self._server.world.variant("mmp_login") != "keyboard"

    def kbdint_auth_supported(self) -> bool:
        return self._server.world.variant("mmp_login") != "password"


class MmpServer(ssh.SshServer):
    """All sessions of one server."""

    channel, gate = CHANNEL, Gate

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self.server = appliance.state

    def login(self, user: str, password: str) -> bool:
        """Check an account of the MMP."""
        known = self.server.users.get(user)
        right = known is not None and known.role != "api" and bool(password) and hmac.compare_digest(password.encode(), known.password.encode())
        good = right or not self.world.refuses("mmp_login")
        self.note("login", user=user, **({} if good else {"refused": "wrong user name or password"}))
        return good

    def session(self, user: str) -> Session:
        """The command line, a command or SFTP."""
        return Session(self, user)


class Session(ssh.Session, SSHServerStreamSession):
    """One channel: the command line, one command, or SFTP, which is asyncssh's own session."""

    def __init__(self, server: MmpServer, user: str) -> None:
        SSHServerStreamSession.__init__(self, None, lambda channel: Sftp(channel, server), 3)
        ssh.Session.__init__(self, server, user)

    def shell(self) -> Shell:
        """The MMP."""
        return Shell(self._server.server, self._terminal, self.cut, self.user)

    def end(self) -> None:
        """Always 0: whether a command failed is in its words alone (cms.md 1.3)."""
        if not self._channel.is_closing():
            self._channel.exit(0)

    def connection_made(self, chan: asyncssh.SSHServerChannel) -> None:
        SSHServerStreamSession.connection_made(self, chan)
        ssh.Session.connection_made(self, chan)

    def connection_lost(self, exc: Exception | None) -> None:
        ssh.Session.connection_lost(self, exc)
        SSHServerStreamSession.connection_lost(self, exc)

    def exec_requested(self, command: str) -> bool:
        if self._server.world.variant("mmp_exec") == "refused":
            return self._not_offered("exec")
        self._command = command
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        return SSHServerStreamSession.subsystem_requested(self, subsystem)

    def session_started(self) -> None:
        if self._channel.get_subsystem() == "sftp":
            SSHServerStreamSession.session_started(self)
        else:
            ssh.Session.session_started(self)

    def data_received(self, data: bytes, datatype) -> None:
        (SSHServerStreamSession if self._terminal is None else ssh.Session).data_received(self, data, datatype)

    def eof_received(self) -> bool | None:
        return (SSHServerStreamSession if self._terminal is None else ssh.Session).eof_received(self)

    def terminal_size_changed(self, width, height, pixwidth, pixheight) -> None:
        """The window does not matter: nothing is paged."""
