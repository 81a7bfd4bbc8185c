# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words on a page stand for a field: those tied to it by the page, else those where a person would look for them."""

from __future__ import annotations

import re

UNSEEN = ("script", "style", "option", "select", "textarea", "button", "noscript", "head", "title")
CONTROLS = ("input", "select", "textarea", "button")
CELLS = ("td", "th", "dd", "li", "p", "div", "fieldset", "form", "body")
ENDS = ("td", "th", "dd", "fieldset", "form", "body")
INLINE = ("a", "b", "i", "em", "strong", "span", "font", "label", "sup", "sub", "u", "input", "img")
AFTER = ("checkbox", "radio")       # their words stand behind them


def visible(element):
    """The text of an element as it is seen, blanks made single."""
    return " ".join(_texts(element, element.tag in UNSEEN).split())


def visible_lines(element):
    """The same, line by line as the page breaks it."""
    return [" ".join(line.split()) for line in _texts(element).splitlines() if line.strip()]


def _texts(element, inside=False):
    if not isinstance(element.tag, str) or element.tag in UNSEEN and not inside:
        return " "
    parts = [element.text or ""]
    for child in element:
        parts += [_texts(child), child.tail or ""]
    return "".join(parts) if element.tag in INLINE else "\n%s\n" % "".join(parts)


def labels_of(control):
    """(words for the control alone, words for its row) ; either may be empty."""
    kind = (control.get("type") or "text").lower() if control.tag == "input" else control.tag
    row = _beside(control, forward=False)
    tied = _tied(control)
    if kind in AFTER:
        own = tied or _near(control, forward=True) or _near(control, forward=False) or row or _beside(control, forward=True)
        return own, _legend(control) if own == row else row or _near(control, forward=False, ends=("fieldset", "form", "body")) or _legend(control)
    own = tied or _near(control, forward=False) or row or _above(control) or control.get("aria-label") or control.get("placeholder") or ""
    return own, row or own


def _tied(control):
    """Words that the page itself ties to the control."""
    name = control.get("id")
    if name:
        for label in control.getroottree().getroot().iter("label"):
            if label.get("for") == name:
                return visible(label)
    for above in control.iterancestors("label"):
        return visible(above)
    return ""


def _near(control, forward, ends=()):
    """Text beside the control in its own cell, looked for in ever larger parts of it. ends: not in these."""
    for part in control.iterancestors(*CELLS):
        found = _between(control, part, forward) if part.tag not in ends else ""
        if found or part.tag in ENDS:
            return found
    return ""


def _between(control, part, forward):
    """Text before the control, which it may share with the controls right before it (forward: behind it, up to the next one or the end of the line)."""
    words, shared, seen = [], "", False
    for piece in _pieces(part):
        if piece is control:
            seen = True
            if not forward:
                return _tidy(" ".join(words)) or shared
        elif isinstance(piece, str):
            words += [piece] if seen or not forward else []
        elif piece.tag in CONTROLS and piece.get("type") != "hidden":
            if seen:
                break
            shared, words = _tidy(" ".join(words)) or shared, []
        elif piece.tag == "br" and seen and "".join(words).strip():
            break
    return _tidy(" ".join(words)) if seen else ""


def _pieces(part):
    """Text and elements in order, tables inside left out."""
    if part.text:
        yield part.text
    for child in part:
        if isinstance(child.tag, str) and child.tag not in ("script", "style", "table"):
            yield child
            if child.tag not in CONTROLS:
                yield from _pieces(child)
        if child.tail:
            yield child.tail


def _beside(control, forward):
    """Text of the nearest cell before (or right behind) the control's that has text and no control; of the term that a definition belongs to."""
    cell = next(iter(control.iterancestors("td", "th", "dd")), None)
    for other in cell.itersiblings(preceding=not forward) if cell is not None else ():
        if _has_control(other):
            if forward:
                return ""
        elif other.tag in ("td", "th", "dt") and visible(other):
            return _tidy(visible(other))
    return ""


def _above(control):
    """Text of the row above, where the control's row holds nothing else."""
    row = next(iter(control.iterancestors("tr")), None)
    if row is None or visible(row):
        return ""
    before = row.getprevious()
    return _tidy(visible(before)) if before is not None and before.tag == "tr" and not _has_control(before) else ""


def _legend(control):
    for fieldset in control.iterancestors("fieldset"):
        found = fieldset.find("legend")
        return visible(found) if found is not None else ""
    return ""


def _has_control(element):
    return any(c.get("type") != "hidden" for c in element.iter(*CONTROLS))


def _tidy(text):
    """Without the marks of required fields and the colon."""
    return re.sub(r"\s*[:*]+\s*$|^\s*\*\s*", "", " ".join(text.replace("\xa0", " ").split()))
