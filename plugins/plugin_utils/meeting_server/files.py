# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate, its key and its chain as files on every node of a Meeting Server cluster: found by content, put by SFTP, read back.

A file that is there is never overwritten, so that whatever a service uses stays as it is until it is told to use something else.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible.errors import AnsibleActionFail

from ..pki.facts import short
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes
from .reading import public_half
from .wanted import bundle

CA_NAME = "enterpriseCA"


@dataclass
class Names:
    """How one node calls the files. base: what new ones begin with; each other "" where it is not there."""

    base: str
    key: str
    certificate: str
    full: str
    ca: str


class Files:
    """The files of one certificate. servers: {name: Server}; chain: [issuer, ..., root]."""

    def __init__(self, report, servers, certificate, chain, step):
        self.report, self.servers, self.certificate, self.chain, self.step = report, servers, certificate, chain, step
        self.tag = "".join(fingerprint(certificate).split(":")[:4]).lower()
        self.ca_tag = "".join(fingerprint(chain[0]).split(":")[:4]).lower()
        self.source, self.secret = None, None
        self.names = {}

    def find(self):
        """Find out how each node calls them. AnsibleActionFail where no node has the key."""
        held = {name: self._key_there(server) for name, server in self.servers.items()}
        if not all(held.values()):
            self._fetch(held)
        for name, server in self.servers.items():
            self.names[name] = Names(self._base(server), held[name] or "", server.file_of([self.certificate]) or "",
                                     server.file_of([self.certificate, *self.chain]) or "", server.file_of(self.chain, ordered=False) or "")
        return self.names

    def _key_there(self, server):
        used = server.used_keys(self.certificate)
        return used[0] if used else server.key_of(self.certificate)[0]

    def _fetch(self, held):
        """The key's bytes from a node that has it."""
        for name, key in held.items():
            data = self.servers[name].get(key) if key else None
            if data and public_half(data) == public_key_bytes(self.certificate):
                self.source, self.secret = (name, key), data
                return
        raise AnsibleActionFail("no node has the private key of %s: the certificate cannot be used. Delete it from collab_workspace and the nodes, or "
                                "bring the key back, then run again" % short(self.certificate))

    def _base(self, server):
        """What the files' names begin with on a node: as where the key came from, unless something else has such a name there."""
        base = self.source[1].rpartition(".")[0] if self.source else self.tag
        parts = {base + end: content for end, content in self._contents().items()}
        for name, content in parts.items():
            if name in server.names and (content is None or server.file_of(content) != name) and not (
                    self.source and (server.node.name, name) == self.source):
                return "%s-%s" % (base, self.tag)
        return base

    def _contents(self):
        return {".key": None, ".cer": [self.certificate], "-fullchain.cer": [self.certificate, *self.chain]}

    def lacking(self, full):
        """{node: {file name: bytes}} of what has to be put. full: names of the nodes on which a file with the whole chain is needed."""
        out = {}
        for name, names in self.names.items():
            puts, server = {}, self.servers[name]
            if not names.key:
                names.key = names.base + ".key"
                puts[names.key] = self.secret
            if not names.certificate:
                names.certificate = names.base + ".cer"
                puts[names.certificate] = bundle([self.certificate])
            if name in full and not names.full:
                names.full = names.base + "-fullchain.cer"
                puts[names.full] = bundle([self.certificate, *self.chain])
            if not names.ca:
                names.ca = CA_NAME + ".cer" if CA_NAME + ".cer" not in server.names else "%s-%s.cer" % (CA_NAME, self.ca_tag)
                puts[names.ca] = bundle(self.chain)
            if puts:
                out[name] = puts
        return out

    def put(self, lacking):
        """Write them and read each back. AnsibleActionFail where one is not as it was written; what is in service has not been touched."""
        for name, puts in lacking.items():
            server = self.servers[name]
            for file, data in puts.items():
                server.node.ask("cms_sftp", "put", name=file, data=data)
                if server.get(file) != data:
                    raise AnsibleActionFail("%s: %s is not there as it was written. What is in service was not touched; run this again" % (name, file))
            server.read_files()

    def describe(self, lacking):
        """What is put, into the report; contents stay out of it."""
        for name, puts in lacking.items():
            self.report.finding("files-missing", "medium", name, "it lacks files of %s: %s" % (short(self.certificate), ", ".join(puts)), step=self.step)
            for file in puts:
                self.report.operation(name, "cms_sftp", "put", file)
            self.report.before.setdefault(name, {})["files"] = []
            self.report.after.setdefault(name, {})["files"] = sorted(puts)
