# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what was written and cannot be read back."""
from __future__ import annotations

import json
import stat

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.written import Written
from ansible_collections.collab.security.plugins.plugin_utils.written import WrittenError


def test_same_only_after_it_was_noted_and_only_for_that_value(tmp_path):
    record = Written(tmp_path, "us_cm")
    assert not record.same("ILS", "planted-secret")
    record.note("ILS", "planted-secret")
    record.note("other", "planted-secret")
    again = Written(tmp_path, "us_cm")
    assert again.same("ILS", "planted-secret") and not again.same("ILS", "planted-secret2") and not Written(tmp_path, "emea_cm").same("ILS", "planted-secret")
    entries = json.loads(again.path.read_text())["written"]
    assert "planted" not in again.path.read_text() and entries["ILS"]["digest"] != entries["other"]["digest"]
    assert stat.S_IMODE(again.path.stat().st_mode) == 0o600


def test_without_a_workspace_nothing_is_written_that_could_not_be_noted():
    record = Written(None, "us_cm")
    assert not record.same("ILS", "x")
    with pytest.raises(WrittenError, match="collab_workspace"):
        record.needed("ILS")


@pytest.mark.parametrize("content", ["rubbish", "[]", '{"version": 1, "written": {"ILS": {}}}', '{"version": 1, "written": []}'])
def test_damaged_record_is_said(tmp_path, content):
    (tmp_path / "us_cm").mkdir()
    (tmp_path / "us_cm" / "written.json").write_text(content)
    with pytest.raises(WrittenError, match="written.json.*Delete it"):
        Written(tmp_path, "us_cm").same("ILS", "x")
