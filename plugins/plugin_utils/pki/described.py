# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several certificates a description in words is: `show cert trust` gives no PEM, other than `show cert own` (id:32477123990, id:43310779972).

Labels as in a recorded description (id:43218471323), and as releases with another library have them (vos.md 1.1).
"""

from __future__ import annotations

import re

from .facts import common_name
from .pem import public_key_bytes

SERIAL = re.compile(r"^.*?\bSerial ?Number:[ \t]*(?:0x)?([0-9A-Fa-f]+)[ \t]*$", re.MULTILINE)
SUBJECT = re.compile(r"^[ \t]*Subject(?: Name|DN):[ \t]*(.*(?:\n[ \t]+(?![ \t]*[\w ]+:).*)*)", re.MULTILINE)
KEY = re.compile(r"^[ \t]*(?:Key value|Modulus):[ \t]*([0-9A-Fa-f]+)", re.MULTILINE | re.IGNORECASE)


def fits(text, certificate):
    """Whether a description is that of a certificate: its serial number (which a release may write in either base), subject and key."""
    words = text.replace("\r", "")
    serial, subject, key = (pattern.search(words) for pattern in (SERIAL, SUBJECT, KEY))
    if serial is None or subject is None or certificate.serial_number not in numbers(serial.group(1)):
        return False
    if plain(common_name(certificate)) not in plain(subject.group(1)):
        return False
    return key is None or key.group(1).lower() in public_key_bytes(certificate).hex()


def numbers(text):
    """What a serial number in words may mean."""
    return {int(text, 16)} | ({int(text)} if text.isdigit() else set())


def plain(name):
    """A name without what one library escapes or quotes and another does not."""
    return "".join(c for c in name.lower() if c.isalnum())
