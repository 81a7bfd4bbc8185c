"""Every must-refuse check has a test that notices when it is gone (the second runs of conftest.py)."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
import yaml

import lab
from lab.core.refusals import REFUSALS
from lab.core.world import World
from tests.lab.conftest import MUTATIONS


def test_every_check_has_a_test_that_needs_it(request):
    for module in pkgutil.walk_packages(lab.__path__, "lab."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)        # its import registers its checks
    named = yaml.safe_load(MUTATIONS.read_text())
    assert len(named) == sum(line[:1].isalpha() for line in MUTATIONS.read_text().splitlines()), "a check is named twice"
    ours = {name for name, entry in REFUSALS.items() if entry.source != "test"}
    assert set(named) == ours
    taken_out = {getattr(item, "refusal_taken_out", None) for item in request.session.items}
    if len(request.session.items) > len(named):         # the whole suite: then each of them does run
        assert ours <= taken_out


@pytest.mark.parametrize("name", ["axl_login"])
def test_a_check_is_there_unless_it_is_taken_out(name):
    assert World().refuses(name)
