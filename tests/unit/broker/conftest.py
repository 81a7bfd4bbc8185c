# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of the collection with one more module (probe) and one more channel (toy), and plays run against it by the real ansible-playbook."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"
HERE = Path(__file__).resolve().parent

#: What a node of the probe's inventory has. The password is planted: no output may ever show it.
SECRET = "planted-Wz81-password"
COMMON = {"ansible_connection": "collab.security.vos", "ansible_user": "platform", "ansible_password": SECRET, "collab_domain": "ent-pa.com",
          "collab_cluster": "us_cm", "collab_roles": [], "collab_poll_seconds": 0.1}


@pytest.fixture(scope="session")
def collections(tmp_path_factory):
    """Directory for ANSIBLE_COLLECTIONS_PATH."""
    top = tmp_path_factory.mktemp("collections")
    plugins = top / "ansible_collections" / "collab" / "security" / "plugins"
    (plugins / "plugin_utils" / "channels").mkdir(parents=True)
    for folder in ("connection", "doc_fragments", "callback"):
        if (PLUGINS / folder).exists():
            (plugins / folder).symlink_to(PLUGINS / folder)
    for path in (PLUGINS / "plugin_utils").iterdir():
        if path.name not in ("channels", "__pycache__"):
            (plugins / "plugin_utils" / path.name).symlink_to(path)
    for source, target in (("toy.py", "plugin_utils/channels/toy.py"), ("probe_action.py", "action/probe.py"), ("probe_module.py", "modules/probe.py")):
        (plugins / target).parent.mkdir(exist_ok=True)
        (plugins / target).write_text((HERE / "probe" / source).read_text())
    return top


def lines(path):
    """A file of JSON lines; [] when it is not there."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Result:
    """What a play left: code, output, tasks' results by host and task name, the toy device's diary."""

    def __init__(self, code, out, err, diary, record):
        self.code, self.out, self.err = code, out, err
        self.diary, self.record = lines(diary), lines(record)

    def of(self, task, host="us-cm-pub"):
        """The result of a task on a host."""
        for entry in self.record:
            if (entry["task"], entry["host"]) == (task, host) and entry["state"] != "item":
                return dict(entry["result"], state=entry["state"])
        raise AssertionError("no result of %r on %s in %s\n%s" % (task, host, self.out, self.err))

    def writes(self):
        """What the toy device was made to write."""
        return [entry["what"] for entry in self.diary if entry["op"] == "write"]


class Runner:
    """Runs plays over toy hosts."""

    def __init__(self, collections, tmp):
        self.collections, self.tmp, self.count = collections, tmp, 0
        self.diary, self.record = tmp / "diary", tmp / "record"
        self.home = tmp / "h"
        self.home.mkdir()

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "COLLAB_"))}
        env.update(ANSIBLE_COLLECTIONS_PATH=str(self.collections), ANSIBLE_HOME=str(self.home), ANSIBLE_CALLBACK_PLUGINS=str(HERE / "probe" / "callbacks"),
                   ANSIBLE_CONFIG=str(self.tmp / "none.cfg"), ANSIBLE_GATHERING="explicit", ANSIBLE_NOCOLOR="1", TOY_DIARY=str(self.diary),
                   RECORD=str(self.record), ANSIBLE_CALLBACKS_ENABLED="record",
                   ANSIBLE_LOCALHOST_WARNING="0", ANSIBLE_RETRY_FILES_ENABLED="0", ANSIBLE_FORKS="10")
        env.update(more)
        (self.tmp / "none.cfg").touch()
        return env

    def command(self, tasks, hosts=None, arguments=(), plays=None, **play):
        """Arguments of ansible-playbook for these tasks."""
        self.count += 1
        inventory, book = self.tmp / ("inventory%d.json" % self.count), self.tmp / ("play%d.json" % self.count)
        hosts = {"us-cm-pub": {"ansible_host": "127.77.1.1", "collab_roles": ["publisher"]}} if hosts is None else hosts
        inventory.write_text(json.dumps({"all": {"children": {"us_cm": {"hosts": hosts, "vars": COMMON}}}}))
        book.write_text(json.dumps(plays or [dict({"hosts": "us_cm", "gather_facts": False, "tasks": tasks}, **play)]))
        return [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), str(book), *arguments]

    def run(self, tasks, hosts=None, arguments=(), plays=None, env=None, **play):
        """Run the tasks to their end."""
        self.record.unlink(missing_ok=True)
        done = subprocess.run(self.command(tasks, hosts, arguments, plays, **play), env=self.environment(**(env or {})), capture_output=True, text=True,
                              timeout=180)
        return Result(done.returncode, done.stdout, done.stderr, self.diary, self.record)

    def start(self, tasks, hosts=None, arguments=(), **play):
        """Start the tasks and return the process."""
        return subprocess.Popen(self.command(tasks, hosts, arguments, **play), env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, start_new_session=True)

    def entries(self):
        """The diary as it stands."""
        return lines(self.diary)

    def brokers(self):
        """Process ids of brokers of this runner's collection that live."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue
                if any(w.startswith(str(self.collections).encode()) and w.endswith(b"broker.py") for w in words):
                    found.append(int(folder.name))
        return found


def wait_for(what, seconds=30):
    """Poll a condition; fails the test when it does not come."""
    end = time.time() + seconds
    while time.time() < end:
        value = what()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("did not happen within %d s: %s" % (seconds, what))


@pytest.fixture
def runner(collections, tmp_path):
    return Runner(collections, tmp_path)
