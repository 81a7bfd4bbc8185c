# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another administrator, who changes the estate by hand: plain AXL, CUPI, REST and SSH, none of the collection's code."""
from __future__ import annotations

import json
import re
import ssl
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import lxml.html
import paramiko

from tests.integration.harness import Estate

APPLICATION = ("svc-collab", "lab-Application-0816")
PLATFORM = ("osadmin", "lab-Platform-0815")


EXPRESSWAY = ("admin", "lab-Expressway-0823")
ROUTER, ENABLE = ("netadmin", "lab-Router-0825"), "lab-Enable-0826"
PUBLISHERS = {"us-cm-pub": ".1.1", "emea-cm-pub": ".2.1", "us-imp-pub": ".3.1", "us-cuc-pub": ".4.1", "us-expc1": ".9.31", "us-expc2": ".9.32",
              "emea-expc1": ".9.33", "emea-expc2": ".9.34", "us-expe1": ".9.41", "us-expe2": ".9.42", "emea-expe1": ".9.43", "emea-expe2": ".9.44",
              "us-cube1": ".9.1", "us-cube2": ".9.2"}


class Administrator:
    """Speaks to one publisher."""

    def __init__(self, estate: Estate, publisher: str = "us-cm-pub") -> None:
        """Address and trust come from the lab."""
        self.estate, self.publisher, self.address = estate, publisher, estate.network + PUBLISHERS[publisher]

    def at(self, publisher: str) -> Administrator:
        """The same person at another cluster's publisher."""
        return Administrator(self.estate, publisher)

    def axl(self, operation: str, body: str) -> str:
        """One AXL request; gives the reply's text."""
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="http://www.cisco.com/AXL/API/12.5"><e:Body>'
            f"<n:{operation}>{body}</n:{operation}></e:Body></e:Envelope>"
        )
        request = urllib.request.Request(
            "https://%s:8443/axl/" % self.address, envelope.encode(), {"Content-Type": "text/xml", "SOAPAction": '"CUCM:DB ver=12.5 %s"' % operation})
        return self._https(request, operation)

    def cupi(self, path: str, change: dict | None = None) -> str:
        """Read a resource of Unity Connection, or change it by PUT; gives the reply's text."""
        body = json.dumps(change).encode() if change is not None else None
        request = urllib.request.Request("https://%s:20443/vmrest/%s" % (self.address, path), body,
                                         {"Accept": "application/json", "Content-Type": "application/json"}, method="PUT" if body else "GET")
        return self._https(request, path)

    def expressway(self, path: str, method: str = "GET", body: dict | None = None) -> str:
        """One request of Expressway's REST API, by its path below /api/provisioning; gives the reply's text."""
        request = urllib.request.Request(
            "https://%s:20443/api/provisioning%s" % (self.address, path), None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "X-CSRF-Header": "x"}, method=method)
        return self._https(request, path, EXPRESSWAY)

    def xconfiguration(self, *lines: str) -> str:
        """Type lines at an Expressway's command line, each when the one before has been answered; gives all it showed."""
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.estate.lab_directory / "known_hosts"))
        client.connect(self.address, 20022, *EXPRESSWAY, look_for_keys=False, allow_agent=False)
        shell = client.invoke_shell(width=200)
        shell.settimeout(20)
        try:
            seen = self._until(shell, "OK")
            for line in lines:
                shell.send(line + "\n")
                seen += self._until(shell, "OK", "ERROR")
            return seen
        finally:
            client.close()

    def _https(self, request: urllib.request.Request, what: str, login: tuple[str, str] = APPLICATION) -> str:
        """Send a request as the application user, who trusts the CAs and what the node serves on day 0."""
        context = ssl.create_default_context(cafile=str(self.estate.lab_directory / "ca" / "chain.pem"))
        context.load_verify_locations(str(self.estate.lab_directory / "ca" / "public-chain.pem"))
        context.load_verify_locations(str(self.estate.lab_directory / "pins" / (self.publisher + ".ent-pa.com.pem")))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an Expressway's first certificate is of a CA that it made for itself
        context.check_hostname = False  # dialled by address
        request.add_header("Authorization", "Basic " + b64encode(":".join(login).encode()).decode())
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as reply:
                return reply.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError("%s: %s %s" % (what, error.code, error.read().decode())) from None

    def cli(self, *lines: str) -> str:
        """Type lines at the publisher's command line, each when the one before has been answered; gives all it showed."""
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.estate.lab_directory / "known_hosts"))
        client.connect(self.address, 20022, *PLATFORM, look_for_keys=False, allow_agent=False)
        shell = client.invoke_shell(width=200)
        shell.settimeout(20)
        try:
            seen = self._until(shell, "admin:")
            for line in lines:
                shell.send(line + "\r")
                seen += self._until(shell, "admin:", "(yes|no)?", "(y/n)", "(y/n):", "(yes/no)?")
            return seen
        finally:
            client.close()

    def configure(self, *lines: str) -> str:
        """Enter lines in a router's configuration mode over SSH, each when the one before has been answered; gives all it showed."""
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.estate.lab_directory / "known_hosts"))
        client.connect(self.address, 20022, *ROUTER, look_for_keys=False, allow_agent=False)
        shell = client.invoke_shell(width=200)
        shell.settimeout(20)
        try:
            seen = self._until(shell, ">", "#")
            if seen.rstrip().endswith(">"):
                shell.send("enable\r")
                self._until(shell, "Password:")
                shell.send(ENABLE + "\r")
                seen += self._until(shell, "#")
            for line in ("configure terminal", *lines, "end"):
                shell.send(line + "\r")
                seen += self._until(shell, "#")
            assert "% " not in seen, seen
            return seen
        finally:
            client.close()

    def _web(self) -> tuple[urllib.request.OpenerDirector, str]:
        """A browser that has logged in to OS Administration, and where it is."""
        context = ssl.create_default_context(cafile=str(self.estate.lab_directory / "ca" / "chain.pem"))
        for pin in (self.estate.lab_directory / "pins").glob("*.pem"):
            context.load_verify_locations(pin)
        context.check_hostname = False  # dialled by address
        browser = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor())
        base = "https://%s:20443/cmplatform/" % self.address
        browser.open(base, timeout=30).read()
        login = {"appNav": "cmplatform", "j_username": PLATFORM[0], "j_password": PLATFORM[1]}
        browser.open(base + "j_security_check", urlencode(login).encode(), timeout=30).read()
        return browser, base

    @staticmethod
    def _fields(page: str) -> dict[str, str]:
        """What a browser would send of the only form of a page."""
        return dict(lxml.html.fromstring(page).forms[0].form_values())

    def form(self, path: str) -> dict[str, str]:
        """The fields of a page of OS Administration as they are set."""
        browser, base = self._web()
        return self._fields(browser.open(base + path, timeout=30).read().decode())

    def save(self, path: str, **changes: str) -> None:
        """Change fields of a page of OS Administration and save it."""
        browser, base = self._web()
        fields = self._fields(browser.open(base + path, timeout=30).read().decode()) | changes
        browser.open(base + path, urlencode(fields).encode(), timeout=30).read()

    @staticmethod
    def _until(shell: paramiko.Channel, *ends: str) -> str:
        seen, until = "", time.monotonic() + 20
        while time.monotonic() < until:
            seen += shell.recv(65536).decode()
            if seen.rstrip().endswith(ends):
                return seen
        raise AssertionError("no prompt in: " + seen)


@dataclass(frozen=True)
class Seed:
    """One kind of drift: how it is made, a word that its finding holds, the operations that may mend it, and the objects that they may name."""

    make: Callable[[Administrator], object]
    found_as: str
    mended_by: tuple[str, ...]
    objects: tuple[str, ...] = ()
    cluster: str | tuple[str, ...] = "us-cm"

    def mends(self, write: dict) -> bool:
        """Whether an entry of the lab's journal is a write that this drift calls for."""
        named = str(write["detail"].get("object", ""))
        if not write["node"].startswith(self.cluster):
            return False
        return write["operation"].startswith(self.mended_by) and (not named or not self.objects or named in self.objects)


def _update(kind: str, name: str, change: str) -> Callable[[Administrator], object]:
    return lambda admin: admin.axl("update" + kind, "<name>%s</name>%s" % (escape(name), change))


def _old_port(trunk: str) -> Callable[[Administrator], object]:
    """Send a trunk's destinations back with the port of plain SIP."""

    def make(admin: Administrator) -> object:
        destinations = re.search("<destinations>.*</destinations>", admin.axl("getSipTrunk", "<name>%s</name>" % escape(trunk)), re.DOTALL)
        assert destinations, "the trunk has no destinations"
        plain = re.sub("<destination [^>]*>", "<destination>", destinations[0]).replace("<port>5061<", "<port>5060<")
        return admin.axl("updateSipTrunk", "<name>%s</name>%s" % (escape(trunk), plain))

    return make


def _forget_root(store: str, publisher: str = "us-cm-pub") -> Callable[[Administrator], object]:
    """Remove the enterprise root from a trust store at the command line."""

    def make(admin: Administrator) -> object:
        there = admin.at(publisher)
        named = re.search(r"^%s/(Enterprise_Root\S*\.pem)" % store, there.cli("set cli pagination off", "show cert list trust"), re.MULTILINE)
        assert named, "the enterprise root is not in " + store
        shown = there.cli("set cert delete %s %s" % (store, named[1]))
        return there.cli("set cert delete %s %s" % (store, named[1]), "yes") if "(yes|no)?" in shown else shown

    return make


def _plain_directory(admin: Administrator) -> object:
    """Take EMEA's directory agreement back to LDAP without TLS."""
    plain = "<hostName>us-ldap1.ent-pa.com</hostName><ldapPortNumber>389</ldapPortNumber><sslEnabled>false</sslEnabled>"
    return admin.at("emea-cm-pub").axl("updateLdapDirectory", "<name>EMEA_AD</name><servers><server>%s</server></servers>" % plain)


def _plain_voice_mail(admin: Administrator) -> object:
    """Switch secure RTP off in the port group of voice mail."""
    there = admin.at("us-cuc-pub")
    groups = json.loads(there.cupi("portgroups"))["PortGroup"]
    group = next(g for g in (groups if isinstance(groups, list) else [groups]) if g["DisplayName"].startswith("PhoneSystem-1"))
    return there.cupi("portgroups/" + group["ObjectId"], {"SipDoSRTP": "false"})


def _zone(publisher: str, kind: str, name: str, **change: str) -> Callable[[Administrator], object]:
    """Change keys of a zone by Expressway's REST API."""
    return lambda admin: admin.at(publisher).expressway("/%s" % kind, "PUT", {"Name": name, **change})


def _unverified_server(admin: Administrator) -> object:
    """Have Expressway-C discover Unified CM without looking at its certificate."""
    there = admin.at("us-expc1")
    publisher = json.loads(there.expressway("/controller/server/cucm"))[0]["Publisher"]
    there.expressway("/controller/server/cucm", "DELETE", {"Publisher": publisher})
    return there.expressway("/controller/server/cucm", "POST", {
        "Publisher": publisher, "AxlUsername": APPLICATION[0], "AxlPassword": APPLICATION[1], "TlsVerify": "Off"})


def _new_profile(admin: Administrator) -> object:
    """Add an encrypted phone security profile to Unified CM, whose name the certificates of Expressway-C then lack."""
    return admin.axl("addPhoneSecurityProfile", (
        "<phoneSecurityProfile><phoneType>Universal Device Template</phoneType><protocol>Protocol Not Specified</protocol>"
        "<name>UDT-Encrypted-New.ent-pa.com</name><deviceSecurityMode>Encrypted</deviceSecurityMode>"
        "<authenticationMode>By Existing Certificate (precedence to LSC)</authenticationMode><keySize>2048</keySize><transportType>TLS</transportType>"
        "</phoneSecurityProfile>"))


def _router(name: str, *lines: str) -> Callable[[Administrator], object]:
    """Enter lines on a router."""
    return lambda admin: admin.at(name).configure(*lines)


# What every change of a router begins and ends with, and the renewal of its certificate: the new one beside the old, references switched, the old one gone.
ENTERED = ("configure terminal", "configure confirm", "write memory")
RENEWED = (
    "crypto key generate rsa general-keys label CUBE-2 ", "crypto pki trustpoint CUBE-Certificate-2", "enrollment terminal pem", "subject-name CN=us-cube2.",
    "revocation-check none", "rsakeypair CUBE-2", "hash sha256", "crypto pki authenticate CUBE-Certificate-2", "crypto pki enroll CUBE-Certificate-2",
    "crypto pki import CUBE-Certificate-2 certificate", "answer to ", "sip-ua", "crypto signaling remote-addr ",
    "no crypto pki trustpoint CUBE-Certificate", "crypto key zeroize rsa CUBE", "POST /certsrv")

DESK_PHONES = tuple("SEP0011AABB%04d" % number for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 300))  # all have the profile of the guide that encrypts files
SEEDS = {
    "warnings begin too late": Seed(
        lambda admin: admin.save("certificateMonitor.do", startTime="5"), "Notification Start Time", ("POST certificateMonitor.do",)),
    "trunk loses SRTP": Seed(
        _update("SipTrunk", "US_CUBE", "<srtpAllowed>false</srtpAllowed>"), "US_CUBE", ("updateSipTrunk", "resetSipTrunk", "restartSipTrunk"), ("US_CUBE",)),
    "trunk back on the plain port": Seed(
        _old_port("US_UNITY"), "US_UNITY", ("updateSipTrunk", "resetSipTrunk", "restartSipTrunk"), ("US_UNITY",)),
    "trunk profile expects another name": Seed(
        _update("SipTrunkSecurityProfile", "CMS SIP Trunk Profile - TLS", "<x509SubjectName>other.ent-pa.com</x509SubjectName>"),
        "CMS SIP Trunk Profile", ("updateSipTrunkSecurityProfile", "resetSipTrunk", "restartSipTrunk"), ("CMS SIP Trunk Profile - TLS", "US_CMS")),
    "enterprise root gone from a trust store": Seed(
        _forget_root("CallManager-trust"), "CallManager-trust", ("POST /trust/certificates", "soapDoControlServices", "utils service restart Cisco HAProxy"),
        ("Cisco Tftp", "Cisco CallManager")),
    "phone profile unencrypted": Seed(
        _update("PhoneSecurityProfile", "UDT-Encrypted-LSC.ent-pa.com", "<deviceSecurityMode>Non Secure</deviceSecurityMode>"),
        "UDT-Encrypted-LSC.ent-pa.com", ("updatePhoneSecurityProfile",), ("UDT-Encrypted-LSC.ent-pa.com",)),
    "phone profile without TFTP encryption": Seed(
        _update("PhoneSecurityProfile", "UDT-Encrypted-LSC-TFTPenc.ent-pa.com", "<tftpEncryptedConfig>false</tftpEncryptedConfig>"),
        "UDT-Encrypted-LSC-TFTPenc.ent-pa.com", ("updatePhoneSecurityProfile", "applyPhone"), ("UDT-Encrypted-LSC-TFTPenc.ent-pa.com", *DESK_PHONES)),
    "desk phone in another profile": Seed(
        _update("Phone", "SEP0011AABB0003", "<securityProfileName>UDT-Encrypted-LSC.ent-pa.com</securityProfileName>"),
        "SEP0011AABB0003", ("updatePhone", "applyPhone"), ("SEP0011AABB0003",)),
    "LSC asked for on Jabber": Seed(
        _update("Phone", "CSFJDOE", "<certificateOperation>Install/Upgrade</certificateOperation><authenticationMode>By Null String</authenticationMode>"),
        "CSFJDOE", ("updatePhone",), ("CSFJDOE",)),
}

# What only the whole enterprise has.
ENTERPRISE_SEEDS = {
    **SEEDS,
    "root gone from a store of IM and Presence": Seed(
        _forget_root("cup-xmpp-trust", "us-imp-pub"), "cup-xmpp-trust", ("POST /trust/certificates",), cluster="us-imp"),
    "root gone from a store of release 12.5": Seed(
        _forget_root("tomcat-trust", "emea-cm-pub"), "tomcat-trust", ("set cert import trust", "utils service restart Cisco Tomcat", "soapDoControlServices"),
        ("Cisco Tftp",), cluster="emea-cm"),
    "directory agreement without TLS": Seed(_plain_directory, "EMEA_AD", ("updateLdapDirectory",), ("EMEA_AD",), cluster="emea-cm"),
    "intercluster trunk loses SRTP": Seed(
        lambda admin: _update("SipTrunk", "US_ICT", "<srtpAllowed>false</srtpAllowed>")(admin.at("emea-cm-pub")), "US_ICT",
        ("updateSipTrunk", "resetSipTrunk", "restartSipTrunk"), ("US_ICT",), cluster="emea-cm"),
    "neighbor zone does not verify Unified CM": Seed(
        _zone("us-expc1", "common/zone/neighborzone", "Unified CM B2B", SIPTLSVerifyMode="Off"), "Unified CM B2B", ("PUT /common/zone/neighborzone",),
        cluster="us-expc"),
    "traversal zone expects another name": Seed(
        _zone("us-expe1", "edge/zone/unifiedcommunicationstraversal", "UC traversal", SIPTLSVerifySubjectName="other.ent-pa.com"), "UC traversal",
        ("PUT /edge/zone/unifiedcommunicationstraversal",), cluster="us-expe"),
    "default zone asks callers for certificates": Seed(
        lambda admin: admin.at("emea-expe1").xconfiguration("xConfiguration Zones DefaultZone SIP TLS Verify Mode: On"), "DefaultZone",
        ("xConfiguration Zones DefaultZone",), cluster="emea-expe"),
    "Unified CM discovered without verification": Seed(
        _unverified_server, "us-cm-pub", ("DELETE /controller/server/cucm", "POST /controller/server/cucm", "PUT /controller/server/cucm"), cluster="us-expc"),
    "phone profile whose name Expressway-C lacks": Seed(
        _new_profile, "UDT-Encrypted-New.ent-pa.com", ("POST /certs/", "POST /restart", "POST /certsrv"), cluster=("us-expc", "us-ca")),
    "voice mail without SRTP": Seed(_plain_voice_mail, "PhoneSystem-1", ("PUT /portgroups/",), ("PhoneSystem-1",), cluster="us-cuc"),
}

# Lines of routers: one of each kind, a default that is not shown, an entry that nobody asked for, a certificate that is over.
ROUTER_SEEDS = {
    "CUBE calls Unified CM without TLS": Seed(
        _router("us-cube1", "dial-peer voice 101 voip", "session transport tcp"), "dial-peer 101 does not signal over TLS",
        (*ENTERED, "dial-peer voice 101 voip", "session transport tcp tls"), cluster="us-cube1"),
    "CUBE calls Unified CM without SRTP": Seed(
        _router("us-cube1", "dial-peer voice 102 voip", "no srtp fallback"), "dial-peer 102: SRTP is not as wanted",
        (*ENTERED, "dial-peer voice 102 voip", "srtp fallback"), cluster="us-cube1"),
    "CUBE takes calls from anywhere": Seed(
        _router("us-cube1", "voice service voip", "no ip address trusted authenticate"), "calls are taken from any address",
        (*ENTERED, "voice service voip", "ip address trusted authenticate"), cluster="us-cube1"),
    "CUBE trusts an address that nobody asked for": Seed(
        _router("us-cube1", "voice service voip", "ip address trusted list", "ipv4 10.66.6.6"), "10.66.6.6",
        (*ENTERED, "voice service voip", "ip address trusted list", "no ipv4 10.66.6.6"), cluster="us-cube1"),
    "certificate of a CUBE is over": Seed(
        lambda admin: admin.estate.lab("router", "us-cube2", "--expire", "CUBE-Certificate"), "CUBE-Certificate on us-cube2",
        (*ENTERED, *RENEWED), cluster=("us-cube2", "us-ca")),
}
ENTERPRISE_SEEDS.update(ROUTER_SEEDS)
