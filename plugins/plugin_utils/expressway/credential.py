# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials that others log in with to an Expressway-E: its local authentication database. Source: expressway.md 1.3, 2.4.

Names can be read, passwords cannot: one is written where its name is not there, or where it is not what this control node wrote last.
"""
from __future__ import annotations

from ..errors import NodeError
from ..reconcile import Step
from ..written import Written

PATH, MASK = "/common/credential", "********"


class Credential:
    """One credential of the cluster whose primary peer is `node`."""

    def __init__(self, node, name, password, workspace, cluster):
        self.node, self.name, self.password = node, name, password
        self.what, self.written = "credential %s" % name, Written(workspace, cluster)
        self.written.needed("the password of credential '%s'" % name)
        self.offer = node.ask("expressway_api", "offers", path=PATH)

    def read(self):
        """Whether there is a credential of that name."""
        names = []
        for one in self.node.ask("expressway_api", "read", path=PATH) if self.offer else ():
            names += one["Name"] if isinstance(one.get("Name"), list) else [one.get("Name")]       # an object with a list of names, or a list of objects
        return self.name in names

    def plan(self, there):
        """The Steps that it needs."""
        if there and self.written.same(self.what, self.password):
            return []
        method, body = ("PUT", {"Name": self.name, "New_Password": self.password}) if there else ("POST", {"Name": self.name, "Password": self.password})
        told = {key: value if key == "Name" else MASK for key, value in body.items()}

        def apply():
            try:
                if self.offer:
                    self.node.ask("expressway_api", "write", method=method, path=PATH, body=body)
                else:
                    self.node.ask("expressway_cli", "command", name="CredentialAdd", arguments={"Name": self.name, "Password": self.password})
            except NodeError as e:
                # One that was not there and is now was made by this request, with this password.
                if e.kind != "lost" or there or not self.read():
                    raise
            self.written.note(self.what, self.password)
        channel, operation = ("expressway_api", "%s %s" % (method, PATH)) if self.offer else ("expressway_cli", "CredentialAdd")
        return [Step({"node": self.node.name, "channel": channel, "operation": operation, "object": self.what, **told}, apply,
                     before=None, after={"Name": self.name, "Password": MASK})]
