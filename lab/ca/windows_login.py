"""NTLM, as IIS lets people in where a site has no Basic authentication: in three requests on one connection, which is theirs from then on.

IIS offers Negotiate beside NTLM; of the two the lab knows NTLM alone. What is checked is the whole of it: pyspnego, which clients use, too, is the
server here.
"""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
import weakref
from typing import Any

from aiohttp import web

OFFERED = ("Negotiate", "NTLM")
VARIABLE = "NTLM_USER_FILE"     # where pyspnego's server looks accounts up


class WindowsLogin:
    """Who is logged in on which connection. account: (user, password), the user with or without DOMAIN\\ before it."""

    def __init__(self, account: tuple[str, str]) -> None:
        domain, _, user = account[0].rpartition("\\")
        self._line = f"{domain}:{user}:{account[1]}\n"
        self._connections: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

    def answer(self, request: web.Request) -> tuple[bool, str]:
        """(whether the request is of somebody who is logged in, the challenge that answers it)."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token:
            return self._connections.get(request.transport) is True, ""
        if scheme.upper() != "NTLM":
            return False, ""
        try:
            return self._step(request.transport, base64.b64decode(token, validate=True))
        except binascii.Error:
            return False, ""

    def _step(self, connection: Any, token: bytes) -> tuple[bool, str]:
        import spnego
        from spnego.exceptions import SpnegoError

        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as accounts:
            accounts.write(self._line)
            accounts.flush()
            before, os.environ[VARIABLE] = os.environ.get(VARIABLE), accounts.name
            try:
                context = self._connections.get(connection)
                if context in (None, True):
                    context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
                answer = context.step(token)
            except SpnegoError:
                self._connections.pop(connection, None)
                return False, ""
            finally:
                if before is None:
                    del os.environ[VARIABLE]
                else:
                    os.environ[VARIABLE] = before
        self._connections[connection] = True if context.complete else context
        return context.complete, f"NTLM {base64.b64encode(answer).decode()}" if answer else ""
