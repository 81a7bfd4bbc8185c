# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of one IOS or IOS XE router: commands, configuration lines, dialogues. Source: ios.md 1 and 4.

One session is kept. It is our own loop on paramiko, not netmiko: netmiko searches its prompt anywhere in the text, so that a certificate stored as
nvram:HOSTNAME#1.cer cuts a running configuration short; cuts prompts to 16 characters; waits for "#" where a router asks "[yes/no]:"; and takes host keys
by address alone. What it does beyond that, this needs not. Nothing is answered that the caller gave no answer for.
"""

from __future__ import annotations

import re
import time

from ..errors import NodeError
from .vos_ssh import NUDGE
from .vos_ssh import Dropped
from .vos_ssh import Shell

PROMPT = re.compile(r"(?:^|\n)(?P<host>[A-Za-z0-9][\w.-]{0,62})(?P<mode>\([\w./:-]+\))?(?P<end>[>#])\s*$")
# A log line between others, or behind a prompt that is not printed again; and what IOS XE says of weak settings from 17.18.2 on (id:63645924565,
# id:6170015605).
LOG = re.compile(r"(?:^|\n|(?<=[#>]))(?:(?:\d{1,6}: )?[*.]?(?:[A-Z][a-z]{2} +\d+ (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?(?: [A-Za-z]{2,5})?: |[\dwdh:]+: )?"
                 r"%[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+: ?[^\n]*|(?:SECURITY|INSECURE DYNAMIC) WARNING - [^\n]*"
                 r"(?:\n *(?:Command|Reason|Description|Remediation): [^\n]*)*)(?=\n|$)")
QUESTION = re.compile(r"(?:\[(?!OK\])[^\]\n]*\]\s*:?|\?|:)\s*$")
PASTE = re.compile(r"End with [^\n]*quit[^\n]*\n\s*$", re.IGNORECASE)
UNSURE = 1.0            # seconds of silence after which what looks like a question is one
LOOSE = 10.0            # the same for a line that merely ends in a colon
STALLED = 60.0          # the same within a long output
CANCEL = 3.0            # seconds for a router to come back from a question that is broken off
PACE = 0.03             # seconds from one pasted line to the next where the router shows none of them
ECHO = 2.0              # seconds to wait for the first pasted line on the screen
# What is asked for again and again by the tasks of one run.
KEPT = ("show running-config", "show crypto key mypubkey rsa", "show crypto pki certificates pem", "show crypto pki certificates verbose")
# What a router says with "%" without meaning an error.
HARMLESS = re.compile(r"%\s*(Start certificate enrollment|The (subject name|serial number|IP address|fully-qualified domain name|key modulus|name for)\b|"
                      r"Include\b|Generating\b|Certificate (successfully )?(imported|request)|Router Certificate|Do you |Removing an enrolled|Be sure to ask|"
                      r"Keys to be removed|All router certs|Create a challenge|Enter |End with|the hierarchy|Overwrite|Warning\b|Note\b)", re.IGNORECASE)
WRONG = re.compile(r"^\s*(%.*|error\b.*|CA server trustpoint is not known.*|Can't find policy.*|Command rejected.*|Command authorization failed.*|Cannot .*|"
                   r".*\bis not supported\b.*)$", re.IGNORECASE | re.MULTILINE)
# The last is what AAA says of a command that the account may not give: taken for an answer, it would be a router without keys or certificates.
UNKNOWN = re.compile(r"^\s*(% ?(Invalid|Incomplete|Ambiguous|Unknown|Unrecognized|Authorization|Bad IP)|Command authorization failed)",
                     re.IGNORECASE | re.MULTILINE)
LOCKED = re.compile(r"configuration mode is locked|configure replace.*in progress|device or resource busy", re.IGNORECASE)
NO_ARCHIVE = re.compile(r"turn config archive on", re.IGNORECASE)


class RouterShell(Shell):
    """A login on a router: knows its prompt by its host name."""

    host = last = None      # host name; (mode, end) of the last prompt

    @property
    def at_prompt(self):
        """Whether the last thing that came is the prompt."""
        return self.prompt() is not None

    def prompt(self):
        """(mode, end) of the prompt that stands last: mode "" or "(config...)", end ">" or "#"; None where there is none."""
        found = PROMPT.search(quiet(self.text[-2000:])[-300:])
        if found is None:
            return None
        name, mode = found["host"], found["mode"] or ""
        if self.host and name != self.host and not (mode and len(name) >= 8 and self.host.startswith(name)):     # cut to 20 characters in its modes
            return None
        return mode, found["end"]

    def _first_prompt(self, deadline, where):
        while not self.at_prompt:
            if time.time() > deadline:
                raise NodeError("unreachable", "SSH to %s: no prompt of the command line; it showed: %s" % (where, self.text.strip()[-300:]))
            if not self.listen(0.5) and time.time() - self.heard > NUDGE:
                self.type("\n")
                self.heard = time.time()
        self.settle(0.05)
        self.last, self.host = self.prompt(), PROMPT.search(quiet(self.text))["host"]
        self.take()


def quiet(text):
    """A text without log lines."""
    return LOG.sub("", text)


class Channel:
    """The command line of the router."""

    login = ("ios", "remote_user", "password")

    def __init__(self, option):
        self.option, self.shell, self.accepted, self.kept = option, None, None, {}

    def close(self):
        """Log out."""
        shell, self.shell = self.shell, None
        if shell is not None:
            shell.close()

    # -- what tasks ask for ------------------------------------------------------------------------------------------
    def show(self, left, command, age=0):
        """Run a command of exec mode that changes nothing. Returns {"output"}.

        age: an answer that came so many seconds ago at most, with nothing configured since, is good enough.
        Raises NodeError "refused" where the router does not know the command, or cuts a running configuration short.
        """
        known = self.kept.get(command)
        if known and time.time() - known[0] <= age:
            return {"output": known[1]}
        deadline = time.time() + left
        self._session(deadline)
        output = self._run(command, deadline, asks=False)
        if UNKNOWN.search(output[:400]):
            raise NodeError("refused", "'%s' was refused: %s" % (command, mistakes(output[:400])), {"output": output[:400]})
        if command == "show running-config" and not re.search(r"^end\s*\Z", output, re.MULTILINE):
            raise NodeError("refused", "'%s' came without its last line; nothing can be judged by a part of it" % command, {"output": output[-400:]})
        if command in KEPT:
            self.kept[command] = (time.time(), output)
        return {"output": output}

    def configure(self, left, steps, guard=None):
        """Enter configuration lines one after the other, then leave configuration mode, whatever happened.

        steps: [{"line", and where it asks something: "answers": [{"prompt": regular expression searched in the last lines, "answer": text, "needs":
        regular expression that must have been shown before (else "otherwise" is answered and the step fails)}], "paste": PEM, "success": regular
        expression that must come}]. guard: minutes after which the router takes everything back unless it is confirmed (needs an archive).

        Returns {"outputs": [text of each step], "guarded": bool}. Raises NodeError "refused" at the first line that fails or asks something else,
        detail {"line", "output", "question", "done": lines entered before, "reverted": bool}; "busy" where somebody else configures it.
        """
        if any("\n" in step["line"] or "\r" in step["line"] for step in steps):
            raise NodeError("refused", "a configuration line is one line; nothing was sent")
        deadline = time.time() + left
        self._session(deadline)
        self.kept.clear()
        guarded = self._enter(guard, deadline)
        done, outputs = [], []
        try:
            for step in steps:
                outputs.append(self._step(step, deadline, done))
                done.append(step["line"])
        except NodeError as e:
            e.detail = dict(e.detail or {}, done=done, reverted=self._leave(guarded, deadline))
            if self.shell is None and e.kind == "refused":
                e.keep = False
            raise
        self._run("end", deadline)
        if guarded:
            confirmed = self._run("configure confirm", deadline)
            if mistakes(confirmed):
                raise NodeError("refused", "the change could not be confirmed, the router takes it back: %s" % mistakes(confirmed), {"done": done})
        return {"outputs": outputs, "guarded": guarded}

    def save(self, left):
        """Copy the running to the startup configuration. Returns {"output"}."""
        deadline = time.time() + left
        self._session(deadline)
        answers = [{"prompt": prompt, "answer": ""} for prompt in (r"Overwrite the previous NVRAM configuration", r"Destination filename \[startup-config\]")]
        output = self._run("write memory", deadline, answers)
        if LOCKED.search(output):
            raise NodeError("busy", "the configuration cannot be saved now: %s" % " ".join(output.split())[-300:], {"output": output})
        if "[OK]" not in output:
            raise NodeError("refused", "the configuration was not saved: %s" % (" ".join(output.split())[-300:] or "no answer"), {"output": output})
        return {"output": output}

    # -- how ---------------------------------------------------------------------------------------------------------
    def _session(self, deadline):
        """Have a login in privileged exec mode, without pages."""
        if self.shell is not None and self.shell.alive:
            return
        self.close()
        self.kept.clear()
        self.shell = RouterShell(self.option, deadline)
        try:
            if self.shell.last[1] == ">":
                self._enable(deadline)
            if self.accepted is not None:
                self.accepted()
            for command in ("terminal length 0", "terminal width 511"):
                output = self._run(command, deadline)
                if UNKNOWN.search(output):              # outputs would stop at each page, long lines would be cut
                    raise NodeError("refused", "'%s' was refused: %s" % (command, mistakes(output)))
        except Dropped as e:
            self.close()
            raise NodeError("unreachable", "the session ended during the login: %s" % e) from None
        except NodeError:
            self.close()
            raise

    def _enable(self, deadline):
        password = self.option("enable_password")
        answers = [{"prompt": r"password:", "answer": password, "once": True}] if password else []
        try:
            Dialogue(self.shell, "enable", answers, None).run(deadline)
            done = self.shell.last[1] == "#"
        except NodeError as e:
            if e.kind != "refused":
                raise
            done = False
        if not done:
            raise NodeError("auth", "the login did not end in privileged mode, and enable was refused: check collab_enable_password" if password else
                            "the login ends in user mode: give the user privilege level 15, or set collab_enable_password")

    def _run(self, command, deadline, answers=(), paste=None, asks=True):
        """One command and its dialogue, in whatever mode the router is. Returns its output."""
        dialogue = Dialogue(self.shell, command, answers, paste, asks)
        try:
            return dialogue.run(deadline)
        except Dropped as e:
            self.close()
            raise NodeError("lost", "'%s': the session ended before the router's prompt came (%s); it may have been done" % (command, e),
                            {"output": dialogue.output()}) from None
        except NodeError as e:
            if e.keep is False or e.kind == "lost":
                self._abandon()
            raise

    def _abandon(self):
        """Drop the session without typing anything more."""
        shell, self.shell = self.shell, None
        if shell is not None and shell.transport is not None:
            shell.transport.close()

    def _enter(self, guard, deadline):
        """Go to configuration mode. Returns whether the router takes the change back unless it is confirmed."""
        if guard:
            output = self._run("configure terminal revert timer %d" % guard, deadline)
            if self.shell.last[0]:
                return True
            if not (NO_ARCHIVE.search(output) or mistakes(output)):
                raise NodeError("refused", "the router did not enter configuration mode: %s" % " ".join(output.split())[-300:])
        output = self._run("configure terminal", deadline)
        if LOCKED.search(output):
            raise NodeError("busy", "somebody else configures the router: %s" % " ".join(output.split())[-300:], {"output": output})
        if not self.shell.last[0]:
            raise NodeError("refused", "the router did not enter configuration mode: %s" % " ".join(output.split())[-300:], {"output": output})
        return False

    def _step(self, step, deadline, done):
        output = self._run(step["line"], deadline, step.get("answers") or (), step.get("paste"))
        wrong = mistakes(output)
        if wrong or (step.get("success") and not re.search(step["success"], output)):
            text = wrong or "it did not say that it succeeded: %s" % (" ".join(output.split())[-300:] or "nothing was said")
            raise NodeError("refused", "'%s' was refused: %s" % (step["line"], text), {"line": step["line"], "output": output})
        return output

    def _leave(self, guarded, deadline):
        """Back to exec mode after a failure; what was guarded is taken back. Returns whether it was."""
        if self.shell is None:
            return False
        try:
            limit = max(deadline, time.time() + CANCEL)
            self._run("end", limit)
            return bool(guarded and not mistakes(self._run("configure revert now", limit)))
        except NodeError:
            self._abandon()
            return False


def mistakes(output):
    """What a router complains of in its output, as one line; "" where it does not."""
    found = [line.strip() for line in WRONG.findall(quiet(output)) if not HARMLESS.match(line.strip())]
    return " ".join(found)[:400]


class Dialogue:
    """From a command's Enter to the next prompt. asks: False for a command that shows much and asks nothing."""

    def __init__(self, shell, command, answers=(), paste=None, asks=True):
        self.shell, self.command, self.paste, self.asks = shell, command, paste, asks
        self.answers = [dict(a, regex=re.compile(a["prompt"], re.IGNORECASE), given=0) for a in answers]
        self.done, self.echoed, self.mismatch = [], False, None         # done: output up to the last answer

    def output(self):
        """All that was shown so far, without log lines."""
        return quiet("".join(self.done) + self.shell.text)

    def run(self, deadline):
        """Type the command, answer what is asked, return the output without echo and prompt. Raises Dropped, NodeError."""
        shell = self.shell
        shell.settle(0.001)             # whatever came since the last prompt: log lines
        shell.take()
        shell.type(self.command + "\n")
        shell.heard = time.time()
        while True:
            if time.time() > deadline:
                raise NodeError("lost", "'%s': not finished in the time it may take; it may be going on still, or done" % self.command,
                                {"output": self.output()[-2000:]}, keep=False)
            shell.listen(min(0.2, max(0.001, deadline - time.time())))
            silence = time.time() - shell.heard
            if not self._begun(silence):
                continue
            found = shell.prompt()
            if found is None:
                self._react(silence)
            elif not shell.listen(0.005):
                return self._end(found)

    def _begun(self, silence):
        """Whether what comes is the answer to the command: its echo has been seen, with the end of its line."""
        if not self.echoed:
            at = self.shell.text.find(self.command)
            self.echoed = "\n" in self.shell.text[at:] if at >= 0 else silence > UNSURE and "\n" in self.shell.text
        return self.echoed

    def _end(self, found):
        shell = self.shell
        shell.last = found
        self.done.append(PROMPT.sub("", quiet(shell.take())))
        text = quiet("".join(self.done)).partition("\n")[2].strip("\n")
        if self.mismatch:
            raise NodeError("refused", "'%s': %s" % (self.command, self.mismatch), {"output": text[-2000:], "mismatch": True})
        return text

    def _react(self, silence):
        shell = self.shell
        tail = quiet(shell.text[-2000:])
        waits = PASTE.search(tail) is not None
        if waits and self.paste is not None:
            self._paste()
            return
        last = "\n".join(tail.rstrip("\n").split("\n")[-3:])
        if not waits and not QUESTION.search(last):
            return
        for answer in self.answers:
            if not waits and answer["regex"].search(last) and answer["given"] < (1 if answer.get("once") else 3):
                self._answer(answer)
                return
        patience = UNSURE if waits or re.search(r"[\]?]\s*:?\s*$", last) else LOOSE
        if silence >= (patience if self.asks else STALLED):
            self._refuse("it waits for a text to be pasted" if waits else " ".join(last.rsplit("\n", maxsplit=1)[-1].split()))

    def _answer(self, answer):
        shell = self.shell
        answer["given"] += 1
        text = answer["answer"]
        if answer.get("needs") and not re.search(answer["needs"], self.output(), re.IGNORECASE):
            text, self.mismatch = answer["otherwise"], answer["mismatch"]
        self.done.append(shell.take())
        shell.type(text + "\n")
        shell.heard = time.time()

    def _paste(self):
        """Line by line, each awaited on the screen; where the router shows none, slowly. A line with "quit" ends it, and nothing else does."""
        shell, pem, self.paste = self.shell, self.paste, None
        self.done.append(shell.take())
        patience = ECHO
        for line in [line.strip() for line in pem.strip().splitlines() if line.strip()] + ["quit"]:
            shell.type(line + "\n")
            until = time.time() + patience
            while line not in shell.text and time.time() < until:
                shell.listen(until - time.time())
            patience = ECHO if line in shell.text else PACE
            if line != "quit":
                shell.take()
        shell.heard = time.time()

    def _refuse(self, question):
        """Break a question off that has no answer here; raises NodeError. The session stays only where the router came back to its prompt."""
        shell = self.shell
        output = self.output()
        self.done.append(shell.take())
        shell.type("\x03")
        until, back = time.time() + CANCEL, False
        while time.time() < until and not back:
            shell.listen(0.2)
            back = shell.prompt() is not None
        shell.last = shell.prompt() if back else None
        raise NodeError("refused", "'%s' asked something that has no answer here: '%s'. It was broken off; nothing was answered" % (self.command, question),
                        {"output": output[-2000:], "question": question}, keep=back)
