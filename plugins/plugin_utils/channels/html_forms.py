# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web pages as a person reads them: links by their words, fields by their labels, options and buttons by what stands on them.

Whoever wrote a page named its fields as he liked; those names are sent back as they came, and nothing is ever looked up by them. What a
program would run (JavaScript) is not run: a link or button whose script names an address leads there, one whose script submits submits.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin
from urllib.parse import urlsplit

import lxml.html

from .html_labels import labels_of
from .html_labels import visible
from .html_labels import visible_lines
from .https import bare

TEXT, CHOICE, CHECK, FILE, SECRET = "text", "choice", "check", "file", "secret"
KINDS = {"checkbox": CHECK, "radio": CHOICE, "file": FILE, "password": SECRET}
BUTTONS = ("submit", "button", "image")
ADDRESS = re.compile(r"""["']([^"'\s]+\.(?:do|jsp|html?)(?:\?[^"']*)?)["']""")
SUBMITS = re.compile(r"submit\w*\s*\(", re.IGNORECASE)
ALERT = re.compile(r"error|fail|invalid|not match|n't match|unable|could not|cannot|denied|refused|expired", re.IGNORECASE)


class Unexpected(Exception):
    """A page is not what it should be; the text says what is missing or in the way."""


def plain(text):
    """Words without what pages differ in: case, blanks, hyphens, colons, asterisks, brackets."""
    return re.sub(r"[\W_]+", "", text or "").casefold()


def pick(found, wanted, name_of, what):
    """The one thing of `found` that goes by (one of) the words `wanted`; by its beginning, where none has just these words."""
    words = [plain(w) for w in ([wanted] if isinstance(wanted, str) else wanted)]
    for fits in (lambda own, word: own == word, lambda own, word: own.startswith(word)):
        for word in words:
            fitting = [one for one in found if fits(plain(name_of(one)), word)]
            if len(fitting) > 1:
                raise Unexpected("%s '%s' is there %d times" % (what, wanted if isinstance(wanted, str) else wanted[0], len(fitting)))
            if fitting:
                return fitting[0]
    return None


class Field:
    """One thing to fill in. A group of radio buttons is one field of kind CHOICE, like a list to choose from.

    label: words that stand for it alone; group: words that stand for its row; options: [(value sent, words)] of a choice; value: what is sent:
    text, True or False (CHECK), {"name", "content"} or None (FILE); reloads: whether choosing makes the page come again.
    """

    def __init__(self, kind, name, label="", group=""):
        self.kind, self.name, self.label, self.group = kind, name, label, group
        self.value, self.options, self.on, self.disabled, self.fixed, self.reloads = None, [], "on", False, False, False

    @property
    def words(self):
        """What a person would read as its value."""
        if self.kind == CHOICE:
            return next((text for value, text in self.options if value == self.value), "")
        return None if self.kind in (SECRET, FILE) else self.value

    def set(self, wanted):
        """Give it a value, a choice by its words. Returns whether that changed anything."""
        value = wanted
        if self.kind == CHOICE:
            option = pick(self.options, wanted, lambda o: o[1], "the choice")
            if option is None:
                raise Unexpected("'%s' does not offer '%s', but %s" % (
                    self.label or self.group, wanted if isinstance(wanted, str) else wanted[0], ", ".join("'%s'" % text for _value, text in self.options)))
            value = option[0]
        elif self.kind == TEXT and lines(self.value) == lines(wanted):
            value = self.value
        if value == self.value:
            return False
        if self.fixed:
            raise Unexpected("'%s' can only be read" % (self.label or self.group))
        self.value, self.disabled = value, False
        return True

    def pairs(self):
        """What a browser would send of it."""
        if self.disabled or not self.name or (self.kind == CHECK and not self.value) or self.value is None and self.kind != FILE:
            return []
        value = self.on if self.kind == CHECK else self.value
        return [(self.name, "\r\n".join(value.splitlines()) if self.kind == TEXT else value)]


def lines(text):
    """The lines of a text, whatever ends them."""
    return [line.strip() for line in (text or "").splitlines()]


class Form:
    """What is sent together. fields and hidden in the order of the page; buttons: [(words, name, value)]."""

    def __init__(self, element, url):
        self.url, self.method = urljoin(url, element.get("action") or url), (element.get("method") or "get").upper()
        self.multipart = "multipart" in (element.get("enctype") or "")
        self.fields, self.parts, self.buttons = [], [], []
        for control in element.iter("input", "select", "textarea", "button"):
            self._take(control)

    def _take(self, control):
        kind = (control.get("type") or "text").lower() if control.tag == "input" else control.tag
        if kind == "button" or kind in BUTTONS:
            self._button(control, kind)
        elif kind == "hidden":
            self.parts.append((control.get("name"), control.get("value") or ""))
        elif kind != "reset":
            field = self._field(control, kind)
            if field not in self.fields:
                self.fields.append(field)
                self.parts.append(field)

    def _button(self, control, kind):
        words = control.get("value") or control.get("alt") or "" if control.tag == "input" else visible(control)
        sends = kind in ("submit", "image") or control.tag == "button" and (control.get("type") or "submit").lower() == "submit"
        if sends or SUBMITS.search(control.get("onclick") or ""):
            self.buttons.append((words, control.get("name") if sends else None, control.get("value") or ""))

    def _field(self, control, kind):
        label, group = labels_of(control)
        if kind == "radio":
            name = control.get("name")
            field = next((f for f in self.fields if (f.name, f.kind) == (name, CHOICE)), None) or Field(CHOICE, name, group, group)
            field.options.append((control.get("value") or "on", label))
            if control.get("checked") is not None:
                field.value = field.options[-1][0]
        else:
            field = Field(CHOICE if kind == "select" else KINDS.get(kind, TEXT), control.get("name"), label, group)
            self._value(field, control, kind)
        field.disabled = field.disabled or control.get("disabled") is not None
        field.fixed = field.fixed or control.get("readonly") is not None
        field.reloads = field.reloads or bool(SUBMITS.search("%s %s" % (control.get("onchange"), control.get("onclick"))))
        return field

    @staticmethod
    def _value(field, control, kind):
        if kind == "select":
            found = list(control.iter("option"))
            field.options = [(o.get("value") if o.get("value") is not None else visible(o), visible(o)) for o in found]
            if control.get("multiple") is not None:             # a list of names, not a choice: it is read, and sent as it came
                field.kind, field.fixed = TEXT, True
                field.value, field.name = "\n".join(text for _value, text in field.options), None
                return
            chosen = [i for i, o in enumerate(found) if o.get("selected") is not None] or ([0] if found else [])
            field.value = field.options[chosen[-1]][0] if chosen else None
        elif kind == "checkbox":
            field.value, field.on = control.get("checked") is not None, control.get("value") or "on"
        elif kind == "textarea":
            field.value = (control.text or "").removeprefix("\n")
        elif field.kind == TEXT:
            field.value = control.get("value") or ""

    def find(self, label, kind):
        """The field of that kind that goes by these words, or None."""
        found = [f for f in self.fields if f.kind == kind]
        return pick(found, label, lambda f: f.label, "the field") or pick(found, label, lambda f: f.group, "the field")

    def choosing(self, words):
        """The field that offers such a choice, or None."""
        found = [f for f in self.fields if f.kind == CHOICE and any(plain(text) == plain(words) for _value, text in f.options)]
        if len(found) > 1:
            raise Unexpected("the choice '%s' is offered %d times" % (words, len(found)))
        return found[0] if found else None

    def button(self, words):
        """The button with these words, or None."""
        return pick(self.buttons, words, lambda b: b[0], "the button")

    def pairs(self, button=None):
        """Names and values as a browser sends them. button: of .buttons, or None where the form is sent by no button."""
        out = []
        for part in self.parts:
            out += part.pairs() if isinstance(part, Field) else [part] if part[0] else []
        return out + ([(button[1], button[2])] if button and button[1] else [])


class Page:
    """One answer: title, links {words: address}, forms, and what it says."""

    def __init__(self, body, url, charset=None):
        root = lxml.html.document_fromstring(body or b"<html></html>", parser=lxml.html.HTMLParser(encoding=charset or "utf-8"))
        base = next((b.get("href") for b in root.iter("base") if b.get("href")), None)
        self.url = urljoin(url, base) if base else url
        self.title = " ".join((root.findtext(".//title") or "").split())
        self.forms = [Form(f, self.url) for f in root.iter("form")]
        self.links = [(words, urljoin(self.url, address)) for words, address in map(leads, root.iter("a", "area", "input", "button")) if address]
        self.lines = visible_lines(root)
        self.rows = [[visible(cell) for cell in row.iterchildren("td", "th")] for row in root.iter("tr")]

    @property
    def login(self):
        """The form that asks for user and password, or None."""
        return next((f for f in self.forms if any(field.kind == SECRET for field in f.fields)), None)

    def link(self, words):
        """Where the link with these words leads, or None. The same address twice (menu and page) is one link."""
        unique = list({(plain(text), address): (text, address) for text, address in self.links}.values())
        fitting = pick(unique, words, lambda one: one[0], "the link")
        return fitting[1] if fitting else None

    def beside(self, label):
        """Text in the cells beside a label, where it is shown and cannot be filled in."""
        return next((" ".join(row[1:]) for row in self.rows if len(row) > 1 and plain(row[0]) == plain(label)), "")

    def says(self):
        """What it says besides its links."""
        links = {words for words, _address in self.links}
        return " ".join(line for line in self.lines if line not in links)[:500]

    def alerts(self):
        """The sentences that speak of trouble."""
        return " ".join(dict.fromkeys(line for line in self.lines if ALERT.search(line)))[:500]

    def describe(self):
        """What it shows, as plain data, without values of fields that may be secret."""
        fields = [{"label": f.label or f.group, "group": f.group, "kind": f.kind, "value": f.words, "options": [text for _v, text in f.options]}
                  for form in self.forms for f in form.fields]
        return {"title": self.title, "address": bare(urlsplit(self.url).path), "fields": fields, "buttons": [b[0] for form in self.forms for b in form.buttons],
                "links": list(dict.fromkeys(words for words, _address in self.links if words))[:40], "says": self.says()}


def leads(element):
    """(words, address) of a link, or of a button whose script names an address."""
    script = " ".join(filter(None, (element.get("onclick"), element.get("href") if (element.get("href") or "").startswith("javascript:") else None)))
    address = element.get("href") if element.tag in ("a", "area") else None
    if not address or address.startswith(("javascript:", "#")):
        named = ADDRESS.search(script)
        address = named.group(1) if named else None
    words = element.get("value") if element.tag == "input" else visible(element) or element.get("title") or element.get("alt")
    return words or "", address


def sight(shown):
    """What a page shows, in a sentence."""
    if not shown:
        return "Nothing was shown"
    fields = ["'%s'%s" % (f["label"], " (%s)" % ", ".join(f["options"]) if f["options"] else "") for f in shown["fields"]]
    parts = ["It shows the page '%s' (%s)" % (shown["title"], shown["address"])]
    parts += ["with the fields %s" % ", ".join(fields)] if fields else []
    parts += ["the buttons %s" % ", ".join("'%s'" % b for b in shown["buttons"])] if shown["buttons"] else []
    parts += ["the links %s" % ", ".join("'%s'" % one for one in shown["links"])] if shown["links"] and not fields else []
    return ", ".join(parts)[:1500]


def multipart(pairs, boundary):
    """The body of a form with a file, as browsers send it."""
    out = []
    for name, value in pairs:
        head = 'Content-Disposition: form-data; name="%s"' % name.replace('"', "%22")
        if isinstance(value, dict) or value is None:
            value = value or {"name": "", "content": ""}
            head += '; filename="%s"\r\nContent-Type: application/octet-stream' % value["name"]
            value = value["content"]
        out.append("--%s\r\n%s\r\n\r\n%s\r\n" % (boundary, head, value))
    return ("".join(out) + "--%s--\r\n" % boundary).encode()
