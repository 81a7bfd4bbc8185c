# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared settings of an Expressway that stand alone: by REST where the release's API has the key, else by xConfiguration, else pending.

The sheet knows the keys of only some resources, and they differ by release (expressway.md 1.3, 1.4): the box's own RAML decides.
"""
from __future__ import annotations

from dataclasses import dataclass

from . import keys
from .sides import Change
from .sides import configured


@dataclass(frozen=True)
class Setting:
    """label for people, path and spellings of the key in REST, cli (path of xConfiguration, or None), wanted value, step of the guide, severity.

    disturbs: whether changing it interrupts clients.
    """

    label: str
    path: str
    names: tuple
    cli: str | None
    wanted: str
    step: str
    severity: str = "high"
    disturbs: bool = False


class Settings:
    """Some settings of one side, read and planned together. by: text for what to do by hand, where no interface has a setting."""

    def __init__(self, side, settings, page):
        self.side, self.settings, self.page, self.report = side, settings, page, side.action.report

    def read(self):
        """{Setting: value or None}. What no interface of the release has is pending, and left out."""
        found, rows = {}, {}
        for setting in self.settings:
            key = self.key(setting)
            if key:
                if setting.path not in rows:
                    rows[setting.path] = next(iter(self.side.rows(setting.path) or []), {})
                found[setting] = keys.value_of(rows[setting.path], (key,))
                continue
            value = configured(self.side.primary, setting.cli) if setting.cli else None
            if value is None:
                self.by_hand(setting)
            else:
                found[setting] = value
        return found

    def key(self, setting):
        """The key of REST for a setting, or None."""
        offer = self.side.offers(setting.path)
        return key_for(offer, setting) if "put" in keys.methods(offer) else None

    def by_hand(self, setting):
        """Neither interface has it."""
        self.report.pending("expressway-no-interface", "%s of %s" % (setting.label, self.side.name),
                            "neither the API nor the command line of this release has it, and no key is written on a guess",
                            ["On the primary peer %s, %s: set %s to %s." % (self.side.primary.name, self.page, setting.label, setting.wanted)],
                            step=setting.step)

    def plan(self, actual):
        """One PUT for all that is wrong in a resource, and one line of xConfiguration for each of the rest."""
        steps, bodies = [], {}
        for setting, value in actual.items():
            if keys.same(value, setting.wanted):
                continue
            key = self.key(setting)
            if key:
                bodies.setdefault(setting.path, []).append((setting, key, value))
            else:
                steps.append(self.by_cli(setting, value))
        return [self.by_rest(path, wrong) for path, wrong in bodies.items()] + steps

    def by_rest(self, path, wrong):
        """The PUT of one resource."""
        node, offer = self.side.primary, self.side.offers(path)
        body = {key: keys.spelled(offer["keys"][key], setting.wanted) for setting, key, _value in wrong}
        return self.change({"channel": "expressway_api", "operation": "PUT %s" % path, **body}, [(setting, value) for setting, _key, value in wrong],
                           lambda: node.ask("expressway_api", "write", method="PUT", path=path, body=body))

    def by_cli(self, setting, value):
        """One line of xConfiguration."""
        node = self.side.primary
        return self.change({"channel": "expressway_cli", "operation": "xConfiguration %s" % setting.cli, "value": setting.wanted}, [(setting, value)],
                           lambda: node.ask("expressway_cli", "set", path=setting.cli, value=setting.wanted))

    def change(self, description, wrong, apply):
        """The step for settings that are written together."""
        name = "%s of %s" % (", ".join(setting.label for setting, _value in wrong), self.side.name)
        disturbs = any(setting.disturbs for setting, _value in wrong)
        findings = [{"id": "expressway-setting", "severity": setting.severity, "object": "%s of %s" % (setting.label, self.side.name), "step": setting.step,
                     "before": value, "after": setting.wanted, "message": "%s is %s, not %s" % (setting.label, value or "not set", setting.wanted)}
                    for setting, value in wrong]
        for finding in findings[1:]:
            self.report.finding(**finding)
        return Change(description={"node": self.side.primary.name, "object": name, **description}, apply=apply,
                      before={setting.label: value for setting, value in wrong}, after={setting.label: setting.wanted for setting, _value in wrong},
                      impact=self.side.impact() if disturbs else [], disturbs=disturbs, finding=findings[0])


def key_for(offer, setting):
    """The key of an offer for a setting."""
    return keys.key_of(offer, setting.names, setting.wanted)
