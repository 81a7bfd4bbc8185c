# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does on the management servers that have no interface for their certificate, as tables. Source: the guide; cms.md 3 to 5."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.products import MEETING_MANAGEMENT
from ..pki.products import PRIME_PROVISIONING
from ..pki.products import TMS


@dataclass(frozen=True)
class Product:
    """A management server.

    title: as in messages; key_here: the key is made on the control node, else by the product's own page; uses: extended key usages that its certificate
    must have; root_only: chains are not supported, so the root itself has to sign; pkcs12: key and certificate go there in one encrypted file.
    steps: {what: step of the guide}; by_hand: what a person does with the files, with {fqdn}, {certificate}, {chain}, {key}, {plain}, {pkcs12}, {root}, {ldap}.
    request_by_hand: how a request is had where the product makes it, with {csr} as well.
    unproven: {step: (reason, what to do)} of what a person does and nothing shows from outside, so that the person has to say it.
    """

    title: str
    key_here: bool
    uses: frozenset
    root_only: bool
    pkcs12: bool
    steps: dict
    by_hand: tuple
    request_by_hand: tuple = ()
    unproven: dict = field(default_factory=dict)


PRODUCTS = {
    MEETING_MANAGEMENT: Product(
        "Meeting Management", True, frozenset({SERVER_AUTH}), False, False,
        {"key": "cmm-key", "request": "cmm-csr", "sign": "cmm-sign", "upload": "cmm-upload", "served": "cmm-restart"},
        ("Take the key out for the upload: (umask 077; openssl pkey -in {key} -out {plain}); it asks for the passphrase collab_management_key_passphrase.",
         "Open https://{fqdn} as an administrator: Settings, Certificate. Upload certificate {chain} and key {plain}.",
         "Restart Meeting Management when it asks for it (Settings, Restart).",
         "Delete {plain}. Run the playbook again: it sees what is served.")),
    TMS: Product(
        "TMS", True, frozenset({SERVER_AUTH, CLIENT_AUTH}), False, True,
        {"key": "tms-key", "request": "tms-csr", "sign": "tms-sign", "upload": "tms-import", "served": "tms-iis"},
        ("Copy {pkcs12} and {root} to the server. Import the root certificate into the store Trusted Root Certification Authorities of the local computer, "
         "intermediates into Intermediate Certification Authorities, and {pkcs12} into Personal (password collab_management_key_passphrase; the key for the "
         "machine, not exportable).",
         "In the certificates console: All Tasks, Manage Private Keys of the new certificate: read and full control for SERVICE and NETWORK SERVICE.",
         "TMS Tools, Security Settings, TLS Certificates: select the new certificate.",
         "IIS Manager: bind it to HTTPS. Restart IIS and those TMS services that were running.",
         "Delete the file from the server. Run the playbook again: it sees what is served."),
        unproven={"tms-tools": ("which certificate TMS shows as a client is chosen in TMS Tools, and nothing shows it from outside",
                                "On the server: TMS Tools, Security Settings, TLS Certificates: select the certificate with SHA-256 {sha256}.")}),
    PRIME_PROVISIONING: Product(
        "Prime Collaboration Provisioning", False, frozenset({SERVER_AUTH}), True, False,
        {"key": "pcp-csr", "request": "pcp-csr", "sign": "pcp-sign", "upload": "pcp-upload", "served": "pcp-restart"},
        ("Open https://{fqdn} as globaladmin: Administration, Updates, SSL Certificates. Upload {certificate} as the certificate of Provisioning (one "
         "certificate, no chain).",
         "Upload {ldap}, the certificate of the LDAP servers' CA, as the LDAP certificate on the same page.",
         "Restart Apache from that page, or on the command line.",
         "Run the playbook again: it sees what is served."),
        ("Open https://{fqdn} as globaladmin: Administration, Updates, SSL Certificates, Generate CSR: key type RSA, key length 2048, hash SHA-256, common "
         "name {fqdn}.",
         "Save the request as {csr}. Run the playbook again: it checks it and has it signed."),
        {"pcp-upload-ldap": ("whether it has the certificate of the LDAP servers' CA, nothing shows from outside",
                             "Open https://{fqdn} as globaladmin: Administration, Updates, SSL Certificates: the LDAP certificate must be that of the LDAP "
                             "servers' CA; an LDAP login must succeed.")}),
}
