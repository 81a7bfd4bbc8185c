# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways of having a request signed, by the words of the option method. Each is a Signer (signer.py)."""

from __future__ import annotations

from .acme_dns import AcmeDns
from .adcs import Adcs
from .folder import Folder
from .local import Local
from .vault import Vault

SIGNERS = {"adcs": Adcs, "vault": Vault, "acme_dns": AcmeDns, "local": Local, "folder": Folder}
