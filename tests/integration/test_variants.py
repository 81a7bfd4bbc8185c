# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection works under every reading of the facts that no source settles.

All variants are turned together: in world 1 each has the first value that is not its default, in world 2 the next, and so on; so
every value of every variant is in some world. A variant that stops the run by design has a test of its own.
"""
from __future__ import annotations

import json

import pytest

from tests.integration.harness import Estate

# These decide *whether* a step can be done. What the run has to say then is in STOPS.
STOPPING = {
    "replication_state", "certmgr_multi_server", "certmgr_options", "oauth_refresh_parameter", "parameter_names", "parameter_values",
}
WORLDS = 3


def variants(estate: Estate) -> list[dict]:
    """All variants of the lab."""
    return json.loads(estate.lab("variant", "list"))


def test_every_value_is_in_a_world(estate: Estate) -> None:
    """There are as many worlds as the richest variant needs."""
    richest = max((v for v in variants(estate) if v["name"] not in STOPPING), key=lambda v: len(v["values"]))
    assert len(richest["values"]) - 1 <= WORLDS, richest


@pytest.mark.parametrize("world", range(1, WORLDS + 1))
def test_world(estate: Estate, world: int) -> None:
    """Secured by the first run, nothing to do for the second, and all handshakes hold."""
    turned = {}
    for variant in variants(estate):
        others = [v for v in variant["values"] if v != variant["default"]]
        if variant["name"] not in STOPPING and world <= len(others):
            turned[variant["name"]] = others[world - 1]
            estate.lab("variant", "set", variant["name"], others[world - 1])
    assert turned
    run = estate.play()
    assert run.code == 0, "%s\n%s" % (turned, run.output[-6000:])
    since = estate.mark()
    again = estate.play()
    assert again.code == 0 and again.changed == 0, "%s\n%s" % (turned, again.output[-6000:])
    assert estate.journal(writes=True, since=since) == []
    assert estate.play("verify.yml").code == 0
