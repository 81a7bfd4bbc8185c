# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of a Meeting Server database cluster. Source: cms.md 0.3 and 1.4.

They cannot be changed while clustering is active, and a node that joins loses its own database for the primary's. So a cluster that is active is left alone,
with the plan printed, until the operator grants it; then: a backup of every database taken off, clients out, replicas out, the primary out, certificates, the
primary's cluster begun anew, replicas and clients in again, one after the other, each in sync before the next.

The plan is made from what the nodes show, so a run that was cut off is gone on with by the next. Which node holds the data is written down before the first one
leaves: afterwards nothing shows it any more.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from ansible.errors import AnsibleActionFail

from ..certificates.issuers import issuers
from ..errors import NodeError
from ..files import write_atomic
from ..files import write_json
from ..pki.facts import short
from ..pki.pem import fingerprint
from .backup import encrypted
from .database_status import DatabaseStatus
from .files import Files
from .reading import Server
from .reading import say
from .reading import show
from .wanted import DATABASE
from .wanted import SHARED
from .wanted import UPLOAD_STEPS
from .wanted import best
from .wanted import chain_of
from .wanted import wanted

YES = [{"prompt": r"\?|y\s*/\s*n|sure", "answer": "Y"}]        # a capital Y alone is taken; the questions' texts are not published (cms.md 8)
CERTS, UNCLUSTERED, ENABLE = "cms-db-server", "cms-db-unclustered", "cms-db-enable"


@dataclass(frozen=True)
class Line:
    """One command of the plan. then: what is waited for after it: "done", "out", "in sync" or "connected"."""

    node: str
    command: str
    then: str = "done"
    asks: bool = False


class MeetingServerDatabase:
    """One run of the module. args: its checked options; action: nodes, report, each, poll, workspace, cluster, say."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.where = "database cluster of %s" % action.cluster
        self.members = [n for n in action.nodes.values() if "database" in n.roles]
        self.clients = [n for n in action.nodes.values() if "callbridge" in n.roles and "database" not in n.roles]
        self.names = {}

    def apply(self, check):
        """Bring the cluster to its certificates. Returns the report with installed, clustered and plan added."""
        self.check = check
        self.report.add(installed=False, clustered=False, plan=[])
        if len(self.members) + len(self.clients) < 2 or not self.members:
            return self.report                                  # one node alone has no cluster
        self.servers = self.action.each(self.nodes, Server)
        if not self.find_files(check):
            return self.report                                  # not issued yet: what is lacking, the step before has said
        lines, wrong = self.plan(), self.wrong()
        self.tell(wrong)
        self.report.add(installed=not wrong, clustered=not lines, plan=["%s> %s" % (line.node, line.command) for line in lines])
        if not lines:
            self.forget()
            return self.report
        only_certificates = [line for line in lines if line.command.startswith("database cluster certs") and not self.clustered()]
        if not self.args["granted"]:
            self.not_granted([line for line in lines if line not in only_certificates], wrong)
            lines = only_certificates
        if not check and self.args["granted"]:
            self.ready()
        for line in lines:
            self.report.operation(line.node, "mmp", line.command, self.where)
        if len(lines) > len(only_certificates):
            for line in lines:
                self.report.impact(line.node, "service_restart", "database cluster")
        if not check:
            self.perform(lines)
        return self.report

    @property
    def nodes(self):
        """All nodes that have to do with the database."""
        return [*self.members, *self.clients]

    # -- what is there -----------------------------------------------------------------------------------------------
    def find_files(self, check):
        """Find both certificates, and how each node calls their files. False where one of them is not there yet."""
        cas = issuers(self.args["issuer_certificates"])
        found = {kind: best(self.servers, wanted(self.action, kind, self.args["alt_names"] if kind == SHARED else ()), cas, self.args["renew_before_days"])
                 for kind in (SHARED, DATABASE)}
        if not all(found.values()):
            return False
        self.certificate, self.client, self.chain = found[SHARED], found[DATABASE], chain_of(found[SHARED], cas)
        for kind, certificate in found.items():
            files = Files(self.report, self.servers, certificate, chain_of(certificate, cas), UPLOAD_STEPS[kind])
            self.names[kind] = files.find()
            lacking = {node: sorted(puts) for node, puts in files.lacking(()).items()}
            if lacking and not check:
                raise AnsibleActionFail("%s: files of %s are not there: %s. Run collab.security.meeting_server_certificate first" % (
                    self.where, short(certificate), "; ".join("%s: %s" % (n, ", ".join(f)) for n, f in lacking.items())))
        return True

    def state(self, name):
        """DatabaseStatus of a node as last read."""
        return self.servers[name].database

    def clustered(self):
        """Names of the nodes that are in a cluster."""
        return [n.name for n in self.nodes if self.state(n.name).enabled]

    def wrong(self):
        """{node: what is wrong with its database certificates}."""
        out = {}
        for node in self.nodes:
            server, files = self.servers[node.name], self.state(node.name).certificates
            expected = {"client_certificate": self.client} | ({"server_certificate": self.certificate} if node in self.members else {})
            words = []
            for what, certificate in expected.items():
                leaf = server.leaf(files[what]) if files[what] else None
                if leaf is None or fingerprint(leaf) != fingerprint(certificate):
                    words.append("%s is %s" % (what.replace("_", " "), short(leaf) if leaf is not None else files[what] or "not set"))
            held = {fingerprint(c) for c in server.certificates.get(files["ca"], ())}
            if not {fingerprint(c) for c in self.chain} <= held:
                words.append("its CA certificate is %s" % (files["ca"] or "not set"))
            if words:
                out[node.name] = "; ".join(words)
        return out

    def primary(self):
        """Name of the node that holds the data: as written down by a run that was cut off, as the cluster shows it, else as the inventory says."""
        record = self.record()
        if record:
            return record["primary"]
        for name in self.clustered():
            for address, node in self.state(name).nodes.items():
                if node["primary"]:
                    found = [n.name for n in self.members if address in (n.host, n.fqdn, n.name) or (node["me"] and n.name == name)]
                    if found:
                        return found[0]
                    raise AnsibleActionFail("%s: %s shows %s as the primary, which is none of the hosts with the role database (ansible_host, collab_fqdn)"
                                            % (self.where, name, address))
        if self.clustered():
            raise AnsibleActionFail("%s: clustering is active on %s, and none shows a primary. Repair the cluster first (database cluster status); nothing was "
                                    "changed" % (self.where, ", ".join(self.clustered())))
        found = [n.name for n in self.members if "primary" in n.roles]
        if len(found) != 1:
            raise AnsibleActionFail("exactly one host of %s with the role database must have the role primary in collab_roles: its database becomes that of "
                                    "the whole cluster" % self.action.cluster)
        return found[0]

    # -- the plan ----------------------------------------------------------------------------------------------------
    def plan(self):
        """[Line] from what the nodes show to the wanted end."""
        wrong, clustered = self.wrong(), self.clustered()
        if not wrong and len(clustered) == len(self.nodes):
            return []
        primary, lines = self.primary(), []
        replicas = [n for n in self.members if n.name != primary]
        if wrong and clustered:
            order = [*self.clients, *replicas, *[n for n in self.members if n.name == primary]]
            lines += [Line(n.name, "database cluster remove", "out", True) for n in order if n.name in clustered]
            clustered = []
        for node in self.nodes:
            if node.name in wrong:
                lines.append(Line(node.name, self.certs(node)))
        address = self.servers[primary].node.host
        if primary not in clustered:
            lines += self.local(primary)
            lines.append(Line(primary, "database cluster initialize", "in sync", True))
        for node in replicas:
            if node.name not in clustered:
                lines += self.local(node.name)
                lines.append(Line(node.name, "database cluster join %s" % address, "in sync", True))
        lines += [Line(n.name, "database cluster connect %s" % address, "connected", True) for n in self.clients if n.name not in clustered]
        return lines

    def certs(self, node):
        """The guide's line: five files where there is a database, three where there is only a client."""
        shared, client = self.names[SHARED][node.name], self.names[DATABASE][node.name]
        files = [client.key, client.certificate, shared.ca]
        if node in self.members:
            files = [shared.key, shared.certificate, *files]
        return "database cluster certs %s" % " ".join(files)

    def local(self, name):
        """The interface of the database, where none is chosen."""
        return [] if self.state(name).interface else [Line(name, "database cluster localnode %s" % self.args["interface"])]

    # -- what is said ------------------------------------------------------------------------------------------------
    def tell(self, wrong):
        """Findings: certificates that are not right, and a cluster that is not whole."""
        for name, words in wrong.items():
            member = any(n.name == name for n in self.members)
            self.report.finding("database-certificates", "high", "database certificates of %s" % name, words, step=CERTS if member else "cms-db-client")
            self.report.before["database certificates of %s" % name] = words
            self.report.after["database certificates of %s" % name] = "those of the enterprise CA"
        away = [n.name for n in self.nodes if n.name not in self.clustered()]
        if away:
            self.report.finding("database-not-clustered", "medium", self.where, "clustering is not active on %s" % ", ".join(away), step=ENABLE)
        for name in self.clustered():
            status = self.state(name)
            if not status.settled:
                self.report.finding("database-not-in-sync", "high", "%s, as %s sees it" % (self.where, name), "; ".join(status.errors) or (
                    "not every node is connected and in sync, or the last command was not successful: %s (%s)" % status.last), step=ENABLE)

    def not_granted(self, lines, wrong):
        """The exact plan, for a maintenance window or for a person."""
        active, primary = self.clustered(), self.primary()
        if wrong and active:
            reason = "database certificates cannot be changed while clustering is active (%s), and this run may not disturb databases" % ", ".join(active)
        else:
            reason = "the cluster is not whole, and joining it replaces a node's database by that of %s; this run may not disturb databases" % primary
        self.report.pending("database-cluster", self.where, reason, [
            "Run again in a maintenance window with 'databases' in collab_disruption. It takes a backup of every database off, then does, in this order:",
            *["%s> %s" % (line.node, line.command) for line in lines],
            "each node being in sync (Connected, In Sync, last command Success) before the next. The database of %s becomes that of all." % primary,
        ], step=UNCLUSTERED if wrong and active else ENABLE)

    # -- doing it ----------------------------------------------------------------------------------------------------
    def record_path(self):
        """Where it is written down which node holds the data."""
        return self.action.workspace / self.action.cluster / "database.json"

    def record(self):
        """What a run that was cut off has written down, or None."""
        if self.action.workspace is None or not self.record_path().exists():
            return None
        return json.loads(self.record_path().read_text(encoding="utf-8"))

    def forget(self):
        """The cluster is whole: what was written down is done with."""
        if self.action.workspace is not None and not self.check:
            self.record_path().unlink(missing_ok=True)

    def ready(self):
        """Backups taken off, and the primary written down, before anything is disturbed."""
        if self.record():
            return
        if self.action.workspace is None:
            raise AnsibleActionFail("collab_workspace must be set: backups and which node holds the data are kept there")
        if not self.args["backup_passphrase"]:
            raise AnsibleActionFail("backup_passphrase (collab_backup_passphrase) must be set: the backups hold private keys and are kept encrypted. Nothing "
                                    "was changed")
        primary, stamp, kept = self.primary(), time.strftime("%Y%m%dT%H%M%S"), []
        for node in self.members:
            say(node, "backup snapshot collab%s" % stamp)
            data = node.ask("cms_sftp", "get", name="collab%s.bak" % stamp)["data"]
            if not data:
                raise AnsibleActionFail("%s: the backup collab%s.bak is not there after 'backup snapshot'. The cluster was not touched" % (node.name, stamp))
            path = self.action.workspace / self.action.cluster / "backups" / ("%s-%s.bak.enc" % (node.name, stamp))
            write_atomic(path, encrypted(data, self.args["backup_passphrase"]))
            self.report.operation(node.name, "mmp", "backup snapshot", self.where, file=str(path))
            kept.append(str(path))
        write_json(self.record_path(), {"primary": primary, "backups": kept})
        self.action.say("%s: backups are in %s" % (self.where, ", ".join(kept)))

    def perform(self, lines):
        """Line by line, each waited for. AnsibleActionFail with what is left to do."""
        for number, line in enumerate(lines):
            self.action.say("%s: %s" % (line.node, line.command))
            try:
                self.send(line)
                self.wait(line)
            except (NodeError, AnsibleActionFail) as e:
                left = "; ".join("%s> %s" % (one.node, one.command) for one in lines[number:])
                raise AnsibleActionFail("%s: '%s' on %s: %s. Done so far: %d of %d. Run this again: it goes on from what the nodes show (or by hand: %s)" % (
                    self.where, line.command, line.node, getattr(e, "message", None) or e, number, len(lines), left)) from None
        for node in self.nodes:
            self.servers[node.name].database = DatabaseStatus(show(node, "database cluster status"))
        left = self.plan() if len(lines) == len(self.report.extra["plan"]) else []
        wrong = self.wrong()
        if left or (wrong and len(lines) == len(self.report.extra["plan"])):
            raise AnsibleActionFail("%s: done, but the nodes show something else: %s" % (self.where, wrong or [line.command for line in left]))
        self.report.add(installed=not wrong, clustered=len(self.clustered()) == len(self.nodes))
        if not wrong and len(self.clustered()) == len(self.nodes):
            self.forget()

    def send(self, line):
        """One command; a lost answer is left to the wait, which reads what came of it."""
        try:
            say(self.servers[line.node].node, line.command, YES if line.asks else ())
        except NodeError as e:
            if e.kind != "lost":
                raise

    def wait(self, line):
        """Until the node shows what the command is for. A command that failed there ends the wait."""
        node = self.servers[line.node].node
        if line.then == "done":
            return
        failed = []

        def there():
            status = DatabaseStatus(show(node, "database cluster status"))
            if status.failed:
                failed.append("the node says: %s (Failed)%s" % (status.last[0], ", " + "; ".join(status.errors) if status.errors else ""))
                return True
            if line.then == "out":
                return not status.enabled and not status.busy
            return status.settled

        self.action.poll("the database of %s to be %s" % (line.node, line.then), there, self.args["timeout"])
        if failed:
            raise AnsibleActionFail(failed[0])
