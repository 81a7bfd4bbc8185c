# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate or a request says, as plain data for reports and comparisons."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from .pem import fingerprint

KEY_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
              "encipher_only", "decipher_only")
# Words of Table 7-10 of the guide and of the products' pages, so that a message reads like the page it is about.
USAGE_WORDS = {
    "digital_signature": "Digital Signature", "content_commitment": "Non Repudiation", "key_encipherment": "Key Encipherment",
    "data_encipherment": "Data Encipherment", "key_agreement": "Key Agreement", "key_cert_sign": "Certificate Sign", "crl_sign": "CRL Sign",
    "encipher_only": "Encipher Only", "decipher_only": "Decipher Only",
}
SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH.dotted_string
CLIENT_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string
EXTENDED_WORDS = {
    SERVER_AUTH: "TLS Web Server Authentication", CLIENT_AUTH: "TLS Web Client Authentication",
    "1.3.6.1.5.5.7.3.5": "IPsec End System", "1.3.6.1.5.5.7.3.3": "Code Signing", "1.3.6.1.5.5.7.3.4": "E-mail Protection",
    "1.3.6.1.5.5.7.3.9": "OCSP Signing", "2.5.29.37.0": "Any Extended Key Usage",
}


def extension(thing, kind):
    """The value of an extension (an x509 class) of a certificate or request, or None."""
    try:
        return thing.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def common_name(thing):
    """The (last, most specific) common name of the subject, or an empty string."""
    found = thing.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[-1].value) if found else ""


def alt_names(thing):
    """The subject alternative names as a set of (kind, value): ("dns", lower-case name), ("ip", text) or ("other", text)."""
    value, out = extension(thing, x509.SubjectAlternativeName), set()
    for name in value or ():
        if isinstance(name, x509.DNSName):
            out.add(("dns", name.value.rstrip(".").lower()))
        elif isinstance(name, x509.IPAddress):
            out.add(("ip", str(name.value)))
        else:
            out.add(("other", str(getattr(name, "value", name))))
    return out


def dns_names(thing):
    """The DNS names among the alternative names, lower case, sorted."""
    return sorted(value for kind, value in alt_names(thing) if kind == "dns")


def key_usage(thing):
    """The key usage flags that are set (names of KEY_USAGES), or None where the extension is absent (no restriction)."""
    value = extension(thing, x509.KeyUsage)
    if value is None:
        return None
    out = {name for name in KEY_USAGES[:7] if getattr(value, name)}
    if value.key_agreement:                                     # the last two are undefined without key agreement
        out |= {name for name in KEY_USAGES[7:] if getattr(value, name)}
    return out


def extended_key_usage(thing):
    """The extended key usages as dotted OIDs, or None where the extension is absent (no restriction)."""
    value = extension(thing, x509.ExtendedKeyUsage)
    return None if value is None else {oid.dotted_string for oid in value}


def usage_words(usages):
    """Key usages or extended key usages in the words of the products' pages, sorted, as one string."""
    return ", ".join(sorted(USAGE_WORDS.get(u) or EXTENDED_WORDS.get(u) or u for u in usages)) or "none"


def key_of(thing):
    """(type, bits) of the public key: ("RSA", 2048), ("EC", 384) or the class name and None for others."""
    key = thing.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    return type(key).__name__.replace("PublicKey", "").lstrip("_"), None


def hash_of(thing):
    """The hash of the signature in lower case ("sha256"), or an empty string for schemes without one."""
    algorithm = thing.signature_hash_algorithm
    return algorithm.name.lower() if algorithm else ""


def is_ca(thing):
    """True when basic constraints say CA."""
    value = extension(thing, x509.BasicConstraints)
    return bool(value and value.ca)


def is_self_issued(certificate):
    """True when issuer and subject are the same name. Whether it signed itself, chain.is_self_signed says."""
    return certificate.issuer == certificate.subject


def certificate_facts(certificate):
    """One certificate as plain data, for before/after, findings and results."""
    kind, bits = key_of(certificate)
    return {
        "common_name": common_name(certificate),
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": "%X" % certificate.serial_number,
        "sha256": fingerprint(certificate),
        "not_before": iso(certificate.not_valid_before_utc),
        "not_after": iso(certificate.not_valid_after_utc),
        "key": "%s %s" % (kind, bits) if bits else kind,
        "hash": hash_of(certificate),
        "dns_names": dns_names(certificate),
        "key_usage": sorted(key_usage(certificate) or ()),
        "extended_key_usage": sorted(EXTENDED_WORDS.get(u, u) for u in extended_key_usage(certificate) or ()),
        "ca": is_ca(certificate),
    }


def request_facts(request):
    """One certificate request as plain data."""
    kind, bits = key_of(request)
    return {
        "common_name": common_name(request),
        "subject": request.subject.rfc4514_string(),
        "key": "%s %s" % (kind, bits) if bits else kind,
        "hash": hash_of(request),
        "dns_names": dns_names(request),
        "key_usage": sorted(key_usage(request) or ()),
        "extended_key_usage": sorted(EXTENDED_WORDS.get(u, u) for u in extended_key_usage(request) or ()),
    }


def iso(when):
    """A UTC time as ISO text to the second, with Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def short(certificate):
    """A certificate in a message: its common name (or subject) and the first bytes of its fingerprint."""
    return "'%s' (SHA-256 %s...)" % (common_name(certificate) or certificate.subject.rfc4514_string() or "no subject", fingerprint(certificate)[:23])
