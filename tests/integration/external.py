# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The US cluster among directory servers of every kind, its own certificates and mixed mode done: where the tests of LDAP and of the online CA begin."""
from __future__ import annotations

from pathlib import Path

import yaml

from tests.integration.harness import Estate

# name -> what it serves (the lab's words); all of them hold the same users
SERVERS = {
    "us-ldap2": "enterprise",
    "plain-ldap": "none",
    "own-ldap": "self-signed",
    "other-ldap": {"cn": "other.ent-pa.com", "san": ["other.ent-pa.com"]},
    "old-ldap": {"cn": "old-ldap.ent-pa.com", "san": ["old-ldap.ent-pa.com"], "expired": True},
}
CERTIFIED = "certified"


def prepared(directory: Path, network: str) -> Estate:
    """That estate, up, its state saved under CERTIFIED."""
    estate = Estate(directory, network)
    hosts, state = estate.inventory / "hosts.yml", estate.inventory / "estate.yml"
    inventory, content = yaml.safe_load(hosts.read_text()), yaml.safe_load(state.read_text())
    for number, (name, tls) in enumerate(SERVERS.items(), 21):
        inventory["all"]["children"]["directory_servers"]["hosts"][name] = {"ansible_host": "%s.0.%d" % (network, number), "collab_product": "ldap"}
        content["directories"][name] = {**content["directories"]["us-ldap1"], "tls": tls}
    hosts.write_text(yaml.safe_dump(inventory, sort_keys=False))
    state.write_text(yaml.safe_dump(content, sort_keys=False))
    estate.up()
    try:
        estate.play("site.yml", "--tags", "preflight,certificates,restarts,mixed_mode").ok()
        estate.save(CERTIFIED)
    except BaseException:
        estate.down()
        raise
    return estate
