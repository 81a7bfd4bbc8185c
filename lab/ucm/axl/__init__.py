"""AXL of a Unified CM node over HTTPS: `routes(node)` for the node's web application."""
from __future__ import annotations

from typing import Any

from aiohttp import web


def routes(node: Any) -> list[web.RouteDef]:
    """`/axl`, `/axl/` and `/plugins/axlsqltoolkit.zip` of one node."""
    from lab.ucm.axl.service import Service

    return Service(node).routes()
