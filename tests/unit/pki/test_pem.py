# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading certificates and requests: what operators give is read strictly, what devices print is read whatever stands around it."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from ansible_collections.collab.security.plugins.plugin_utils.pki import pem


def test_pem_with_several_certificates_keeps_order(ca):
    text = pem.to_pem(ca.intermediate) + "\r\n\n" + pem.to_pem(ca.root).replace("\n", "\r\n")
    assert [pem.fingerprint(c) for c in pem.read_certificates(text, "x")] == [pem.fingerprint(c) for c in ca.chain]


@pytest.mark.parametrize("encoding", [serialization.Encoding.PEM, serialization.Encoding.DER])
def test_pkcs7_bundles_are_read(ca, encoding):
    bundle = pkcs7.serialize_certificates(ca.chain, encoding)
    assert {pem.fingerprint(c) for c in pem.read_certificates(bundle, "x")} == {pem.fingerprint(c) for c in ca.chain}


def test_der_is_read(ca):
    assert pem.read_certificate(ca.root.public_bytes(serialization.Encoding.DER), "x") == ca.root


def test_byte_order_mark_is_harmless(ca):
    assert pem.read_certificates(b"\xef\xbb\xbf" + pem.to_pem(ca.root).encode(), "x") == [ca.root]


@pytest.mark.parametrize("text, words", [
    ("", "is empty"),
    ("hello", "is not a certificate in PEM form"),
    ("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", "is not base64"),
    ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is not a readable X.509 certificate"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "'PUBLIC KEY' block"),
    ("Certificate:\n    Data:\n{root}", "outside its BEGIN and END lines"),
    ("{root}trailing words", "outside its BEGIN and END lines"),
    ("{root}-----BEGIN CERTIFICATE-----\nMIIC", "outside its BEGIN and END lines"),
    ("{csr}", "a certificate request, not a certificate"),
])
def test_rubbish_is_refused_with_the_variables_name(ca, kit, text, words):
    with pytest.raises(pem.PemError, match=words) as caught:
        pem.read_certificates(text.format(root=pem.to_pem(ca.root), csr=pem.to_pem(kit.csr())), "collab_ca_file")
    assert str(caught.value).startswith("collab_ca_file")


def test_private_key_is_refused_and_not_quoted(ca, kit):
    key = kit.key("root").private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    with pytest.raises(pem.PemError, match="private key") as caught:
        pem.read_certificates(pem.to_pem(ca.root) + key, "x")
    assert not any(line in str(caught.value) for line in key.splitlines()[1:-1])


def test_damaged_inside_is_refused(ca):
    text = pem.to_pem(ca.root).splitlines()
    del text[5]
    with pytest.raises(pem.PemError, match="readable|base64"):
        pem.read_certificates("\n".join(text), "x")


def test_one_certificate_means_one(ca):
    with pytest.raises(pem.PemError, match="holds 2 certificates where one"):
        pem.read_certificate(pem.to_pem(ca.root) * 2, "x")


def test_device_output_is_searched(ca):
    output = "[\r\n  Version: V3\r\n]\r\n" + pem.to_pem(ca.root).replace("\n", "\r\n") + "admin:"
    assert pem.find_certificates(output) == [ca.root]
    assert pem.find_certificates("nothing here") == []


@pytest.mark.parametrize("label", ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", "CERTIFICATE SIGN REQUEST"])
def test_request_under_each_label(kit, label):
    request = kit.csr()
    text = "[ ]\r\n" + pem.to_pem(request).replace("CERTIFICATE REQUEST", label)
    assert pem.find_request(text) == request
    assert pem.read_request(text, "csr") == request


def test_request_that_was_damaged(kit):
    request = kit.csr()
    der = bytearray(request.public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    import base64
    text = "-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n" % base64.b64encode(der).decode()
    with pytest.raises(pem.PemError, match="own signature is wrong"):
        pem.read_request(text, "csr")


def test_no_request():
    assert pem.find_request("No CSR") is None
    with pytest.raises(pem.PemError, match="not a certificate request"):
        pem.read_request("x", "csr")
