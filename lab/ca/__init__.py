"""The enterprise certificate authority as a machine of the estate.

`await start(world, host)` opens the web enrolment site of `world.ca` (an Authority) and its OCSP responder on the host's address and gives
an object with `close()`. Templates with a mistake each, pending requests and their approval are in `templates` and `authority`.
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from lab.ca import ocsp
from lab.ca.authority import pem
from lab.ca.certsrv import WebEnrolment
from lab.core.keys import load_key
from lab.core.refusals import refusal
from lab.core.variants import variant

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World

CHANNEL = "certsrv"

variant("certsrv_login", ("basic", "windows"), "basic", "lab.md 4 (what the stock client knows)",
        "whether the CA's web site has Basic authentication, or Windows authentication alone, as IIS sets it up")
refusal("certsrv_credentials", "lab.md 4", "web enrolment without the account's password")
refusal("certsrv_template", "lab.md 4", "a request for a template that the CA does not offer, or that the account may not use")


class Site:
    """Web sites of one host that listen."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._open: list[tuple[asyncio.Server, web.AppRunner]] = []

    async def open(self, application: web.Application, protocol: str, context: ssl.SSLContext | None) -> None:
        """Serve an application on the host's port of that protocol. Raises OSError (address taken)."""
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        listener = await asyncio.get_running_loop().create_server(runner.server, self._host.address, self._host.ports[protocol], ssl=context)
        self._open.append((listener, runner))

    def close(self) -> None:
        """Stop listening and cut what is connected."""
        for listener, runner in self._open:
            listener.close()
            for connection in list(runner.server.connections):
                if connection.transport is not None:
                    connection.transport.abort()


def account(variables: dict[str, Any]) -> tuple[str, str]:
    """The account that may enrol, from the CA host's variables: its own, or else the one to log in with."""
    for user, password in (("collab_enterprise_ca_user", "collab_enterprise_ca_password"), ("ansible_user", "ansible_password")):
        if type(variables.get(user)) is str and type(variables.get(password)) is str:
            return variables[user], variables[password]
    raise LookupError("the CA host needs collab_enterprise_ca_user and collab_enterprise_ca_password")


async def start(world: World, host: Host) -> Site:
    """Serve web enrolment and OCSP of `world.ca` for a host of the inventory. Raises OSError (address taken) or LookupError (no account)."""
    user, password = account(host.variables)

    def note(operation: str, kind: str, detail: dict) -> None:
        world.journal.add(host.name, CHANNEL, operation, kind, **detail)

    async def strike(operation: str, phase: str):
        return await world.faults.hit(host.name, CHANNEL, operation, phase)

    world.ca.ocsp_uri = f"http://{host.fqdn}:{host.ports['ocsp']}{ocsp.PATH}"
    site = Site(host)
    pages = WebEnrolment(world.ca, user, password, note, strike, world.refuses, lambda: world.variant("certsrv_login") == "windows")
    await site.open(pages.application(), "https", context_of(world, host))
    await site.open(ocsp.application(world, host), "ocsp", None)
    return site


def context_of(world: World, host: Host) -> ssl.SSLContext:
    """TLS with a certificate of the enterprise CA for a host."""
    key = world.keys.rsa()
    leaf = world.ca.issue(load_key(key).public_key(), host.fqdn, [host.fqdn, host.address], "server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # OpenSSL reads keys from files only; the directory is private and gone at once.
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "site.pem"
        file.write_text(key + pem(leaf) + pem(world.ca.issuing), encoding="ascii")
        context.load_cert_chain(file)
    return context
