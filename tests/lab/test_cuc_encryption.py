"""What `utils cuc encryption` needs, and when it counts."""

from __future__ import annotations

import pytest

from lab.core.world import Cluster
from lab.core.world import World
from lab.cuc.encryption import CONVERSATION_MANAGER
from lab.cuc.encryption import IMAP
from lab.cuc.encryption import Encryption
from lab.ucm.refused import Refused


def encryption(**estate: object) -> Encryption:
    """Of a cluster without nodes."""
    return Encryption(Cluster("us_cuc", "unity_connection", "15", "ent-pa.com", estate, World()))


@pytest.mark.parametrize(("estate", "code"), [
    ({"licence": {"registration": "Unregistered"}}, "cuc_encryption_export_control"),
    ({"licence": {"export_control": "NOT_ALLOWED"}}, "cuc_encryption_export_control"),
    ({"unrestricted": True}, "cuc_encryption_unrestricted"),
], ids=["unregistered", "no export", "unrestricted"])
def test_encryption_has_preconditions(estate, code):
    state = encryption(**estate)
    with pytest.raises(Refused) as caught:
        state.enable()
    assert caught.value.code == code and not state.enabled


def test_encryption_counts_from_the_start_of_each_service():
    state = encryption()
    node = type("Node", (), {"name": "us-cuc-pub"})()
    state.enable()
    assert state.enabled and not state.in_force(node) and not state.in_force(node, IMAP)
    state.started(node, "Cisco Tomcat")
    state.started(node, CONVERSATION_MANAGER)
    assert state.in_force(node) and not state.in_force(node, IMAP)
    held = state.save()
    state.disable()
    assert not state.enabled and state.in_force(node)
    state.started(node, CONVERSATION_MANAGER)
    assert not state.in_force(node)
    state.load(held)
    assert state.enabled and state.in_force(node)
