"""The database cluster: at most three servers with a database, one of them the primary, and Call Bridges that only connect to it (cms.md 1.4).

Commands end later than they return: `status` says how they went. `initialize`, `join` and `connect` really speak PostgreSQL's TLS on port 5432, with the
certificates that `database cluster certs` gave: a client whose common name lacks `postgres` or whose CA is not the cluster's is turned away.
Certificates cannot be changed while a server is part of a cluster. Durations are ours.
"""

from __future__ import annotations

import asyncio
import copy
import ssl
from typing import TYPE_CHECKING
from typing import Any

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server import files
from lab.meeting_server.files import BadFile
from lab.meeting_server.files import Copy
from lab.ucm.tls import client_context
from lab.ucm.tls import load_identity

if TYPE_CHECKING:
    from lab.meeting_server.state import Server

PORT = 5432
MEMBERS = 3
SECONDS = {"initialize": 20.0, "join": 40.0, "connect": 10.0, "remove": 15.0, "upgrade_schema": 20.0}
IN_SYNC = 20.0          # virtual seconds from the join until a replica has everything
SERVER_FILES = ("Server Key", "Server Certificate", "Client Key", "Client Certificate", "CA Certificate")
CLIENT_FILES = SERVER_FILES[2:]
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
STARTUP = bytes.fromhex("0000000800030000")

variant("cms_database_words", ("primary", "master"), "master", "cms.md 1.4 (unsure)",
        "whether a release before 3.0 calls the servers of a database cluster Primary and Replica, or Master and Slave")
variant("cms_join_needs", ("certificates", "order"), "certificates", "cms.md 1.4",
        "whether a join only needs certificates that fit, or also that localnode was set before")

refusal("cms_database_clustered", "cms.md 0 (3), TN216549", "other certificates for the database while it is clustered")
refusal("cms_database_client_name", "cms.md 1.4, TN210530", "a database client whose common name does not contain postgres")
refusal("cms_database_client_trust", "cms.md 1.4, TN210530", "a database client whose certificate is not of the cluster's CA")
refusal("cms_database_members", "cms.md 1.4", "a fourth server with a database")
refusal("cms_database_files", "cms.md 1.4", "certificates for the database that are no pair, or not of the CA that is given")
refusal("cms_database_busy", "cms.md 1.4 (commands are asynchronous; ours)", "a command while another one is under way")
refusal("cms_database_state", "cms.md 1.4", "a command that the state of the server does not allow: join while it is in a cluster, remove while it is in none")


class Refused(ValueError):
    """A command that is not carried out; the text says why."""


class Database:
    """One server's part. role: "" (not clustered), primary, replica or client; primary: address of the primary that it knows."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.interface = ""
        self.certs: dict[str, Copy] = {}
        self.role = ""
        self.primary = ""
        self.in_sync = False
        self.error = ""
        self.last = ""              # the last command
        self.outcome = ""           # Success, Failed, or In progress

    # ---- what it is

    @property
    def clustered(self) -> bool:
        """Whether the server is part of a cluster, or about to be."""
        return bool(self.role) or self.outcome == "In progress"

    @property
    def serves(self) -> bool:
        """Whether port 5432 is open."""
        return self.role in ("primary", "replica")

    def members(self) -> list[Server]:
        """The servers with a database of the cluster that this one belongs to, in the inventory's order."""
        return [one for one in self.server.cluster.servers if one.database.serves and one.database.primary == self.primary]

    def context(self) -> ssl.SSLContext:
        """For clients of port 5432: they need a certificate of the CA, for client authentication."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_TICKET
        context.load_verify_locations(cadata=self._pem("CA Certificate"))
        context.verify_mode = ssl.CERT_REQUIRED if self.server.world.refuses("cms_database_client_trust") else ssl.CERT_NONE
        load_identity(context, self._pem("Server Certificate"), self._key("Server Key"))
        return context

    def _pem(self, name: str) -> str:
        return files.pem(self.certs[name].content)

    def _key(self, name: str) -> str:
        return files.key_text(self.certs[name].content)

    def word(self, role: str) -> str:
        """Primary or Replica, as the release says it."""
        old = self.server.major < 3 and self.server.world.variant("cms_database_words") == "master"
        return {"primary": "Master" if old else "Primary", "replica": "Slave" if old else "Replica"}[role]

    def expired(self) -> list[str]:
        """Which of its certificates are not valid now."""
        now = self.server.world.clock.now()
        found = []
        for name, held in self.certs.items():
            if "Certificate" in name and any(not one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in files.certificates(held.content)):
                found.append(name)
        return found

    # ---- commands

    def set_certs(self, names: list[str]) -> None:
        """`database cluster certs` with five files, or three. Raises Refused."""
        world, store = self.server.world, self.server.files
        if self.clustered and world.refuses("cms_database_clustered"):
            raise Refused("certificates cannot be changed while database clustering is enabled")
        labels = SERVER_FILES if len(names) == 5 else CLIENT_FILES
        missing = [name for name in names if name not in store]
        if missing:
            raise Refused(f"file {missing[0]} not found")
        copies = {label: Copy(name, store[name]) for label, name in zip(labels, names, strict=True)}
        try:
            problem = self._problem(copies)
        except BadFile as bad:
            raise Refused(str(bad)) from bad
        if problem and world.refuses("cms_database_files"):
            raise Refused(problem)
        self.certs = copies

    def _problem(self, copies: dict[str, Copy]) -> str:
        authority = files.certificates(copies["CA Certificate"].content)
        for who in ("Server", "Client"):
            if f"{who} Key" not in copies:
                continue
            if not files.pair(copies[f"{who} Key"].content, copies[f"{who} Certificate"].content):
                return f"{who.lower()} key and certificate do not match"
            leaf, *more = files.certificates(copies[f"{who} Certificate"].content)
            if not files.verifies(leaf, (*more, *authority), to_root=False):
                return f"{who.lower()} certificate is not signed by the CA certificate"
        return ""

    def clear_certs(self) -> None:
        """`database cluster certs none`. Raises Refused."""
        if self.clustered and self.server.world.refuses("cms_database_clustered"):
            raise Refused("certificates cannot be removed while database clustering is enabled")
        self.certs = {}

    def check(self, command: str) -> None:
        """What is known before anything is asked. Raises Refused."""
        world = self.server.world
        if self.outcome == "In progress" and world.refuses("cms_database_busy"):
            raise Refused("another database clustering command is in progress")
        if not world.refuses("cms_database_state"):
            return
        if command in ("initialize", "join", "connect") and self.role:
            raise Refused("this node is already part of a database cluster")
        if command in ("remove", "upgrade_schema") and not self.role:
            raise Refused("database clustering is not enabled on this node")
        if command in ("initialize", "join"):
            if len(self.certs) < 5:
                raise Refused("database clustering server and client certificates are not configured")
            if not self.interface and (command == "initialize" or world.variant("cms_join_needs") == "order"):
                raise Refused("no interface is configured: use database cluster localnode")
        if command == "connect" and not self.certs:
            raise Refused("database clustering client certificates are not configured")

    def begin(self, command: str, host: str = "") -> None:
        """Start a command; `status` tells how it goes. Raises Refused."""
        self.check(command)
        self.last = f"database cluster {command} {host}".strip()
        self.outcome, self.error = "In progress", ""
        self.server.world.spawn(self._run(command, host), f"{self.server.name}: {self.last}")

    async def _run(self, command: str, host: str) -> None:
        server, world = self.server, self.server.world
        fault = await world.faults.hit(server.appliance, "services", self.last)
        await world.clock.sleep(SECONDS[command])
        try:
            if fault is not None:
                raise Refused("the command did not finish")
            await getattr(self, f"_{command}")(host)
        except (Refused, OSError, TimeoutError, BadFile, asyncio.IncompleteReadError) as problem:
            self.outcome, self.error = "Failed", _why(problem)
            return
        self.outcome = "Success"
        await server.appliance.doors.sync()

    async def _initialize(self, _host: str) -> None:
        self.role, self.primary, self.in_sync = "primary", self.server.appliance.address, True

    async def _join(self, host: str) -> None:
        primary = await self._reach(host)
        if len(primary.database.members()) >= MEMBERS and self.server.world.refuses("cms_database_members"):
            raise Refused(f"a database cluster has at most {MEMBERS} nodes")
        # The joining server's own database is overwritten (TN210530).
        self.server.objects = primary.objects
        self.role, self.primary, self.in_sync = "replica", primary.database.primary, False
        self.server.world.spawn(self._synchronize(), f"{self.server.name}: replication")

    async def _connect(self, host: str) -> None:
        primary = await self._reach(host)
        self.server.objects = primary.objects
        self.role, self.primary = "client", primary.database.primary

    async def _remove(self, _host: str) -> None:
        was, members = self.role, self.members()
        self.role, self.primary, self.in_sync = "", "", False
        self.server.objects = copy.deepcopy(self.server.objects)
        left = [one for one in members if one is not self.server]
        if was == "primary" and left:
            # The others elect one of theirs.
            chosen = left[0]
            address = chosen.appliance.address
            clients = [one for one in self.server.cluster.servers if one.database.role == "client"]
            for one in (*left, *clients):
                one.database.primary = address
            chosen.database.role = "primary"

    async def _upgrade_schema(self, _host: str) -> None:
        if self.role != "primary":
            raise Refused("the schema is upgraded on the primary")

    async def _synchronize(self) -> None:
        world = self.server.world
        await world.clock.sleep(IN_SYNC)
        if self.role == "replica" and not world.faults.standing(self.server.appliance, "replication", "database"):
            self.in_sync = True

    async def _reach(self, host: str) -> Server:
        """The primary behind a host, by a real connection with this server's certificates. Raises Refused, OSError."""
        server = self.server
        address = server.world.resolve(host)
        if address is None:
            raise Refused(f"cannot resolve {host}")
        context = client_context(self._pem("Client Certificate"), self._key("Client Key"), (self._pem("CA Certificate"),))
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, PORT, local_addr=(server.appliance.address, 0)), 10)
        try:
            writer.write(SSL_REQUEST)
            if await asyncio.wait_for(reader.readexactly(1), 10) != b"S":
                raise Refused("the server does not support SSL")
            await asyncio.wait_for(writer.start_tls(context), 10)
            writer.write(STARTUP)
            answer = await asyncio.wait_for(reader.readexactly(1), 10)
            if answer != b"R":
                raise Refused("certificate authentication failed")
        finally:
            writer.transport.abort()
        found = server.cluster.find(host)
        if found is None or not found.database.serves:
            raise Refused(f"{host} has no database cluster")
        return found.cluster.find(found.database.primary) or found

    def save(self) -> dict[str, Any]:
        """State for a snapshot. A command under way is held as one that failed."""
        state = {name: value for name, value in vars(self).items() if name != "server"}
        return state | ({"outcome": "Failed"} if self.outcome == "In progress" else {})

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave."""
        vars(self).update(state)
        if self.role == "replica" and not self.in_sync:
            self.server.world.spawn(self._synchronize(), f"{self.server.name}: replication")


def _why(problem: Exception) -> str:
    if isinstance(problem, ssl.SSLError):
        return f"SSL error: {getattr(problem, 'verify_message', '') or problem.reason or 'handshake failed'}"
    if isinstance(problem, (Refused, BadFile)):
        return str(problem)
    return "could not connect to server"
