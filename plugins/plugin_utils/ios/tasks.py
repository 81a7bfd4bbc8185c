# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that enter configuration lines do before and after the lines are worked out: the certificate in use, Unified CM's end, pending steps."""

from __future__ import annotations

from ..certificates import reading
from . import srst
from . import toll_fraud
from . import voice
from .cluster import trunks_to
from .identity import generations
from .identity import in_use
from .peers import address_of
from .peers import callers
from .router import Router

NO_CERTIFICATE = ["Have its certificate signed and imported (role ios_certificates); then run again."]


class Reference:
    """The trustpoint that references lead to: name, or None; old: its earlier generations."""

    def __init__(self, router, base, check):
        root = router.running()
        points, keys = router.points(root), router.keys()
        used = in_use(points, keys, base, reading.now())
        # In check mode a first certificate counts as made: the run would have made it before.
        self.name = used.name if used else base if check and base not in points else None
        self.old = [name for name in generations(base, points).values() if name != self.name]

    def pending(self, router, what, step):
        """Say that this waits for the certificate."""
        router.report.pending("ios-certificate", "%s on %s" % (what, router.node.name), "the router has no valid certificate yet that it could refer to",
                              NO_CERTIFICATE, step=step)


def signaling(action, args, check):
    """SIP over TLS and SRTP (module ios_sip_tls)."""
    router = Router(action)
    reference = Reference(router, args["trustpoint"], check)
    if reference.name is None:
        reference.pending(router, "SIP over TLS", voice.SIGNALING)
        action.report.add(trustpoint=None, dial_peers=[])
        return router.result()
    cluster = None if args["peers"] else args["cluster"] or action.var("collab_cm_cluster")
    nodes = callers(action, cluster) if cluster or not args["peers"] else []
    addresses = [str(voice.host_address(peer)) for peer in args["peers"] or ()] or [address_of(node) for node in nodes]
    wanted = voice.Signaling(
        trustpoint=reference.name, old=reference.old, addresses=addresses,
        names=[name.lower() for node in nodes for name in (node.fqdn, node.name) if name], dial_peers=args["dial_peers"], srtp=args["srtp"],
        suites=args["srtp_suites"], pass_thru=args["pass_thru"], tls_minimum=args["tls_minimum"], tls_profile=args["tls_profile"], class_tag=args["srtp_class"])
    root = router.running()
    voice.plan(root, wanted)                            # what is asked for in vain fails before anything is entered
    wanted.switch = args["switch"] != "never"
    held = hold(action, router, root, wanted, cluster, args, check) if wanted.switch else None
    if held:
        wanted.switch = False
        action.report.pending("ios-dial-peers", "dial-peers on %s" % router.node.name, held[0], held[1], step=voice.DIAL_PEER)
    after = router.bring(check, lambda now: voice.plan(now, wanted), "SIP over TLS")
    action.report.add(trustpoint=reference.name, dial_peers=[tag for tag, _section in voice.dial_peers(after, wanted)])
    return router.result()


def hold(action, router, root, wanted, cluster, args, check):
    """(reason, what to do) where the dial-peers must not go to TLS now although they should, else None."""
    if check or not [change for change in voice.plan(root, wanted) if change.step == voice.DIAL_PEER]:
        return None
    if cluster is None and not args["granted"]:
        return ("calls with %s change over to TLS, and this run may not disturb trunks" % ", ".join(wanted.addresses),
                ["Run again in a window, agreed with the far end, with 'trunks' in collab_disruption."])
    if cluster is None or args["switch"] == "now":
        return None
    trunks = trunks_to(action, cluster, router.node)
    if not trunks:
        return ("no SIP trunk of %s leads to this router, so there is nothing to say that Unified CM takes calls from it over TLS" % cluster,
                ["Give Unified CM a trunk to it, or set switch: now."])
    plain = sorted(name for name, secure in trunks.items() if not secure)
    if plain:
        return ("Unified CM's trunk %s is not over TLS yet, and would refuse calls that come so" % ", ".join(plain),
                ["Switch the trunk first (role sip_trunk_encryption, collab_disruption with 'trunks'); then run again."])
    return None


def toll(action, args, check):
    """Toll fraud (module ios_toll_fraud)."""
    router = Router(action)
    peers = [str(peer) for peer in args["trusted_peers"] or ()]
    for cluster in [args["cluster"]] if args["cluster"] else []:
        peers += [address_of(node) for node in callers(action, cluster)]
    known = args["trusted_peers"] is not None
    root = router.bring(check, lambda now: toll_fraud.plan(now, peers, known, args["registrar"]), "toll fraud")
    if not known:
        for entry in toll_fraud.others(root, peers):
            action.report.finding("ios-trusted-entry", "medium", "%s on %s" % (entry, router.node.name), "it is on the trusted list, and trusted_peers "
                                  "(collab_trusted_peers) does not say which addresses may be", step=toll_fraud.TRUSTED)
    action.report.add(trusted=[line[5:] for line in root.lines(*toll_fraud.LIST) if line.startswith("ipv4 ")], targets=sorted(toll_fraud.targets(root)))
    return router.result()


def telephony(action, args, check):
    """Secure SRST (module ios_srst)."""
    router = Router(action)
    reference = Reference(router, args["trustpoint"], check)
    if reference.name is None:
        reference.pending(router, "secure SRST", srst.SERVICE)
        action.report.add(trustpoint=None)
        return router.result()
    secure_only, held = args["secure_only"], None
    if secure_only and not check and not args["phones_ready"]:
        held, secure_only = True, None
        action.report.pending("ios-srst-secure-only", "security-policy secure on %s" % router.node.name,
                              "phones that are not encrypted or have no LSC could no longer register with this router", [
                                  "Bring every phone behind it to encrypted mode with an LSC (role phones), then say so: phones_ready: true."],
                              step=srst.SERVICE)
    reached = address_of(router.node) if not args["source_address"] else None
    before = router.running().value(r"trustpoint (\S+)", "credentials")
    if before and before != reference.name:
        action.report.finding("ios-srst-certificate", "medium", "credentials on %s" % router.node.name, (
            "phones hold the certificate of %s: until Unified CM has taken that of %s (Update Certificate) and the phones have fetched their files anew, they "
            "cannot register with this router over TLS; that matters while Unified CM is away" % (before, reference.name)), step=srst.SERVICE, before=before,
            after=reference.name)
        action.report.impact(router.node.name, "phone_reset", "phones behind %s, once Unified CM has its new certificate" % router.node.name)
    router.bring(check, lambda now: srst.plan(now, reference.name, reference.old, args["source_address"], args["port"], secure_only, reached), "secure SRST")
    action.report.add(trustpoint=reference.name, held=bool(held))
    return router.result()
