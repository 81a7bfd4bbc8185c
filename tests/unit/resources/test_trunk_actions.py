# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two trunk modules on a cluster of dicts: what they write, when they do not, and what a killed run leaves."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.sip_trunk import ActionModule as Trunk
from ansible_collections.collab.security.plugins.action.sip_trunk_security_profile import ActionModule as Profile
from ansible_collections.collab.security.plugins.plugin_utils.resources.sip_trunk import BadTrunks

ARGS = {"exclude": ["US_B2B"]}
GRANTED = {**ARGS, "granted": True}


def operations(cluster):
    return [(operation, arguments.get("name") or arguments["sipTrunkSecurityProfile"]["name"]) for operation, arguments in cluster.writes]


def test_from_plain_to_tls(cluster, run, owed):
    run(Profile, ARGS)
    result = run(Trunk, GRANTED)
    assert operations(cluster) == [
        ("addSipTrunkSecurityProfile", "CUBE Profile - TLS"), ("addSipTrunkSecurityProfile", "Unity Profile - TLS"),
        ("updateSipTrunk", "US_CUBE"), ("resetSipTrunk", "US_CUBE"), ("updateSipTrunk", "US_UNITY"), ("resetSipTrunk", "US_UNITY")]
    assert {row["name"]: row["state"] for row in result["trunks"]} == {"US_CUBE": "secured", "US_UNITY": "secured", "US_GW": "pending"}
    assert [row["object"] for row in result["pending"]] == ["US_GW"]
    assert {row["step"] for row in result["findings"] if row["object"] == "US_CUBE"} >= {
        "trunk-srtp", "trunk-destination-port", "trunk-select-profile", "trunk-outgoing-transport"}
    assert owed.items() == []
    assert result["presence_trunks"]["US_IMP"].startswith("the service parameter")


def test_second_run_writes_nothing(cluster, run):
    run(Profile, ARGS)
    run(Trunk, GRANTED)
    cluster.writes.clear()
    assert not run(Profile, ARGS)["changed"]
    assert not run(Trunk, GRANTED)["changed"]
    assert cluster.writes == []


def test_check_mode_writes_nothing_and_says_the_same(cluster, run, owed):
    profiles, trunks = run(Profile, ARGS, check=True), run(Trunk, GRANTED, check=True)
    assert cluster.writes == [] and owed.items() == []
    done_profiles, done_trunks = run(Profile, ARGS), run(Trunk, GRANTED)
    for before, after in ((profiles, done_profiles), (trunks, done_trunks)):
        assert {key: before[key] for key in ("changed", "operations", "findings", "before", "after", "impact")} == {
            key: after[key] for key in ("changed", "operations", "findings", "before", "after", "impact")}


def test_not_granted_is_pending(cluster, run):
    run(Profile, ARGS)
    cluster.writes.clear()
    result = run(Trunk, ARGS)
    assert cluster.writes == [] and not result["changed"]
    assert "may not disturb" in next(row["reason"] for row in result["pending"] if row["object"] == "US_CUBE")


def test_missing_profile_holds_the_trunk(cluster, run):
    result = run(Trunk, GRANTED)
    assert cluster.writes == []
    assert "not yet as it has to be" in next(row["reason"] for row in result["pending"] if row["object"] == "US_CUBE")


def test_own_certificate_of_day_0_holds_the_trunks(cluster, run, make):
    run(Profile, ARGS)
    cluster.writes.clear()
    cluster.served["10.0.1.1", 5061] = (make["pem"]("us-cm-pub.ent-pa.com"), False)
    result = run(Trunk, GRANTED)
    assert cluster.writes == []
    assert "us-cm-pub:5061" in next(row["reason"] for row in result["pending"] if row["object"] == "US_CUBE")


@pytest.mark.parametrize("write", range(6))
def test_killed_at_any_write_the_next_run_finishes(cluster, run, owed, write):
    cluster.fail_at = write
    with pytest.raises(KeyboardInterrupt):
        run(Profile, ARGS)
        run(Trunk, GRANTED)
    cluster.fail_at = None
    done = list(cluster.writes)
    run(Profile, ARGS)
    run(Trunk, GRANTED)
    for trunk in ("US_CUBE", "US_UNITY"):
        assert ("resetSipTrunk", trunk) in operations(cluster)
        kinds = [operation for operation, name in operations(cluster) if name == trunk]
        assert kinds.index("updateSipTrunk") < kinds.index("resetSipTrunk")
    assert cluster.row("sipTrunk", "US_CUBE")["srtpAllowed"] == "true"
    assert owed.items() == []
    assert len(cluster.writes) - len(done) == 6 - write


@pytest.mark.parametrize("write", range(6))
def test_killed_after_any_write_no_reset_is_lost(cluster, run, owed, write):
    cluster.fail_at, cluster.fail_after = write, True
    with pytest.raises(KeyboardInterrupt):
        run(Profile, ARGS)
        run(Trunk, GRANTED)
    cluster.fail_at = None
    run(Profile, ARGS)
    run(Trunk, GRANTED)
    for trunk in ("US_CUBE", "US_UNITY"):
        kinds = [operation for operation, name in operations(cluster) if name == trunk]
        assert kinds.count("updateSipTrunk") == 1 and kinds[-1] == "resetSipTrunk"
    assert owed.items() == []


def test_reset_that_a_killed_run_owes_is_pending_without_grant(cluster, run, owed):
    run(Profile, ARGS)
    cluster.fail_at = 1
    with pytest.raises(KeyboardInterrupt):
        run(Trunk, GRANTED)
    cluster.fail_at = None
    assert [entry["what"] for entry in owed.items()] == ["reset:trunk:US_CUBE"]
    result = run(Trunk, ARGS)
    assert "sip-trunk-reset-owed" in [row["id"] for row in result["findings"]]
    assert [entry["what"] for entry in owed.items()] == ["reset:trunk:US_CUBE"]


def test_changed_profile_owes_its_trunks_a_reset(cluster, run, owed):
    run(Profile, ARGS)
    run(Trunk, GRANTED)
    cluster.row("sipTrunkSecurityProfile", "CUBE Profile - TLS")["securityMode"] = "Authenticated"
    cluster.writes.clear()
    result = run(Profile, ARGS)
    assert cluster.writes == [("updateSipTrunkSecurityProfile", {"name": "CUBE Profile - TLS", "securityMode": "Encrypted"})]
    assert result["impact"] == [{"node": "us-cm-pub", "kind": "trunk_reset", "what": "US_CUBE"}]
    assert [row["step"] for row in result["findings"]] == ["trunk-profile-mode"]
    run(Trunk, GRANTED)
    assert operations(cluster)[1:] == [("resetSipTrunk", "US_CUBE")]
    assert owed.items() == []


def test_unknown_trunk_and_presence_trunk_stop_before_anything(cluster, run):
    for name in ("NO_SUCH", "US_IMP"):
        for action in (Profile, Trunk):
            with pytest.raises(BadTrunks, match=name):
                run(action, {"trunks": [{"name": name}]})
    assert cluster.writes == [] and cluster.probes == []


def test_presence_trunk_is_never_named_in_a_write(cluster, run):
    run(Profile, {})
    run(Trunk, {"granted": True})
    assert "US_IMP" not in str(cluster.writes) and "Presence Profile" not in str(cluster.writes)


def test_far_end_of_a_secured_trunk_that_fails_is_a_finding_only(cluster, run):
    run(Profile, ARGS)
    run(Trunk, GRANTED)
    del cluster.served["10.0.0.1", 5061]
    result = run(Trunk, GRANTED)
    assert not result["changed"]
    assert [row["id"] for row in result["findings"] if row["object"] == "US_CUBE"] == ["sip-trunk-far-end"]
