"""WinRM of the TMS server, as far as it is honest: TLS, a login, and who is there (WS-Management Identify). There is no Windows behind it.

Whoever wants a shell gets a fault and is counted as unknown, so that no test can mistake this for a server that has done something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from lab.core import basic
from lab.core.doors import HttpDoor
from lab.core.refusals import refusal
from lab.management.server import CIPHERS
from lab.ucm.tls import Offer
from lab.ucm.tls import bare_context
from lab.ucm.tls import server_context

if TYPE_CHECKING:
    import ssl

SOAP = "http://www.w3.org/2003/05/soap-envelope"
IDENTITY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"

refusal("winrm_login", "lab.md 5 (inferred)", "a request to WinRM without the account's password")


class WinrmDoor(HttpDoor):
    """The port of WinRM over HTTPS."""

    def tls(self) -> ssl.SSLContext:
        """With its own certificate."""
        state = self._appliance.state
        return bare_context(lambda: server_context(Offer(((state.winrm.chain, state.winrm.key),), CIPHERS)), "1.2")

    def asked(self) -> dict[int, str]:
        """Its port."""
        return {self._appliance.ports["winrm"]: "winrm"}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Identify, or no."""
        world = self._appliance.world
        if request.method != "POST" or request.path != "/wsman":
            world.note_unknown(self._appliance, "winrm", f"{request.method} {request.path}")
            return web.Response(status=404)
        text = await request.text()
        asks = f"{IDENTITY}" in text and "Identify" in text
        anonymous = asks and request.headers.get("WSMANIDENTIFY", "").lower() == "unauthenticated"
        known = basic.same(basic.credentials(request.headers.get("Authorization", "")), self._appliance.account)
        operation = "Identify" if asks else "shell"
        if not known and not anonymous and world.refuses("winrm_login"):
            world.journal.add(self._appliance, "winrm", operation, "read", refused="401")
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="WSMAN"'})
        if asks:
            world.journal.add(self._appliance, "winrm", operation, "read")
            body = (f'<wsmid:IdentifyResponse xmlns:wsmid="{IDENTITY}"><wsmid:ProtocolVersion>{WSMAN}</wsmid:ProtocolVersion>'
                    "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor><wsmid:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 3.0</wsmid:ProductVersion>"
                    "</wsmid:IdentifyResponse>")
            return self._envelope(200, body)
        world.journal.add(self._appliance, "winrm", operation, "write", refused="there is no Windows behind it")
        world.note_unknown(self._appliance, "winrm", "a shell")
        return self._envelope(500, (f'<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en-US">'
                                    "The lab simulates no Windows: nothing was executed.</s:Text></s:Reason>"
                                    f'<s:Detail><f:WSManFault xmlns:f="{FAULT}" Code="2150858770"/></s:Detail></s:Fault>'))

    def _envelope(self, status: int, body: str) -> web.Response:
        return web.Response(status=status, text=f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>{body}</s:Body></s:Envelope>',
                            headers={"Content-Type": "application/soap+xml;charset=UTF-8"})
