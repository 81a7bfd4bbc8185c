"""Day 0 of the dial plan, of phones' product-specific settings and of the accounts' policies.

estate.yml, for each cluster: partitions (names), calling_search_spaces ({name, partitions}), route_groups ({name, trunks}),
route_lists ({name, groups}), route_patterns ({pattern, partition, location, trunk or route_list}), translation_patterns ({pattern, partition, css}),
common_phone_profiles ({name, description, settings}), enterprise_phone_settings, credential_policies (fields as AXL names them),
credential_defaults ({"End User PIN": name of a policy, ...}), auto_registration ({node: {start, end, partition, device_template, line_template, enabled}}),
phone_services ({name, url, secure_url}), universal_device_templates ({name, device_pool, css, profile}), universal_line_templates ({name, partition, css}).
A phone may have css, common_phone_profile and settings, a trunk css, rerouting_css and location_class (OnNet, OffNet), a device pool auto_registration_css.
Settings are {name: value} of the product-specific configuration, e.g. {webAccess: 0}.
"""
from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from lab.ucm.axl import product_settings
from lab.ucm.store import Store

STANDARD_PROFILE = "Standard Common Phone Profile"
STANDARD_SETTINGS = {"webAccess": 1, "sshAccess": 1}           # both disabled (id:5929097124)
ENTERPRISE_SETTINGS = {"webProtocol": 0, "webAccess": 1}
POLICY = "Default Credential Policy"
BUILT_IN_SERVICES = ("Missed Calls", "Received Calls", "Placed Calls", "Personal Directory", "Corporate Directory", "Voicemail")      # id:37306522376
KINDS = (("End User", "Password"), ("End User", "PIN"), ("Application User", "Password"))


def settings(values: dict[str, Any]) -> str:
    """Product-specific settings as the database holds them."""
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())


def reference(db: Store, table: str, name: str | None) -> str | None:
    """Key of the row of that name, None for no name. Raises KeyError."""
    return None if name is None else db.key(db.name, table, name)


def before_devices(db: Store, part: dict[str, Any]) -> None:
    """What devices and device pools refer to."""
    for name in part.get("partitions", ()):
        db.insert("routepartition", pkid=db.uuid("routepartition", name), name=name)
    for space in part.get("calling_search_spaces", ()):
        key = db.insert("callingsearchspace", pkid=db.uuid("callingsearchspace", space["name"]), name=space["name"], description=space.get("description", ""))
        for order, name in enumerate(space.get("partitions", ()), 1):
            db.insert("callingsearchspacemember", pkid=db.uuid("member", space["name"], name), fkcallingsearchspace=key, sortorder=order,
                      fkroutepartition=reference(db, "routepartition", name))
    profiles = {STANDARD_PROFILE: {"name": STANDARD_PROFILE, "settings": STANDARD_SETTINGS}, **{p["name"]: p for p in part.get("common_phone_profiles", ())}}
    for name, profile in profiles.items():
        key = db.insert("commonphoneconfig", pkid=db.uuid("commonphoneconfig", name), name=name, description=profile.get("description", ""))
        product_settings.OF_COMMON.write(db, key, settings(profile.get("settings", {})))
    db.insert("enterprisephoneconfigxml", xml=settings({**ENTERPRISE_SETTINGS, **part.get("enterprise_phone_settings", {})}))
    _phone_services(db, part)
    _policies(db, part)


def _phone_services(db: Store, part: dict[str, Any]) -> None:
    built_in = [{"name": name, "url": f"Application:Cisco/{name.replace(' ', '')}", "type": "Messages" if name == "Voicemail" else "Directories"}
                for name in BUILT_IN_SERVICES]
    for order, service in enumerate([*built_in, *part.get("phone_services", ())], 1):
        db.insert("telecasterservice", pkid=db.uuid("telecasterservice", service["name"]), name=service["name"], nameascii=service["name"],
                  description=service.get("description", ""), urltemplate=service["url"], secureurltemplate=service.get("secure_url"),
                  tkphoneservice=db.enum("typephoneservice", service.get("type", "Standard IP Phone Service")), priority=order)


def _policies(db: Store, part: dict[str, Any]) -> None:
    from lab.ucm.axl import classes  # late: the engine needs the database, the database's first rows need the engine

    policies = {POLICY: {"name": POLICY}, **{policy["name"]: policy for policy in part.get("credential_policies", ())}}
    for policy in policies.values():
        classes.seed_row(db, "CredentialPolicy", policy)
    for user, kind in KINDS:
        name = part.get("credential_defaults", {}).get(f"{user} {kind}", POLICY)
        db.insert("lab_credentialpolicydefault", pkid=db.uuid("default", user, kind), tkcredentialuser=db.enum("typecredentialuser", user),
                  tkcredential=db.enum("typecredential", kind), fkcredentialpolicy=reference(db, "lab_credentialpolicy", name))


def after_devices(db: Store, part: dict[str, Any]) -> None:
    """What refers to devices: where patterns lead, and the templates of auto-registration."""
    for group in part.get("route_groups", ()):
        key = db.insert("routegroup", pkid=db.uuid("routegroup", group["name"]), name=group["name"])
        for order, name in enumerate(group.get("trunks", ()), 1):
            db.insert("routegroupdevicemap", pkid=db.uuid("routegroup", group["name"], name), fkroutegroup=key, fkdevice=reference(db, "device", name),
                      deviceselectionorder=order)
    for entry in part.get("route_lists", ()):
        key = db.insert("device", pkid=db.uuid("device", entry["name"]), name=entry["name"], description=entry.get("description", ""),
                        tkmodel=db.enum("typemodel", "Route List"), tkproduct=db.enum("typeproduct", "Route List"), tkclass=db.enum("typeclass", "Route List"))
        for order, name in enumerate(entry.get("groups", ()), 1):
            db.insert("routelist", pkid=db.uuid("routelist", entry["name"], name), fkdevice=key, fkroutegroup=reference(db, "routegroup", name),
                      selectionorder=order)
    for usage, name in (("Route", "route_patterns"), ("Translation", "translation_patterns")):
        for entry in part.get(name, ()):
            _pattern(db, usage, entry)
    _auto_registration(db, part)


def _auto_registration(db: Store, part: dict[str, Any]) -> None:
    for entry in part.get("universal_line_templates", ()):
        db.insert("lab_linetemplate", pkid=db.uuid("linetemplate", entry["name"]), name=entry["name"],
                  fkroutepartition=reference(db, "routepartition", entry.get("partition")),
                  fkcallingsearchspace=reference(db, "callingsearchspace", entry.get("css")))
    for entry in part.get("universal_device_templates", ()):
        db.insert("lab_devicetemplate", pkid=db.uuid("devicetemplate", entry["name"]), name=entry["name"],
                  fkdevicepool=reference(db, "devicepool", entry.get("device_pool", "Default")),
                  fkcommonphoneconfig=reference(db, "commonphoneconfig", STANDARD_PROFILE),
                  fkcallingsearchspace=reference(db, "callingsearchspace", entry.get("css")),
                  fksecurityprofile=reference(db, "securityprofile", entry.get("profile")))
    for node, entry in part.get("auto_registration", {}).items():
        columns = {"autoregistration": "t" if entry.get("enabled", True) else "f", "autoregstartdn": str(entry["start"]), "autoregenddn": str(entry["end"]),
                   "autoregnextdn": str(entry["start"]), "autoregpartition": reference(db, "routepartition", entry.get("partition")),
                   "autoregdevicetemplate": reference(db, "lab_devicetemplate", entry.get("device_template")),
                   "autoreglinetemplate": reference(db, "lab_linetemplate", entry.get("line_template"))}
        sets = ", ".join(f"{name}=?" for name in columns)
        if not db.run(f"update callmanager set {sets} where description=?", *columns.values(), node):
            raise KeyError(f"{db.name}: auto_registration: {node} is no call-processing node")


def _pattern(db: Store, usage: str, entry: dict[str, Any]) -> None:
    pattern = str(entry["pattern"])
    key = db.insert("numplan", pkid=db.uuid("numplan", usage, pattern, entry.get("partition")), dnorpattern=pattern, description=entry.get("description", ""),
                    fkroutepartition=reference(db, "routepartition", entry.get("partition")), tkpatternusage=db.enum("typepatternusage", usage),
                    tknetworklocation=db.enum("typenetworklocation", entry.get("location", "OffNet" if usage == "Route" else "OnNet")),
                    fkcallingsearchspace_translation=reference(db, "callingsearchspace", entry.get("css")),
                    authorizationcoderequired="t" if entry.get("authorization_code") else "f")
    if target := entry.get("trunk") or entry.get("route_list"):
        db.insert("devicenumplanmap", pkid=db.uuid("map", key), fkdevice=reference(db, "device", target), fknumplan=key, numplanindex=1)
