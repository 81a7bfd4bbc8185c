"""The services of a node by product: names, how long they take, where they run on day 0.

Names: axl.md 6 and the XService type, vos.md 1.7 and 3, transcript 04; id:17046331580 (IM and Presence), id:63287442245 (Unity
Connection). Durations in virtual seconds are ours (vos.md 3: at least 240 s must be budgeted for Tomcat). "feature" services are activated
by an administrator (Serviceability: deployable), "network" services always run.
"""

from __future__ import annotations

from dataclasses import dataclass

from lab.core.world import IM_PRESENCE
from lab.core.world import PRIME_DEPLOYMENT
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION


@dataclass(frozen=True)
class Kind:
    """name; feature: deployable; roles: where it is activated on day 0; stop, start: virtual seconds; soap: SOAP may control it.

    carries: services that go down and come up with it, as far as they are activated. critical: of Unity Connection's cluster.
    """

    name: str
    feature: bool = False
    roles: tuple[str, ...] = ()
    stop: float = 2.0
    start: float = 8.0
    soap: bool = True
    until: float = 99.0
    since: float = 0.0
    carries: tuple[str, ...] = ()
    critical: bool = False


ANY = ("publisher", "subscriber")
# Optional services of Unity Connection (id:63287442245); those of networking and branches are off (id:63546683141).
OFF = ("Connection Branch Sync Service", "Connection Database Proxy", "Connection Digital Networking Replication Agent")
OPTIONAL = (
    *OFF, "Connection CM Database Event Listener", "Connection Diagnostic Portal Service", "Connection Directory Feeder", "Connection File Syncer",
    "Connection Groupware Caching Service", "Connection HTTPS Directory Feeder", "Connection IMAP Server", "Connection Inbox RSS Feed", "Connection Jetty",
    "Connection Message Event Service", "Connection Personal Communication Assistant", "Connection Realtime Monitoring APIs",
    "Connection Reports Data Harvester", "Connection REST Service", "Connection SMTP Server", "Connection SpeechView", "Connection System Agent",
    "Connection Voice Recognition Transport", "Connection Voice Recognizer", "Connection Voicemail Web Service",
)
CALLS = ("call_processing",)

PLATFORM = (
    Kind("Cisco Tomcat", roles=ANY, stop=20, start=100, soap=False),
    Kind("Cisco SSOSP Tomcat", roles=ANY, stop=10, start=40),
    Kind("A Cisco DB", roles=ANY, soap=False),
    Kind("A Cisco DB Replicator", roles=ANY, soap=False),
    Kind("Cisco Database Layer Monitor", roles=ANY),
    Kind("Cisco Certificate Expiry Monitor", roles=ANY),
    Kind("Cisco Certificate Change Notification", roles=ANY),
    Kind("Cisco DRF Master", roles=("publisher",)),
    Kind("Cisco DRF Local", roles=ANY),
    Kind("Cisco CDP", roles=ANY),
    Kind("Cisco CallManager Serviceability", roles=ANY),
    Kind("Cisco CallManager Serviceability RTMT", roles=ANY),
    Kind("Cisco Log Partition Monitoring Tool", roles=ANY),
    Kind("Cisco RIS Data Collector", roles=ANY),
    Kind("Cisco RTMT Reporter Servlet", roles=ANY),
    Kind("Cisco AMC Service", roles=ANY),
    Kind("Cisco Audit Event Service", roles=ANY),
    Kind("Cisco Syslog Agent", roles=ANY),
    Kind("Cisco Tomcat Stats Servlet", roles=ANY),
    Kind("Cisco Trace Collection Service", roles=ANY),
    Kind("Cisco Trace Collection Servlet", roles=ANY),
    Kind("Host Resources Agent", roles=ANY),
    Kind("MIB2 Agent", roles=ANY),
    Kind("Platform Administrative Web Service", roles=ANY),
    Kind("Platform Communication Web Service", roles=ANY),
    Kind("SNMP Master Agent", roles=ANY),
    Kind("SOAP -Log Collection APIs", roles=ANY),
    Kind("SOAP -Performance Monitoring APIs", roles=ANY),
    Kind("SOAP -Real-Time Service APIs", roles=ANY),
    Kind("SOAP -Diagnostic Portal Database Service", roles=ANY),
    Kind("System Application Agent", roles=ANY),
    Kind("Cisco Serviceability Reporter", True, ()),
)
CALL_MANAGER = (
    # Feature services.
    Kind("Cisco CallManager", True, CALLS, 20, 60),
    Kind("Cisco CTIManager", True, CALLS, 10, 30),
    Kind("Cisco Tftp", True, ("tftp",), 5, 25),
    Kind("Cisco Certificate Authority Proxy Function", True, (), 5, 15),
    Kind("Cisco Certificate Enrollment Service", True, (), 5, 15),
    Kind("Cisco IP Voice Media Streaming App", True, CALLS, 5, 15),
    Kind("Cisco Location Bandwidth Manager", True, CALLS),
    Kind("Cisco Intercluster Lookup Service", True, ("publisher",)),
    Kind("Cisco Extended Functions", True, CALLS),
    Kind("Cisco Extension Mobility", True, CALLS),
    Kind("Cisco AXL Web Service", True, ANY),
    Kind("Cisco CTL Provider", True, (), until=14.0),
    Kind("Cisco DirSync", True, ()),
    Kind("Cisco Bulk Provisioning Service", True, ("publisher",)),
    Kind("Cisco CallManager SNMP Service", True, ()),
    Kind("Cisco CAR Web Service", True, ()),
    Kind("Cisco TAPS Service", True, ()),
    Kind("Self Provisioning IVR", True, ()),
    # Network services.
    Kind("Cisco UDS Tomcat", roles=ANY, stop=10, start=40, since=12.5),
    Kind("Cisco AXL Tomcat", roles=ANY, stop=10, start=40, since=15.0),
    Kind("Cisco HAProxy", roles=ANY, since=14.0, soap=False),
    Kind("Cisco Trust Verification Service", roles=ANY),
    Kind("Cisco CDR Agent", roles=ANY),
    Kind("Cisco CDR Repository Manager", roles=("publisher",)),
    Kind("Cisco CallManager Admin", roles=ANY),
    Kind("Cisco CallManager Cisco IP Phone Services", roles=ANY),
    Kind("Cisco Change Credential Application", roles=ANY),
    Kind("Cisco Directory Number Alias Lookup", roles=ANY),
    Kind("Cisco User Data Services", roles=ANY),
    Kind("Cisco Web Dialer Web Service", True, ()),
    Kind("SOAP - CallRecord Service", roles=("publisher",)),
)
XCP = ("Cisco XCP Connection Manager", "Cisco XCP Authentication Service", "Cisco XCP Text Conference Manager", "Cisco XCP Web Connection Manager",
       "Cisco XCP SIP Federation Connection Manager", "Cisco XCP XMPP Federation Connection Manager", "Cisco XCP Message Archiver",
       "Cisco XCP Directory Service", "Cisco XCP File Transfer Manager")
PRESENCE = (
    # Feature services. Those of federation and compliance are activated by who needs them.
    Kind("Cisco SIP Proxy", True, ANY, 5, 20),
    Kind("Cisco Presence Engine", True, ANY, 10, 30),
    *(Kind(name, True, ANY if name in XCP[:3] else (), 3, 10) for name in XCP),
    Kind("Cisco AXL Web Service", True, ANY),
    Kind("Cisco Bulk Provisioning Service", True, ("publisher",)),
    # Network services.
    Kind("Cisco XCP Router", roles=ANY, stop=10, start=40, carries=XCP),
    Kind("Cisco XCP Config Manager", roles=ANY),
    Kind("Cisco Sync Agent", roles=ANY),
    Kind("Cisco Intercluster Sync Agent", roles=ANY),
    Kind("Cisco Client Profile Agent", roles=ANY),
    Kind("Cisco Config Agent", roles=ANY),
    Kind("Cisco OAM Agent", roles=ANY),
    Kind("Cisco Server Recovery Manager", roles=ANY),
    Kind("Cisco IM and Presence Admin", roles=ANY),
    Kind("Cisco IM and Presence Data Monitor", roles=ANY),
    Kind("Cisco Login Datastore", roles=ANY),
    Kind("Cisco Presence Datastore", roles=ANY),
    Kind("Cisco Route Datastore", roles=ANY),
    Kind("Cisco SIP Registration Datastore", roles=ANY),
)
CONNECTION = (
    Kind("Cisco DirSync", True, ("publisher",)),
    Kind("Cisco HAProxy", roles=ANY, since=14.0, soap=False),
    # Status only: never controlled but by the command line.
    *(Kind(name, roles=ANY, soap=False) for name in ("Connection DB", "Connection Server Role Manager", "Connection Serviceability")),
    # Critical: where they stop, the other node takes over (`critical`). Three of them run on the node that is primary.
    Kind("Connection Conversation Manager", roles=ANY, stop=15, start=45, critical=True),
    Kind("Connection Mixer", roles=ANY, stop=5, start=15, critical=True),
    Kind("Connection Message Transfer Agent", roles=("publisher",), critical=True),
    Kind("Connection Notifier", roles=("publisher",), critical=True),
    Kind("Connection Mailbox Sync", roles=("publisher",)),
    # Base.
    *(Kind(name, roles=ANY) for name in ("Connection Administration", "Connection DB Event Publisher", "Connection SNMP Agent")),
    # Optional: can be activated and deactivated.
    *(Kind(name, True, () if name in OFF else ANY, 3, 12) for name in OPTIONAL),
)
BY_PRODUCT = {UNIFIED_CM: PLATFORM + CALL_MANAGER, IM_PRESENCE: PLATFORM + PRESENCE, UNITY_CONNECTION: PLATFORM + CONNECTION,
              PRIME_DEPLOYMENT: PLATFORM}
BY_NAME = {kind.name: kind for kinds in BY_PRODUCT.values() for kind in kinds}


def kinds_of(product: str, release: float) -> list[Kind]:
    """The services that a product's release has, sorted by name as `utils service list` shows them. release: 12.5, 14.0, 15.0."""
    return sorted((kind for kind in BY_PRODUCT[product] if kind.since <= release <= kind.until), key=lambda kind: kind.name.lower())
