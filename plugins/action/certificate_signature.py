# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request signed by the enterprise CA."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.certificates.signature import CertificateSignature
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.device_action import HostVariables


class ActionModule(DeviceAction, module="collab.security.certificate_signature", secrets=("password", "ca_key_passphrase")):
    """Asks the CA once, keeps and checks what it issued."""

    derives = ("request_key",)

    def apply(self, args, check):
        """Returns the report; nothing is asked of the CA but what became of an earlier request in check mode."""
        return CertificateSignature(self, args).apply(check)

    def host_variables(self, name):
        """Variables of a host that is no device: a certificate authority has an address and a name, but no connection of ours."""
        return HostVariables(self.variables_of(name), self._loader)
