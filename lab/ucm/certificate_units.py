"""Which certificates and trust stores the nodes of each product have: vos.md 1.1, 1.5 and 1.7, guide Tables 7-5 to 7-9, id:63085568676.

Names are those of `show cert list`, in its order (that of IM and Presence and Unity Connection is inferred). A consumer is what serves a
certificate: (unit, service whose start makes the installed certificate the served one).
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.core.world import IM_PRESENCE
from lab.core.world import PRIME_DEPLOYMENT
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION

TOMCAT = "Cisco Tomcat"
ECDSA = "-ECDSA"


@dataclass(frozen=True)
class Units:
    """units: identities; stores: trust stores; local: stores that do not spread; multi: units that can be multi-server; consumers: see above."""

    units: tuple[str, ...]
    stores: tuple[str, ...]
    local: frozenset[str]
    multi: frozenset[str]
    consumers: dict[str, tuple[str, str]]


WEB = {"https": ("tomcat", TOMCAT), "https-ecdsa": ("tomcat-ECDSA", TOMCAT)}
BY_PRODUCT = {
    UNIFIED_CM: Units(
        units=("tomcat", "tomcat-ECDSA", "ipsec", "ITLRecovery", "CallManager-ECDSA", "CallManager", "CAPF", "TVS"),
        stores=("tomcat-trust", "CallManager-trust", "CAPF-trust", "ipsec-trust", "TVS-trust", "Phone-SAST-trust", "Phone-VPN-trust",
                "Phone-CTL-trust", "Phone-trust"),
        local=frozenset({"CAPF-trust"}),
        multi=frozenset({"tomcat", "tomcat-ECDSA", "CallManager", "CallManager-ECDSA"}),
        consumers={
            **WEB,
            "sip": ("CallManager", "Cisco CallManager"),
            "sip-ecdsa": ("CallManager-ECDSA", "Cisco CallManager"),
            "ils": ("tomcat", "Cisco Intercluster Lookup Service"),
            "lbm": ("tomcat", "Cisco Location Bandwidth Manager"),
            "oauth": ("tomcat", "Cisco CallManager"),
            "oauth-ecdsa": ("tomcat-ECDSA", "Cisco CallManager"),
            "tftp": ("CallManager", "Cisco Tftp"),
            "files": ("tomcat", "Cisco Tftp"),
            "capf": ("CAPF", "Cisco Certificate Authority Proxy Function"),
            "tvs": ("TVS", "Cisco Trust Verification Service"),
        },
    ),
    IM_PRESENCE: Units(
        units=("tomcat", "tomcat-ECDSA", "ipsec", "cup", "cup-ECDSA", "cup-xmpp", "cup-xmpp-ECDSA", "cup-xmpp-s2s", "cup-xmpp-s2s-ECDSA"),
        stores=("tomcat-trust", "ipsec-trust", "cup-trust", "cup-xmpp-trust"),
        local=frozenset(),
        multi=frozenset({"tomcat", "tomcat-ECDSA", "cup-xmpp", "cup-xmpp-ECDSA", "cup-xmpp-s2s", "cup-xmpp-s2s-ECDSA"}),
        consumers={
            **WEB,
            "sip-proxy": ("cup", "Cisco SIP Proxy"),
            "sip-proxy-ecdsa": ("cup-ECDSA", "Cisco SIP Proxy"),
            # Connection Manager serves it, but the documented step is the Router's restart, which restarts Connection Manager, too.
            "xmpp": ("cup-xmpp", "Cisco XCP Router"),
            "xmpp-ecdsa": ("cup-xmpp-ECDSA", "Cisco XCP Router"),
            "xmpp-s2s": ("cup-xmpp-s2s", "Cisco XCP XMPP Federation Connection Manager"),
            "xmpp-s2s-ecdsa": ("cup-xmpp-s2s-ECDSA", "Cisco XCP XMPP Federation Connection Manager"),
        },
    ),
    UNITY_CONNECTION: Units(
        units=("tomcat", "tomcat-ECDSA", "ipsec"),
        stores=("tomcat-trust", "CallManager-trust", "ipsec-trust"),
        local=frozenset(),
        multi=frozenset({"tomcat", "tomcat-ECDSA"}),
        consumers={
            **WEB,
            "sip": ("tomcat", "Connection Conversation Manager"),
            "sip-ecdsa": ("tomcat-ECDSA", "Connection Conversation Manager"),
        },
    ),
    # Inferred: what every VOS product has (guide, Prime Collaboration Deployment, speaks of tomcat alone).
    PRIME_DEPLOYMENT: Units(
        units=("tomcat", "tomcat-ECDSA", "ipsec"),
        stores=("tomcat-trust", "ipsec-trust"),
        local=frozenset(),
        multi=frozenset(),
        consumers=WEB,
    ),
}


def is_elliptic(unit: str) -> bool:
    """Whether a unit's key is on an elliptic curve."""
    return unit.endswith(ECDSA)


def store_of(name: str) -> str:
    """The trust store of a unit or store name: RSA and ECDSA share one (guide), cup-xmpp and cup-xmpp-s2s too (id:63085568676).

    "tomcat", "tomcat-ECDSA", "tomcat-trust" -> "tomcat-trust".
    """
    if name.endswith("-trust"):
        return name
    base = name.removesuffix(ECDSA)
    return ("cup-xmpp" if base == "cup-xmpp-s2s" else base) + "-trust"


def stores_of_self_signed(unit: str) -> list[str]:
    """Trust stores that get a node's new self-signed certificate of a unit."""
    return {"CAPF": ["CAPF-trust", "CallManager-trust"], "CallManager": ["Phone-SAST-trust"], "ITLRecovery": ["Phone-SAST-trust"]}.get(
        unit.removesuffix(ECDSA), [store_of(unit)])
