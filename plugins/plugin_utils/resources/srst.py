# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRST references (guide: Enable Secure SRST). The port of the router's credential service can be read by AXL and not be set (axl.md 2.5)."""
from __future__ import annotations

import base64
import binascii
import re

from cryptography import x509

from ..pki.pem import fingerprint
from .objects import Field
from .objects import Resource
from .objects import rows
from .objects import text

BUILT_IN = ("Disable", "Use Default Gateway")
CREDENTIAL_PORT = 2445
REFERENCE = Resource("Srst", "srst", (
    Field("ipAddress"),
    Field("SipPort", "int", "5060"),
    Field("srstCertificatePort", "int", str(CREDENTIAL_PORT)),
    Field("isSecure", "bool"),
), add_only=("srstCertificatePort",))


class BadReferences(Exception):
    """What the operator says about SRST references does not fit the cluster; the message says which entry."""


def pools_request():
    """(operation, arguments) that lists the device pools with their SRST references."""
    return "listDevicePool", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "srstName": ""}}


def pools_of(reply):
    """{SRST reference: [device pools that use it]}."""
    found = {}
    for row in rows(reply, "devicePool"):
        found.setdefault(text(row.get("srstName")), []).append(text(row.get("name")))
    return found


def certificates_in(file):
    """SHA-256 fingerprints of the certificates in a phone's configuration file, which has them as base64 in some element or other."""
    found = set()
    for block in re.findall(r"[A-Za-z0-9+/=\s]{300,}", re.sub(r"-----(BEGIN|END) CERTIFICATE-----", "><", file)):
        try:
            found.add(fingerprint(x509.load_der_x509_certificate(base64.b64decode("".join(block.split()), validate=True))))
        except (binascii.Error, ValueError):
            continue
    return found


def normal(sha256):
    """A fingerprint as people type it: in one spelling."""
    return re.sub(r"[^0-9A-F]", "", sha256.upper())
