# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps phones from being written in a run: a mode that the cluster is not in yet, an LSC that nobody takes, a CAPF that does not run."""

from __future__ import annotations

from ..resources import phone_rules as rules_
from ..resources.objects import boolean
from ..words import many
from . import estate
from . import phone_findings as findings
from .waiting import Stuck

CAPF = "Cisco Certificate Authority Proxy Function"
MODES = {False: "mixed mode", True: "SIP OAuth mode"}       # by whether the profile has OAuth


class Holds:
    """One look. action: DeviceAction; aim: phone_rules.Aim; restarts: what services still owe, as "SERVICE on NODE"; rows: of the phones that are held."""

    def __init__(self, action, aim, restarts):
        self.action, self.report, self.publisher, self.aim, self.restarts = action, action.report, action.publisher, aim, restarts
        self.known, self.rows = dict.fromkeys(MODES.values(), False) if restarts else {}, {}

    def writable(self, changes, check):
        """Those changes that may be made. In check mode an earlier task would have set the modes."""
        self.blocked([c for c in changes if c.blocked])
        kept, held = [], {}
        for change in changes:
            if change.elements:
                mode = None if check else self.missing(change)
                (held.setdefault(mode, []) if mode else kept).append(change)
        for mode, found in held.items():
            self.rows.update({c.phone.name: findings.row(c, "waits for %s" % mode) for c in found})
            self.report.pending("phones-wait-for-mode", many(len(found)), "%s is not in force, which their profile needs%s: %s" % (
                mode, " (a restart is owed: %s)" % ", ".join(self.restarts) if self.restarts else "", findings.names_of(found)), [
                "Set it first, and have the services restart that owe it (roles mixed_mode, sip_oauth and service_restarts); then run again."],
                step=rules_.STEPS[found[0].rule.endpoint])
        return kept

    def missing(self, change):
        """The mode that its profile needs and that is not in force, or None: one that encrypts works in mixed mode only, one with OAuth in SIP OAuth mode."""
        profile = self.aim.profiles.get(change.elements.get("securityProfileName") or change.phone.profile, {})
        if profile.get("deviceSecurityMode") != "Encrypted":
            return None
        mode = MODES[boolean(profile.get("EnableOAuthAuthentication"))]
        if mode not in self.known:
            self.known[mode] = estate.mixed(self.publisher) if mode == MODES[False] else estate.sip_oauth(self.publisher) is not False
        return None if self.known[mode] else mode

    def blocked(self, found):
        """Phones that cannot prove themselves by what they have are not touched."""
        if found:
            self.rows.update({c.phone.name: findings.row(c, "cannot prove itself") for c in found})
            self.report.pending("phones-cannot-prove-themselves", many(len(found)), "their LSC has expired, or its issuer is not trusted, and their profile "
                                "encrypts: %s" % findings.names_of(found), [
                "Give them a rule with enrolment, whose profile has the mode By Null String, or By Existing Certificate (precedence to MIC).",
                "Where the issuer is a former CAPF of this cluster: upload its certificate to CAPF-trust and CallManager-trust."], step="lsc-install")

    def capf(self, services, asking, check):
        """No LSC is asked for while nobody would issue it."""
        if not asking or (CAPF in services and services[CAPF].running):
            return
        said = "%s does not run on %s, so no LSC would be issued (asked for: %s)" % (CAPF, self.publisher.name, many(len(asking)))
        if not check:
            raise Stuck("%s. Nothing was written: activate and start it (role mixed_mode does), then run again." % said)
        self.report.finding("capf-not-running", "high", self.publisher.name, said, step="lsc-install")
