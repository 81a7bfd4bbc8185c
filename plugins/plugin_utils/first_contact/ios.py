# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is assumed of the command line of IOS and IOS XE."""

from __future__ import annotations

import re

from ..ios.config import parse
from ..ios.pki import key_pairs
from .assumption import Assumption
from .assumption import Look
from .assumption import NotSeen
from .assumption import answers
from .assumption import refused
from .assumption import says
from .assumption import wire


def show(command, *assumptions):
    """A Look by one command."""
    return Look("ios_cli", "show", {"command": command}, assumptions)


def _keys(answer):
    if "Key name" not in answer.text:
        raise NotSeen("there is no key pair")
    found = key_pairs(answer.text)
    return bool(found) and None not in found.values()


def _certificate(answer):
    lines = re.findall(r"^ certificate (?!self-signed).*$", answer.text, re.MULTILINE)
    if not lines:
        raise NotSeen("no trustpoint has a certificate that another issued")
    return not any("nvram:" in line for line in lines)


def _masks(answer):
    if "ip address trusted list" not in answer.text:
        raise NotSeen("there is no list of trusted addresses")
    return says(r"^\s+ipv4 [\d.]+\s*$")(answer) or not says(r"^\s+ipv4 [\d.]+ 255\.255\.255\.255")(answer)


def _log(answer):
    return not wire(r"[#>]\s*\*?\w{3} +\d+ \d\d:\d\d:\d\d.*%[A-Z]")(answer)


def _separators(answer):
    return len([line for line in answer.text.splitlines() if line.strip() == "!"]) > 10


EVERY_NODE = (
    show("show version",
         Assumption("ios-login", "the login begins in user mode, and 'enable' asks for a password", wire(r"(?:^|[\r\n])[\w.-]+>"), answers),
         Assumption("ios-log-lines", "no line of the log comes into the session of itself", _log, answers),
         Assumption("ios-lines", "it says IOS or IOS XE with a version", says(r"Cisco IOS.*Version \d+\.\d+"))),
    show("show running-config",
         Assumption("ios-running-config", "it ends with a line 'end', and its blocks with a line '!'", _separators, lambda a: bool(parse(a.text))),
         Assumption("ios-running-config", "certificates stand in it as bytes", _certificate, answers),
         Assumption("ios-running-config", "a trusted address without mask is printed without one", _masks, answers),
         Assumption("ios-save", "a running configuration can be read whole", answers)),
    show("show crypto key mypubkey rsa", Assumption("ios-key", "key pairs with their name and their bytes", _keys)),
    show("show crypto pki trustpoints status", Assumption("ios-show-pki", "trustpoints with their state", says(r"^Trustpoint "), answers)),
    show("show crypto pki certificates pem",
         Assumption("ios-show-pki", "certificates as PEM",
                    lambda a: a.error is None and ("BEGIN CERTIFICATE" in a.text or _none(a)))),
    show("show no-such-thing",
         Assumption("ios-unknown", "what is not known is answered with a line '% Invalid input', a marker in the line above",
                    lambda a: a.error is not None and "Invalid input" in str(a.error), refused(), fails=True)),
)


def _none(answer):
    raise NotSeen("no trustpoint has a certificate")
