# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another administrator, who changes the cluster by hand: plain AXL and SSH, none of the collection's code."""
from __future__ import annotations

import re
import ssl
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

import paramiko

from tests.integration.harness import Estate

APPLICATION = ("svc-collab", "lab-Application-0816")
PLATFORM = ("osadmin", "lab-Platform-0815")


class Administrator:
    """Speaks to the publisher."""

    def __init__(self, estate: Estate) -> None:
        """Address and trust come from the lab."""
        self.estate, self.address = estate, estate.network + ".1.1"

    def axl(self, operation: str, body: str) -> str:
        """One AXL request; gives the reply's text."""
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="http://www.cisco.com/AXL/API/12.5"><e:Body>'
            f"<n:{operation}>{body}</n:{operation}></e:Body></e:Envelope>"
        )
        context = ssl.create_default_context(cafile=str(self.estate.lab_directory / "ca" / "chain.pem"))
        context.load_verify_locations(str(self.estate.lab_directory / "pins" / "us-cm-pub.ent-pa.com.pem"))  # what it serves on day 0
        context.check_hostname = False  # dialled by address
        request = urllib.request.Request(
            "https://%s:8443/axl/" % self.address, envelope.encode(),
            {"Content-Type": "text/xml", "SOAPAction": '"CUCM:DB ver=12.5 %s"' % operation,
             "Authorization": "Basic " + b64encode(":".join(APPLICATION).encode()).decode()},
        )
        try:
            with urllib.request.urlopen(request, context=context, timeout=30) as reply:
                return reply.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError("%s: %s %s" % (operation, error.code, error.read().decode())) from None

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
                seen += self._until(shell, "admin:", "(yes|no)?", "(y/n)", "(yes/no)?")
            return seen
        finally:
            client.close()

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

    def mends(self, write: dict) -> bool:
        """Whether an entry of the lab's journal is a write that this drift calls for."""
        named = str(write["detail"].get("object", ""))
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


def _forget_root(admin: Administrator) -> object:
    """Remove the enterprise root from a trust store at the command line."""
    named = re.search(r"^CallManager-trust/(Enterprise_Root\S*\.pem)", admin.cli("set cli pagination off", "show cert list trust"), re.MULTILINE)
    assert named, "the enterprise root is not in CallManager-trust"
    shown = admin.cli("set cert delete CallManager-trust " + named[1])
    return admin.cli("set cert delete CallManager-trust " + named[1], "yes") if "(yes|no)?" in shown else shown


SEEDS = {
    "trunk loses SRTP": Seed(
        _update("SipTrunk", "US_CUBE", "<srtpAllowed>false</srtpAllowed>"), "US_CUBE", ("updateSipTrunk", "resetSipTrunk", "restartSipTrunk"), ("US_CUBE",)),
    "trunk back on the plain port": Seed(
        _old_port("US_UNITY"), "US_UNITY", ("updateSipTrunk", "resetSipTrunk", "restartSipTrunk"), ("US_UNITY",)),
    "trunk profile expects another name": Seed(
        _update("SipTrunkSecurityProfile", "CMS SIP Trunk Profile - TLS", "<x509SubjectName>other.ent-pa.com</x509SubjectName>"),
        "CMS SIP Trunk Profile", ("updateSipTrunkSecurityProfile", "resetSipTrunk", "restartSipTrunk"), ("CMS SIP Trunk Profile - TLS", "US_CMS")),
    "enterprise root gone from a trust store": Seed(_forget_root, "CallManager-trust", ("POST /trust/certificates",)),
    "phone profile unencrypted": Seed(
        _update("PhoneSecurityProfile", "UDT-Encrypted-LSC.ent-pa.com", "<deviceSecurityMode>Non Secure</deviceSecurityMode>"),
        "UDT-Encrypted-LSC.ent-pa.com", ("updatePhoneSecurityProfile", "applyPhoneSecurityProfile"), ("UDT-Encrypted-LSC.ent-pa.com",)),
    "phone profile without TFTP encryption": Seed(
        _update("PhoneSecurityProfile", "UDT-Encrypted-LSC-TFTPenc.ent-pa.com", "<tftpEncryptedConfig>false</tftpEncryptedConfig>"),
        "UDT-Encrypted-LSC-TFTPenc.ent-pa.com", ("updatePhoneSecurityProfile", "applyPhoneSecurityProfile"), ("UDT-Encrypted-LSC-TFTPenc.ent-pa.com",)),
}
