# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster's nodes hold as the planner takes it, and what the operator is told of it."""
from __future__ import annotations

import sys
import types
from datetime import timedelta
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils import renewal
from ansible_collections.collab.security.plugins.plugin_utils import renewal_reading
from ansible_collections.collab.security.plugins.plugin_utils import renewal_report
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

sys.path.insert(0, str(Path(__file__).parent))
from fake_nodes import PRESENCE  # noqa: E402
from fake_nodes import Action  # noqa: E402
from fake_nodes import Cluster  # noqa: E402


@pytest.fixture
def cluster(kit, ca):
    """Shared certificates for tomcat and CallManager, TVS for each node, ITLRecovery on the publisher, the CA in one store."""
    cluster, shared = Cluster(kit, ca), {s: ca.issue(kit.csr(), days=20) for s in ("tomcat", "CallManager")}
    for name, node in cluster.store.items():
        node["identities"].update({"tomcat": shared["tomcat"]} if name in PRESENCE else shared)
    for name in kit.NODES:
        cluster.store[name]["identities"]["TVS"] = kit.make(name, "tvs " + name, days=50)
    cluster.store[kit.NODES[0]]["identities"]["ITLRecovery"] = kit.make("ITLRECOVERY", "itl", days=50)
    cluster.store[kit.NODES[0]]["trust"]["tomcat"] = [ca.root, kit.make("peer", "peer")]
    return cluster


def read(cluster, kit, tmp_path, presence=PRESENCE, **more):
    return renewal_reading.of_nodes(Action(cluster, kit, tmp_path, presence=presence, **more), more.get("product", "unified_cm"), {"tomcat", "callmanager"},
                                    ())


@pytest.mark.parametrize("release", ["15", "12.5"])
def test_one_certificate_on_many_nodes_is_one(cluster, kit, tmp_path, release):
    found = {(one.kind, one.name, one.nodes): one for one in read(cluster, kit, tmp_path, release=release)}
    nodes = tuple(n.partition(".")[0] for n in kit.NODES)
    shared = found["identity", "tomcat", tuple(sorted((*nodes, *(n.partition(".")[0] for n in PRESENCE))))]
    assert shared.managed and not shared.root
    assert found["identity", "CallManager", nodes].managed
    assert {key for key in found if key[1] == "TVS"} == {("identity", "TVS", (node,)) for node in nodes}
    recovery = found["identity", "ITLRecovery", nodes[:1]]
    assert recovery.root and not recovery.managed
    assert [key for key in found if key[0] == "trust"] == [("trust", "tomcat-trust", nodes[:1])]     # the CA, not the peer's own
    assert not [key for key in found if "xmpp" in key[1]]
    assert cluster.writes == []


def test_presence_has_certificates_of_its_own(cluster, kit, tmp_path):
    found = read(cluster, kit, tmp_path, presence=(), product="im_presence", names=PRESENCE)
    assert {one.name for one in found} == {"cup-xmpp", "cup-xmpp-s2s"}


def test_a_file_that_cannot_be_read_is_named(tmp_path, ca):
    good = tmp_path / "chain.pem"
    good.write_text(pem.to_pem(ca.root) + pem.to_pem(ca.intermediate))
    assert renewal_reading.in_file(str(good)) == [ca.root, ca.intermediate]
    with pytest.raises(AnsibleActionFail, match="ca_files: .*absent.pem"):
        renewal_reading.in_file(str(tmp_path / "absent.pem"))


def test_lscs_are_told_by_day():
    phones = [types.SimpleNamespace(lsc_until=until) for until in (0, 1795464000, 1795464060, 1795464000 + 86400)]
    found = renewal_reading.lscs(phones)
    assert [(one.nodes, one.managed) for one in found] == [(("2 phones",), True), (("1 phones",), True)]


def test_the_operator_is_told_what_waits_and_what_to_do(cluster, kit, tmp_path):
    certificates, report, now = read(cluster, kit, tmp_path), Report(), kit.NOW
    groups = renewal.plan(certificates, now, 60, 7)
    renewal_report.tell(report, certificates, groups, now, 60)
    result = report.result()
    assert not result["changed"] and set(renewal_report.now_due(groups)) == {"tomcat", "CallManager"}
    assert {f["object"]: f["id"] for f in result["findings"]}["TVS"] == "certificate-ends"
    held = {p["object"]: p for p in result["pending"]}
    assert held["TVS"]["id"] == "renewal-held" and "set cert regen TVS" in held["TVS"]["what_to_do"][1]
    assert [row["name"] for row in result["held"]] == ["TVS", "ITLRecovery"] and result["held"][0]["until"] == "2026-11-30T12:00:00Z"
    ends = [row["not_after"] for row in result["certificates"]]
    assert ends == sorted(ends)
    # The next time TVS is the first: now a person does it, and the rest waits for it.
    later, report = now + timedelta(8), Report()
    left = [one for one in certificates if one.name in ("TVS", "ITLRecovery")]
    renewal_report.tell(report, left, renewal.plan(left, later, 60, 7), later, 60)
    assert [(p["id"], p["object"]) for p in report.pendings] == [("renewal-by-hand", "TVS"), ("renewal-held", "ITLRecovery")]
    assert any("Trust Verification Service" in text for text in report.pendings[0]["what_to_do"])
