# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secures a simulated enterprise as the guide says, and proves it: what `make demo` runs.

Every figure comes from outside the collection: writes are counted in the lab's journal, handshakes in the run's report, drift is made by
stock clients. Leaves build/demo/summary.json and no process; ends with 1 if anything that should hold does not.
"""
from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from tests.integration.administrator import ENTERPRISE_SEEDS  # noqa: E402  (the checkout is no installed package)
from tests.integration.administrator import ROUTER_SEEDS  # noqa: E402
from tests.integration.administrator import Administrator  # noqa: E402
from tests.integration.harness import SECURED  # noqa: E402
from tests.integration.harness import Estate  # noqa: E402
from tests.integration.harness import Run  # noqa: E402

DIRECTORY = REPOSITORY / "build" / "demo"
NETWORK = "127.76"  # beside the lab of `make lab`, which may be running
WIDTH = 110
KINDS = ("trunk loses SRTP", "trunk back on the plain port", "trunk profile expects another name", "phone profile unencrypted",
         "enterprise root gone from a trust store", "root gone from a store of IM and Presence", "root gone from a store of release 12.5",
         "directory agreement without TLS", "intercluster trunk loses SRTP", "voice mail without SRTP", "neighbor zone does not verify Unified CM",
         "traversal zone expects another name", "default zone asks callers for certificates", "Unified CM discovered without verification",
         "phone profile whose name Expressway-C lacks", *ROUTER_SEEDS)
SEEDS = {kind: ENTERPRISE_SEEDS[kind] for kind in KINDS}


CLUSTERS = (*SECURED, "us_cube", "us_srst", "emea_cube", "emea_srst", "us_cms", "emea_cms", "us_cmm", "us_tms", "us_pcd", "us_pcp")


class Demo:
    """The demonstration's steps in order; `wrong` collects what did not hold."""

    def __init__(self) -> None:
        """Start from an empty directory."""
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        DIRECTORY.mkdir(parents=True)
        self.estate = Estate(DIRECTORY, NETWORK, CLUSTERS)
        self.start = time.monotonic()
        self.wrong: list[str] = []
        self.summary: dict = {}

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note `otherwise` as wrong unless `holds`."""
        if not holds:
            self.wrong.append(otherwise)
            print(f"   WRONG: {otherwise}", flush=True)

    def heading(self, text: str) -> None:
        """Say what comes now, and when."""
        print(f"\n[{time.monotonic() - self.start:3.0f} s] {text}", flush=True)

    def play(self, name: str, playbook: str, *arguments: str) -> tuple[Run, list[dict]]:
        """Run a playbook; keep its output as build/demo/<name>.log. Returns the run and the writes that the lab saw meanwhile."""
        since = self.estate.mark()
        run = self.estate.play(playbook, *arguments)
        (DIRECTORY / f"{name}.log").write_text(run.output, encoding="utf-8")
        if run.code:
            print(run.output[-6000:], flush=True)
        self.expect(run.code == 0, f"{playbook} ended with {run.code}; its output is {DIRECTORY.name}/{name}.log")
        return run, self.estate.journal(writes=True, since=since)

    def count(self, name: str, run: Run, writes: list[dict]) -> None:
        """Put one run into the summary."""
        self.summary[name] = {"changed": run.report.get("changed", 0), "failed": run.report.get("failed", 1), "writes": len(writes)}

    def secure(self) -> None:
        """Check mode, first run, second run."""
        self.heading("Check mode: what would be done, and that nothing is written")
        run, writes = self.play("check", "site.yml", "--check", "--diff")
        self.count("check", run, writes)
        print(f"   {len(run.operations)} operations foreseen; the lab saw {len(self.estate.journal())} requests, {len(writes)} of them writes")
        self.expect(not writes, f"check mode wrote: {said(writes)}")
        self.expect(bool(run.operations), "check mode foresaw nothing on an enterprise as installed")

        self.heading("First run: from the state of the installation to the guide's")
        run, writes = self.play("first", "site.yml")
        self.count("first", run, writes)
        for line in told(run.operations):
            print(f"   {line}")
        print(f"   {len(run.operations)} operations, {len(writes)} writes, {run.seconds:.1f} s (restarts in the lab's time)")
        self.expect(bool(writes), "the first run wrote nothing")

        signed = self.estate.sign()
        self.heading("A person has the requests signed that wait for a public CA, and the run is repeated")
        run, writes = self.play("signed", "site.yml")
        self.count("signed", run, writes)
        print(f"   signed by hand: {', '.join(signed)}; {len(run.operations)} operations, {len(writes)} writes, {run.seconds:.1f} s")
        self.expect(bool(signed), "no request waited for a person")

        self.heading("Second run: nothing left to do")
        run, writes = self.play("second", "site.yml")
        self.count("second", run, writes)
        print(f"   {self.summary['second']['changed']} changed, {len(writes)} writes, {run.seconds:.1f} s")
        self.expect(not writes and not self.summary["second"]["changed"], f"the second run changed something: {said(writes)}")
        self.pending(run)

    def drift(self) -> None:
        """Drift of several kinds, made by hand, found read-only, mended exactly and only."""
        self.heading(f"Another administrator changes {len(SEEDS)} things, by AXL, CUPI and REST, and at command lines")
        other = Administrator(self.estate)
        for name, seed in SEEDS.items():
            print(f"   {name}", flush=True)
            seed.make(other)
        self.heading("Drift run: found, nothing written")
        run, writes = self.play("drift", "drift.yml")
        found = [name for name, seed in SEEDS.items() if any(seed.found_as in str(finding) for finding in run.findings)]
        for finding in run.findings:
            print(f"   {finding['severity']:6} {finding['object']}: {finding['message']}"[:WIDTH + 40])
        self.expect(not writes, f"the drift run wrote: {said(writes)}")
        self.expect(len(found) == len(SEEDS), f"not found: {sorted(set(SEEDS) - set(found))}")

        self.heading("Mending run: exactly these, and only these")
        run, writes = self.play("mend", "site.yml")
        mended = [name for name, seed in SEEDS.items() if any(seed.mends(write) for write in writes)]
        unrelated = [write for write in writes if not any(seed.mends(write) for seed in SEEDS.values())]
        for line in told(run.operations):
            print(f"   {line}")
        self.summary["drift"] = {"seeded": len(SEEDS), "found": len(found), "mended": len(mended), "unrelated_writes": len(unrelated)}
        print(f"   {len(SEEDS)} seeded, {len(found)} found, {len(mended)} mended, {len(unrelated)} other writes")
        self.expect(len(mended) == len(SEEDS), f"not mended: {sorted(set(SEEDS) - set(mended))}")
        self.expect(not unrelated, f"mending also wrote: {said(unrelated)}")

    def prove(self) -> None:
        """The handshakes."""
        self.heading("Handshakes: what the nodes serve now")
        run, writes = self.play("verify", "verify.yml")
        proofs = [task["result"] for task in run.report.get("tasks", []) if task["action"] == "collab.security.tls_verification"]
        self.summary["handshakes"] = {word: sum(proof.get(word, 0) for proof in proofs) for word in ("expected", "proved")}
        for proof in proofs:
            for line in proof.get("table", []):
                print(f"   {line}")
        expected, proved = self.summary["handshakes"].values()
        self.expect(0 < expected == proved, f"{proved} of {expected} handshakes prove what they should")
        self.expect(not writes, f"verify.yml wrote: {said(writes)}")

    def pending(self, run: Run) -> None:
        """Show what is left to people, and why."""
        self.summary["pending"] = run.pending
        self.heading("Pending: prepared, left to a person, and why")
        for entry in run.pending:
            print(f"   {entry['object']}: {entry['reason']}")
            for line in entry["what_to_do"]:
                print(f"      -> {line}")

    def run(self) -> int:
        """Everything, with the lab gone at the end whatever happens. Returns the exit code."""
        self.heading("Starting the lab: Unified CM 15 with IM and Presence and Unity Connection, Unified CM 12.5, Expressway-C and -E X15 and X12.5, "
                     "routers, Meeting Servers, what manages them, two CAs")
        try:
            self.estate.up()
            self.secure()
            self.drift()
            self.prove()
        finally:
            self.estate.down()
        order = ("check", "first", "signed", "second", "drift", "handshakes", "pending")
        self.summary = {"seconds": round(time.monotonic() - self.start, 1), **{name: self.summary[name] for name in order}}
        (DIRECTORY / "summary.json").write_text(json.dumps(self.summary, indent=2) + "\n", encoding="utf-8")
        self.heading(f"{'Done' if not self.wrong else 'NOT as it should be'}; build/demo/summary.json and the runs' logs are beside it")
        for text in self.wrong:
            print(f"   WRONG: {text}")
        return 1 if self.wrong else 0


def said(writes: list[dict]) -> str:
    """Writes of the lab's journal in a few words."""
    return ", ".join(f"{write['node']} {write['operation']}" for write in writes[:8]) or "nothing"


def told(operations: list[dict]) -> list[str]:
    """Operations of a run for the reader: one line each kind and object, with its nodes."""
    lines: dict[tuple[str, str], list[str]] = {}
    for operation in operations:
        nodes = lines.setdefault((operation["operation"], str(operation["object"])), [])
        if operation["node"] not in nodes:
            nodes.append(operation["node"])
    return [f"{what:34} {thing:44} {', '.join(nodes)}"[:WIDTH + 40] for (what, thing), nodes in lines.items()]


if __name__ == "__main__":
    sys.exit(Demo().run())
