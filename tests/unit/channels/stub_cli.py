# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted VOS command line: keyboard-interactive login, shell only, echo, slow prompt, questions (vos.md 6)."""
from __future__ import annotations

import socket
import threading
import time

import paramiko

BANNER = "Command Line Interface is starting up, please wait ...\r\n\r\n   Welcome to the Platform Command Line Interface\r\n\r\n"


class Login(paramiko.ServerInterface):
    """Takes one user; counts attempts."""

    def __init__(self, cli):
        self.cli, self.shell = cli, threading.Event()

    def get_allowed_auths(self, username):
        return self.cli.auths

    def check_auth_interactive(self, username, submethods):
        return paramiko.InteractiveQuery("", "", ("Password: ", False)) if "keyboard-interactive" in self.cli.auths else paramiko.AUTH_FAILED

    def check_auth_interactive_response(self, responses):
        self.cli.logins.append(tuple(responses))
        if self.cli.expired:
            self.cli.expired = False
            return paramiko.InteractiveQuery("", "", ("New password: ", False))
        return paramiko.AUTH_SUCCESSFUL if list(responses) == [self.cli.password] else paramiko.AUTH_FAILED

    def check_auth_password(self, username, password):
        self.cli.logins.append((password,))
        return paramiko.AUTH_SUCCESSFUL if "password" in self.cli.auths and password == self.cli.password else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_pty_request(self, channel, term, width, height, pixelwidth, pixelheight, modes):
        self.cli.pty = (term.decode(), width, height)
        return True

    def check_channel_shell_request(self, channel):
        self.shell.set()
        return True


class Cli:
    """The server. commands: {command: function(session)}; typed: commands that Enter was pressed for; drop: every how many-th character is swallowed."""

    def __init__(self, password, session=None):
        self.session = session or Session
        self.password, self.auths, self.expired, self.logins, self.pty = password, "keyboard-interactive", False, [], None
        self.typed, self.sessions, self.commands, self.drop, self.needs_enter = [], 0, {}, 0, False
        self.key = paramiko.RSAKey.generate(2048)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def known_hosts(self, path, key=None):
        """Write a known_hosts file for this server."""
        path.write_text("[127.0.0.1]:%d %s %s\n" % (self.port, (key or self.key).get_name(), (key or self.key).get_base64()))
        return str(path)

    def close(self):
        """Take no more."""
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        transport = paramiko.Transport(client)
        transport.add_server_key(self.key)
        login = Login(self)
        try:
            transport.start_server(server=login)
            channel = transport.accept(20)
            if channel is None or not login.shell.wait(20):
                return
            self.sessions += 1
            self.session(self, transport, channel).run()
        except (OSError, EOFError, paramiko.SSHException):
            return                              # the client went
        finally:
            transport.close()


class Session:
    """One shell."""

    def __init__(self, cli, transport, channel):
        self.cli, self.transport, self.channel, self.count, self.dropping = cli, transport, channel, 0, True

    def out(self, text):
        """Print, with the node's mix of line ends and terminal codes."""
        self.channel.sendall(("\x1b[0m" + text.replace("\r\n", "\n").replace("\n", "\r\n")).encode())

    def key(self):
        """One key, or "" when the client has gone."""
        return self.channel.recv(1).decode()

    def line(self, echo=True):
        """What is typed until Enter, echoed; with cli.drop some characters that come too fast are swallowed."""
        typed, last = "", 0.0
        while True:
            key = self.key()
            if key == "":
                raise EOFError
            if key in "\r\n":
                if echo:
                    self.channel.sendall(b"\r\n")
                return typed
            self.count += 1
            fast, last = time.time() - last < 0.001, time.time()
            if self.cli.drop and self.dropping and fast and self.count % self.cli.drop == 0:
                continue
            typed += key
            if echo:
                self.channel.sendall(key.encode())

    def run(self):
        self.out(BANNER)
        if self.cli.needs_enter:
            self.line(echo=False)
            self.out("admin:\n\radmin:")
        else:
            time.sleep(0.1)
            self.out("\nadmin:")
        while True:
            command = self.line()
            self.cli.typed.append(command)
            if command == "exit":
                return
            action = self.cli.commands.get(command)
            if command == "set cli pagination off":
                self.out("Automatic pagination is turned off\n")
            elif action is None:
                self.out("No valid command entered\nExecuted command unsuccessfully\n")
            elif callable(action):
                if action(self) == "drop":
                    return
            else:
                self.out(action)
            self.out("\nadmin:")
