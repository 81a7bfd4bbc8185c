# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate in the words of `show cert trust`, which gives no PEM, with the labels of either library (vos.md 1.1)."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization


def in_words(certificate, newer=False):
    """The description of an RSA certificate."""
    subject = ", ".join(reversed([a.rfc4514_string() for a in certificate.subject]))
    if newer:
        return "  [0]         Version: 3\r\n         SerialNumber: %d\r\n            SubjectDN: %s\r\n              Modulus: %x\r\n" % (
            certificate.serial_number, subject.replace(", ", ","), certificate.public_key().public_numbers().n)
    key = certificate.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1).hex()
    return "[\r\n  Version: V3\r\n  Serial Number: %X\r\n  Subject Name: %s\r\n  Key: RSA (1.2.840.113549.1.1.1)\r\n    Key value: %s\r\n]\r\n" % (
        certificate.serial_number, subject, key)
