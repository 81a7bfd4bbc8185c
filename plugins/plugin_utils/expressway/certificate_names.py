# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 7-16: the names that the certificate of an Expressway peer has to carry, each with the reason that asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from ..pki.products import EXPRESSWAY_C
from ..resources.phone_security_profile import is_fqdn

# Longer lists of alternative names make trouble (appendix of the certificate guide X8.8; expressway.md 4.1).
LONGEST_LIST = 999

# What asks for a name -> (its step of the guide, words for people).
OWN, CLUSTER, REGISTRATION, FEDERATION, CHAT, PROFILE, MORE = "own", "cluster", "registration", "federation", "chat", "profile", "more"
REASONS = {
    OWN: ("exp-csr", "its own name"),
    CLUSTER: ("expc-san-cluster", "name of the cluster"),
    REGISTRATION: ("expe-san-domains", "domain in which endpoints register"),
    FEDERATION: ("expe-san-federation", "domain federated by XMPP"),
    CHAT: ("exp-san-chat", "alias of a chat node"),
    PROFILE: ("expc-san-profiles", "phone security profile"),
    MORE: ("exp-csr", "asked for besides"),
}


@dataclass(frozen=True)
class Name:
    """One name and what asks for it. value: as it goes into the request; reason: a word of REASONS."""

    value: str
    reason: str


def wanted(product, fqdn, cluster_name, domains=(), federation_domains=(), chat_aliases=(), profiles=(), more=()):
    """[Name] for one peer, its own name first, none twice (case does not matter).

    The cluster's name is C's alone: Expressway-E compares it with the TLS verify subject name of its traversal zones. Domains are E's, since endpoints and
    federated servers look for them; the names of phone security profiles are C's, which shows its certificate to Unified CM for those phones.
    """
    found = [Name(fqdn, OWN)]
    if product == EXPRESSWAY_C:
        found += [Name(cluster_name, CLUSTER)] if cluster_name else []
        found += [Name(n, PROFILE) for n in profiles]
    else:
        found += [Name(n, REGISTRATION) for n in domains] + [Name(n, FEDERATION) for n in federation_domains]
    found += [Name(n, CHAT) for n in chat_aliases] + [Name(n, MORE) for n in more]
    out = {}
    for name in found:
        out.setdefault(name.value.lower(), name)
    return list(out.values())


def profiles_for_mra(profiles):
    """(names that belong into C's certificate, names of the others that are encrypted and not in FQDN form) of a cluster's phone security profiles.

    profiles: {name: elements as AXL gives them}. Phones whose profile uses OAuth show no certificate of their own, so Unified CM does not look for the
    profile's name (Table 7-16, note 2).
    """
    encrypted = sorted(name for name, one in profiles.items() if one["deviceSecurityMode"] == "Encrypted" and not true(one.get("EnableOAuthAuthentication")))
    return [n for n in encrypted if is_fqdn(n)], [n for n in encrypted if not is_fqdn(n)]


def true(value):
    """A boolean of AXL, which comes as one or as text."""
    return str(value).lower() in ("true", "t", "1")


def length_of_list(names):
    """Characters of the list of alternative names, as the box writes it."""
    return len(", ".join("DNS:" + name.value for name in names))


def badly_formed(names):
    """The names that no certificate can carry: no host names, or wildcards, which the products do not support."""
    return [name for name in names if not is_fqdn(name.value)]
