# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and keys are planted where a run needs them, and looked for wherever a run leaves something."""
from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from tests.integration.harness import Estate

# No other test may have these on a command line: tests run side by side, and all command lines of the machine are looked at.
# The lab's own credentials are long enough to be found again and stand nowhere but in its inventory.
PLANTED = ("lab-Platform-0815", "lab-Application-0816", "lab-Enrol-4711", "lab-Ils-2401", "lab-Directory-0817")
KEY = "PRIVATE KEY-----"
SITES = ("report.json", "ansible.log")


def left_in(estate: Estate, output: str) -> dict[str, str]:
    """Everything a run leaves: {where: text}."""
    found = {"output": output}
    for file in [estate.directory / name for name in SITES] + list(estate.workspace.rglob("*")) + list((estate.directory / "ansible").rglob("*")):
        if file.is_file():
            found[str(file)] = file.read_text(errors="replace")
    found["journal"] = estate.lab("journal", "--json")
    return found


def command_lines(until: threading.Event, seen: set[str]) -> None:
    """Collect the command lines of all processes, again and again."""
    while not until.is_set():
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(file.read_text(errors="replace"))
            except OSError:
                continue


@pytest.mark.parametrize("bad", [{}, {"ansible_password": "planted-Secret-7"}, {"collab_application_password": "planted-Secret-8"}],
                         ids=["good", "bad platform password", "bad application password"])
def test_nothing_secret_is_left(estate: Estate, bad: dict) -> None:
    """Output at -vvvv with --diff, log file, report, workspace, control directory, the lab's journal, and all command lines."""
    over, seen = threading.Event(), set()
    watcher = threading.Thread(target=command_lines, args=(over, seen))
    watcher.start()
    vault = estate.directory / "secret_variables.yml"
    vault.write_text("".join("%s: %s\n" % item for item in bad.items()) or "{}\n")
    try:
        run = estate.play("site.yml", "-vvvv", "--diff", "-e", "@" + str(vault),
                          environment={"ANSIBLE_LOG_PATH": str(estate.directory / "ansible.log")})
    finally:
        over.set()
        watcher.join()
        vault.unlink()
    assert (run.code == 0) == (not bad), run.output[-4000:]
    for where, text in left_in(estate, run.output).items():
        for secret in (*PLANTED, *bad.values(), KEY):
            assert secret not in text, "%s holds %r" % (where, secret)
    assert len(seen) > 5
    for secret in (*PLANTED, *bad.values()):
        assert not [line for line in seen if secret in line]


def test_workspace_is_private(secured: Estate) -> None:
    """Nobody else on the control node can write what a later run believes."""
    listing = subprocess.run(["find", str(secured.workspace), "-perm", "/022"], capture_output=True, text=True, check=True)
    assert listing.stdout == ""
