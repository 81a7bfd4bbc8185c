# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run's session broker: one process a run, one thread a waiting task, one lock a session. Knows nothing of Ansible or of devices.

Started by the first task in need (client.py) with its configuration as JSON on stdin:
    pid      of ansible-playbook; when that ends, however it ends, the broker takes nothing more, lets the request under way
             finish (60 s at most), logs out and goes
    born     start time of that process (a pid comes again)
    path     of its socket
    package  dotted name of the channels' package; channel "axl" is <package>.axl, class Channel

Wire: length (8 bytes) + JSON, both ways; bytes as {"__bytes__": base64}. Requests: {"node": key, "open": options}, {"node": key, "end": true},
{"node": key, "channel", "op", "args", "deadline": seconds since 1970}. Replies: {"result": ...}, {"kind": "new"} (session unknown here: open it, ask
again) or {"kind", "msg", "detail"} as in errors.py.

A request is made only while its task still waits for it, its time has not run out and the run lives. A refused login is remembered for the
whole run: accounts lock after a few. Sheet: ansible-connection.md 3.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import os
import select
import socket
import socketserver
import struct
import sys
import threading
import time
import types

GRACE = 60          # seconds that a request under way gets after the run's end
OVERDUE = 5         # seconds beyond its deadline after which a call counts as hanging
HOLD_OFF = 10       # seconds without a login after a login that used to work was refused
SLICE = 0.5         # seconds between looks at whether a waiting request still makes sense
# One thread imports at a time: of two that wait for each other's modules, Python gives one a module that is half made.
IMPORTING = threading.Lock()


def _encode(value):
    if isinstance(value, (bytes, bytearray)):
        return {"__bytes__": base64.b64encode(value).decode()}
    raise TypeError("%s is not plain data" % type(value).__name__)


def _decode(value):
    return base64.b64decode(value["__bytes__"]) if len(value) == 1 and "__bytes__" in value else value


def send(sock, obj):
    """Write one message. Raises TypeError for what JSON cannot carry, OSError when the other end is gone."""
    data = json.dumps(obj, default=_encode).encode()
    sock.sendall(struct.pack("!Q", len(data)) + data)


def recv(sock):
    """Read one message; None when the other end closed. Raises OSError (also on the socket's timeout)."""

    def exactly(count):
        parts = []
        while count:
            part = sock.recv(min(count, 1 << 20))
            if not part:
                return None
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    head = exactly(8)
    data = head and exactly(struct.unpack("!Q", head)[0])
    return None if not data else json.loads(data, object_hook=_decode)


def born(pid):
    """Start time of a process as the kernel writes it, or None where there is no /proc or no such process."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


class Run:
    """The ansible-playbook that this broker serves."""

    def __init__(self, pid, start):
        self.pid, self.start, self.closing = pid, start, False
        try:
            self.fd = os.pidfd_open(pid)
        except (OSError, AttributeError):
            self.fd = None

    def alive(self):
        """False from the moment it ended, killed or not."""
        if self.closing:
            return False
        if self.fd is not None:
            return not select.select([self.fd], [], [], 0)[0] and born(self.pid) == self.start
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return born(self.pid) == self.start

    def wait(self):
        """Return when it has ended."""
        if self.fd is not None and self.alive():
            select.select([self.fd], [], [])
        while self.alive():
            time.sleep(0.2)


class Login:
    """One account (of one cluster) as the sessions of the run know it. While nobody knows whether its password is right, one request at a time."""

    def __init__(self):
        self.lock, self.due, self.proved, self.refused = threading.Lock(), None, False, None

    def hangs(self):
        """Whether the request that is to prove it is long overdue."""
        return (self.due or time.time()) < time.time() - OVERDUE

    def abandon(self, lock):
        """Leave a hanging request to itself: the next one holds another lock."""
        if self.lock is lock:
            self.lock, self.due = threading.Lock(), None


class Turn:
    """A request's turn to prove an account: ends when the device has taken the login, at the latest with the request."""

    def __init__(self, account):
        self.account, self.lock = account, None

    def begin(self, acquire, deadline):
        """Wait for the turn, if one is needed. Returns the reply where that makes no sense any more."""
        while not self.account.proved:
            lock = self.account.lock
            reply = acquire(lock, self.account.hangs)
            if reply is None:
                self.lock, self.account.due = lock, deadline
                if self.account.proved:
                    self.end()
                return None
            if reply != {"kind": "hangs"}:
                return reply
            self.account.abandon(lock)
        return None

    def end(self):
        """Let the next one try."""
        lock, self.lock = self.lock, None
        if lock is not None:
            if self.account.lock is lock:
                self.account.due = None
            lock.release()


class Session:
    """The channels to one node. One request at a time; a channel is dropped when it may be out of step with the device."""

    def __init__(self, options, broker):
        self.options, self.broker = options, broker
        self.lock, self.channels, self.due, self.abandoned = threading.Lock(), {}, None, False
        self.accepted, self.denied = {}, {}     # by kind of login: worked here; when it was refused after it had worked

    def login(self, channel_class):
        """The account that a channel logs in with, or None for one that has none. Its class says which: login = (name, user option, password option)."""
        spec = getattr(channel_class, "login", None)
        if spec is None:
            return None, None
        secret = hashlib.sha256(str(self.options.get(spec[2])).encode()).hexdigest()
        place = self.options.get("cluster") or self.options.get("host") or self.options.get("url")
        key = (place, spec[0], self.options.get(spec[1]), secret)
        return spec[0], self.broker.account(key)

    def hangs(self):
        """Whether a call is long overdue: such a session is left to itself and opened anew."""
        return (self.due or time.time()) < time.time() - OVERDUE

    def why_not(self, client, deadline):
        """The reply for a request that must not be made any more, {} when its task is gone, None when it may."""
        if not self.broker.run.alive():
            return {"kind": "late", "msg": "the run has ended; nothing was sent"}
        try:
            if client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b"":
                return {}
        except BlockingIOError:
            if time.time() >= deadline:
                return {"kind": "late", "msg": "the session was busy for longer than the request may take; nothing was sent"}
        except OSError:
            return {}
        return {"kind": "new"} if self.abandoned else None

    def acquire(self, lock, hangs, client, deadline):
        """Take the lock, or return why that makes no sense any more; {"kind": "hangs"} when who has it hangs."""
        while not lock.acquire(timeout=max(0.001, min(SLICE, deadline - time.time()))):
            reply = self.why_not(client, deadline)
            if reply is None and hangs():
                reply = {"kind": "hangs"}
            if reply is not None:
                return reply
        reply = self.why_not(client, deadline)
        if reply is not None:
            lock.release()
        return reply

    def call(self, client, message):
        """Make one request of a channel. Returns the reply; {} when nobody waits for it."""
        reply = self.acquire(self.lock, self.hangs, client, message["deadline"])
        if reply == {"kind": "hangs"}:
            self.abandoned = True
            return {"kind": "new"}
        if reply is not None:
            return reply
        try:
            try:
                with IMPORTING:
                    module = importlib.import_module(self.broker.package + "." + message["channel"])
                kind, account = self.login(module.Channel)
            except Exception as e:
                return {"kind": "bug", "msg": "channel %s: %s: %s" % (message["channel"], type(e).__name__, e), "detail": None}
            if account is None:
                return self.perform(module, message)
            return self.perform_as(kind, account, client, module, message)
        finally:
            self.due = None
            if self.abandoned:
                self.drop()
            self.lock.release()

    def perform_as(self, kind, account, client, module, message):
        """perform, with what is known about the account: a refused login is never tried again."""
        turn = Turn(account)
        reply = turn.begin(lambda lock, hangs: self.acquire(lock, hangs, client, message["deadline"]), message["deadline"])
        if reply is not None:
            return reply

        def accepted():
            account.proved = self.accepted[kind] = True
            self.denied.pop(kind, None)
            turn.end()

        try:
            if account.refused and kind not in self.accepted:
                return account.refused
            if self.denied.get(kind, 0) > time.time() - HOLD_OFF:
                return {"kind": "busy", "msg": "the login that worked before was refused a moment ago; nothing was sent", "detail": None}
            reply = self.perform(module, message, accepted)
            if reply.get("kind") == "auth":
                return self.refused(kind, account, reply)
            if "result" in reply:
                accepted()
            return reply
        finally:
            turn.end()

    def refused(self, kind, account, reply):
        """A login that never worked here is never tried again; one that did may meet a node in the middle of a restart: once more, later."""
        if kind in self.accepted and kind not in self.denied:
            self.denied[kind] = time.time()
            return dict(reply, kind="busy", msg=reply["msg"] + " (it worked before in this run: the node may be restarting)")
        reply = dict(reply, msg=reply["msg"] + "; not tried again in this run, because accounts lock after a few refused logins")
        self.accepted.pop(kind, None)
        account.refused, account.proved = reply, False
        return reply

    def perform(self, module, message, accepted=None):
        """Open the channel if need be and make the request. accepted: the channel may call it as soon as the device has taken its login."""
        name, self.due = message["channel"], message["deadline"]
        try:
            if name not in self.channels:
                self.channels[name] = module.Channel(self.options.get)
            self.channels[name].accepted = accepted
            operation = getattr(self.channels[name], message["op"])
            return {"result": operation(message["deadline"] - time.time(), **message["args"])}
        except Exception as e:
            if not getattr(e, "keep", False):
                self.drop(name)                 # what it was in the middle of is unknown
            kind = getattr(e, "kind", None)
            text = str(e) if kind else "channel %s: %s: %s" % (name, type(e).__name__, e)
            return {"kind": kind or "bug", "msg": text, "detail": getattr(e, "detail", None)}

    def drop(self, *names):
        """Close these channels (all without names): log out, forget."""
        for name in names or list(self.channels):
            channel = self.channels.pop(name, None)
            try:
                channel.close()
            except Exception:
                continue                        # a session that does not end cleanly has ended all the same

    def end(self, until):
        """Let the request under way finish, but not beyond `until`, then log out everywhere."""
        held = self.lock.acquire(timeout=max(0, until - time.time()))
        self.drop()
        if held:
            self.lock.release()


class Server(socketserver.ThreadingUnixStreamServer):
    """Takes the tasks' connections; a thread each."""

    daemon_threads, request_queue_size = True, 512

    def __init__(self, path, package, run):
        self.package, self.run = package, run
        self.sessions, self.accounts, self.guard = {}, {}, threading.Lock()
        super().__init__(path, None)

    def account(self, key):
        """What is known about one account."""
        with self.guard:
            return self.accounts.setdefault(key, Login())

    def session(self, key):
        """The session of that key, unless there is none or it hangs."""
        with self.guard:
            session = self.sessions.get(key)
            if session is not None and (session.abandoned or session.hangs()):
                session.abandoned = True
                self.sessions.pop(key, None)
                session = None
            return session

    def answer(self, client, message):
        """The reply to one message; {} when nobody waits for it."""
        key = message["node"]
        if "open" in message:
            with self.guard:
                if key not in self.sessions or self.sessions[key].abandoned:
                    self.sessions[key] = Session(message["open"], self)
            return {"result": True}
        if "end" in message:
            with self.guard:
                session = self.sessions.pop(key, None)
            if session is not None:
                session.end(time.time() + GRACE)
            return {"result": True}
        session = self.session(key)
        return {"kind": "new"} if session is None else session.call(client, message)

    def finish_request(self, request, client_address):
        try:
            while (message := recv(request)) is not None:
                reply = self.answer(request, message) if self.run.alive() else {"kind": "late", "msg": "the run has ended; nothing was sent"}
                if not reply:
                    return
                try:
                    send(request, reply)
                except (TypeError, ValueError) as e:
                    send(request, {"kind": "bug", "msg": "a reply that JSON cannot carry: %s" % e, "detail": None})
        except OSError:
            return

    def end(self):
        """Take nothing more, let what is under way finish, log out."""
        self.run.closing = True
        until = time.time() + GRACE
        with self.guard:
            enders = [threading.Thread(target=s.end, args=(until,), daemon=True) for s in self.sessions.values()]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join(max(0, until + 5 - time.time()))


def _packages(dotted):
    """Make the parent packages by hand: no import system of Ansible's here, and a search could find somebody else's ansible_collections."""
    name = ""
    for part in dotted.split(".")[:-1]:
        name = (name + "." + part).lstrip(".")
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = []
    sys.modules[name].__path__ = [os.path.dirname(os.path.abspath(__file__))]


def main():
    """Serve one run, from its first task in need to its end."""
    conf = json.load(sys.stdin)
    _packages(conf["package"])
    os.umask(0o077)
    server = Server(conf["path"], conf["package"], Run(conf["pid"], conf["born"]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):                # nothing that a library prints goes anywhere
        os.dup2(nothing, stream)
    server.run.wait()
    server.run.closing = True
    for leftover in (conf["path"], conf["path"] + ".lock"):
        try:
            os.unlink(leftover)
        except OSError:
            continue
    server.end()
    os._exit(0)


if __name__ == "__main__":
    main()
