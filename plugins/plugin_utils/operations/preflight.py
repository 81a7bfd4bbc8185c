# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that must hold before a cluster is changed, looked at in one go and reported together. Reads only.

A refused login is tried once: other nodes with the same credentials are not asked then, since accounts lock after a few (vos.md 6).
"""

from __future__ import annotations

import os

from ..errors import NodeError
from ..management.conditions import look as management
from ..management.products import PRODUCTS
from ..meeting_server import conditions
from ..pki.products import IM_PRESENCE
from ..pki.products import MEETING_SERVER
from ..pki.products import PRIME_DEPLOYMENT
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..pki.products import product_of
from . import estate
from . import preconditions
from . import services as services_
from .preconditions import BLOCKER
from .preconditions import WARNING
from .preconditions import Note
from .waiting import Stuck

PLATFORM, APPLICATION = ("remote_user", "password"), ("application_user", "application_password")
CREDENTIALS = {"axl": APPLICATION, "serviceability": APPLICATION, "vos_cli": PLATFORM, "certmgr": PLATFORM, "os_admin": PLATFORM,
               "cupi": APPLICATION, "expressway_api": PLATFORM, "expressway_cli": PLATFORM,
               "ios_cli": PLATFORM}
LABELS = {"axl": "AXL", "serviceability": "Serviceability", "vos_cli": "the command line (SSH)", "certmgr": "the certificate API",
          "os_admin": "OS Administration", "cupi": "CUPI", "expressway_api": "the REST API", "expressway_cli": "the command line (SSH)",
          "ios_cli": "the command line (SSH)"}
LOGIN = {APPLICATION: "collab_application_user and collab_application_password", PLATFORM: "ansible_user and ansible_password"}
PORTS = {"axl": "collab_https_port", "serviceability": "collab_https_port", "vos_cli": "ansible_port", "certmgr": "collab_platform_port",
         "os_admin": "collab_platform_port", "cupi": "collab_platform_port", "expressway_api": "collab_https_port", "expressway_cli": "ansible_port",
         "ios_cli": "ansible_port"}
EVERY_NODE = ("serviceability", "vos_cli", "certmgr")
OF_THE_CLUSTER = {UNIFIED_CM: ("axl",), UNITY_CONNECTION: ("cupi",)}       # on the publisher


class Preflight:
    """One look at a cluster. action: DeviceAction; args: the module's options."""

    def __init__(self, action, args):
        self.action, self.args, self.publisher = action, args, self.leader(action)
        self.notes, self.refused, self.away, self.pending = [], set(), set(), []
        self.clock, self.versions = None, {}

    @staticmethod
    def leader(action):
        """The node that speaks for the cluster."""
        return action.publisher

    def run(self):
        """Look at everything; put it into the report. Raises Stuck with all blockers when there is one."""
        self.workspace()
        if product_of(self.publisher) in PRODUCTS:
            self.notes += management(self.action)
            self.tell({"licence": None})
            return
        if product_of(self.publisher) == PRIME_DEPLOYMENT:
            self.reach(self.publisher, ("vos_cli",))
            for output in self.versions.values():
                self.notes += preconditions.release(self.publisher, output)
            self.tell({"licence": None})
            return
        if product_of(self.publisher) == MEETING_SERVER:
            notes, self.versions = conditions.look(self.action)
            self.notes += notes
            self.tell({"licence": None})
            return
        self.reach(self.publisher, (*OF_THE_CLUSTER.get(product_of(self.publisher), ()), *EVERY_NODE, "os_admin"))
        others = [n for n in self.action.nodes.values() if n.name != self.publisher.name]
        self.action.each(others, lambda node: self.reach(node, EVERY_NODE))
        for name, output in self.versions.items():
            self.notes += preconditions.release(self.action.nodes[name], output)
        found = self.cluster()
        self.tell(found)

    def workspace(self):
        """Where restarts owed are written down must be there before anything is changed."""
        path = self.action.workspace
        if path is None:
            self.notes.append(Note("no-workspace", BLOCKER, "collab_workspace", (
                "collab_workspace is not set: requests, issued certificates and the restarts that changes owe are kept there between runs. Set it to a "
                "directory on the control node")))
            return
        there = next(p for p in (path, *path.parents) if p.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            self.notes.append(Note("no-workspace", BLOCKER, "collab_workspace", "collab_workspace is %s, and %s cannot be written to" % (path, there)))

    def reach(self, node, channels):
        """Open each channel of a node once."""
        for channel in channels:
            if channel in ("certmgr", "os_admin") and estate.has_api(node.variables.get("collab_release", "")) != (channel == "certmgr"):
                continue                        # OS Administration does what the certificate API does not
            key = tuple(node.option(o) for o in CREDENTIALS[channel])
            if key in self.refused:
                self.away.add((node.name, channel))
                continue
            try:
                self.open(node, channel)
            except NodeError as e:
                self.away.add((node.name, channel))
                if e.kind == "auth":
                    self.refused.add(key)
                self.notes.append(Note("not-reachable", BLOCKER, "%s on %s" % (LABELS[channel], node.name), explain(node, channel, e)))

    def open(self, node, channel):
        if channel == "axl":
            node.ask("axl", "version")
        elif channel == "cupi":
            node.ask("cupi", "page", path="portgroups", element="PortGroup", size=1)
        elif channel == "serviceability":
            date = services_.read(node, [services_.ANY])[1]
            if node.name == self.publisher.name:
                self.clock = date
        elif channel == "vos_cli":
            self.versions[node.name] = node.ask("vos_cli", "run", command="show version active")["output"]
        elif channel == "certmgr":
            node.ask("certmgr", "snapshot")
        else:
            node.ask("os_admin", "reach")

    def cluster(self):
        """The checks that the publisher answers; those whose channel is not there are left out (its own note says so)."""
        publisher, require = self.publisher, self.args["require"]
        found = {"licence": None}

        def licensed():
            found["licence"], notes = preconditions.licensed(publisher, require)
            return notes

        def oauth():
            against = preconditions.oauth(publisher, require, self.args["oauth_refresh_parameter"])
            if against:
                self.pending.append(against)
            return []

        everywhere = (
            (("vos_cli",), "database replication", lambda: preconditions.replication(publisher)),
            (("vos_cli", "serviceability"), "backup", lambda: preconditions.backup(publisher, self.args["backup_max_age_hours"], self.clock)),
        )
        unified_cm = (
            (("axl",), "nodes of the cluster", lambda: preconditions.inventory(publisher, self.action.nodes)),
            (("axl",), "licence", licensed),
            (("axl", "serviceability"), "CTL provider", lambda: preconditions.ctl_provider(publisher, require)),
            (("vos_cli",), "own certificates", lambda: preconditions.own_certificate(publisher)),
            (("axl",), "auto-registration", lambda: preconditions.auto_registration(publisher, require)),
            (("axl",), "OAuth refresh logins", oauth),
            (("axl",), "SIP trunks", lambda: preconditions.trunks(publisher, self.args.get("trunks"), self.args.get("exclude_trunks"))),
        )
        im_presence = (((), "nodes of the cluster", lambda: preconditions.presence(self.action.cm_publisher, self.action.nodes)),)
        unity_connection = ((("vos_cli",), "state of the cluster", lambda: preconditions.unity_connection(publisher, self.action.nodes)),)
        checks = everywhere + {UNIFIED_CM: unified_cm, IM_PRESENCE: im_presence, UNITY_CONNECTION: unity_connection}.get(product_of(publisher), ())
        for channels, name, check in checks:
            if any((publisher.name, channel) in self.away for channel in channels):
                continue
            try:
                self.notes += check()
            except NodeError as e:
                self.notes.append(Note("not-readable", BLOCKER, name, "%s cannot be read: %s" % (name, e)))
        return found

    def running(self):
        """{node: version that it runs}."""
        return {name: preconditions.version(output) for name, output in sorted(self.versions.items())}

    def tell(self, found):
        report = self.action.report
        for note in self.notes:
            report.finding(id=note.id, severity=note.severity, object=note.object, message=note.message, step=note.step)
            if note.severity == WARNING:
                self.action.warn(note.message)
        for reason, what_to_do in self.pending:
            report.pending(id="oauth-refresh-login", object="SIP OAuth mode", reason=reason, what_to_do=what_to_do, step="sipoauth-enable")
        blockers = [n.message for n in self.notes if n.severity == BLOCKER]
        report.add(ready=not blockers, licence=found["licence"], versions=self.running())
        if blockers:
            raise Stuck("Nothing was changed. %s in the way of %s:\n%s" % (
                "This stands" if len(blockers) == 1 else "These %d things stand" % len(blockers), self.action.cluster,
                "\n".join("- " + message for message in blockers)))


def explain(node, channel, error):
    """A channel that does not answer, in words that name the variable to correct (the channels' own messages name it where they can tell)."""
    said = str(error)
    if error.kind == "auth":
        hint = "" if "check " in said else ": check %s of %s" % (LOGIN[CREDENTIALS[channel]], node.name)
        return "%s%s. It was tried once, and not on the other nodes, so that no account is locked" % (said, hint)
    if "collab_" in said or "ansible_" in said:
        return "%s. Or, if %s is not its name: correct collab_fqdn of %s" % (said, node.fqdn, node.name) if "to be trusted" in said else said
    if error.kind == "unreachable":
        return "%s. Check ansible_host (%s) and %s of %s, and the way there" % (said, node.host, PORTS[channel], node.name)
    return "%s. %s of %s does not answer as it should (%s): look at its services" % (said, LABELS[channel], node.name, error.kind)
