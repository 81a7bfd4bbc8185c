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

# service of the certificate -> release (first number) it begins with -> services. A release takes the newest row that is not newer than it.
# 14 moves TLS termination of several services into HAProxy; the guide's own three are kept with it on every release, since a restart
# too many is harmless in the window that the operator granted, and one too few leaves the old certificate in use.
TABLE = {
    "tomcat": {12: (TOMCAT,), 14: (TOMCAT,)},
    "tomcat-ecdsa": {12: (TOMCAT,), 14: (TOMCAT,)},
    "callmanager": {12: (TFTP, CALLMANAGER, CTI), 14: (TFTP, CALLMANAGER, CTI, HAPROXY)},
    "callmanager-ecdsa": {12: (TFTP, CALLMANAGER, CTI), 14: (TFTP, CALLMANAGER, CTI, HAPROXY)},
}
# Services that a certificate of ours also touches only when another feature uses it: the TFTP service goes on offering the old tomcat
# certificate until it restarts, and with SIP OAuth CallManager serves 5090 and 5091 with tomcat's certificate (vos.md 1.7).
WITH_SIP_OAUTH = {"tomcat": (CALLMANAGER,)}


def services(certificate, release, sip_oauth=False):
    """The services that must restart before every user of a certificate serves the new one, in the order of the guide.

    certificate: identity service as the product names it (tomcat, CallManager, ...); release: "15", "14.0.1", "12.5"; sip_oauth: whether
    SIP OAuth mode is on. A service counts only where it runs. An unknown certificate owes nothing that we know: an empty tuple.
    """
    rows = TABLE.get(certificate.lower(), {})
    major = int(str(release).split(".", maxsplit=1)[0] or 0)
    fitting = [r for r in rows if r <= major]
    found = rows[max(fitting)] if fitting else rows[min(rows)] if rows else ()
    return found + (tuple(s for s in WITH_SIP_OAUTH.get(certificate.lower(), ()) if s not in found) if sip_oauth else ())
