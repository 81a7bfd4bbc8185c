"""Fixtures of the tests that ask a whole lab over HTTPS: one lab a session, put back to day 0 before each test."""

from __future__ import annotations

import pytest

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
