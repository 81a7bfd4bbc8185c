# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA certificates that a module is given, which what it asks for or installs has to chain to."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..pki import checks
from ..pki.pem import PemError
from ..pki.pem import read_certificates
from . import reading


def issuers(texts, where="issuer_certificates (collab_ca_file)", now=None):
    """The certificates in PEM texts; AnsibleActionFail when they are not those of CAs. where: the option; now: of the device, None: the control node's."""
    try:
        found = [c for text in texts for c in read_certificates(text, where)]
    except PemError as e:
        raise AnsibleActionFail(str(e)) from None
    problems = checks.ca_certificates(found, now or reading.now(), where)
    if problems:
        raise AnsibleActionFail(checks.text_of(problems))
    return found
