"""The simulated enterprise certificate authority: an offline root and an issuing intermediate, with real keys.

It is the peer that AD CS is in life (lab.md 4): it signs certificate requests under a template, keeps every request with its number,
lets a CA manager approve or deny a pending one, and backdates `notBefore` by ten minutes as AD CS does. The same authority issues the
certificates of other simulated machines (SIP peers, the CA's own web server, a client certificate for probes) through `issue`.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from lab.ca.templates import TEMPLATES
from lab.ca.templates import Template
from lab.core.keys import load_key

BACKDATE = datetime.timedelta(minutes=10)

# What AD CS itself says (error code, symbol and sentence are Microsoft's; lab.md 4 has the first one recorded).
UNSUPPORTED_TEMPLATE = (
    "Denied by Policy Module  0x80094800, The request was for a certificate template that is not supported by the "
    "Active Directory Certificate Services policy: {template}."
)
ENROLL_DENIED = (
    "Denied by Policy Module  0x80094012, The permissions on the certificate template do not allow the current user to "
    "enroll for this type of certificate."
)
BAD_REQUEST = "Error Parsing Request  ASN1 bad tag value met. 0x8009310b (ASN: 267 CRYPT_E_ASN1_BADTAG)"

KEY_USAGE_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
PROFILES = {
    "server": (ExtendedKeyUsageOID.SERVER_AUTH,),
    "client": (ExtendedKeyUsageOID.CLIENT_AUTH,),
    "both": (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH),
}


@dataclass(frozen=True)
class Request:
    """One entry of the CA's database. status: issued, pending or denied; certificate: PEM text or ""; message: disposition."""

    number: int
    status: str
    template: str
    csr: str
    certificate: str = ""
    message: str = ""


def key_usage(bits: Iterable[str]) -> x509.KeyUsage:
    """The key usage extension with just the named bits set (names as in KEY_USAGE_BITS)."""
    return x509.KeyUsage(**{bit: bit in tuple(bits) for bit in KEY_USAGE_BITS})


def general_names(names: Iterable[str]) -> list[x509.GeneralName]:
    """Subject alternative names from plain text: an address becomes an IP name, all else a DNS name."""
    result: list[x509.GeneralName] = []
    for name in names:
        try:
            result.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            result.append(x509.DNSName(name))
    return result


def pem(certificate: x509.Certificate) -> str:
    """The certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Authority:
    """Root, issuing intermediate and request database.

    now: gives the present time as an aware UTC datetime (the lab's clock, so that `clock advance` moves the CA, too).
    new_key: gives a fresh RSA 2048 private key (the lab passes its key pool). words: its organisation, and what its certificates are called by.
    """

    def __init__(self, now: Callable[[], datetime.datetime], new_key: Callable[[], rsa.RSAPrivateKey] = _new_rsa_key,
                 words: tuple[str, str] = ("ENT-PA", "Enterprise")) -> None:
        self._now = now
        self._words = words
        self._root_key = new_key()
        self._issuing_key = new_key()
        self.root = self._authority_certificate(f"{words[1]} Root CA", self._root_key, None, None)
        self.issuing = self._authority_certificate(f"{words[1]} Issuing CA 1", self._issuing_key, self.root, 0)
        self.requests: dict[int, Request] = {}
        self.serials: set[int] = set()
        self.revoked: dict[int, float] = {}
        self.ocsp_uri = ""
        self._ocsp: tuple[str, rsa.RSAPrivateKey] | None = None
        self._new_key = new_key

    @property
    def chain(self) -> list[x509.Certificate]:
        """What a leaf needs above itself, in TLS order: the issuing intermediate, then the root."""
        return [self.issuing, self.root]

    def root_pem(self) -> str:
        """The root as PEM text."""
        return pem(self.root)

    def chain_pem(self) -> str:
        """Root and intermediate as PEM text (the content of ca/chain.pem)."""
        return pem(self.root) + pem(self.issuing)

    def issue(
        self,
        public_key: rsa.RSAPublicKey,
        subject_cn: str,
        sans: Iterable[str] = (),
        profile: str = "both",
        days: int = 730,
        *,
        not_after: datetime.datetime | None = None,
    ) -> x509.Certificate:
        """A certificate without a request, for the lab's own machines.

        profile: server, client or both (extended key usage). days: lifetime from now; not_after overrides it, and one in the past
        gives an expired certificate. Raises KeyError for an unknown profile.
        """
        not_before, default_end = self._validity(days)
        end = not_after or default_end
        if end <= not_before:
            not_before = end - datetime.timedelta(days=365)
        builder = self._leaf(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject_cn)]), public_key, not_before, end)
        builder = builder.add_extension(key_usage(("digital_signature", "key_encipherment", "data_encipherment")), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(PROFILES[profile]), critical=False)
        names = general_names(sans)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return self._signed(builder)

    def issue_for(self, subject: x509.Name, public_key, not_before: datetime.datetime, not_after: datetime.datetime,
                  extensions: Iterable[tuple[x509.ExtensionType, bool]]) -> x509.Certificate:
        """A certificate as another front of this CA makes it. extensions: (extension, critical), besides the key identifiers."""
        builder = self._leaf(subject, public_key, not_before, not_after)
        for value, critical in extensions:
            builder = builder.add_extension(value, critical=critical)
        return self._signed(builder)

    def sign_request(self, csr_pem: str, template: str, strict: bool = True) -> Request:
        """Take a request in and decide it: issued, pending or denied, as AD CS does. The result stands in `requests`, too.

        csr_pem: the PKCS#10 text as submitted (PEM, or its base64 body alone). template: name from the client.
        strict: False issues for an unknown or forbidden template, too (the mutated lab).
        """
        number = len(self.requests) + 1
        known = TEMPLATES.get(template)
        if not strict and (known is None or known.outcome == "deny"):
            known = TEMPLATES["CollabServer"]
        entry = self._decide(Request(number, "denied", template, csr_pem), known)
        self.requests[number] = entry
        return entry

    def approve(self, number: int) -> Request:
        """The CA manager issues a pending request. Raises KeyError (no such request) or ValueError (not pending)."""
        entry = self._pending(number)
        self.requests[number] = replace(entry, status="issued", certificate=pem(self.sign(load_request(entry.csr), TEMPLATES[entry.template])),
                                        message="Issued")
        return self.requests[number]

    def deny(self, number: int) -> Request:
        """The CA manager denies a pending request. Raises KeyError (no such request) or ValueError (not pending)."""
        self.requests[number] = replace(self._pending(number), status="denied", message="Denied by ENT-PA\\caadmin")
        return self.requests[number]

    def revoke(self, certificate: x509.Certificate) -> None:
        """Revoke a certificate of this authority from now on. Raises ValueError for one that it did not issue."""
        if certificate.serial_number not in self.serials:
            raise ValueError("this authority did not issue that certificate")
        self.revoked.setdefault(certificate.serial_number, self._now().timestamp())

    def ocsp_signer(self, delegated: bool) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        """Who signs the responder's answers: the issuing CA, or a certificate that it made for that (id-kp-OCSPSigning)."""
        if not delegated:
            return self.issuing, self._issuing_key
        if self._ocsp is None:
            key = self._new_key()
            start, end = self._validity(365)
            subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ENT-PA"), x509.NameAttribute(NameOID.COMMON_NAME, "Enterprise OCSP Responder")])
            builder = (self._leaf(subject, key.public_key(), start, end)
                       .add_extension(key_usage(("digital_signature",)), critical=True)
                       .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
                       .add_extension(x509.OCSPNoCheck(), critical=False))
            self._ocsp = pem(builder.sign(self._issuing_key, hashes.SHA256())), key
        return x509.load_pem_x509_certificate(self._ocsp[0].encode("ascii")), self._ocsp[1]

    def state(self) -> dict:
        """All of the authority as plain data, for a snapshot."""
        return {
            "root_key": _key_text(self._root_key),
            "issuing_key": _key_text(self._issuing_key),
            "root": pem(self.root),
            "issuing": pem(self.issuing),
            "requests": [asdict(entry) for entry in self.requests.values()],
            "serials": sorted(self.serials),
            "revoked": dict(self.revoked),
            "ocsp": (self._ocsp[0], _key_text(self._ocsp[1])) if self._ocsp else None,
        }

    def load(self, state: dict) -> None:
        """Take over what `state` gave."""
        self._root_key = load_key(state["root_key"])
        self._issuing_key = load_key(state["issuing_key"])
        self.root = x509.load_pem_x509_certificate(state["root"].encode("ascii"))
        self.issuing = x509.load_pem_x509_certificate(state["issuing"].encode("ascii"))
        self.requests = {entry["number"]: Request(**entry) for entry in state["requests"]}
        self.serials, self.revoked = set(state["serials"]), dict(state["revoked"])
        self._ocsp = (state["ocsp"][0], load_key(state["ocsp"][1])) if state["ocsp"] else None

    def _pending(self, number: int) -> Request:
        entry = self.requests[number]
        if entry.status != "pending":
            raise ValueError(f"request {number} is {entry.status}, not pending")
        return entry

    def _decide(self, entry: Request, template: Template | None) -> Request:
        try:
            request = load_request(entry.csr)
        except ValueError:
            return replace(entry, message=BAD_REQUEST)
        if template is None:
            return replace(entry, message=UNSUPPORTED_TEMPLATE.format(template=entry.template))
        if template.outcome == "deny":
            return replace(entry, message=ENROLL_DENIED)
        if template.outcome == "pending":
            return replace(entry, status="pending", message="Taken Under Submission")
        return replace(entry, status="issued", certificate=pem(self.sign(request, template)), message="Issued")

    def sign(self, request: x509.CertificateSigningRequest, template: Template, names: Iterable[str] = ()) -> x509.Certificate:
        """The certificate that a template makes of a request. names: alternative names instead of the request's."""
        not_before, not_after = self._validity(template.days)
        if template.expired:
            not_before, not_after = not_before - datetime.timedelta(days=400), not_before - datetime.timedelta(days=30)
        subject = request.subject if template.subject else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, template.common_name)])
        builder = self._leaf(subject, request.public_key(), not_before, not_after)
        asked = {type(extension.value): extension.value for extension in request.extensions}
        usage = key_usage(template.key_usage) if template.key_usage else asked.get(x509.KeyUsage)
        if usage is not None:
            builder = builder.add_extension(usage, critical=True)
        purposes = [
            oid
            for oid in asked.get(x509.ExtendedKeyUsage, x509.ExtendedKeyUsage(PROFILES["both"]))
            if template.client_authentication or oid != ExtendedKeyUsageOID.CLIENT_AUTH
        ]
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(general_names(names)), critical=False)
        elif template.names and x509.SubjectAlternativeName in asked:
            builder = builder.add_extension(asked[x509.SubjectAlternativeName], critical=False)
        return self._signed(builder)

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        if self.ocsp_uri:
            where = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(self.ocsp_uri))
            builder = builder.add_extension(x509.AuthorityInformationAccess([where]), critical=False)
        certificate = builder.sign(self._issuing_key, hashes.SHA256())
        self.serials.add(certificate.serial_number)
        return certificate

    def _validity(self, days: int) -> tuple[datetime.datetime, datetime.datetime]:
        start = self._now().replace(microsecond=0) - BACKDATE
        return start, start + datetime.timedelta(days=days)

    def _leaf(self, subject: x509.Name, public_key, not_before: datetime.datetime, not_after: datetime.datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.issuing.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._issuing_key.public_key()), critical=False)
        )

    def _authority_certificate(self, name: str, key, parent: x509.Certificate | None, path_length: int | None) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._words[0]), x509.NameAttribute(NameOID.COMMON_NAME, name)])
        start = self._now().replace(microsecond=0) - datetime.timedelta(days=365 * 3)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(parent.subject if parent else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=365 * (20 if parent is None else 10)))
            .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
            .add_extension(key_usage(("digital_signature", "key_cert_sign", "crl_sign")), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key()), critical=False)
            .sign(self._root_key, hashes.SHA256())
        )


def load_request(text: str) -> x509.CertificateSigningRequest:
    """Read a PKCS#10 request from PEM or from its bare base64 body. Raises ValueError for anything else or a bad signature."""
    body = "".join(line for line in text.strip().splitlines() if line and not line.startswith("-----"))
    wrapped = f"-----BEGIN CERTIFICATE REQUEST-----\n{body.strip()}\n-----END CERTIFICATE REQUEST-----\n"
    request = x509.load_pem_x509_csr(wrapped.encode("ascii", "replace"))
    if not request.is_signature_valid:
        raise ValueError("the request's signature is wrong")
    return request


def _key_text(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode("ascii")
