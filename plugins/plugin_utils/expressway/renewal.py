# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of an Expressway cluster for a renewal: each peer's own, and the CAs that it trusts (no peer has them from another). Reads only."""

from __future__ import annotations

from ..renewal import IDENTITY
from ..renewal import TRUST
from ..renewal import certificates_of
from . import peer_certificates as peers

SERVER, TRUSTED = "server", "trusted CAs"


def read(action, authorities):
    """[Certificate] of all peers. The temporary ones of an installation are not renewed: they are found and replaced by the role."""
    held = []
    for name, peer in action.each(action.nodes, peers.read_peer).items():
        if peer.server is not None and not peers.is_temporary(peer.server):
            held.append((name, IDENTITY, SERVER, peer.server))
        held += [(name, TRUST, TRUSTED, one) for one in peer.trusted if not peers.is_temporary_ca(one)]
    return certificates_of(held, authorities)
