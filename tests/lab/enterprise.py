"""The small estate with all products: two nodes each of Unified CM, IM and Presence and Unity Connection; and stock clients of its nodes."""

from __future__ import annotations

import asyncio
import subprocess

import paramiko

from lab.core.world import Node
from lab.ucm import vos_cli
from tests.lab.cli_client import Typist

CM = ("us-cm-pub", "us-cm-sub1")
NODES = {
    "us-imp-pub": ("im_presence", "us_imp", ["publisher"], 11),
    "us-imp-sub1": ("im_presence", "us_imp", ["subscriber"], 12),
    "us-cuc-pub": ("unity_connection", "us_cuc", ["publisher"], 21),
    "us-cuc-sub": ("unity_connection", "us_cuc", ["subscriber"], 22),
}


def with_products(*names: str):
    """A `change` for run_lab: adds these nodes of the table above (all unless told) to the small estate."""

    def change(hosts: dict, estate: dict) -> None:
        first = hosts["us-cm-pub"]
        prefix = first["ansible_host"].rpartition(".")[0]
        for name in names or NODES:
            product, cluster, roles, number = NODES[name]
            hosts[name] = {**first, "collab_product": product, "collab_cluster": cluster, "collab_roles": roles, "collab_cm_cluster": "us_cm",
                           "ansible_host": f"{prefix}.{number}", "group_names": [product, cluster]}
            estate["clusters"].setdefault(cluster, {"licence": {"registration": "Registered", "export_control": "ALLOWED"}})

    return change


async def openssl(node: Node, port: int, *options: str) -> str:
    """What `openssl s_client` says of a port."""
    command = ["openssl", "s_client", "-connect", f"{node.address}:{port}", *options]
    done = await asyncio.to_thread(subprocess.run, command, input="", capture_output=True, text=True, timeout=20, check=False)
    return done.stdout + done.stderr


def _typed(node: Node, tmp_path, dialogue: list[str | tuple[str, str]]) -> list[str]:
    known = tmp_path / f"known_hosts-{node.name}"
    known.write_text(vos_cli.known_hosts_line(node))
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(known))
        account = node.credentials
        client.connect(node.address, node.ports["ssh"], account.platform_user, account.platform_password, look_for_keys=False, allow_agent=False, timeout=10)
        typist = Typist(client)
        typist.until("admin:")
        typist.run("set cli pagination off")
        result = []
        for step in dialogue:
            if isinstance(step, tuple):
                typist.send(step[0] + "\n")
                result.append(typist.until(step[1]))
            else:
                result.append(typist.run(step))
    return result


async def typed(node: Node, tmp_path, *dialogue: str | tuple[str, str]) -> list[str]:
    """Log in with a stock paramiko client and type; gives what the node printed after each. (text, end): wait for that end, not for the prompt."""
    return await asyncio.to_thread(_typed, node, tmp_path, list(dialogue))
