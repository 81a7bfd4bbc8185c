# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones of an Expressway cluster, read and brought to what is wanted: REST where its RAML has resource and key, else the command line.

Where a field can be written is settled before anything is: a key that REST lacks goes by the command line, after the same zone's REST write. What REST
knows of a zone is one request; on the command line a zone is made with its type and takes its settings one by one, those that TLS verify rests on first.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import NodeError
from ..reconcile import Step
from ..written import Written
from . import keys as rest_keys
from .zone_types import FIELDS
from .zone_types import OF_EVERY_TYPE
from .zone_types import PEERS
from .zone_types import TYPES
from .zone_types import UNIFIED_COMMUNICATIONS

MASK = "********"
ALWAYS_SET = ("sip_mode", "port", "transport", "tls_verify", "media")      # settings without a value may be left out of a list, these never have none


class BadZones(Exception):
    """A zone cannot be made as asked; the text says which and what to correct. Nothing has been written."""


@dataclass
class Reading:
    """What the box has: {kind: {zone name: REST object}}, the command line's settings below Zones (None: not asked), {zone name: (what, port)} of all zones."""

    rest: dict
    cli: dict | None
    others: dict

    def index(self, name):
        """The command line's number of the zone called so; None where it lists none."""
        for path, value in (self.cli or {}).items():
            found = re.fullmatch(r"Zones Zone (\d+) Name", path, re.IGNORECASE)
            if found and value == name:
                return int(found[1])
        return None

    def setting(self, index, path):
        """A setting of a zone on the command line; None where it is not listed."""
        wanted = ("Zones Zone %d %s" % (index, path)).lower()
        return next((value for known, value in self.cli.items() if known.lower() == wanted), None)


class Zones:
    """The zones of one cluster's primary peer `node` that are wanted, and how they are read and written.

    wanted: list of Zone; product: expressway_c or expressway_e; workspace, cluster: where it is kept which password was written last.
    """

    def __init__(self, node, wanted, product, workspace, cluster):
        self.node, self.wanted = node, wanted
        self.written = Written(workspace, cluster)
        self.paths = {kind: TYPES[kind].path for kind in TYPES if not TYPES[kind].path.startswith("/edge" if product == "expressway_c" else "/controller")}
        self.paths["unified_communications"] = UNIFIED_COMMUNICATIONS[product]
        self.offers = {kind: node.ask("expressway_api", "offers", path=path) for kind, path in self.paths.items()}
        self.keys = {zone.name: self._keys(zone) for zone in wanted}
        for zone in wanted:
            if "password" in zone.settings:
                self.written.needed("the password of zone '%s'" % zone.name)

    def writable(self, kind):
        """Whether zones of this kind are made and changed by REST here. Where no key is known, a zone would be made of its name alone."""
        offer = self.offers[kind] or {}
        return {"get", "post", "put"} <= set(offer.get("methods") or ()) and bool(offer.get("keys"))

    def _keys(self, zone):
        """{field: REST key, or None where it goes by the command line}."""
        if not self.writable(zone.kind):
            return dict.fromkeys(zone.settings)
        return {field: rest_keys.key_of(self.offers[zone.kind], FIELDS[field].keys, value) for field, value in zone.settings.items()}

    # -- reading -----------------------------------------------------------------------------------------------------
    def read(self):
        """A Reading. Every kind of zone is listed, since a name or port may be taken by a zone that is none of ours."""
        rest = {kind: {one["Name"]: one for one in self.node.ask("expressway_api", "read", path=path)} if self.offers[kind] else {}
                for kind, path in self.paths.items()}
        by_cli = any(None in keys.values() for keys in self.keys.values())
        cli = self.node.ask("expressway_cli", "configuration", path="Zones") if by_cli else None
        reading = Reading(rest, cli, {})
        for kind, zones in rest.items():
            label = TYPES[kind].label if kind in TYPES else "Unified Communications traversal zone"
            for name, one in zones.items():
                key = rest_keys.key_of(self.offers[kind], FIELDS["port"].keys)
                reading.others[name] = (kind, label, one.get(key))
        for path, name in (cli or {}).items():
            found = re.fullmatch(r"Zones Zone (\d+) Name", path, re.IGNORECASE)
            if found and name not in reading.others:
                word = reading.setting(int(found[1]), "Type")
                kind = next((kind for kind, one in TYPES.items() if one.word == word), word)
                port = reading.setting(int(found[1]), "%s SIP Port" % word)
                reading.others[name] = (kind, TYPES[kind].label if kind in TYPES else "%s zone" % word, int(port) if port else None)
        return reading

    def actual(self, reading, zone):
        """{field: value} of a zone as it is (a password is None); None where there is no such zone."""
        one, index = reading.rest.get(zone.kind, {}).get(zone.name), reading.index(zone.name)
        if zone.name not in reading.others or (one is None and index is None):
            return None
        found = {}
        for field, key in self.keys[zone.name].items():
            if FIELDS[field].secret:
                found[field] = None
            elif key:
                found[field] = one.get(key) if one else None
            else:
                found[field] = self._by_cli(reading, zone, field, index)
        return found

    @staticmethod
    def _by_cli(reading, zone, field, index):
        if index is None:
            return None
        if field == "peers":
            return [value for value in (reading.setting(index, peer_path(zone, n)) for n in range(1, PEERS + 1)) if value]
        return reading.setting(index, cli_path(zone, field))

    def check(self, reading):
        """Raises BadZones where a zone's name belongs to a zone of another type, or a traversal zone's port to another traversal zone."""
        for zone in self.wanted:
            kind, label, port = reading.others.get(zone.name, (zone.kind, "", None))
            if kind != zone.kind:
                raise BadZones("there is a zone '%s' already, and it is a %s, not a %s: a zone's type cannot be changed. Give ours another name. "
                               "Nothing was written." % (zone.name, label, zone.type.label))
            if not zone.kind.startswith("traversal"):
                continue
            for name, (kind, label, port) in reading.others.items():
                if name != zone.name and kind in ("traversal_client", "traversal_server", "unified_communications") and port == zone.settings["port"]:
                    raise BadZones("port %d of zone '%s' is that of the %s '%s' already, and each traversal zone needs a port of its own. Set "
                                   "traversal_port to another one, for Expressway-C and -E alike. Nothing was written." % (port, zone.name, label, name))

    # -- what is to be done --------------------------------------------------------------------------------------------
    def differences(self, reading, zone):
        """[(field, actual, wanted)] of a zone that is there; a password counts while it is not what was last written."""
        actual = self.actual(reading, zone)
        found = []
        for field, wanted in zone.settings.items():
            if FIELDS[field].secret:            # its value before is None
                if not self.written.same(secret_of(zone), wanted):
                    found.append((field, None, wanted))
            elif not rest_keys.same(actual[field], wanted):
                found.append((field, actual[field], wanted))
        return found

    def find(self, report, reading):
        """Every difference becomes a finding."""
        for zone in self.wanted:
            kind, table = zone.type, zone.type.table
            if self.actual(reading, zone) is None:
                step, severity = kind.fields["port" if "port" in kind.fields else "media"]
                report.finding("expressway-zone-missing", severity, zone.name, "the %s does not exist" % kind.label, step=step, table=table, before=None,
                               after=shown(zone.settings))
                continue
            for field, before, after in self.differences(reading, zone):
                step, severity = kind.fields[field]
                if FIELDS[field].secret:
                    report.finding("expressway-zone-password", severity, zone.name, "its password cannot be read back, and is not known to be what this "
                                   "control node last wrote", step=step, table=table)
                    continue
                report.finding("expressway-zone", severity, zone.name, "%s is %s and has to be %s" % (FIELDS[field].label, words(before), words(after)),
                               step=step, table=table, before=before, after=after)
                if self._unknown(zone, field, before):
                    report.pending("expressway-zone", zone.name, "neither the API nor the command line of this release shows its %s" % FIELDS[field].label,
                                   ["Configuration > Zones > Zones > %s: set %s to %s, then run again." % (zone.name, FIELDS[field].label, words(after))],
                                   step=step)

    def plan(self, reading):
        """The Steps that bring every wanted zone to where it has to be."""
        steps = []
        for zone in self.wanted:
            if self.actual(reading, zone) is None:
                writes, before, after = self._create(zone), None, zone.settings
            else:
                differences = [one for one in self.differences(reading, zone) if not self._unknown(zone, *one[:2])]
                writes = self._change(zone, differences, reading)
                before, after = {field: was for field, was, value in differences}, {field: value for field, was, value in differences}
            if writes:
                writes[-1].before, writes[-1].after = before, shown(after)      # with the last one all of it is done
            steps += writes
        return steps

    def _unknown(self, zone, field, before):
        """Whether a field goes by a command line that does not list it: one that always has a value is then not offered. Nothing is written on a guess."""
        return before is None and not self.keys[zone.name][field] and field in ALWAYS_SET

    def _create(self, zone):
        keys = self.keys[zone.name]
        if not self.writable(zone.kind):
            add = Step(self._described("expressway_cli", "ZoneAdd", zone, {"Type": zone.type.word}),
                       lambda: self.node.ask("expressway_cli", "command", name="ZoneAdd", arguments={"ZoneName": zone.name, "Type": zone.type.word}))
        else:
            add = self._rest_step("POST", zone, {field: value for field, value in zone.settings.items() if keys[field]})
        return [add, *self._cli_steps(zone, [(field, None, value) for field, value in zone.settings.items() if not keys[field]])]

    def _change(self, zone, differences, reading):
        keys = self.keys[zone.name]
        by_rest = {field: value for field, before, value in differences if keys[field]}
        steps = [self._rest_step("PUT", zone, by_rest)] if by_rest else []
        return steps + self._cli_steps(zone, [one for one in differences if not keys[one[0]]], reading)

    def _rest_step(self, method, zone, settings):
        offer, keys = self.offers[zone.kind], self.keys[zone.name]
        body = {"Name": zone.name, **{keys[field]: rest_keys.spelled(offer["keys"][keys[field]], value) for field, value in settings.items()}}
        told = {keys[field]: MASK if FIELDS[field].secret else value for field, value in settings.items()}

        def apply():
            try:
                self.node.ask("expressway_api", "write", method=method, path=zone.type.path, body=body)
            except NodeError as e:
                # A zone that was not there and is now was made by this request, with its password.
                if e.kind != "lost" or method != "POST" or self.actual(self.read(), zone) is None:
                    raise
            self._note(zone, settings)
        return Step(self._described("expressway_api", "%s %s" % (method, zone.type.path), zone, told), apply)

    def _cli_steps(self, zone, differences, reading=None):
        steps = []
        for field, _before, value in differences:
            if field == "peers":
                for n in range(1, PEERS + 1):
                    new = value[n - 1] if n <= len(value) else ""
                    index = reading.index(zone.name) if reading else None
                    old = (reading.setting(index, peer_path(zone, n)) or "") if index is not None else ""
                    if new.lower() != old.lower():
                        steps.append(self._set(zone, peer_path(zone, n), new, field, value))
            else:
                steps.append(self._set(zone, cli_path(zone, field), value, field, value))
        return steps

    def _set(self, zone, path, value, field, after):
        secret = FIELDS[field].secret

        def apply():
            index = self._index(zone)
            self.node.ask("expressway_cli", "set", path="Zones Zone %d %s" % (index, path), value=str(value))
            self._note(zone, {field: after})
        return Step(self._described("expressway_cli", "set", zone, {path: MASK if secret else value}), apply)

    def _index(self, zone):
        """The zone's number, read afresh: another administrator's zone may have come or gone."""
        index = Reading({}, self.node.ask("expressway_cli", "configuration", path="Zones"), {}).index(zone.name)
        if index is None:
            raise BadZones("the zone '%s' is not on the command line of %s, although it was made: run again" % (zone.name, self.node.name))
        return index

    def _note(self, zone, settings):
        for field, value in settings.items():
            if FIELDS[field].secret:
                self.written.note(secret_of(zone), value)

    def _described(self, channel, operation, zone, arguments):
        return {"node": self.node.name, "channel": channel, "operation": operation, "object": zone.name, **arguments}


def cli_path(zone, field):
    """The path of a field below "Zones Zone N"."""
    return FIELDS[field].cli if field in OF_EVERY_TYPE else "%s %s" % (zone.type.word, FIELDS[field].cli)


def peer_path(zone, number):
    """The path of one peer's address below "Zones Zone N"."""
    return "%s Peer %d Address" % (zone.type.word, number)


def secret_of(zone):
    """How the record of what was written calls a zone's password."""
    return "password of zone %s" % zone.name


def shown(settings):
    """Settings as a report may show them."""
    return {field: MASK if FIELDS[field].secret else value for field, value in settings.items()}


def words(value):
    """A setting in a sentence."""
    if isinstance(value, list):
        return ", ".join(value) or "empty"
    return "not set" if value in (None, "") else str(value)
