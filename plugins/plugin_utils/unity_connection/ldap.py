# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unity Connection's LDAP over TLS: no interface is known for it (vos.md 4), so it stays with a person, and what can be seen from outside is looked at."""
from __future__ import annotations

from ..anchors import ca_certificates
from ..ldap_servers import Prover

SECURE_PORT = 636
PAGES = {"cuc-ldap-directory": ("LDAP directory", "LDAP Directory Configuration", "a synchronization (Perform Full Sync Now) ends without an error"),
         "cuc-ldap-authentication": ("LDAP authentication", "LDAP Authentication", "a user can sign in to the Personal Communications Assistant")}


class Ldap:
    """One run of the module. action: DeviceAction; args: its options."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report

    def run(self):
        """Prove the servers, and leave the two pages to a person until that person says that they are right."""
        if not self.args["in_use"]:
            return
        proofs = self.proofs()
        for proof in proofs:
            if not proof["proven"]:
                self.report.finding("cuc-ldap-server", "high", "%s:%d" % (proof["host"], proof["port"]), "Unity Connection could not use it over TLS: %s"
                                    % proof["reason"], step="cuc-ldap-directory")
        if not self.args["checked"]:
            self.pend(proofs)
        self.report.add(servers=[{key: proof[key] for key in ("host", "port", "server_name", "proven", "reason")} for proof in proofs])

    def proofs(self):
        """A handshake with each server that the operator names."""
        if not self.args["servers"]:
            return []
        prover = Prover(self.action.publisher, ca_certificates(self.action, self.args["ca_file"], "collab_ldap_ca_file"))
        return [prover.prove({"host": one["host"]}, one["port"] or SECURE_PORT, one) for one in self.args["servers"]]

    def pend(self, proofs):
        """Both pages, with the very servers where they are known."""
        ready = ["%s port %d" % (proof["server_name"], proof["port"]) for proof in proofs if proof["proven"]]
        for step, (name, page, test) in PAGES.items():
            self.report.pending("cuc-ldap", "%s of %s" % (name, self.action.cluster), "Unity Connection offers no interface for it that is known", [
                "In Cisco Unity Connection Administration > System Settings > LDAP > %s: set %s, and check 'Use TLS'." % (
                    page, "%s" % ", ".join(ready) if ready else "the LDAP server by the name in its certificate, port %d" % SECURE_PORT),
                "See that %s." % test,
                "Then set unity_connection_ldap_checked: true. If Unity Connection does not use LDAP, set unity_connection_ldap_in_use: false."], step=step)
