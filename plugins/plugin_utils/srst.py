# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRST references marked secure once their router has proven itself, and whether Unified CM has taken the router's certificate.

No interface tells Unified CM to take it, and none shows it (axl.md 2.5): whether saving the reference is enough is not known. A phone's configuration file
shows it, where that is not encrypted; else an administrator looks once, and says what he saw.
"""
from __future__ import annotations

import json
from functools import cached_property

from .asking import axl
from .errors import NodeError
from .files import write_json
from .handshakes import look
from .handshakes import served
from .operations import bulk
from .operations import estate
from .operations.phone_ledger import PhoneLedger
from .phone_profile_steps import read_profiles
from .pki.facts import certificate_facts
from .pki.names import covers
from .reconcile import Step
from .reconcile import reconcile
from .resources import srst
from .resources.objects import boolean
from .words import many

SECURE, FETCH, ROUTER, CERTIFICATE = "srst-is-secure", "srst-fetch", "srst-credential-server", "srst-certificate"


class SrstReferences:
    """One task. action: DeviceAction; args: the module's options."""

    def __init__(self, action, args):
        self.action, self.args, self.report, self.node = action, args, action.report, action.publisher
        self.ledger = PhoneLedger(action.workspace, action.cluster, "apply")
        self.told = Told(action.workspace, action.cluster)

    def run(self, check):
        """Look at every router, mark what is proven, say what has become of the certificates."""
        actual = self.read()
        specs = self.specs(actual)
        self.proofs = {name: self.prove(actual[name], spec) for name, spec in specs.items()}
        self.phones = self.dependents(specs)
        held = self.hold(actual, specs, check)
        for name in specs:
            self.describe(name, actual[name], specs[name], held)
        known = [actual]
        wanted = {name: self.wanted(spec) for name, spec in specs.items() if name not in held}
        actual = reconcile(self.report, check, lambda: known.pop() if known else self.read(), lambda now: self.steps(now, wanted))
        states = {name: self.certificate(name, spec, boolean(actual[name]["isSecure"]) or (check and name in wanted), check) for name, spec in specs.items()}
        self.report.add(references=[dict(self.proofs[name], name=name, secure=boolean(actual[name]["isSecure"]), phones=len(self.phones[name]),
                                         certificate=states[name]) for name in specs])
        return self.report

    # -- reading -----------------------------------------------------------------------------------------------------
    def read(self):
        """{name: reference} of the cluster's own references."""
        found = srst.REFERENCE.read_all(axl(self.node, srst.REFERENCE.list_request()))
        return {name: found[name] for name in sorted(found) if name not in srst.BUILT_IN}

    def specs(self, actual):
        """{name: what the operator says of it} of the references in question: those that are listed, all others by default."""
        given = {spec["name"]: spec for spec in self.args["references"]}
        unknown = [name for name in (*given, *self.args["exclude"]) if name not in actual]
        if unknown:
            raise srst.BadReferences("the cluster has no SRST reference %s (collab_srst_references); it has: %s. Nothing was written." % (
                ", ".join(unknown), ", ".join(actual) or "none"))
        return {name: given.get(name, {"name": name}) for name in (given or actual) if name not in self.args["exclude"]}

    def prove(self, reference, spec):
        """What the router's credential service serves, and why that is no proof, or ""."""
        address, port, expected = reference["ipAddress"], int(reference["srstCertificatePort"] or srst.CREDENTIAL_PORT), spec.get("server_name")
        seen, chain_error = look(self.node, address, port, expected or address, ca_file=self.args["ca_file"] or self.node.option("ca_file"))
        certificate = served(seen)
        reason = ""
        if certificate is None:
            reason = "its credential service does not answer (%s)" % (seen.get("error") or "no certificate was served")
        elif chain_error:
            reason = "its certificate is not of the enterprise CA: %s" % chain_error
        elif expected and not covers(certificate, expected, common_name_counts=True):
            reason = "its certificate is not for %s" % expected
        facts = certificate_facts(certificate) if certificate is not None else {}
        return {"address": address, "port": port, "proven": not reason, "reason": reason,
                **{key: facts.get(key) for key in ("subject", "sha256", "not_after", "dns_names")}}

    def dependents(self, specs):
        """{reference: [phones of the device pools that use it]}."""
        pools = srst.pools_of(axl(self.node, srst.pools_request()))
        of = {pool: name for name in specs for pool in pools.get(name, ())}
        found = {name: [] for name in specs}
        for row in bulk.read(self.node, ("name", "devicePoolName")) if of else ():
            if row.get("devicePoolName") in of:
                found[of[row["devicePoolName"]]].append(row["name"])
        return found

    # -- what is to be done ------------------------------------------------------------------------------------------
    def wanted(self, spec):
        return {"isSecure": "true", **({"SipPort": str(spec["sip_port"])} if spec.get("sip_port") else {})}

    def hold(self, actual, specs, check):
        """Names of the references that are not written in this run, and why, in the report."""
        held = set()
        differ = [name for name, spec in specs.items() if srst.REFERENCE.differences(actual[name], self.wanted(spec))]
        for name in differ:
            proof = self.proofs[name]
            if not proof["proven"]:
                held.add(name)
                self.report.pending("srst-router", name, "%s port %d: %s" % (proof["address"], proof["port"], proof["reason"]), [
                    "Give the router a certificate of the enterprise CA, and run its credential service with that trustpoint (credentials, ip source-address "
                    "%s port %d); then run again." % (proof["address"], proof["port"])], step=ROUTER if proof["sha256"] is None else CERTIFICATE)
        if len(held) < len(differ) and not check and not estate.mixed(self.node):
            self.report.pending("srst-wait-for-mixed-mode", ", ".join(n for n in differ if n not in held), "the cluster is not in mixed mode, and Unified CM "
                                "ignores the setting until it is", ["Set mixed mode first (role mixed_mode); then run again."], step=SECURE)
            held.update(differ)
        return held

    def describe(self, name, reference, spec, held):
        """Every difference, and a router that has changed for the worse."""
        for element, before, after in srst.REFERENCE.differences(reference, self.wanted(spec)):
            label = "Is SRST Secure?" if element == "isSecure" else "SIP Port"
            self.report.finding("srst-reference", "high" if element == "isSecure" else "medium", name, "%s is %s and has to be %s (%s)" % (
                label, before, after, many(len(self.phones[name]))), step=SECURE, before=before, after=after)
        proof = self.proofs[name]
        if boolean(reference["isSecure"]) and not proof["proven"]:
            self.report.finding("srst-router", "high", name, "the reference is secure, but its router does not prove itself now: %s" % proof["reason"],
                                step=CERTIFICATE)

    def steps(self, actual, wanted):
        """One update for each reference that differs; its phones are on record before."""
        steps = []
        for name, values in wanted.items():
            differences = srst.REFERENCE.differences(actual[name], values)
            if not differences:
                continue
            changes = {element: after for element, _before, after in differences}
            behind = "%s behind %s" % (many(len(self.phones[name])), name)
            steps.append(Step(
                description={"node": self.node.name, "channel": "axl", "operation": "updateSrst", "object": name, **changes}, apply=self.write(name, changes),
                before={element: before for element, before, _after in differences}, after=changes,
                impact=[{"node": self.node.name, "kind": "phone_reset", "what": behind}] if self.phones[name] else []))
        return steps

    def write(self, name, changes):
        def apply():
            if self.phones[name]:
                self.ledger.owe(self.phones[name])
            axl(self.node, srst.REFERENCE.update_request(name, changes))
        return apply

    # -- the router's certificate in Unified CM ----------------------------------------------------------------------
    def certificate(self, name, spec, secure, check):
        """State of the router's certificate: taken, confirmed, another, not known, or "" where the reference is not secure."""
        if not secure:
            return ""
        proof, confirmed = self.proofs[name], spec.get("certificate_sha256")
        state = self.shown(name) if proof["sha256"] else "not known"
        if state == "not known" and confirmed and proof["sha256"]:
            state = "confirmed" if srst.normal(confirmed) == srst.normal(proof["sha256"]) else "another"
        if state in ("taken", "confirmed"):
            if self.phones[name] and self.told.last(name) != proof["sha256"] and not check:
                if state == "confirmed":            # taken on the page, after the phones were told of the reference
                    self.ledger.owe(self.phones[name])
                self.told.set(name, proof["sha256"])
            return state
        said = "whether Unified CM has taken the router's certificate cannot be seen: no interface shows it, and no phone behind it has a file that shows it"
        if state == "another":
            said = "Unified CM was seen with another certificate (certificate_sha256) than the router serves now"
            self.report.finding("srst-certificate-other", "high", name, said, step=FETCH, before=confirmed, after=proof["sha256"])
        self.report.pending("srst-fetch", name, said, [
            "On System > SRST > %s press Update Certificate, and compare: the router serves %s, SHA-256 %s." % (name, proof["subject"], proof["sha256"]),
            "Then set certificate_sha256 of the reference to that in collab_srst_references, and run again: the phones behind it are told."], step=FETCH)
        return state

    def shown(self, name):
        """"taken" where the configuration file of a phone behind the reference has the certificate, else "not known"."""
        on = next((node for node in self.action.nodes.values() if "tftp" in node.roles), self.node)
        mine = set(self.phones[name]) - set(self.ledger.owes)           # those have not been told yet, so their files are old
        for row in bulk.read(self.node, ("name", "securityProfileName")) if mine else ():
            if row["name"] not in mine or boolean(self.profiles.get(row.get("securityProfileName"), {}).get("tftpEncryptedConfig")):
                continue
            try:
                file = on.ask("phone_files", "read", phone=row["name"])
            except NodeError:
                break
            if file is not None:
                return "taken" if self.proofs[name]["sha256"] in srst.certificates_in(file) else "not known"
        return "not known"

    @cached_property
    def profiles(self):
        """Phone security profiles, by name."""
        return read_profiles(self.node)


class Told:
    """Which certificate the phones behind a reference were told last: srst.json in the workspace."""

    def __init__(self, workspace, cluster):
        self.path = workspace / cluster / "srst.json" if workspace else None

    def _read(self):
        try:
            return json.loads(self.path.read_text()) if self.path else {}
        except (OSError, ValueError):
            return {}

    def last(self, name):
        """Fingerprint, or None."""
        return self._read().get(name)

    def set(self, name, sha256):
        """The phones behind this reference are told this one."""
        if self.path:
            write_json(self.path, {**self._read(), name: sha256})
