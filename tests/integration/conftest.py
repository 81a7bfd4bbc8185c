# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab a test process, brought back to day 0 (or to the secured state) for each test."""
from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.harness import Estate


def free_network() -> str:
    """Loopback addresses that no other lab on this machine has: "127.N". Another test process begins its search elsewhere."""
    for step in range(100):
        network = "127.%d" % (100 + (os.getpid() + step) % 100)
        with socket.socket() as probe:
            try:
                probe.bind((network + ".1.1", 8443))
            except OSError:
                continue
        return network
    raise AssertionError("no free loopback network: are many labs left running?")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab of this test process."""
    found = Estate(Path(tmp_path_factory.mktemp("estate")), free_network())
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
