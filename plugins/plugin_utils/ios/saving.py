# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running configuration into the startup configuration, once at the end of a run, and old trustpoints away when nothing refers to them any more."""

from __future__ import annotations

from .identity import retire
from .router import SAVE
from .router import Router


def finish(action, args, check):
    """Save what this and earlier runs entered; retire what they replaced; save that, too (module ios_save)."""
    router = Router(action)
    saved = save(router, check)
    retired = [name for base in args["retire"] for name in retire(router, check, base)]
    if retired:
        saved = save(router, check) or saved
    action.report.add(saved=saved, retired=retired)
    return router.result()


def save(router, check):
    """Whether the configuration was (in check mode: would be) saved, because that was owed."""
    if not [debt for debt in router.owed.items(SAVE) if debt["node"] == router.node.name]:
        return False
    router.report.operation(router.node.name, "ios_cli", "save", "startup configuration", lines=["write memory"])
    router.commands.append("write memory")
    if not check:
        router.node.ask("ios_cli", "save")
        router.owed.settle(SAVE, router.node.name)
    return True
