"""Keys and certificates of a router: real ones, behind the dialogues of lab.ios.cli.pki.

`Pki` holds key pairs by label and, for each trustpoint, its CA certificate, its own certificate and a request that waits. What a trustpoint is
told (subject, key, names) stands in the configuration. Sources: ios.md 1; the request's form is that of the decoded captures (dlg_iosxe_c8kv_enrol_dtls).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import re
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from lab.core.keys import load_key
from lab.ucm import x509 as pems

if TYPE_CHECKING:
    from lab.ios.config import Section
    from lab.ios.router import Router

OIDS = {"cn": NameOID.COMMON_NAME, "ou": NameOID.ORGANIZATIONAL_UNIT_NAME, "o": NameOID.ORGANIZATION_NAME, "l": NameOID.LOCALITY_NAME,
        "st": NameOID.STATE_OR_PROVINCE_NAME, "c": NameOID.COUNTRY_NAME, "e": NameOID.EMAIL_ADDRESS, "dc": NameOID.DOMAIN_COMPONENT}
WORDS = {**{oid.dotted_string: key for key, oid in OIDS.items()}, NameOID.SERIAL_NUMBER.dotted_string: "serialNumber",
         NameOID.UNSTRUCTURED_NAME.dotted_string: "hostname", "1.2.840.113549.1.9.8": "ipaddress"}
ADDRESS = x509.ObjectIdentifier("1.2.840.113549.1.9.8")
HASHES = {"md5": hashes.MD5, "sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}


# The signature algorithms' object identifiers, in DER: all of one length (RFC 8017, A.2.4).
RSA_WITH = {name: bytes.fromhex("06092a864886f70d0101") + bytes([last]) for name, last in (("md5", 4), ("sha1", 5), ("sha256", 11))}


@dataclass(frozen=True)
class Key:
    """One RSA key pair. pem: the private key; made: epoch; temporary: of the router's own servers."""

    pem: str = field(repr=False)
    made: float = 0.0
    exportable: bool = False
    temporary: bool = False

    @property
    def bits(self) -> int:
        """The modulus."""
        return load_key(self.pem).key_size

    def der(self) -> bytes:
        """SubjectPublicKeyInfo."""
        return pems.public_bytes(load_key(self.pem).public_key())


@dataclass(frozen=True)
class Request:
    """A certificate request that was shown. key: the private key that it is tied to."""

    pem: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Holding:
    """What a trustpoint has got. ca, own: PEM, "" = none. key: the private key of `own`."""

    ca: str = ""
    own: str = ""
    key: str = field(default="", repr=False)
    request: Request | None = None
    self_signed: bool = False
    stored: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return not (self.ca or self.own)


class NotPem(ValueError):
    """What was pasted is no certificate."""


class Pki:
    """All of one router."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.keys: dict[str, Key] = {}
        self.holdings: dict[str, Holding] = {}

    # ---- the configuration's side

    def section(self, trustpoint: str) -> Section | None:
        """The lines of a trustpoint, None where there is none of this name."""
        return self._router.config.below(f"crypto pki trustpoint {trustpoint}")

    def trustpoints(self) -> list[str]:
        """All names, in the configuration's order."""
        return [line.text.split()[-1] for line in self._router.config.starting("crypto pki trustpoint")]

    def holding(self, trustpoint: str) -> Holding:
        """What a trustpoint has got."""
        return self.holdings.get(trustpoint, Holding())

    def change(self, trustpoint: str, **what: object) -> None:
        """Replace parts of a holding."""
        self.holdings[trustpoint] = replace(self.holding(trustpoint), **what)

    def label(self, trustpoint: str) -> str:
        """The key pair that a trustpoint uses: its own, or the router's general one."""
        pair = self.section(trustpoint).value("rsakeypair").split()
        return pair[0] if pair else self._router.fqdn

    def hash_name(self, trustpoint: str) -> str:
        """The hash of its requests."""
        return self.section(trustpoint).value("hash") or self._router.default_hash

    # ---- keys

    def make_key(self, label: str, bits: int, exportable: bool = False, temporary: bool = False) -> Key:
        """A new key pair under a label; what was there is gone, and a certificate of it is of no use any more."""
        key = self.keys[label] = Key(self._router.world.keys.rsa(bits), self._router.world.clock.epoch(), exportable, temporary)
        return key

    # ---- certificates

    def names_of_request(self, trustpoint: str, with_serial: bool, address: str) -> x509.Name:
        """The subject: the RDNs of subject-name, last first, then one RDN with the router's own attributes."""
        section = self.section(trustpoint)
        rdns = [x509.RelativeDistinguishedName([x509.NameAttribute(OIDS[key], value)]) for key, value in reversed(subject(section.value("subject-name")))]
        own = []
        if with_serial:
            own.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, self._router.serial))
        if address:
            own.append(x509.NameAttribute(ADDRESS, address, _ASN1Type.PrintableString))
        if section.value("fqdn") != "none":
            own.append(x509.NameAttribute(NameOID.UNSTRUCTURED_NAME, section.value("fqdn") or self._router.fqdn, _ASN1Type.IA5String))
        return x509.Name([*rdns, *([x509.RelativeDistinguishedName(own)] if own else [])])

    def request(self, trustpoint: str, with_serial: bool, address: str) -> Request:
        """Make and keep a request; the key pair is made, too, where there is none under the label."""
        section, label = self.section(trustpoint), self.label(trustpoint)
        if label not in self.keys:
            sizes = section.value("rsakeypair").split()[1:]
            self.make_key(label, int(sizes[0]) if sizes else 2048)
        key = self.keys[label].pem
        builder = x509.CertificateSigningRequestBuilder().subject_name(self.names_of_request(trustpoint, with_serial, address))
        builder = builder.add_extension(x509.KeyUsage(**{bit: bit in ("digital_signature", "key_encipherment") for bit in pems.BITS}), False)
        names = [word for line in section.starting("subject-alt-name") for word in self._alternatives(line.text.partition(" ")[2])]
        if names:
            builder = builder.add_extension(pems.names_extension(names), False)
        request = Request(signed(builder, load_key(key), self.hash_name(trustpoint)), key)
        self.change(trustpoint, request=request)
        return request

    def _alternatives(self, text: str) -> list[str]:
        """The names of one line `subject-alt-name`."""
        return [text] if self._router.world.variant("ios_subject_alt_name") == "lines" else [word for word in re.split(r"[\s,]+", text) if word]

    def self_sign(self, trustpoint: str, label: str, hash_name: str) -> None:
        """The persistent self-signed certificate of the factory trustpoint."""
        key, now = load_key(self.keys[label].pem), self._router.world.clock.now().replace(microsecond=0)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, trustpoint.replace("TP-self-signed", "IOS-Self-Signed-Certificate"))])
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        builder = builder.not_valid_before(now - datetime.timedelta(days=30)).not_valid_after(now + datetime.timedelta(days=3650))
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
        self.holdings[trustpoint] = Holding("", signed(builder, key, hash_name), self.keys[label].pem, None, True)

    def valid_now(self, certificate: x509.Certificate) -> bool:
        """Whether the router's clock is within its time."""
        return certificate.not_valid_before_utc <= self._router.world.clock.now() <= certificate.not_valid_after_utc

    def issuer_known(self, certificate: x509.Certificate, besides: str) -> bool:
        """Whether another trustpoint holds the CA that signed it."""
        return any(holding.ca and pems.issued_by(certificate, pems.load(holding.ca)) for name, holding in self.holdings.items() if name != besides)

    # ---- snapshots

    def save(self) -> dict:
        """All keys and certificates."""
        return {"keys": dict(self.keys), "holdings": dict(self.holdings)}

    def load(self, state: dict) -> None:
        """Take them back."""
        self.keys, self.holdings = dict(state["keys"]), dict(state["holdings"])


def signed(builder: x509.CertificateBuilder | x509.CertificateSigningRequestBuilder, key: rsa.RSAPrivateKey, hash_name: str) -> str:
    """PEM of what a builder makes, signed with any hash: the library signs with SHA-1 and MD5 no more, so those are put in by hand."""
    whole = builder.sign(key, hashes.SHA256())
    if hash_name in ("md5", "sha1"):
        body = whole.tbs_certificate_bytes if isinstance(whole, x509.Certificate) else whole.tbs_certrequest_bytes
        oid = RSA_WITH[hash_name]
        body = body.replace(RSA_WITH["sha256"], oid)
        signature = key.sign(body, padding.PKCS1v15(), HASHES[hash_name]())
        data = _der(0x30, body + _der(0x30, oid + b"\x05\x00") + _der(0x03, b"\x00" + signature))
        load = x509.load_der_x509_certificate if isinstance(whole, x509.Certificate) else x509.load_der_x509_csr
        whole = load(data)
    elif hash_name != "sha256":
        whole = builder.sign(key, HASHES[hash_name]())
    return pems.to_pem(whole)


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + content


def subject(text: str) -> list[tuple[str, str]]:
    """(key, value) of `subject-name`, as typed. Raises KeyError for an attribute that IOS does not know."""
    found = []
    for part in re.split(r"\s*,\s*", text.strip()) if text.strip() else []:
        key, _, value = part.partition("=")
        found.append((key.strip().lower(), value.strip()))
        OIDS[found[-1][0]]
    return found


def pasted(lines: list[str]) -> str:
    """PEM of what was pasted, with or without armour. Raises NotPem."""
    text = "".join(line.strip() for line in lines if not line.startswith("-----"))
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error) as error:
        raise NotPem(str(error)) from error
    return pems.to_pem(certificate)


def bare(pem: str) -> str:
    """The base64 of a PEM text without its armour."""
    return "".join(line + "\n" for line in pem.splitlines() if not line.startswith("-----"))


def der(pem: str) -> bytes:
    """A certificate's bytes."""
    return pems.load(pem).public_bytes(serialization.Encoding.DER)


def print_of(pem: str, kind: str) -> str:
    """A fingerprint in groups of eight. kind: md5 or sha1."""
    text = hashlib.new(kind, der(pem), usedforsecurity=False).hexdigest().upper()
    return " ".join(text[place:place + 8] for place in range(0, len(text), 8))


def serial(certificate: x509.Certificate) -> str:
    """The serial number as it stands in its encoding, upper case."""
    number = certificate.serial_number
    return number.to_bytes(max(1, number.bit_length() // 8 + 1), "big").hex().upper().removeprefix("00") or "00"


def rdns(name: x509.Name) -> list[str]:
    """A name as IOS prints it: `cn=x` first, each attribute by itself."""
    return [f"{WORDS.get(attribute.oid.dotted_string, attribute.oid.dotted_string)}={attribute.value}" for rdn in reversed(name.rdns) for attribute in rdn]


def hex_block(data: bytes) -> list[str]:
    """Bytes in groups of four, eight groups a line, a blank at the end of each."""
    text = data.hex().upper()
    groups = [text[place:place + 8] for place in range(0, len(text), 8)]
    return ["  " + " ".join(groups[place:place + 8]) + " " for place in range(0, len(groups), 8)]
