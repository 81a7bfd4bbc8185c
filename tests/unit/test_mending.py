"""Which findings are chosen to be mended; a choice that cannot be read is refused rather than taken for everything."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.mending import BadChoice
from ansible_collections.collab.security.plugins.plugin_utils.mending import chosen_of


def test_without_a_choice_everything_is_mended():
    assert chosen_of(None) is None


@pytest.mark.parametrize(("value", "expected"), [
    ({"findings": ["trunk-plain"]}, {"trunk-plain"}),
    ({"severities": ["high"]}, {"root-gone"}),
    ({"findings": ["trunk-plain"], "severities": ["high"]}, {"trunk-plain", "root-gone"}),
])
def test_by_id_or_by_severity(value, expected):
    findings = [{"id": "trunk-plain", "severity": "medium"}, {"id": "root-gone", "severity": "high"}, {"id": "backup-old", "severity": "low"}]
    assert {finding["id"] for finding in findings if chosen_of(value).has(finding)} == expected


@pytest.mark.parametrize("value", [{}, [], "high", {"findings": []}, {"clusters": ["us_cm"]}, {"severities": ["grave"]}])
def test_what_cannot_be_read_is_refused(value):
    with pytest.raises(BadChoice, match="collab_mend"):
        chosen_of(value)
