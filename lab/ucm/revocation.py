"""OCSP as the products ask it, where Certificate Revocation says so: at uploads, and of the peers of their TLS connections.

Sources: vos.md 3; id:63436019081 (every upload; TLS clients in real time; delegated trust first, then a responder whose certificate is in
tomcat-trust; only "revoked" ends a connection unless Common Criteria mode is on, which the lab does not simulate). An upload of a revoked
certificate is only asked about: no source says that it is refused. The check at intervals is not simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509 as c509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from lab.core.names import address_of
from lab.core.refusals import refusal
from lab.ucm import certificate_settings as settings
from lab.ucm import x509

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.core.world import Node

PATIENCE = aiohttp.ClientTimeout(total=5)

refusal("ocsp_revoked", "id:63436019081", "a TLS peer whose certificate the OCSP responder calls revoked")


def enabled(node: Node) -> bool:
    """Whether a node asks at all."""
    return settings.of(node).revocation.enabled


async def is_revoked(node: Node, pem: str) -> bool:
    """Whether the peer of a connection must be turned down."""
    return enabled(node) and await ask(node, pem) == "revoked" and node.world.refuses("ocsp_revoked")


def uploaded(node: Node, pems: Iterable[str]) -> None:
    """A node has got new certificates: it asks about each, without letting anybody wait."""
    if enabled(node):
        for pem in pems:
            node.world.spawn(ask(node, pem), f"{node.name}: OCSP")


async def ask(node: Node, pem: str) -> str:
    """good, revoked, unknown, or why there is no answer that counts."""
    certificate, held = x509.load(pem), settings.of(node).revocation
    trusted = [x509.load(one.certificate) for one in node.certificates.trust("tomcat")]
    issuer = next((one for one in trusted if x509.issued_by(certificate, one)), None)
    uri = held.uri if held.source == settings.CONFIGURED else responder(certificate)
    if issuer is None or not uri:
        return "no issuer in tomcat-trust" if issuer is None else "no OCSP URI"
    where = urlsplit(uri)
    address = address_of(node.world, where.hostname or "")
    if address is None:
        return "unknown host"
    request = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()
    port = f":{where.port}" if where.port else ""
    try:
        connector = aiohttp.TCPConnector(local_addr=(node.address, 0))
        async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as session, session.post(
                f"http://{address}{port}{where.path or '/'}", data=request.public_bytes(Encoding.DER),
                headers={"Content-Type": "application/ocsp-request", "Host": where.netloc}) as answer:
            body = await answer.read()
        response = ocsp.load_der_ocsp_response(body)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return "no answer"
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or response.serial_number != certificate.serial_number:
        return "no answer"
    if not _signed_rightly(response, issuer, trusted):
        return "responder not trusted"
    return response.certificate_status.name.lower()


def responder(certificate: c509.Certificate) -> str:
    """The OCSP URI in a certificate, "" if it has none."""
    try:
        access = certificate.extensions.get_extension_for_class(c509.AuthorityInformationAccess).value
    except c509.ExtensionNotFound:
        return ""
    return next((one.access_location.value for one in access if one.access_method == c509.oid.AuthorityInformationAccessOID.OCSP), "")


def _signed_rightly(response: ocsp.OCSPResponse, issuer: c509.Certificate, trusted: list[c509.Certificate]) -> bool:
    """Signed by the issuer, by a certificate that it gave for OCSP, or by a responder in tomcat-trust."""
    delegated = [one for one in response.certificates if x509.issued_by(one, issuer) and _may_sign(one)]
    return any(_verifies(response, one) for one in [issuer, *delegated, *trusted])


def _may_sign(certificate: c509.Certificate) -> bool:
    try:
        purposes = certificate.extensions.get_extension_for_class(c509.ExtendedKeyUsage).value
    except c509.ExtensionNotFound:
        return False
    return c509.oid.ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _verifies(response: ocsp.OCSPResponse, certificate: c509.Certificate) -> bool:
    key, algorithm = certificate.public_key(), response.signature_hash_algorithm
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
