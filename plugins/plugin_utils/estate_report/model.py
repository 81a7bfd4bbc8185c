# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report of an estate shows, from what a run has found: pure data in, pure data out."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

from ..run_file import counted
from ..run_file import gravest_first
from ..run_file import once

# The roles in the order and words of the guide's Deployment section; roles that are not here come after them, by their own names.
SECTIONS = (
    ("preflight", "Conditions"), ("expressway_check", "Agreement of the products"), ("certificates", "Certificates"),
    ("expressway_certificates", "Expressway certificates"), ("ios_certificates", "Router certificates"), ("ios_toll_fraud", "Toll fraud on routers"),
    ("certificate_monitoring", "Certificate monitoring"), ("ldap_over_ssl", "LDAP over SSL"), ("service_restarts", "Restarts owed"),
    ("cipher_suites", "Cipher suites"), ("mixed_mode", "Mixed mode and CAPF"), ("sip_oauth", "SIP OAuth"), ("capf_online_ca", "CAPF online CA"),
    ("phone_security_profiles", "Phone security profiles"), ("sip_trunk_encryption", "SIP trunks"), ("cube", "CUBE"), ("srst", "SRST routers"),
    ("ios_save", "Saved configuration"), ("secure_srst", "Secure SRST"), ("phones", "Phones and LSCs"), ("unity_connection", "Unity Connection"),
    ("expressway_mra", "Mobile and remote access"), ("expressway_xmpp_federation", "XMPP federation"), ("expressway_b2b", "Business-to-business"),
    ("meeting_server", "Meeting Server"), ("management_servers", "Management servers"), ("hardening", "Toll fraud and hardening"),
    ("multi_cluster", "Between clusters"), ("health_gate", "Gate"), ("verification", "Proof"),
)
TITLES = dict(SECTIONS)
ORDER = [role for role, _title in SECTIONS]
DAY = 86400
TRUST_GRAPH = "collab.security.trust_graph"


def model_of(report, clusters, now, former=None):
    """The report's model.

    report    a run's report (run_file)          now   seconds since 1970
    clusters  [{name, product, release, hosts}] in the inventory's order; hosts: those that plays run on
    former    the report of a run that has changed something, or None
    Returns {made, playbook, check, clusters, sections: [{role, title}], state: {cluster: {role: cell}}, counts, findings, pending, operations, certificates,
    connections, trust, former}. A cell is {state: ok | drift | pending | failed | changed | none, findings, pending}. Of certificates the one that ends
    first comes first. trust: the connections of the trust graph, None where the run has made none. former: {playbook, begun, operations}, or None.
    """
    cluster_of = {host: cluster["name"] for cluster in clusters for host in cluster["hosts"]}
    findings, pending = (
        [dict(entry, cluster=cluster_of.get(entry["host"], entry["host"])) for entry in once(report[name])] for name in ("findings", "pending"))
    roles = sorted({short(task["role"]) for task in report["tasks"] if task["role"]}, key=lambda r: (ORDER.index(r) if r in ORDER else len(ORDER), r))
    handshakes = [dict(row, cluster=cluster_of.get(task["host"], task["host"])) for task in report["tasks"] if isinstance(task.get("result"), dict)
                  for row in task["result"].get("handshakes") or ()]
    return {
        "made": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M UTC"), "playbook": report["playbook"],
        "check": all(task["check"] for task in report["tasks"]),
        "clusters": clusters, "sections": [{"role": role, "title": TITLES.get(role, role.replace("_", " ").capitalize())} for role in roles],
        "state": {cluster["name"]: {role: cell(report["tasks"], findings, pending, cluster, role) for role in roles} for cluster in clusters},
        "counts": counted(findings), "findings": gravest_first(findings), "pending": pending,
        "operations": operations(report, cluster_of), "certificates": certificates(handshakes, now), "connections": handshakes, "trust": trust(report["tasks"]),
        "former": former and {"playbook": former["playbook"], "begun": former["begun"], "operations": operations(former, cluster_of)},
    }


def short(role):
    """A role's name without the collection's."""
    return role.rpartition(".")[2]


def operations(report, cluster_of):
    """What a run has changed (or would), in order, each with its cluster."""
    return [dict(row, cluster=cluster_of.get(row["host"], row["host"])) for row in report["operations"]]


def trust(tasks):
    """The connections of the last trust graph of a run, or None."""
    graphs = [task["result"]["connections"] for task in tasks if task["action"] == TRUST_GRAPH and isinstance(task.get("result"), dict)
              and "connections" in task["result"]]
    return graphs[-1] if graphs else None


def cell(tasks, findings, pending, cluster, role):
    """The state of one section on one cluster."""
    mine = [task for task in tasks if task["role"] and short(task["role"]) == role and task["host"] in cluster["hosts"]]
    named = {(task["host"], task["task"]) for task in mine}
    # What is only told (info) is no drift. A finding may name the role that mends it, where another task has found it.
    found = sum(((f["host"], f["task"]) in named or f["host"] in cluster["hosts"] and f.get("role") == role) and f.get("severity") != "info" for f in findings)
    waits = sum((p["host"], p["task"]) in named for p in pending)
    changed = any(task["changed"] and not task["check"] for task in mine)
    state = ("none" if not mine else "failed" if any(task["state"] in ("failed", "unreachable") for task in mine) else "drift" if found and not changed
             else "changed" if changed else "pending" if waits else "ok")
    return {"state": state, "findings": found, "pending": waits}


def certificates(handshakes, now):
    """[{cluster, node, port, purpose, certificate, valid_until, days}], those that end first before all others; one row a certificate and port."""
    rows = [{name: row[name] for name in ("cluster", "node", "port", "purpose", "certificate", "valid_until")} | {"days": days(row["valid_until"], now)}
            for row in handshakes if row.get("valid_until")]
    return sorted(rows, key=lambda row: (row["days"], row["cluster"], row["node"], row["port"]))


def days(iso, now):
    """Whole days from now until an ISO time; negative when it is past."""
    return int((datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp() - now) // DAY)
