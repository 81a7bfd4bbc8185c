# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All phones of a cluster in few requests: pages that stay below AXL's reply limit, parsed raw in the worker (axl.md 5, design 7)."""

from __future__ import annotations

import re

from ..errors import NodeError
from ..resources import phones as phones_

PAGE, LSC_PAGE = 2000, 10000    # rows of about 600 and 100 bytes: about 1 MB each, the limit is 8
LESS = re.compile(r"suggest(?:ive|ed) row fetch\D*(\d+)", re.IGNORECASE)


class CannotPage(Exception):
    """The server does not give all rows."""


def pages(ask, size, key):
    """Rows, page by page. ask(skip, first) -> rows; key(row): what identifies it.

    A page that is too large for the server is asked for again as small as the server says. A server that knows no skip sends what it has sent before: the
    rows that came are all there is where it knows no first either, and CannotPage otherwise.
    """
    skip, seen = 0, set()
    while True:
        try:
            rows = ask(skip, size)
        except NodeError as e:
            less = LESS.search(str(e)) if e.kind == "refused" else None
            if less is None or size <= 1:
                raise
            size = max(1, min(size - 1, int(less.group(1)) * 9 // 10))
            continue
        fresh = [row for row in rows if key(row) not in seen]
        if rows and not fresh:
            if len(rows) == size:
                raise CannotPage("the cluster sends its first %d rows again and again instead of the next: only those could be read" % size)
            return
        seen.update(key(row) for row in fresh)
        yield from fresh
        if len(rows) != size:           # the last page; or all at once, from a server that knows no pages
            return
        skip += len(rows)


def read(publisher, tags, **criteria):
    """[{tag: text}] of all phones (or those that meet AXL's criteria), with just these tags."""
    def ask(skip, first):
        operation, arguments = phones_.list_request(tags, skip, first, **criteria)
        return phones_.xml_rows(publisher.ask("axl", "raw", operation=operation, arguments=arguments), "phone")

    return list(pages(ask, PAGE, lambda row: row.get("name")))


def phones(publisher):
    """{name: Phone} of all phones, with their LSCs."""
    def ask(skip, first):
        return phones_.xml_rows(publisher.ask("axl", "raw_sql", query=phones_.lsc_query(skip, first)), "row")

    found = {row["name"]: phones_.phone_of(row) for row in read(publisher, phones_.TAGS)}
    for row in pages(ask, LSC_PAGE, lambda row: row.get("name")):
        phone = found.get(row.get("name"))
        if phone is not None:
            until, issuer, _standing = phones_.lsc_of(row)
            found[phone.name] = phone._replace(lsc_until=until, lsc_issuer=issuer)
    return found


def lscs(publisher, names):
    """{name: (valid until, issuer, whether Install/Upgrade still stands)} of these phones."""
    rows = phones_.xml_rows(publisher.ask("axl", "raw_sql", query=phones_.lsc_query_of(names)), "row")
    return {row["name"]: phones_.lsc_of(row) for row in rows}
