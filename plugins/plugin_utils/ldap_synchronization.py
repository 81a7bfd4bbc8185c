# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The synchronisation that proves a switched LDAP directory (axl.md 2.6: doLdapSync, getLdapSyncStatus, whose answers are sentences)."""
from __future__ import annotations

import re

from .asking import axl
from .ldap_steps import DIRSYNC
from .ldap_steps import STEP
from .ldap_steps import SYNC
from .ldap_steps import dirsync
from .operations.waiting import Stuck
from .operations.waiting import Waiting
from .owed import Owed
from .resources.objects import text

# The answers of public programs, where "successful" is seen in two spellings; by the schema the answer may also be just whether it runs.
DONE = re.compile(r"success|succesful", re.IGNORECASE)
UNDER_WAY = re.compile(r"under process|in progress|initiated|running|^true$", re.IGNORECASE)
OVER = "false"
LOOKS = 3           # the answer of the synchronisation before stands for a moment: success counts once it was seen under way, or this often
BACK = ("To go back, give the agreement the servers of before under System > LDAP > LDAP Directory (%s; 'Use TLS' off). Why it failed is in the trace of "
        "Cisco DirSync; most often the name in the agreement is not the one in the server's certificate, or its CA is missing in tomcat-trust.")


class Synchronization:
    """One run of the module. pauses: waiting.Pauses."""

    def __init__(self, action, pauses, timeout):
        self.action, self.node, self.report, self.pauses, self.timeout = action, action.publisher, action.report, pauses, timeout
        self.owed = Owed(action.workspace, action.cluster)

    def run(self, check):
        """Synchronises each directory that was switched and has not been synchronised since. Returns the report."""
        debts = {entry["what"][len(SYNC):]: entry for entry in self.owed.items() if entry["what"].startswith(SYNC)}
        results = {}
        if debts and not dirsync(self.action):
            for name in debts:
                self.report.pending("ldap-sync", name, "%s does not run on %s" % (DIRSYNC, self.node.name), [
                    "Activate it under Cisco Unified Serviceability > Tools > Service Activation, then run again."], step=STEP)
            debts = {}
        for name, debt in sorted(debts.items()):
            self.report.finding("ldap-sync-owed", "low", name, "not synchronised since %s" % debt["reason"], step=STEP)
            if not check:
                results[name] = self.one(name, debt["reason"].partition("before: ")[2])
            self.report.operation(self.node.name, "axl", "doLdapSync", name)
        self.report.add(synchronized=results)
        return self.report

    def one(self, name, before):
        """Starts one synchronisation, waits for its end, and strikes out the debt; Stuck where it does not succeed."""
        self.until(name, before, lambda: self.settled(name), "an earlier synchronisation is still under way")
        self.action.say("synchronising the LDAP directory %s" % name)
        axl(self.node, ("doLdapSync", {"name": name, "sync": True}))
        seen = {"under way": False, "looks": 0}

        def look():
            status = self.status(name)
            seen["looks"] += 1
            if UNDER_WAY.search(status) and not DONE.search(status):
                seen["under way"] = True
                raise Waiting("its status is '%s'" % status)
            if (DONE.search(status) or status == OVER) and not seen["under way"] and seen["looks"] < LOOKS:
                raise Waiting("its status is still that of before")
            return status

        status = self.until(name, before, look, "")
        if status == OVER:
            self.report.finding("ldap-sync-unknown", "low", name, "its synchronisation is over, and the cluster does not say how it ended: look at User "
                                "Management > End User, or at the trace of Cisco DirSync", step=STEP)
        elif not DONE.search(status):
            raise Stuck("The LDAP directory '%s' was switched to TLS, but its synchronisation failed: %s. %s" % (name, status or "no status", BACK % before))
        self.owed.settle(SYNC + name, self.node.name)
        return status

    def settled(self, name):
        status = self.status(name)
        if UNDER_WAY.search(status) and not DONE.search(status):
            raise Waiting("its status is '%s'" % status)
        return status

    def status(self, name):
        return text(axl(self.node, ("getLdapSyncStatus", {"name": name})).get("return"))

    def until(self, name, before, look, why):
        return self.pauses.until(look, self.timeout, lambda missing: (
            "The LDAP directory '%s' was switched to TLS, but no synchronisation of it came to an end in %d s: %s%s. Run again to wait on. %s"
            % (name, self.timeout, why + "; " if why else "", missing, BACK % before)))
