# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cisco Tomcat on a platform that has the command line alone (Prime Collaboration Deployment): restarted when it serves another certificate than is installed.

Nothing is kept between runs: what is served against what is installed says whether a restart is owed, however a run before ended.
"""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates.reading import read_node
from ..certificates.reading import release_of
from ..errors import NodeError
from ..operations import estate
from ..pki.facts import short
from ..pki.pem import fingerprint
from ..pki.restarts import TOMCAT

STEP, COMMAND = "pcd-restart", "utils service restart %s" % TOMCAT


def bring(action, args, check):
    """Have the node serve its installed tomcat certificate. Returns the report, with served and installed added."""
    node, report = action.node, action.report
    installed = read_node(node, release_of(node), services=["tomcat"]).identities.get("tomcat")
    if installed is None:
        raise AnsibleActionFail("%s: no tomcat certificate could be read (show cert list own)" % node.name)
    port, wanted = node.ports["https"] or 8443, fingerprint(installed)
    served = estate.served(node, port)[1]
    report.add(installed=wanted, served=served)
    if served == wanted:
        return report
    where = "%s on %s" % (TOMCAT, node.name)
    report.finding("certificate-not-served", "high", where, "port %d serves %s, installed is %s" % (
        port, "SHA-256 %s..." % served[:23] if served else "no certificate", short(installed)), step=STEP)
    report.impact(node.name, "service_restart", TOMCAT)
    if not args["granted"]:
        report.pending("restart-owed", where, "%s serves the old certificate until it restarts, which this run may not do" % TOMCAT,
                       ["Run again in a maintenance window with 'services' in collab_disruption."], step=STEP)
        return report
    report.operation(node.name, "vos_cli", COMMAND, where)
    report.before[where], report.after[where] = {"sha256": served}, {"sha256": wanted}
    if check:
        return report
    try:
        node.ask("vos_cli", "run", command=COMMAND)
    except NodeError as e:
        if e.kind != "lost":
            raise
        action.say("no answer to the restart of %s; looking at the node instead" % where)
    action.poll("%s to serve the installed certificate on port %d" % (where, port), lambda: estate.served(node, port, seconds=3)[1] == wanted, args["timeout"])
    report.add(served=wanted)
    return report
