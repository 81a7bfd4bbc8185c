# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone security profiles (guide: Phone Security Profiles and LSC Installation, Table 7-13).

Which ``protocol`` Unified CM wants with the type *Universal Device Template* is not published: phoneType and protocol are
copied from the built-in model-independent profile of the cluster itself (axl.md 2.1).
"""
from __future__ import annotations

import re

from .objects import Field
from .objects import Resource

BUILT_IN = "Universal Device Template - Model-independent Security Profile"
BUILT_IN_PATTERN = "Universal Device Template"
UNIVERSAL = "Universal Device Template"
MODES = ("Non Secure", "Authenticated", "Encrypted")
AUTHENTICATION = ("By Null String", "By Authentication String", "By Existing Certificate (precedence to LSC)",
                  "By Existing Certificate (precedence to MIC)")
KEY_SIZES = ("512", "1024", "2048", "3072", "4096")
KEY_ORDERS = ("RSA Only", "EC Only", "EC Preferred, RSA Backup")

PROFILE = Resource("PhoneSecurityProfile", "phoneSecurityProfile", (
    Field("phoneType"),
    Field("protocol"),
    Field("description"),
    Field("deviceSecurityMode", "enum", "Non Secure", MODES),
    Field("authenticationMode", "enum", "By Null String", AUTHENTICATION),
    Field("keySize", "enum", "2048", KEY_SIZES),
    Field("keyOrder", "enum", "RSA Only", KEY_ORDERS),
    Field("tftpEncryptedConfig", "bool"),
    Field("EnableOAuthAuthentication", "bool"),         # capital E in every schema
    Field("transportType", "enum", "TCP+UDP", ("TCP+UDP", "TCP", "UDP", "TLS")),
), add_only=("phoneType", "protocol"))

TABLE = "7-13"
# Steps of the guide for the elements that all four profiles share; the others belong to the profile's own row of the table.
COMMON_STEPS = {"phoneType": "psp-type-udt", "protocol": "psp-type-udt", "deviceSecurityMode": "psp-encrypted", "transportType": "psp-encrypted",
                "keyOrder": "psp-key", "keySize": "psp-key"}
HIGH = {"deviceSecurityMode", "transportType"}


def wanted_profile(spec, built_in):
    """The wanted elements of one profile of the table.

    ``spec`` is {name, authentication_mode, tftp_encrypted_config, oauth, key_size, description}; ``built_in`` the cluster's
    own universal profile, whose type and protocol are copied.
    """
    wanted = {
        "phoneType": built_in["phoneType"], "protocol": built_in["protocol"],
        "deviceSecurityMode": "Encrypted", "transportType": "TLS", "keyOrder": "RSA Only", "keySize": str(spec.get("key_size") or 2048),
        "authenticationMode": spec["authentication_mode"],
        "tftpEncryptedConfig": spec.get("tftp_encrypted_config"), "EnableOAuthAuthentication": spec.get("oauth"),
    }
    if spec.get("description") is not None:
        wanted["description"] = spec["description"]
    return PROFILE.wanted(wanted)


def row_step(spec):
    """The guide's step for the row of Table 7-13 that a profile is."""
    if spec.get("oauth"):
        return "psp-jabber-sipoauth"
    if spec["authentication_mode"].startswith("By Existing Certificate"):
        return "psp-lsc-tftpenc" if spec.get("tftp_encrypted_config") else "psp-lsc"
    return "psp-nullstring"


def acceptable(element, before, after):
    """True for a value that differs from ours but still is what the guide asks ("2048 or larger")."""
    return element == "keySize" and before.isdigit() and after.isdigit() and int(before) > int(after)


def is_fqdn(name):
    """True where the name has FQDN form, as Expressway-C needs it for a phone used over mobile and remote access."""
    label = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    return len(name) <= 253 and bool(re.fullmatch(r"%s(\.%s)+" % (label, label), name))
