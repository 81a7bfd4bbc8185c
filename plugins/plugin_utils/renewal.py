# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends soon, what is renewed together, and what has to wait. Pure: certificates with their dates in, groups and holds out.

The rules for phones are those of Cisco's document 214231 (Regenerate Certificates in Unified Communications Manager): one certificate of the ITL
file at a time, all phones registered again before the next; CallManager and TVS never together, TVS after it. `set cert regen ITLRecovery` itself
warns that phones need the CTL file with a new CallManager certificate first (vos.md 1.1). A phone that knows neither the signer of a file nor TVS
verifies nothing any more, and somebody has to delete its ITL file by hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

from .pki import chain
from .pki.pem import fingerprint

# Certificates that phones hold in their ITL (or CTL) file, in the order in which they are renewed where nothing else decides.
PHONE_TRUST = ("capf", "callmanager", "callmanager-ecdsa", "tvs", "itlrecovery")
NEVER_TOGETHER = ({"callmanager", "tvs"}, {"callmanager-ecdsa", "tvs"})        # whatever the reason why they become new
IDENTITY, TRUST, CA, LSC = "identity", "trust", "ca", "lsc"
TELLS_PHONES = ("phones", "Cisco Tftp")     # debts (owed.py) that keep phones from a new ITL file


@dataclass(frozen=True)
class Certificate:
    """One certificate, wherever it lies. kind: IDENTITY, TRUST, CA (a file of the control node) or LSC; name: of the service, store, file or phones.

    root: whether it is self-signed; managed: whether a role of the collection renews it; nodes: those that hold it; above: fingerprints of the CA
    certificates of the control node that it chains to.
    """

    name: str
    kind: str
    nodes: tuple
    subject: str
    sha256: str
    not_before: datetime
    not_after: datetime
    managed: bool = False
    root: bool = False
    above: tuple = ()


def certificate_of(certificate, name, kind, nodes=(), managed=False, authorities=()):
    """A certificate as the planner takes it. authorities: the CA certificates of the control node."""
    above = chain.build(certificate, authorities)[0][1:] if kind == IDENTITY else ()
    return Certificate(name, kind, tuple(sorted(nodes)), certificate.subject.rfc4514_string(), fingerprint(certificate), certificate.not_valid_before_utc,
                       certificate.not_valid_after_utc, managed, chain.is_self_signed(certificate), tuple(fingerprint(one) for one in above))


def certificates_of(held, authorities, managed=lambda name: True):
    """[Certificate], one for each however many nodes hold it.

    held: [(node, kind, name, certificate)]; managed: whether a role renews what has this name.
    """
    rows = {}
    for node, kind, name, certificate in held:
        rows.setdefault((kind, name, fingerprint(certificate)), (certificate, set()))[1].add(node)
    return [certificate_of(certificate, name, kind, nodes, kind == IDENTITY and managed(name), authorities)
            for (kind, name, _print), (certificate, nodes) in rows.items()]


@dataclass(frozen=True)
class Group:
    """What is renewed in one step. held: why not in this run ("" where nothing holds it); until: not before then, where that is known."""

    name: str
    kind: str
    certificates: tuple
    managed: bool
    held: str = ""
    until: datetime | None = None

    @property
    def ends(self):
        """When the first of it ends."""
        return min(one.not_after for one in self.certificates)


def due(certificates, now, days):
    """Those that end within so many days, the earliest first."""
    return sorted((one for one in certificates if one.not_after < now + timedelta(days)), key=lambda one: (one.not_after, one.name, one.nodes))


def plan(certificates, now, days, settle_days, debts=()):
    """[Group] of one cluster, in the order in which they are renewed: CAs, trust, what phones do not verify with, what they do, LSCs.

    debts: what the cluster owes, [{"what", "reason"}] as owed.py keeps it: a phone that was not told yet holds no new ITL file.
    """
    ending = due(certificates, now, days)
    identities = _by_name(IDENTITY, ending)
    phones = [group for group in identities if group.name.lower() in PHONE_TRUST]
    alone = _without_successor(ending, certificates)
    groups = _by_name(CA, alone) + _trust(ending, certificates)
    identities = [group for group in identities if group not in phones] + _one_at_a_time(phones, certificates, now, settle_days, debts)
    groups += _with_ca(identities, alone)
    return groups + [_not_from_an_ending_capf(group, phones) for group in _by_name(LSC, ending)]


def _by_name(kind, certificates):
    """What has one name is one group: the nodes' certificates of a service, a multi-server certificate, all LSCs."""
    mine = [one for one in certificates if one.kind == kind]
    together = {name: tuple(one for one in mine if one.name == name) for name in dict.fromkeys(one.name for one in mine)}
    return [Group(name, kind, found, any(one.managed for one in found)) for name, found in together.items()]


def _trust(ending, certificates):
    """CA certificates in trust stores, but not those whose successor, of the CA files, is in the same store of the same nodes already.

    A role brings a successor; where there is none, or the certificate is nobody's of ours, a person decides.
    """
    ours = {one.sha256 for one in certificates if one.kind == CA}
    lasting = [one for one in certificates if one.kind == CA and one not in ending]
    out = []
    for group in _by_name(TRUST, ending):
        left = []
        for one in group.certificates:
            held = {other.sha256 for other in certificates if other.kind == TRUST and other.name == group.name and set(other.nodes) >= set(one.nodes)}
            successors = {other.sha256 for other in lasting if other.root == one.root and (one.sha256 in ours or other.subject == one.subject)}
            if not successors or successors - held:
                left.append(replace(one, managed=bool(successors)))
        if left:
            out.append(replace(group, certificates=tuple(left), managed=any(one.managed for one in left)))
    return out


def _one_at_a_time(groups, certificates, now, settle_days, debts):
    """Of what phones verify with, one in a run, and only when they have had time to fetch the change before it.

    What a role renews goes before what a person does: a step that nobody takes must not keep CallManager's certificate from its renewal.
    """
    out, first = [], None
    for group in sorted(groups, key=lambda one: (not one.managed, one.ends.date(), PHONE_TRUST.index(one.name.lower()))):
        mine = group.name.lower()
        newest = max((one for one in certificates if one.kind == IDENTITY and one.name.lower() in PHONE_TRUST and one.name.lower() != mine),
                     key=lambda one: one.not_before, default=None)
        # A run that was killed in the middle of this very renewal owes its restarts already: it may go on.
        untold = [debt["reason"] for debt in debts if debt["what"] in TELLS_PHONES and not all(_of_no_other(one, mine) for one in debt["reason"].split("; "))]
        if first is not None:
            group = replace(group, held="%s comes first: phones could not verify their ITL file if both changed together" % first.name,
                            until=now + timedelta(settle_days) if first.managed else None)
        elif untold:
            group = replace(group, held="phones have not been told of the last change yet (%s)" % "; ".join(untold))
        elif newest is not None and newest.not_before + timedelta(settle_days) > now:
            group = replace(group, held="%s is new, and phones have to fetch their ITL file with it first" % newest.name,
                            until=newest.not_before + timedelta(settle_days))
        if not group.held:
            first = group
        out.append(group)
    return out


def _of_no_other(reason, mine):
    """Whether a debt's reason is this very renewal, or nothing that phones verify with: TFTP restarts for tomcat and for trust stores, too."""
    made = re.search(r"new (\S+) certificate", reason.lower())
    return "certificates came into" in reason.lower() or (made is not None and (made[1] == mine or made[1] not in PHONE_TRUST))


def wait(name, certificates, now, days, settle_days, debts=(), replaced=False):
    """(why, until when or None) a service's certificate must not become new in a run that does not ask plan() first; None where it may.

    replaced: it becomes new for another reason than its end; only its counterpart holds it then, where a CA has issued that lately.
    """
    if not replaced:
        group = next((one for one in plan(certificates, now, days, settle_days, debts) if (one.kind, one.name.lower()) == (IDENTITY, name.lower())), None)
        return (group.held, group.until) if group is not None and group.held else None
    new = [one for one in certificates if one.kind == IDENTITY and not one.root and {one.name.lower(), name.lower()} in NEVER_TOGETHER
           and one.not_before + timedelta(settle_days) > now]
    return ("%s is new, and phones have to fetch their ITL file with it first" % new[0].name, new[0].not_before + timedelta(settle_days)) if new else None


def _without_successor(ending, certificates):
    """CA certificates of ours that end, with no lasting one of their kind beside them in their file."""
    lasting = [one for one in certificates if one.kind == CA and one not in ending]
    return [one for one in ending if one.kind == CA and not any(other.name == one.name and other.root == one.root for other in lasting)]


def _with_ca(groups, alone):
    """Managed groups wait where a CA certificate of ours that issues them ends without successor: they would have to be replaced again.

    What none of ours has issued yet may come from any.
    """
    out = []
    for group in groups:
        ending = next((ca for ca in alone if any(not one.above or ca.sha256 in one.above for one in group.certificates)), None)
        if ending is not None and group.managed and not group.held:
            group = replace(group, held="the CA certificate '%s' ends on %s, and its file has no successor" % (ending.subject, ending.not_after.date()))
        out.append(group)
    return out


def _not_from_an_ending_capf(group, phones):
    """LSCs that CAPF would issue with a certificate that ends itself would have to be replaced again."""
    capf = next((one for one in phones if one.name.lower() == "capf"), None)
    return group if capf is None else replace(group, held="the CAPF certificate that issues them ends itself on %s; that is renewed first" % capf.ends.date())


def short_lived(groups, days):
    """Managed certificates whose whole life is no longer than the threshold: unless the CA gives longer lives now, each run renews them anew."""
    return [one for group in groups for one in group.certificates
            if group.managed and one.kind == IDENTITY and not one.root and one.not_after - one.not_before <= timedelta(days)]


def state(certificate, groups):
    """What becomes of a certificate, in a word."""
    for group in groups:
        if any((one.kind, one.name, one.sha256) == (certificate.kind, certificate.name, certificate.sha256) for one in group.certificates):
            return "held" if group.held else "due" if group.managed else "by hand"
    return "lasts"
