# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Call policy of an Expressway-E cluster (Table 7-3): its mode is set and proven, its rules are a person's.

The command line has the mode alone, and no interface for rules is published (expressway.md 4.6). An operator who lets a policy server decide has
decided so: that mode is never replaced.
"""
from __future__ import annotations

from ..reconcile import reconcile
from .documents import text
from .keys import same
from .settings import Setting
from .settings import Settings
from .sides import Side

STEP, TABLE = "b2b-cpl", "7-3"
MODE = Setting("mode of the call policy", "Configuration > Call Policy > Configuration", "callpolicy", ("Mode", "CallPolicyMode", "AdministratorPolicyMode"),
               "Policy AdministratorPolicy Mode", "LocalCPL", STEP, "medium", TABLE)
OTHERS_DECIDE = ("localservice", "policyservice")


class Contradiction(Exception):
    """Two interfaces of the box say different things; the text says what to look at."""


def bring(action, rules, checked, check):
    """rules: [{source, pattern, action}]; checked: whether a person has confirmed that the rules are there."""
    side, report = Side(action), action.report
    settings = Settings(side, [MODE])
    values = settings.read()
    mode = values.get(MODE)
    if mode is not None and str(mode).lower() in OTHERS_DECIDE:
        report.finding("expressway-call-policy", "medium", "call policy", "its mode is %s: another policy than local CPL decides on calls" % mode,
                       step=STEP, table=TABLE, before=mode, after=MODE.wanted)
        report.pending("expressway-call-policy", "call policy", "somebody has chosen the mode %s, which local rules would take the place of" % mode,
                       ["Have that policy reject these calls: %s." % told(rules),
                        "Or set Configuration > Call Policy > Configuration to Local CPL, then run again."], step=STEP)
        report.add(mode=mode, rules_checked=checked)
        return
    known = [values]
    values = reconcile(report, check, lambda: known.pop() if known else settings.read(), settings.plan)
    if not check or same(mode, MODE.wanted):
        prove(side.primary, values.get(MODE))
    if not checked:
        report.pending("expressway-call-policy-rules", "call policy", "no interface but the web page has the rules of the call policy",
                       steps_for(side.primary, rules), step=STEP)
    report.add(mode=values.get(MODE), rules_checked=checked)


def prove(node, mode):
    """Compare the mode with what the box's own XML document says, where it has it; raises Contradiction."""
    if mode is None:
        return
    said = text(node.ask("expressway_api", "witness", document="configuration"), *MODE.cli.split())
    if said and not same(said, mode):
        raise Contradiction("the mode of the call policy on %s is %s, and its configuration.xml says %s: look at Configuration > Call Policy there" % (
            node.name, mode, said))


def told(rules):
    """The rules in a sentence."""
    return "; ".join("from %(source)s to %(pattern)s: %(action)s" % rule for rule in rules)


def steps_for(node, rules):
    """What a person does for the rules."""
    return ["Open https://%s and go to Configuration > Call Policy > Rules." % node.fqdn,
            *("New: Source type Zone, Originating zone %(source)s, Destination pattern %(pattern)s, Action %(action)s; Add." % one for one in rules),
            "A rule further up that allows the same calls would come first: put these above it.",
            "Try it by calls from outside: one to a number that the pattern takes has to be refused, another one has to come through.",
            "Then set 'call_policy_checked: true' in collab_expressway.b2b."]
