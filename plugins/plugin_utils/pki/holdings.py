# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node holds, out of the certificate API's snapshot or of the CLI's words: identities, requests, trust stores.

Store and service names differ in case and in the ending -trust between the API, the CLI and the guide ("CallManager",
"callManager-trust"); key() makes one of them. Contents are DER, never labels (design, 5; vos.md 0.2).
"""

from __future__ import annotations

import re

from .pem import find_certificates
from .pem import find_request
from .pem import fingerprint


def key(name):
    """One spelling for a service or a trust store: lower case, without the ending -trust."""
    name = name.strip().lower()
    return name[:-6] if name.endswith("-trust") else name


class Holdings:
    """What one node holds.

    identities: key -> certificate; requests: key -> request; trust: key -> list of certificates; spelling: key -> the node's own
    spelling of the service; unread: key -> files of a trust store whose bytes are nowhere to be had.
    """

    def __init__(self):
        self.identities, self.requests, self.trust, self.spelling, self.unread = {}, {}, {}, {}, {}

    def add_identity(self, service, pem, csr=None):
        """One identity as the node shows it: PEM text of the certificate, and of the pending request if there is one."""
        self.spelling.setdefault(key(service), service)
        found = find_certificates(pem)
        if found:
            self.identities[key(service)] = found[0]
        request = find_request(csr) if csr else None
        if request is not None:
            self.requests[key(service)] = request

    def add_trust(self, service, pem=None):
        """One certificate (or none: an empty store) of a trust store."""
        self.spelling.setdefault(key(service), re.sub(r"-trust$", "", service, flags=re.IGNORECASE))
        self.trust.setdefault(key(service), []).extend(find_certificates(pem or ""))

    def held(self, store):
        """Fingerprints in a trust store."""
        return {fingerprint(c) for c in self.trust.get(key(store), ())}

    def lacking(self, certificates, stores):
        """{store as given: [certificates it lacks]} for the stores that lack any."""
        out = {}
        for store in stores:
            missing = [c for c in certificates if fingerprint(c) not in self.held(store)]
            if missing:
                out[store] = missing
        return out


def from_snapshot(data):
    """Holdings from GET /snapshot/server (transcript 40); parts that are missing or of another shape count as empty."""
    out = Holdings()
    for row in data.get("identities") or ():
        if isinstance(row, dict) and row.get("service"):
            out.add_identity(row["service"], row.get("certificate") or "", row.get("csr"))
    for row in data.get("trusts") or ():
        if isinstance(row, dict) and row.get("service"):
            out.add_trust(row["service"])
            for entry in row.get("certificate_data") or ():
                out.add_trust(row["service"], entry.get("certificate") if isinstance(entry, dict) else entry)
    return out


LISTED = re.compile(r"^\s*([A-Za-z0-9_-]+)/([^:\r\n]+?\.(?:pem|der|csr))\s*(?::.*)?$", re.MULTILINE)


def listed(output):
    """(unit, file) pairs of `show cert list own|trust` and `show csr list own` (one line each: UNIT/FILE.pem: DESCRIPTION; vos.md 1.1)."""
    return [(m.group(1), m.group(2)) for m in LISTED.finditer(output.replace("\r", ""))]


MULTI_SERVER = re.compile(r"multi[ _-]?server", re.IGNORECASE)


def multi_server_word(options):
    """The exact spelling of the multi-server distribution in the reply of GET /options, or None where the release does not offer it.

    Its layout is not published (vos.md 1.2, 8), so any string or key in it that says multi-server counts, "multi-server" itself first.
    """
    found = []

    def walk(value):
        if isinstance(value, dict):
            for k, v in value.items():
                walk(v if not (MULTI_SERVER.search(str(k)) and v is False) else None)
                if MULTI_SERVER.search(str(k)) and v is not False:
                    found.append(str(k))
        elif isinstance(value, (list, tuple)):
            for v in value:
                walk(v)
        elif isinstance(value, str):
            found.extend([value] if MULTI_SERVER.search(value) else [])

    walk(options)
    return min(found, key=lambda w: (not MULTI_SERVER.fullmatch(w), len(w))) if found else None
