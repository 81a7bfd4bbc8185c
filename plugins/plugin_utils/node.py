# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes as an action sees them, and the base of the connection plugins.

One function (options_of) turns a host's variables into connection options, for the host of the task and for its cluster's other nodes alike:
so they share the broker's sessions whichever host a task runs for, and no node is logged in to twice.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from functools import cached_property

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.connection import ConnectionBase
from ansible.plugins.loader import connection_loader
from ansible.template import Templar

from .client import BrokerClient
from .client import fingerprint
from .client import run_pid
from .errors import NodeError

#: The connection plugins of this collection.
CONNECTIONS = ("collab.security.vos", "collab.security.expressway", "collab.security.ios", "collab.security.meeting_server", "collab.security.web_server")
#: Options that make no other session.
LIMITS = ("command_timeout",)
PLAIN = (str, int, float, bool, type(None))     # these very types: what carries a tag is of another
SECRETS = ("password", "application_password", "enable_password")
NAMES = ("host", "name", "domain", "fqdn")
PATHS = ("ca_file", "public_ca_file", "pinned_certificates", "known_hosts", "cache_dir")
BUSY_LIMIT = 180        # seconds that a node may answer "not now" before its task fails


def plain(value):
    """The same as plain Python data: since 2.19 variables carry tags and lazy containers, which neither yaml.safe_dump nor json knows."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, (str, int, float)):
        return json.loads(json.dumps(value))
    if isinstance(value, Mapping):
        return {plain(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return str(value)


def normalise(options):
    """Connection options as the broker gets them: plain, absolute paths (the broker lives in /), the name to verify worked out."""
    out = {k: plain(v) for k, v in options.items()}
    name, domain = out.pop("name", None) or out.get("host"), out.pop("domain", None)
    out["fqdn"] = out.get("fqdn") or ("%s.%s" % (name, domain) if domain else name)
    for key in PATHS:
        if out.get(key):
            out[key] = os.path.abspath(os.path.expanduser(os.path.expandvars(out[key])))
    return out


def options_of(plugin, variables, loader):
    """Connection options of a host from its variables, as the executor would set them on the connection plugin `plugin`, normalised."""
    plugin = known_plugin(plugin, variables)
    wanted = C.config.get_plugin_vars("connection", plugin)
    return normalise(C.config.get_plugin_options("connection", plugin, variables=templated(wanted, variables, loader)))


def names_of(plugin, variables, loader):
    """The options `host` and `fqdn` as options_of gives them, for a tenth of its time: in a large estate each cluster asks for those of all others."""
    plugin = known_plugin(plugin, variables)
    defined = C.config.get_configuration_definitions("connection", plugin)
    wanted = [one["name"] for option in NAMES if option in defined for one in defined[option].get("vars") or ()]
    values = templated(wanted, variables, loader)
    found = normalise({option: C.config.get_config_value(option, plugin_type="connection", plugin_name=plugin, variables=values)
                       for option in NAMES if option in defined})
    return {"host": found.get("host"), "fqdn": found["fqdn"]}


def known_plugin(plugin, variables):
    """The full name of a connection plugin, the definitions of its options read. Raises AnsibleError where it is none of this collection."""
    found = connection_loader.get(plugin, class_only=True)
    if found is None or not issubclass(found, NodeConnection):
        raise AnsibleError(no_device(variables.get("inventory_hostname"), plugin))
    return found._load_name


def templated(names, variables, loader):
    """Those of a host's variables that are set."""
    templar = Templar(loader=loader, variables=variables)
    return {name: templar.template(variables[name]) for name in names if name in variables}


def no_device(name, plugin):
    """What is wrong with a host whose ansible_connection is `plugin`."""
    return "%s is no device of this collection: its ansible_connection is %s, none of %s" % (name, plugin, ", ".join(CONNECTIONS))


def control_directory():
    """Where the broker's socket lies."""
    return os.path.expanduser(C.PERSISTENT_CONTROL_PATH_DIR)


def secrets_of(options):
    """The values among connection options that must never be shown."""
    return {str(options[name]) for name in SECRETS if options.get(name)}


class Node:
    """One node (or, with Node.ask alone, anything that has a channel: an enterprise CA).

    name     inventory name              fqdn     the name that TLS is verified against
    host     address that is dialled     roles    of collab_roles
    ports    {"ssh": 22, "https": 8443, "platform": 443}
    variables  mapping of the host's own variables (templated on access)
    keeper   what saves the state before a write (undo/keeping.py), or None
    clock    object with .end (seconds since 1970 of the task's own end, or None) and .given_up (True once the task has given up)
    """

    def __init__(self, name, options, run_pid, variables=None, clock=None, names=None):
        """options: dict, or a function that gives it when it is first needed (a host's variables cost some milliseconds to resolve).

        names: function that gives `host` and `fqdn` of these options, for whoever needs no more.
        """
        self.name, self.clock, self._options, self._run_pid, self._names, self.keeper = name, clock, options, run_pid, names, None
        self.variables = {} if variables is None else variables
        self._lock = threading.Lock()

    @property
    def options(self):
        """All connection options."""
        with self._lock:
            if callable(self._options):
                self._options = self._options()
        return self._options

    @cached_property
    def names(self):
        """The options `host` and `fqdn`."""
        return self._names() if self._names and callable(self._options) else self.options

    @property
    def fqdn(self):
        """The name that TLS is verified against."""
        return self.names.get("fqdn")

    @property
    def host(self):
        """The address that is dialled."""
        return self.names.get("host")

    @property
    def ports(self):
        """Ports of the node by what they serve."""
        return {"ssh": self.options.get("port"), "https": self.options.get("https_port"), "platform": self.options.get("platform_port")}

    @cached_property
    def roles(self):
        """What the node does in its cluster."""
        return [str(r) for r in self.variables.get("collab_roles") or ()]

    @cached_property
    def key(self):
        """Key of its session in the broker."""
        return fingerprint(self.options, LIMITS)

    @cached_property
    def client(self):
        """Its connection to the broker."""
        return BrokerClient(self._run_pid, control_directory())

    def option(self, name):
        """A connection option of this node; None for one that it has not."""
        return self.options.get(name)

    def close(self):
        """Ask nothing more."""
        if "client" in self.__dict__:
            self.client.close()

    def once(self, channel, op, **args):
        """Make one request and return its result; raises NodeError, its text beginning with the node's name."""
        if self.clock is not None and self.clock.given_up:
            raise NodeError("late", "%s: the task has given up; nothing was sent" % self.name)
        if self.keeper is not None:
            self.keeper.before(self, channel, op, args)
        deadline = time.time() + float(self.options.get("command_timeout") or 300)
        if self.clock is not None and self.clock.end:
            deadline = min(deadline, self.clock.end)
        try:
            return self.client.ask(self.key, self.options, channel, op, args, deadline)
        except NodeError as e:
            raise NodeError(e.kind, "%s: %s" % (self.name, e), e.detail) from None

    def ask(self, channel, op, **args):
        """The same, but a node that answers "busy" (and did nothing) is asked again, less and less often, for BUSY_LIMIT seconds at most."""
        pause, until = 0.2, time.time() + BUSY_LIMIT
        if self.clock is not None and self.clock.end:
            until = min(until, self.clock.end)
        while True:
            try:
                return self.once(channel, op, **args)
            except NodeError as e:
                if e.kind != "busy" or time.time() + pause >= until:
                    raise
                time.sleep(pause)
                pause = min(pause * 2, 10)

    def __repr__(self):
        return "Node(%r)" % self.name


class Clock:
    """The time that a task has, shared by its nodes."""

    def __init__(self, timeout=None):
        self.end = time.time() + timeout if timeout else None
        self.given_up = False


def each(nodes, function):
    """Run function(node) for every node at once. Returns {name: result}; raises the first error by the nodes' order, after all have ended.

    When the task is interrupted, it does not wait: the threads' next requests are refused by their clients (see Clock.given_up).
    """
    nodes, results, errors = list(nodes), {}, {}

    def work(node):
        try:
            results[node.name] = function(node)
        except BaseException as e:      # handed on below, in the task's own thread
            errors[node.name] = e

    threads = [threading.Thread(target=work, args=(node,), daemon=True) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for node in nodes:
        if node.name in errors:
            raise errors[node.name]
    return {node.name: results[node.name] for node in nodes}


class NodeConnection(ConnectionBase):
    """Base of the connection plugins: options, and nothing that could run a module on a device.

    It has no socket_path, and refuses whatever a module would need. Requests are made by actions, through Node.
    """

    has_pipelining = True

    def __init__(self, play_context, *args, **kwargs):
        super().__init__(play_context, *args, **kwargs)
        self.run_pid = run_pid(kwargs.get("ansible_playbook_pid") or os.getpid())   # "meta: reset_connection" passes none

    def _connect(self):
        self._connected = True
        return self

    def node_options(self):
        """This connection's own options as the broker gets them."""
        return normalise(self.get_options())

    def reset(self):
        """End the node's session (meta: reset_connection); the next task opens a new one."""
        try:
            client = BrokerClient(self.run_pid, control_directory())
            client.end(fingerprint(self.node_options(), LIMITS))
            client.close()
        except NodeError as e:
            raise AnsibleError("the session could not be ended: %s" % e) from None

    def close(self):
        self._connected = False

    def exec_command(self, *args, **kwargs):
        """Refused, like the two below."""
        raise AnsibleError("this host is a device: no module can run on it; add 'delegate_to: localhost' (and 'gather_facts: false' to the play)")

    put_file = fetch_file = exec_command
