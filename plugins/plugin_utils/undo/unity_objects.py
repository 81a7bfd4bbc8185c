# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of Unity Connection as they are saved and brought back by CUPI (vos.md 4), and its encryption, which the command line switches.

A port group that was changed, or one of whose servers was, counts only when it has been reset: rollback owes that, and pays it at its end.
"""

from __future__ import annotations

import re

from ..asking import DeviceTime
from ..errors import NodeError
from ..operations.modes import YES
from ..operations.modes import last_lines
from ..operations.waiting import Stuck
from ..operations.waiting import pauses_of
from ..pki.restarts import CONVERSATION_MANAGER
from ..reconcile import Step
from ..report import Report
from ..resources import unity_connection as cuc
from ..unity_connection import encryption
from ..unity_connection import reading
from ..unity_connection.port_group import OWED
from ..unity_connection.port_group import PortGroup

OBJECT, ENCRYPTION = "UnityObject", "UnityEncryption"
KINDS = (OBJECT, ENCRYPTION)
LIST = "list"           # of the key of what was added: where it is listed; its elements are the rest of the key, since its id is not known before
LISTS = ((re.compile(r"sipsecurityprofiles"), "SipSecurityProfile"), (re.compile(r"portgroups/[^/]+/portgroupservers"), "PortGroupServer"))
NAMED_BY = ("HostOrIPAddress", "DisplayName", "Port")       # what a new object is called by
SWITCH = re.compile(r"utils cuc encryption (enable|disable)")
GROUP = re.compile(r"(portgroups/[^/]+)(/.*)?")
RESET_TIMEOUT = 300


def written(channel, operation, arguments):
    """(act, kind, key, elements) of a request that changes or makes an object, or switches encryption; None for any other, a reset among them."""
    switched = SWITCH.fullmatch(arguments["command"]) if (channel, operation) == ("vos_cli", "run") else None
    if switched:
        return "update", ENCRYPTION, {"name": encryption.NAME}, {"enabled": "true" if switched[1] == "enable" else "false"}
    if channel == "cupi" and operation == "update":
        elements = {name: value for name, value in arguments["body"].items() if name != cuc.RESET}
        return ("update", OBJECT, {"path": arguments["path"]}, elements) if elements else None
    if channel == "cupi" and operation == "create" and _element(arguments["path"]):
        body = {name: str(value) for name, value in arguments["body"].items()}
        return "add", OBJECT, {LIST: arguments["path"], "name": next((body[name] for name in NAMED_BY if name in body), arguments["path"]), **body}, {}
    return None


def read(node, kind, key, like):
    """The elements of `like` as they are now; None where the object is not there. One that was added is there as long as it is as it was made."""
    if kind == ENCRYPTION:
        now = encryption.read(node)[0]
        return None if now is None else {"enabled": "true" if now else "false"}
    if LIST in key:
        return {} if _made(node, key) else None
    try:
        found = node.ask("cupi", "get", path=key["path"])
    except NodeError as e:
        if e.kind == "refused" and (e.detail or {}).get("status") == 404:
            return None
        raise
    return {name: cuc.value(found, name) for name in like}


def write(node, kind, key, elements):
    """Write elements back."""
    if kind == OBJECT:
        node.ask("cupi", "update", path=key["path"], body=elements)
        return
    wanted = elements["enabled"] == "true"
    if not wanted and reading.speaks_tls(node):
        raise Stuck("%s cannot be switched off while a port group speaks TLS: its calls would fail. Bring back the port group first." % encryption.NAME)
    heard = node.ask("vos_cli", "run", command="utils cuc encryption %s" % ("enable" if wanted else "disable"), answers=YES)["output"]
    if encryption.read(node)[0] is not wanted:
        raise Stuck("%s of %s did not change. The command said: %s" % (encryption.NAME, node.name, last_lines(heard)))


def remove(node, _kind, key):
    """Remove what was added and is as it was made. Unity Connection refuses to remove what is in use."""
    for row in _made(node, key):
        node.ask("cupi", "delete", path="%s/%s" % (key[LIST], cuc.value(row, "ObjectId")))


def settled(node, kind, key, elements):
    """(key, elements), the key with the name of the port group that it is about."""
    of = GROUP.fullmatch(key.get("path", "")) if kind == OBJECT else None
    if of:
        key = {**key, "name": cuc.value(node.ask("cupi", "get", path=of[1]), "DisplayName") + (of[2] or "")}
    return key, elements


def described(act, kind):
    """{channel, operation} of a write, as a report has them."""
    if kind == ENCRYPTION:
        return {"channel": "vos_cli", "operation": "utils cuc encryption"}
    return {"channel": "cupi", "operation": "DELETE" if act == "remove" else "PUT"}


def _element(path):
    return next((element for pattern, element in LISTS if pattern.fullmatch(path)), None)


def _made(node, key):
    rows = reading.all_rows(node, key[LIST], _element(key[LIST]))
    return [row for row in rows if all(cuc.value(row, name).lower() == value.lower() for name, value in key.items() if name not in (LIST, "name"))]


class PortGroups:
    """Resets of port groups that a rollback has changed. action: DeviceAction; owed: the cluster's debts."""

    def __init__(self, action, owed):
        self.action, self.owed, self.names = action, owed, {}

    def name(self, past):
        """Name of the port group that an object belongs to, None where it is none of a port group."""
        of = GROUP.fullmatch(past.key.get("path") or past.key.get(LIST, "")) if past.kind == OBJECT else None
        if of is None:
            return None
        if of[1] not in self.names:
            found = read(self.action.nodes[past.node], OBJECT, {"path": of[1]}, ("DisplayName",))
            self.names[of[1]] = found["DisplayName"] if found else None
        return self.names[of[1]]

    def owe(self, past, when, reason):
        """Write down that the reset is owed, before the write that makes it so."""
        if self.name(past):
            self.owed.add(OWED + self.name(past), [past.node], when, reason)

    def steps(self, changed, pasts):
        """One reset for each port group that changes in this run, or owes it since an earlier one. changed, pasts: [Past] that change; all of them."""
        groups = {(past.node, self.name(past)) for past in changed if self.name(past)}
        groups |= {(past.node, self.name(past)) for past in pasts if self.name(past) and self.owed.items(OWED + self.name(past))}
        return [Step(description={"node": node, "channel": "cupi", "operation": "PUT portgroups", "object": name, cuc.RESET: cuc.RUNNING},
                     apply=lambda node=node, name=name: self.reset(node, name),
                     impact=[{"node": node, "kind": "trunk_reset", "what": "port group %s" % name}]) for node, name in sorted(groups)]

    def reset(self, node, name):
        """Reset it; a release that takes no reset by its interface owes a restart instead."""
        when = DeviceTime(self.action.nodes[node])
        group = PortGroup(self.action.nodes[node], name, self.owed, when, pauses_of(self.action), Report())     # this step is in the report already
        try:
            group.reset(RESET_TIMEOUT)
        except Stuck as e:
            self.action.say("%s; %s has to restart instead" % (e, CONVERSATION_MANAGER))
            self.owed.add(CONVERSATION_MANAGER, list(self.action.nodes), when(), "port group %s was brought back" % name)
        group.settle()
