"""pki: keys, requests and certificates on the server, and `rm` for any file (cms.md 1.2)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from lab.core.keys import load_key
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server import files
from lab.meeting_server.files import BadFile
from lab.meeting_server.mmp.registry import command
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.meeting_server.mmp.shell import Shell

ATTRIBUTES = {"CN": NameOID.COMMON_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "O": NameOID.ORGANIZATION_NAME, "L": NameOID.LOCALITY_NAME,
              "ST": NameOID.STATE_OR_PROVINCE_NAME, "C": NameOID.COUNTRY_NAME, "emailAddress": NameOID.EMAIL_ADDRESS}
NAMES = "subjectAltName"

variant("cms_csr_usage", ("none", "both"), "none", "cms.md 6 (sign-csr.sh adds it)",
        "whether a request asks for server and client authentication, or leaves that to the CA")
variant("cms_csr_existing", ("overwrites", "refused"), "overwrites", "cms.md 1.2 (unsure)",
        "whether a second request of the same name makes a new key, or is refused")

refusal("cms_csr_attributes", "cms.md 1.2", "a request with an attribute that the MMP does not know, without CN, or with a blank in its names")
refusal("cms_pki_name", "cms.md 1.2 (unsure)", "a base name that is no file name")


def content(shell: Shell, name: str) -> bytes:
    """A file. Raises Failure."""
    if name not in shell.server.files:
        raise shell.refuse(f"file {name} not found")
    return shell.server.files[name]


@command("pki")
@command("pki list")
async def show(shell: Shell, _arguments: list[str]) -> None:
    """The files that have to do with keys and certificates."""
    shell.say("User supplied certificates and keys:")
    for name, what in shell.server.files.items():
        if files.kind(what) != "unknown":
            shell.say(name)


def _subject(shell: Shell, arguments: list[str]) -> tuple[c509.Name, list[str]]:
    """Subject and alternative names of `key:value` words. Raises Failure."""
    strict = shell.world.refuses("cms_csr_attributes")
    given: dict[str, str] = {}
    for word in arguments:
        key, colon, value = word.partition(":")
        if strict and (not colon or not value or key not in (*ATTRIBUTES, NAMES, "challengePassword")):
            raise shell.refuse(f"unrecognised attribute {key}")
        given[key] = value
    if strict and not given.get("CN"):
        raise shell.refuse("CN must be given")
    names = [name for name in given.get(NAMES, "").split(",") if name]
    try:
        subject = c509.Name([c509.NameAttribute(oid, given[key]) for key, oid in ATTRIBUTES.items() if given.get(key)])
        x509.names_extension(names)
    except ValueError as error:
        raise shell.refuse(f"bad attribute: {error}") from error
    return subject, names


def _base(shell: Shell, name: str) -> str:
    """Raises Failure."""
    if (not files.NAME.fullmatch(name) or "." in name) and shell.world.refuses("cms_pki_name"):
        raise shell.refuse(f"bad file name {name}")
    return name


async def _new_key(shell: Shell, base: str) -> str:
    """Make a key and keep it as BASE.key. Raises Failure."""
    if f"{base}.key" in shell.server.files and shell.world.variant("cms_csr_existing") == "refused":
        raise shell.refuse(f"file {base}.key already exists")
    key = shell.world.keys.rsa()
    shell.server.files[f"{base}.key"] = load_key(key).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    shell.say("." * 14)
    shell.say("." * 6)
    return key


@command("pki csr", "<key/cert basename> <CN:value> [OU:<value>] [O:<value>] [ST:<value>] [C:<value>] [subjectAltName:<value>]", writes=True, least=1, most=12)
async def csr(shell: Shell, arguments: list[str]) -> None:
    """A key and a request."""
    base = _base(shell, arguments[0])
    subject, names = _subject(shell, arguments[1:])
    key = await _new_key(shell, base)
    builder = c509.CertificateSigningRequestBuilder().subject_name(subject)
    if names:
        builder = builder.add_extension(x509.names_extension(names), critical=False)
    if shell.world.variant("cms_csr_usage") == "both":
        builder = builder.add_extension(c509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    shell.server.files[f"{base}.csr"] = x509.to_pem(builder.sign(load_key(key), hashes.SHA256())).encode()
    shell.say(f"Created key file {base}.key and CSR {base}.csr")
    shell.say(f"CSR file {base}.csr ready for download via SFTP")


@command("pki selfsigned", "<key/cert basename> [<attribute>:<value>]", writes=True, least=1, most=12)
async def selfsigned(shell: Shell, arguments: list[str]) -> None:
    """A key and a self-signed certificate."""
    base = _base(shell, arguments[0])
    subject, names = _subject(shell, arguments[1:] or [f"CN:{shell.server.hostname}"])
    key = await _new_key(shell, base)
    start = shell.world.clock.now() - datetime.timedelta(minutes=1)
    shell.server.files[f"{base}.crt"] = x509.self_signed("meeting_server", subject, key, start, names, 365).encode()
    shell.say(f"Created key file {base}.key and certificate {base}.crt")


@command("pki match", "<key> <certificate>", least=2)
async def match(shell: Shell, arguments: list[str]) -> None:
    """Whether a key is a certificate's."""
    try:
        same = files.pair(content(shell, arguments[0]), content(shell, arguments[1]))
    except BadFile as problem:
        raise shell.refuse(str(problem)) from problem
    shell.check([(same, "Key and certificate pair match" if same else "Key and certificate pair do not match")])


@command("pki verify", "<cert> <cert bundle/CA cert> [<CA cert>]", least=2, most=3)
async def verify(shell: Shell, arguments: list[str]) -> None:
    """Whether a certificate leads to a bundle."""
    try:
        leaf, *more = files.certificates(content(shell, arguments[0]))
        others = [one for name in arguments[1:] for one in files.certificates(content(shell, name))]
    except BadFile as problem:
        raise shell.refuse(str(problem)) from problem
    holds = files.verifies(leaf, (*more, *others), to_root=False)
    shell.check([(holds, "certificate verified OK" if holds else "certificate not verified")])


@command("pki inspect", "<filename>", least=1)
async def inspect(shell: Shell, arguments: list[str]) -> None:
    """What a file is (layout ours)."""
    shell.say("Checking ssh public keys...not found")
    name = arguments[0]
    shell.say(f"Checking user configured certificates and keys...{'found' if name in shell.server.files else 'not found'}")
    if name not in shell.server.files:
        return
    what = shell.server.files[name]
    kind = files.kind(what)
    form = "PEM" if b"-----BEGIN" in what else "DER"
    shell.say({"key": f"File contains a {form} encoded private key", "locked key": f"File contains a {form} encoded private key protected by a password",
               "request": "File contains a PEM encoded certificate signing request", "certificate": f"File contains a {form} encoded certificate",
               "unknown": "Unrecognised file type"}[kind])
    if kind == "request":
        _named(shell, c509.load_pem_x509_csr(what))
    elif kind == "certificate":
        for one in files.certificates(what):
            shell.say(f"Certificate:\n    Serial Number: {one.serial_number:x}\n    Issuer: {one.issuer.rfc4514_string()}")
            shell.say(f"    Not Before: {one.not_valid_before_utc:%b %d %H:%M:%S %Y GMT}\n    Not After : {one.not_valid_after_utc:%b %d %H:%M:%S %Y GMT}")
            _named(shell, one)


def _named(shell: Shell, what: c509.Certificate | c509.CertificateSigningRequest) -> None:
    shell.say(f"    Subject: {what.subject.rfc4514_string()}")
    try:
        names = what.extensions.get_extension_for_class(c509.SubjectAlternativeName).value
    except c509.ExtensionNotFound:
        return
    shell.say("    X509v3 Subject Alternative Name: " + ", ".join(f"DNS:{name}" for name in names.get_values_for_type(c509.DNSName)))


@command("pki unlock", "<key>", writes=True, least=1)
async def unlock(shell: Shell, arguments: list[str]) -> None:
    """Take the password off a key."""
    what = content(shell, arguments[0])
    password = await shell.secret("Please enter password: ")
    try:
        key = serialization.load_pem_private_key(what, password.encode())
    except (TypeError, ValueError) as error:
        raise shell.refuse("could not unlock the key") from error
    shell.server.files[arguments[0]] = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    shell.check([(True, "Key unlocked")])


@command("pki pkcs12-to-ssh", "<username>", writes=True, least=1)
async def pkcs12_to_ssh(shell: Shell, arguments: list[str]) -> None:
    """Make an SSH login key of an account from USERNAME.pub: nothing to do with a service's certificate (cms.md 1.2)."""
    what = content(shell, f"{arguments[0]}.pub")
    password = await shell.secret("Password: ")
    try:
        pkcs12.load_key_and_certificates(what, password.encode() or None)
    except ValueError as error:
        raise shell.refuse("the file is no PKCS#12 that this password opens") from error
    shell.server.files[f"{arguments[0]}.pub"] = what
    shell.check([(True, "ssh key created")])


@command("rm", "<filename>", writes=True, least=1)
async def remove(shell: Shell, arguments: list[str]) -> None:
    """Delete a file."""
    content(shell, arguments[0])
    del shell.server.files[arguments[0]]
