"""The OCSP responder of the enterprise CA: plain HTTP, GET and POST (RFC 6960), one certificate a request.

`app(authority, ...)` answers for the certificates that the authority issued: good, revoked since it was revoked, unknown for all others.
"""

from __future__ import annotations

import base64
import binascii
import datetime
from typing import TYPE_CHECKING

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from lab.core.http_faults import suffer
from lab.core.names import name_of
from lab.core.variants import variant

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World

CHANNEL = "ocsp"
PATH = "/ocsp"
LIFETIME = datetime.timedelta(hours=8)

variant("ocsp_signer", ("issuer", "delegated"), "issuer", "vos.md 3; id:63436019081 (delegated trust model)",
        "whether the issuing CA signs the answers, or a certificate that it gave for that purpose")


def application(world: World, host: Host) -> web.Application:
    """The responder of a CA host."""

    async def handle(request: web.Request) -> web.StreamResponse:
        operation = f"{request.method} {PATH}"
        asker = name_of(world, request.remote or "") or request.remote
        fault = await world.faults.hit(host.name, CHANNEL, operation, "before")
        if fault is not None:
            world.journal.add(host.name, CHANNEL, operation, "read", asked_by=asker, refused=f"fault {fault.action}")
            return await suffer(fault, request)
        try:
            der = await request.read() if request.method == "POST" else base64.b64decode(request.match_info["request"], validate=True)
            asked = ocsp.load_der_ocsp_request(der)
        except (ValueError, binascii.Error, NotImplementedError):
            world.journal.add(host.name, CHANNEL, operation, "read", asked_by=asker, refused="malformed request")
            answer = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
            return _answer(answer)
        status, answer = _build(world, asked)
        world.journal.add(host.name, CHANNEL, operation, "read", asked_by=asker, serial=f"{asked.serial_number:x}", status=status)
        return _answer(answer)

    app = web.Application(client_max_size=64 * 1024)
    app.add_routes([web.post(PATH, handle), web.get(PATH + "/{request:.+}", handle)])
    return app


def _build(world: World, asked: ocsp.OCSPRequest) -> tuple[str, ocsp.OCSPResponse]:
    authority, now = world.ca, world.clock.now().replace(microsecond=0)
    issuer_is_ours = asked.issuer_name_hash == _name_hash(authority.issuing, asked.hash_algorithm)
    since = authority.revoked.get(asked.serial_number)
    known = issuer_is_ours and asked.serial_number in authority.serials
    status = "revoked" if known and since else "good" if known else "unknown"
    signer, key = authority.ocsp_signer(world.variant("ocsp_signer") == "delegated")
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            asked.issuer_name_hash, asked.issuer_key_hash, asked.serial_number, asked.hash_algorithm,
            {"good": ocsp.OCSPCertStatus.GOOD, "revoked": ocsp.OCSPCertStatus.REVOKED, "unknown": ocsp.OCSPCertStatus.UNKNOWN}[status],
            now, now + LIFETIME, datetime.datetime.fromtimestamp(since, datetime.UTC).replace(microsecond=0) if status == "revoked" else None,
            x509.ReasonFlags.superseded if status == "revoked" else None)
        .responder_id(ocsp.OCSPResponderEncoding.HASH, signer)
    )
    if signer != authority.issuing:
        builder = builder.certificates([signer])
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            builder = builder.add_extension(extension.value, critical=False)
    return status, builder.sign(key, hashes.SHA256())


def _name_hash(certificate: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(certificate.subject.public_bytes())
    return digest.finalize()


def _answer(response: ocsp.OCSPResponse) -> web.Response:
    return web.Response(body=response.public_bytes(Encoding.DER), content_type="application/ocsp-response")
