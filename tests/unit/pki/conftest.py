# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small CA in memory and makers of requests and certificates, right ones and each kind of wrong one."""

from __future__ import annotations

import datetime
import functools
import types

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.pki import facts

NODES = ["us-cm-pub.ent-pa.com", "us-cm-sub1.ent-pa.com", "us-cm-sub2.ent-pa.com"]
BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)
USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
          "encipher_only", "decipher_only")


@functools.cache
def made(name, bits):
    return rsa.generate_private_key(65537, bits)


def key(name, bits=2048):
    """A key by name: the same name gives the same key within a test run."""
    return made(name, bits)


def name(common, **more):
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    parts += [x509.NameAttribute(getattr(NameOID, k.upper()), v) for k, v in more.items()]
    return x509.Name(parts)


def usage(*flags):
    return x509.KeyUsage(**{u: u in flags for u in USAGES})


def csr(common="us-cm-pub-ms.ent-pa.com", names=(*NODES, "ent-pa.com"), key_name="tomcat", bits=2048, algorithm=None, eku=BOTH,
        ku=("digital_signature", "key_encipherment", "data_encipherment")):
    builder = x509.CertificateSigningRequestBuilder().subject_name(name(common, organization_name="ent-pa"))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    if ku:
        builder = builder.add_extension(usage(*ku), critical=False)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(eku), critical=False)
    return builder.sign(key(key_name, bits), algorithm or hashes.SHA256())


def make(common, key_name, issuer=None, issuer_key=None, start=-30, days=800, ca=False, path_length=None, names=(), eku=None, ku=None,
         algorithm=None, serial=None, critical_eku=False, public_key=None):
    """A certificate. issuer: None for self-signed; start and days: validity relative to NOW."""
    subject = name(common)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
        .public_key(public_key or key(key_name).public_key()).serial_number(serial or x509.random_serial_number())
        .not_valid_before(NOW + datetime.timedelta(days=start)).not_valid_after(NOW + datetime.timedelta(days=start + days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    if ku:
        builder = builder.add_extension(usage(*ku), critical=True)
    if eku:
        builder = builder.add_extension(x509.ExtendedKeyUsage(eku), critical=critical_eku)
    return builder.sign(issuer_key or key(key_name), algorithm or hashes.SHA256())


class CA:
    """Root, intermediate, and issue() for a request with any one thing changed."""

    def __init__(self):
        self.root = make("Ent-PA Root CA", "root", ca=True, days=7000, ku=("key_cert_sign", "crl_sign"))
        self.intermediate = make("Ent-PA Issuing CA", "intermediate", self.root, key("root"), ca=True, path_length=0, days=3000,
                                 ku=("key_cert_sign", "crl_sign"))
        self.chain = [self.intermediate, self.root]

    def issue(self, request, **change):
        values = {"names": facts.dns_names(request), "eku": BOTH, "ku": tuple(facts.key_usage(request)), "public_key": request.public_key()}
        values.update(change)
        issuer = values.pop("issuer", self.intermediate)
        issuer_key = values.pop("issuer_key", key("intermediate"))
        return make(facts.common_name(request), "leaf", issuer, issuer_key, **values)


@pytest.fixture(scope="session")
def kit():
    """The makers above, for tests (conftest.py cannot be imported)."""
    return types.SimpleNamespace(NODES=NODES, BOTH=BOTH, NOW=NOW, key=key, name=name, csr=csr, make=make, usage=usage)


@pytest.fixture(scope="session")
def ca():
    return CA()
