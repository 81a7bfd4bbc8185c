"""One session at a router: prompts, modes, lines understood or refused, questions, and the lab's journal and faults around each.

Every typed line is one entry of the journal (secrets masked), every answer to a question another; both pass the lab's faults: operation is the line
as typed in full words, or `question TEXT`. Action "status" prints the rule's `body` instead of doing anything; "question" asks `body` first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.core.faults import Fault
from lab.ios import config
from lab.ios.cli.masking import masked
from lab.ios.cli.terminal import EndMode
from lab.ios.cli.terminal import IosTerminal
from lab.ios.grammar import Ambiguous
from lab.ios.grammar import Incomplete
from lab.ios.grammar import Invalid
from lab.ios.modes import MODES
from lab.ssh.terminal import HungUp
from lab.ssh.terminal import Interrupted

if TYPE_CHECKING:
    from lab.ios.router import Router

CHANNEL = "ios_cli"
MARKER = "% Invalid input detected at '^' marker.\n"


class Refused(Exception):
    """A command that failed; the text is the product's."""


class Shell:
    """privileged: after `enable`. modes: sections that are open, from the global one down; empty = EXEC."""

    def __init__(self, router: Router, terminal: IosTerminal, cut: Callable[[], None], user: str) -> None:
        self.router, self.terminal, self.cut, self.user = router, terminal, cut, user
        self.world = router.world
        self.privileged = self.world.variant("ios_login_privilege") == "15"
        self.modes: list[config.Section] = []
        self.monitor = self.world.variant("ios_vty_logging") != "quiet"
        self.leaving = False
        self._logs: list[str] = []
        self._detail: dict = {}
        self._kind = "read"

    # ---- the session

    def prompt(self) -> str:
        """What stands before the cursor."""
        if self.modes:
            return f"{self.router.hostname[:20]}({MODES[self.modes[-1].mode].prompt})#"
        return f"{self.router.hostname}{'#' if self.privileged else '>'}"

    async def run(self) -> None:
        """Line by line until the user leaves or the session is cut."""
        try:
            self.terminal.write(self.router.banner("motd") + self.router.banner("exec") + "\n")
            while not self.leaving:
                self.terminal.new_command()
                self.terminal.write(self.prompt())
                self.flush_logs(True)
                try:
                    line = await self.terminal.line()
                except Interrupted:
                    self.terminal.write("\n")
                    await self.leave_config()
                    continue
                except EndMode:
                    await self.leave_config()
                    continue
                if line.strip() and not line.lstrip().startswith("!"):
                    await self._execute(line)
        except HungUp:
            return

    async def run_one(self, line: str) -> None:
        """Execute one line, as `ssh USER@ROUTER LINE` has it."""
        try:
            await self._execute(line.strip())
        except HungUp:
            return

    # ---- one line

    async def _execute(self, line: str) -> None:
        from lab.ios.cli import table  # late: the tables import this module

        body, _, pipe = line.partition("|") if line.strip().lower().startswith(("sh", "do sh", "more")) else (line, "", "")
        try:
            found = table.find(self, body)
        except (Invalid, Incomplete, Ambiguous) as problem:
            self._note(masked(line.strip()), "write" if self.modes else "read", refused=type(problem).__name__.lower())
            self.terminal.write(self._not_understood(line, problem))
            return
        operation = masked(found.text if not pipe else f"{found.text} | {pipe.strip()}")
        fault = await self.world.faults.hit(self.router.appliance, CHANNEL, operation, "before")
        if fault is not None and fault.action != "question":
            self._note(operation, found.kind, refused=f"fault {fault.action}")
            await self._suffer(fault, "")
            return
        # Written down when it begins; a refusal is added to the same entry.
        self._note(operation, found.kind)
        detail = self._detail
        try:
            if fault is not None:
                await self._unexpected(fault)
            output = await found.run(self)
        except Refused as failure:
            detail["refused"] = str(failure)
            output = f"{failure}\n"
        except (Interrupted, EndMode):
            detail["refused"] = "interrupted"
            self.terminal.write("\n")
            return
        fault = await self.world.faults.hit(self.router.appliance, CHANNEL, operation, "after")
        if fault is not None:
            detail["fault"] = fault.action
            await self._suffer(fault, output or "")
        elif output:
            await self._show(table.filtered(output, pipe))

    async def _show(self, text: str) -> None:
        lines = text.splitlines(keepends=True)
        if self.monitor and len(lines) > 20 and not self.modes:
            middle = len(lines) // 2
            lines.insert(middle, self._log_text("%SYS-6-LOGGINGHOST_STARTSTOP: Logging to host 10.0.0.5 port 514 started - CLI initiated") + "\n")
        await self.terminal.show("".join(lines))

    def _not_understood(self, line: str, problem: Exception) -> str:
        if isinstance(problem, Incomplete):
            return "% Incomplete command.\n\n"
        if isinstance(problem, Ambiguous):
            return f'% Ambiguous command:  "{line.strip()}"\n'
        self.world.note_unknown(self.router.appliance, CHANNEL, f"{self.prompt()}{masked(line.strip())}")
        if not self.modes and len(line.split()) == 1:
            return "Translating \"" + line.strip() + "\"\n% Unknown command or computer name, or unable to find computer address\n"
        return " " * (len(self.prompt()) + problem.column) + "^\n" + MARKER + "\n"

    def _note(self, operation: str, kind: str, **detail: str) -> None:
        self._kind = kind
        self._detail = self.world.journal.add(self.router.appliance, CHANNEL, operation, kind, **detail).detail

    def add_detail(self, **what: object) -> None:
        """More for the journal's entry of the present line."""
        self._detail.update(what)

    async def _suffer(self, fault: Fault, output: str) -> None:
        """Do what an injected fault says: print an error, never answer, or cut the session."""
        if fault.action == "status":
            self.terminal.write(f"{fault.body or '% Error: internal error'}\n")
            return
        if fault.action == "truncate":
            self.terminal.write(output[:len(output) // 2])
        if fault.action == "never":
            while True:
                await self.terminal.key()
        self.cut()
        raise HungUp

    async def _unexpected(self, fault: Fault) -> None:
        if not await self.confirm(fault.body or "% Do you want to go on with it? [yes/no]: "):
            raise Refused("% Aborted")

    # ---- questions

    async def ask(self, question: str, echo: bool = True) -> str:
        """An answer to a question, without blanks around it. Raises Refused where a fault breaks in."""
        self.flush_logs(False)
        fault = await self.world.faults.hit(self.router.appliance, CHANNEL, f"question {question.strip()}", "before")
        if fault is not None and fault.action == "question":
            await self._unexpected(fault)
        elif fault is not None:
            if fault.action != "status":
                await self._suffer(fault, "")
            raise Refused(fault.body or "% Error: internal error")
        self.terminal.write(question)
        answer = (await self.terminal.line(echo)).strip()
        self.world.journal.add(self.router.appliance, CHANNEL, f"answer to {question.strip()}", self._kind, answer=answer if echo else "***")
        return answer

    async def confirm(self, question: str, default: bool | None = None) -> bool:
        """A question that wants yes or no."""
        while True:
            answer = (await self.ask(question)).lower()
            if answer and ("yes".startswith(answer) or "no".startswith(answer)):
                return "yes".startswith(answer)
            if not answer and default is not None:
                return default
            self.terminal.write("% Please answer 'yes' or 'no'.\n")

    async def paste(self) -> list[str]:
        """Lines up to a blank one or `quit`; blank ones at the beginning do not count."""
        lines: list[str] = []
        while True:
            line = (await self.terminal.line()).strip()
            if line.lower() == "quit" or (not line and lines):
                self.add_detail(pasted=len(lines))
                return lines
            if line:
                lines.append(line)

    # ---- log lines

    def log(self, text: str) -> None:
        """A message of the router, which comes into the session where those are shown."""
        if self.monitor:
            self._logs.append(self._log_text(text))

    def notice(self, text: str) -> None:
        """What comes into every session, without a time."""
        self._logs.append(text)

    def _log_text(self, text: str) -> str:
        return f"*{self.world.clock.now():%b %d %H:%M:%S.%f}"[:-3] + f": {text}"

    def flush_logs(self, after_prompt: bool) -> None:
        """Print what has come up. It does not print the prompt again."""
        logs, self._logs = self._logs, []
        for text in logs:
            self.terminal.write(f"\n{text}\n" if after_prompt else f"{text}\n")

    # ---- modes

    def enter(self, section: config.Section) -> None:
        """Open a mode below the present one."""
        self.modes.append(section)

    async def leave_config(self) -> None:
        """Back to EXEC."""
        if self.modes:
            self.modes.clear()
            self.log(f"%SYS-5-CONFIG_I: Configured from console by {self.user} on vty0")
