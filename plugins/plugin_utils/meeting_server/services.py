# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a Meeting Server that have a certificate, as tables, in the guide's order. Source: cms.md 1.4 and 1.5.

Labels are regular expressions of what a service's command without arguments shows. Their layout is proven for webadmin, callbridge and webbridge3 alone; the
other two are looked for by their words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NONE = ("", "none")


@dataclass(frozen=True)
class Slot:
    """One place for a key and a certificate. bundle: label of the chain's file, None where certificate and chain stand in one file."""

    command: str
    key: str
    certificate: str
    bundle: str | None


@dataclass(frozen=True)
class Trust:
    """One list of certificates that a service trusts. optional: one that nobody has set is left so; it is only kept up with."""

    command: str
    label: str
    optional: bool = False


@dataclass(frozen=True)
class Service:
    """A service. role: of the nodes that have it, None for all; switch: it is disabled and enabled, else restarted; clear: told to have none first.

    port: where it shows its certificate: a number, "https" (the inventory names it), or the label that says it; starttls: how TLS begins there.
    """

    name: str
    role: str | None
    switch: bool
    slots: tuple
    trusts: tuple
    listen: str
    port: int | str
    step: str
    trust_step: str | None = None
    clear: bool = False
    starttls: str | None = None

    @property
    def restart(self):
        """Whether it is restarted instead of disabled and enabled."""
        return not self.switch


def slot(command, prefix=""):
    """A slot whose chain is a file of its own."""
    return Slot(command, "^%skey file$" % prefix, "^%scertificate file$" % prefix, "^%sca bundle( file)?$" % prefix)


def full(command, prefix):
    """A slot whose certificate file holds the chain."""
    return Slot(command, "^%s key file$" % prefix, "^%s full chain certificate file$" % prefix, None)


WEB_ADMIN = Service("webadmin", None, True, (slot("webadmin certs"),), (), r"listening interface", "https", "cms-webadmin")
CALL_BRIDGE_2 = Service("callbridge", "callbridge", False, (slot("callbridge certs"),), (), r"listening interfaces?", 5061, "cms-callbridge")
CALL_BRIDGE_3 = Service("callbridge", "callbridge", False, (slot("callbridge certs"),),
                        (Trust("callbridge trust c2w", r"c2w trusted certs"), Trust("callbridge trust cluster", r"cluster trusted certs", optional=True)),
                        r"listening interfaces?", 5061, "cms-callbridge", trust_step="cms-webbridge-trust")
XMPP = Service("xmpp", "xmpp", True, (slot("xmpp certs"),), (), r"listening interfaces?", 5222, "cms-xmpp", clear=True, starttls="xmpp-client")
WEB_BRIDGE_2 = Service("webbridge", "webbridge", True, (slot("webbridge certs"),), (Trust("webbridge trust", r"trust"),), r"whitelist|listen",
                       r"whitelist|listen", "cms-webbridge-certs", trust_step="cms-webbridge-trust")
WEB_BRIDGE_3 = Service("webbridge3", "webbridge", True, (full("webbridge3 https certs", "https"), full("webbridge3 c2w certs", "c2w")),
                       (Trust("webbridge3 c2w trust", r"c2w trust"),), r"https listening", r"https listening", "cms-webbridge-certs",
                       trust_step="cms-webbridge-trust")


def of_release(release):
    """The services of a release (major, minor), in the guide's order. XMPP and the old Web Bridge ended with 2.9 (cms.md 0.1)."""
    if release[0] >= 3:
        return (WEB_ADMIN, CALL_BRIDGE_3, WEB_BRIDGE_3)
    return (WEB_ADMIN, CALL_BRIDGE_2, XMPP, WEB_BRIDGE_2)


class Unread(Exception):
    """What a service shows of itself lacks a line that has to be there."""


class Status:
    """What a service's command without arguments shows. fields: {label: value} as shown."""

    def __init__(self, service, text):
        self.service, self.text = service, text
        self.fields = dict(re.findall(r"^[ \t]*([^:\n]+?)[ \t]*:[ \t]*([^\n]*?)[ \t\r]*$", text, re.MULTILINE))

    def value(self, label, needed=False):
        """The value of the line whose label fits, "" for none. Unread where the line is needed and not there."""
        for name, value in self.fields.items():
            if re.search(label, name, re.IGNORECASE):
                return "" if value.lower() in NONE else value
        if needed:
            raise Unread("'%s' shows no line for '%s': %s" % (self.service.name, label.strip("^$").replace("( file)?", ""),
                                                              " / ".join(self.text.split("\n"))[:400]))
        return ""

    @property
    def enabled(self):
        """Whether the service is switched on (one that has no switch is)."""
        return self.service.restart or self.value(r"^enabled$", needed=True).lower() == "true"

    @property
    def set_up(self):
        """Whether an administrator has given it an interface."""
        return bool(self.value(self.service.listen))

    def installed(self, slot_):
        """(key file, certificate file, bundle file) of a slot, each "" where none is set."""
        return (self.value(slot_.key, needed=True), self.value(slot_.certificate, needed=True), self.value(slot_.bundle) if slot_.bundle else "")

    def port(self, node):
        """Where the service shows its certificate on a node, or None."""
        if self.service.port == "https":
            return node.ports["https"]
        if isinstance(self.service.port, int):
            return self.service.port
        found = re.search(r":(\d+)", self.value(self.service.port))
        return int(found[1]) if found else 443
