# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ILS of all clusters with TLS and one password: written in one go, the service restarted, and proven by what the clusters say of each other.

None of it can be read back. So it is written where it is not what this control node wrote last, or where the operator asks for it, and what was written is
kept as a salted hash (written.py). Whether it holds is shown by the peers: each cluster has to meet every other one again after the restart.
"""
from __future__ import annotations

from ..asking import DeviceTime
from ..asking import axl
from ..errors import NodeError
from ..node import each
from ..operations import estate
from ..operations.restarts import Restarts
from ..operations.waiting import Waiting
from ..pki.restarts import ILS
from ..reconcile import Step
from ..reconcile import reconcile
from ..resources import ils
from ..resources.ils import BadIls
from ..written import Written
from .clusters import together
from .clusters import untrusted
from .clusters import words

STEP, PASSWORD_STEP, VARIABLE, WHAT, PEERS = "mc-ils-tls", "mc-ils-password", "collab_ils", "ILS", "ILS peers"
SETTINGS = ("registration_server", "synchronize_clusters_every")
CLUSTER_ID = "ClusterID"


class Ils:
    """One run of the module over all clusters. pauses: waiting.Pauses."""

    def __init__(self, action, args, pauses, check):
        self.action, self.args, self.pauses, self.check, self.report = action, args, pauses, check, action.report
        self.settings, self.applied, self.seen = {}, set(), None

    def run(self):
        """Returns the report."""
        self.views = together(self.action, self.args["clusters"], STEP)
        self.written = {cluster: Written(view.workspace, cluster) for cluster, view in self.views.items()}
        self.ids = {cluster: estate.parameter(view.publisher, CLUSTER_ID) or "" for cluster, view in self.views.items()}
        self.own = {cluster: ils.entry(axl(view.publisher, ils.request())) for cluster, view in self.views.items()}
        distinct = self.distinct()
        known = [self.known(view) for view in self.views.values()]      # each, so that one report says all that is lacking
        if known and all(known) and distinct:
            self.secure()
        self.report.add(peers=self.last_seen() if distinct else [])
        return self.report

    def distinct(self):
        """Whether each cluster has an ID of its own, by which the others know it; pending otherwise, for then nothing that one says of another is told."""
        given = [known.lower() for known in self.ids.values()]
        if len(set(given)) == len(given) and all(given):
            return True
        shown = ", ".join("%s: %s" % (cluster, known or "none") for cluster, known in self.ids.items())
        self.report.pending("ils-cluster-id", WHAT, "not every cluster has a Cluster ID of its own (%s), by which the others know it" % shown, [
            "Give each cluster a Cluster ID of its own under System > Enterprise Parameters, then run again."], step=STEP)
        return False

    def known(self, view):
        """Whether all that has to be sent is known of this cluster; pending otherwise. Raises BadIls for a role that is not the cluster's."""
        said, own = view.var(VARIABLE) or {}, self.own[view.cluster]
        now, wanted = ils.role(own["role"]) if own else "", ils.role(str(said.get("role") or ""))
        if said.get("role") and not wanted:
            raise BadIls("%s of %s: role is %r; it has to be one of %s. Nothing was written." % (VARIABLE, view.cluster, said["role"], ", ".join(ils.ROLES)))
        if now and wanted and now != wanted:
            raise BadIls("%s of %s says that it is a %s, but it is a %s. A role is resent, never changed. Nothing was written: correct 'role' or leave it out."
                         % (VARIABLE, view.cluster, wanted, now))
        lacking = [name for name in SETTINGS if said.get(name) is None]
        if not now:
            view.report.pending("ils-not-configured", WHAT, "the cluster is in no ILS network (its role is %r)" % (own["role"] if own else ""),
                                ["Join it to the ILS network under Advanced Features > ILS Configuration, then run again."], step=STEP)
        elif lacking:
            view.report.pending("ils-settings", WHAT, "ILS is written with all of its settings or not at all, and %s cannot be read" % " and ".join(lacking), [
                "Look at Advanced Features > ILS Configuration of %s, and set %s: {registration_server: ..., synchronize_clusters_every: ...} for the cluster "
                "('' where the page shows no registration server)." % (view.publisher.name, VARIABLE)], step=STEP)
        elif not self.args["password"]:
            view.report.pending("ils-password", WHAT, "no password is given", ["Set collab_ils_password (in a vault), the same for all clusters."],
                                step=PASSWORD_STEP)
        else:
            self.settings[view.cluster] = {"role": now, **{name: str(said[name]) for name in SETTINGS}}
            return True
        return False

    def wanted(self, cluster):
        """(operation, arguments) of the update."""
        return ils.update_request(self.settings[cluster], self.args["password"])

    def differs(self, cluster):
        """Whether the update is to be made: asked for in this run, or not the one that was made last."""
        if self.args["apply"] and cluster not in self.applied:
            return True
        return not self.written[cluster].same(WHAT, ils.as_written(self.wanted(cluster)[1]))

    def secure(self):
        """Writes, restarts and proves, or says why not."""
        todo = [cluster for cluster in self.views if self.differs(cluster)]
        for cluster in todo:
            for step, what in ((STEP, "TLS"), (PASSWORD_STEP, "the password")):
                self.views[cluster].report.finding("ils-encryption", "medium", WHAT, "%s cannot be read, and is not known to be set: it was not written from "
                                                   "here as it is wanted now" % what, step=step)
        before = self.last_seen()
        if todo or any(view.owed.items(ILS) for view in self.views.values()):
            if not self.possible():
                return
            reconcile(self.report, self.check, lambda: None, lambda _none: [self.step(cluster) for cluster in self.views if self.differs(cluster)])
            hubs_first = sorted(self.views.values(), key=lambda view: self.settings[view.cluster]["role"] != ils.ROLES[0])
            for view in hubs_first:
                Restarts(view, self.pauses, self.args["timeout"], self.args["timeout"]).run([ILS], True, self.check)
            self.report.extra.pop("owed", None)
            if not self.check:
                self.prove(before)
        for peer in self.last_seen():
            where, status = "%s at %s" % (peer["peer"], peer["cluster"]), peer["status"]
            if not words(status) or ils.NOT_IN_SYNC.search(status):
                self.report.finding("ils-peer", "high", where, "it is not up to date (%s)" % (status or "not known there"), step=STEP)
            elif not ils.in_sync(status):
                self.report.finding("ils-peer-status", "info", where, "it was last met %s; whether its status '%s' means up to date is published nowhere" % (
                    peer["contact"], status), step=STEP)

    def possible(self):
        """Whether services may be disturbed, and the publishers trust each other. Says why not."""
        wrong = [] if self.check else [reason for view in self.views.values() for reason in untrusted(view, None)]
        if wrong:
            self.report.pending("ils-tomcat", WHAT, "the clusters would not trust each other: %s" % "; ".join(wrong), [
                "Give the publishers their tomcat certificate from the enterprise CA and restart Tomcat, then run again."], step=STEP)
        elif not self.args["granted"]:
            self.report.pending("ils-not-granted", WHAT, "it makes %s restart on all clusters, and this run may not disturb services" % ILS,
                                ["Run again in a window with 'services' in collab_disruption."], step=STEP)
        return not wrong and self.args["granted"]

    def step(self, cluster):
        """The write for one cluster."""
        view, (operation, arguments) = self.views[cluster], self.wanted(cluster)

        def apply():
            self.written[cluster].needed(WHAT)
            view.owed.add(ILS, [view.publisher.name], DeviceTime(view.publisher)(), "ILS was given TLS and the password")
            axl(view.publisher, (operation, arguments))
            self.written[cluster].note(WHAT, ils.as_written(arguments))
            self.applied.add(cluster)

        return Step(description={"node": view.publisher.name, "channel": "axl", "operation": operation, "object": view.report.called(WHAT),
                                 **{**arguments, "usePassword": ils.MASK}},
                    apply=apply, before="not known", after="TLS and password",
                    impact=[{"node": view.publisher.name, "kind": "service_restart", "what": ILS}])

    def peers(self):
        """[{cluster, peer, status, contact}]: what each cluster says of every other one; nothing where it does not know it. All clusters are asked at once."""
        publishers = {view.publisher.name: view.publisher for view in self.views.values()}
        said = each(publishers.values(), lambda publisher: {peer: self.told(publisher, peer_id) for peer, peer_id in self.ids.items()
                                                            if publisher is not self.views[peer].publisher})
        self.seen = [{"cluster": cluster, "peer": peer, "status": row["status"] if row else "", "contact": row["contact"] if row else ""}
                     for cluster, view in self.views.items() for peer, row in said[view.publisher.name].items()]
        return self.seen

    def last_seen(self):
        """What peers() gave last: they are asked anew only where something has changed since, for there are as many answers as pairs of clusters."""
        return self.peers() if self.seen is None else self.seen

    @staticmethod
    def told(publisher, peer_id):
        """A cluster's entry of another one; None where it has none, which a cluster that has just joined may be."""
        try:
            return ils.entry(axl(publisher, ils.request(peer_id)), peer_id)
        except NodeError as e:
            if e.kind == "refused" and ils.UNKNOWN in str(e):
                return None
            raise

    def prove(self, before):
        """Waits until every cluster that met another one before has met it again since, and has it up to date."""
        met = {(row["cluster"], row["peer"]): row for row in before if words(row["status"])}

        def look():
            missing = []
            for row in self.peers():
                old = met.get((row["cluster"], row["peer"]))
                if old is not None and (row["contact"] == old["contact"] or not ils.well(row["status"], old["status"])):
                    missing.append("%s says of %s: '%s', last met %s" % (row["cluster"], row["peer"], row["status"], row["contact"] or "never"))
            if missing:
                raise Waiting("; ".join(missing))

        self.pauses.until(look, self.args["timeout"], lambda missing: (
            "ILS was given TLS and the password on all clusters, but they did not meet again in %d s: %s. Compare the password of every cluster of the ILS "
            "network under Advanced Features > ILS Configuration (a cluster that is not in the inventory needs it, too); then run again."
            % (self.args["timeout"], missing)))
