# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin on a cluster made of dicts: hosts, roles, groups, cache, and what it says when something is wrong."""
from __future__ import annotations

import json

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

from ansible_collections.collab.security.plugins.inventory import unified_cm
from ansible_collections.collab.security.plugins.plugin_utils import discovery
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

CM, IMP = "CUCM Voice/Video", "CUCM IM and Presence"
PASSWORD = "planted-Inventory-1"


class Cluster:
    """What the channels answer; opened and closed are counted."""

    def __init__(self):
        self.version, self.down, self.refused, self.opened, self.closed, self.asked = "15.0.1.11900-40", {}, False, [], [], []
        self.nodes = [("EnterpriseWideData", "Subscriber", CM), ("us-cm-pub.ent-pa.com", "Publisher", CM), ("us-cm-sub1.ent-pa.com", "Subscriber", CM),
                      ("us-cm-tftp1", "Subscriber", CM), ("us-imp-pub.ent-pa.com", "Subscriber", IMP)]
        self.services = {"us-cm-sub1.ent-pa.com": ["Cisco CallManager"], "us-cm-tftp1.ent-pa.com": ["Cisco Tftp"]}

    def channels(self):
        return {"axl": self.channel(Axl), "serviceability": self.channel(Serviceability)}

    def channel(self, kind):
        def make(option):
            self.opened.append(option("fqdn"))
            return kind(self, option)
        return make


class Channel:
    def __init__(self, cluster, option):
        self.cluster, self.option = cluster, option
        assert option("application_user") == "svc-collab" and option("application_password") == PASSWORD and option("https_port") == 8443

    def close(self):
        self.cluster.closed.append(self.option("fqdn"))


class Axl(Channel):
    def version(self, left):
        if self.cluster.refused:
            raise NodeError("auth", "the login of 'svc-collab' was refused (HTTP 401)")
        return self.cluster.version

    def call(self, left, operation, arguments):
        self.cluster.asked.append(operation)
        if operation == "listProcessNode":
            return {"return": {"processNode": [{"name": n, "nodeUsage": u, "processNodeRole": r} for n, u, r in self.cluster.nodes]}}
        return {"return": {"callManager": [{"name": "CM_1", "processNodeName": {"_value_1": "us-cm-sub1.ent-pa.com"}}]}}


class Serviceability(Channel):
    def status(self, left, services):
        name = self.option("fqdn")
        if name in self.cluster.down:
            raise NodeError(self.cluster.down[name], "%s does not answer" % name)
        have = self.cluster.services.get(name, [])
        return {"date": 1, "services": [{"name": s, "status": "Started" if s in have else "Stopped", "reason_code": -1 if s in have else -1068}
                                        for s in services]}


@pytest.fixture
def cluster(monkeypatch):
    document = get_docstring(unified_cm.__file__, fragment_loader)[0]
    C.config.initialize_plugin_configuration_definitions("inventory", unified_cm.InventoryModule.NAME, document["options"])
    made = Cluster()
    real = discovery.discover
    monkeypatch.setattr(discovery, "discover", lambda options, channels=None: real(options, made.channels()))
    return made


def parse(folder, cluster, use_cache=True, **more):
    """The inventory of one file."""
    path = folder / "us.unified_cm.yml"
    path.write_text(yaml.safe_dump({
        "plugin": "collab.security.unified_cm", "cluster": "us_cm", "publisher": "us-cm-pub.ent-pa.com", "domain": "ent-pa.com",
        "application_user": "svc-collab", "application_password": PASSWORD, "ca_file": "chain.pem", **more}))
    plugin, inventory = unified_cm.InventoryModule(), InventoryData()
    plugin._load_name = plugin.NAME                  # what the loader does with a plugin that it finds
    assert plugin.verify_file(str(path)) and not plugin.verify_file(str(folder / "hosts.yml"))
    plugin.parse(inventory, DataLoader(), str(path), use_cache)
    if getattr(plugin, "_cache", None) is not None:
        plugin.update_cache_if_changed()
    return inventory, plugin


def test_hosts_groups_and_roles(tmp_path, cluster):
    inventory, _plugin = parse(tmp_path, cluster, presence_cluster="us_imp", addresses={"us-cm-sub1": "10.0.0.2"})
    groups = inventory.get_groups_dict()
    assert groups["us_cm"] == ["us-cm-pub", "us-cm-sub1", "us-cm-tftp1"] and groups["us_imp"] == ["us-imp-pub"]
    assert groups["publishers"] == ["us-cm-pub", "us-imp-pub"]
    assert {g.name for g in inventory.groups["unified_cm"].child_groups} == {"us_cm"} and {
        g.name for g in inventory.groups["im_presence"].child_groups} == {"us_imp"}
    hosts = {name: host.get_vars() for name, host in inventory.hosts.items()}
    assert {name: found["collab_roles"] for name, found in hosts.items()} == {
        "us-cm-pub": ["publisher"], "us-cm-sub1": ["subscriber", "call_processing"], "us-cm-tftp1": ["subscriber", "tftp"], "us-imp-pub": ["publisher"]}
    assert (hosts["us-cm-sub1"]["ansible_host"], hosts["us-cm-tftp1"]["collab_fqdn"]) == ("10.0.0.2", "us-cm-tftp1.ent-pa.com")
    assert inventory.groups["us_cm"].get_vars() == {"ansible_connection": "collab.security.vos", "collab_cluster": "us_cm", "collab_product": "unified_cm",
                                                    "collab_release": "15"}
    assert inventory.groups["us_imp"].get_vars()["collab_cm_cluster"] == "us_cm"
    assert cluster.opened == cluster.closed and len(cluster.opened) == 4 and cluster.asked == ["listProcessNode", "listCallManager"]
    assert PASSWORD not in json.dumps(hosts)


@pytest.mark.parametrize("version, release", [("15.0.1.11900-40", "15"), ("14.0.1.10000-20", "14"), ("12.5.1.18900-40", "12.5")])
def test_release(tmp_path, cluster, version, release):
    cluster.version = version
    assert parse(tmp_path, cluster)[0].groups["us_cm"].get_vars()["collab_release"] == release


def test_constructed_groups_and_full_names(tmp_path, cluster):
    inventory, _plugin = parse(tmp_path, cluster, hostnames="fqdn", groups={"tftp_servers": "'tftp' in collab_roles"},
                               keyed_groups=[{"key": "collab_release", "prefix": "release"}], compose={"site": "collab_fqdn.split('-')[0]"})
    groups = inventory.get_groups_dict()
    assert groups["tftp_servers"] == ["us-cm-tftp1.ent-pa.com"] and "us-cm-pub.ent-pa.com" in groups["release_15"]
    assert inventory.hosts["us-cm-pub.ent-pa.com"].get_vars()["site"] == "us"


def test_cache(tmp_path, cluster):
    kept = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache"), "cache_timeout": 3600}
    first, _plugin = parse(tmp_path, cluster, **kept)
    cluster.refused = True
    second, _plugin = parse(tmp_path, cluster, **kept)
    assert first.get_groups_dict() == second.get_groups_dict() and len(cluster.opened) == 4
    assert all(PASSWORD not in file.read_text() for file in (tmp_path / "cache").rglob("*") if file.is_file())
    with pytest.raises(AnsibleParserError, match="refused"):
        parse(tmp_path, cluster, use_cache=False, **kept)


def test_a_node_that_does_not_answer_is_taken_for_what_the_cluster_lists(tmp_path, cluster):
    cluster.down = {"us-cm-sub1.ent-pa.com": "unreachable", "us-cm-tftp1.ent-pa.com": "unreachable"}
    inventory, _plugin = parse(tmp_path, cluster)
    assert inventory.hosts["us-cm-sub1"].get_vars()["collab_roles"] == ["subscriber", "call_processing"]
    assert inventory.hosts["us-cm-tftp1"].get_vars()["collab_roles"] == ["subscriber"]


def test_what_is_only_half_known_is_not_kept(tmp_path, cluster):
    kept = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "cache"), "cache_timeout": 3600}
    cluster.down = {"us-cm-tftp1.ent-pa.com": "unreachable"}
    assert parse(tmp_path, cluster, **kept)[0].hosts["us-cm-tftp1"].get_vars()["collab_roles"] == ["subscriber"]
    cluster.down = {}
    assert parse(tmp_path, cluster, **kept)[0].hosts["us-cm-tftp1"].get_vars()["collab_roles"] == ["subscriber", "tftp"]


def test_a_refused_login_is_not_tried_on_the_next_node(tmp_path, cluster):
    cluster.down = {"us-cm-pub.ent-pa.com": "auth"}
    with pytest.raises(AnsibleParserError, match="us-cm-pub.ent-pa.com does not answer"):
        parse(tmp_path, cluster)
    assert cluster.opened == ["us-cm-pub.ent-pa.com"] * 2 and cluster.closed == cluster.opened


def test_wrong_publisher(tmp_path, cluster):
    with pytest.raises(AnsibleParserError, match="publisher is us-cm-pub.ent-pa.com, not us-cm-sub1.ent-pa.com"):
        parse(tmp_path, cluster, publisher="us-cm-sub1.ent-pa.com")


def test_presence_publisher_has_to_be_known(tmp_path, cluster):
    cluster.nodes.append(("us-imp-sub1.ent-pa.com", "Subscriber", IMP))
    with pytest.raises(AnsibleParserError, match="presence_publisher"):
        parse(tmp_path, cluster)
    with pytest.raises(AnsibleParserError, match="no IM and Presence node other.ent-pa.com"):
        parse(tmp_path, cluster, presence_publisher="other")
    inventory, _plugin = parse(tmp_path, cluster, presence_publisher="us-imp-pub")
    assert inventory.hosts["us-imp-sub1"].get_vars()["collab_roles"] == ["subscriber"]


def test_login_that_is_refused(tmp_path, cluster):
    cluster.refused = True
    with pytest.raises(AnsibleParserError, match="cannot be discovered") as caught:
        parse(tmp_path, cluster)
    assert PASSWORD not in str(caught.value) and cluster.closed == cluster.opened
