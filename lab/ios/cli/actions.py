"""What is done at once in configuration mode (and on IOS XE in EXEC, too): keys and certificates, with their dialogues (ios.md 1).

Texts are those of the transcripts dlg_* and of id:641537613; which optional questions come is a reading each (lab.ios.unsure).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.ios import config
from lab.ios import pki
from lab.ios.cli.shell import Refused
from lab.ios.grammar import Match
from lab.ucm import x509 as pems

if TYPE_CHECKING:
    from lab.ios.cli.shell import Shell

PASTE_END = 'End with a blank line or the word "quit" on a line by itself\n\n'
# From 17.18.2 on, behind the prompt (id:6170015605); whether of every key or of the SSH server's alone is not known: of every one is the harder reading.
SHORT_KEY = ("SECURITY WARNING - Module: SSH, Command: crypto key generate rsa ..., Reason: SSH RSA host key uses insufficient key length, Remediation: "
             "Configure SSH RSA host key with minimum key length of 3072 bits")
FAIL = "% Error in saving certificate: status = FAIL\n"


@dataclass(frozen=True)
class Entry:
    """One deed. off: the form after `no`."""

    syntax: str
    run: Callable[[Shell, Match], Awaitable[str | None]]
    off: bool = False


# ---- keys


async def generate(shell: Shell, match: Match) -> str:
    """A key pair; one that is there is replaced, silently where the modulus is on the line."""
    router, world, words = shell.router, shell.world, match.words
    label = words[words.index("label") + 1] if "label" in words else ""
    given = int(words[words.index("modulus") + 1]) if "modulus" in words else 0
    if not label and not router.domain and world.refuses("ios_key_domain"):
        raise Refused("% Please define a domain-name first.\n")
    exists, named = (label or router.fqdn) in router.pki.keys, label or router.fqdn
    if exists:
        shell.terminal.write(f"% You already have RSA keys defined named {named}.\n")
        if given and world.variant("ios_key_exists") == "silent":
            shell.terminal.write("% They will be replaced.\n\n")
        elif not await shell.confirm("% Do you really want to replace them? [yes/no]: "):
            return ""
    else:
        shell.terminal.write(f"The name for the keys will be: {named}\n\n")
    bits = given or await _modulus(shell)
    exportable = "exportable" in words
    if given:
        shell.terminal.write(f"% The key modulus size is {bits} bits\n")
    kind = "exportable" if exportable else "non-exportable"
    shell.terminal.write(f"% Generating {bits} bit RSA keys, keys will be {kind}...\n")
    if world.variant("ios_key_background") == "background":
        world.spawn(_made(shell, named, bits, exportable), f"{router.name}: key {named}")
        return "\n"
    await _made(shell, named, bits, exportable)
    if router.release >= 17.18 and bits < 3072:
        shell.notice(SHORT_KEY)
    shell.log("%CRYPTO_ENGINE-5-KEY_ADDITION: A key named " + named + " has been generated or imported by crypto-engine")
    shell.log("%SSH-5-ENABLED: SSH 1.99 has been enabled")
    return "[OK] (elapsed time was 2 seconds)\n\n"


async def _made(shell: Shell, name: str, bits: int, exportable: bool) -> None:
    await shell.world.clock.sleep(2.0)
    shell.router.pki.make_key(name, bits, exportable)
    await shell.router.changed()


async def _modulus(shell: Shell) -> int:
    low, high = (512, 4096) if shell.router.is_xe else (360, 4096)
    default = shell.world.variant("ios_key_prompt_default")
    shell.terminal.write(f"Choose the size of the key modulus in the range of {low} to {high} for your\n  General Purpose Keys. "
                         "Choosing a key modulus greater than 512 may take\n  a few minutes.\n\n")
    while True:
        given = await shell.ask(f"How many bits in the modulus [{default}]: ") or default
        if given.isdigit() and low <= int(given) <= high:
            return int(given)
        shell.terminal.write(f"% A decimal number between {low} and {high}.\n")


async def zeroize(shell: Shell, match: Match) -> str:
    """Remove a key pair, and the certificates of its trustpoints with it."""
    router = shell.router
    label = match.words[4] if len(match.words) > 4 else router.fqdn
    if label not in router.pki.keys:
        raise Refused(f"% No RSA keys found named {label}.\n")
    shell.terminal.write(f"% Keys to be removed are named '{label}'.\n% All router certs issued using these keys will also be removed.\n")
    if not await shell.confirm("Do you really want to remove these keys? [yes/no]: "):
        return ""
    key = router.pki.keys.pop(label).pem
    for name, holding in list(router.pki.holdings.items()):
        if holding.key == key:
            router.pki.change(name, own="", key="", request=None)
    await router.changed()
    return ""


# ---- CA certificates


async def authenticate(shell: Shell, match: Match) -> str:
    """The CA certificate of a trustpoint, pasted; its fingerprint confirmed by whoever sits there, or compared with the configured one."""
    name, router, world = match.words[-1], shell.router, shell.world
    section = router.pki.section(name)
    if section is None and world.refuses("ios_authenticate_unknown"):
        raise Refused("CA server trustpoint is not known\n")
    if router.pki.holding(name).ca and world.refuses("ios_authenticate_again"):
        raise Refused("% Please delete your existing CA certificate first.\n% You must use 'no crypto pki trustpoint <trustpoint-name>' to delete the CA "
                      "certificate.\n")
    _needs_terminal(shell, section, "authenticate")
    shell.terminal.write(f"\nEnter the base 64 encoded CA certificate.\n{PASTE_END}")
    pem = await _certificate(shell, world.refuses("ios_authenticate_certificate"))
    certificate = pems.load(pem)
    root = pems.is_self_signed(certificate)
    known = root or router.pki.issuer_known(certificate, name)
    if not known and world.variant("ios_subca_unknown_root") == "refused":
        raise Refused(FAIL)
    blank = " " if world.variant("ios_fingerprint_blank") == "by_release" and router.release < 17 else ""
    md5, sha1 = (pki.print_of(pem, kind) for kind in ("md5", "sha1"))
    shell.terminal.write(f"\nCertificate has the following attributes:\n       Fingerprint MD5: {md5}{blank}\n      Fingerprint SHA1: {sha1}{blank}\n\n")
    pinned = re.sub(r"\s", "", section.value("fingerprint")).upper() if section else ""
    needed = router.release >= 26 or world.variant("ios_fingerprint_needed") == "always"
    if needed and not pinned and world.refuses("ios_authenticate_unpinned"):
        raise Refused(f"Trustpoint fingerprint must be supplied.\nTrustpoint CA certificate is rejected. Abort.\n{FAIL}")
    if pinned:
        if pinned not in (sha1.replace(" ", ""), md5.replace(" ", "")) and world.refuses("ios_authenticate_fingerprint"):
            raise Refused(f"Trustpoint Fingerprint: {section.value('fingerprint')}\nFingerprint mismatch, certificate rejected.\n{FAIL}")
        shell.terminal.write(f"Trustpoint Fingerprint: {section.value('fingerprint')}\nCertificate validated - fingerprints matched.\n")
    elif not root and known and world.variant("ios_subca_question") == "skipped":
        shell.terminal.write(f"Trustpoint '{name}' is a subordinate CA and holds a non self signed cert\n"
                             "Certificate validated - Signed by existing trustpoint CA certificate.\n\n")
    elif not await shell.confirm("% Do you accept this certificate? [yes/no]: "):
        raise Refused("% Certificate not accepted\n")
    router.pki.change(name, ca=pem)
    router.note_change(shell.user)
    await router.changed()
    return "Trustpoint CA certificate accepted.\n% Certificate successfully imported\n\n"


def _needs_terminal(shell: Shell, section: config.Section | None, what: str) -> None:
    way = section.value("enrollment") if section else "terminal"
    if not way.startswith("terminal"):
        # The lab has no SCEP server; a router without one says this.
        shell.world.note_unknown(shell.router.appliance, "ios_cli", f"{what} with enrollment {way or 'not configured'}")
        raise Refused("% Error in receiving Certificate Authority certificate: status = FAIL, cert length = 0\n")


async def _certificate(shell: Shell, dated: bool) -> str:
    """A certificate that is pasted. dated: its time has to be now. Raises Refused."""
    lines = await shell.paste()
    try:
        pem = pki.pasted(lines)
    except pki.NotPem as problem:
        raise Refused(f"\n{FAIL}") from problem
    if dated and not shell.router.pki.valid_now(pems.load(pem)):
        raise Refused(f"\n{FAIL}")
    return pem


# ---- own certificates


async def enroll(shell: Shell, match: Match) -> str:
    """Make a request and show it."""
    name, router, world = match.words[-1], shell.router, shell.world
    section = router.pki.section(name)
    if section is None:
        raise Refused("CA server trustpoint is not known\n")
    holding = router.pki.holding(name)
    _needs_terminal(shell, section, "enroll")
    if not holding.ca and world.refuses("ios_enroll_without_ca"):
        raise Refused("% You must authenticate the Certificate Authority before you can enroll with it.\n")
    if holding.own:
        shell.terminal.write(f"Trustpoint {name} has already enrolled and has a router cert issued to it.\n"
                             "If you successfully re-enroll this trustpoint,the existing certificate will be replaced.\n\n")
        if not await shell.confirm("Do you want to continue with re-enrollment? [yes/no]: "):
            return ""
    shell.terminal.write("% Start certificate enrollment .. \n\n")
    if section.value("subject-name"):
        shell.terminal.write(f"% The subject name in the certificate will include: {section.value('subject-name')}\n")
    fqdn = section.value("fqdn")
    if fqdn != "none" or world.variant("ios_fqdn_none_line") == "present":
        shell.terminal.write(f"% The subject name in the certificate will include: {router.fqdn if fqdn in ('', 'none') else fqdn}\n")
    with_serial = await _asks_serial(shell, section)
    address = await _asks_address(shell, section)
    request = router.pki.request(name, with_serial, address)
    router.note_change(shell.user)
    if await shell.confirm("Display Certificate Request to terminal? [yes/no]: "):
        _display(shell, section, request.pem)
        while world.variant("ios_question_redisplay") == "asked" and await shell.confirm("Redisplay enrollment request? [yes/no]: "):
            _display(shell, section, request.pem)
    shell.log(f"%PKI-6-CSR_FINGERPRINT: CSR of trustpoint {name} has been made")
    return "\n"


async def _asks_serial(shell: Shell, section: config.Section) -> bool:
    line = section.get("serial-number")
    if line is not None:
        shows = line.text == "serial-number"
        if shows:
            shell.terminal.write(f"% The serial number in the certificate will be: {shell.router.serial}\n")
        return shows
    return shell.world.variant("ios_question_serial") == "asked" and await shell.confirm("% Include the router serial number in the subject name? [yes/no]: ")


async def _asks_address(shell: Shell, section: config.Section) -> str:
    given = section.value("ip-address")
    if given == "none":
        return ""
    if given:
        shell.terminal.write(f"% The IP address in the certificate is {given}\n\n")
        return given
    if shell.world.variant("ios_question_address") == "asked" and await shell.confirm("% Include an IP address in the subject name? [no]: ", False):
        return await shell.ask("Enter Interface name or IP Address[]: ")
    return ""


def _display(shell: Shell, section: config.Section, pem: str) -> None:
    way = shell.world.variant("ios_request_armour")
    armour = way == "pem" or (way == "as_configured" and section.value("enrollment") == "terminal pem")
    body = pem if armour else pki.bare(pem)
    shell.terminal.write(f"Certificate Request follows:\n\n{body}\n---End - This line not part of the certificate request---\n\n")


async def import_certificate(shell: Shell, match: Match) -> str:
    """The own certificate, pasted: for the key of the request that waits, signed by the trustpoint's CA."""
    name, router, world = match.words[3], shell.router, shell.world
    section, holding = router.pki.section(name), router.pki.holding(name)
    if section is None:
        raise Refused("CA server trustpoint is not known\n")
    if not holding.ca:
        raise Refused("% You must authenticate the Certificate Authority before you can import the router's certificate.\n")
    if section.value("ip-address") not in ("", "none"):
        shell.terminal.write(f"% The IP address in the certificate is {section.value('ip-address')}\n")
    if section.value("fqdn") not in ("", "none"):
        shell.terminal.write(f"% The fully-qualified domain name in the certificate will be: {section.value('fqdn')}\n")
    shell.terminal.write(f"\n\nEnter the base 64 encoded certificate.\n{PASTE_END}")
    failure = {"failed_to_parse": "% Failed to parse or verify imported certificate\n", "error_in_saving": FAIL}[world.variant("ios_import_failure")]
    try:
        pem = await _certificate(shell, world.refuses("ios_import_dates"))
    except Refused as problem:
        raise Refused(f"\n{failure}") from problem
    problem = _unfit(shell, name, pem)
    if problem:
        shell.add_detail(reason=problem)
        if "key" in problem:
            shell.log(f"%PKI-3-KEY_CMP_MISMATCH: Key in the certificate and stored key does not match for Trustpoint-{name}.")
        raise Refused(f"\n{failure}")
    request = router.pki.holding(name).request
    key = router.pki.keys[router.pki.label(name)].pem if router.pki.label(name) in router.pki.keys else (request.key if request else "")
    router.pki.change(name, own=pem, key=key, request=None)
    router.note_change(shell.user)
    await router.changed()
    shell.log(f"%PKI-6-CERT_INSTALL: An ID certificate has been installed under Trustpoint : {name}")
    return "\n% Router Certificate successfully imported\n\n"


def _unfit(shell: Shell, name: str, pem: str) -> str:
    """Why a certificate cannot be the trustpoint's own, "" if it can."""
    router, world = shell.router, shell.world
    holding, certificate = router.pki.holding(name), pems.load(pem)
    if holding.request is None and world.refuses("ios_import_without_request"):
        return "no request waits"
    present = router.pki.keys.get(router.pki.label(name))
    fits = present is not None and present.der() == pems.public_bytes(certificate.public_key())
    if not fits and world.refuses("ios_import_key"):
        return "another key"
    if not pems.issued_by(certificate, pems.load(holding.ca)) and world.refuses("ios_import_issuer"):
        return "another issuer"
    return ""


async def cancel(shell: Shell, match: Match) -> str:
    """`no crypto pki enroll`: the request that waits is gone."""
    shell.router.pki.change(match.words[-1], request=None)
    return ""


async def export(shell: Shell, match: Match) -> str:
    """Certificates as PEM."""
    name = match.words[3]
    if shell.router.pki.section(name) is None:
        raise Refused("CA server trustpoint is not known\n")
    holding = shell.router.pki.holding(name)
    head = "" if holding.own else f"% The specified trustpoint is not enrolled ({name}).\n% Only export the CA certificate in PEM format.\n"
    text = f"% CA certificate:\n{holding.ca}\n" if holding.ca else ""
    return head + text + (f"% General Purpose Certificate:\n{holding.own}\n" if holding.own else "")


# ---- deletion


async def delete(shell: Shell, match: Match) -> str:
    """`no crypto pki trustpoint`: its certificates go with it."""
    name, router, world = match.words[3], shell.router, shell.world
    if router.pki.section(name) is None:
        if world.refuses("ios_delete_unknown"):
            raise Refused("% Can't find policy\n")
        return ""
    if world.variant("ios_trustpoint_in_use") == "refused" and _is_used(router.config, name):
        raise Refused(f"% Trustpoint {name} is in use.\n")
    if not router.pki.holding(name).is_empty or world.variant("ios_delete_empty_trustpoint") == "asks":
        blank = " " if world.variant("ios_delete_indent") == "blank" else ""
        shell.terminal.write(f"% Removing an enrolled trustpoint will destroy all certificates\n{blank}received from the related Certificate Authority.\n\n")
        if not await shell.confirm("Are you sure you want to do this? [yes/no]: "):
            return ""
        shell.terminal.write("% Be sure to ask the CA administrator to revoke your certificates.\n\n")
        if not router.is_xe:
            shell.terminal.write("No enrollment sessions are currently active.\n\n")
    router.config.lines.pop(f"crypto pki trustpoint {name}")
    router.pki.holdings.pop(name, None)
    router.note_change(shell.user)
    await router.changed()
    return ""


def _is_used(section: config.Section, name: str) -> bool:
    """Whether a line outside of the trustpoints names one."""
    return any(re.search(rf"\b(trustpoint|client-vtp|continue) {re.escape(name)}(\s|$)", line.text) for line in config.walk(section)
               if not line.text.startswith("crypto pki"))


# ---- banners


async def banner(shell: Shell, match: Match) -> str:
    """Lines up to the character that the text began with; printed with ^C for it, whatever it was."""
    given = match.words[2]
    mark = "^C" if given.startswith("^C") else given[0]
    text = given[len(mark):]
    if mark not in text:
        shell.terminal.write(f"Enter TEXT message.  End with the character '{mark}'.\n")
        while mark not in text:
            text += "\n" + await shell.terminal.line()
    body = text.partition(mark)[0]
    section = shell.router.config
    section.lines[match.key_text] = config.Line(f"{match.key_text} ^C{body}^C", "banner {exec|login|motd} / <t>")
    shell.router.note_change(shell.user)
    return ""


RSA = "crypto key generate rsa [general-keys] [label <w>] [exportable] [modulus <n:360-4096>] [exportable]"

ENTRIES: tuple[Entry, ...] = (
    Entry(RSA, generate),
    Entry("crypto key generate rsa [general-keys] modulus <n:360-4096> label <w> [exportable]", generate),
    Entry("crypto key zeroize rsa [<w>]", zeroize),
    Entry("banner {exec|login|motd} / <t>", banner),
    Entry("crypto {pki|ca} authenticate <w>", authenticate),
    Entry("crypto {pki|ca} enroll <w>", enroll),
    Entry("crypto {pki|ca} import <w> certificate", import_certificate),
    Entry("crypto {pki|ca} export <w> pem terminal", export),
    Entry("crypto {pki|ca} trustpoint <w>", delete, True),
    Entry("crypto {pki|ca} enroll <w>", cancel, True),
)
