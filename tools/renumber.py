# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies a lab inventory to another loopback network, so that several labs run side by side.

    python tools/renumber.py 127.78 DIRECTORY      (127.77.C.N of inventories/lab becomes 127.78.C.N)

The second octet is all that changes; names, ports and credentials stay.
"""
from __future__ import annotations

import shutil
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "inventories" / "lab"


def renumber(network: str, target: Path, source: Path = SOURCE) -> Path:
    """Write the inventory `source` to the directory `target` with the addresses of `network` ("127.78"). Returns the path of its hosts file."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    for file in target.rglob("*.yml"):
        file.write_text(file.read_text(encoding="utf-8").replace("127.77.", network + "."), encoding="utf-8")
    return target / "hosts.yml"


if __name__ == "__main__":
    print(renumber(sys.argv[1], Path(sys.argv[2])))
