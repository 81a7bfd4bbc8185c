# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of trusted CAs of every peer (Table 7-15): what is missing is added, the factory's temporary CA is reported, nothing is ever taken out."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates import reading
from ..pki import chain
from ..pki import checks
from ..pki.facts import short
from ..pki.pem import PemError
from ..pki.pem import fingerprint
from ..pki.pem import read_certificates
from ..pki.pem import to_pem
from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from ..pki.products import product_of
from ..reconcile import Step
from ..reconcile import reconcile
from . import peer_certificates as peers
from .restarts import EXPRESSWAY
from .restarts import Restarts

TABLE = "7-15"
# Where the certificates come from -> the variable that names their file, and the step of the guide on C and on E.
SOURCES = {
    "enterprise": ("collab_ca_file", {EXPRESSWAY_C: "expc-trust-enterprise", EXPRESSWAY_E: "expe-trust-enterprise"}),
    "public": ("collab_public_ca_file", {EXPRESSWAY_C: "expc-trust-public", EXPRESSWAY_E: "expe-trust-public"}),
    "partners": ("collab_partner_ca_files", {EXPRESSWAY_E: "expe-trust-partners"}),
}
TEMPORARY_STEP = "exp-trust-temporary"


class TrustedCas:
    """One run of the module. args: its checked options; action: nodes, report, each."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.product = product_of(action.node)
        self.restarts = Restarts(action, timeout=0)
        self.sources = {}                               # fingerprint -> where it comes from

    def apply(self, check):
        """Bring the certificates into every peer's list. Returns the report."""
        wanted = self.wanted()
        self.kept = {}
        nodes = self.action.nodes.values()
        now = reconcile(self.report, check, self.read, lambda held: [step for node in nodes for step in self.steps(node, wanted, held[node.name])])
        for name, held in now.items():
            self.temporary(self.action.nodes[name], held)
        return self.report

    def wanted(self):
        """The certificates of all sources, roots first; AnsibleActionFail when they are not what belongs there, before anything is read."""
        if self.args["partners"] and self.product == EXPRESSWAY_C:
            raise AnsibleActionFail("partners: only Expressway-E trusts the CAs of other enterprises (Table 7-15); Expressway-C meets them through it")
        problems, out = [], []
        for source, (variable, _steps) in SOURCES.items():
            where = "%s (%s)" % (source, variable)
            try:
                found = [c for text in self.args[source] for c in read_certificates(text, where)]
            except PemError as e:
                raise AnsibleActionFail(str(e)) from None
            problems += checks.ca_certificates(chain.unique(found), reading.now(), where)
            out += found
            for certificate in found:
                self.sources.setdefault(fingerprint(certificate), source)
        if problems:
            raise AnsibleActionFail(checks.text_of(problems))
        return chain.order(out)

    def read(self):
        """{peer: its trusted CAs}; what was there at first has to stay, but for the temporary CA, which an upload may take the place of."""
        held = self.action.each(self.action.nodes, peers.read_trusted)
        for name, certificates in held.items():
            self.kept.setdefault(name, [c for c in certificates if not peers.is_temporary_ca(c)])
        return held

    def steps(self, node, wanted, held):
        """The one upload that brings a peer's list right, as a list; empty where it is right."""
        there = {fingerprint(c) for c in held}
        lacking = [c for c in chain.unique([*wanted, *self.kept[node.name]]) if fingerprint(c) not in there]
        for source, certificates in self.by_source(lacking).items():
            variable, steps = SOURCES.get(source, ("the list as it was", {}))
            lacks = "it lacks, of %s: %s" % (variable, ", ".join(short(c) for c in certificates))
            self.report.finding("ca-not-trusted", "high", "trusted CAs of %s" % node.name, lacks, step=steps.get(self.product), table=TABLE)
        for certificate in lacking:
            self.namesakes(node, certificate, held)
        if not lacking:
            return []
        where = "trusted CAs of %s" % node.name

        def upload():
            self.restarts.owe(node, "CA certificates were added to its list")
            node.ask("expressway_api", "upload", path=peers.ROOT, pem="".join(to_pem(c) for c in lacking))

        return [Step(
            description={"node": node.name, "channel": "expressway_api", "operation": "POST %s" % peers.ROOT, "object": where,
                         "certificates": [short(c) for c in lacking]},
            apply=upload, before=sorted(short(c) for c in held), after=sorted(short(c) for c in chain.unique([*held, *lacking])),
            impact=[{"node": node.name, "kind": "service_restart", "what": EXPRESSWAY}])]

    def by_source(self, certificates):
        """{where they come from, None for what was there at first: [certificates]}."""
        found = {}
        for certificate in certificates:
            found.setdefault(self.sources.get(fingerprint(certificate)), []).append(certificate)
        return found

    def namesakes(self, node, certificate, held):
        """A CA of the same name with other bytes beside ours: endpoints may then fail to log in (certificate guide X14.0, Loading Certificates and Keys)."""
        for _ours, theirs, _newer in checks.store_conflicts([certificate], held, node.name):
            self.report.finding("ca-namesake", "medium", "%s on %s" % (short(theirs), node.name), "it has the same subject as %s; when that has taken its "
                                "place, delete it at Maintenance > Security > Trusted CA certificate" % short(certificate), step=TEMPORARY_STEP)

    def temporary(self, node, held):
        """The temporary CA of the installation, where it still is in the list: no interface takes it out, and nothing is deleted unasked."""
        for certificate in held:
            if peers.is_temporary_ca(certificate):
                where = "%s on %s" % (short(certificate), node.name)
                self.report.finding("temporary-ca", "medium", where, "the temporary CA of the installation is still trusted", step=TEMPORARY_STEP)
                self.report.pending("temporary-ca", where, "no interface but the web page takes a CA out of the list", [
                    "Wait until no peer has its temporary server certificate any more.",
                    "Open https://%s and go to Maintenance > Security > Trusted CA certificate." % node.fqdn,
                    "Delete '%s' and nothing else." % certificate.subject.rfc4514_string()], step=TEMPORARY_STEP)
