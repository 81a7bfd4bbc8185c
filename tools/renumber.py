# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies a lab inventory to another loopback network, so that several labs run side by side, whole or with some of its clusters.

    python tools/renumber.py 127.78 DIRECTORY [CLUSTER ...]      (127.77.C.N of inventories/lab becomes 127.78.C.N)

The second octet is all that changes; names, ports and credentials stay.
"""
from __future__ import annotations

import shutil
import sys
from collections.abc import Collection
from pathlib import Path

import yaml

SOURCE = Path(__file__).resolve().parent.parent / "inventories" / "lab"
PRODUCTS = ("unified_cm", "im_presence", "unity_connection", "expressway", "ios", "meeting_server", "management")


def renumber(network: str, target: Path, source: Path = SOURCE, clusters: Collection[str] | None = None) -> Path:
    """Write the inventory `source` to the directory `target` with the addresses of `network` ("127.78"). Returns the path of its hosts file.

    clusters: only these, besides the hosts that are in no cluster; None = all.
    """
    shutil.copytree(source, target, dirs_exist_ok=True)
    for file in target.rglob("*.yml"):
        file.write_text(file.read_text(encoding="utf-8").replace("127.77.", network + "."), encoding="utf-8")
    if clusters is not None:
        _rewrite(target / "hosts.yml", lambda hosts: _only(hosts["all"]["children"], clusters))
        _rewrite(target / "estate.yml", lambda estate: _keep(estate["clusters"], clusters))
        _rewrite(target / "group_vars" / "all.yml", lambda variables: _only_waves(variables, clusters))
    return target / "hosts.yml"


def _rewrite(file: Path, change) -> None:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _keep(mapping: dict, names: Collection[str]) -> None:
    for name in set(mapping) - set(names):
        del mapping[name]


def _only(groups: dict, clusters: Collection[str]) -> None:
    nodes: set[str] = set()
    for product in PRODUCTS:
        _keep(groups[product]["children"], clusters)
        for cluster in groups[product]["children"].values():
            nodes |= set(cluster["hosts"])
        if not groups[product]["children"]:
            del groups[product]
    _keep(groups["publishers"]["hosts"], nodes)


def _only_waves(variables: dict, clusters: Collection[str]) -> None:
    waves = [{**wave, "clusters": [name for name in wave["clusters"] if name in clusters]} for wave in variables["collab_rollout_waves"]]
    variables["collab_rollout_waves"] = [wave for wave in waves if wave["clusters"]]


if __name__ == "__main__":
    print(renumber(sys.argv[1], Path(sys.argv[2]), clusters=sys.argv[3:] or None))
