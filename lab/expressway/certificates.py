"""Certificates of one peer: its server certificate, the pending request, its list of trusted CAs, and from X15.5 on a client certificate apart.

*Installed* and *in force* are two things: what was uploaded is served after the next restart. A new box has a certificate by a temporary CA of its
own, which is also all that it trusts. Estate: `certificates: enterprise` of a cluster begins with certificates of the enterprise CA instead.

Sources: expressway.md 1.3, 4.1 to 4.4; transcript rest_get_certs_server.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from lab.core.keys import load_key
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.expressway.state import Peer

_SPACE = uuid.UUID("5f0dd0c5-3f0c-4d53-8a60-0d2a7f4d2f0e")
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_*]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*")
SUBJECT = {"Country": NameOID.COUNTRY_NAME, "Province": NameOID.STATE_OR_PROVINCE_NAME, "Locality": NameOID.LOCALITY_NAME,
           "Organization": NameOID.ORGANIZATION_NAME, "OrganizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME, "Email": NameOID.EMAIL_ADDRESS}
KEY_LENGTHS = (2048, 4096)
DIGESTS = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
CURVES = {256: ec.SECP256R1, 384: ec.SECP384R1, 521: ec.SECP521R1}

variant("expressway_csr_cn", ("fqdn", "cluster_name"), "fqdn", "expressway.md 7 (3)", "which name a request has as its common name")
variant("expressway_csr_names", ("plain", "both", "prefixed"), "plain", "expressway.md 7 (3)",
        "whether Additional_FQDNS takes bare names, names with DNS: before them, or either")
variant("expressway_upload_chain", ("unchecked", "checked"), "unchecked", "expressway.md 4.1 (silent)",
        "whether a server certificate is refused while its CA is not in the list of trusted CAs")
variant("expressway_upload_usage", ("uc_on", "always"), "uc_on", "expressway.md 4.1, 4.4",
        "whether a certificate without client authentication is refused only while Unified Communications is on, or always (before X15.4)")
variant("expressway_served_chain", ("trust", "file"), "trust", "expressway.md 4.1 (silent)",
        "whether a listener sends the issuers that it finds in the list of trusted CAs, or only what the uploaded file held")

variant("expressway_trust_reload", ("live", "restart"), "live", "id:63293541382 (MRA guide X12.6: upload, then restart)",
        "whether a new trusted CA counts at once or after a restart")
variant("expressway_root_upload", ("append", "replaces_temporary"), "append", "expressway.md 1.3, 4.1",
        "whether the first upload leaves the temporary CA among the trusted ones (public code) or takes its place (guide)")

refusal("expressway_csr_pending", "expressway.md 1.3", "a second request while one is pending")
refusal("expressway_csr_profile_name", "expressway.md 4.2", "a request with a phone security profile name that is no FQDN (from X12.6)")
refusal("expressway_csr_fields", "lab.md 5 (inferred)", "a request with a field, key length or digest that the product does not know")
refusal("expressway_upload_key", "expressway.md 1.3, 4.1", "a certificate whose key is not that of the pending request")
refusal("expressway_upload_usage", "expressway.md 4.1, 4.4", "a server certificate without client authentication where the release wants it")
refusal("expressway_upload_chain", "expressway.md 4.1", "a certificate of an unknown CA, where that is checked")
refusal("expressway_upload_expired", "lab.md 5 (inferred)", "a certificate that is not valid now")
refusal("expressway_upload_hash", "Expressway SHA-1 Certificate Deprecation (technote, November 2024)", "a server certificate signed with SHA-1 (from X15.2)")
refusal("expressway_client_usage", "expressway.md 4.4", "a client certificate without client authentication (from X15.5)")
refusal("expressway_trust_file", "lab.md 5 (inferred)", "a file without any certificate as a trusted CA")


class Refused(ValueError):
    """What the product does not do. kind: "conflict", "bad", "missing"; the text says why, for the lab's journal."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True)
class Identity:
    """A certificate with its key. chain: PEMs of issuers that came with it, nearest first."""

    certificate: str
    key: str = field(repr=False)
    chain: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pending:
    """A request that waits for its certificate."""

    csr: str
    key: str = field(repr=False)


class Certificates:
    """See above. `installed` and `client` are what was uploaded; `served` and `presented` what is in force."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self.listed: tuple[str, ...] = ()       # the list of trusted CAs, as it is shown
        self._trust: tuple[str, ...] = ()       # the same as of the last start
        self.installed: Identity | None = None
        self.client: Identity | None = None
        self.pending: Pending | None = None
        self.stored: Pending | None = None      # the request that ACME has had signed, for renewals
        self.staged: Identity | None = None     # what ACME brought, until it is deployed
        self.last_sign = ""
        self._active: Identity | None = None
        self._client_active: Identity | None = None

    # ---- day 0

    def day_zero(self) -> None:
        """As a new box has them, or as the estate says."""
        appliance, world = self._peer.appliance, self._peer.world
        if appliance.group.estate.get("certificates") == "enterprise":
            key = world.keys.rsa()
            names = [appliance.fqdn, *filter(None, [str(appliance.variables.get("collab_cluster_name") or "")])]
            leaf = world.ca.issue(load_key(key).public_key(), appliance.fqdn, names)
            self.listed = (x509.to_pem(world.ca.root), x509.to_pem(world.ca.issuing))
            self.installed = Identity(x509.to_pem(leaf), key, (x509.to_pem(world.ca.issuing),))
        else:
            authority, self.installed = temporary(self._peer)
            self.listed = (authority,)
        self.client = self.installed
        self.activate()

    def activate(self) -> None:
        """The application has started: what is installed is in force."""
        self._active, self._client_active, self._trust = self.installed, self.client, self.listed

    # ---- what is in force

    @property
    def two_stores(self) -> bool:
        """Whether the client certificate is one of its own (from X15.5)."""
        return self._peer.appliance.major >= 15.5

    @property
    def waits_for_restart(self) -> bool:
        """Whether something was uploaded that is not in force yet."""
        return (self._active, self._client_active, self.trust) != (self.installed, self.client if self.two_stores else self._client_active, self.listed)

    @property
    def trust(self) -> tuple[str, ...]:
        """PEMs of the trusted CAs that are in force."""
        return self.listed if self._peer.world.variant("expressway_trust_reload") == "live" else self._trust

    @property
    def served(self) -> tuple[str, str]:
        """(PEM chain with leaf first, PEM key) that listeners serve."""
        return self._pair(self._active)

    @property
    def presented(self) -> tuple[str, str]:
        """The same of connections that the peer makes itself."""
        return self._pair(self._client_active if self.two_stores else self._active)

    def _pair(self, identity: Identity) -> tuple[str, str]:
        chain = identity.chain
        if not chain and self._peer.world.variant("expressway_served_chain") == "trust":
            chain = self.issuers(identity.certificate)
        return identity.certificate + "".join(chain), identity.key

    def issuers(self, certificate: str) -> tuple[str, ...]:
        """The intermediates of a certificate as the list of trusted CAs has them, nearest first, without the root."""
        found: list[str] = []
        current = x509.load(certificate)
        while not x509.is_self_signed(current):
            issuer = next((pem for pem in self.trust if x509.issued_by(current, x509.load(pem))), None)
            if issuer is None or issuer in found or x509.is_self_signed(x509.load(issuer)):
                break
            found.append(issuer)
            current = x509.load(issuer)
        return tuple(found)

    # ---- requests

    def request(self, names: Iterable[str], subject: dict[str, str], bits: int = 4096, digest: str = "sha256", curve: int | None = None) -> Pending:
        """Make a request. names: additional names; subject: keys of SUBJECT; curve: of an elliptic key instead. Raises Refused."""
        world = self._peer.world
        if self.pending is not None and world.refuses("expressway_csr_pending"):
            raise Refused("conflict", "a request is pending")
        bad = set(subject) - set(SUBJECT)
        known = (curve in CURVES or curve is None) and (bits in KEY_LENGTHS or curve is not None) and digest in DIGESTS
        if (bad or not known) and world.refuses("expressway_csr_fields"):
            raise Refused("bad", f"fields {sorted(bad)}, {bits} bits, {digest}")
        names = [self._name(str(name).strip()) for name in names]
        key = world.keys.ec(CURVES[curve]()) if curve else world.keys.rsa(bits if bits in KEY_LENGTHS else 2048)
        cn = self._common_name()
        unique = list(dict.fromkeys([cn, *names, *self._automatic_names()]))
        try:
            attributes = [c509.NameAttribute(oid, str(subject[word])) for word, oid in SUBJECT.items() if subject.get(word)]
            builder = (
                c509.CertificateSigningRequestBuilder()
                .subject_name(c509.Name([*attributes, c509.NameAttribute(NameOID.COMMON_NAME, cn)]))
                .add_extension(_usage(), critical=False)
                .add_extension(c509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
                .add_extension(x509.names_extension(unique), critical=False)
            )
        except ValueError as error:
            raise Refused("bad", str(error)) from error
        self.pending = Pending(x509.to_pem(builder.sign(load_key(key), DIGESTS.get(digest, hashes.SHA256)())), key)
        return self.pending

    def discard(self) -> None:
        """Throw the pending request away. Raises Refused."""
        if self.pending is None:
            raise Refused("missing", "no request is pending")
        self.pending = None

    def _name(self, name: str) -> str:
        """A name as asked for, without prefix. Raises Refused."""
        reading = self._peer.world.variant("expressway_csr_names")
        prefixed = name.upper().startswith("DNS:")
        if (prefixed and reading == "plain") or (not prefixed and reading == "prefixed"):
            raise Refused("bad", f"{name!r} is no name of the form that this takes")
        bare = name[4:] if prefixed else name
        if not _NAME.fullmatch(bare):
            raise Refused("bad", f"{bare!r} is no DNS name")
        if "." not in bare and self._peer.appliance.major >= 12.6 and self._peer.world.refuses("expressway_csr_profile_name"):
            raise Refused("bad", f"{bare!r} is no FQDN")
        return bare

    def _common_name(self) -> str:
        cluster = self._peer.config.get("Alternates Cluster Name")
        return cluster if cluster and self._peer.world.variant("expressway_csr_cn") == "cluster_name" else self._peer.appliance.fqdn

    def _automatic_names(self) -> list[str]:
        """Chat node aliases, on Expressway-C once IM and Presence is discovered (expressway.md 4.2)."""
        return [alias for row in self._peer.table("imp").values() for alias in row.get("aliases", ())]

    # ---- uploads

    def upload(self, text: str) -> None:
        """Install a server certificate, for the pending request's key. Raises Refused."""
        identity = self._matching(text, self.pending)
        usages = usage(identity.certificate)
        if ExtendedKeyUsageOID.CLIENT_AUTH not in usages and self._wants_client_usage() and self._peer.world.refuses("expressway_upload_usage"):
            raise Refused("bad", "the certificate has no client authentication")
        if ExtendedKeyUsageOID.SERVER_AUTH not in usages and self._peer.world.refuses("expressway_upload_usage"):
            raise Refused("bad", "the certificate has no server authentication")
        self.installed, self.pending = identity, None

    def upload_client(self, text: str) -> None:
        """Install a client certificate (from X15.5). Raises Refused."""
        identity = self._matching(text, self.pending)
        self._check_client(identity)
        self.client, self.pending = identity, None

    def copy_to_client(self) -> None:
        """"Upload server certificate file as client certificate" (X15.5). Raises Refused."""
        self._check_client(self.installed)
        self.client = self.installed

    def deploy(self, identity: Identity) -> None:
        """A certificate that came by ACME, with a key of its own."""
        self.installed = identity

    def append_trust(self, text: str) -> int:
        """Add CA certificates; gives how many are new. Raises Refused."""
        try:
            found = [x509.to_pem(x509.load(block + "\n")) for block in blocks(text)]
        except ValueError as error:
            raise Refused("bad", f"no certificate: {error}") from error
        if not found and self._peer.world.refuses("expressway_trust_file"):
            raise Refused("bad", "no certificate in the file")
        new = [pem for pem in dict.fromkeys(found) if pem not in self.listed]
        if self._peer.world.variant("expressway_root_upload") == "replaces_temporary":
            self.listed = tuple(pem for pem in self.listed if not x509.common_name(x509.load(pem).subject).startswith("Temporary CA "))
        self.listed += tuple(new)
        return len(new)

    def _matching(self, text: str, pending: Pending | None) -> Identity:
        world = self._peer.world
        try:
            found = [x509.to_pem(x509.load(block + "\n")) for block in blocks(text)]
        except ValueError as error:
            raise Refused("bad", f"no certificate: {error}") from error
        if not found:
            raise Refused("bad", "no certificate in the file")
        if pending is None and world.refuses("expressway_upload_key"):
            raise Refused("bad", "no request is pending")
        key = pending.key if pending else self.installed.key
        leaf = next((pem for pem in found if _same_key(pem, key)), None)
        if leaf is None:
            if world.refuses("expressway_upload_key"):
                raise Refused("bad", "the certificate's key is not the pending request's")
            leaf = found[0]
        now = world.clock.now()
        loaded = x509.load(leaf)
        if not loaded.not_valid_before_utc <= now <= loaded.not_valid_after_utc and world.refuses("expressway_upload_expired"):
            raise Refused("bad", "the certificate is not valid now")
        if self._peer.appliance.major >= 15.2 and isinstance(loaded.signature_hash_algorithm, hashes.SHA1) and world.refuses("expressway_upload_hash"):
            raise Refused("bad", "the certificate is signed with SHA-1")
        chain = tuple(pem for pem in found if pem != leaf and not x509.is_self_signed(x509.load(pem)))
        if world.variant("expressway_upload_chain") == "checked" and not chained(leaf, chain, self.trust) and world.refuses("expressway_upload_chain"):
            raise Refused("bad", "the certificate's CA is not trusted")
        return Identity(leaf, key, chain)

    def _wants_client_usage(self) -> bool:
        """Whether a server certificate needs client authentication here (expressway.md 4.4)."""
        peer = self._peer
        if self.two_stores:
            return False
        if peer.appliance.major >= 15.4:
            on_edge = peer.appliance.product == "expressway_e"
            return not (on_edge and peer.config.get("XCP TLS Certificate CVS EnableServerEkuUpload") == "On")
        return peer.world.variant("expressway_upload_usage") == "always" or peer.config.get("CollaborationEdge Enabled") == "On"

    def _check_client(self, identity: Identity) -> None:
        if ExtendedKeyUsageOID.CLIENT_AUTH not in usage(identity.certificate) and self._peer.world.refuses("expressway_client_usage"):
            raise Refused("bad", "a client certificate needs client authentication")

    # ---- snapshots

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {key: value for key, value in vars(self).items() if key != "_peer"}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave."""
        vars(self).update(state)


def temporary(peer: Peer) -> tuple[str, Identity]:
    """(PEM of the temporary CA, the temporary certificate), as a new box has them."""
    world, name = peer.world, peer.appliance.hostname
    start = world.clock.now().replace(microsecond=0) - datetime.timedelta(days=2)

    def named(words: str, cn: str | None = None) -> c509.Name:
        label = f"{words} {uuid.uuid5(_SPACE, f'{peer.name} {words}')}"
        return c509.Name([c509.NameAttribute(NameOID.ORGANIZATION_NAME, label), c509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, label),
                          c509.NameAttribute(NameOID.COMMON_NAME, cn or label)])

    ca_key, key = world.keys.rsa(), world.keys.rsa()
    issuer = named("Temporary CA")
    signer = load_key(ca_key)

    def builder(subject: c509.Name, public_key: Any, days: int) -> c509.CertificateBuilder:
        return (c509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key).serial_number(c509.random_serial_number())
                .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=days))
                .add_extension(c509.SubjectKeyIdentifier.from_public_key(public_key), critical=False))

    authority = builder(issuer, signer.public_key(), 730).add_extension(c509.BasicConstraints(True, None), critical=True).sign(signer, hashes.SHA256())
    leaf = (builder(named("Temporary Certificate", name), load_key(key).public_key(), 364)
            .add_extension(c509.BasicConstraints(False, None), critical=False)
            .add_extension(c509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .add_extension(_usage("content_commitment"), critical=False)
            .add_extension(c509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(signer, hashes.SHA256()))
    return x509.to_pem(authority), Identity(x509.to_pem(leaf), key)


def _usage(*more: str) -> c509.KeyUsage:
    return c509.KeyUsage(**{bit: bit in ("digital_signature", "key_encipherment", *more) for bit in x509.BITS})


def blocks(text: str) -> list[str]:
    """The certificates of a file, as they stand there."""
    return [block.replace("\r", "") for block in _BLOCK.findall(text)]


def usage(certificate: str) -> set[c509.ObjectIdentifier]:
    """Extended key usages; all of them where the certificate names none."""
    try:
        return set(x509.load(certificate).extensions.get_extension_for_class(c509.ExtendedKeyUsage).value)
    except c509.ExtensionNotFound:
        return {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


def chained(leaf: str, chain: Iterable[str], trust: Iterable[str]) -> bool:
    """Whether a certificate leads, over `chain` and `trust`, to a self-signed certificate that is trusted."""
    trusted = [x509.load(pem) for pem in trust]
    known = [x509.load(pem) for pem in chain] + trusted
    current = x509.load(leaf)
    for _step in range(8):
        if x509.is_self_signed(current):
            return current in trusted
        issuer = next((one for one in known if x509.issued_by(current, one)), None)
        if issuer is None:
            return False
        current = issuer
    return False


def _same_key(certificate: str, key: str) -> bool:
    return x509.public_bytes(x509.load(certificate).public_key()) == x509.public_bytes(load_key(key).public_key())
