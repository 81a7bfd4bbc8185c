"""How `show ctl` and `show itl` print a trust list: the layout of transcript 17."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization

from lab.ucm import x509
from lab.ucm.security import TrustList
from lab.ucm.security import TrustRecord
from lab.ucm.vos_cli.certtext import name_text

HEADER = "BYTEPOS TAG             LENGTH  VALUE\n------- ---             ------  -----\n"
SIGNED = "This etoken was used to sign the {kind} file.\n"
SIGNATURE_BYTES = 128


def render(trust: TrustList, modified: str) -> str:
    """The whole output. modified: the date of the file's last change, as text."""
    kind = trust.kind
    content = image(trust)
    text = f"The checksum value of the {kind} file:\n{hashlib.md5(content).hexdigest()}(MD5)\n{hashlib.sha1(content).hexdigest()}(SHA1)\n\n"
    text += f"Length of {kind} file: {len(content)}\nThe {kind} File was last modified on {modified}\n\n"
    text += f"Parse {kind} File\n----------------\n\nVersion:        1.2\nHeaderLength:   336 (BYTES)\n\n{HEADER}"
    signer = x509.load(trust.signer)
    subject, issuer, number = name_text(signer.subject, ";"), name_text(signer.issuer, ";"), serial(signer)
    for position, tag, length, value in (
        (3, "SIGNERID", 2, "149"),
        (4, "SIGNERNAME", len(subject), subject),
        (5, "SERIALNUMBER", serial_length(number), number),
        (6, "CANAME", len(issuer), issuer),
        (7, "SIGNATUREINFO", 2, "15"),
        (8, "DIGESTALGORTITHM", 1, ""),
        (9, "SIGNATUREALGOINFO", 2, "8"),
        (10, "SIGNATUREALGORTITHM", 1, ""),
        (11, "SIGNATUREMODULUS", 1, ""),
        (14, "FILENAME", 12, ""),
        (15, "TIMESTAMP", 4, ""),
    ):
        text += row(position, tag, length, value)
    text += "\n"
    for count, record in enumerate(trust.records, start=1):
        text += f"{kind} Record #:{count}\n----\n{HEADER}{record_rows(record)}"
        if record.certificate == trust.signer:
            text += SIGNED.format(kind=kind)
        text += "\n"
    return text + f"The {kind} file was verified successfully.\n"


def record_rows(record: TrustRecord) -> str:
    """The rows of one record."""
    certificate = x509.load(record.certificate)
    binary = certificate.public_bytes(serialization.Encoding.DER)
    subject, issuer, number = name_text(certificate.subject, ";"), name_text(certificate.issuer, ";"), serial(certificate)
    key = len(x509.public_bytes(certificate.public_key()))
    digest = " ".join(f"{byte:02X}" for byte in certificate.fingerprint(hashes.SHA1()))
    rows = [
        (2, "DNSNAME", len(record.dns_name), record.dns_name),
        (3, "SUBJECTNAME", len(subject), subject),
        (4, "FUNCTION", 2, "+".join(record.functions)),
        (5, "ISSUERNAME", len(issuer), issuer),
        (6, "SERIALNUMBER", serial_length(number), number),
        (7, "PUBLICKEY", key, ""),
        (8, "SIGNATURE", SIGNATURE_BYTES, ""),
        (9, "CERTIFICATE", len(binary), f"{digest} (SHA1 Hash HEX)"),
        (10, "IPADDRESS", 4, ""),
    ]
    total = sum(length + 3 for _position, _tag, length, _value in rows) + 5
    return row(1, "RECORDLENGTH", 2, str(total)) + "".join(row(*fields) for fields in rows)


def row(position: int, tag: str, length: int, value: str) -> str:
    """One line of the table."""
    return f"{position:<8}{tag:<16}{length:<8}{value}".rstrip() + "\n"


def serial(certificate) -> str:
    """A serial number as 70:CA:F6."""
    digits = f"{certificate.serial_number:x}"
    digits = digits if len(digits) % 2 == 0 else "0" + digits
    return ":".join(digits[start : start + 2] for start in range(0, len(digits), 2)).upper()


def serial_length(text: str) -> int:
    """How many bytes a serial number has."""
    return len(text.split(":"))


def image(trust: TrustList) -> bytes:
    """Bytes that stand for the file: they change when a record or the date does."""
    parts = [str(trust.modified).encode()]
    for record in trust.records:
        parts += [record.dns_name.encode(), "+".join(record.functions).encode(), x509.load(record.certificate).public_bytes(serialization.Encoding.DER)]
    return b"\0".join(parts)
