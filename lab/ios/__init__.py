"""Routers with IOS 15 and IOS XE: CUBE and SRST, with a command line over SSH, keys and certificates, SIP in the clear and by TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from lab.core.appliances import Kind
from lab.core.hostkey import ssh_key
from lab.ios import calling
from lab.ios import seed
from lab.ios.doors import CredentialsDoor
from lab.ios.doors import SipDoor
from lab.ios.doors import SshDoor
from lab.ios.router import Router

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.appliances import Group


def _day_zero(group: Group) -> None:
    for appliance in group.members.values():
        router = appliance.state = Router(appliance)
        seed.fill(router)
        group.world.keep(f"{appliance.name}/ios", router.save_state, router.load_state)


def _host_key(appliance: Appliance) -> str:
    return " ".join(ssh_key(appliance).export_public_key("openssh").decode("ascii").split()[:2])


async def _refresh(group: Group) -> None:
    for appliance in group.members.values():
        await calling.refresh(appliance.state)


def _status(group: Group) -> dict[str, Any]:
    return {"routers": [{"name": appliance.name, "saved": appliance.state.is_saved, "restarts": appliance.state.restarts,
                         "reverting": appliance.state.revert_to is not None, "trustpoints": appliance.state.pki.trustpoints(),
                         "phones": [{"name": name, "secure": secure} for name, secure in appliance.state.registered.items()],
                         "turned_down": dict(appliance.state.turned_down),
                         "dial_peers": {tag: dict(found) for tag, found in appliance.state.outcomes.items()}} for appliance in group.members.values()]}


KINDS = {"ios": Kind(ports={"ssh": ("ansible_port", 22)}, roles=frozenset({"cube", "srst"}), head="", day_zero=_day_zero,
                     doors=(SshDoor, SipDoor, CredentialsDoor), refresh=_refresh, status=_status, host_key=_host_key)}
