# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains of Expressway-C: which of its services each has. Keys as in the recorded resource /common/domain, as far as the RAML has them (expressway.md 1.3)."""
from __future__ import annotations

from . import keys
from .sides import Change

PATH = "/common/domain"
PAGE = "Configuration > Domains"
SIP, PRESENCE, FEDERATION = "EdgeSip", "EdgeXmpp", "XmppFederation"
LABELS = {SIP: "SIP registrations and provisioning on Unified CM", PRESENCE: "IM and Presence Service", FEDERATION: "XMPP federation"}
CLI = {SIP: "Edgesip", PRESENCE: "Edgexmpp", FEDERATION: "Xmppfederation"}


class Domains:
    """The domains of one side. wanted: {domain: [SIP, PRESENCE, FEDERATION or some of them]}; step: of the guide."""

    def __init__(self, side, wanted, step):
        self.side, self.wanted, self.step, self.report = side, wanted, step, side.action.report

    def read(self):
        """The rows of the resource, or None."""
        return self.side.rows(PATH)

    def key(self, flag):
        """The key of REST for a service, or None."""
        return keys.key_of(self.side.offers(PATH), (flag,), "On")

    def plan(self, rows):
        """What to write. Domains and services that are not asked for stay as they are."""
        if rows is None:
            self.by_hand(self.wanted, "the API of this release has no domains")
            return []
        steps, methods = [], keys.methods(self.side.offers(PATH))
        for domain, flags in self.wanted.items():
            row = next((row for row in rows if keys.same_name(keys.value_of(row, ("Name",)), domain)), None)
            known = [flag for flag in flags if self.key(flag)]
            if row is None:
                steps.append(self.add(domain, flags, "post" in methods and known == list(flags)))
                continue
            missing = [flag for flag in known if not keys.same(keys.value_of(row, (self.key(flag),)), "On")]
            unknown = [flag for flag in flags if flag not in known] if "put" in methods else list(flags)
            if unknown:
                self.by_hand({domain: unknown}, "the API of this release has no key for it, and the command line can only set it when a domain is added")
            if missing and "put" in methods:
                steps.append(self.switch(domain, row, missing))
        return steps

    def add(self, domain, flags, by_rest):
        """A domain that is not there. The command line's DomainAdd has all services, whatever the release's API has."""
        node = self.side.primary
        if by_rest:
            body = {"Name": domain, **{self.key(flag): "On" for flag in flags}}
            return self.change(domain, {"channel": "expressway_api", "operation": "POST %s" % PATH, **body}, flags, None,
                               lambda: node.ask("expressway_api", "write", method="POST", path=PATH, body=body))
        arguments = {"Name": domain, **{CLI[flag]: "On" for flag in flags}}
        return self.change(domain, {"channel": "expressway_cli", "operation": "xCommand DomainAdd", **arguments}, flags, None,
                           lambda: node.ask("expressway_cli", "command", name="DomainAdd", arguments=arguments))

    def switch(self, domain, row, flags):
        """Services of a domain that is there."""
        node, body = self.side.primary, {"Name": keys.value_of(row, ("Name",)), **{self.key(flag): "On" for flag in flags}}
        before = {self.key(flag): keys.value_of(row, (self.key(flag),)) for flag in flags}
        return self.change(domain, {"channel": "expressway_api", "operation": "PUT %s" % PATH, **body}, flags, before,
                           lambda: node.ask("expressway_api", "write", method="PUT", path=PATH, body=body))

    def change(self, domain, description, flags, before, apply):
        """One step. The XCP router restarts with it (id:63597530258)."""
        what = " and ".join(LABELS[flag] for flag in flags)
        return Change(description={"node": self.side.primary.name, "object": "domain %s" % domain, **description}, apply=apply, before=before,
                      after={flag: "On" for flag in flags}, impact=self.side.impact(), disturbs=True,
                      finding={"id": "expressway-domain", "severity": "medium", "object": "domain %s" % domain, "step": self.step,
                               "before": before, "after": {flag: "On" for flag in flags},
                               "message": ("%s is off for domain %s" if before is not None else "%s has to be on for domain %s, which is not there")
                               % (what, domain)})

    def by_hand(self, wanted, reason):
        """What no interface can do."""
        for domain, flags in wanted.items():
            self.report.pending("expressway-no-interface", "domain %s of %s" % (domain, self.side.name), reason, [
                "On the primary peer %s, %s: set %s of %s to On." % (self.side.primary.name, PAGE, " and ".join(LABELS[flag] for flag in flags), domain)],
                step=self.step)
