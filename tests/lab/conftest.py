"""Fixtures of the tests that ask a whole lab over HTTPS: one lab a session, put back to day 0 before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.core.world import World
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab
from tests.lab.small_estate import run_lab  # noqa: F401  (a fixture of the tests that drive a lab from within)


@pytest.fixture(scope="session")
def soap_lab(tmp_path_factory):
    """The lab itself."""
    lab = Lab(tmp_path_factory.mktemp("soap-lab"), 0)
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def day_zero(soap_lab):
    """The lab on day 0, without faults, variants or mutations."""
    soap_lab.restore("day0")
    return soap_lab


@pytest.fixture
def axl(day_zero):
    """A raw AXL client of the publisher."""
    return Axl(day_zero)


# Each must-refuse check of the lab is taken out in turn, and a test that needs it has to notice: the tests that mutations.yaml names run a
# second time without their check, and must fail then (strictly: a pass fails the suite).
MUTATIONS = Path(__file__).with_name("mutations.yaml")


def without(item: pytest.Function, refusal: str) -> pytest.Function:
    """The same test once more, in a lab that lacks a must-refuse check."""
    again = pytest.Function.from_parent(
        item.parent, name="%s-without-%s" % (item.name, refusal), callspec=getattr(item, "callspec", None), callobj=item.obj,
        fixtureinfo=item._fixtureinfo, originalname=item.originalname,
    )
    again.refusal_taken_out = refusal
    again.add_marker(pytest.mark.xfail(strict=True, reason="the lab does not refuse (%s)" % refusal))
    return again


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the second runs behind all others."""
    named: dict[str, list[str]] = {}
    for refusal, node_id in yaml.safe_load(MUTATIONS.read_text()).items():
        named.setdefault(node_id, []).append(refusal)
    items += [without(item, refusal) for item in list(items) for refusal in named.get(item.nodeid, [])]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Take the check out for the whole of a second run, its fixtures included."""
    missing = getattr(item, "refusal_taken_out", None)
    if missing is None:
        return (yield)
    refuses = World.refuses
    World.refuses = lambda world, name: name != missing and refuses(world, name)
    try:
        return (yield)
    finally:
        World.refuses = refuses
