# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a cluster works, by its own word, product by product: what the gate compares before and after a change. Reads only."""

from __future__ import annotations

import re

from ..expressway import facts
from ..expressway import restarts
from ..expressway.documents import entries
from ..expressway.documents import text
from ..meeting_server import reading
from ..meeting_server.database_status import DatabaseStatus
from ..meeting_server.services import Status
from ..meeting_server.services import of_release
from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from ..pki.products import IM_PRESENCE
from ..pki.products import MEETING_SERVER
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..pki.products import product_of
from . import preconditions
from . import services
from .registrations import registered

# A restart that a change owes is left to a window where none is granted: that it is due shuts no gate.
RESTART_DUE = re.compile(r"restart (is )?required", re.IGNORECASE)


def state(action):
    """{services: {node: [those that run]}, zones: {peer: [active ones]}, alarms: {peer: [reasons]}, phones: [registered] or None where the product has none,
    problems: [sentences: what is wrong whatever it was before]}.
    """
    found = {"services": {}, "zones": {}, "alarms": {}, "phones": None, "problems": []}
    return found | LOOKS.get(product_of(action.node), lambda _action: {})(action)


# -- Unified CM, IM and Presence, Unity Connection -------------------------------------------------------------------------------------------------------
def voice_os(action):
    """Services, replication; the phones of Unified CM, the cluster's state of Unity Connection."""
    product, publisher = product_of(action.node), action.publisher
    found = {"services": action.each(action.nodes, running)}
    if product == UNIFIED_CM:
        found["phones"] = sorted(registered(publisher))
    notes = preconditions.replication(publisher)
    if product == UNITY_CONNECTION:
        notes = notes + preconditions.unity_connection(publisher, action.nodes)
    return found | {"problems": [note.message for note in notes if note.severity == preconditions.BLOCKER]}


def running(node):
    """Names of the services that run on a node."""
    reply = node.ask("serviceability", "status")
    return sorted(row["name"] for row in reply["services"] if str(row.get("status")).lower() == services.STARTED)


# -- Expressway --------------------------------------------------------------------------------------------------------------------------------------------
def expressway(action):
    """Zones, alarms, and whether every peer sees the others, by each peer's status document."""
    documents = action.each(action.nodes, facts.status)
    zones = {name: sorted(text(zone, "Name") for zone in entries(document, "Zones", "Zone") if text(zone, "Status").lower() == "active")
             for name, document in documents.items()}
    alarms = {name: sorted(reason for _number, reason in facts.alarms_of(document) if not RESTART_DUE.search(reason)) for name, document in documents.items()}
    away = {name: restarts.inactive(document) for name, document in documents.items()}
    return {"zones": zones, "alarms": alarms,
            "problems": ["%s does not see its peer %s" % (name, ", ".join(others)) for name, others in sorted(away.items()) if others]}


# -- Meeting Server ----------------------------------------------------------------------------------------------------------------------------------------
def meeting_server(action):
    """Services that are on and have an interface; the database counts as one where its cluster is in sync."""
    return {"services": action.each(action.nodes, meeting_server_services)}


def meeting_server_services(node):
    """Names of what runs on one node."""
    statuses = [Status(service, reading.show(node, service.name)) for service in of_release(reading.release_of(node))
                if service.role is None or service.role in node.roles]
    found = [status.service.name for status in statuses if status.set_up and status.enabled]
    return sorted(found + ["database cluster"] * DatabaseStatus(reading.show(node, "database cluster status")).settled)


LOOKS = {UNIFIED_CM: voice_os, IM_PRESENCE: voice_os, UNITY_CONNECTION: voice_os, EXPRESSWAY_C: expressway, EXPRESSWAY_E: expressway,
         MEETING_SERVER: meeting_server}
