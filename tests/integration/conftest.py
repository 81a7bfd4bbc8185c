# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab a test process, brought back to day 0 (or to the secured state) for each test."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.harness import Estate


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Estate]:
    """The lab of this test process. Each process of pytest-xdist has loopback addresses of its own."""
    number = 0 if worker_id == "master" else 1 + int(worker_id.removeprefix("gw"))
    found = Estate(Path(tmp_path_factory.mktemp("estate")), "127.%d" % (100 + number))
    found.up()
    try:
        found.save("day0")
        yield found
    finally:
        found.down()


@pytest.fixture
def estate(running: Estate) -> Estate:
    """The estate as installed."""
    running.load("day0")
    return running


@pytest.fixture(scope="session")
def _secured(running: Estate) -> str:
    """Name of the state that one full run leaves."""
    running.load("day0")
    running.play().ok()
    running.save("secured")
    return "secured"


@pytest.fixture
def secured(running: Estate, _secured: str) -> Estate:
    """The estate as the guide wants it."""
    running.load(_secured)
    return running
