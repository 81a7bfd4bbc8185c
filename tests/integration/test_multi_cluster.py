# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ties two clusters, of release 15 and 12.5, together: begun when both are secured, done on both, and never half of it for longer than a run."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import free_network
from tests.integration.harness import Estate

ILS, LBM = "Cisco Intercluster Lookup Service", "Cisco Location Bandwidth Manager"
WRITTEN = [
    ("us-cm-pub", "updateIlsConfig"), ("emea-cm-pub", "updateIlsConfig"), ("us-cm-pub", ILS), ("emea-cm-pub", ILS),
    ("us-cm-pub", "LBMSecurityMode"), ("emea-cm-pub", "LBMSecurityMode"), ("us-cm-sub1", LBM), ("emea-cm-sub1", LBM),
    ("us-cm-pub", "LBMSecurityMode"), ("emea-cm-pub", "LBMSecurityMode"), ("us-cm-sub1", LBM), ("emea-cm-sub1", LBM),
    ("us-cm-pub", "addSipTrunkSecurityProfile"), ("emea-cm-pub", "addSipTrunkSecurityProfile"),
    ("us-cm-pub", "updateSipTrunk"), ("emea-cm-pub", "updateSipTrunk"), ("us-cm-pub", "resetSipTrunk"), ("emea-cm-pub", "resetSipTrunk")]


@pytest.fixture(scope="module")
def _pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """Both Unified CM clusters, each secured by itself."""
    found = Estate(Path(tmp_path_factory.mktemp("pair")), free_network(), ("us_cm", "emea_cm"))
    found.up()
    try:
        found.play("site.yml", "--skip-tags", "multi_cluster,phones,ldap,verify").ok()
        found.save("apart")
        yield found
    finally:
        found.down()


@pytest.fixture
def apart(_pair: Estate) -> Estate:
    """Two secured clusters whose links are as on day 0."""
    _pair.load("apart")
    return _pair


def play(estate: Estate, *arguments: str, playbook: str = "site.yml", **variables: object):
    """One run of the last play alone."""
    return estate.play(playbook, "--tags", "multi_cluster", *arguments, variables=variables)


def writes(estate: Estate, since: int) -> list[tuple[str, str]]:
    """(node, what) that was written since then: the operation, of a parameter its name, of a restart its service."""
    found = []
    for entry in estate.journal(writes=True, since=since):
        detail = entry["detail"]
        what = {"updateServiceParameter": detail.get("parameter"), "soapDoControlServices": detail.get("object")}.get(entry["operation"], entry["operation"])
        found.append((entry["node"], what))
    return found


def links(estate: Estate) -> dict[str, object]:
    """How the lab itself sees the links: ILS peers, LBM hubs, and the state of each leg of the intercluster trunks."""
    clusters = {cluster["name"]: cluster for cluster in json.loads(estate.lab("status", "--json"))["clusters"]}
    return {"ils": {name: cluster["ils"] for name, cluster in clusters.items()}, "lbm": {name: cluster["lbm"] for name, cluster in clusters.items()},
            "trunks": {state for name, trunk in (("us_cm", "EMEA_ICT"), ("emea_cm", "US_ICT")) for leg, state in clusters[name]["trunks"][trunk].items()
                       if leg.endswith(":5061")}}


SECURED = {"ils": {"us_cm": {"EMEA": "in step"}, "emea_cm": {"US": "in step"}}, "trunks": {"in service"},
           "lbm": {"us_cm": {"us-cm-sub1": {"emea-cm-sub1": "connected by TLS"}}, "emea_cm": {"emea-cm-sub1": {"us-cm-sub1": "connected by TLS"}}}}


def test_secured_in_order_proven_and_left_alone_by_the_second_run(apart: Estate) -> None:
    """Drift shows it, one run does it, the lab's own view agrees, the password is nowhere, a second run writes nothing."""
    since = apart.mark()
    planned = play(apart, playbook="drift.yml").ok()
    assert apart.journal(writes=True, since=since) == [] and planned.changed == 3
    run = play(apart, "-vvvv", "--diff").ok()
    assert writes(apart, since) == WRITTEN and links(apart) == SECURED and not run.pending
    assert {row["step"] for row in run.findings} >= {"mc-ils-tls", "mc-ils-password", "mc-lbm-secure", "trunk-srtp", "trunk-select-profile"}
    left = run.output + "".join(file.read_text() for file in apart.workspace.rglob("*") if file.is_file())
    assert "lab-Ils-2401" not in left
    since = apart.mark()
    assert play(apart).ok().changed == 0 and apart.journal(writes=True, since=since) == []


def test_other_readings(apart: Estate) -> None:
    """Codes in the place of words for an ILS peer, settings that count at once."""
    apart.lab("variant", "set", "ils_status_words", "codes", "ils_applies", "at_once", "ils_empty_password", "kept")
    play(apart).ok()
    assert links(apart) == SECURED
    since = apart.mark()
    assert play(apart).ok().changed == 0 and apart.journal(writes=True, since=since) == []


def test_killed_at_each_write_in_turn(apart: Estate) -> None:
    """Together the runs write what one does; ILS once more where it was killed before that could be noted."""
    since, killed = apart.mark(), 0
    while apart.play_and_kill(1, "site.yml", "--tags", "multi_cluster"):
        killed += 1
        assert killed < 3 * len(WRITTEN), writes(apart, since)
    assert killed >= len(WRITTEN) / 2
    play(apart).ok()
    done = writes(apart, since)
    ours = [entry for entry in done if entry[1] != "updateIlsConfig" and entry[1] != ILS]
    assert sorted(ours) == sorted(entry for entry in WRITTEN if entry[1] != "updateIlsConfig" and entry[1] != ILS)
    assert links(apart) == SECURED
    since = apart.mark()
    assert play(apart).ok().changed == 0 and apart.journal(writes=True, since=since) == []


def test_hub_that_does_not_come_back_keeps_all_from_secure(apart: Estate) -> None:
    """Both clusters stay at Mixed, which all hubs understand; when it is well again, the next run goes on."""
    apart.fault(node="emea-cm-sub1", channel="services", operation="restart " + LBM, action="never")
    since = apart.mark()
    play(apart, multi_cluster_timeout=4).refused("emea-cm-sub1", LBM)
    assert writes(apart, since).count(("us-cm-pub", "LBMSecurityMode")) == writes(apart, since).count(("emea-cm-pub", "LBMSecurityMode")) == 1
    assert not [entry for entry in writes(apart, since) if "Trunk" in entry[1]]
    apart.lab("fault", "clear")
    play(apart).ok()
    assert links(apart) == SECURED


def test_fault_at_the_other_end_of_a_trunk(apart: Estate) -> None:
    """The trunk of one cluster is changed, the other cluster refuses: the next run switches the other end, then resets both."""
    apart.fault(node="emea-cm-pub", channel="axl", operation="updateSipTrunk*", action="status", status=500, body="<html>out of order</html>")
    since = apart.mark()
    play(apart).refused("updateSipTrunk")
    assert [entry for entry in writes(apart, since) if "Trunk" in entry[1]] == WRITTEN[12:16], "the refused request is the last"
    since = apart.mark()
    play(apart).ok()
    assert writes(apart, since) == WRITTEN[15:] and links(apart) == SECURED


def test_other_password_on_one_cluster_is_put_right_on_request(apart: Estate) -> None:
    """AXL cannot tell, the peers can: they lose each other, which is a finding; and with apply it is written once more."""
    play(apart).ok()
    run = play(apart, multi_cluster_ils_apply=True).ok()
    assert run.changed == 1 and {op["operation"] for op in run.operations} == {"updateIlsConfig", "soapDoControlServices"}
    assert links(apart) == SECURED


@pytest.mark.parametrize("arguments, variables, objects", [
    ((), {"collab_disruption": []}, {"ILS", "LBM Security Mode", "EMEA_ICT (us_cm)", "US_ICT (emea_cm)"}),
    ((), {"collab_ils": None, "collab_lbm_security_mode": None, "collab_disruption": ["services"]},
     {"ILS (us_cm)", "ILS (emea_cm)", "LBM Security Mode (us_cm)", "LBM Security Mode (emea_cm)", "EMEA_ICT (us_cm)", "US_ICT (emea_cm)"}),
    (("--limit", "us-cm-pub"), {}, {"emea-cm-pub"}),
], ids=["not granted", "not said", "one cluster only"])
def test_what_is_not_begun(apart: Estate, arguments: tuple[str, ...], variables: dict, objects: set[str]) -> None:
    """At most the profiles of the trunks are made, which disturbs nothing."""
    since = apart.mark()
    run = play(apart, *arguments, **variables).ok()
    assert {entry[1] for entry in writes(apart, since)} <= {"addSipTrunkSecurityProfile"}
    assert {p["object"] for p in run.pending} == objects


def test_cluster_that_failed_earlier_keeps_the_phase_from_beginning(apart: Estate) -> None:
    """The run ends where the other cluster failed, and drift says that this part was not looked at."""
    bad = {"collab_enterprise_ca": "{{ {'method': 'adcs'} if collab_cluster == 'us_cm' else undefined_on_purpose }}"}
    since = apart.mark()
    run = apart.play("site.yml", "--tags", "certificates,multi_cluster", variables=bad)
    assert run.code != 0 and not set(writes(apart, since)) & set(WRITTEN)
    run = apart.play("drift.yml", "--tags", "certificates,multi_cluster", variables=bad)
    assert [p["object"] for p in run.pending if p["id"] == "multi-cluster"] == ["emea-cm-pub"] * 3


@pytest.mark.parametrize("variables, words", [
    ({"collab_ils": {"role": "Spoke Cluster", "registration_server": "", "synchronize_clusters_every": 10}}, ("collab_ils", "us_cm", "Hub Cluster")),
    ({"collab_ils": {"role": "King", "registration_server": "", "synchronize_clusters_every": 10}}, ("collab_ils", "King")),
])
def test_bad_input(apart: Estate, variables: dict, words: tuple[str, ...]) -> None:
    """A role is resent, never changed."""
    since = apart.mark()
    play(apart, **variables).refused(*words)
    assert apart.journal(writes=True, since=since) == []
