# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH shell on a VOS node: login, host key, and text in and out. Source: vos.md 6.

There is no exec channel. The login is keyboard-interactive (plain password is refused by some releases), tried once: accounts lock. Host keys come from the
known_hosts file alone. paramiko is pinned to a version that knows SHA-1 signatures, last in order: see requirements.txt.
"""

from __future__ import annotations

import codecs
import logging
import re
import socket
import time

import paramiko

from ..errors import NodeError
from .recording import recorder

CONNECT = 20            # seconds at most for TCP and the key exchange
LOGIN = 180             # seconds at most until the prompt: nodes can be slow ("Command Line Interface is starting up, please wait")
NUDGE = 5               # seconds of silence after which a node may wait for Enter
WIDTH, HEIGHT = 500, 200
PROMPT = re.compile(r"(?:^|\n)(?:[\[(]?\d+[\])]?\s?)?admin:\s*$")       # a number stands before it after "set commandcount enable"
ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][0-9A-Za-z]|\x1b[=>78DEHM]|[\r\x00\x07]")
UNFINISHED = re.compile(r"\x1b[^@-~]{0,20}$|\x1b\[[^@-~]{0,20}$")

logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


class Dropped(Exception):
    """The session ended under us."""


class Login:
    """One SSH login, the host key checked, with nothing opened on it yet."""

    def __init__(self, option, deadline):
        self.option, self.transport = option, None
        try:
            self.where, self.limit = self._connect(deadline)
        except BaseException:
            self.close()
            raise

    def close(self):
        """End it."""
        if self.transport is not None:
            self.transport.close()

    def _connect(self, deadline):
        """Log in. Returns ("host:port", seconds that opening something may take)."""
        host, port = self.option("host"), int(self.option("port"))
        where = "%s:%d" % (host, port)
        user, password = self.option("remote_user"), self.option("password")
        if not user or not password:
            raise NodeError("refused", "ansible_user and ansible_password must both be set")
        known = known_keys(self.option, host, port)
        limit = max(0.5, min(CONNECT, deadline - time.time()))
        try:
            sock = socket.create_connection((host, port), timeout=limit)
            self.transport = paramiko.Transport(sock)
            self.transport.banner_timeout = self.transport.handshake_timeout = limit
            options = self.transport.get_security_options()
            options.key_types = sorted(options.key_types, key=lambda kind: not any(same_kind(kind, key) for key in known))
            self.transport.start_client(timeout=limit)
        except (OSError, paramiko.SSHException, EOFError) as e:
            raise NodeError("unreachable", "SSH to %s: %s. Check ansible_host and ansible_port, that the node is up, and that nothing in between blocks the way"
                            % (where, getattr(e, "strerror", None) or e or type(e).__name__)) from None
        _check_key(self.transport.get_remote_server_key(), known, where, self.option("known_hosts"))
        self.transport.auth_timeout = max(1, min(60, deadline - time.time()))
        self._authenticate(user, password, where)
        return where, limit

    def _authenticate(self, user, password, where):
        asked = []

        def answer(title, instructions, prompts):
            if prompts and asked:
                raise paramiko.SSHException("the node asks for more than a password: '%s'" % prompts[0][0].strip())
            asked.extend(prompts)
            return [password for _prompt in prompts]

        try:
            try:
                self.transport.auth_interactive(user, answer)
            except paramiko.BadAuthenticationType as e:
                if "password" not in e.allowed_types:
                    raise
                self.transport.auth_password(user, password, fallback=False)
        except paramiko.AuthenticationException as e:
            if "timeout" in str(e).lower() or "EOF" in str(e):
                raise NodeError("unreachable", "SSH to %s: no answer to the login (%s)" % (where, e)) from None
            raise NodeError("auth", "SSH to %s: the login of '%s' was refused: check ansible_user and ansible_password" % (where, user)) from None
        except (OSError, paramiko.SSHException, EOFError) as e:
            raise NodeError("auth" if asked else "unreachable", "SSH to %s: the login of '%s' did not succeed: %s"
                            % (where, user, e or type(e).__name__)) from None


class Shell(Login):
    """One login with a shell. text: what came since the last take(), without terminal codes."""

    farewell = b"exit\n"        # what ends the session by the shell itself; None: closing the channel does

    def __init__(self, option, deadline):
        self.option, self.text, self.raw, self.heard = option, "", "", time.time()
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.record = recorder(option)
        self.transport = self.channel = None
        try:
            self._login(deadline)
        except BaseException:
            self.close()
            raise

    @property
    def alive(self):
        """Whether the session can still be used, as far as this end knows."""
        return self.transport is not None and self.transport.is_active() and not self.channel.closed and not self.channel.eof_received

    def type(self, text):
        """Send characters as they are. Raises Dropped."""
        try:
            self.channel.sendall(text.encode())
        except (OSError, paramiko.SSHException, EOFError) as e:
            raise Dropped(str(e)) from None

    def listen(self, seconds):
        """Wait for output, at most so long. Returns whether any came; raises Dropped at the session's end."""
        self.channel.settimeout(max(0.001, seconds))
        try:
            data = self.channel.recv(1 << 16)
        except TimeoutError:
            return False
        except (OSError, paramiko.SSHException, EOFError) as e:
            raise Dropped(str(e)) from None
        if not data:
            raise Dropped("the node ended the session")
        self.raw += self.decoder.decode(data)
        cut = UNFINISHED.search(self.raw)
        whole = self.raw[:cut.start()] if cut else self.raw
        self.raw = self.raw[len(whole):]
        self.text += ANSI.sub("", whole)
        if self.record is not None:
            self.record.note("session", whole)
        self.heard = time.time()
        return True

    def settle(self, seconds):
        """Listen until it has been quiet so long."""
        while self.listen(seconds):
            continue

    @property
    def at_prompt(self):
        """Whether the last thing that came is the prompt."""
        return PROMPT.search(self.text[-300:]) is not None

    def take(self):
        """What came, and begin anew."""
        text, self.text = self.text, ""
        return text

    def close(self):
        """Log out if that is still possible, and go."""
        try:
            if self.channel is not None and self.alive:
                if self.farewell and (self.at_prompt or not self.text):
                    self.channel.settimeout(1)
                    self.channel.sendall(self.farewell)
                    end = time.time() + 1
                    while time.time() < end and self.channel.recv(100):     # the echo, then the end: the node has read it whole
                        continue
                self.channel.close()
        except (OSError, paramiko.SSHException, EOFError):
            pass                        # the transport's end below is the end in any case
        if self.transport is not None:
            self.transport.close()

    # -- login -------------------------------------------------------------------------------------------------------
    def _login(self, deadline):
        where, limit = self._connect(deadline)
        try:
            self.channel = self.transport.open_session(timeout=limit)
            self.channel.get_pty("vt100", WIDTH, HEIGHT)
            self.channel.invoke_shell()
            self._first_prompt(min(deadline, time.time() + LOGIN), where)
        except (OSError, paramiko.SSHException, EOFError, Dropped) as e:
            raise NodeError("unreachable", "SSH to %s: the session ended during the login: %s" % (where, e or type(e).__name__)) from None

    def _first_prompt(self, deadline, where):
        nudged = False
        while not self.at_prompt:
            if time.time() > deadline:
                raise NodeError("unreachable", "SSH to %s: no prompt of the command line; it showed: %s" % (where, self.text.strip()[-300:]))
            if not self.listen(0.5) and time.time() - self.heard > NUDGE:
                self.type("\n")
                self.heard, nudged = time.time(), True
        self.settle(0.2 if nudged else 0.01)        # a nudge brings a second prompt
        self.take()


def same_kind(offered, key):
    """Whether a host key algorithm uses that key's type (an RSA key signs under several names)."""
    kind = key.get_name()
    return offered == kind or (kind == "ssh-rsa" and offered.startswith("rsa-sha2-"))


def known_keys(option, host, port):
    """The keys that the known_hosts file has for a node, by address or FQDN."""
    path = option("known_hosts")
    if not path:
        raise NodeError("unreachable", "collab_known_hosts must name a file with the node's SSH host key: a key that nobody vouches for is not accepted")
    try:
        hosts = paramiko.HostKeys(path)
    except (OSError, paramiko.SSHException) as e:
        raise NodeError("unreachable", "collab_known_hosts (%s) cannot be read: %s" % (path, e)) from None
    found = []
    for name in (host, option("fqdn")):
        entries = hosts.lookup(name if port == 22 else "[%s]:%d" % (name, port)) or {}
        found += [entries[kind] for kind in entries.keys()]
    if not found:
        raise NodeError("unreachable", "the SSH host key of %s is not in collab_known_hosts (%s). Check the key at the node's console, then add it: "
                        "ssh-keyscan -p %d %s >> %s" % (option("fqdn"), path, port, host, path))
    return found


def _check_key(key, known, where, path):
    if any(key == k for k in known):
        return
    shown = "%s %s" % (key.get_name(), key.fingerprint)
    raise NodeError("unreachable", "SSH to %s: the host key is wrong: the node shows %s, %s has %s. If the node was installed anew, replace its line there; if "
                    "not, something else answers at that address" % (where, shown, path, ", ".join("%s %s" % (k.get_name(), k.fingerprint) for k in known)))
