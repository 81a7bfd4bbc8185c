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
from .credential import Credential
from .settings import Setting
from .settings import Settings
from .settings import sip
from .sides import Side
from .zones import Zones

ZONE_PAGE = "Configuration > Zones > Zones > DefaultZone"
DEFAULT_ZONE = [
    Setting("mutual TLS of DefaultZone", ZONE_PAGE, "defaultzone",
            ("EnableMutualTls", "EnableMutualTlsOnDefaultZone", "MutualTls", "SipTlsVerifyMode"),
            "Zones DefaultZone SIP TLS Verify Mode", "Off", "b2b-default-mtls", "high", "7-21"),
    Setting("authentication policy of DefaultZone", ZONE_PAGE, "defaultzone", ("AuthenticationMode", "AuthenticationPolicy"),
            "Zones DefaultZone Authentication Mode", "DoNotCheckCredentials", "b2b-default-auth", "medium", "7-21"),
    Setting("media encryption of DefaultZone", ZONE_PAGE, "defaultzone", ("SipMediaEncryptionMode", "MediaEncryptionMode", "MediaEncryption"),
            "Zones DefaultZone SIP Media Encryption Mode", "BestEffort", "b2b-default-media", "high", "7-21"),
]


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
    side = Side(action)
    node = side.primary
    protocol, default_zone = Settings(side, sip("b2b-neighbor-tls")), Settings(side, DEFAULT_ZONE if product == "expressway_e" else [])
    zones = Zones(node, wanted, product, action.workspace, action.cluster)
    login = None
    if any(zone.kind == "traversal_server" for zone in wanted):
        if not settings.get("traversal_password"):
            raise BadB2b("no password for the traversal zone: set collab_traversal_password. Nothing was written.")
        login = Credential(node, username(settings), settings["traversal_password"], action.workspace, action.cluster)

    def read():
        found = protocol.read(), login.read() if login else None, zones.read(), default_zone.read()
        zones.check(found[2])
        return found

    def plan(actual):
        of_sip, there, reading, of_default_zone = actual
        of_zones = zones.plan(reading)
        if reading.rest["unified_communications"]:
            for step in of_zones:
                step.impact = side.impact()
            if of_zones and not settings.get("granted"):
                for name in dict.fromkeys(step.description["object"] for step in of_zones):
                    report.pending("expressway-disruption", name, "a zone that changes restarts the XCP router, and this run may not disturb services",
                                   ["Run again in a maintenance window with 'services' in collab_disruption."])
                of_zones = []
        return protocol.plan(of_sip) + (login.plan(there) if login else []) + of_zones + default_zone.plan(of_default_zone)

    known = [read()]
    zones.find(report, known[0][2])
    reconcile(report, check, lambda: known.pop() if known else read(), plan)
