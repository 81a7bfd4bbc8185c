# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ILS, the Intercluster Lookup Service: what AXL takes of it and what it shows (axl.md 2.8).

An update takes all nine elements or none, three of which do nothing. A reply shows the role and how a peer was last met, and nothing of TLS, of the
password, of the registration server or of the interval.
"""
from __future__ import annotations

import json
import re

from .objects import rows
from .objects import text

ROLES = ("Hub Cluster", "Spoke Cluster")
TAGS = ("clusterId", "lastContactTime", "clusterUriString", "role", "lastDataRecieved", "syncronizationStatus")      # so spelled in the schema
IN_SYNC = re.compile(r"up.?to.?date|in.?sync|synchroni[sz]ed|success", re.IGNORECASE)
NOT_IN_SYNC = re.compile(r"\bnot\b|\bun|out.of|fail", re.IGNORECASE)
MASK = "********"
UNKNOWN = "was not found"       # AXL 5007: the cluster asked for is not one that it knows


class BadIls(Exception):
    """What the operator says of ILS does not fit the clusters; the message says which entry and what to do."""


def request(cluster_id=None):
    """(operation, arguments) that reads one cluster's entry as the asked cluster has it; its own without an id."""
    arguments = {"returnedTags": dict.fromkeys(TAGS, "")}
    return "getIlsConfig", {"clusterId": cluster_id, **arguments} if cluster_id else arguments


def entry(reply, cluster_id=None):
    """{id, role, contact, status} of a reply; of the row with that id where it has several. None where there is none."""
    found = [{"id": text(row.get("clusterId")), "role": text(row.get("role")), "contact": text(row.get("lastContactTime")),
              "status": text(row.get("syncronizationStatus"))} for row in rows(reply, "ilsConfig")]
    named = [row for row in found if cluster_id and row["id"].lower() == cluster_id.lower()]
    return (named or [row for row in found if not (cluster_id and row["id"])] or [None])[0]


def role(said):
    """A role in the schema's spelling, or "" for anything else (a cluster on its own)."""
    wanted = said.lower().replace("_", " ").split()
    return next((known for known in ROLES if wanted and wanted[0] == known.split()[0].lower()), "")


def in_sync(status):
    """Whether a peer is up to date, by the words that a cluster has for it."""
    return bool(IN_SYNC.search(status)) and not NOT_IN_SYNC.search(status)


def well(status, before):
    """Whether a peer that was met again is up to date: by the words, or, since they are published nowhere, by those of before a change."""
    return in_sync(status) or (status == before and not NOT_IN_SYNC.search(status))


def update_request(settings, password):
    """(operation, arguments) of the one update. settings: role, registration_server, synchronize_clusters_every."""
    return "updateIlsConfig", {
        "role": settings["role"], "registrationServer": settings["registration_server"], "activateIls": True,
        "synchronizeClustersEvery": str(settings["synchronize_clusters_every"]), "activatedServers": "", "deactivatedServers": "", "useTls": True,
        "enableUsePassword": True, "usePassword": password}


def as_written(arguments):
    """All that an update says, as one text to compare with what was last written."""
    return json.dumps(arguments, sort_keys=True)
