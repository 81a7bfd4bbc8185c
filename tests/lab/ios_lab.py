"""A lab with routers, and a person at a router's terminal (stock paramiko)."""

from __future__ import annotations

import os
import re
from pathlib import Path

import paramiko
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from lab.ios import KINDS
from lab.ios.doors import SshDoor
from tests.lab import axl_lab
from tests.lab.axl_lab import Lab

USER, PASSWORD, ENABLE = "netadmin", "Router-1", "Enable-1"
NODES = {"us-cube1": ("us_cube", "cube", 91), "us-cube2": ("us_cube", "cube", 92), "us-branch1": ("us_srst", "srst", 93)}
PROMPT = re.compile(r"(?:^|\r\n|\r)(us-\w+(?:\([\w-]+\))?[#>])$")


def network(number: int = 0) -> str:
    """First three bytes of the addresses of this process's labs. number: of labs that run side by side."""
    return f"127.{116 + number}.{os.getpid() % 250}"


def hosts(release: str = "17.9", names: tuple[str, ...] = tuple(NODES), net: str = "") -> dict[str, dict]:
    """Variables of the routers."""
    net = net or network()
    return {name: {
        "collab_product": "ios", "collab_cluster": group, "group_names": ["ios", group], "collab_roles": [role], "collab_release": release,
        "collab_domain": "ent-pa.com", "ansible_host": f"{net}.{number}", "ansible_port": 20022, "ansible_user": USER, "ansible_password": PASSWORD,
        "collab_enable_password": ENABLE, "collab_cm_cluster": "us_cm"} for name, (group, role, number) in NODES.items() if name in names}


def started(directory: Path, release: str = "17.9", names: tuple[str, ...] = tuple(NODES), estate: dict | None = None, speed: float = 6000.0,
            number: int = 0) -> Lab:
    """The lab, running, with routers alone."""
    clusters = {"us_cube": {}, "us_srst": {}} if estate is None else estate
    return Lab(directory, 0, speed=speed, estate={"clusters": clusters}, variables=hosts(release, names, network(number)))


def with_unified_cm(directory: Path, release: str = "17.9", estate: dict | None = None, more: dict | None = None, speed: float = 6000.0) -> Lab:
    """A lab with two nodes of Unified CM beside the routers. more: of the cluster's part of the estate."""
    net = network(1)
    variables = axl_lab.hosts(net, "15")
    for name in ("us-cm-sub2",):
        del variables[name]
    variables |= hosts(release, net=net)
    cluster = {"licence": {"registration": "Registered", "export_control": "ALLOWED"},
               "callmanager_groups": [{"name": "US_CMG_1", "members": ["us-cm-sub1"]}],
               "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1"}], **(more or {})}
    return Lab(directory, 0, speed=speed, estate={"clusters": {"us_cm": cluster, **(estate or {"us_cube": {}, "us_srst": {}})}}, variables=variables)


def appliance(lab: Lab, name: str = "us-cube1"):
    """A router of the lab."""
    return next(one for one in lab.world.appliances() if one.name == name)


def known_hosts(lab: Lab, path: Path) -> Path:
    """The host keys of all routers."""
    lines = []
    for one in lab.world.appliances():
        lines.append(f"[{one.address}]:{one.ports['ssh']} {KINDS['ios'].host_key(one)}\n")
    path.write_text("".join(lines))
    return path


class Person:
    """Somebody at a terminal: types lines, reads up to the next prompt or question."""

    def __init__(self, lab: Lab, tmp_path: Path, name: str = "us-cube1", enable: bool = True, user: str = USER, password: str = PASSWORD):
        self.lab, self.appliance = lab, appliance(lab, name)
        self.router = self.appliance.state
        self.client = paramiko.SSHClient()
        self.client.load_host_keys(str(known_hosts(lab, tmp_path / "known_hosts")))
        self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
        self.client.connect(self.appliance.address, self.appliance.ports["ssh"], user, password, look_for_keys=False, allow_agent=False, timeout=10)
        self.channel = self.client.invoke_shell(width=200, height=24)
        self.channel.settimeout(10)
        self.until(">", "#")
        if enable:
            self.run("terminal length 0")
            if self.lab.world.variant("ios_login_privilege") == "1":
                assert self.say("enable", "Password: ") and self.say(ENABLE, "#")

    def until(self, *ends: str) -> str:
        """What comes up to one of the ends, with plain line ends."""
        seen = ""
        while not any(seen.endswith(end) for end in ends):
            data = self.channel.recv(65536)
            if not data:
                raise EOFError(seen)
            seen = (seen + data.decode()).replace("\r\n", "\n")
        return seen

    def say(self, text: str, *ends: str) -> str:
        """Type a line; gives what comes up to one of the ends."""
        self.channel.sendall(text.encode() + b"\n")
        return self.until(*ends)

    def run(self, line: str) -> str:
        """A command; gives its output without echo and prompt."""
        self.channel.sendall(line.encode() + b"\n")
        seen = ""
        while not PROMPT.search(seen):
            data = self.channel.recv(65536)
            if not data:
                raise EOFError(seen)
            seen += data.decode()
        text = seen.replace("\r\n", "\n")
        return text[text.index("\n") + 1:text.rindex("\n") + 1] if text.count("\n") > 0 else ""

    def configure(self, *lines: str) -> list[str]:
        """Lines in configuration mode, and back; gives what each printed."""
        self.run("configure terminal")
        found = [self.run(line) for line in lines]
        self.run("end")
        return found

    def running(self) -> str:
        """The running configuration."""
        return self.run("show running-config")

    def paste(self, pem: str, *ends: str, armour: bool = True) -> str:
        """A certificate, line by line, and `quit`."""
        lines = [line for line in pem.strip().splitlines() if armour or not line.startswith("-----")]
        for line in lines:
            self.channel.sendall(line.encode() + b"\n")
        return self.say("quit", *ends)

    def restarted(self) -> None:
        """Enter at `[confirm]`; the session ends, and the router comes back."""
        self.channel.sendall(b"\n")
        while self.channel.recv(65536):
            pass
        self.lab.do(self.lab.world.quiet())

    def close(self) -> None:
        """Hang up."""
        self.client.close()


def hang_up(lab: Lab) -> None:
    """Cut all sessions, as there are no more than five lines."""
    def cut() -> None:
        for one in lab.world.appliances():
            for door in one.doors._doors:
                if isinstance(door, SshDoor) and door._server is not None:
                    door._server.drop()

    lab.call(cut)


TRUSTPOINT = ("crypto pki trustpoint CUBE", "enrollment terminal pem", "subject-name cn=us-cube1.ent-pa.com,o=ENT-PA", "revocation-check none",
              "rsakeypair CUBE", "hash sha256")


def prepared(person: Person, name: str = "CUBE", *more: str) -> None:
    """Key pair and trustpoint."""
    person.run("configure terminal")
    assert "[OK]" in person.run(f"crypto key generate rsa label {name} modulus 2048")
    for line in (*(line.replace("CUBE", name) for line in TRUSTPOINT), *more):
        assert person.run(line) == ""
    person.run("exit")


def authenticated(person: Person, pem: str, name: str = "CUBE", armour: bool = True) -> str:
    """The CA certificate, accepted; gives all that was said."""
    said = person.say(f"crypto pki authenticate {name}", "by itself\n\n")
    said += person.paste(pem, "[yes/no]: ", armour=armour)
    return said + person.run("yes")


def requested(person: Person, name: str = "CUBE") -> tuple[x509.CertificateSigningRequest, str]:
    """(the request, all that was said): no serial number, no address."""
    said = person.say(f"crypto pki enroll {name}", "subject name? [yes/no]: ")
    said += person.say("no", "[no]: ") + person.say("no", "terminal? [yes/no]: ") + person.say("yes", "request? [yes/no]: ")
    body = re.search(r"follows:\n\n(.*?)\n---End", said, re.S)[1]
    if "BEGIN" not in body:
        body = f"-----BEGIN CERTIFICATE REQUEST-----\n{body.strip()}\n-----END CERTIFICATE REQUEST-----\n"
    return x509.load_pem_x509_csr(body.strip().encode()), said + person.run("no")


def signed(lab: Lab, csr: x509.CertificateSigningRequest, cn: str = "us-cube1.ent-pa.com", **options) -> str:
    """A certificate of the enterprise CA for a request's key."""
    certificate = lab.world.ca.issue(csr.public_key(), cn, [cn], options.pop("profile", "both"), **options)
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def imported(person: Person, pem: str, name: str = "CUBE", armour: bool = True) -> str:
    """The own certificate; gives all that was said."""
    said = person.say(f"crypto pki import {name} certificate", "by itself\n\n")
    lines = [line for line in pem.strip().splitlines() if armour or not line.startswith("-----")]
    for line in lines:
        person.channel.sendall(line.encode() + b"\n")
    return said + person.run("quit")


def enrolled(person: Person, name: str = "CUBE", cn: str = "us-cube1.ent-pa.com", **options) -> str:
    """Everything from the key to the certificate; gives its PEM. Leaves the person in configuration mode."""
    issuing = person.lab.world.ca.issuing.public_bytes(serialization.Encoding.PEM).decode()
    prepared(person, name)
    assert "accepted" in authenticated(person, issuing, name)
    csr, _said = requested(person, name)
    pem = signed(person.lab, csr, cn, **options)
    assert "successfully imported" in imported(person, pem, name)
    return pem
