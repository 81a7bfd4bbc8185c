"""A terminal of IOS: its pager, Ctrl-Z, and lines that are read without being commands."""

from __future__ import annotations

import asyncio

from lab.ssh.terminal import Terminal

CTRL_U = "\x15"
CTRL_Z = "\x1a"
MORE = " --More-- "

CHUNK = 40      # lines that are sent at once: a client sees a long output in pieces
PAUSE = 0.001   # real seconds between them


class EndMode(Exception):
    """The user pressed Ctrl-Z."""


class IosTerminal(Terminal):
    """rows 0 (`terminal length 0`): no pager."""

    def special(self, key: str, typed: list[str], echo: bool) -> bool:
        """Ctrl-Z raises EndMode; Ctrl-U takes the line back."""
        if key == CTRL_Z:
            self._write("^Z\r\n")
            raise EndMode
        if key == CTRL_U:
            self._write("\b \b" * len(typed) if echo else "")
            typed.clear()
        return key == CTRL_U

    async def show(self, text: str) -> None:
        """As the base has it; without a pager in pieces, so that nobody takes the first for the whole."""
        if self.paged:
            await super().show(text)
            return
        lines = text.splitlines(keepends=True)
        for start in range(0, len(lines), CHUNK):
            self.write("".join(lines[start:start + CHUNK]))
            await asyncio.sleep(PAUSE)

    async def _stop_for_a_page(self, number: int, total: int) -> None:
        self._write(MORE)
        key = await self.key()
        self._write("\b" * 9 + " " * 8 + "\b" * 9)
        if key == "\r":
            self._shown -= 1
        elif key == " ":
            self._shown = 0
        else:
            self._muted = True
