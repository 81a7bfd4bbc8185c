"""Certificate Monitor: when and how often the system speaks of certificates that will expire (id:63089276546, id:63436019081)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.os_admin.form import Field
from lab.os_admin.form import Form
from lab.os_admin.page import Done
from lab.os_admin.page import Page
from lab.os_admin.page import Rejected
from lab.ucm import certificate_settings as settings

if TYPE_CHECKING:
    from lab.core.world import Node

PATHS = ("certificateMonitor.do", "certMonitorEdit.do")
LABELS = {"security_guide": ("Enable E-mail Notification", "E-mail IDs"), "os_guide": ("Enable Email Notification", "Email ID")}
ADDRESSES = re.compile(r"[^@\s;]+@[^@\s;]+(;[^@\s;]+@[^@\s;]+)*")


def offer(node: Node, _chosen: Mapping[str, str]) -> Form:
    """The form with what is stored."""
    held = settings.of(node).monitor
    email, addresses = LABELS[node.world.variant("os_admin_monitor_labels")]
    fields = [
        Field("startTime", "Notification Start Time", "text", held.start, required=True, after="(days)"),
        Field("frequency", "Notification Frequency", "text", held.frequency, required=True),
        Field("frequencyUnit", "", "radio", held.unit, (settings.DAYS, settings.HOURS), joined=True),
        Field("enableEmail", email, "check", "on" if held.email else ""),
        Field("emailIds", addresses, "text", held.addresses),
    ]
    if node.world.variant("os_admin_monitor_lsc") == "shown":
        fields.append(Field("enableLsc", "Enable LSC Monitoring", "check", "on" if held.lsc else ""))
    return Form("monitor", (("Certificate Monitor Configuration", tuple(fields)),), "Save")


def act(node: Node, values: dict) -> Done:
    """Check and store."""
    if node.world.refuses("os_admin_settings"):
        _check(values)
    held = settings.of(node).monitor
    lsc = values["enableLsc"] == "on" if "enableLsc" in values else held.lsc
    settings.put(node, "monitor", settings.Monitor(values["startTime"], values["frequency"], values["frequencyUnit"], values["enableEmail"] == "on",
                                                   values["emailIds"], lsc))
    return Done(("Update successful",))


def _check(values: dict) -> None:
    for key, label in (("startTime", "Notification Start Time"), ("frequency", "Notification Frequency")):
        if not values[key].isdigit() or int(values[key]) < 1:
            raise Rejected(f"Error: {label} must be a number greater than 0")
    if not values["frequencyUnit"]:
        raise Rejected("Error: Select Days or Hours for Notification Frequency")
    if values["enableEmail"] and not values["emailIds"]:
        raise Rejected("Error: Enter an e-mail address to enable e-mail notification")
    if values["emailIds"] and not ADDRESSES.fullmatch(values["emailIds"]):
        raise Rejected("Error: E-mail addresses must be separated by a semicolon, without spaces")


PAGE = Page("Certificate Monitor", PATHS, offer, act, lambda _values: "certificate monitor")
