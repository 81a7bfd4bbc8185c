# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection writes, kind by kind: brought back by a rollback, or why not and what is to be done by hand. No write is without a row here."""

from __future__ import annotations

import re
from dataclasses import dataclass

BY_PERSON = "Set it back by hand, from the page that the product has for it."


@dataclass(frozen=True)
class Kind:
    """One kind of object. reason: why it is not brought back, "" where it is; advice: what to do by hand.

    Where it is brought back: disturbs: the word of collab_disruption that it needs, "" for none; alone: whether the write itself restarts what has to restart.
    """

    label: str
    reason: str = ""
    advice: tuple[str, ...] = ()
    disturbs: str = ""
    alone: bool = False


KINDS = {
    # brought back
    "SipTrunk": Kind("SIP trunk of Unified CM", disturbs="trunks"),
    "SipTrunkSecurityProfile": Kind("SIP trunk security profile", disturbs="trunks"),
    "PhoneSecurityProfile": Kind("phone security profile"),
    "Phone": Kind("phone security profile of a phone"),
    "Srst": Kind("SRST reference"),
    "LdapDirectory": Kind("servers of an LDAP directory", disturbs="services"),
    "LdapAuthentication": Kind("servers of LDAP authentication", disturbs="services"),
    "ServiceParameter": Kind("enterprise or service parameter"),
    "RouterLines": Kind("configuration lines of a router", disturbs="trunks"),
    "ExpresswayResource": Kind("zone, domain or other setting of an Expressway, by its API", disturbs="services", alone=True),
    "ExpresswayZone": Kind("zone of an Expressway, on its command line", disturbs="services", alone=True),
    "ExpresswaySetting": Kind("setting of an Expressway, on its command line", disturbs="services", alone=True),
    "MeetingServerObject": Kind("setting of an object of Meeting Server", disturbs="trunks"),
    "MeetingServerService": Kind("files that a service of Meeting Server uses", disturbs="services", alone=True),
    "UnityObject": Kind("port group, its servers, or SIP security profile of Unity Connection", disturbs="trunks"),
    "UnityEncryption": Kind("encryption of Unity Connection", disturbs="services"),
    # never
    "identity": Kind("identity certificate", "the product has destroyed the private key of the certificate before, and gives out none", (
        "Have a new certificate issued by whichever CA is wanted (module certificate_request), or generate a self-signed one on the product's own page.",
        "The certificate of before, without its key, is in the directory saved/certificates of the cluster, below collab_workspace.")),
    "trust": Kind("trusted CA certificate", "how an interface deletes one is published nowhere, and what came to rely on it since cannot be seen", (
        "It does no harm. To take it away, delete it under OS Administration > Security > Certificate Management once nothing relies on it.",)),
    "ctl": Kind("cluster security mode and CTL file", "phones that have fetched a CTL file trust only what it names: the cluster alone cannot take it back", (
        "Leave mixed mode as the Security Guide has it: utils ctl set-cluster non-secure-mode on the publisher, restart CallManager, CTIManager and TFTP, "
        "reset the phones.", "A phone that then does not register has to have its CTL file deleted on the phone itself.")),
    "secret": Kind("password or key", "a value that was written over cannot be read, and is kept nowhere", (
        "Enter the password of before where it is needed.",)),
    "lsc": Kind("LSC of a phone", "a certificate that CAPF gave a phone does no harm where the phone's profile does not use it", (
        "To take it away, choose Delete as Certificate Operation of the phone.",)),
    "unread": Kind("setting that could not be read", "its value before could not be read when it was written", (BY_PERSON,)),
    # left to a person
    "sip_oauth": Kind("SIP OAuth mode", "what the command that switches it off asks is published nowhere, and phones that use it would drop out", (
        "Once no phone security profile uses it: utils sipOAuth-mode disable on the publisher, then restart Cisco CallManager on all nodes.",)),
    "updateIlsConfig": Kind("ILS: TLS and password", "AXL takes all of its elements at once and shows none of them", (BY_PERSON,)),
    "axl": Kind("object of Unified CM", "a rollback does not know this class of objects", (BY_PERSON,)),
    "os_admin": Kind("setting of OS Administration", "a rollback does not write these pages", (BY_PERSON,)),
    "service": Kind("activated service", "a service that runs is left running", ("Deactivate it under Tools > Service Activation if it is not wanted.",)),
    "cupi": Kind("object that was made on Unity Connection", "a rollback does not know this class of objects", (BY_PERSON,)),
    "cms": Kind("object that was made on Meeting Server", "nothing is deleted: what came to use it since cannot be seen", (
        "It does no harm. Delete it by the API or the page of Meeting Server once nothing refers to it.",)),
    "mmp_file": Kind("key, request or certificate file on a Meeting Server", "nothing is deleted: what came to use it since cannot be seen", (
        "It does no harm where no service uses it. To take it away: rm FILE on the MMP.",)),
    "mmp_database": Kind("database cluster of a Meeting Server", "taking it apart would stop all calls, and each replica has given up the database of before", (
        "Leave it clustered. Backups of the databases of before are in the directory backups of the cluster, below collab_workspace.",)),
    "mmp": Kind("configuration of Meeting Server on its command line", "a rollback does not know this command", (
        "The commands of the run are in its report: enter what was there before, or restore the backup that was made beforehand.",)),
    "expressway": Kind("server, rule or credential of an Expressway", "its account has a password, which cannot be read, so it could not be made again", (
        "Set it back by hand, or restore the backup that was made beforehand (Maintenance > Backup and restore).",)),
    "acme": Kind("account, schedule or certificate of ACME on an Expressway-E", "the certificate that it has deployed took the place of the one before", (
        "Switch it off under Maintenance > Security > Server certificate, and upload another certificate, if it is not wanted.",)),
    "ios": Kind("trustpoint, key or certificate of a router", "a key that was replaced is gone, and what relies on a new one cannot be seen", (
        "It does no harm. Remove the trustpoint by hand (no crypto pki trustpoint) once nothing refers to it.",)),
}

# (channel, operation, what the request names) -> kind; None for what leaves no state behind. The first that matches counts.
WRITES = (
    ("vos_cli", "run", r"utils ctl .*", "ctl"),
    ("vos_cli", "run", r"utils sipOAuth-mode .*", "sip_oauth"),
    ("vos_cli", "run", r"set cert import trust .*", "trust"),
    ("vos_cli", "run", r"set cert import own .*", "identity"),
    ("certmgr", "upload_trust", r".*", "trust"),
    ("certmgr", "upload_identity", r".*", "identity"),
    ("os_admin", "save", r".*", "os_admin"),
    ("os_admin", "upload", r".*-trust.*", "trust"),
    ("os_admin", "upload", r".*", "identity"),
    ("serviceability", "deploy", r".*", "service"),
    ("cupi", "update|delete", r".*", None),         # a reset, as every other update is brought back; only a rollback deletes
    ("cupi", "create", r".*", "cupi"),
    ("cms_api", "put|post", r".*", "cms"),
    ("mmp", "run", r"backup snapshot .*|\w+ restart", None),
    ("mmp", "run", r"pki csr .*", "mmp_file"),
    ("mmp", "run", r"database cluster .*", "mmp_database"),
    ("mmp", "run", r".*", "mmp"),
    ("cms_sftp", "put", r".*", "mmp_file"),
    ("expressway_api", "upload", r"/certs/root", "trust"),
    ("expressway_api", "upload", r".*", "identity"),
    ("expressway_api", "write", r".*csr.*|.*restart.*", None),
    ("expressway_api", "write", r"/\w+/zone/\w+|/common/(domain|credential)", None),      # a rollback's DELETE: POST and PUT are known by then
    ("expressway_api", "write", r".*", "expressway"),
    ("expressway_cli", "set", r".*", "expressway"),
    ("expressway_cli", "command", r"ZoneDelete|\w+Read", None),      # a rollback's, and what only shows
    ("expressway_cli", "command", r"ACME\w+", "acme"),
    ("expressway_cli", "command", r".*", "expressway"),
    ("ios_cli", "configure", r".*", "ios"),
)


def kind_of(channel, operation, what):
    """The kind of what a request outside of AXL writes; None for one that leaves no state behind."""
    return next((kind for of, operations, names, kind in WRITES
                 if of == channel and re.fullmatch(operations, operation) and re.fullmatch(names, what, re.IGNORECASE | re.DOTALL)), None)


def row_of(kind):
    """The row of a kind; that of any object of Unified CM for a class that has none."""
    return KINDS.get(kind) or KINDS["axl"]


def reversible(kind):
    """Whether a rollback brings it back."""
    return not row_of(kind).reason
