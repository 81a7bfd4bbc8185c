# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The one condition of SIP OAuth mode whose internal name an administrator has to confirm."""

    DOCUMENTATION = r"""
options:
  oauth_refresh_parameter:
    description:
      - The enterprise parameter OAuth with Refresh Login Flow, on which SIP OAuth mode depends.
      - No public source tells its internal name. Until it is confirmed here, SIP OAuth mode is reported as pending, with the candidates found on the cluster.
      - By default the variable E(collab_oauth_refresh_parameter) of the inventory.
    type: dict
    suboptions:
      name:
        description: Internal name.
        type: str
      confirmed:
        description: Whether an administrator has made sure that O(oauth_refresh_parameter.name) is that parameter.
        type: bool
        default: false
      stored_value:
        description: The value that is stored while the administration page shows Enabled.
        type: str
"""
