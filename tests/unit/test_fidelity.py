# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/fidelity.md says what the lab's ledger says."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_document_is_the_ledgers() -> None:
    """Written anew, it is the same."""
    made = subprocess.run([sys.executable, str(REPOSITORY / "tools" / "fidelity.py")], check=True, capture_output=True, text=True).stdout
    assert (REPOSITORY / "docs" / "fidelity.md").read_text(encoding="utf-8") == made, "the ledger has changed: make fidelity"
