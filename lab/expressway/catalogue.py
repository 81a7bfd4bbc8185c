"""The settings of xConfiguration as far as the lab has them: paths, values, defaults, and which of them each peer has for itself.

One line of TABLE is a setting: path | values | default | marks. In a path, `#` is the index of an object that is made and deleted (a zone, a rule),
`{1-6}` stands for that many settings. Values: `A/B` an enumeration, `1..9` a number, `S 0..9` a string of so many characters. Marks: peer (each peer has its
own), secret, c or e (only Expressway-C or -E), and the releases it is there in (>=14.2, <15.5).

Sources: expressway.md 2.2, 2.3, 4.5 (RM150); what stands in `INFERRED` has no documented path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

TABLE = """
SystemUnit Name | S 0..50 | | peer
Administration SSH Mode | On/Off | On | peer
Administration HTTPS Mode | On/Off | On | peer
Management Interface Port | 1..65535 | 443 | peer
IP DNS Hostname | S 0..63 | | peer
IP DNS Domain Name | S 0..128 | | peer
IP DNS Server {1-5} Address | S 0..39 | | peer
NTP Server {1-5} Address | S 0..128 | | peer
TimeZone Name | S 0..64 | GMT | peer
Alternates Cluster Name | S 0..128 | | peer
Alternates ConfigurationPrimary | 1..6 | 1 | peer
Alternates Peer {1-6} Address | S 0..128 | | peer
Authentication Certificate Mode | NotRequired/Validation/Authentication | NotRequired |
CollaborationEdge Enabled | On/Off | Off |
CollaborationEdge OauthLocal | On/Off | On | c
CollaborationEdge OauthSso | On/Off | Off | c
CollaborationEdge LegacyCred | On/Off | On | c
CollaborationEdge LegacySso | On/Off | Off | c
CollaborationEdge SsoEnabled | On/Off | Off |
CollaborationEdge InternalCheck | No/Yes | No | c
CollaborationEdge AllowOnboardingOverMra | On/Off | Off | c
EdgeConfigServer VerifyOriginServer | On/Off | On | c >=14.2
Policy AdministratorPolicy Mode | Off/LocalCPL/LocalService/PolicyService | Off |
Policy AdministratorPolicy Service Server {1-3} Address | S 0..128 | |
Policy AdministratorPolicy Service Path | S 0..255 | |
Policy AdministratorPolicy Service Protocol | HTTP/HTTPS | HTTPS |
Policy AdministratorPolicy Service TLS Verify Mode | On/Off | On |
Policy AdministratorPolicy Service TLS CRLCheck Mode | On/Off | Off |
Policy AdministratorPolicy Service UserName | S 0..30 | |
Policy AdministratorPolicy Service Password | S 0..82 | | secret
Policy AdministratorPolicy Service DefaultCPL | S 0..255 | <reject status='403' reason='Service Unavailable'/> |
SIP Mode | On/Off | Off |
SIP UDP Mode | On/Off | Off |
SIP UDP Port | 1024..65534 | 5060 |
SIP TCP Mode | On/Off | Off |
SIP TCP Port | 1024..65534 | 5060 |
SIP TLS Mode | On/Off | On |
SIP TLS Port | 1024..65534 | 5061 |
SIP TLS Certificate Revocation Checking Mode | On/Off | Off |
SIP TLS Certificate ExtendedKeyUsage Checking Mode | On/Off | On | >=15.5
SIP MutualTLS Mode | On/Off | Off |
SIP MutualTLS Port | 1024..65534 | 5062 |
SIP Advanced SipTlsVersions | S 0..64 | TLSv1:TLSv1.1:TLSv1.2 |
SIP Advanced SipTlsDhKeySize | 1024/2048/3072 | 1024 |
SIP Advanced TlsHandshakeTimeout | 1..120 | 5 |
SIP TCP Outbound Port Start | 1024..65534 | 25000 |
SIP TCP Outbound Port End | 1024..65534 | 29999 |
SIP Session Refresh Value | 90..86400 | 1800 |
SIP Session Refresh Minimum | 90..7200 | 500 |
SIP Domain # Name | S 1..128 | |
SIP Domain # Sip | On/Off | On |
SIP Domain # Edge | On/Off | Off |
SIP Domain # EdgeXmpp | On/Off | Off |
SIP Domain # XmppFederation | On/Off | Off |
H323 Mode | On/Off | Off |
Ciphers SIPTLSCiphers Value | S 0..2048 | EECDH:EDH:HIGH:-AES256+SHA:!MEDIUM:!LOW:!3DES:!MD5:!PSK:!eNULL:!aNULL:!aDH |
Ciphers HTTPSCiphers Value | S 0..2048 | EECDH:EDH:HIGH:-AES256+SHA:!MEDIUM:!LOW:!3DES:!MD5:!PSK:!eNULL:!aNULL:!aDH |
Ciphers ReverseProxyTLSCiphers Value | S 0..2048 | EECDH:EDH:HIGH:-AES256+SHA:!MEDIUM:!LOW:!3DES:!MD5:!PSK:!eNULL:!aNULL:!aDH |
Ciphers UcClientTLSCiphers Value | S 0..2048 | EECDH:EDH:HIGH:-AES256+SHA:!MEDIUM:!LOW:!3DES:!MD5:!PSK:!eNULL:!aNULL:!aDH |
Ciphers XCPTLSCiphers Value | S 0..2048 | EECDH:EDH:HIGH:-AES256+SHA:!MEDIUM:!LOW:!3DES:!MD5:!PSK:!eNULL:!aNULL:!aDH |
Security CSRFProtection Status | Enabled/Disabled | Disabled | >=15.0
XCP TLS Certificate CVS EnableCvs | On/Off | On | e
XCP TLS Certificate CVS VerifyHostname | On/Off | On | e
XCP TLS Certificate CVS CertificateRevocationCheck | On/Off | Off | e
XCP TLS Certificate CVS UseCrl | On/Off | On | e
XCP TLS Certificate CVS UseOcsp | On/Off | On | e
XCP TLS Certificate CVS CrlNetworkFetchEnabled | On/Off | On | e
XCP TLS Certificate CVS FailOnInaccessibleSource | On/Off | On | e
XCP TLS Certificate CVS ConvertIpToHostname | On/Off | On | e
XCP TLS Certificate CVS EnableServerEkuUpload | On/Off | Off | e >=15.4 <15.5
Zones DefaultZone Authentication Mode | DoNotCheckCredentials/TreatAsAuthenticated/CheckCredentials | DoNotCheckCredentials |
Zones DefaultZone SIP Media Encryption Mode | Off/On/BestEffort/Auto | Auto |
Zones DefaultZone SIP TLS Verify Mode | On/Off | Off |
Zones LocalZone DefaultSubZone Authentication Mode | DoNotCheckCredentials/TreatAsAuthenticated/CheckCredentials | DoNotCheckCredentials |
Zones LocalZone DefaultSubZone SIP Media Encryption Mode | Off/On/BestEffort/Auto | Auto |
Zones LocalZone DefaultSubZone Registrations | Allow/Deny | Allow |
Zones Policy Mode | SearchRules/Directory | SearchRules |
Zones Policy SearchRules Rule # Name | S 1..50 | |
Zones Policy SearchRules Rule # Description | S 0..64 | |
Zones Policy SearchRules Rule # Priority | 1..65534 | 100 |
Zones Policy SearchRules Rule # Protocol | Any/H323/SIP | Any |
Zones Policy SearchRules Rule # Source Mode | Any/AllZones/LocalZone/Named | Any |
Zones Policy SearchRules Rule # Source Name | S 0..50 | |
Zones Policy SearchRules Rule # Authentication | Yes/No | No |
Zones Policy SearchRules Rule # Mode | AliasPatternMatch/AnyAlias/AnyIPAddress | AnyAlias |
Zones Policy SearchRules Rule # Pattern Type | Exact/Prefix/Suffix/Regex | Prefix |
Zones Policy SearchRules Rule # Pattern String | S 0..60 | |
Zones Policy SearchRules Rule # Pattern Behavior | Strip/Leave/Replace | Strip |
Zones Policy SearchRules Rule # Pattern Replace | S 0..60 | |
Zones Policy SearchRules Rule # Progress | Continue/Stop | Continue |
Zones Policy SearchRules Rule # Target Type | Zone/PolicyService | Zone |
Zones Policy SearchRules Rule # Target Name | S 0..50 | |
Zones Policy SearchRules Rule # State | Enabled/Disabled | Enabled |
Zones Zone # Name | S 1..50 | |
Zones Zone # Type | Neighbor/TraversalClient/TraversalServer/ENUM/DNS | |
Zones Zone # HopCount | 1..255 | 15 |
Zones Zone # H323 Mode | On/Off | On |
Zones Zone # SIP Mode | On/Off | On |
Zones Zone # Neighbor Authentication Mode | DoNotCheckCredentials/TreatAsAuthenticated/CheckCredentials | DoNotCheckCredentials |
Zones Zone # Neighbor H323 Port | 1024..65534 | 1719 |
Zones Zone # Neighbor Monitor | Yes/No | Yes |
Zones Zone # Neighbor Peer {1-6} Address | S 0..128 | |
Zones Zone # Neighbor Registrations | Allow/Deny | Allow |
Zones Zone # Neighbor SIP Authentication Trust Mode | On/Off | Off |
Zones Zone # Neighbor SIP Encryption Mode | Auto/Microsoft/Off | Auto |
Zones Zone # Neighbor SIP Media Encryption Mode | Off/On/BestEffort/Auto | Auto |
Zones Zone # Neighbor SIP Port | 1024..65534 | 5061 |
Zones Zone # Neighbor SIP TLS Verify Mode | On/Off | Off |
Zones Zone # Neighbor SIP Transport | UDP/TCP/TLS | TLS |
Zones Zone # Neighbor SRV MaxPeers | 1..30 | 15 |
Zones Zone # Neighbor ZoneProfile | Default/Custom/CiscoUnifiedCommunicationsManager/CiscoUnifiedCommunicationsManagerBFCP/NortelCS1000 | Default |
Zones Zone # TraversalClient Authentication Mode | DoNotCheckCredentials/TreatAsAuthenticated/CheckCredentials | DoNotCheckCredentials |
Zones Zone # TraversalClient Authentication Password | S 0..215 | | secret
Zones Zone # TraversalClient Authentication UserName | S 0..128 | |
Zones Zone # TraversalClient H323 Port | 1024..65534 | 6001 |
Zones Zone # TraversalClient H323 Protocol | Assent/H46018 | Assent |
Zones Zone # TraversalClient Peer {1-6} Address | S 0..128 | |
Zones Zone # TraversalClient Registrations | Allow/Deny | Allow |
Zones Zone # TraversalClient RetryInterval | 1..65534 | 120 |
Zones Zone # TraversalClient SIP Media Encryption Mode | Off/On/BestEffort/Auto | Auto |
Zones Zone # TraversalClient SIP Port | 1024..65534 | 7001 |
Zones Zone # TraversalClient SIP Protocol | Assent/TURN/ICE | Assent |
Zones Zone # TraversalClient SIP TLS Verify Mode | On/Off | Off |
Zones Zone # TraversalClient SIP Transport | TCP/TLS | TLS |
Zones Zone # TraversalServer Authentication Mode | DoNotCheckCredentials/TreatAsAuthenticated/CheckCredentials | DoNotCheckCredentials |
Zones Zone # TraversalServer Authentication UserName | S 0..128 | |
Zones Zone # TraversalServer H323 Port | 1024..65534 | 6001 |
Zones Zone # TraversalServer H323 Protocol | Assent/H46018 | Assent |
Zones Zone # TraversalServer Registrations | Allow/Deny | Allow |
Zones Zone # TraversalServer SIP Media Encryption Mode | Off/On/BestEffort/Auto | Auto |
Zones Zone # TraversalServer SIP Port | 1024..65534 | 7001 |
Zones Zone # TraversalServer SIP Protocol | Assent/TURN/ICE | Assent |
Zones Zone # TraversalServer SIP TLS Verify Mode | On/Off | Off |
Zones Zone # TraversalServer SIP TLS Verify Subject Name | S 0..128 | |
Zones Zone # TraversalServer SIP Transport | TCP/TLS | TLS |
Zones Zone # TraversalServer TCPProbe KeepAliveInterval | 1..65534 | 20 |
Zones Zone # TraversalServer TCPProbe RetryCount | 1..65534 | 5 |
Zones Zone # TraversalServer TCPProbe RetryInterval | 1..65534 | 2 |
Zones Zone # TraversalServer UDPProbe KeepAliveInterval | 1..65534 | 20 |
Zones Zone # TraversalServer UDPProbe RetryCount | 1..65534 | 5 |
Zones Zone # TraversalServer UDPProbe RetryInterval | 1..65534 | 2 |
Zones Zone # DNS IncludeAddressRecord | On/Off | Off |
Zones Zone # DNS SIP Default Transport | UDP/TCP/TLS | UDP |
Zones Zone # DNS SIP Media Encryption Mode | Off/On/BestEffort/Auto | Auto |
Zones Zone # DNS SIP TLS Verify Mode | On/Off | Off |
Zones Zone # DNS SIP TLS Verify Subject Name | S 0..128 | |
Zones Zone # ENUM DNSSuffix | S 0..128 | |
"""

INFERRED = frozenset({"SIP MutualTLS Mode", "SIP MutualTLS Port", "SIP Domain # EdgeXmpp", "SIP Domain # XmppFederation", "SIP Advanced TlsHandshakeTimeout",
                      "SIP TCP Outbound Port Start", "SIP TCP Outbound Port End"})
ZONE_TYPES = ("Neighbor", "TraversalClient", "TraversalServer", "ENUM", "DNS")
# Objects with an index: where they are, and the highest index (expressway.md 2.1).
OBJECTS = {"Zones Zone": 1000, "Zones Policy SearchRules Rule": 2000, "SIP Domain": 200}


class BadValue(ValueError):
    """A value that a setting does not take; the text says what it takes."""


@dataclass(frozen=True)
class Setting:
    """One line of the table. path: with "#" where an index stands; choices: of an enumeration; low, high: of a number, or of a string's length."""

    path: str
    kind: str
    default: str
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    peer: bool = False
    secret: bool = False
    product: str = ""
    since: float = 0.0
    until: float = 1000.0

    def offered(self, product: str, major: float) -> bool:
        """Whether a product (expressway_c, expressway_e) of a release has it."""
        return self.since <= major < self.until and (not self.product or product.endswith(f"_{self.product}"))

    def checked(self, value: str) -> str:
        """A value as it is stored. Raises BadValue."""
        if self.kind == "enum":
            found = next((choice for choice in self.choices if choice.lower() == value.lower()), None)
            if found is None:
                raise BadValue(f"{value!r} is none of {'/'.join(self.choices)}")
            return found
        if self.kind == "int":
            if not re.fullmatch(r"\d{1,6}", value) or not self.low <= int(value) <= self.high:
                raise BadValue(f"{value!r} is no number from {self.low} to {self.high}")
            return str(int(value))
        if not self.low <= len(value) <= self.high:
            raise BadValue(f"it has {len(value)} characters, {self.low} to {self.high} are allowed")
        return value


def _read(line: str) -> list[Setting]:
    path, values, default, *marks = (part.strip() for part in line.split("|"))
    several = re.search(r"\{(\d+)-(\d+)\}", path)
    if several:
        paths = [path.replace(several.group(0), str(number)) for number in range(int(several.group(1)), int(several.group(2)) + 1)]
    else:
        paths = [path]
    options: dict = {}
    for mark in " ".join(marks).split():
        if mark in ("peer", "secret"):
            options[mark] = True
        elif mark in ("c", "e"):
            options["product"] = mark
        else:
            options["since" if mark.startswith(">=") else "until"] = float(mark.lstrip("<>="))
    number = re.fullmatch(r"(S )?(\d+)\.\.(\d+)", values)
    if number:
        options |= {"kind": "text" if number.group(1) else "int", "low": int(number.group(2)), "high": int(number.group(3))}
    else:
        options |= {"kind": "enum", "choices": tuple(values.split("/"))}
    return [Setting(path=one, default=default, **options) for one in paths]


SETTINGS: tuple[Setting, ...] = tuple(setting for line in TABLE.strip().splitlines() for setting in _read(line))


@lru_cache(maxsize=16)
def offered(product: str, major: float) -> dict[str, Setting]:
    """{path in lower case: setting} of a product's release, in the table's order."""
    return {setting.path.lower(): setting for setting in SETTINGS if setting.offered(product, major)}


def place(path: str) -> tuple[str, int | None]:
    """(path with "#" for its index, in lower case; the index) of a path in any case."""
    words = path.lower().split()
    for owner in OBJECTS:
        head = owner.lower().split()
        size = len(head)
        if words[:size] == head and len(words) > size and words[size].isdigit():
            return " ".join([*head, "#", *words[size + 1:]]), int(words[size])
    return " ".join(words), None
