# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one peer holds (certificates are each peer's own, never replicated) and what it serves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cryptography import x509

from ..pki.facts import common_name
from ..pki.pem import find_certificates
from ..pki.pem import find_request

ROOT, SERVER, CSR = "/certs/root", "/certs/server", "/certs/generate_csr"
SIP_TLS = 5061
TEMPORARY_CA, TEMPORARY = re.compile(r"^Temporary CA [0-9a-f-]{36}$"), re.compile(r"^Temporary Certificate [0-9a-f-]{36}$")


@dataclass(frozen=True)
class Peer:
    """trusted: its list of CA certificates; server: its server certificate or None; request: the pending request or None."""

    trusted: list
    server: x509.Certificate | None
    request: x509.CertificateSigningRequest | None


def read_trusted(node):
    """The trusted CA certificates of a peer."""
    return find_certificates(node.ask("expressway_api", "pem", path=ROOT))


def read_server(node):
    """The installed server certificate of a peer, or None."""
    found = find_certificates(node.ask("expressway_api", "pem", path=SERVER))
    return found[0] if found else None


def read_request(node):
    """The pending request of a peer, or None."""
    return find_request(node.ask("expressway_api", "pem", path=CSR))


def read_peer(node):
    """The Peer, in three reads."""
    return Peer(read_trusted(node), read_server(node), read_request(node))


def is_temporary_ca(certificate):
    """The CA that a new installation made for itself (expressway.md 4.1)."""
    return bool(TEMPORARY_CA.match(common_name(certificate)))


def is_temporary(certificate):
    """The server certificate of a new installation: it bears its name as organisation."""
    organisations = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return any(TEMPORARY.match(str(one.value)) for one in organisations)


def served(node, port):
    """The certificate that a peer serves on a port, or None where nothing answers there by TLS."""
    for rsa_only in (True, False):
        seen = node.ask("tls", "probe", address=node.host, port=port, server_name=node.fqdn, rsa_only=rsa_only)
        if seen.get("chain"):
            return x509.load_pem_x509_certificate(seen["chain"][0].encode())
        if not seen.get("reachable"):
            return None
    return None


def ports(node):
    """The ports that are always there on an Expressway with SIP by TLS: the web interface's and SIP's."""
    return (node.ports["https"] or 443, SIP_TLS)
