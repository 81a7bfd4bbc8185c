# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is due, what moves in one run, and what waits for what."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.renewal import CA
from ansible_collections.collab.security.plugins.plugin_utils.renewal import IDENTITY
from ansible_collections.collab.security.plugins.plugin_utils.renewal import LSC
from ansible_collections.collab.security.plugins.plugin_utils.renewal import TRUST
from ansible_collections.collab.security.plugins.plugin_utils.renewal import Certificate
from ansible_collections.collab.security.plugins.plugin_utils.renewal import due
from ansible_collections.collab.security.plugins.plugin_utils.renewal import plan
from ansible_collections.collab.security.plugins.plugin_utils.renewal import short_lived
from ansible_collections.collab.security.plugins.plugin_utils.renewal_report import row
from ansible_collections.collab.security.plugins.plugin_utils.renewal_report import table

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SIGNED = ("tomcat", "CallManager")


def one(name, ends, kind=IDENTITY, made=-400, managed=None, subject="", root=False, nodes=("pub",), sha256=None, above=()):
    """A certificate that ends in so many days."""
    return Certificate(name, kind, nodes, subject or "CN=" + name, sha256 or "%s-%s-%s" % (name, kind, ends), NOW + timedelta(made), NOW + timedelta(ends),
                       name in SIGNED if managed is None else managed, root, above)


def planned(*certificates, days=60, settle=7, debts=()):
    return plan(certificates, NOW, days, settle, debts)


def names(groups):
    return [group.name for group in groups]


def test_only_what_ends_in_time_is_due_and_the_first_comes_first():
    found = due([one("a", 59), one("b", 61), one("c", -1), one("d", 60)], NOW, 60)
    assert [c.name for c in found] == ["c", "a"]


def test_nothing_due_is_no_group():
    assert planned(one("tomcat", 300), one("TVS", 1700), one("ca.pem", 3000, CA)) == []


def test_a_service_is_one_group_on_all_of_its_nodes():
    groups = planned(one("tomcat", 10, nodes=("pub", "sub")), one("tomcat", 12, nodes=("imp",)))
    assert names(groups) == ["tomcat"] and len(groups[0].certificates) == 2 and groups[0].managed and not groups[0].held


@pytest.mark.parametrize(("ends", "first"), [
    ({"CallManager": 20, "TVS": 20}, "CallManager"),
    ({"CallManager": 50, "TVS": 2}, "CallManager"),         # what nobody does by hand must not keep it from its renewal
    ({"CallManager": 20, "CAPF": 20, "ITLRecovery": 20}, "CallManager"),
    ({"TVS": 20, "ITLRecovery": 20}, "TVS"),
    ({"TVS": 20, "ITLRecovery": 10}, "ITLRecovery"),
    ({"CAPF": 20, "TVS": 20}, "CAPF"),
    ({"CallManager": 20, "CallManager-ECDSA": 20}, "CallManager"),
])
def test_what_phones_verify_with_moves_one_at_a_time(ends, first):
    groups = planned(*(one(name, days) for name, days in ends.items()))
    assert names(g for g in groups if not g.held) == [first]
    assert all("%s comes first" % first in g.held for g in groups if g.name != first)


def test_where_a_role_renews_both_the_one_that_ends_first_moves():
    groups = planned(one("CallManager", 40), one("CAPF", 20, managed=True))
    assert [(g.name, bool(g.held)) for g in groups] == [("CAPF", False), ("CallManager", True)]
    assert groups[1].until == NOW + timedelta(7)


def test_tomcat_moves_beside_them():
    groups = planned(one("tomcat", 20), one("CallManager", 20), one("TVS", 20))
    assert names(g for g in groups if not g.held) == ["tomcat", "CallManager"]


@pytest.mark.parametrize(("made", "held"), [(-1, True), (-6.9, True), (-7, False), (-30, False)])
def test_the_next_waits_until_phones_have_had_time(made, held):
    group, = planned(one("CallManager", 700, made=made), one("TVS", 20))
    assert bool(group.held) is held
    assert group.until == (NOW + timedelta(made + 7) if held else None)


def test_its_own_age_holds_nothing():
    group, = planned(one("CallManager", 20, made=-1), one("TVS", 700))
    assert not group.held


@pytest.mark.parametrize(("what", "reason", "held"), [
    ("phones", "the CTL file has changed", True),
    ("Cisco Tftp", "new CAPF certificate", True),
    ("Cisco Tftp", "new CallManager certificate", False),       # its own renewal, killed before the upload: it goes on
    ("Cisco Tomcat", "new tomcat certificate", False),
    ("Cisco Tftp", "new tomcat certificate", False),            # TFTP shows it, and phones need not know it
    ("Cisco Tftp", "certificates came into CallManager-trust", False),
    ("Cisco Tftp", "new tomcat certificate; new TVS certificate", True),
])
def test_a_debt_to_phones_holds(what, reason, held):
    group, = planned(one("CallManager", 20), debts=[{"what": what, "node": "pub", "reason": reason}])
    assert bool(group.held) is held


def test_a_ca_without_a_successor_holds_what_it_would_issue():
    groups = planned(one("ca.pem", 20, CA, root=True), one("tomcat", 20), one("TVS", 20))
    assert [(g.name, bool(g.held)) for g in groups] == [("ca.pem", False), ("tomcat", True), ("TVS", False)]
    assert "no successor" in groups[1].held


def test_a_successor_goes_into_the_stores_and_holds_nothing():
    old, new = (one("ca.pem", days, CA, root=True, subject="CN=Root", sha256=print_) for days, print_ in ((20, "old"), (4000, "new")))
    in_store = one("tomcat-trust", 20, TRUST, root=True, subject="CN=Root", sha256="old")
    groups = planned(old, new, in_store, one("tomcat", 20))
    assert [(g.name, g.managed, bool(g.held)) for g in groups] == [("tomcat-trust", True, False), ("tomcat", True, False)]
    there = one("tomcat-trust", 4000, TRUST, root=True, subject="CN=Root", sha256="new")
    assert "tomcat-trust" not in names(planned(old, new, in_store, there))


def test_a_successor_has_to_be_in_the_store_of_every_node():
    old, new = (one("ca.pem", days, CA, root=True, subject="CN=Root", sha256=print_) for days, print_ in ((20, "old"), (4000, "new")))
    on_both = one("trusted CAs", 20, TRUST, root=True, subject="CN=Root", sha256="old", nodes=("peer1", "peer2"))
    on_one = one("trusted CAs", 4000, TRUST, root=True, subject="CN=Root", sha256="new", nodes=("peer1",))
    assert names(planned(old, new, on_both, on_one)) == ["trusted CAs"]
    assert planned(old, new, on_both, replace(on_one, nodes=("peer1", "peer2"))) == []


def test_a_ca_that_ends_holds_only_what_it_issues():
    enterprise, public = one("ca.pem", 4000, CA, root=True, sha256="lasts"), one("public.pem", 20, CA, root=True, sha256="ends")
    groups = planned(enterprise, public, one("server", 20, managed=True, above=("lasts",)), one("other", 20, managed=True, above=("between", "ends")))
    assert {g.name: bool(g.held) for g in groups if g.kind == IDENTITY} == {"server": False, "other": True}


def test_somebody_elses_ca_is_nobodys_to_renew():
    group, = planned(one("CallManager-trust", 20, TRUST, root=True, subject="CN=Other"), one("ca.pem", 4000, CA, root=True, subject="CN=Root"))
    assert group.kind == TRUST and not group.managed


@pytest.mark.parametrize(("capf", "held"), [(20, True), (700, False)])
def test_lscs_wait_for_capf(capf, held):
    group = planned(one("CAPF", capf), one("LSC", 20, LSC, managed=True))[-1]
    assert group.name == "LSC" and bool(group.held) is held


def test_a_life_shorter_than_the_threshold_is_told():
    short, long = one("tomcat", 20, made=-10), one("CallManager", 20)
    assert short_lived(planned(short, long), 60) == [short]


def test_the_table_says_what_becomes_of_each():
    certificates = [one("CallManager", 20), one("TVS", 25), one("tomcat", 300)]
    groups = planned(*certificates)
    us = {"cluster": "us_cm", "certificates": [row(c, groups, NOW) for c in certificates],
          "held": [{"name": g.name, "reason": g.held, "until": g.until.isoformat()} for g in groups if g.held]}
    edge = {"cluster": "us_expc", "certificates": [row(one("server", 22), planned(one("server", 22, managed=True)), NOW)], "held": []}
    lines = table([us, edge])
    assert lines[0].split() == ["ENDS", "DAYS", "CLUSTER", "KIND", "CERTIFICATE", "NODES", "STATE"]
    assert [(line.split()[2], line.split()[-1]) for line in lines[1:5]] == [("us_cm", "due"), ("us_expc", "due"), ("us_cm", "held"), ("us_cm", "lasts")]
    assert lines[5].startswith("us_cm: TVS waits until 2026-12-03: CallManager comes first")
