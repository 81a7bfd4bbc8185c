"""Day 0 of a cluster's database: what Cisco's installation puts there, and what the estate file adds.

`fill` is called once a cluster at start. `adapt` brings the few rows that depend on a variant in line with it, whenever one was switched.
All keys derive from names, so that two starts give the same uuids.
"""
from __future__ import annotations

from typing import Any

from lab.core.variants import variant
from lab.core.world import IM_PRESENCE
from lab.core.world import UNIFIED_CM
from lab.ucm import capf
from lab.ucm import parameters
from lab.ucm import seed_hardening
from lab.ucm import seed_phones
from lab.ucm.secret_text import hide
from lab.ucm.store import WIDE_PKID
from lab.ucm.store import Store

UDT_PROFILE = "Universal Device Template - Model-independent Security Profile"
TRUNK_PROFILE = "Non Secure SIP Trunk Profile"
SIP_PROFILES = ("Standard SIP Profile", "Standard SIP Profile For Cisco VCS", "Standard SIP Profile For TelePresence Conferencing",
                "Standard SIP Profile for Mobile Device")
MODELS = {"Cisco 8845": "SIP", "Cisco 8865": "SIP", "Cisco 8851": "SIP", "Cisco 7841": "SIP", "Cisco 8832": "SIP", "Cisco 7965": "SCCP",
          "Cisco Unified Client Services Framework": "SIP", "Cisco Dual Mode for iPhone": "SIP", "Cisco Dual Mode for Android": "SIP",
          "Cisco Jabber for Tablet": "SIP", "Cisco TelePresence SX80": "SIP", "Cisco TelePresence MX300 G2": "SIP"}

variant("udt_profile_protocol", ("Protocol Not Specified", "SIP"), "Protocol Not Specified", "axl.md 2.1, 9",
        "Protocol that the built-in universal phone security profile reads.")
variant("process_node_names", ("fqdn", "hostname"), "fqdn", "axl.md 2.8",
        "Whether nodes are listed by fully qualified name or by host name (a site's own choice at installation).")

_BOOLEAN = {True: "t", False: "f", "true": "t", "false": "f", "t": "t", "f": "f"}


def members(cluster: Any) -> list[Any]:
    """The cluster's process nodes: those of Unified CM, publisher first, then those of IM and Presence."""
    return [*sorted(cluster.nodes.values(), key=lambda n: not n.is_publisher), *cluster.presence]


def node_name(node: Any) -> str:
    """Name under which a node stands in the database (System > Server)."""
    return node.fqdn if node.world.variant("process_node_names") == "fqdn" else node.hostname


BUILDS = {12.5: "12.5.1.12900-115", 14.0: "14.0.1.12900-161", 15.0: "15.0.1.11900-40"}      # as the CLI's `show version active`


def version(node: Any) -> str:
    """The full version of a node's software, e.g. 15.0.1.11900-40 (inventory variable `lab_version` overrides it)."""
    major = node.cluster.major
    return str(node.variables.get("lab_version") or BUILDS.get(major, f"{major}.1.10000-1"))


def fill(cluster: Any, database: Store, phones: int = 0) -> None:
    """Fills an empty database with the installation's rows and those of `cluster.estate`.

    phones: how many more phones to make. Raises KeyError for a name that the estate refers to and nobody defines.
    """
    part = cluster.estate
    with database.transaction():
        _nodes(cluster, database)
        seed_hardening.before_devices(database, part)
        _system(cluster, database, part)
        if "lbm_hub_group" in part:
            _lbm_hubs(database, part["lbm_hub_group"])
        _profiles(cluster, database, part)
        _trunks(database, part)
        seed_phones.fill(cluster, database, phones)
        seed_hardening.after_devices(database, part)
        given = {service: dict(values) for service, values in part.get("parameters", {}).items()}
        if not part.get("oauth_refresh_login_flow", True):
            given.setdefault(parameters.ENTERPRISE, {}).setdefault("oauth_refresh_login_flow", "Disabled")
        parameters.fill(cluster, database, given)
    database.variants = _variants(cluster)


def adapt(cluster: Any) -> None:
    """Restates the rows that depend on variants, if one was switched."""
    parameters.adapt(cluster)
    now, database = _variants(cluster), cluster.db
    if database.variants == now:
        return
    with database.transaction():
        protocol, policy = _universal(cluster, database)
        database.run("update securityprofile set tkdeviceprotocol=?, tksecuritypolicy=? where name=?", protocol, policy, UDT_PROFILE)
        for node in members(cluster):
            database.run("update processnode set name=? where pkid=?", node_name(node), database.uuid("processnode", node.name))
        capf.restate(database, database.variants[2:], now[2:])
    database.variants = now


def _variants(cluster: Any) -> tuple[str, ...]:
    return cluster.world.variant("udt_profile_protocol"), cluster.world.variant("process_node_names"), *capf.readings(cluster)


def _nodes(cluster: Any, db: Store) -> None:
    nodes = members(cluster)
    db.insert("processnode", pkid=WIDE_PKID, name=parameters.WIDE_NODE, systemnode="t", tknodeusage=1, nodeid=0)
    usage = {True: db.enum("typenodeusage", "Publisher"), False: db.enum("typenodeusage", "Subscriber")}
    roles = {UNIFIED_CM: db.enum("typeprocessnoderole", "CUCM Voice/Video"), IM_PRESENCE: db.enum("typeprocessnoderole", "CUCM IM and Presence")}
    for number, node in enumerate(nodes, 1):
        db.insert("processnode", pkid=db.uuid("processnode", node.name), name=node_name(node), description=node.name, nodeid=number,
                  mac=f"0050569A{number:04X}", tknodeusage=usage[node is cluster.publisher], tkprocessnoderole=roles[node.product])
    processing = [n for n in nodes if "call_processing" in n.roles] or nodes[:1]
    for number, node in enumerate(processing, 1):
        db.insert("callmanager", pkid=db.uuid("callmanager", node.name), name="CM_" + node.name, description=node.name, ctiid=number,
                  fkprocessnode=db.uuid("processnode", node.name))
    db.insert("componentversion", softwarecomponent="cm-ver", version=version(nodes[0]))


def _lbm_hubs(db: Store, group: dict[str, Any]) -> None:
    """An LBM intercluster replication group: its bootstrap servers, and the nodes whose LBM is a hub."""
    servers = {f"member{number}": host for number, host in enumerate(group.get("bootstrap", ()), 1)}
    name = group["name"]
    key = db.insert("lbmhubgroup", pkid=db.uuid("lbmhubgroup", name), name=name, description=group.get("description", name), **servers)
    for hub in group.get("hubs", ()):
        if not db.run("update processnode set fklbmhubgroup=? where pkid=?", key, db.uuid("processnode", hub)):
            raise KeyError(f"lbm_hub_group: {hub} is no node of {db.name}")


def _group(db: Store, name: str, names: list[str], default: bool = False) -> None:
    group = db.insert("callmanagergroup", pkid=db.uuid("callmanagergroup", name), name=name, tftpdefault="t" if default else "f")
    for priority, member in enumerate(names):
        key = db.value("select pkid from callmanager where name=? or description=?", member, member)
        if key is None:
            raise KeyError(f"callmanager_groups: {name}: {member} is no call-processing node of {db.name}")
        db.insert("callmanagergroupmember", pkid=db.uuid("member", name, member), fkcallmanagergroup=group, fkcallmanager=key, priority=priority)


def _system(cluster: Any, db: Store, part: dict[str, Any]) -> None:
    for number, name in enumerate(("Hub_None", "Phantom", "Shadow", *(x["name"] for x in part.get("locations", ()))), 1):
        db.insert("location", pkid=db.uuid("location", name), name=name, id=number)
    db.insert("region", pkid=db.uuid("region", "Default"), name="Default")
    db.insert("datetimesetting", pkid=db.uuid("datetimesetting", "CMLocal"), name="CMLocal")
    for srst in ({"name": "Disable"}, {"name": "Use Default Gateway"}, *part.get("srst", ())):
        db.insert("srst", pkid=db.uuid("srst", srst["name"]), name=srst["name"], ipaddr1=srst.get("address", ""), sipnetwork=srst.get("sip_network", ""),
                  port=srst.get("port", 2000), sipport=srst.get("sip_port", 5060), issecure=_BOOLEAN[srst.get("secure", False)])
    groups = part.get("callmanager_groups", [])
    if "Default" not in {g["name"] for g in groups}:
        _group(db, "Default", [db.value("select name from callmanager order by ctiid")], default=True)
    for group in groups:
        _group(db, group["name"], group.get("members", []))
    pools = part.get("device_pools", [])
    for pool in (*([] if "Default" in {p["name"] for p in pools} else [{"name": "Default"}]), *pools):
        db.insert("devicepool", pkid=db.uuid("devicepool", pool["name"]), name=pool["name"],
                  fkcallmanagergroup=_key(db, "callmanagergroup", pool.get("callmanager_group", "Default")),
                  fkregion=_key(db, "region", "Default"), fkdatetimesetting=_key(db, "datetimesetting", "CMLocal"),
                  fksrst=_key(db, "srst", pool.get("srst", "Disable")),
                  fkcallingsearchspace_autoregistration=_key(db, "callingsearchspace", pool.get("auto_registration_css")))
    licence = part.get("licence", {})
    db.insert("slminfo", registrationstatus=licence.get("registration", "Registered"),
              exportcontrolledallow="t" if str(licence.get("export_control", "ALLOWED")).upper() == "ALLOWED" else "f")
    for entry in part.get("ldap_filters", ()):
        db.insert("ldapfilter", pkid=db.uuid("ldapfilter", entry["name"]), name=entry["name"], filter=entry["filter"])
    for entry in part.get("ldap_directories", ()):
        key = db.insert("directorypluginconfig", pkid=db.uuid("ldap", entry["name"]), name=entry["name"], ldapdn=entry.get("dn", ""),
                        ldappassword=hide(entry.get("password", "")), fkldapfilter=_key(db, "ldapfilter", entry["filter"]) if "filter" in entry else None,
                        usersearchbase=entry.get("search_base", ""), intervalvalue=7, tkscheduleunit=db.enum("typescheduleunit", "DAY"))
        _hosts(db, "directorypluginhost", "fkdirectorypluginconfig", key, entry.get("servers", ()))
    login = part.get("ldap_authentication", {})
    key = db.insert("ldapauthentication", pkid=db.uuid("ldapauthentication"), authenticateendusers="t" if login else "f",
                    distinguishedname=login.get("dn", ""), usersearchbase=login.get("search_base", ""), ldappassword=hide(login.get("password", "")))
    db.insert("ldapsystemconfig", pkid=db.uuid("ldapsystemconfig"), syncenabled=_BOOLEAN[bool(part.get("ldap_directories"))],
              tkldapserver=db.enum("typeldapserver", "Microsoft Active Directory"), useridattribute="sAMAccountName")
    _hosts(db, "ldapauthenticationhost", "fkldapauthentication", key, login.get("servers", ()))


def _hosts(db: Store, table: str, parent: str, key: str, servers: Any) -> None:
    for order, server in enumerate(servers, 1):
        db.insert(table, **{parent: key}, hostname=server["host"], portnumber=server.get("port", 389),
                  sslenabled=_BOOLEAN[server.get("tls", False)], sortorder=order)


def _universal(cluster: Any, db: Store) -> tuple[int, int]:
    """Protocol number and policy of the universal profile under the variant that holds."""
    name = cluster.world.variant("udt_profile_protocol")
    return db.enum("typedeviceprotocol", name), 4 if name == "SIP" else 99


def _phone_profile(db: Store, name: str, model: str, protocol: int, policy: int) -> None:
    db.insert("securityprofile", pkid=db.uuid("securityprofile", name), name=name, description=name, isstandard="t", tksecuritypolicy=policy,
              tkmodel=db.enum("typemodel", model), tkdeviceprotocol=protocol, tkdevicesecuritymode=db.enum("typedevicesecuritymode", "Non Secure"),
              tktransport=db.enum("typetransport", "TCP+UDP"), tkauthenticationmode=db.enum("typeauthenticationmode", "By Null String"),
              tkkeysize=db.enum("typekeysize", "2048"), tkkeyorder=db.enum("typekeyorder", "RSA Only"))


def _profiles(cluster: Any, db: Store, part: dict[str, Any]) -> None:
    _phone_profile(db, UDT_PROFILE, "Universal Device Template", *_universal(cluster, db))
    models = dict(MODELS)
    models.update({p["model"]: p.get("protocol", "SIP") for p in part.get("phones", ())})
    for model, protocol in models.items():
        _phone_profile(db, seed_phones.standard_profile(model, protocol), model, db.enum("typedeviceprotocol", protocol), 4)
    for name in (*SIP_PROFILES, *(x["name"] for x in part.get("sip_profiles", ()))):
        db.insert("sipprofile", pkid=db.uuid("sipprofile", name), name=name, description=name, isstandard="t" if name in SIP_PROFILES else "f")
    from lab.ucm.axl import classes  # late: the engine needs the database, the database's first rows need the engine

    profiles = part.get("sip_trunk_security_profiles", ())
    if TRUNK_PROFILE not in {p["name"] for p in profiles}:
        profiles = [{"name": TRUNK_PROFILE, "description": "Non Secure SIP Trunk Profile authenticated by null String"}, *profiles]
    for profile in profiles:
        classes.seed_row(db, "SipTrunkSecurityProfile", {"securityMode": "Non Secure", "outgoingTransport": "TCP", **profile})
    db.run("update securityprofile set isstandard='t' where name=?", TRUNK_PROFILE)
    for profile in part.get("phone_security_profiles", ()):
        classes.seed_row(db, "PhoneSecurityProfile", {"deviceSecurityMode": "Non Secure", **profile})


def _key(db: Store, table: str, name: str | None) -> str | None:
    return None if name is None else db.key(db.name, table, name)


def _trunks(db: Store, part: dict[str, Any]) -> None:
    for trunk in part.get("trunks", ()):
        device = db.insert("device", pkid=db.uuid("device", trunk["name"]), name=trunk["name"], description=trunk.get("description", trunk["name"]),
                           tkmodel=db.enum("typemodel", "SIP Trunk"), tkproduct=db.enum("typeproduct", "SIP Trunk"), tkclass=db.enum("typeclass", "Trunk"),
                           tkdeviceprotocol=db.enum("typedeviceprotocol", "SIP"), tkprotocolside=db.enum("typedeviceprotocolside", "Network"),
                           fkdevicepool=_key(db, "devicepool", trunk.get("device_pool", "Default")),
                           fklocation=_key(db, "location", trunk.get("location", "Hub_None")),
                           fksecurityprofile=_key(db, "securityprofile", trunk.get("security_profile", TRUNK_PROFILE)),
                           fksipprofile=_key(db, "sipprofile", trunk.get("sip_profile", SIP_PROFILES[0])),
                           tknetworklocation=db.enum("typenetworklocation", trunk.get("location_class", "Use System Default")),
                           fkcallingsearchspace=_key(db, "callingsearchspace", trunk.get("css")),
                           fkcallingsearchspace_reroute=_key(db, "callingsearchspace", trunk.get("rerouting_css")),
                           srtpallowed=_BOOLEAN[trunk.get("srtp", False)], runonallnodes=_BOOLEAN[trunk.get("run_on_every_node", False)])
        sip = db.insert("sipdevice", pkid=db.uuid("sipdevice", trunk["name"]), fkdevice=device)
        for order, place in enumerate(trunk.get("destinations", ()), 1):
            db.insert("siptrunkdestination", pkid=db.uuid("destination", trunk["name"], order), fksipdevice=sip, address=place["address"],
                      addressipv6="", port=place.get("port", 5060), sortorder=place.get("order", order))
