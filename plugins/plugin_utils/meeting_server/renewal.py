# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of a Meeting Server cluster for a renewal: what its services use, and what its databases use. Reads only.

What the services trust in each other is no store of its own here: it comes with the certificate, on all nodes, from the same run.
"""

from __future__ import annotations

from ..renewal import IDENTITY
from ..renewal import certificates_of
from .reading import Server

SERVICES, DATABASES = "services", "databases"
OF_DATABASES = ("server_certificate", "client_certificate")


def read(action, authorities):
    """[Certificate] of all nodes."""
    held = []
    for name, server in action.each(action.nodes, Server).items():
        files = [(SERVICES, status.installed(slot)[1]) for status in server.statuses.values() for slot in status.service.slots]
        files += [(DATABASES, server.database.certificates[what]) for what in OF_DATABASES]
        held += [(name, IDENTITY, what, server.leaf(file)) for what, file in files if server.leaf(file) is not None]
    return certificates_of(held, authorities)
