"""CAPF in online CA mode: LSCs are signed by the enterprise CA, which the Certificate Enrollment Service of the publisher asks.

CAPF goes by the parameters of its last start. A request goes the way that lab.md 4 has: a look at /certsrv and certrqxt.asp, the request to
certfnsh.asp, the certificate from certnew.cer, over TLS with the trust of tomcat-trust and the Common Name that is configured. The CA that
signed must be in CAPF-trust. Which words of certificateStatus stand for which failure is inferred.

Sources: guide "CAPF Online CA Mode"; lab.md 4 (Cisco 214396); axl.md 4.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from typing import TYPE_CHECKING

import aiohttp
from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from lab.core.keys import load_key
from lab.core.names import address_of
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import parameters
from lab.ucm import x509
from lab.ucm.tls import certificate_names

if TYPE_CHECKING:
    from lab.core.world import Cluster

SERVICE = "Cisco Certificate Enrollment Service"
CAPF = "Cisco Certificate Authority Proxy Function"
UNREACHED, REJECTED = "CA Communication Failure", "CA Rejected Connection"
KEYS = ("capf_issuer", "online_ca_hostname", "online_ca_port", "online_ca_template", "online_ca_type", "online_ca_username", "online_ca_password")
PATIENCE = aiohttp.ClientTimeout(total=5)
ISSUED = re.compile(r"certnew\.cer\?ReqID=(\d+)&")

variant("online_ca_name_check", ("cn", "san"), "cn", "guide, CAPF Online CA Mode (CN); lab.md 4",
        "which names of the CA web server's certificate the configured hostname is looked for in")

refusal("online_ca_untrusted", "guide, CAPF Online CA Mode step 2", "a CA web server whose certificate does not chain to tomcat-trust")
refusal("online_ca_name", "guide, CAPF Online CA Mode step 4", "a CA web server whose certificate has another name than Online CA Hostname")
refusal("online_ca_capf_trust", "guide, CAPF Online CA Mode step 1", "an LSC whose CA is not in CAPF-trust")


class NotIssued(Exception):
    """There is no certificate. status: what certificateStatus says behind "Upgrade Failed: "; reason: for the lab's log."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(f"{status} ({reason})")
        self.status = status
        self.reason = reason


class OnlineCa:
    """The online CA as CAPF of one cluster knows it. last: what came of the last request, for `status`."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.last = ""
        self._in_force: dict[str, str] = {}
        services = cluster.publisher.services
        services.on(CAPF, "started", self._started)
        if services.running(CAPF):
            self._started()

    def _started(self) -> None:
        self._in_force = {key: parameters.get(self.cluster, key) for key in KEYS}

    def value(self, key: str) -> str:
        """A parameter as CAPF read it at its start."""
        return self._in_force.get(key, "")

    def save(self) -> dict:
        """State for a snapshot."""
        return {"in_force": dict(self._in_force), "last": self.last}

    def load(self, state: dict) -> None:
        """Take over what `save` gave."""
        self._in_force, self.last = dict(state["in_force"]), state["last"]


def day_zero(cluster: Cluster) -> None:
    """CAPF as the estate makes it."""
    cluster.online_ca = OnlineCa(cluster)
    cluster.world.keep(f"{cluster.name}/online CA", cluster.online_ca.save, cluster.online_ca.load)


def configured(cluster: Cluster) -> bool:
    """Whether CAPF has its certificates signed by an online CA."""
    return cluster.online_ca.value("capf_issuer") == "Online CA"


async def issue(cluster: Cluster, device_name: str, key: str) -> str:
    """A certificate for a phone, by its key (PEM), as PEM. Raises NotIssued."""
    try:
        certificate = await _enrol(cluster, device_name, key)
    except NotIssued as problem:
        cluster.online_ca.last = f"{device_name}: {problem}"
        raise
    cluster.online_ca.last = f"{device_name}: issued by {x509.load(certificate).issuer.rfc4514_string()}"
    return certificate


async def _enrol(cluster: Cluster, device_name: str, key: str) -> str:
    node, value = cluster.publisher, cluster.online_ca.value
    if not node.services.running(SERVICE):
        raise NotIssued(UNREACHED, f"{SERVICE} does not run")
    if value("online_ca_type") != "Microsoft CA":
        cluster.world.note_unknown(node, "certsrv", f"online CA of type {value('online_ca_type')}")
        raise NotIssued(UNREACHED, "type of CA")
    host = value("online_ca_hostname")
    address = address_of(cluster.world, host) if host else None
    if address is None:
        raise NotIssued(UNREACHED, f"unknown host {host!r}")
    port = _port(cluster, address, value("online_ca_port") or "443")
    context = await _checked(cluster, address, port, host)
    page = await _walk(cluster, f"https://{address}:{port}/certsrv", context, host, _request(device_name, key))
    pem = x509.to_pem(c509.load_pem_x509_certificate(page))
    trusted = [x509.load(entry.certificate) for entry in node.certificates.trust("CAPF")]
    if not any(x509.issued_by(x509.load(pem), one) for one in trusted) and cluster.world.refuses("online_ca_capf_trust"):
        raise NotIssued(REJECTED, "the CA is not in CAPF-trust")
    return pem


def _port(cluster: Cluster, address: str, text: str) -> int:
    """Where the CA's web server really listens: 443 of the product is another port in the lab."""
    if not text.isdigit():
        raise NotIssued(UNREACHED, f"port {text!r}")
    host = next((given for given in cluster.world.hosts.values() if str(given.get("ansible_host")) == address), {})
    return int(host.get("collab_https_port", 443)) if text == "443" else int(text)


async def _checked(cluster: Cluster, address: str, port: int, host: str) -> ssl.SSLContext:
    """A context that trusts what tomcat-trust does, once the server has shown the configured name. Raises NotIssued."""
    world, node = cluster.world, cluster.publisher
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata="".join(entry.certificate for entry in node.certificates.trust("tomcat")))
    if not world.refuses("online_ca_untrusted"):
        context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PATIENCE.total):
            _reader, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=host, local_addr=(node.address, 0))
    except ssl.SSLError as error:
        raise NotIssued(UNREACHED, f"TLS: {getattr(error, 'verify_message', '') or error.reason}") from error
    except (OSError, TimeoutError) as error:
        raise NotIssued(UNREACHED, f"connection failed: {error}") from error
    shown = writer.get_extra_info("peercert")
    writer.transport.abort()
    cn, names = certificate_names(shown)
    seen = [cn] if world.variant("online_ca_name_check") == "cn" else names
    if shown and host.lower() not in (name.lower() for name in seen) and world.refuses("online_ca_name"):
        raise NotIssued(UNREACHED, f"TLS: the certificate has the name {', '.join(seen)}, not {host}")
    return context


async def _walk(cluster: Cluster, base: str, context: ssl.SSLContext, host: str, csr: str) -> bytes:
    """The pages of web enrolment in the order of lab.md 4; gives the certificate's file. Raises NotIssued."""
    value = cluster.online_ca.value
    form = {"Mode": "newreq", "CertRequest": csr, "CertAttrib": f"CertificateTemplate:{value('online_ca_template')}\r\n",
            "FriendlyType": "Saved-Request Certificate", "TargetStoreFlags": "0", "SaveCert": "yes"}
    account = value("online_ca_username"), value("online_ca_password")
    options = {"ssl": context, "headers": {"Host": host}, "server_hostname": host, "auth": aiohttp.BasicAuth(*account, "utf-8")}
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE, connector=aiohttp.TCPConnector(local_addr=(cluster.publisher.address, 0), limit=1)) as session:
            async with session.get(base + "/", **options) as answer:
                ways = answer.headers.getall("WWW-Authenticate", ())
                windows = answer.status == 401 and "NTLM" in ways and not any(way.startswith("Basic") for way in ways)
                if not windows:
                    _fine(answer)
            if windows:
                del options["auth"]
                await _by_windows(session, base + "/", options, account)
            async with session.get(base + "/certrqxt.asp", **options) as answer:
                _fine(answer)
            async with session.post(base + "/certfnsh.asp", data=form, **options) as answer:
                page = (_fine(answer), await answer.text())[1]
            number = ISSUED.search(page)
            if number is None:
                raise NotIssued(REJECTED, _said(page))
            async with session.get(base + f"/certnew.cer?ReqID={number.group(1)}&Enc=b64", **options) as answer:
                return (_fine(answer), await answer.read())[1]
    except (aiohttp.ClientError, TimeoutError) as error:
        raise NotIssued(UNREACHED, f"{type(error).__name__}") from error


async def _by_windows(session: aiohttp.ClientSession, url: str, options: dict, account: tuple[str, str]) -> None:
    """Log in on the session's one connection by NTLM."""
    import spnego

    client, challenge = spnego.client(*account, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm), None
    for _step in range(2):
        token = base64.b64encode(client.step(challenge)).decode()
        async with session.get(url, **{**options, "headers": {**options["headers"], "Authorization": f"NTLM {token}"}}) as answer:
            scheme, _, said = answer.headers.get("WWW-Authenticate", "").partition(" ")
            challenge = base64.b64decode(said) if scheme == "NTLM" else None
            await answer.read()
        if challenge is None:
            return


def _fine(answer: aiohttp.ClientResponse) -> None:
    if answer.status != 200:
        raise NotIssued(REJECTED if answer.status in (401, 403) else UNREACHED, f"HTTP {answer.status}")


def _said(page: str) -> str:
    match = re.search(r'The disposition message is "([^"]*)', page)
    return match.group(1) if match else "no certificate was issued"


def _request(device_name: str, key: str) -> str:
    name = c509.Name([c509.NameAttribute(NameOID.COMMON_NAME, device_name)])
    usage = c509.KeyUsage(**{bit: bit in ("digital_signature", "key_encipherment") for bit in x509.BITS})
    purposes = c509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = c509.CertificateSigningRequestBuilder().subject_name(name).add_extension(usage, critical=True).add_extension(purposes, critical=False)
    return x509.to_pem(builder.sign(load_key(key), hashes.SHA256()))
