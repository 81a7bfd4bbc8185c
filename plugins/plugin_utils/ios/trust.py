# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CA certificates (and others that are trusted by themselves) that a router has to hold, each in a trustpoint of its own (ios.md 1.3 and 1.7)."""

from __future__ import annotations

import re

from ansible.errors import AnsibleActionFail

from ..certificates import reading
from ..pki import chain as chains
from ..pki import checks
from ..pki.facts import common_name
from ..pki.facts import short
from ..pki.pem import PemError
from ..pki.pem import fingerprint
from ..pki.pem import read_certificates
from . import pki
from .authentication import authenticate
from .cluster import issuers_of_lscs
from .cluster import unsigned
from .config import release
from .identity import issuing
from .router import Router

CHAIN, CALLMANAGER, LSC = "ios-authenticate", "ios-callmanager-certs", "srst-trust-lsc-issuer"


class RouterTrust:
    """One run of the module. args: its checked options."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.router, self.now = Router(action), reading.now()
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]{0,20}", args["prefix"]) or pki.FACTORY.fullmatch(args["prefix"] + "1"):
            raise AnsibleActionFail("prefix: '%s' cannot begin a trustpoint's name" % args["prefix"])

    def apply(self, check):
        """See what the router lacks, and give it that, issuers before what they issued."""
        wanted = self.wanted()
        root = self.router.running()
        missing = self.missing(root, wanted)
        if missing and not check:
            root = self.router.running(fresh=True)
            missing = self.missing(root, wanted)
        state = {}
        for certificate, step, why in missing:
            name = self.name(certificate)
            state[fingerprint(certificate)] = name
            self.report.finding("ios-trust", "high", "%s on %s" % (name, self.router.node.name),
                                "the router does not trust %s (%s)" % (short(certificate), why), step=step)
            self.give(root, name, certificate, check)
        after = root if check else self.router.running(fresh=bool(missing))
        points = self.router.points(after, [row[0] for row in wanted])
        held = {fingerprint(point.authority): name for name, point in points.items() if point.authority is not None}
        left = [certificate for certificate, _step, _why in missing if fingerprint(certificate) not in held]
        if left and not check:
            raise AnsibleActionFail("given, but not there when read back: %s" % ", ".join(short(one) for one in left))
        if not check:
            self.router.differs(root, after, {"crypto pki trustpoint %s" % name for name in state.values()})
        self.report.add(trusted=[{"trustpoint": held.get(fingerprint(one)) or state.get(fingerprint(one)), "subject": one.subject.rfc4514_string(),
                                  "sha256": fingerprint(one), "step": step} for one, step, _why in wanted])
        return self.router.result()

    def wanted(self):
        """[(certificate, step of the guide, why)], each once, issuers first."""
        authorities = self.read(self.args["issuer_certificates"], "issuer_certificates (collab_ca_file)")
        found = []
        if authorities:
            problems = checks.ca_certificates(authorities, self.now, "issuer_certificates (collab_ca_file)")
            if problems:
                raise AnsibleActionFail(checks.text_of(problems))
            direct = issuing(authorities, self.args["issuer"])         # that one is in the trustpoint of the router's own certificate
            alone = all(one is direct or one.subject != direct.subject for one in authorities)      # a successor is not yet, and has to be trusted before
            found += [(one, CHAIN, "CA of the enterprise") for one in authorities if not (alone and one is direct)]
        found += [(one, CHAIN, "asked for") for one in self.read(self.args["certificates"], "certificates")]
        if self.args["callmanager_of"]:
            found += [(one, CALLMANAGER, "Unified CM's own, signed by no CA") for one in unsigned(self.action, self.args["callmanager_of"], authorities)]
        if self.args["lsc_issuers_of"]:
            found += [(one, LSC, "it issues the phones' LSCs") for one in issuers_of_lscs(self.action, self.args["lsc_issuers_of"])]
        order, seen = chains.order([one for one, _step, _why in found]), {}
        for one, step, why in found:
            seen.setdefault(fingerprint(one), (one, step, why))
        late = [one for one in order if not one.not_valid_before_utc - checks.CLOCK_SLACK <= self.now <= one.not_valid_after_utc]
        if late:
            raise AnsibleActionFail("not valid now, so no router takes it: %s. Nothing was entered" % ", ".join(short(one) for one in late))
        return [seen.pop(fingerprint(one)) for one in order if fingerprint(one) in seen]

    @staticmethod
    def read(texts, where):
        try:
            return chains.unique([c for text in texts for c in read_certificates(text, where)])
        except PemError as e:
            raise AnsibleActionFail(str(e)) from None

    def missing(self, root, wanted):
        """Those that no trustpoint of the router holds: a router checks its peers against all of them."""
        held = {fingerprint(point.authority) for point in self.router.points(root, [row[0] for row in wanted]).values() if point.authority is not None}
        return [row for row in wanted if fingerprint(row[0]) not in held]

    def name(self, certificate):
        """Name of the trustpoint: what it holds and the first bytes of its fingerprint, so that no two certificates share one."""
        word = re.sub(r"[^A-Za-z0-9]+", "-", common_name(certificate) or "CA").strip("-")[:28]
        return "%s%s-%s" % (self.args["prefix"], word, fingerprint(certificate).replace(":", "")[:8])

    def give(self, root, name, certificate, check):
        """A trustpoint, unless it was begun before, and the certificate into it."""
        lines = ["enrollment terminal pem", "revocation-check %s" % self.args["revocation_check"]]
        lacking = [line for line in lines if line not in root.lines("crypto pki trustpoint %s" % name)]
        if check:
            self.router.record(["crypto pki trustpoint %s" % name, *lacking, "exit", "crypto pki authenticate %s" % name], "trustpoint %s" % name)
            return
        before = ["crypto pki trustpoint %s" % name, *lacking, "exit"] if lacking else []
        authenticate(self.router, name, certificate, release(root), "trustpoint %s" % name, before)
