# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 7-17, and what became of it in 2026: which extended key usages the certificate of an Expressway must have, by release.

Public CAs stopped to issue certificates for client authentication (expressway.md 4.4; field notice FN74362). What an Expressway-E can live with:

    up to X15.3   both usages: it is a TLS client of C, of other enterprises and of its own cluster with the one certificate it has
    X15.4         server authentication alone, once XCP TLS Certificate CVS EnableServerEkuUpload is On
    X15.5         server authentication alone; what it shows as a client is in a store of its own, and has to be good for that

Expressway-C needs both everywhere; its certificate is of the enterprise CA.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.facts import extended_key_usage
from ..pki.products import EXPRESSWAY_C
from .facts import release

BOTH, SERVER = frozenset((SERVER_AUTH, CLIENT_AUTH)), frozenset((SERVER_AUTH,))
REQUIRED, WARN, BY_VERSION = "true", "warn", "by-version"
CHOICES = (REQUIRED, WARN, BY_VERSION)
SWITCH = "XCP TLS Certificate CVS EnableServerEkuUpload"


@dataclass(frozen=True)
class Rule:
    """What one cluster's certificates must be good for.

    required   extended key usages without which a certificate is refused
    said       of a certificate for servers only: whether its lack of client authentication is a finding nevertheless
    switch     it is taken only once SWITCH is On
    store      the client's certificate has a store of its own
    why        for people
    """

    required: frozenset
    said: bool
    switch: bool
    store: bool
    why: str


def rule(product, version, choice=BY_VERSION):
    """The Rule of a cluster. version: its release; choice: one of CHOICES, the operator's word for Expressway-E."""
    number = release(version)               # () where nothing is known: older than all
    switch, store = product != EXPRESSWAY_C and number == (15, 4), number >= (15, 5)
    if product == EXPRESSWAY_C:
        return Rule(BOTH, False, False, store, "Expressway-C needs server and client authentication on every release")
    if choice == REQUIRED:
        return Rule(BOTH, False, switch, store, "require_client_eku is true")
    if number >= (15, 5):
        why = "X15.5 has a store of its own for the certificate that it shows as a client, which must have client authentication; the server's need not"
    elif switch:
        why = ("X15.4 takes a server certificate without client authentication once '%s' is On. Far ends that verify it as a client (neighbor zones with "
               "TLS verify, other enterprises) still refuse it" % SWITCH)
    else:
        why = ("an Expressway-E before X15.4 shows its server certificate as a client, too: without client authentication the product refuses it, or mobile "
               "and remote access, business-to-business calls and the cluster's own replication fail")
    if number < (15, 4) and choice == BY_VERSION:
        return Rule(BOTH, False, False, False, why)
    return Rule(SERVER, True, switch, store, why)


def lacking_client(certificate):
    """True for a certificate that may not be used by a client."""
    given = extended_key_usage(certificate)
    return given is not None and CLIENT_AUTH not in given


WHAT_TO_DO = ("Have it issued with both usages: by a CA that still does (roots outside the browsers' programme, for example IdenTrust Public Sector Root CA 1 "
              "or DigiCert Assured ID Root G2), or upgrade the Expressways of both sides to X15.4 or, better, X15.5. Public CAs have issued for servers only "
              "since 2026 (field notice FN74362)")
