"""The services of a Unified CM node: names, how long they take, where they run on day 0.

Names: axl.md 6 and the XService type, vos.md 3, and transcript 04. Durations in virtual seconds are ours (vos.md 3: at least 240 s
must be budgeted for Tomcat). "feature" services are activated by an administrator (Serviceability: deployable), "network" services always run.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """name; feature: deployable; roles: where it is activated on day 0; stop, start: virtual seconds; soap: SOAP may control it."""

    name: str
    feature: bool = False
    roles: tuple[str, ...] = ()
    stop: float = 2.0
    start: float = 8.0
    soap: bool = True
    until: float = 99.0
    since: float = 0.0


ANY = ("publisher", "subscriber")
CALLS = ("call_processing",)

KINDS = (
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
    Kind("Cisco Serviceability Reporter", True, ()),
    Kind("Cisco CallManager SNMP Service", True, ()),
    Kind("Cisco CAR Web Service", True, ()),
    Kind("Cisco TAPS Service", True, ()),
    Kind("Self Provisioning IVR", True, ()),
    # Network services.
    Kind("Cisco Tomcat", roles=ANY, stop=20, start=100, soap=False),
    Kind("Cisco SSOSP Tomcat", roles=ANY, stop=10, start=40),
    Kind("Cisco UDS Tomcat", roles=ANY, stop=10, start=40, since=12.5),
    Kind("Cisco AXL Tomcat", roles=ANY, stop=10, start=40, since=15.0),
    Kind("Cisco HAProxy", roles=ANY, since=14.0),
    Kind("A Cisco DB", roles=ANY, soap=False),
    Kind("A Cisco DB Replicator", roles=ANY, soap=False),
    Kind("Cisco Database Layer Monitor", roles=ANY),
    Kind("Cisco Trust Verification Service", roles=ANY),
    Kind("Cisco Certificate Expiry Monitor", roles=ANY),
    Kind("Cisco Certificate Change Notification", roles=ANY),
    Kind("Cisco DRF Master", roles=("publisher",)),
    Kind("Cisco DRF Local", roles=ANY),
    Kind("Cisco CDP", roles=ANY),
    Kind("Cisco CDR Agent", roles=ANY),
    Kind("Cisco CDR Repository Manager", roles=("publisher",)),
    Kind("Cisco CallManager Admin", roles=ANY),
    Kind("Cisco CallManager Cisco IP Phone Services", roles=ANY),
    Kind("Cisco CallManager Serviceability", roles=ANY),
    Kind("Cisco CallManager Serviceability RTMT", roles=ANY),
    Kind("Cisco Change Credential Application", roles=ANY),
    Kind("Cisco Directory Number Alias Lookup", roles=ANY),
    Kind("Cisco Log Partition Monitoring Tool", roles=ANY),
    Kind("Cisco RIS Data Collector", roles=ANY),
    Kind("Cisco RTMT Reporter Servlet", roles=ANY),
    Kind("Cisco AMC Service", roles=ANY),
    Kind("Cisco Audit Event Service", roles=ANY),
    Kind("Cisco Syslog Agent", roles=ANY),
    Kind("Cisco Tomcat Stats Servlet", roles=ANY),
    Kind("Cisco Trace Collection Service", roles=ANY),
    Kind("Cisco Trace Collection Servlet", roles=ANY),
    Kind("Cisco User Data Services", roles=ANY),
    Kind("Cisco Web Dialer Web Service", True, ()),
    Kind("Host Resources Agent", roles=ANY),
    Kind("MIB2 Agent", roles=ANY),
    Kind("Platform Administrative Web Service", roles=ANY),
    Kind("Platform Communication Web Service", roles=ANY),
    Kind("SNMP Master Agent", roles=ANY),
    Kind("SOAP -Log Collection APIs", roles=ANY),
    Kind("SOAP -Performance Monitoring APIs", roles=ANY),
    Kind("SOAP -Real-Time Service APIs", roles=ANY),
    Kind("SOAP -Diagnostic Portal Database Service", roles=ANY),
    Kind("SOAP - CallRecord Service", roles=("publisher",)),
    Kind("System Application Agent", roles=ANY),
)
BY_NAME = {kind.name: kind for kind in KINDS}


def kinds_of(release: float) -> list[Kind]:
    """The services that a release has, sorted by name as `utils service list` shows them. release: 12.5, 14.0, 15.0."""
    return sorted((kind for kind in KINDS if kind.since <= release <= kind.until), key=lambda kind: kind.name.lower())
