"""Security of a cluster: mixed mode with its CTL file, the ITL files of the TFTP nodes, SIP OAuth mode.

The mode is stored as the product stores it (`ClusterSecurityMode`, `ClusterSIPOAuthMode` in processconfig, vos.md 2) and takes effect
where it takes effect in life: in the CTL and ITL that a TFTP node serves after the restart of Cisco Tftp, and in the registrations a
node admits after the restart of Cisco CallManager. Sources: vos.md 2, guide "CTL and ITL", "Enable Mixed Mode", "SIP OAuth".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import parameters
from lab.ucm import x509
from lab.ucm.refused import Refused

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

# Keys of the parameters (lab.ucm.parameters); their stored names differ by variant where no source gives them.
MODE = "ClusterSecurityMode"
OAUTH = "sip_oauth_mode"
REFRESH = "oauth_refresh_login_flow"
CAPF_SERVICE = "Cisco Certificate Authority Proxy Function"
SAST = "System Administrator Security Token"
CCM_TFTP = "CCM+TFTP"
CAPF = "CAPF"
TVS = "TVS"

NOT_PUBLISHER = "This command can be executed on the Publisher node only"
NO_EXPORT = ("The cluster is not registered with a token that allows Export-Controlled Functionality. "
             "Register to Cisco Smart Software Manager with such a token and try again")
UNRESTRICTED = "This operation is not supported on the unrestricted version of Unified CM"
NO_CAPF = "Cisco Certificate Authority Proxy Function service is not activated on the publisher"
NO_PROVIDER = "Cisco CTL Provider service is not activated on the publisher"
NO_REFRESH = "OAuth with Refresh Login Flow is not enabled"
NO_CTL = "CTL File not found . Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file."

refusal("ctl_on_subscriber", "vos.md 2", "utils ctl on a node that is not the publisher")
refusal("ctl_export_control", "vos.md 2", "mixed mode or a CTL update without export-controlled functionality")
refusal("ctl_unrestricted", "vos.md 2", "mixed mode on the unrestricted load")
refusal("ctl_without_capf", "vos.md 2, lab.md 5 (6)", "mixed mode while CAPF is not active on the publisher")
refusal("ctl_without_provider", "vos.md 2", "mixed mode to release 14 while the CTL Provider is not active")
refusal("ctl_update_non_secure", "vos.md 2 (inferred)", "a CTL update where there is no CTL file")
refusal("oauth_on_subscriber", "vos.md 2", "utils sipOAuth-mode on a node that is not the publisher")
refusal("oauth_export_control", "vos.md 2", "SIP OAuth mode without export-controlled functionality")
refusal("oauth_refresh_login_flow", "vos.md 2", "SIP OAuth mode without OAuth with Refresh Login Flow")

variant("mixed_mode_without_capf", ("refuse", "accept"), "refuse", "vos.md 2, guide 'Enable Mixed Mode'",
        "whether set-cluster fails without CAPF, or succeeds with a CTL that lacks it")
variant("mixed_mode_needs_ctl_provider", ("no", "yes"), "no", "vos.md 2", "whether the CLI way needs the CTL Provider (to 14)")
variant("oauth_refresh_parameter", ("refreshable", "unchecked"), "refreshable", "vos.md 2",
        "whether the command itself checks OAuth with Refresh Login Flow")


@dataclass(frozen=True)
class TrustRecord:
    """A record of a CTL or ITL. functions: e.g. ("System Administrator Security Token",) or ("CCM+TFTP",)."""

    functions: tuple[str, ...]
    dns_name: str
    address: str
    certificate: str


@dataclass(frozen=True)
class TrustList:
    """A CTL or ITL file. signer: PEM of the token that signed it; modified: epoch."""

    kind: str
    records: tuple[TrustRecord, ...]
    signer: str
    modified: float

    def fingerprints(self, function: str | None = None) -> frozenset[str]:
        """SHA-256 fingerprints of the certificates in it, of one function if told."""
        return frozenset(x509.fingerprint(record.certificate) for record in self.records if function is None or function in record.functions)


class ClusterSecurity:
    """The security state of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._ctl: TrustList | None = None
        self._served_ctl: dict[str, TrustList | None] = {}
        self._served_itl: dict[str, TrustList] = {}
        self._in_force: dict[str, tuple[bool, bool]] = {}
        self._oauth = False     # where no row of the database says it

    # ---- reading

    @property
    def mixed(self) -> bool:
        """Whether the cluster is set to mixed mode (stored; what is in force a node says `mixed_in_force`)."""
        return self.cluster.parameter(MODE) == "1"

    @property
    def oauth(self) -> bool:
        """Whether SIP OAuth mode is enabled (stored)."""
        return self.cluster.parameter(OAUTH) == "1" if self._has_oauth_row else self._oauth

    @property
    def _has_oauth_row(self) -> bool:
        return parameters.sip_oauth_row(self.cluster) == "updated"

    def _set_oauth(self, on: bool) -> None:
        self._oauth = on
        if self._has_oauth_row:
            self.cluster.set_parameter(OAUTH, "1" if on else "0")

    def mixed_in_force(self, node: Node) -> bool:
        """Whether the node's CallManager started in mixed mode."""
        return self._in_force.get(node.name, (False, False))[0]

    def oauth_in_force(self, node: Node) -> bool:
        """Whether the node's CallManager started in SIP OAuth mode (5090 and 5091 are open)."""
        return self._in_force.get(node.name, (False, False))[1]

    @property
    def ctl(self) -> TrustList | None:
        """The CTL file on the publisher (`show ctl`); None while there is none. It outlives a return to non-secure mode."""
        return self._ctl

    def itl(self, node: Node) -> TrustList:
        """The ITL that a node would serve now (`show itl`)."""
        return self._served_itl.get(node.name) or self._build_itl(node)

    def served_ctl(self, node: Node) -> TrustList | None:
        """The CTL that a TFTP node gives to phones: the one of its last start."""
        return self._served_ctl.get(node.name)

    @property
    def export_allowed(self) -> bool:
        """Whether the licence registration allows export-controlled functionality."""
        licence = self.cluster.estate.get("licence", {})
        allowed = str(licence.get("export_control", "ALLOWED")).upper().replace("_", "") == "ALLOWED"
        return allowed and str(licence.get("registration", "Registered")).upper() == "REGISTERED"

    @property
    def restricted(self) -> bool:
        """Whether the software is the restricted load (the one that can encrypt)."""
        return not self.cluster.estate.get("unrestricted", False)

    # ---- changing

    def set_mixed_mode(self, node: Node) -> TrustList:
        """`utils ctl set-cluster mixed-mode`: build the CTL, set the mode. Raises Refused. Run again it does it again."""
        self._check_ctl(node)
        world, publisher = self.cluster.world, self.cluster.publisher
        active = publisher.services.find(CAPF_SERVICE).status == "Started"
        if not active and world.refuses("ctl_without_capf") and world.variant("mixed_mode_without_capf") == "refuse":
            raise Refused("ctl_without_capf", NO_CAPF)
        if self.cluster.major <= 14 and world.variant("mixed_mode_needs_ctl_provider") == "yes" and world.refuses("ctl_without_provider"):
            if not publisher.services.running("Cisco CTL Provider"):
                raise Refused("ctl_without_provider", NO_PROVIDER)
        self._ctl = self._build_ctl()
        self.cluster.set_parameter(MODE, "1")
        return self._ctl

    def set_non_secure_mode(self, node: Node) -> None:
        """`utils ctl set-cluster non-secure-mode`: the CTL file stays behind (vos.md 2). Raises Refused (ctl_on_subscriber)."""
        if not node.is_publisher and self.cluster.world.refuses("ctl_on_subscriber"):
            raise Refused("ctl_on_subscriber", NOT_PUBLISHER)
        self.cluster.set_parameter(MODE, "0")

    def update_ctl(self, node: Node) -> TrustList:
        """`utils ctl update CTLFile`: build the CTL from the certificates installed now. Raises Refused."""
        self._check_ctl(node)
        if self._ctl is None and self.cluster.world.refuses("ctl_update_non_secure"):
            raise Refused("ctl_update_non_secure", NO_CTL)
        self._ctl = self._build_ctl()
        return self._ctl

    def enable_sip_oauth(self, node: Node) -> None:
        """`utils sipOAuth-mode enable`. Raises Refused. In force on a node from the next start of its CallManager."""
        world = self.cluster.world
        if not node.is_publisher and world.refuses("oauth_on_subscriber"):
            raise Refused("oauth_on_subscriber", NOT_PUBLISHER)
        if not self.export_allowed and world.refuses("oauth_export_control"):
            raise Refused("oauth_export_control", NO_EXPORT)
        if world.variant("oauth_refresh_parameter") == "refreshable" and world.refuses("oauth_refresh_login_flow") and not self.refresh_login_flow:
            raise Refused("oauth_refresh_login_flow", NO_REFRESH)
        self._set_oauth(True)

    def disable_sip_oauth(self, node: Node) -> None:
        """`utils sipOAuth-mode disable`. Raises Refused (oauth_on_subscriber)."""
        if not node.is_publisher and self.cluster.world.refuses("oauth_on_subscriber"):
            raise Refused("oauth_on_subscriber", NOT_PUBLISHER)
        self._set_oauth(False)

    @property
    def refresh_login_flow(self) -> bool:
        """Whether the enterprise parameter OAuth with Refresh Login Flow is Enabled."""
        return self.cluster.parameter(REFRESH) == "1"

    # ---- inner workings

    def started(self, node: Node, service: str) -> None:
        """A service of a node has started: what depends on its start is now in force."""
        if service == "Cisco Tftp":
            self._served_ctl[node.name] = self._ctl if self.mixed else None
            self._served_itl[node.name] = self._build_itl(node)
        elif service == "Cisco CallManager":
            self._in_force[node.name] = (self.mixed, self.oauth)

    def _check_ctl(self, node: Node) -> None:
        world = self.cluster.world
        if not node.is_publisher and world.refuses("ctl_on_subscriber"):
            raise Refused("ctl_on_subscriber", NOT_PUBLISHER)
        if not self.restricted and world.refuses("ctl_unrestricted"):
            raise Refused("ctl_unrestricted", UNRESTRICTED)
        if not self.export_allowed and world.refuses("ctl_export_control"):
            raise Refused("ctl_export_control", NO_EXPORT)

    def _build_ctl(self) -> TrustList:
        publisher = self.cluster.publisher
        recovery = publisher.certificates.identity("ITLRecovery").certificate
        call_manager = publisher.certificates.signalling().certificate
        records = [
            TrustRecord((SAST,), publisher.fqdn, publisher.address, recovery),
            TrustRecord((SAST,), publisher.fqdn, publisher.address, call_manager),
        ]
        seen: set[str] = set()
        for node in [publisher, *(other for other in self.cluster.nodes.values() if other is not publisher)]:
            pem = node.certificates.signalling().certificate
            if x509.fingerprint(pem) not in seen:
                # One certificate for several nodes stands once, under the publisher's name (vos.md 2).
                seen.add(x509.fingerprint(pem))
                records.append(TrustRecord((CCM_TFTP,), node.fqdn, node.address, pem))
        if publisher.services.running(CAPF_SERVICE):
            records.append(TrustRecord((CAPF,), publisher.fqdn, publisher.address, publisher.certificates.identity("CAPF").certificate))
        return TrustList("CTL", tuple(records), recovery, self.cluster.world.clock.epoch())

    def _build_itl(self, node: Node) -> TrustList:
        publisher = self.cluster.publisher
        recovery = publisher.certificates.identity("ITLRecovery").certificate
        records = [
            TrustRecord((SAST,), publisher.fqdn, publisher.address, recovery),
            TrustRecord((CCM_TFTP,), node.fqdn, node.address, node.certificates.signalling().certificate),
            TrustRecord((CAPF,), publisher.fqdn, publisher.address, publisher.certificates.identity("CAPF").certificate),
        ]
        records += [TrustRecord((TVS,), other.fqdn, other.address, other.certificates.identity("TVS").certificate)
                    for other in self.cluster.nodes.values()]
        return TrustList("ITL", tuple(records), recovery, self.cluster.world.clock.epoch())

    def save(self) -> dict:
        """State for a snapshot (records are immutable)."""
        return {key: dict(value) if isinstance(value, dict) else value for key, value in vars(self).items() if key != "cluster"}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        vars(self).update(state)
