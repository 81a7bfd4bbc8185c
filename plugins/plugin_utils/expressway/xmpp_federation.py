# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XMPP federation: security mode and client-side certificates on Expressway-E, the domains on Expressway-C (guide, MRA and XMPP Federation; id:63597530258).

The keys of /edge/xmpp are published nowhere and xConfiguration has no path: the RAML decides by words and choices that can only be meant so, and what it
lacks is pending. Security mode is written in the same request as federation itself, never after it.
"""
from __future__ import annotations

from ..operations.waiting import Stuck
from ..operations.waiting import Waiting
from ..reconcile import reconcile
from . import keys
from .domains import FEDERATION
from .domains import Domains
from .mra import domain_names
from .mra import has_presence
from .settings import Setting
from .settings import Settings
from .sides import Side
from .sides import allowed
from .sides import edge_of

PATH = "/edge/xmpp"
PAGE = "Configuration > Unified Communications > Configuration, XMPP federation"
MODE_STEP, CERTIFICATE_STEP = "xmpp-security-mode", "xmpp-client-cert"
MODES = {"required": "TLSRequired", "optional": "TLSOptional"}
FEDERATION_KEYS = ("XmppFederation", "XmppFederationSupport", "FederationSupport", "Federation", "Enabled")
MODE_KEYS = ("SecurityMode", "XmppSecurityMode", "TlsMode", "TlsSecurityMode")
CERTIFICATE_KEYS = ("RequireClientSideSecurityCertificates", "RequireClientCertificates", "ClientSideSecurityCertificates", "ClientCertRequired",
                    "ClientCertificates")
STREAMS, STREAM_SECONDS = 5269, 60
IMP = "Cisco XCP Router of IM and Presence, if its notifications ask for it"


def ensure(action, args, check, pauses):
    """Expressway-E first, then the domains of Expressway-C. Nothing is switched on without domains; what is on is secured in any case."""
    names = domain_names(args["domains"])
    if names and not has_presence(action):
        action.report.finding("xmpp-federation-presence", "info", "XMPP federation of %s" % action.cluster, "no IM and Presence node of the inventory is "
                              "behind this Expressway-C, so there is nothing to federate; it is not switched on", step=MODE_STEP)
        names = []
    c, e = Side(action), Side(edge_of(action))
    in_use = c.in_use()
    offer = e.offers(PATH)
    on = offer is not None and federates(e, offer)
    if not names and not on:
        action.report.add(federation=False)
        return
    settings = Federation(e, wanted(bool(names), args["security_mode"], args["client_certificates"]))
    before = len(action.report.operations)
    reconcile(action.report, check, settings.read, allowed(action.report, settings.plan, args["granted"], in_use or on))
    turned_on = not on and len(action.report.operations) > before
    of_c = Domains(c, {name: [FEDERATION] for name in names}, MODE_STEP)
    reconcile(action.report, check, of_c.read, allowed(action.report, of_c.plan, args["granted"], in_use))
    if turned_on:
        action.report.pending("xmpp-federation-router", "IM and Presence of %s" % action.var("collab_cm_cluster"),
                              "federation was switched on; each IM and Presence node says in its notifications whether its XCP Router has to restart", [
                                  "Look at the notifications of each node (Cisco Unified CM IM and Presence Administration); where asked, restart %s." % IMP],
                              step=MODE_STEP)
    action.report.add(federation=True)
    key = keys.key_of(offer, FEDERATION_KEYS, "On")
    if not check and key and federates(e, offer):
        prove(e, (names or [None])[0], pauses, STREAM_SECONDS if turned_on else 0)


def prove(e, domain, pauses, seconds):
    """Whether a partner's stream begins with TLS at every peer of Expressway-E, waited for where federation was switched on."""
    def look():
        wrong = {}
        for name, node in e.peers.items():
            seen = node.ask("tls", "probe", address=node.host, port=STREAMS, server_name=str(node.fqdn), starttls="xmpp-server", domain=domain, seconds=5)
            if not seen["chain"]:
                wrong[name] = "%s: %s" % (name, seen["error"] or "no certificate came")
        if wrong:
            raise Waiting("; ".join(wrong.values()))

    try:
        pauses.until(look, seconds, str)
    except Stuck as e_:
        e.action.report.finding("xmpp-federation-stream", "medium", "XMPP federation of %s" % e.name,
                                "seen from here, no stream of a partner begins with TLS on port %d of %s" % (STREAMS, e_), step=MODE_STEP)


def federates(e, offer):
    """Whether federation is on."""
    key = keys.key_of(offer, FEDERATION_KEYS, "On")
    row = next(iter(e.rows(PATH) or []), {})
    return bool(key) and keys.same(keys.value_of(row, (key,)), "On")


def wanted(federation, mode, certificates):
    """The settings, security first. certificates: True, False or None (left alone; with TLS optional they are not asked for)."""
    found = [Setting("Security mode", PAGE, PATH, MODE_KEYS, None, MODES[mode], MODE_STEP)]
    if certificates is None and mode == "optional":
        certificates = False
    if certificates is not None:
        found.append(Setting("Require client-side security certificates", PAGE, PATH, CERTIFICATE_KEYS, None, "On" if certificates else "Off",
                             CERTIFICATE_STEP, "medium"))
    if federation:
        found.append(Setting("XMPP federation support", PAGE, PATH, FEDERATION_KEYS, None, "On", MODE_STEP, "medium", disturbs=True))
    return found


class Federation(Settings):
    """The settings of the page: federation is not switched on while its security cannot be set."""

    def read(self):
        """{Setting: value}; without federation itself where anything else could not be read."""
        found = super().read()
        if len(found) == len(self.settings):
            return found
        switch = next((setting for setting in found if setting.names == FEDERATION_KEYS), None)
        if switch and not keys.same(found[switch], switch.wanted):
            del found[switch]
            self.by_hand(switch)
        return found
