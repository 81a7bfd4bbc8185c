# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption of a Meeting Server's calls, by its API: media in the call leg profiles, signalling in the outbound rules. Source: cms.md 2; guide, Encryption.

Databases that are clustered hold one configuration, which is read again on each node; a node with a database of its own has its own.
"""

from __future__ import annotations

from ..errors import NodeError
from ..reconcile import Step
from ..reconcile import reconcile
from .objects import collection
from .objects import fields
from .reading import show
from .services import WEB_ADMIN
from .services import Status

STEP = "cms-sip-encryption"
ENOUGH = {"required": ("required",), "optional": ("optional", "required")}
SIP_TLS = 5061


class MeetingServerEncryption:
    """One run of the module. args: its checked options; action: nodes, report, node_of, task_vars."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.where = "encryption of calls of %s" % action.cluster

    def apply(self, check):
        """Bring every Call Bridge's configuration to what is wanted. Returns the report with profiles and rules added."""
        self.report.add(profiles=[], rules=[], proxies=self.proxies())
        for node in (n for n in self.action.nodes.values() if "callbridge" in n.roles):
            try:
                self.of_node(node, check)
            except NodeError as e:
                if e.kind not in ("unreachable", "refused") or not check and Status(WEB_ADMIN, show(node, WEB_ADMIN.name)).enabled:
                    raise
                self.report.pending("api-not-there", "%s on %s" % (self.where, node.name), "Web Admin, which serves the API, is not as it has to be yet (%s)"
                                    % e,
                                    ["Have Web Admin take its certificate first (role meeting_server, with 'services' in collab_disruption), then run again."],
                                    step=STEP)
        return self.report

    def proxies(self):
        """Names and addresses that stand for the Unified CM cluster in an outbound rule, lower case."""
        if self.args["proxies"]:
            return sorted({p.lower() for p in self.args["proxies"]})
        name = str(self.action.var("collab_cm_cluster") or "")
        found = [self.action.node_of(str(host)) for host in self.action.task_vars["groups"].get(name, ())]
        return sorted({str(value).lower() for node in found for value in (node.name, node.fqdn, node.host) if value})

    def of_node(self, node, check):
        """Read, compare, and write what differs and may be written."""
        self.unproven = {}
        held = []

        def plan(actual):
            found = self.steps(node, actual)
            held[:] = [pair for pair in found if pair[1]]
            return [step for step, blocked in found if not blocked]

        actual = reconcile(self.report, check, lambda: self.read(node), plan)
        for step, reason in held:
            self.report.finding(**step.finding)
            self.report.pending("call-encryption", "%s on %s" % (step.description["object"], node.name), *reason, step=STEP)
        self.report.add(profiles=[*self.report.extra["profiles"], *[{"node": node.name, "id": i, **{k: v for k, v in p.items() if k == "sipMediaEncryption"}}
                                                                    for i, p in actual["profiles"].items()]],
                        rules=[*self.report.extra["rules"], *[{"node": node.name, "id": i, **{k: r.get(k, "") for k in (
                            "domain", "sipProxy", "sipControlEncryption")}} for i, r in actual["rules"].items()]])
        self.others(node, actual)

    @staticmethod
    def read(node):
        """All that counts: call leg profiles, the system's own, outbound rules."""
        return {"profiles": collection(node, "callLegProfiles"), "system": fields(node, "system/profiles"),
                "rules": collection(node, "outboundDialPlanRules")}

    def steps(self, node, actual):
        """[(Step, None or (reason, what to do))] for everything that differs."""
        out, wanted = [], self.args["media"]
        for one, profile in actual["profiles"].items():
            now = profile.get("sipMediaEncryption", "")
            if now not in ENOUGH[wanted]:
                out.append((self.put(node, "callLegProfiles/%s" % one, "sipMediaEncryption", now, wanted), self.grant()))
        if not actual["system"].get("callLegProfile"):
            out.append((self.default(node, actual), self.grant()))
        for one, rule in actual["rules"].items():
            if self.ours(rule) and rule.get("sipControlEncryption", "") != "encrypted":
                out.append((self.put(node, "outboundDialPlanRules/%s" % one, "sipControlEncryption", rule.get("sipControlEncryption", ""), "encrypted"),
                            self.grant() or self.far_end(node, rule)))
        return out

    def put(self, node, path, field, now, wanted):
        """One field of one object."""
        return Step(description={"node": node.name, "channel": "cms_api", "operation": "PUT", "object": path, field: wanted},
                    apply=lambda: node.ask("cms_api", "put", path=path, fields={field: wanted}), before={field: now or None}, after={field: wanted},
                    finding={"id": "call-encryption", "severity": "high" if now in ("prohibited", "unencrypted") else "medium", "object": "%s on %s" % (
                        path, node.name), "message": "%s is %s and has to be %s" % (field, now or "not set", wanted), "step": STEP, "before": now,
                        "after": wanted})

    def default(self, node, actual):
        """A call leg profile for all that have none of their own: one that says just this if there is one, else a new one."""
        wanted = {"sipMediaEncryption": self.args["media"]}
        mine = [i for i, p in actual["profiles"].items() if {k: v for k, v in p.items() if v} == wanted]

        def write():
            profile = mine[0] if mine else node.ask("cms_api", "post", path="callLegProfiles", fields=wanted)["id"]
            node.ask("cms_api", "put", path="system/profiles", fields={"callLegProfile": profile})

        return Step(description={"node": node.name, "channel": "cms_api", "operation": "PUT", "object": "system/profiles",
                                 "callLegProfile": mine[0] if mine else "new"},
                    apply=write, before={"callLegProfile": None}, after={"callLegProfile": wanted},
                    finding={"id": "call-encryption", "severity": "medium", "object": "system/profiles on %s" % node.name, "step": STEP,
                             "message": "no call leg profile applies to calls that have none of their own, so nothing is said of their media's encryption"})

    def grant(self):
        """Why nothing may be written, and what to do; None when it may."""
        if self.args["granted"]:
            return None
        return ("calls that do not encrypt may fail afterwards, and this run may not disturb trunks",
                ["Run again in a window with 'trunks' in collab_disruption."])

    def ours(self, rule):
        """Whether a rule leads to the Unified CM cluster."""
        return (rule.get("sipProxy") or rule.get("domain", "")).partition(":")[0].lower() in self.report.extra["proxies"]

    def far_end(self, node, rule):
        """Why the far end of a rule is not proven to take TLS, or None."""
        proxy, _colon, port = (rule.get("sipProxy") or rule.get("domain", "")).partition(":")
        target = (proxy, int(port) if port.isdigit() and int(port) != 5060 else SIP_TLS)
        if target not in self.unproven:
            address, name = self.address_of(proxy)
            seen = node.ask("tls", "probe", address=address, port=target[1], server_name=name, ca_file=self.args["ca_file"],
                            client_certificate=self.args["client_certificate"], client_key_file=self.args["client_key"])
            self.unproven[target] = None if seen["verified"] else seen["error"] or "no handshake"
        wrong = self.unproven[target]
        return wrong and ("%s:%d does not prove itself by TLS: %s; a rule that insists on encryption would end its calls" % (*target, wrong),
                          ["Bring the Unified CM cluster's certificates and trunks to TLS first, then run again."])

    def address_of(self, proxy):
        """(address to dial, name to verify) of what a rule names."""
        for host in self.action.task_vars["groups"].get(str(self.action.var("collab_cm_cluster") or ""), ()):
            node = self.action.node_of(str(host))
            if proxy.lower() in (str(v).lower() for v in (node.name, node.fqdn, node.host)):
                return node.host, node.fqdn
        return proxy, proxy

    def others(self, node, actual):
        """Rules to elsewhere are not ours to change: what they leave open is said."""
        for one, rule in actual["rules"].items():
            now = rule.get("sipControlEncryption", "")
            if not self.ours(rule) and now != "encrypted":
                self.report.finding("rule-not-encrypted", "medium" if now == "unencrypted" else "low", "outboundDialPlanRules/%s on %s" % (one, node.name),
                                    "the rule for '%s' by '%s' may signal in the clear (sipControlEncryption %s); it does not lead to Unified CM and is left "
                                    "alone" % (rule.get("domain", ""), rule.get("sipProxy", ""), now or "not set"), step=STEP)
