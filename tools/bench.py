# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures what a task costs and what the AXL client needs, beside the usual ways, in one run on one machine: what `make bench` runs.

Prints a table and leaves build/bench/bench.json: rows of name, value, unit, against (the same done the usual way), ratio (against / value).

The task: Unified CM's version read over AXL. What the node takes for it is measured by the same channel without Ansible and taken off; what a task costs
in any case (`debug`) is a row of its own. The usual way is the same request through ansible.netcommon's httpapi connection, with a plugin and
a module of a few lines; it comes from .build/peers, where `make bench` puts it.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

sys.path.insert(0, str(REPOSITORY / ".collections"))

from tests.integration.harness import Estate  # noqa: E402  (the checkout is no installed package)
from tools import bench_clusters  # noqa: E402
from tools import bench_estate  # noqa: E402
from tools import bench_phones  # noqa: E402
from tools import bench_router  # noqa: E402

DIRECTORY = REPOSITORY / "build" / "bench"
PEERS = REPOSITORY / ".build" / "peers"
PARTS = REPOSITORY / "tools" / "bench_parts"
NETWORK = "127.75"
NODE = "us-cm-pub"
TASKS, PEER_TASKS = 40, 6       # enough for a mean; the peer's are fifty times dearer
NOTHING = {"name": "nothing", "ansible.builtin.debug": {"msg": "x"}}
READ = {"name": "read", "collab.security.cluster_info": {"gather": ["version"]}}
PEER_READ = {"name": "read", "bench.peer.read": {"path": "/axl/"}}


def task_costs(estate, task, count, collections, variables=None):
    """Milliseconds that the task and one that does nothing take: medians over `count` of each, by turns in one play, without the first pair."""
    book, stamps = DIRECTORY / "play.json", DIRECTORY / "stamps"
    stamps.unlink(missing_ok=True)
    book.write_text(json.dumps([{"hosts": NODE, "gather_facts": False, "vars": variables or {}, "tasks": [task, NOTHING] * (count + 1)}]))
    environment = dict(estate.environment, ANSIBLE_COLLECTIONS_PATH=os.pathsep.join(map(str, collections)), ANSIBLE_CONFIG=str(DIRECTORY / "none.cfg"),
                       ANSIBLE_CALLBACK_PLUGINS=str(PARTS / "callbacks"), ANSIBLE_CALLBACKS_ENABLED="stamps", BENCH_STAMPS=str(stamps))
    done = subprocess.run(["ansible-playbook", "-i", str(estate.inventory), str(book)], env=environment, cwd=DIRECTORY, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit("the play failed:\n" + (done.stdout + done.stderr)[-4000:])
    ended = [float(line) for line in stamps.read_text().split()]
    taken = [(after - before) * 1000 for before, after in zip(ended, ended[1:], strict=False)][1:]
    return statistics.median(taken[0::2]), statistics.median(taken[1::2])


def part(name, *arguments):
    """Run a part in a process of its own; returns what it printed as JSON."""
    done = subprocess.run([sys.executable, str(PARTS / name), *map(str, arguments)], capture_output=True, text=True,
                          env=dict(os.environ, PYTHONPATH=str(REPOSITORY / ".collections")))
    if done.returncode:
        raise SystemExit("%s failed:\n%s" % (name, done.stderr[-4000:]))
    return json.loads(done.stdout)


def peer_collections():
    """Where ansible.netcommon and the few lines on top of it are; None when they are not there."""
    if not (PEERS / "ansible_collections" / "ansible" / "netcommon").is_dir():
        return None
    target = DIRECTORY / "collections" / "ansible_collections" / "bench" / "peer" / "plugins"
    for kind in ("httpapi", "modules"):
        (target / kind).mkdir(parents=True)
        shutil.copy(PARTS / ("peer_%s.py" % kind), target / kind / ("axl.py" if kind == "httpapi" else "read.py"))
    return [DIRECTORY / "collections", PEERS]


def measure(estate):
    """All rows."""
    ours = [REPOSITORY / ".collections"]
    variables = json.loads(subprocess.run(["ansible-inventory", "-i", str(estate.inventory), "--host", NODE], env=estate.environment, capture_output=True,
                                          text=True, check=True).stdout)
    task, empty = task_costs(estate, READ, TASKS, ours)
    address, port = variables["ansible_host"], variables["collab_https_port"]
    node = part("node_time.py", json.dumps({
        "host": address, "fqdn": "%s.%s" % (NODE, variables["collab_domain"]), "https_port": port, "ca_file": str(estate.lab_directory / "ca" / "chain.pem"),
        "pinned_certificates": str(estate.lab_directory / "pins"), "application_user": variables["collab_application_user"],
        "application_password": variables["collab_application_password"]}))["milliseconds"]
    peers, peer = peer_collections(), None
    if peers:
        peer, _nothing = task_costs(estate, PEER_READ, PEER_TASKS, peers, {
            "ansible_connection": "ansible.netcommon.httpapi", "ansible_network_os": "bench.peer.axl", "ansible_httpapi_use_ssl": True,
            "ansible_httpapi_port": port, "ansible_httpapi_validate_certs": False, "ansible_user": variables["collab_application_user"],
            "ansible_httpapi_pass": variables["collab_application_password"], "ansible_python_interpreter": sys.executable})
    cut, whole = part("axl_ready.py", "cut"), part("axl_ready.py", "whole")
    return [
        row("one read by a task on an open session, without the node's time", task - node, "ms", peer and peer - node, "ansible.netcommon.httpapi"),
        row("of that, what any task costs (debug)", empty, "ms"),
        row("so a read costs beyond a task that does nothing", task - node - empty, "ms"),
        row("the node's own time for that read", node, "ms"),
        row("AXL client ready, beyond importing zeep", cut["seconds"] * 1000, "ms", whole["seconds"] * 1000, "the whole schema"),
        row("memory of the AXL client, beyond importing zeep", cut["megabytes"], "MB", whole["megabytes"], "the whole schema"),
        row("cutting the schema, once a release", cut["cut_seconds"] * 1000, "ms"),
        row("2,000 phones of a bulk reply read", cut["raw_ms"], "ms", cut["objects_ms"], "objects made by zeep"),
    ]


def row(name, value, unit, against=None, what=None):
    """One row; `against` is the same figure the usual way."""
    ratio = round(against / value, 1) if against and value > 0 else None
    against = None if against is None else round(against, 2)
    return {"name": name, "value": round(value, 2), "unit": unit, "against": against, "ratio": ratio, "compared_with": what}


def main():
    """Measure, print, write."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    (DIRECTORY / "none.cfg").touch()
    estate = Estate(DIRECTORY, NETWORK)
    estate.up()
    try:
        rows = measure(estate)
    finally:
        estate.down()
    rows += bench_clusters.measure(DIRECTORY / "clusters", row)
    rows += bench_estate.measure(DIRECTORY / "estate", row)
    rows += bench_phones.measure(DIRECTORY / "phones", row)
    rows += bench_router.measure(DIRECTORY / "router", row)
    (DIRECTORY / "bench.json").write_text(json.dumps(rows, indent=1) + "\n")
    print("%-66s %10s      %10s  %s" % ("", "here", "usual way", "ratio"))
    for r in rows:
        usual = "%10.1f" % r["against"] if r["against"] is not None else ""
        ratio = "%5.1f   (%s)" % (r["ratio"], r["compared_with"]) if r["ratio"] else ""
        print(re.sub(r"\s+$", "", "%-66s %10.1f %-4s %10s  %s" % (r["name"], r["value"], r["unit"], usual, ratio)))
    print("\nwritten to %s" % (DIRECTORY / "bench.json").relative_to(REPOSITORY))


if __name__ == "__main__":
    main()
