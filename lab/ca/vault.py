"""HashiCorp Vault as a machine of the estate: its PKI secrets engine in front of the enterprise's issuing CA, tokens, and one AppRole.

Written from Vault's API documentation (secret/pki: sign certificate, roles; auth/approle; auth/token) and compared with a real OpenBao, which speaks the same
API, in tests/lab/test_vault.py. Host variables: `collab_vault_mount` (pki), `collab_vault_token`, `collab_vault_role_id`, `collab_vault_secret_id`. Roles: see
`ROLES`; each but the first makes one mistake that a real role can make.
"""

from __future__ import annotations

import datetime
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web
from cryptography import x509 as c509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from lab.ca import Site
from lab.ca import context_of
from lab.ca.authority import key_usage
from lab.ca.authority import load_request
from lab.ca.authority import pem
from lab.core.http_faults import suffer
from lab.core.refusals import refusal
from lab.core.variants import variant

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World

CHANNEL = "vault"
LEASE = 768                       # hours that a role without ttl gives: the server's default lease
LIMIT = 87600                     # hours that this mount allows at most
SERVER_KEYS = ("digital_signature", "key_encipherment", "data_encipherment", "key_agreement")
EVERY_USE = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
IPSEC = c509.ObjectIdentifier("1.3.6.1.5.5.7.3.5")

refusal("vault_token", "Vault API documentation, auth/token", "a request without a token that Vault knows")
refusal("vault_secret_id", "Vault API documentation, auth/approle", "a login with a secret ID that is not the AppRole's")
refusal("vault_names", "Vault API documentation, secret/pki, allowed_domains", "a name that the role does not allow")
variant("vault_state", ("active", "standby", "sealed"), "active", "Vault API documentation, sys/health and High Availability",
        "whether the server answers, sends its clients on, or is sealed")


@dataclass(frozen=True)
class Role:
    """What a role makes of requests. Fields are named as Vault's; max_ttl in hours, 0 for none."""

    allow_any_name: bool = True
    allowed_domains: tuple[str, ...] = ()
    allow_subdomains: bool = False
    allow_bare_domains: bool = False
    use_csr_sans: bool = True
    key_bits: int = 2048
    key_usage: tuple[str, ...] = SERVER_KEYS
    ext_key_usage: tuple[c509.ObjectIdentifier, ...] = (*EVERY_USE, IPSEC)
    max_ttl: int = 17520

    def allows(self, name: str) -> bool:
        """Whether a name may be issued."""
        return self.allow_any_name or any((self.allow_bare_domains and name == domain) or (self.allow_subdomains and name.endswith("." + domain))
                                          for domain in self.allowed_domains)


ROLES = {
    "collab-server": Role(),
    "as-made": Role(allow_any_name=False, key_usage=("digital_signature", "key_encipherment", "key_agreement"), ext_key_usage=EVERY_USE, max_ttl=0),
    "subdomains-only": Role(allow_any_name=False, allowed_domains=("ent-pa.com",), allow_subdomains=True),
    "drops-names": Role(use_csr_sans=False),
    "server-only": Role(ext_key_usage=(ExtendedKeyUsageOID.SERVER_AUTH,)),
    "default-key-usage": Role(key_usage=("digital_signature", "key_encipherment", "key_agreement")),
    "long-keys": Role(key_bits=4096),
}


class Refused(Exception):
    """An answer with errors."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__("; ".join(errors))
        self.status, self.errors = status, errors


class Vault:
    """The server. roles: {name: Role}."""

    def __init__(self, world: World, host: Host) -> None:
        self._world, self._host = world, host
        self.mount = str(host.variables.get("collab_vault_mount", "pki"))
        self.roles = dict(ROLES)
        self._tokens: set[str] = {str(host.variables["collab_vault_token"])} if "collab_vault_token" in host.variables else set()

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {"tokens": sorted(self._tokens)}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave."""
        self._tokens = set(state["tokens"])

    def application(self) -> web.Application:
        """All of it."""
        app = web.Application(client_max_size=1024**2)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        operation, kind = f"{request.method} {request.path}", "write" if "/sign/" in request.path else "read"
        fault = await self._world.faults.hit(self._host.name, CHANNEL, operation, "before")
        if fault is not None:
            self._world.journal.add(self._host.name, CHANNEL, operation, kind, refused=f"fault {fault.action}")
            return await suffer(fault, request)
        detail: dict[str, Any] = {}
        try:
            response = await self._answer(request, detail)
        except Refused as no:
            detail["refused"] = str(no)
            response = _json({"errors": list(no.errors)}, no.status)
        fault = await self._world.faults.hit(self._host.name, CHANNEL, operation, "after")
        self._world.journal.add(self._host.name, CHANNEL, operation, kind, status=response.status, **detail, **({"fault": fault.action} if fault else {}))
        return response if fault is None else await suffer(fault, request, response)

    async def _answer(self, request: web.Request, detail: dict[str, Any]) -> web.Response:
        state = self._world.variant("vault_state")
        if state == "sealed":
            raise Refused(503, "Vault is sealed")
        if state == "standby":
            return web.Response(status=307, headers={"Location": f"https://vault-active.ent-pa.com:8200{request.path}"})
        path = request.path.removeprefix("/v1/")
        if request.method not in ("POST", "PUT"):
            self._world.note_unknown(self._host.name, CHANNEL, f"{request.method} {request.path}")
            raise Refused(405, "unsupported operation")
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError as error:
            raise Refused(400, f"error parsing JSON: {error}") from error
        if path == "auth/approle/login":
            return self._login(body)
        token = request.headers.get("X-Vault-Token", "")
        if token not in self._tokens and self._world.refuses("vault_token"):
            raise Refused(403, "permission denied")
        if path == "auth/token/revoke-self":
            self._tokens.discard(token)
            return web.Response(status=204)
        place, word, role = (path.split("/") + ["", "", ""])[:3]
        if (place, word) != (self.mount, "sign"):
            raise Refused(404, f'no handler for route "{path}". route entry not found.')
        return self._sign(role, body, detail)

    def _login(self, body: dict[str, Any]) -> web.Response:
        known = (self._host.variables.get("collab_vault_role_id"), self._host.variables.get("collab_vault_secret_id"))
        if (None in known or (body.get("role_id"), body.get("secret_id")) != known) and self._world.refuses("vault_secret_id"):
            raise Refused(400, "invalid role or secret ID")
        token = "hvs." + secrets.token_urlsafe(18)
        self._tokens.add(token)
        return _reply(None, auth={"client_token": token, "policies": ["collab", "default"], "lease_duration": LEASE * 3600, "renewable": True,
                                  "token_type": "service"})

    def _sign(self, name: str, body: dict[str, Any], detail: dict[str, Any]) -> web.Response:
        role = self.roles.get(name)
        if role is None:
            raise Refused(400, f"unknown role: {name}")
        try:
            request = load_request(str(body.get("csr", "")))
        except ValueError as error:
            raise Refused(400, "csr contains no data") from error
        key = request.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise Refused(400, "role requires keys of type rsa")
        if key.key_size < role.key_bits:
            raise Refused(400, f"role requires a minimum of a {role.key_bits}-bit key, but CSR's key is {key.key_size} bits")
        cn = str(request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        names, others = _names(request) if role.use_csr_sans else ([], [])
        if not body.get("exclude_cn_from_sans") and cn not in names:
            names.append(cn)
        warnings = ['the common_name field was provided but the role is set with "use_csr_common_name" set to true'] if body.get("common_name") else []
        if self._world.refuses("vault_names"):
            if not role.allows(cn):
                raise Refused(400, f"common name {cn} not allowed by this role")
            for one in names:
                if not role.allows(one):
                    raise Refused(400, f"subject alternate name {one} not allowed by this role")
        hours, longest = int(str(body.get("ttl") or f"{LEASE}h").removesuffix("h")), role.max_ttl or LIMIT
        if hours > longest:
            warnings.append(f'TTL "{hours}h0m0s" is longer than permitted maxTTL "{longest}h0m0s", so maxTTL is being used')
            hours = longest
        leaf = self._issue(role, request, cn, [*map(c509.DNSName, names), *others], hours)
        detail.update(role=name, names=names)
        chain = [pem(one).strip() for one in self._world.ca.chain]
        return _reply({"certificate": pem(leaf).strip(), "issuing_ca": chain[0], "ca_chain": chain,
                       "serial_number": ":".join(f"{byte:02x}" for byte in leaf.serial_number.to_bytes(20, "big")),
                       "expiration": int(leaf.not_valid_after_utc.timestamp())}, warnings)

    def _issue(self, role: Role, request: c509.CertificateSigningRequest, cn: str, names: list, hours: int) -> c509.Certificate:
        """Subject: the common name alone, for what else one has comes from the role. Valid from half a minute ago."""
        now = self._world.clock.now().replace(microsecond=0)
        extensions: list[tuple[c509.ExtensionType, bool]] = [(key_usage(role.key_usage), True), (c509.ExtendedKeyUsage(list(role.ext_key_usage)), False)]
        if names:
            extensions.append((c509.SubjectAlternativeName(names), False))
        return self._world.ca.issue_for(c509.Name([c509.NameAttribute(NameOID.COMMON_NAME, cn)]), request.public_key(), now - datetime.timedelta(seconds=30),
                                        now + datetime.timedelta(hours=hours), extensions)


async def start(world: World, host: Host) -> Site:
    """Serve a host's Vault. Raises OSError (address taken)."""
    vault = Vault(world, host)
    world.keep("Vault", vault.save, vault.load)
    site = Site(host)
    await site.open(vault.application(), "https", context_of(world, host))
    return site


def _names(request: c509.CertificateSigningRequest) -> tuple[list[str], list]:
    try:
        asked = request.extensions.get_extension_for_class(c509.SubjectAlternativeName).value
    except c509.ExtensionNotFound:
        return [], []
    return asked.get_values_for_type(c509.DNSName), [one for one in asked if isinstance(one, c509.IPAddress)]


def _reply(data: dict[str, Any] | None, warnings: list[str] | None = None, auth: dict[str, Any] | None = None) -> web.Response:
    return _json({"request_id": secrets.token_hex(16), "lease_id": "", "renewable": False, "lease_duration": 0, "data": data, "wrap_info": None,
                  "warnings": warnings or None, "auth": auth})


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    """Without a charset in its type, as Vault answers: hvac reads the words of errors under that very type only."""
    return web.Response(body=json.dumps(body).encode(), status=status, content_type="application/json")
