# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA certificate into a trustpoint.

Routers have asked whether its fingerprint is right; IOS XE 26 asks nothing and rejects it unless the trustpoint says the fingerprint beforehand
(id:71318538062; id:63575297184 has met that on a router whose release it does not tell). So it is said from 26 on, and where a router wants it.
"""

from __future__ import annotations

import re

from cryptography.hazmat.primitives import hashes

from ..errors import NodeError
from . import pki

PINNED = (26, 0)        # the release from which on the fingerprint has to be there
WANTED = re.compile(r"fingerprint must be supplied", re.IGNORECASE)


def authenticate(router, name, certificate, release, what, before=()):
    """Enter the lines `before`, then the CA certificate; its fingerprint first where the router wants that. what: the object of the operation."""
    step = pki.authenticate(name, certificate)
    pin = ["crypto pki trustpoint %s" % name, "fingerprint %s" % certificate.fingerprint(hashes.SHA1()).hex().upper(), "exit"]
    try:
        router.enter([*before, *(pin if release >= PINNED else ()), step], what)
    except NodeError as e:
        if e.kind != "refused" or not WANTED.search((e.detail or {}).get("output") or ""):
            raise
        router.enter([*pin, step], what)
