# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secure SRST on a router: the credential service, SIP over TLS for its phones, and, on request, nobody else. Pure data. Source: ios.md 2."""

from __future__ import annotations

import re

from .changes import Change
from .changes import setting
from .voice import UA
from .voice import BadRouter

CREDENTIALS, REGISTER = ("credentials",), ("voice register global",)
SERVICE = "srst-credential-server"
PORT = 2445


def plan(root, trustpoint, old, address, port, secure_only, reached=None):
    """[Change]. trustpoint: of the router's certificate; old: its earlier generations; address: where the credential service listens, None: as it is, or
    where the router is reached from here, if that is an address of its own; secure_only: True, False (only for who asks for it), None (left as it is)."""
    words = {"message": "the credential service does not run with trustpoint %s" % trustpoint, "step": SERVICE}
    shown = next((line for line in root.lines(*CREDENTIALS) if line.startswith("ip source-address ")), None)
    found = re.match(r"ip source-address (\S+)(?: port (\d+))?", shown or "")
    host = address or (found[1] if found else reached if reached in addresses(root) else None)
    if host is None:
        raise BadRouter("source_address: the router has no credential service yet; say on which of its addresses it is to listen")
    changes = []
    if not found or (found[1], int(found[2] or PORT)) != (host, port):
        changes.append(setting(root, CREDENTIALS, r"ip source-address .*", "ip source-address %s port %d" % (host, port), **words))
    changes.append(setting(root, CREDENTIALS, r"trustpoint \S+", "trustpoint %s" % trustpoint, **words))
    default = [line for line in root.lines(*UA) if line.startswith("crypto signaling default ")]
    if not any(re.search(r"\btrustpoint %s(?!\S)" % re.escape(trustpoint), line) for line in default):
        changes.append(setting(root, UA, r"crypto signaling default .*", "crypto signaling default trustpoint %s" % trustpoint,
                               message="phones cannot register over TLS: sip-ua has no trustpoint for them", step=SERVICE))
    if secure_only is not None:
        policy = "security-policy secure"
        changes.append(setting(root, REGISTER, r"security-policy secure", policy if secure_only else None, None,
                               message="phones without TLS are %s" % ("taken" if secure_only else "refused"), step=SERVICE, severity="medium"))
    return _restarted([change for change in changes if change])


def addresses(root):
    """The router's own IPv4 addresses."""
    return {match[1] for _m, section in root.sections(r"interface \S+") for child in section.children
            if (match := re.match(r"ip address ([\d.]+) ", child.line))}


def _restarted(changes):
    """One change for each section: the service needs address and trustpoint together."""
    joined = {}
    for change in changes:
        known = joined.setdefault(change.path, Change(change.path, [], [], change.message, change.step, change.severity))
        known.add += change.add
        known.remove += change.remove
    return list(joined.values())
