"""Zones as objects, whichever way they were made: for whoever opens their ports, calls their peers and shows what came of it.

An automatic zone leads from Expressway-C to one Unified CM node by TCP, TLS or SIP OAuth (CEtcp-, CEtls-, CEOAuth-); it comes from the discovery of
Unified CM (lab.expressway.servers) and is not configured. Sources: expressway.md 1.4, 2.2, 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.expressway.state import Peer


@dataclass(frozen=True)
class Result:
    """What came of a zone on one peer. state: "Active", "Failed", "Checking", "Address Resolvable", "On"; cause: the product's words, "" = none;
    peers: (address, port, state, cause) of each far end."""

    state: str
    cause: str = ""
    peers: tuple[tuple[str, int, str, str], ...] = ()


UNKNOWN = Result("Failed", "System unreachable")


@dataclass(frozen=True)
class Zone:
    """A zone. index 0: automatic. type: as in xConfiguration; uc: a Unified Communications traversal zone (TLS, verified, media encrypted whatever is
    set); peers: addresses or names; tls_verify: whether the far end's certificate is checked; subject: the name that it needs on the server's side;
    media, authentication: CLI words; password: of a traversal client. automatic: "", "tcp", "tls" or "oauth"."""

    index: int
    name: str
    type: str
    uc: bool = False
    sip: bool = True
    peers: tuple[str, ...] = ()
    port: int = 0
    transport: str = "TLS"
    tls_verify: bool = False
    subject: str = ""
    media: str = "Auto"
    authentication: str = "DoNotCheckCredentials"
    user: str = ""
    password: str = field(default="", repr=False)
    automatic: str = ""


def of(peer: Peer) -> list[Zone]:
    """All zones of a peer."""
    return [configured(peer, index) for index in peer.config.indices("Zones Zone")] + automatic(peer)


def configured(peer: Peer, index: int) -> Zone:
    """The zone of an index. Raises KeyError."""
    config, head = peer.config, f"Zones Zone {index}"
    kind = config.get(f"{head} Type")

    def value(path: str, otherwise: str = "") -> str:
        whole = f"{head} {kind} {path}"
        return config.get(whole) if config.exists(whole) else otherwise

    uc = str(index) in peer.table("uc_zone")
    peers = tuple(address for number in range(1, 7) if (address := value(f"Peer {number} Address")))
    return Zone(
        index, config.get(f"{head} Name"), kind, uc, config.get(f"{head} SIP Mode") == "On", peers, int(value("SIP Port", "0")),
        "TLS" if uc else value("SIP Transport", value("SIP Default Transport", "TLS")), uc or value("SIP TLS Verify Mode", "Off") == "On",
        value("SIP TLS Verify Subject Name"), "On" if uc else value("SIP Media Encryption Mode", "Auto"),
        value("Authentication Mode", "DoNotCheckCredentials"), value("Authentication UserName"), value("Authentication Password"))


def automatic(peer: Peer) -> list[Zone]:
    """The zones that the discovered Unified CM nodes brought about."""
    made = []
    for row in peer.table("cucm").values():
        for name, way, host, port in row.get("zones", ()):
            made.append(Zone(0, name, "Neighbor", peers=(host,), port=port, transport="TCP" if way == "tcp" else "TLS",
                             tls_verify=way != "tcp" and row["TlsVerify"] == "On", automatic=way))
    return made


def by_name(peer: Peer, name: str) -> Zone | None:
    """The zone of a name (names are compared as they are written)."""
    return next((zone for zone in of(peer) if zone.name == name), None)
