"""One session of the Expressway's command line: greeting, line by line, and the groups of commands (expressway.md 2.1).

There is no prompt: the end of an answer is OK or ERROR. Every line is written to the lab's journal (without values that are secret) and
passes the lab's faults before and after; words that it does not know never end with success.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.expressway.cli import configuration
from lab.expressway.cli import status
from lab.expressway.cli.commands import registry
from lab.expressway.cli.configuration import NOT_KNOWN
from lab.expressway.cli.forms import Failure
from lab.expressway.cli.forms import failed
from lab.expressway.cli.words import BadLine
from lab.expressway.cli.words import Line
from lab.expressway.cli.words import take_apart
from lab.expressway.version import version
from lab.ssh.terminal import HungUp
from lab.ssh.terminal import Interrupted
from lab.ssh.terminal import Terminal

if TYPE_CHECKING:
    from lab.expressway.state import Peer

CHANNEL = "expressway_cli"
LEAVING = ("exit", "quit", "bye", "logout")
GROUPS = {"xconfiguration": "xConfiguration", "xstatus": "xStatus"}


class Shell:
    """The command line of one peer for one logged-in user."""

    def __init__(self, peer: Peer, terminal: Terminal, cut: Callable[[], None]) -> None:
        """cut: drops the connection without a word (used by injected faults)."""
        self.peer = peer
        self.world = peer.world
        self.terminal = terminal
        self.cut = cut

    async def run(self) -> None:
        """Greet, then execute line by line until the user leaves or the session is cut."""
        try:
            self._greet()
            while True:
                try:
                    line = (await self.terminal.line()).strip()
                except Interrupted:
                    continue
                if line.lower() in LEAVING:
                    self._note("exit", "read")
                    return
                if line:
                    await self._execute(line)
        except HungUp:
            return

    async def run_one(self, line: str) -> None:
        """Execute one line, as `ssh admin@peer LINE` has it."""
        try:
            await self._execute(line.strip())
        except HungUp:
            return

    def _note(self, operation: str, kind: str, **detail: str) -> dict:
        return self.world.journal.add(self.peer.appliance, CHANNEL, operation, kind, **detail).detail

    def _greet(self) -> None:
        if self.world.variant("expressway_cli_greeting") == "banner":
            self.terminal.write(f"\nWelcome to\nTANDBERG Video Communication Server {version(self.peer)}\n\nOK\n")
        else:
            self.terminal.write("\nOK\n")

    async def _execute(self, text: str) -> None:
        try:
            line = take_apart(text)
        except BadLine as problem:
            self._note("not understood", "read", refused=str(problem))
            self.world.note_unknown(self.peer.appliance, CHANNEL, "a line that is no command")
            self.terminal.write(failed(self.world, "", f"{NOT_KNOWN}: {problem}"))
            return
        operation, kind = self._named(line)
        fault = await self.world.faults.hit(self.peer.appliance, CHANNEL, operation, "before")
        if fault is not None:
            self._note(operation, kind, refused=f"fault {fault.action}")
            await self._suffer(fault.action)
            return
        # Written down when it begins; a refusal is added to the same entry.
        detail = self._note(operation, kind)
        try:
            answer = await self._answer(line, detail)
        except Failure as failure:
            detail["refused"] = str(failure)
            answer = failed(self.world, registry.verb_of(self.peer, line), str(failure))
        fault = await self.world.faults.hit(self.peer.appliance, CHANNEL, operation, "after")
        if fault is not None:
            detail["fault"] = fault.action
            await self._suffer(fault.action)
            return
        self.terminal.write(answer)

    def _named(self, line: Line) -> tuple[str, str]:
        """(operation for journal and faults, read or write)."""
        if line.group == "xcommand":
            return registry.operation(self.peer, line)
        return " ".join((GROUPS.get(line.group, line.group), *line.words)), "write" if line.named and not line.asks else "read"

    async def _answer(self, line: Line, detail: dict) -> str:
        if line.group == "xconfiguration":
            return configuration.answer(self.peer, line)
        if line.group == "xcommand":
            return await registry.answer(self.peer, line, detail)
        if line.group == "xstatus":
            return await status.answer(self.peer, line)
        self.world.note_unknown(self.peer.appliance, CHANNEL, line.group)
        raise Failure(f"{NOT_KNOWN}: {line.group}")

    async def _suffer(self, action: str) -> None:
        """Do what an injected fault says: fail loudly, never answer, or cut the session."""
        if action == "status":
            self.terminal.write(failed(self.world, "", "Internal error"))
            return
        if action == "never":
            while True:
                await self.terminal.key()
        self.cut()
        raise HungUp
