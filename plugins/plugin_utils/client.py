# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's end of the broker: finds it or starts it, opens sessions, asks. Imports nothing of Ansible's."""

from __future__ import annotations

import fcntl
import hashlib
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

from . import broker
from .errors import NodeError
from .errors import RunEnded

CHANNELS = __package__ + ".channels"
PATIENCE = 3            # seconds that a task waits beyond a request's deadline for the broker's word on it
LONGEST_PATH = 100      # a Unix socket's path has less than 108 bytes


def fingerprint(options, own=()):
    """Key of the session with these options: all but the `own` ones (time limits), which make no other session."""
    kept = {k: v for k, v in options.items() if k not in own}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def run_pid(otherwise):
    """Process id of ansible-playbook: the parent that this worker was forked from. `otherwise` where this is no worker.

    Not os.getppid(): when ansible-playbook is killed, that is another process from then on.
    """
    parent = multiprocessing.parent_process()
    return parent.pid if parent else int(otherwise)


def orphaned():
    """Whether this is a worker that outlived its run."""
    parent = multiprocessing.parent_process()
    return parent is not None and os.getppid() != parent.pid


class BrokerClient:
    """One connection to the run's broker. Not shared between threads without a lock of its own: it has one.

    run_pid   process id of ansible-playbook
    home      directory of the sockets (0700 if made here)
    """

    def __init__(self, run_pid, home, package=CHANNELS):
        self.run_pid, self.home, self.package = run_pid, home, package
        self.sock, self.lock, self.closed = None, threading.Lock(), False

    def path(self):
        """Socket of the run's broker: named by the pid and its start time, since a pid comes again in every container."""
        name = "uc-%s" % hashlib.sha256(("%d %s" % (self.run_pid, broker.born(self.run_pid))).encode()).hexdigest()[:12]
        home = os.path.abspath(os.path.expanduser(self.home))
        if len(os.path.join(home, name).encode()) > LONGEST_PATH:
            home = os.path.join(tempfile.gettempdir(), "collab-security-%d" % os.getuid())
        os.makedirs(home, mode=0o700, exist_ok=True)
        owner = os.stat(home)
        if owner.st_uid != os.getuid() or owner.st_mode & 0o022:
            raise NodeError("unreachable", "%s must belong to the user who runs Ansible and be writable by nobody else" % home)
        return os.path.join(home, name)

    def ask(self, key, options, channel, op, args, deadline):
        """Make one request in the session `key` (opened with `options` if need be). Returns its result; raises NodeError."""
        message = {"node": key, "channel": channel, "op": op, "args": args, "deadline": deadline}
        with self.lock:
            for _attempt in range(3):
                reply = self._exchange(message)
                if reply.get("kind") != "new":
                    break
                self._exchange({"node": key, "open": options})
        if "result" in reply:
            return reply["result"]
        if orphaned():
            raise RunEnded
        raise NodeError(reply["kind"], reply["msg"], reply.get("detail"))

    def end(self, key):
        """End a session, if a broker runs and has it."""
        if os.path.exists(self.path()):
            with self.lock:
                self._exchange({"node": key, "end": True})

    def close(self):
        """Go for good: what this client asked for and was not begun is never done."""
        self.closed = True
        self._drop()

    def _drop(self):
        sock, self.sock = self.sock, None
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)         # wakes a thread that waits in it
            except OSError:
                pass
            sock.close()

    def _connect(self):
        if self.closed:
            raise NodeError("late", "the task has given up; nothing was sent")
        if orphaned():
            raise RunEnded
        if self.sock is not None:
            return
        path = self.path()
        self.sock = _probe(path)
        if self.sock is None:
            with open(path + ".lock", "w", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)        # not lockf: two threads of one worker must exclude each other too
                self.sock = _probe(path)
                if self.sock is None:
                    self._start(path)
                    self.sock = _probe(path)
        if self.sock is None:
            raise NodeError("unreachable", "the session broker does not answer on %s" % path)

    def _start(self, path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        conf = {"pid": self.run_pid, "born": broker.born(self.run_pid), "path": path, "package": self.package}
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen([sys.executable, "-P", broker.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                       start_new_session=True, cwd="/")
            process.stdin.write(json.dumps(conf).encode())
            process.stdin.close()
            ready = process.stdout.readline()
            process.stdout.close()
            if ready != b"ready\n":
                process.wait()
                errors.seek(0)
                raise NodeError("unreachable", "the session broker did not start: %s" % errors.read().decode(errors="replace").strip()[-500:])
            process.returncode = 0                      # it lives on: nobody waits for it

    def _exchange(self, message):
        self._connect()
        sock = self.sock
        try:
            sock.settimeout(max(1, message.get("deadline", time.time() + broker.GRACE) - time.time() + PATIENCE))
            broker.send(sock, message)
            reply = broker.recv(sock)
        except OSError:
            reply = None
        except BaseException:                           # the task's own time limit: out of step with the broker
            self.close()
            raise
        if reply is None:
            self._drop()
            if orphaned():
                raise RunEnded
            raise NodeError("lost", "the session broker went away, or did not answer in time, while the request was under way")
        return reply


def _probe(path):
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        return None
    return sock
