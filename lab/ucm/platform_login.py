"""The platform administrator's account of a node, behind the command line, the OS Administration pages and the REST API (vos.md 6)."""

from __future__ import annotations

import datetime
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.core.world import Node

FAILURES_BEFORE_LOCK = 3
LOCK_SECONDS = 300


class PlatformLogin:
    """Three wrong passwords lock an account for a while, wherever they were given."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._failures: dict[str, tuple[int, datetime.datetime]] = {}

    def refused(self, user: str, password: str) -> str | None:
        """Why a login is refused, None when it is right. A failure counts."""
        world = self._node.world
        now = world.clock.now()
        count, locked_until = self._failures.get(user, (0, now))
        if count >= FAILURES_BEFORE_LOCK and now < locked_until and world.refuses("cli_account_lockout"):
            return "account is locked"
        account = self._node.credentials
        if hmac.compare_digest(user.encode(), account.platform_user.encode()) and hmac.compare_digest(password.encode(), account.platform_password.encode()):
            self._failures.pop(user, None)
            return None
        count = 0 if count >= FAILURES_BEFORE_LOCK else count
        self._failures[user] = (count + 1, now + datetime.timedelta(seconds=LOCK_SECONDS))
        return "wrong user name or password"

    def save(self) -> dict[str, tuple[int, datetime.datetime]]:
        """State for a snapshot."""
        return dict(self._failures)

    def load(self, state: dict[str, tuple[int, datetime.datetime]]) -> None:
        """Take over what `save` gave."""
        self._failures = dict(state)


def platform_login(node: Node) -> PlatformLogin:
    """The account of a node, made on first use."""
    if getattr(node, "platform_account", None) is None:
        node.platform_account = PlatformLogin(node)
    return node.platform_account
