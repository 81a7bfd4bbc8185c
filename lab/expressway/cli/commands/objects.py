"""Zones, search rules, domains and credentials: made by name, deleted by index (credentials by name), and changed by xConfiguration (RM150)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.expressway import zones
from lab.expressway.cli.commands.registry import command
from lab.expressway.cli.forms import Failure

if TYPE_CHECKING:
    from lab.expressway.state import Peer

ZONE, RULE, DOMAIN = "Zones Zone", "Zones Policy SearchRules Rule", "SIP Domain"
FIRST_TRAVERSAL_PORT = 7001


def _free(peer: Peer, owner: str, name: str) -> None:
    """Raises Failure when an object of that name is there."""
    taken = any(peer.config.get(f"{owner} {index} Name") == name for index in peer.config.indices(owner))
    if taken and peer.world.refuses("expressway_duplicate"):
        raise Failure(f"{name}: the name already exists")


def _delete(peer: Peer, owner: str, index: int) -> None:
    with peer.change():
        try:
            peer.config.delete(owner, index)
        except KeyError as error:
            if peer.world.refuses("expressway_cli_index"):
                raise Failure(f"There is no {owner} {index}") from error
        if owner == ZONE:
            peer.table("uc_zone").pop(str(index), None)


@command("Zone Add", "ZoneName(r): <S: 1, 50> Type(r): <Neighbor/TraversalClient/TraversalServer/ENUM/DNS>")
async def zone_add(peer: Peer, given: dict[str, str]) -> list[str]:
    """Name and type are all that it takes; a traversal server zone gets the next port."""
    kind = given["Type"]
    used = [zone.port for zone in zones.of(peer) if zone.type == kind]
    port = {f"{kind} SIP Port": str(max([FIRST_TRAVERSAL_PORT - 1, *used]) + 1)} if kind == "TraversalServer" else {}
    with peer.change():
        _free(peer, ZONE, given["ZoneName"])
        index = peer.config.create(ZONE, {"Type": kind, "Name": given["ZoneName"], **port})
    return [f'ZoneId: "{index}"']


@command("Zone Delete", "ZoneId(r): <1..1000>")
async def zone_delete(peer: Peer, given: dict[str, str]) -> None:
    """By index."""
    _delete(peer, ZONE, int(given["ZoneId"]))


@command("Search Rule Add", "Name(r): <S: 0, 50> ZoneName: <S: 0, 50> Description: <S: 0, 64>")
async def search_rule_add(peer: Peer, given: dict[str, str]) -> list[str]:
    """A rule that leads to a zone."""
    with peer.change():
        _free(peer, RULE, given["Name"])
        index = peer.config.create(RULE, {"Name": given["Name"], "Target Name": given.get("ZoneName", ""), "Description": given.get("Description", "")})
    return [f'SearchRuleId: "{index}"']


@command("Search Rule Delete", "SearchRuleId(r): <1..2000>")
async def search_rule_delete(peer: Peer, given: dict[str, str]) -> None:
    """By index."""
    _delete(peer, RULE, int(given["SearchRuleId"]))


@command("Domain Add", "Name(r): <S: 1, 128> Edgesip: <On/Off> Edgexmpp: <On/Off> Sip: <On/Off> Xmppfederation: <On/Off>")
async def domain_add(peer: Peer, given: dict[str, str]) -> list[str]:
    """Everything is Off but Sip, unless told."""
    with peer.change():
        _free(peer, DOMAIN, given["Name"])
        index = peer.config.create(DOMAIN, {
            "Name": given["Name"], "Sip": given.get("Sip", "On"), "Edge": given.get("Edgesip", "Off"), "EdgeXmpp": given.get("Edgexmpp", "Off"),
            "XmppFederation": given.get("Xmppfederation", "Off")})
    return [f'DomainId: "{index}"']


@command("Domain Delete", "DomainId(r): <1..200>")
async def domain_delete(peer: Peer, given: dict[str, str]) -> None:
    """By index."""
    _delete(peer, DOMAIN, int(given["DomainId"]))


@command("Credential Add", "Name(r): <String> Password(r): <Password>")
async def credential_add(peer: Peer, given: dict[str, str]) -> None:
    """An entry of the local authentication database."""
    with peer.change():
        if given["Name"] in peer.table("credential") and peer.world.refuses("expressway_duplicate"):
            raise Failure(f"{given['Name']}: the name already exists")
        peer.table("credential")[given["Name"]] = {"Password": given["Password"]}


@command("Credential Delete", "Name(r): <String>")
async def credential_delete(peer: Peer, given: dict[str, str]) -> None:
    """By name."""
    with peer.change():
        if peer.table("credential").pop(given["Name"], None) is None and peer.world.refuses("expressway_cli_index"):
            raise Failure(f"There is no credential {given['Name']}")
