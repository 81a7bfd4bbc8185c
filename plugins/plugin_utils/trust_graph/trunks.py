# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP trunks of Unified CM: to routers, Unity Connection, Meeting Servers, Expressway-C and other clusters, both ways."""
from __future__ import annotations

from ..pki.products import EXPRESSWAY_C
from ..pki.products import MEETING_SERVER
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..resources.sip_trunk_security_profile import SUBJECT_STEPS
from .ends import ROUTER
from .ends import between
from .ends import own_name
from .ends import proof
from .needs import Names
from .needs import Setting
from .needs import by
from .needs import same_port

SIP_TLS, CALLMANAGER = 5061, "callmanager"
KINDS = {ROUTER: "ios", UNITY_CONNECTION: "unity", MEETING_SERVER: "cms", EXPRESSWAY_C: "expressway", UNIFIED_CM: "intercluster"}
STORES = {ROUTER: "trustpoints", UNITY_CONNECTION: "callmanager", EXPRESSWAY_C: "trusted", UNIFIED_CM: CALLMANAGER}
VOICE_MAIL, INTERCLUSTER, B2B = (by("unity_connection", "voice_mail", "cuc_port_group"), by("multi_cluster", "multi_cluster", "intercluster_trunk"),
                                 by("expressway_b2b", "b2b", "expressway_b2b"))
MEND = by("sip_trunk_encryption", "trunks", "sip_trunk_security_profile", "sip_trunk")
MENDS = {UNITY_CONNECTION: VOICE_MAIL, UNIFIED_CM: INTERCLUSTER}
FAR_MENDS = {ROUTER: by("cube", "trunks", "ios_sip_tls"), UNITY_CONNECTION: VOICE_MAIL, EXPRESSWAY_C: B2B, UNIFIED_CM: INTERCLUSTER,
             MEETING_SERVER: by("meeting_server", "calls", "meeting_server_encryption")}
FAR_STEPS = {ROUTER: "ios-dialpeer-tls", UNITY_CONNECTION: "cuc-portgroup-profile", MEETING_SERVER: "cms-sip-encryption", EXPRESSWAY_C: "b2b-neighbor-tls",
             UNIFIED_CM: "trunk-x509-intercluster"}


def connections(estate):
    """[Connection] of all trunks whose far ends are nodes of ours."""
    found = []
    for cluster in estate.of(UNIFIED_CM):
        for trunk in cluster.says.get("trunks", {}).values():
            ends = [(far, port) for address, port in trunk.destinations if (far := estate.at(address)) is not None and far.product in KINDS]
            for local in estate.members(cluster, "call_processing"):
                for far, port in ends:
                    found += [Outgoing(estate, trunk, local, far, port).connection(), *Incoming(estate, trunk, local, far).connections()]
    return found


class End:
    """One local node and one far node of a trunk."""

    def __init__(self, estate, trunk, local, far):
        self.estate, self.trunk, self.local, self.far = estate, trunk, local, far
        self.kind = KINDS[far.product]
        # that of voice mail runs for Unity Connection, and does both ends
        self.mend = MENDS.get(far.product, MEND).at(far if far.product == UNITY_CONNECTION else local)
        self.far_mend = FAR_MENDS[far.product].at(far)

    @property
    def purpose(self):
        """Which calls these are."""
        return "calls over trunk %s" % self.trunk.name

    def encrypted(self):
        """The profile makes the trunk speak TLS."""
        trunk = self.trunk
        return Setting(trunk.encrypted and trunk.incoming_tls and trunk.outgoing_tls, "the security profile '%s' of trunk %s does not make it speak TLS both "
                       "ways (device security mode Encrypted, transport TLS)" % (trunk.profile, trunk.name), self.mend, "trunk-profile-mode", plain=True)

    def subject(self):
        """Unified CM compares the far end's certificate with the X.509 subject of the profile; what is derived from the certificate fits."""
        if self.trunk.subjects is None:
            return None
        return Names(tuple(sorted(self.trunk.subjects)), "the X.509 subject of the profile '%s'" % self.trunk.profile, self.mend, SUBJECT_STEPS[self.kind])

    def far_proof(self, client):
        """The far end proves itself to the local node."""
        return proof(self.estate, self.far, unit_of(self.far, self.local), self.local, CALLMANAGER, client, self.subject())

    def verified(self):
        """Expressway-C looks at the certificates of Unified CM."""
        zone = neighbor(self.estate, self.far) if self.far.product == EXPRESSWAY_C else None
        return [Setting(zone["verify"], "TLS verify of the neighbor zone '%s' is Off, so anybody could stand in for Unified CM" % zone["name"],
                        self.far_mend, FAR_STEPS[EXPRESSWAY_C], "not-verified")] if zone else []

    def local_proof(self, client):
        """The local node proves itself to the far end."""
        far, names = self.far, None
        if far.product == EXPRESSWAY_C:
            zone = neighbor(self.estate, far)
            if zone and zone["verify"]:
                names = own_name(self.local, "TLS verify mode of the neighbor zone '%s'" % zone["name"])
        elif far.product == UNIFIED_CM:
            back = other_end(self.estate, self.local, far)
            if back is not None and back.subjects is not None:
                names = Names(tuple(sorted(back.subjects)), "the X.509 subject of the profile '%s'" % back.profile, self.mend, SUBJECT_STEPS["intercluster"])
        store = STORES.get(far.product)
        if store is None:               # a Meeting Server takes any certificate of a SIP peer
            return []
        return [proof(self.estate, self.local, CALLMANAGER, far, store, client, names)]


class Outgoing(End):
    """Calls from the local node to the far end."""

    def __init__(self, estate, trunk, local, far, port):
        super().__init__(estate, trunk, local, far)
        self.port = port

    def connection(self):
        """The Connection."""
        needs = [self.encrypted(), *self.listens(), *self.verified(), self.far_proof(client=False), *self.local_proof(client=True)]
        return between(self.local, self.far, self.port, "SIP TLS", self.purpose, needs, True, "trunk-destination-port")

    def listens(self):
        """The far end takes TLS where the trunk calls it."""
        far, trunk = self.far, self.trunk
        if far.product == UNITY_CONNECTION:
            tls = self.estate.clusters[far.cluster].says.get("tls")
            found = [Setting(tls, "no port group of %s speaks TLS, so nothing listens on port %d" % (far.cluster, SIP_TLS), self.far_mend,
                             FAR_STEPS[far.product], plain=True)]
        elif far.product == ROUTER:
            why = far.says.get("no_trustpoint", {}).get(self.local.name)
            found = [Setting(not why, why or "", self.far_mend, "ios-crypto-signaling", "no-trustpoint")]
        else:
            found = []
        return [*found, same_port(("trunk %s" % trunk.name, far.name), self.port, port_of(self.estate, far, self.local), self.mend, "trunk-destination-port")]


class Incoming(End):
    """Calls from the far end to the local node."""

    def connections(self):
        """The Connection; none where the far end is known not to call this node, and none between clusters, whose other trunk is that."""
        if self.far.product == UNIFIED_CM:
            return []
        says = self.calls()
        if says is None:
            return []
        tls, port, what = says
        needs = [self.encrypted(), Setting(tls, what + " does not call %s by TLS" % self.local.name, self.far_mend,
                                           FAR_STEPS[self.far.product], "far-end-plain", plain=True)]
        if tls:
            needs.append(same_port((what, "trunk %s" % self.trunk.name), port, self.trunk.port, self.mend, "trunk-incoming-port"))
        needs += [*self.verified(), *self.local_proof(client=False), self.far_proof(client=True)]
        return [between(self.far, self.local, self.trunk.port, "SIP TLS", self.purpose, needs, True, "trunk-incoming-port")]

    def calls(self):
        """(whether the far end calls by TLS, the port, what says so); None where nothing says that it calls this node."""
        far, local = self.far, self.local
        cluster = self.estate.clusters[far.cluster]
        if far.product == EXPRESSWAY_C:
            zone = neighbor(self.estate, far)
            if zone is None or not any(peer.lower() in local.words for peer in zone["peers"]):
                return None
            return zone["tls"], zone["port"], "the neighbor zone '%s' of %s" % (zone["name"], far.name)
        if far.product == ROUTER:
            peers = far.says.get("dial_peers", {}).get(local.name, ())
            worst = next((one for one in peers if not one[1]), peers[0] if peers else None)
            return worst and (worst[1], worst[2], "dial-peer %s of %s" % (worst[0], far.name))
        if far.product == MEETING_SERVER:
            rules = [one for one in far.says.get("rules", ()) if one[0] in local.words]
            return rules[0][1:] if rules else None
        servers = [one for one in cluster.says.get("servers", ()) if one[0].lower() in local.words]
        return (cluster.says.get("tls"), servers[0][1], "the port group of %s" % cluster.name) if servers else None


def unit_of(far, local):
    """Which certificate a far end shows to a node."""
    return {ROUTER: "sip", UNITY_CONNECTION: "tomcat", MEETING_SERVER: "callbridge", EXPRESSWAY_C: "server", UNIFIED_CM: CALLMANAGER}[far.product]


def port_of(estate, far, local):
    """Where a far end takes TLS; None where that was not read."""
    if far.product == UNIFIED_CM:
        back = other_end(estate, local, far)
        return back.port if back is not None else None
    return far.says.get("sip_tls", SIP_TLS)


def neighbor(estate, far):
    """The neighbor zone of an Expressway-C cluster, or None."""
    return estate.clusters[far.cluster].says.get("zones", {}).get("neighbor")


def other_end(estate, local, far):
    """The trunk of the far node's cluster that leads back to the local node, or None."""
    trunks = estate.clusters[far.cluster].says.get("trunks", {}).values()
    return next((one for one in trunks if any(address.lower() in local.words for address, _port in one.destinations)), None)
