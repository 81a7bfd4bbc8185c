# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a Meeting Server's API as plain data. Source: cms.md 2. A collection is read page by page; one child and many are the same here."""

from __future__ import annotations

from lxml import etree

from ..errors import NodeError

PAGE = 20       # the API gives what it likes, ten in older releases; the next page begins behind what came


def parsed(text):
    """The root element of an answer. NodeError "refused" for what is no XML."""
    try:
        return etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as e:
        raise NodeError("refused", "the API's answer is no XML: %s" % e) from None


def fields(node, path):
    """One object as {field: text}; fields with fields of their own are left out."""
    return {child.tag: (child.text or "").strip() for child in parsed(node.ask("cms_api", "get", path=path)["xml"]) if len(child) == 0}


def ids(node, collection):
    """The ids of all objects of a collection."""
    found = []
    while True:
        root = parsed(node.ask("cms_api", "get", path=collection, query={"offset": len(found), "limit": PAGE})["xml"])
        page = [child.get("id") for child in root if child.get("id")]
        found += [one for one in page if one not in found]
        if not page or len(found) >= int(root.get("total") or len(found)):
            return found


def collection(node, name):
    """{id: {field: text}} of all objects of a collection."""
    return {one: fields(node, "%s/%s" % (name, one)) for one in ids(node, name)}
