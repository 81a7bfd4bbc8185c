# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Business-to-business calls of one Expressway cluster, read and brought to Tables 7-18 to 7-22 by its primary peer.

Order of the writes: SIP, then the credential that Expressway-C logs in with, then the zones, then the default zone. Search rules are left alone.
A zone that changes restarts the XCP router (expressway.md 4.5), which matters once clients come in by a Unified Communications zone: then it needs leave.
"""
from __future__ import annotations

from ..reconcile import reconcile
from . import surroundings
from .b2b import BadB2b
from .b2b import problems
from .b2b import username
from .cluster import primary_of
from .credential import Credential
from .single_settings import DEFAULT_ZONE
from .single_settings import SIP
from .single_settings import Settings
from .zones import Zones

XCP = "Cisco XCP router: clients of mobile and remote access and XMPP federation reconnect"


def bring(action, settings, check):
    """settings: the options of the module expressway_b2b that have a value. Puts everything into the action's report."""
    product, report = surroundings.product(action), action.report
    wanted = surroundings.wanted(action, settings)
    wrong = problems(wanted, settings.get("beside_mra"))
    if wrong:
        raise BadB2b("Nothing was written, because business-to-business calls of %s are not well described: %s" % (action.cluster, "; ".join(wrong)))
    report.add(zones=[{"name": zone.name, "type": zone.kind} for zone in wanted])
    if not wanted:
        return
    node = primary_of(action)
    singles = Settings(node, SIP + DEFAULT_ZONE if product == "expressway_e" else SIP)
    zones = Zones(node, wanted, product, action.workspace, action.cluster)
    login = None
    if any(zone.kind == "traversal_server" for zone in wanted):
        if not settings.get("traversal_password"):
            raise BadB2b("no password for the traversal zone: set collab_traversal_password. Nothing was written.")
        login = Credential(node, username(settings), settings["traversal_password"], action.workspace, action.cluster)

    def read():
        values, reading, there = singles.read(), zones.read(), login.read() if login else None
        zones.check(reading)
        return values, reading, there

    def plan(actual):
        values, reading, there = actual
        first, last = [], []
        for step in singles.plan(values):
            (last if step.description["object"].startswith("DefaultZone") else first).append(step)
        of_zones = zones.plan(reading)
        if reading.rest["unified_communications"]:
            for step in of_zones:
                step.impact = [{"node": name, "kind": "service_restart", "what": XCP} for name in action.nodes]
            if of_zones and not settings.get("granted"):
                for name in dict.fromkeys(step.description["object"] for step in of_zones):
                    report.pending("expressway-disruption", name, "a zone that changes restarts the XCP router, and this run may not disturb services",
                                   ["Run again in a maintenance window with 'services' in collab_disruption."])
                of_zones = []
        return first + (login.plan(there) if login else []) + of_zones + last

    known = [read()]
    singles.find(report, known[0][0])
    zones.find(report, known[0][1])
    reconcile(report, check, lambda: known.pop() if known else read(), plan)
