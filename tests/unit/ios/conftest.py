# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CA of two tiers, and the time that it lives in."""
from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading

NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


class Authority:
    """One CA. issue(): a certificate for a public key."""

    def __init__(self, name, issuer=None):
        self.key = rsa.generate_private_key(65537, 2048)
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (issuer or self).issue(self.subject, self.key.public_key(), 3000, True, None)

    def issue(self, subject, public_key, days=400, ca=False, uses=BOTH, start=-30):
        """A certificate, valid from 30 days ago."""
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.subject).public_key(public_key)
                   .serial_number(x509.random_serial_number()).not_valid_before(NOW + datetime.timedelta(days=start))
                   .not_valid_after(NOW + datetime.timedelta(days=days)).add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
        if uses:
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture(scope="session")
def root():
    """The root."""
    return Authority("Ent-PA Root CA")


@pytest.fixture(scope="session")
def authority(root):
    """The CA that issues."""
    return Authority("Ent-PA Issuing CA", root)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The time that all certificates are made for."""
    monkeypatch.setattr(reading, "now", lambda: NOW)
    return NOW
