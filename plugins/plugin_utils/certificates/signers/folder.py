# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed by a person, who finds it in a folder and puts the certificate there."""

from __future__ import annotations

import os
from pathlib import Path

from ...files import write_atomic
from ...pki.archive import key_id
from ...pki.pem import public_key_bytes
from ...pki.pem import read_certificates
from ...pki.pem import to_pem
from .signer import Signer

ENDINGS = (".pem", ".cer", ".crt", ".p7b", ".der")


class Folder(Signer):
    """See the module's option method."""

    operation, recorded = "write request", ("folder",)

    def bring(self, request, entry, check):
        """Put the request into the folder, take the certificate from it when a person has put it there."""
        work = self.work
        folder = Path(self.args["folder"] or work.workspace() / work.action.cluster / "to-sign").expanduser().absolute()
        file, text = folder / (work.name + ".csr"), to_pem(request)
        written = file.read_text(encoding="utf-8") if file.exists() else None
        answers = [p for p in (folder / (work.name + end) for end in ENDINGS) if p.exists()]
        if written != text:
            work.describe(key_id(request)[:16], check)
            if written is not None:                             # what lies there answers the request before this one
                answers = self.put_aside(answers, request, check)
            if not check:
                write_atomic(file, text)
        for path in answers:
            leaf, others = work.sort(read_certificates(path.read_bytes(), str(path)), request)
            problems = work.problems(leaf, request, others, str(path))
            if problems:
                work.fail(problems, "Replace %s by the certificate that the CA issues for %s, or delete it" % (path, file))
            if check:
                return work.report
            work.archive.issued(request, self.how, leaf, others)
            return work.use(request, [leaf, *others])
        asked = ("with all its alternative names and for servers; use by clients is not needed" if work.optional
                 else "with a template that keeps its alternative names, key usage and extended key usage")
        work.report.pending("signature-by-hand", work.name, "the request waits to be signed by a person", [
            "Have %s signed by the %s CA, %s." % (file, self.args["authority"], asked),
            "Put the certificate (PEM, DER or PKCS#7, with or without its chain) into the same folder as %s.pem or %s.cer." % (work.name, work.name),
            "Run the playbook again: it checks the certificate and goes on.",
        ], step=work.step)
        return work.report

    def put_aside(self, answers, request, check):
        """Rename what was issued for an earlier request to NAME.previous.*; returns what fits this one."""
        fitting = []
        for path in answers:
            leaf = self.work.sort(read_certificates(path.read_bytes(), str(path)), request)[0]
            if public_key_bytes(leaf) == public_key_bytes(request):
                fitting.append(path)
            elif not check:
                os.replace(path, path.with_name(self.work.name + ".previous" + path.suffix))
        return fitting
