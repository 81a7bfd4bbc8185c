"""How the command line prints a certificate: the labels until 14 SU1, and those from 14 SU2 on (vos.md 1.1).

The older layout is a recorded one (id:43218471323); the newer one's labels are those of the crypto library that VOS moved to,
extensions by their OID. `show cert own` has the PEM text right behind it, `show cert trust` has none (id:32477123990, id:43310779972).
"""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMES = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "localityName": "L", "stateOrProvinceName": "ST", "countryName": "C"}


def show(certificate: x509.Certificate, labels: str, with_pem: bool = True) -> str:
    """The whole output of `show cert`. labels: "issuer-name" (old) or "issuer-dn" (new)."""
    text = _old(certificate) if labels == "issuer-name" else _new(certificate)
    return text + (certificate.public_bytes(serialization.Encoding.PEM).decode("ascii") if with_pem else "\n")


def name_text(name: x509.Name, separator: str) -> str:
    """A distinguished name, most specific part first."""
    parts = [f"{NAMES.get(attribute.oid._name, attribute.oid.dotted_string)}={attribute.value}" for attribute in name]
    return separator.join(reversed(parts) if parts and not parts[0].startswith("CN=") else parts)


def date_text(moment: datetime.datetime) -> str:
    """A date as these outputs have it: Mon Nov 23 20:48:00 UTC 2026."""
    return moment.strftime("%a %b %d %H:%M:%S UTC %Y")


def _hash_name(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    kind = "ECDSA" if "ecdsa" in certificate.signature_algorithm_oid._name.lower() else "RSA"
    return f"{algorithm.name.upper() if algorithm else 'UNKNOWN'}with{kind}"


def _key_kind(certificate: x509.Certificate) -> str:
    return "EC" if isinstance(certificate.public_key(), ec.EllipticCurvePublicKey) else "RSA"


def _key_bytes(certificate: x509.Certificate) -> str:
    kind = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    if _key_kind(certificate) == "RSA":
        kind = (serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return certificate.public_key().public_bytes(*kind).hex()


def _serial(certificate: x509.Certificate) -> str:
    number = certificate.serial_number
    return number.to_bytes(number.bit_length() // 8 + 1).removeprefix(b"\0").hex().upper()


def _dump(data: bytes) -> list[str]:
    """Lines of sixteen bytes, as numbers and as the characters that they are."""
    rows = [(start, data[start : start + 16]) for start in range(0, len(data), 16)]
    return [f"  {start:04x}: {row.hex(' ')} [{''.join(chr(b) if 32 <= b < 127 else '.' for b in row)}]" for start, row in rows]


def _old(certificate: x509.Certificate) -> str:
    kind = _key_kind(certificate)
    lines = [
        "[",
        "  Version: V3",
        f"  Serial Number: {_serial(certificate)}",
        f"  SignatureAlgorithm: {_hash_name(certificate)} ({certificate.signature_algorithm_oid.dotted_string})",
        f"  Issuer Name: {name_text(certificate.issuer, ', ')}",
        f"  Validity From: {date_text(certificate.not_valid_before_utc)}",
        f"           To:   {date_text(certificate.not_valid_after_utc)}",
        f"  Subject Name: {name_text(certificate.subject, ', ')}",
        f"  Key: {kind} ({'1.2.840.113549.1.1.1' if kind == 'RSA' else '1.2.840.10045.2.1'})",
        f"    Key value: {_key_bytes(certificate)}",
        f"  Extensions: {len(certificate.extensions)} present",
    ]
    for extension in certificate.extensions:
        lines += [
            "  [",
            f"     Extension: {extension.oid._name} (OID.{extension.oid.dotted_string})",
            f"     Critical: {str(extension.critical).lower()}",
            f"     Value: {extension.value.public_bytes().hex()}",
            "  ]",
        ]
    return "\n".join([*lines, "", "  Signature:", *_dump(certificate.signature), "", "]"])


def _new(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    lines = [
        "  [0]         Version: 3",
        f"         SerialNumber: {certificate.serial_number}",
        f"             IssuerDN: {name_text(certificate.issuer, ',')}",
        f"           Start Date: {date_text(certificate.not_valid_before_utc)}",
        f"           Final Date: {date_text(certificate.not_valid_after_utc)}",
        f"            SubjectDN: {name_text(certificate.subject, ',')}",
    ]
    if _key_kind(certificate) == "RSA":
        kind, parts = "RSA", {"Modulus": key.public_numbers().n, "public exponent": key.public_numbers().e}
    else:
        kind, parts = "EC", {"X": key.public_numbers().x, "Y": key.public_numbers().y}
    lines.append(f"           Public Key: {kind} Public Key")
    lines += [f"{label:>21}: {value:x}" for label, value in parts.items()]
    signature = certificate.signature.hex()
    rows = [signature[start : start + 40] for start in range(0, len(signature), 40)]
    lines += ["", f"  Signature Algorithm: {_hash_name(certificate).upper()}", f"            Signature: {rows[0]}"]
    lines += [f"                       {row}" for row in rows[1:]]
    for number, extension in enumerate(certificate.extensions):
        lead = "       Extensions: " if number == 0 else " " * 19
        lines.append(f"{lead}critical({str(extension.critical).lower()}) {extension.oid.dotted_string} value = {extension.value.public_bytes().hex()}")
    return "\n".join([*lines, "", ""])
