# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab a test process, brought back to day 0 (or to the secured state) for each test: of the US cluster, and of the whole enterprise where asked."""
from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.external import CERTIFIED
from tests.integration.external import prepared
from tests.integration.harness import Estate

_held: list[socket.socket] = []  # one address of each network that this test process has taken, so that no other process takes it as well


def free_network() -> str:
    """Loopback addresses that no other lab on this machine has: "127.N". They stay this process's own, whether its lab runs already or not."""
    for number in range(100, 200):
        network = "127.%d" % number
        mine = socket.socket()
        try:
            mine.bind((network + ".255.1", 20443))
            with socket.socket() as probe:
                probe.bind((network + ".0.10", 20443))  # where every lab is told what to do
        except OSError:
            mine.close()
            continue
        _held.append(mine)
        return network
    raise AssertionError("no free loopback network: are many labs left running?")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab of this test process: the US cluster."""
    found = Estate(Path(tmp_path_factory.mktemp("estate")), free_network())
    with found.running():
        yield found


@pytest.fixture(scope="session")
def running_enterprise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with all clusters, beside the other; started when the first test asks for it."""
    found = Estate(Path(tmp_path_factory.mktemp("enterprise")), free_network(), None)
    with found.running():
        yield found


@pytest.fixture(scope="session")
def running_voice_mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with the US cluster and its Unity Connection, beside the others; started when the first test asks for it."""
    found = Estate(Path(tmp_path_factory.mktemp("voice_mail")), free_network(), ("us_cm", "us_cuc"))
    with found.running():
        yield found


@pytest.fixture(scope="session")
def running_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with the US cluster and its Expressways, beside the others; started when the first test asks for it."""
    found = Estate(Path(tmp_path_factory.mktemp("edge")), free_network(), ("us_cm", "us_expc", "us_expe"))
    with found.running():
        yield found


@pytest.fixture
def edge(running_edge: Estate) -> Estate:
    """The US cluster and its Expressways as installed."""
    running_edge.load("day0")
    return running_edge


@pytest.fixture(scope="session")
def _external(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab with directory servers of every kind; started when the first test asks for it."""
    found = prepared(Path(tmp_path_factory.mktemp("external")), free_network())
    try:
        yield found
    finally:
        found.down()


@pytest.fixture
def certified(_external: Estate) -> Estate:
    """The US cluster among these, with certificates of the enterprise CA, in mixed mode, and nothing else done."""
    _external.load(CERTIFIED)
    return _external


@pytest.fixture
def enterprise(running_enterprise: Estate) -> Estate:
    """All clusters as installed."""
    running_enterprise.load("day0")
    return running_enterprise


@pytest.fixture
def estate(running: Estate) -> Estate:
    """The US cluster as installed."""
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
    """The US cluster as the guide wants it."""
    running.load(_secured)
    return running
