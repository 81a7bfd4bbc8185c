# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names: which ones a certificate must carry, and whether a certificate carries a name."""

from __future__ import annotations

import ipaddress

from .facts import alt_names
from .facts import common_name


def multi_server_name(fqdn):
    """The product's default common name of a multi-server request: the host with -ms, then the domain (vos.md 1.5; guide, step 2)."""
    host, dot, domain = fqdn.partition(".")
    return host + "-ms" + dot + domain


def matches(pattern, name):
    """True when a certificate's DNS name covers a host name: equal, or a wildcard that is the whole left-most label (RFC 6125 6.4.3)."""
    pattern, name = pattern.rstrip(".").lower(), name.rstrip(".").lower()
    if pattern == name:
        return True
    if not pattern.startswith("*.") or pattern.count(".") < 2:
        return False
    return "." in name and pattern[2:] == name.partition(".")[2]


def subject_names(certificate):
    """The names a peer goes by, most significant first: the common name, then the DNS names in order.

    This is what a SIP trunk's X.509 subject is compared with (Table 7-11: the far end's certificate).
    """
    names = [common_name(certificate).lower()] if common_name(certificate) else []
    return names + sorted(value for kind, value in alt_names(certificate) if kind == "dns" and value not in names)


def covers(certificate, name, common_name_counts=False):
    """True when the certificate is valid for a host name or an address.

    common_name_counts: also look at the common name although alternative names are present, as the products do for SIP peers;
    web clients (RFC 6125) look at it only where there is no alternative name at all.
    """
    names = alt_names(certificate)
    try:
        address = str(ipaddress.ip_address(name))
    except ValueError:
        address = None
    if address:
        return ("ip", address) in names
    if any(kind == "dns" and matches(value, name) for kind, value in names):
        return True
    return (common_name_counts or not names) and matches(common_name(certificate), name)


def without(names, certificate):
    """Those of names that the certificate or request does not carry among its alternative names or as common name; order kept."""
    carried = {value for kind, value in alt_names(certificate) if kind == "dns"} | {common_name(certificate).lower()}
    return [n for n in names if not any(matches(c, n) for c in carried)]
