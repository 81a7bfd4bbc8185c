# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of Table 7-16 and usages of Table 7-17: computed, for both products and each release."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.expressway import certificate_names as names
from ansible_collections.collab.security.plugins.plugin_utils.expressway import certificate_usage as usage
from ansible_collections.collab.security.plugins.plugin_utils.expressway.restarts import inactive
from ansible_collections.collab.security.plugins.plugin_utils.expressway.restarts import start_of
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import EXPRESSWAY_C
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import EXPRESSWAY_E

ALL = {"cluster_name": "us-exp.ent-pa.com", "domains": ["ent-pa.com"], "federation_domains": ["ent-pa.com", "im.ent-pa.com"],
       "chat_aliases": ["chat1.ent-pa.com"], "profiles": ["UDT-Encrypted-NullString.ent-pa.com"], "more": ["expressway.ent-pa.com"]}


def values(found: list[names.Name]) -> list[tuple[str, str]]:
    """What the names are, and why."""
    return [(one.value, one.reason) for one in found]


def test_names_of_expressway_c() -> None:
    """Its own, the cluster's, the phone profiles', the chat aliases; no domains."""
    assert values(names.wanted(EXPRESSWAY_C, "us-expc1.ent-pa.com", **ALL)) == [
        ("us-expc1.ent-pa.com", "own"), ("us-exp.ent-pa.com", "cluster"), ("UDT-Encrypted-NullString.ent-pa.com", "profile"), ("chat1.ent-pa.com", "chat"),
        ("expressway.ent-pa.com", "more")]


def test_names_of_expressway_e() -> None:
    """Its own, the domains (once each, whatever asks for them), the chat aliases; neither the cluster's name nor phone profiles."""
    assert values(names.wanted(EXPRESSWAY_E, "us-expe1.ent-pa.com", **ALL)) == [
        ("us-expe1.ent-pa.com", "own"), ("ent-pa.com", "registration"), ("im.ent-pa.com", "federation"), ("chat1.ent-pa.com", "chat"),
        ("expressway.ent-pa.com", "more")]


def test_names_come_once_whatever_their_case() -> None:
    """A cluster named as one of its peers adds nothing."""
    assert values(names.wanted(EXPRESSWAY_C, "us-expc1.ent-pa.com", "US-EXPC1.ent-pa.com")) == [("us-expc1.ent-pa.com", "own")]


def test_profiles_are_those_of_phones_with_certificates() -> None:
    """Encrypted ones without OAuth, in FQDN form; those that no certificate can name are told apart."""
    def profile(mode: str, oauth: object = "false") -> dict:
        return {"deviceSecurityMode": mode, "EnableOAuthAuthentication": oauth}

    fitting, others = names.profiles_for_mra({
        "b.ent-pa.com": profile("Encrypted"), "a.ent-pa.com": profile("Encrypted", None), "Jabber.ent-pa.com": profile("Encrypted", "true"),
        "jabber2.ent-pa.com": profile("Encrypted", True), "open.ent-pa.com": profile("Non Secure"), "signed.ent-pa.com": profile("Authenticated"),
        "Cisco 8845 - Encrypted": profile("Encrypted"), "single": profile("Encrypted")})
    assert fitting == ["a.ent-pa.com", "b.ent-pa.com"] and others == ["Cisco 8845 - Encrypted", "single"]


def test_what_no_certificate_can_name() -> None:
    """Wildcards, single words, and what is no name."""
    bad = names.badly_formed(names.wanted(EXPRESSWAY_E, "us-expe1.ent-pa.com", "", ["*.ent-pa.com", "ent-pa.com", "local", "a b.com"]))
    assert [one.value for one in bad] == ["*.ent-pa.com", "local", "a b.com"]


def test_length_of_the_list() -> None:
    """As the box writes it: with the kind before each name."""
    assert names.length_of_list(names.wanted(EXPRESSWAY_C, "a.bc", "d.ef")) == len("DNS:a.bc, DNS:d.ef")


@pytest.mark.parametrize(("product", "release", "choice", "required", "said", "switch", "store"), [
    (EXPRESSWAY_C, "12.5", "by-version", True, False, False, False),
    (EXPRESSWAY_C, "15.4", "warn", True, False, False, False),
    (EXPRESSWAY_C, "15.5", "by-version", True, False, False, True),
    (EXPRESSWAY_E, "12.5", "by-version", True, False, False, False),
    (EXPRESSWAY_E, "15.3", "by-version", True, False, False, False),
    (EXPRESSWAY_E, None, "by-version", True, False, False, False),
    (EXPRESSWAY_E, "15.4", "by-version", False, True, True, False),
    (EXPRESSWAY_E, "15.5", "by-version", False, True, False, True),
    (EXPRESSWAY_E, "15.5", "true", True, False, False, True),
    (EXPRESSWAY_E, "12.5", "warn", False, True, False, False),
])
def test_rule_of_each_release(product: str, release: str, choice: str, required: bool, said: bool, switch: bool, store: bool) -> None:
    """Both usages where the release shows its server certificate as a client; otherwise what makes it take one for servers."""
    rule = usage.rule(product, release, choice)
    assert (usage.CLIENT_AUTH in rule.required, rule.said, rule.switch, rule.store) == (required, said, switch, store)
    assert usage.SERVER_AUTH in rule.required and rule.why


def test_peers_that_a_peer_does_not_see() -> None:
    """From the status document, with one peer, several, or none (no cluster)."""
    one = {"Alternates": {"Peer": {"Address": "us-expc2.ent-pa.com", "Status": "Active"}}}
    several = {"Alternates": {"Peer": [{"Address": "a", "Status": "Active"}, {"Address": "b", "Status": "Failed"}, {"Address": "", "Status": ""}]}}
    assert [inactive(one), inactive(several), inactive({}), inactive(None), inactive({"Alternates": ""})] == [[], ["b"], [], [], []]


def test_start_of_the_box() -> None:
    """Its time less its uptime; nothing where the document does not say."""
    first = start_of({"SystemUnit": {"SystemTime": "2026-11-26 14:43:33", "Uptime": "12"}})
    later = start_of({"SystemUnit": {"SystemTime": "2026-11-26 14:44:33", "Uptime": "72"}})
    again = start_of({"SystemUnit": {"SystemTime": "2026-11-26 14:45:33", "Uptime": "2"}})
    assert first == later and again - first == 130
    assert start_of({}) is None and start_of(None) is None and start_of({"SystemUnit": {"Uptime": "x"}}) is None
