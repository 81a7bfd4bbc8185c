# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of something that cannot be brought back: the certificate that is about to be replaced, those that a trust store gets, what the CTL file says.

A private key is neither asked for nor kept. So a rollback says what was there by serial number and fingerprint, and the certificate is there for comparison.
"""

from __future__ import annotations

from ..certificates.reading import read_node
from ..certificates.reading import release_of
from ..expressway.peer_certificates import SERVER
from ..operations import ctl
from ..operations import estate
from ..pki.facts import common_name
from ..pki.holdings import key
from ..pki.pem import find_certificates
from ..pki.pem import fingerprint
from ..pki.pem import to_pem
from ..words import some


def of(node, kind, channel, arguments):
    """(words for the report, {file name: PEM} to keep) of what a request is about to change; ("", {}) where there is nothing to say."""
    if kind == "identity":
        return _replaced(_identity(node, channel, arguments))
    if kind == "trust":
        return _added(arguments)
    if kind == "ctl":
        return _ctl(node), {}
    return "", {}


def _identity(node, channel, arguments):
    """The certificate that an upload replaces, None where there is none."""
    if channel == "expressway_api":
        found = find_certificates(node.ask("expressway_api", "pem", path=SERVER) or "")
        return found[0] if found else None
    service = arguments.get("service") or arguments.get("purpose") or arguments["command"].split()[4]
    return read_node(node, release_of(node), services=[service]).identities.get(key(service))


def _replaced(certificate):
    if certificate is None:
        return "there was none before", {}
    return "before: %s, SHA-256 %s" % (described(certificate), fingerprint(certificate)), {
        "%s.pem" % fingerprint(certificate).replace(":", ""): to_pem(certificate)}


def _added(arguments):
    pem = arguments.get("certificates") or [arguments.get("pem") or arguments.get("paste") or ""]
    found = [certificate for one in pem for certificate in find_certificates(one)]
    return some([described(certificate) for certificate in found], 10), {}


def _ctl(node):
    """Mode and records of before: what phones may have seen."""
    mode, found = "mixed mode" if estate.mixed(node) else "non-secure mode", estate.read_ctl(node)
    if not found["present"]:
        return "before: %s, no CTL file" % mode
    records = ["%s %s" % (one["function"], one["serial"] or one["subject"]) for one in found["records"]]
    return "before: %s, CTL file of %s with %s" % (mode, found["modified"] or "an unknown date", some(records, 20))


def described(certificate):
    """A certificate by its name and serial number."""
    return "%s, serial number %s" % (common_name(certificate) or certificate.subject.rfc4514_string(), ctl.serial(certificate.serial_number))
