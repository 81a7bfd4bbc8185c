# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages Certificate Monitor and Certificate Revocation are to say, in the words of the product's documents (guide, Certificate Monitoring)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ansible.errors import AnsibleActionFail

from ..asking import DeviceTime
from ..operations import services as processes
from ..owed import Owed
from ..pki.pem import PemError
from ..pki.pem import read_certificate
from ..pki.products import OCSP_CLIENTS
from .reading import release_of
from .settings import PageSettings
from .settings import Setting
from .settings import same_list
from .trust import TrustStores

ADDRESS = re.compile(r"[^@\s;,<>]+@[^@\s;,<>]+")
UNITS = {"days": "Days", "hours": "Hours"}
SOURCES = {"certificate": "Use OCSP URI from Certificate", "configured": "Use Configured OCSP URI"}
OCSP = "ocsp"


def monitor(action, args, check):
    """Certificate Monitor on every node; returns the report."""
    for name in ("days", "frequency"):
        if args[name] < 1:
            raise AnsibleActionFail("%s: %d is no number of days or hours; give one from 1 on" % (name, args[name]))
    wrong = [r for r in args["recipients"] if not ADDRESS.fullmatch(r)]
    if wrong:
        raise AnsibleActionFail("recipients: '%s' is not an e-mail address; give each address by itself" % wrong[0])
    settings = [
        Setting("Notification Start Time", "text", str(args["days"]), "monitor-days-frequency"),
        Setting("Notification Frequency", "text", str(args["frequency"]), "monitor-days-frequency"),
        Setting("Notification Frequency", "choice", UNITS[args["frequency_unit"]], "monitor-days-frequency"),
        Setting("Enable LSC Monitoring", "check", args["lsc"], "monitor-lsc"),
    ]
    if args["recipients"]:
        settings.insert(3, Setting("Enable E-mail Notification", "check", True, "monitor-email"))
        settings.insert(4, Setting(("E-mail IDs", "Email IDs", "Email ID"), "text", ";".join(args["recipients"]), "monitor-email", same_list))
    else:
        action.report.pending("recipients-unknown", "Certificate Monitor", "nobody is named who is to be told of certificates that expire", [
            "Set collab_certificate_recipients to a list of e-mail addresses (the option recipients); then run again.",
            "Certificate Monitor sends by the mail server of OS Administration > Settings > SMTP; see that one is set there."], step="monitor-email")
    return PageSettings(action, "monitor", "Certificate Monitor", "certificate-monitor", settings).apply(check)


def revocation(action, args, check):
    """Certificate Revocation on every node, what its responder needs trusted first; returns the report."""
    if not args["source"]:
        action.report.pending("ocsp-responder-unknown", "OCSP", "whether the certificates name their OCSP responder, or which one to ask, is not said", [
            "If the enterprise CA runs a responder and its certificates name it (Authority Information Access): set collab_ocsp: {source: certificate}.",
            "If the nodes are to ask a certain one: set collab_ocsp: {source: configured, uri: http://...}; then run again.",
            "With OCSP on, certificates whose responder does not answer are refused: see that every node reaches it first."], step=OCSP)
        return action.report
    if args["source"] == "configured":
        parts = urlsplit(args["uri"] or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise AnsibleActionFail("uri: '%s' is not the address of an OCSP responder; give http://HOST[:PORT]/PATH" % (args["uri"] or ""))
    if args["every"] < 1:
        raise AnsibleActionFail("every: %d is no number of days or hours; give one from 1 on" % args["every"])
    if args["responder_certificate"]:
        try:
            responder = read_certificate(args["responder_certificate"], "responder_certificate")
        except PemError as e:
            raise AnsibleActionFail(str(e)) from None
        TrustStores(action, release_of(action.publisher), ["tomcat-trust"], args["timeout"], servers=[responder], steps={"tomcat": OCSP}).apply([], check)
    settings = [
        Setting("Enable OCSP", "check", True, OCSP),
        Setting(None, "choice", SOURCES[args["source"]], OCSP),
        Setting("Enable Revocation Check", "check", args["revocation_check"], OCSP),
    ]
    if args["source"] == "configured":
        settings.insert(2, Setting("OCSP Configured URI", "text", args["uri"], OCSP, lambda now, wanted: now.strip() == wanted))
    if args["revocation_check"]:
        settings += [Setting("Check Every", "text", str(args["every"]), OCSP), Setting("Check Every", "choice", UNITS[args["every_unit"]], OCSP)]
    against = None if args["granted"] else "nodes refuse certificates whose responder does not answer, and this run may not disturb services"
    return PageSettings(action, "revocation", "Certificate Revocation", "certificate-revocation", settings, Clients(action), against).apply(check)


class Clients:
    """The restarts that a change of OCSP owes, on every node, since its page may be that of the whole cluster.

    Called when a change is planned; returns (impacts, what writes them down before the change).
    """

    def __init__(self, action):
        self.action, self.when, self.running = action, DeviceTime(action.publisher), None

    def __call__(self):
        if self.running is None:
            found = self.action.each(self.action.nodes, lambda node: processes.read(node, OCSP_CLIENTS)[0])
            self.running = {name: [s for s, service in services.items() if service.running] for name, services in found.items()}
        return [{"node": name, "kind": "service_restart", "what": s} for name, services in self.running.items() for s in services], self.write_down

    def write_down(self):
        """Into the list of restarts owed."""
        journal = Owed(self.action.workspace, self.action.cluster)
        for name, services in self.running.items():
            for service in services:
                journal.add(service, [name], self.when(), "the OCSP settings were changed")
