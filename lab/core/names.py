"""The estate's names: what DNS is to it. Every host of the inventory and every SIP peer goes by its FQDN, its short name and its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.core.world import World


def address_of(world: World, name: str) -> str | None:
    """The address of a name of the estate, case ignored; None for one that nobody has."""
    wanted = name.strip().rstrip(".").lower()
    entries = [(host, str(given.get("collab_fqdn") or f"{host}.{given.get('collab_domain', '')}"), given.get("ansible_host"))
               for host, given in world.hosts.items()]
    entries += [(peer.get("name", ""), peer.get("fqdn", ""), peer.get("address")) for peer in world.estate.get("sip_peers", ())]
    return next((str(address) for *names, address in entries if address and wanted in {*(one.lower() for one in names), str(address)}), None)


def name_of(world: World, address: str) -> str | None:
    """The inventory's name of the host at an address."""
    return next((host for host, given in world.hosts.items() if given.get("ansible_host") == address), None)
