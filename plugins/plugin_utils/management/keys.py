# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys that are made on the control node because no product makes them: on disk encrypted only, with the operator's passphrase."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from cryptography.x509.oid import ObjectIdentifier

BITS = 2048
SUBJECT = {"C": NameOID.COUNTRY_NAME, "ST": NameOID.STATE_OR_PROVINCE_NAME, "L": NameOID.LOCALITY_NAME, "O": NameOID.ORGANIZATION_NAME,
           "OU": NameOID.ORGANIZATIONAL_UNIT_NAME}


def made(common_name, names, uses, subject):
    """(key, request) for a common name, DNS names and extended key usages. subject: {"O": ...} beside the common name."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    parts = [x509.NameAttribute(oid, subject[word]) for word, oid in SUBJECT.items() if subject.get(word)]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ObjectIdentifier(oid) for oid in sorted(uses)]), critical=False)
    return key, builder.sign(key, hashes.SHA256())


def sealed(key, passphrase):
    """The key as encrypted PEM."""
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(passphrase.encode()))


def opened(data, passphrase):
    """The key of encrypted PEM; None where it cannot be opened with this passphrase."""
    try:
        return serialization.load_pem_private_key(data, passphrase.encode())
    except (ValueError, TypeError):
        return None


def bundled(name, key, certificate, chain, passphrase):
    """Key, certificate and chain as PKCS#12, encrypted as Windows Server 2016 and older can read it, too (cms.md 4)."""
    how = (serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(50000).key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
           .hmac_hash(hashes.SHA1()).build(passphrase.encode()))
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, list(chain), how)


def unbundled(data, passphrase):
    """The certificate in a PKCS#12 file with a key that is its own; None where it cannot be opened or the pair does not match."""
    try:
        key, certificate, _more = pkcs12.load_key_and_certificates(data, passphrase.encode())
    except ValueError:
        return None
    if key is None or certificate is None or key.public_key().public_numbers() != certificate.public_key().public_numbers():
        return None
    return certificate
