# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A router behind the channel's surface: sections, real keys and certificates, the PKI commands. And the action that works on it."""
from __future__ import annotations

import base64
import re
import textwrap
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

DER = serialization.Encoding.DER


class FakeRouter:
    """Answers show, configure and save. sections: {(header, ...): [lines]}; keys, authorities, identities by label or trustpoint."""

    forgets_names = wants_pin = False               # wants_pin: a CA certificate needs its fingerprint in the trustpoint
    name, host, fqdn, roles = "us-cube1", "10.20.0.1", "us-cube1.ent-pa.com", ["cube"]

    def __init__(self, configuration="version 15.7\nhostname us-cube1\n", bits=2048):
        self.sections, self.keys, self.authorities, self.identities, self.requests = {(): []}, {}, {}, {}, {}
        self.bits, self.entered, self.asked, self.saved, self.refuse = bits, [], [], 0, {}
        self.pem, self.alt_name_lines = False, False                        # the second: several `subject-alt-name` stand beside each other
        path = []
        for line in configuration.splitlines():
            if line.strip("! "):
                depth = len(line) - len(line.lstrip())
                path = path[:depth]
                self.sections.setdefault(tuple(path), []).append(line.strip())
                path.append(line.strip())

    def option(self, name):
        """Of the connection."""
        return None

    # -- the channel's surface ----------------------------------------------------------------------------------------
    def ask(self, channel, op, **args):
        """One request."""
        assert channel == "ios_cli"
        self.asked.append(args.get("command", op))
        return getattr(self, op)(**args)

    def show(self, command, age=0):
        """What a show command gives."""
        return {"output": self.running() + "end" if command == "show running-config" else "".join(self._key(*pair) for pair in self.keys.items())}

    def save(self):
        """Write memory."""
        self.saved += 1
        return {"output": "[OK]"}

    def configure(self, steps, guard=None):
        """Enter lines, each with what it asks."""
        path, outputs, done = (), [], []
        for step in steps:
            line = step["line"]
            if line in self.refuse:
                raise NodeError("refused", "'%s' was refused: %s" % (line, self.refuse.pop(line)), {"done": done, "output": ""})
            self.entered.append(line)
            outputs.append(self._pki(line, step))
            if outputs[-1] is None:
                path = self._line(path, line)
                outputs[-1] = ""
            done.append(line)
        return {"outputs": outputs, "guarded": False}

    # -- configuration lines -------------------------------------------------------------------------------------------
    def _line(self, path, line):
        if line == "exit":
            return path[:-1]
        lines = self.sections.setdefault(path, [])
        if line.startswith("no "):
            lines[:] = [one for one in lines if one != line[3:]]
            return path
        if re.match(r"(crypto pki trustpoint|sip-ua|voice service|voice class|dial-peer|sip$|credentials|ip address trusted list)", line):
            if line not in lines:
                lines.append(line)
            return (*path, line)
        word = line.split()[0] if path and path[0].startswith("crypto pki trustpoint") else line
        word = line if word == "subject-alt-name" and self.alt_name_lines else word
        lines[:] = [one for one in lines if one.split()[0] != word and one not in (line, "no " + line)]
        lines.append(line)
        return path

    def running(self, path=(), depth=0):
        """The configuration as text."""
        out = ""
        for line in self.sections.get(path, []):
            out += " " * depth + line + "\n" + self.running((*path, line), depth + 1)
        if path == ():
            for name in {*self.authorities, *self.identities}:
                out += "crypto pki certificate chain %s\n" % name
                for kind, held in (("", self.identities.get(name)), ("ca ", self.authorities.get(name))):
                    if held is not None:
                        code = held.public_bytes(DER).hex().upper()
                        out += " certificate %s%X\n" % (kind, held.serial_number) + groups(code) + "  \tquit\n"
        return out

    @staticmethod
    def _key(label, key):
        code = key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo).hex().upper()
        return "%% Key pair was generated at: 16:38:25 UTC Aug 26 2021\nKey name: %s\nKey type: RSA KEYS\n Storage Device: private-config\n" \
               " Usage: General Purpose Key\n Key is not exportable. Redundancy enabled.\n Key Data:\n%s" % (label, groups(code))

    # -- PKI ---------------------------------------------------------------------------------------------------------------
    def _pki(self, line, step):
        generate = re.fullmatch(r"crypto key generate rsa general-keys label (\S+) modulus (\d+)", line)
        if generate:
            assert generate[1] not in self.keys, "a key pair was replaced"
            self.keys[generate[1]] = rsa.generate_private_key(65537, self.bits)
            return "[OK]"
        verb = re.fullmatch(r"(no )?crypto pki (authenticate|enroll|import|trustpoint) (\S+)( certificate)?", line)
        if verb and verb[2] == "authenticate":
            assert verb[3] not in self.authorities
            certificate = x509.load_pem_x509_certificate(step["paste"].encode())
            if self.wants_pin and self._of(verb[3]).get("fingerprint") != certificate.fingerprint(hashes.SHA1()).hex().upper():
                raise NodeError("refused", "'%s' was refused" % line, {"output": "Trustpoint fingerprint must be supplied.\nAbort."})
            self.authorities[verb[3]] = certificate
            return "Trustpoint CA certificate accepted."
        if verb and verb[2] == "enroll":
            return self._enroll(verb[3])
        if verb and verb[2] == "import":
            return self._import(verb[3], step)
        if verb and verb[1]:
            for held in (self.authorities, self.identities):
                held.pop(verb[3], None)
            self.sections[()].remove("crypto pki trustpoint %s" % verb[3])
            self.sections.pop(("crypto pki trustpoint %s" % verb[3],), None)
            return ""
        zeroize = re.fullmatch(r"crypto key zeroize rsa (\S+)", line)
        if zeroize:
            del self.keys[zeroize[1]]
            return ""
        return None

    def _of(self, name):
        lines = self.sections["crypto pki trustpoint %s" % name,]
        return {line.split()[0]: line.partition(" ")[2] for line in lines}

    def _enroll(self, name):
        words = self._of(name)
        key = self.keys[words["rsakeypair"]]
        subject = x509.Name.from_rfc4514_string(words["subject-name"])
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        names = [line.partition(" ")[2] for line in self.sections["crypto pki trustpoint %s" % name,] if line.startswith("subject-alt-name ")]
        names = names if self.alt_name_lines else [one for line in names for one in line.split(",")]
        if names and not self.forgets_names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), False)
        request = builder.sign(key, hashes.SHA256())
        self.requests[name] = request
        if self.pem:
            return "Certificate Request follows:\n\n%s\n---End - This line not part of the certificate request---\n" % (
                request.public_bytes(serialization.Encoding.PEM).decode())
        return "Certificate Request follows:\n\n%s\n\n---End - This line not part of the certificate request---\n" % (
            "\n".join(textwrap.wrap(base64.b64encode(request.public_bytes(DER)).decode(), 64)))

    def _import(self, name, step):
        certificate = x509.load_pem_x509_certificate(step["paste"].encode())
        if name not in self.requests or certificate.public_key() != self.keys[self._of(name)["rsakeypair"]].public_key():
            raise NodeError("refused", "'%s' was refused: %% Failed to parse or verify imported certificate" % step["line"], {"output": ""})
        self.identities[name] = certificate
        del self.requests[name]
        return "% Router Certificate successfully imported"


def groups(code):
    """Hexadecimal code in groups of eight, eight in a line, as routers show it."""
    words = [code[i:i + 8] for i in range(0, len(code), 8)]
    return "".join("  %s \n" % " ".join(words[i:i + 8]) for i in range(0, len(words), 8))


class FakeAction:
    """What an action gives to the code under it."""

    where = "us-cube1"
    cluster = "us_cube"

    def __init__(self, router, workspace):
        self.node, self.report, self.workspace, self.task_vars = router, Report(), Path(workspace), {"groups": {}}

    def poll(self, what, check_fn, timeout):
        """Ask once."""
        assert check_fn(), what
