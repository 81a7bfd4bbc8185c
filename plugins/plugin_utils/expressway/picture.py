# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what has to agree between Unified CM, Expressway-C and Expressway-E, as it will be when the run has mended what it mends. Reads only.

mends says which parts this run brings to what is wanted: certificates (and trust), zones, trunks. Those are judged by what they will be, which is what
variables and inventory say; the others by what the boxes have. So what the run itself puts right stops nobody, and what contradicts itself does.
"""
from __future__ import annotations

from ..certificates.reading import read_node
from ..certificates.reading import release_of
from ..device_action import HostVariables
from ..phone_profile_steps import read_profiles as read_phone_profiles
from ..pki.chain import is_self_signed
from ..pki.names import subject_names
from ..pki.pem import PemError
from ..pki.pem import read_certificates
from ..pki.products import EXPRESSWAY_C
from ..pki.products import EXPRESSWAY_E
from ..resources.phone_security_profile import is_fqdn
from ..resources.sip_trunk_security_profile import is_secure
from ..resources.sip_trunk_security_profile import subjects
from ..role_variables import value_of
from ..sip_trunks import read_profiles
from ..sip_trunks import read_trunks
from . import certificate_names
from . import checks
from . import keys
from . import surroundings
from . import uc_certificates
from .b2b import neighbor_port
from .b2b import problems as b2b_problems
from .checks import Trust
from .cm_trunk import Behind
from .cm_trunk import settings_of
from .peer_certificates import is_temporary
from .sides import ZONES
from .zone_types import Zone
from .zones import BadZones
from .zones import Zones

CERTIFICATES, ZONES_PART, TRUNKS = "certificates", "zones", "trunks"
PARTS = (CERTIFICATES, ZONES_PART, TRUNKS)
B2B, MRA = "business-to-business calls", "mobile and remote access"
STORE = "CallManager-trust"
# What a problem rests on: it stops a run that brings one of these to what is wanted. A run that touches none of them only tells it.
RESTS_ON = {"phone-profile-not-named": {CERTIFICATES}, "subject-not-named": {CERTIFICATES, ZONES_PART}, "chain-missing": {CERTIFICATES, ZONES_PART},
            "trunk-subjects": {CERTIFICATES, TRUNKS}, "trunk-port": {ZONES_PART, TRUNKS}}


class Contradictions(Exception):
    """Things that do not agree; the text has all of them. Nothing was changed."""


class Picture:
    """One Expressway-C cluster with what is before and behind it. action: of its primary peer; mends: parts that the run brings to what is wanted."""

    def __init__(self, action, mends):
        self.action, self.mends, self.report = action, set(mends), action.report
        self.settings, self.mra = settings_of(action.node.variables), (action.var("collab_expressway") or {}).get("mra")
        edge, cm = action.var("collab_edge_cluster"), action.var("collab_cm_cluster")
        self.e = action.seen_from(surroundings.edge(action)[0].name) if edge else None
        self.cm = action.seen_from(action.cm_publisher.name) if cm else None
        self.e_settings = settings_of(self.e.node.variables) if self.e else {}
        self.e_mra = (self.e.var("collab_expressway") or {}).get("mra") if self.e else None
        self._peers = {}

    def problems(self):
        """[Problem], all of them."""
        of_c, of_e = self.zones(self.action, self.settings), self.zones(self.e, self.e_settings) if self.e else {}
        neighbor, client, server = of_c.get("neighbor"), of_c.get("traversal_client"), of_e.get("traversal_server")
        found = checks.peers_by_name([zone for zone in (neighbor, client) if zone])
        if neighbor:
            found += checks.beside_mra(neighbor.name, port_of(neighbor), bool(self.mra))
        if not found and ZONES_PART in self.mends:
            found += [checks.Problem("b2b-input", "b2b-neighbor-port", self.action.cluster, text)
                      for text in b2b_problems([*of_c.values(), *of_e.values()], bool(self.mra))]
        if self.e:
            found += checks.traversal_ports(B2B, port_of(client), port_of(server))
            found += self.of_mra()
        names = self.names() if server or self.mra or neighbor else {}
        if server:
            found += checks.subject_name(B2B, server.settings.get("subject"), names)
        if self.mra and self.cm:
            found += checks.phone_profiles(self.phone_profiles(), names)
        if neighbor and self.cm:
            found += self.trunks(neighbor, names)
        if neighbor or client or self.mra:
            found += self.chains(neighbor)
        return found

    # -- zones -------------------------------------------------------------------------------------------------------
    def zones(self, view, settings):
        """{kind: Zone} of a side: as wanted where the run makes it so, else as the boxes have it."""
        wanted = surroundings.wanted(view, {**settings, "traversal_password": view.var("collab_traversal_password")}) if settings else []
        if not wanted:
            return {}
        held = Zones(view.publisher, [Zone(zone.kind, zone.name, {k: v for k, v in zone.settings.items() if k != "password"}) for zone in wanted],
                     surroundings.product(view), view.workspace, view.cluster)
        reading = held.read()
        try:
            held.check(reading)
        except BadZones as e:
            raise Contradictions("Nothing was changed. %s" % e) from None
        if ZONES_PART in self.mends:
            return {zone.kind: zone for zone in wanted}
        actual = {zone.kind: (zone, held.actual(reading, zone)) for zone in wanted}
        return {kind: Zone(kind, zone.name, found) for kind, (zone, found) in actual.items() if found is not None}

    def of_mra(self):
        """The zone of mobile and remote access: its two ports, and its subject name."""
        if not (self.mra or self.e_mra):
            return []
        if ZONES_PART in self.mends:
            ports = [int((of or {}).get("port") or 7001) if of else None for of in (self.mra, self.e_mra)]
            named = (self.mra or {}).get("subject_name")
        else:
            rows = [self.uc_zone(view, of) for view, of in ((self.action, self.mra), (self.e, self.e_mra))]
            ports = [int(keys.value_of(row, ("SIPPort", "Port")) or 0) or None for row in rows]
            named = keys.value_of(rows[1], ("SIPTLSVerifySubjectName", "TLSVerifySubjectName"))
        return checks.traversal_ports(MRA, *ports) + (checks.subject_name(MRA, named, self.names()) if named else [])

    @staticmethod
    def uc_zone(view, mra):
        """The Unified Communications zone of a side as it is; {} where it has none."""
        path = ZONES[surroundings.product(view)]
        rows = view.publisher.ask("expressway_api", "read", path=path) if view.publisher.ask("expressway_api", "offers", path=path) else []
        return next((row for row in rows if keys.same(keys.value_of(row, ("Name",)), (mra or {}).get("zone") or "UC traversal")), {})

    # -- certificates ------------------------------------------------------------------------------------------------
    def peers(self, view):
        """{peer: uc_certificates.Peer} of a side, read once."""
        if view.cluster not in self._peers:
            self._peers[view.cluster] = view.each(view.nodes, uc_certificates.read)
        return self._peers[view.cluster]

    def names(self):
        """{peer of Expressway-C: names that its certificate carries}."""
        if CERTIFICATES not in self.mends:
            return {name: frozenset(subject_names(peer.certificate)) if peer.certificate else frozenset() for name, peer in self.peers(self.action).items()
                    if not self.to_come(peer.certificate)}
        given, more = self.action.var("expressway_certificates_phone_profiles") or [], self.action.var("expressway_certificates_alt_names") or []
        profiles = given or (self.phone_profiles() if self.mra and self.cm else [])
        return {name: frozenset(one.value.lower() for one in certificate_names.wanted(
            EXPRESSWAY_C, node.fqdn, self.action.var("collab_cluster_name"), profiles=profiles, more=more)) for name, node in self.action.nodes.items()}

    def to_come(self, certificate):
        """Whether a run may pass over a certificate that is judged as it is: one of the installation, in whose place another is going to come."""
        return bool(self.mends) and certificate is not None and (is_self_signed(certificate) or is_temporary(certificate))

    def phone_profiles(self):
        """Names of the profiles that have to stand in the certificates; read only where something could lack them."""
        if CERTIFICATES in self.mends and not self.action.var("expressway_certificates_phone_profiles"):
            return []                                           # the certificates' names are going to be made of that very list
        found = certificate_names.profiles_for_mra(read_phone_profiles(self.cm.publisher))[0]
        if CERTIFICATES in self.mends:
            publisher = self.cm.publisher.name
            wanted = value_of("phone_security_profiles", "phone_security_profiles_list", self.cm.variables_of(publisher), self.templated)
            found += [one["name"] for one in wanted if not one.get("oauth") and is_fqdn(one["name"]) and one["name"] not in found]
        return found

    def templated(self, variables):
        """Variables of a host as plain data."""
        return HostVariables(variables, self.action._loader)

    def chains(self, neighbor):
        """Who has to trust whom. What the run brings into lists of trusted CAs counts; lists are only read where that is not enough."""
        pairs = []
        if self.e:
            pairs += [(self.side(self.e), self.side(self.action), "collab_ca_file of %s" % self.e.cluster, "expe-trust-enterprise"),
                      (self.side(self.action), self.side(self.e), "collab_public_ca_file of %s" % self.action.cluster, "expc-trust-public")]
        if self.cm and (neighbor or self.mra):
            pairs += [(self.unified_cm(), self.side(self.action), "collab_ca_file of %s" % self.cm.cluster, "trust-ucm-callmanager")]
        if self.cm and neighbor:
            pairs += [(self.side(self.action), self.unified_cm(), "collab_ca_file of %s" % self.action.cluster, "expc-trust-enterprise")]
        found = []
        for verifier, holder, variable, step in pairs:
            for name, pool in verifier.pools(holder.shown()):
                found += checks.chains(Trust(name, holder.name, variable, step, tuple(pool), tuple(holder.shown())))
        return found

    def side(self, view):
        """An Expressway cluster as one that trusts and is trusted."""
        return Side(self, view)

    def unified_cm(self):
        """The Unified CM cluster as one that trusts and is trusted."""
        return UnifiedCm(self, self.cm)

    # -- trunks ------------------------------------------------------------------------------------------------------
    def trunks(self, neighbor, names):
        """Unified CM's trunks to this Expressway-C: as they will be, or as they are."""
        asked, excluded = self.cm.var("sip_trunk_encryption_trunks") or self.cm.var("collab_sip_trunks"), self.cm.var("collab_sip_trunks_excluded") or []
        said = {spec["name"]: spec for spec in asked or ()}
        behind, found, count = Behind(self.action.cluster, self.settings, tuple(self.action.nodes.values())), [], 0
        trunks, profiles = read_trunks(self.cm.publisher), None
        for name, trunk in trunks.items():
            spec = said.get(name, {})
            if not behind.leads_here(trunk, spec):
                continue
            count += 1
            if TRUNKS in self.mends and name not in excluded and (asked is None or name in said):
                incoming, named = int(spec.get("incoming_port") or neighbor_port(self.settings)), spec.get("subject_names") or None
            else:
                profiles = profiles or read_profiles(self.cm.publisher)
                profile = profiles[trunk["securityProfileName"]]
                incoming = int(profile["incomingPort"]) if is_secure(profile) else None
                named = subjects(profile["x509SubjectName"])
            found += checks.trunk_port(name, incoming, port_of(neighbor))
            found += checks.trunk_subjects(name, named, names) if incoming is not None else []
        if not count:
            self.report.finding("no-trunk", "medium", neighbor.name, "Unified CM has no SIP trunk that dials Expressway-C, so the zone will not be active",
                                step="b2b-neighbor-tls", table="7-18")
        return found


class Side:
    """An Expressway cluster: what its certificates are made by, and what it trusts."""

    def __init__(self, picture, view):
        self.picture, self.view, self.planned = picture, view, CERTIFICATES in picture.mends
        self.name = "%s (%s)" % ("Expressway-C" if surroundings.product(view) == EXPRESSWAY_C else "Expressway-E", view.cluster)

    def shown(self):
        """The CA certificates that its own are going to be made by, or its certificates as they are."""
        if not self.planned:
            found = [peer.certificate for peer in self.picture.peers(self.view).values() if peer.certificate is not None]
            return [one for one in found if not self.picture.to_come(one)]
        public = surroundings.product(self.view) == EXPRESSWAY_E
        given = self.view.var("expressway_certificates_issuer_file")
        option = "public_ca_file" if public else "ca_file"
        return certificates_in(given or self.view.node.option(option), "collab_" + option, self.view.cluster)

    def pools(self, shown):
        """[(name, what is trusted)]: one for the cluster where what the run brings is enough, else one for each peer."""
        brought = []
        if self.planned:
            node = self.view.node
            brought = certificates_in(node.option("ca_file"), "collab_ca_file", self.view.cluster)
            brought += certificates_in(node.option("public_ca_file"), "collab_public_ca_file", self.view.cluster, needed=False)
            if all(uc_certificates.trusts(brought, one) for one in shown):
                return [(self.name, brought)]
        return [(name, [*peer.trusted, *brought]) for name, peer in self.picture.peers(self.view).items()]


class UnifiedCm:
    """A Unified CM cluster: what its CallManager certificate is made by, and what CallManager-trust has."""

    def __init__(self, picture, view):
        self.picture, self.view, self.planned = picture, view, CERTIFICATES in picture.mends
        self.name, self.held = "Unified CM (%s)" % view.cluster, None

    def holdings(self):
        """What the publisher holds, read once."""
        if self.held is None:
            publisher = self.view.publisher
            self.held = read_node(publisher, release_of(publisher), services=["CallManager"], stores=[STORE])
        return self.held

    def shown(self):
        """The CA certificates that its own are going to be made by, or the publisher's certificate as it is."""
        if self.planned:
            return certificates_in(self.view.node.option("ca_file"), "collab_ca_file", self.view.cluster)
        found = self.holdings().identities.get("callmanager")
        return [found] if found is not None and not self.picture.to_come(found) else []

    def pools(self, shown):
        """[(name, what is trusted)]."""
        brought = certificates_in(self.view.node.option("ca_file"), "collab_ca_file", self.view.cluster) if self.planned else []
        if brought and all(uc_certificates.trusts(brought, one) for one in shown):
            return [(self.name, brought)]
        return [("%s of %s" % (STORE, self.name), [*self.holdings().trust.get("callmanager", []), *brought])]


def port_of(zone):
    """The port of a zone as a number; None without a zone."""
    return int(zone.settings["port"]) if zone else None


def certificates_in(path, variable, cluster, needed=True):
    """The certificates of a file; [] where none is given and none is needed. Raises Contradictions."""
    if not path:
        if needed:
            raise Contradictions("Nothing was changed. %s is not set for %s" % (variable, cluster))
        return []
    try:
        with open(path, encoding="utf-8") as file:
            return read_certificates(file.read(), "%s (%s)" % (variable, path))
    except (OSError, UnicodeDecodeError, PemError) as e:
        raise Contradictions("Nothing was changed. %s of %s (%s) cannot be used: %s" % (variable, cluster, path, getattr(e, "strerror", None) or e)) from None


def judge(action, mends):
    """Puts every problem into the action's report; raises Contradictions with all of them."""
    picture = Picture(action, mends)
    found = list(dict.fromkeys(picture.problems()))
    for problem in found:
        action.report.finding(problem.id, "high", problem.object, problem.text, step=problem.step)
    found = [problem for problem in found if not picture.mends or picture.mends & RESTS_ON.get(problem.id, {ZONES_PART})]
    action.report.add(agree=not found, judged={part: "as it will be" if part in picture.mends else "as it is" for part in PARTS})
    if found:
        many = "This does not agree" if len(found) == 1 else "These %d things do not agree" % len(found)
        raise Contradictions("Nothing was changed. %s between Unified CM and the Expressways of %s:\n%s"
                             % (many, action.cluster, "\n".join("- " + one.text for one in found)))
