"""The SSH server of one node: keyboard-interactive only, a shell and nothing else, few sessions (vos.md 6).

No password method, no keys, no exec channel, no sftp, no forwarding. Accounts lock after three wrong passwords; a node serves ten
sessions at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ssh import server as ssh
from lab.ssh.terminal import Habits
from lab.ucm.platform_login import platform_login
from lab.ucm.vos_cli.shell import CHANNEL
from lab.ucm.vos_cli.shell import Shell

if TYPE_CHECKING:
    from lab.core.world import Node

MAX_SESSIONS = 10


class Gate(ssh.Gate):
    """Keyboard-interactive alone."""

    def password_auth_supported(self) -> bool:
        return False


class VosServer(ssh.SshServer):
    """All sessions of one node."""

    channel, gate = CHANNEL, Gate

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self.since = self.world.clock.now()

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

    def login(self, user: str, password: str) -> bool:
        """Check the platform administrator's password; three wrong ones lock the account for a while."""
        refused = platform_login(self.node).refused(user, password)
        self.note("login", user=user, **({"refused": refused} if refused else {}))
        return refused is None

    def full(self, user: str) -> bool:
        """Ten at most, whoever has them."""
        return len(self.sessions) >= MAX_SESSIONS and self.world.refuses("cli_session_limit")

    def session(self, user: str) -> Session:
        """A shell."""
        return Session(self, user)


class Session(ssh.Session):
    """One channel with a shell on it."""

    def shell(self) -> Shell:
        """The command line."""
        return Shell(self._server.node, self._terminal, self.cut, self._server.since)

    def eof_received(self) -> bool:
        """The session ends with the client's words."""
        if self._terminal is not None:
            self._terminal.hang_up()
        return False
