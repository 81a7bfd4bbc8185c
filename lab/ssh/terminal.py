"""The terminal of a command line: what the client typed, key by key, and what it sees, with echo, pager and slow keys.

The quirks that Habits can switch on are those of vos.md 6: carriage returns and line feeds in a mixture, escape sequences, a pager that stops after a page, and
an input mode (questions) that loses keys which arrive too fast. Nothing here knows a command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass

ERASE_LINE = "\r\x1b[K"
PAGER = {
    "press-enter": "\x1b[1mPress <enter> for 1 line, <space> for one page, or <q> to quit\x1b[0m",
    "options": "\x1b[1m\r\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines {first} - {last} of {total}) : \x1b[0m",
}
KEY_SECONDS = 0.25
CTRL_C = "\x03"
CTRL_D = "\x04"
BACKSPACES = "\x08\x7f"


class HungUp(Exception):
    """The client went away, or the session was cut."""


class Interrupted(Exception):
    """The user pressed Ctrl-C."""


@dataclass
class Habits:
    """How this terminal behaves, where products or sources differ (each field is a lab variant).

    pager: "press-enter" or "options". slow_keys: questions lose keys that come too fast. crlf_twice: CR LF counts as two Enter keys.
    ansi: the prompt is preceded by an erase-line sequence. wrap: the echo of a long line is broken at the terminal's width.
    """

    pager: str = "press-enter"
    slow_keys: bool = False
    crlf_twice: bool = False
    ansi: bool = False
    wrap: bool = False


class Terminal:
    """One interactive screen and keyboard.

    write: sends text to the client. sleep: waits virtual seconds. columns, rows: size of the client's window (0 = unknown).
    """

    def __init__(
        self, write: Callable[[str], None], sleep: Callable[[float], Awaitable[None]], habits: Habits, columns: int = 80, rows: int = 24
    ) -> None:
        self._write = write
        self._sleep = sleep
        self.habits = habits
        self.columns = columns or 80
        self.rows = rows or 24
        self.paged = True
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._question = False
        self._deaf = False
        self._tasks: set[asyncio.Task] = set()
        self._last = ""
        self._shown = 0
        self._muted = False
        self._gone = False

    # --- what the client sends -------------------------------------------------------------------------------------------

    def feed(self, text: str) -> None:
        """Take in what the client typed."""
        for key in text:
            if key == "\n" and self._last == "\r" and not self.habits.crlf_twice:
                self._last = key
                continue
            self._last = key
            if self._question and self.habits.slow_keys:
                if self._deaf:
                    continue
                self._be_deaf()
            self._keys.put_nowait("\r" if key == "\n" else key)

    def hang_up(self) -> None:
        """The session is over: whoever waits for a key gets HungUp."""
        self._gone = True
        self._keys.put_nowait(None)

    def _be_deaf(self) -> None:
        self._deaf = True
        task = asyncio.get_running_loop().create_task(self._hear_again())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hear_again(self) -> None:
        await self._sleep(KEY_SECONDS)
        self._deaf = False

    async def key(self) -> str:
        """The next key. Raises HungUp, or Interrupted for Ctrl-C."""
        if self._gone:
            raise HungUp
        key = await self._keys.get()
        if key is None or self._gone:
            self._gone = True
            raise HungUp
        if key == CTRL_C:
            raise Interrupted
        return key

    async def line(self, echo: bool = True, start_column: int = 0) -> str:
        """Keys up to Enter, echoed. start_column: where the cursor stands (after a prompt). Raises HungUp or Interrupted."""
        typed: list[str] = []
        while True:
            key = await self.key()
            if key == "\r":
                self._write("\r\n")
                return "".join(typed)
            if key == CTRL_D and not typed:
                raise HungUp
            if key in BACKSPACES:
                if typed:
                    typed.pop()
                    self._write("\b \b" if echo else "")
                continue
            if self.special(key, typed, echo):
                continue
            typed.append(key)
            if echo:
                self._write(key)
                if self.habits.wrap and (start_column + len(typed)) % self.columns == 0:
                    self._write(" \r")

    def special(self, key: str, typed: list[str], echo: bool) -> bool:
        """Do what a key of this product does to a line that is being typed; False where it is a character like any other."""
        return False

    def question(self, asking: bool) -> None:
        """Enter or leave input mode. With slow keys, what was typed ahead of a question is lost."""
        self._question = asking
        if asking and self.habits.slow_keys:
            while not self._keys.empty():
                self._keys.get_nowait()

    # --- what the client sees --------------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Send text as it is, with CR LF line ends; never paged."""
        if not self._gone:
            self._write(text.replace("\r\n", "\n").replace("\n", "\r\n"))

    def new_command(self) -> None:
        """A command begins: the page is empty again."""
        self._shown = 0
        self._muted = False

    async def show(self, text: str) -> None:
        """Print lines of a command's output through the pager. Once the user quits, the rest of the command stays unseen."""
        lines = text.split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        for number, line in enumerate(lines):
            if self._muted:
                return
            if self.paged and self._shown >= self.rows - 1:
                await self._stop_for_a_page(number, len(lines))
                if self._muted:
                    return
            self.write(line + "\n")
            self._shown += max(1, -(-len(line) // self.columns))

    async def _stop_for_a_page(self, number: int, total: int) -> None:
        text = PAGER[self.habits.pager]
        self._write(text.format(first=max(1, number - self.rows + 2), last=number, total=total))
        while True:
            key = await self.key()
            if key in "qQ":
                self._muted = True
            elif key == "\r":
                self._shown = self.rows - 2
            elif key in (" ", "n"):
                self._shown = 0
            else:
                continue
            self._write(ERASE_LINE)
            return
