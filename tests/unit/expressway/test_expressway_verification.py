# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ports of Expressway peers are looked at, and what is said of what they serve."""
from __future__ import annotations

from pathlib import Path

from ansible_collections.collab.security.plugins.plugin_utils.expressway.verification import ExpresswayVerification
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import to_pem
from tests.unit.expressway.fake_peers import Action
from tests.unit.expressway.fake_peers import Peers
from tests.unit.expressway.fake_peers import intermediate
from tests.unit.expressway.fake_peers import issue
from tests.unit.expressway.fake_peers import request
from tests.unit.expressway.fake_peers import root

SIP, MRA = "/common/protocol/sip/configuration", "/common/mra"


def look(peers: Peers, tmp_path: Path, ports: tuple[int, ...] = (8443, 5061, 5222), by: str = "Enterprise Root CA") -> Action:
    """One look at both peers, which serve certificates of this CA."""
    for name, box in peers.boxes.items():
        box["server"] = issue(request(name + ".ent-pa.com", [name + ".ent-pa.com"], name), by)
        box["served"] = box["served"] if box.get("stale") else box["server"]
    ca = tmp_path / "ca.pem"
    ca.write_text(to_pem(root("Enterprise Root CA")) + to_pem(intermediate()))
    action = Action(peers, tmp_path)
    client = {"client_certificate": str(ca), "client_key_file": str(ca), "client_key_passphrase": None}
    ExpresswayVerification(action, {"ca_file": str(ca), "ports": list(ports), "targets": [], **client}).apply()
    return action


def test_ports_follow_what_is_on(tmp_path: Path) -> None:
    """Web interface and SIP by TLS where that is configured; 8443 of E with mobile and remote access; traversal ports without our client certificate."""
    peers = Peers("expressway_e")
    peers.resources = {SIP: [{"SipMode": "On", "TlsMode": "On", "TlsPort": 5071}], MRA: [{"Enabled": "On"}],
                       "/edge/zone/traversalserver": [{"SIPPort": 7002, "SIPTransport": "TLS"}, {"SIPPort": 7003, "SIPTransport": "TCP"},
                                                      {"SIPPort": 7004, "SIPTransport": "TLS", "SIPMode": "Off"}],
                       "/edge/zone/unifiedcommunicationstraversal": [{"SIPPort": 7001}]}
    action = look(peers, tmp_path)
    assert action.report.extra["expected"] == action.report.extra["proved"] == 10
    assert {one for one in peers.probed if one[0] == "us-expe1"} == {
        ("us-expe1", 443, True), ("us-expe1", 5071, True), ("us-expe1", 8443, True), ("us-expe1", 7001, False), ("us-expe1", 7002, False)}

    peers = Peers("expressway_c")
    peers.resources = {SIP: [{"TlsMode": "Off", "TlsPort": 5061}], MRA: [{"Enabled": "On"}]}
    assert look(peers, tmp_path).report.extra["expected"] == 2
    assert look(Peers("expressway_c"), tmp_path, (5061,)).report.extra["expected"] == 2


def test_an_old_certificate_on_a_port_is_told(tmp_path: Path) -> None:
    """It is installed and not served: the peer has not restarted."""
    peers = Peers()
    peers.boxes["us-expc2"]["stale"] = True
    action = look(peers, tmp_path)
    assert action.report.extra["expected"] == 4 and action.report.extra["proved"] == 2
    assert {f["object"] for f in action.report.findings if "has not been restarted since" in f["message"]} == {"us-expc2 port 443", "us-expc2 port 5061"}
    assert {f["step"] for f in action.report.findings} == {"exp-upload"}


def test_a_chain_that_is_not_sent_is_told(tmp_path: Path) -> None:
    """Clients who only know the root cannot verify it; a certificate of the root itself needs none."""
    assert not look(Peers(), tmp_path).report.findings
    assert {f["id"] for f in look(Peers(), tmp_path, by="Issuing CA").report.findings} == {"chain-not-served"}
