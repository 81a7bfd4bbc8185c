# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base of every action plugin: options checked against the module's DOCUMENTATION, the cluster's nodes, waits, the report, secrets kept out.

    class ActionModule(DeviceAction, module="collab.security.x", secrets=("password", "users.password")):
        def apply(self, args, check):
            ...
            return self.report          # or a dict, or None
"""

from __future__ import annotations

import copy
import gc
import time
import traceback
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.errors import AnsibleActionSkip
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar
from ansible.utils.display import Display

from .errors import NodeError
from .mending import chosen_of
from .module_spec import options_documented
from .module_spec import spec_of
from .node import CONNECTIONS
from .node import Clock
from .node import Node
from .node import NodeConnection
from .node import each
from .node import names_of
from .node import no_device
from .node import options_of
from .node import plain
from .node import secrets_of
from .plan.guard import Guard
from .report import Report
from .undo.keeping import NOT_SAVED
from .undo.keeping import Keeper

OURS = __package__ + "."        # exceptions defined there are messages to the operator, all others are bugs
LONGEST = 50        # entries of a list that a failed task shows
WHOLE = ("operations", "impact", "findings", "pending")        # these say what was done: none of their entries is left out
LEADING = ("publisher", "primary")          # of collab_roles: the node that a whole cluster's settings are written to
PASSING = ("unreachable", "lost", "busy")      # what a node may answer while it restarts

# What every task of a run needs is made once, here: action files are imported by ansible-playbook itself, before it forks a worker for each task.
# Their documentation, parsed, is half of what a small task costs otherwise.
for _connection in CONNECTIONS:
    connection_loader.get(_connection, class_only=True)
for _lookup in ("env", "file"):
    lookup_loader.get("ansible.builtin." + _lookup, class_only=True)
# What is there by now stays for the whole run: the garbage collector of a worker need not walk through it, which would copy it page by page.
gc.freeze()


class DeviceAction(ActionBase):
    """See the module's text. A subclass implements apply(args, check) -> Report, dict or None (None: self.report).

    Everything runs in the task's worker. Requests go through self.node / self.nodes[name] / self.publisher (node.Node); nothing else touches a network.
    """

    pays = False        # whether it only does what changes made before owe: restarts and resets, which collab_mend does not choose
    follows = ()        # modules whose work makes this one's necessary, which check mode cannot see: a plan (collab_plan) that has theirs permits this
    derives = ()        # arguments of its operations that come of what steps before it do: a plan cannot know them

    def __init_subclass__(cls, module, secrets=(), **rules):
        # At import: once a run, before the workers fork. rules: required_if, mutually_exclusive ... of ArgumentSpecValidator.
        super().__init_subclass__()
        cls.validator = ArgumentSpecValidator(spec_of(options_documented(module), secrets), **rules)

    def apply(self, args, check):
        """What the module does. args: checked options as plain data; check: True when nothing may be written."""
        raise TypeError("%s has no apply()" % type(self).__name__)

    # -- the frame ---------------------------------------------------------------------------------------------------
    def run(self, tmp=None, task_vars=None):
        """Check the options, call apply, and turn whatever comes of it into a scrubbed result."""
        out, task = super().run(tmp, task_vars), self._task
        self.task_vars, self.report, self.warnings = task_vars, Report(), []
        self.clock, self._nodes = Clock(task.timeout), []
        self.where = self.host = str(task.delegate_to or task_vars["inventory_hostname"])
        checked = self.validator.validate(plain(task.args))     # not ActionBase.validate_argument_spec: its error is not scrubbed
        self.hidden = {str(v) for v in checked._no_log_values if v not in (None, "")}
        if isinstance(self._connection, NodeConnection):
            self._known(self._connection.get_options())
            self.keeper = Keeper(self._connection.run_pid, task.action, lambda: self.report, self.hidden)
        try:
            out.update(self._outcome(checked, task.check_mode))
        finally:
            self.clock.given_up = True                          # threads of an interrupted task ask nothing more
            for node in self._nodes:
                node.close()
        if isinstance(self._connection, NodeConnection) and self.keeper.unsaved:
            self.warn(NOT_SAVED)
        if self.warnings:
            out["warnings"] = [str(w) for w in self.warnings]
        if not task.diff:
            out.pop("diff", None)
        return remove_values(plain(out), self.hidden)

    def _outcome(self, checked, check):
        """The task's result, still unscrubbed. What was done before a failure is part of it."""
        invocation = {"module_args": checked.validated_parameters}
        try:
            if checked.error_messages:
                raise AnsibleActionFail("; ".join(checked.error_messages))
            if not isinstance(self._connection, NodeConnection):
                raise AnsibleActionFail(no_device(self.where, self._connection._load_name))
            result = self._applied(checked.validated_parameters, bool(check))
            if isinstance(result, Report):
                return dict(result.result(), invocation=invocation)
            return dict(self.report.result(), invocation=invocation) | (result or {})
        except NodeError as e:
            state = "unreachable" if e.kind == "unreachable" else "failed"
            failure = {state: True, "msg": str(e), "kind": e.kind, "detail": e.detail}
        except AnsibleActionSkip:
            raise
        except AnsibleError as e:                               # AnsibleActionFail, a variable that is not defined, a bad option
            failure = {"failed": True, "msg": e.message}
        except Exception as e:
            if type(e).__module__.startswith(OURS):
                failure = {"failed": True, "msg": str(e)}
            else:
                Display().vvv(remove_values(traceback.format_exc(), self.hidden), host=self.where)
                failure = {"failed": True, "msg": "a bug in %s: %s: %s" % (self._task.action, type(e).__name__, e)}
        return cut(dict(self.report.result(), invocation=invocation)) | failure

    def _applied(self, parameters, check):
        """What apply() returns. With a plan (collab_plan) it is looked at first, and does what the plan has. Where an operator has chosen what to mend
        (collab_mend), a task that finds nothing of it is left at its findings.
        """
        guard = None if check else Guard.of(self)
        if guard is not None:
            return guard.applied(plain(parameters))
        chosen = None if check or self.pays else chosen_of(self.var("collab_mend"))
        if chosen is None:
            return self.apply(plain(parameters), check=check)
        result = self.apply(plain(parameters), check=True)
        if any(chosen.has(finding) for finding in self.report.findings):
            self.report, self.warnings = Report(), []
            return self.apply(plain(parameters), check=False)
        self.report.leave()
        return result if not isinstance(result, dict) else {**result, "changed": False}

    # -- the cluster -------------------------------------------------------------------------------------------------
    def variables_of(self, name):
        """Variables of a host as they stand for this task, not templated: what the executor would use if the task were delegated to it."""
        if name == self.task_vars["inventory_hostname"]:
            return self.task_vars
        hostvars = self.task_vars["hostvars"]
        manager, inventory = getattr(hostvars, "_variable_manager", None), getattr(hostvars, "_inventory", None)
        if manager is None or inventory is None:
            return dict(hostvars[name])
        return manager.get_vars(play=self._task.get_play(), host=inventory.get_host(name), task=self._task)

    def var(self, name, default=None):
        """A variable of this task's host as plain data, or the default where it is not set."""
        return self.node.variables.get(name, default)

    def node_of(self, name):
        """The Node of a host in the inventory."""
        variables = self.variables_of(name)
        templated = HostVariables(variables, self._loader)

        def plugin():
            return str(templated.get("ansible_connection") or self._connection._load_name)

        def options():
            if name == self.host and not self._task.delegate_to:
                return self._known(self._connection.node_options())     # the executor has resolved them already, in the same way
            return self._known(options_of(plugin(), variables, self._loader))

        def names():
            return options() if name == self.host else names_of(plugin(), variables, self._loader)

        return self._keep(Node(name, options, self._connection.run_pid, templated, self.clock, names))

    def session(self, name, **options):
        """A Node for something that is no device of the inventory (an enterprise CA): its channel gets these options."""
        return self._keep(Node(name, self._known(plain(options)), self._connection.run_pid, None, self.clock))

    def _known(self, options):
        self.hidden |= secrets_of(options)
        return options

    def _keep(self, node):
        self._nodes.append(node)
        node.keeper = self.keeper
        return node

    def seen_from(self, name):
        """This action as it would be if its task ran for another host: that host's cluster and nodes, the same report, clock and waits.

        For what ties several clusters together and has to be done in one task.
        """
        other = copy.copy(self)
        for known in ("node", "cluster", "nodes", "publisher", "presence_nodes", "cm_publisher", "workspace"):
            other.__dict__.pop(known, None)
        other.where = name
        return other

    @cached_property
    def node(self):
        """The host that this task runs for."""
        return self.node_of(self.where)

    @cached_property
    def cluster(self):
        """Name of the cluster, which is the group that lists its nodes."""
        name = self.var("collab_cluster")
        if not name or name not in self.task_vars["groups"]:
            raise AnsibleActionFail("collab_cluster of %s must name the inventory group that lists the cluster's nodes; it is %r" % (self.where, name))
        return name

    @cached_property
    def nodes(self):
        """{inventory name: Node} of the whole cluster, in inventory order."""
        return {str(name): self.node if name == self.where else self.node_of(str(name)) for name in self.task_vars["groups"][self.cluster]}

    @cached_property
    def publisher(self):
        """The cluster's publisher; of an Expressway cluster, its primary peer."""
        return publisher_among(self.nodes.values(), self.cluster)

    @cached_property
    def presence_nodes(self):
        """{inventory name: Node} of the IM and Presence nodes that belong to this Unified CM cluster (collab_cm_cluster)."""
        found = [self.node_of(str(name)) for name in self.task_vars["groups"].get("im_presence", ())]
        return {node.name: node for node in found if node.variables.get("collab_cm_cluster") == self.cluster}

    @cached_property
    def cm_publisher(self):
        """The publisher of the Unified CM cluster that this cluster belongs to (collab_cm_cluster)."""
        name = self.var("collab_cm_cluster")
        if not name or name not in self.task_vars["groups"]:
            raise AnsibleActionFail("collab_cm_cluster of %s must name the inventory group of the Unified CM cluster that it belongs to; it is %r"
                                    % (self.where, name))
        return publisher_among([self.node_of(str(host)) for host in self.task_vars["groups"][name]], name)

    @cached_property
    def workspace(self):
        """Directory on the control node that is kept between runs (collab_workspace), or None."""
        path = self.var("collab_workspace")
        return Path(path).expanduser().absolute() if path else None

    # -- what apply() works with -------------------------------------------------------------------------------------
    def ask(self, channel, op, **args):
        """Make one request of this task's host."""
        return self.node.ask(channel, op, **args)

    def each(self, nodes, function):
        """{name: function(node)} for nodes (an iterable of Node, or the dict self.nodes), all at once."""
        return each(nodes.values() if isinstance(nodes, dict) else nodes, function)

    def poll(self, what, check_fn, timeout):
        """Ask check_fn() until it returns something true, and return that. `what` completes the sentence "waited N s for ...".

        A node that cannot be reached or answers "not now" meanwhile is waited for; any other NodeError ends the wait. Raises AnsibleActionFail
        when `timeout` seconds are over. The pause is collab_poll_seconds (5).
        """
        pause, start, last = float(self.var("collab_poll_seconds", 5)), time.time(), None
        while True:
            try:
                value = check_fn()
                if value:
                    return value
                last = None
            except NodeError as e:
                if e.kind not in PASSING or self.clock.given_up:
                    raise
                last = e
            if time.time() + pause > start + timeout:
                raise AnsibleActionFail("waited %d s for %s%s" % (time.time() - start, what, "; at the end: %s" % last if last else ""))
            time.sleep(pause)

    def say(self, text):
        """Show progress at once (on stderr: a callback that prints JSON must stay readable)."""
        Display().display(remove_values("%s: %s" % (self.where, text), self.hidden), stderr=True)

    def warn(self, text):
        """Add a warning to the result."""
        self.warnings.append(text)


def publisher_among(nodes, cluster):
    """The one node of a cluster that is its publisher; of an Expressway cluster, its primary peer."""
    found = [node for node in nodes if set(LEADING) & set(node.roles)]
    if len(found) != 1:
        raise AnsibleActionFail("exactly one host of group %s must have the role publisher (Expressway: primary) in collab_roles; these have it: %s"
                                % (cluster, ", ".join(n.name for n in found) or "none"))
    return found[0]


def cut(result):
    """A failed task's result with long lists cut: the screen shows all of it, and a cluster has ten thousand phones."""
    return {key: [short(one) for one in value] if key in WHOLE else short(value) for key, value in result.items()}


def short(value):
    """A value with long lists cut."""
    if isinstance(value, Mapping):
        return {k: short(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        left = len(value) - LONGEST
        return [short(v) for v in value[:LONGEST]] + (["and %d more" % left] if left > 0 else [])
    return value


class HostVariables:
    """A host's variables, templated on access, as plain data."""

    def __init__(self, variables, loader):
        self._variables, self._templar = variables, Templar(loader=loader, variables=variables)

    def __contains__(self, name):
        return name in self._variables

    def __getitem__(self, name):
        return plain(self._templar.template(self._variables[name]))

    def get(self, name, default=None):
        """The variable, or the default where it is not set or is null."""
        value = self[name] if name in self._variables else None
        return default if value is None else value
