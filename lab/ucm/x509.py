"""Certificates and requests as the simulated Unified CM makes them.

Key usage follows the guide's Table 7-10; the variant `csr_key_usage` has the reading of the release 14 security guide, in which
keyEncipherment is gone for tomcat, CallManager and the units of IM and Presence (vos.md 1.5).
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from lab.core.keys import load_key
from lab.core.variants import variant

variant(
    "csr_key_usage",
    ("guide", "no_key_encipherment"),
    "guide",
    "vos.md 1.5",
    "whether requests ask for keyEncipherment (guide, Table 7-10) or no longer do (security guide 14, cells not certain)",
)

variant("csr_presence_usage", ("guide", "ipsec_end_system"), "guide", "vos.md 1.5; id:63085568676",
        "whether requests for cup, cup-xmpp and cup-xmpp-s2s also ask for IPsec end system (12.5 and 14 tables) or not (guide, Table 7-10)")

IPSEC_END_SYSTEM = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.5")
BITS = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
        "encipher_only", "decipher_only")
HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


@lru_cache(maxsize=8192)
def load(pem: str) -> x509.Certificate:
    """A certificate from PEM; parsed once. Raises ValueError."""
    return x509.load_pem_x509_certificate(pem.encode("ascii"))


def load_request(pem: str) -> x509.CertificateSigningRequest:
    """A request from PEM. Raises ValueError."""
    return x509.load_pem_x509_csr(pem.encode("ascii"))


def to_pem(certificate: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """PEM text with a newline at the end."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


@lru_cache(maxsize=8192)
def fingerprint(pem: str) -> str:
    """SHA-256 of the DER, lower-case hex: what identifies a certificate."""
    return load(pem).fingerprint(hashes.SHA256()).hex()


@lru_cache(maxsize=8192)
def subject_text(pem: str) -> str:
    """The whole subject of a certificate, from country to common name."""
    return load(pem).subject.rfc4514_string()


def serial(pem: str) -> str:
    """The serial number as lower-case hex without separators, an even number of digits."""
    text = f"{load(pem).serial_number:x}"
    return text if len(text) % 2 == 0 else "0" + text


def common_name(name: x509.Name) -> str:
    """The (first) common name of a subject or issuer, "" if it has none."""
    values = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(values[0].value) if values else ""


def public_bytes(key) -> bytes:
    """A public key as DER, to compare keys with."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def alternative_names(thing: x509.Certificate | x509.CertificateSigningRequest) -> frozenset[str]:
    """Subject alternative names (DNS in lower case, addresses as text). Empty when there is no such extension."""
    try:
        names = thing.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    dns = {name.lower() for name in names.get_values_for_type(x509.DNSName)}
    return frozenset(dns | {str(address) for address in names.get_values_for_type(x509.IPAddress)})


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether basic constraints call it a CA."""
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether subject and issuer are the same name."""
    return certificate.subject == certificate.issuer


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` signed `certificate` (name and signature)."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:
        # cryptography raises several types here (signature, key type, value); each of them means no.
        return False
    return True


def subject(cn: str, organisation: dict[str, str], with_unit: bool = True) -> x509.Name:
    """A subject in the order the product uses. organisation: keys ou, o, l, st, c, each optional."""
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, cn)]
    oids = {"ou": NameOID.ORGANIZATIONAL_UNIT_NAME, "o": NameOID.ORGANIZATION_NAME, "l": NameOID.LOCALITY_NAME,
            "st": NameOID.STATE_OR_PROVINCE_NAME, "c": NameOID.COUNTRY_NAME}
    for key, oid in oids.items():
        if organisation.get(key) and (key != "ou" or with_unit):
            attributes.append(x509.NameAttribute(oid, organisation[key]))
    return x509.Name(attributes)


def key_usage(unit: str, key_encipherment: bool = True) -> x509.KeyUsage:
    """The key usage of a unit's certificate."""
    base = unit.removesuffix("-ECDSA")
    if base == "CAPF":
        wanted = {"digital_signature", "key_cert_sign"}
    elif base == "ITLRecovery":
        wanted = {"digital_signature", "key_encipherment", "data_encipherment", "key_cert_sign"}
    elif unit.endswith("-ECDSA"):
        wanted = {"digital_signature", "key_agreement"}
    else:
        wanted = {"digital_signature", "key_encipherment", "data_encipherment"}
        if not key_encipherment and base in ("tomcat", "CallManager", "cup", "cup-xmpp", "cup-xmpp-s2s"):
            wanted.discard("key_encipherment")
    return x509.KeyUsage(**{bit: bit in wanted for bit in BITS})


def extended_key_usage(unit: str, presence_ipsec: bool = False) -> x509.ExtendedKeyUsage:
    """The extended key usage of a unit's certificate. presence_ipsec: units of IM and Presence have IPsec end system, too."""
    base = unit.removesuffix("-ECDSA")
    if base == "CAPF":
        return x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    if base == "ipsec" or (presence_ipsec and base.startswith("cup")):
        purposes.append(IPSEC_END_SYSTEM)
    return x509.ExtendedKeyUsage(purposes)


def names_extension(names: Iterable[str]) -> x509.SubjectAlternativeName:
    """Alternative names from text, addresses as IP names."""
    result: list[x509.GeneralName] = []
    for name in names:
        try:
            result.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            result.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(result)


def self_signed(
    unit: str,
    name: x509.Name,
    key_text: str,
    start: datetime.datetime,
    names: Iterable[str] = (),
    days: int = 5 * 365,
    authority: bool = False,
) -> str:
    """A self-signed certificate of a unit as PEM; five years unless told (vos.md 1.5)."""
    key = load_key(key_text)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start.replace(microsecond=0))
        .not_valid_after(start.replace(microsecond=0) + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        usage = x509.KeyUsage(**{bit: bit in ("digital_signature", "key_cert_sign", "crl_sign") for bit in BITS})
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(x509.BasicConstraints(ca=unit == "CAPF", path_length=0 if unit == "CAPF" else None), critical=True)
        builder = builder.add_extension(key_usage(unit), critical=False).add_extension(extended_key_usage(unit), critical=False)
    names = list(names)
    if names:
        builder = builder.add_extension(names_extension(names), critical=False)
    return to_pem(builder.sign(key, hashes.SHA256()))


def request(unit: str, name: x509.Name, key_text: str, names: Iterable[str], hash_algorithm: str, key_encipherment: bool, presence_ipsec: bool) -> str:
    """A PKCS#10 request of a unit as PEM. Raises KeyError for an unknown hash."""
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(name)
        .add_extension(extended_key_usage(unit, presence_ipsec), critical=False)
        .add_extension(key_usage(unit, key_encipherment), critical=False)
    )
    names = list(names)
    if names:
        builder = builder.add_extension(names_extension(names), critical=False)
    return to_pem(builder.sign(load_key(key_text), HASHES[hash_algorithm.lower()]()))
