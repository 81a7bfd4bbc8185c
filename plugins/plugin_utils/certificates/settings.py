# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a page of OS Administration on every node: read, compared, saved where they differ, read back (vos.md 3).

Whether one node's page is that of the whole cluster is not known (nothing public says so). So the publisher's is brought right first, and the others
are read after it: where they follow it, nothing is left to be done there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import NodeError
from ..reconcile import DidNotStick
from ..reconcile import Step
from ..reconcile import reconcile
from .ways import not_there


@dataclass(frozen=True)
class Setting:
    """One field. label: its words (several where documents differ), None for a choice that goes by its own words; kind: text, choice or check.

    wanted: its value, a choice's words; same: whether a value that was read is the wanted one; step: of the guide.
    """

    label: str | tuple | None
    kind: str
    wanted: object
    step: str
    same: Callable = lambda now, wanted: plain(now) == plain(wanted)

    @property
    def name(self):
        """What a person would call it."""
        label = self.label or "source of the OCSP URI"
        return label if isinstance(label, str) else label[0]

    def asked(self):
        """As the channel asks for it."""
        return {"label": self.label, "kind": self.kind, "value": self.wanted}

    def words(self):
        """The wanted value for people."""
        return {True: "checked", False: "not checked"}.get(self.wanted, self.wanted)


def plain(value):
    """A value without case and blanks; a number without leading zeros."""
    text = "".join(str(value).split()).casefold()
    return str(int(text)) if text.isdigit() else text


def same_list(now, wanted):
    """Whether two lists of addresses, separated by whatever, are the same."""
    return set(filter(None, re.split(r"[;,\s]+", str(now).lower()))) == set(filter(None, re.split(r"[;,\s]+", str(wanted).lower())))


class PageSettings:
    """The settings of one page. page: of the channel's PAGES; menu: its words in the menu; id: of findings; owes: see monitoring.Clients.

    against: why this run may not save what differs, or None.
    """

    def __init__(self, action, page, menu, id, settings, owes=None, against=None):
        self.action, self.report, self.page, self.menu, self.id, self.settings = action, action.report, page, menu, id, settings
        self.owes, self.against, self.said, self.lacking = owes, against, {}, []

    def apply(self, check):
        """Bring every node's page right. Returns the report."""
        publisher = self.action.publisher
        others = [node for node in self.action.nodes.values() if node is not publisher]
        try:
            now = self.keep([publisher], check)
            now.update(self.keep(others, check))
        except NodeError as e:
            reason = not_there(e)
            if reason is None:
                raise
            return self.by_hand(self.settings, reason)
        if self.lacking:
            self.by_hand(self.lacking, "the page of OS Administration offers no such field")
        self.report.add(settings={name: self.told(values) for name, values in now.items()})
        return self.report

    def told(self, values):
        """Values by name; a number and its unit are one."""
        out = {}
        for setting, value in zip(self.settings, values):
            out[setting.name] = "%s %s" % (out[setting.name], value) if setting.name in out else value
        return out

    def keep(self, nodes, check):
        """The nodes' pages brought right; {node: values} as last read."""
        try:
            return reconcile(self.report, check, lambda: self.read(nodes), lambda now: [step for node in nodes for step in self.steps(node, now[node.name])])
        except DidNotStick as e:
            said = " ".join("%s says: %s" % pair for pair in self.said.items() if pair[1])
            raise DidNotStick("%s%s" % (e, ". " + said if said else "")) from None

    def read(self, nodes):
        """{node: [value of each setting, None where its page has no such field]}."""
        return self.action.each(nodes, lambda node: node.ask("os_admin", "values", page=self.page, asked=[s.asked() for s in self.settings]))

    def steps(self, node, values):
        """The one write that brings a node's page right, as a list; empty where it is right."""
        there = [(setting, value) for setting, value in zip(self.settings, values) if value is not None]
        self.lacking += [s for s, value in zip(self.settings, values) if value is None and s not in self.lacking]
        differing = [(setting, value) for setting, value in there if not setting.same(value, setting.wanted)]
        for setting, value in differing:
            self.report.finding(self.id, "medium", "%s on %s" % (setting.name, node.name), "'%s' is %s, has to be %s" % (
                setting.name, shown(value), shown(setting.wanted)), step=setting.step, before=shown(value), after=shown(setting.wanted))
        if differing and self.against:
            self.report.pending("%s-not-granted" % self.id, self.menu, self.against, ["Run again in a window with 'services' in collab_disruption."],
                                step=differing[0][0].step)
        if not differing or self.against:
            return []
        impacts, write_down = self.owes() if self.owes else ([], None)

        def save():
            if write_down is not None:
                write_down()
            said = node.ask("os_admin", "save", page=self.page, values=[s.asked() for s, _value in there])
            self.said[node.name] = said["alerts"]

        return [Step(
            description={"node": node.name, "channel": "os_admin", "operation": "Save", "object": "%s on %s" % (self.menu, node.name),
                         **{s.name: s.words() for s, _value in differing}},
            apply=save, before={s.name: shown(value) for s, value in differing}, after={s.name: shown(s.wanted) for s, _value in differing}, impact=impacts)]

    def by_hand(self, settings, reason):
        """What a person does where the page does not offer something."""
        for step in dict.fromkeys(s.step for s in settings):
            mine = [s for s in settings if s.step == step]
            self.report.pending("settings-by-hand", self.menu, reason, [
                "Open https://%s/cmplatform and log in as the platform administrator (OS Administration)." % self.action.publisher.fqdn,
                "Security > %s: %s; then Save." % (self.menu, "; ".join("%s: %s" % (s.name, s.words()) for s in mine)),
                "If the pages of the other nodes do not show the same then, do it on each of them."], step=step)
        return self.report


def shown(value):
    """A value in a message."""
    return {True: "checked", False: "not checked", "": "empty"}.get(value, value)
