"""OS Administration at /cmplatform: the web forms of every VOS node (vos.md 1.4), in front of the certificates of `lab.ucm.certificates`.

`routes(node)` gives a node's routes. Which readings there are is in `unsure`; one module a page; `site` has what they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from lab.os_admin import unsure  # noqa: F401  (registers the variants and refusals)
from lab.os_admin.session import PATH
from lab.os_admin.site import Site
from lab.ucm.certificate_settings import of
from lab.ucm.platform_login import platform_login

if TYPE_CHECKING:
    from lab.core.world import Node


def routes(node: Node) -> list[web.RouteDef]:
    """The pages of one node; their sessions and settings, and the account's failures, are part of snapshots from now on."""
    site, settings, account = Site(node), of(node), platform_login(node)
    node.world.keep(f"{node.name}/platform account", account.save, account.load)
    node.world.keep(f"{node.name}/os_admin sessions", site.sessions.save, site.sessions.load)
    node.world.keep(f"{node.name}/os_admin settings", lambda: vars(settings), vars(settings).update)
    return [web.route(method, where, site.handle) for method in ("GET", "POST") for where in (PATH, f"{PATH}/", f"{PATH}/{{page:[^/]*}}")]
