# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the trust graph is made of: what nodes hold and say, as plain data. Nothing here touches a network."""
from __future__ import annotations

import datetime
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from cryptography import x509

from ..pki.facts import extended_key_usage
from ..pki.facts import short
from ..pki.names import matches
from ..pki.names import subject_names


@dataclass(frozen=True)
class Shown:
    """What an end shows of itself. leaf: the certificate, or None for one that is still to be made, by the CA `issuer`; uses: None for no restriction."""

    label: str
    names: tuple
    uses: frozenset | None
    leaf: x509.Certificate | None = None
    issuer: x509.Certificate | None = None

    def carries(self, name):
        """Whether it is for a name; its common name counts, as the products do with each other."""
        return any(matches(one, name) for one in self.names)

    @property
    def until(self):
        """When it ends; a certificate that is still to be made does not."""
        return self.leaf.not_valid_after_utc if self.leaf else datetime.datetime.max.replace(tzinfo=datetime.UTC)


def shown(certificate):
    """A certificate as Shown; None for none."""
    if certificate is None:
        return None
    uses = extended_key_usage(certificate)
    return Shown(short(certificate), tuple(subject_names(certificate)), None if uses is None else frozenset(uses), certificate)


@dataclass(frozen=True)
class Wanted:
    """A certificate as a run would have it: names that it has to carry, extended key usages, the CA certificates that it chains to, roots first."""

    names: tuple
    uses: frozenset
    cas: tuple


@dataclass
class NodeFacts:
    """One node.

    shown   {unit: Shown or None}      stores  {store: certificates}      says  settings of this node alone
    brings  {store: certificates that a run brings there}      comes  {unit: Wanted}      unread: why it could not be read, or ""
    """

    name: str
    cluster: str
    product: str
    fqdn: str
    address: str
    roles: tuple = ()
    web: int = 8443
    shown: dict = field(default_factory=dict)
    stores: dict = field(default_factory=dict)
    says: dict = field(default_factory=dict)
    brings: dict = field(default_factory=dict)
    comes: dict = field(default_factory=dict)
    unread: str = ""

    @property
    def words(self):
        """Everything that others may call it by, in lower case."""
        return {str(word).lower().rstrip(".") for word in (self.name, self.fqdn, self.address) if word}

    def pool(self, store):
        """The certificates of a trust store; None where it was not read."""
        return self.stores.get(store)


@dataclass
class ClusterFacts:
    """One cluster. host: that its plays run for; cm, edge: clusters that it belongs to, stands behind; cas: the CA certificates that its operator names; says:
    settings of the whole cluster; wanted: those of them that a run changes, as they will be."""

    name: str
    product: str
    nodes: list
    host: str = ""
    cm: str = ""
    edge: str = ""
    cas: tuple = ()
    says: dict = field(default_factory=dict)
    wanted: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Trunk:
    """A SIP trunk with its security profile. subjects: of the X.509 field, None: those that the far ends' certificates will have (only planned)."""

    name: str
    profile: str
    encrypted: bool
    incoming_tls: bool
    outgoing_tls: bool
    port: int
    subjects: frozenset | None
    destinations: tuple         # (address, port)


@dataclass
class Estate:
    """All nodes and clusters, and the moment that validity is judged at. outside: {(host, port): Shown or None} of servers that are no nodes of ours."""

    now: datetime.datetime
    nodes: dict = field(default_factory=dict)
    clusters: dict = field(default_factory=dict)
    outside: dict = field(default_factory=dict)

    def of(self, product):
        """Clusters of a product."""
        return [cluster for cluster in self.clusters.values() if cluster.product == product]

    def members(self, cluster, role=None):
        """Nodes of a cluster (by name or ClusterFacts); of those with a role, all where none has it."""
        cluster = self.clusters.get(cluster) if isinstance(cluster, str) else cluster
        found = [self.nodes[name] for name in cluster.nodes] if cluster else []
        return [node for node in found if role in node.roles] or found if role else found

    def at(self, word):
        """The node that goes by a name or address, or None."""
        wanted = str(word).lower().rstrip(".")
        return next((node for node in self.nodes.values() if wanted in node.words), None)


def changed(facts, **values):
    """A copy with other values."""
    return replace(facts, **values)
