# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of one Meeting Server by SFTP: keys, certificates, requests, backups. Source: cms.md 1.1.

They lie flat in the root, and go from memory to memory: private keys are among them, so nothing here opens a file on the control node.
"""

from __future__ import annotations

import re
import time

import paramiko

from ..errors import NodeError
from .vos_ssh import Login

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9]+)?")     # one dot at most, no blanks (cms.md 1.2)
CHUNK = 1 << 15
BROKEN = (OSError, paramiko.SSHException, paramiko.SFTPError, EOFError)


class Channel:
    """The node's files."""

    login = ("mmp", "remote_user", "password")

    def __init__(self, option):
        self.option, self.session, self.client, self.accepted = option, None, None, None

    def close(self):
        """Log out."""
        session, self.session, self.client = self.session, None, None
        if session is not None:
            session.close()

    def get(self, left, name):
        """One file. Returns {"data": bytes}, or {"data": None} where there is none of that name."""
        client = self._open(left, name)
        try:
            with client.open("/" + name, "rb") as f:
                f.prefetch(f.stat().st_size or 0)
                return {"data": f.read()}
        except FileNotFoundError:
            return {"data": None}
        except BROKEN as e:
            raise self._broken("reading", name, e, "unreachable") from None

    def put(self, left, name, data):
        """Write a file whole. Returns {"size": as the node says}."""
        client = self._open(left, name)
        try:
            with client.open("/" + name, "wb") as f:
                for start in range(0, len(data), CHUNK):
                    f.write(data[start:start + CHUNK])
            return {"size": client.stat("/" + name).st_size}
        except PermissionError as e:
            raise NodeError("refused", "SFTP: the node does not take %s: %s" % (name, e)) from None
        except BROKEN as e:
            raise self._broken("writing", name, e, "lost") from None

    def _broken(self, what, name, error, kind):
        """The NodeError for a transfer that failed: a refusal of the node's where the session lives on."""
        if isinstance(error, OSError) and not isinstance(error, TimeoutError) and self.session is not None and self.session.transport.is_active():
            return NodeError("refused", "SFTP: %s %s: %s" % (what, name, error or type(error).__name__))
        return NodeError(kind, "SFTP: %s %s: the session ended (%s)" % (what, name, error or type(error).__name__))

    def _open(self, left, name):
        if not NAME.fullmatch(name):
            raise NodeError("refused", "'%s' cannot be the name of a file on a Meeting Server: letters, digits, '-' and '_', with one dot at most" % name)
        if self.session is None or not self.session.transport.is_active():
            self.close()
            self.session = Login(self.option, time.time() + left)
            if self.accepted is not None:
                self.accepted()
            try:
                channel = self.session.transport.open_session(timeout=self.session.limit)
                channel.settimeout(self.session.limit)
                channel.invoke_subsystem("sftp")
                self.client = paramiko.SFTPClient(channel)
            except BROKEN as e:
                raise NodeError("unreachable", "SFTP to %s cannot be opened: %s" % (self.session.where, e or type(e).__name__)) from None
        self.client.get_channel().settimeout(max(1, left))
        return self.client
