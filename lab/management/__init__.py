"""Management servers whose certificate a person installs: Meeting Management, TMS and Prime Collaboration Provisioning (cms.md 3, 4, 5).

None of them has a documented interface for it. So the lab has the servers with what they serve, and a command that stands for the person at their
pages: `manage HOST ACTION ...` (lab.management.server). Prime Collaboration Deployment is a VOS node (lab.products).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from lab.core.appliances import Kind
from lab.management.server import CLASSES
from lab.management.server import WebDoor
from lab.management.winrm import WinrmDoor

if TYPE_CHECKING:
    from lab.core.appliances import Appliance
    from lab.core.appliances import Group


def _day_zero(group: Group) -> None:
    for appliance in group.members.values():
        appliance.state = CLASSES[group.product](appliance)
        group.world.keep(f"{appliance.name}/management", appliance.state.save, appliance.state.load)


def _status(group: Group) -> dict[str, Any]:
    return {"servers": [{"name": member.name, **member.state.status()} for member in group.members.values()]}


def _pin(appliance: Appliance) -> str:
    return appliance.state.served.chain


HTTPS = {"https": ("collab_https_port", 443)}
KINDS = {
    product: Kind(ports=HTTPS | ({"winrm": ("ansible_port", 5986)} if product == "tms" else {}), roles=frozenset({"primary"}), head="primary",
                  day_zero=_day_zero, doors=(WebDoor, WinrmDoor) if product == "tms" else (WebDoor,), status=_status, pin=_pin)
    for product in CLASSES}
