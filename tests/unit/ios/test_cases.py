# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations and the lines that they call for: a folder under cases/ for each, which anybody can add.

running.cfg   show running-config           case.yml   about, plan (voice, toll_fraud, srst), wanted
commands.txt  the lines that are entered first
"""
from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.collab.security.plugins.plugin_utils.ios import config
from ansible_collections.collab.security.plugins.plugin_utils.ios import srst
from ansible_collections.collab.security.plugins.plugin_utils.ios import toll_fraud
from ansible_collections.collab.security.plugins.plugin_utils.ios import voice
from ansible_collections.collab.security.plugins.plugin_utils.ios.changes import batch
from ansible_collections.collab.security.plugins.plugin_utils.ios.changes import predicted

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.yml"))
PLANS = {"voice": lambda root, wanted: voice.plan(root, voice.Signaling(**wanted)), "toll_fraud": lambda root, wanted: toll_fraud.plan(root, **wanted),
         "srst": lambda root, wanted: srst.plan(root, **wanted)}


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path) -> None:
    """The lines are these; once they are in force nothing more is to be done, and no other line has changed."""
    case, root = yaml.safe_load((folder / "case.yml").read_text()), config.parse((folder / "running.cfg").read_text())
    changes = PLANS[case["plan"]](root, case["wanted"])
    assert batch(changes) == (folder / "commands.txt").read_text().splitlines()
    touched, after = set(), root
    for _round in range(3):
        touched |= {(*change.path, line) for change in changes for line in (*change.add, *change.remove)}
        after = predicted(after, changes)
        changes = PLANS[case["plan"]](after, case["wanted"])
    assert changes == []
    before = {(*above, line) for above, line in root.every()}
    now = {(*above, line) for above, line in after.every()}
    gone = {path for path in before - now if (*path[:-1], path[-1].removeprefix("no ")) not in touched and path not in touched}
    assert not gone
