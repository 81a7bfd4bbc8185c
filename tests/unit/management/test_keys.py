# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that are made on the control node: encrypted, and opened by openssl."""
from __future__ import annotations

import datetime
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ansible_collections.collab.security.plugins.plugin_utils.management import keys
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import CLIENT_AUTH
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import SERVER_AUTH
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import dns_names
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import extended_key_usage
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import key_of
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import fingerprint

NAMES = ["us-cmm1.ent-pa.com", "cdr.ent-pa.com"]
PASSPHRASE = "a passphrase"


@pytest.fixture(scope="module")
def pair():
    """(key, request, certificate)."""
    key, request = keys.made(NAMES[0], NAMES, {SERVER_AUTH, CLIENT_AUTH}, {"O": "Cisco", "C": "US"})
    now = datetime.datetime.now(datetime.UTC)
    certificate = (x509.CertificateBuilder().subject_name(request.subject).issuer_name(request.subject).public_key(key.public_key()).serial_number(7)
                   .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256()))
    return key, request, certificate


def test_request(pair):
    _key, request, _certificate = pair
    assert request.subject.rfc4514_string() == "CN=us-cmm1.ent-pa.com,O=Cisco,C=US"
    assert dns_names(request) == sorted(NAMES) and extended_key_usage(request) == {SERVER_AUTH, CLIENT_AUTH} and key_of(request) == ("RSA", 2048)
    assert request.is_signature_valid


def test_key_is_sealed(pair):
    data = keys.sealed(pair[0], PASSPHRASE)
    assert data.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert keys.opened(data, PASSPHRASE).private_numbers() == pair[0].private_numbers()
    assert keys.opened(data, "another") is None and keys.opened(b"nonsense", PASSPHRASE) is None


def test_pkcs12(pair, tmp_path):
    key, _request, certificate = pair
    data = keys.bundled("us-tms1-cert-key", key, certificate, [], PASSPHRASE)
    assert fingerprint(keys.unbundled(data, PASSPHRASE)) == fingerprint(certificate)
    assert keys.unbundled(data, "another") is None and keys.unbundled(b"nonsense", PASSPHRASE) is None
    file = tmp_path / "x.p12"
    file.write_bytes(data)
    shown = subprocess.run(["openssl", "pkcs12", "-legacy", "-in", str(file), "-passin", "pass:" + PASSPHRASE, "-nokeys", "-info"],
                           capture_output=True, text=True, check=True)
    assert "us-tms1-cert-key" in shown.stdout
