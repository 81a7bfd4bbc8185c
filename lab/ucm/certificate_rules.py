"""What the simulated Unified CM refuses about certificates, in which words, and the facts about units that those rules need.

Each check names its refusal; texts are those of vos.md 1.8 and transcript 41 where a source has them, else our own (ledger: inferred).
What the product accepts although it is wrong (an extended key usage without client authentication, say) is accepted here, too, and
fails later where it would fail in life.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from lab.core.keys import load_key
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.core.world import IM_PRESENCE
from lab.ucm import x509
from lab.ucm.certificate_units import BY_PRODUCT
from lab.ucm.refused import Refused

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.core.world import World
    from lab.ucm.certificates import Request

NOT_PEM = "Certificate is not in PEM format"
UNREADABLE = "Error occurred while reading the certificate"
NO_UNIT = "Invalid certificate type found"
NO_FILE = "The certificate {name} does not exist"
NO_CSR = "File /usr/local/platform/.security/{unit}/keys/{unit}.csr does not exist"
NO_CSR_ALIAS = "The file /usr/local/platform/upload/certs//{unit}.der could not be uploaded."
KEY_MISMATCH = "CSR public key and certificate public key do not match"
SAN_MISMATCH = "CSR SAN and Certificate SAN does not match"
NO_CA = "CA certificate is not available in the trust-store"
EXPIRED = "Invalid certificate file provided: the certificate has expired or is not yet valid"
MULTI_ON_SUBSCRIBER = "Multi-server certificates can be uploaded on the publisher only"
MULTI_CSR_ON_SUBSCRIBER = "Multi-server (SAN) requests can be generated on the publisher only"
MULTI_SINGLE_NODE = "A multi-server (SAN) request needs a cluster of more than one node"
MULTI_ELSEWHERE = "Generate the multi-server (SAN) request for {unit} on the Unified CM publisher"
MULTI_UNIT = "Certificate type {unit} does not support multi-server distribution"
BAD_KEY = "Invalid key length {length} for {unit}"
BAD_HASH = "Invalid hash algorithm {name}"
BAD_NAME = "Invalid alternative name {name}"
OLDER = "A certificate with the same subject and a later start date is already in the trust-store"
FULL_CHAIN = "The certificate chain is incomplete"
LEAF_ONLY = "Only one certificate can be uploaded"

CURVES = {256: ec.SECP256R1, 384: ec.SECP384R1, 521: ec.SECP521R1}
RSA_LENGTHS = (1024, 2048, 3072, 4096)
ROOTS = ("Lab Manufacturing Root CA 2048", "Lab Manufacturing CA SHA2", "Lab Limited-Range CAPF Root")

refusal("identity_not_pem", "vos.md 1.8", "an upload that is no PEM certificate")
refusal("identity_multi_server_on_subscriber", "lab.md 5 (6), guide step 5", "a multi-server certificate uploaded on a subscriber")
refusal("identity_without_csr", "vos.md 1.8", "an identity certificate without a pending request")
refusal("identity_key_mismatch", "vos.md 1.8", "a certificate made for another request")
refusal("identity_san_mismatch", "vos.md 1.8", "a certificate whose alternative names are not those of the request")
refusal("identity_ca_missing", "vos.md 1.8", "a certificate whose chain is not in the trust store")
refusal("identity_expired", "vos.md 1.6 (inferred)", "an identity certificate outside its validity")
refusal("csr_multi_server_on_subscriber", "guide step 2", "a multi-server request on a subscriber")
refusal("csr_multi_server_presence", "guide Table 7-9", "a multi-server request for tomcat on IM and Presence")
refusal("csr_multi_server_single_node", "vos.md 1.5", "a multi-server request in a cluster of one node")
refusal("csr_multi_server_unit", "vos.md 1.5", "a multi-server request for CAPF, TVS, ipsec, ITLRecovery")
refusal("csr_parameters", "vos.md 1.5", "a request with a key length, hash or alternative name the product does not offer")
refusal("trust_expired", "vos.md 1.6", "an expired certificate for a trust store")
refusal("trust_older", "vos.md 1.6", "a trust certificate older than the one of the same subject")

variant(
    "replication_state", ("good", "broken", "in-progress", "database-down"), "good", "vos.md 3", "state of the cluster's database replication"
)
variant("identity_chain", ("either", "leaf_only", "full_chain"), "either", "lab.md 8, vos.md 1.2",
        "whether an identity upload takes the leaf alone, the whole chain, or both")
variant("csr_missing_text", ("file", "upload"), "file", "vos.md 1.8", "which of two texts a missing request gives")
variant("multi_server_request_copied", ("no", "yes"), "no", "vos.md 1.5", "whether other nodes show the publisher's multi-server request")
variant("presence_tomcat_trust", ("synchronized", "own"), "synchronized", "id:63137111536, id:63085568676; guide Table 7-8",
        "whether Unified CM and IM and Presence synchronize tomcat-trust (Cisco), or each needs its own upload (the guide lists both)")
variant("trust_older", ("refuse", "ignore"), "refuse", "vos.md 1.6", "what happens to an older trust certificate of the same subject")
variant("trust_upload_on_subscriber", ("cluster", "local"), "cluster", "vos.md 1.6", "whether a trust upload on a subscriber spreads")
variant("trust_file_name", ("by_release", "cn", "cn_serial"), "by_release", "vos.md 1.1", "how files in trust stores are named")
variant("phone_interaction", ("automatic", "manual"), "automatic", "id:63236334132, id:63428964096",
        "Phone Interaction on Certificate Update, from 14: whether phones are reset when CallManager's, CAPF's or TVS's certificate changes")
variant("callmanager_certificate_activation", ("restart", "immediate"), "restart", "vos.md 1.7",
        "whether 5061 serves a new CallManager certificate only after a restart (guide) or by itself (14SU1 and later)")


def day_zero_units(node: Node) -> list[str]:
    """Units that an installation makes on this node (vos.md 1.1 and 1.6)."""
    missing = set()
    if reuses_tomcat(node):
        missing |= {"CallManager", "CallManager-ECDSA"}
    if not node.is_publisher:
        missing |= {"ITLRecovery", "CAPF"} if node.cluster.major >= 14 else {"ITLRecovery"}
    return [unit for unit in BY_PRODUCT[node.product].units if unit not in missing]


def reuses_tomcat(node: Node) -> bool:
    """Whether CallManager uses the tomcat certificate (from 14; then its own is gone from the list: vos.md 1.6).

    Estate: `reuse_tomcat_certificate: true`.
    """
    return node.cluster.major >= 14 and bool(node.cluster.estate.get("reuse_tomcat_certificate"))


def unit_of(node: Node, unit: str) -> str:
    """The unit whose certificate stands for another one on this node."""
    return unit.replace("CallManager", "tomcat") if reuses_tomcat(node) else unit


def is_tomcat(unit: str) -> bool:
    """Whether a unit is tomcat's, RSA or ECDSA."""
    return unit.removesuffix("-ECDSA") == "tomcat"


def sharers(node: Node, unit: str) -> list[Node]:
    """The nodes that a multi-server certificate names and reaches: Unified CM and its IM and Presence share tomcat's (guide Table 7-6)."""
    cluster = node.cluster
    if is_tomcat(unit) and node.product == IM_PRESENCE:
        cluster = cluster.cm_cluster
    return [*cluster.nodes.values(), *(cluster.presence if is_tomcat(unit) else ())]


def trust_mates(node: Node, store: str) -> list[Node]:
    """The other nodes that a trust upload reaches."""
    if store in BY_PRODUCT[node.product].local:
        return []
    shared = store == "tomcat-trust" and node.world.variant("presence_tomcat_trust") == "synchronized"
    return [other for other in (sharers(node, "tomcat") if shared else node.cluster.nodes.values()) if other is not node]


def default_common_name(node: Node, unit: str, multi: bool) -> str:
    """The common name the product proposes (vos.md 1.5)."""
    domain = node.fqdn.partition(".")[2]
    suffix = ("-EC" if unit.endswith("-ECDSA") else "") + ("-ms" if multi else "")
    if unit == "CAPF":
        return f"CAPF-{sum(node.fqdn.encode()) * 2654435761 % 2**32:08x}"
    if unit == "ITLRecovery":
        return f"ITLRECOVERY_{node.fqdn}"
    return f"{node.hostname}{suffix}.{domain}" if domain else f"{node.hostname}{suffix}"


def manufacturing_roots(world: World) -> list[str]:
    """Roots that phones' manufacturing certificates chain to; made once a lab."""
    if not world.manufacturing:
        world.manufacturing = [
            x509.self_signed("root", x509.subject(cn, {"o": "Lab Manufacturing"}), world.keys.rsa(), world.clock.now(), days=20 * 365, authority=True)
            for cn in ROOTS
        ]
    return world.manufacturing


def arrival(node: Node, what: str, delay: float) -> float:
    """When something that the publisher distributes reaches a node: never while a standing fault keeps it from replicating."""
    world = node.world
    if world.faults.standing(node, "replication", what) is not None or world.variant("replication_state") != "good":
        return math.inf
    return world.clock.after(delay)


def trust_file_name(node: Node, certificates: list, pem: str) -> str:
    """The file name of a trust certificate: its CN, or CN_SERIAL where that is taken or the release does so (vos.md 1.1)."""
    cn = re.sub(r"[^A-Za-z0-9._-]+", "_", x509.common_name(x509.load(pem).subject)) or "unnamed"
    way = node.world.variant("trust_file_name")
    if way == "by_release":
        way = "cn_serial" if node.cluster.major >= 14 and not x509.is_self_signed(x509.load(pem)) else "cn"
    if way == "cn" and f"{cn}.pem" not in {entry.filename for entry in certificates}:
        return f"{cn}.pem"
    return f"{cn}_{x509.serial(pem)}.pem"


def check_request(node: Node, unit: str, distribution: str, alt_names: Iterable[str], key_length: int | None, hash_algorithm: str,
                  units: list[str]) -> None:
    """Raise Refused where the product does not make such a request."""
    world, elliptic = node.world, unit.endswith("-ECDSA")
    if unit not in units:
        raise Refused("no_unit", NO_UNIT)
    if distribution == "multi-server":
        if world.refuses("csr_multi_server_unit") and unit not in BY_PRODUCT[node.product].multi:
            raise Refused("csr_multi_server_unit", MULTI_UNIT.format(unit=unit))
        if node.product == IM_PRESENCE and is_tomcat(unit) and world.refuses("csr_multi_server_presence"):
            raise Refused("csr_multi_server_presence", MULTI_ELSEWHERE.format(unit=unit))
        if world.refuses("csr_multi_server_on_subscriber") and not node.is_publisher:
            raise Refused("csr_multi_server_on_subscriber", MULTI_CSR_ON_SUBSCRIBER)
        if world.refuses("csr_multi_server_single_node") and len(sharers(node, unit)) < 2:
            raise Refused("csr_multi_server_single_node", MULTI_SINGLE_NODE)
    elif distribution != "this-server":
        raise Refused("csr_parameters", f"Invalid distribution {distribution}")
    if key_length is not None and key_length not in (CURVES if elliptic else RSA_LENGTHS):
        raise Refused("csr_parameters", BAD_KEY.format(length=key_length, unit=unit))
    if hash_algorithm.lower() not in x509.HASHES:
        raise Refused("csr_parameters", BAD_HASH.format(name=hash_algorithm))
    for name in alt_names:
        if world.refuses("csr_parameters") and not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", name):
            # Wildcards are not supported, and addresses go through `set web-security` only (vos.md 1.5).
            raise Refused("csr_parameters", BAD_NAME.format(name=name))


def check_identity(node: Node, unit: str, pems: list[str], request: Request | None, trusted: list[str], units: list[str]) -> tuple[str, tuple[str, ...]]:
    """The leaf of an upload and its issuers (nearest first, without the root). Raises Refused."""
    world = node.world
    if unit not in units:
        raise Refused("no_unit", NO_UNIT)
    leaf = find_leaf(pems, request)
    certificate = x509.load(leaf)
    _check_number(world, pems)
    others = {other.fqdn.lower() for other in sharers(node, unit) if other is not node}
    # IM and Presence takes those of its own units on any node (id:63137111536).
    elsewhere = is_tomcat(unit) if node.product == IM_PRESENCE else not node.is_publisher
    if world.refuses("identity_multi_server_on_subscriber") and elsewhere and others & x509.alternative_names(certificate):
        raise Refused("identity_multi_server_on_subscriber", MULTI_ON_SUBSCRIBER)
    if request is None:
        text = NO_CSR if world.variant("csr_missing_text") == "file" else NO_CSR_ALIAS
        if world.refuses("identity_without_csr"):
            raise Refused("identity_without_csr", text.format(unit=unit))
    else:
        asked = x509.load_request(request.csr)
        if world.refuses("identity_key_mismatch") and x509.public_bytes(asked.public_key()) != x509.public_bytes(certificate.public_key()):
            raise Refused("identity_key_mismatch", KEY_MISMATCH)
        if world.refuses("identity_san_mismatch") and x509.alternative_names(asked) != x509.alternative_names(certificate):
            raise Refused("identity_san_mismatch", SAN_MISMATCH)
    now = world.clock.now()
    if world.refuses("identity_expired") and not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Refused("identity_expired", EXPIRED)
    chain = issuers(leaf, trusted)
    if chain is None:
        if world.refuses("identity_ca_missing"):
            raise Refused("identity_ca_missing", NO_CA)
        chain = ()
    return leaf, chain


def _check_number(world: World, pems: list[str]) -> None:
    way = world.variant("identity_chain")
    if way == "leaf_only" and len(pems) > 1:
        raise Refused("identity_chain", LEAF_ONLY)
    if way == "full_chain" and not any(x509.is_self_signed(x509.load(pem)) for pem in pems):
        raise Refused("identity_chain", FULL_CHAIN)


def find_leaf(pems: list[str], request: Request | None) -> str:
    """The end-entity certificate of an upload: the one with the request's key, else the first that is no CA, else the first."""
    if request is not None:
        wanted = x509.public_bytes(load_key(request.key).public_key())
        for pem in pems:
            if x509.public_bytes(x509.load(pem).public_key()) == wanted:
                return pem
    return next((pem for pem in pems if not x509.is_authority(x509.load(pem))), pems[0])


def issuers(leaf: str, trusted: list[str]) -> tuple[str, ...] | None:
    """The issuers of a certificate from a trust store up to, but without, a self-signed root; None where the chain does not close."""
    chain: list[str] = []
    current = leaf
    while not x509.is_self_signed(x509.load(current)):
        above = next((pem for pem in trusted if pem not in chain and x509.issued_by(x509.load(current), x509.load(pem))), None)
        if above is None:
            return None
        chain.append(above)
        current = above
    return tuple(chain[:-1])


def check_trust(node: Node, present: list[str], pem: str) -> bool:
    """Whether a certificate is to be added to a store (False: it is there, or an older one that is ignored). Raises Refused."""
    world, certificate = node.world, x509.load(pem)
    if pem in present:
        return False
    if world.refuses("trust_expired") and certificate.not_valid_after_utc < world.clock.now():
        raise Refused("trust_expired", EXPIRED)
    same = [other for other in map(x509.load, present) if name_key(node, other) == name_key(node, certificate)]
    for other in same if world.refuses("trust_older") else ():
        if other.not_valid_before_utc > certificate.not_valid_before_utc:
            if world.variant("trust_older") == "ignore":
                return False
            raise Refused("trust_older", OLDER)
    return True


def name_key(node: Node, certificate) -> str:
    """What two trust certificates of one store may not share: the common name, or from 14 the whole subject (vos.md 1.6)."""
    name = certificate.subject
    return name.rfc4514_string() if node.cluster.major >= 14 else x509.common_name(name)
