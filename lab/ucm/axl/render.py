"""Rows of the database as elements of AXL: what get and list answer."""
from __future__ import annotations

from typing import Any

from lxml import etree

from lab.core.variants import variant
from lab.ucm.axl import product_settings
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.model import Column
from lab.ucm.axl.model import Members
from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.schema import Element
from lab.ucm.store import axl_uuid

variant("axl_password_read", ("masked", "empty", "encrypted"), "masked", "axl.md 2.6, 9", "How a password reads in AXL.")

MASK = "********"
_HUGE = etree.XMLParser(huge_tree=True)
Wanted = dict[str, Any] | None      # names of the elements asked for, with what is asked for below them; None = everything


def wanted(tags: etree._Element | None) -> Wanted:
    """What a `returnedTags` element asks for; None (everything) when it is not there or empty."""
    if tags is None or len(tags) == 0:
        return None
    return {child.tag: wanted(child) for child in tags if isinstance(child.tag, str)}


class Renderer:
    """Writes objects of one class. Everything that is the same for all rows is looked up once."""

    def __init__(self, context: Context, cls: ObjectClass, shape: list[Element], asked: Wanted):
        self.context, self.cls, self.asked = context, cls, asked
        self.shape = [e for e in shape if asked is None or e.name in asked]
        self._names: dict[str, dict[str, str]] = {}
        self._tops: dict[str, list[Column]] = {}
        for column in cls.columns:
            self._tops.setdefault(column.element, []).append(column)
        self._lists = {m.element: m for m in cls.lists}
        self._loose = [e for e in self.shape if e.name not in self._tops and e.name not in self._lists]
        self._defaults = context.defaults(cls) if self._loose else {}
        self._columns = [c for c in cls.columns if any(e.name == c.element for e in self.shape)]

    def objects(self, condition: str, values: tuple[Any, ...], order: str, limit: str = "") -> list[etree._Element]:
        """One element for each row of the class that meets a condition."""
        fields = ["pkid", *dict.fromkeys(c.column for c in self._columns)]
        rows = self.context.store.rows(
            f"select {', '.join(fields)} from {self.cls.table} where ({self.cls.where}) and ({condition}) order by {order} {limit}", *values)
        if self._plain and len(rows) > 1:
            return self._written(fields, rows)
        extras = self._extras([r[0] for r in rows])
        return [self._object(dict(zip(fields, row)), extras) for row in rows]

    @property
    def _plain(self) -> bool:
        """Whether every element asked for is one column's, without anything below it."""
        return not self._loose and not any(e.name in self._lists for e in self.shape) and all(c.path == (c.element,) for c in self._columns)

    def _written(self, fields: list[str], rows: list[tuple]) -> list[etree._Element]:
        """The same as `_object` for plain elements, written as text and parsed once: several times faster, which tells with thousands of rows."""
        order = [(self._tops[e.name][0], fields.index(self._tops[e.name][0].column)) for e in self.shape]
        known: list[dict[Any, str]] = [{} for _ in order]       # enumerations, references and booleans repeat themselves
        lines = []
        for row in rows:
            line = [f'<{self.cls.tag} uuid="{axl_uuid(row[0])}">']
            for place, (column, index) in enumerate(order):
                value, seen = row[index], known[place]
                text = seen.get(value)
                if text is None:
                    text = self._text(column, value)
                    if column.kind in ("enum", "fk", "bool"):
                        seen[value] = text
                line.append(text)
            lines.append("".join(line) + f"</{self.cls.tag}>")
        return list(etree.fromstring("<all>" + "".join(lines) + "</all>", _HUGE))

    def _text(self, column: Column, value: Any) -> str:
        if column.omitted and not value:
            return ""
        key = f' uuid="{axl_uuid(value)}"' if column.kind == "fk" and value is not None else ""
        return f"<{column.element}{key}>{soap.escaped(self._shown(column, value))}</{column.element}>"

    def _extras(self, keys: list[str]) -> dict[str, dict[str, str]]:
        """Stored contents of the elements that have no column: {key: {element: XML}}."""
        found: dict[str, dict[str, str]] = {}
        if not self._loose or not keys:
            return found
        one = " where fkobject=?" if len(keys) == 1 else ""
        for key, element, content in self.context.store.rows("select fkobject, element, content from lab_element" + one, *(keys if one else ())):
            found.setdefault(key, {})[element] = content
        return found

    def _object(self, row: dict[str, Any], extras: dict[str, dict[str, str]]) -> etree._Element:
        node = etree.Element(self.cls.tag, uuid=axl_uuid(row["pkid"]))
        loose = extras.get(row["pkid"], {})
        for element in self.shape:
            deeper = None if self.asked is None else self.asked[element.name]
            if element.name in self._lists:
                self._members(node, self._lists[element.name], element, row["pkid"], deeper)
            elif element.name in self._tops:
                self._columns_of(node, element, self._tops[element.name], 0, row, deeper)
            elif element.name == "vendorConfig" and self.cls.xml:
                node.append(product_settings.element(self.cls.xml.read(self.context.store, row["pkid"])))
            elif element.name in loose:
                node.append(etree.fromstring(loose[element.name]))
            else:
                self._default(node, element)
        return node

    def _columns_of(self, parent: etree._Element, element: Element, columns: list[Column], depth: int, row: dict[str, Any], asked: Wanted) -> None:
        only = columns[0].path[depth + 1:] == ()
        if only and columns[0].omitted and not row[columns[0].column]:
            return
        node = etree.SubElement(parent, element.name)
        if only:
            self.show(node, columns[0], row[columns[0].column])
            return
        for child in element.children:
            if asked is not None and child.name not in asked:
                continue
            below = [c for c in columns if c.path[depth + 1] == child.name]
            if below:
                self._columns_of(node, child, below, depth + 1, row, None if asked is None else asked[child.name])
            else:
                self._default(node, child)

    def show(self, node: etree._Element, column: Column, value: Any) -> None:
        """Fills an element from a column."""
        node.text = self._shown(column, value) or None
        if column.kind == "fk" and value is not None:
            node.set("uuid", axl_uuid(value))

    def _shown(self, column: Column, value: Any) -> str:
        if column.kind == "secret":
            return {"masked": MASK, "empty": "", "encrypted": value}[self.context.variant("axl_password_read")] if value else ""
        return column.show(self.context.store, value, self._name)

    def _name(self, table: str, key: str) -> str:
        if table not in self._names:
            self._names[table] = dict(self.context.store.rows(f"select pkid, name from {table}"))
        return self._names[table].get(key, "")

    def _default(self, parent: etree._Element, element: Element) -> None:
        if element.kind in ("complex", "any"):
            return
        node = etree.SubElement(parent, element.name)
        default = self._defaults.get(element.name)
        node.text = default if default is not None else "false" if element.kind == "boolean" else None

    def _members(self, parent: etree._Element, members: Members, element: Element, key: str, asked: Wanted) -> None:
        node = etree.SubElement(parent, members.element)
        shape = element.child(members.member)
        store = self.context.store
        owner = store.value(members.owner, key)
        names = ["pkid", *(c.column for c in members.columns)]
        inner = None if asked is None else asked.get(members.member)
        for row in store.rows(f"select {', '.join(names)} from {members.table} where {members.parent}=? order by {members.order}", owner):
            item = etree.SubElement(node, members.member)
            if members.uuids:
                item.set("uuid", axl_uuid(row[0]))
            held = dict(zip(names, row))
            columns = {c.element: c for c in members.columns}
            for child in (shape.children if shape else []):
                if (inner is None or child.name in inner) and child.name in columns:
                    self.show(etree.SubElement(item, child.name), columns[child.name], held[columns[child.name].column])
