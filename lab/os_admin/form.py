"""A form as data: what a page offers, and what a browser would send back of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from multidict import MultiDictProxy

from lab.core.world import World
from lab.os_admin import naming


class BadForm(Exception):
    """What was sent is not what a browser sends of this form; the text is the page's."""


@dataclass(frozen=True)
class Field:
    """One field. kind: text, area, select, check, radio, file or fixed (shown only). value: its word; "on" for a ticked check box.

    words: what a list or radio buttons offer. joined: it stands behind the field before it, without a label of its own.
    changes: another choice makes the page submit itself (variant os_admin_change). after: words behind it.
    """

    key: str
    label: str
    kind: str = "text"
    value: str = ""
    words: tuple[str, ...] = ()
    required: bool = False
    joined: bool = False
    changes: bool = False
    read_only: bool = False
    after: str = ""


@dataclass(frozen=True)
class Form:
    """A form. sections: (heading, fields) each; button: its words; hidden: further hidden fields, which must come back as they were."""

    name: str
    sections: tuple[tuple[str, tuple[Field, ...]], ...]
    button: str
    hidden: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[Field]:
        """All fields."""
        return [one for _heading, fields in self.sections for one in fields]

    @property
    def has_file(self) -> bool:
        """Whether it is sent as multipart."""
        return any(one.kind == "file" for one in self.fields)


BUTTON = "operation"


def submits_itself(world: World, form: Form) -> bool:
    """Whether a choice in this form submits it, so that its button has to be told apart."""
    return world.variant("os_admin_change") == "submit" and any(one.changes for one in form.fields)


def button_is_sent(world: World, form: Form) -> bool:
    """Whether the button's own name and value are part of what a browser sends."""
    return world.variant("os_admin_buttons") == "button" or submits_itself(world, form)


def read(world: World, form: Form, sent: MultiDictProxy, ignored: set[str]) -> tuple[dict, bool]:
    """(values by key, whether the button was pressed) of a form that came back. A file's value is its bytes. Raises BadForm.

    ignored: names that are not the form's own (its token).
    """
    scheme = world.variant("os_admin_fields")
    names = {naming.field(scheme, form.name, one.key)[0]: one for one in form.fields if one.kind != "fixed"}
    button = naming.field(scheme, form.name, BUTTON)[0]
    strict = world.refuses("os_admin_form")
    strange = set(sent) - set(names) - set(form.hidden) - ignored - {button}
    missing = {name for name, one in names.items() if one.kind not in ("check", "radio") and name not in sent}
    changed = {name for name, value in form.hidden.items() if sent.get(name) != value}
    if strict and strange | missing | changed:
        raise BadForm("Error: The request is not valid")
    values = {}
    for name, one in names.items():
        value = sent.get(name)
        if one.kind == "file":
            values[one.key] = value.file.read() if hasattr(value, "file") else b""
        elif one.kind == "check":
            values[one.key] = "on" if value is not None else ""
        elif one.words:
            values[one.key] = _word(world, scheme, one, value)
        else:
            values[one.key] = one.value if one.read_only else str(value or "").strip()
    return values, not button_is_sent(world, form) or button in sent


def _word(world: World, scheme: str, one: Field, value: object) -> str:
    if value is None:
        return ""
    for place, word in enumerate(one.words):
        if naming.choice(scheme, one.key, word, place) == value:
            return word
    if world.refuses("os_admin_choice"):
        raise BadForm(f"Error: Invalid value for {one.label or one.key}")
    return str(value)
