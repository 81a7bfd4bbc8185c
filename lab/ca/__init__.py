"""The enterprise certificate authority as a machine of the estate.

`await start(world, host)` opens the web enrolment site of `world.ca` (an Authority) on the host's address and gives an object with
`close()`. Templates with a mistake each, pending requests and their approval are in `templates` and `authority`.
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web

from lab.ca.authority import pem
from lab.ca.certsrv import WebEnrolment
from lab.core.keys import load_key
from lab.core.refusals import refusal

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World

CHANNEL = "certsrv"

refusal("certsrv_credentials", "lab.md 4", "web enrolment without the account's password")
refusal("certsrv_template", "lab.md 4", "a request for a template that the CA does not offer, or that the account may not use")


class Site:
    """A web site that listens."""

    def __init__(self, listener: asyncio.Server, runner: web.AppRunner) -> None:
        self._listener = listener
        self._runner = runner

    def close(self) -> None:
        """Stop listening and cut what is connected."""
        self._listener.close()
        for connection in list(self._runner.server.connections):
            if connection.transport is not None:
                connection.transport.abort()


def account(variables: dict[str, Any]) -> tuple[str, str]:
    """The account that may enrol, from the CA host's variables: its own, or else the one to log in with."""
    for user, password in (("collab_enterprise_ca_user", "collab_enterprise_ca_password"), ("ansible_user", "ansible_password")):
        if type(variables.get(user)) is str and type(variables.get(password)) is str:
            return variables[user], variables[password]
    raise LookupError("the CA host needs collab_enterprise_ca_user and collab_enterprise_ca_password")


async def start(world: World, host: Host) -> Site:
    """Serve web enrolment of `world.ca` for a host of the inventory. Raises OSError (address taken) or LookupError (no account)."""
    user, password = account(host.variables)

    def note(operation: str, kind: str, detail: dict) -> None:
        world.journal.add(host.name, CHANNEL, operation, kind, **detail)

    async def strike(operation: str, phase: str):
        return await world.faults.hit(host.name, CHANNEL, operation, phase)

    enrolment = WebEnrolment(world.ca, user, password, note, strike, world.refuses)
    runner = web.AppRunner(enrolment.application(), access_log=None)
    await runner.setup()
    context = _context(world, host)
    listener = await asyncio.get_running_loop().create_server(runner.server, host.address, host.ports["https"], ssl=context)
    return Site(listener, runner)


def _context(world: World, host: Host) -> ssl.SSLContext:
    key = world.keys.rsa()
    leaf = world.ca.issue(load_key(key).public_key(), host.fqdn, [host.fqdn, host.address], "server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # OpenSSL reads keys from files only; the directory is private and gone at once.
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "site.pem"
        file.write_text(key + pem(leaf) + pem(world.ca.issuing), encoding="ascii")
        context.load_cert_chain(file)
    return context
