# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A peer of an Expressway cluster that answers what it is told to."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

PEERS = {1: "us-expc1.ent-pa.com", 2: "us-expc2.ent-pa.com"}


def configuration(primary="1", peers=None, host="us-expc1", key="ConfigurationPrimary", name="us-expc.ent-pa.com"):
    """A configuration document with the clustering of a peer."""
    rows = [{"Address": (PEERS if peers is None else peers).get(number, ""), "@item": str(number)} for number in range(1, 7)]
    return {"Alternates": {"Cluster": {"Name": name}, key: primary, "Peer": rows}, "IP": {"DNS": {"Hostname": host, "Domain": {"Name": "ent-pa.com"}}}}


class Peer:
    """documents: what witness gives; objects: {path: rows}; settings: {path of xConfiguration: {setting: value}}. What is not there is absent."""

    def __init__(self, name="us-expc1", documents=None, objects=None, settings=None, fqdn=None, **variables):
        self.name, self.fqdn, self.host = name, fqdn or name + ".ent-pa.com", "192.0.2.31"
        self.documents, self.objects, self.settings, self.variables, self.asked = documents or {}, objects or {}, settings or {}, variables, []

    def ask(self, channel, operation, **arguments):
        self.asked.append((channel, operation))
        if operation == "witness":
            return self.documents.get(arguments["document"])
        table = self.objects if operation == "read" else self.settings
        if arguments["path"] not in table:
            raise NodeError("absent", "%s: not offered" % arguments["path"])
        return table[arguments["path"]]
