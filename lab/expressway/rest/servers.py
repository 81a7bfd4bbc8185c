"""Unified Communications servers by REST: /controller/server/cucm and /imp; Unity Connection and PUT are readings (expressway.md 1.3, 7 (1, 4)).

A server is asked before anything is kept: adding (or changing) one that cannot be discovered fails.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING
from typing import Any

from lab.core.variants import variant
from lab.expressway import servers
from lab.expressway.rest.model import ApiError
from lab.expressway.rest.model import Key
from lab.expressway.rest.model import Resource
from lab.expressway.rest.model import Row

if TYPE_CHECKING:
    from lab.expressway.state import Peer

variant("expressway_server_put", ("absent", "offered"), "absent", "expressway.md 1.3, 7 (1)", "whether a server can be changed (and so discovered anew) by PUT")
variant("expressway_ucxn_resource", ("absent", "offered"), "absent", "expressway.md 1.3, 7 (4)", "whether the API has Unity Connection servers")

SWITCH = ("On", "Off")
COMMON = (Key("Publisher", high=1024, required=True), Key("AxlUsername", high=128, required=True), Key("AxlPassword", high=128, required=True, write_only=True),
          Key("TlsVerify", choices=SWITCH))
# Switches of Unified CM, as the recorded reply writes them: in lower case.
OPTIONS = {"AesGcm": "off", "SipUpdateForSessionRefresh": "off", "IcePassthrough": "off"}
KEYS = {"cucm": (*COMMON, *(Key(name, choices=("on", "off")) for name in OPTIONS)), "imp": COMMON, "ucxn": COMMON}


class Servers(Resource):
    """One kind of server."""

    @property
    def table(self) -> str:
        """Its table."""
        return self.path.rpartition("/")[2]

    def methods(self, peer: Peer) -> dict[str, Any]:
        found = super().methods(peer)
        return found if peer.world.variant("expressway_server_put") == "offered" else {name: call for name, call in found.items() if name != "PUT"}

    def required(self, peer: Peer, method: str) -> set[str]:
        return {"Publisher"} if method == "PUT" else super().required(peer, method)

    def prepare(self, peer: Peer, method: str, given: Row) -> Coroutine[Any, Any, Row] | None:
        if method == "DELETE":
            return None
        before = peer.table(self.table).get(given["Publisher"])
        if method == "POST" and before is not None and peer.world.refuses("expressway_duplicate"):
            raise ApiError("conflict", f"{given['Publisher']} already exists")
        asked = {name: value for name, value in (before or {}).items() if name in {key.name for key in KEYS[self.table]}}
        return self._discovered(peer, {**(OPTIONS if self.table == "cucm" else {}), **asked, **given})

    async def _discovered(self, peer: Peer, given: Row) -> Row:
        try:
            return await servers.discover(peer, self.table, given)
        except servers.Undiscovered as problem:
            raise ApiError("command", str(problem)) from problem


def _resource(table: str, offered=lambda _peer: True) -> Servers:
    def read(peer: Peer) -> list[Row]:
        return list(peer.table(table).values())

    def keep(peer: Peer, given: Row) -> str:
        peer.table(table)[given["Publisher"]] = given
        return f"{given['Publisher']} discovered"

    def remove(peer: Peer, row: Row, _given: Row) -> str:
        del peer.table(table)[row["Publisher"]]
        return f"{row['Publisher']} deleted"

    return Servers(f"/controller/server/{table}", lambda _peer: list(KEYS[table]), read, "Publisher", keep, lambda peer, _row, given: keep(peer, given), remove,
                   lambda peer: peer.appliance.product == "expressway_c" and offered(peer))


RESOURCES = (_resource("cucm"), _resource("imp"), _resource("ucxn", lambda peer: peer.world.variant("expressway_ucxn_resource") == "offered"))
