# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VOS command line of one node: a command, its dialogue, its output. Source: vos.md 6 and the transcripts.

One session is kept. Text is typed in small pieces and each piece's echo is awaited, because a node drops characters that come too fast; Enter is
pressed only when the line on the screen is the command. A question that the caller has no answer for is answered by ending the session.
"""

from __future__ import annotations

import re
import time

from ..errors import NodeError
from .vos_ssh import PROMPT
from .vos_ssh import Dropped
from .vos_ssh import Shell

PIECE = 16              # characters typed at once; one by one after a node has dropped some
SLOW = 0.05             # seconds between single characters
ECHO = 3                # seconds to wait for the echo of a piece
KEY = 0.5               # seconds from one key to the next at a question, as in Cisco's own sample: what comes faster may be dropped, echoed or not
QUIET = 0.01            # seconds without output that make a prompt or question the last word: parts of one answer come closer together
PASTE = re.compile(r"paste the certificate and hit enter\s*:?\s*$", re.IGNORECASE)
PAGER = re.compile(r"\n?[^\n]*Press <enter> for 1 line, <space> for one page, or <q> to quit[^\n]*$", re.IGNORECASE)
CHOICE = re.compile(r"\(\s*(?:y\s*/\s*n|yes\s*[/|]\s*no)\s*\)\s*[?:]*\s*$", re.IGNORECASE)
FAILED = re.compile(r"executed command unsuccessfully|^\s*invalid command", re.IGNORECASE | re.MULTILINE)
# Seconds of silence after which the end of the output is taken for a question.
PATIENCE = ((CHOICE, 0.5), (re.compile(r"\?\s*$"), 10), (re.compile(r"(password|passphrase|name|number|certificate)\b[^\n]*:\s*$", re.IGNORECASE), 20))


class NotTyped(Exception):
    """The line on the screen is not what was typed; Enter was not pressed."""


class Channel:
    """The command line of the node."""

    login = ("platform", "remote_user", "password")

    def __init__(self, option):
        self.option, self.shell, self.piece, self.accepted = option, None, PIECE, None

    def close(self):
        """Log out."""
        shell, self.shell = self.shell, None
        if shell is not None:
            shell.close()

    def run(self, left, command, answers=(), paste=None):
        """Run one command. Returns {"output": text without echo and prompt}.

        answers: [{"prompt": regular expression searched in the last lines, "answer": text, "enter": whether Enter follows (default true)}]; each is
        given as often as its question comes, but not more than three times. paste: PEM for "Paste the Certificate and Hit Enter".

        Raises NodeError "refused" when the command failed or asked something else (detail {"output", "question"}), "lost" when the session
        ended or time ran out after Enter, "unreachable" or "auth" when there is no session to be had.
        """
        if "\n" in command or "\r" in command:
            raise NodeError("refused", "a command is one line; nothing was sent")
        deadline = time.time() + left
        for attempt in (1, 2):
            try:
                self._type(command, deadline)
                break
            except (Dropped, NotTyped) as e:        # Enter was not pressed: nothing was done
                self.close()
                self.piece = 1 if isinstance(e, NotTyped) else self.piece
                if attempt == 2:
                    raise NodeError("unreachable", "'%s' could not be typed: %s; nothing was done" % (command, e)) from None
        dialogue = Dialogue(self.shell, command, answers, paste)
        try:
            output = dialogue.run(deadline)
        except Dropped as e:
            self.close()
            raise NodeError("lost", "'%s': the session ended before the command did (%s); it may have been done" % (command, e),
                            {"output": dialogue.output()}) from None
        except NodeError:
            self.shell.transport.close()            # out of step: no Enter, no exit, nothing more is typed there
            self.shell = None
            raise
        if FAILED.search(output):
            raise NodeError("refused", "'%s' failed: %s" % (command, " ".join(FAILED.sub("", output).split())[-600:] or "Executed command unsuccessfully"),
                            {"output": output})
        return {"output": output}

    def _type(self, command, deadline):
        """Have a session with the command on its line, Enter not pressed."""
        if self.shell is None or not self.shell.alive:
            self.close()
            self.shell = Shell(self.option, deadline)
            if self.accepted is not None:
                self.accepted()                     # others may log in now, however long this command takes
            self._type("set cli pagination off", deadline)
            Dialogue(self.shell, "set cli pagination off", (), None).run(deadline)
        shell = self.shell
        shell.settle(0.001)                         # whatever came since the last prompt
        shell.take()
        for start in range(0, len(command), self.piece):
            if self.piece == 1:
                shell.settle(SLOW)
            shell.type(command[start:start + self.piece])
            typed = command[:start + self.piece]
            until = min(deadline, time.time() + ECHO)
            while len(_echo(shell.text)) < len(typed) and time.time() < until:
                shell.listen(min(0.2, until - time.time()))
            if not _echo(shell.text).endswith(typed):
                raise NotTyped("the node echoed '%s'" % _echo(shell.text)[-80:])
        shell.take()


def _echo(text):
    """The line on the screen, without a prompt before it."""
    line = text.replace("\n", "")
    return line.rpartition("admin:")[2] if line.startswith("admin:") else line


class Dialogue:
    """From Enter to the next prompt."""

    def __init__(self, shell, command, answers, paste):
        self.shell, self.command, self.paste = shell, command, paste
        self.answers = [dict(a, regex=re.compile(a["prompt"], re.IGNORECASE), given=0) for a in answers]
        self.done = []          # output up to the last answer

    def output(self):
        """All that was shown so far."""
        return "".join(self.done) + self.shell.text

    def run(self, deadline):
        """Press Enter, answer what is asked, return the output. Raises Dropped, NodeError."""
        shell = self.shell
        shell.type("\n")
        shell.heard = time.time()
        while True:
            if time.time() > deadline:
                raise NodeError("lost", "'%s': not finished in the time it may take; it may be going on still, or done" % self.command,
                                {"output": self.output()})
            if shell.listen(min(0.1, max(0.001, deadline - time.time()))):
                if not self._last_word(deadline):
                    continue
            silence = time.time() - shell.heard
            if silence < QUIET and shell.listen(QUIET - silence):
                continue
            if shell.at_prompt and "\n" in shell.text:
                self.done.append(PROMPT.sub("", shell.take()))
                return re.sub(r"(\s*^admin:[ \t]*$)+\Z", "", "".join(self.done), flags=re.MULTILINE).strip("\n")
            self._react(time.time() - shell.heard)

    def _last_word(self, deadline):
        """Whether what just came may be the last for now: then it is worth a look at once."""
        return time.time() < deadline and (self.shell.at_prompt or self._asked() is not None or PASTE.search(self.shell.text[-200:]) is not None
                                           or PAGER.search(self.shell.text[-200:]) is not None)

    def _asked(self):
        """The answer whose question stands last, or None."""
        last = "\n".join(self.shell.text.split("\n")[-4:])
        for answer in self.answers:
            if answer["given"] < 3 and answer["regex"].search(last) and not last.endswith("\n"):
                return answer
        return None

    def _react(self, silence):
        shell = self.shell
        if PAGER.search(shell.text[-200:]):
            shell.text = PAGER.sub("\n", shell.text)
            self.done.append(shell.take())
            shell.type(" ")
            return
        if self.paste is not None and PASTE.search(shell.text[-200:]):
            self._paste()
            return
        answer = self._asked()
        if answer is not None:
            self._answer(answer)
            return
        question = shell.text.rpartition("\n")[2].strip()
        for pattern, patience in PATIENCE:
            if question and silence >= patience and pattern.search(shell.text[-300:]):
                raise NodeError("refused", "'%s' asked something that has no answer here: '%s'. The session was ended; nothing was answered"
                                % (self.command, " ".join(shell.text.split())[-400:]), {"output": self.output(), "question": question}, keep=False)

    def _answer(self, answer):
        """Press the keys one by one: at a question a node drops what comes too fast."""
        shell = self.shell
        answer["given"] += 1
        self.done.append(shell.take())
        for key in answer["answer"]:
            shell.type(key)
            until = time.time() + KEY
            while time.time() < until:
                shell.listen(until - time.time())
        if answer.get("enter", True) and "\n" not in shell.text:        # some questions take the key alone, and go on
            shell.type("\n")
        shell.heard = time.time()

    def _paste(self):
        """Line by line, each awaited on the screen; where the node shows nothing, slowly."""
        shell, pem, self.paste = self.shell, self.paste, None
        shell.settle(0.3)
        self.done.append(shell.take())
        patience = 5.0
        for line in pem.strip().splitlines():
            shell.type(line.strip() + "\n")
            until = time.time() + patience
            while line.strip() not in shell.text and time.time() < until:
                shell.listen(until - time.time())
            patience = 2.0 if line.strip() in shell.text else 0.1
            shell.take()
        shell.type("\n")
        shell.heard = time.time()
