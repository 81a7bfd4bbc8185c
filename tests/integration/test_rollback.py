# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rollback: what a run changed is brought back as far as it can be, the rest is said, and what others did since is theirs."""
from __future__ import annotations

import re

from tests.integration.administrator import Administrator
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
    """Settings of both Expressways that a run changes, by another client."""
    found = {}
    for name in ("us-expc1", "us-expe1"):
        admin = Administrator(estate, name)
        found[name + " mra"] = admin.expressway("/common/mra")
        found[name + " cli"] = "\n".join(re.findall(r"\*c xConfiguration .*", admin.xconfiguration(
            "xConfiguration Zones DefaultZone", "xConfiguration Policy AdministratorPolicy")))
    return found


def test_expressway_settings_are_brought_back_and_zones_are_said(edge: Estate) -> None:
    """Mobile and remote access, the default zone and the call policy are as before; what was made is left, in the list of what is not brought back."""
    before = edge_settings(edge)
    edge.play().ok()
    assert edge_settings(edge) != before
    done = edge.play("rollback.yml", variables=ALL).ok()
    assert edge_settings(edge) == before
    assert any(p["id"] == "rollback-not-possible" and "of an Expressway" in p["object"] for p in done.pending)
    assert edge.play("rollback.yml", variables=ALL).ok().changed == 0
