# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mobile and remote access on both sides: SIP, the mode, OAuth, domains; and XMPP federation."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.action.expressway_mra import ActionModule as Mra
from ansible_collections.collab.security.plugins.action.expressway_xmpp_federation import ActionModule as Federation
from ansible_collections.collab.security.plugins.plugin_utils.expressway.cluster import NotPrimary
from ansible_collections.collab.security.plugins.plugin_utils.expressway.mra import BadDomains
from tests.unit.mra.boxes import C_ZONES
from tests.unit.mra.boxes import ON_OFF
from tests.unit.mra.boxes import XMPP

OPTIONS = {"domains": ["ent-pa.com"], "granted": True}
SIP = "/common/protocol/sip/configuration"


def connected(world):
    """Clients may be connected: the mode is on, and there is a zone."""
    world.c.single["/common/mra"]["Enabled"] = "On"
    world.c.rows[C_ZONES].append({"Name": "UC traversal", "SIPPort": 7001})


def test_both_sides_are_set_and_the_second_run_writes_nothing(world):
    result = world.run(Mra, OPTIONS)
    assert world.writes() == [
        ("c", "PUT", SIP, {"SipMode": "On"}), ("c", "PUT", "/common/mra", {"Enabled": "On"}), ("c", "set", "CollaborationEdge OauthLocal", "On"),
        ("c", "POST", "/common/domain", {"Name": "ent-pa.com", "EdgeSip": "On", "EdgeXmpp": "On"}),
        ("e", "PUT", SIP, {"SipMode": "On"}), ("e", "PUT", "/common/mra", {"Enabled": "On"})]
    assert result["in_use"] is False and not result["pending"]
    world.forget()
    assert not world.run(Mra, OPTIONS)["changed"] and world.writes() == []


def test_check_mode_writes_nothing_and_says_the_same(world):
    said = [o["operation"] for o in world.run(Mra, OPTIONS, check=True)["operations"]]
    assert world.writes() == [] and said == [o["operation"] for o in world.run(Mra, OPTIONS)["operations"]]


def test_what_would_disturb_clients_needs_leave_and_what_would_not_is_done(world):
    connected(world)
    world.c.rows["/common/domain"].append({"Name": "ENT-PA.com", "EdgeSip": "On", "EdgeXmpp": "off"})
    result = world.run(Mra, {"domains": ["ent-pa.com"]})
    assert ("c", "PUT", SIP, {"SipMode": "On"}) in world.writes()
    assert not any(what[1:3] == ("PUT", "/common/domain") or what[1] == "set" for what in world.writes())
    assert {p["object"] for p in result["pending"]} == {"domain ent-pa.com", "OAuth with refresh of us_expc"}
    assert "expressway-domain" in {f["id"] for f in result["findings"]}
    world.forget()
    result = world.run(Mra, OPTIONS)
    assert world.writes() == [("c", "set", "CollaborationEdge OauthLocal", "On"), ("c", "PUT", "/common/domain", {"Name": "ENT-PA.com", "EdgeXmpp": "On"})]
    assert len(result["impact"]) == 2 and {i["node"] for i in result["impact"]} == set(world.c.nodes)


def test_what_cannot_be_read_counts_as_in_use(world):
    world.c.rows[C_ZONES].append({"Name": "UC traversal", "SIPPort": 7001})
    assert world.run(Mra, {"domains": ["ent-pa.com"]}, check=True)["in_use"] is False
    del world.c.offers["/common/mra"]
    world.c.configuration["CollaborationEdge"]["Enabled"] = "On"
    assert world.run(Mra, {"domains": ["ent-pa.com"]}, check=True)["in_use"] is True
    del world.c.offers[C_ZONES]
    assert world.run(Mra, {"domains": ["ent-pa.com"]}, check=True)["in_use"] is True
    world.c.configuration["CollaborationEdge"]["Enabled"] = "Off"
    assert world.run(Mra, {"domains": ["ent-pa.com"]}, check=True)["in_use"] is False


def test_single_sign_on_with_refresh_counts(world):
    world.c.configuration["CollaborationEdge"]["OauthSso"] = "On"
    world.run(Mra, OPTIONS)
    assert not any(what[1] == "set" for what in world.writes())


def test_oauth_by_rest_where_the_release_has_the_key(world):
    world.c.offers["/common/mra"] = {"methods": ["get", "put"], "keys": {"Enabled": ON_OFF, "OauthLocal": ON_OFF}}
    world.c.single["/common/mra"]["OauthLocal"] = "Off"
    world.run(Mra, OPTIONS)
    assert ("c", "PUT", "/common/mra", {"OauthLocal": "On"}) in world.writes() and not any(what[1] == "set" for what in world.writes())


def test_a_setting_that_rest_lacks_goes_by_the_command_line_and_one_that_neither_has_is_pending(world):
    del world.c.offers[SIP]
    world.run(Mra, OPTIONS)
    assert ("c", "set", "SIP Mode", "On") in world.writes()
    del world.e.offers[SIP]
    del world.e.configuration["SIP"]
    result = world.run(Mra, OPTIONS)
    assert {p["object"] for p in result["pending"]} == {"SIP mode of us_expe", "SIP TLS mode of us_expe"}
    assert "Configuration > Protocols > SIP" in result["pending"][0]["what_to_do"][0]


@pytest.mark.parametrize("missing, found", [("EdgeXmpp", "pending"), (None, "pending")])
def test_domains_whose_keys_are_not_offered(world, missing, found):
    offer = world.c.offers["/common/domain"]
    if missing:
        world.c.offers["/common/domain"] = {"methods": offer["methods"], "keys": {k: v for k, v in offer["keys"].items() if k != missing}}
    else:
        del world.c.offers["/common/domain"]
    result = world.run(Mra, OPTIONS)
    if missing:                 # a domain that is added can be given everything by the command line
        assert ("c", "DomainAdd", "ent-pa.com", {"Name": "ent-pa.com", "Edgesip": "On", "Edgexmpp": "On"}) in world.writes()
        world.c.rows["/common/domain"][0]["EdgeSip"] = "Off"
        world.forget()
        result = world.run(Mra, OPTIONS)
        assert world.writes() == [("c", "PUT", "/common/domain", {"Name": "ent-pa.com", "EdgeSip": "On"})]
    assert [p["id"] for p in result["pending"]] == ["expressway-no-interface"]


def test_no_presence_behind_it_no_presence_for_the_domain(world):
    world.groups["im_presence"] = []
    world.run(Mra, OPTIONS)
    assert ("c", "POST", "/common/domain", {"Name": "ent-pa.com", "EdgeSip": "On"}) in world.writes()


@pytest.mark.parametrize("domains", [[], ["ent-pa"], ["ent pa.com"], ["ent-pa..com"]])
def test_bad_domains_are_refused_before_anything_is_asked(world, domains):
    with pytest.raises(BadDomains, match="Nothing was written"):
        world.run(Mra, {"domains": domains, "granted": True})
    assert world.writes() == []


@pytest.mark.parametrize("side", ["c", "e"])
def test_a_peer_that_is_not_the_primary_is_left_alone(world, side):
    getattr(world, side).configuration["Alternates"]["ConfigurationPrimary"] = "2"
    with pytest.raises(NotPrimary, match="Nothing was written"):
        world.run(Mra, OPTIONS)
    assert world.writes() == []


# -- XMPP federation

WANTED = {"domains": ["ent-pa.com"], "granted": True}


def test_federation_is_switched_on_together_with_its_security(world):
    world.run(Mra, OPTIONS)
    world.forget()
    result = world.run(Federation, WANTED)
    assert world.writes() == [("c", "PUT", "/common/domain", {"Name": "ent-pa.com", "XmppFederation": "On"}),
                              ("e", "PUT", XMPP, {"SecurityMode": "TLSRequired", "XmppFederation": "On"})]
    assert [p["id"] for p in result["pending"]] == ["xmpp-federation-router"]
    world.forget()
    result = world.run(Federation, WANTED)
    assert not result["changed"] and world.writes() == [] and result["pending"] == []


def test_a_stream_without_tls_is_a_finding(world):
    world.run(Federation, WANTED)
    world.e.nodes["us-expe2"].streams = False
    result = world.run(Federation, WANTED)
    assert not result["changed"] and [f["id"] for f in result["findings"]] == ["xmpp-federation-stream"] and "us-expe2" in result["findings"][0]["message"]


def test_webex_partners_get_tls_optional_and_no_client_certificates(world):
    world.run(Federation, {**WANTED, "security_mode": "optional"})
    assert ("e", "PUT", XMPP, {"RequireClientSideSecurityCertificates": "Off", "XmppFederation": "On"}) in world.writes()
    world.forget()
    result = world.run(Federation, {**WANTED, "security_mode": "optional", "client_certificates": True})
    assert world.writes() == [("e", "PUT", XMPP, {"RequireClientSideSecurityCertificates": "On"})]
    assert [f["step"] for f in result["findings"]] == ["xmpp-client-cert"]


def test_other_spellings_of_the_keys(world):
    world.e.offers[XMPP] = {"methods": ["get", "put"], "keys": {
        "Enabled": ON_OFF, "TlsMode": {"type": "string", "enum": ["NoTLS", "TLSOptional", "TLSRequired"]}, "ClientCertRequired": ON_OFF}}
    world.e.single[XMPP] = {"Enabled": "Off", "TlsMode": "TLSOptional", "ClientCertRequired": "On"}
    world.run(Federation, WANTED)
    assert ("e", "PUT", XMPP, {"TlsMode": "TLSRequired", "Enabled": "On"}) in world.writes()


@pytest.mark.parametrize("keys", [{"XmppFederation": ON_OFF}, {"XmppFederation": ON_OFF, "SecurityMode": {"type": "string", "enum": ["A", "B"]}}, None])
def test_federation_is_never_switched_on_without_its_security(world, keys):
    if keys is None:
        del world.e.offers[XMPP]
    else:
        world.e.offers[XMPP] = {"methods": ["get", "put"], "keys": keys}
    result = world.run(Federation, WANTED)
    assert not any(what[0] == "e" for what in world.writes())
    assert {p["object"] for p in result["pending"]} == {"Security mode of us_expe", "XMPP federation support of us_expe"}


def test_federation_that_is_on_is_secured_though_no_domain_is_wanted(world):
    assert world.run(Federation, {"granted": True})["federation"] is False and world.writes() == []
    world.e.single[XMPP]["XmppFederation"] = "On"
    assert world.run(Federation, {})["federation"] is True
    assert world.writes() == [("e", "PUT", XMPP, {"SecurityMode": "TLSRequired"})]


def test_federation_beside_connected_clients_needs_leave_and_its_security_does_not(world):
    connected(world)
    result = world.run(Federation, {"domains": ["ent-pa.com"]})
    assert world.writes() == [] and {p["id"] for p in result["pending"]} == {"expressway-disruption"}
    world.e.single[XMPP]["XmppFederation"] = "On"
    world.run(Federation, {"domains": ["ent-pa.com"]})
    assert world.writes() == [("e", "PUT", XMPP, {"SecurityMode": "TLSRequired"})]


def test_nothing_to_federate_without_presence(world):
    world.groups["im_presence"] = []
    result = world.run(Federation, WANTED)
    assert world.writes() == [] and [f["severity"] for f in result["findings"]] == ["info"]
