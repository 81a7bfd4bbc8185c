# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains: who issued what, proven by signatures, and in which order to hand them to a device."""

from __future__ import annotations

from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from .facts import extension
from .facts import is_ca
from .facts import is_self_issued
from .pem import fingerprint


@lru_cache(maxsize=1024)
def issued_by(certificate, issuer):
    """True when issuer's name and key made this certificate (the signature is checked)."""
    try:
        certificate.verify_directly_issued_by(issuer)
        return True
    except (ValueError, TypeError, InvalidSignature):
        return False


def is_self_signed(certificate):
    """True when the certificate's own key signed it: a root, or a device's day-0 certificate."""
    return is_self_issued(certificate) and issued_by(certificate, certificate)


def unique(certificates):
    """The certificates without repetitions (same DER), order kept."""
    seen, out = set(), []
    for certificate in certificates:
        if fingerprint(certificate) not in seen:
            seen.add(fingerprint(certificate))
            out.append(certificate)
    return out


def build(certificate, pool):
    """The chain from a certificate upwards, itself first, from the certificates in pool.

    Returns (chain, complete): complete is True when the chain ends in a self-signed certificate. Where two CA certificates of one name
    and key are at hand (renewed with the same key), the one that lives longest is taken.
    """
    pool, chain = unique(pool), [certificate]
    while not is_self_signed(chain[-1]):
        known = {fingerprint(c) for c in chain}
        issuers = [c for c in pool if fingerprint(c) not in known and c.subject == chain[-1].issuer and issued_by(chain[-1], c)]
        if not issuers:
            return chain, False
        chain.append(max(issuers, key=lambda c: (is_ca(c), c.not_valid_after_utc)))
    return chain, True


def may_issue(issuer, below):
    """Why issuer must not have signed a chain with `below` CA certificates under it, as text, or None when it may."""
    if not is_ca(issuer):
        return "its basic constraints do not say CA"
    usage = extension(issuer, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return "its key usage lacks Certificate Sign"
    length = extension(issuer, x509.BasicConstraints).path_length
    if length is not None and below > length:
        return "its path length is %d, but %d CA certificate(s) stand under it" % (length, below)
    return None


def order(certificates):
    """CA certificates from the roots downwards (every issuer before what it issued): the order in which devices accept them."""
    left, out = unique(certificates), []
    while left:
        ready = [c for c in left if not any(o is not c and c.issuer == o.subject and issued_by(c, o) for o in left)]
        if not ready:                                           # two CAs that signed each other: no order is better than another
            ready = left[:]
        out += ready
        left = [c for c in left if not any(c is r for r in ready)]
    return out
