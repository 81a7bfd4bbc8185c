# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Meeting Server holds: its release, its services, its files. Certificates are read as bytes and compared by fingerprint; names say nothing."""

from __future__ import annotations

import re

from ansible.errors import AnsibleActionFail
from cryptography.hazmat.primitives import serialization

from ..pki.pem import PemError
from ..pki.pem import find_certificates
from ..pki.pem import find_request
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes
from ..pki.pem import read_certificates
from .database_status import DatabaseStatus
from .services import Status
from .services import of_release

CERTIFICATE_FILES = (".cer", ".crt", ".pem")
NAME = re.compile(r"^[ \t]*([A-Za-z0-9][A-Za-z0-9_-]*\.[A-Za-z0-9]+)[ \t\r]*$", re.MULTILINE)


def say(node, command, answers=()):
    """One command that changes something; its output. NodeError "refused" for every FAILURE."""
    return node.ask("mmp", "run", command=command, answers=list(answers))["output"]


def show(node, command):
    """One command that only shows something."""
    return node.ask("mmp", "run", command=command, reading=True)["output"]


def release_of(node):
    """(major, minor) of a node's release, by its command `version`; by collab_release where that says nothing that can be read."""
    for text in (show(node, "version"), str(node.variables.get("collab_release") or "")):
        found = re.search(r"(\d+)\.(\d+)", text)
        if found:
            return int(found[1]), int(found[2])
    raise AnsibleActionFail("%s: the release cannot be read from 'version', and collab_release is not set (2.9 or 3.8, for example)" % node.name)


class Server:
    """One node as read: release, statuses {service name: Status}, names of its files, certificates {file: [certificates]}."""

    def __init__(self, node):
        self.node, self.release = node, release_of(node)
        self.services = of_release(self.release)
        self.statuses = {service.name: Status(service, show(node, service.name)) for service in self.services if self.has(service)}
        self.database = DatabaseStatus(show(node, "database cluster status"))
        self.names, self.certificates, self.requests = [], {}, {}
        self.read_files()

    def has(self, service):
        """Whether the inventory says that the node has a service."""
        return service.role is None or service.role in self.node.roles

    def read_files(self):
        """Read which files there are (pki list), and every certificate and request among them; keys stay where they are."""
        self.names = NAME.findall(show(self.node, "pki list"))
        self.certificates, self.requests = {}, {}
        for name in self.names:
            if name.lower().endswith(CERTIFICATE_FILES):
                found = self.certificates_of(name)
                if found:
                    self.certificates[name] = found
            elif name.lower().endswith(".csr"):
                try:
                    self.requests[name] = find_request((self.get(name) or b"").decode(errors="replace"))
                except PemError:
                    continue                                    # a request that cannot be read is nobody's
        self.requests = {name: request for name, request in self.requests.items() if request is not None}

    def get(self, name):
        """A file's bytes, None where it is not there."""
        return self.node.ask("cms_sftp", "get", name=name)["data"]

    def certificates_of(self, name):
        """The certificates in a file, whatever stands around them; [] where it holds none."""
        data = self.get(name) or b""
        if data[:1] != b"\x30":
            return find_certificates(data.decode(errors="replace"))
        try:
            return read_certificates(data, name)
        except PemError:
            return []

    def leaf(self, name):
        """The first certificate of a file, or None."""
        return (self.certificates.get(name) or [None])[0]

    def file_of(self, certificates, ordered=True):
        """The name of a file that holds these certificates and no others (ordered: in this order), or None."""
        wanted = [fingerprint(c) for c in certificates]
        for name, found in self.certificates.items():
            prints = [fingerprint(c) for c in found]
            if prints == wanted or (not ordered and sorted(prints) == sorted(wanted)):
                return name
        return None

    def database_files(self):
        """The certificate files that the database's cluster uses."""
        return [name for name in self.database.certificates.values() if name]

    def used_keys(self, certificate):
        """Key files that services use together with this certificate: known to belong to it, for the service took the pair."""
        found = []
        for status in self.statuses.values():
            for slot in status.service.slots:
                key, name, _bundle = status.installed(slot)
                leaf = self.leaf(name)
                if key in self.names and leaf is not None and fingerprint(leaf) == fingerprint(certificate):
                    found.append(key)
        return found

    def has_key_for(self, certificate):
        """Whether a key that should be this certificate's is there, going by names: those of a pair in use, or of one file beside the other."""
        mine = public_key_bytes(certificate)
        stems = {stem(n) for n, r in self.requests.items() if public_key_bytes(r) == mine}
        stems |= {stem(n).removesuffix("-fullchain") for n, found in self.certificates.items() if public_key_bytes(found[0]) == mine}
        return bool(self.used_keys(certificate)) or any(stem(n) in stems for n in self.names if n.lower().endswith(".key"))

    def key_of(self, certificate):
        """(name, bytes) of the private key that belongs to a certificate, or (None, None). Only keys whose name speaks for it are fetched."""
        mine = public_key_bytes(certificate)
        stems = [stem(n) for n, r in self.requests.items() if public_key_bytes(r) == mine]
        stems += [stem(n).removesuffix("-fullchain") for n, found in self.certificates.items() if public_key_bytes(found[0]) == mine]
        names = self.used_keys(certificate) + [n for s in stems for n in self.names if stem(n) == s and n.lower().endswith((".key", ".pem"))]
        for name in dict.fromkeys(names):
            data = self.get(name)
            if data and public_half(data) == mine:
                return name, data
        return None, None


def stem(name):
    """A file's name without its ending."""
    return name.rpartition(".")[0]


def public_half(data):
    """The public key of a private key's PEM, as public_key_bytes gives it; None where it is no key or is encrypted. Says nothing of the key in any error."""
    try:
        key = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError):
        return None
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
