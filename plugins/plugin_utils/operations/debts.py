# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which restarts a cluster owes: judged by the evidence on the nodes together with the journal of debts (design, Working order).

Evidence counts by itself: a control node whose workspace was lost still sees what is owed. The journal counts by itself, too: what a
service read when it started cannot always be seen from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from ..pki.products import LISTENERS
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITS
from ..pki.products import of
from ..pki.products import product_of
from ..pki.restarts import CALLMANAGER
from ..pki.restarts import CONVERSATION_MANAGER
from ..pki.restarts import CTI
from ..pki.restarts import TFTP
from ..pki.restarts import TOMCAT
from ..pki.restarts import services as services_of
from . import ctl
from . import estate
from . import services as services_

SIP_OAUTH = 5090
CTL_READERS = (TFTP, CALLMANAGER, CTI)      # the guide's restarts after mixed mode
SLACK = 2                                   # seconds by which a start that is worked out from two clocks' readings may be off


@dataclass
class Evidence:
    """What one node shows. certificates: unit (lower case) -> estate.identity; served: port -> (open, fingerprint); date: its clock.

    listeners: (Listener, port) of the node.
    """

    node: str
    date: int
    services: dict
    listeners: list = field(default_factory=list)
    certificates: dict = field(default_factory=dict)
    served: dict = field(default_factory=dict)


@dataclass
class Debt:
    """One restart owed.

    reasons: sentences; journal: the time of the entry in the journal, None where evidence alone speaks; by_certificate: its own port was
    seen with an earlier certificate; down: the service does not run now.
    """

    service: str
    node: str
    reasons: list
    journal: int | None = None
    by_certificate: bool = False
    down: bool = False


def gather(node, names, release):
    """The Evidence of one node for the named services. Reads only."""
    found, date = services_.read(node, names)
    evidence = Evidence(node.name, date, found, [(one, one.on(node)) for one in of(LISTENERS, node)])
    if not any(s.running for s in found.values()):
        return evidence
    held = estate.installed(node, release)
    evidence.certificates = {unit.lower(): estate.identity(held, unit) for unit in of(UNITS, node) if estate.identity(held, unit)}
    for listener, port in evidence.listeners:
        if listener.service in found and (listener.service == TOMCAT or found[listener.service].running):
            evidence.served[port] = estate.served(node, port, starttls=listener.starttls)
    if CALLMANAGER in found and found[CALLMANAGER].running:
        evidence.served[SIP_OAUTH] = estate.served(node, SIP_OAUTH)
    return evidence


def expected(evidence, *units):
    """Fingerprints of the installed certificates of these units (both key types of each)."""
    found = (evidence.certificates.get(name) for unit in units for name in (unit, unit + "-ecdsa"))
    return {c["sha256"] for c in found if c}


def doubtful(evidence):
    """Units whose dates prove nothing: a service serves the installed certificate although it started before that was issued.

    Then the clocks of node and CA do not agree; what is served decides, and where nothing is served, the journal.
    """
    out = set()
    for listener, port in evidence.listeners:
        unit, service = listener.unit.lower(), evidence.services.get(listener.service)
        certificate, fingerprint = evidence.certificates.get(unit), evidence.served.get(port, (False, None))[1]
        if certificate and service and service.started is not None and fingerprint in expected(evidence, unit) \
                and service.started < certificate["not_before"] - SLACK:
            out.add(unit)
    return out


def judge(evidence, entries, names, release, sip_oauth=False, ctl_time=None, undated=()):
    """(debts, paid) of one node.

    evidence: of the node; entries: {service: journal entry of this node}; names: services in question; sip_oauth: whether SIP OAuth mode is on;
    ctl_time: epoch of the CTL file's last change in mixed mode, else None; undated: units whose dates prove nothing.
    paid: services whose entry in the journal the node's state already answers, or that do not exist on it.
    """
    debts, paid = [], []
    for name in names:
        service, entry = evidence.services.get(name), entries.get(name)
        if service is None or not service.activated:
            paid += [name] if entry else []
            continue
        if not service.running:
            if entry:
                reason = "%s, and the service does not run (%s)" % (entry["reason"], service.status)
                debts.append(Debt(name, evidence.node, [reason], entry["since"], down=True))
            continue
        debt = Debt(name, evidence.node, [])
        if entry and (service.started is None or service.started <= entry["since"]):
            debt.reasons.append(entry["reason"])
            debt.journal = entry["since"]
        elif entry:
            paid.append(name)
        own = [sentence for listener, port in evidence.listeners if listener.service == name for sentence in _other(evidence, port, listener.unit)]
        debt.by_certificate = bool(own)
        debt.reasons += own
        if name == CALLMANAGER and sip_oauth:
            debt.reasons += _oauth_port(evidence)
        debt.reasons += _older(name, service, evidence, release, sip_oauth, ctl_time, undated)
        if debt.reasons:
            debts.append(debt)
    return debts, paid


def _oauth_port(evidence):
    """With SIP OAuth mode on, CallManager listens on a port of its own with the tomcat certificate (vos.md 1.7, 2)."""
    if not evidence.served.get(SIP_OAUTH, (False, None))[0]:
        return ["SIP OAuth mode is on, but nothing listens on port %d" % SIP_OAUTH]
    return _other(evidence, SIP_OAUTH, "tomcat")


def _other(evidence, port, unit):
    """One sentence where a port serves a certificate that is not the installed one of this unit."""
    fingerprint = evidence.served.get(port, (False, None))[1]
    installed = expected(evidence, unit.lower())
    if fingerprint and installed and fingerprint not in installed:
        return ["port %d still serves another certificate than the installed %s certificate" % (port, unit)]
    return []


def _older(name, service, evidence, release, sip_oauth, ctl_time, undated):
    """Reasons by date: the service started before what it should have read was made."""
    out = []
    if service.started is None:             # it runs, and nothing says since when
        return out
    unity = any(listener.service == CONVERSATION_MANAGER for listener, _port in evidence.listeners)
    for listener, _port in evidence.listeners:
        unit = listener.unit.lower()
        certificate = None if unit in undated else evidence.certificates.get(unit)
        if certificate and name in services_of(unit, release, sip_oauth, unity) and service.started < certificate["not_before"] - SLACK:
            out.append("it started before the installed %s certificate was issued" % listener.unit)
    if ctl_time is not None and name in CTL_READERS and service.started < ctl_time - SLACK:
        out.append("it started before the CTL file was last changed")
    return out


def find(action, names, owed, check):
    """All restarts that the cluster of an action owes among the named services, as (debts, {node: Evidence}, modes).

    Strikes paid debts out of the journal unless check. modes: {"mixed", "sip_oauth", "ctl_time"}.
    """
    release = str(action.publisher.variables.get("collab_release", ""))
    modes = {"mixed": False, "sip_oauth": False, "ctl_time": None}
    if product_of(action.publisher) == UNIFIED_CM:
        modes.update(mixed=estate.mixed(action.publisher), sip_oauth=bool(estate.sip_oauth(action.publisher)))
    seen = action.each(action.nodes.values(), lambda node: gather(node, names, str(node.variables.get("collab_release", release))))
    if modes["mixed"] and any(n in CTL_READERS for n in names):
        there = seen[action.publisher.name]
        modes["ctl_time"] = ctl.modified_epoch(estate.read_ctl(action.publisher), services_.offset_minutes(there.services.values()))
    journal = owed.items()
    undated = set().union(*(doubtful(evidence) for evidence in seen.values()))
    debts = []
    for name, evidence in seen.items():
        entries = {e["what"]: e for e in journal if e["node"] == name}
        node = action.nodes[name]
        found, paid = judge(evidence, entries, names, str(node.variables.get("collab_release", release)), modes["sip_oauth"],
                            modes["ctl_time"], undated)
        debts += found
        for service in () if check else paid:
            owed.settle(service, name)
    if CALLMANAGER in names and not any(e["what"] in CTL_READERS for e in journal):
        debts += _companions(debts, seen, names)
    return debts, seen, modes


def _companions(debts, seen, names):
    """TFTP and CTIManager read the CallManager certificate as well, but show it nowhere: where CallManager is seen with an old one, and no
    journal says which of its companions have restarted since, they all owe it too."""
    replaced = any(d.service == CALLMANAGER and d.by_certificate for d in debts)
    have = {(d.service, d.node) for d in debts}
    return [Debt(name, node, ["CallManager is seen with an earlier certificate, and nothing tells that this service has read the new one"])
            for node, evidence in seen.items() for name in (TFTP, CTI)
            if replaced and name in names and (name, node) not in have and name in evidence.services and evidence.services[name].running]
