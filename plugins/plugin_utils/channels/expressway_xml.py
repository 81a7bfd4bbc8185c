# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/status.xml and /configuration.xml of an Expressway as plain data. Source: expressway.md 3.

An element with elements in it is a dict, any other its text. Where a name comes more than once, it is a list; the dicts of such a list, and any whose
item is not 1, have "@item". What starts before the declaration (a blank line, a comment) is skipped; nothing outside the document is ever fetched.
"""

from __future__ import annotations

from lxml import etree


def plain(document):
    """bytes of a document -> nested dict. Raises ValueError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    start = document.find(b"<?xml")
    try:
        root = etree.fromstring(document[max(0, start):].strip(), parser)
    except etree.XMLSyntaxError as e:
        raise ValueError("no XML: %s" % e) from None
    found = _value(root)
    return found if isinstance(found, dict) else {}


def _value(element):
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return (element.text or "").strip()
    found = {}
    for child in children:
        name, value = etree.QName(child).localname, _value(child)
        item = child.get("item", "1")
        repeated = name in found or item != "1" or sum(etree.QName(c).localname == name for c in children) > 1
        if isinstance(value, dict) and repeated:
            value["@item"] = item
        if name not in found:
            found[name] = [value] if repeated and item == "1" else value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
