# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and requests as text and as bytes: reading what operators and devices hand over, writing PEM."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
# The devices' older guides show "CERTIFICATE SIGN REQUEST", Windows tools write "NEW CERTIFICATE REQUEST" (vos.md 1.1).
REQUEST_LABEL = re.compile(r"(NEW )?CERTIFICATE (SIGN )?REQUEST")
CERTIFICATE_LABELS = ("CERTIFICATE", "X509 CERTIFICATE")


class PemError(ValueError):
    """Text that is not what it should be. The message says what is wrong and what to do; it never quotes the text itself."""


@lru_cache(maxsize=1024)        # a trust graph of twenty clusters asks for those of a few certificates a hundred thousand times
def fingerprint(thing):
    """SHA-256 of the DER of a certificate, upper case, in pairs with colons: the identity that everything here compares."""
    digest = thing.fingerprint(hashes.SHA256()).hex().upper()
    return ":".join(digest[i:i + 2] for i in range(0, len(digest), 2))


def to_pem(thing):
    """PEM text (one trailing newline) of a certificate or a request."""
    return thing.public_bytes(serialization.Encoding.PEM).decode()


def public_key_bytes(thing):
    """The public key of a certificate or request as SubjectPublicKeyInfo DER: equal bytes, equal key."""
    return thing.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _text(data, what):
    if isinstance(data, bytes):
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise PemError("%s is neither PEM text nor DER" % what) from None
    return data.lstrip("\ufeff")


def _der(label, body, what):
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise PemError("%s: the text between BEGIN %s and END %s is not base64; the file is damaged: fetch it again" % (what, label, label)) from None


def _load(der, what):
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.extensions, certificate.subject, certificate.public_key()      # parsed lazily: find damage now, not at first use
        return certificate
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as e:
        raise PemError("%s is not a readable X.509 certificate (%s); fetch it again from its CA" % (what, e)) from None


def read_certificates(data, what):
    """Certificates handed over by an operator or a CA: PEM text (one or more), DER bytes, or a PKCS#7 bundle of either kind.

    data: str or bytes; what: the option's or file's name for messages. Returns a list in the order of the file. Strict: text outside
    the BEGIN/END lines, private keys and anything else that is not a certificate raise PemError, for the products accept pure PEM or
    DER only (vos.md 1.5), and a file with other text in it is more often the wrong file than a right one with remarks.
    """
    if isinstance(data, bytes) and data[:1] == b"\x30":
        return _read_der(data, what)
    text = _text(data, what)
    if not text.strip():
        raise PemError("%s is empty; give a certificate in PEM form" % what)
    out, position = [], 0
    for match in BLOCK.finditer(text):
        if text[position:match.start()].strip():
            raise PemError(_rubbish(text[:match.start()], what))
        position, label = match.end(), match.group(1)
        if "PRIVATE KEY" in label:
            raise PemError("%s holds a private key beside the certificate; take the key out, only certificates belong here" % what)
        if label in ("PKCS7", "CMS"):
            out += _read_pkcs7(_der(label, match.group(2), what), what)
        elif REQUEST_LABEL.fullmatch(label):
            raise PemError("%s holds a certificate request, not a certificate; have it signed by the CA and give what the CA issued" % what)
        elif label in CERTIFICATE_LABELS:
            out.append(_load(_der(label, match.group(2), what), what))
        else:
            raise PemError("%s holds a '%s' block where only certificates belong; take it out" % (what, label))
    if not out and "-----BEGIN" not in text:
        raise PemError("%s is not a certificate in PEM form (no '-----BEGIN CERTIFICATE-----' line); export it as Base64 X.509" % what)
    if text[position:].strip():
        raise PemError(_rubbish(text, what))
    return out


def _rubbish(before, what):
    line = before.count("\n") + 1
    return ("%s holds text outside its BEGIN and END lines (seen up to line %d); the product accepts pure PEM only: "
            "delete everything that is not between '-----BEGIN CERTIFICATE-----' and '-----END CERTIFICATE-----', those lines included" % (what, line))


def _read_der(data, what):
    try:
        return [_load(data, what)]
    except PemError:
        return _read_pkcs7(data, what)


def _read_pkcs7(der, what):
    try:
        found = pkcs7.load_der_pkcs7_certificates(der)
    except (ValueError, UnsupportedAlgorithm) as e:
        raise PemError("%s is neither a certificate nor a PKCS#7 bundle of certificates (%s); export it as Base64 X.509" % (what, e)) from None
    return [_load(c.public_bytes(serialization.Encoding.DER), what) for c in found]


def read_certificate(data, what):
    """The one certificate in data. PemError when there are more, or none."""
    found = read_certificates(data, what)
    if len(found) != 1:
        raise PemError("%s holds %d certificates where one is expected" % (what, len(found)))
    return found[0]


def find_certificates(text):
    """Every readable certificate in a device's output, whatever stands around it (show cert, snapshots); unreadable ones are left out."""
    out = []
    for match in BLOCK.finditer((text or "").replace("\r", "")):
        if match.group(1) in CERTIFICATE_LABELS:
            try:
                out.append(_load(_der("CERTIFICATE", match.group(2), ""), ""))
            except PemError:
                continue
    return out


def find_request(text):
    """The certificate request in a device's output, or None where there is none. PemError for one that cannot be read."""
    for match in BLOCK.finditer((text or "").replace("\r", "")):
        if REQUEST_LABEL.fullmatch(match.group(1)):
            return _load_request(_der(match.group(1), match.group(2), "the request"), "the request")
    return None


def read_request(data, what):
    """A PKCS#10 request given as PEM text under any of the usual labels. PemError when it is none, or when its own signature is wrong."""
    text = _text(data, what)
    request = None
    for match in BLOCK.finditer(text):
        if REQUEST_LABEL.fullmatch(match.group(1)):
            request = _load_request(_der(match.group(1), match.group(2), what), what)
            break
    if request is None:
        raise PemError("%s is not a certificate request in PEM form (no '-----BEGIN CERTIFICATE REQUEST-----' line)" % what)
    if not request.is_signature_valid:
        raise PemError("%s: the request's own signature is wrong, so it was damaged on its way; read it from the node again" % what)
    return request


def _load_request(der, what):
    try:
        request = x509.load_der_x509_csr(der)
        request.extensions, request.subject, request.public_key()
        return request
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as e:
        raise PemError("%s is not a readable PKCS#10 request (%s)" % (what, e)) from None
