# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a listing of certificates tells: findings, what waits or is left to a person, and what the playbook goes by."""

from __future__ import annotations

from datetime import timedelta

from .pki.facts import iso
from .renewal import CA
from .renewal import IDENTITY
from .renewal import LSC
from .renewal import PHONE_TRUST
from .renewal import TRUST
from .renewal import short_lived
from .renewal import state

SOON = timedelta(7)
# What a person does for a certificate that no role renews (Cisco 214231).
REGENERATE = ("Security > Certificate Management in OS Administration of each node that has it, the publisher first: open {name}, Regenerate. "
              "By the command line: set cert regen {name}.")
AFTERWARDS = {
    "capf": "In mixed mode: utils ctl update CTLFile. Restart Cisco Certificate Authority Proxy Function, Cisco Trust Verification Service and Cisco Tftp.",
    "callmanager-ecdsa": "In mixed mode: utils ctl update CTLFile. Restart Cisco Tftp, Cisco CallManager and Cisco CTIManager.",
    "callmanager": "In mixed mode: utils ctl update CTLFile. Restart Cisco Tftp, Cisco CallManager and Cisco CTIManager.",
    "tvs": "Restart Cisco Trust Verification Service, then Cisco Tftp, the publisher first.",
    "itlrecovery": "In mixed mode: utils ctl update CTLFile. Restart Cisco Trust Verification Service, then Cisco Tftp, the publisher first.",
}
PHONES = "Reset all phones, and wait until they are registered again before any other certificate is renewed; one that is off keeps its old ITL file."


def tell(report, certificates, groups, now, days, platform=True):
    """Put it into the report. Returns nothing. platform: whether it is a product with OS Administration."""
    for group in groups:
        if group.kind == TRUST and not group.managed:
            report.finding("trust-ends", "low", group.name, "%s; nothing among the CA certificates given is its successor" % words(group))
            continue
        report.finding("certificate-ends", "high" if group.ends < now + SOON else "medium", group.name, words(group))
        if group.held:
            report.pending("renewal-held", group.name, group.held, what_to_do(group))
        elif not group.managed:
            report.pending("renewal-by-hand", group.name, "it ends on %s, and no role renews it" % group.ends.date(), by_hand(group, platform))
    for one in short_lived(groups, days):
        report.finding("renewal-short-lived", "medium", one.name, "its whole life was %d days, no more than the %d that it is renewed before its end: "
                       "have the CA issue it for longer, or give a smaller collab_renew_days" % ((one.not_after - one.not_before).days, days))
    report.add(
        certificates=[row(one, groups, now) for one in sorted(certificates, key=lambda one: (one.not_after, one.name, one.nodes))],
        groups=[{"name": group.name, "kind": group.kind, "ends": iso(group.ends), "managed": group.managed, "held": bool(group.held),
                 "nodes": sorted({node for one in group.certificates for node in one.nodes})} for group in groups],
        held=[{"name": group.name, "reason": group.held, "until": iso(group.until) if group.until else None} for group in groups if group.held],
        trust=any(group.kind == TRUST and group.managed for group in groups),
        lscs=any(group.kind == LSC and not group.held for group in groups))


def now_due(groups):
    """Names of the certificates that are renewed now."""
    return [group.name for group in groups if group.kind == IDENTITY and group.managed and not group.held]


def words(group):
    """When what ends, as a sentence."""
    nodes = sorted({node for one in group.certificates for node in one.nodes})
    return "ends on %s%s" % (group.ends.date(), " (%s)" % ", ".join(nodes) if nodes else "")


def what_to_do(group):
    """For what waits."""
    again = "Run this playbook again%s." % (" on %s or later" % group.until.date() if group.until else "")
    return [again] if group.managed else [again, "It is done by hand then: %s" % REGENERATE.format(name=group.name)]


def by_hand(group, platform):
    """For what no role renews."""
    if group.kind == CA:
        return ["Have the CA renewed, and put its new certificate beside the old one into the file (collab_ca_file): it comes into the trust stores "
                "before anything that it issues."]
    if not platform:
        return ["Renew %s as it was made; it is none of the names that a role has been told." % group.name]
    name = group.name.lower()
    return [REGENERATE.format(name=group.name), *([AFTERWARDS[name], PHONES] if name in PHONE_TRUST else ["Restart the services that its page names."])]


def row(one, groups, now):
    """One certificate as plain data."""
    return {"name": one.name, "kind": one.kind, "nodes": list(one.nodes), "subject": one.subject, "sha256": one.sha256, "not_before": iso(one.not_before),
            "not_after": iso(one.not_after), "days": (one.not_after - now).days, "state": state(one, groups)}


def table(clusters):
    """The certificates of all clusters as lines of a table for people, the one that ends first at the top, then what waits and why.

    clusters: [{"cluster", "certificates", "held"}], the last two as the module's result has them. What lies on the control node is there once.
    """
    found = {(one["not_after"][:10], one["days"], "-" if one["kind"] == CA else cluster["cluster"], one["kind"], one["name"], ", ".join(one["nodes"]),
              one["state"], one["sha256"]) for cluster in clusters for one in cluster["certificates"]}
    rows = [("ENDS", "DAYS", "CLUSTER", "KIND", "CERTIFICATE", "NODES", "STATE"), *(tuple(map(str, row[:-1])) for row in sorted(found))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return lines + ["%s: %s waits%s: %s" % (cluster["cluster"], one["name"], " until %s" % one["until"][:10] if one["until"] else "", one["reason"])
                    for cluster in clusters for one in cluster["held"]]
