# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that clusters call by name and that are no devices of ours: where the control node reaches them."""
from __future__ import annotations

from .device_action import HostVariables


def address_of(action, group, name, port):
    """(address, port) to dial for a server called `name` by the clusters: ansible_host where a host of the group goes by that name, else the name
    itself; the host's collab_https_port in the place of 443, since that is the same port as it is reached from here."""
    wanted = str(name).lower().rstrip(".")
    for host in action.task_vars["groups"].get(group, ()):
        variables = HostVariables(action.variables_of(str(host)), action._loader)
        if wanted in (str(variables.get("collab_fqdn", host)).lower().rstrip("."), str(host).lower()):
            return str(variables.get("ansible_host") or name), int(variables.get("collab_https_port", port) if port == 443 else port)
    return str(name), port
