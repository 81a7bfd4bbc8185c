# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole lists of CUPI: page by page, and never taken for whole where they are not."""
from __future__ import annotations

from ..errors import NodeError
from ..resources import unity_connection as cuc
from ..resources.objects import boolean
from ..resources.unity_connection import value

PAGE = 500


class Incomplete(Exception):
    """A list that CUPI did not give to its end: nothing may be concluded from what is missing in it."""


def all_rows(node, path, element):
    """All objects of a list. A server that gives its last page again and again is noticed (vos.md 4)."""
    found, seen, number, total = [], set(), 1, None
    while True:
        page = node.ask("cupi", "page", path=path, element=element, number=number, size=PAGE)
        total = page["total"] if total is None else total
        fresh = [row for row in page["rows"] if value(row, "ObjectId") not in seen]
        found += fresh
        seen |= {value(row, "ObjectId") for row in fresh}
        if not fresh or len(page["rows"]) < PAGE and total is None or total is not None and len(found) >= total:
            break
        number += 1
    if total is not None and len(found) < total:
        raise Incomplete("CUPI of %s gives %d of %d objects of %s; nothing is concluded from a list that is cut off" % (node.name, len(found), total, path))
    return found


def profiles(node):
    """The SIP security profiles."""
    return all_rows(node, "sipsecurityprofiles", "SipSecurityProfile")


def groups(node):
    """The port groups, as the list has them."""
    return all_rows(node, "portgroups", "PortGroup")


def group(node, group_id):
    """One port group with all of its fields."""
    return node.ask("cupi", "get", path="portgroups/%s" % group_id)


def speaks_tls(node):
    """Whether a port group is set to speak TLS, by its profile or, where CUPI does not show that, by Secure RTP, which needs it.

    What cannot be read counts as yes: then the port is looked at.
    """
    try:
        by_tls = {value(row, "ObjectId").lower() for row in profiles(node) if boolean(value(row, "DoTLS"))}
        listed = [group(node, value(row, "ObjectId")) for row in groups(node)]
    except (NodeError, Incomplete) as e:
        if isinstance(e, NodeError) and e.kind != "refused":
            raise
        return True
    return any(value(one, cuc.PROFILE).lower() in by_tls or boolean(value(one, cuc.SRTP)) for one in listed)


def group_servers(node, group_id):
    """The servers of a port group, of every kind."""
    return all_rows(node, "portgroups/%s/portgroupservers" % group_id, "PortGroupServer")
