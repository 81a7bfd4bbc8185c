# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes that show what the cluster and its far ends serve."""

from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.certificates.verification import TlsVerification
from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.expressway.verification import ExpresswayVerification
from ansible_collections.collab.security.plugins.plugin_utils.ios.far_end import PRODUCT as ROUTER
from ansible_collections.collab.security.plugins.plugin_utils.ios.verification import RouterVerification
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import EXPRESSWAY_C
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import EXPRESSWAY_E
from ansible_collections.collab.security.plugins.plugin_utils.pki.products import product_of

KINDS = {EXPRESSWAY_C: ExpresswayVerification, EXPRESSWAY_E: ExpresswayVerification, ROUTER: RouterVerification}


class ActionModule(DeviceAction, module="collab.security.tls_verification", secrets=("client_key_passphrase",)):
    """Only reads."""

    def apply(self, args, check):
        """Returns the report; check mode makes no difference."""
        product = product_of(self.node)
        public = self.node.option("public_ca_file") if product == EXPRESSWAY_E else None
        args["ca_file"] = args["ca_file"] or public or self.node.option("ca_file")
        return KINDS.get(product, TlsVerification)(self, args).apply()
