# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node is called, worked out by itself, is what it is called by all of its options."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.collab.security.plugins.plugin_utils.node import CONNECTIONS
from ansible_collections.collab.security.plugins.plugin_utils.node import Node

REPOSITORY = Path(__file__).resolve().parents[3]
REST = {"ansible_user": "admin", "ansible_password": "planted", "collab_ca_file": "/etc/ca.pem", "collab_application_user": "app"}
CASES = [
    {"inventory_hostname": "us-cm-pub"},
    {"inventory_hostname": "us-cm-pub", "collab_domain": "ent-pa.com"},
    {"inventory_hostname": "us-cm-pub", "ansible_host": "192.0.2.1", "collab_domain": "ent-pa.com"},
    {"inventory_hostname": "us-cm-pub", "ansible_host": "{{ network }}.1", "network": "192.0.2", "collab_fqdn": "{{ inventory_hostname }}.example.com"},
]
# In a process of its own: the loader of plugins is ansible's own there, as in a run.
SCRIPT = """
import json, sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import trust_as_template
from ansible_collections.collab.security.plugins.plugin_utils.node import names_of, options_of
def asked(function, plugin, variables):
    try:
        found = function(plugin, {k: trust_as_template(v) for k, v in variables.items()}, DataLoader())
    except AnsibleError as e:
        return str(e)
    return {name: found.get(name) for name in ("host", "fqdn")}
print(json.dumps([[asked(function, plugin, variables) for function in (names_of, options_of)] for plugin, variables in json.load(sys.stdin)]))
"""


def both(cases):
    """[[by names_of, by options_of]] of (plugin, variables)."""
    environment = dict(os.environ, ANSIBLE_COLLECTIONS_PATH=str(REPOSITORY / ".collections"))
    done = subprocess.run([sys.executable, "-c", SCRIPT], input=json.dumps(cases), capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_names_are_those_of_all_options_and_no_other_is_looked_at():
    found = both([(plugin, {**REST, **variables}) for plugin in CONNECTIONS for variables in CASES])
    assert all(names == whole for names, whole in found) and [names for names, _whole in found[:4]] == [
        {"host": "us-cm-pub", "fqdn": "us-cm-pub"}, {"host": "us-cm-pub", "fqdn": "us-cm-pub.ent-pa.com"},
        {"host": "192.0.2.1", "fqdn": "us-cm-pub.ent-pa.com"}, {"host": "192.0.2.1", "fqdn": "us-cm-pub.example.com"}]
    (names, _whole), (refused, _same) = both([(CONNECTIONS[0], {"inventory_hostname": "x", "ansible_password": "{{ not_there }}"}),
                                              ("ansible.builtin.ssh", {"inventory_hostname": "x"})])
    assert names["fqdn"] == "x" and "x is no device of this collection" in refused


def test_a_node_resolves_its_options_only_for_more_than_its_names():
    asked, names = [], {"host": "h", "fqdn": "f"}
    node = Node("x", lambda: asked.append("options") or {**names, "port": 22}, 1, names=lambda: asked.append("names") or names)
    assert (node.host, node.fqdn) == ("h", "f") and asked == ["names"]
    assert node.ports["ssh"] == 22 and node.host == "h" and asked == ["names", "options"]
