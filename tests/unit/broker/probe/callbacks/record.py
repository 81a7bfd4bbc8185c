"""Writes every result as a line of JSON."""
from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: notification
short_description: Records results
description: Records results.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"

    def record(self, state, result):
        line = {"task": result._task.get_name(), "host": result._host.name, "state": state, "result": result._result}
        with open(os.environ["RECORD"], "a") as f:
            f.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result):
        self.record("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.record("failed", result)

    def v2_runner_on_unreachable(self, result):
        self.record("unreachable", result)

    def v2_runner_on_skipped(self, result):
        self.record("skipped", result)

    def v2_runner_item_on_ok(self, result):
        self.record("item", result)

    def v2_runner_item_on_failed(self, result):
        self.record("item", result)
