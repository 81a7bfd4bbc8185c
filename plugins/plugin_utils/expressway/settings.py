# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that an Expressway cluster has once: by REST where the release's RAML has resource and key, else by the command line, else pending.

The keys of only some resources are published, and they differ by release (expressway.md 1.3, 1.4, 2.3): the box's own RAML decides. What is written by an
interface is read by it, too: another one may lag behind.
"""
from __future__ import annotations

from dataclasses import dataclass

from ..errors import NodeError
from . import keys
from .sides import Change

SIP, SIP_PAGE = "/common/protocol/sip/configuration", "Configuration > Protocols > SIP"


@dataclass(frozen=True)
class Setting:
    """One setting. label and page are for people; step, severity, table: of the finding.

    path      of its REST resource, or the last word of one that is not published, wherever it stands
    names     spellings of its key there
    cli       its path of xConfiguration, None where there is none
    disturbs  whether changing it interrupts clients
    """

    label: str
    page: str
    path: str
    names: tuple
    cli: str | None
    wanted: str
    step: str
    severity: str = "high"
    table: str | None = None
    disturbs: bool = False


def sip(step):
    """SIP and its TLS, off on a new installation (id:63293541382); step: what of the guide rests on them."""
    return [Setting("SIP mode", SIP_PAGE, SIP, ("SipMode",), "SIP Mode", "On", step),
            Setting("SIP TLS mode", SIP_PAGE, SIP, ("TlsMode", "SipTlsMode"), "SIP TLS Mode", "On", step)]


class Settings:
    """Some settings of one side, read and planned together."""

    def __init__(self, side, settings):
        self.side, self.settings, self.report = side, settings, side.action.report
        paths = {path: self._path(path) for path in dict.fromkeys(setting.path for setting in settings)}
        self.offers = {path: side.offers(path) for path in paths.values()}
        self.paths = {setting: paths[setting.path] for setting in settings}
        self.keys = {setting: self._key(setting) for setting in settings}

    def _path(self, path):
        """Where the box has a resource."""
        if path.startswith("/"):
            return path
        found = [one for one in self.side.primary.ask("expressway_api", "resources") if keys.plainly(one.rsplit("/", 1)[-1]) == path]
        return found[0] if len(found) == 1 else path

    def _key(self, setting):
        """The key of REST for a setting, None where it cannot be both read and written there."""
        offer = self.offers[self.paths[setting]]
        return keys.key_of(offer, setting.names, setting.wanted) if {"get", "put"} <= keys.methods(offer) else None

    def read(self):
        """{Setting: value or None}. What no interface of the release has is pending, and left out."""
        found, rows, trees = {}, {}, {}
        for setting in self.settings:
            path, key = self.paths[setting], self.keys[setting]
            if key:
                if path not in rows:
                    rows[path] = next(iter(self.side.rows(path) or []), {})
                found[setting] = keys.value_of(rows[path], (key,))
                continue
            tree = " ".join((setting.cli or "").split()[:2])
            if tree and tree not in trees:
                trees[tree] = self._tree(tree)
            if setting.cli and setting.cli.lower() in trees[tree]:
                found[setting] = trees[tree][setting.cli.lower()]
            else:
                self.by_hand(setting)
        return found

    def _tree(self, path):
        """{setting in lower case: value} at and below a path of the command line; {} where this release has no such path."""
        try:
            return {known.lower(): value for known, value in self.side.primary.ask("expressway_cli", "configuration", path=path).items()}
        except NodeError as e:
            if e.kind != "absent":
                raise
            return {}

    def by_hand(self, setting):
        """Neither interface has it."""
        self.report.pending("expressway-no-interface", "%s of %s" % (setting.label, self.side.name),
                            "neither the API nor the command line of this release has it, and no key is written on a guess",
                            ["On the primary peer %s, %s: set %s to %s." % (self.side.primary.name, setting.page, setting.label, setting.wanted)],
                            step=setting.step)

    def plan(self, actual):
        """One PUT for all that is wrong in a resource, and one line of xConfiguration for each of the rest."""
        steps, wrong_at = [], {}
        for setting, value in actual.items():
            if keys.same(value, setting.wanted):
                continue
            if self.keys[setting]:
                wrong_at.setdefault(self.paths[setting], []).append((setting, value))
            else:
                steps.append(self._by_cli(setting, value))
        return [self._by_rest(path, wrong) for path, wrong in wrong_at.items()] + steps

    def _by_rest(self, path, wrong):
        """The PUT of one resource."""
        node, schema = self.side.primary, self.offers[path]["keys"]
        body = {self.keys[setting]: keys.spelled(schema[self.keys[setting]], setting.wanted) for setting, _value in wrong}
        return self._change({"channel": "expressway_api", "operation": "PUT %s" % path, **body}, wrong,
                            lambda: node.ask("expressway_api", "write", method="PUT", path=path, body=body))

    def _by_cli(self, setting, value):
        """One line of xConfiguration."""
        node = self.side.primary
        return self._change({"channel": "expressway_cli", "operation": "xConfiguration %s" % setting.cli, "value": setting.wanted}, [(setting, value)],
                            lambda: node.ask("expressway_cli", "set", path=setting.cli, value=setting.wanted))

    def _change(self, description, wrong, apply):
        """The step for settings that are written together. It carries the first one's finding, the others are reported here."""
        findings = [{"id": "expressway-setting", "severity": setting.severity, "object": "%s of %s" % (setting.label, self.side.name), "step": setting.step,
                     "table": setting.table, "before": value, "after": setting.wanted,
                     "message": "%s is %s, not %s" % (setting.label, value or "not set", setting.wanted)} for setting, value in wrong]
        for finding in findings[1:]:
            self.report.finding(**finding)
        name = "%s of %s" % (", ".join(setting.label for setting, _value in wrong), self.side.name)
        disturbs = any(setting.disturbs for setting, _value in wrong)
        return Change({"node": self.side.primary.name, "object": name, **description}, apply,
                      before={setting.label: value for setting, value in wrong}, after={setting.label: setting.wanted for setting, _value in wrong},
                      impact=self.side.impact() if disturbs else [], disturbs=disturbs, finding=findings[0])
