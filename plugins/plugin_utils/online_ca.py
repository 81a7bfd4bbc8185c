# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAPF's online CA mode: the CA's web server proven first, then the parameters that differ, the issuer last, and the restart they owe."""
from __future__ import annotations

from .anchors import STORE
from .anchors import ca_certificates
from .anchors import trusted
from .asking import DeviceTime
from .asking import axl
from .handshakes import look
from .handshakes import served
from .owed import Owed
from .pki.names import covers
from .pki.names import subject_names
from .pki.pem import to_pem
from .reconcile import Step
from .reconcile import reconcile
from .resources import online_ca
from .resources import parameters
from .resources.parameters import CLUSTER_WIDE
from .written import Written

VARIABLE = "collab_capf_parameters"
READS = "%s, as it reads"
MASK = "********"
HALF = "the other parameters of the online CA are not all known, and CAPF is not pointed at a CA that is only half described"


class OnlineCa:
    """One run of the module. address: (address, port) that is dialled to look at the CA's web server."""

    def __init__(self, action, args, address, check):
        self.action, self.args, self.address, self.check, self.node, self.report = action, args, address, check, action.publisher, action.report
        self.owed, self.written, self.when = Owed(action.workspace, action.cluster), Written(action.workspace, action.cluster), DeviceTime(action.publisher)
        self.listed, self.rewritten = online_ca.entries(args), False

    def run(self):
        """Returns the report."""
        node = axl(self.node, ("listProcessNode", {"searchCriteria": {"name": "%"}, "returnedTags": {
            "name": "", "nodeUsage": "", "processNodeRole": ""}}))
        self.tables = [CLUSTER_WIDE, online_ca.publisher_name(node)]
        actual = self.read()
        online_ca.check(self.listed, actual)
        states = {entry["label"]: self.state(entry, actual) for entry in self.listed}
        unproven = self.unproven()
        for entry in self.listed:
            self.describe(entry, actual, states[entry["label"]])
        unknown = [label for label, state in states.items() if state in ("unconfirmed", "value unknown", "not given")]
        self.hold(states, unknown, unproven)
        known = [actual]
        if not unknown and not unproven:
            reconcile(self.report, self.check, lambda: known.pop() if known else self.read(), self.steps)
        changed = not self.check and not unknown and not unproven
        self.report.add(parameters=[{"label": label, "state": "as wanted" if changed else state} for label, state in states.items()], server=self.server)
        return self.report

    def read(self):
        """{name: {name, value, node}}; the value of the password never leaves this process."""
        return online_ca.read_all([(node, axl(self.node, parameters.list_request(online_ca.SERVICE, node))) for node in self.tables if node])

    def state(self, entry, actual):
        """What is to be done about one parameter."""
        if entry["label"] != online_ca.PASSWORD:
            return parameters.state(entry, actual)
        if not entry["confirmed"]:
            return "unconfirmed"
        if not self.args["password"]:
            return "not given"
        return "as wanted" if self.same_password(actual[entry["name"]]["value"]) else "differs"

    def same_password(self, reads):
        """Whether the password is in place: it can be read and is the same, or it is what was last written and reads as it did then."""
        if reads == self.args["password"]:
            return True
        if self.args["rewrite_password"] and not self.rewritten:
            return False
        return self.written.same(online_ca.PASSWORD, self.args["password"]) and self.written.same(READS % online_ca.PASSWORD, reads)

    def unproven(self):
        """Why the CA's web server is not to be relied on, or None: its certificate has to chain to tomcat-trust and carry the hostname."""
        anchors = trusted(self.node, self.action.var("collab_release"))
        if self.check:
            anchors = anchors + ca_certificates(self.action, self.args["ca_file"], "collab_capf_online_ca.ca_file")
        name, port = self.args["hostname"], self.args["port"]
        seen, chain_error = look(self.node, *self.address, name, ca_pem="".join(to_pem(one) for one in anchors))
        certificate = served(seen)
        self.server = {"hostname": name, "port": port, "names": subject_names(certificate) if certificate else [], "proven": False}
        if certificate is None:
            return "nothing answers by TLS on port %d of %s (%s)" % (port, name, seen.get("error") or "nothing was served")
        if chain_error:
            return "the certificate of %s does not chain to %s (%s)" % (name, STORE, chain_error)
        if not covers(certificate, name, common_name_counts=True):
            return "the web server of the CA serves a certificate for %s, not for %s" % (", ".join(self.server["names"]), name)
        self.server["proven"] = True
        return None

    def describe(self, entry, actual, state):
        """Finding or pending for one parameter."""
        label, step = entry["label"], entry["step"]
        if state == "differs" and label == online_ca.PASSWORD:
            self.report.finding("online-ca-password", "medium", label, "it cannot be compared, and is not known to be the one that is wanted: it was not "
                                "written from here, or another one is wanted now, or it was changed since", step=step)
        elif state == "differs":
            now = actual[entry["name"]]["value"]
            self.report.finding("online-ca-parameter", "medium", label, "the parameter %s is stored as %r and has to be %r (%s)" % (
                entry["name"], now, entry["stored_value"], entry["value"]), step=step, before=now, after=entry["stored_value"])
        elif state == "unconfirmed":
            self.report.pending("online-ca-parameter-unconfirmed", label, "its internal name is not confirmed, and no name is written on a guess",
                                parameters.advice(entry, parameters.found_candidates(entry, actual), VARIABLE), step=step)
        elif state == "value unknown":
            self.report.pending("online-ca-parameter-value-unknown", label, "%s is stored as %r, and how '%s' is stored is not known" % (
                entry["name"], actual[entry["name"]]["value"], entry["value"]), parameters.advice(entry, [actual[entry["name"]]], VARIABLE), step=step)
        elif state == "not given":
            self.report.pending("online-ca-password", label, "no password is given", ["Set collab_capf_online_ca_password (in a vault)."], step=step)

    def hold(self, states, unknown, unproven):
        """Says why nothing is written, where that is so."""
        if unproven:
            self.report.finding("online-ca-server", "high", self.args["hostname"], unproven, step="onlineca-host-port")
        differing = [label for label, state in states.items() if state == "differs"]
        if differing and unproven:
            self.report.pending("online-ca-server", self.args["hostname"], unproven, [
                "Have 'hostname' (collab_capf_online_ca) be the name in the certificate that IIS serves on that port, and its CA in tomcat-trust."],
                step="onlineca-host-port")
        elif differing and unknown:
            self.report.pending("online-ca-half-known", ", ".join(differing), HALF, ["Confirm %s first." % ", ".join(unknown)], step="onlineca-issuer-type")

    def steps(self, actual):
        """The writes, the issuer last; each writes down the restart that it owes before it is made."""
        steps = []
        for entry in self.listed:
            if self.state(entry, actual) != "differs":
                continue
            secret = entry["label"] == online_ca.PASSWORD
            row = actual[entry["name"]]
            before, after = (MASK, MASK) if secret else (row["value"], entry["stored_value"])
            operation, arguments = parameters.update_request(entry["name"], online_ca.SERVICE, self.args["password"] if secret else after, row["node"])
            steps.append(Step(description={"node": self.node.name, "channel": "axl", "operation": operation, "object": entry["label"], "name": entry["name"],
                                           "value": after},
                              apply=self.write(entry, (operation, arguments)), before=before, after=after,
                              impact=[{"node": self.node.name, "kind": "service_restart", "what": online_ca.SERVICE}]))
        return steps

    def write(self, entry, request):
        def apply():
            self.owed.add(online_ca.SERVICE, [self.node.name], self.when(), "%s was changed" % entry["label"])
            if entry["label"] == online_ca.PASSWORD:
                self.written.needed(entry["label"])
            axl(self.node, request)
            if entry["label"] == online_ca.PASSWORD:
                self.rewritten = True
                self.written.note(online_ca.PASSWORD, self.args["password"])
                self.written.note(READS % online_ca.PASSWORD, self.read()[entry["name"]]["value"])
        return apply
