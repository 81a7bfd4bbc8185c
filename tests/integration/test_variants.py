# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection works under every reading of the facts that no source settles, and under every pair of readings.

A world has one value for each variant, and in each the whole enterprise is secured. A few worlds have every value between
them; `make worlds` (COLLAB_WORLDS=all) visits as many as it takes for every pair of values of any two variants. A variant that stops the run by
design has a test of its own.
"""
from __future__ import annotations

import json
import os
from itertools import combinations
from itertools import product

import pytest
from allpairspy import AllPairs

import lab.core.running  # noqa: F401  (registers every variant)
from lab.core.variants import VARIANTS
from tests.integration.harness import Estate

# These decide *whether* a step can be done: what the run has to say then is tested where the step is.
STOPPING = {"replication_state", "oauth_refresh_parameter", "parameter_names", "parameter_values", "cupi_port_group_writes"}
# The richest variants come first, which needs the fewest worlds.
TURNED = sorted((v for v in VARIANTS.values() if v.name not in STOPPING), key=lambda v: (-len(v.values), v.name))
ALL = os.environ.get("COLLAB_WORLDS") == "all"


def values_of(variant: object) -> list[str]:
    """The readings of a variant, its default first."""
    return [variant.default, *(value for value in variant.values if value != variant.default)]


def every_value() -> list[dict[str, str]]:
    """Worlds that have every value of every variant: all the first ones, all the second ones, and so on."""
    return [{v.name: values_of(v)[number % len(v.values)] for v in TURNED} for number in range(len(TURNED[0].values))]


def every_pair() -> list[dict[str, str]]:
    """Worlds that have every pair of values: a covering array of strength two."""
    return [dict(zip((v.name for v in TURNED), row, strict=True)) for row in AllPairs([values_of(v) for v in TURNED])]


WORLDS = every_pair() if ALL else every_value()


def test_every_value_is_in_a_world() -> None:
    """What the generator says is checked, not believed; the pairs where they are visited."""
    assert {pair for world in WORLDS for pair in world.items()} == {(v.name, value) for v in TURNED for value in v.values}
    if ALL:
        seen = {pair for world in WORLDS for pair in combinations(sorted(world.items()), 2)}
        for one, other in combinations(sorted(TURNED, key=lambda v: v.name), 2):
            for values in product(one.values, other.values):
                assert ((one.name, values[0]), (other.name, values[1])) in seen


@pytest.mark.parametrize("number", range(len(WORLDS)))
def test_world(enterprise: Estate, number: int) -> None:
    """Secured by the first run and, once a person has had signed what a public CA signs for people only, the next; nothing is left, and all handshakes hold."""
    turned = {name: value for name, value in WORLDS[number].items() if value != VARIANTS[name].default}
    if turned:
        enterprise.lab("variant", "set", *(word for pair in turned.items() for word in pair))
    told = json.dumps(turned)
    run = enterprise.play()
    assert run.code == 0, "%s\n%s" % (told, run.output[-6000:])
    if enterprise.sign():
        run = enterprise.play()
        assert run.code == 0, "%s\n%s" % (told, run.output[-6000:])
    since = enterprise.mark()
    again = enterprise.play()
    assert again.code == 0 and again.changed == 0, "%s\n%s" % (told, again.output[-6000:])
    assert enterprise.journal(writes=True, since=since) == []
    assert enterprise.play("verify.yml").code == 0
