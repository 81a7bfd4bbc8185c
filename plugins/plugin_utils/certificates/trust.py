# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CA certificates into trust stores: on the publisher what is missing, then waited for until every node has them (Table 7-8)."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..asking import DeviceTime
from ..errors import NodeError
from ..operations import services as processes
from ..owed import Owed
from ..pki import chain
from ..pki import checks
from ..pki.facts import iso
from ..pki.facts import short
from ..pki.holdings import key
from ..pki.pem import PemError
from ..pki.pem import fingerprint
from ..pki.pem import read_certificates
from ..pki.pem import to_pem
from ..pki.products import STEPS
from ..pki.products import UNIFIED_CM
from ..pki.products import product_of
from ..pki.restarts import TOMCAT
from ..pki.restarts import readers
from . import reading
from .reading import has_api
from .reading import major
from .reading import read_node
from .reading import release_of

# An import into this one stays on the node that it was made on (vos.md 1.6); all others are distributed from the publisher.
NOT_DISTRIBUTED = ("capf",)
SOURCE = "certificates (collab_ca_file)"


def bring(action, args, check):
    """One run of the module trust_store. Returns the action's report.

    The tomcat certificate of a Unified CM cluster reaches its nodes of IM and Presence, too, so these come to trust its CA before it does.
    """
    owes = () if args["owes"] is None and product_of(action.publisher) != UNIFIED_CM else args["owes"]
    stores = TrustStores(action, release_of(action.publisher), args["stores"], args["timeout"], roles=args["roles"], owes=owes)
    stores.apply(args["certificates"], check)
    if "tomcat" in {key(store) for store in args["stores"]} and product_of(action.publisher) == UNIFIED_CM and not args["roles"]:
        for node in action.presence_nodes.values():
            if "publisher" in node.roles:
                other = action.seen_from(node.name)
                TrustStores(other, release_of(node), ["tomcat-trust"], args["timeout"]).apply(args["certificates"], check)
    return action.report


class TrustStores:
    """One run of the module: the action gives nodes, report, poll and each; release is that of the cluster.

    roles: only nodes with one of these, and the publisher, are looked at (all nodes where it is empty). servers: certificates of servers (no
    CAs) that go in as they are. owes: services that read the stores when they start, so that an upload owes their restart on those nodes; None:
    those that Unified CM has for the stores that something comes into.
    steps: {store: step of the guide}; by default those of the product.
    """

    def __init__(self, action, release, stores, timeout, roles=(), servers=(), owes=(), steps=None):
        self.action, self.release, self.stores, self.timeout = action, release, list(dict.fromkeys(stores)), timeout
        self.nodes = {name: node for name, node in action.nodes.items() if not roles or name == action.publisher.name or set(roles) & set(node.roles)}
        self.servers, self.owes, self.known, self.whole_subject = list(servers), owes, [], major(release) != 12
        self.steps = steps or STEPS.get(product_of(action.publisher), {}).get("trust", {})

    def apply(self, texts, check):
        """Bring the certificates (list of PEM texts) into the stores of every node. Returns the action's report."""
        certificates = self.known = self.certificates(texts)
        holdings = self.read()
        self.refuse_lost_names(certificates, holdings)
        self.action.report.before.update(self.state(certificates, holdings))
        lacking = self.lacking(certificates, holdings)
        self.find(lacking)
        self.tell_unread(holdings, lacking)
        uploads = self.uploads(certificates, holdings)
        if uploads:
            self.owe([store for store in self.stores if any(store in into for _node, into, _batch in uploads)], check)
        for node, stores, batch in uploads:
            self.record(node, stores, batch)
            if not check:
                self.upload(self.nodes[node], holdings[node], stores, batch)
        if check:
            self.action.report.after.update(self.state(certificates, holdings, complete=True))
            return self.action.report
        if lacking:
            holdings = self.wait(certificates)
        self.action.report.after.update(self.state(certificates, holdings))
        return self.action.report

    def owe(self, stores, check):
        """What an upload into these stores makes necessary, written down before it."""
        owes = readers(key(store) for store in stores) if self.owes is None else self.owes
        running = self.running(owes)
        for service in owes:
            nodes = [name for name in self.nodes if service in running[name]]
            for name in nodes:
                self.action.report.impact(name, "service_restart", service)
            if nodes and not check:
                reason = "certificates came into %s" % ", ".join(stores)
                Owed(self.action.workspace, self.action.cluster).add(service, nodes, DeviceTime(self.action.publisher)(), reason)

    def running(self, services):
        """{node: those of these services that run there}. One that does not will know the certificates when it starts."""
        if not services:
            return {}
        seen = self.action.each(self.nodes, lambda node: processes.read(node, services)[0])
        return {name: {service for service in services if service == TOMCAT or service in found and found[service].running} for name, found in seen.items()}

    def certificates(self, texts):
        """The certificates given, roots first; AnsibleActionFail when they are not what belongs into a trust store.

        A store keeps one certificate a name: of a CA's certificate and its successor the one that is valid from later on.
        """
        try:
            found = [c for text in texts for c in read_certificates(text, SOURCE)]
        except PemError as e:
            raise AnsibleActionFail(str(e)) from None
        if not found and not self.servers:
            raise AnsibleActionFail("%s: no certificate is given" % SOURCE)
        problems = checks.ca_certificates(chain.unique(found), reading.now(), SOURCE)
        problems += [problem for server in self.servers for problem in checks.validity(server, reading.now(), "the certificate of %s" % short(server))]
        if problems:
            raise AnsibleActionFail(checks.text_of(problems))
        return chain.unique([*chain.order(checks.newest_of_each_name(found, self.whole_subject)), *self.servers])

    def read(self, no_more=False):
        """Holdings of every node by name. no_more: of our certificates alone, where each costs a command."""
        return self.action.each(self.nodes.values(), lambda node: read_node(node, self.release, stores=self.stores, known=self.known, no_more=no_more))

    def tell_unread(self, holdings, lacking):
        """What a node describes in words alone, and its database does not have either, in stores that lack something: it may be among these."""
        for name, held in holdings.items():
            for store, files in held.unread.items():
                if store in map(key, lacking.get(name, ())):
                    self.action.report.finding("trust-unread", "info", "%s-trust on %s" % (store, name), "%s: neither the command line nor the database "
                                               "gives the bytes of these, so they are compared with nothing" % ", ".join(files), step=self.steps.get(store))

    def refuse_lost_names(self, certificates, holdings):
        """Stop where a store holds a newer namesake of ours, since the product would keep that one; say so where ours replaces one."""
        node, lost = self.action.publisher.name, []
        for store in self.stores:
            held = holdings[node].trust.get(key(store), [])
            for ours, theirs, we_win in checks.store_conflicts(certificates, held, store, whole_subject=self.whole_subject):
                if we_win:
                    self.action.report.finding(
                        "trust-namesake", "medium", "%s %s" % (node, store),
                        "the store holds another certificate of the same name, %s (valid from %s): the product keeps one certificate a name, so ours "
                        "(%s) replaces it" % (short(theirs), iso(theirs.not_valid_before_utc), short(ours)), step=self.steps.get(key(store)))
                else:
                    lost.append("%s on %s holds another certificate of the same name as %s, namely %s, valid from %s and so newer than ours (%s). The "
                                "product keeps only the newer one and would ignore the upload. Either give the newer certificate in collab_ca_file (was "
                                "the CA renewed?), or delete the other one in OS Administration > Security > Certificate Management if it is not used." % (
                                    store, node, short(ours), short(theirs), iso(theirs.not_valid_before_utc), iso(ours.not_valid_before_utc)))
        if lost:
            raise AnsibleActionFail(" ".join(lost))

    def lacking(self, certificates, holdings):
        """{node: {store: [certificates]}} of what is missing where."""
        found = {node: held.lacking(certificates, self.stores) for node, held in holdings.items()}
        return {node: stores for node, stores in found.items() if stores}

    def find(self, lacking):
        """A finding for each store that lacks something."""
        for store in self.stores:
            nodes = {node: stores[store] for node, stores in lacking.items() if store in stores}
            if nodes:
                missing_on = {}
                for node, missing in sorted(nodes.items()):
                    missing_on.setdefault(", ".join(short(c) for c in missing), []).append(node)
                words = "; ".join("%s: missing on %s" % (what, "every node" if len(on) == len(self.nodes) else ", ".join(on))
                                  for what, on in missing_on.items())
                self.action.report.finding("trust-missing", "high", store, words, step=self.steps.get(key(store)), table="7-8")

    def uploads(self, certificates, holdings):
        """(node, stores, certificates) for each upload: stores that lack the same certificates share one."""
        out, publisher = [], self.action.publisher.name
        local = [s for s in self.stores if key(s) in NOT_DISTRIBUTED]
        for node, held in sorted(holdings.items(), key=lambda item: item[0] != publisher):
            stores = [s for s in self.stores if node == publisher or s in local]
            batches = {}
            for store, missing in held.lacking(certificates, stores).items():
                batches.setdefault(tuple(fingerprint(c) for c in missing), (missing, []))[1].append(store)
            out += [(node, stores_of, missing) for missing, stores_of in batches.values()]
        return out

    def record(self, node, stores, batch):
        """The writes of one upload: the API takes all at once, the command line each certificate for each store."""
        if has_api(self.release):
            self.action.report.operation(node, "certmgr", "POST /trust/certificates", ", ".join(stores), certificates=[short(c) for c in batch])
            return
        for store in stores:
            for certificate in batch:
                self.action.report.operation(node, "vos_cli", "set cert import trust", store, certificates=[short(certificate)])

    def upload(self, node, held, stores, certificates):
        """Upload on one node. A lost answer is read back, never sent again."""
        services = [held.spelling.get(key(s), s.removesuffix("-trust")) for s in stores]
        try:
            if has_api(self.release):
                node.ask("certmgr", "upload_trust", services=services, certificates=[to_pem(c) for c in certificates],
                         description="Enterprise CA")
                return
            for service in services:
                for certificate in certificates:
                    node.ask("vos_cli", "run", command="set cert import trust %s" % service, paste=to_pem(certificate))
        except NodeError as e:
            if e.kind != "lost":
                raise AnsibleActionFail("%s did not take the CA certificates for %s: %s" % (node.name, ", ".join(stores), e)) from None
            self.action.say("the answer of %s to the upload was lost; reading back what it holds" % node.name)
            self.taken(node, stores, certificates, e)

    def taken(self, node, stores, certificates, error):
        """Wait a little for an upload that got no answer; fail when it was not taken."""
        try:
            self.action.poll("the certificates to appear", lambda: not read_node(
                node, self.release, stores=stores, known=certificates, no_more=True).lacking(certificates, stores), reading.LOST_SECONDS)
        except AnsibleActionFail:
            raise AnsibleActionFail("%s; read back: the CA certificates were not taken. Run this again" % error) from None

    def wait(self, certificates):
        """Read until no node lacks anything; the failure on timeout names who still does."""
        last = {}

        def done():
            last["holdings"] = self.read(no_more=True)
            last["lacking"] = self.lacking(certificates, last["holdings"])
            return not last["lacking"]

        try:
            self.action.poll("every node to have the CA certificates", done, self.timeout)
        except AnsibleActionFail as e:
            still = ["%s on %s lacks %s" % (store, node, ", ".join(short(c) for c in missing))
                     for node, stores in sorted(last["lacking"].items()) for store, missing in stores.items()] if last else []
            raise AnsibleActionFail("%s %s. Check the replication of the cluster (utils dbreplication runtimestate) and that 'Cisco Certificate Change "
                                    "Notification' runs, then run this again." % (e.message, "; ".join(still))) from None
        return last["holdings"]

    def state(self, certificates, holdings, complete=False):
        """{store of the cluster: {certificate: nodes that have it}} for the diff; complete: as it will be."""
        def having(store, certificate):
            return sorted(node for node, held in holdings.items() if complete or fingerprint(certificate) in held.held(store))

        return {"%s of %s" % (store, self.action.cluster): {short(c): having(store, c) for c in certificates} for store in self.stores}
