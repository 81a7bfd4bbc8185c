# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a renewal is told of a router: the newest generation of its own trustpoints, those of others, and the CAs that it holds."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.ios import renewal
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import fingerprint

from .fake_router import FakeAction
from .test_identity import Bench


@pytest.fixture
def bench(tmp_path, root, authority, monkeypatch):
    monkeypatch.setattr(renewal, "names", lambda action: ["CUBE-Certificate"])
    return Bench(tmp_path, root, authority)


def read(bench):
    return renewal.read(FakeAction(bench.router, bench.workspace), [bench.root.certificate, bench.authority.certificate])


def ends(found, name):
    return [(one.managed, (one.not_after - one.not_before).days - 30) for one in found if (one.kind, one.name) == ("identity", name)]


def test_the_newest_generation_counts(bench):
    bench.whole(20)
    assert ends(read(bench), "CUBE-Certificate") == [(True, 20)]
    bench.whole(400)                                            # the next generation, beside it
    assert "CUBE-Certificate-2" in bench.router.identities and ends(read(bench), "CUBE-Certificate") == [(True, 400)]


def test_one_that_has_ended_is_told(bench):
    bench.whole(400)
    bench.router.identities["CUBE-Certificate"] = bench.authority.issue(bench.router.identities["CUBE-Certificate"].subject,
                                                                      bench.router.identities["CUBE-Certificate"].public_key(), -1)
    assert ends(read(bench), "CUBE-Certificate") == [(True, -1)]


def test_what_others_made_is_theirs(bench, monkeypatch):
    bench.whole(20)
    monkeypatch.setattr(renewal, "names", lambda action: ["OTHER-Certificate"])
    assert ends(read(bench), "CUBE-Certificate") == [(False, 20)]


def test_cas_are_those_of_all_trustpoints(bench):
    bench.whole(20)
    assert {one.sha256 for one in read(bench) if one.kind == "trust"} == {fingerprint(bench.authority.certificate)}
