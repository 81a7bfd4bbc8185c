# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unified CM, IM and Presence and Unity Connection servers of Expressway-C, each with TLS verify On (guide, MRA and XMPP Federation).

A server cannot be changed in place unless the release offers PUT: it is deleted and added again, which keeps clients out meanwhile. So that needs leave,
and before anything is deleted it is proven from here that the server's certificate verifies by what Expressway-C trusts and that its account may log in.
"""
from __future__ import annotations

import json

from ..handshakes import look
from ..reconcile import reconcile
from ..written import Written
from . import keys
from .documents import entries
from .sides import Change
from .sides import Side
from .sides import allowed
from .sides import witness
from .uc_server_kinds import KINDS
from .uc_server_kinds import PUBLISHER
from .uc_server_kinds import Wanted
from .uc_server_kinds import from_row
from .uc_server_kinds import from_status
from .uc_server_kinds import is_address
from .uc_server_kinds import is_one
from .uc_server_kinds import keys_of
from .uc_server_kinds import verify_value
from .uc_server_kinds import wrong_with

PAGE = "Configuration > Unified Communications"
DISCOVERY = "discovery of %s: clients cannot connect by mobile and remote access meanwhile"


class BadServer(Exception):
    """A server of the inventory cannot be added with TLS verify On; the message says why and what to do."""


class Servers:
    """The servers of one Expressway-C in one task."""

    def __init__(self, action, granted):
        self.action, self.report, self.side, self.granted = action, action.report, Side(action), granted
        self.written, self.in_use = Written(action.workspace, action.cluster), self.side.in_use()
        self.nodes, self.proven = {}, set()                 # FQDN -> Node of the inventory
        self.wanted = [server for kind in KINDS for server in self.wanted_of(kind)]
        self.refresh, self.added = set(), set()             # FQDNs that have to be discovered anew though they are as wanted; that were, in this task

    def wanted_of(self, kind):
        """The servers of one kind: the publishers of the clusters that belong to this Expressway-C's Unified CM cluster."""
        cluster, groups, found = self.action.var("collab_cm_cluster"), self.action.task_vars["groups"], []
        for name in groups.get(kind.group, ()):
            node = self.action.node_of(str(name))
            belongs = node.variables.get("collab_cluster") if kind.group == "unified_cm" else node.variables.get("collab_cm_cluster")
            if belongs == cluster and "publisher" in node.roles:
                found.append(self.server(kind, node))
        if kind.group == "unified_cm" and not found:
            raise BadServer("collab_cm_cluster of %s must name a Unified CM cluster with a publisher in the inventory; it is %r. Nothing was written."
                            % (self.action.where, cluster))
        return found

    def server(self, kind, node):
        """One wanted server, checked."""
        fqdn, user, password = str(node.fqdn), node.option("application_user"), node.option("application_password")
        if "." not in fqdn or is_address(fqdn):
            raise BadServer("%s: Expressway-C verifies a server's certificate only by its full name, and collab_fqdn is %s. Nothing was written."
                            % (node.name, fqdn))
        if not user or not password:
            raise BadServer("%s: collab_application_user and collab_application_password are what Expressway-C logs in to it with; one is not set. "
                            "Nothing was written." % node.name)
        self.nodes[fqdn] = node
        aliases = {str(node.host), node.name, fqdn.split(".", maxsplit=1)[0]} - {fqdn}
        return Wanted(kind, fqdn, tuple(sorted(aliases)), user, password)

    # reading

    def path(self, kind):
        """The REST path of a kind, or None."""
        return next((path for path in kind.paths if self.side.offers(path)), None)

    def read(self):
        """{Kind: [Listed]}; None for a kind that nothing shows."""
        found, status = {}, None
        for kind in KINDS:
            path = self.path(kind)
            if path:
                found[kind] = [from_row(row) for row in self.side.rows(path)]
                continue
            status = witness(self.side.primary, "status") if status is None else status
            found[kind] = from_status(entries(status, "CollaborationEdge", *kind.status)) if status else None
        return found

    def recorded(self, server):
        """Whether account and verification of a server were last written from here as wanted; None where they never were."""
        what = record(server)
        return self.written.same(what, account(server)) if self.written.known(what) else None

    # planning

    def ensure(self, check):
        """Bring the servers to what is wanted; reports them."""
        found = reconcile(self.report, check, self.read, allowed(self.report, self.plan, self.granted, self.in_use))
        self.report.add(servers={kind.label: [{"publisher": one.publisher, "tls_verify": one.verify} for one in listed or []]
                                 for kind, listed in found.items()})

    def plan(self, actual):
        """What to write, server by server; what is listed and is none of the inventory's is told and left alone."""
        steps = []
        for server in self.wanted:
            listed = actual[server.kind]
            if listed is None:
                self.unreadable(server)
                continue
            steps += self.steps(server, [one for one in listed if is_one(one, server)])
        for kind, listed in actual.items():
            self.strangers(kind, listed or [])
        return steps

    def steps(self, server, listed):
        """What to write for one server: nothing, an addition, a change in place, or a deletion before the addition."""
        exact = next((one for one in listed if keys.same_name(one.publisher, server.fqdn)), None)
        others = [one for one in listed if one is not exact]
        reasons = wrong_with(exact, server, self.recorded(server)) if exact else [r for one in others for r in wrong_with(one, server, None)]
        if server.fqdn in self.refresh and exact:
            reasons.append("what Expressway-C knows of it is out of date")
        if not listed:
            return [self.add(server, None, "it is not listed", disturbs=False)]
        if not reasons:
            return []
        reason = "; ".join(dict.fromkeys(reasons))
        if exact and self.can_put(server.kind):
            return [self.put(server, exact, reason)]
        replaced = [exact] if exact else others
        return [self.delete(server, one, reason) for one in replaced] + [self.add(server, replaced[0], reason, disturbs=True)]

    def can_put(self, kind):
        """Whether the release changes servers of a kind in place, all that matters included."""
        offer = self.side.offers(self.path(kind)) if self.path(kind) else None
        return "put" in keys.methods(offer) and bool(keys_of(offer))

    def add(self, server, former, reason, disturbs):
        """The addition, by REST where it can say all, else by the command line. former: what it was, whose other settings it keeps."""
        path = self.path(server.kind)
        if path and keys_of(self.side.offers(path)):
            return self.by_rest("POST", path, server, former, reason, disturbs)
        user, password = server.kind.arguments
        shown = {"Address": server.fqdn, user: server.user, "CertValidationDisabled": "Off"}

        def send():
            return self.side.primary.ask("expressway_cli", "command", name=server.kind.add, arguments={**shown, password: server.password})

        return self.change(server, "expressway_cli", "xCommand %s" % server.kind.add, shown, reason, former, disturbs, lambda: self.write(server, send))

    def put(self, server, former, reason):
        """A change in place: the server is discovered anew by it."""
        return self.by_rest("PUT", self.path(server.kind), server, former, reason, True)

    def by_rest(self, method, path, server, former, reason, disturbs):
        """One POST or PUT."""
        offer = self.side.offers(path)
        named = keys_of(offer)
        verify = keys.spelled(offer["keys"][named["verify"]], verify_value(named["verify"], True))
        body = {named["publisher"]: server.fqdn, named["user"]: server.user, named["verify"]: verify}
        body.update({key: value for key, value in (former.kept if former else ()) if key in offer["keys"]})

        def send():
            return self.side.primary.ask("expressway_api", "write", method=method, path=path, body={**body, named["password"]: server.password})

        return self.change(server, "expressway_api", "%s %s" % (method, path), body, reason, former, disturbs, lambda: self.write(server, send))

    def delete(self, server, listed, reason):
        """The deletion of what is to be added again under its right name or settings."""
        ask, path = self.side.primary.ask, self.path(server.kind)
        offer = self.side.offers(path) if path else None
        key = keys.key_of(offer, PUBLISHER)
        if "delete" in keys.methods(offer) and key:
            channel, operation, arguments = "expressway_api", "DELETE %s" % path, {key: listed.publisher}
        else:
            channel, operation, arguments = "expressway_cli", "xCommand %s" % server.kind.delete, {"Address": listed.publisher}

        def send():
            if channel == "expressway_api":
                return ask(channel, "write", method="DELETE", path=path, body=arguments)
            return ask(channel, "command", name=server.kind.delete, arguments=arguments)

        return self.change(server, channel, operation, arguments, reason, listed, True, lambda: self.proof(server, send))

    def change(self, server, channel, operation, arguments, reason, former, disturbs, apply):
        """One step of a server."""
        before = {"publisher": former.publisher, "tls_verify": former.verify} if former else None
        after = {"publisher": server.fqdn, "tls_verify": "On"}
        name = "%s server %s" % (server.kind.label, server.fqdn)
        return Change(description={"node": self.side.primary.name, "channel": channel, "operation": operation, "object": name, **arguments}, apply=apply,
                      before=before, after=after, impact=self.side.impact(DISCOVERY % server.fqdn) if disturbs else [], disturbs=disturbs,
                      finding={"id": "expressway-uc-server", "severity": "high", "object": name, "step": server.kind.step, "before": before, "after": after,
                               "message": "%s: %s" % (name, reason)})

    # writing

    def write(self, server, send):
        """Add or change a server; what was written is noted once it was taken."""
        self.written.needed(record(server))
        self.proof(server, send)
        self.written.note(record(server), account(server))
        self.refresh.discard(server.fqdn)
        self.added.add(server.fqdn)

    def proof(self, server, send):
        """Write only what will be taken: once for each server it is proven before its first write."""
        if server.fqdn not in self.proven:
            problems = self.against(server)
            if problems:
                raise BadServer("%s server %s cannot be added with TLS verify On: %s. It was left as it is."
                                % (server.kind.label, server.fqdn, "; ".join(problems)))
            self.proven.add(server.fqdn)
        return send()

    def against(self, server):
        """Why Expressway-C would not take a server: its certificate, by what each peer trusts, then its account. A refused login is an error of its own."""
        node, found = self.nodes[server.fqdn], []
        for name, peer in self.side.peers.items():
            trusted = peer.ask("expressway_api", "pem", path="/certs/root")
            seen, error = look(node, node.host, node.ports["https"], server.fqdn, ca_pem=trusted or None)
            if not trusted or error:
                found.append("%s does not trust the certificate that it serves (%s)" % (name, error or "no trusted CA"))
            elif not seen.get("verified"):
                found.append("its certificate does not carry the name %s (%s)" % (server.fqdn, seen.get("error")))
        if not found:
            log_in(server, node)
        return list(dict.fromkeys(found))

    # what is only told

    def unreadable(self, server):
        """Nothing shows which servers of a kind there are."""
        self.report.pending("expressway-uc-server", "%s server %s" % (server.kind.label, server.fqdn),
                            "neither the API nor the status of this release shows which %s servers there are" % server.kind.label,
                            ["On the primary peer %s, %s: add %s with TLS verify mode On." % (self.side.primary.name, PAGE, server.fqdn)],
                            step=server.kind.step)

    def strangers(self, kind, listed):
        """Servers that are none of the inventory's."""
        names = [one.publisher for one in listed]
        for one in listed:
            mine = next((server for server in self.wanted if server.kind is kind and is_one(one, server)), None)
            if mine and (keys.same_name(one.publisher, mine.fqdn) or not any(keys.same_name(name, mine.fqdn) for name in names)):
                continue                                    # it is the wanted one, or becomes that
            name = "%s server %s" % (kind.label, one.publisher)
            message = "%s is discovered and is %s" % (
                name, "%s once more" % mine.fqdn if mine else "no publisher of the inventory behind this Expressway-C")
            self.report.finding("expressway-uc-stranger", "high" if one.verify == "Off" else "medium", name,
                                message + ("; TLS verify is Off" if one.verify == "Off" else ""), step=kind.step)
            if one.verify == "Off":
                self.report.pending("expressway-uc-stranger", name, "without its account, which is not known here, it cannot be added with TLS verify On", [
                    "Put its cluster into the inventory, delete it, or set TLS verify mode On by hand.", "%s, on the primary peer %s." % (
                        PAGE, self.side.primary.name)], step=kind.step)


def record(server):
    """The name of a server's record of what was written."""
    return "expressway:%s:%s" % (server.kind.group, server.fqdn)


def account(server):
    """What is written of a server and cannot be read back."""
    return json.dumps([server.user, server.password, "verified"])


def log_in(server, node):
    """Use the account once, by something that only reads: a login that is refused ends the task before Expressway-C would try it."""
    if server.kind.group == "unity_connection":
        node.ask("cupi", "page", path="portgroups", element="PortGroup", number=1, size=1)
    else:
        node.ask("serviceability", "status", services=["Cisco CallManager"])
