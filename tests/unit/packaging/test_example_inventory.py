# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory that a site copies tells of every secret that it asks for."""
from __future__ import annotations

import re
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[3] / "inventories" / "ent_pa"


def test_the_list_of_secrets_is_that_of_the_variables():
    asked = {name for file in EXAMPLE.rglob("*.yml") for name in re.findall(r"\bvault_[a-z0-9_]+", file.read_text(encoding="utf-8"))}
    told = re.findall(r"^(vault_[a-z0-9_]+): ", (EXAMPLE / "files" / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(asked)
