# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of roles are checked before the first node is asked: as they stand for the host, defaults included, everything told at once."""
from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.collab.security.plugins.plugin_utils import role_variables
from ansible_collections.collab.security.plugins.plugin_utils.device_action import HostVariables

ESTATE = {"collab_domain": "ent-pa.com", "collab_ca_file": "/ca.pem"}
ALL = sorted(path.name for path in role_variables.ROLES.iterdir())


def wrong(roles: list[str], **variables: object) -> list[str]:
    """What is said of these variables."""
    return role_variables.wrong_variables(roles, {**ESTATE, **variables}, lambda found: HostVariables(found, DataLoader()))


def test_defaults_of_every_role_are_right() -> None:
    """An estate that sets nothing but what it must."""
    assert wrong(ALL) == []


def test_everything_is_told_at_once() -> None:
    """Of several roles, and of what an estate's variable puts in by way of a default."""
    told = "\n".join(wrong(["service_restarts", "hardening", "sip_oauth"], service_restarts_timeout="soon", hardening_failed_logons=[3],
                           collab_endpoint_access_lists="perhaps"))
    assert all(name in told for name in ("service_restarts_timeout", "hardening_failed_logons", "hardening_access_lists"))


def test_only_the_roles_that_are_named() -> None:
    """Another product's variables are no concern of this one's."""
    assert wrong(["service_restarts"], hardening_failed_logons=[3]) == []


def test_a_variable_that_cannot_be_worked_out() -> None:
    """It is named, and what is missing."""
    told = wrong(["service_restarts"], service_restarts_timeout=role_variables.trust_as_template("{{ collab_nowhere }}"))
    assert len(told) == 1 and "service_restarts_timeout" in told[0] and "collab_nowhere" in told[0]


def test_a_role_that_does_not_exist() -> None:
    """The message has those that do."""
    with pytest.raises(role_variables.NoSuchRole, match="no role 'certificate'.*certificates"):
        wrong(["certificate"])
