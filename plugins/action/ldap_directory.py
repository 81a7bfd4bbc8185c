# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP directories over TLS, once every server has proven itself."""
from __future__ import annotations

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.ldap_steps import Switch
from ansible_collections.collab.security.plugins.plugin_utils.ldap_steps import dirsync
from ansible_collections.collab.security.plugins.plugin_utils.resources.ldap import AUTHENTICATION
from ansible_collections.collab.security.plugins.plugin_utils.resources.ldap import BadLdap


class ActionModule(DeviceAction, module="collab.security.ldap_directory"):
    """Reads, proves the servers, switches what is proven and granted."""

    def apply(self, args, check):
        """Returns the Report; nothing is written in check mode."""
        def select(agreements):
            known = [name for name in agreements if name != AUTHENTICATION]
            unknown = [name for name in args["directories"] or () if name not in known]
            if unknown:
                raise BadLdap("directories: the cluster has no LDAP directory called %s; it has %s. Nothing was written." % (
                    ", ".join(repr(name) for name in unknown), ", ".join(known) or "none"))
            if known:
                dirsync(self)
            return [name for name in known if args["directories"] is None or name in args["directories"]]

        return Switch(self, args, check).run(select)
