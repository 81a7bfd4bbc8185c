# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of a port group: TLS port of its SIP servers, and the TFTP servers of the Unified CM cluster, by their FQDN.

Both are prepared at any time: neither counts before the port group is reset, and new TFTP servers not before Connection Conversation Manager has
restarted on every node (id:63335859960). Both debts are written down before the write. No server is ever removed.
"""
from __future__ import annotations

from ..asking import DeviceTime
from ..owed import Owed
from ..pki.restarts import CONVERSATION_MANAGER
from ..reconcile import Step
from ..reconcile import reconcile
from ..resources import unity_connection as cuc
from . import reading
from .port_group import OWED
from .voice_mail_trunk import describe

PORT_STEP, TFTP_STEP = "cuc-sip-server-port", "cuc-tftp-servers"


class Servers:
    """One run of the module. action: of the Unity Connection cluster; cm: the same as seen from the Unified CM cluster."""

    def __init__(self, action, cm, args):
        self.action, self.cm, self.args, self.report, self.node = action, cm, args, action.report, action.publisher
        self.owed, self.when = Owed(action.workspace, action.cluster), DeviceTime(action.publisher)

    def ensure(self, check):
        """Bring the servers to what the guide wants; reports what is listed and is none of the cluster's."""
        self.group_id = cuc.value(cuc.choose(reading.groups(self.node), self.args["port_group"]), "ObjectId")
        self.tftp = [describe(node) for node in self.cm.nodes.values() if "tftp" in node.roles]
        if not self.tftp:
            raise cuc.BadPortGroup("no node of %s has the role tftp in collab_roles, so Unity Connection cannot be told where to fetch Unified CM's "
                                   "certificates. Nothing was written." % self.cm.cluster)
        rows = reconcile(self.report, check, lambda: reading.group_servers(self.node, self.group_id), self.plan)
        self.strangers(rows)
        self.report.add(servers={"sip": cuc.servers(rows, cuc.SIP_SERVER), "tftp": cuc.servers(rows, cuc.TFTP_SERVER)})

    def plan(self, rows):
        """The writes: TLS ports, then addresses that have to be names, then what is missing."""
        steps, port, group = [], self.args["port"], "portgroups/%s/portgroupservers" % self.group_id
        for server in cuc.servers(rows, cuc.SIP_SERVER):
            if server["tls_port"] != port:
                steps.append(self.step("PUT", "%s/%s" % (group, server["id"]), server["host"], {"TlsPort": str(port)}, {"TlsPort": str(server["tls_port"])}, (
                    "the TLS port of SIP server %s is %s and has to be %d" % (server["host"], server["tls_port"], port)), PORT_STEP))
        correct, missing, _strangers = cuc.tftp_plan(cuc.servers(rows, cuc.TFTP_SERVER), self.tftp)
        for server, fqdn in correct:
            steps.append(self.step("PUT", "%s/%s" % (group, server["id"]), server["host"], {"HostOrIPAddress": fqdn}, {"HostOrIPAddress": server["host"]}, (
                "TFTP server %s has to be listed by its name %s, or its certificate cannot be verified" % (server["host"], fqdn)), TFTP_STEP))
        for fqdn in missing:
            body = {"MediaPortGroupObjectId": self.group_id, "MediaRemoteServiceEnum": cuc.TFTP_SERVER, "HostOrIPAddress": fqdn}
            steps.append(self.step("POST", group, fqdn, body, None, "TFTP server %s is not listed" % fqdn, TFTP_STEP))
        return steps

    def step(self, method, path, host, body, before, message, step):
        """One write. Either kind owes the port group a reset; one of TFTP servers owes restarts, too."""
        services = [CONVERSATION_MANAGER] if step == TFTP_STEP else []

        def apply():
            self.owed.add(OWED + self.args["port_group"], [self.node.name], self.when(), "its servers changed")
            for service in services:
                self.owed.add(service, list(self.action.nodes), self.when(), "the TFTP servers of port group %s changed" % self.args["port_group"])
            self.node.ask("cupi", "create" if method == "POST" else "update", path=path, body=body)

        return Step(description={"node": self.node.name, "channel": "cupi", "operation": "%s portgroupservers" % method, "object": host, **body},
                    apply=apply, before=before, after=body,
                    impact=[{"node": name, "kind": "service_restart", "what": service} for service in services for name in self.action.nodes],
                    finding={"id": "cuc-port-group-server", "severity": "medium", "object": host, "message": message, "step": step, "before": before,
                             "after": body})

    def strangers(self, rows):
        """Servers of the port group that are no nodes of the Unified CM cluster: told, and left alone."""
        nodes = [describe(node) for node in self.cm.nodes.values()]
        for service, kind, step in ((cuc.SIP_SERVER, "SIP", PORT_STEP), (cuc.TFTP_SERVER, "TFTP", TFTP_STEP)):
            for server in cuc.servers(rows, service):
                if not any(cuc.is_node(server["host"], node) for node in nodes):
                    self.report.finding("cuc-port-group-stranger", "medium", server["host"], "the port group lists %s server %s, which is no node of %s" % (
                        kind, server["host"], self.cm.cluster), step=step)
