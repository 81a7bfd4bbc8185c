"""One session of the VOS command line: banner, prompt, dispatch, questions (vos.md 1.1 and 6, transcripts 01 and 21).

A handler gets the shell: it prints with `out`, asks with `ask_key` and `ask_word`, waits with `wait` (virtual seconds) and fails by
raising Failure. Every command is written to the lab's journal, passes the lab's faults before and after, and never answers with
success to words that it does not know.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.ssh.terminal import HungUp
from lab.ssh.terminal import Interrupted
from lab.ssh.terminal import Terminal
from lab.ucm.refused import Refused
from lab.ucm.vos_cli import registry
from lab.ucm.vos_cli.registry import Failure

if TYPE_CHECKING:
    from lab.core.world import Node

CHANNEL = "vos_cli"
PROMPT = "admin:"
LOGIN_SECONDS = 12.0
STARTING = "Command Line Interface is starting up, please wait ...\n\n"
WELCOME = "   Welcome to the Platform Command Line Interface\n\nVMware Installation:\n\t2 vCPU: Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz\n\n"
UNSUCCESSFUL = "Executed command unsuccessfully"
SUCCESSFUL = "Command successful"
FIRST_WORDS = {"show", "set", "utils", "run", "file", "unset", "delete", "help", "exit", "quit"}


class Exit(Exception):
    """The user asked to leave."""


class Shell:
    """The command line of one node for one logged-in user."""

    def __init__(self, node: Node, terminal: Terminal, cut: Callable[[], None], since: datetime.datetime) -> None:
        """cut: drops the connection without a word (used by injected faults). since: when the node came up."""
        self.node = node
        self.world = node.world
        self.cluster = node.cluster
        self.terminal = terminal
        self.cut = cut
        self.since = since
        self.typed = ""

    async def run(self) -> None:
        """Greet, then prompt and execute until the user leaves or the session is cut."""
        try:
            await self._greet()
            while True:
                await self._execute(await self._read_command())
        except (HungUp, Exit):
            return

    # --- for handlers ----------------------------------------------------------------------------------------------------

    async def out(self, text: str = "\n") -> None:
        """Print lines of output (through the pager)."""
        await self.terminal.show(text)

    async def wait(self, seconds: float) -> None:
        """Take virtual seconds."""
        await self.world.clock.sleep(seconds)

    async def ask_key(self, prompt: str) -> str:
        """A (y/n) question: one key, or a line where the variant says so. Gives the answer in lower case."""
        self.terminal.write(prompt)
        self.terminal.question(True)
        try:
            if self.world.variant("cli_yes_no_key") == "line":
                return (await self.terminal.line()).strip().lower()
            key = await self.terminal.key()
            self.terminal.write(key.strip() + "\n")
            return key.strip().lower()
        finally:
            self.terminal.question(False)

    async def ask_word(self, prompt: str) -> str:
        """A (yes/no) or (yes|no) question: a word and Enter; anything else is asked again. Gives yes or no."""
        self.terminal.question(True)
        try:
            while True:
                self.terminal.write(prompt)
                word = (await self.terminal.line()).strip().lower()
                if word in ("yes", "no"):
                    return word
        finally:
            self.terminal.question(False)

    async def paste(self, prompt: str) -> str:
        """Text pasted after a prompt, up to the line that ends a certificate, or to an empty line (variant; and for what begins as none)."""
        self.terminal.write(prompt)
        by_empty_line = self.world.variant("cli_paste_end") == "empty-line"
        lines: list[str] = []
        while True:
            line = await self.terminal.line()
            if line.strip():
                lines.append(line)
            elif lines and (by_empty_line or not lines[0].startswith("-----BEGIN")):
                break
            if line.startswith("-----END") and not by_empty_line:
                break
        return "\n".join(lines) + "\n"

    # --- the loop --------------------------------------------------------------------------------------------------------

    async def _greet(self) -> None:
        self.terminal.write(STARTING)
        await self.wait(LOGIN_SECONDS)
        self.terminal.write(WELCOME)
        if self.world.variant("cli_login_nudge") == "needed":
            await self.terminal.line(echo=False)
        self.terminal.write(PROMPT)

    async def _read_command(self) -> str:
        while True:
            try:
                line = await self.terminal.line(start_column=len(PROMPT))
            except Interrupted:
                self.terminal.write("^C\n")
                line = ""
            if line.strip():
                return line.strip()
            self._prompt()

    def _prompt(self) -> None:
        self.terminal.write(("\r\x1b[K" if self.terminal.habits.ansi else "\r") + PROMPT)

    async def _execute(self, line: str) -> None:
        self.terminal.new_command()
        self.typed = line
        words = line.split()
        match = registry.find(words, self.node.product)
        if match is None:
            await self._unknown(line, words)
        else:
            await self._run_known(line, *match)
        self._prompt()

    async def _unknown(self, line: str, words: list[str]) -> None:
        title = f"unknown command: {line}" if words[0] in FIRST_WORDS else "unknown command"
        self.world.journal.add(self.node, CHANNEL, title, "read", refused="unknown command")
        self.world.note_unknown(self.node, CHANNEL, title)
        await self.out(f"No valid command entered\n{UNSUCCESSFUL}\n")

    async def _run_known(self, line: str, command: registry.Command, arguments: list[str]) -> None:
        kind = command.kind(arguments) if callable(command.kind) else command.kind
        fault = await self.world.faults.hit(self.node, CHANNEL, line, "before")
        if fault is not None:
            self.world.journal.add(self.node, CHANNEL, line, kind, refused=f"fault {fault.action}")
            await self._suffer(fault.action)
            return
        # Written down when it begins, so that a long command can be seen while it runs; a refusal is added to the same entry.
        detail = self.world.journal.add(self.node, CHANNEL, line, kind).detail
        try:
            await command.handler(self, arguments)
        except (Failure, Refused) as problem:
            detail["refused"] = str(problem)
        except Interrupted:
            detail["refused"] = "interrupted"
        except HungUp:
            detail["refused"] = "session ended"
            raise
        fault = await self.world.faults.hit(self.node, CHANNEL, line, "after")
        if fault is not None:
            detail["fault"] = fault.action
            await self._suffer(fault.action)
        elif "refused" in detail:
            await self.out(f"{detail['refused']}\n{UNSUCCESSFUL}\n")

    async def _suffer(self, action: str) -> None:
        """Do what an injected fault says: fail loudly, never answer, or cut the session."""
        if action == "status":
            await self.out(f"{UNSUCCESSFUL}\n")
            return
        if action == "never":
            while True:
                await self.terminal.key()
        self.cut()
        raise HungUp
