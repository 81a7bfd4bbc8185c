# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading Expressway-C and -E for the trust graph."""
from __future__ import annotations

from ..errors import NodeError
from ..expressway import certificate_names
from ..expressway import facts as said
from ..expressway import keys
from ..expressway import surroundings
from ..expressway.peer_certificates import read_server
from ..expressway.peer_certificates import read_trusted
from ..expressway.picture import Contradictions
from ..expressway.picture import Picture
from ..expressway.verification import SIP
from ..expressway.verification import SIP_TLS
from ..expressway.verification import first
from ..phone_profile_steps import read_profiles as read_phone_profiles
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.products import EXPRESSWAY_C
from .facts import Wanted
from .facts import shown

UC_PORT, UC_NAME = 7001, "UC traversal"


def node(facts, view, host, cas):
    """What one peer holds."""
    facts.shown = {"server": shown(read_server(host))}
    facts.stores = {"trusted": tuple(read_trusted(host))}
    facts.says["sip_tls"] = int(first(host, SIP).get("TlsPort") or SIP_TLS)
    facts.brings = {"trusted": (*cas["ca_file"], *cas["public_ca_file"])}
    issuers = cas["ca_file"] if facts.product == EXPRESSWAY_C else cas["public_ca_file"]
    names = [one.value.lower() for one in certificate_names.wanted(facts.product, facts.fqdn, view.var("collab_cluster_name"))]
    facts.comes = {"server": Wanted(tuple(names), frozenset({SERVER_AUTH, CLIENT_AUTH}), tuple(issuers))}


def clusters(estate, cluster, view):
    """What Expressway-C says of itself and, through it, what the Expressway-E before it says."""
    picture = Picture(view, ())
    sides = [(cluster, picture.action, picture.settings, picture.mra)]
    if picture.e:
        sides.append((estate.clusters[picture.e.cluster], picture.e, picture.e_settings, picture.e_mra))
    for side, seen, settings, mra in sides:
        try:
            zones = picture.zones(seen, settings)
        except Contradictions as e:
            raise NodeError("refused", str(e)) from None
        side.says["zones"] = {kind: zone_of(zone) for kind, zone in zones.items()}
        row = picture.uc_zone(seen, mra)
        if row:
            side.says["zones"]["uc"] = uc_zone(row, seen)
        side.says["mra"] = said.mra(seen)
        side.says["servers"] = [{"address": one["address"], "verify": one["tls_verify"]} for one in said.servers(seen)]
        wish(side, seen, settings, mra)
    profiles(estate, cluster, view)


def zone_of(zone):
    """A zone as the graph knows it."""
    now = zone.settings
    return {"name": zone.name, "port": int(now["port"]) if now.get("port") else None, "tls": str(now.get("transport", "TLS")).upper() == "TLS",
            "verify": keys.same(now.get("tls_verify"), "On"), "peers": keys.listed(now.get("peers")) if "peers" in now else None, "subject": now.get("subject")}


def uc_zone(row, seen):
    """The Unified Communications traversal zone, which always speaks TLS and always verifies."""
    peers = keys.listed(keys.value_of(row, ("PeerAddress", "PeerAddresses")))
    return {"name": keys.value_of(row, ("Name",)), "port": int(keys.value_of(row, ("SIPPort", "Port")) or 0) or None, "tls": True, "verify": True,
            "peers": peers if surroundings.product(seen) == EXPRESSWAY_C and peers else None,
            "subject": keys.value_of(row, ("SIPTLSVerifySubjectName", "TLSVerifySubjectName"))}


def wish(side, seen, settings, mra):
    """What a run makes of the zones and of mobile and remote access."""
    made = surroundings.wanted(seen, settings) if settings else []
    zones = {**side.says["zones"], **{zone.kind: zone_of(zone) for zone in made}}
    if mra:
        is_c = surroundings.product(seen) == EXPRESSWAY_C
        zones["uc"] = {"name": mra.get("zone") or UC_NAME, "port": int(mra.get("port") or UC_PORT), "tls": True, "verify": True,
                       "peers": [str(node.fqdn) for node in surroundings.edge(seen)] if is_c and seen.var("collab_edge_cluster") else None,
                       "subject": None if is_c else mra.get("subject_name") or surroundings.subject(seen)}
        side.wanted["mra"] = True
        side.wanted["servers"] = [{**one, "verify": True} for one in side.says["servers"]]
    side.wanted["zones"] = zones


def profiles(estate, cluster, view):
    """The names of phone security profiles go into the certificates that are still to come, too."""
    cm = estate.clusters.get(cluster.cm)
    if cm is None or not cluster.wanted.get("mra"):
        return
    given = view.var("expressway_certificates_phone_profiles")
    more = certificate_names.profiles_for_mra(surroundings_profiles(view))[0] if not given else given
    for name in cluster.nodes:
        facts = estate.nodes[name]
        wanted = facts.comes["server"]
        facts.comes["server"] = Wanted((*wanted.names, *(one.lower() for one in more)), wanted.uses, wanted.cas)


def surroundings_profiles(view):
    """The phone security profiles of the Unified CM cluster behind an Expressway-C."""
    return read_phone_profiles(view.cm_publisher)
