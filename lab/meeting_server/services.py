"""The services of a Meeting Server: what is configured, what they run with, and the checks that `enable` and `restart` print (cms.md 1.3, 1.4).

What is *configured* and what *runs* are two things: a service serves what it had when it was started. Only a few of the lines that the checks print are
known from transcripts; the others are worded alike, and a client may go by `SUCCESS:` and `FAILURE:` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server import files
from lab.meeting_server.files import BadFile
from lab.meeting_server.files import Copy

if TYPE_CHECKING:
    from lab.meeting_server.state import Server

variant("cms_certs_copied", ("certs", "start"), "certs", "cms.md 1.4 (database; others unsure)",
        "whether a service has a copy of its files from the command `certs`, or reads them when it starts")
variant("cms_full_chain", ("root", "intermediate"), "root", "cms.md 1.2, 1.4 (TN221698, TN213479)",
        "whether a full chain has to reach the root, or one issuer is enough")
variant("cms_restart_failure", ("stops", "keeps"), "stops", "cms.md 8 (not found)",
        "whether a restart whose checks fail leaves the Call Bridge stopped, or running as it was")

refusal("cms_pair", "cms.md 1.3 (TN217320)", "a service with a key that is not its certificate's")
refusal("cms_bundle", "cms.md 1.3", "a service whose certificate does not lead to its CA bundle")
refusal("cms_full_chain", "cms.md 1.4 (TN221729)", "Web Bridge 3 with a file that is no full chain")
refusal("cms_certificate_expired", "lab.md 5 (inferred)", "a service with a certificate that is not valid now")
refusal("cms_no_certificate", "cms.md 1.3 (TN217320)", "a TLS service without certificate")
refusal("cms_port_taken", "cms.md 1.4 (webadmin)", "two services on one port of an interface")


@dataclass
class Slot:
    """Key, certificate and CA bundle of a service; None = none."""

    key: Copy | None = None
    certificate: Copy | None = None
    bundle: Copy | None = None


@dataclass(frozen=True)
class Running:
    """What a part of a service was started with. chain, trusted: PEM."""

    chain: str
    key: str = field(repr=False)
    trusted: str
    ports: tuple[int, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        return files.certificates(self.chain.encode())[0].fingerprint(hashes.SHA256()).hex()


@dataclass
class Service:
    """slots: by part ("" where a service has one; https and c2w of Web Bridge 3); listen: (interface, port) likewise, of which only the
    port counts: the lab's hosts have one address; trust: bundles by purpose.

    running: part -> what it serves; None = stopped; ready: the moment from which on it does. A part that runs without certificates (SIP by TCP) is not in it.
    """

    name: str
    slots: dict[str, Slot]
    listen: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    trust: dict[str, Copy] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    enabled: bool = False
    running: dict[str, Running] | None = None
    ready: float = 0.0


def offered(release: float) -> dict[str, Service]:
    """The services of a release, nothing configured."""
    names = ["webadmin", "callbridge"] + (["webbridge", "xmpp"] if release < 3 else ["webbridge3"])
    return {name: Service(name, {part: Slot() for part in (("https", "c2w") if name == "webbridge3" else ("",))}) for name in names}


# Virtual seconds from `enable` or `restart` until a service answers; ours.
START = {"webadmin": 3.0, "callbridge": 10.0, "webbridge": 3.0, "webbridge3": 3.0, "xmpp": 3.0}
TITLES = {"webadmin": "webadmin", "callbridge": "Call Bridge", "webbridge": "Webbridge", "webbridge3": "Webbridge3", "xmpp": "XMPP server"}
Lines = list[tuple[bool, str]]


def content(server: Server, copy: Copy) -> bytes:
    """What a service would start with. Raises BadFile."""
    if server.world.variant("cms_certs_copied") == "certs":
        return copy.content
    if copy.name not in server.files:
        raise BadFile(f"file {copy.name} not found")
    return server.files[copy.name]


def check(server: Server, service: Service) -> tuple[Lines, dict[str, Running]]:
    """What `enable` and `restart` find: (whether it holds, text) of each check, and what would run."""
    lines: Lines = []
    running: dict[str, Running] = {}
    for part, slot in service.slots.items():
        word = {"https": "HTTPS ", "c2w": "C2W "}.get(part, "")
        if not service.listen.get(part):
            lines.append((False, f"{word}listening interface not configured"))
            continue
        lines.append((True, "TLS interface and port configured" if service.name == "webadmin" else f"{word}listen interface configured"))
        lines += _clash(server, service, part)
        if slot.key is None or slot.certificate is None:
            if service.name != "callbridge":
                lines.append((not server.world.refuses("cms_no_certificate"), f"{word}TLS port set but no certificates configured"))
            else:
                lines.append((False, "no certificates configured: SIP without TLS only"))
            continue
        try:
            lines += _pair(server, slot, word, full=part != "")
            trusted = "".join(files.pem(content(server, copy)) for purpose, copy in service.trust.items() if part == "c2w" or purpose == "")
            bundle = files.pem(content(server, slot.bundle)) if slot.bundle else ""
            chain, key = files.pem(content(server, slot.certificate)) + bundle, files.key_text(content(server, slot.key))
            running[part] = Running(chain, key, trusted, tuple(port for _interface, port in service.listen[part]))
        except BadFile as problem:
            lines.append((False, f"{word}Key and certificate problem: {problem}"))
    if service.name == "xmpp":
        lines.append((bool(service.settings.get("domain")), "Domain configured"))
    return lines, running


def _clash(server: Server, service: Service, part: str) -> Lines:
    mine = set(service.listen[part])
    for other in server.services.values():
        for their, places in other.listen.items():
            taken = mine & set(places)
            if taken and (other is not service or their != part) and other.running is not None and server.world.refuses("cms_port_taken"):
                interface, port = sorted(taken)[0]
                return [(False, f"port {port} on interface {interface} is in use by {other.name}")]
    return []


def _pair(server: Server, slot: Slot, word: str, full: bool) -> Lines:
    """Raises BadFile."""
    world = server.world
    key, certificate = content(server, slot.key), content(server, slot.certificate)
    matches = files.pair(key, certificate) or not world.refuses("cms_pair")
    lines: Lines = [(matches, f"{word}Key and certificate pair match" if matches else f"{word}Key and certificate pair do not match")]
    leaf, *more = files.certificates(certificate)
    if not leaf.not_valid_before_utc <= world.clock.now() <= leaf.not_valid_after_utc and world.refuses("cms_certificate_expired"):
        lines.append((False, f"{word}certificate is not valid at this time"))
    if full and world.refuses("cms_full_chain"):
        holds = files.verifies(leaf, tuple(more), world.variant("cms_full_chain") == "root")
        lines.append((holds, f"{word}full chain of certificates verifies correctly" if holds else f"{word}full chain of certificates does not verify"))
    elif slot.bundle is not None and world.refuses("cms_bundle"):
        holds = files.verifies(leaf, (*more, *files.certificates(content(server, slot.bundle))), to_root=False)
        lines.append((holds, f"{word}certificate verified against CA bundle" if holds else f"{word}certificate not verified against CA bundle"))
    return lines


def start(server: Server, service: Service) -> Lines:
    """Start a service if its checks hold; the lines to print, the last of them the outcome."""
    lines, running = check(server, service)
    # The Call Bridge speaks SIP without TLS as long as nobody gave it a certificate.
    bare = service.name == "callbridge" and service.slots[""].key is None and bool(service.listen.get(""))
    good = bare or all(holds for holds, _text in lines)
    if good:
        service.running, service.ready = running, server.world.clock.after(START[service.name])
    elif service.name == "callbridge":
        service.running = service.running if server.world.variant("cms_restart_failure") == "keeps" else None
    if service.name != "callbridge":
        title = TITLES[service.name]
        lines.append((good, f"{title} enabled" if good else f"{title} configuration not complete"))
    return lines
