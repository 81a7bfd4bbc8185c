# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate for mobile and remote access, and run(action class, options) on its Expressway-C."""
from __future__ import annotations

import types

import pytest

from ansible_collections.collab.security.plugins.plugin_utils import written
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.report import Report
from tests.unit.mra.boxes import ENTERPRISE
from tests.unit.mra.boxes import PUBLIC
from tests.unit.mra.boxes import Cluster
from tests.unit.mra.boxes import Server


class World:
    """us_expc and us_expe before us_cm, us_imp and us_cuc. variables: of Expressway-C."""

    def __init__(self, folder):
        self.folder, self.c, self.e = folder, Cluster("us_expc", "expressway_c", ENTERPRISE), Cluster("us_expe", "expressway_e", PUBLIC)
        made = [("us-cm-pub", "us_cm", ["publisher"]), ("us-cm-sub1", "us_cm", ["call_processing"]), ("us-cm-sub2", "us_cm", ["call_processing"]),
                ("us-imp-pub", "us_imp", ["publisher"]), ("us-cuc-pub", "us_cuc", ["publisher"])]
        self.servers = {name: Server(name, group, number, roles) for number, (name, group, roles) in enumerate(made)}
        self.groups = {"us_expc": list(self.c.nodes), "us_expe": list(self.e.nodes), "unified_cm": [n for n in self.servers if "-cm-" in n],
                       "im_presence": ["us-imp-pub"], "unity_connection": ["us-cuc-pub"]}
        self.variables = {"collab_product": "expressway_c", "collab_cm_cluster": "us_cm", "collab_edge_cluster": "us_expe",
                          "collab_cluster_name": "us-expc.ent-pa.com"}

    @property
    def cm(self):
        return self.servers["us-cm-pub"]

    def view(self, cluster, nodes, variables, report):
        """An action as it is for one cluster."""
        everything = {**self.servers, **self.c.nodes, **self.e.nodes}
        return {"cluster": cluster, "nodes": nodes, "report": report, "workspace": self.folder, "where": next(iter(nodes)), "hidden": set(), "warnings": [],
                "task_vars": {"groups": self.groups}, "node_of": lambda name: everything[name], "seen_from": lambda name: self.seen(name, report),
                "var": lambda name, default=None: variables.get(name, default), "publisher": next(iter(nodes.values())), "cm_publisher": self.cm,
                "each": lambda nodes, function: {node.name: function(node) for node in (nodes.values() if isinstance(nodes, dict) else nodes)}}

    def seen(self, name, report):
        """The action as seen from another host."""
        if name.startswith("us-expe"):
            return types.SimpleNamespace(**self.view("us_expe", self.e.nodes, {"collab_product": "expressway_e"}, report))
        nodes = {one: node for one, node in self.servers.items() if one.startswith("us-cm-")}
        return types.SimpleNamespace(**self.view("us_cm", nodes, {}, report))

    def run(self, action, arguments=None, check=False):
        """One module; its options are checked against its documentation."""
        checked = action.validator.validate(dict(arguments or {}))
        assert not checked.error_messages, checked.error_messages
        it, self.report = action.__new__(action), Report()
        it.__dict__.update(self.view("us_expc", self.c.nodes, self.variables, self.report))
        it.apply(checked.validated_parameters, check)
        return self.report.result()

    def writes(self):
        """(cluster, what ...) of all writes, in order within a cluster."""
        return [("c", *what) for what in self.c.writes] + [("e", *what) for what in self.e.writes]

    def forget(self):
        """Begin to count writes anew."""
        self.c.writes, self.e.writes = [], []


@pytest.fixture
def world(tmp_path, monkeypatch):
    """The estate on day 0, with certificates; waits take no time."""
    clock = iter(range(10 ** 9))
    monkeypatch.setitem(written.COST, "n", 2)
    for action in ("expressway_uc_servers", "expressway_uc_zone", "expressway_xmpp_federation"):
        monkeypatch.setattr("ansible_collections.collab.security.plugins.action.%s.pauses_of" % action,
                            lambda _action: Pauses(1, sleep=lambda seconds: None, clock=lambda: next(clock)))
    return World(tmp_path)
