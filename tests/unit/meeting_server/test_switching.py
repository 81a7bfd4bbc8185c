# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a service has is right already."""
from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.meeting_server import switching


@pytest.mark.parametrize(("name", "chain", "right"), [
    ("full.cer", "", True), ("own.cer", "ca.cer", True), ("own.cer", "", False), ("own.cer", "gone.cer", False)])
def test_the_chain_may_stand_with_the_certificate_or_beside_it(monkeypatch, name, chain, right):
    """Administrators give a Call Bridge one file with everything (TN221729): nothing is to be done about that."""
    monkeypatch.setattr(switching, "fingerprint", str)
    switch = switching.Switch.__new__(switching.Switch)
    switch.server = SimpleNamespace(certificates={"full.cer": ["own", "issuing", "root"], "own.cer": ["own"], "ca.cer": ["root", "issuing"]})
    switch.files = SimpleNamespace(chain=["issuing", "root"])
    assert switch.chained(name, chain) is right
