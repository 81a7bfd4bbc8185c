# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold before a Meeting Server cluster is changed: every node answers on both ways and is of the release that the inventory says."""

from __future__ import annotations

from ..errors import NodeError
from ..operations.preconditions import BLOCKER
from ..operations.preconditions import WARNING
from ..operations.preconditions import Note
from .reading import show
from .request import BASENAME

ROLES = ("callbridge", "database", "webbridge", "xmpp")
PROBE = "collab-security-probe.cer"     # no node has a file of this name: only whether SFTP answers is asked


def look(action):
    """[Note] of a cluster, and {node: release} as shown by the nodes."""
    notes, versions = described(action), {}

    def reach(node):
        found = []
        try:
            versions[node.name] = show(node, "version").strip()
            found += release(node, versions[node.name])
            node.ask("cms_sftp", "get", name=PROBE)
        except NodeError as e:
            found.append(Note("not-reachable", BLOCKER, "the MMP of %s" % node.name, str(e)))
        return found

    first = action.node
    found = {first.name: reach(first)}
    if not any("refused" in n.message and "login" in n.message for n in found[first.name]):
        found |= action.each([n for n in action.nodes.values() if n.name != first.name], reach)
    return [*notes, *[note for name in action.nodes for note in found.get(name, ())]], versions


def release(node, said):
    """The release that a node shows against the inventory's."""
    declared = str(node.variables.get("collab_release") or "")
    if declared and declared not in said:
        return [Note("release-differs", BLOCKER, node.name, "%s says its release is '%s', collab_release says %s: correct it, much depends on the release"
                     % (node.name, " ".join(said.split())[:80], declared))]
    return []


def described(action):
    """What the inventory says of the cluster."""
    notes = []
    if not action.var("collab_cluster_name"):
        notes.append(Note("no-cluster-name", BLOCKER, action.cluster, "collab_cluster_name of %s is not set: the name that all its nodes share (on 2.x its "
                          "XMPP domain), the common name of the shared certificate" % action.cluster))
    wrong = [str(b) for b in (action.var("meeting_server_basenames") or {}).values() if not BASENAME.fullmatch(str(b))]
    if wrong:
        notes.append(Note("bad-basename", BLOCKER, action.cluster, "meeting_server_basenames: '%s' cannot be the name of a file on a Meeting Server; use "
                          "letters, digits, '-' and '_'" % wrong[0]))
    wrong = [str(n) for n in action.var("meeting_server_alt_names") or () if "*" in str(n)]
    if wrong:
        notes.append(Note("bad-name", BLOCKER, action.cluster, "meeting_server_alt_names: '%s' cannot be used; give single names, without '*'" % wrong[0]))
    for node in action.nodes.values():
        if not set(ROLES) & set(node.roles):
            notes.append(Note("no-roles", WARNING, node.name, "collab_roles of %s has none of %s: only its Web Admin is secured" % (
                node.name, ", ".join(ROLES))))
    if "databases" in (action.var("collab_disruption") or ()) and not action.var("collab_backup_passphrase"):
        notes.append(Note("no-backup-passphrase", BLOCKER, action.cluster, "collab_disruption has databases, and collab_backup_passphrase is not set: backups "
                          "hold private keys, and are kept encrypted"))
    return notes
