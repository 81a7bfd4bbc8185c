# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which interface of a node a certificate is requested and installed: its release and what it offers decide (vos.md 0.1).

From release 14 on the certificate API, where it offers what is wanted. A multi-server request is no command's, so where the API is not there or does
not offer one, OS Administration makes it and takes its certificate; for one node alone the command line does.
"""

from __future__ import annotations

import re

from ..errors import NodeError
from ..pki.holdings import key
from ..pki.holdings import multi_server_word
from ..pki.pem import fingerprint
from ..pki.pem import to_pem
from .reading import has_api
from .reading import read_node
from .reading import release_of

CERTMGR, CLI, OS_ADMIN = "certmgr", "vos_cli", "os_admin"
THIS_SERVER = "this-server"
# What a command makes without being asked: `set csr gen` has no options (vos.md 1.1).
PLAIN = {"key_length": 2048, "hash": "sha256"}
OU = {"prompt": r"Include OU in CSR.*\?", "answer": "no"}


def distribution_of(node, multi):
    """The node's own word for a distribution in its certificate API, or None where it has no API, or one that does not offer it (or does not say)."""
    if not has_api(release_of(node)):
        return None
    if not multi:
        return THIS_SERVER
    try:
        return multi_server_word(node.ask("certmgr", "options"))
    except NodeError as e:
        if (e.detail or {}).get("status") not in (400, 404, 405, 501):
            raise
        return None


class Way:
    """How one service's certificate is requested and installed on one node. name: CERTMGR, CLI or OS_ADMIN."""

    def __init__(self, node, service, multi, held, wanted=None):
        """held: Holdings of the node, for its spelling of names; wanted: of the request (None: a certificate is to be installed)."""
        self.node, self.multi, self.wanted = node, multi, wanted
        self.service = held.spelling.get(key(service), service)
        self.distribution = distribution_of(node, multi)
        plain = wanted is None or not wanted["more_names"] and not wanted["exact_name"] and all(wanted[k] == v for k, v in PLAIN.items())
        self.name = CERTMGR if self.distribution else CLI if plain and not multi else OS_ADMIN

    @property
    def request_operation(self):
        """(operation, arguments) of the request, as reported."""
        if self.name == CERTMGR:
            return "POST /csr", self._body()
        if self.name == CLI:
            return "set csr gen %s" % self.service, {}
        return "Generate CSR", self._form()

    @property
    def upload_operation(self):
        """Operation of the upload, as reported."""
        return {CERTMGR: "POST /identity/certificates", CLI: "set cert import own %s" % self.service, OS_ADMIN: "Upload Certificate"}[self.name]

    def see_request(self):
        """Look whether OS Administration has what the request needs, without writing. Raises NodeError with what it shows where it has not."""
        if self.name == OS_ADMIN:
            self.node.ask("os_admin", "generate_csr", **self._form(), dry=True)

    def see_upload(self):
        """The same for the upload."""
        if self.name == OS_ADMIN:
            self.node.ask("os_admin", "upload", purpose=self.service, name="", pem="", dry=True)

    def request(self):
        """Have the request made. What the node said about trouble, if anything; what was made is to be read back."""
        if self.name == CERTMGR:
            self.node.ask("certmgr", "csr", body=self._body())
        elif self.name == CLI:
            self.node.ask("vos_cli", "run", command="set csr gen %s" % self.service, answers=[OU])
        else:
            return self.node.ask("os_admin", "generate_csr", **self._form())["alerts"]
        return ""

    def upload(self, certificates):
        """Install a certificate (list of certificates, the service's own first, then what of its chain goes with it)."""
        if self.name == CERTMGR:
            self.node.ask("certmgr", "upload_identity", service=self.service, certificates=[to_pem(c) for c in certificates])
        elif self.name == CLI:
            self.node.ask("vos_cli", "run", command="set cert import own %s" % self.service, paste=to_pem(certificates[0]))
        else:
            said = self.node.ask("os_admin", "upload", purpose=self.service, name="%s.pem" % self.service, pem="".join(to_pem(c) for c in certificates))
            if said["alerts"] and not self.holds(certificates[0]):
                raise NodeError("refused", "%s: OS Administration says: %s" % (self.node.name, said["alerts"]), said)

    def holds(self, certificate):
        """Whether this certificate is the installed one now."""
        held = read_node(self.node, release_of(self.node), services=[self.service]).identities.get(key(self.service))
        return held is not None and fingerprint(held) == fingerprint(certificate)

    def _body(self):
        names = {"altNames": self.wanted["names"]} if self.wanted["names"] else {}
        return {"service": self.service, "distribution": self.distribution, "commonName": self.wanted["common_name"], "keyType": "rsa",
                "keyLength": self.wanted["key_length"], "hashAlgorithm": self.wanted["hash"], **names}

    def _form(self):
        return {"purpose": self.service, "distribution": None if self.multi else self.node.fqdn,
                "common_name": self.wanted["common_name"] if self.multi or self.wanted["exact_name"] else None, "names": self.wanted["names"],
                "key_length": self.wanted["key_length"], "hash_algorithm": self.wanted["hash"]}


def not_there(error):
    """Why a page cannot be used, where a NodeError says that OS Administration is not there or not as it should be; else None."""
    if (error.detail or {}).get("unexpected") or re.search(r"OS Administration", str(error)) and error.kind == "unreachable":
        return str(error)
    return None
