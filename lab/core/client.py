"""The client side of the control socket (lab.core.control has the server): light, so that the commands start at once."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME = "lab.sock"


class NotRunning(ConnectionError):
    """No lab runs in this directory."""


class ControlError(RuntimeError):
    """The lab refused the command; the text says why."""


@contextlib.contextmanager
def short_path(directory: Path) -> Iterator[str]:
    """A path to the control socket that is never too long: through the directory's descriptor."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)


def ask(directory: Path, command: str, timeout: float = 60.0, **arguments: Any) -> Any:
    """Send a command to the lab in `directory` and give its result. Raises NotRunning, ControlError."""
    try:
        with short_path(directory) as path, socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(timeout)
            sock.connect(path)
            sock.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
            data = bytearray()
            while not data.endswith(b"\n"):
                piece = sock.recv(1 << 20)
                if not piece:
                    raise NotRunning(f"the lab in {directory} ended while it was asked")
                data += piece
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        raise NotRunning(f"no lab runs in {directory}") from error
    answer = json.loads(data)
    if not answer["ok"]:
        raise ControlError(answer["error"])
    return answer["result"]
