"""The database of one cluster, filled with its day 0, and the few things that the other surfaces ask it for."""
from __future__ import annotations

import pickle
from typing import Any

from lab.ucm import parameters
from lab.ucm import seed
from lab.ucm.store import Store


class Database(Store):
    """The truth behind AXL, SQL, the CLI's `run sql` and RIS.

    cluster: a lab.core.world.Cluster; its estate and the world's `phones_wanted` and `axl_schema` decide what it holds.
    Raises SchemaMissing (lab.ucm.axl.schema) and KeyError (the estate refers to a name it does not define).
    """

    def __init__(self, cluster: Any):
        super().__init__(cluster.name, str(cluster.world.axl_schema) if cluster.world.axl_schema else None)
        self.cluster = cluster
        seed.fill(cluster, self, cluster.world.phones_wanted)

    def adapt(self) -> None:
        """Brings the rows that depend on a variant in line with it; to be called before each use by a client."""
        seed.adapt(self.cluster)

    def _process_node(self, node: Any) -> str | None:
        return None if node is None else self.uuid("processnode", node.name)

    def parameter(self, name: str, service: str = parameters.ENTERPRISE, node: Any = None) -> str | None:
        """Value of an enterprise or service parameter, None where there is no such row.

        name: the internal name under any reading, or a key of parameters.py. Drop-downs are given as the position of the choice
        ("0", "1") whatever the variant stores; other values as stored.
        """
        self.adapt()
        known = parameters.named(service, name)
        real = known.name(self.readings[0]) if known else name
        where = self._process_node(node)
        stored = self.value("select paramvalue from processconfig where tkservice=? and paramname=? and (? is null or fkprocessnode=?)",
                            self.enum("typeservice", service), real, where, where)
        if stored is None or known is None:
            return stored
        return known.stored(known.word(parameters.plain(known, stored)), "numbers")

    def set_parameter(self, name: str, value: str, service: str = parameters.ENTERPRISE, node: Any = None) -> None:
        """Stores a parameter as the product itself does. value: the word of its page, the position of the choice, or a free value.

        Raises KeyError when there is no such parameter.
        """
        self.adapt()
        known = parameters.named(service, name)
        real = known.name(self.readings[0]) if known else name
        stored = parameters.as_kept(known, known.stored(known.word(str(value)), self.readings[1]), self.readings[5]) if known else str(value)
        where = self._process_node(node)
        if not self.run("update processconfig set paramvalue=? where tkservice=? and paramname=? and (? is null or fkprocessnode=?)",
                        stored, self.enum("typeservice", service), real, where, where):
            raise KeyError(f"{service}: {name}")

    def save(self) -> bytes:
        """The whole state, for a snapshot."""
        return pickle.dumps(self.snapshot())

    def load(self, state: bytes) -> None:
        """Puts a state of `save` back."""
        self.restore(pickle.loads(state))
