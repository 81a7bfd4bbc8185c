"""The engine behind add, get, list, update and remove: one for all classes, driven by their tables."""
from __future__ import annotations

import sqlite3
import uuid
from typing import Any

from lxml import etree

from lab.core.refusals import refusal
from lab.ucm.axl import product_settings
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.model import Column
from lab.ucm.axl.model import Members
from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.model import not_found
from lab.ucm.axl.render import Renderer
from lab.ucm.axl.render import wanted
from lab.ucm.axl.schema import Element
from lab.ucm.axl.soap import Fault
from lab.ucm.secret_text import hide
from lab.ucm.store import axl_uuid
from lab.ucm.store import pkid

refusal("axl_duplicate_name", "axl.md 5; transcripts/axl/fault_-239_addRoutePartition.xml", "A second object of the same name is refused with -239.")
refusal("axl_remove_in_use", "axl.md 5", "An object that others refer to cannot be removed.")
refusal("axl_unknown_name", "axl.md 5", "A reference to an object that does not exist is refused.")

DUPLICATE = "Could not insert new row - duplicate value in a UNIQUE INDEX column (Unique Index:)."
_TRUE = ("t", "true", "1")


def value_of(context: Context, column: Column, node: etree._Element) -> Any:
    """What a request's element means for its column. Raises Fault for a name that does not exist."""
    text = "" if soap.is_nil(node) else soap.text(node)
    if column.kind == "bool":
        return "t" if text.lower() in _TRUE else "f"
    if column.kind == "fk":
        return reference(context, column, node)
    if column.kind == "enum":
        return context.store.enum(column.table, text) if text else None
    if column.kind == "int":
        return int(text) if text else None
    return hide(text) if column.kind == "secret" else text


def reference(context: Context, column: Column, node: etree._Element) -> str | None:
    """Key of the row that an XFkType element names, by its uuid attribute or its text; None for an empty one."""
    store = context.store
    if node.get("uuid"):
        key = store.value(f"select pkid from {column.table} where pkid=?", pkid(node.get("uuid")))
    elif not soap.text(node) or soap.is_nil(node):
        return None
    else:
        key = store.value(f"select pkid from {column.table} where name=?", soap.text(node))
    if key is None and context.refuses("axl_unknown_name"):
        what = column.element.removesuffix("Name")
        raise Fault(5007, f"Item not valid: The specified {what[:1].upper()}{what[1:]} was not found")
    return key


def target(context: Context, cls: ObjectClass, request: etree._Element, updating: bool = False) -> str:
    """Key of the object a request names by `name` or `uuid`. Raises Fault when there is none."""
    by_uuid, by_name = request.find("uuid"), request.find("name")
    if by_uuid is None and cls.finder:
        key = cls.finder(context.store, cls, request)
        if key is None:
            raise not_found(cls.label, updating)
        return key
    column, value = ("pkid", pkid(soap.text(by_uuid))) if by_uuid is not None else (cls.key, soap.text(by_name))
    key = context.store.value(f"select pkid from {cls.table} where ({cls.where}) and {column}=?", value)
    if key is None:
        raise not_found(cls.label, updating)
    return key


def _shape(context: Context, cls: ObjectClass, verb: str) -> list[Element]:
    return context.schema.root(f"{verb}{cls.name}Response").child("return").child(cls.tag).children


# -- reading -----------------------------------------------------------------------------------------------------------
def get(context: Context, cls: ObjectClass, request: etree._Element) -> etree._Element:
    """get<Class>."""
    key = target(context, cls, request)
    renderer = Renderer(context, cls, _shape(context, cls, "get"), wanted(request.find("returnedTags")))
    root = context.response(request.get("sequence"))
    etree.SubElement(root, "return").extend(renderer.objects("pkid=?", (key,), "pkid"))
    return root


def list_(context: Context, cls: ObjectClass, request: etree._Element) -> etree._Element:
    """list<Class>: LIKE patterns joined by AND, `first` rows after `skip`."""
    conditions, values = ["1=1"], []
    by_element = {c.element: c for c in cls.columns}
    for criterion in request.find("searchCriteria"):
        column = by_element.get(criterion.tag)
        if column is None:
            context.world.note_unknown(context.node, "axl", f"{context.operation} by {criterion.tag}")
            raise Fault(5003, f"Search by {criterion.tag} is not supported")
        conditions.append(_like(column))
        values.append(soap.text(criterion))
    limit = ""
    if (first := request.find("first")) is not None:
        skip = request.find("skip")
        limit = f"limit {int(soap.text(first) or 0)} offset {int(soap.text(skip) or 0)}"
    renderer = Renderer(context, cls, _shape(context, cls, "list"), wanted(request.find("returnedTags")))
    root = context.response(request.get("sequence"))
    etree.SubElement(root, "return").extend(renderer.objects(" and ".join(conditions), tuple(values), f"{cls.key}, pkid", limit))
    return root


def _like(column: Column) -> str:
    if column.kind == "fk":
        return f"exists (select 1 from {column.table} as other where other.pkid={column.column} and other.name like ?)"
    if column.kind == "enum":
        return f"exists (select 1 from {column.table} as other where other.enum={column.column} and other.name like ?)"
    return f"coalesce({column.column}, '') like ?"


# -- writing -----------------------------------------------------------------------------------------------------------
def add(context: Context, cls: ObjectClass, request: etree._Element) -> etree._Element:
    """add<Class>."""
    item = request.find(cls.tag)
    row, extras, lists = _taken(context, cls, item, adding=True)
    defaults = context.defaults(cls)
    for column in cls.columns:
        if column.column not in row and len(column.path) == 1 and column.written != "never" and column.element in defaults:
            stand_in = etree.Element(column.element)
            stand_in.text = defaults[column.element]
            row[column.column] = value_of(context, column, stand_in)
    if cls.fixed:
        row.update(cls.fixed(context.store, row))
    if cls.check:
        cls.check(context, item, row, None)
    row["pkid"] = str(uuid.uuid4())
    if context.store.value(f"select 1 from {cls.table} where name=?", row.get("name")):
        if context.refuses("axl_duplicate_name"):
            raise Fault(-239, DUPLICATE, "Client")
        row["name"] += " "         # the check taken out: the product would now hold two objects that look alike
    try:
        context.store.insert(cls.table, **row)
    except sqlite3.IntegrityError as error:
        raise _integrity(error) from None
    if cls.after_add:
        cls.after_add(context.store, row["pkid"])
    _keep(context, cls, row["pkid"], extras, lists)
    context.changes += 1
    return answer(context, request, axl_uuid(row["pkid"]))


def update(context: Context, cls: ObjectClass, request: etree._Element) -> etree._Element:
    """update<Class>."""
    key = target(context, cls, request, updating=True)
    row, extras, lists = _taken(context, cls, request, adding=False)
    before = _row(context, cls, key)
    if (new := request.find("newName")) is not None:
        row["name"] = soap.text(new)
    if cls.check:
        cls.check(context, request, row, before)
    if row:
        sets = ", ".join(f"{name}=?" for name in row)
        try:
            context.store.run(f"update {cls.table} set {sets} where pkid=?", *row.values(), key)
        except sqlite3.IntegrityError as error:
            raise _integrity(error) from None
    _keep(context, cls, key, extras, lists)
    context.changes += 1
    return answer(context, request, axl_uuid(key))


def remove(context: Context, cls: ObjectClass, request: etree._Element) -> etree._Element:
    """remove<Class>."""
    key = target(context, cls, request)
    before = _row(context, cls, key)
    if cls.check:
        cls.check(context, request, None, before)
    if cls.table == "device":
        context.actions.append(("removed", before["name"]))
    try:
        context.store.run(f"delete from {cls.table} where pkid=?", key)
    except sqlite3.IntegrityError:
        if context.refuses("axl_remove_in_use"):
            raise Fault(-692, f"Key value for constraint (informix.fk_{cls.table}) is still being referenced.", "Client") from None
        context.store.run("PRAGMA defer_foreign_keys=ON")
        for table, column in (("device", "fksecurityprofile"), ("device", "fkdevicepool"), ("device", "fksipprofile"), ("devicepool", "fksrst")):
            context.store.run(f"update {table} set {column}=null where {column}=?", key)
        context.store.run(f"delete from {cls.table} where pkid=?", key)
    context.store.run("delete from lab_element where fkobject=?", key)
    context.changes += 1
    return answer(context, request, axl_uuid(key))


def answer(context: Context, request: etree._Element, text: str) -> etree._Element:
    """A StandardResponse."""
    root = context.response(request.get("sequence"))
    etree.SubElement(root, "return").text = text
    return root


def _row(context: Context, cls: ObjectClass, key: str) -> dict[str, Any]:
    cursor = context.store.connection.execute(f"select * from {cls.table} where pkid=?", (key,))
    return dict(zip((d[0] for d in cursor.description), cursor.fetchone()))


def _integrity(error: sqlite3.IntegrityError) -> Fault:
    if "UNIQUE" in str(error):
        return Fault(-239, DUPLICATE, "Client")
    if "FOREIGN KEY" in str(error):
        return Fault(-691, "Missing key in referenced table for referential constraint (informix.fk_device).", "Client")
    return Fault(-391, "Cannot insert a null into column.", "Client")


def _taken(context: Context, cls: ObjectClass, item: etree._Element, adding: bool) -> tuple[dict[str, Any], dict[str, str], list]:
    """What a request holds: values by column, XML of the elements without column, and its lists."""
    tops: dict[str, list[Column]] = {}
    for column in cls.columns:
        tops.setdefault(column.element, []).append(column)
    lists = {n: m for m in cls.lists for n in (m.element, m.add, m.remove) if n}
    row: dict[str, Any] = {}
    extras: dict[str, str] = {}
    changed = []
    for child in item:
        name = child.tag
        if not isinstance(name, str) or name in ("uuid", "newName", "returnedTags") or (name == "name" and not adding):
            continue
        if name in lists:
            changed.append((lists[name], name, child))
        elif name in tops:
            for column in tops[name]:
                found = child if len(column.path) == 1 else child.find("/".join(column.path[1:]))
                if found is not None and (column.written == "always" or (adding and column.written == "add")):
                    row[column.column] = value_of(context, column, found)
        else:
            extras[name] = etree.tostring(child, with_tail=False, encoding="unicode")
    return row, extras, changed


def _keep(context: Context, cls: ObjectClass, key: str, extras: dict[str, str], lists: list[tuple[Members, str, etree._Element]]) -> None:
    for element, content in extras.items():
        if element == "vendorConfig" and cls.xml:
            cls.xml.write(context.store, key, product_settings.text(etree.fromstring(content)))
            continue
        context.store.run("insert or replace into lab_element values (?, ?, ?)", key, element, content)
    for members, name, node in lists:
        owner = context.store.value(members.owner, key)
        if name == members.element:
            context.store.run(f"delete from {members.table} where {members.parent}=?", owner)
        start = context.store.value(f"select count(*) from {members.table} where {members.parent}=?", owner)
        for place, item in enumerate(node.findall(members.member), start + 1):
            values = _member(context, members, item, place)
            if name == members.remove:
                _forget(context, members, owner, values)
            else:
                context.store.insert(members.table, **{members.parent: owner}, **values)


def _member(context: Context, members: Members, item: etree._Element, place: int) -> dict[str, Any]:
    values = {}
    for column in members.columns:
        found = item.find(column.element)
        if found is not None:
            values[column.column] = value_of(context, column, found)
    if members.numbered:
        values[members.order] = place
    return {name: value for name, value in values.items() if value is not None}


def _forget(context: Context, members: Members, owner: str, values: dict[str, Any]) -> None:
    """Removes a member of a list; the order alone does not tell one from another."""
    telling = {n: v for n, v in values.items() if n != members.order} or values
    condition = " and ".join(f"{name}=?" for name in telling)
    if not context.store.run(f"delete from {members.table} where {members.parent}=? and {condition}", owner, *telling.values()):
        raise not_found(members.member[:1].upper() + members.member[1:], updating=True)
