"""What the tests of AXL, SQL, Serviceability and RIS share: a whole small lab in a thread, and a client that sends raw envelopes."""

from __future__ import annotations

import asyncio
import os
import threading
import warnings
from pathlib import Path

import requests
import urllib3
from lxml import etree

from lab.core.running import RunningLab

USER, PASSWORD = "axladmin", "Application-1"
ROLES = {"us-cm-pub": ["publisher"], "us-cm-sub1": ["subscriber", "call_processing"], "us-cm-sub2": ["subscriber", "call_processing"],
         "us-cm-tftp1": ["subscriber", "tftp"]}
ESTATE = {"clusters": {"us_cm": {
    "licence": {"registration": "Registered", "export_control": "ALLOWED"},
    "callmanager_groups": [{"name": "US_CMG_1", "members": ["us-cm-sub1", "us-cm-sub2"]}],
    "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1"}],
    "phones": [{"name": "SEP0011AABB0001", "model": "Cisco 8845", "device_pool": "US_DP_1"},
               {"name": "SEP0011AABB0002", "model": "Cisco 8845", "device_pool": "US_DP_1"},
               {"name": "CSFJDOE", "model": "Cisco Unified Client Services Framework", "device_pool": "US_DP_1", "mic": False}],
    "sip_trunk_security_profiles": [{"name": "CUBE SIP Trunk Profile", "acceptOutOfDialogRefer": True}],
    "trunks": [{"name": "US_CUBE", "security_profile": "CUBE SIP Trunk Profile", "device_pool": "US_DP_1",
                "destinations": [{"address": "127.78.49.1", "port": 5060}, {"address": "127.78.49.2", "port": 5060}]}],
    "srst": [{"name": "US_SRST", "address": "10.0.0.1"}],
    "ldap_filters": [{"name": "People", "filter": "(objectClass=person)"}],
    "ldap_directories": [{"name": "AD", "dn": "cn=ldap", "search_base": "dc=ent-pa,dc=com", "servers": [{"host": "ad1.ent-pa.com", "port": 389}]}],
    "ldap_authentication": {"dn": "cn=ldap", "search_base": "dc=ent-pa,dc=com", "servers": [{"host": "ad1.ent-pa.com", "port": 3268}]},
    "parameters": {"Cisco CallManager": {"SIPPublishTrunk": "US_CUBE"}},
}}}


def network(number: int) -> str:
    """First three bytes of the addresses of a lab: two test runs on one machine must not meet. number: 0 to 9, one for each lab of a run."""
    return f"127.{80 + number}.{os.getpid() % 250}"


def hosts(net: str, release: str = "15") -> dict:
    """Variables of a four-node cluster on addresses of its own."""
    return {name: {
        "collab_product": "unified_cm", "collab_release": release, "collab_cluster": "us_cm", "group_names": ["us_cm"], "collab_roles": roles,
        "collab_domain": "ent-pa.com", "ansible_host": f"{net}.{number}", "ansible_port": 20022, "collab_https_port": 8443,
        "collab_platform_port": 20443, "ansible_user": "administrator", "ansible_password": "Platform-1",
        "collab_application_user": USER, "collab_application_password": PASSWORD} for number, (name, roles) in enumerate(ROLES.items(), 1)}


class Lab:
    """A running lab in a thread of its own. world: to look at and to switch things; do(coroutine), call(function): inside its loop."""

    def __init__(self, directory: Path, number: int, release: str = "15", speed: float = 600.0, phones: int = 0, estate: dict | None = None,
                 variables: dict | None = None):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._lab = RunningLab(directory, speed, phones)
        self._dates: dict[str, float] = {}
        self.world = self._lab.world
        self.do(self._lab.build(variables or hosts(network(number), release), estate or ESTATE), 60)
        self.cluster = self.world.clusters.get("us_cm")

    def do(self, coroutine, timeout: float = 20):
        """Run a coroutine in the lab's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    def call(self, function):
        """Call a function in the lab's thread."""
        async def inside():
            return function()
        return self.do(inside())

    def snapshot(self, name: str) -> None:
        """Remember the state, and the date: what is issued long after it would not be valid yet for a real client."""
        self._dates[name] = self.world.clock.offset
        self.call(lambda: self._lab.snapshots.take(name))

    def restore(self, name: str) -> None:
        """Go back to a state; faults, variants and mutations go, too."""
        self.world.faults.clear()
        self.world.variants.clear()
        self.world.mutated.clear()
        self.world.clock.offset = self._dates[name]
        self.do(self._lab.restore(name))

    def close(self) -> None:
        """End the lab and its thread."""
        self.do(self._lab.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


class Axl:
    """A raw client of one node: one envelope a request."""

    def __init__(self, lab: Lab, node: str = "us-cm-pub", version: str = "15.0", user: str = USER, password: str = PASSWORD):
        self.lab, self.node, self.version = lab, lab.world.node(node), version
        self.base = f"https://{self.node.address}:8443"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (user, password)
        self.session.verify = False

    def post(self, operation: str, inner: str = "", version: str | None = None, headers: dict | None = None, path: str = "/axl/") -> requests.Response:
        """Sends one operation; inner: XML of its content, unqualified."""
        version = version or self.version
        text = (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://www.cisco.com/AXL/API/{version}" '
                f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body><a:{operation}>{inner}</a:{operation}></e:Body></e:Envelope>')
        wanted = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"CUCM:DB ver={version} {operation}"'} if headers is None else headers
        return self.send("POST", path, data=text.encode(), headers=wanted)

    def send(self, method: str, path: str, **options) -> requests.Response:
        """Any request. The certificate is not what these tests are about."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            return self.session.request(method, self.base + path, timeout=20, **options)

    def ask(self, operation: str, inner: str = "", **options) -> etree._Element:
        """The reply element of an operation that must succeed."""
        response = self.post(operation, inner, **options)
        assert response.status_code == 200, response.text
        body = etree.fromstring(response.content).find("{http://schemas.xmlsoap.org/soap/envelope/}Body")[0]
        assert etree.QName(body).localname == operation + "Response"
        return body

    def fault(self, operation: str, inner: str = "", **options) -> tuple[int, str]:
        """(axlcode, axlmessage) of an operation that must be refused with a SOAP fault."""
        response = self.post(operation, inner, **options)
        assert response.status_code == 500, response.text
        error = etree.fromstring(response.content).find(".//axlError")
        assert error.findtext("request") == operation
        return int(error.findtext("axlcode")), error.findtext("axlmessage")

    def sql(self, text: str) -> list[dict]:
        """Rows of a query."""
        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        return [{c.tag: c.text for c in row} for row in self.ask("executeSQLQuery", f"<sql>{escaped}</sql>").iter("row")]

    def journal(self) -> list:
        """The lab's journal."""
        return self.lab.world.journal.entries()
