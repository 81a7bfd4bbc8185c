# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan permits. Exactly what it says:

1. an operation that the plan lists for this task and host: same node, same operation, same object, same arguments. Of a list of objects or of names the
   operation may have a part: batches are cut anew, and what was done meanwhile by a step of the plan is not done again. An argument that comes of a step
   before it (`derives` of the action: the fingerprint of a certificate that is not issued yet) is not compared;
2. a restart or reset that the plan announces as an impact, for the same node;
3. an operation on an object that the plan says, for this task and host, to be pending: what stood in its way is brought about by steps before it;
4. of a module that follows others (`follows` of its action): any operation, while the plan has an operation of one of those others for this host.
"""

from __future__ import annotations

import re

from .model import plain
from .model import steps_in

COUNT = re.compile(r"^\d+ phones? ")        # "5 phones (Jabber)" is "2 phones (Jabber)" when a run that was killed goes on
RESTART = ("soapDoControlServices", "utils service restart ", "POST /restart")


class BeyondThePlan(Exception):
    """An operation that the plan does not have. The text is for the operator."""


class Permit:
    """What one task may do for one host. plan: of model.py; pays, follows, derives: of its action."""

    def __init__(self, plan, host, task, pays=False, follows=(), derives=()):
        self.host, self.task, self.pays, self.derives = host, task, pays, derives
        self.impacts = [impact for cluster in plan["clusters"] for step in cluster["steps"] for impact in step["impacts"]]
        step = steps_in(plan).get((host, task), {"operations": [], "pending": []})
        self.listed = step["operations"]
        self.pending = [one["object"] for one in step["pending"]]
        self.following = any(other["action"] in follows and other["operations"] and other["host"] == host
                             for cluster in plan["clusters"] for other in cluster["steps"])

    def beyond(self, operations, impacts=()):
        """Operations that the plan does not have. impacts: what the task says that they disturb."""
        if self.following or (self.pays and all(self.announced(impact) for impact in plain(impacts))):
            return []
        return [op for op in plain(operations) if not (self.has(op) or self.restarts(op) or any(_names(p, op["object"]) for p in self.pending))]

    def has(self, operation):
        """Whether the plan lists an operation for this task, or one that it is a part of."""
        listed = [op["arguments"] for op in self.listed if all(op[key] == operation[key] for key in ("node", "channel", "operation"))
                  and set(_objects(operation)) <= set(_objects(op))]
        return bool(listed) and all(name in self.derives or any(args.get(name) == value for args in listed) or _part(value, name, listed)
                                    for name, value in operation["arguments"].items())

    def restarts(self, operation):
        """Whether it is a restart that the plan announces."""
        return operation["operation"].startswith(RESTART) and any(
            one["kind"] == "service_restart" and one["node"] == operation["node"] and one["what"] in operation["object"] for one in self.impacts)

    def announced(self, impact):
        """Whether the plan announces a restart or reset. Phones are counted anew when they are reset, so of these the plan need only announce some."""
        if impact["kind"] == "phone_reset":
            return any(one["kind"] == "phone_reset" and one["node"] == impact["node"] for one in self.impacts)
        return any(all(one[key] == impact[key] for key in ("node", "kind", "what")) for one in self.impacts)

    def demand(self, operations, impacts=(), done=False):
        """Raises BeyondThePlan for the first operation that the plan does not have."""
        beyond = self.beyond(operations, impacts)
        if beyond:
            raise BeyondThePlan("%s on %s: the plan has no %s of %s on %s%s. %s" % (
                self.task, self.host, beyond[0]["operation"], beyond[0]["object"], beyond[0]["node"],
                " (and %d more)" % (len(beyond) - 1) if len(beyond) > 1 else "",
                "It was done nevertheless, which is a bug of the module" if done else "Nothing was sent for it. Make a new plan"))


def _objects(operation):
    """The objects that an operation is about."""
    return COUNT.sub("phones ", operation["object"]).split(", ")


def _part(value, name, listed):
    """Whether a list of names is a part of those that the plan has."""
    if name != "names" or not isinstance(value, list):
        return False
    return set(value) <= {one for args in listed for one in args.get(name) or ()}


def _names(one, other):
    """Whether one object's name stands in the other's, as whole words: "US_UNITY" in "PhoneSystem-1 and US_UNITY of us_cm"."""
    short, long = sorted((one, other), key=len)
    return re.search(r"(?<![\w.-])%s(?![\w.-])" % re.escape(short), long) is not None
