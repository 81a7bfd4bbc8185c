"""Expressway on day 0: an installed, clustered pair without any zone but the default ones.

Estate: `certificates` (lab.expressway.certificates); `credentials` {name: password}; `search_rules` [{Name, ...}] and `zones` [{Name, Type, ...}] by paths
below the object; `settings` {path: value}; `peers_by`: "name" (default) or "address", as the peers of the cluster are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.expressway import xmpp
from lab.expressway.catalogue import BadValue

if TYPE_CHECKING:
    from lab.expressway.state import Cluster
    from lab.expressway.state import Peer

# What the installation brings along.
LOCAL_RULE = {"Name": "LocalZoneMatch", "Description": "Default rule: queries the Local Zone for any alias", "Priority": "50", "Source Mode": "Any",
              "Mode": "AnyAlias", "Target Type": "Zone", "Target Name": "LocalZone", "Progress": "Continue", "State": "Enabled"}


def fill(cluster: Cluster) -> None:
    """Day 0 of all peers. Raises ValueError when the estate makes no sense."""
    for peer in cluster.peers:
        _own(peer)
        peer.certificates.day_zero()
    estate = cluster.group.estate
    peer = cluster.peers[0]
    shared = peer.shared
    try:
        for rule in [LOCAL_RULE, *estate.get("search_rules", ())]:
            peer.config.create("Zones Policy SearchRules Rule", {key: str(value) for key, value in rule.items()})
        for zone in estate.get("zones", ()):
            # The type comes first: it decides which other settings there are.
            peer.config.create("Zones Zone", {"Type": str(zone["Type"]), **{key: str(value) for key, value in zone.items()}})
        # An installation leaves SIP off (MRA guide X12.6); whoever set this one up has switched it on.
        for path, value in {"SIP Mode": "On", **(estate.get("settings") or {})}.items():
            peer.config.set(path, str(value))
    except (KeyError, BadValue) as error:
        raise ValueError(f"estate.yml: {cluster.group.name}: {error}") from error
    peer.table("credential").update({str(name): {"Password": str(password)} for name, password in (estate.get("credentials") or {}).items()})
    peer.table("xmpp")[""] = dict(xmpp.DEFAULTS)
    for other in cluster.peers[1:]:
        other.shared = {"values": dict(shared["values"]), "tables": {name: dict(rows) for name, rows in shared["tables"].items()}}


def _own(peer: Peer) -> None:
    appliance, group = peer.appliance, peer.appliance.group
    by_address = group.estate.get("peers_by") == "address"
    own = {"SystemUnit Name": appliance.hostname, "IP DNS Hostname": appliance.hostname, "IP DNS Domain Name": appliance.fqdn.partition(".")[2],
           "IP DNS Server 1 Address": "127.0.0.53", "NTP Server 1 Address": "ntp." + appliance.fqdn.partition(".")[2]}
    if len(group.members) > 1:
        own["Alternates Cluster Name"] = str(group.head.variables.get("collab_cluster_name") or "")
        members = list(group.members.values())
        own["Alternates ConfigurationPrimary"] = str(members.index(group.head) + 1)
        for number, member in enumerate(members, 1):
            own[f"Alternates Peer {number} Address"] = member.address if by_address else member.fqdn
    for path, value in own.items():
        peer.config.set(path, value)
