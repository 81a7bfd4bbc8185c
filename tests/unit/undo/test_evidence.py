# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of certificates and CTL files, which cannot be brought back."""
from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.report import Report
from ansible_collections.collab.security.plugins.plugin_utils.undo import journal
from ansible_collections.collab.security.plugins.plugin_utils.undo.keeping import Keeper
from ansible_collections.collab.security.plugins.plugin_utils.undo.past import fold

CTL = """CTL File was last modified on Fri Mar 06 21:56:07 CET 2015
Length of CTL file: 4947
The CTL File was verified successfully.
CTL Record #:1
        ----
BYTEPOS TAG             LENGTH  VALUE
------- ---             ------  -----
4       FUNCTION        2       CCM+TFTP
6       SERIALNUMBER    16      70:CA:F6:4E
"""


def certificate(number):
    """A certificate with a serial number."""
    key, who = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "us-cm-pub.ent-pa.com")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return (x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(number).not_valid_before(start)
            .not_valid_after(start.replace(year=2030)).sign(key, hashes.SHA256()))


def pem(made):
    """Its text."""
    return made.public_bytes(serialization.Encoding.PEM).decode()


class Peer:
    """An Expressway that serves a certificate, and a publisher with a CTL file."""

    name = "us-expe1"

    def __init__(self, workspace):
        self.variables = {"collab_workspace": str(workspace), "collab_cluster": "us_expe"}
        self.serves, self.ctl, self.broken = pem(certificate(0x5A17)), CTL, None

    def ask(self, channel, op, **arguments):
        if self.broken:
            raise self.broken
        if op == "sql":
            return [{"paramvalue": "1"}]
        return self.serves if op == "pem" else {"output": self.ctl}


@pytest.fixture
def peer(tmp_path):
    return Peer(tmp_path)


def keep(peer, channel, operation, **arguments):
    """(words of a rollback about it, keeper) after one request."""
    keeper = Keeper(1, "collab.security.x", Report, set())
    keeper.before(peer, channel, operation, arguments)
    return fold(journal.entries(peer.variables["collab_workspace"], "us_expe"))[1], keeper


def test_the_certificate_that_is_replaced_is_kept_and_named(peer, tmp_path):
    lost, _keeper = keep(peer, "expressway_api", "upload", path="/certs/server", pem=pem(certificate(2)))
    name, = lost["identity"]
    kept, = (tmp_path / "us_expe" / "saved" / "certificates").glob("*.pem")
    assert "serial number 5A17" in name and kept.stem == x509.load_pem_x509_certificate(peer.serves.encode()).fingerprint(hashes.SHA256()).hex().upper()
    assert kept.read_text(encoding="utf-8") == peer.serves and kept.stat().st_mode & 0o077 == 0


def test_where_there_was_none_or_it_cannot_be_read_that_is_said(peer):
    peer.serves = None
    assert "there was none before" in keep(peer, "expressway_api", "upload", path="/certs/server", pem="")[0]["identity"][0]
    peer.broken = NodeError("refused", "no")
    assert "could not be read" in keep(peer, "expressway_api", "upload", path="/certs/server", pem="x")[0]["identity"][-1]
    peer.broken = NodeError("unreachable", "gone")
    with pytest.raises(NodeError):
        keep(peer, "expressway_api", "upload", path="/certs/server", pem="y")


def test_a_trust_stores_certificates_are_named(peer):
    lost, _keeper = keep(peer, "certmgr", "upload_trust", services=["tomcat-trust"], certificates=[pem(certificate(7)), pem(certificate(8))])
    assert "tomcat-trust" in lost["trust"][0] and "serial number 7, " in lost["trust"][0] and "serial number 8" in lost["trust"][0]


def test_the_ctl_file_that_phones_have_is_named(peer):
    lost, _keeper = keep(peer, "vos_cli", "run", command="utils ctl update CTLFile", answers=[])
    assert "mixed mode, CTL file of Fri Mar 06 21:56:07 CET 2015 with CCM+TFTP 70CAF64E" in lost["ctl"][0]
    peer.ctl = "Length of CTL file: 0\nCTL File not found"
    assert "no CTL file" in keep(peer, "vos_cli", "run", command="utils ctl set-cluster mixed-mode", answers=[])[0]["ctl"][-1]


def test_without_a_workspace_it_is_said_once_something_is_changed(peer):
    peer.variables = {"collab_cluster": "us_expe"}
    assert not keep_silent(peer, "vos_cli", "run", command="show ctl").unsaved
    assert keep_silent(peer, "vos_cli", "run", command="utils ctl update CTLFile").unsaved


def keep_silent(peer, channel, operation, **arguments):
    """The keeper after one request."""
    keeper = Keeper(1, "collab.security.x", Report, set())
    keeper.before(peer, channel, operation, arguments)
    return keeper


def test_no_key_is_kept(peer, tmp_path):
    keep(peer, "expressway_api", "upload", path="/certs/server", pem=pem(certificate(2)))
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "us_expe").rglob("*.*") if path.is_file()]
    assert texts and not any("PRIVATE KEY" in text for text in texts)
