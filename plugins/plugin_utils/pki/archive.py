# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the CA issued, kept on the control node from the moment it is known, so that a run that ends early asks for nothing twice.

Under <workspace>/<cluster>/, for each name (the certificate's service, e.g. tomcat):

    NAME.pem           the issued certificate, then its chain
    NAME.json          how it was asked for: {"key": SHA-256 of the request's public key, "how": {method, template, ...}, "state":
                       "submitting" | "pending" | "issued", "request_id": N or null}
    NAME.answer.json   the CA's answer, written by the session broker as it arrives; counts as long as NAME.json says "submitting"

Nothing here is secret, but all of it is written 0600 in directories 0700, whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

from ..files import write_atomic
from ..files import write_json
from .pem import public_key_bytes
from .pem import read_certificates
from .pem import to_pem

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ArchiveError(Exception):
    """A file of the archive cannot be used; the text names it and says what to do."""


def key_id(thing):
    """The public key of a request or certificate as SHA-256 in hex: which request an entry belongs to."""
    return hashlib.sha256(public_key_bytes(thing)).hexdigest()


class Archive:
    """The entries of one cluster's certificate of one name."""

    def __init__(self, workspace, cluster, name):
        if not NAME.fullmatch(name):
            raise ArchiveError("name: '%s' cannot be part of a file's name; use letters, digits, '-', '_' and '.'" % name)
        self.folder, self.name = Path(workspace) / cluster, name
        self.pem, self.record, self.answer = (self.folder / (name + end) for end in (".pem", ".json", ".answer.json"))

    def load(self, request):
        """The entry for this very request as a dict (key, how, state, request_id; answer: certificates that came when nobody was left to take them), or
        None: there is none, or it is another request's."""
        entry = self._json(self.record)
        if entry is None or entry.get("key") != key_id(request):
            return None
        if entry["state"] == "submitting" and (answer := self._json(self.answer)):
            if "certificates" in answer:                        # a CA that answers with the certificate itself
                entry["answer"] = answer["certificates"]
            else:
                entry.update(state="pending", request_id=answer.get("request_id"))  # what became of it, the CA says when asked
        if entry["state"] == "issued" and not self.pem.exists():
            entry["state"] = "pending" if entry.get("request_id") else "submitting"
        return entry

    def submitting(self, request, how):
        """Before the CA is asked: from now on a lost answer is known to be lost."""
        if self.pem.exists():
            os.replace(self.pem, self.folder / (self.name + ".previous.pem"))
        self.answer.unlink(missing_ok=True)
        self._write({"key": key_id(request), "how": how, "state": "submitting", "request_id": None})

    def pending(self, request, how, request_id):
        """The CA has taken the request under this number."""
        self._write({"key": key_id(request), "how": how, "state": "pending", "request_id": request_id})

    def issued(self, request, how, certificate, chain, request_id=None):
        """The CA has issued. The certificate is written before the record that says so."""
        write_atomic(self.pem, to_pem(certificate) + "".join(to_pem(c) for c in chain))
        self._write({"key": key_id(request), "how": how, "state": "issued", "request_id": request_id})
        self.answer.unlink(missing_ok=True)

    def certificates(self):
        """[certificate, *chain] of NAME.pem. PemError when somebody damaged the file."""
        return read_certificates(self.pem.read_bytes(), str(self.pem))

    def forget(self):
        """Drop the entry: the next run asks the CA anew. The certificate stays as NAME.previous.pem."""
        if self.pem.exists():
            os.replace(self.pem, self.folder / (self.name + ".previous.pem"))
        for path in (self.record, self.answer):
            path.unlink(missing_ok=True)

    def _write(self, entry):
        write_json(self.record, entry)

    def _json(self, path):
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(value, dict):
                raise ValueError("not an object")
            return value
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as e:
            raise ArchiveError("%s cannot be read (%s); delete it to have the request signed anew" % (path, e)) from None
