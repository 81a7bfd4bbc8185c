"""What these servers serve, and what a person can do at each of them.

`appliance.state` is one of CLASSES: `served` (the identity that HTTPS shows now), `act(action, files, password)` (what a person does), `status()`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

from aiohttp import web
from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from lab.core.doors import HttpDoor
from lab.core.keys import load_key
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server import files
from lab.meeting_server.files import BadFile
from lab.ucm import x509
from lab.ucm.tls import RSA_CIPHERS
from lab.ucm.tls import Offer
from lab.ucm.tls import bare_context
from lab.ucm.tls import server_context

if TYPE_CHECKING:
    import ssl

    from lab.core.appliances import Appliance

RESTART = 60.0          # virtual seconds; ours
CIPHERS = ":".join((*RSA_CIPHERS["all"], "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"))

variant("management_restart", ("needed", "live"), "needed", "guide, Meeting Management (step 6), Provisioning; cms.md 3, 5",
        "whether an uploaded certificate is served after a restart, or at once")

refusal("management_pair", "cms.md 3 (inferred)", "a certificate whose key is not the one that was uploaded or requested")
refusal("management_pcp_chain", "cms.md 5 (guide l. 1303)", "a file with a chain at Prime Collaboration Provisioning")
refusal("management_tms_permission", "cms.md 4 (8), TN118723", "a certificate in TMS Tools whose key the services' accounts may not read")
refusal("management_tms_machine_key", "cms.md 4 (6b)", "a binding of IIS to a certificate that is not in the computer's own store")


class Refused(ValueError):
    """What the page says to the person."""


@dataclass(frozen=True)
class Identity:
    """What is served. chain: PEM, leaf first."""

    chain: str
    key: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Of the leaf."""
        end = "-----END CERTIFICATE-----\n"
        return x509.fingerprint(self.chain.partition(end)[0] + end)


def identity(world: Any, certificate: bytes, key: bytes, single: bool = False) -> Identity:
    """Raises Refused. single: no chain is taken."""
    try:
        if not files.pair(key, certificate) and world.refuses("management_pair"):
            raise Refused("The private key does not match the certificate")
        return Identity(x509.to_pem(files.certificates(certificate)[0]) if single else files.pem(certificate), files.key_text(key))
    except BadFile as problem:
        raise Refused(str(problem)) from problem


class Managed:
    """A server with a web page. ACTIONS: {action: names of the files that it takes}."""

    ACTIONS: dict[str, tuple[str, ...]] = {}
    TITLE = ""

    def __init__(self, appliance: Appliance) -> None:
        self.appliance = appliance
        self.world = appliance.world
        key = self.world.keys.rsa()
        start = self.world.clock.now() - datetime.timedelta(days=1)
        self.served = Identity(x509.self_signed("management", x509.subject(appliance.fqdn, {}), key, start, [appliance.fqdn], 1825), key)
        self.installed = self.served
        self.restarts = 0
        self.restarting = False

    def act(self, action: str, given: dict[str, bytes], password: str) -> dict[str, Any]:
        """What a person does. Raises Refused, with the text of the page (ours)."""
        if action not in self.ACTIONS:
            raise Refused(f"{self.TITLE} has no {action}: there are {', '.join(sorted(self.ACTIONS))}")
        if set(given) != set(self.ACTIONS[action]):
            raise Refused(f"{action} takes {', '.join(self.ACTIONS[action]) or 'no files'}")
        self.world.journal.add(self.appliance, "management", action, "write", files=sorted(given))
        call: Callable[..., dict[str, Any] | None] = getattr(self, f"do_{action.replace('-', '_')}")
        return call(**given, **({"password": password} if "pfx" in given else {})) or self.status()

    def install(self, new: Identity) -> None:
        """Uploaded: served after the next restart."""
        self.installed = new
        if self.world.variant("management_restart") == "live":
            self.served = new

    def do_restart(self) -> None:
        """The page's button: everything closes, then what was uploaded is served."""
        self.restarting = True
        self.world.spawn(self._restart(), f"{self.appliance.name}: restart")

    async def _restart(self) -> None:
        self.appliance.doors.is_up = False
        await self.appliance.doors.sync()
        await self.world.clock.sleep(RESTART)
        self.started()
        self.appliance.doors.is_up = True
        self.restarting, self.restarts = False, self.restarts + 1
        await self.appliance.doors.sync()

    def started(self) -> None:
        """What counts from a start on."""
        self.served = self.installed

    def status(self) -> dict[str, Any]:
        """For `lab status`."""
        return {"served": self.served.fingerprint, "installed": self.installed.fingerprint, "restarts": self.restarts, "restarting": self.restarting}

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {name: value for name, value in vars(self).items() if name not in ("appliance", "world")}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave; a restart that was under way goes on."""
        vars(self).update(state)
        self.appliance.doors.is_up = True
        if self.restarting:
            self.do_restart()


class MeetingManagement(Managed):
    """Certificate and key are uploaded together; then Meeting Management is restarted (guide; cms.md 3)."""

    ACTIONS = {"upload": ("certificate", "key"), "restart": ()}
    TITLE = "Meeting Management"

    def do_upload(self, certificate: bytes, key: bytes) -> None:
        """Settings > Certificate: leaf, or leaf and chain in one file."""
        self.install(identity(self.world, certificate, key))


class Provisioning(Managed):
    """Administration > Updates > SSL Certificates: Generate CSR, Upload of the server's and of LDAP's certificate; then Apache is restarted (guide)."""

    ACTIONS = {"csr": (), "upload": ("certificate",), "upload-ldap": ("certificate",), "restart": ()}
    TITLE = "Prime Collaboration Provisioning"

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self.requested = ""         # the key of the request, PEM
        self.ldap = ""              # the LDAP servers' certificate, PEM

    def do_csr(self) -> dict[str, Any]:
        """RSA, 2048, SHA-256: gives the request to be downloaded."""
        self.requested = self.world.keys.rsa()
        builder = c509.CertificateSigningRequestBuilder().subject_name(x509.subject(self.appliance.fqdn, {}))
        builder = builder.add_extension(x509.names_extension([self.appliance.fqdn]), critical=False)
        return {"csr": x509.to_pem(builder.sign(load_key(self.requested), hashes.SHA256()))}

    def _single(self, certificate: bytes) -> None:
        try:
            found = files.certificates(certificate)
        except BadFile as problem:
            raise Refused(str(problem)) from problem
        if len(found) > 1 and self.world.refuses("management_pcp_chain"):
            raise Refused("Certificate chains are not supported")

    def do_upload(self, certificate: bytes) -> None:
        """The server's, for the key of the last request."""
        if not self.requested:
            raise Refused("No request was generated")
        self._single(certificate)
        self.install(identity(self.world, certificate, self.requested.encode(), single=True))

    def do_upload_ldap(self, certificate: bytes) -> None:
        """The one that connections to LDAP servers are checked by."""
        self._single(certificate)
        self.ldap = x509.to_pem(files.certificates(certificate)[0])

    def status(self) -> dict[str, Any]:
        """With LDAP's certificate."""
        return super().status() | {"ldap": x509.fingerprint(self.ldap) if self.ldap else ""}


class Tms(Managed):
    """A Windows server with IIS: stores, permissions of private keys, the choice in TMS Tools, the binding of IIS, services (guide, TMS, steps 6 to 10)."""

    ACTIONS = {"import-root": ("certificate",), "import-pfx": ("pfx",), "permit": (), "tools": (), "bind": (), "restart": ()}
    TITLE = "TMS"

    def __init__(self, appliance: Appliance) -> None:
        super().__init__(appliance)
        self.winrm = self.served                # WinRM's certificate stays the one of the installation
        self.roots: tuple[str, ...] = ()        # fingerprints in the store of certification authorities
        self.personal: Identity | None = None   # in the computer's personal store
        self.permitted = ""                     # the certificate whose key SERVICE and NETWORK SERVICE may read
        self.chosen = self.presented = ""       # in TMS Tools; the same as of the services' last start

    def do_import_root(self, certificate: bytes) -> None:
        """Into the store of certification authorities."""
        try:
            self.roots = tuple(dict.fromkeys([*self.roots, *(x509.fingerprint(x509.to_pem(one)) for one in files.certificates(certificate))]))
        except BadFile as problem:
            raise Refused(str(problem)) from problem

    def do_import_pfx(self, pfx: bytes, password: str) -> None:
        """Certificate and key, into the computer's personal store."""
        try:
            key, leaf, more = pkcs12.load_key_and_certificates(pfx, password.encode() or None)
        except ValueError as error:
            raise Refused("The password you entered is incorrect") from error
        if key is None or leaf is None:
            raise Refused("The file holds no certificate with its private key")
        encoded = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.personal = identity(self.world, "".join(x509.to_pem(one) for one in (leaf, *more)).encode(), encoded)

    def _personal(self) -> Identity:
        if self.personal is None:
            raise Refused("There is no such certificate in the personal store of the computer")
        return self.personal

    def do_permit(self) -> None:
        """Manage Private Keys: read for SERVICE and NETWORK SERVICE."""
        self.permitted = self._personal().fingerprint

    def do_tools(self) -> None:
        """TMS Tools > Security Settings > TLS Certificates."""
        new = self._personal().fingerprint
        if self.permitted != new and self.world.refuses("management_tms_permission"):
            raise Refused("The list of certificates does not have it: its private key cannot be read")
        self.chosen = new

    def do_bind(self) -> None:
        """IIS: the binding of the site takes effect at once."""
        if self.personal is None and self.world.refuses("management_tms_machine_key"):
            raise Refused("A specified logon session does not exist: there is no such certificate in the personal store of the computer")
        self.installed = self.served = self.personal or self.served

    def started(self) -> None:
        """The services of TMS have what was chosen."""
        super().started()
        self.presented = self.chosen

    def status(self) -> dict[str, Any]:
        """With the stores."""
        return super().status() | {"roots": list(self.roots), "personal": self.personal.fingerprint if self.personal else "", "permitted": self.permitted,
                                   "chosen": self.chosen, "presented": self.presented}


CLASSES: dict[str, type[Managed]] = {"meeting_management": MeetingManagement, "prime_provisioning": Provisioning, "tms": Tms}


class WebDoor(HttpDoor):
    """The web page of a server: a login page, and nothing behind it."""

    def tls(self) -> ssl.SSLContext:
        """Chosen anew at each handshake."""
        state = self._appliance.state
        return bare_context(lambda: server_context(Offer(((state.served.chain, state.served.key),), CIPHERS)), "1.2")

    def asked(self) -> dict[int, str]:
        """Its port."""
        return {self._appliance.ports["https"]: "https"}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The login page."""
        if request.method != "GET" or request.path != "/":
            self._appliance.world.note_unknown(self._appliance, "management", f"{request.method} {request.path}")
            return web.Response(status=404)
        return web.Response(text=f"<html><head><title>{self._appliance.state.TITLE}</title></head><body></body></html>", content_type="text/html")
