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
from collections import Counter
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
PARTS = ("State", "Findings", "Certificates, by the day they end", "Who trusts whom", "What was proved by handshakes")       # of the page
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

    def play(self, name: str, playbook: str, *arguments: str, fails: bool = False, variables: dict | None = None) -> tuple[Run, list[dict]]:
        """Run a playbook; keep its output as build/demo/<name>.log. fails: a gate has to stop it. Returns the run and the writes that the lab saw meanwhile."""
        since = self.estate.mark()
        run = self.estate.play(playbook, *arguments, variables=variables)
        (DIRECTORY / f"{name}.log").write_text(run.output, encoding="utf-8")
        if bool(run.code) != fails:
            print(run.output[-6000:], flush=True)
        self.expect(bool(run.code) == fails, f"{playbook} ended with {run.code}; its output is {DIRECTORY.name}/{name}.log")
        return run, self.estate.journal(writes=True, since=since)

    def count(self, name: str, run: Run, writes: list[dict]) -> None:
        """Put one run into the summary."""
        self.summary[name] = {"changed": run.report.get("changed", 0), "failed": run.report.get("failed", 1), "writes": len(writes)}

    def plan(self) -> None:
        """What would be done: seen, saved, and nothing written."""
        self.heading("Plan: what would be done, in which order, and what it would disturb; nothing is written")
        file = DIRECTORY / "plan.json"
        run, writes = self.play("plan", "plan.yml", "--diff", variables={"collab_plan": str(file)})
        self.count("check", run, writes)
        print(f"   {len(run.operations)} operations foreseen; the lab saw {len(self.estate.journal())} requests, {len(writes)} of them writes")
        for kind, number in Counter(impact["kind"] for impact in run.report.get("impact", [])).items():
            print(f"   {kind}: {number}")
        self.expect(not writes, f"the plan wrote: {said(writes)}")
        self.expect(bool(run.operations) and file.exists(), "nothing was planned for an enterprise as installed")
        trust = json.loads(file.read_text(encoding="utf-8"))["trust"] if file.exists() else {"counts": {}, "mended": [], "stays": [], "breaks": []}
        print(f"   connections today: {', '.join(f'{number} {word}' for word, number in trust['counts'].items() if number)}; "
              f"{len(trust['mended'])} reasons that the plan mends, {len(trust['stays'])} that it does not, {len(trust['breaks'])} that it would bring about")
        self.expect(bool(trust["mended"]) and not trust["stays"] + trust["breaks"], f"not mended or broken: {trust['stays'] + trust['breaks']}")

    def secure(self) -> None:
        """The rollout: a canary, its gate, the second wave, what ties the clusters together. Then a run that finds nothing left to do."""
        self.heading("Rollout: EMEA as the canary. Expressway-E X12.5 needs a certificate that a person has signed: its gate stays shut, the US is not touched")
        run, writes = self.play("canary", "rollout.yml", fails=True)
        self.count("canary", run, writes)
        for line in told(run.operations):
            print(f"   {line}")
        print(f"   {len(run.operations)} operations, {len(writes)} writes, {run.seconds:.1f} s (restarts in the lab's time)")
        early = [write for write in writes if write["node"].startswith("us-") and write["node"] != "us-ca"]
        self.expect(bool(writes) and not early, f"the second wave was touched before the canary's gate: {said(early)}")

        signed = self.estate.sign()
        self.heading(f"A person has {', '.join(signed)} signed. Rollout again: on through the canary's gate, the US, its gate, what ties the clusters together")
        self.expect(bool(signed), "no request waited for a person")
        run, writes = self.play("rollout", "rollout.yml")
        self.count("first", run, writes)
        for line in told(run.operations):
            print(f"   {line}")
        progress = self.estate.workspace / "rollout.json"
        passed = list(json.loads(progress.read_text(encoding="utf-8"))["passed"]) if progress.exists() else []
        print(f"   {len(run.operations)} operations, {len(writes)} writes, {run.seconds:.1f} s; passed: {', '.join(passed)}")
        self.expect(sorted(passed) == ["canary", "links", "us"], "not every wave has passed its gate")

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
        self.heading("Drift and report: found, nothing written, told on one page")
        page = DIRECTORY / "report.html"
        run, writes = self.play("drift", "report.yml", variables={"collab_report_html": str(page)})
        found = [name for name, seed in SEEDS.items() if any(seed.found_as in str(finding) for finding in run.findings)]
        for finding in run.findings:
            print(f"   {finding['severity']:6} {finding['object']}: {finding['message']}"[:WIDTH + 40])
        print(f"   the page: {page.relative_to(REPOSITORY)}")
        self.expect(not writes, f"the drift run wrote: {said(writes)}")
        html = page.read_text(encoding="utf-8") if page.exists() else ""
        self.expect(all(f"<h2>{part}</h2>" in html for part in PARTS), "the page is not there, or lacks a part")
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
            self.plan()
            self.secure()
            self.drift()
            self.prove()
        finally:
            self.estate.down()
        order = ("check", "canary", "first", "second", "drift", "handshakes", "pending")
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
