"""The XML interfaces of a peer: /status.xml, /getxml and /configuration.xml (expressway.md 3; sample of X8.11.3 in public code).

`status(peer)` is the tree behind them, and behind xStatus: {section: element}. An element stands as `Element(name, item, text, children)`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from aiohttp import web
from lxml import etree

from lab.core.variants import variant
from lab.expressway import alarms
from lab.expressway import zones
from lab.expressway.intrusion import CATEGORIES
from lab.expressway.version import version

if TYPE_CHECKING:
    from lab.expressway.state import Peer

NAMESPACE = "http://www.tandberg.no/XML/CUIL/1.0"
PRODUCT = "TANDBERG VCS"

variant("expressway_configuration_xml", ("offered", "absent"), "offered", "expressway.md 3", "whether /configuration.xml is there")
variant("expressway_getxml_configuration", ("absent", "offered"), "absent", "expressway.md 3", "whether getxml also gives /Configuration")
variant("expressway_xml_head", ("plain", "blank_line"), "plain", "expressway.md 3", "whether a blank line stands before the XML declaration")


@dataclass(frozen=True)
class Element:
    """One element; item: its number among those of its name."""

    name: str
    item: int = 1
    text: str | None = None
    children: tuple[Element, ...] = field(default=())


def leaf(name: str, text: object, item: int = 1) -> Element:
    """An element with a text."""
    return Element(name, item, str(text))


def group(name: str, *children: Element, item: int = 1) -> Element:
    """An element with others inside."""
    return Element(name, item, None, children)


def numbered(name: str, contents: list[tuple[Element, ...]]) -> tuple[Element, ...]:
    """Elements of one name, counted."""
    return tuple(Element(name, number, None, children) for number, children in enumerate(contents, 1))


# ---- status

def status(peer: Peer) -> dict[str, Element]:
    """All sections, by name."""
    sections = (_system(peer), _ip(peer), _zones(peer), _alternates(peer), _sip(peer), _edge(peer), _intrusion(peer), group("Fips", leaf("Mode", "off")),
                _warnings(peer), _xmpp(peer))
    return {section.name: section for section in sections}


def _system(peer: Peer) -> Element:
    clock = peer.world.clock
    now = clock.now().strftime("%Y-%m-%d %H:%M:%S")
    release = version(peer)
    return group(
        "SystemUnit", leaf("Product", PRODUCT), leaf("Uptime", int(clock.elapsed(peer.started))), leaf("SystemTime", now), leaf("TimeZone", "UTC"),
        leaf("LocalTime", now),
        group("Software", leaf("Version", release), leaf("Build", f"oak_v{release[1:]}"), leaf("Name", "s42700"), leaf("ReleaseDate", "2026-02-01"),
              group("Configuration", leaf("Expressway", peer.appliance.product == "expressway_e"), leaf("Encryption", True),
                    leaf("AdvancedAccountSecurity", False), leaf("ExpresswaySeries", True))),
        group("Hardware", leaf("Version", "VMware"), leaf("SerialNumber", f"{zlib.crc32(peer.name.encode()):08X}")))


def _ip(peer: Peer) -> Element:
    servers = numbered("Server", [(leaf("Address", peer.config.get(f"IP DNS Server {number} Address")),) for number in range(1, 6)])
    domain = group("Domain", leaf("Name", peer.config.get("IP DNS Domain Name")))
    return group("IP", leaf("Protocol", "IPv4"), group("DNS", domain, *servers))


def _zones(peer: Peer) -> Element:
    default = group("DefaultZone", leaf("Name", "DefaultZone"))
    local = group("LocalZone", group("DefaultSubZone", leaf("Name", "DefaultSubZone")))
    listed = peer.zones()
    last = max([zone.index for zone in listed], default=0)
    found = []
    for zone in listed:
        last += zone.index == 0
        found.append(_zone(peer, zone, zone.index or last))
    return group("Zones", default, local, *found)


def _zone(peer: Peer, zone: zones.Zone, item: int) -> Element:
    result = peer.zone_results.get(zone.name, zones.UNKNOWN)
    cause = (leaf("Cause", result.cause),) if result.cause else ()
    peers = []
    for address, port, state, why in result.peers or tuple((address, zone.port, result.state, result.cause) for address in zone.peers):
        inside = (leaf("Status", state), *((leaf("Cause", why),) if why else ()), leaf("Address", peer.world.resolve(address) or address), leaf("Port", port))
        peers.append((group("SIP", *inside),))
    return group("Zone", leaf("Name", zone.name), leaf("Status", result.state), *cause, leaf("Type", zone.type),
                 group(zone.type, *numbered("Peer", peers)), item=item)


def _alternates(peer: Peer) -> Element:
    name = peer.config.get("Alternates Cluster Name")
    found = []
    for number in range(1, 7):
        address = peer.config.get(f"Alternates Peer {number} Address")
        other = peer.world.find_appliance(address) if address else None
        if other is None or other is peer.appliance:
            continue
        there = alarms.is_there(other)
        found.append(group("Peer", leaf("Address", address), leaf("Status", "Active" if there else "Failed"),
                           *(() if there else (leaf("Cause", "System unreachable"),)), item=number))
    return group("Alternates", *((leaf("Cluster", name), *found) if found else ()))


def _sip(peer: Peer) -> Element:
    ports = {protocol: port for port, protocol in peer.appliance.doors.listening().items()}
    ways = []
    for word, protocol in (("TCP", "sip"), ("TLS", "sips"), ("MTLS", "sip-mtls")):
        address = (leaf("Address", f"{peer.appliance.address}:{ports[protocol]}"),) if protocol in ports else ()
        ways.append(group(word, leaf("Status", "Active" if protocol in ports else "Inactive"), *address))
    return group("SIP", group("Ethernet", group("IPv4", *ways)))


def _edge(peer: Peer) -> Element:
    config = peer.config
    sections = []
    for table, word in (("cucm", "CUCM"), ("imp", "CUP"), ("ucxn", "UCxN")):
        servers = [(leaf("Publisher", row["Publisher"]), leaf("Name", node), leaf("Version", row.get("version", "")), leaf("Status", row.get("status", "")))
                   for row in peer.table(table).values() for node in row.get("nodes", ())]
        sections.append(group(f"{word}s", *numbered(word, servers)))
    domains = [(leaf("Name", config.get(f"SIP Domain {number} Name")),) for number in config.indices("SIP Domain")
               if config.get(f"SIP Domain {number} Edge") == "On"]
    tunnels = [tuple(leaf(key, value) for key, value in tunnel.items()) for tunnel in peer.tunnels]
    on = config.get("CollaborationEdge Enabled") == "On"
    local = config.exists("CollaborationEdge OauthLocal") and config.get("CollaborationEdge OauthLocal") == "On"
    return group("CollaborationEdge", leaf("Enabled", on), sections[0], group("Domains", *numbered("Domain", domains)),
                 group("Tunnels", *numbered("Tunnel", tunnels)), group("Authentication", leaf("OAuthLocal", local)), sections[2], sections[1])


def _intrusion(peer: Peer) -> Element:
    counts = peer.intrusion.counts()
    rows = [(leaf("Name", name), leaf("CurrentBans", counts[name][0]), leaf("CurrentFails", counts[name][1])) for name in CATEGORIES]
    return group("IntrusionProtection", group("Service", leaf("State", "Up"), leaf("ActiveCategories", len(rows))), *numbered("Category", rows))


def _warnings(peer: Peer) -> Element:
    return group("Warnings", *(group("Warning", leaf("ID", alarm.identity), leaf("Reason", alarm.reason), leaf("State", "Unacknowledged"), item=alarm.number)
                               for alarm in alarms.of(peer)))


def _xmpp(peer: Peer) -> Element:
    on = peer.appliance.product == "expressway_e" and peer.table("xmpp")[""]["federation"] == "On"
    return group("XMPP", group("system-status", group("jabberd", leaf("status", "Active" if on else "Inactive"))))


# ---- configuration

def configuration(peer: Peer, prefix: str = "") -> list[Element]:
    """xConfiguration as elements: each word of a path is one, a number its item."""
    tree: dict = {}
    for path, value in peer.config.walk(prefix):
        place = tree
        words = path.split()
        for at, word in enumerate(words):
            if not word.isdigit():
                item = int(words[at + 1]) if at + 1 < len(words) and words[at + 1].isdigit() else 1
                place = place.setdefault((word, item), {})
        place[None] = value
    return _elements(tree)


def _elements(tree: dict) -> list[Element]:
    return [Element(name, item, inside.get(None), tuple(_elements({key: value for key, value in inside.items() if key is not None})))
            for (name, item), inside in tree.items()]


# ---- HTTP

def answer(peer: Peer, request: web.Request) -> web.Response | None:
    """Answer a request of somebody who is logged in; None for a path that is not here."""
    if request.method != "GET":
        return None
    if request.path == "/status.xml":
        return _response(peer, "Status", list(status(peer).values()))
    if request.path == "/configuration.xml" and peer.world.variant("expressway_configuration_xml") == "offered":
        return _response(peer, "Configuration", configuration(peer))
    if request.path == "/getxml":
        return _get(peer, request.query.get("location", ""))
    return None


def _get(peer: Peer, location: str) -> web.Response | None:
    head, *words = location.strip("/").split("/")
    if head == "Status":
        sections = status(peer)
        if not words:
            return _response(peer, head, list(sections.values()))
        found = [sections[words[0]]] if words[0] in sections else []
        for word in words[1:]:
            found = [_only(one, word) for one in found if any(child.name == word for child in one.children)]
        return _response(peer, head, found) if found else None
    if head == "Configuration" and peer.world.variant("expressway_getxml_configuration") == "offered":
        return _response(peer, head, configuration(peer, " ".join(words)))
    return None


def _only(element: Element, word: str) -> Element:
    return Element(element.name, element.item, element.text, tuple(child for child in element.children if child.name == word))


def _response(peer: Peer, root: str, elements: list[Element]) -> web.Response:
    top = etree.Element(f"{{{NAMESPACE}}}{root}", nsmap={None: NAMESPACE}, product=PRODUCT, version=version(peer))
    for element in elements:
        _append(top, element)
    body = etree.tostring(top, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    head = b"\n" if peer.world.variant("expressway_xml_head") == "blank_line" else b""
    return web.Response(body=head + body, content_type="text/xml")


def _append(parent: etree._Element, element: Element) -> None:
    made = etree.SubElement(parent, f"{{{NAMESPACE}}}{element.name}", item=str(element.item))
    made.text = element.text
    for child in element.children:
        _append(made, child)
