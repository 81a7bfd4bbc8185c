# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes single collections out of the wheel of the package `ansible`, which carries a hundred of them.

    python tools/unpack_collections.py DIRECTORY_OF_THE_WHEEL TARGET NAMESPACE/NAME ...

Afterwards TARGET is a collections path that holds just these.
"""
from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def main(source: str, target: str, *names: str) -> None:
    """Unpack the named collections; a name that the wheel does not have is an error."""
    wheel, = Path(source).glob("ansible-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in names:
            members = [member for member in archive.namelist() if member.startswith(f"ansible_collections/{name}/")]
            if not members:
                raise SystemExit(f"{wheel.name} has no collection {name}")
            archive.extractall(target, members)


if __name__ == "__main__":
    main(*sys.argv[1:])
