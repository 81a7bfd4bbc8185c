"""The platform command line (VOS) of a node, over SSH.

`await start(node)` listens on the node's SSH port and gives a server with `close()`, `wait_closed()` and `drop()` (cuts all sessions).
`known_hosts_line(node)` is what a client needs to trust the node's key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import asyncssh

from lab.ucm.vos_cli import commands as commands
from lab.ucm.vos_cli import unsure as unsure
from lab.ucm.vos_cli.server import VosServer

if TYPE_CHECKING:
    from lab.core.world import Node

_host_keys: WeakKeyDictionary[Node, asyncssh.SSHKey] = WeakKeyDictionary()


def host_key(node: Node) -> asyncssh.SSHKey:
    """The node's SSH key pair; taken from the lab's key pool when it is first asked for."""
    if node not in _host_keys:
        # Checking an RSA key costs as much as making one; these are our own.
        _host_keys[node] = asyncssh.import_private_key(node.world.keys.rsa(), unsafe_skip_rsa_key_validation=True)
    return _host_keys[node]


def known_hosts_line(node: Node) -> str:
    """The line for known_hosts (with its line end) that makes a client trust this node's key."""
    kind, key = host_key(node).export_public_key("openssh").decode("ascii").split()[:2]
    port = node.ports["ssh"]
    host = node.address if port == 22 else f"[{node.address}]:{port}"
    return f"{host} {kind} {key}\n"


async def start(node: Node) -> VosServer:
    """Listen on the node's address and SSH port. Raises OSError when the port is taken."""
    server = VosServer(node)
    await server.start(node.address, node.ports["ssh"], host_key(node))
    return server
