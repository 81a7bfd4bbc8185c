"""Injected faults: one rule table for all channels (lab.md 2.6).

A rule says *where* (node, channel, operation, phase, n-th occurrence, how often) and *what* (an action). A front end asks twice a
request: `hit(..., "before")` before it does anything, `hit(..., "after")` when the change is done and the reply is not yet sent.
The second is the case that finds clients which repeat a write that was already done.
"""

from __future__ import annotations

import fnmatch
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field

from lab.core.clock import Clock

ACTIONS = ("status", "reset", "delay", "drop", "expire", "truncate", "never", "question")
PHASES = ("before", "after")


class BadFault(ValueError):
    """The rule cannot be understood; the text says why."""


@dataclass
class Fault:
    """One rule, and at once what `hit` gives to the front end that has to act on it.

    node, channel, operation: shell patterns ("*" = any; the operation is compared case-insensitively).
    channel: as in the journal, and "services" for restarts (operation "restart Cisco Tomcat", phase "before").
    Two are states, with times 0 and action "never": "replication" (nothing reaches the node) and "node" (the node is off the network).
    phase: "before" (nothing done yet) or "after" (done, reply not sent). nth: first matching occurrence that it strikes (from 1).
    times: how often it strikes from there (0 = always).
    action: "status" answer HTTP `status` with `body`; "reset" abort the connection; "delay" wait `seconds` virtual seconds, then
    go on (done here); "drop" end the session (SSH: close the connection; HTTP: reset and forget its login session); "truncate"
    send only half of the reply, then close; "expire" (OS Administration) the login session has ended, and the request is answered as one
    without; "question" (routers) ask `body` before anything is done; "never" the service or node never comes back.
    """

    action: str
    node: str = "*"
    channel: str = "*"
    operation: str = "*"
    phase: str = "before"
    nth: int = 1
    times: int = 1
    status: int = 503
    body: str = ""
    seconds: float = 0.0
    seen: int = field(default=0)
    struck: int = field(default=0)

    def matches(self, node: str, channel: str, operation: str, phase: str) -> bool:
        """Whether this rule speaks of the request."""
        return (
            self.phase == phase
            and fnmatch.fnmatchcase(node, self.node)
            and fnmatch.fnmatchcase(channel, self.channel)
            and fnmatch.fnmatchcase(operation.lower(), self.operation.lower())
        )


class Faults:
    """The rule table."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rules: list[Fault] = []

    def add(self, rule: dict) -> Fault:
        """Add a rule given as plain data (the fields of Fault). Raises BadFault."""
        unknown = set(rule) - set(Fault.__dataclass_fields__) | ({"seen", "struck"} & set(rule))
        if unknown:
            raise BadFault(f"unknown field: {', '.join(sorted(unknown))}")
        if rule.get("action") not in ACTIONS:
            raise BadFault(f"action must be one of {', '.join(ACTIONS)}")
        fault = Fault(**rule)
        if fault.phase not in PHASES:
            raise BadFault(f"phase must be one of {', '.join(PHASES)}")
        if fault.nth < 1 or fault.times < 0:
            raise BadFault("nth counts from 1, times is 0 (always) or more")
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()

    def list(self) -> list[dict]:
        """All rules as plain data, with how often they were seen and struck."""
        return [asdict(rule) for rule in self.rules]

    def strike(self, node: object, channel: str, operation: str, phase: str = "before") -> Fault | None:
        """The rule that strikes this occurrence, counted; None if none does. Without waiting: `delay` is left to the caller."""
        name = str(getattr(node, "name", node))
        struck = None
        for rule in self.rules:
            if not rule.matches(name, channel, operation, phase):
                continue
            rule.seen += 1
            if struck is None and rule.seen >= rule.nth and (rule.times == 0 or rule.struck < rule.times):
                rule.struck += 1
                struck = rule
        return struck

    def standing(self, node: object, channel: str, operation: str) -> Fault | None:
        """A rule that holds always (times 0), not counted: a state of affairs rather than an event (replication that is broken)."""
        name = str(getattr(node, "name", node))
        return next((rule for rule in self.rules if rule.times == 0 and rule.matches(name, channel, operation, rule.phase)), None)

    async def hit(self, node: object, channel: str, operation: str, phase: str = "before") -> Fault | None:
        """Give the fault that strikes this request now, or None.

        A "delay" is waited for here and answered with None. All other actions are for the caller to perform.
        """
        rule = self.strike(node, channel, operation, phase)
        if rule is not None and rule.action == "delay":
            await self._clock.sleep(rule.seconds)
            return None
        return rule
