# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a lab inventory of as many Unified CM clusters as asked for: its two, and copies of the second under names and addresses of their own.

    python -m tools.many_clusters 127.78 DIRECTORY 20

A copy is a publisher and two subscribers, and a spoke of the first cluster by ILS. Every fifth has the release of the cluster that it is a copy of, all others
that of the first, so that five, ten and twenty clusters are the same mixture.
"""
from __future__ import annotations

import sys
from pathlib import Path

import yaml

from tools.renumber import renumber

ORIGINALS = ("us_cm", "emea_cm")
PATTERN, FIRST_COPY = "emea", 3
TRUNK_TO_HUB = "US_ICT"         # both ends of an intercluster trunk belong together, and the first cluster has none to the copies
NODES = {"pub": ["publisher"], "sub1": ["subscriber", "call_processing"], "sub2": ["subscriber", "call_processing", "tftp"]}


def names(count: int) -> list[str]:
    """The clusters' names, in the inventory's order."""
    return [*ORIGINALS, *("r%02d_cm" % number for number in range(FIRST_COPY, count + 1))][:count]


def waves(count: int) -> list[dict]:
    """One cluster first, then all others by fives."""
    canary, *others = reversed(names(count))
    return [{"name": "canary", "clusters": [canary]}, *({"name": "wave%d" % (i // 5 + 2), "clusters": others[i:i + 5]} for i in range(0, count - 1, 5))]


def many_clusters(network: str, target: Path, count: int) -> Path:
    """Write the inventory of `count` clusters (2 to 99) to the directory `target`. Returns the path of its hosts file."""
    if not 2 <= count <= 99:
        raise ValueError("2 to 99 clusters can be made, not %d" % count)
    hosts_file = renumber(network, target, clusters=ORIGINALS)
    hosts, estate = _read(hosts_file), _read(target / "estate.yml")
    variables = _read(target / "group_vars" / (ORIGINALS[1] + ".yml"))
    groups = hosts["all"]["children"]
    for number in range(FIRST_COPY, count + 1):
        region, address = "r%02d" % number, "%s.%d." % (network, 20 + number)
        release = variables["collab_release"] if number % 5 == 0 else _read(target / "group_vars" / "us_cm.yml")["collab_release"]
        nodes = {"%s-cm-%s" % (region, name): {"ansible_host": "%s%d" % (address, n), "collab_roles": roles}
                 for n, (name, roles) in enumerate(NODES.items(), 1)}
        groups["unified_cm"]["children"][region + "_cm"] = {"hosts": nodes}
        groups["publishers"]["hosts"][region + "-cm-pub"] = {}
        own = _renamed(variables, region, network, address)
        own["collab_release"] = release
        own["collab_sip_trunks"] = [trunk for trunk in own["collab_sip_trunks"] if trunk["name"] != TRUNK_TO_HUB]
        _write(target / "group_vars" / (region + "_cm.yml"), own)
        day_zero = _renamed(estate["clusters"][ORIGINALS[1]], region, network, address)
        day_zero["trunks"] = [trunk for trunk in day_zero["trunks"] if trunk["name"] != TRUNK_TO_HUB]
        estate["clusters"][region + "_cm"] = day_zero
    _write(target / "group_vars" / "all.yml", {**_read(target / "group_vars" / "all.yml"), "collab_rollout_waves": waves(count)})
    _write(hosts_file, hosts)
    _write(target / "estate.yml", estate)
    return hosts_file


def _renamed(content: dict, region: str, network: str, address: str) -> dict:
    """A copy of the pattern's part. What it names besides its own nodes and objects (gateways, the directory) stays what it is."""
    text = yaml.safe_dump(content, sort_keys=False)
    for old, new in ((PATTERN + "-cm", region + "-cm"), (PATTERN + "_cm", region + "_cm"), (PATTERN + ".", region + "."),
                     (PATTERN.upper() + "_", region.upper() + "_"), ("ClusterID: " + PATTERN.upper(), "ClusterID: " + region.upper()),
                     (network + ".2.", address)):
        text = text.replace(old, new)
    return yaml.safe_load(text)


def _read(file: Path) -> dict:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _write(file: Path, content: dict) -> None:
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    print(many_clusters(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
