"""Mobile and remote access: its ports on Expressway-E, and what would keep a client from getting through (shown by `lab status`, no product has it).

8443 is the reverse proxy: here it answers 401 to everything, as to a client that has not logged in. It is open while mobile and remote access is on.
Sources: guide "MRA and XMPP Federation"; expressway.md 4.3, 4.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.core.doors import HttpDoor
from lab.expressway import tls
from lab.expressway.certificates import usage
from lab.ucm.tls import bare_context

if TYPE_CHECKING:
    import ssl

    from lab.expressway.state import Peer

PORT = 8443
SERVICE_USAGE_UNTIL = 15.4      # from then on Expressway-C no longer looks at the usage of what signs SERVICE requests (expressway.md 4.4)


def is_on(peer: Peer) -> bool:
    """Whether mobile and remote access is on."""
    return peer.config.get("CollaborationEdge Enabled") == "On"


def problems(peer: Peer) -> list[str]:
    """Why clients do not get through an Expressway-C, as far as this peer can tell; [] where they do, and where the feature is off."""
    if peer.appliance.product != "expressway_c" or not is_on(peer):
        return []
    found = []
    traversal = [zone for zone in peer.zones() if zone.uc]
    if not traversal:
        found.append("no Unified Communications traversal zone")
    for zone in traversal:
        result = peer.zone_results.get(zone.name)
        if result is None or result.state != "Active":
            found.append(f"zone {zone.name} is not active")
    found += [f"no SSH tunnel to {row['Peer']}" for row in peer.tunnels if row["Status"] != "Active"]
    if peer.appliance.major < SERVICE_USAGE_UNTIL:
        for zone in traversal:
            edges = [other for host in zone.peers if (other := peer.world.find_appliance(host)) is not None]
            found += [f"the certificate of {other.fqdn} is not for client authentication" for other in edges
                      if ExtendedKeyUsageOID.CLIENT_AUTH not in usage(other.state.certificates.served[0])]
    verifies = peer.config.exists("EdgeConfigServer VerifyOriginServer") and peer.config.get("EdgeConfigServer VerifyOriginServer") == "On"
    for table in ("cucm", "imp", "ucxn"):
        found += [f"the certificate of {row['Publisher']} is not trusted" for row in peer.table(table).values() if verifies and not row.get("verified")]
    return found


class MraDoor(HttpDoor):
    """The reverse proxy of one peer of Expressway-E."""

    def tls(self) -> ssl.SSLContext:
        """The server certificate in force; nobody is asked for one."""
        return bare_context(lambda: tls.listening(self._state, False), "1.2")

    def asked(self) -> dict[int, str]:
        """The port, while mobile and remote access is on."""
        return {PORT: "https-mra"} if is_on(self._state) else {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Nobody is logged in."""
        self._state.world.journal.add(self._appliance, "tls", f"{request.method} :{PORT}", "read", status=401)
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="CollabEdge"'})
