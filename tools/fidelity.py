# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints docs/fidelity.md: what the lab answers and from which source we know it, row by row of its ledger."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
HEAD = """# Fidelity of the lab

What the simulated products answer, and how we know it. The weakest source that a row rests on is named: *schema* (Cisco's own AXL schema),
*document* (Cisco's public documents), *transcript* (what real systems have been seen to print), *inferred* (concluded, not seen). What is not
certain exists in several readings (*variants*), and the tests run under each; *must refuse* names the checks that the lab makes as the product
does. Nothing of it has been compared with a real server.

Written by `make fidelity` from `lab/fidelity.yaml`.

"""


def document() -> str:
    """The whole document as it should be now."""
    command = [sys.executable, "-m", "lab", "ledger", "--markdown"]
    return HEAD + subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    print(document(), end="")
