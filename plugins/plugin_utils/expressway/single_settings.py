# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that an Expressway has once: SIP, the default zone (Table 7-21), the mode of the call policy (Table 7-3).

REST where its RAML has resource and key, else the command line (expressway.md 1.3, 2.3: for the default zone and the call policy no resource is published, so
one is looked for). The reading of each setting is that of the interface that it is written by.
"""
from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

from ..errors import NodeError
from ..reconcile import Step
from . import keys


@dataclass(frozen=True)
class Setting:
    """One setting. object and label are for people, page is where a person sets it; path: of its REST resource, or the last word of one that is not published;
    keys: spellings there in lower case; cli: its path there."""

    object: str
    label: str
    path: str
    keys: tuple
    cli: str
    wanted: str
    step: str
    severity: str
    page: str
    table: str | None = None


SIP_PAGE, ZONE_PAGE = "Configuration > Protocols > SIP", "Configuration > Zones > Zones > DefaultZone"
SIP = [Setting("SIP", "SIP mode", "/common/protocol/sip/configuration", ("sipmode",), "SIP Mode", "On", "b2b-neighbor-tls", "high", SIP_PAGE),
       Setting("SIP", "TLS mode", "/common/protocol/sip/configuration", ("tlsmode",), "SIP TLS Mode", "On", "b2b-neighbor-tls", "high", SIP_PAGE)]
DEFAULT_ZONE = [
    Setting("DefaultZone", "mutual TLS", "defaultzone", ("enablemutualtls", "enablemutualtlsondefaultzone", "mutualtls", "siptlsverifymode"),
            "Zones DefaultZone SIP TLS Verify Mode", "Off", "b2b-default-mtls", "high", ZONE_PAGE, "7-21"),
    Setting("DefaultZone", "authentication policy", "defaultzone", ("authenticationmode", "authenticationpolicy"),
            "Zones DefaultZone Authentication Mode", "DoNotCheckCredentials", "b2b-default-auth", "medium", ZONE_PAGE, "7-21"),
    Setting("DefaultZone", "media encryption mode", "defaultzone", ("sipmediaencryptionmode", "mediaencryptionmode", "mediaencryption"),
            "Zones DefaultZone SIP Media Encryption Mode", "BestEffort", "b2b-default-media", "high", ZONE_PAGE, "7-21"),
]
CALL_POLICY = Setting("call policy", "mode", "callpolicy", ("mode", "callpolicymode", "administratorpolicymode"), "Policy AdministratorPolicy Mode",
                      "LocalCPL", "b2b-cpl", "medium", "Configuration > Call Policy > Configuration", "7-3")


class Settings:
    """Some Settings of one cluster's primary peer `node`, and how they are read and written."""

    def __init__(self, node, settings):
        self.node, self.settings = node, [replace(one, path=self._path(node, one)) for one in settings]
        settings = self.settings
        self.offers = {path: node.ask("expressway_api", "offers", path=path) for path in dict.fromkeys(one.path for one in settings)}
        self.keys = {one: self._key(one) for one in settings}

    @staticmethod
    def _path(node, setting):
        """Where the box has the resource: one whose path is not published counts by its last word, wherever it stands."""
        if setting.path.startswith("/"):
            return setting.path
        found = [path for path in node.ask("expressway_api", "resources") if keys.plainly(path.rsplit("/", 1)[-1]) == setting.path]
        return found[0] if len(found) == 1 else setting.path

    def _key(self, setting):
        offer = self.offers[setting.path]
        if not {"get", "put"} <= set((offer or {}).get("methods") or ()):
            return None
        return keys.key_of(offer, setting.keys, setting.wanted)

    def read(self):
        """{Setting: value}; None for one that neither interface shows."""
        paths = dict.fromkeys(one.path for one in self.settings if self.keys[one])
        rest = {path: self.node.ask("expressway_api", "read", path=path) for path in paths}
        found, trees = {}, {}
        for one in self.settings:
            if self.keys[one]:
                found[one] = next(iter(rest[one.path]), {}).get(self.keys[one])
                continue
            tree = " ".join(one.cli.split()[:2])
            if tree not in trees:
                trees[tree] = self._tree(tree)
            found[one] = trees[tree].get(one.cli.lower())
        return found

    def _tree(self, path):
        """{setting in lower case: value} at and below a path of the command line; {} where this release has no such path."""
        try:
            return {known.lower(): value for known, value in self.node.ask("expressway_cli", "configuration", path=path).items()}
        except NodeError as e:
            if e.kind != "absent":
                raise
            return {}

    def differences(self, values):
        """[Setting] that are not as wanted."""
        return [one for one in self.settings if not keys.same(values[one], one.wanted)]

    def find(self, report, values):
        """Every difference becomes a finding, and is pending where neither interface has the setting."""
        for one in self.differences(values):
            if values[one] is None:
                report.pending("expressway-setting", one.object, "neither the API nor the command line of this release shows its %s" % one.label,
                               ["%s: set %s to %s, then run again." % (one.page, one.label, one.wanted)], step=one.step)
            report.finding("expressway-setting", one.severity, one.object, "%s is %s and has to be %s" % (one.label, values[one] or "not shown", one.wanted),
                           step=one.step, table=one.table, before=values[one], after=one.wanted)

    def plan(self, values):
        """The Steps: one REST write for each resource, one write on the command line for each other setting."""
        steps, wrong = [], [one for one in self.differences(values) if values[one] is not None]
        for path in self.offers:
            by_rest = [one for one in wrong if one.path == path and self.keys[one]]
            if by_rest:
                body = {self.keys[one]: keys.spelled(self.offers[path]["keys"][self.keys[one]], one.wanted) for one in by_rest}
                steps.append(self._step("expressway_api", "PUT %s" % path, by_rest, values, body, self._put(path, body)))
        steps += [self._step("expressway_cli", "set", [one], values, {one.cli: one.wanted}, self._set(one)) for one in wrong if not self.keys[one]]
        return steps

    def _put(self, path, body):
        return lambda: self.node.ask("expressway_api", "write", method="PUT", path=path, body=body)

    def _set(self, one):
        return lambda: self.node.ask("expressway_cli", "set", path=one.cli, value=one.wanted)

    def _step(self, channel, operation, settings, values, arguments, apply):
        what = settings[0].object if len(settings) > 1 else "%s: %s" % (settings[0].object, settings[0].label)
        return Step({"node": self.node.name, "channel": channel, "operation": operation, "object": what, **arguments}, apply,
                    before={one.label: values[one] for one in settings}, after={one.label: one.wanted for one in settings})
