"""Identity certificates, requests and trust stores of one cluster's nodes: the one implementation behind the REST API and the CLI.

*Installed* and *served* are two things: an upload changes what is installed; what a listener serves changes when the service that
owns the listener starts (`activate`). Distribution from the publisher to the other nodes takes (virtual) time and is seen lazily: an
entry carries the moment from which its node has it.

Sources: vos.md 1.1 (units), 1.5 (requests, multi-server), 1.6 (trust stores), 1.8 and transcript 41 (texts), guide Tables 7-8 to 7-10.
"""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from cryptography import x509 as c509

from lab.core.world import IM_PRESENCE
from lab.core.world import UNIFIED_CM
from lab.imp import domains
from lab.ucm import certificate_rules as rules
from lab.ucm import revocation
from lab.ucm import x509
from lab.ucm.certificate_units import BY_PRODUCT
from lab.ucm.certificate_units import is_elliptic
from lab.ucm.certificate_units import store_of
from lab.ucm.certificate_units import stores_of_self_signed
from lab.ucm.refused import Refused

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

TRUST_DELAY = 30.0
IDENTITY_DELAY = 20.0
INSTALLED_BEFORE = datetime.timedelta(days=30)
KNOWN_TO_PHONES = ("CallManager", "CAPF", "TVS")        # what phones know a cluster by
_BLOCK = re.compile(r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Identity:
    """An installed certificate. chain: PEMs of the issuers found in the trust store, nearest first, without the root; key: PEM."""

    unit: str
    certificate: str
    key: str = field(repr=False)
    chain: tuple[str, ...] = ()
    distribution: str = "this-server"
    installed: float = 0.0

    @property
    def self_signed(self) -> bool:
        """Whether the system made it itself."""
        return x509.is_self_signed(x509.load(self.certificate))


@dataclass(frozen=True)
class Request:
    """A pending certificate signing request."""

    unit: str
    csr: str
    key: str = field(repr=False)
    distribution: str = "this-server"
    created: float = 0.0


@dataclass(frozen=True)
class TrustEntry:
    """A certificate in a trust store. filename ends in .pem; visible: epoch from which the node has it."""

    store: str
    filename: str
    certificate: str
    description: str = ""
    visible: float = 0.0


def split_pem(texts: str | Iterable[str]) -> list[str]:
    """The certificates in one or several PEM texts. Raises Refused (not_pem, unreadable)."""
    result: list[str] = []
    for text in [texts] if isinstance(texts, str) else texts:
        blocks = _BLOCK.findall(text)
        if not blocks:
            raise Refused("not_pem", rules.NOT_PEM)
        for block in blocks:
            try:
                result.append(x509.to_pem(c509.load_pem_x509_certificate(block.encode("ascii", "replace"))))
            except ValueError as error:
                raise Refused("unreadable", rules.UNREADABLE) from error
    if not result:
        raise Refused("not_pem", rules.NOT_PEM)
    return result


class NodeCertificates:
    """One node's certificates. All names of units and stores are as in `show cert list` (case matters)."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.kinds = BY_PRODUCT[node.product]
        self.organisation: dict[str, str] = {}
        self.extra_names: list[str] = []
        self._identities: dict[str, Identity] = {}
        self._coming: list[tuple[float, Identity]] = []
        self._requests: dict[str, Request] = {}
        self._trust: dict[str, list[TrustEntry]] = {store: [] for store in self.kinds.stores}
        self._served: dict[str, Identity] = {}

    # ---- reading

    def units(self) -> list[str]:
        """Units that this node has an identity of, in the order of `show cert list own`."""
        self._arrive()
        return [unit for unit in self.kinds.units if unit in self._identities]

    def identity(self, unit: str) -> Identity:
        """The installed certificate of a unit. Raises Refused (no_unit)."""
        self._arrive()
        try:
            return self._identities[unit]
        except KeyError:
            raise Refused("no_unit", rules.NO_UNIT) from None

    def signalling(self) -> Identity:
        """The installed certificate that CallManager and TFTP use: CallManager's own, or tomcat's where it is reused."""
        return self.identity(rules.unit_of(self.node, "CallManager"))

    def request(self, unit: str) -> Request | None:
        """The pending request of a unit, if any."""
        return self._requests.get(unit)

    def requests(self) -> list[Request]:
        """All pending requests."""
        return list(self._requests.values())

    def stores(self) -> list[str]:
        """Names of all trust stores."""
        return list(self._trust)

    def trust(self, store: str) -> list[TrustEntry]:
        """What the store holds on this node now. store: "tomcat-trust", "tomcat" or "tomcat-ECDSA". Raises Refused (no_unit)."""
        name = store_of(store)
        if name not in self._trust:
            raise Refused("no_unit", rules.NO_UNIT)
        now = self.node.world.clock.epoch()
        newest: dict[str, TrustEntry] = {}
        for entry in self._trust[name]:
            if entry.visible > now:
                continue
            # Of two certificates with one name only the newer is kept, once it has arrived.
            key = rules.name_key(self.node, x509.load(entry.certificate))
            other = newest.get(key)
            if other is None or x509.load(other.certificate).not_valid_before_utc <= x509.load(entry.certificate).not_valid_before_utc:
                newest[key] = entry
        return list(newest.values())

    def served(self, consumer: str) -> Identity:
        """What a listener serves: "https", "https-ecdsa", "sip", "sip-ecdsa", "oauth", "tftp", "capf", "tvs"."""
        at_once = self.node.product == UNIFIED_CM and self.node.world.variant("callmanager_certificate_activation") == "immediate"
        if at_once and consumer in ("sip", "sip-ecdsa"):
            return self.identity(rules.unit_of(self.node, self.kinds.consumers[consumer][0]))
        return self._served[consumer]

    # ---- changing

    def activate(self, service: str) -> None:
        """A service has started: what it serves is from now on what is installed."""
        for consumer, (name, owner) in self.kinds.consumers.items():
            unit = rules.unit_of(self.node, name)
            if owner == service and unit in self.units():
                self._served[consumer] = self._identities[unit]

    def generate_request(
        self,
        unit: str,
        distribution: str = "this-server",
        common_name: str | None = None,
        alt_names: Iterable[str] = (),
        key_length: int | None = None,
        hash_algorithm: str = "sha256",
        organizational_unit: bool = False,
        parent_domain: str | None = None,
    ) -> Request:
        """Make a key and a request; a pending one of the same unit is replaced. Raises Refused.

        distribution: "this-server" or "multi-server" (publisher only). common_name: default FQDN, or HOST-ms.DOMAIN.
        alt_names: further DNS names. key_length: 2048 (RSA) or 384 (EC) unless told. parent_domain: what a multi-server request names
        beside the nodes; None = the cluster's domain, "" = nothing.
        """
        alt_names = list(alt_names)
        rules.check_request(self.node, unit, distribution, [*alt_names, *filter(None, [parent_domain])], key_length, hash_algorithm, self.units())
        world = self.node.world
        multi = distribution == "multi-server"
        key = world.keys.ec(rules.CURVES[key_length or 384]()) if is_elliptic(unit) else world.keys.rsa(key_length or 2048)
        names = self._request_names(unit, multi, alt_names, self.node.cluster.domain if parent_domain is None else parent_domain)
        csr = x509.request(
            unit,
            x509.subject(common_name or rules.default_common_name(self.node, unit, multi), self.organisation, organizational_unit),
            key,
            names,
            hash_algorithm,
            world.variant("csr_key_usage") == "guide",
            world.variant("csr_presence_usage") == "ipsec_end_system",
        )
        request = Request(unit, csr, key, distribution, world.clock.epoch())
        self._requests[unit] = request
        # IM and Presence copies it to its other nodes (id:63137111536); of Unified CM nobody says so.
        if multi and (self.node.product == IM_PRESENCE or world.variant("multi_server_request_copied") == "yes"):
            for node in rules.sharers(self.node, unit):
                node.certificates._requests[unit] = request
        return request

    def upload_identity(self, unit: str, certificates: str | Iterable[str]) -> Identity:
        """Install a signed certificate for the pending request. Raises Refused with the product's text (vos.md 1.8).

        certificates: PEM texts, the leaf alone or with its chain in any order. A multi-server certificate reaches the other nodes after
        a while. The request is consumed. Nothing is served until the services restart.
        """
        try:
            pems = split_pem(certificates)
        except Refused:
            if self.node.world.refuses("identity_not_pem"):
                raise
            return self.identity(unit)
        request = self._requests.get(unit)
        leaf, chain = rules.check_identity(self.node, unit, pems, request, [entry.certificate for entry in self.trust(store_of(unit))], self.units())
        world = self.node.world
        key = request.key if request else self.identity(unit).key
        multi = request is not None and request.distribution == "multi-server"
        identity = Identity(unit, leaf, key, chain, "multi-server" if multi else "this-server", world.clock.epoch())
        self._install(identity)
        revocation.uploaded(self.node, [leaf])
        if multi:
            for node in rules.sharers(self.node, unit):
                if node is not self.node:
                    node.certificates._receive(identity)
        self._tell_phones(unit)
        return identity

    def upload_trust(self, stores: str | Iterable[str], certificates: str | Iterable[str], description: str = "") -> list[TrustEntry]:
        """Put CA (or peer) certificates into trust stores; they reach the other nodes after a while, but for CAPF-trust.

        stores: names with or without "-trust". Gives the entries that were added (none for what was there already). Raises Refused.
        """
        pems = split_pem(certificates)
        names = [store_of(store) for store in ([stores] if isinstance(stores, str) else stores)]
        for name in names:
            if name not in self._trust:
                raise Refused("no_unit", rules.NO_UNIT)
        added = []
        for name in names:
            for pem in pems:
                if rules.check_trust(self.node, [entry.certificate for entry in self._trust[name]], pem):
                    added.append(self._add_trust(name, pem, description, self.node.world.clock.epoch()))
                    self._spread(name, pem, description)
        revocation.uploaded(self.node, [entry.certificate for entry in added])
        return added

    def delete_trust(self, store: str, filename: str) -> None:
        """Remove a certificate from a trust store on all nodes (this one only for CAPF-trust: vos.md 1.6). Raises Refused (no_file)."""
        name = store_of(store)
        victims = [entry for entry in self.trust(name) if entry.filename == filename]
        if not victims:
            raise Refused("no_file", rules.NO_FILE.format(name=filename))
        nodes = [self.node] if name in self.kinds.local else list(self.node.cluster.nodes.values())
        for node in nodes:
            entries = node.certificates._trust[name]
            entries[:] = [entry for entry in entries if entry.certificate != victims[0].certificate]

    def regenerate(self, unit: str) -> Identity:
        """Replace a unit's certificate by a new self-signed one. Raises Refused (no_unit)."""
        self.identity(unit)
        made = self._make_self_signed(unit)
        self._tell_phones(unit)
        return made

    # ---- inner workings

    def _tell_phones(self, unit: str) -> None:
        """From release 14 on phones are reset by themselves when what they know the cluster by changes (id:63236334132, id:63428964096)."""
        cluster = self.node.cluster
        if unit in KNOWN_TO_PHONES and cluster.major >= 14 and cluster.phones is not None and self.node.world.variant("phone_interaction") == "automatic":
            cluster.phones.restart_all()

    def make_day_zero(self) -> None:
        """Self-signed identities as after an installation some time ago; all services have started since."""
        installation = self.node.world.clock.now() - INSTALLED_BEFORE
        for unit in rules.day_zero_units(self.node):
            self._make_self_signed(unit, installation)
        for service in {owner for _unit, owner in self.kinds.consumers.values()}:
            self.activate(service)

    def save(self) -> dict:
        """State for a snapshot."""
        state = {key: value for key, value in vars(self).items() if key not in ("node", "kinds")}
        return copy.deepcopy(state)

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        vars(self).update(state)

    def _request_names(self, unit: str, multi: bool, alt_names: Iterable[str], parent_domain: str) -> list[str]:
        names = [*(node.fqdn for node in rules.sharers(self.node, unit)), parent_domain] if multi else [self.node.fqdn]
        for name in [*domains.named_by(self.node, unit), *self.extra_names, *alt_names]:
            if name not in names:
                names.append(name)
        return [name for name in names if name]

    def _make_self_signed(self, unit: str, start: datetime.datetime | None = None) -> Identity:
        world = self.node.world
        key = world.keys.ec() if is_elliptic(unit) else world.keys.rsa()
        cn = rules.default_common_name(self.node, unit, False)
        names = [] if unit in ("CAPF", "ITLRecovery") else [self.node.fqdn, *domains.named_by(self.node, unit)]
        pem = x509.self_signed(unit, x509.subject(cn, self.organisation), key, start or world.clock.now(), names)
        identity = Identity(unit, pem, key, (), "this-server", world.clock.epoch())
        self._identities[unit] = identity
        for store in stores_of_self_signed(unit):
            for node in dict.fromkeys([*self.node.cluster.nodes.values(), *rules.trust_mates(self.node, store)]):
                # Nodes of IM and Presence are installed after Unified CM's, and take this over then.
                if hasattr(node, "certificates"):
                    node.certificates._add_trust(store, pem, "Trust Certificate", world.clock.epoch())
        return identity

    def _install(self, identity: Identity) -> None:
        self._identities[identity.unit] = identity
        self._requests.pop(identity.unit, None)

    def _receive(self, identity: Identity) -> None:
        self._coming.append((rules.arrival(self.node, "identity", IDENTITY_DELAY), identity))

    def _arrive(self) -> None:
        if not self._coming:
            return
        now = self.node.world.clock.epoch()
        due = [item for item in self._coming if item[0] <= now]
        self._coming = [item for item in self._coming if item[0] > now]
        for _moment, identity in sorted(due, key=lambda item: item[0]):
            self._install(identity)

    def _spread(self, store: str, pem: str, description: str) -> None:
        if not self.node.is_publisher and self.node.world.variant("trust_upload_on_subscriber") == "local":
            return
        for node in rules.trust_mates(self.node, store):
            node.certificates._add_trust(store, pem, description, rules.arrival(node, "trust", TRUST_DELAY))

    def _add_trust(self, store: str, pem: str, description: str, visible: float) -> TrustEntry:
        entries = self._trust[store]
        entry = TrustEntry(store, rules.trust_file_name(self.node, [item for item in entries if item.certificate != pem], pem), pem, description, visible)
        if all(item.certificate != pem for item in entries):
            entries.append(entry)
        return entry


def install_day_zero(cluster: Cluster) -> None:
    """Give every node of a cluster its day-0 certificates and the cluster its manufacturing roots."""
    organisation = {"ou": "UC", "o": "Example Enterprise", "l": "San Jose", "st": "California", "c": "US", **cluster.estate.get("subject", {})}
    for node in cluster.nodes.values():
        node.certificates = NodeCertificates(node)
        node.certificates.organisation = dict(organisation)
    for node in cluster.nodes.values():
        node.certificates.make_day_zero()
        for mate in rules.trust_mates(node, "tomcat-trust") if cluster.product == IM_PRESENCE else ():
            for entry in mate.certificates.trust("tomcat-trust"):
                node.certificates._add_trust("tomcat-trust", entry.certificate, entry.description, 0.0)
    for pem in rules.manufacturing_roots(cluster.world) if cluster.product == UNIFIED_CM else ():
        for node in cluster.nodes.values():
            for store in ("CallManager-trust", "CAPF-trust"):
                node.certificates._add_trust(store, pem, "Manufacturing root", 0.0)
