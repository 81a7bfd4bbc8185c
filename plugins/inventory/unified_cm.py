# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: unified_cm
short_description: Nodes of a Unified CM cluster and their roles, from its publisher
version_added: 1.0.0
author: collab.security maintainers (!UNKNOWN)
description:
  - Asks the publisher of a Unified CM cluster which nodes it has, over AXL, and each node which of its services are activated, over Serviceability. Makes hosts
    and groups of them as the collection's plays expect them.
  - The nodes of Unified CM become the group O(cluster) in the group C(unified_cm), those of IM and Presence the group O(presence_cluster) in the group
    C(im_presence), and the publisher of each goes into the group C(publishers).
  - Each host gets C(collab_roles), C(collab_fqdn) and C(ansible_host), each cluster's group C(collab_cluster), C(collab_product), C(collab_release) and
    C(ansible_connection). Accounts and everything else go into C(group_vars) beside the file, as with any inventory.
  - Certificates of all nodes are verified, by O(ca_file) or by the pinned certificate of a node.
  - One file describes one cluster. Its name has to end in C(unified_cm.yml) or C(unified_cm.yaml).
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: Always V(collab.security.unified_cm).
    type: str
    required: true
    choices: [collab.security.unified_cm]
  cluster:
    description: Name of the cluster, which becomes the name of its group.
    type: str
    required: true
  publisher:
    description: Name of the publisher, which its certificate has to carry.
    type: str
    required: true
  presence_cluster:
    description: Name of the cluster that the IM and Presence nodes make. By default that of O(cluster) with C(_imp) after it.
    type: str
  presence_publisher:
    description: Name of the IM and Presence publisher. Needed where there are several IM and Presence nodes and the cluster does not say which one it is.
    type: str
  addresses:
    description: Addresses of nodes, by their names, where names are not to be resolved.
    type: dict
    default: {}
  domain:
    description: Domain of nodes that the cluster lists by their host names alone.
    type: str
  hostnames:
    description: How hosts are called in the inventory, by the first word of their name or by all of it.
    type: str
    choices: [short, fqdn]
    default: short
  https_port:
    description: Port of AXL and Serviceability.
    type: int
    default: 8443
  application_user:
    description: Application user, with the roles Standard AXL API Access and Standard CCM Admin Users.
    type: str
    required: true
    env:
      - name: COLLAB_APPLICATION_USER
  application_password:
    description: Its password. Encrypt it (C(!vault)), or give it in the environment.
    type: str
    required: true
    env:
      - name: COLLAB_APPLICATION_PASSWORD
  ca_file:
    description: PEM file with the enterprise CA's root and intermediate certificates. A relative path begins at this file's directory.
    type: str
    env:
      - name: COLLAB_CA_FILE
  pinned_certificates:
    description:
      - Directory with C(<fqdn>.pem), certificates that are trusted by themselves until the enterprise CA's are installed.
      - A relative path begins at this file's directory.
    type: str
    env:
      - name: COLLAB_PINNED_CERTIFICATES
  cache_dir:
    description: Directory for the AXL schema, cut down. By default C(collab.security) in E(XDG_CACHE_HOME) or C(~/.cache).
    type: str
    env:
      - name: COLLAB_CACHE_DIR
  timeout:
    description: Longest time for one request, in seconds.
    type: int
    default: 60
"""

EXAMPLES = r"""
# us.unified_cm.yml
plugin: collab.security.unified_cm
cluster: us_cm
publisher: us-cm-pub.ent-pa.com
presence_cluster: us_imp
application_user: svc-collab
# application_password: in COLLAB_APPLICATION_PASSWORD, or !vault
ca_file: files/ent-pa-ca-chain.pem
pinned_certificates: files/pins

# The same, kept for an hour, with groups by what the nodes do
---
plugin: collab.security.unified_cm
cluster: us_cm
publisher: us-cm-pub.ent-pa.com
application_user: svc-collab
ca_file: files/ent-pa-ca-chain.pem
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/collab-inventory
cache_timeout: 3600
groups:
  tftp_servers: "'tftp' in collab_roles"
keyed_groups:
  - key: collab_release
    prefix: release
"""

import ipaddress
import os

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.plugins.inventory import Cacheable
from ansible.plugins.inventory import Constructable

from ansible_collections.collab.security.plugins.plugin_utils import discovery
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.node import plain

PATHS = ("ca_file", "pinned_certificates", "cache_dir")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """See DOCUMENTATION."""

    NAME = "collab.security.unified_cm"

    def verify_file(self, path):
        """Only files that say by their name that they are ours."""
        return super().verify_file(path) and path.endswith(("unified_cm.yml", "unified_cm.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        """Make hosts and groups of what the cluster, or the cache, says."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        found = self._cached(path, cache)
        clusters = {"unified_cm": self.get_option("cluster"), "im_presence": self.get_option("presence_cluster") or self.get_option("cluster") + "_imp"}
        for product, nodes in sorted(found["nodes"].items(), reverse=True):
            self._cluster(product, clusters[product], found["release"], nodes)

    def _cached(self, path, cache):
        """What discovery found, from the cache where it is used and fresh."""
        self.load_cache_plugin()
        key, use = self.get_cache_key(path), self.get_option("cache")
        if use and cache:
            try:
                return self._cache[key]
            except KeyError:
                pass
        found, warnings = self._discover(os.path.dirname(os.path.abspath(path)))
        for warning in warnings:
            self.display.warning(warning)
        if use and not warnings:                # what is only half known is asked for again
            self._cache[key] = found
        return found

    def _discover(self, directory):
        options = {name: plain(self.get_option(name)) for name in (
            "publisher", "presence_publisher", "addresses", "domain", "https_port", "application_user", "application_password", "timeout", *PATHS)}
        for name in PATHS:
            if options[name]:
                options[name] = os.path.abspath(os.path.join(directory, os.path.expanduser(options[name])))
        try:
            return discovery.discover(options)
        except (NodeError, discovery.BadCluster) as e:
            raise AnsibleParserError("the cluster %s cannot be discovered: %s" % (self.get_option("cluster"), e)) from None

    def _cluster(self, product, name, release, nodes):
        """The group of one cluster, its hosts, and their places in the groups of products and publishers."""
        for group in (product, name, "publishers"):
            self.inventory.add_group(group)
        self.inventory.add_child(product, name)
        values = {"ansible_connection": "collab.security.vos", "collab_cluster": name, "collab_product": product, "collab_release": release}
        if product == "im_presence":
            values["collab_cm_cluster"] = self.get_option("cluster")
        for key, value in values.items():
            self.inventory.set_variable(name, key, value)
        strict = self.get_option("strict")
        for node in nodes:
            host = self.inventory.add_host(self._name(node["fqdn"]), group=name)
            for key, value in (("collab_fqdn", node["fqdn"]), ("ansible_host", node["address"]), ("collab_roles", node["roles"])):
                self.inventory.set_variable(host, key, value)
            if "publisher" in node["roles"]:
                self.inventory.add_child("publishers", host)
            variables = {**values, **self.inventory.get_host(host).get_vars()}
            self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)

    def _name(self, fqdn):
        """What a node is called in the inventory."""
        try:
            ipaddress.ip_address(fqdn)
        except ValueError:
            return fqdn.partition(".")[0] if self.get_option("hostnames") == "short" else fqdn
        return fqdn
