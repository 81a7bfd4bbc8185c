"""The SSH host key of an appliance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncssh

if TYPE_CHECKING:
    from lab.core.appliances import Appliance


def ssh_key(appliance: Appliance) -> asyncssh.SSHKey:
    """The SSH host key pair; from the lab's key pool when it is first asked for."""
    state = appliance.state
    if getattr(state, "ssh_host_key", None) is None:
        # Checking an RSA key costs as much as making one; these are our own.
        state.ssh_host_key = asyncssh.import_private_key(appliance.world.keys.rsa(), unsafe_skip_rsa_key_validation=True)
    return state.ssh_host_key
