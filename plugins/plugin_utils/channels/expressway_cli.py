# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of an Expressway by SSH: xConfiguration, xCommand, xStatus. Source: expressway.md 2.

No transcript of success or failure is public, so nothing rests on one form of it: an answer ends with a line OK or ERROR, or, where the peer stays silent,
with the answer to a harmless second command. What is no success is a failure. Words of a verb are joined in some releases and apart in others; which it
is, the usage of a command that needs arguments shows.
"""

from __future__ import annotations

import re
import time

import paramiko

from ..errors import NodeError
from .vos_ssh import Dropped
from .vos_ssh import Shell

QUIET = 0.02            # seconds without output after OK that make it the last word
SILENCE = 1.5           # seconds without output after which the harmless command is sent, to see where the answer ends
LOGIN = 120             # seconds at most until the command line answers
LONGEST = 4000          # characters of a line that a terminal takes
MARK = "SystemUnit Name"        # what the harmless command shows
ENDS = re.compile(r"(?:^|\n)[ \t]*(?:OK|ERROR)[ \t]*\n?(?:[^\n]{0,40}[>#$:][ \t]*)?$")
MARKED = re.compile(r"(?:^|\n)[^\n]*SystemUnit[ /]+Name:[^\n]*\n.*?(?:^|\n)[ \t]*(?:OK|ERROR)[ \t]*(?=\n|$)", re.IGNORECASE | re.DOTALL)
LINE = re.compile(r"^[ \t]*(?:\*c[ \t]+)?xconfiguration[ \t]+/{0,2}(?P<path>[^:\n]+?)[ \t]*:[ \t]*(?P<value>[^\n]*)$", re.IGNORECASE | re.MULTILINE)
RESULT = re.compile(r"^[ \t]*(?:\*r[ \t]+)?\w*Result[ \t]*\(status=(?P<status>\w+)\)[^\n]*\n(?P<body>.*?)(?=^[ \t]*(?:\*r/end|\*\* end)|\Z)",
                    re.IGNORECASE | re.MULTILINE | re.DOTALL)
PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
FRAME = re.compile(r"^[ \t]*(?:\*[crsh]/end|\*\* end|OK|ERROR)[ \t]*$", re.MULTILINE)
FAILED = re.compile(r"status=(?!OK\b)\w+|^[ \t]*ERROR[ \t]*$", re.IGNORECASE | re.MULTILINE)
SUCCEEDED = re.compile(r"^[ \t]*OK[ \t]*$|status=OK\b", re.IGNORECASE | re.MULTILINE)
WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
SECRET = re.compile(r"password|secret|passphrase", re.IGNORECASE)
# Values that the command line has as choices: they stand without quotation marks, all other words within them (expressway.md 2.1 to 2.4).
CHOICES = {word.lower() for word in (
    "On Off Yes No Auto BestEffort Microsoft UDP TCP TLS Neighbor TraversalClient TraversalServer ENUM DNS DoNotCheckCredentials TreatAsAuthenticated "
    "CheckCredentials Allow Deny Default Custom CiscoUnifiedCommunicationsManager CiscoUnifiedCommunicationsManagerBFCP Assent TURN ICE LocalCPL LocalService "
    "PolicyService NotRequired Validation Authentication Enabled Disabled Manual Automated Retain Rotate Accepted HTTP HTTPS H323 SIP Both Continue Stop Strip "
    "Leave Replace Exact Prefix Suffix Regex Any AnyAlias AliasPatternMatch AnyIPAddress Zone PolicyServer LocalZone DefaultZone TraversalZone Named").split()}


class ExpresswayShell(Shell):
    """A login as Expressway takes it: by password where the server offers that, else keyboard-interactive; tried once."""

    farewell = None

    @property
    def at_prompt(self):
        """Whether the last thing that came is the end of an answer. There is no prompt in the proper sense."""
        return ENDS.search(self.text[-300:]) is not None

    def _authenticate(self, user, password, where):
        allowed = ()
        try:
            self.transport.auth_none(user)              # as OpenSSH begins: it asks what the server takes, and is no failed login
            return
        except paramiko.BadAuthenticationType as e:
            allowed = e.allowed_types
        except (OSError, paramiko.SSHException, EOFError) as e:
            raise NodeError("unreachable", "SSH to %s: no answer to the login (%s). Expressway bans an address that failed to log in often "
                            "(Automated protection)" % (where, e or type(e).__name__)) from None
        if "password" not in allowed:
            super()._authenticate(user, password, where)
            return
        try:
            left = self.transport.auth_password(user, password, fallback=False)
        except paramiko.AuthenticationException as e:
            if "timeout" in str(e).lower() or "EOF" in str(e):
                raise NodeError("unreachable", "SSH to %s: no answer to the login (%s)" % (where, e)) from None
            raise NodeError("auth", "SSH to %s: the login of '%s' was refused: check ansible_user and ansible_password; only admin and root may use SSH"
                            % (where, user)) from None
        except (OSError, paramiko.SSHException, EOFError) as e:
            raise NodeError("auth", "SSH to %s: the login of '%s' did not succeed: %s" % (where, user, e or type(e).__name__)) from None
        if left:
            raise NodeError("auth", "SSH to %s: the login of '%s' did not succeed: the server asks for %s beside the password" % (where, user, ", ".join(left)))

    def _first_prompt(self, deadline, where):
        """Get an answer to the harmless command: whatever came before it was the greeting."""
        self.type("xConfiguration %s\n" % MARK)
        while not MARKED.search(self.text):
            if time.time() > deadline:
                raise NodeError("unreachable", "SSH to %s: the command line does not answer; it showed: %s" % (where, self.text.strip()[-300:]))
            self.listen(0.5)
        self.settle(QUIET)
        self.take()


class Channel:
    """The command line of the peer."""

    login = ("administrator", "remote_user", "password")

    def __init__(self, option):
        self.option, self.shell, self.accepted, self.joined = option, None, None, None

    def close(self):
        """Log out."""
        shell, self.shell = self.shell, None
        if shell is not None:
            shell.close()

    def configuration(self, left, path):
        """Settings at and below a path of xConfiguration ("" for all): {"Zones DefaultZone SIP TLS Verify Mode": "Off", ...}; nothing set: {}.

        Raises NodeError "absent" where the peer does not take the path.
        """
        command = ("xConfiguration " + path).strip()
        text = self._ask(time.time() + left, command, write=False)
        if _failed(text):
            raise NodeError("absent", "'%s': %s" % (command, _cause(text, command, {})), {"output": _body(text, command)})
        return {" ".join(line["path"].split()): unquoted(line["value"]) for line in LINE.finditer(_body(text, command))}

    def set(self, left, path, value):
        """Set one setting. Returns {}. A value that the peer takes neither with quotation marks nor without is refused."""
        deadline, secrets = time.time() + left, {path: value} if SECRET.search(path) else {}
        text = ""
        for written in _ways(value):
            command = "xConfiguration %s: %s" % (path, written)
            text = self._ask(deadline, command, secrets=secrets)
            if not _failed(text):
                return {}
        raise NodeError("refused", "'xConfiguration %s' was not set: %s" % (path, _cause(text, command, secrets)),
                        {"output": hidden(_body(text, command), secrets)})

    def command(self, left, name, arguments=None):
        """Run an xCommand: name "ZoneAdd" or "Zone Add". Returns the results ({"ZoneId": "4"}; those inside others with both names: "Peer Address").

        Raises NodeError "absent" where the peer knows the verb in neither spelling, "refused" when the command failed.
        """
        deadline, arguments = time.time() + left, arguments or {}
        secrets = {key: value for key, value in arguments.items() if SECRET.search(key)}
        tail = "".join(" %s: %s" % (key, _ways(value)[0]) for key, value in arguments.items())
        spellings, text = self._spellings(deadline, name), ""
        for spelling in spellings:
            command = "xCommand %s%s" % (spelling, tail)
            text = self._ask(deadline, command, secrets=secrets)
            if not _failed(text):
                return results(_body(text, command))
            if not unknown(text):
                break
        cause = _cause(text, command, secrets)
        kind = "absent" if unknown(text) else "refused"
        raise NodeError(kind, "'xCommand %s' failed: %s" % (name, cause), {"output": hidden(_body(text, command), secrets), "cause": cause})

    def spelling(self, left):
        """Whether the words of a verb are joined here (True) or apart (False), by a usage that is shown; None where neither shows one."""
        self._spellings(time.time() + left, "Credential Add")
        return self.joined

    def _spellings(self, deadline, name):
        """Both spellings of a verb, the peer's own first."""
        words = name if " " in name else WORDS.sub(" ", name)
        if self.joined is None:
            for joined in (True, False):
                # Without arguments it shows its usage.
                text = self._ask(deadline, "xCommand " + ("CredentialAdd" if joined else "Credential Add"), write=False)
                if re.search(r"\bName\b.*\bPassword\b", _body(text, ""), re.DOTALL) and not _failed(text):
                    self.joined = joined
                    break
        both = [words.replace(" ", ""), words]
        return both if self.joined is not False else both[::-1]

    def _ask(self, deadline, line, write=True, secrets=None):
        """One line, and all that comes until its answer ends. Raises NodeError "lost", "unreachable", "auth"."""
        shown = "'%s'" % hidden(line, secrets or {})
        if "\n" in line or "\r" in line or len(line) > LONGEST:
            raise NodeError("refused", "%s: a command is one line of %d characters at most; nothing was sent" % (shown, LONGEST))
        for attempt in (1, 2):
            if self.shell is None or not self.shell.alive:
                self.close()
                self.shell = ExpresswayShell(self.option, min(deadline, time.time() + LOGIN))
                if self.accepted is not None:
                    self.accepted()
            try:
                self.shell.settle(0.001)
                self.shell.take()
                break
            except Dropped as e:                        # nothing was typed yet
                self.close()
                if attempt == 2:
                    raise NodeError("unreachable", "%s could not be typed: %s; nothing was done" % (shown, e)) from None
        try:
            return self._answer(deadline, line, shown)
        except Dropped as e:
            self.close()
            if not write:
                raise NodeError("unreachable", "%s: the session ended before the answer (%s)" % (shown, e)) from None
            raise NodeError("lost", "%s: the session ended before the answer (%s); it may have been done" % (shown, e)) from None
        except NodeError:
            self.shell.transport.close()                # out of step
            self.shell = None
            raise

    def _answer(self, deadline, line, shown):
        shell, marked = self.shell, False
        shell.type(line + "\n")
        shell.heard = time.time()
        while True:
            if time.time() > deadline:
                raise NodeError("lost", "%s: not finished in the time it may take; it may be going on still, or done" % shown)
            came = shell.listen(min(0.1, max(0.001, deadline - time.time())))
            if marked:
                found = MARKED.search(shell.text)
                if found and not came:
                    return shell.take()[:found.start()]
            elif shell.at_prompt and "\n" in shell.text.strip("\n"):
                if not shell.listen(QUIET):
                    return shell.take()
            elif time.time() - shell.heard > SILENCE and not re.fullmatch(r"xconfiguration( systemunit.*)?", line, re.IGNORECASE):
                shell.type("xConfiguration %s\n" % MARK)
                marked = True


def _ways(value):
    """How a value may be written, the likelier way first: choices and numbers stand alone, text in double quotation marks; text with those in single ones."""
    text = str(value)
    if re.fullmatch(r"-?\d+", text):
        return [text]
    quoted = "'%s'" % text if '"' in text else '"%s"' % text
    if text.lower() in CHOICES:
        return [text, quoted]
    return [quoted, text] if re.fullmatch(r"[\w.:/@+-]+", text) else [quoted]


def unquoted(text):
    """A value as shown, without its quotation marks."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def results(text):
    """{"name": value} of an xCommand's result; a value inside another has the names of both. Certificates in it, which have no name, are "PEM"."""
    found, inside = {}, []
    block = RESULT.search(text)
    if block and (certificates := PEM.findall(block["body"])):
        found["PEM"] = "\n".join(certificates)
    for line in (block["body"] if block else "").splitlines():
        entry = re.match(r"^(\s*)([\w ()]+?):\s*(.*)$", line)
        if not entry:
            continue
        depth, name, value = len(entry[1]), entry[2].strip(), entry[3].strip()
        inside = [part for part in inside if part[0] < depth]
        if value in ("", "/"):
            inside.append((depth, name))
        else:
            found[" ".join([part[1] for part in inside] + [name])] = unquoted(value)
    return found


def hidden(text, secrets):
    """A text without these values."""
    for value in secrets.values():
        if value not in (None, ""):
            text = text.replace(str(value), "***")
    return text


def unknown(text):
    """Whether a failure says that there is no such command."""
    return re.search(r"not recogni[sz]ed|unrecogni[sz]ed|unknown command|no such command|invalid command|command not found", text, re.IGNORECASE) is not None


def _failed(text):
    return FAILED.search(text) is not None or SUCCEEDED.search(text) is None


def _body(text, command):
    """An answer without the echo of its command, even where a terminal broke that into lines."""
    wanted, seen = re.sub(r"\s", "", command), ""
    start = re.sub(r"\s", "", text).find(wanted) if wanted else -1
    if start < 0:
        return text
    for place, character in enumerate(text):
        seen += "" if character.isspace() else character
        if len(seen) == start + len(wanted):
            return text[place + 1:].lstrip("\n")
    return text


def _cause(text, command, secrets):
    """What a failure says, in one line."""
    body = _body(text, command)
    said = re.search(r"Cause:\s*(.+)$", body, re.MULTILINE)
    said = unquoted(said[1]) if said else " ".join(FRAME.sub("", body).split())
    return hidden(said, secrets)[-600:] or "no reason given"
