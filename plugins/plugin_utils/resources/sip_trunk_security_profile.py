# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP trunk security profiles: the secure twin of each one in use (guide: SIP Trunk Encryption, Table 7-11).

Sources: axl.md 2.2 (elements, lengths); Security Guide, "SIP Trunk Security Profile": names in the X.509 field are
separated by space, comma, semicolon or colon, and one name with one incoming port belongs to one trunk profile.
"""
from __future__ import annotations

import re

from .objects import Field
from .objects import Resource

TRANSPORTS = ("TCP+UDP", "TCP", "UDP", "TLS")
MODES = ("Non Secure", "Authenticated", "Encrypted")
NAME_LENGTH = 75
SUBJECT_LENGTH = 4096

PROFILE = Resource("SipTrunkSecurityProfile", "sipTrunkSecurityProfile", (
    Field("description"),
    Field("securityMode", "enum", "Non Secure", MODES),
    Field("incomingTransport", "enum", "TCP+UDP", TRANSPORTS),
    Field("outgoingTransport", "enum", "TCP", TRANSPORTS),
    Field("digestAuthentication", "bool"),
    Field("noncePolicyTime", "int", "600"),
    Field("x509SubjectName"),
    Field("incomingPort", "int", "5060"),
    Field("applLevelAuthentication", "bool"),
    Field("acceptPresenceSubscription", "bool"),
    Field("acceptOutOfDialogRefer", "bool"),
    Field("acceptUnsolicitedNotification", "bool"),
    Field("allowReplaceHeader", "bool"),
    Field("transmitSecurityStatus", "bool"),
    Field("sipV150OutboundSdpOfferFiltering", "enum", "Use Default Filter",
          ("Use Default Filter", "No Filtering", "Remove MER V.150", "Remove Pre-MER V.150")),
    Field("allowChargingHeader", "bool"),
))

# element -> (step of the guide, severity of a difference); all of Table 7-11
SECURE_FIELDS = {
    "securityMode": ("trunk-profile-mode", "high"),
    "incomingTransport": ("trunk-profile-transport", "high"),
    "outgoingTransport": ("trunk-profile-transport", "high"),
    "x509SubjectName": ("trunk-x509-ios", "high"),
    "incomingPort": ("trunk-incoming-port", "medium"),
}
TABLE = "7-11"
SUBJECT_STEPS = {"unity": "trunk-x509-unity", "cms": "trunk-x509-cms", "expressway": "trunk-x509-expressway", "ios": "trunk-x509-ios",
                 "intercluster": "trunk-x509-intercluster"}


def subjects(value):
    """The set of names in an X.509 Subject Name field, in lower case."""
    return {name.lower() for name in re.split(r"[\s,;:]+", value or "") if name}


def subject_field(names):
    """The one form in which we write a set of names: sorted, separated by a comma.

    Raises ValueError where a name holds a separator or the whole is longer than the field.
    """
    names = sorted({name.strip().lower() for name in names})
    broken = [name for name in names if not name or re.search(r"[\s,;:]", name)]
    if broken:
        raise ValueError("not a name that an X.509 subject field can hold: %s" % ", ".join(repr(name) for name in broken))
    joined = ",".join(names)
    if len(joined) > SUBJECT_LENGTH:
        raise ValueError("the X.509 subject names are %d characters long; the field holds %d" % (len(joined), SUBJECT_LENGTH))
    return joined


def is_secure(profile):
    """True where the profile asks for TLS in both directions and encryption."""
    return profile["securityMode"] == "Encrypted" and profile["incomingTransport"] == "TLS" and profile["outgoingTransport"] == "TLS"


def secure_name(original, suffix):
    """The name of the secure twin. Raises ValueError where it would be longer than the field."""
    name = original + suffix
    if len(name) > NAME_LENGTH:
        raise ValueError("the secure profile of '%s' would be called '%s', %d characters long; a name has at most %d: use a shorter suffix, or rename "
                         "the profile" % (original, name, len(name), NAME_LENGTH))
    return name


def twin_of(name, suffix, profiles):
    """(name of the original or None, name of the secure profile) for the profile that a trunk uses today.

    A profile that ends in the suffix is the twin of what stands before it, if that still exists; a profile that
    is secure already (an administrator made it) is its own: it has no original to copy from.
    """
    if name.endswith(suffix) and len(name) > len(suffix):
        original = name[:-len(suffix)]
        return (original if original in profiles else None), name
    if is_secure(profiles[name]):
        return None, name
    return name, secure_name(name, suffix)


def wanted_profile(original, names, incoming_port):
    """The wanted elements of a secure twin: the original's values (if it is there) under the values of Table 7-11."""
    wanted = {}
    if original:
        wanted = {element: original[element] for element in PROFILE.names}
        if wanted["digestAuthentication"] != "true":
            wanted.pop("noncePolicyTime")           # "only if digestAuthentication is enabled this value can be changed" (XSD)
    wanted.update(securityMode="Encrypted", incomingTransport="TLS", outgoingTransport="TLS", incomingPort=str(incoming_port),
                  x509SubjectName=subject_field(names))
    return wanted


def profile_differences(actual, wanted):
    """[(element, actual, wanted)]; X.509 subject names are compared as sets."""
    found = PROFILE.differences(actual, wanted)
    return [(element, before, after) for element, before, after in found
            if element != "x509SubjectName" or subjects(before) != subjects(after)]
