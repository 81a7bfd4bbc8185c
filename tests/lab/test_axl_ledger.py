"""Everything that AXL, SQL, Serviceability and RIS do has a row in the ledger, and every row speaks of something that is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import lab.ucm.axl
from lab import ledger
from lab.core.refusals import REFUSALS
from lab.core.variants import VARIANTS
from lab.ucm.axl.operations import OPERATIONS

SURFACES = ("axl", "serviceability", "ris")


@pytest.fixture(scope="module")
def rows():
    """The ledger's rows of these surfaces, with all modules loaded that register something."""
    for module in pkgutil.iter_modules(lab.ucm.axl.__path__):
        importlib.import_module(f"lab.ucm.axl.{module.name}")
    for name in ("serviceability", "ris", "seed", "parameters"):
        importlib.import_module(f"lab.ucm.{name}")
    return [r for r in ledger.rows() if r["surface"] in SURFACES]


def test_every_operation_has_a_row(rows):
    words = {w.strip(",:;") for r in rows for w in r["operation"].split()}
    assert sorted(set(OPERATIONS) - words) == []


@pytest.mark.parametrize(("field", "registry", "prefixes"), [
    ("refusal", REFUSALS, ("axl_", "ris_", "control_")),
    ("variant", VARIANTS, ("axl_", "parameter_", "capf_", "udt_", "process_node_", "sip_publish_", "encrypted_", "service_st"))])
def test_every_refusal_and_variant_has_a_row_and_the_other_way_round(rows, field, registry, prefixes):
    named = {n for r in rows for n in ledger.names(r, field)}
    assert named <= set(registry)
    assert {n for n in registry if n.startswith(prefixes)} <= {n for r in ledger.rows() for n in ledger.names(r, field)}
