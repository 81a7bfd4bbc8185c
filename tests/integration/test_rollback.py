# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollback: what a run changed is brought back as far as it can be, the rest is said, and what others did since is theirs."""
from __future__ import annotations

import json
import re

import pytest

from tests.integration.administrator import Administrator
from tests.integration.expressway_administrator import ExpresswayAdministrator
from tests.integration.harness import Estate

ALL = {"rollback_since": "all"}


def rows(admin: Administrator, noun: str, *tags: str) -> dict[str, dict[str, str]]:
    """All objects of a class as AXL lists them, by name."""
    reply = admin.axl("list" + noun, "<searchCriteria><name>%</name></searchCriteria><returnedTags>" + "".join("<%s/>" % tag for tag in ("name", *tags))
                      + "</returnedTags>")
    tag = noun[0].lower() + noun[1:]
    found = [dict(re.findall(r"<(\w+)(?: [^>]*)?>([^<]*)</\1>", text)) for text in re.findall("<%s[ >].*?</%s>" % (tag, tag), reply, re.DOTALL)]
    return {row["name"]: row for row in found}


def ends(admin: Administrator, operation: str, name: str = "") -> list[tuple[str, str]]:
    """(element, value) of the members that only a get shows, in their order: destinations of a trunk, servers of an LDAP agreement."""
    reply = admin.axl(operation, "<name>%s</name>" % name if name else "")
    return re.findall(r"<(addressIpv4|port|hostName|ldapPortNumber|sslEnabled)(?: [^>]*)?>([^<]*)<", reply)


def owned(estate: Estate) -> dict[str, object]:
    """Everything of the US cluster that a run writes and that is declared reversible, by another client."""
    admin = Administrator(estate)
    trunks, directories = rows(admin, "SipTrunk", "networkLocation", "securityProfileName", "srtpAllowed"), rows(admin, "LdapDirectory")
    parameters = admin.axl("listServiceParameter", "<searchCriteria><processNodeName>EnterpriseWideData</processNodeName><service>Enterprise Wide</service>"
                           "</searchCriteria><returnedTags><name/><value/></returnedTags>")
    return {
        "trunks": trunks, "destinations": {name: ends(admin, "getSipTrunk", name) for name in trunks},
        "phones": {name: row["securityProfileName"] for name, row in rows(admin, "Phone", "securityProfileName").items()},
        "srst": rows(admin, "Srst", "SipPort", "isSecure"),
        "directories": {name: ends(admin, "getLdapDirectory", name) for name in directories}, "authentication": ends(admin, "getLdapAuthentication"),
        "parameters": {name: value for name, value in re.findall("<name>([^<]*)</name><value>([^<]*)</value>", parameters)
                       if name not in ("ClusterSecurityMode", "ClusterSIPOAuthMode")},
    }


def profiles(estate: Estate) -> dict[str, dict]:
    """SIP trunk and phone security profiles."""
    admin = Administrator(estate)
    return {**rows(admin, "SipTrunkSecurityProfile", "securityMode", "x509SubjectName", "incomingPort"),
            **rows(admin, "PhoneSecurityProfile", "deviceSecurityMode", "transportType")}


def test_what_can_be_brought_back_is_and_the_rest_is_said(estate: Estate) -> None:
    """The cluster is as before in everything declared reversible; check mode writes nothing, a second rollback nothing either."""
    before, there = owned(estate), profiles(estate)
    estate.play().ok()
    secured = owned(estate)
    assert secured["trunks"] != before["trunks"] and secured["phones"] != before["phones"] and secured["destinations"] != before["destinations"]

    since = estate.mark()
    foreseen = estate.play("rollback.yml", "--check", variables=ALL).ok()
    assert estate.journal(writes=True, since=since) == [] and owned(estate) == secured

    done = estate.play("rollback.yml", variables=ALL).ok()
    assert owned(estate) == before
    assert {(o["operation"], o["object"]) for o in done.operations if o["operation"].startswith("update")} == {
        (o["operation"], o["object"]) for o in foreseen.operations if o["operation"].startswith("update")}
    added = {name for name in profiles(estate) if name not in there}
    assert added and added == {f["object"] for f in done.findings if f["id"] == "rollback-added"}
    assert {name: row for name, row in profiles(estate).items() if name in there} == there
    said = " ".join(p["object"] for p in done.pending if p["id"] == "rollback-not-possible")
    assert all(word in said for word in ("identity certificate", "trusted CA certificate", "CTL file", "SIP OAuth", "LSC")), said
    kept = list(estate.workspace.glob("us_cm/saved/certificates/*.pem"))
    assert kept and all(":".join(re.findall("..", file.stem)) in said and file.stat().st_mode & 0o077 == 0 for file in kept)
    assert "before: non-secure mode, no CTL file" in said and "serial number" in said

    since = estate.mark()
    assert estate.play("rollback.yml", variables=ALL).ok().changed == 0
    assert estate.journal(writes=True, since=since) == []


def test_added_profiles_go_only_where_they_are_named(estate: Estate) -> None:
    """Of two profiles that were added, the one that is named is removed, once no trunk uses it any more."""
    there = profiles(estate)
    estate.play().ok()
    added = sorted(name for name in profiles(estate) if name not in there and name.endswith(" - TLS"))
    estate.play("rollback.yml", variables={**ALL, "rollback_remove": added[:1]}).ok()
    left = profiles(estate)
    assert added[0] not in left and added[1] in left
    assert estate.play("rollback.yml", variables={**ALL, "rollback_remove": added[:1]}).ok().changed == 0


def test_a_killed_run_is_brought_back_as_well(estate: Estate) -> None:
    """Whatever the run had done when it was killed is taken back, to the state before it began."""
    since = estate.mark()
    estate.play().ok()
    writes = [e["operation"] for e in estate.journal(writes=True, since=since)]
    middle = max(i for i, operation in enumerate(writes) if "updateSipTrunk" in operation and "Profile" not in operation)
    estate.load("day0")
    before = owned(estate)
    assert estate.play_and_kill(middle)
    assert owned(estate) != before
    estate.play("rollback.yml", variables=ALL).ok()
    assert owned(estate) == before


def test_what_others_changed_since_is_left_unless_it_is_named(estate: Estate) -> None:
    """A trunk that somebody has given another profile since is reported and left; named, it is brought back."""
    before = owned(estate)
    estate.play().ok()
    Administrator(estate).axl("updateSipTrunk", "<name>US_UNITY</name><securityProfileName>Non Secure SIP Trunk Profile</securityProfileName>")
    changed = owned(estate)["trunks"]["US_UNITY"]

    quiet = estate.play("rollback.yml", "--check", variables={**ALL, "rollback_exclude": ["US_UNITY"]}).ok()
    assert "US_UNITY" not in {f["object"] for f in quiet.findings} | {o["object"] for o in quiet.operations}
    run = estate.play("rollback.yml", variables=ALL).ok()
    assert ("rollback-changed-since", "US_UNITY") in {(f["id"], f["object"]) for f in run.findings}
    now = owned(estate)
    assert now["trunks"]["US_UNITY"] == changed
    assert {n: t for n, t in now["trunks"].items() if n != "US_UNITY"} == {n: t for n, t in before["trunks"].items() if n != "US_UNITY"}

    estate.play("rollback.yml", variables={**ALL, "rollback_overwrite": ["US_UNITY"]}).ok()
    assert owned(estate) == before


def test_not_granted_is_pending_and_bad_input_shows_the_runs(estate: Estate) -> None:
    """Without a grant trunks stay as they are, and say so; a point that is none fails before anything is written."""
    estate.play().ok()
    secured = owned(estate)
    since = estate.mark()
    estate.play("rollback.yml", variables={"rollback_since": "yesterday"}).refused("yesterday", "runs that are saved", "changes")
    assert estate.journal(writes=True, since=since) == []
    run = estate.play("rollback.yml", variables={**ALL, "collab_disruption": []}).ok()
    assert {p["id"] for p in run.pending} >= {"rollback-not-granted", "phones-not-granted"}
    assert owned(estate)["trunks"] == secured["trunks"]


def test_saved_files_are_private_and_hold_no_secret(estate: Estate) -> None:
    """Readable by their owner only, and none of the lab's passwords in them."""
    estate.play().ok()
    files = list(estate.workspace.glob("*/saved/*.jsonl"))
    assert files
    for file in files:
        assert file.stat().st_mode & 0o077 == 0
        assert not re.search(r"lab-[A-Z]\w+-\d{4}", file.read_text(encoding="utf-8"))


def test_check_mode_saves_nothing(estate: Estate) -> None:
    """What changes nothing has nothing to save."""
    estate.play("site.yml", "--check").ok()
    assert list(estate.workspace.glob("*/saved/*")) == []


def edge_settings(estate: Estate) -> dict[str, str]:
    """Settings and zones of both Expressways, by another client."""
    found = {}
    for name in ("us-expc1", "us-expe1"):
        admin = Administrator(estate, name)
        found[name + " mra"] = admin.expressway("/common/mra")
        found[name + " domains"] = admin.expressway("/common/domain")
        lines = re.findall(r"\*c xConfiguration .*", admin.xconfiguration(
            "xConfiguration Zones DefaultZone", "xConfiguration Policy AdministratorPolicy", "xConfiguration Zones Zone"))
        found[name + " cli"] = "\n".join(line for line in lines if "Password" not in line)        # which no rollback brings back
    return {**found, "credentials": Administrator(estate, "us-expe1").expressway("/common/credential")}


def test_expressway_settings_are_brought_back_and_what_was_added_is_removed(edge: Estate) -> None:
    """Settings are as before; zones, domains and the credential that were made are left, unless all of them are to be removed; servers are said."""
    before = edge_settings(edge)
    edge.play().ok()
    secured = edge_settings(edge)
    assert secured != before
    done = edge.play("rollback.yml", variables=ALL).ok()
    left = edge_settings(edge)
    assert {name: left[name] == before[name] for name in before if name.endswith("mra")} == {"us-expc1 mra": True, "us-expe1 mra": True}
    assert left["credentials"] == secured["credentials"] != before["credentials"]
    assert any(p["id"] == "rollback-not-possible" and "of an Expressway" in p["object"] for p in done.pending)
    edge.play("rollback.yml", variables={**ALL, "rollback_remove": ["all"]}).ok()
    assert edge_settings(edge) == before
    again = edge.play("rollback.yml", variables={**ALL, "rollback_remove": ["all"]}).ok()
    assert again.changed == 0 and not [f for f in again.findings if f["id"].startswith("rollback")]


@pytest.mark.parametrize("zones", ["offered", "absent"])
def test_a_zone_gets_its_old_settings_back_by_either_interface(edge: Estate, zones: str) -> None:
    """What a later run changed of a zone is as it was; its password, which the run wrote as well, is said not to be."""
    edge.lab("variant", "set", "expressway_zone_resources", zones)
    playbook = edge.directory / "b2b.yml"
    playbook.write_text("- {hosts: 'publishers:&expressway', gather_facts: false, roles: [collab.security.expressway_b2b]}\n", encoding="utf-8")
    day0 = edge_settings(edge)
    edge.play(str(playbook)).ok()
    ExpresswayAdministrator(edge, "us-expc1").zone("B2B traversal", "TraversalClient SIP TLS Verify Mode: Off")
    changed = edge_settings(edge)
    edge.play(str(playbook), variables={"collab_traversal_password": "lab-Traversal-0825"}).ok()
    assert edge_settings(edge) != changed
    mended = max((edge.workspace / "us_expc" / "saved").glob("*.jsonl")).stem
    back = edge.play("rollback.yml", "--limit", "us-expc1,us-expe1", variables={"rollback_since": mended}).ok()
    assert edge_settings(edge) == changed
    assert any("password" in p["object"] and "B2B traversal" in p["object"] for p in back.pending), back.pending
    edge.play("rollback.yml", "--limit", "us-expc1,us-expe1", variables={**ALL, "rollback_remove": ["all"]}).ok()
    assert edge_settings(edge) == day0


def voice_mail_settings(estate: Estate) -> dict[str, object]:
    """What a run changes on Unity Connection and on the trunk to it, by another client."""
    admin = Administrator(estate, "us-cuc-pub")

    def listed(path: str, element: str) -> list[dict]:
        found = json.loads(admin.cupi(path)).get(element, [])
        return found if isinstance(found, list) else [found]

    groups = listed("portgroups", "PortGroup")
    return {"groups": groups, "profiles": listed("sipsecurityprofiles", "SipSecurityProfile"),
            "servers": [listed("portgroups/%s/portgroupservers" % group["ObjectId"], "PortGroupServer") for group in groups],
            "encryption": admin.cli("utils cuc encryption status"),
            "trunk": rows(Administrator(estate), "SipTrunk", "securityProfileName", "srtpAllowed")["US_UNITY"]}


def test_unity_connection_and_its_trunk_are_brought_back_together(running_voice_mail: Estate) -> None:
    """Encryption, port group, its servers and what was added, with the trunk at its other end; calls go on afterwards. Without grants all of it waits."""
    running_voice_mail.load("day0")
    before = voice_mail_settings(running_voice_mail)
    running_voice_mail.play().ok()
    secured = voice_mail_settings(running_voice_mail)
    assert all(secured[name] != before[name] for name in before), secured

    held = running_voice_mail.play("rollback.yml", variables={**ALL, "collab_disruption": []}).ok()
    assert voice_mail_settings(running_voice_mail) == secured
    assert "encryption of Unity Connection" in " ".join(p["object"] for p in held.pending if p["id"] == "rollback-not-granted")

    first = running_voice_mail.play("rollback.yml", variables=ALL).ok()
    added = [f["object"] for f in first.findings if f["id"] == "rollback-added"]
    done = running_voice_mail.play("rollback.yml", variables={**ALL, "rollback_remove": added}).ok()
    assert voice_mail_settings(running_voice_mail) == before
    assert not [p for p in done.pending if "Unity Connection" in p["object"]]
    running_voice_mail.lab("clock", "advance", "120")
    clusters = {one["name"]: one for one in json.loads(running_voice_mail.lab("status", "--json"))["clusters"]}
    assert set(clusters["us_cuc"]["port_groups"]["PhoneSystem-1"].values()) | set(clusters["us_cm"]["trunks"]["US_UNITY"].values()) == {"in service"}
    since = running_voice_mail.mark()
    assert running_voice_mail.play("rollback.yml", variables={**ALL, "rollback_remove": added}).ok().changed == 0
    assert running_voice_mail.journal(writes=True, since=since) == []


def test_voice_mail_is_brought_back_wherever_the_run_was_killed(running_voice_mail: Estate) -> None:
    """Right after encryption was enabled, the port group was changed, and the trunk was switched: both ends go back together, added objects with them."""
    running_voice_mail.load("day0")
    before, since = voice_mail_settings(running_voice_mail), running_voice_mail.mark()
    running_voice_mail.play().ok()
    writes = [e["operation"] for e in running_voice_mail.journal(writes=True, since=since)]
    for last in ("utils cuc encryption enable", r"PUT /?portgroups/[^/]+", "updateSipTrunk"):
        done = max(n for n, operation in enumerate(writes, 1) if re.fullmatch(last, operation))
        running_voice_mail.load("day0")
        assert running_voice_mail.play_and_kill(done + 1), last        # with the next write, that one has been answered
        assert voice_mail_settings(running_voice_mail) != before
        running_voice_mail.play("rollback.yml", variables={**ALL, "rollback_remove": ["all"]}).ok()
        assert voice_mail_settings(running_voice_mail) == before, last
