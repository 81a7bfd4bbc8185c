# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing a request with a CA key at hand: for estates whose CA is a key file, and for laboratories."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from .facts import extension
from .facts import is_ca
from .facts import short
from .pem import PemError
from .pem import public_key_bytes

# A CA's clock and a node's differ by a little; CAs usually date back by some minutes for that reason.
BACKDATE = datetime.timedelta(minutes=10)


def read_key(data, passphrase, what):
    """A private key from PEM bytes. PemError (never quoting the key) when it cannot be read or the passphrase does not fit."""
    try:
        return serialization.load_pem_private_key(data, passphrase.encode() if passphrase else None)
    except TypeError:
        if passphrase:
            raise PemError("%s: the key is not encrypted, but a passphrase is given; leave the passphrase out" % what) from None
        raise PemError("%s: the key is encrypted; give its passphrase (collab_enterprise_ca_key_passphrase)" % what) from None
    except (ValueError, UnsupportedAlgorithm):
        raise PemError("%s: the key cannot be read; is it a PEM private key, and is the passphrase right?" % what) from None


def sign(request, ca_certificate, ca_key, days, now, where="ca_key_file", signs=False):
    """Issue a certificate for a request, with the subject, alternative names, key usage and extended key usage that it asks for.

    A request that names no extended key usage (Meeting Server's, Prime Collaboration Provisioning's) gets both that servers need among each other, as a CA's
    template would give it.

    days: validity, cut to that of the CA; now: aware UTC datetime. Everything else that a request may ask for is left out, and one that
    asks to be a CA gets no such right (signs: unless it is to sign others, as CAPF does; never another CA). PemError when key and CA certificate
    do not belong together or the CA certificate is unfit.
    """
    if public_key_bytes(ca_certificate) != ca_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo):
        raise PemError("%s: the key does not belong to the CA certificate %s" % (where, short(ca_certificate)))
    if not is_ca(ca_certificate):
        raise PemError("ca_certificate: %s is not a CA certificate" % short(ca_certificate))
    if not ca_certificate.not_valid_before_utc <= now <= ca_certificate.not_valid_after_utc:
        raise PemError("ca_certificate: %s is not valid now" % short(ca_certificate))
    start = max(now - BACKDATE, ca_certificate.not_valid_before_utc)
    builder = (
        x509.CertificateBuilder().subject_name(request.subject).issuer_name(ca_certificate.subject).public_key(request.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(start)
        .not_valid_after(min(now + datetime.timedelta(days=days), ca_certificate.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=signs, path_length=0 if signs else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(request.public_key()), critical=False)
        .add_extension(_authority(ca_certificate), critical=False)
    )
    for kind, critical in ((x509.SubjectAlternativeName, False), (x509.KeyUsage, True), (x509.ExtendedKeyUsage, False)):
        value = extension(request, kind)
        if value is None and kind is x509.ExtendedKeyUsage and not signs:
            value = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        if value is not None:
            builder = builder.add_extension(value, critical=critical)
    algorithm = None if isinstance(ca_key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)) else hashes.SHA256()
    return builder.sign(ca_key, algorithm)


def _authority(ca_certificate):
    own = extension(ca_certificate, x509.SubjectKeyIdentifier)
    if own is not None:
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_certificate.public_key())
