# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading Unified CM, IM and Presence and Unity Connection for the trust graph."""
from __future__ import annotations

from ..addresses import address_of
from ..asking import axl
from ..certificates.reading import read_node
from ..certificates.reading import release_of
from ..expressway.certificate_names import profiles_for_mra
from ..expressway.cm_trunk import with_neighbor_ports
from ..handshakes import served
from ..ldap_servers import read_agreements
from ..multi_cluster.lbm import LEVELS
from ..operations import estate as modes
from ..phone_profile_steps import read_profiles as read_phone_profiles
from ..pki.products import IM_PRESENCE
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..pki.products import USES
from ..resources import ldap
from ..resources import parameters
from ..resources import srst
from ..resources import unity_connection as cuc
from ..resources.objects import boolean
from ..resources.objects import is_address
from ..resources.objects import rows
from ..resources.objects import text
from ..resources.sip_trunk_security_profile import subjects
from ..sip_trunks import presence_hosts
from ..sip_trunks import read_presence
from ..sip_trunks import read_profiles
from ..sip_trunks import read_trunks
from ..unity_connection import reading as cupi
from .facts import Trunk
from .facts import Wanted
from .facts import shown

UNITS = {UNIFIED_CM: ("tomcat", "callmanager", "capf"), IM_PRESENCE: ("tomcat", "cup-xmpp"), UNITY_CONNECTION: ("tomcat",)}
STORES = {UNIFIED_CM: ("tomcat", "callmanager"), IM_PRESENCE: ("tomcat", "cup-xmpp"), UNITY_CONNECTION: ("tomcat", "callmanager")}
SIP_TLS = 5061


def node(facts, view, host, cas):
    """What one node holds."""
    units, stores = UNITS[facts.product], STORES[facts.product]
    held = read_node(host, release_of(host), units, stores, cas["ca_file"])
    facts.shown = {unit: shown(held.identities.get(unit)) for unit in units if unit != "capf" or unit in held.identities}
    facts.stores = {store: tuple(held.trust.get(store, ())) for store in stores}
    facts.brings = {store: tuple(cas["ca_file"]) for store in stores}
    names = (facts.fqdn.lower(),)
    facts.comes = {unit: Wanted(names, frozenset(USES[unit]), tuple(cas["ca_file"])) for unit in units if unit != "capf"}


def unified_cm(estate, cluster, view):
    """Modes, trunks, profiles, LDAP, SRST references and what ties the cluster to others."""
    publisher, says, wanted = view.publisher, cluster.says, cluster.wanted
    says["mixed"], oauth = modes.mixed(publisher), modes.sip_oauth(publisher)
    if oauth is None:
        oauth = modes.sip_oauth_ports([one for one in view.nodes.values() if "call_processing" in one.roles] or [publisher])
    says["oauth"] = oauth
    wanted.update(mixed=True, oauth=True)
    says["mra_profiles"] = profiles_for_mra(read_phone_profiles(publisher))[0]
    read_sip_trunks(cluster, view)
    read_ldap(estate, cluster, view)
    references = srst.REFERENCE.read_all(axl(publisher, srst.REFERENCE.list_request()))
    says["srst"] = [{"name": name, "address": one["ipAddress"], "secure": boolean(one["isSecure"])} for name, one in references.items() if one["ipAddress"]]
    asked = {one["name"] for one in view.var("collab_srst_references") or ()}
    wanted["srst"] = [{**one, "secure": True} if one["name"] in asked else one for one in says["srst"]]
    read_locations(cluster, view)
    capf = estate.nodes[publisher.name].shown.get("capf")
    for router in estate.nodes.values():        # a run brings the issuer of LSCs to the routers where phones fall back
        if "srst" in router.roles and estate.clusters[router.cluster].cm == cluster.name and capf is not None:
            router.brings["trustpoints"] = (*router.brings.get("trustpoints", ()), capf.leaf)


def read_sip_trunks(cluster, view):
    """SIP trunks with their profiles as they are, and as the run makes those that it may change."""
    publisher = view.publisher
    listed, profiles = read_trunks(publisher), read_profiles(publisher)
    presence = read_presence(publisher, listed, presence_hosts(view))
    asked = view.var("sip_trunk_encryption_trunks") or view.var("collab_sip_trunks")
    excluded = set(view.var("collab_sip_trunks_excluded") or ()) | set(presence)
    specs = {one["name"]: one for one in asked} if asked is not None else {name: {"name": name} for name in listed}
    specs = with_neighbor_ports(view)(listed, {name: one for name, one in specs.items() if name in listed and name not in excluded})
    cluster.says["trunks"], cluster.wanted["trunks"] = {}, {}
    for name, row in listed.items():
        if name in presence or row["securityProfileName"] not in profiles:
            continue
        profile = profiles[row["securityProfileName"]]
        now = Trunk(name, row["securityProfileName"], profile["securityMode"] == "Encrypted", profile["incomingTransport"] == "TLS",
                    profile["outgoingTransport"] == "TLS", int(profile["incomingPort"] or 0), frozenset(subjects(profile["x509SubjectName"])),
                    tuple((one["address"], one["port"]) for one in row["destinations"]))
        cluster.says["trunks"][name] = now
        cluster.wanted["trunks"][name] = secured(now, specs[name]) if name in specs else now


def secured(now, spec):
    """A trunk as a run makes it."""
    named = spec.get("subject_names")
    port = int(spec.get("secure_port") or SIP_TLS)
    ends = {str(one["address"]).lower(): int(one.get("port") or port) for one in spec.get("far_ends") or ()}
    return Trunk(now.name, now.profile, True, True, True, int(spec.get("incoming_port") or SIP_TLS), frozenset(one.lower() for one in named) if named else None,
                 tuple((address, ends.get(address.lower(), port)) for address, _port in now.destinations))


def read_ldap(estate, cluster, view):
    """The LDAP agreements, and what their servers show to a handshake."""
    said = {str(one["host"]).lower(): one for one in view.var("collab_ldap_servers") or ()}
    now, then = {}, {}
    for name, servers in read_agreements(view.publisher).items():
        now[name], then[name] = [], []
        for one in servers:
            entry = said.get(one["host"].lower(), {})
            now[name].append({**one, "name": ldap.expected_name(one, entry)})
            port = ldap.secure_port(one, entry)
            then[name].append({**now[name][-1], **({"tls": True, "port": port} if port else {})})
        for one in (*now[name], *then[name]):
            key = (one["host"].lower(), one["port"])
            if one["tls"] and key not in estate.outside:
                address, port = address_of(view, "directory_servers", *key)
                asked = None if is_address(one["name"]) else one["name"]
                estate.outside[key] = shown(served(view.publisher.ask("tls", "probe", address=address, port=port, server_name=asked, rsa_only=True)))
    cluster.says["ldap"], cluster.wanted["ldap"] = now, then


def read_locations(cluster, view):
    """Hubs and security mode of LBM; the mode only where it is confirmed how it is stored."""
    listed = rows(axl(view.publisher, ("listProcessNode", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "lbmHubGroup": ""}})), "processNode")
    hubs = [modes.inventory_name(view.nodes, text(one.get("name"))) for one in listed if text(one.get("lbmHubGroup"))]
    cluster.says["hubs"] = [name for name in hubs if name]
    spec = view.var("collab_lbm_security_mode") or {}
    if spec.get("confirmed"):
        there = parameters.read_all(axl(view.publisher, parameters.list_request(parameters.ENTERPRISE))).get(spec.get("name"))
        stored = {str(word).lower(): str(value) for word, value in (spec.get("stored_values") or {}).items()}
        level = next((one for one in LEVELS if there and one in stored and parameters.matching(there["value"], stored[one])), None)
        cluster.says["lbm"], cluster.wanted["lbm"] = level, "secure"


def unity_connection(_estate, cluster, view):
    """Port groups of voice mail: whether they speak TLS, and which nodes of Unified CM they call where."""
    publisher = view.publisher
    cluster.says["tls"], cluster.wanted["tls"] = cupi.speaks_tls(publisher), True
    servers = [row for group in cupi.groups(publisher) for row in cupi.group_servers(publisher, cuc.value(group, "ObjectId"))
               if cuc.value(row, "MediaRemoteServiceEnum") == cuc.SIP_SERVER]
    cluster.says["servers"] = [(cuc.value(row, "HostOrIpAddress"), cuc.number(row, "PortTLS") or SIP_TLS) for row in servers]
    cluster.wanted["servers"] = [(host, SIP_TLS) for host, _port in cluster.says["servers"]]
