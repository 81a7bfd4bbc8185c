# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed with a CA key on the control node."""

from __future__ import annotations

from pathlib import Path

from ansible.errors import AnsibleActionFail

from ...pki import ca
from ...pki.pem import read_certificate
from .. import reading
from .signer import Signer


class Local(Signer):
    """See the module's option method."""

    operation, recorded = "sign", ("ca_certificate",)

    def sign(self, request):
        """Sign, keeping what the request asks for."""
        for name in ("ca_certificate", "ca_key_file"):
            if not self.args[name]:
                raise AnsibleActionFail("%s is needed for method local" % name)
        issuer = read_certificate(self.args["ca_certificate"], "ca_certificate")
        path = Path(self.args["ca_key_file"]).expanduser()
        try:
            data = path.read_bytes()
        except OSError as e:
            raise AnsibleActionFail("ca_key_file: %s cannot be read: %s" % (path, e.strerror)) from None
        key = ca.read_key(data, self.args["ca_key_passphrase"], "ca_key_file (%s)" % path)
        return self.work.take(request, [ca.sign(request, issuer, key, self.args["days"], reading.now(), signs=self.work.signs), issuer])
