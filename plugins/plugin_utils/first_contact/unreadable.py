# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the ledger that nobody is sure of and that reading cannot settle, by the reason. docs/first_site.md says what to watch for in a window instead."""

from __future__ import annotations

UNREADABLE = {
    "it shows only when something is written": (
        "axl-enumerations", "axl-in-use", "axl-loose-elements", "axl-phone-security-profile-reach", "axl-product-settings-update", "axl-references",
        "axl-trunk-ports", "axl-trunk-security-profile-reach", "ils-settings", "ldap-servers", "ldap-settings", "cli-questions", "cli-service-activate",
        "cuc-port-group-reset", "cuc-port-group-rules", "expressway-cli-write", "security-ctl-update", "security-mixed-mode", "security-oauth", "cli-utils-ctl",
        "mmp-certs", "mmp-enable", "mmp-pki-other", "mmp-questions", "mmp-sftp", "ios-trustpoint-delete", "os-admin-confirmation", "os-admin-form",
        "os-admin-session", "os-admin-token", "os-admin-words"),
    "it shows only when a certificate is requested or installed": (
        "certificates-request", "certificates-request-multi-server", "certificates-request-subscriber", "certificates-trust", "certificates-trust-same-name",
        "certificates-trust-file",
        "certificates-upload", "certificates-upload-chain", "certificates-upload-expired", "certmgr-errors", "certmgr-trust-upload", "cli-set-cert-delete",
        "cli-set-cert-import", "cli-set-csr-gen", "expressway-upload-chain", "expressway-upload-usage", "ios-authenticate", "ios-authenticate-fingerprint",
        "ios-authenticate-subordinate", "ios-enroll", "ios-import", "mmp-pki-csr", "presence-tomcat-trust", "certificates-distribution",
        "certificates-phones"),
    "it shows only when a service or a phone is restarted": (
        "cli-service-restart", "phones-failover", "phones-never-again", "trunks-keep-alive", "tls-5061", "tls-files", "ris-devices", "serviceability-haproxy"),
    "it shows only at a phone, or when one asks CAPF for a certificate": (
        "capf-authentication", "capf-time", "online-ca-failures", "online-ca-trust", "ris-reasons"),
    "it shows only by a handshake or call of another server, which collab.security.verify makes": (
        "tls-5061-clients", "tls-oauth", "tls-sip-options", "tls-13-identity", "trunks-callers", "trunks-subject", "cuc-in-service", "cuc-sip-certificate",
        "cuc-certificates-from-tftp", "expressway-mra-ports", "expressway-zone-causes", "ios-sip-tls", "presence-xmpp-stream", "ldap-trust", "cms-c2w"),
    "it shows only after a login has been refused, and accounts lock": ("certmgr-lock", "expressway-ban"),
    "it needs a name that only the site knows": ("axl-credential-policies", "ldap-sync", "phones-files", "srst-certificate"),
    "it shows only where a service does not run": ("axl-service-off",),
    "it shows only on a new installation": ("certificates-manufacturing-roots", "presence-services-day-zero"),
    "it takes two peers of one cluster, of which one is written to": ("expressway-cluster",),
    "the collection does not ask for it": ("axl-version-12-5", "certmgr-trust", "imp-axl", "lbm-evidence"),
    "it is of a server without an interface to read": ("management-cmm", "management-winrm"),
}
