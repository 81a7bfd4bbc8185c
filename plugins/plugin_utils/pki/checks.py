# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of certificates before a device sees them: pure functions that return problems in words an operator can act on.

Every function returns a list of Problem, empty when all is well. `now` is an aware UTC datetime. Nothing here raises for a bad
certificate: one run should name everything that is wrong, not the first thing.
"""

from __future__ import annotations

import dataclasses
import datetime

from cryptography import x509

from . import chain as chains
from .facts import CLIENT_AUTH
from .facts import EXTENDED_WORDS
from .facts import SERVER_AUTH
from .facts import alt_names
from .facts import common_name
from .facts import extended_key_usage
from .facts import hash_of
from .facts import is_ca
from .facts import iso
from .facts import key_of
from .facts import key_usage
from .facts import short
from .facts import usage_words
from .names import without
from .pem import fingerprint
from .pem import public_key_bytes

STRONG_HASHES = ("sha256", "sha384", "sha512")
# A device's clock and ours differ by a little; a certificate made this minute is no finding.
CLOCK_SLACK = datetime.timedelta(minutes=5)


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong. id: short fixed name; where: the variable, file or place; what: what is wrong; todo: what to do."""

    id: str
    where: str
    what: str
    todo: str

    def __str__(self):
        return "%s: %s. %s." % (self.where, self.what, self.todo)


def text_of(problems):
    """All problems as one message."""
    return " ".join(str(p) for p in problems)


def validity(certificate, now, where):
    """Expired, or not valid yet."""
    if now > certificate.not_valid_after_utc:
        return [Problem("expired", where, "%s expired on %s" % (short(certificate), iso(certificate.not_valid_after_utc)),
                        "Have it issued again, or give the renewed one")]
    if now + CLOCK_SLACK < certificate.not_valid_before_utc:
        return [Problem("not_yet_valid", where, "%s is not valid before %s, and it is %s now" % (
                        short(certificate), iso(certificate.not_valid_before_utc), iso(now)),
                        "Compare the clocks (NTP) of the CA, of this machine and of the nodes; if they are right, wait until then")]
    return []


def ca_certificates(certificates, now, where):
    """CA certificates meant for trust stores: each a CA's, valid, and each chain complete to a self-signed root within the list."""
    problems = []
    for certificate in certificates:
        if not is_ca(certificate):
            problems.append(Problem("not_a_ca", where, "%s is not a CA certificate (basic constraints do not say CA)" % short(certificate),
                                    "Give the certificates of the enterprise root and its intermediates, not a server's certificate"))
            continue
        usage = key_usage(certificate)
        if usage is not None and "key_cert_sign" not in usage:
            problems.append(Problem("not_a_ca", where, "%s is a CA certificate whose key usage lacks Certificate Sign" % short(certificate),
                                    "Give the certificate that the CA signs with"))
        problems += validity(certificate, now, where)
        above, complete = chains.build(certificate, certificates)
        if not complete:
            problems.append(Problem("chain_incomplete", where, "the chain of %s stops at issuer '%s', whose certificate is not given" % (
                                    short(certificate), above[-1].issuer.rfc4514_string()),
                                    "Add that CA's certificate (and those above it, up to the self-signed root)"))
        elif is_ca(above[-1]):
            for depth, issuer in enumerate(above[1:]):
                reason = chains.may_issue(issuer, depth + 1)
                if reason:
                    problems.append(Problem("bad_issuer", where, "%s must not have issued %s: %s" % (short(issuer), short(above[depth]), reason),
                                            "Ask the CA's administrator for a right chain"))
    return list(dict.fromkeys(problems))


def same_key(certificate, request, where, request_where):
    """The certificate was made for this very request."""
    if public_key_bytes(certificate) == public_key_bytes(request):
        return []
    return [Problem("key_mismatch", where, "%s holds another public key than the request of %s: it was issued for another request, "
                    "or for an older one that has been replaced since" % (short(certificate), request_where),
                    "Have the present request signed and give that certificate")]


def leaf(certificate, where, signs=False):
    """The certificate is a server's, not a CA's (signs: a server's that signs others itself, as CAPF does)."""
    problems, usage = [], key_usage(certificate) or ()
    if signs:
        return problems
    if is_ca(certificate):
        problems.append(Problem("is_a_ca", where, "%s is a CA certificate" % short(certificate),
                                "Give the certificate that the CA issued for the request (was the root given by mistake, or the file's order turned round?)"))
    elif "key_cert_sign" in usage:
        problems.append(Problem("is_a_ca", where, "%s may sign certificates (key usage Certificate Sign)" % short(certificate),
                                "Correct the CA's template: a server's certificate must not have Certificate Sign"))
    return problems


def alternative_names(certificate, request, where):
    """The set of alternative names equals the request's; the product refuses any other (vos.md 1.8).

    A router's request has none: then a CA may put its common name among them, as public CAs have to (baseline requirements of the CA/Browser Forum, 7.1.4).
    """
    wanted, given = alt_names(request), alt_names(certificate)
    if wanted == given or not wanted and {value for _kind, value in given} == {common_name(request).lower()}:
        return []
    parts = []
    if wanted - given:
        parts.append("lacks %s" % ", ".join(sorted(v for _kind, v in wanted - given)))
    if given - wanted:
        parts.append("has %s beyond the request" % ", ".join(sorted(v for _kind, v in given - wanted)))
    return [Problem("san_mismatch", where, "the alternative names (SAN) of %s differ from the request's: it %s" % (short(certificate), " and ".join(parts)),
                    "Have the CA copy the request's alternative names unchanged (AD CS: the template must take the subject from the request), then sign again")]


def usages(certificate, request, where, optional=frozenset()):
    """Every key usage and extended key usage of the request is in the certificate (compared with the request, never with a table: vos.md 0.4).

    optional: usages that the certificate may lack although the request asks for them.
    """
    problems = []
    for name, read, in (("key usage", key_usage), ("extended key usage", extended_key_usage)):
        wanted, given = (read(request) or frozenset()) - optional, read(certificate)
        if wanted and given is not None and wanted - given:
            problems.append(Problem("usage_missing", where, "%s lacks the %s %s, which the request asks for" % (
                                    short(certificate), name, usage_words(wanted - given)),
                                    "Use or make a CA template that has %s %s, and sign again with it" % (name, usage_words(wanted))))
        elif wanted and given is None:
            problems.append(Problem("usage_missing", where, "%s has no %s at all; the request asks for %s" % (short(certificate), name, usage_words(wanted)),
                                    "Use or make a CA template that has %s %s, and sign again with it" % (name, usage_words(wanted))))
    return problems


def critical_extensions(certificate, where):
    """Peers fail on critical extensions that they do not know: only key usage and basic constraints may be critical (vos.md 1.8)."""
    known = (x509.KeyUsage, x509.BasicConstraints)
    odd = [e.oid.dotted_string for e in certificate.extensions if e.critical and not isinstance(e.value, known)]
    if not odd:
        return []
    return [Problem("critical_extension", where, "%s marks %s critical, on which the product's peers fail" % (
                    short(certificate), ", ".join(EXTENSION_WORDS.get(o, o) for o in odd)),
                    "Correct the CA's template: only key usage and basic constraints may be critical")]


EXTENSION_WORDS = {"2.5.29.37": "extended key usage", "2.5.29.17": "the alternative names", "2.5.29.31": "the CRL distribution points",
                   "2.5.29.32": "the certificate policies"}


def chain(certificate, pool, now, where, pool_where):
    """The chain of an issued certificate: signatures right, every issuer may issue and is valid, up to a self-signed root in pool."""
    found, complete = chains.build(certificate, pool)
    if len(found) == 1 and complete:
        return [Problem("self_signed", where, "%s is self-signed" % short(certificate),
                        "Have the request signed by the enterprise CA and give that certificate")]
    if not complete:
        last = found[-1]
        namesake = [c for c in pool if c.subject == last.issuer]
        if namesake:
            return [Problem("bad_signature", where, "%s names '%s' as its issuer, but that CA's key at hand (%s) did not sign it" % (
                            short(last), last.issuer.rfc4514_string(), ", ".join(short(c) for c in namesake)),
                            "The CA was renewed with a new key, or the certificate is damaged: add the CA's present certificate to %s" % pool_where)]
        return [Problem("issuer_missing", where, "the certificate of '%s', which issued %s, is missing" % (last.issuer.rfc4514_string(), short(last)),
                        "Add it (and those above it, up to the self-signed root) to %s" % pool_where)]
    problems = []
    for depth, issuer in enumerate(found[1:]):
        reason = chains.may_issue(issuer, depth)
        if reason:
            problems.append(Problem("bad_issuer", where, "%s must not have issued %s: %s" % (short(issuer), short(found[depth]), reason),
                                    "Ask the CA's administrator for a right chain"))
        problems += validity(issuer, now, pool_where)
    return problems


def in_store(certificate, pool, store, where, store_where):
    """Every issuer up to the root stands in the node's trust store; the product refuses the upload otherwise (vos.md 1.2, 1.8)."""
    held = {fingerprint(c) for c in store}
    found, complete = chains.build(certificate, list(store) + list(pool))
    lacking = [c for c in found[1:] if fingerprint(c) not in held]
    if not complete or not lacking:
        return []
    return [Problem("not_in_trust_store", where, "%s, which stands in the chain of %s, is not in %s" % (
                    ", ".join(short(c) for c in lacking), short(certificate), store_where),
                    "Add it to the certificates of the trust store step (collab_ca_file) and run that step first")]


def issued(certificate, request, given_chain, store, now, where="certificate", request_where="the node", store_where=None, signs=False,
           optional=frozenset(), pool_where="collab_ca_file"):
    """All checks of an issued certificate before it is uploaded (guide, Server Certificate Generation, step 4).

    signs: the certificate is one that signs others (CAPF's); optional: usages that it may lack although the request asks for them; pool_where: the
    variable that names the CA's certificates.

    given_chain: CA certificates that came with it; store: the certificates in the node's trust store, or None when it was not read
    (at signing time); request: the request that is pending on the node.
    """
    problems = leaf(certificate, where, signs) + same_key(certificate, request, where, request_where)
    if problems:                                                # the rest would only repeat that it is the wrong certificate
        return problems + validity(certificate, now, where)
    pool = list(given_chain) + list(store or ())
    problems += validity(certificate, now, where)
    problems += alternative_names(certificate, request, where) + usages(certificate, request, where, optional)
    problems += critical_extensions(certificate, where)
    problems += chain(certificate, pool, now, where, pool_where)
    if hash_of(certificate) and hash_of(certificate) not in STRONG_HASHES:
        problems.append(Problem("weak_hash", where, "%s is signed with %s" % (short(certificate), hash_of(certificate).upper()),
                                "Have the CA sign with SHA256 or better"))
    if store is not None:
        problems += in_store(certificate, given_chain, store, where, store_where or "the trust store")
    return problems


def requested(request, wanted, where):
    """A pending request against what is wanted.

    wanted: dict(common_name, names (DNS names that must be there), key_length, hash (least)). Names beyond the wanted ones are no
    problem: the product adds the domain and, for tomcat, the IM and Presence nodes by itself (vos.md 1.5).
    """
    problems = []
    kind, bits = key_of(request)
    todo = "Replace the request (replace_request: true) if no certificate for it is under way, or have it made anew in OS Administration"
    if not request.is_signature_valid:
        problems.append(Problem("csr_signature", where, "the request's own signature is wrong", todo))
    if kind != "RSA" or bits < wanted["key_length"]:
        problems.append(Problem("csr_key", where, "its key is %s %s, wanted is RSA %d or more" % (kind, bits, wanted["key_length"]), todo))
    if hash_of(request) not in STRONG_HASHES:
        problems.append(Problem("csr_hash", where, "its hash is %s, wanted is %s" % (hash_of(request).upper() or "none", wanted["hash"].upper()), todo))
    if common_name(request).lower() != wanted["common_name"].lower():
        problems.append(Problem("csr_common_name", where, "its common name is '%s', wanted is '%s'" % (common_name(request), wanted["common_name"]), todo))
    carried = {value for kind, value in alt_names(request) if kind == "dns"}
    lacking = [n for n in wanted["names"] if n.lower() not in carried]
    if lacking:
        problems.append(Problem("csr_names", where, "its alternative names lack %s" % ", ".join(lacking), todo))
    return problems


def installed(certificate, wanted, issuers, now, renew_before_days, where):
    """An installed identity certificate against what is wanted: problems are the reasons why a new one is needed.

    wanted as for requested(), with `uses` (extended key usages it must have) and `exact_name` (True when the common name itself was
    asked for); issuers: the enterprise's CA certificates.
    """
    problems, todo = [], "A new certificate is needed"
    found, complete = chains.build(certificate, issuers)
    if len(found) == 1 and complete:
        problems.append(Problem("self_signed", where, "it is self-signed", todo))
    elif not complete or not {fingerprint(c) for c in found[1:]} <= {fingerprint(c) for c in issuers}:
        problems.append(Problem("other_issuer", where, "it was issued by '%s', not by the enterprise CA given" % certificate.issuer.rfc4514_string(), todo))
    kind, bits = key_of(certificate)
    if kind != "RSA" or bits < wanted["key_length"]:
        problems.append(Problem("key", where, "its key is %s %s, wanted is RSA %d or more" % (kind, bits, wanted["key_length"]), todo))
    if hash_of(certificate) not in STRONG_HASHES:
        problems.append(Problem("hash", where, "its hash is %s, wanted is %s" % (hash_of(certificate).upper() or "none", wanted["hash"].upper()), todo))
    lacking = without(wanted["names"], certificate)
    if lacking:
        problems.append(Problem("names", where, "it does not name %s" % ", ".join(lacking), todo))
    if wanted.get("exact_name") and common_name(certificate).lower() != wanted["common_name"].lower():
        problems.append(Problem("common_name", where, "its common name is '%s', wanted is '%s'" % (common_name(certificate), wanted["common_name"]), todo))
    given = extended_key_usage(certificate)
    if given is not None and wanted["uses"] - given:
        problems.append(Problem("usage", where, "it lacks the extended key usage %s" % usage_words(wanted["uses"] - given), todo))
    if now + datetime.timedelta(days=renew_before_days) > certificate.not_valid_after_utc:
        past = now > certificate.not_valid_after_utc
        problems.append(Problem("expiry", where, "it %s on %s" % ("expired" if past else "expires", iso(certificate.not_valid_after_utc)), todo))
    return problems


def served(certificate, name, now, where):
    """A certificate as served on a port: carries the name, is valid, may be used by a server. Its chain is judged by a real handshake."""
    problems = validity(certificate, now, where)
    if without([name], certificate):
        problems.append(Problem("name", where, "%s does not name %s" % (short(certificate), name), "Install a certificate whose alternative names have it"))
    given = extended_key_usage(certificate)
    if given is not None and SERVER_AUTH not in given:
        problems.append(Problem("usage", where, "%s lacks %s" % (short(certificate), EXTENDED_WORDS[SERVER_AUTH]), "Install a certificate with that usage"))
    return problems


def client_use(certificate):
    """True when the certificate may be used by a TLS client too (mutual TLS between the products needs it: guide, Table 7-10)."""
    given = extended_key_usage(certificate)
    return given is None or CLIENT_AUTH in given


def store_conflicts(certificates, held, where, whole_subject=True):
    """CA certificates of which the store holds a namesake with other bytes.

    The product keeps one certificate a name (whole subject from 14 on, common name before: vos.md 1.6), the one with the newer start
    of validity. Returns a list of (ours, theirs, we_win): with we_win False the product would refuse or ignore the upload.
    """
    out, own = [], {fingerprint(c) for c in held}
    for ours in certificates:
        if fingerprint(ours) in own:
            continue
        for theirs in held:
            if _name_in_store(theirs, whole_subject) == _name_in_store(ours, whole_subject):
                out.append((ours, theirs, ours.not_valid_before_utc > theirs.not_valid_before_utc))
    return out


def newest_of_each_name(certificates, whole_subject=True):
    """Those that a store can keep beside each other: of several with one name that whose validity starts last."""
    newest = {}
    for one in certificates:
        name = _name_in_store(one, whole_subject)
        if name not in newest or one.not_valid_before_utc > newest[name].not_valid_before_utc:
            newest[name] = one
    return list(newest.values())


def _name_in_store(certificate, whole_subject):
    return certificate.subject.rfc4514_string() if whole_subject else common_name(certificate)
