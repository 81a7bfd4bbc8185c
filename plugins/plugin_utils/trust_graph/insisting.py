# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No run breaks a connection that works, unless its operator says so."""
from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean

VARIABLE = "collab_accept_broken_connections"
SHOWN = 5


class BreaksConnections(Exception):
    """A run would break connections. The text is for the operator. Nothing has been written."""


def insist(action, broken):
    """Raises BreaksConnections where there are any and the operator has not said that they may be. broken: [{cluster, object, message}]."""
    if broken and not boolean(action.var(VARIABLE, False), strict=False):
        more = "; and %d more" % (len(broken) - SHOWN) if len(broken) > SHOWN else ""
        raise BreaksConnections("connections that work today would not work after this run, so nothing was changed. %s%s. Correct that, or let it be so with "
                                "-e %s=true" % ("; ".join("%s: %s: %s" % (one["cluster"], one["object"], one["message"].rstrip(".")) for one in broken[:SHOWN]),
                                                more, VARIABLE))
