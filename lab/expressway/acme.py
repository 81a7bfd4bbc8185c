"""The ACME Certificate Service of Expressway-E: provider, signing, the pending certificate, deployment, automated renewal.

`accept(peer, email, terms)`, `row(peer)`, `configure(peer, ...)`, `await sign(peer)`, `pending(peer)`, `discard(peer)`, `deploy(peer)`,
`await revoke(peer, pem)`, `reset(peer)`: what REST and the command line both do; each raises Refused with the reason. The provider is the estate's
public CA, in the place of the one that the product has built in.

* The request that is signed is the pending one, or, once it was deployed, the stored one. The challenge files are on all peers; port 80 (`lab_http_port`) is
  open while there are any.
* Deployment takes certificate and key into force at once, without a restart, and does not look at the usages: that is how a renewal replaces a certificate
  with client authentication by one without (expressway.md 4.4).
* In automated mode a certificate is renewed and deployed when two thirds of its life are over (`lab clock advance`).

Sources: id:63127038509 (Certificate guide X14.0.1); expressway.md 1.3, 2.4, 4.4.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web
from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from lab.core.doors import HttpDoor
from lab.core.http_faults import suffer
from lab.core.keys import load_key
from lab.core.refusals import refusal
from lab.expressway.acme_client import Client
from lab.expressway.acme_client import Failed
from lab.expressway.certificates import Identity
from lab.expressway.certificates import Pending
from lab.expressway.certificates import Refused
from lab.expressway.certificates import blocks
from lab.public_ca.authority import names_of
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.expressway.state import Cluster
    from lab.expressway.state import Peer

PROVIDER = "LetsEncrypt"
PROVIDER_UUID = "0b1f3f2e-6a5e-4c43-9a4a-6b2c6f3c7d11"
PATH = "/.well-known/acme-challenge/"
MODES, KEYS = ("Disabled", "Manual", "Automated"), ("Retain", "Rotate")
DEFAULTS: dict[str, Any] = {"email": "", "terms": "", "account_key": "", "mode": "Disabled", "schedule": "", "renew_key": "Retain"}

refusal("expressway_acme_terms", "expressway.md 2.4", "signing before an administrator has accepted the provider's terms")


def row(peer: Peer) -> dict[str, Any]:
    """What the cluster has configured: DEFAULTS' keys. account_key is a secret."""
    return {**DEFAULTS, **peer.table("acme").get("", {})}


def status(peer: Peer) -> str:
    """The word of the page."""
    return "Certificate ready to deploy" if peer.certificates.staged is not None else row(peer)["mode"]


def accept(peer: Peer, email: str, terms: str) -> None:
    """Set the administrator's address and accept the provider's terms. Raises Refused, Subordinate."""
    if terms != "Accepted" or "@" not in email:
        raise Refused("bad", "an e-mail address and TermsOfService: Accepted are needed")
    with peer.change():
        key = row(peer)["account_key"] or peer.world.keys.ec(_curve())
        peer.table("acme")[""] = {**row(peer), "email": email, "terms": terms, "account_key": key}


def configure(peer: Peer, mode: str | None = None, schedule: str | None = None, renew_key: str | None = None) -> None:
    """Change the settings that are given. Raises Refused, Subordinate."""
    if (mode is not None and mode not in MODES) or (renew_key is not None and renew_key not in KEYS):
        raise Refused("bad", f"AcmeManaged is one of {'/'.join(MODES)}, RenewKey one of {'/'.join(KEYS)}")
    given = {"mode": mode, "schedule": schedule, "renew_key": renew_key}
    with peer.change():
        peer.table("acme")[""] = {**row(peer), **{name: value for name, value in given.items() if value is not None}}


def reset(peer: Peer) -> None:
    """Forget account, settings and pending certificate. Raises Subordinate."""
    with peer.change():
        peer.table("acme").pop("", None)
    peer.certificates.staged = None


async def sign(peer: Peer) -> None:
    """Have the request signed; the certificate then waits to be deployed. Raises Refused."""
    request = peer.certificates.pending or peer.certificates.stored
    if request is None:
        raise Refused("missing", "there is no certificate signing request")
    account = row(peer)
    if not account["terms"] and peer.world.refuses("expressway_acme_terms"):
        raise Refused("bad", "the provider's terms are not accepted")
    names = names_of(x509.load_request(request.csr))
    try:
        async with _client(peer, account["account_key"] or peer.world.keys.ec(_curve())) as client:
            await client.register(account["email"] or "nobody@example.com")
            try:
                text = await client.certificate(request.csr, names, lambda files: _publish(peer.cluster, files))
            finally:
                await _publish(peer.cluster, {})
    except Failed as error:
        peer.certificates.last_sign = f"Failed: {error}"
        raise Refused("command", str(error)) from error
    found = blocks(text)
    peer.certificates.staged = Identity(found[0] + "\n", request.key, tuple(block + "\n" for block in found[1:]))
    peer.certificates.stored = request
    peer.certificates.last_sign = "Success"


def pending(peer: Peer) -> str:
    """The certificate that waits to be deployed. Raises Refused."""
    if peer.certificates.staged is None:
        raise Refused("missing", "no certificate is pending")
    return peer.certificates.staged.certificate


def discard(peer: Peer) -> None:
    """Throw it away. Raises Refused."""
    pending(peer)
    peer.certificates.staged = None


def deploy(peer: Peer, reload_: bool = True) -> None:
    """Install it; with `reload_` it is in force at once. Raises Refused."""
    pending(peer)
    with peer.change(shared=False):
        store = peer.certificates
        store.deploy(store.staged)
        if store.pending is not None and store.stored is not None and store.pending.csr == store.stored.csr:
            store.pending = None
        store.staged = None
        if reload_:
            store.activate()


async def revoke(peer: Peer, certificate: str) -> None:
    """Revoke a certificate of this account. Raises Refused."""
    account = row(peer)
    try:
        async with _client(peer, account["account_key"]) as client:
            await client.register(account["email"])
            await client.revoke(certificate)
    except (Failed, ValueError) as error:
        raise Refused("command", str(error)) from error


async def renew(cluster: Cluster) -> None:
    """Automated mode: renew and deploy what has lived two thirds of its life."""
    for peer in cluster.peers:
        if row(peer)["mode"] != "Automated" or peer.certificates.stored is None:
            continue
        current = x509.load(peer.certificates.installed.certificate)
        end = current.not_valid_before_utc + (current.not_valid_after_utc - current.not_valid_before_utc) * 2 / 3
        if cluster.world.clock.now() >= end:
            try:
                if row(peer)["renew_key"] == "Rotate":
                    peer.certificates.stored = _rotated(peer, peer.certificates.stored)
                await sign(peer)
                deploy(peer)
            except Refused:
                # The page shows it as Last Sign Status; the certificate in force stays.
                continue


def _rotated(peer: Peer, old: Pending) -> Pending:
    """The same request for a new key."""
    request = x509.load_request(old.csr)
    builder = c509.CertificateSigningRequestBuilder().subject_name(request.subject)
    for extension in request.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    key = peer.world.keys.rsa(request.public_key().key_size)
    return Pending(x509.to_pem(builder.sign(load_key(key), hashes.SHA256())), key)


def _curve() -> Any:
    return ec.SECP256R1()


def _client(peer: Peer, key: str) -> Client:
    ca = peer.world.public_ca
    if ca is None:
        raise Failed("the provider cannot be reached")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ca.authority.root_pem())
    return Client(ca.directory, (ca.host.address, ca.host.ports["https"]), context, key, peer.appliance.address)


async def _publish(cluster: Cluster, files: dict[str, str]) -> None:
    cluster.challenges = files
    for peer in cluster.peers:
        await peer.appliance.doors.sync()


class ChallengeDoor(HttpDoor):
    """Port 80 of a peer of Expressway-E: open while there are challenge files, and for nothing else."""

    def asked(self) -> dict[int, str]:
        """The port, while it is needed."""
        return {self._appliance.ports["http"]: "http"} if self._state.cluster.challenges else {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A challenge file, or 404."""
        world, operation = self._state.world, f"{request.method} {request.path}"
        fault = await world.faults.hit(self._appliance, "expressway_acme", operation, "before")
        if fault is not None:
            return await suffer(fault, request)
        found = self._state.cluster.challenges.get(request.path.removeprefix(PATH)) if request.path.startswith(PATH) and request.method == "GET" else None
        return web.Response(status=404) if found is None else web.Response(text=found)
