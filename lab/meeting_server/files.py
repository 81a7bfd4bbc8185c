"""What the files on a Meeting Server hold: keys, certificates, bundles, requests (cms.md 1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field
from functools import lru_cache

from cryptography import x509 as c509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

from lab.core.keys import key_pem
from lab.ucm import x509

# One dot and no blanks (cms.md 1.2, unsure); certificates and keys may have these endings.
NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?")
CERTIFICATES, KEYS = ("cer", "crt", "pem", "der"), ("key", "pem", "der")
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class BadFile(ValueError):
    """A file does not hold what is asked of it; the text says what is wrong, without its content."""


@dataclass(frozen=True)
class Copy:
    """A file as a service has it."""

    name: str
    content: bytes = field(repr=False)


@lru_cache(maxsize=1024)
def certificates(content: bytes) -> tuple[c509.Certificate, ...]:
    """The certificates of a file in their order. Raises BadFile when there is none."""
    try:
        if b"-----BEGIN" not in content:
            return (c509.load_der_x509_certificate(content),)
        found = tuple(c509.load_pem_x509_certificate(block + b"\n") for block in _BLOCK.findall(content))
    except ValueError as error:
        raise BadFile("the file holds no certificate that can be read") from error
    if not found:
        raise BadFile("the file holds no certificate")
    return found


@lru_cache(maxsize=1024)
def private_key(content: bytes):
    """The private key of a file. Raises BadFile."""
    load = serialization.load_pem_private_key if b"-----BEGIN" in content else serialization.load_der_private_key
    try:
        return load(content, None)
    except TypeError as error:
        raise BadFile("the key is protected by a password") from error
    except ValueError as error:
        raise BadFile("the file holds no private key that can be read") from error


def kind(content: bytes) -> str:
    """key, locked key, request, certificate or unknown."""
    try:
        private_key(content)
        return "key"
    except BadFile as problem:
        if "password" in str(problem):
            return "locked key"
    try:
        c509.load_pem_x509_csr(content)
        return "request"
    except ValueError:
        try:
            certificates(content)
            return "certificate"
        except BadFile:
            return "unknown"


def pair(key: bytes, certificate: bytes) -> bool:
    """Whether a key belongs to (the first certificate of) a file. Raises BadFile."""
    return x509.public_bytes(private_key(key).public_key()) == x509.public_bytes(certificates(certificate)[0].public_key())


def issued_by(certificate: c509.Certificate, issuer: c509.Certificate) -> bool:
    """Whether a certificate is signed by another."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def verifies(leaf: c509.Certificate, others: tuple[c509.Certificate, ...], to_root: bool = True) -> bool:
    """Whether a certificate leads, over others, to a self-signed one among them (to_root), or at least to one of them."""
    current, steps = leaf, 0
    while steps < 10:
        if issued_by(current, current):
            return current in others or not others     # a self-signed certificate alone is its own chain
        issuer = next((one for one in others if one != current and issued_by(current, one)), None)
        if issuer is None:
            return steps > 0 and not to_root
        current, steps = issuer, steps + 1
    return False


def pem(content: bytes) -> str:
    """All certificates of a file as PEM, in their order. Raises BadFile."""
    return "".join(x509.to_pem(one) for one in certificates(content))


def key_text(content: bytes) -> str:
    """The private key of a file as PEM. Raises BadFile."""
    return key_pem(private_key(content))
