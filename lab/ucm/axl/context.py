"""What an operation works with: the node it was sent to, its cluster's database, the schema, and what it did."""
from __future__ import annotations

import functools
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from lxml import etree

from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.schema import NAMESPACE
from lab.ucm.axl.schema import Schema
from lab.ucm.store import Store


@functools.cache
def _defaults(schema: Schema, name: str, tag: str) -> dict[str, str]:
    for operation in ("add" + name, "update" + name):
        if schema.has(operation):
            root = schema.root(operation)
            shape = root.child(tag).children if operation.startswith("add") else root.children
            return {e.name: e.default for e in shape if e.default is not None}
    return {}


@dataclass
class Context:
    """One request.

    changes: rows written so far, each of which is a change notification. actions: devices to reset, restart or apply once the
    transaction is committed, as (verb, device name). detail: for the journal (no secrets). off_schema: the reply is known
    to break the schema, as the product's does. prepared: what was found out before the operation, where that takes a connection of its own (ldap.BEFORE).
    """

    node: Any
    operation: str
    namespace: str
    changes: int = 0
    actions: list[tuple[str, str]] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)
    off_schema: bool = False
    prepared: Any = None

    @property
    def cluster(self) -> Any:
        """The cluster of the node."""
        return self.node.cluster

    @property
    def world(self) -> Any:
        """The world of the node."""
        return self.node.cluster.world

    @property
    def store(self) -> Store:
        """The cluster's database."""
        return self.node.cluster.db

    @property
    def schema(self) -> Schema:
        """The AXL schema."""
        return self.node.cluster.db.schema

    def refuses(self, name: str) -> bool:
        """Whether this must-refuse check is on."""
        return self.world.refuses(name)

    def variant(self, name: str) -> str:
        """The reading of an unsure fact."""
        return self.world.variant(name)

    def defaults(self, cls: ObjectClass) -> dict[str, str]:
        """Default texts of a class's elements as the schema gives them."""
        return _defaults(self.schema, cls.name, cls.tag)

    def response(self, sequence: str | None = None) -> etree._Element:
        """The empty reply element of the operation, in the namespace of the request."""
        root = etree.Element(f"{{{self.namespace}}}{self.operation}Response", nsmap={"ns": self.namespace})
        if sequence:
            root.set("sequence", sequence)
        return root

    @property
    def version(self) -> str:
        """Version of the request's namespace, e.g. 15.0."""
        return self.namespace.removeprefix(NAMESPACE)
