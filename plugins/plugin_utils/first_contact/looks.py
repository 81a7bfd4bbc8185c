# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The looks that are made at a node, by its product. Each table stands in the file of its channels."""

from __future__ import annotations

from . import axl
from . import cupi
from . import expressway
from . import ios
from . import meeting_server
from . import vos_cli
from . import vos_web

LEADING = ("publisher", "primary")
CALL_BRIDGE = "callbridge"
VOS = vos_web.EVERY_NODE + vos_web.OS_ADMIN + vos_cli.EVERY_NODE + vos_cli.CLUSTER
LOOKS = {
    "unified_cm": axl.LEADER + vos_web.RIS + VOS + vos_cli.UNIFIED_CM,
    "im_presence": VOS,
    "unity_connection": cupi.LEADER + VOS + vos_cli.UNITY_CONNECTION,
    "prime_deployment": (vos_cli.VERSION,),
    "expressway_c": expressway.EVERY_NODE + expressway.CORE,
    "expressway_e": expressway.EVERY_NODE + expressway.EDGE,
    "meeting_server": meeting_server.EVERY_NODE + meeting_server.API,
    "cube": ios.EVERY_NODE,
    "srst": ios.EVERY_NODE,
    "ios": ios.EVERY_NODE,
}


def looks_of(product, release, roles):
    """The looks at one node: of its product and release, and those of its whole cluster where it leads that.

    The API of a Meeting Server is its Call Bridge's.
    """
    leads = bool(set(LEADING) & set(roles))
    return [look for look in LOOKS.get(product, ()) if (leads or look.of == "node") and look.releases(release)
            and (look.channel != "cms_api" or CALL_BRIDGE in roles)]


def every_look():
    """All looks of all products, each once."""
    return list({id(look): look for looks in LOOKS.values() for look in looks}.values())
