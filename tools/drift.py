# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays the other administrator on a lab: makes drift by plain AXL and SSH, with nothing of the collection.

    python tools/drift.py NETWORK KIND ...      NETWORK like 127.77; without a KIND, says which there are
"""
from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from tests.integration.administrator import SEEDS  # noqa: E402
from tests.integration.administrator import Administrator  # noqa: E402  (the checkout is no installed package)


@dataclass
class Reached:
    """What an administrator has to know of an estate."""

    network: str
    lab_directory: Path


def main(network: str = "", *kinds: str) -> None:
    """Make the named kinds of drift in the lab of COLLAB_LAB_DIR."""
    if not kinds:
        print("\n".join(SEEDS))
        return
    administrator = Administrator(Reached(network, Path(os.environ.get("COLLAB_LAB_DIR", REPOSITORY / "build" / "lab"))))
    for kind in kinds:
        SEEDS[kind].make(administrator)


if __name__ == "__main__":
    main(*sys.argv[1:])
