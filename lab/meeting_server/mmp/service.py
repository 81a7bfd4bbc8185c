"""webadmin, callbridge, webbridge, webbridge3, xmpp and tls: what they listen on, their certificates and trust, and switching them (cms.md 1.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.core.variants import variant
from lab.meeting_server import files
from lab.meeting_server import services
from lab.meeting_server.files import BadFile
from lab.meeting_server.files import Copy
from lab.meeting_server.mmp.registry import command
from lab.meeting_server.services import Service
from lab.meeting_server.services import Slot

if TYPE_CHECKING:
    from lab.meeting_server.mmp.shell import Shell

INTERFACES = ("a", "b", "c", "d", "lo")
DEFAULT_PORT = {"webadmin": 443, "webbridge": 443, "https": 443, "c2w": 9999, "callbridge": 5061, "xmpp": 5222}

variant("cms_certs_while_enabled", ("refused", "taken"), "refused", "cms.md 1.4, guide (disable first)",
        "whether `certs` is refused while a service is enabled, or taken until it starts again")
variant("cms_certs_output", ("silent", "checked"), "silent", "cms.md 1.3 (unsure)", "whether `certs` prints nothing, or a SUCCESS: line")


def copied(shell: Shell, name: str) -> Copy:
    """A file as a service takes it. Raises Failure."""
    if name not in shell.server.files:
        raise shell.refuse(f"file {name} not found")
    return Copy(name, shell.server.files[name])


def bundle(shell: Shell, name: str) -> Copy:
    """A file of certificates. Raises Failure."""
    copy = copied(shell, name)
    try:
        files.certificates(copy.content)
    except BadFile as problem:
        raise shell.refuse(f"{name}: {problem}") from problem
    return copy


def places(shell: Shell, words: list[str], default: int) -> list[tuple[str, int]]:
    """(interface, port) of words such as a or a:443. Raises Failure."""
    found = []
    for word in words:
        interface, _colon, port = word.partition(":")
        if interface not in INTERFACES or not (port or str(default)).isdigit():
            raise shell.refuse(f"unknown interface {word}")
        found.append((interface, int(port or default)))
    return found


def _stopped(shell: Shell, service: Service) -> None:
    """Raises Failure where a service that runs does not take certificates."""
    if service.enabled and service.name != "callbridge" and shell.world.variant("cms_certs_while_enabled") == "refused":
        raise shell.refuse(f"{service.name} is enabled: disable it first")


def _register_certs(words: str, name: str, part: str, most: int, since: float, before: float) -> None:
    @command(f"{words} certs", "<key-file> <crt-file> [<crt-bundle>]" if most == 3 else "<key-file> <crt-fullchain-file>", writes=True, least=2, most=most,
             since=since, before=before)
    async def certs(shell: Shell, arguments: list[str]) -> None:
        """The certificate of a service."""
        service = shell.server.services[name]
        _stopped(shell, service)
        slot = Slot(copied(shell, arguments[0]), bundle(shell, arguments[1]), bundle(shell, arguments[2]) if len(arguments) == 3 else None)
        service.slots[part] = slot
        if shell.world.variant("cms_certs_output") == "checked":
            try:
                same = files.pair(slot.key.content, slot.certificate.content)
            except BadFile as problem:
                raise shell.refuse(str(problem)) from problem
            shell.check([(same, "Key and certificate pair match" if same else "Key and certificate pair do not match")])

    @command(f"{words} certs none", "", writes=True, since=since, before=before)
    async def none(shell: Shell, _arguments: list[str]) -> None:
        """Take them away."""
        _stopped(shell, shell.server.services[name])
        shell.server.services[name].slots[part] = Slot()


def _register_trust(words: str, name: str, purpose: str, since: float, before: float) -> None:
    @command(words, "<bundle>|none", writes=True, least=1, since=since, before=before)
    async def trust(shell: Shell, arguments: list[str]) -> None:
        """A bundle of those whom a service trusts."""
        service = shell.server.services[name]
        if arguments[0].lower() == "none":
            service.trust.pop(purpose, None)
        else:
            service.trust[purpose] = bundle(shell, arguments[0])


def _register_listen(words: str, name: str, part: str, since: float, before: float) -> None:
    @command(f"{words} listen", "<interface>[:<port>] ...|none", writes=True, least=1, most=6, since=since, before=before)
    async def listen(shell: Shell, arguments: list[str]) -> None:
        """Where a service listens, from its next start on."""
        default = DEFAULT_PORT[part or name]
        if arguments[0].lower() == "none":
            arguments = []
        if name == "webadmin" and len(arguments) == 2 and arguments[1].isdigit():
            arguments = [":".join(arguments)]
        shell.server.services[name].listen[part] = places(shell, arguments, default)


def _come_up(shell: Shell, service: Service) -> None:
    """The command has returned; the service answers a little later."""
    shell.world.spawn(shell.server.come_up(service), f"{shell.server.name}: {service.name}")


def _register_switch(name: str, since: float, before: float) -> None:
    @command(f"{name} enable", writes=True, since=since, before=before)
    async def enable(shell: Shell, _arguments: list[str]) -> None:
        """Start it, if all checks hold."""
        service = shell.server.services[name]
        lines = services.start(shell.server, service)
        service.enabled = lines[-1][0]
        shell.check(lines)
        _come_up(shell, service)

    @command(f"{name} disable", writes=True, since=since, before=before)
    async def disable(shell: Shell, _arguments: list[str]) -> None:
        """Stop it."""
        service = shell.server.services[name]
        service.enabled, service.running = False, None
        await shell.server.changed()
        shell.check([(True, f"{services.TITLES[name]} disabled")])


def _register_restart(name: str, since: float, before: float) -> None:
    @command(f"{name} restart", writes=True, since=since, before=before)
    async def restart(shell: Shell, _arguments: list[str]) -> None:
        """Stop and start it: connections end."""
        server, service = shell.server, shell.server.services[name]
        if name != "callbridge" and not service.enabled:
            raise shell.refuse(f"{name} is not enabled")
        was, service.running = service.running, None
        await server.appliance.doors.sync()
        service.running = was
        lines = services.start(server, service)
        if name != "callbridge" and not lines[-1][0]:
            service.running, service.enabled = None, False
        shell.check(lines)
        _come_up(shell, service)


def _table(shell: Shell, rows: list[tuple[str, str]], width: int) -> None:
    for label, value in rows:
        shell.say(f"{label:<{width}}: {value}")


def _name(copy: Copy | None) -> str:
    return copy.name if copy else "none"


def _where(service: Service, part: str = "") -> str:
    return " ".join(f"{interface}:{port}" for interface, port in service.listen.get(part, [])) or "none"


def _interfaces(service: Service) -> str:
    return " ".join(interface for interface, _port in service.listen.get("", [])) or "none"


def _files(slot: Slot, always: bool = True) -> list[tuple[str, str]]:
    rows = [("Key file", _name(slot.key)), ("Certificate file", _name(slot.certificate))]
    return rows + ([("CA Bundle file", _name(slot.bundle))] if always or slot.bundle else [])


def _webadmin(shell: Shell, service: Service) -> None:
    interface, port = next(iter(service.listen.get("", [])), ("none", "none"))
    rows = [("Enabled", str(service.enabled).lower()), ("TLS listening interface", interface), ("TLS listening port", str(port)),
            *_files(service.slots[""], always=False), ("HTTP redirect", "Disabled"),
            ("STATUS", "webadmin running" if shell.server.serving("webadmin") else "webadmin not running")]
    _table(shell, rows, 24)


def _callbridge(shell: Shell, service: Service) -> None:
    slot = service.slots[""]
    rows = [("Listening interfaces", _interfaces(service)), ("Preferred interface", "none"), ("Key file", _name(slot.key)),
            ("Certificate file", _name(slot.certificate)), ("Address", "none"), *([("CA Bundle file", slot.bundle.name)] if slot.bundle else [])]
    _table(shell, rows, 22)
    if shell.server.major >= 3:
        trusts = {"C2W trusted certs": "c2w", "Callbridge cluster trusted certs": "cluster", "Callbridge trust branding certs": "branding"}
        _table(shell, [(label, _name(service.trust.get(purpose))) for label, purpose in trusts.items()], 36)
        rows = [row for who in ("ucm", "imps") for row in ((f"{who.upper()} trusted certs", _name(service.trust.get(who))),
                                                           (f"{who.upper()} verification mode", service.settings.get(who, "disabled")))]
        _table(shell, [*rows, ("WC3 JWT Expiry in hours", "24")], 26)


def _webbridge(shell: Shell, service: Service) -> None:
    rows = [("Enabled", str(service.enabled).lower()), ("Interface whitelist", _where(service)), *_files(service.slots[""]),
            ("Trust bundle", _name(service.trust.get(""))), ("HTTP redirect", "Disabled")]
    _table(shell, rows, 24)


def _webbridge3(shell: Shell, service: Service) -> None:
    https, c2w = service.slots["https"], service.slots["c2w"]
    rows = [("Enabled", str(service.enabled).lower()), ("HTTPS listening ports and interfaces", _where(service, "https")),
            ("HTTPS Key file", _name(https.key)), ("HTTPS Full chain certificate file", _name(https.certificate)), ("HTTPS Frame-Ancestors", "none"),
            ("HTTP redirect", "Disabled"), ("C2W listening ports and interfaces", _where(service, "c2w")), ("C2W Key file", _name(c2w.key)),
            ("C2W Full chain certificate file", _name(c2w.certificate)), ("C2W Trust bundle", _name(service.trust.get("c2w"))),
            ("Meetingapps address", "none"), ("Meetingapps port", "none"), ("Audio priority flag", "Enabled"), ("Beta options", "none")]
    _table(shell, rows, 38)


def _xmpp(shell: Shell, service: Service) -> None:
    rows = [("Enabled", str(service.enabled).lower()), ("Clustered", "false"), ("Domain", service.settings.get("domain", "none")),
            ("Listening interfaces", _interfaces(service)), *_files(service.slots[""]), ("Max sessions per user", "unlimited"),
            ("STATUS", "XMPP server running" if shell.server.serving("xmpp") else "XMPP server not running")]
    _table(shell, rows, 24)


def _register_show(name: str, show: Callable[[Shell, Service], None], since: float, before: float) -> None:
    async def shown(shell: Shell, _arguments: list[str]) -> None:
        """What is configured, and whether it runs."""
        show(shell, shell.server.services[name])

    for words in (name, f"{name} status"):
        command(words, since=since, before=before)(shown)


for _service, _show, _since, _before in (("webadmin", _webadmin, 0.0, 100.0), ("callbridge", _callbridge, 0.0, 100.0), ("webbridge", _webbridge, 0.0, 3.0),
                                         ("webbridge3", _webbridge3, 3.0, 100.0), ("xmpp", _xmpp, 0.0, 3.0)):
    _register_show(_service, _show, _since, _before)
    _register_restart(_service, _since, _before)
    for _part in ("https", "c2w") if _service == "webbridge3" else ("",):
        _words = f"{_service} {_part}".strip()
        _register_certs(_words, _service, _part, 2 if _part else 3, _since, _before)
        _register_listen(_words, _service, _part, _since, _before)
    if _service != "callbridge":
        _register_switch(_service, _since, _before)
_register_trust("webbridge trust", "webbridge", "", 0.0, 3.0)
_register_trust("webbridge3 c2w trust", "webbridge3", "c2w", 3.0, 100.0)
for _purpose in ("c2w", "cluster", "branding"):
    _register_trust(f"callbridge trust {_purpose}", "callbridge", _purpose, 3.0 if _purpose == "c2w" else 0.0, 100.0)


def _register_verify(who: str, word: str) -> None:
    @command(f"callbridge {who} verify {word}", writes=True, since=3.8)
    async def verify(shell: Shell, _arguments: list[str]) -> None:
        """Whether the certificates of Unified CM, or of IM and Presence, are verified."""
        service = shell.server.services["callbridge"]
        if word == "enable" and who not in service.trust:
            raise shell.refuse("no trusted certificates configured")
        service.settings[who] = f"{word}d"


for _who in ("ucm", "imps"):
    _register_trust(f"callbridge {_who} certs", "callbridge", _who, 3.8, 100.0)
    for _word in ("enable", "disable"):
        _register_verify(_who, _word)


@command("xmpp domain", "<domain>", writes=True, least=1, before=3.0)
async def xmpp_domain(shell: Shell, arguments: list[str]) -> None:
    """The domain that the XMPP server hosts."""
    shell.server.services["xmpp"].settings["domain"] = arguments[0]


# Services that the estate does not use: there to be looked at (streamer: TN217320; the others alike).
NOT_USED = {
    "streamer": (("Enabled", "false"), ("SIP interfaces", "none"), ("SIP key file", "none"), ("SIP certificate file", "none"), ("SIP CA Bundle file", "none"),
                 ("SIP Resolution", "720p"), ("SIP traffic trace", "Disabled"), ("Call Limit", "none")),
    "recorder": (("Enabled", "false"), ("SIP interfaces", "none"), ("SIP key file", "none"), ("SIP certificate file", "none"), ("SIP CA Bundle file", "none")),
    "turn": (("Enabled", "false"), ("Listening interfaces", "none")),
    "uploader": (("Enabled", "false"),),
    "scheduler": (("Enabled", "false"), ("HTTPS listening ports and interfaces", "none"), ("C2W Key file", "none"), ("C2W Trust bundle", "none")),
}


def _register_not_used(name: str, since: float) -> None:
    @command(name, since=since)
    async def shown(shell: Shell, _arguments: list[str]) -> None:
        """It is off."""
        _table(shell, list(NOT_USED[name]), 24)


for _unused in NOT_USED:
    _register_not_used(_unused, 3.4 if _unused == "scheduler" else 3.0 if _unused == "streamer" else 0.0)


@command("tls")
async def tls(shell: Shell, _arguments: list[str]) -> None:
    """Verification of far ends, by service (layout ours)."""
    for name in ("sip", "ldap"):
        setting = shell.server.tls.get(name, {})
        shell.say(f"{name.upper()}:")
        _table(shell, [("    Trusted CA", _name(setting.get("trust"))), ("    Verify", "enabled" if setting.get("verify") else "disabled")], 24)


def _register_tls(name: str) -> None:
    @command(f"tls {name} trust", "<bundle>", writes=True, least=1)
    async def trust(shell: Shell, arguments: list[str]) -> None:
        """Whom to trust."""
        shell.server.tls.setdefault(name, {})["trust"] = bundle(shell, arguments[0])

    for word in ("enable", "disable"):
        @command(f"tls {name} verify {word}", writes=True)
        async def verify(shell: Shell, _arguments: list[str], word: str = word) -> None:
            """Whether far ends are verified; counts at once for those who call."""
            setting = shell.server.tls.setdefault(name, {})
            if word == "enable" and "trust" not in setting:
                raise shell.refuse("no trusted certificates configured")
            setting["verify"] = word == "enable"


for _name_of in ("sip", "ldap"):
    _register_tls(_name_of)
