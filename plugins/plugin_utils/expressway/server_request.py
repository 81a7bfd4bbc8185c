# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a peer needs a new server certificate, and the request for it on that peer (Tables 7-16 and 7-17): reused, made, or left to a person.

Each peer has one pending request at most, whose key never leaves it. The pending one is ours where it fits what is wanted; any other is somebody's
who may be having it signed, so it is replaced only when the operator says so.
"""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates import reading
from ..certificates.issuers import issuers
from ..errors import NodeError
from ..phone_profile_steps import read_profiles
from ..pki import checks
from ..pki.facts import alt_names
from ..pki.facts import certificate_facts
from ..pki.facts import common_name
from ..pki.facts import extended_key_usage
from ..pki.facts import request_facts
from ..pki.facts import short
from ..pki.names import without
from ..pki.pem import to_pem
from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from ..pki.products import product_of
from ..words import some
from . import acme
from . import certificate_names as names
from . import certificate_usage as usage
from . import peer_certificates as peers
from . import usage_switch

STEP, TABLE = "exp-csr", "7-16"
# Options of the request's subject -> their keys in the API (transcript of a client, expressway.md 1.3).
SUBJECT = {"country": "Country", "province": "Province", "locality": "Locality", "organization": "Organization", "unit": "OrganizationalUnit",
           "email": "Email"}
# Whether a name in the request is written bare or with the kind before it is not published (expressway.md 7).
FORMS = ("%s", "DNS:%s")


class ServerRequests:
    """One run of the module. args: its checked options; action: nodes, cm_publisher, report, each, var."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.product = product_of(action.node)
        self.release = action.var("collab_release")
        self.rule = usage.rule(self.product, self.release, args["require_client_eku"])

    def apply(self, check):
        """Find out what each peer needs, and see to its request. Returns the report with peers and names added."""
        self.see_input()
        cas = issuers(self.args["issuer_certificates"], "issuer_certificates")
        wanted = self.wanted()
        held = self.action.each(self.action.nodes, peers.read_peer)
        rows = [self.peer(node, wanted[name], held[name], cas, check) for name, node in self.action.nodes.items()]
        if self.product == EXPRESSWAY_E:
            self.see_acme()
        self.report.add(peers=rows, names={name: [one.value for one in found] for name, found in wanted.items()},
                        client_required=usage.CLIENT_AUTH in self.rule.required, usage_note="%s. %s" % (self.rule.why, usage.WHAT_TO_DO))
        return self.report

    def see_acme(self):
        """A renewal that the box does by itself brings a certificate for servers only: a finding where the release cannot live with one."""
        def look(node):
            try:
                return acme.automated(node), usage_switch.state(node) if self.rule.switch else None
            except NodeError as e:
                if e.kind != "unreachable":
                    raise
                return None, None

        for name, (automated, switch) in self.action.each(self.action.nodes, look).items():
            where = "ACME service of %s" % name
            if automated is None:
                self.report.finding("acme-unknown", "info", where, "the command line does not answer, so nobody knows whether it renews the certificate by "
                                    "itself", step="exp-usage", table="7-17")
            elif automated and (usage.CLIENT_AUTH in self.rule.required or (self.rule.switch and switch != usage_switch.ON)):
                self.report.finding("acme-automated", "high", where, "it renews the certificate by itself, with one for servers only; %s. Set ACME Automated "
                                    "Scheduler to Off (Maintenance > Security > Server certificate)" % self.rule.why, step="exp-usage", table="7-17")

    # -- what is wanted ----------------------------------------------------------------------------------------------
    def see_input(self):
        """Refuse options that make no request, before anything is read."""
        if not 2048 <= self.args["key_length"] <= 4096:
            raise AnsibleActionFail("key_length: %d is not between 2048 and 4096, which is what the product takes and the guide asks for"
                                    % self.args["key_length"])
        if not self.args["cluster_name"] and self.product == EXPRESSWAY_C:
            raise AnsibleActionFail("cluster_name (collab_cluster_name of %s) is not set: Expressway-E compares it with the certificates of Expressway-C "
                                    "(Table 7-16)" % self.action.cluster)
        wrong = [key for key in self.args["subject"] if key not in SUBJECT]
        if wrong:
            raise AnsibleActionFail("subject: '%s' is none of %s" % (wrong[0], ", ".join(SUBJECT)))

    def wanted(self):
        """{peer: [Name]}, computed from the estate; what cannot stand in a certificate is refused before anything is written."""
        profiles = self.profiles() if self.product == EXPRESSWAY_C and self.args["mra"] else []
        found = {
            name: names.wanted(self.product, node.fqdn, self.args["cluster_name"], self.args["registration_domains"], self.args["federation_domains"],
                               self.args["chat_node_aliases"], profiles, self.args["alt_names"])
            for name, node in self.action.nodes.items()}
        bad = {one.value: one for of_peer in found.values() for one in names.badly_formed(of_peer)}
        if bad:
            raise AnsibleActionFail("names: %s cannot stand in a certificate of Expressway: each has to be a complete host or domain name, without wildcard"
                                    % ", ".join("'%s' (%s)" % (one.value, names.REASONS[one.reason][1]) for one in bad.values()))
        for name, of_peer in found.items():
            length = names.length_of_list(of_peer)
            if length > names.LONGEST_LIST:
                self.report.finding("names-too-long", "medium", "server certificate of %s" % name, "its list of alternative names has %d characters; lists of "
                                    "more than %d make trouble. Use universal device templates, so that a few phone security profiles do for all phones" % (
                                        length, names.LONGEST_LIST), step="expc-san-profiles", table=TABLE)
        return found

    def profiles(self):
        """Names of the phone security profiles that belong into C's certificate: as given, else as Unified CM has them."""
        if self.args["phone_profiles"]:
            return self.args["phone_profiles"]
        fitting, others = names.profiles_for_mra(read_profiles(self.action.cm_publisher))
        if others:
            self.report.finding("phone-profile-name", "info", "phone security profiles of %s" % self.action.var("collab_cm_cluster"), "encrypted, but not "
                                "in FQDN form, so that no certificate can name them and their phones cannot come in by mobile and remote access: %s"
                                % some(others, 20), step="expc-san-profiles", table=TABLE)
        return fitting

    # -- one peer ----------------------------------------------------------------------------------------------------
    def peer(self, node, wanted, held, cas, check):
        """The row of one peer: whether it needs a certificate, why, and the request that it is to be made from."""
        where = "server certificate of %s" % node.name
        reasons = self.reasons(where, held.server, wanted, cas)
        row = {"node": node.name, "name": "server-%s" % node.name, "needed": bool(reasons), "reasons": reasons, "csr": None, "csr_state": "none",
               "installed": certificate_facts(held.server) if held.server else None}
        if not reasons:
            if held.request is not None:
                self.report.finding("request-left", "info", where, "the installed certificate is right, but a request (for '%s') is pending: somebody may be "
                                    "renewing it; it is left alone" % common_name(held.request), step=STEP)
            return row
        request, row["csr_state"] = self.settle(node, wanted, held.request, check)
        if request is not None:
            row.update(csr=to_pem(request), csr_facts=request_facts(request))
        return row

    def reasons(self, where, installed, wanted, cas):
        """Why a new certificate is needed, in words; each is a finding."""
        if installed is None:
            self.report.finding("certificate-missing", "high", where, "no server certificate could be read", step=STEP)
            return ["no server certificate could be read"]
        if peers.is_temporary(installed):
            text = "it is the temporary certificate of the installation"
            self.report.finding("certificate-temporary", "high", where, text, step=STEP)
            return [text]
        lacking = without([one.value for one in wanted], installed)
        by_step = {}
        for one in wanted:
            if one.value in lacking:
                by_step.setdefault(one.reason, []).append(one.value)
        for reason, values in by_step.items():
            step, words = names.REASONS[reason]
            self.report.finding("certificate-names", "high", where, "it does not name %s (%s)" % (", ".join(values), words), step=step, table=TABLE)
        spec = {"names": [], "key_length": self.args["key_length"], "hash": self.args["hash_algorithm"], "uses": self.rule.required}
        others = checks.installed(installed, spec, cas, reading.now(), self.args["renew_before_days"], where)
        for problem in others:
            step, table = ("exp-usage", "7-17") if problem.id == "usage" else (STEP, None)
            self.report.finding("certificate-%s" % problem.id, "high", where, "%s%s" % (problem.what, ": " + self.rule.why if problem.id == "usage" else ""),
                                step=step, table=table)
        if not others and self.rule.said and usage.lacking_client(installed):
            self.report.finding("certificate-server-only", "low", where, "%s lacks client authentication; %s" % (short(installed), self.rule.why),
                                step="exp-usage", table="7-17")
        return (["it does not name %s" % ", ".join(lacking)] if lacking else []) + [p.what for p in others]

    def problems(self, request, wanted):
        """What keeps a pending request from being the one that is wanted. The common name is the box's choice (expressway.md 7)."""
        spec = {"common_name": common_name(request), "names": [one.value for one in wanted], "key_length": self.args["key_length"],
                "hash": self.args["hash_algorithm"]}
        found = [p.what for p in checks.requested(request, spec, "request")]
        asked = extended_key_usage(request)
        if asked is not None and usage.BOTH - asked:
            found.append("it does not ask for server and client authentication")
        odd = sorted(value for _kind, value in alt_names(request) if ":" in value)
        return found + (["its alternative names are odd: %s" % ", ".join(odd)] if odd else [])

    def settle(self, node, wanted, request, check):
        """The request that a signature can go on with, and its state: present, created, would_create, or differs."""
        where = "request on %s" % node.name
        if request is not None:
            problems = self.problems(request, wanted)
            if not problems:
                return request, "present"
            self.report.finding("request-differs", "high", where, "; ".join(problems), step=STEP)
            if not self.args["replace_request"] or not self.discardable(node):
                self.left(node, where, problems)
                return None, "differs"
            self.report.operation(node.name, "expressway_api", "DELETE %s" % peers.CSR, where)
            self.report.before[where] = request_facts(request)
            if not check:
                node.ask("expressway_api", "write", method="DELETE", path=peers.CSR, body={})
        self.report.before.setdefault(where, None)
        if check:
            self.record(node, where, wanted)
            return None, "would_create"
        return self.create(node, where, wanted), "created"

    def discardable(self, node):
        """Whether this release's API discards a pending request."""
        offered = node.ask("expressway_api", "offers", path=peers.CSR)
        return offered is not None and "delete" in offered["methods"]

    def left(self, node, where, problems):
        """A pending request that differs stays: discarding it would spoil a signing that is under way."""
        self.report.pending("request-differs", where, "a request is pending that differs from the one wanted: %s" % "; ".join(problems), [
            "If a certificate for it is being issued: wait until that is uploaded, or stop it.",
            "Then either run again with replace_request: true (expressway_certificates_replace_request of the role), or open https://%s, go to Maintenance > "
            "Security > Server certificate and use Discard CSR. The pending request is lost with its private key." % node.fqdn,
            "Run the playbook again: it makes the request and goes on."], step=STEP)

    def record(self, node, where, wanted):
        """The request in the report."""
        self.report.operation(node.name, "expressway_api", "POST %s" % peers.CSR, where, names=[one.value for one in wanted],
                              key_length=self.args["key_length"], hash=self.args["hash_algorithm"])
        self.report.after[where] = {"dns_names": sorted(one.value.lower() for one in wanted), "key": "RSA %d" % self.args["key_length"],
                                    "hash": self.args["hash_algorithm"]}

    def create(self, node, where, wanted):
        """Have the request made, and read it back: what is pending must be what was asked."""
        said = []
        for form in FORMS:
            try:
                node.ask("expressway_api", "write", method="POST", path=peers.CSR, body=self.body(wanted, form))
            except NodeError as e:
                if e.kind not in ("lost", "refused"):
                    raise
                said.append(str(e))
            request = peers.read_request(node)
            if request is not None:
                problems = self.problems(request, wanted)
                if not problems:
                    self.record(node, where, wanted)
                    self.report.after[where] = request_facts(request)
                    return request
                if form == FORMS[-1] or not self.discardable(node):
                    raise AnsibleActionFail("%s: the box made another request than it was asked for: %s. Look at Maintenance > Security > Server certificate, "
                                            "discard it there, and tell its names in expressway_certificates_phone_profiles or "
                                            "expressway_certificates_alt_names" % (where, "; ".join(problems)))
                node.ask("expressway_api", "write", method="DELETE", path=peers.CSR, body={})
        raise AnsibleActionFail("%s: the box refused to make it: %s. Nothing is pending there; look at its names: %s" % (
            where, "; ".join(dict.fromkeys(said)) or "no request is pending after it was asked for", ", ".join(one.value for one in wanted)))

    def body(self, wanted, form):
        """What is sent. The key of the common name is not known; the box chooses it."""
        subject = {SUBJECT[key]: value for key, value in self.args["subject"].items() if value}
        return {"Additional_FQDNS": [form % one.value for one in wanted], "KeyLength": self.args["key_length"], "DigestAlgorithm": self.args["hash_algorithm"],
                **subject}
