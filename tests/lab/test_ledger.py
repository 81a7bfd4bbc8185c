"""Every AXL operation, every refusal and every variant has a row in the ledger, and every row speaks of something that is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import lab
from lab import ledger
from lab.core.refusals import REFUSALS
from lab.core.variants import VARIANTS
from lab.ucm.axl.operations import OPERATIONS


def test_every_operation_has_a_row():
    words = {w.strip(",:;") for r in ledger.rows() if r["surface"] == "axl" for w in r["operation"].split()}
    assert sorted(set(OPERATIONS) - words) == []


@pytest.mark.parametrize(("field", "registry"), [("refusal", REFUSALS), ("variant", VARIANTS)])
def test_every_refusal_and_variant_has_a_row_and_the_other_way_round(field, registry):
    for module in pkgutil.walk_packages(lab.__path__, "lab."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)        # its import registers its refusals and variants
    named = {name for row in ledger.rows() for name in ledger.names(row, field)}
    assert named == {name for name, entry in registry.items() if entry.source != "test"}
