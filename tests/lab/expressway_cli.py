"""A lab with Expressways on addresses of its own, and a stock paramiko client at a peer's command line."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import paramiko

from lab.core.hostkey import ssh_key
from lab.expressway.cli import SshDoor
from tests.lab import expressway_lab
from tests.lab.axl_lab import Lab
from tests.lab.expressway_lab import NODES
from tests.lab.expressway_lab import PASSWORD
from tests.lab.expressway_lab import USER
from tests.lab.expressway_lab import until

SESSIONS: dict[int, list[Cli]] = {}
ENDS = re.compile(r"(?:^|\n)(OK|ERROR)\r\n$")


def network(number: int = 0) -> str:
    """First three bytes of the addresses of a lab of this process. number: 0 or 1, one for each that runs at a time."""
    return f"127.102.{os.getpid() % 125 + 125 * number}"


def started(directory: Path, release: str = "15.4", names: tuple[str, ...] = tuple(NODES), estate: dict | None = None, speed: float = 6000.0,
            change=None, number: int = 0) -> Lab:
    """The lab, running. change(variables): more about its hosts."""
    clusters = {cluster: {} for cluster in dict.fromkeys(NODES[name][1] for name in names)} if estate is None else estate
    variables = expressway_lab.hosts(release, names, network(number))
    if change is not None:
        change(variables)
    return Lab(directory, 0, speed=speed, estate={"clusters": clusters}, variables=variables)


def appliance_of(lab: Lab, name: str):
    """A peer of the lab."""
    return next(one for one in lab.world.appliances() if one.name == name)


def hang_up(lab: Lab) -> None:
    """End all sessions of a lab."""
    for session in SESSIONS.pop(id(lab), ()):
        session.close()
    until(lambda: not any(sessions(one) for one in lab.world.appliances()))


def sessions(appliance) -> int:
    """How many are open at a peer."""
    door = next(door for door in appliance.doors._doors if isinstance(door, SshDoor))
    return len(door._server.sessions) if door._server else 0


class Cli:
    """A session at one peer. Answers end with OK or ERROR, and are given without the echo."""

    def __init__(self, lab: Lab, name: str = "us-expc1", user: str = USER, password: str = PASSWORD) -> None:
        self.lab = lab
        self.appliance = appliance_of(lab, name)
        self.peer = self.appliance.state
        self.client = paramiko.SSHClient()
        SESSIONS.setdefault(id(lab), []).append(self)
        kind, key = lab.call(lambda: ssh_key(self.appliance).export_public_key("openssh")).decode().split()[:2]
        assert kind == "ssh-rsa"
        place = f"[{self.appliance.address}]:{self.appliance.ports['ssh']}"
        self.client.get_host_keys().add(place, kind, paramiko.RSAKey(data=base64.b64decode(key)))
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.client.connect(self.appliance.address, self.appliance.ports["ssh"], user, password, look_for_keys=False, allow_agent=False, timeout=10)
        self.channel = self.client.invoke_shell(width=500)
        self.channel.settimeout(10)
        self.greeting = self._read()

    def _read(self) -> str:
        seen = ""
        while not ENDS.search(seen):
            data = self.channel.recv(65536)
            if not data:
                raise EOFError(seen)
            seen += data.decode()
        return seen.replace("\r\n", "\n")

    def run(self, line: str) -> str:
        """Type a line, give its answer."""
        self.channel.sendall(line.encode() + b"\n")
        return self._read().partition("\n")[2]

    def done(self, line: str) -> list[str]:
        """The lines of an answer that must be good, without its end."""
        answer = self.run(line)
        assert answer.endswith("OK\n") and "status=Error" not in answer, answer
        return [one for one in answer.splitlines() if one.strip() and one not in ("OK", "*c/end", "*s/end", "*r/end", "*h/end")]

    def refused(self, line: str) -> str:
        """The cause of an answer that must be none of that; nothing is changed."""
        before = self.state()
        answer = self.run(line)
        assert answer.endswith("ERROR\n"), answer
        assert self.state() == before
        return re.search(r'Cause: "(.*)"', answer)[1]

    def state(self) -> str:
        """All that the peer holds."""
        return self.lab.call(lambda: repr((self.peer.shared, self.peer.own, self.peer.certificates.save())))

    def value(self, path: str) -> str:
        """One setting."""
        (line,) = self.done(f"xConfiguration {path}")
        return re.fullmatch(r'\*c xConfiguration .*?: "?(.*?)"?', line)[1]

    def close(self) -> None:
        """Leave."""
        self.client.close()
