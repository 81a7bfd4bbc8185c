"""One session of the MMP: prompt, line by line; each line is a whole command and takes effect at once (cms.md 1.1).

Every line is written to the lab's journal (without what is secret) and passes the lab's faults before and after. Passwords are only ever asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server.mmp import registry
from lab.meeting_server.mmp.registry import Failure
from lab.ssh.terminal import HungUp
from lab.ssh.terminal import Interrupted
from lab.ssh.terminal import Terminal

if TYPE_CHECKING:
    from lab.meeting_server.state import Server

CHANNEL = "mmp"
LEAVING = ("exit", "quit", "logout")

variant("mmp_prompt", ("short", "fqdn"), "short", "cms.md 1.1 (both occur in transcripts)", "whether the host name in the prompt has dots")
variant("mmp_confirm", ("line", "key"), "line", "cms.md 1.1, 8 (texts not found)",
        "whether a question is answered by a line, or already by the key Y")
variant("mmp_question", ("last", "above"), "last", "cms.md 8 (texts not found)",
        "whether (Y/n) is the last thing before the answer, or stands above what more is said of the command")
variant("mmp_refusal", ("failure", "plain"), "failure", "cms.md 1.3, 8 (error texts not found)",
        "whether what cannot be done is said with FAILURE: before it, or in plain words")

refusal("mmp_confirm", "cms.md 0 (3), TN216549", "any answer to a question but a capital Y")
refusal("mmp_unknown", "lab.md 5 (inferred)", "a command that there is not, in this release")
refusal("mmp_arguments", "lab.md 5 (inferred)", "a command with too few or too many words")


class Shell:
    """The command line of one server for one user."""

    def __init__(self, server: Server, terminal: Terminal, cut: Callable[[], None], user: str) -> None:
        """cut: drops the connection without a word (used by injected faults)."""
        self.server = server
        self.world = server.world
        self.terminal = terminal
        self.cut = cut
        self.user = user

    @property
    def prompt(self) -> str:
        """HOSTNAME> ."""
        dotted = self.world.variant("mmp_prompt") == "fqdn" and "." not in self.server.hostname
        return f"{self.server.hostname}{'.' + self.server.appliance.fqdn.partition('.')[2] if dotted else ''}> "

    def say(self, text: str) -> None:
        """Print a line."""
        self.terminal.write(text + "\n")

    def check(self, lines: list[tuple[bool, str]]) -> None:
        """Print SUCCESS: and FAILURE: lines."""
        for holds, text in lines:
            self.say(f"{'SUCCESS' if holds else 'FAILURE'}: {text}")

    def refuse(self, text: str) -> Failure:
        """What to raise where something cannot be done."""
        return Failure(f"FAILURE: {text}" if self.world.variant("mmp_refusal") == "failure" else text[:1].upper() + text[1:])

    async def secret(self, question: str) -> str:
        """Ask for a password."""
        self.terminal.write(question)
        return await self.terminal.line(echo=False)

    async def confirmed(self, question: str) -> bool:
        """Ask a question with (Y/n): only a capital Y is a yes."""
        if self.world.variant("mmp_question") == "above":
            asked, mark, more = question.partition("?")
            self.say(f"{asked}{mark} (Y/n)\n{more.strip()}")
        else:
            self.terminal.write(f"{question} (Y/n) ")
        if self.world.variant("mmp_confirm") == "key":
            answer = await self.terminal.key()
            self.say(answer.strip())
        else:
            answer = (await self.terminal.line()).strip()
        return answer == "Y" or not self.world.refuses("mmp_confirm")

    async def run(self) -> None:
        """Execute line by line until the user leaves or the session is cut."""
        try:
            while True:
                prompt = self.prompt
                self.terminal.write(prompt)
                try:
                    line = (await self.terminal.line(start_column=len(prompt))).strip()
                    if line.lower() in LEAVING:
                        return
                    if line:
                        await self.execute(line)
                except Interrupted:
                    self.say("^C")
        except HungUp:
            return

    async def run_one(self, line: str) -> None:
        """Execute one line, as `ssh admin@server LINE` has it."""
        try:
            await self.execute(line.strip())
        except (HungUp, Interrupted):
            return

    def _note(self, operation: str, kind: str, **detail: str) -> dict:
        return self.world.journal.add(self.server.appliance, CHANNEL, operation, kind, **detail).detail

    async def execute(self, line: str) -> None:
        """One command."""
        try:
            words = registry.take_apart(line)
        except ValueError:
            words = []
        found = registry.find(words, self.server.major)
        if found is None:
            # Not even its words are written down: what nobody knows may hold anything.
            self._note("not known", "read", refused="not known")
            if not registry.elsewhere(words):
                self.world.note_unknown(self.server.appliance, CHANNEL, " ".join(words[:2]))
            if self.world.refuses("mmp_unknown"):
                self.say(f"Unknown command: {words[0] if words else line[:20]}")
            return
        command, arguments = found
        operation = registry.masked(line)
        kind = "write" if command.writes and (arguments or not command.shows) else "read"
        if not command.least <= len(arguments) <= command.most and self.world.refuses("mmp_arguments"):
            self._note(operation, kind, refused="usage")
            self.say(f"Usage: {' '.join((*command.words, command.usage)).strip()}")
            return
        if await self._struck(operation, kind):
            return
        # Written down when it begins; a refusal is added to the same entry.
        detail = self._note(operation, kind)
        try:
            await command.call(self, arguments)
        except Failure as failure:
            detail["refused"] = str(failure)
            self.say(str(failure))
        await self._struck(operation, kind, "after")

    async def _struck(self, operation: str, kind: str, phase: str = "before") -> bool:
        fault = await self.world.faults.hit(self.server.appliance, CHANNEL, operation, phase)
        if fault is None:
            return False
        self._note(operation, kind, refused=f"fault {fault.action} {phase}")
        if fault.action == "status":
            self.say("FAILURE: internal error")
            return True
        if fault.action == "never":
            while True:
                await self.terminal.key()
        self.cut()
        raise HungUp
