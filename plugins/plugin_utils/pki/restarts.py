# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services a new certificate makes restart (vos.md 1.7; guide, Server Certificate Generation, step 5)."""

from __future__ import annotations

TOMCAT = "Cisco Tomcat"
TFTP = "Cisco Tftp"
CALLMANAGER = "Cisco CallManager"
CTI = "Cisco CTIManager"
HAPROXY = "Cisco HAProxy"
TVS = "Cisco Trust Verification Service"
DRF_MASTER = "Cisco DRF Master"
DRF_LOCAL = "Cisco DRF Local"
CAPF = "Cisco Certificate Authority Proxy Function"
ILS = "Cisco Intercluster Lookup Service"
LBM = "Cisco Location Bandwidth Manager"
CONVERSATION_MANAGER = "Connection Conversation Manager"      # these two are Unity Connection's
IMAP_SERVER = "Connection IMAP Server"
# Restarted by the command line, as the documents say (vos.md 4; HAProxy: id:63230796355, id:63542185864, id:63102400514).
BY_COMMAND = (CONVERSATION_MANAGER, IMAP_SERVER, HAPROXY)
XCP_ROUTER = "Cisco XCP Router"
XCP_FEDERATION = "Cisco XCP XMPP Federation Connection Manager"

# service of the certificate -> release (first number) it begins with -> services. A release takes the newest row that is not newer than it.
# 14 moves TLS termination of several services into HAProxy; the guide's own three are kept with it on every release, since a restart
# too many is harmless in the window that the operator granted, and one too few leaves the old certificate in use.
TABLE = {
    # TFTP goes on offering the old one until it restarts; ILS and LBM present it to other clusters (id:63428964096).
    "tomcat": {12: (TOMCAT, TFTP, ILS, LBM)},
    "tomcat-ecdsa": {12: (TOMCAT,)},
    "callmanager": {12: (TFTP, CALLMANAGER, CTI), 14: (TFTP, CALLMANAGER, CTI, HAPROXY)},
    "callmanager-ecdsa": {12: (TFTP, CALLMANAGER, CTI), 14: (TFTP, CALLMANAGER, CTI, HAPROXY)},
    "capf": {12: (CAPF, TVS, TFTP), 14: (CAPF, TFTP)},
    "ipsec": {12: (DRF_MASTER, DRF_LOCAL), 14: ()},     # from 14 on a command does it: COMMANDS
    "cup-xmpp": {12: (XCP_ROUTER,)},
    "cup-xmpp-s2s": {12: (XCP_FEDERATION,)},
}
# Certificates whose user starts anew by a command that prints nothing known, so that nothing would tell whether it did.
COMMANDS = {"ipsec": {14: "utils ipsec restart"}}
# Services that a certificate of ours also touches only when another feature uses it: with SIP OAuth CallManager serves 5090 and 5091 with
# tomcat's certificate (vos.md 1.7).
WITH_SIP_OAUTH = {"tomcat": (CALLMANAGER,)}
# With Next Generation Encryption Unity Connection's voice mail shows the tomcat certificate, as it was when this service started (id:63335859960).
ON_UNITY_CONNECTION = {"tomcat": (CONVERSATION_MANAGER,), "tomcat-ecdsa": (CONVERSATION_MANAGER,)}


# Services of Unified CM that take what comes into a trust store when they start (id:63542185864); HAProxy from 14 on, where it is.
READERS = {"tomcat": (TOMCAT, TFTP, HAPROXY), "callmanager": (TFTP, CALLMANAGER, HAPROXY)}


def readers(stores):
    """The services of Unified CM that have to restart before they know what came into these trust stores (names without -trust, lower case)."""
    return tuple(dict.fromkeys(service for store in stores for service in READERS.get(store, ())))


def services(certificate, release, sip_oauth=False, unity_connection=False):
    """The services that must restart before every user of a certificate serves the new one, in the order of the guide.

    certificate: identity service as the product names it (tomcat, CallManager, ...); release: "15", "14.0.1", "12.5"; sip_oauth: whether
    SIP OAuth mode is on; unity_connection: whether it is a node of Unity Connection. A service counts only where it runs. An unknown certificate owes
    nothing that we know: an empty tuple.
    """
    rows = TABLE.get(certificate.lower(), {})
    found = _row(rows, release, rows[min(rows)] if rows else ())
    more = (WITH_SIP_OAUTH if sip_oauth else {}).get(certificate.lower(), ()) + (ON_UNITY_CONNECTION if unity_connection else {}).get(certificate.lower(), ())
    return found + tuple(s for s in more if s not in found)


def command(certificate, release):
    """The command that a person gives after a certificate was installed, or None."""
    return _row(COMMANDS.get(certificate.lower(), {}), release, None)


def _row(rows, release, otherwise):
    """The newest row that is not newer than a release."""
    major = int(str(release).split(".", maxsplit=1)[0] or 0)
    fitting = [r for r in rows if r <= major]
    return rows[max(fitting)] if fitting else otherwise
