"""Everything by REST that is no zone, no server and no certificate: domains, search rules, credentials, SIP, DNS, time, mobile and remote access, XMPP.

Which keys there are: expressway.md 1.3. Resources that no public list has (default zone, call policy) are readings (7 (4)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.variants import variant
from lab.expressway import xmpp
from lab.expressway.rest import configured
from lab.expressway.rest.configured import Mapped
from lab.expressway.rest.model import ApiError
from lab.expressway.rest.model import Key
from lab.expressway.rest.model import Resource
from lab.expressway.rest.model import Row

if TYPE_CHECKING:
    from lab.expressway.state import Peer

variant("expressway_xmpp_keys", ("page", "compact", "without_security", "absent"), "page", "expressway.md 1.3, 7 (1)",
        "what the keys of /edge/xmpp are called, that security mode and client certificates have none, or that there is no such resource")
variant("expressway_default_zone_resource", ("absent", "offered"), "absent", "expressway.md 7 (4)", "whether the API has the default zone")
variant("expressway_call_policy_resource", ("absent", "offered"), "absent", "expressway.md 4.6, 7 (4)", "whether the API has the mode of the call policy")
variant("expressway_sip_shape", ("list", "object"), "list", "expressway.md 1.1", "whether the SIP configuration is a list of one, or an object")

XMPP_KEYS = {
    "page": {"federation": "XmppFederation", "static_routes": "UseStaticRoutes", "dialback_secret": "DialbackSecret", "security": "SecurityMode",
             "client_certificates": "RequireClientSideSecurityCertificates", "privacy": "PrivacyMode"},
    "compact": {"federation": "Enabled", "static_routes": "StaticRoutes", "dialback_secret": "Secret", "security": "TlsMode",
                "client_certificates": "ClientCertRequired", "privacy": "Privacy"},
}
XMPP_KEYS["without_security"] = {word: name for word, name in XMPP_KEYS["page"].items() if word not in ("security", "client_certificates")}


def _rules(_peer: Peer) -> list[Mapped]:
    return [
        Mapped("Name", "Name", True), Mapped("Description", "Description"), Mapped("Priority", "Priority", True), Mapped("State", "State"),
        Mapped("Mode", "Mode"), Mapped("PatternType", "Pattern Type"), Mapped("PatternString", "Pattern String"),
        Mapped("PatternBehavior", "Pattern Behavior"), Mapped("ReplaceString", "Pattern Replace"), Mapped("OnSuccessfulMatch", "Progress"),
        Mapped("Source", "Source Mode"), Mapped("SourceName", "Source Name"), Mapped("Protocol", "Protocol"),
        Mapped("MustAuthenticateRequest", "Authentication"), Mapped("TargetName", "Target Name", True)]


def _domains(peer: Peer) -> list[Mapped]:
    # The services of Unified Communications belong to Expressway-C's domains.
    own = [Mapped("Sip", "Sip"), Mapped("EdgeSip", "Edge"), Mapped("EdgeXmpp", "EdgeXmpp"), Mapped("XmppFederation", "XmppFederation")]
    return [Mapped("Name", "Name", True), *(own if peer.appliance.product == "expressway_c" else own[:1])]


def _objects(path: str, owner: str, mapped, word: str, created: int = 200, more: Row | None = None) -> Resource:
    """A collection of objects with an index, told apart by their names."""
    more = more or {}

    def keys(peer: Peer) -> list[Key]:
        return [*configured.keys_of(mapped, f"{owner} #")(peer), *(Key(name, read_only=True) for name in more)]

    def read(peer: Peer) -> list[Row]:
        return [{**configured.read(peer, mapped(peer), f"{owner} {index}"), **more, "_index": index} for index in peer.config.indices(owner)]

    def add(peer: Peer, given: Row) -> str:
        if any(row["Name"] == given.get("Name") for row in read(peer)) and peer.world.refuses("expressway_duplicate"):
            raise ApiError("conflict", f"{word} name already exists")
        index = peer.config.create(owner, {"Name": given["Name"]})
        configured.write(peer, mapped(peer), f"{owner} {index}", given)
        return f"{given['Name']} created"

    def change(peer: Peer, row: Row, given: Row) -> str:
        body = dict(given)
        body["Name"] = body.pop("New_Name", row["Name"])
        configured.write(peer, mapped(peer), f"{owner} {row['_index']}", body)
        return f"{row['Name']} updated"

    def remove(peer: Peer, row: Row, _given: Row) -> str:
        peer.config.delete(owner, row["_index"])
        return f"{row['Name']} deleted"

    return Resource(path, keys, read, "Name", add, change, remove, created=created, renames=True)


def _single(path: str, mapped: list[Mapped], offered=lambda _peer: True, shared: bool = True, listed: bool = False) -> Resource:
    """A single object."""

    def change(peer: Peer, _row: Row, given: Row) -> str:
        configured.write(peer, mapped, "", given)
        return "Configuration updated"

    return Resource(path, configured.keys_of(lambda _peer: mapped, ""), lambda peer: [configured.read(peer, mapped, "")], change=change,
                    offered=offered, single="sip" if listed else "object", shared=shared)


# ---- credentials

def _credentials(peer: Peer) -> list[Row]:
    return [{"Name": name} for name in peer.table("credential")]


def _add_credential(peer: Peer, given: Row) -> str:
    if given["Name"] in peer.table("credential") and peer.world.refuses("expressway_duplicate"):
        raise ApiError("conflict", "Credential name already exists")
    peer.table("credential")[given["Name"]] = {"Password": given["Password"]}
    return f"{given['Name']} created"


def _change_credential(peer: Peer, row: Row, given: Row) -> str:
    table = peer.table("credential")
    kept = table.pop(row["Name"])
    password = given.get("New_Password", given.get("Password", kept["Password"]))
    table[given.get("New_Name", row["Name"])] = {"Password": password}
    return f"{row['Name']} updated"


def _remove_credential(peer: Peer, row: Row, _given: Row) -> str:
    del peer.table("credential")[row["Name"]]
    return f"{row['Name']} deleted"


class _Credential(Resource):
    """Credentials take New_Password beside New_Name (expressway.md 1.1); GET gives names only (transcript rest_x8.8_credential_doc)."""

    def listed(self, rows: list[Row]) -> list[Row] | Row:
        return {"Name": [row["Name"] for row in rows]}

    def body(self, peer: Peer, method: str) -> list[Key]:
        keys = super().body(peer, method)
        return [*keys, Key("New_Password", high=128)] if method == "PUT" else keys


CREDENTIAL = _Credential(
    "/common/credential", lambda _peer: [Key("Name", high=1024, required=True), Key("Password", high=128, required=True, write_only=True)], _credentials,
    "Name", _add_credential, _change_credential, _remove_credential, renames=True)


# ---- XMPP federation

def _xmpp_names(peer: Peer) -> dict[str, str]:
    return XMPP_KEYS.get(peer.world.variant("expressway_xmpp_keys"), {})


def _xmpp_keys(peer: Peer) -> list[Key]:
    return [Key(name, choices=xmpp.CHOICES.get(word, ()), high=None if word in xmpp.CHOICES else 128, write_only=word == "dialback_secret")
            for word, name in _xmpp_names(peer).items()]


def _xmpp(peer: Peer) -> list[Row]:
    row = peer.table("xmpp")[""]
    return [{name: row[word] for word, name in _xmpp_names(peer).items()}]


def _change_xmpp(peer: Peer, _row: Row, given: Row) -> str:
    words = {name: word for word, name in _xmpp_names(peer).items()}
    peer.table("xmpp")[""] = {**peer.table("xmpp")[""], **{words[name]: value for name, value in given.items()}}
    return "Configuration updated"


XMPP = Resource(
    "/edge/xmpp", _xmpp_keys, _xmpp, change=_change_xmpp,
    offered=lambda peer: peer.appliance.product == "expressway_e" and peer.world.variant("expressway_xmpp_keys") != "absent")


RESOURCES = (
    _objects("/common/searchrule", "Zones Policy SearchRules Rule", _rules, "Search rule", 201, {"SystemGenerated": "No"}),
    _objects("/common/domain", "SIP Domain", _domains, "Domain"),
    CREDENTIAL,
    XMPP,
    _single("/common/mra", [Mapped("Enabled", "CollaborationEdge Enabled"), Mapped("SSO", "CollaborationEdge SsoEnabled")]),
    _single("/common/protocol/sip/configuration", [
        Mapped("SipMode", "SIP Mode"), Mapped("UdpMode", "SIP UDP Mode"), Mapped("UdpPort", "SIP UDP Port"), Mapped("TcpMode", "SIP TCP Mode"),
        Mapped("TcpPort", "SIP TCP Port"), Mapped("TlsMode", "SIP TLS Mode"), Mapped("TlsPort", "SIP TLS Port"),
        Mapped("MutualTlsMode", "SIP MutualTLS Mode"), Mapped("MutualTlsPort", "SIP MutualTLS Port"),
        Mapped("TlsHandshakeTimeout", "SIP Advanced TlsHandshakeTimeout"), Mapped("TcpOutboundPortStart", "SIP TCP Outbound Port Start"),
        Mapped("TcpOutboundPortEnd", "SIP TCP Outbound Port End"), Mapped("SessionRefreshInterval", "SIP Session Refresh Value"),
        Mapped("MinSessionRefreshInterval", "SIP Session Refresh Minimum")], listed=True),
    _single("/common/dns/dns", [Mapped("SystemHostName", "IP DNS Hostname"), Mapped("DomainName", "IP DNS Domain Name")], shared=False),
    _single("/common/dns/dnsserver", [Mapped("DefaultDNSServers", "IP DNS Server {} Address")], shared=False),
    _single("/common/time/ntpserver", [Mapped("NTPServers", "NTP Server {} Address")], shared=False),
    _single("/common/time/timezone", [Mapped("TimeZone", "TimeZone Name")], shared=False),
    _single("/common/zone/defaultzone", [
        Mapped("AuthenticationMode", "Zones DefaultZone Authentication Mode"), Mapped("SIPMediaEncryptionMode", "Zones DefaultZone SIP Media Encryption Mode"),
        Mapped("EnableMutualTls", "Zones DefaultZone SIP TLS Verify Mode")],
        lambda peer: peer.world.variant("expressway_default_zone_resource") == "offered"),
    _single("/common/callpolicy", [Mapped("Mode", "Policy AdministratorPolicy Mode")],
            lambda peer: peer.world.variant("expressway_call_policy_resource") == "offered"),
)
