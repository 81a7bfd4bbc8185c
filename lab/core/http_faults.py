"""What an injected fault does to an HTTP request (see lab.core.faults for the rules)."""

from __future__ import annotations

import asyncio

from aiohttp import web

from lab.core.faults import Fault


async def suffer(fault: Fault, request: web.Request, response: web.Response | None = None) -> web.StreamResponse:
    """Perform the fault on this request. response: the answer that would have been sent (phase "after").

    status: the rule's status and body. reset, drop: the connection is cut. truncate: half of the answer, then cut. never: no answer
    until the client goes away. What it gives back goes to aiohttp as the answer; on a cut connection nobody gets it.
    """
    if fault.action == "status":
        kind = "text/html" if fault.body.lstrip().startswith("<") else "text/plain"
        return web.Response(status=fault.status, text=fault.body, content_type=kind)
    if fault.action == "truncate" and response is not None and isinstance(response.body, bytes):
        partial = web.StreamResponse(status=response.status, headers=response.headers)
        partial.content_length = len(response.body)
        await partial.prepare(request)
        await partial.write(response.body[: len(response.body) // 2])
        cut(request)
        return partial
    if fault.action == "never":
        while request.transport is not None and not request.transport.is_closing():
            await asyncio.sleep(0.05)
    cut(request)
    return web.Response(status=500)


def cut(request: web.Request) -> None:
    """Abort the connection of a request."""
    if request.transport is not None:
        request.transport.abort()
