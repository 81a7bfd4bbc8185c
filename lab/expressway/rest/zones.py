"""Zones by REST. Proven are the keys of Unified Communications zones; those of neighbor, traversal and DNS zones are readings (expressway.md 1.4, 7 (1))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.expressway import zones
from lab.expressway.rest import configured
from lab.expressway.rest.configured import Mapped
from lab.expressway.rest.model import ApiError
from lab.expressway.rest.model import Key
from lab.expressway.rest.model import Resource
from lab.expressway.rest.model import Row

if TYPE_CHECKING:
    from lab.expressway.state import Peer

OWNER = "Zones Zone"
variant("expressway_zone_resources", ("offered", "absent"), "offered", "expressway.md 1.3, 7 (1)",
        "whether the API has neighbor, traversal and DNS zones at all (Unified Communications zones it has)")
variant("expressway_zone_keys", ("expected", "short", "without_security"), "expected", "expressway.md 1.4, 7 (1)",
        "what the keys for transport, TLS verify, media encryption and subject name are called, or that there are none")
variant("expressway_registrations_key", ("AcceptProxiedRegistrations", "Registrations"), "AcceptProxiedRegistrations", "expressway.md 1.4",
        "what the registrations of a traversal zone are called")
variant("expressway_uc_zone_needs_mra", ("no", "yes"), "no", "id:63293541382 (of the web page)",
        "whether a Unified Communications zone can only be made once mobile and remote access is on")
variant("expressway_zone_status", ("shown", "left_out"), "shown", "expressway.md 1.4", "whether a zone's status stands inside its configuration")

refusal("expressway_uc_zone_mra", "id:63293541382", "a Unified Communications zone while mobile and remote access is off (where that is checked)")

PROBES = tuple(Mapped(f"{way}Probe{what}", f"TraversalServer {way}Probe {what}") for way in ("UDP", "TCP")
               for what in ("RetryInterval", "RetryCount", "KeepAliveInterval"))
# Keys that are only seen in Unified Communications zones, and do not touch security: kept as they are given.
EXTRAS = {"SIPMediaICESupport": "Off", "SIPMultistreamMode": "On", "SIPPoisonMode": "Off", "SIPPreloadedSipRoutesSupport": "Off",
          "SIPParameterPreservationMode": "Off"}
SECURITY = {
    "expected": {"transport": "SIPTransport", "verify": "SIPTLSVerifyMode", "media": "SIPMediaEncryptionMode", "subject": "SIPTLSVerifySubjectName",
                 "default": "SIPDefaultTransport"},
    "short": {"transport": "Transport", "verify": "TLSVerify", "media": "MediaEncryption", "subject": "TLSVerifySubjectName", "default": "DefaultTransport"},
    "without_security": {},
}


def _security(peer: Peer, kind: str) -> list[Mapped]:
    names = SECURITY[peer.world.variant("expressway_zone_keys")]
    paths = {"transport": f"{kind} SIP Transport", "verify": f"{kind} SIP TLS Verify Mode", "media": f"{kind} SIP Media Encryption Mode",
             "subject": f"{kind} SIP TLS Verify Subject Name", "default": f"{kind} SIP Default Transport"}
    return [Mapped(name, paths[word]) for word, name in names.items()]


def _common(peer: Peer, kind: str) -> list[Mapped]:
    registrations = peer.world.variant("expressway_registrations_key")
    return [
        Mapped("Name", "Name", True), Mapped("HopCount", "HopCount"), Mapped("H323Mode", "H323 Mode"), Mapped("SIPMode", "SIP Mode"),
        Mapped("SIPPort", f"{kind} SIP Port"), Mapped("H323Port", f"{kind} H323 Port"), Mapped("AuthenticationMode", f"{kind} Authentication Mode"),
        Mapped("AuthenticationUserName", f"{kind} Authentication UserName"), Mapped("AuthenticationPassword", f"{kind} Authentication Password"),
        Mapped("PeerAddress", f"{kind} Peer {{}} Address", kind == "Neighbor"), Mapped("RetryInterval", f"{kind} RetryInterval"),
        Mapped(registrations, f"{kind} Registrations"),
    ]


def _neighbor(peer: Peer) -> list[Mapped]:
    return [*_common(peer, "Neighbor"), *_security(peer, "Neighbor"), Mapped("ZoneProfile", "Neighbor ZoneProfile"),
            Mapped("SIPAuthenticationTrustMode", "Neighbor SIP Authentication Trust Mode"), Mapped("Monitor", "Neighbor Monitor")]


def _client(peer: Peer) -> list[Mapped]:
    return [*_common(peer, "TraversalClient"), *_security(peer, "TraversalClient")]


def _server(peer: Peer) -> list[Mapped]:
    return [*_common(peer, "TraversalServer"), *_security(peer, "TraversalServer"), *PROBES]


def _dns(peer: Peer) -> list[Mapped]:
    return [*_common(peer, "DNS"), *_security(peer, "DNS"), Mapped("IncludeAddressRecord", "DNS IncludeAddressRecord")]


def _uc(peer: Peer) -> list[Mapped]:
    kind = "TraversalClient" if peer.appliance.product == "expressway_c" else "TraversalServer"
    left_out = {"H323Mode", "H323Port", "SIPMode"}
    own = [one for one in _common(peer, kind) if one.name not in left_out]
    return own if kind == "TraversalClient" else [*own, Mapped("SIPTLSVerifySubjectName", f"{kind} SIP TLS Verify Subject Name"), *PROBES]


def _resource(path: str, kind: str, mapped, uc: bool = False, product: str = "") -> Resource:
    def keys(peer: Peer) -> list[Key]:
        more = [Key(name, choices=("On", "Off")) for name in EXTRAS] if uc else []
        status = [Key("Status", read_only=True)] if peer.world.variant("expressway_zone_status") == "shown" else []
        return [*configured.keys_of(mapped, f"{OWNER} #")(peer), *more, *status]

    def indices(peer: Peer) -> list[int]:
        return [index for index in peer.config.indices(OWNER)
                if peer.config.get(f"{OWNER} {index} Type") == kind and (str(index) in peer.table("uc_zone")) == uc]

    def read(peer: Peer) -> list[Row]:
        rows = []
        for index in indices(peer):
            row = configured.read(peer, mapped(peer), f"{OWNER} {index}")
            extras = {**EXTRAS, **peer.table("uc_zone")[str(index)]} if uc else {}
            result = peer.zone_results.get(row["Name"], zones.UNKNOWN)
            rows.append({**row, **extras, "Status": result.state, "_index": index})
        return rows

    def add(peer: Peer, given: Row) -> str:
        if zones.by_name(peer, given.get("Name", "")) is not None and peer.world.refuses("expressway_duplicate"):
            raise ApiError("conflict", f"{WORDS.get(kind, 'Zone')} zone name already exists")
        off = peer.config.get("CollaborationEdge Enabled") == "Off" and peer.world.variant("expressway_uc_zone_needs_mra") == "yes"
        if uc and off and peer.world.refuses("expressway_uc_zone_mra"):
            raise ApiError("bad", "Unified Communications mode is Off")
        index = peer.config.create(OWNER, {"Type": kind, "Name": given["Name"], **_next_port(peer, kind)})
        if uc:
            peer.table("uc_zone")[str(index)] = {name: given[name] for name in EXTRAS if name in given}
        configured.write(peer, mapped(peer), f"{OWNER} {index}", given)
        return f"{given['Name']} created"

    def change(peer: Peer, row: Row, given: Row) -> str:
        index = row["_index"]
        body = dict(given)
        name = body.pop("New_Name", None)
        if name is not None:
            if name != row["Name"] and zones.by_name(peer, name) is not None and peer.world.refuses("expressway_duplicate"):
                raise ApiError("conflict", f"{WORDS.get(kind, 'Zone')} zone name already exists")
            body["Name"] = name
        if uc:
            peer.table("uc_zone")[str(index)] = {**peer.table("uc_zone")[str(index)], **{name: body[name] for name in EXTRAS if name in body}}
        configured.write(peer, mapped(peer), f"{OWNER} {index}", body)
        return f"{row['Name']} updated"

    def remove(peer: Peer, row: Row, _given: Row) -> str:
        peer.config.delete(OWNER, row["_index"])
        peer.table("uc_zone").pop(str(row["_index"]), None)
        return f"{row['Name']} deleted"

    def offered(peer: Peer) -> bool:
        here = not product or peer.appliance.product == product
        return here and (uc or peer.world.variant("expressway_zone_resources") == "offered")

    return Resource(path, keys, read, "Name", add, change, remove, offered, renames=True)


WORDS = {"Neighbor": "Neighbor", "TraversalClient": "Traversal client", "TraversalServer": "Traversal server", "DNS": "DNS"}


def _next_port(peer: Peer, kind: str) -> dict[str, str]:
    """A traversal server zone begins at 7001, each further one at the next port (expressway.md 2.2)."""
    if kind != "TraversalServer":
        return {}
    used = [zone.port for zone in zones.of(peer) if zone.type == kind]
    return {f"{kind} SIP Port": str(max([7000, *used]) + 1)}


RESOURCES = (
    _resource("/common/zone/neighborzone", "Neighbor", _neighbor),
    _resource("/common/zone/dnszone", "DNS", _dns),
    _resource("/controller/zone/traversalclient", "TraversalClient", _client, product="expressway_c"),
    _resource("/edge/zone/traversalserver", "TraversalServer", _server, product="expressway_e"),
    _resource("/controller/zone/unifiedcommunicationstraversal", "TraversalClient", _uc, True, "expressway_c"),
    _resource("/edge/zone/unifiedcommunicationstraversal", "TraversalServer", _uc, True, "expressway_e"),
)
