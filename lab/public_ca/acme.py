"""The ACME server (RFC 8555): directory, nonces, accounts, orders, authorizations, challenges, certificates, revocation, change of key.

Sources: RFC 8555; the words of problems are Boulder's in style. External account binding and pre-authorization are not offered.
"""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web
from cryptography import x509 as c509

from lab.core.http_faults import suffer
from lab.core.refusals import refusal
from lab.public_ca import jose
from lab.public_ca import validation
from lab.public_ca.authority import BY_ACME
from lab.public_ca.authority import CHANNEL
from lab.public_ca.authority import is_public
from lab.public_ca.authority import names_of
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.public_ca.authority import PublicCa

ERROR = "urn:ietf:params:acme:error:"
TERMS = "/terms-of-service"
LIFETIME = 7 * 24 * 3600.0

refusal("acme_nonce", "RFC 8555 6.5", "a message with a nonce that was not given, or that was used before")
refusal("acme_signature", "RFC 8555 6.2", "a message that its account's key has not signed")
refusal("acme_url", "RFC 8555 6.4", "a message that was signed for another address")
refusal("acme_terms", "RFC 8555 7.3", "an account without agreement to the terms of service")
refusal("acme_challenge", "RFC 8555 7.1.3", "an order whose names have not been proven")
refusal("acme_csr_names", "RFC 8555 7.4", "a request with other names than the order")
refusal("acme_other_account", "RFC 8555 7 (authorized)", "an order or an authorization of another account")


class Problem(Exception):
    """A problem document."""

    def __init__(self, kind: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.status = status

    def document(self) -> dict[str, Any]:
        """Its JSON."""
        return {"type": ERROR + self.kind, "detail": self.text, "status": self.status}


@dataclass
class State:
    """What snapshots hold: objects by number."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    authorizations: dict[str, dict[str, Any]] = field(default_factory=dict)
    challenges: dict[str, dict[str, Any]] = field(default_factory=dict)
    certificates: dict[str, dict[str, str]] = field(default_factory=dict)
    count: int = 0


@dataclass(frozen=True)
class Message:
    """A signed request. account: number of its account, "" where it is signed by a key that is in it; jwk: the key."""

    payload: dict[str, Any] | None
    account: str
    jwk: dict[str, Any]
    protected: dict[str, Any]


class AcmeServer:
    """The application of one CA."""

    def __init__(self, ca: PublicCa) -> None:
        self._ca = ca
        self._world = ca.world
        self._state = State()
        self._nonces: set[str] = set()
        self._turn = 0

    def application(self) -> web.Application:
        """All of it."""
        app = web.Application(client_max_size=256 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {"state": self._state}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave."""
        self._state = state["state"]

    # ---- HTTP

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        host, operation = self._ca.host.name, f"{request.method} {request.path}"
        kind = "write" if request.method == "POST" else "read"
        fault = await self._world.faults.hit(host, CHANNEL, operation, "before")
        if fault is not None:
            self._world.journal.add(host, CHANNEL, operation, kind, refused=f"fault {fault.action}")
            return await suffer(fault, request)
        detail: dict[str, Any] = {}
        try:
            response = await self._answer(request, detail)
        except Problem as problem:
            detail["refused"] = f"{problem.kind}: {problem.text}"
            response = web.json_response(problem.document(), status=problem.status, content_type="application/problem+json")
        response.headers["Replay-Nonce"] = self._nonce()
        response.headers["Cache-Control"] = "no-store"
        response.headers.add("Link", f'<{self._url(request, "/directory")}>;rel="index"')
        fault = await self._world.faults.hit(host, CHANNEL, operation, "after")
        self._world.journal.add(host, CHANNEL, operation, kind, status=response.status, **detail, **({"fault": fault.action} if fault else {}))
        return response if fault is None else await suffer(fault, request, response)

    async def _answer(self, request: web.Request, detail: dict[str, Any]) -> web.Response:
        if request.path == "/directory" and request.method == "GET":
            return web.json_response(self._directory(request))
        if request.path == TERMS and request.method == "GET":
            return web.Response(text="The terms of service of a CA that exists in this lab only.")
        if request.path == "/acme/new-nonce" and request.method in ("GET", "HEAD"):
            return web.Response(status=200 if request.method == "HEAD" else 204)
        words = request.path.strip("/").split("/")
        call = self._calls().get(words[1]) if words[0] == "acme" and len(words) in (2, 3) else None
        if call is None or request.method != "POST":
            self._world.note_unknown(self._ca.host.name, CHANNEL, f"{request.method} {request.path}")
            raise Problem("malformed", "Page not found", 404)
        message = await self._read(request, by_key=words[1] in ("new-account", "revoke-cert"))
        return await call(request, message, words[2] if len(words) == 3 else "", detail)

    def _calls(self) -> dict[str, Callable[..., Awaitable[web.Response]]]:
        return {"new-account": self._new_account, "acct": self._account, "key-change": self._key_change, "new-order": self._new_order, "order": self._order,
                "finalize": self._finalize, "authz": self._authorization, "chall": self._challenge, "cert": self._certificate, "revoke-cert": self._revoke}

    def _directory(self, request: web.Request) -> dict[str, Any]:
        names = {"newNonce": "new-nonce", "newAccount": "new-account", "newOrder": "new-order", "revokeCert": "revoke-cert", "keyChange": "key-change"}
        return {**{word: self._url(request, f"/acme/{path}") for word, path in names.items()},
                "meta": {"termsOfService": self._url(request, TERMS), "website": self._url(request, "/"), "caaIdentities": [self._ca.host.fqdn]}}

    def _url(self, request: web.Request, path: str) -> str:
        """An address here, by the name that the client uses."""
        return f"https://{request.host}{path}"

    def _nonce(self) -> str:
        nonce = secrets.token_urlsafe(18)
        self._nonces.add(nonce)
        return nonce

    async def _read(self, request: web.Request, by_key: bool) -> Message:
        """A signed message, checked. by_key: whether it may carry its key. Raises Problem."""
        if request.content_type != "application/jose+json":
            raise Problem("malformed", "Invalid Content-Type header on POST", 415)
        try:
            body = json.loads(await request.text())
            protected = json.loads(jose.decode(body["protected"]))
            payload = json.loads(jose.decode(body["payload"])) if body["payload"] else None
            if not isinstance(protected, dict) or not (payload is None or isinstance(payload, dict)):
                raise ValueError("no JSON object")
        except (ValueError, KeyError, TypeError) as error:
            raise Problem("malformed", f"Parse error reading JWS: {error}") from error
        nonce = protected.get("nonce")
        if nonce not in self._nonces and self._world.refuses("acme_nonce"):
            raise Problem("badNonce", f"JWS has an invalid anti-replay nonce: {nonce!r}")
        self._nonces.discard(nonce)
        if protected.get("url") != self._url(request, request.path) and self._world.refuses("acme_url"):
            raise Problem("unauthorized", "JWS header parameter 'url' incorrect", 403)
        account, jwk = self._signer(request, protected, by_key)
        self._check(body, protected, jwk)
        return Message(payload, account, jwk, protected)

    def _signer(self, request: web.Request, protected: dict[str, Any], by_key: bool) -> tuple[str, dict[str, Any]]:
        if ("jwk" in protected) == ("kid" in protected):
            raise Problem("malformed", "jwk and kid header fields are mutually exclusive")
        if "jwk" in protected:
            if not by_key:
                raise Problem("malformed", "No Key ID in JWS header")
            return "", protected["jwk"]
        number = str(protected["kid"]).removeprefix(self._url(request, "/acme/acct/"))
        account = self._state.accounts.get(number)
        if account is None or account["status"] != "valid":
            raise Problem("accountDoesNotExist", "Account not found", 400)
        return number, account["jwk"]

    def _check(self, body: dict[str, Any], protected: dict[str, Any], jwk: dict[str, Any]) -> None:
        if protected.get("alg") not in jose.ALGORITHMS:
            raise Problem("badSignatureAlgorithm", f"JWS signature header contains unsupported algorithm {protected.get('alg')!r}")
        try:
            jose.check(body, protected["alg"], jwk)
        except jose.BadSignature as error:
            if self._world.refuses("acme_signature"):
                raise Problem("malformed", f"JWS verification error: {error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise Problem("badPublicKey", f"Invalid key: {error}") from error

    # ---- accounts

    async def _new_account(self, request: web.Request, message: Message, _rest: str, detail: dict[str, Any]) -> web.Response:
        if message.account:
            raise Problem("malformed", "No embedded JWK in JWS header")
        payload, print_ = message.payload or {}, jose.thumbprint(message.jwk)
        found = next((number for number, one in self._state.accounts.items() if jose.thumbprint(one["jwk"]) == print_), None)
        if found is not None:
            return self._shown_account(request, found, 200)
        if payload.get("onlyReturnExisting"):
            raise Problem("accountDoesNotExist", "No account exists with the provided key")
        if payload.get("termsOfServiceAgreed") is not True and self._world.refuses("acme_terms"):
            raise Problem("malformed", "must agree to terms of service")
        number = self._number()
        self._state.accounts[number] = {"jwk": message.jwk, "status": "valid", "contact": [str(one) for one in payload.get("contact", [])]}
        detail["contact"] = self._state.accounts[number]["contact"]
        return self._shown_account(request, number, 201)

    async def _account(self, request: web.Request, message: Message, number: str, _detail: dict[str, Any]) -> web.Response:
        if number != message.account:
            raise Problem("unauthorized", "Request signing key did not match account key", 403)
        account, payload = self._state.accounts[number], message.payload or {}
        if payload.get("status") == "deactivated":
            account["status"] = "deactivated"
        if "contact" in payload:
            account["contact"] = [str(one) for one in payload["contact"]]
        return self._shown_account(request, number, 200)

    def _shown_account(self, request: web.Request, number: str, status: int) -> web.Response:
        account = self._state.accounts[number]
        body = {"status": account["status"], "contact": account["contact"]}
        return web.json_response(body, status=status, headers={"Location": self._url(request, f"/acme/acct/{number}")})

    async def _key_change(self, request: web.Request, message: Message, _rest: str, _detail: dict[str, Any]) -> web.Response:
        inner = message.payload or {}
        try:
            protected, payload = json.loads(jose.decode(inner["protected"])), json.loads(jose.decode(inner["payload"]))
            new, same = protected["jwk"], payload["oldKey"] == message.jwk
        except (ValueError, KeyError, TypeError) as error:
            raise Problem("malformed", f"Parse error reading inner JWS: {error}") from error
        self._check(inner, protected, new)
        if not same or payload.get("account") != self._url(request, f"/acme/acct/{message.account}") or protected.get("url") != message.protected["url"]:
            raise Problem("malformed", "The inner JWS does not fit the account")
        if any(jose.thumbprint(one["jwk"]) == jose.thumbprint(new) for one in self._state.accounts.values()):
            raise Problem("malformed", "New key is already in use for a different account", 409)
        self._state.accounts[message.account]["jwk"] = new
        return self._shown_account(request, message.account, 200)

    # ---- orders

    async def _new_order(self, request: web.Request, message: Message, _rest: str, detail: dict[str, Any]) -> web.Response:
        given = (message.payload or {}).get("identifiers")
        if not isinstance(given, list) or not given or not all(isinstance(one, dict) and one.get("type") == "dns" for one in given):
            raise Problem("malformed", "NewOrder request did not specify any identifiers of type dns")
        names = list(dict.fromkeys(str(one.get("value", "")).lower() for one in given))
        detail["names"] = names
        bad = [name for name in names if not is_public(name)]
        if bad and self._world.refuses("public_ca_name"):
            raise Problem("rejectedIdentifier", f"Cannot issue for {', '.join(bad)}: Domain name does not end with a valid public suffix (TLD)")
        number = self._number()
        self._state.orders[number] = {"account": message.account, "names": names, "status": "pending", "error": None, "certificate": "",
                                      "authorizations": [self._authorize(message.account, name) for name in names],
                                      "expires": self._world.clock.epoch() + LIFETIME}
        return self._shown_order(request, number, 201)

    def _authorize(self, account: str, name: str) -> str:
        number = self._number()
        kinds = ("dns-01",) if name.startswith("*.") else ("http-01", "dns-01")
        challenges = []
        for kind in kinds:
            challenge = self._number()
            self._state.challenges[challenge] = {"authorization": number, "type": kind, "status": "pending", "token": secrets.token_urlsafe(32), "error": None}
            challenges.append(challenge)
        self._state.authorizations[number] = {"account": account, "name": name, "status": "pending", "challenges": challenges,
                                              "expires": self._world.clock.epoch() + LIFETIME}
        return number

    def _own(self, table: dict[str, dict[str, Any]], number: str, message: Message) -> dict[str, Any]:
        found = table.get(number)
        if found is None:
            raise Problem("malformed", "No such object", 404)
        if found["account"] != message.account and self._world.refuses("acme_other_account"):
            raise Problem("unauthorized", "Account does not own this object", 403)
        return found

    async def _order(self, request: web.Request, message: Message, number: str, _detail: dict[str, Any]) -> web.Response:
        self._own(self._state.orders, number, message)
        return self._shown_order(request, number, 200)

    def _shown_order(self, request: web.Request, number: str, status: int) -> web.Response:
        order = self._state.orders[number]
        self._settle(order)
        body = {"status": order["status"], "expires": self._date(order["expires"]), "identifiers": [{"type": "dns", "value": name} for name in order["names"]],
                "authorizations": [self._url(request, f"/acme/authz/{one}") for one in order["authorizations"]],
                "finalize": self._url(request, f"/acme/finalize/{number}")}
        if order["error"]:
            body["error"] = order["error"]
        if order["certificate"]:
            body["certificate"] = self._url(request, f"/acme/cert/{order['certificate']}")
        return web.json_response(body, status=status, headers={"Location": self._url(request, f"/acme/order/{number}")})

    def _settle(self, order: dict[str, Any]) -> None:
        """An order follows its authorizations."""
        states = {self._state.authorizations[one]["status"] for one in order["authorizations"]}
        if order["status"] == "pending" and "invalid" in states:
            order["status"] = "invalid"
        elif order["status"] == "pending" and states == {"valid"}:
            order["status"] = "ready"

    async def _finalize(self, request: web.Request, message: Message, number: str, detail: dict[str, Any]) -> web.Response:
        order = self._own(self._state.orders, number, message)
        self._settle(order)
        if order["status"] != "ready" and (order["status"] in ("valid", "invalid") or self._world.refuses("acme_challenge")):
            raise Problem("orderNotReady", f"Order's status ({order['status']!r}) is not acceptable for finalization", 403)
        try:
            csr = c509.load_der_x509_csr(jose.decode((message.payload or {})["csr"]))
            if not csr.is_signature_valid:
                raise ValueError("its signature is wrong")
        except (KeyError, ValueError) as error:
            raise Problem("badCSR", f"Error parsing certificate request: {error}") from error
        detail["names"] = names_of(csr)
        if sorted(names_of(csr)) != sorted(order["names"]) and self._world.refuses("acme_csr_names"):
            raise Problem("badCSR", "CSR does not specify same identifiers as Order")
        chain = self._ca.issue(csr, self._world.variant("public_ca_usage"), BY_ACME, "acme")
        place = self._number()
        self._state.certificates[place] = {"account": message.account, "chain": chain}
        order["status"], order["certificate"] = "valid", place
        return self._shown_order(request, number, 200)

    async def _certificate(self, _request: web.Request, message: Message, number: str, _detail: dict[str, Any]) -> web.Response:
        found = self._own(self._state.certificates, number, message)
        return web.Response(text=found["chain"], content_type="application/pem-certificate-chain")

    # ---- proof

    async def _authorization(self, request: web.Request, message: Message, number: str, _detail: dict[str, Any]) -> web.Response:
        found = self._own(self._state.authorizations, number, message)
        if (message.payload or {}).get("status") == "deactivated":
            found["status"] = "deactivated"
        name = found["name"]
        body = {"status": found["status"], "expires": self._date(found["expires"]), "identifier": {"type": "dns", "value": name.removeprefix("*.")},
                "challenges": [self._shown_challenge(request, one) for one in found["challenges"]], **({"wildcard": True} if name.startswith("*.") else {})}
        return web.json_response(body)

    def _shown_challenge(self, request: web.Request, number: str) -> dict[str, Any]:
        found = self._state.challenges[number]
        shown = {"type": found["type"], "url": self._url(request, f"/acme/chall/{number}"), "status": found["status"], "token": found["token"]}
        return {**shown, **({"error": found["error"]} if found["error"] else {})}

    async def _challenge(self, request: web.Request, message: Message, number: str, detail: dict[str, Any]) -> web.Response:
        found = self._state.challenges.get(number)
        if found is None:
            raise Problem("malformed", "No such challenge", 404)
        authorization = self._own(self._state.authorizations, found["authorization"], message)
        detail["type"] = found["type"]
        if message.payload is not None and found["status"] == "pending" and authorization["status"] == "pending":
            found["status"] = "processing"
            self._world.spawn(self._validate(number, f"{found['token']}.{jose.thumbprint(message.jwk)}"), f"ACME challenge {number}")
        response = web.json_response(self._shown_challenge(request, number))
        response.headers.add("Link", f'<{self._url(request, "/acme/authz/" + found["authorization"])}>;rel="up"')
        return response

    async def _validate(self, number: str, key_authorization: str) -> None:
        found = self._state.challenges[number]
        authorization = self._state.authorizations[found["authorization"]]
        self._turn += 1
        try:
            await validation.check(self._ca, found["type"], authorization["name"], found["token"], key_authorization, self._turn)
        except validation.NotMet as problem:
            found["status"] = authorization["status"] = "invalid"
            found["error"] = Problem(problem.kind, str(problem), 403).document()
            return
        found["status"] = authorization["status"] = "valid"

    # ---- the rest

    async def _revoke(self, _request: web.Request, message: Message, _rest: str, detail: dict[str, Any]) -> web.Response:
        try:
            certificate = c509.load_der_x509_certificate(jose.decode((message.payload or {})["certificate"]))
        except (KeyError, ValueError) as error:
            raise Problem("malformed", f"Unable to parse certificate: {error}") from error
        pem = x509.to_pem(certificate)
        owner = next((one["account"] for one in self._state.certificates.values() if one["chain"].startswith(pem)), None)
        own_key = not message.account and x509.public_bytes(jose.public_key(message.jwk)) == x509.public_bytes(certificate.public_key())
        if not own_key and (owner is None or owner != message.account) and self._world.refuses("acme_other_account"):
            raise Problem("unauthorized", "The account is not authorized to revoke this certificate", 403)
        if certificate.serial_number in self._ca.authority.revoked:
            raise Problem("alreadyRevoked", "Certificate already revoked")
        detail["serial"] = f"{certificate.serial_number:x}"
        try:
            self._ca.authority.revoke(certificate)
        except ValueError as error:
            raise Problem("malformed", "Certificate from unrecognized issuer", 404) from error
        return web.Response(status=200)

    def _number(self) -> str:
        self._state.count += 1
        return str(self._state.count)

    @staticmethod
    def _date(epoch: float) -> str:
        return datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
