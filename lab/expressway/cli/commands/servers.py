"""Unified CM, IM and Presence and Unity Connection servers of Expressway-C.

The trap: CertValidationDisabled is On unless told (RM150), so that a plain add leaves the verification of certificates off. There is no
command to change a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.expressway import servers
from lab.expressway.cli.commands.registry import command
from lab.expressway.cli.forms import Failure

if TYPE_CHECKING:
    from lab.expressway.state import Peer

AXL = "Address(r): <Value> Axlpassword(r): <Password> Axlusername(r): <Value>"
FLAG = " CertValidationDisabled: <On/Off>"
# Switches that a Unified CM has in REST, as an add leaves them.
OPTIONS = {"cucm": {"AesGcm": "off", "SipUpdateForSessionRefresh": "off", "IcePassthrough": "off"}}


async def _add(peer: Peer, table: str, address: str, user: str, password: str, given: dict[str, str]) -> None:
    peer.check_primary()
    if address in peer.table(table) and peer.world.refuses("expressway_duplicate"):
        raise Failure(f"{address} already exists")
    # REST has this the other way round.
    verify = "On" if given.get("CertValidationDisabled", "On") == "Off" else "Off"
    asked = {**OPTIONS.get(table, {}), "Publisher": address, "AxlUsername": user, "AxlPassword": password, "TlsVerify": verify}
    row = await servers.discover(peer, table, asked)
    with peer.change():
        peer.table(table)[address] = row


def _delete(peer: Peer, table: str, address: str) -> None:
    with peer.change():
        if peer.table(table).pop(address, None) is None and peer.world.refuses("expressway_cli_index"):
            raise Failure(f"There is no server {address}")


@command("CUCM Config Add", AXL + FLAG, products="C")
async def cucm_config_add(peer: Peer, given: dict[str, str]) -> None:
    """Looks the publisher up."""
    await _add(peer, "cucm", given["Address"], given["Axlusername"], given["Axlpassword"], given)


@command("CUCM Config Delete", "Address(r): <Value>", products="C")
async def cucm_config_delete(peer: Peer, given: dict[str, str]) -> None:
    """By address."""
    _delete(peer, "cucm", given["Address"])


@command("CUCM Mixed Mode Check", AXL, writes=False, products="C")
async def cucm_mixed_mode_check(peer: Peer, given: dict[str, str]) -> list[str]:
    """Asks whether the cluster is in mixed mode; nothing is kept."""
    row = await servers.discover(peer, "cucm", {"Publisher": given["Address"], "AxlUsername": given["Axlusername"], "AxlPassword": given["Axlpassword"],
                                                "TlsVerify": "Off"})
    return [f'MixedMode: "{row["mixed"]}"']


@command("XMPP Discovery", AXL + FLAG, products="C")
async def xmpp_discovery(peer: Peer, given: dict[str, str]) -> None:
    """Looks the IM and Presence publisher up."""
    await _add(peer, "imp", given["Address"], given["Axlusername"], given["Axlpassword"], given)


@command("XMPP Delete", "Address(r): <Value>", products="C")
async def xmpp_delete(peer: Peer, given: dict[str, str]) -> None:
    """By address."""
    _delete(peer, "imp", given["Address"])


@command("Ucxn Config Add", "Address(r): <S: 0, 1024> CertValidationDisabled: <On/Off> DeploymentId: <1..65535> Password(r): <Password> "
         "Username(r): <S: 1, 1024>", products="C")
async def ucxn_config_add(peer: Peer, given: dict[str, str]) -> None:
    """Looks the Unity Connection publisher up."""
    await _add(peer, "ucxn", given["Address"], given["Username"], given["Password"], given)


@command("Ucxn Config Delete", "Address(r): <S: 0, 1024>", products="C")
async def ucxn_config_delete(peer: Peer, given: dict[str, str]) -> None:
    """By address."""
    _delete(peer, "ucxn", given["Address"])
