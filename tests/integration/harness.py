# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every integration test needs: a lab of its own and runs of ansible-playbook against it.

A test meets the product as its users do: `python -m lab ...` and `ansible-playbook`, nothing of their insides.
"""
from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tools.renumber import renumber

REPOSITORY = Path(__file__).resolve().parents[2]
# What playbooks know: the lab's inventory has others besides.
SECURED = ("us_cm", "emea_cm", "us_imp", "us_cuc", "us_expc", "us_expe", "emea_expc", "emea_expe")
SPEED = "1200"  # a restart of two minutes takes a tenth of a second


@dataclass
class Run:
    """One ended run of ansible-playbook."""

    code: int
    output: str
    report: dict
    seconds: float

    @property
    def operations(self) -> list[dict]:
        """What the run did to nodes, or in check mode would have done."""
        return self.report.get("operations", [])

    @property
    def pending(self) -> list[dict]:
        """Steps that the run prepared and left to a person or a later run."""
        return self.report.get("pending", [])

    @property
    def findings(self) -> list[dict]:
        """Differences and problems that the run saw."""
        return self.report.get("findings", [])

    @property
    def changed(self) -> int:
        """Tasks that say changed."""
        return self.report["changed"]

    @property
    def failed(self) -> int:
        """Tasks that failed."""
        return self.report["failed"]

    def ok(self) -> Run:
        """This run, which must have succeeded; the whole output is in the message where it has not."""
        assert self.code == 0, self.output[-8000:]
        return self

    def refused(self, *words: str) -> Run:
        """This run, which must have failed with a message that holds all of `words` (case does not matter)."""
        assert self.code != 0, "the run succeeded:\n" + self.output[-4000:]
        said = " ".join(self.output.lower().split())
        missing = [w for w in words if w.lower() not in said]
        assert not missing, "the output says nothing of %s:\n%s" % (missing, self.output[-6000:])
        return self


@dataclass
class Estate:
    """An inventory, its lab on loopback addresses of its own, and the workspace of the runs against it. clusters: only these; None = SECURED."""

    directory: Path
    network: str
    clusters: tuple[str, ...] | None = ("us_cm",)
    inventory: Path = field(init=False)
    source: Path = REPOSITORY / "inventories" / "lab"

    def __post_init__(self) -> None:
        """Copy the shipped lab inventory to addresses that no other lab has."""
        self.inventory = self.directory / "inventory"
        renumber(self.network, self.inventory, self.source, SECURED if self.clusters is None else self.clusters)

    @property
    def lab_directory(self) -> Path:
        """Where the lab keeps what it writes."""
        return self.directory / "lab"

    @property
    def workspace(self) -> Path:
        """Where the runs keep requests, certificates and debts."""
        return self.directory / "workspace"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the lab's commands and of the runs."""
        return dict(
            os.environ,
            COLLAB_LAB_DIR=str(self.lab_directory),
            COLLAB_REPORT=str(self.directory / "report.json"),
            ANSIBLE_HOME=str(self.directory / "ansible"),
            ANSIBLE_NOCOLOR="1",
            PATH=os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"],
        )

    def lab(self, *arguments: str) -> str:
        """One command of the lab; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "lab", *arguments], cwd=REPOSITORY, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, "lab %s: %s%s" % (" ".join(arguments), done.stdout, done.stderr)
        return done.stdout

    def up(self, *arguments: str) -> None:
        """Start the lab."""
        self.lab("up", "-i", str(self.inventory), "--detach", "--speed", SPEED, *arguments)

    def down(self) -> None:
        """End the lab."""
        self.lab("down")

    @contextmanager
    def running(self, *arguments: str) -> Iterator[Estate]:
        """The lab, up and saved as "day0", until the block ends."""
        self.up(*arguments)
        try:
            self.save("day0")
            yield self
        finally:
            self.down()

    def journal(self, *, writes: bool = False, since: int = 0) -> list[dict]:
        """The requests that the lab has seen, oldest first."""
        return json.loads(self.lab("journal", "--json", "--since", str(since), *(["--writes"] if writes else [])))

    def mark(self) -> int:
        """The number of the newest request, for `journal(since=...)`."""
        entries = self.journal()
        return entries[-1]["seq"] if entries else 0

    def fault(self, **rule: object) -> None:
        """Add one fault."""
        self.lab("fault", "add", json.dumps(rule))

    def sign(self) -> list[str]:
        """A person has the requests that wait in the workspace's folders signed at the public CA's page, for both usages; gives their names."""
        waiting = [file for file in sorted(self.workspace.glob("*/to-sign/*.csr")) if not file.with_suffix(".pem").exists()]
        for file in waiting:
            self.lab("public-ca", "sign", str(file), "--usage", "both", "--out", str(file.with_suffix(".pem")))
        return [file.stem for file in waiting]

    def save(self, name: str) -> None:
        """Keep the state of lab and workspace under a name."""
        self.lab("snapshot", name)
        kept = self.directory / ("workspace-" + name)
        shutil.rmtree(kept, ignore_errors=True)
        if self.workspace.exists():
            shutil.copytree(self.workspace, kept)

    def load(self, name: str) -> None:
        """Bring back a saved state, without faults, with every variant and check as it is by default."""
        self.lab("fault", "clear")
        self.lab("mutate", "clear")
        self.lab("variant", "clear")
        self.lab("restore", name)
        shutil.rmtree(self.workspace, ignore_errors=True)
        kept = self.directory / ("workspace-" + name)
        if kept.exists():
            shutil.copytree(kept, self.workspace)

    def command(self, playbook: str, *arguments: str, variables: dict | None = None) -> list[str]:
        """The command line of one run."""
        # The lab's directory as a plain value: worked out of the environment it is half of the templates that each task resolves for each node.
        extra = {"collab_lab_directory": str(self.lab_directory), "collab_workspace": str(self.workspace), **(variables or {})}
        path = playbook if playbook.startswith("/") else str(REPOSITORY / "playbooks" / playbook)
        return ["ansible-playbook", "-i", str(self.inventory), path, "-e", json.dumps(extra), *arguments]

    def play(self, playbook: str = "site.yml", *arguments: str, variables: dict | None = None, environment: dict | None = None) -> Run:
        """Run a playbook to its end."""
        report = self.directory / "report.json"
        report.unlink(missing_ok=True)
        start = time.monotonic()
        done = subprocess.run(
            self.command(playbook, *arguments, variables=variables), cwd=REPOSITORY, env={**self.environment, **(environment or {})},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
        )
        seconds = time.monotonic() - start
        return Run(done.returncode, done.stdout, json.loads(report.read_text()) if report.exists() else {}, seconds)

    def play_and_kill(self, after: int, playbook: str = "site.yml", *arguments: str, variables: dict | None = None, besides: str | None = None) -> bool:
        """Run a playbook and end it with SIGKILL once the lab has seen `after` more writes.

        Writes whose operation begins with `besides` do not count: those that every run begins with anew. Gives False when the run came to its end before that.
        """
        since = self.mark()
        run = subprocess.Popen(
            self.command(playbook, *arguments, variables=variables), cwd=REPOSITORY, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        try:
            while run.poll() is None:
                written = self.journal(writes=True, since=since)
                if len([w for w in written if besides is None or not w["operation"].startswith(besides)]) >= after:
                    os.kill(run.pid, signal.SIGKILL)
                    run.wait()
                    return True
            return False
        finally:
            if run.poll() is None:
                run.kill()
                run.wait()
