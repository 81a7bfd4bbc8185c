# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of servers that Expressway-C discovers, and what each interface calls their properties. Pure data (expressway.md 1.3, 2.4).

CertValidationDisabled of the command line is On unless told, and means the opposite of TlsVerify: both are always said. Unity Connection has no REST
resource in public documents, so its name is looked for among what the RAML offers.
"""
from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from . import keys

PUBLISHER, USER, PASSWORD = ("Publisher", "Address"), ("AxlUsername", "Username"), ("AxlPassword", "Password")
VERIFY, NO_VERIFY = ("TlsVerify", "TlsVerifyMode"), ("CertValidationDisabled",)
KEPT = ("AesGcm", "SipUpdateForSessionRefresh", "IcePassthrough", "DeploymentId")       # what a server that is added again keeps


@dataclass(frozen=True)
class Kind:
    """label, group of the inventory, REST paths (the first that is offered counts), xCommands, user and password there, where /status.xml lists them, step."""

    label: str
    group: str
    paths: tuple
    add: str
    delete: str
    arguments: tuple
    status: tuple
    step: str


KINDS = (
    Kind("Unified CM", "unified_cm", ("/controller/server/cucm",), "CUCMConfigAdd", "CUCMConfigDelete", ("Axlusername", "Axlpassword"), ("CUCMs", "CUCM"),
         "mra-verify-ucm"),
    Kind("IM and Presence", "im_presence", ("/controller/server/imp",), "XMPPDiscovery", "XMPPDelete", ("Axlusername", "Axlpassword"), ("CUPs", "CUP"),
         "mra-verify-imp"),
    Kind("Unity Connection", "unity_connection", ("/controller/server/ucxn", "/controller/server/cuc", "/controller/server/unity"), "UcxnConfigAdd",
         "UcxnConfigDelete", ("Username", "Password"), ("UCxNs", "UCxN"), "mra-verify-cuc"),
)


@dataclass(frozen=True)
class Wanted:
    """One server as it has to be: kind, FQDN of its publisher, other names that it may be listed by, account."""

    kind: Kind
    fqdn: str
    aliases: tuple
    user: str
    password: str


@dataclass(frozen=True)
class Listed:
    """One server as it is. verify: "On", "Off", or None where no interface shows it; user: None likewise; kept: {key: value} of REST to keep."""

    publisher: str
    user: str | None
    verify: str | None
    kept: tuple = ()


def keys_of(offer):
    """{property: key} of a resource whose POST can say all that a server needs, else {}. The key of verification comes with its value for On."""
    if "post" not in keys.methods(offer):
        return {}
    found = {"publisher": keys.key_of(offer, PUBLISHER), "user": keys.key_of(offer, USER), "password": keys.key_of(offer, PASSWORD),
             "verify": keys.key_of(offer, VERIFY, "On") or keys.key_of(offer, NO_VERIFY, "Off")}
    return found if all(found.values()) else {}


def verify_value(key, on):
    """What a key of verification holds when certificates are verified (or not)."""
    disabled = keys.plainly(key) in [keys.plainly(name) for name in NO_VERIFY]
    return "On" if on != disabled else "Off"


def from_row(row):
    """A row of REST as Listed."""
    verify = keys.value_of(row, VERIFY)
    if verify is None:
        disabled = keys.value_of(row, NO_VERIFY)
        verify = None if disabled is None else ("Off" if keys.same(disabled, "On") else "On")
    elif not keys.same(verify, "On"):
        verify = "Off"
    else:
        verify = "On"
    kept = tuple((key, value) for key, value in row.items() if key in KEPT)
    return Listed(str(keys.value_of(row, PUBLISHER) or ""), keys.value_of(row, USER), verify, kept)


def from_status(rows):
    """What /status.xml lists, a server once however many nodes it has: it shows neither account nor verification."""
    return [Listed(name, None, None) for name in dict.fromkeys(str(row.get("Publisher") or "") for row in rows) if name]


def is_one(listed, wanted):
    """Whether a server that is listed is the wanted one, by its FQDN or another of its names."""
    return any(keys.same_name(listed.publisher, name) for name in (wanted.fqdn, *wanted.aliases))


def wrong_with(listed, wanted, recorded):
    """Why a server has to be written again, as sentences; none where it is as wanted.

    recorded: whether the account and verification were last written as wanted by us (True, False), or None where we never wrote them.
    """
    found = []
    if not keys.same_name(listed.publisher, wanted.fqdn):
        found.append("it is listed as %s, and its certificate can only be verified by its name %s" % (listed.publisher, wanted.fqdn))
    if listed.verify == "Off":
        found.append("TLS verify is Off")
    if listed.verify is None and not recorded:
        found.append("no interface shows whether its certificate is verified, and it was not written so from here")
    if listed.user is not None and listed.user != wanted.user:
        found.append("its account is %s, not %s" % (listed.user, wanted.user))
    elif recorded is False and listed.verify is not None:
        found.append("its password or account is another now")
    return found


def is_address(text):
    """Whether a text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
