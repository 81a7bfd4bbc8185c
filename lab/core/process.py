"""The lab as a process: in the foreground, detached, and ended so that nothing is left."""

from __future__ import annotations

import argparse
import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

READY = "READY"
START_LIMIT = 120.0
END_LIMIT = 20.0


def up(given: argparse.Namespace, directory: Path) -> int:
    """`lab up`: exit status 0 after a clean end (or, detached, when ready), 1 with the reason on stderr."""
    from lab.core.client import NotRunning
    from lab.core.client import ask

    if not given.inventory.exists():
        print(f"lab: there is no inventory {given.inventory}", file=sys.stderr)
        return 1
    try:
        running = ask(directory, "status", timeout=10)
    except NotRunning:
        running = None
    if running is not None:
        print(f"lab: one is running in {directory} already (process {running['pid']}); end it with `lab down`", file=sys.stderr)
        return 1
    return _detach(given, directory) if given.detach else asyncio.run(_serve(given, directory))


def _detach(given: argparse.Namespace, directory: Path) -> int:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = [sys.executable, "-m", "lab", "up", "-i", str(given.inventory.absolute()), "--dir", str(directory), "--phones", str(given.phones),
               "--speed", str(given.speed), "--drain", str(given.drain)]
    if given.axl_schema:
        command += ["--axl-schema", str(given.axl_schema.absolute())]
    log = directory / "lab.log"
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")])), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as errors:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment, start_new_session=True)
    line = _first_line(child)
    if line.startswith(READY):
        print(line, flush=True)
        return 0
    if child.poll() is None:
        child.terminate()
    child.wait(timeout=END_LIMIT)
    print(f"lab: it did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}", file=sys.stderr)
    return 1


def _first_line(child: subprocess.Popen) -> str:
    deadline, data = time.monotonic() + START_LIMIT, b""
    while b"\n" not in data and (left := deadline - time.monotonic()) > 0:
        if not select.select([child.stdout], [], [], left)[0]:
            break
        piece = os.read(child.stdout.fileno(), 4096)
        if not piece:
            break
        data += piece
    child.stdout.close()
    return data.decode("utf-8", "replace").partition("\n")[0]


async def _serve(given: argparse.Namespace, directory: Path) -> int:
    from lab.core.control import Control
    from lab.core.inventory import BadInventory
    from lab.core.running import RunningLab

    began = time.monotonic()
    lab = RunningLab(directory, given.speed, given.phones, given.axl_schema)
    lab.world.drain = given.drain
    control = Control(lab)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, control.stop.set)
    try:
        await lab.up(given.inventory)
        await control.start()
        print(f"{READY} {len(lab.world.nodes()) + len(lab.world.appliances())} nodes in {time.monotonic() - began:.1f} s, directory {directory}", flush=True)
        _let_go_of_stdout()
        await control.stop.wait()
    except (BadInventory, LookupError, ValueError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"lab: {error} (is another lab running on these addresses?)", file=sys.stderr)
        return 1
    finally:
        control.close()
        await lab.close()
    return 0


def _let_go_of_stdout() -> None:
    """Nobody reads further lines: a later print must not end the lab with a broken pipe."""
    if not sys.stdout.isatty():
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def down(directory: Path) -> int:
    """`lab down`: end the lab in `directory` and wait until its process is gone. Nothing to do is no error."""
    from lab.core.client import NotRunning
    from lab.core.client import ask

    try:
        pid = ask(directory, "down", timeout=10)["pid"]
    except NotRunning:
        print(f"no lab runs in {directory}")
        return 0
    deadline = time.monotonic() + END_LIMIT
    while time.monotonic() < deadline:
        if is_gone(pid):
            print("down")
            return 0
        time.sleep(0.02)
    print(f"lab: process {pid} did not end within {END_LIMIT:g} s", file=sys.stderr)
    return 1


def is_gone(pid: int) -> bool:
    """Whether a process has ended (also one that only waits for a parent that does not look, in containers without an init)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return True


def journal(directory: Path, since: int, writes: bool) -> list[dict]:
    """Entries of the running lab, or of the last one that ran in `directory`."""
    from lab.core.client import NotRunning
    from lab.core.client import ask
    from lab.core.journal import read_file

    try:
        return ask(directory, "journal", since=since, writes=writes)
    except NotRunning:
        if not (directory / "journal.jsonl").exists():
            raise
        return read_file(directory / "journal.jsonl", since, writes)
