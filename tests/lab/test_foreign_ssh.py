"""Stock SSH clients against the simulated command line: nobody here wrote them, and they must work as against a real node."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time

import paramiko
import pytest

from lab.ucm import vos_cli
from tests.lab.cli_client import PASSWORD
from tests.lab.cli_client import USER
from tests.lab.cli_client import connect
from tests.lab.cli_client import make_world
from tests.lab.cli_client import serving


@pytest.fixture
def world():
    return make_world(nodes=("us-cm-pub",), network="127.78.2")


@pytest.fixture
def lab(world):
    with serving(world) as (running, _servers):
        yield running


def test_paramiko_falls_back_from_password_to_keyboard_interactive(world, lab, tmp_path):
    client = connect(world.node("us-cm-pub"), tmp_path)
    assert client.get_transport().is_authenticated()
    client.close()


def test_paramiko_is_told_that_only_keyboard_interactive_is_offered(world, lab):
    node = world.node("us-cm-pub")
    transport = paramiko.Transport((node.address, node.ports["ssh"]))
    transport.start_client(timeout=10)
    with pytest.raises(paramiko.BadAuthenticationType) as refused:
        transport.auth_password(USER, PASSWORD, fallback=False)
    assert refused.value.allowed_types == ["keyboard-interactive"]
    transport.close()


def test_paramiko_keyboard_interactive_and_one_password_question(world, lab):
    node = world.node("us-cm-pub")
    asked = []

    def answer(title, instructions, prompts):
        asked.extend(prompts)
        return [PASSWORD] * len(prompts)

    transport = paramiko.Transport((node.address, node.ports["ssh"]))
    transport.start_client(timeout=10)
    transport.auth_interactive(USER, answer)
    assert transport.is_authenticated()
    assert asked == [("Password: ", False)]
    transport.close()


def test_a_client_that_checks_the_host_key_refuses_another_one(world, lab, tmp_path):
    node = world.node("us-cm-pub")
    other = paramiko.RSAKey.generate(2048)
    known = tmp_path / "known_hosts"
    known.write_text(f"[{node.address}]:{node.ports['ssh']} ssh-rsa {other.get_base64()}\n")
    client = paramiko.SSHClient()
    client.load_host_keys(str(known))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    with pytest.raises(paramiko.BadHostKeyException):
        client.connect(node.address, node.ports["ssh"], USER, PASSWORD, look_for_keys=False, allow_agent=False, timeout=10)
    client.close()


class OpenSsh:
    """The system's ssh program on a pseudo terminal of its own."""

    def __init__(self, node, known_hosts, *arguments):
        self._master, slave = pty.openpty()
        options = {
            "UserKnownHostsFile": known_hosts,
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "PreferredAuthentications": "keyboard-interactive,password",
            "NumberOfPasswordPrompts": "1",
            "LogLevel": "ERROR",
        }
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        command = ["ssh", "-F", "/dev/null", "-p", str(node.ports["ssh"]), *flags, "-l", USER, node.address, *arguments]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=_own_terminal(slave))
        os.close(slave)

    def until(self, text, seconds=15):
        """Read until the text has been seen; gives all that came."""
        seen = ""
        deadline = time.monotonic() + seconds
        while text not in seen:
            if not select.select([self._master], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError(seen)
            try:
                data = os.read(self._master, 65536)
            except OSError:
                data = b""
            if not data:
                raise EOFError(seen)
            seen += data.decode()
        return seen

    def send(self, text):
        """Type."""
        os.write(self._master, text.encode())

    def end(self):
        """Wait for the program and give its exit code."""
        try:
            return self.process.wait(15)
        finally:
            self.process.kill()
            os.close(self._master)


def _own_terminal(slave):
    def become():
        import fcntl
        import termios

        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    return become


@pytest.fixture
def known_hosts(world, tmp_path):
    path = tmp_path / "known_hosts"
    path.write_text(vos_cli.known_hosts_line(world.node("us-cm-pub")))
    return path


def test_openssh_logs_in_and_works(world, lab, known_hosts):
    ssh = OpenSsh(world.node("us-cm-pub"), known_hosts)
    ssh.until("Password: ")
    ssh.send(PASSWORD + "\r")
    ssh.until("admin:")
    ssh.send("show version active\r")
    assert "Active Master Version: 15.0.1.11900-40" in ssh.until("\radmin:")
    ssh.send("exit\r")
    ssh.end()
    assert [entry.operation for entry in world.journal.entries()] == ["login", "show version active", "exit"]


def test_openssh_with_a_wrong_password(world, lab, known_hosts):
    ssh = OpenSsh(world.node("us-cm-pub"), known_hosts)
    ssh.until("Password: ")
    ssh.send("wrong\r")
    assert "Permission denied (keyboard-interactive)" in ssh.until("keyboard-interactive")
    assert ssh.end() == 255
    assert [entry.detail.get("refused") for entry in world.journal.entries()] == ["wrong user name or password"]


def test_openssh_gets_no_exec_channel(world, lab, known_hosts):
    ssh = OpenSsh(world.node("us-cm-pub"), known_hosts, "show version active")
    ssh.until("Password: ")
    ssh.send(PASSWORD + "\r")
    assert "request failed" in ssh.until("failed")
    assert ssh.end() != 0
