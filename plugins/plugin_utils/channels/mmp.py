# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of one Meeting Server (MMP): a command, its questions, its output. Source: cms.md 1.1 and 1.3.

One session is kept. The prompt is the node's host name, so it is learned at login and looked for at the end of the output alone. What a command did is told
by lines that begin with SUCCESS or FAILURE, one for each check; there is no other sign of it. A question that the caller has no answer for ends the session.
"""

from __future__ import annotations

import re
import time

from ..errors import NodeError
from .vos_ssh import Dropped
from .vos_ssh import Shell

PROMPT = re.compile(r"(?:^|\n)([A-Za-z0-9][A-Za-z0-9._-]*>+[ ]?)\Z")
QUIET = 0.01            # seconds without output that make a prompt or question the last word
FAILED = re.compile(r"^FAILURE:.*$|^.*\b(?:unknown|unrecogni[sz]ed|invalid) command\b.*$|^usage:.*$", re.IGNORECASE | re.MULTILINE)
ERROR = re.compile(r"^(?:error|failed)\b.*$", re.IGNORECASE | re.MULTILINE)
# Seconds of silence after which the end of the output is taken for a question (the texts themselves are not published: cms.md 8).
PATIENCE = ((re.compile(r"\(\s*(?:y\s*/\s*n|yes\s*/\s*no)\s*\)\s*[?:]*\s*$", re.IGNORECASE), 0.5), (re.compile(r"\?\s*$"), 5),
            (re.compile(r"\b(?:password|passphrase)\b[^\n]*:\s*$", re.IGNORECASE), 5))
# A question of which more is said behind it, on lines of their own: it stands above the place where the answer goes.
ABOVE, ABOVE_SECONDS = re.compile(r"\(\s*(?:y\s*/\s*n|yes\s*/\s*no)\s*\)", re.IGNORECASE), 1.0


class MmpShell(Shell):
    """A login with the MMP's shell. prompt: as this node shows it, once it is known."""

    farewell, prompt = None, None

    @property
    def at_prompt(self):
        """Whether the last thing that came is the prompt."""
        found = PROMPT.search(self.text[-300:])
        return found is not None and self.prompt in (None, found[1].strip())

    def _first_prompt(self, deadline, where):
        super()._first_prompt(deadline, where)
        self.type("\n")
        while not self.at_prompt:
            if time.time() > deadline:
                raise NodeError("unreachable", "SSH to %s: no prompt of the MMP after Enter; it showed: %s" % (where, self.text.strip()[-300:]))
            self.listen(0.5)
        self.prompt = PROMPT.search(self.text[-300:])[1].strip()
        self.take()


class Channel:
    """The MMP of the node."""

    login = ("mmp", "remote_user", "password")

    def __init__(self, option):
        self.option, self.shell, self.accepted = option, None, None

    def close(self):
        """Log out."""
        shell, self.shell = self.shell, None
        if shell is not None:
            shell.close()

    def run(self, left, command, answers=(), reading=False):
        """Run one command. Returns {"output": text without echo and prompt}.

        answers: [{"prompt": regular expression searched in the last line, "answer": text}], each given once. reading: the command only shows something, where a
        line that begins with "ERROR" is part of what is shown.

        Raises NodeError "refused" when a line says FAILURE or the command was not understood, or when it asked something else (detail {"output", "question"}),
        "lost" when the session ended or time ran out after Enter, "unreachable" or "auth" when there is no session to be had.
        """
        if "\n" in command or "\r" in command:
            raise NodeError("refused", "a command is one line; nothing was sent")
        deadline = time.time() + left
        self._open(deadline)
        shell = self.shell
        try:
            shell.settle(0.001)
            shell.take()
        except Dropped:                                         # it ended while nobody looked: nothing was sent yet
            self.close()
            self._open(deadline)
            shell = self.shell
        shown = []
        try:
            shell.type(command + "\n")
            shell.heard = time.time()
            self._dialogue(command, [dict(a, regex=re.compile(a["prompt"], re.IGNORECASE)) for a in answers], shown, deadline)
        except Dropped as e:
            text = without_echo("".join(shown) + shell.text, command)
            self.close()
            raise NodeError("lost", "'%s': the session ended before the command did (%s); it may have been done" % (command, e), {"output": text}) from None
        except NodeError:
            shell.transport.close()                             # out of step: nothing more is typed there
            self.shell = None
            raise
        output = without_echo("".join(shown), command)
        failures = [m.group(0).strip() for m in FAILED.finditer(output)] or ([] if reading else [m.group(0).strip() for m in ERROR.finditer(output)])
        if failures:
            raise NodeError("refused", "'%s' failed: %s" % (command, "; ".join(failures)), {"output": output})
        return {"output": output}

    def _open(self, deadline):
        if self.shell is None or not self.shell.alive:
            self.close()
            self.shell = MmpShell(self.option, deadline)
            if self.accepted is not None:
                self.accepted()                                 # others may log in now, however long this command takes

    def _dialogue(self, command, answers, shown, deadline):
        """From Enter to the next prompt; what came goes into shown."""
        shell = self.shell
        while True:
            if time.time() > deadline:
                raise NodeError("lost", "'%s': not finished in the time it may take; it may be going on still, or done" % command,
                                {"output": without_echo("".join(shown) + shell.text, command)})
            if shell.listen(min(0.1, max(0.001, deadline - time.time()))) and not shell.at_prompt:
                continue
            silence = time.time() - shell.heard
            if silence < QUIET and shell.listen(QUIET - silence):
                continue
            if shell.at_prompt and "\n" in shell.text:
                shown.append(PROMPT.sub("", shell.take()))
                return
            self._asked(command, answers, shown, time.time() - shell.heard)

    def _asked(self, command, answers, shown, silence):
        """Answer the question that stands last, or end the session where there is no answer for it."""
        shell = self.shell
        last = shell.text.rpartition("\n")[2]
        above = "\n".join(shell.text.split("\n")[-4:])
        asked_above = silence >= ABOVE_SECONDS and ABOVE.search(above)
        for answer in answers:
            here = last.strip() and silence >= QUIET and answer["regex"].search(last) and last.strip() != command
            if here or (asked_above and answer["regex"].search(above)):
                answers.remove(answer)
                shown.append(shell.take())
                shell.type(answer["answer"] + "\n")
                shell.heard = time.time()
                return
        if asked_above and silence >= 2 * ABOVE_SECONDS:
            last = above
        for pattern, patience in ((ABOVE, 2 * ABOVE_SECONDS), *PATIENCE):
            if last.strip() and silence >= patience and pattern.search(last):
                raise NodeError("refused", "'%s' asked something that has no answer here: '%s'. The session was ended; nothing was answered"
                                % (command, " ".join(last.split())[-300:]), {"output": shell.text, "question": last.strip()}, keep=False)


def without_echo(text, command):
    """A command's output without the echo before it, wherever the terminal broke its line."""
    left, position = "".join(command.split()), 0
    for position, character in enumerate(text):
        if not left:
            break
        if character.isspace():
            continue
        if character != left[0]:
            return text.strip("\n")                             # no echo
        left = left[1:]
    else:
        position = len(text)
    return text[position:].strip("\n")
