"""Keys, trustpoints and certificates as IOS shows them (ios.md 1.9; genie_* transcripts)."""

from __future__ import annotations

import datetime
import hashlib
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from lab.ios import pki
from lab.ios.cli.shell import Refused
from lab.ucm import x509 as pems

if TYPE_CHECKING:
    from lab.ios.cli.shell import Shell
    from lab.ios.grammar import Match

USAGES = {"1.3.6.1.5.5.7.3.1": "Server Auth", "1.3.6.1.5.5.7.3.2": "Client Auth"}
STAMP = "%H:%M:%S UTC %b %-d %Y"


def keys(shell: Shell, match: Match) -> str:
    """Key pairs, with their public halves."""
    label = match.words[5] if len(match.words) > 5 else ""
    blocks = []
    for name, key in shell.router.pki.keys.items():
        if label and name != label:
            continue
        made = datetime.datetime.fromtimestamp(key.made, datetime.UTC)
        lines = [f"% Key pair was generated at: {made:{STAMP}}", f"Key name: {name}", "Key type: RSA KEYS",
                 "Temporary key" if key.temporary else " Storage Device: private-config", " Usage: General Purpose Key",
                 f" Key is {'' if key.exportable else 'not '}exportable." + ("" if key.exportable or not shell.router.is_xe else " Redundancy enabled."),
                 " Key Data:", *pki.hex_block(key.der())]
        blocks.append("\n".join(lines) + "\n")
    return "".join(blocks)


def certificates(shell: Shell, match: Match) -> str:
    """All certificates, or those of a trustpoint; one that several trustpoints hold is shown once."""
    verbose, wanted = "verbose" in match.words[4:], [word for word in match.words[4:] if word != "verbose"]
    router = shell.router
    shown: dict[tuple[str, str], list[str]] = {}
    for name in router.pki.trustpoints():
        holding = router.pki.holding(name)
        for kind, pem in (("own", holding.own), ("ca", holding.ca)):
            if pem:
                shown.setdefault((kind if kind == "ca" else name, pem), []).append(name)
    blocks = []
    for (kind, pem), names in shown.items():
        if not wanted or wanted[0] in names:
            blocks.append(_block(shell, kind == "ca", pem, names, verbose))
    for name in router.pki.trustpoints():
        if router.pki.holding(name).request and (not wanted or wanted[0] == name):
            blocks.append(_pending(shell, name))
    return "\n".join(blocks)


def _block(shell: Shell, authority: bool, pem: str, names: list[str], verbose: bool) -> str:
    certificate, router = pems.load(pem), shell.router
    holding = router.pki.holding(names[0])
    head = "CA Certificate" if authority else "Router Self-Signed Certificate" if holding.self_signed else "Certificate"
    lines = [head, "  Status: Available"]
    if verbose:
        lines.append("  Version: 3")
    usage = "Signature" if authority else "General Purpose"
    lines += [f"  Certificate Serial Number (hex): {pki.serial(certificate)}", f"  Certificate Usage: {usage}", "  Issuer: ",
              *(f"    {part}" for part in pki.rdns(certificate.issuer)), "  Subject:"]
    host = certificate.subject.get_attributes_for_oid(NameOID.UNSTRUCTURED_NAME)
    if not authority:
        lines.append(f"    Name: {host[0].value if host else pems.common_name(certificate.subject)}")
        lines += [f"    IP Address: {one.value}" for one in certificate.subject.get_attributes_for_oid(pki.ADDRESS)]
        lines += [f"    Serial Number: {one.value}" for one in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    lines += [*(f"    {part}" for part in pki.rdns(certificate.subject)), "  Validity Date: ", f"    start date: {certificate.not_valid_before_utc:{STAMP}}",
              f"    end   date: {certificate.not_valid_after_utc:{STAMP}}"]
    if verbose:
        lines += _more(certificate, pem)
    lines.append(f"  Associated Trustpoints: {' '.join(names)} ")
    lines += [] if authority or not verbose else [f"  Key Label: {router.pki.label(names[0])}"]
    return "\n".join(lines) + "\n"


def _more(certificate: x509.Certificate, pem: str) -> list[str]:
    algorithm = certificate.signature_hash_algorithm
    lines = ["  Subject Key Info:", "    Public Key Algorithm: rsaEncryption", f"    RSA Public Key: ({certificate.public_key().key_size} bit)",
             f"  Signature Algorithm: {algorithm.name.upper() if algorithm else '?'} with RSA Encryption", f"  Fingerprint MD5: {pki.print_of(pem, 'md5')} ",
             f"  Fingerprint SHA1: {pki.print_of(pem, 'sha1')} ", "  X509v3 extensions:"]
    names = sorted(pems.alternative_names(certificate))
    if names:
        lines += ["    X509v3 Subject Alternative Name:", *(f"        {name}" for name in names)]
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return lines
    return [*lines, "    Extended Key Usage:", *(f"        {USAGES.get(one.dotted_string, one.dotted_string)}" for one in usages)]


def _pending(shell: Shell, name: str) -> str:
    section = shell.router.pki.section(name)
    parts = [f"    {key}={value}" for key, value in pki.subject(section.value("subject-name"))]
    return "\n".join(["Certificate", "  Subject:", f"    Name: {shell.router.fqdn}", *parts, "   Status: Pending", "   Key Usage: General Purpose",
                      f"   Certificate Request Fingerprint MD5: {_request_print(shell, name, 'md5')}",
                      f"   Certificate Request Fingerprint SHA1: {_request_print(shell, name, 'sha1')}", f"   Associated Trustpoint: {name} "]) + "\n"


def _request_print(shell: Shell, name: str, kind: str) -> str:
    data = pems.load_request(shell.router.pki.holding(name).request.pem).public_bytes(serialization.Encoding.DER)
    text = hashlib.new(kind, data, usedforsecurity=False).hexdigest().upper()
    return " ".join(text[place:place + 8] for place in range(0, len(text), 8))


def pem(shell: Shell, match: Match) -> str:
    """All certificates as PEM (IOS XE)."""
    wanted = match.words[5] if len(match.words) > 5 else ""
    blocks = []
    for name in shell.router.pki.trustpoints():
        holding = shell.router.pki.holding(name)
        if (wanted and name != wanted) or holding.is_empty:
            continue
        text = f"------Trustpoint: {name}------\n"
        text += f"% CA certificate:\n{holding.ca}\n" if holding.ca else ""
        kind = "Self-signed CA certificate" if holding.self_signed else "General Purpose Certificate"
        blocks.append(text + (f"% {kind}:\n{holding.own}\n" if holding.own else ""))
    return "".join(blocks)


def trustpoints(shell: Shell, match: Match) -> str:
    """What each trustpoint has got, in short."""
    blocks = []
    for name in _named(shell, match.words[4:]):
        holding = shell.router.pki.holding(name)
        lines = [f"Trustpoint {name}:"]
        shown = holding.ca or (holding.own if holding.self_signed else "")
        if shown:
            certificate = pems.load(shown)
            lines += ["    Subject Name: ", *(f"    {part}" for part in pki.rdns(certificate.subject)),
                      f"          Serial Number (hex): {pki.serial(certificate)}"]
            lines += ["    Persistent self-signed certificate trust point", f"    Using key label {shell.router.pki.label(name)}"] if holding.self_signed else [
                "    Certificate configured."]
        blocks.append("\n".join(lines) + "\n\n")
    return "".join(blocks)


def status(shell: Shell, match: Match) -> str:
    """The state of each trustpoint."""
    router, blocks = shell.router, []
    blank = " " if router.world.variant("ios_fingerprint_blank") == "by_release" and router.release < 17 else ""
    for name in _named(shell, [word for word in match.words[4:] if word != "status"]):
        holding = router.pki.holding(name)
        lines = [f"Trustpoint {name}:"]
        for pem_text, head in ((holding.ca or (holding.own if holding.self_signed else ""), "Issuing CA certificate configured:"),
                               (holding.own, "Router General Purpose certificate configured:")):
            if pem_text:
                lines += [f"  {head}", "    Subject Name:", f"     {','.join(pki.rdns(pems.load(pem_text).subject))}",
                          f"    Fingerprint MD5: {pki.print_of(pem_text, 'md5')}{blank}", f"    Fingerprint SHA1: {pki.print_of(pem_text, 'sha1')}{blank}"]
        if holding.own and not holding.self_signed:
            lines.append("  Last enrollment status: Granted")
        key = router.pki.keys.get(router.pki.label(name)) if router.pki.section(name).value("rsakeypair") else None
        made = f"Yes (General Purpose, {'' if key.exportable else 'non-'}exportable)" if key else "No"
        asked = "Pending" if holding.request else "Yes" if holding.own else "None"
        lines += ["  State:", f"    Keys generated ............. {made}",
                  f"    Issuing CA authenticated ....... {'Yes' if holding.ca or holding.self_signed else 'No'}",
                  f"    Certificate request(s) ..... {asked}"]
        blocks.append("\n".join(lines) + "\n\n\n")
    return "".join(blocks)


def _named(shell: Shell, words: tuple[str, ...] | list[str]) -> list[str]:
    names = shell.router.pki.trustpoints()
    if not words:
        return names
    if words[0] not in names:
        raise Refused(f"% Trustpoint {words[0]} is not known\n")
    return [words[0]]
