"""The control socket: how the commands `status`, `journal`, `fault`, ... talk to the lab that runs in DIR.

One request a connection: a JSON line {"command": NAME, ...arguments}, answered by a JSON line {"ok": true, "result": ...} or
{"ok": false, "error": TEXT}. The socket is DIR/lab.sock, mode 0600; DIR may be longer than a socket's path may be.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import socket
from dataclasses import asdict
from typing import Any

from lab import management
from lab.core.client import NAME
from lab.core.client import ControlError
from lab.core.client import short_path
from lab.core.faults import BadFault
from lab.core.refusals import REFUSALS
from lab.core.running import RunningLab
from lab.core.variants import VARIANTS
from lab.ios import console
from lab.ucm import seed_phones
from lab.ucm import srst
from lab.ucm import x509

LIMIT = 64 * 1024**2


class Control:
    """The server side. `stop` is set when someone sent `down`."""

    def __init__(self, lab: RunningLab) -> None:
        self.lab = lab
        self.stop = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen in the lab's directory."""
        with short_path(self.lab.directory) as path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            sock = socket.socket(socket.AF_UNIX)
            sock.bind(path)
            os.chmod(path, 0o600)
        self._server = await asyncio.start_unix_server(self._serve, sock=sock, limit=LIMIT)

    def close(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
        (self.lab.directory / NAME).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = json.loads(await reader.readline())
            answer = {"ok": True, "result": await self._do(request.pop("command", ""), request)}
        except (BadFault, ControlError, ValueError, TypeError) as error:
            answer = {"ok": False, "error": str(error)}
        except KeyError as error:
            answer = {"ok": False, "error": f"there is no {error.args[0]}"}
        try:
            writer.write(json.dumps(answer, default=str).encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _do(self, command: str, arguments: dict[str, Any]) -> Any:
        method = getattr(self, f"do_{command}", None)
        if method is None:
            raise ControlError(f"unknown command {command}")
        result = method(**arguments)
        return await result if asyncio.iscoroutine(result) else result

    # ---- commands (names as on the command line)

    def do_down(self) -> dict:
        self.stop.set()
        return {"pid": os.getpid()}

    async def do_status(self) -> dict:
        await self.lab.refresh()
        return {"pid": os.getpid(), **self.lab.status()}

    def do_journal(self, since: int = 0, writes: bool = False) -> list[dict]:
        return [asdict(entry) for entry in self.lab.world.journal.entries(since, writes)]

    def do_snapshot(self, name: str) -> dict:
        self.lab.snapshots.take(name)
        return {"snapshot": name}

    async def do_restore(self, name: str) -> dict:
        if name not in self.lab.snapshots.names():
            raise ControlError(f"there is no snapshot {name} (there are: {', '.join(self.lab.snapshots.names()) or 'none'})")
        await self.lab.restore(name)
        return {"restored": name}

    async def do_fault_add(self, rule: dict) -> dict:
        fault = self.lab.world.faults.add(rule)
        await self.lab.resync()
        return asdict(fault)

    def do_fault_list(self) -> list[dict]:
        return self.lab.world.faults.list()

    async def do_fault_clear(self) -> list:
        self.lab.world.faults.clear()
        await self.lab.resync()
        return []

    def do_variant_list(self) -> list[dict]:
        return [{**asdict(entry), "value": self.lab.world.variant(name)} for name, entry in sorted(VARIANTS.items())]

    async def do_variant_set(self, readings: dict[str, str]) -> dict:
        for name in readings:
            if name not in VARIANTS:
                raise ControlError(f"there is no variant {name}")
        for name, value in readings.items():
            self.lab.world.set_variant(name, value)
        for node in self.lab.world.nodes():
            # Sockets are bound under a reading; a switched one shows at once.
            node.listeners.close()
        for appliance in self.lab.world.appliances():
            appliance.doors.close()
        await self.lab.resync()
        return readings

    async def do_variant_clear(self) -> dict:
        return await self.do_variant_set({name: VARIANTS[name].default for name in self.lab.world.variants})

    def do_mutate_list(self) -> list[dict]:
        return [{**asdict(entry), "on": self.lab.world.refuses(name)} for name, entry in sorted(REFUSALS.items())]

    def do_mutate_set(self, name: str) -> dict:
        if name not in REFUSALS:
            raise ControlError(f"there is no must-refuse check {name}")
        self.lab.world.mutated.add(name)
        return {"off": sorted(self.lab.world.mutated)}

    def do_mutate_clear(self) -> dict:
        self.lab.world.mutated.clear()
        return {"off": []}

    def do_clock_advance(self, seconds: float) -> dict:
        self.lab.world.clock.advance(float(seconds))
        self.lab.world.advanced()
        return {"time": self.lab.world.clock.now().isoformat()}

    def do_spoil(self, cluster: str, count: int, kinds: list[str] | None = None) -> list[str]:
        return seed_phones.spoil(self.lab.world.clusters[cluster], count, tuple(kinds or seed_phones.WRONGS))

    async def do_srst(self, cluster: str, reference: str) -> dict:
        try:
            pem = await srst.fetch(self.lab.world.clusters[cluster], reference)
        except KeyError as error:
            raise ControlError(str(error.args[0])) from error
        except (OSError, TimeoutError) as error:
            raise ControlError(f"the credential service of {reference} cannot be asked: {error or 'no answer'}") from error
        return {"certificate": pem}

    def do_public_ca(self, action: str, csr: str = "", usage: str = "", name: str = "", value: str = "") -> Any:
        authority = self.lab.world.public_ca
        if authority is None:
            raise ControlError("the inventory has no host with collab_product: public_ca")
        if action == "sign":
            return authority.sign_by_hand(csr, usage)
        if action == "txt":
            return authority.publish(name, value)
        if action == "list":
            return authority.issued
        raise ControlError(f"unknown action {action}")

    def do_manage(self, host: str, action: str, files: dict[str, str], password: str = "") -> dict:
        appliance = self.lab.world.find_appliance(host)
        if not isinstance(getattr(appliance, "state", None), management.server.Managed):
            raise ControlError(f"there is no management server {host}")
        return appliance.state.act(action, {name: base64.b64decode(content) for name, content in files.items()}, password)

    async def do_router(self, host: str, lines: list[str], expire: str = "") -> str:
        appliance = self.lab.world.find_appliance(host)
        if appliance is None or appliance.product != "ios":
            raise ControlError(f"there is no router {host}")
        if expire:
            await console.expire(appliance.state, expire)
        return await console.typed(appliance.state, lines) if lines else ""

    async def do_ca(self, action: str, number: int | None = None) -> Any:
        authority = self.lab.world.ca
        if action == "approve":
            return asdict(authority.approve(int(number)))
        if action == "deny":
            return asdict(authority.deny(int(number)))
        if action == "revoke":
            entry = authority.requests[int(number)]
            authority.revoke(x509.load(entry.certificate))
            return asdict(entry)
        if action == "list":
            return [asdict(entry) for entry in authority.requests.values()]
        raise ControlError(f"unknown action {action}")
