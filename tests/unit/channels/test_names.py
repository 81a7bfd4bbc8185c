"""Names as this machine resolves them."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels.names import Channel
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError


def test_a_name_and_an_address():
    assert Channel(None).ipv4(5, "localhost") == Channel(None).ipv4(5, "127.0.0.1") == "127.0.0.1"


def test_a_name_that_nobody_has_is_refused_by_name():
    with pytest.raises(NodeError, match=r"nowhere\.invalid") as e:
        Channel(None).ipv4(5, "nowhere.invalid")
    assert e.value.kind == "refused"
