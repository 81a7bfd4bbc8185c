"""The web application of one node: the routes that its product has (lab.products) behind its HTTPS ports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from lab.products import PRODUCTS

if TYPE_CHECKING:
    from lab.core.world import Node

NOT_FOUND = "<html><head><title>HTTP Status 404 - Not Found</title></head><body><h1>HTTP Status 404 - Not Found</h1></body></html>"


def application(node: Node) -> web.Application:
    """All surfaces of a node in one application; each module gives `routes(node)`. A path nobody has is counted as unknown."""

    @web.middleware
    async def unknown(request: web.Request, handler: Callable) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            node.world.note_unknown(node, "https", f"{request.method} {request.path}")
            return web.Response(status=404, text=NOT_FOUND, content_type="text/html")
        except web.HTTPMethodNotAllowed as error:
            node.world.note_unknown(node, "https", f"{request.method} {request.path}")
            return web.Response(status=405, text=error.reason or "", content_type="text/html", headers={"Allow": ", ".join(sorted(error.allowed_methods))})

    app = web.Application(middlewares=[unknown], client_max_size=32 * 1024**2)
    for surface in PRODUCTS[node.product].surfaces:
        app.add_routes(surface.routes(node))
    return app


async def runner(node: Node) -> web.AppRunner:
    """The application set up; its `server` is the protocol factory that the node's listeners use."""
    made = web.AppRunner(application(node), handle_signals=False, access_log=None, shutdown_timeout=0, keepalive_timeout=600)
    await made.setup()
    return made
