# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's own certificate: which trustpoint is in use, whether a new one is needed, and the way there, a step at a time (ios.md 1).

A trustpoint and its key are never changed once they have a certificate. A renewal makes the next generation (NAME-2 with LABEL-2, and so on) beside the one
in use; the references are switched by whoever owns them; the old one is retired when nothing refers to it. A run that was killed goes on where it ended,
because each step is decided by what the router shows:

    no key pair under the label        -> generate it (one that is there is never generated anew)
    no trustpoint, or lines missing    -> enter them
    no CA certificate in it            -> authenticate, by the fingerprint computed here
    no certificate in it               -> enroll, have it signed, import
"""

from __future__ import annotations

import re

from ansible.errors import AnsibleActionFail

from ..certificates import reading
from ..certificates.issuers import issuers
from ..errors import NodeError
from ..files import write_atomic
from ..pki import chain as chains
from ..pki import checks
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.facts import certificate_facts
from ..pki.facts import common_name
from ..pki.facts import hash_of
from ..pki.facts import request_facts
from ..pki.facts import short
from ..pki.names import without
from ..pki.pem import PemError
from ..pki.pem import fingerprint
from ..pki.pem import read_certificate
from ..pki.pem import read_certificates
from ..pki.pem import read_request
from ..pki.pem import to_pem
from . import pki
from .authentication import authenticate
from .config import release
from .router import Router

KEY, TRUSTPOINT, AUTHENTICATE, ENROLL, SIGN, IMPORT = "ios-keypair", "ios-trustpoint", "ios-authenticate", "ios-enroll", "ios-sign", "ios-import"
ALT_NAME = "subject-alt-name "
SHOWN = 120             # seconds until a key that some routers make in the background is shown


def generations(base, names):
    """{number: name} of the trustpoints (or labels) that are generations of one."""
    found = {}
    for name in names:
        match = re.fullmatch(re.escape(base) + r"(?:-([2-9]|[1-9]\d+))?", name)
        if match:
            found[int(match[1] or 1)] = name
    return found


def nth(base, number):
    """Name of a generation."""
    return base if number == 1 else "%s-%d" % (base, number)


def in_use(points, keys, base, now):
    """The newest generation whose certificate is valid now and whose key is there, or None: what references lead to."""
    for _number, name in sorted(generations(base, points).items(), reverse=True):
        point = points[name]
        if point.identity is not None and not point.self_signed and pki.belongs(point.identity, keys.get(point.label)) \
                and point.identity.not_valid_before_utc - checks.CLOCK_SLACK <= now <= point.identity.not_valid_after_utc:
            return point
    return None


def issuing(certificates, chosen=None):
    """The CA certificate that issues servers' certificates: the one of a file that issued no other in it; beside its successor, that.

    AnsibleActionFail where that is not clear.
    """
    lowest = [one for one in certificates if not any(other is not one and chains.issued_by(other, one) for other in certificates)]
    if chosen:
        lowest = [one for one in certificates if common_name(one).lower() == chosen.lower()]
    if len({one.subject for one in lowest}) != 1:
        raise AnsibleActionFail("issuer: %s in issuer_certificates (collab_ca_file); name the CA that signs routers' certificates by its common name" % (
            "there is no CA '%s'" % chosen if chosen and not lowest else "it is not clear which CA issues: %s" % ", ".join(short(one) for one in lowest)))
    return max(lowest, key=lambda one: one.not_valid_after_utc)


class RouterCertificate:
    """One run of the module. args: its checked options."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.router = Router(action)
        self.now = reading.now()
        for option in ("trustpoint", "label"):
            if not pki.NAME.fullmatch(args[option]) or pki.FACTORY.fullmatch(args[option]):
                raise AnsibleActionFail("%s: '%s' cannot be used as a name of ours" % (option, args[option]))
        if args["key_length"] not in (2048, 3072, 4096):
            raise AnsibleActionFail("key_length: %d is not 2048, 3072 or 4096" % args["key_length"])
        self.subject = args["subject"] or "CN=%s" % self.router.node.fqdn
        name = re.search(r"(?i)(?:^|,)\s*CN=([^,]+)", self.subject)
        if not name or re.search(r"[\r\n?\"]", self.subject) or "*" in name[1]:
            raise AnsibleActionFail("subject: '%s' must have one common name (CN=...) without wildcards, and no quotation or question marks" % self.subject)
        self.wanted = {"common_name": name[1].strip(), "exact_name": True, "names": [n.lower() for n in args["alt_names"]], "hash": args["hash_algorithm"],
                       "key_length": args["key_length"], "uses": {SERVER_AUTH, CLIENT_AUTH} if args["client_use"] else {SERVER_AUTH}}
        self.authorities = issuers(args["issuer_certificates"], now=self.now)
        self.authority = issuing(self.authorities, args["issuer"])
        self.subject_line = "subject-name %s" % self.subject

    # -- the module ----------------------------------------------------------------------------------------------------
    def apply(self, check):
        """See where the router stands; go as far as the given certificate allows."""
        self.look()
        out = {"needed": False, "reasons": [], "csr": None, "trustpoint": None, "label": None, "certificate": None}
        used = in_use(self.points, self.keys, self.args["trustpoint"], self.now)
        reasons = self.reasons(used)
        if used is not None:
            out.update(trustpoint=used.name, label=used.label, certificate=certificate_facts(used.identity))
        if reasons:
            name, label = self.target()
            self.report.finding("ios-certificate", "high", "%s on %s" % (self.args["trustpoint"], self.router.node.name), "; ".join(reasons), step=IMPORT)
            out.update(needed=True, reasons=reasons)
            if self.args["certificate"] is None:
                request = self.prepare(name, label, check)
                out.update(csr=to_pem(request) if request else None, csr_facts=request_facts(request) if request else None)
            elif self.install(name, label, check):
                out.update(needed=False, trustpoint=name, label=label)
                if not check:
                    out["certificate"] = certificate_facts(self.points[name].identity)
        self.report.add(**out)
        return self.router.result()

    def look(self, fresh=False):
        """Read what the router holds."""
        self.root = self.router.running(fresh)
        self.points, self.keys = self.router.points(self.root), self.router.keys(fresh)

    def reasons(self, used):
        """Why a new certificate is needed: [] where the one in use is right and lives long enough."""
        if used is None:
            found = generations(self.args["trustpoint"], self.points)
            expired = [self.points[name].identity for name in found.values() if self.points[name].identity is not None]
            said = "its certificate is not valid now, or its key is gone: %s" % ", ".join(short(one) for one in expired)
            return [said if expired else "it has no certificate"]
        problems = checks.installed(used.identity, self.wanted, self.authorities, self.now, self.args["renew_before_days"], used.name)
        if used.authority is None or not chains.issued_by(used.identity, used.authority):
            return [p.what for p in problems] + ["its trustpoint does not hold the CA that issued it"]
        return [p.what for p in problems]

    def target(self):
        """(trustpoint, label) of the generation that is to get the certificate: one that was begun and can still be used, else the next."""
        base, begun = self.args["trustpoint"], generations(self.args["trustpoint"], self.points)
        labels = generations(self.args["label"], self.keys)
        last = max(begun, default=0)
        if last and self.usable(self.points[begun[last]]):
            return begun[last], nth(self.args["label"], last)
        number = last + 1
        while number in labels and not self.fit(labels[number]):           # a key that is there is kept, and used only where it can be
            number += 1
        return nth(base, number), nth(self.args["label"], number)

    def usable(self, point):
        """Whether a trustpoint that was begun can be gone on with: it has no certificate, and nothing in it that cannot be changed."""
        number = max(generations(self.args["trustpoint"], [point.name]))
        label = nth(self.args["label"], number)
        return (point.identity is None and not point.hidden and point.label in (None, label) and (label not in self.keys or self.fit(label))
                and (point.authority is None or fingerprint(point.authority) == fingerprint(self.authority)))

    def fit(self, label):
        """Whether the key pair under a label is what is wanted."""
        return self.keys[label] is not None and self.keys[label].key_size >= self.args["key_length"]

    # -- the way to a request --------------------------------------------------------------------------------------------
    def lines(self, label):
        """The trustpoint's lines, in the guide's order."""
        names = [line for line in ("fqdn %s" % self.args["fqdn"] if self.args["fqdn"] else None,) if line]
        names += [ALT_NAME + name for name in self.args["alt_names"]]
        return ["enrollment terminal pem", self.subject_line, *names, "revocation-check %s" % self.args["revocation_check"], "rsakeypair %s" % label,
                "hash %s" % self.args["hash_algorithm"]]

    def lacking(self, name, label):
        """Lines of the trustpoint that are not as wanted. That of the hash may be a default that is not shown: the request itself will tell."""
        point = self.points.get(name)
        if point is None:
            return self.lines(label)
        shown = [re.sub(r"^(rsakeypair \S+)( \d+)*$", r"\1", line).strip() for line in point.lines]
        shown += [ALT_NAME + name for line in shown if line.startswith(ALT_NAME) for name in re.split(r"[\s,]+", line[len(ALT_NAME):])]
        shown += ["hash %s" % self.args["hash_algorithm"]] if point.authority is not None and not any(line.startswith("hash ") for line in shown) else []
        return [line for line in self.lines(label) if line not in shown]

    def prepare(self, name, label, check):
        """Key, trustpoint, CA certificate, request. Returns the request (None in check mode)."""
        router, point = self.router, self.points.get(name)
        if check:
            return self.describe(name, label)
        self.look(fresh=True)
        if label not in self.keys:
            router.enter([pki.generate(label, self.args["key_length"])], "key pair %s" % label)
            self.action.poll("key pair %s to be shown" % label, lambda: self.look(fresh=True) or self.keys.get(label) is not None, SHOWN)
        if not self.fit(label):
            raise AnsibleActionFail("the key pair %s is not shown as one of %d bits after it was generated so" % (label, self.args["key_length"]))
        lacking = self.lacking(name, label)
        if lacking:
            before = self.root
            router.enter(["crypto pki trustpoint %s" % name, *lacking, "exit"], "trustpoint %s" % name)
            self.look(fresh=True)
            if any(line.startswith(ALT_NAME) for line in self.lacking(name, label)):         # each line took the place of the one before: all in one
                router.enter(["crypto pki trustpoint %s" % name, ALT_NAME + ",".join(self.args["alt_names"]), "exit"], "trustpoint %s" % name)
                self.look(fresh=True)
            router.differs(before, self.root, {"crypto pki trustpoint %s" % name})
            left = [line for line in self.lacking(name, label) if not line.startswith("hash ")]
            if left:
                raise AnsibleActionFail("trustpoint %s: entered, but not there when read back: %s" % (name, ", ".join(left)))
        if self.points[name].authority is None:
            authenticate(router, name, self.authority, release(self.root), "CA certificate of %s" % name)
            self.look(fresh=True)
        point = self.points[name]
        if point.authority is None or fingerprint(point.authority) != fingerprint(self.authority):
            raise AnsibleActionFail("trustpoint %s holds %s after the CA certificate %s was given to it" % (
                name, short(point.authority) if point.authority else "no CA certificate", short(self.authority)))
        return self.kept(name, label) or self.enroll(name, label)

    def describe(self, name, label):
        """What would be entered."""
        point = self.points.get(name)
        if label not in self.keys:
            self.router.record([pki.generate(label, self.args["key_length"])["line"]], "key pair %s" % label)
        lacking = self.lacking(name, label)
        if lacking:
            self.router.record(["crypto pki trustpoint %s" % name, *lacking, "exit"], "trustpoint %s" % name)
            self.report.after["running-config"] = "crypto pki trustpoint %s\n%s\n" % (name, "\n".join(" " + line for line in self.lines(label)))
            self.report.before["running-config"] = "crypto pki trustpoint %s\n%s\n" % (name, "\n".join(" " + line for line in point.lines)) if point else ""
        if point is None or point.authority is None:
            self.router.record(["crypto pki authenticate %s" % name], "CA certificate of %s" % name)
        if point is None or self.kept(name, label) is None:
            self.router.record(["crypto pki enroll %s" % name], "request of %s" % name)

    def enroll(self, name, label):
        """Ask the router for a request, check it, keep it."""
        output = self.router.enter([pki.enroll(name)], "request of %s" % name)["outputs"][0]
        try:
            request = pki.request_in(output)
        except PemError as e:
            raise AnsibleActionFail("%s on %s: %s" % (name, self.router.node.name, e)) from None
        problems = []
        if not pki.belongs(request, self.keys[label]):
            problems.append("it is about another key than %s" % label)
        if common_name(request).lower() != self.wanted["common_name"].lower():
            problems.append("its common name is '%s', wanted is '%s'" % (common_name(request), self.wanted["common_name"]))
        if hash_of(request) not in checks.STRONG_HASHES:
            problems.append("it is signed with %s" % hash_of(request).upper())
        if not self.named(request):
            problems.append("it does not name %s" % ", ".join(without(self.wanted["names"], request)))
        if problems:
            raise AnsibleActionFail("the request of %s on %s is not as it has to be: %s" % (name, self.router.node.name, "; ".join(problems)))
        write_atomic(self.file(name), to_pem(request))
        return request

    def named(self, request):
        """Whether a request has all alternative names: what a router makes of several, its configuration does not say (ios.md 1.2)."""
        return not without(self.wanted["names"], request)

    def file(self, name):
        """Where the request is kept until it is signed: the router does not show it again."""
        if self.action.workspace is None:
            raise AnsibleActionFail("collab_workspace is not set: a request that waits for its signature would be lost. Set it to a directory on the control "
                                    "node that is kept between runs.")
        return self.action.workspace / self.action.cluster / ("%s-%s.csr.pem" % (self.router.node.name, name))

    def kept(self, name, label):
        """The request that an earlier run made, where it is about the key that is there now; None otherwise."""
        if label not in self.keys or not self.file(name).exists():
            return None
        try:
            request = read_request(self.file(name).read_text(encoding="utf-8"), "the request kept")
        except (OSError, ValueError):
            return None
        fits = pki.belongs(request, self.keys[label]) and common_name(request).lower() == self.wanted["common_name"].lower()
        return request if fits and self.named(request) and hash_of(request) in checks.STRONG_HASHES else None

    # -- the certificate ---------------------------------------------------------------------------------------------------
    def install(self, name, label, check):
        """Check what was issued, import it, read it back. Returns whether it is (in check mode: would be) there."""
        certificate, request = self.issued(name, label)
        if check:
            self.router.record(["crypto pki import %s certificate" % name], "certificate of %s" % name)
            return True
        step = pki.install(name, certificate)
        try:
            self.router.enter([step], "certificate of %s" % name)
        except NodeError as e:
            if e.kind != "refused" or (e.detail or {}).get("question"):
                raise
            # The router may have forgotten the request of an earlier run: with the same key it is the same again.
            fresh = self.enroll(name, label)
            if not pki.belongs(certificate, fresh.public_key()):
                raise
            self.router.enter([step], "certificate of %s" % name)
        self.look(fresh=True)
        point = self.points[name]
        if point.identity is None or fingerprint(point.identity) != fingerprint(certificate):
            shown = short(point.identity) if point.identity else "no certificate"
            raise AnsibleActionFail("trustpoint %s shows %s after %s was imported" % (name, shown, short(certificate)))
        self.file(name).unlink(missing_ok=True)
        return True

    def issued(self, name, label):
        """The certificate given and the request that it was issued for, both proven to fit the router. AnsibleActionFail where they do not."""
        try:
            certificate = read_certificate(self.args["certificate"], "certificate")
            given = [c for text in self.args["chain"] for c in read_certificates(text, "chain")]
        except PemError as e:
            raise AnsibleActionFail(str(e)) from None
        request, point = self.kept(name, label), self.points.get(name)
        if request is None or point is None or point.authority is None:
            raise AnsibleActionFail("%s on %s has no request that a certificate could be imported for: run this without a certificate first"
                                    % (name, self.router.node.name))
        problems = checks.issued(certificate, request, given + self.authorities, None, self.now, request_where=name)
        problems += checks.installed(certificate, self.wanted, self.authorities, self.now, 0, "certificate") if not problems else []
        if problems:
            raise AnsibleActionFail(checks.text_of(problems))
        if not chains.issued_by(certificate, point.authority):
            raise AnsibleActionFail("the certificate was issued by '%s', and trustpoint %s holds the CA %s: name the CA that signs (issuer)" % (
                certificate.issuer.rfc4514_string(), name, short(point.authority)))
        return certificate, request


def referring(root, name):
    """Lines of a configuration, outside of its own sections, that name a trustpoint."""
    own = ("crypto pki trustpoint %s" % name, "crypto pki certificate chain %s" % name)
    word = re.compile(r"(?<!\S)%s(?!\S)" % re.escape(name))
    return [" / ".join((*above, line)) for above, line in root.every() if (above or (line,))[0] not in own and word.search(line)]


def retire(router, check, base):
    """Remove the generations of a trustpoint that another one has taken the place of and that nothing refers to. Returns their names.

    The configuration is saved before: a router that restarts in between must not come up with references to what is gone.
    """
    root = router.running()
    points, keys = router.points(root), router.keys()
    used = in_use(points, keys, base, reading.now())
    if used is None:
        return []
    own = generations(base, points)
    mine = next(number for number, name in own.items() if name == used.name)
    old = [name for number, name in sorted(own.items()) if number < mine]
    for name in [name for name in old if referring(root, name)]:
        router.report.finding("ios-trustpoint-kept", "low", "%s on %s" % (name, router.node.name), "it is old, but %s refers to it" % referring(root, name)[0],
                              step=TRUSTPOINT)
    gone = [name for name in old if not referring(root, name)]
    for name in gone:
        label = points[name].label
        others = [point.name for point in points.values() if point.label == label and point.name not in gone]
        steps = [pki.remove_trustpoint(name)]
        if label in keys and not others:
            steps.append(pki.remove_key(label))
        if check:
            router.record([step["line"] for step in steps], "trustpoint %s" % name)
        else:
            router.enter(steps, "trustpoint %s" % name)
    if gone and not check:
        after = router.running(fresh=True)
        left = [name for name in gone if name in pki.trustpoints(after)]
        if left:
            raise AnsibleActionFail("removed, but still there when read back: %s" % ", ".join(left))
        router.differs(root, after, {"crypto pki trustpoint %s" % name for name in gone})
    return gone
