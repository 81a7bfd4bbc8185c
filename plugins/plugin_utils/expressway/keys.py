# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and values of the REST API as this release has them: a key counts only where the box's own RAML offers it. Pure functions (expressway.md 1.1, 1.2)."""
from __future__ import annotations


def plainly(word):
    """A key or value without what spellings differ in: case, underscores, dashes and spaces."""
    return "".join(letter for letter in str(word).lower() if letter not in "_- ")


def key_of(offer, names, value=None):
    """The one key of an offer ({"methods": [...], "keys": {key: {"type":, "enum":}}} or None) that is called as one of `names`, else None.

    value: where given, the key has to be able to hold it.
    """
    keys = (offer or {}).get("keys") or {}
    found = [key for name in names for key, schema in keys.items() if plainly(key) == plainly(name) and (value is None or spelled(schema, value) is not None)]
    return found[0] if found else None


def spelled(schema, value):
    """The value as a key's schema spells it; None where its list of choices lacks it."""
    choices = (schema or {}).get("enum")
    if not choices or isinstance(value, list):
        return value
    return next((choice for choice in choices if plainly(choice) == plainly(value)), None)


def methods(offer):
    """The methods of a resource, in lower case; none where it is not offered."""
    return {str(method).lower() for method in (offer or {}).get("methods") or ()}


def value_of(row, names):
    """What an object as read holds under one of `names`; None where it has none of them."""
    return next((value for name in names for key, value in row.items() if plainly(key) == plainly(name)), None)


def same(actual, wanted):
    """Whether a setting is as wanted: lists as sets, all else as text; case does not matter anywhere."""
    if isinstance(wanted, (list, tuple)):
        return {str(one).lower() for one in listed(actual)} == {str(one).lower() for one in wanted}
    return actual is not None and str(actual).lower() == str(wanted).lower()


def same_name(one, other):
    """Whether two host names or names of domains are the same."""
    return str(one or "").rstrip(".").lower() == str(other or "").rstrip(".").lower()


def listed(value):
    """A value that may be missing, single or a list, as a list."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
