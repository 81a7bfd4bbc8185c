"""Whether a phone and a CallManager get on, as things stand at one moment.

In mixed mode an encrypted phone trusts a CallManager only when its CTL holds the very certificate that is served on 5061, and is admitted
only with a certificate of its own that the CallManager trusts: the LSC where it has one, else the MIC. Over mobile and remote access
neither counts, as the Expressway stands between. A phone whose file TFTP encrypts must be able to read it.

Sources: guide "CTL and ITL", "Mixed Mode", "Endpoint Certificates", "Cisco Expressway", "TFTP Configuration File Encryption"; vos.md 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.ucm import devices
from lab.ucm import x509
from lab.ucm.registration import Registration
from lab.ucm.security import CCM_TFTP
from lab.ucm.security import TrustList

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

CALL_MANAGER = "Cisco CallManager"

refusal("phone_ctl_mismatch", "guide 'CTL and ITL'", "an encrypted phone whose CTL lacks the CallManager certificate in use")
refusal("phone_certificate_untrusted", "guide 'Mixed Mode'", "an encrypted phone without MIC or LSC")
refusal("phone_lsc_untrusted", "guide 'Endpoint Certificates', 'CAPF Online CA Mode'",
        "an encrypted phone whose LSC is over or whose issuer is not in CallManager-trust")
refusal("phone_file_unreadable", "guide 'TFTP Configuration File Encryption'",
        "an encrypted configuration file for a phone that has no certificate, or that has never stood on premises")
refusal("phone_oauth_port_closed", "vos.md 2", "an OAuth phone where SIP OAuth mode is not in force")


@dataclass(frozen=True)
class Held:
    """What a phone keeps: its last configuration, CTL and ITL."""

    config: devices.Phone
    mixed: bool
    ctl: TrustList | None
    itl: TrustList | None


@dataclass(frozen=True)
class _Gate:
    """What matters of one CallManager. served: fingerprint on 5061; trusted: names in CallManager-trust; mic: whether MICs chain to it."""

    mixed: bool
    oauth: bool
    served: str
    trusted: frozenset[str]
    mic: bool


def trusts_mics(node: Node, store: str) -> bool:
    """Whether a trust store of a node holds the roots that phones' manufacturing certificates chain to."""
    return {entry.certificate for entry in node.certificates.trust(store)}.issuperset(node.world.manufacturing)


class Admission:
    """What the CallManagers of a cluster admit now. Made anew for each batch of phones."""

    def __init__(self, cluster: Cluster, hardware: dict[str, devices.Hardware], names: set[str] | None = None) -> None:
        self._cluster, self._world, self._hardware = cluster, cluster.world, hardware
        self._oauth, self._now = cluster.security.oauth, cluster.world.clock.epoch()
        self._lscs = devices.lscs(cluster, names)
        self._gates: dict[str, _Gate | None] = {}

    def answer(self, row: Registration, held: Held) -> Registration:
        """How the phone shows after it has asked the CallManagers of its group in turn."""
        phone = self._hardware.get(row.name, devices.Hardware())
        reason = "ConfigEncrypted" if self._unreadable(held, phone) else "NoCallManager"
        for name in held.config.group if reason == "NoCallManager" else ():
            gate = self._gate(name)
            if gate is None:
                continue
            refused = self._objection(gate, held, phone)
            if refused is None:
                former = tuple(other for other in row.left() if other != name)
                return replace(row, status="Registered", node=name, reason="", secure=self._by_tls(held), model=held.config.model, former=former)
            reason = refused
        return replace(row, status="Rejected" if reason == "OAuthNotInForce" else "UnRegistered", node="", reason=reason, secure=False, former=row.left())

    # ---- inner workings

    def _gate(self, name: str) -> _Gate | None:
        if name not in self._gates:
            node, security = self._cluster.nodes[name], self._cluster.security
            self._gates[name] = None if not node.services.running(CALL_MANAGER) else _Gate(
                security.mixed_in_force(node), security.oauth_in_force(node), x509.fingerprint(node.certificates.served("sip").certificate),
                frozenset(x509.subject_text(entry.certificate) for entry in node.certificates.trust("CallManager")),
                trusts_mics(node, "CallManager"))
        return self._gates[name]

    def _unreadable(self, held: Held, phone: devices.Hardware) -> bool:
        if not held.config.encrypted_file or not self._world.refuses("phone_file_unreadable"):
            return False
        return bool(phone.mra) or not (phone.mic or held.config.name in self._lscs)

    def _by_tls(self, held: Held) -> bool:
        return held.config.secure and (held.mixed or (held.config.oauth and self._oauth))

    def _objection(self, gate: _Gate, held: Held, phone: devices.Hardware) -> str | None:
        """Why the phone and this CallManager do not get on; None when they do."""
        if not self._by_tls(held):
            return None
        if held.config.oauth and self._oauth:
            return "OAuthNotInForce" if not gate.oauth and self._world.refuses("phone_oauth_port_closed") else None
        if not gate.mixed:
            return "NodeNotInMixedMode"
        if phone.mra:
            return None
        known = held.ctl.fingerprints(CCM_TFTP) if held.ctl else frozenset()
        if gate.served not in known and self._world.refuses("phone_ctl_mismatch"):
            return "CertificateNotInCTL"
        return self._own_certificate(gate, held.config.name, phone)

    def _own_certificate(self, gate: _Gate, name: str, phone: devices.Hardware) -> str | None:
        lsc = self._lscs.get(name)
        if lsc is not None:
            good = lsc.until > self._now and lsc.issuer in gate.trusted
            return None if good or not self._world.refuses("phone_lsc_untrusted") else "PhoneCertificateUntrusted"
        if phone.mic and gate.mic:
            return None
        return "NoPhoneCertificate" if self._world.refuses("phone_certificate_untrusted") else None
