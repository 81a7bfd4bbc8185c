# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs molecule from the repository root, where alone it finds its configuration, on an inventory and a lab of its own.

    python tools/molecule.py                          every scenario
    python tools/molecule.py converge -s trunks       any other command of molecule

Everything that a run makes lies in .build/molecule.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from renumber import renumber

REPOSITORY = Path(__file__).resolve().parent.parent
WORK = REPOSITORY / ".build" / "molecule"
NETWORK = "127.79"


def main(arguments: list[str]) -> int:
    """Run molecule. Returns its exit code; the lab is gone afterwards if all scenarios were asked for, whatever happened."""
    everything = not arguments
    if everything:
        shutil.rmtree(WORK, ignore_errors=True)
    inventory = renumber(NETWORK, WORK / "inventory", clusters=("us_cm",))
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".collections"),
        "ANSIBLE_HOME": str(WORK / "ansible"),
        "COLLAB_LAB_DIR": str(WORK / "lab"),
        "COLLAB_MOLECULE_INVENTORY": str(inventory),
        "COLLAB_MOLECULE_NETWORK": NETWORK,
        "COLLAB_MOLECULE_PYTHON": sys.executable,
        "COLLAB_MOLECULE_REPOSITORY": str(REPOSITORY),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(WORK / "ephemeral"),
    }
    try:
        command = [str(Path(sys.executable).parent / "molecule"), *(arguments or ["test", "--all"])]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode
    finally:
        if everything and (WORK / "lab" / "lab.sock").exists():
            subprocess.run([sys.executable, "-m", "lab", "down"], cwd=REPOSITORY, env=environment, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
