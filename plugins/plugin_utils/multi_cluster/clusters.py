# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several clusters in one task: which, whether all of them can be dealt with, and what each has to have before anything ties it to the others."""
from __future__ import annotations

from ..owed import Owed
from ..pki.restarts import TOMCAT
from ..report import Part
from ..resources.objects import text

GROUPS = ("publishers", "unified_cm")
NOT_WHOLE = "What ties clusters together is done for all of them in one run, once each is secured: put right what failed, then run again without --limit."


class BadClusters(Exception):
    """The clusters that were named cannot be dealt with together; the message says which and what to do."""


def publishers(action, asked):
    """Inventory names of the clusters' publishers: those asked for, else the hosts of the groups publishers and unified_cm."""
    groups = action.task_vars["groups"]
    if asked:
        unknown = [name for name in asked if name not in groups.get(GROUPS[1], ())]
        if unknown:
            raise BadClusters("clusters: %s is no host of the group %s. Nothing was written." % (", ".join(unknown), GROUPS[1]))
        return list(dict.fromkeys(asked))
    return [str(name) for name in groups.get(GROUPS[0], ()) if name in groups.get(GROUPS[1], ())]


def views(action, names):
    """{cluster: the action as seen from its publisher, its report a part of the whole, with the list of its debts} in the order of names."""
    found = {}
    for name in names:
        view = action.seen_from(name)
        if view.publisher.name != name:
            raise BadClusters("%s is not the publisher of its cluster, %s; name that one" % (name, view.publisher.name))
        view.report, view.owed = Part(action.report, view.cluster), Owed(view.workspace, view.cluster)
        found[view.cluster] = view
    return found


def together(action, asked, step):
    """The views of all clusters; {} where there are not two of them, or where one of them is not part of this run (which is then pending)."""
    names = publishers(action, asked)
    running = {str(name) for name in action.task_vars.get("ansible_play_hosts", names)}
    away = [name for name in names if not asked and name not in running]
    if away:
        action.report.pending("multi-cluster", ", ".join(away), "not part of this run any more: it failed earlier, or the run is limited to other hosts",
                              [NOT_WHOLE], step=step)
        return {}
    return views(action, names) if len(names) > 1 else {}


def untrusted(view, ca_file, nodes=None):
    """Why the others would not trust the nodes' tomcat certificate (which ILS and LBM show each other): a sentence for each node."""
    ca_file, wrong = ca_file or view.publisher.option("ca_file"), []
    for node in nodes or [view.publisher]:
        port = node.ports["https"]
        seen = node.ask("tls", "probe", address=node.host, port=port, server_name=str(node.fqdn), ca_file=ca_file, rsa_only=True)
        if not seen.get("verified"):
            wrong.append("%s:%d: %s" % (node.name, port, seen.get("error") or "its certificate is not proven"))
    waiting = sorted(entry["node"] for entry in view.owed.items(TOMCAT))
    return wrong + ["%s owes a restart of %s" % (name, TOMCAT) for name in waiting]


def words(value):
    """A value in lower case, for comparisons with what people say."""
    return " ".join(text(value).lower().replace("-", " ").split())
