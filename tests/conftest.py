# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection (`ansible_collections.collab.security`) and the lab (`lab`) importable in every test.

`make venv` links `.collections/ansible_collections/collab/security` to the checkout. The link is made here too, so that
a bare `pytest` works.
"""
from __future__ import annotations

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
COLLECTIONS = REPOSITORY / ".collections"


def _link_collection() -> None:
    """Create the link that makes the checkout a collection, unless it is there."""
    link = COLLECTIONS / "ansible_collections" / "collab" / "security"
    if not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(REPOSITORY, link.parent), target_is_directory=True)


_link_collection()
for path in (str(REPOSITORY), str(COLLECTIONS)):
    if path not in sys.path:
        sys.path.insert(0, path)

# The tests must not depend on what a user's own configuration says, nor write outside the checkout.
os.environ["ANSIBLE_CONFIG"] = str(REPOSITORY / "ansible.cfg")
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(COLLECTIONS)
os.environ.setdefault("ANSIBLE_HOME", str(REPOSITORY / ".build" / "ansible"))
