# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a renewal is told of an Expressway cluster: each peer's own certificate and its own list, but not what the installation made."""
from __future__ import annotations

from pathlib import Path

from ansible_collections.collab.security.plugins.plugin_utils.expressway import renewal
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import fingerprint
from tests.unit.expressway.fake_peers import Action
from tests.unit.expressway.fake_peers import Peers
from tests.unit.expressway.fake_peers import issue
from tests.unit.expressway.fake_peers import request
from tests.unit.expressway.fake_peers import root

ENTERPRISE = "Enterprise Root CA"


def test_each_peer_has_its_own(tmp_path: Path) -> None:
    """One row for each peer's certificate, with the CA above it; one for a CA on both peers."""
    peers = Peers()
    for name, box in peers.boxes.items():
        box["server"] = issue(request(name, [name], "csr " + name), ENTERPRISE)
        box["root"].append(root(ENTERPRISE))
    found = renewal.read(Action(peers, tmp_path), [root(ENTERPRISE)])
    assert {(one.kind, one.name, one.nodes, one.managed) for one in found} == {
        ("identity", "server", ("us-expc1",), True), ("identity", "server", ("us-expc2",), True),
        ("trust", "trusted CAs", ("us-expc1", "us-expc2"), False)}
    assert {one.above for one in found if one.kind == "identity"} == {(fingerprint(root(ENTERPRISE)),)} and not peers.writes


def test_what_the_installation_made_is_not_renewed(tmp_path: Path) -> None:
    """The temporary certificate and the temporary CA: the role replaces the one, and a person takes out the other."""
    assert renewal.read(Action(Peers(), tmp_path), []) == []
