# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold before a cluster is changed, each as a function that reads and answers with Notes (vos.md 2 and 3, axl.md 2.8)."""

from __future__ import annotations

from dataclasses import dataclass

from .. import sip_trunks
from ..errors import NodeError
from ..resources.objects import boolean
from ..resources.objects import rows
from ..resources.objects import text
from ..resources.sip_trunk import BadTrunks
from ..unity_connection.clusters import STATUS
from ..unity_connection.clusters import cluster_status
from . import cli_texts
from . import estate
from . import licence
from . import oauth_refresh
from . import services as services_
from .modes import CTL_PROVIDER

BLOCKER, WARNING, INFO = "high", "medium", "info"
VIRTUAL_NODE = "EnterpriseWideData"         # listed as a node, but is none (axl.md 2.8)
CALL_MANAGER_UNIT = "callmanager"


@dataclass
class Note:
    """One thing found. severity: BLOCKER stops the run before anything is written, WARNING and INFO do not."""

    id: str
    severity: str
    object: str
    message: str
    step: str | None = None


def inventory(publisher, nodes):
    """The nodes of the inventory against those that the cluster lists."""
    reply = publisher.ask("axl", "call", operation="listProcessNode", arguments={
        "searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "nodeUsage": "", "processNodeRole": ""}})
    listed = {text(r.get("name")): r for r in rows(reply, "processNode") if text(r.get("name")) != VIRTUAL_NODE}
    voice = {n: r for n, r in listed.items() if "presence" not in text(r.get("processNodeRole")).lower()}
    known = {n: estate.inventory_name(nodes, n) for n in voice}
    notes = [Note("node-not-in-cluster", BLOCKER, name, (
        "%s is in the inventory, but the cluster does not list it (it lists %s). Correct collab_fqdn or ansible_host of the host, or take it out of the group"
        % (name, ", ".join(sorted(voice)) or "none"))) for name in nodes if name not in known.values()]
    notes += [Note("node-not-in-inventory", BLOCKER, n, (
        "the cluster lists the node %s, which the inventory lacks: it would be left with the old certificates. Add it to the inventory group of the cluster"
        % n)) for n, name in known.items() if name is None]
    first = [known[n] for n, r in voice.items() if text(r.get("nodeUsage")).lower() == "publisher"]
    if first and first[0] and first[0] != publisher.name:
        notes.append(Note("wrong-publisher", BLOCKER, publisher.name,
                          "the cluster's publisher is %s, not %s: correct collab_roles of both" % (first[0], publisher.name)))
    return notes


def presence(cm_publisher, nodes):
    """The IM and Presence nodes of the inventory against those that their Unified CM cluster lists: its database is the one that knows them."""
    reply = cm_publisher.ask("axl", "call", operation="listProcessNode", arguments={
        "searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "processNodeRole": ""}})
    listed = [text(r.get("name")) for r in rows(reply, "processNode") if "presence" in text(r.get("processNodeRole")).lower()]
    known = {n: estate.inventory_name(nodes, n) for n in listed}
    notes = []
    for name in nodes:
        if name not in known.values():
            notes.append(Note("node-not-in-cluster", BLOCKER, name, (
                "%s is in the inventory, but its Unified CM cluster (%s) lists no such IM and Presence node (it lists %s). Correct collab_fqdn, ansible_host "
                "or collab_cm_cluster of the host, or take it out of the group" % (name, cm_publisher.name, ", ".join(sorted(listed)) or "none"))))
    return notes + [Note("node-not-in-inventory", BLOCKER, n, (
        "%s lists the IM and Presence node %s, which the inventory lacks: it would be left with the old certificates. Add it to the inventory group of the "
        "cluster" % (cm_publisher.name, n))) for n, name in known.items() if name is None]


def unity_connection(publisher, nodes):
    """The state of a Unity Connection cluster, and its servers against the inventory: a failover is no time to change it."""
    found = cluster_status(publisher.ask("vos_cli", "run", command=STATUS)["output"])
    notes = [Note("unity-connection-state", BLOCKER, "Unity Connection", "%s. Both servers must be up, one Primary and one Secondary, before the cluster is "
                  "changed ('%s')" % (problem, STATUS)) for problem in found["problems"]]
    known = {name: estate.inventory_name(nodes, name) for name in found["nodes"]}
    notes += [Note("node-not-in-inventory", BLOCKER, name, "the cluster lists the server %s, which the inventory lacks: it would be left with the old "
                   "certificates. Add it to the inventory group of the cluster" % name) for name, node in known.items() if node is None]
    return notes + [Note("node-not-in-cluster", BLOCKER, name, "%s is in the inventory, but the cluster does not list it (it lists %s). Correct collab_fqdn or "
                         "ansible_host of the host, or take it out of the group" % (name, ", ".join(sorted(known)) or "none"))
                    for name in nodes if known and name not in known.values()]


def release(node, output):
    """A node's declared release against `show version active`, and whether its load is restricted."""
    found, declared = cli_texts.active_version(output), node.variables.get("collab_release")
    if not found["version"]:
        return [Note("release-unreadable", WARNING, node.name, "'show version active' on %s shows no version that can be read" % node.name)]
    notes = []
    if not declared or not cli_texts.same_release(declared, found["version"]):
        notes.append(Note("release-differs", BLOCKER, node.name, "%s runs release %s, collab_release says %s: correct it, much depends on the release"
                          % (node.name, found["version"], declared or "nothing")))
    if found["unrestricted"]:
        notes.append(Note("unrestricted", BLOCKER, node.name, (
            "%s runs an unrestricted release, on which mixed mode and encryption are not possible: install the restricted one" % node.name),
            "precondition-restricted"))
    return notes


def replication(publisher):
    """Database replication, from the publisher's view."""
    found = cli_texts.replication(publisher.ask("vos_cli", "run", command="utils dbreplication runtimestate")["output"])
    if found["state"] in ("good", "single"):
        return []
    where = "database replication"
    if found["state"] == "progress":
        return [Note("replication", BLOCKER, where,
                     "a replication check is under way; wait until 'utils dbreplication runtimestate' says COMPLETED, then run again")]
    why = "; ".join(found["problems"]) or "'utils dbreplication runtimestate' shows nothing that can be judged"
    return [Note("replication", BLOCKER, where, "%s. Repair it first (utils dbreplication status, repair, reset): certificates and settings would not reach "
                 "every node" % why)]


def licensed(publisher, require):
    """Registration and export control; only a blocker for what needs them."""
    found = licence.read(publisher)
    needs = [name for name in ("mixed_mode", "sip_oauth") if name in require]
    return found, [Note("licence", BLOCKER if needs else INFO, "licence", "%s. %s" % (reason, licence.WHAT_TO_DO), "precondition-export")
                   for reason in licence.refusals(found)]


def ctl_provider(publisher, require):
    """Until release 14 the CTL Provider service belongs to mixed mode (vos.md 2); 15 has none."""
    found = cli_texts.release_of(publisher.variables.get("collab_release", ""))
    if "mixed_mode" not in require or not found or found[0] > 14 or estate.mixed(publisher):
        return []
    service = services_.read(publisher, [CTL_PROVIDER])[0].get(CTL_PROVIDER)
    if service is not None and service.running:
        return []
    return [Note("ctl-provider", INFO, CTL_PROVIDER, (
        "%s does not run on %s; until release 14 mixed mode wants it, like CAPF. The role mixed_mode activates it on 12.x (module service_activation)"
        % (CTL_PROVIDER, publisher.name)), "mixed-set")]


def own_certificate(publisher):
    """From 14 on CallManager can reuse tomcat's certificate; then it has none of its own to renew (vos.md 1.6)."""
    found = cli_texts.release_of(publisher.variables.get("collab_release", ""))
    if not found or found[0] < 14:
        return []
    units = cli_texts.own_units(publisher.ask("vos_cli", "run", command="show cert list own")["output"])
    if CALL_MANAGER_UNIT in units:
        return []
    return [Note("certificate-reused", BLOCKER, "CallManager certificate", (
        "CallManager reuses the tomcat certificate on %s, so there is none of its own to request: undo 'Reuse Certificate' in OS Administration, or leave "
        "CallManager out of the certificates wanted" % publisher.name))]


def auto_registration(publisher, require):
    """Auto-registration lets unknown phones in; the mixed-mode command warns of it (vos.md 2)."""
    if "mixed_mode" not in require:
        return []
    listed = rows(publisher.ask("axl", "call", operation="listCallManager", arguments={
        "searchCriteria": {"name": "%"}, "returnedTags": {"name": ""}}), "callManager")
    on = []
    for manager in listed:
        name = text(manager.get("name"))
        found = rows(publisher.ask("axl", "call", operation="getCallManager", arguments={"name": name}), "callManager")
        if found and boolean((found[0].get("autoRegistration") or {}).get("autoRegistrationEnabled")):
            on.append(name)
    return [Note("auto-registration", WARNING, "auto-registration", (
        "auto-registration is enabled on %s: any phone that is plugged in gets a number. Disable it (System > Cisco Unified CM) unless it is wanted"
        % ", ".join(on)), "mixed-set")] if on else []


def oauth(publisher, require, spec):
    """What stands against SIP OAuth mode, as (reason, what to do), or None. Nothing once the mode is on: then it was met."""
    if "sip_oauth" not in require or estate.sip_oauth(publisher):
        return None
    return oauth_refresh.against(publisher, spec)


def trunks(publisher, asked, exclude):
    """The trunks that the operator names are there, and none of them is a presence trunk."""
    if asked is None and not exclude:
        return []
    try:
        sip_trunks.chosen(publisher, asked, exclude)
    except BadTrunks as e:
        return [Note("trunk-unknown", BLOCKER, "collab_sip_trunks", "collab_sip_trunks: %s" % e, "trunk-select-profile")]
    return []


def backup(publisher, hours, now):
    """A recent backup, where the command line shows one. now: the publisher's clock."""
    where = "backup"
    if not hours:
        return []
    try:
        last = cli_texts.last_backup(publisher.ask("vos_cli", "run", command="utils disaster_recovery history backup")["output"])
    except NodeError as e:
        if e.kind == "auth":
            raise
        last = None                                             # the command's output is published for one release only: not a reason to stop
    if last is None:
        return [Note("backup-unknown", INFO, where, (
            "no successful backup can be read on %s ('utils disaster_recovery history backup'); make sure that there is one" % publisher.name))]
    age = (now - last) / 3600
    if age > hours:
        return [Note("backup-old", WARNING, where, (
            "the last successful backup of %s is %d hours old, more than %d: make one before the change" % (publisher.name, age, hours)))]
    return []


def version(output):
    """The version in the output of `show version active`, or None."""
    return cli_texts.active_version(output)["version"]
