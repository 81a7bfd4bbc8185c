# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a router holds of keys and certificates, by its DER, and the words of its dialogues. Source: ios.md 1 and the transcripts."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from dataclasses import field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ..pki.pem import PemError
from ..pki.pem import find_certificates
from ..pki.pem import find_request
from ..pki.pem import public_key_bytes
from ..pki.pem import read_request
from ..pki.pem import to_pem
from .config import CERTIFICATE_CHAIN
from .config import HEX

# Made by the factory or by the router itself; never touched.
FACTORY = re.compile(r"TP-self-signed-.*|SLA-TrustPoint|CISCO_IDEVID_.*|Trustpool\d*|DNAC-CA|sdn-network-infra-iwan", re.IGNORECASE)
KEY_NAME = re.compile(r"^ *Key name: *(\S+)", re.MULTILINE | re.IGNORECASE)
KEY_DATA = re.compile(r"^ *Key Data: *\n((?:^[ \t]*(?:[0-9A-F]{2,8}[ \t]*)+\n?)+)", re.MULTILINE | re.IGNORECASE)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@dataclass
class Trustpoint:
    """One trustpoint. authority, identity: certificates or None; lines: of its section; hidden: it has certificates whose bytes are not shown."""

    name: str
    lines: list = field(default_factory=list)
    authority: x509.Certificate | None = None
    identity: x509.Certificate | None = None
    self_signed: bool = False
    hidden: bool = False

    @property
    def label(self):
        """Label of its key pair, or None."""
        return next((line.split()[1] for line in self.lines if line.startswith("rsakeypair ")), None)

    @property
    def factory(self):
        """Whether it is not ours to touch."""
        return FACTORY.fullmatch(self.name) is not None


def trustpoints(root):
    """{name: Trustpoint} of a running configuration, in its order."""
    found = {}
    for match, section in root.sections(r"crypto (?:pki|ca) trustpoint (\S+)"):
        found[match[1]] = Trustpoint(match[1], [child.line for child in section.children])
    for match, section in root.sections(re.escape(CERTIFICATE_CHAIN) + r" (\S+)"):
        point = found.setdefault(match[1], Trustpoint(match[1]))
        for kind, child in section.sections(r"certificate (?:(ca|self-signed|rollover|ra-general|ra-sign|ra-encrypt)\b ?)?(?:(?!nvram:)\S+)?( nvram:\S+)?"):
            certificate = _certificate("".join(line.line for line in child.children if HEX.fullmatch(line.line)))
            if certificate is None:
                point.hidden = True
            elif kind[1] == "ca":
                point.authority = certificate
            elif kind[1] in (None, "self-signed"):
                point.identity, point.self_signed = certificate, kind[1] == "self-signed"
    return found


def _certificate(text):
    try:
        return x509.load_der_x509_certificate(bytes.fromhex(text)) if text else None
    except ValueError:
        return None


def uncover(points, listing):
    """Fill in what the configuration shows as files in nvram, by `show crypto pki certificates pem`."""
    for name, body in re.findall(r"^-+Trustpoint: (\S+?)-+$(.*?)(?=^-+Trustpoint: |\Z)", listing.replace("\r", ""), re.MULTILINE | re.DOTALL):
        for kind, pem in re.findall(r"^% (.*?)[Cc]ertificate:?\s*$(.*?-----END CERTIFICATE-----)", body, re.MULTILINE | re.DOTALL):
            held = find_certificates(pem)
            if name in points and held:
                _fill(points[name], kind, held[0])


def uncover_by_fingerprint(points, listing, candidates):
    """The same where a router does not show bytes: by `show crypto pki certificates verbose`, whose fingerprints tell which of the certificates known here
    (candidates) it holds."""
    known = {one.fingerprint(hashes.SHA1()).hex().upper(): one for one in candidates}
    for kind, body in re.findall(r"^((?:\S[^\n]* )?)[Cc]ertificate[ \t]*\n((?:[ \t][^\n]*\n?|\n)*)", listing.replace("\r", ""), re.MULTILINE):
        digest, names = re.search(r"Fingerprint SHA1: *([0-9A-F ]+)", body), re.search(r"Associated Trustpoints: *(.*)", body)
        certificate = known.get("".join(digest[1].split())) if digest else None
        for name in names[1].split() if names and certificate is not None else ():
            if name in points:
                _fill(points[name], kind, certificate)


def _fill(point, kind, certificate):
    if kind.strip() == "CA":
        point.authority = point.authority or certificate
    elif "self" not in kind.lower():
        point.identity = point.identity or certificate


def key_pairs(text):
    """{label: public key} of `show crypto key mypubkey rsa`; by its bytes, since not every release writes the size.

    None for a label whose bytes cannot be read: it is taken, and a pair generated under it would replace what is there.
    """
    _before, *blocks = KEY_NAME.split(text.replace("\r", ""))
    return {label: _public_key(KEY_DATA.search(block)) for label, block in zip(blocks[::2], blocks[1::2])}


def _public_key(data):
    try:
        key = load_der_public_key(bytes.fromhex("".join(data[1].split()))) if data else None
    except ValueError:
        return None
    return key if isinstance(key, rsa.RSAPublicKey) else None


def belongs(certificate, key):
    """Whether a certificate (or request) is about a key of the router."""
    return key is not None and public_key_bytes(certificate) == public_key_bytes(_Holder(key))


class _Holder:
    """A public key where a certificate is expected."""

    def __init__(self, key):
        self.key = key

    def public_key(self):
        """The key."""
        return self.key


# -- dialogues -------------------------------------------------------------------------------------------------------
NEVER = r"(?!)"


def generate(label, bits):
    """Step: a key pair under a label that is not there. If it is there after all, the answer is no."""
    refuse = {"prompt": r"replace them", "answer": "no", "needs": NEVER, "otherwise": "no", "mismatch": "a key pair of that name is there already; it was kept"}
    return {"line": "crypto key generate rsa general-keys label %s modulus %d" % (label, bits), "answers": [refuse]}


def authenticate(name, certificate):
    """Step: a CA certificate into a trustpoint. "yes" only to the fingerprint that we computed; some releases do not ask (ios.md 1.3)."""
    sha1 = certificate.fingerprint(hashes.SHA1()).hex().upper()
    spaced = r"\s*".join(sha1[i:i + 8] for i in range(0, 40, 8))
    accept = {"prompt": r"accept this certificate", "answer": "yes", "needs": r"Fingerprint SHA1:\s*" + spaced, "otherwise": "no",
              "mismatch": "the router shows another fingerprint than that of the certificate given (SHA1 %s); it was not accepted" % sha1}
    return {"line": "crypto pki authenticate %s" % name, "answers": [accept], "paste": to_pem(certificate),
            "success": r"(?i)CA certificate accepted|certificate successfully imported|Certificate validated"}


def enroll(name):
    """Step: a request, without serial number and address (guide, step 4)."""
    answers = [{"prompt": r"include the router serial number", "answer": "no"}, {"prompt": r"include an IP address", "answer": "no"},
               {"prompt": r"Display Certificate Request to terminal", "answer": "yes"}, {"prompt": r"Redisplay enrollment request", "answer": "no"}]
    return {"line": "crypto pki enroll %s" % name, "answers": answers}


def install(name, certificate):
    """Step: the certificate that was issued for the request."""
    return {"line": "crypto pki import %s certificate" % name, "answers": [], "paste": to_pem(certificate),
            "success": r"(?i)Router Certificate successfully imported"}


def remove_trustpoint(name):
    """Step: a trustpoint and its certificates go."""
    return {"line": "no crypto pki trustpoint %s" % name, "answers": [{"prompt": r"Are you sure you want to do this", "answer": "yes"}]}


def remove_key(label):
    """Step: a key pair goes."""
    return {"line": "crypto key zeroize rsa %s" % label, "answers": [{"prompt": r"Do you really want to remove these keys", "answer": "yes"}]}


def request_in(output):
    """The request that an enrolment shows, with or without its armour (ios.md 1.4). PemError where there is none."""
    found = find_request(output)
    if found is not None:
        return found
    body = output.partition("Certificate Request follows:")[2].partition("---End")[0]
    lines = [line.strip() for line in body.split("\n") if re.fullmatch(r"[A-Za-z0-9+/=]+", line.strip())]
    try:
        base64.b64decode("".join(lines), validate=True)
    except ValueError:
        lines = []
    if not lines:
        raise PemError("the enrolment shows no request: %s" % " ".join(output.split())[-300:])
    return read_request("-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n" % "\n".join(lines), "the request of the enrolment")
