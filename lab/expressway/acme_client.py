"""The ACME client inside Expressway-E: an account, an order, challenges by HTTP, the certificate (RFC 8555)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from lab.core.keys import load_key
from lab.public_ca import jose
from lab.ucm import x509

PATIENCE = aiohttp.ClientTimeout(total=10)
TRIES, PAUSE = 100, 0.05


class Failed(Exception):
    """The provider did not do it; the text says why. kind: last word of the problem's type."""

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.kind = kind


class Client:
    """One conversation. directory: address of the ACME directory; address: where it really is; key: PEM of the account's P-256 key."""

    def __init__(self, directory: str, place: tuple[str, int], context: ssl.SSLContext, key: str, source: str) -> None:
        self._directory = directory
        self._place = place
        self._context = context
        self._key: ec.EllipticCurvePrivateKey = load_key(key)
        self._source = source
        self._account = ""
        self._nonce = ""
        self._urls: dict[str, Any] = {}

    async def __aenter__(self) -> Client:
        self._session = aiohttp.ClientSession(timeout=PATIENCE, connector=aiohttp.TCPConnector(local_addr=(self._source, 0), ssl=self._context))
        try:
            self._urls = (await self._send("GET", self._directory))[1]
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(self, *_details: object) -> None:
        await self._session.close()

    async def register(self, email: str) -> str:
        """Make the account, or find it; gives its address."""
        payload = {"termsOfServiceAgreed": True, "contact": [f"mailto:{email}"]}
        headers, _body = await self._post(self._urls["newAccount"], payload)
        self._account = headers["Location"]
        return self._account

    async def certificate(self, csr: str, names: list[str], publish: Callable[[dict[str, str]], Awaitable[None]]) -> str:
        """Order a certificate; publish(files by token) makes the challenge files readable. Gives PEM. Raises Failed."""
        headers, order = await self._post(self._urls["newOrder"], {"identifiers": [{"type": "dns", "value": name} for name in names]})
        place = headers["Location"]
        files, waiting = {}, []
        for url in order["authorizations"]:
            authorization = (await self._post(url, None))[1]
            if authorization["status"] == "valid":
                continue
            challenge = next((one for one in authorization["challenges"] if one["type"] == "http-01"), None)
            if challenge is None:
                raise Failed(f"no challenge by HTTP for {authorization['identifier']['value']}")
            files[challenge["token"]] = f"{challenge['token']}.{jose.thumbprint(jose.jwk_of(self._key.public_key()))}"
            waiting.append((url, challenge["url"]))
        await publish(files)
        for _url, challenge in waiting:
            await self._post(challenge, {})
        for url, _challenge in waiting:
            await self._until(url, "valid")
        der = x509.load_request(csr).public_bytes(Encoding.DER)
        await self._post(order["finalize"], {"csr": jose.encode(der)})
        done = await self._until(place, "valid")
        return (await self._post(done["certificate"], None))[1]

    async def revoke(self, certificate: str) -> None:
        """Revoke a certificate that this account ordered. Raises Failed."""
        await self._post(self._urls["revokeCert"], {"certificate": jose.encode(x509.load(certificate).public_bytes(Encoding.DER))})

    async def _until(self, url: str, wanted: str) -> dict[str, Any]:
        for _try in range(TRIES):
            body = (await self._post(url, None))[1]
            if body["status"] == wanted:
                return body
            if body["status"] == "invalid":
                errors = [one["error"]["detail"] for one in body.get("challenges", []) if one.get("error")]
                raise Failed("; ".join(errors) or "the order is invalid")
            await asyncio.sleep(PAUSE)
        raise Failed("the provider takes too long")

    async def _post(self, url: str, payload: dict[str, Any] | None) -> tuple[Any, Any]:
        """A signed message; one whose nonce has gone stale is sent again (RFC 8555 6.5)."""
        for _try in range(5):
            try:
                return await self._signed(url, payload)
            except Failed as error:
                if error.kind != "badNonce":
                    raise
        raise Failed("the provider takes no nonce", "badNonce")

    async def _signed(self, url: str, payload: dict[str, Any] | None) -> tuple[Any, Any]:
        if not self._nonce:
            self._nonce = (await self._send("HEAD", self._urls["newNonce"]))[0]["Replay-Nonce"]
        head = {"nonce": self._nonce, "url": url, **({"kid": self._account} if self._account else {"jwk": jose.jwk_of(self._key.public_key())})}
        self._nonce = ""
        return await self._send("POST", url, jose.sign(self._key, head, payload))

    async def _send(self, method: str, url: str, body: dict[str, str] | None = None) -> tuple[Any, Any]:
        """A request to where the name in `url` really leads."""
        host = url.split("/")[2]
        there = url.replace(f"//{host}", f"//{self._place[0]}:{self._place[1]}", 1)
        headers = {"Host": host, **({"Content-Type": "application/jose+json"} if body is not None else {})}
        try:
            async with self._session.request(method, there, json=body, headers=headers, server_hostname=host.partition(":")[0]) as answer:
                text = await answer.text()
                self._nonce = answer.headers.get("Replay-Nonce", "")
                if answer.status >= 400:
                    problem = await answer.json(content_type=None) if "json" in answer.content_type else {}
                    raise Failed(str(problem.get("detail") or f"HTTP {answer.status}"), str(problem.get("type", "")).rpartition(":")[2])
                return answer.headers, (await answer.json(content_type=None) if answer.content_type == "application/json" else text)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Failed(f"the provider cannot be reached: {error}") from error
