"""A channel without a device: keeps a diary of what was asked of it."""
from __future__ import annotations

import json
import os
import time

from ..errors import NodeError


class Channel:
    login = ("platform", "remote_user", "password")

    def __init__(self, option):
        self.option, self.asked, self.accepted = option, 0, None
        self.note("open")

    def note(self, op, what=None):
        with open(os.environ["TOY_DIARY"], "a") as f:
            f.write(json.dumps({"op": op, "what": what, "host": self.option("host"), "port": self.option("port"), "user": self.option("remote_user"),
                                "pid": os.getpid(), "time": time.time()}) + "\n")

    def hello(self, left, **more):
        self.asked += 1
        return {"asked": self.asked, "pid": os.getpid(), "host": self.option("host"), "port": self.option("port"), "fqdn": self.option("fqdn"),
                "user": self.option("remote_user"), "left": left, "more": more}

    def write(self, left, what, seconds=0):
        self.note("begin", what)
        time.sleep(seconds)
        self.note("write", what)
        return {"written": what}

    def nap(self, left, seconds):
        self.accepted()
        if seconds > left:
            time.sleep(max(0, left))
            raise NodeError("lost", "no answer within the time left")
        time.sleep(seconds)
        return {"slept": seconds}

    def hang(self, left, seconds):
        time.sleep(seconds)
        return {}

    def fail(self, left, kind, text, marker=None):
        self.note("fail", marker)
        raise NodeError(kind, text)

    def once(self, left, kind, marker):
        """Fails the first time."""
        if not os.path.exists(marker):
            with open(marker, "w"):
                raise NodeError(kind, "not now")
        return {"ok": True}

    def boom(self, left, text):
        raise ValueError(text)

    def odd(self, left):
        return {"when": object()}

    def big(self, left, count):
        return {"rows": ["y" * 80] * count}

    def raw(self, left, data):
        return {"kind": type(data).__name__, "data": data}

    def close(self):
        self.note("close")
