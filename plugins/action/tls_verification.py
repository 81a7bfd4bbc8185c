# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes that show what the cluster and its far ends serve."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.certificates.verification import TlsVerification
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction


class ActionModule(DeviceAction, module="collab.security.tls_verification", secrets=("client_key_passphrase",)):
    """Only reads."""

    def apply(self, args, check):
        """Returns the report; check mode makes no difference."""
        args["ca_file"] = args["ca_file"] or self.node.option("ca_file")
        return TlsVerification(self, self.var("collab_release"), args).apply()
