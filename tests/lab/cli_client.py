"""What the tests of the command line share: a small estate without TLS, run in a thread, and a stock paramiko client."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager

import paramiko

from lab.core.world import Cluster
from lab.core.world import Credentials
from lab.core.world import Node
from lab.core.world import World
from lab.ucm import vos_cli
from lab.ucm.certificates import install_day_zero
from lab.ucm.security import ClusterSecurity
from lab.ucm.services import ServiceManager

USER, PASSWORD = "administrator", "Platform-1"


def make_world(nodes=("us-cm-pub", "us-cm-sub1"), release="15", speed=600.0, estate=None, network="127.78.1"):
    """A cluster of nodes on addresses of its own, with day-0 certificates, services and security; nothing listens yet."""
    world = World(speed=speed)
    cluster = Cluster("us_cm", "unified_cm", release, "ent-pa.com", estate or {}, world)
    world.clusters["us_cm"] = cluster
    for number, name in enumerate(nodes, start=1):
        roles = frozenset({"publisher"} if number == 1 else {"subscriber", "call_processing"})
        ports = {"ssh": 20022, "https": 28443, "platform": 20443}
        address = f"{network}.{number}"
        cluster.nodes[name] = Node(
            name, f"{name}.ent-pa.com", address, ports, "unified_cm", release, roles, Credentials(USER, PASSWORD), {}, cluster
        )
    cluster.security = ClusterSecurity(cluster)
    cluster.set_parameter("oauth_refresh_login_flow", "1")
    for node in cluster.nodes.values():
        node.services = ServiceManager(node)
    install_day_zero(cluster)
    return world


class Running:
    """An asyncio loop in a thread."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, coroutine, timeout=20):
        """Run a coroutine in the loop and give its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    def call(self, function):
        """Call a plain function in the loop's thread."""

        async def inside():
            return function()

        return self.do(inside())

    def end(self):
        """Stop the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@contextmanager
def serving(world):
    """The command line of every node of the world; gives the running loop and the servers by name."""
    running = Running()
    servers = {node.name: running.do(vos_cli.start(node)) for node in world.nodes()}
    try:
        yield running, servers
    finally:
        for server in servers.values():
            running.call(server.close)
            running.do(server.wait_closed())
        running.do(world.end_tasks())
        running.end()


def connect(node, tmp_path, user=USER, password=PASSWORD):
    """Log in with a stock paramiko client that checks the host key."""
    known = tmp_path / f"known_hosts-{node.name}"
    known.write_text(vos_cli.known_hosts_line(node))
    client = paramiko.SSHClient()
    client.load_host_keys(str(known))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(node.address, node.ports["ssh"], user, password, look_for_keys=False, allow_agent=False, timeout=10, auth_timeout=10)
    return client


class Typist:
    """A person at the terminal: sends text, waits for text."""

    def __init__(self, client, width=200, height=24):
        self.channel = client.invoke_shell(term="vt100", width=width, height=height)
        self.channel.settimeout(10)
        self.seen = ""

    def until(self, *texts):
        """Read until one of the texts ends what was seen; gives what came since the last call."""
        self.seen = ""
        while not any(self.seen.endswith(text) for text in texts):
            data = self.channel.recv(65536)
            if not data:
                raise EOFError(self.seen)
            self.seen += data.decode()
        return self.seen

    def send(self, text):
        """Type."""
        self.channel.sendall(text.encode())

    def run(self, command, end="\radmin:"):
        """Type a command and give all of its output, echo and prompt included."""
        self.send(command + "\n")
        return self.until(end)

    def closed(self):
        """Read on until the other side has closed; gives the rest."""
        self.seen = ""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            data = self.channel.recv(65536)
            if not data:
                return self.seen
            self.seen += data.decode()
        raise TimeoutError(self.seen)
