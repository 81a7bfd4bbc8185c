# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of an estate in which everything occurs that the report can show, with names as long as real ones."""
from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta

from ansible_collections.collab.security.plugins.plugin_utils.estate_report.model import model_of

NOW = 1_795_464_000
NAMES = ("us_cm", "emea_cm", "us_imp", "us_cuc", "us_expressway_core", "us_expressway_edge", "emea_cube", "us_cms")
CLUSTERS = [{"name": name, "product": "unified_cm", "release": "15", "hosts": [name + "-pub"]} for name in NAMES]
DAYS = (-3, 12, 30, 31, 90, 91, 400, 1800)
ROLES = ("certificates", "mixed_mode", "sip_trunk_encryption", "verification")


def task(host, role, **more):
    """One task of a run."""
    return {"host": host, "task": role, "role": "collab.security." + role, "action": "collab.security.x", "state": "ok", "changed": False, "check": True,
            "seconds": 1.0, "msg": None, "result": {}} | more


def connection(client, server, today="holds", planned="holds", **more):
    """One connection of the trust graph."""
    return {"client": client, "server": server, "client_node": client + "-pub", "server_node": server + "-pub", "port": 5061, "protocol": "SIP", "mutual": True,
            "today": today, "planned": planned, "problems": []} | more


def handshakes(name, index):
    """What was served by a cluster: certificates that have ended, end soon and end late."""
    return [{"node": "%s-sub%d" % (name, n), "port": 8443, "purpose": "HTTPS", "certificate": "tomcat 0A:1B:2C:3D", "protocol": "TLSv1.3",
             "valid_until": (datetime.fromtimestamp(NOW, UTC) + timedelta(days=days, hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
             "verdict": "failed" if days < 0 else "proved", "problems": ["its certificate has ended"] if days < 0 else []}
            for n, days in enumerate(DAYS[index % 4:])]


def operation(host, name, object):
    """One write."""
    return {"node": host, "channel": "axl", "operation": name, "object": object, "arguments": {}, "host": host, "task": "mixed_mode"}


def sample():
    """The model."""
    tasks = [task(name + "-pub", role) for name in NAMES for role in ROLES]
    for index, name in enumerate(NAMES):
        tasks[index * len(ROLES) + 3]["result"] = {"handshakes": handshakes(name, index)}
    tasks[1]["state"] = "failed"
    connections = [connection("us_cm", name) for name in NAMES[1:]] + [connection(name, "us_cm") for name in NAMES[3:6]] + [
        connection("us_cm", "us_cm"), connection("us_cm", "emea_cube", "fails", "holds"),
        connection("us_cms", "emea_cm", "fails", "fails", problems=["emea_cm does not trust the CA of us_cms: add it to CallManager-trust"]),
        connection("phones", "us_cm", "holds", "fails", problems=["the phones' trust list has no entry for the new certificate"]),
        connection("us_expressway_edge", "far ends", "holds", "holds")]
    tasks.append(task("us_cm-pub", "verification", action="collab.security.trust_graph", result={"connections": connections}))
    finding = {"id": "trunk-srtp", "severity": "high", "object": "SIP trunk US_CUBE", "step": "trunk-srtp", "table": None, "host": "us_cm-pub",
               "task": "sip_trunk_encryption", "message": "SRTP is not allowed, so media to the PSTN is in clear: wanted is SRTP allowed, and TLS only"}
    pending = {"id": "reset", "object": "SIP trunk US_CUBE", "reason": "a reset drops calls, and this run may not disturb trunks", "step": "trunk-reset",
               "what_to_do": ["Choose a window without calls.", "Run again with -e '{\"collab_disruption\": [\"trunks\"]}'."], "host": "us_cm-pub",
               "task": "sip_trunk_encryption"}
    former = {"playbook": "site.yml", "begun": "2026-11-23 22:00 UTC", "tasks": [],
              "operations": [operation("us_cm-pub", "updateSipTrunkSecurityProfile", "SIP trunk security profile CUBE SIP Trunk Profile")]}
    report = {"playbook": "report.yml", "tasks": tasks, "findings": [finding], "pending": [pending],
              "operations": [operation("us_cm-pub", "updateSipTrunk", "SIP trunk US_CUBE")]}
    return model_of(report, CLUSTERS, NOW, former)
