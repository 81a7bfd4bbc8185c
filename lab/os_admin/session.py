"""Login sessions of the pages: a cookie, half an hour of idle time, one token at a time as Struts keeps it."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from lab.core.world import Node

COOKIE = "JSESSIONID"
PATH = "/cmplatform"
# On the lab's date, not in its faster durations: a client on a busy machine must not be logged out between two requests.
IDLE = 1800.0
LETTERS = string.ascii_uppercase + string.digits


@dataclass
class Session:
    """user: "" before the login; target: where a login goes on to; chosen: what the form on show was made for; pending: a change asked about."""

    ends: float
    user: str = ""
    target: str = ""
    token: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    pending: tuple[str, dict] | None = None


class Sessions:
    """All sessions of one node. A restart of Tomcat ends them."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._held: dict[str, Session] = {}
        node.services.on("Cisco Tomcat", "stopping", lambda: self._held.clear())

    def find(self, request: web.Request) -> Session | None:
        """The session of a request, if it lives; its idle time begins anew."""
        now = self._node.world.clock.epoch()
        session = self._held.get(request.cookies.get(COOKIE, ""))
        if session is None or session.ends <= now:
            return None
        session.ends = now + IDLE
        return session

    def open(self, response: web.StreamResponse, user: str = "", target: str = "") -> None:
        """Begin a session and give the client its cookie. One that logs in gets a new one."""
        name = secrets.token_hex(16).upper()
        self._held[name] = Session(self._node.world.clock.epoch() + IDLE, user, target)
        response.set_cookie(COOKIE, name, path=PATH, secure=True, httponly=True)

    def forget(self, request: web.Request) -> None:
        """End the session of a request."""
        self._held.pop(request.cookies.get(COOKIE, ""), None)

    def save(self) -> dict[str, Session]:
        """State for a snapshot (copied there)."""
        return dict(self._held)

    def load(self, state: dict[str, Session]) -> None:
        """Take over what `save` gave."""
        self._held.clear()
        self._held.update(state)


def new_token(session: Session) -> str:
    """The token of a page that is being sent; the one before it counts no more."""
    session.token = "".join(secrets.choice(LETTERS) for _ in range(32))
    return session.token


def use_token(session: Session, given: str) -> bool:
    """Whether a token is the last one given out; it is used up by being asked for."""
    token, session.token = session.token, ""
    return bool(token) and secrets.compare_digest(token.encode(), given.encode("utf-8", "replace"))
