# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted router: prompts by mode, questions, pasted texts, log lines (ios.md 1 and 4). What a command does is the test's to say."""
from __future__ import annotations

from .stub_cli import Cli
from .stub_cli import Session

LOG = "*May 24 01:31:50.641: %SSH-5-ENABLED: SSH 1.99 has been enabled"


class Router(Cli):
    """The server. commands: {command: text or function(session) -> text or None}; level: "#" or ">" after the login."""

    def __init__(self, password, host="us-cube1", level="#", enable="stub-enable"):
        super().__init__(password, RouterSession)
        self.auths, self.host, self.level, self.enable, self.width = "password", host, level, enable, 20
        self.denied = ()                        # commands that AAA does not let the account give


class RouterSession(Session):
    """One shell on the router."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.mode, self.level = "", self.cli.level

    def prompt(self):
        """The prompt of the mode."""
        self.out((self.cli.host[:self.cli.width] + self.mode if self.mode else self.cli.host) + self.level)

    def ask(self, text, echo=True):
        """Ask something and take the line; Ctrl-C breaks it off."""
        self.out(text)
        line = self.line(echo)
        self.cli.typed.append("> " + line)
        return line

    def line(self, echo=True):
        """As in the other stub, but Ctrl-C ends the line with a word of its own."""
        typed = ""
        while True:
            key = self.key()
            if key == "":
                raise EOFError
            if key == "\x03":
                self.out("^C\n")
                raise KeyboardInterrupt
            if key in "\r\n":
                if echo:
                    self.channel.sendall(b"\r\n")
                return typed
            typed += key
            if echo:
                self.channel.sendall(key.encode())

    def paste(self):
        """Take lines up to "quit" or an empty one."""
        self.out('\nEnter the base 64 encoded certificate.\nEnd with a blank line or the word "quit" on a line by itself\n\n')
        lines = []
        while (line := self.line()) not in ("", "quit"):
            lines.append(line)
        return "\n".join(lines)

    def run(self):
        self.out("\nUnauthorized access is prohibited.\n\n")
        while True:
            self.prompt()
            try:
                command = self.line()
                self.cli.typed.append(command)
                if command == "exit" and not self.mode:
                    return
                self.act(command)
            except KeyboardInterrupt:
                self.cli.typed.append("^C")

    def act(self, command):
        """Do one command."""
        action = self.cli.commands.get(command)
        if command in self.cli.denied:
            self.out("Command authorization failed.\n\n")
        elif command == "enable":
            self.level = "#" if self.ask("Password: ", echo=False) == self.cli.enable else ">"
            if self.level == ">":
                self.out("\n% Access denied\n")
        elif command == "configure terminal":
            self.out("Enter configuration commands, one per line.  End with CNTL/Z.\n")
            self.mode = "(config)"
        elif command in ("end", "exit"):
            self.mode = ""
        elif callable(action):
            action(self)
        elif action is not None:
            self.out(action)
        elif command not in ("", "terminal length 0", "terminal width 511"):
            self.out("         ^\n% Invalid input detected at '^' marker.\n\n")
