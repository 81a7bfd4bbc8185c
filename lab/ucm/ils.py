"""Intercluster Lookup Service: which clusters are in one network, and whether they are in step (axl.md 2.8; guide "Multi-Cluster").

What AXL writes counts from the next start of Cisco Intercluster Lookup Service on the publisher. Two clusters connect when both run it,
one registers with the other (a spoke always with a hub), and both use TLS certificates or none, and the same password or none. With TLS
each must trust the tomcat certificate that the other's service has loaded. A connection that is up stays up until one of the two stops.
Spokes know of each other what their hub relays.
A cluster shows that another one is lost only after its own interval of synchronisation. Spans of time are the world's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import TYPE_CHECKING

from lab.core.variants import variant
from lab.ucm import handshake
from lab.ucm import parameters

if TYPE_CHECKING:
    from lab.core.world import Cluster

SERVICE = "Cisco Intercluster Lookup Service"
HUB, SPOKE, ALONE = "Hub Cluster", "Spoke Cluster", "Stand Alone Cluster"
CONNECTS = 30.0
WORDS = {"words": ("Up to date", "Not synchronized"), "codes": ("UP_TO_DATE", "OUT_OF_SYNC")}

variant("ils_applies", ("restart", "at_once"), "restart", "axl.md 2.8 (a public program restarts the service)",
        "whether updateIlsConfig counts from the next start of the service, or at once")
variant("ils_status_words", ("words", "codes"), "words", "axl.md 2.8 (no source gives the words)", "how syncronizationStatus says that a cluster is in step")


@dataclass(frozen=True)
class Config:
    """The settings of one cluster. interval: minutes; password: "" = none is used."""

    role: str
    registration_server: str = ""
    interval: int = 10
    use_tls: bool = False
    use_password: bool = False
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Link:
    """What a cluster knows of another one. since: epoch of the last change; due: epoch from which it shows."""

    cluster_id: str
    role: str
    route: str
    connected: bool
    since: float
    due: float
    reason: str = ""


class Ils:
    """Of one cluster. Estate: `ils: {role: hub|spoke, registration_server, synchronize_every, use_tls, password, route_string}`."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        given = cluster.estate.get("ils")
        self.stored = None if given is None else Config(
            SPOKE if given.get("role") == "spoke" else HUB, given.get("registration_server", ""), int(given.get("synchronize_every", 10)),
            bool(given.get("use_tls", False)), bool(given.get("password")), str(given.get("password", "")))
        self.in_force = self.stored if cluster.publisher.services.running(SERVICE) else None
        self._links: dict[str, Link] = {}

    # ---- reading

    @property
    def cluster_id(self) -> str:
        """The cluster's name in the network."""
        return parameters.get(self.cluster, "cluster_id")

    @property
    def route(self) -> str:
        """The route string that it advertises."""
        return str((self.cluster.estate.get("ils") or {}).get("route_string", ""))

    def row(self, cluster_id: str = "") -> dict[str, str] | None:
        """The cluster's own settings ("" or its own name), or what it knows of another one; None for one that it does not know. No secrets."""
        self.refresh()
        if cluster_id in ("", self.cluster_id):
            own = self._row(self.cluster_id, self.route, self.stored.role if self.stored else ALONE)
            return {**own, "syncronizationStatus": self._word(True) if self.stored else ""}
        link = self._known(cluster_id)
        if link is None:
            return None
        clock = self.cluster.world.clock
        contact = link.since
        if link.connected:
            step = self._interval / clock.speed
            contact += (clock.epoch() - contact) // step * step
        return {**self._row(link.cluster_id, link.route, link.role, contact), "syncronizationStatus": self._word(self.in_step(link))}

    def _known(self, cluster_id: str) -> Link | None:
        """What there is of another cluster: by the connection to it or, as a spoke has none but to its hub, by what a connected hub relays."""
        own = next((link for link in self._links.values() if link.cluster_id == cluster_id), None)
        if own is not None:
            return own
        clusters = self.cluster.world.clusters
        hubs = [clusters[name].ils for name, link in self._links.items() if link.connected and link.role == HUB]
        return next((link for hub in hubs for link in hub._links.values() if link.cluster_id == cluster_id), None)

    def in_step(self, link: Link) -> bool:
        """Whether a cluster shows as in step now."""
        return link.connected is (self.cluster.world.clock.epoch() >= link.due)

    def status(self) -> dict[str, str]:
        """{id of another cluster: "in step" or why not}, for `python -m lab status`."""
        self.refresh()
        return {link.cluster_id: "in step" if self.in_step(link) and link.connected else link.reason or "about to connect" for link in self._links.values()}

    def _row(self, cluster_id: str, route: str, role: str, contact: float | None = None) -> dict[str, str]:
        when = "" if contact is None else time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(contact))
        return {"clusterId": cluster_id, "lastContactTime": when, "clusterUriString": route, "role": role, "lastDataRecieved": when}

    def _word(self, good: bool) -> str:
        return WORDS[self.cluster.world.variant("ils_status_words")][0 if good else 1]

    @property
    def _interval(self) -> float:
        return (self.in_force or self.stored or Config(HUB)).interval * 60.0

    # ---- changing

    def configure(self, config: Config) -> None:
        """Store settings."""
        self.stored = config
        if self.cluster.world.variant("ils_applies") == "at_once" and self.cluster.publisher.services.running(SERVICE):
            self.stopping()
            self.started()

    def stopping(self) -> None:
        """The service on the publisher stops: all connections end."""
        self.in_force = None
        self.refresh()

    def started(self) -> None:
        """It has started, with what is stored now."""
        self.in_force = self.stored
        self.refresh()

    def day_zero(self) -> None:
        """Those that fit together have been in one network for long."""
        self.refresh()
        for links in [self._links, *(other.ils._links for other in self._others())]:
            links.update({name: replace(link, due=link.since) for name, link in links.items()})

    def refresh(self) -> None:
        """Connections that broke show; those that are down are tried again."""
        for other in self._others():
            mine, theirs = self._links.get(other.name), other.ils._links.get(self.cluster.name)
            up = mine is not None and theirs is not None and mine.connected and theirs.connected
            reason = self._down(other) or ("" if up else self._refused(other))
            self._note(other, reason)
            other.ils._note(self.cluster, reason)

    def _note(self, other: Cluster, reason: str) -> None:
        clock, known = self.cluster.world.clock, self._links.get(other.name)
        if known is None and reason:
            return
        if known is None or known.connected is bool(reason):
            shown = known is not None and self.in_step(known)
            due = clock.epoch() if shown is not bool(reason) else clock.after(self._interval if reason else CONNECTS)
            if reason:
                self._links[other.name] = replace(known, connected=False, since=clock.epoch(), due=due, reason=reason)
            else:
                self._links[other.name] = Link(other.ils.cluster_id, other.ils.in_force.role, other.ils.route, True, clock.epoch(), due)
        elif known.reason != reason:
            self._links[other.name] = replace(known, reason=reason)

    def _others(self) -> list[Cluster]:
        return [cluster for cluster in self.cluster.world.clusters.values() if cluster.ils is not None and cluster is not self.cluster]

    # ---- what two clusters make of each other

    def _down(self, other: Cluster) -> str:
        """Why there can be no connection whatever the settings."""
        for cluster in (self.cluster, other):
            if cluster.ils.in_force is None or cluster.publisher.listeners.is_away:
                return f"ILS does not run on {cluster.publisher.name}"
        return ""

    def _refused(self, other: Cluster) -> str:
        mine, theirs = self.in_force, other.ils.in_force
        if self.cluster_id == other.ils.cluster_id:
            return f"both clusters are called {self.cluster_id}"
        if not (self._registers(other) or other.ils._registers(self.cluster)):
            return "neither registers with the other"
        if mine.use_tls != theirs.use_tls:
            return "one uses TLS certificates, the other does not"
        if (mine.use_password, mine.use_password and mine.password) != (theirs.use_password, theirs.use_password and theirs.password):
            return "not the same password"
        if mine.use_tls:
            client, server = (self.cluster, other) if self._registers(other) else (other, self.cluster)
            failed = handshake.problem(client.publisher, server.publisher, "ils", "tomcat-trust")
            return f"TLS: {failed}" if failed else ""
        return ""

    def _registers(self, other: Cluster) -> bool:
        """Whether this cluster turns to the other: by its registration server, or as a hub to a hub that it knows already."""
        hub = other.ils.in_force.role == HUB
        named = bool(self.in_force.registration_server) and self.cluster.world.find(self.in_force.registration_server) is other.publisher
        return hub and (named or (self.in_force.role == HUB and other.name in self._links))

    # ---- snapshots

    def save(self) -> dict:
        """State for a snapshot."""
        return {"stored": self.stored, "in_force": self.in_force, "links": dict(self._links)}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        self.stored, self.in_force, self._links = state["stored"], state["in_force"], dict(state["links"])
