# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup for the disk of the control node: it holds private keys, so it lies there encrypted, in the format of `openssl enc`.

To have it back:  openssl enc -d -aes-256-cbc -md sha256 -pbkdf2 -iter 600000 -in FILE.bak.enc -out FILE.bak
"""

from __future__ import annotations

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers import modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

ROUNDS = 600000


def encrypted(data, passphrase):
    """The bytes, encrypted by AES-256-CBC with a key from the passphrase (PBKDF2, SHA-256)."""
    salt = os.urandom(8)
    secret = PBKDF2HMAC(hashes.SHA256(), 48, salt, ROUNDS).derive(passphrase.encode())
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(secret[:32]), modes.CBC(secret[32:])).encryptor()
    return b"Salted__" + salt + encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
