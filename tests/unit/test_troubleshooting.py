# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that docs/troubleshooting.md explains are those of the collection."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((REPOSITORY / "plugins").rglob("*.py")))
SAID = re.sub(r"\"\s*\n\s*(?:% [^\n\"]*)?\"", "", SOURCES).lower()       # texts that go on in the next line
FIRST = [line.split("|")[1] for line in (REPOSITORY / "docs" / "troubleshooting.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
MESSAGES = [message for cell in FIRST for message in re.findall(r"\*([^*]+)\*", cell)]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_that_is_explained_is_one_that_comes(message: str) -> None:
    """Each of its parts stands in the sources as it is written there."""
    assert [part for part in re.split(r" ?\.\.\.,? ?", message) if part.strip(" ,").lower() not in SAID] == []


def test_there_are_messages() -> None:
    """The table has not changed its form under the test."""
    assert len(MESSAGES) > 20
