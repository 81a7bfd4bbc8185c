# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AXL's spellings are not differences."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.resources.objects import boolean
from ansible_collections.collab.security.plugins.plugin_utils.resources.objects import rows
from ansible_collections.collab.security.plugins.plugin_utils.resources.objects import text
from ansible_collections.collab.security.plugins.plugin_utils.resources.objects import uuid
from ansible_collections.collab.security.plugins.plugin_utils.resources.phone_security_profile import PROFILE


@pytest.mark.parametrize("value, plain", [(None, ""), (" x ", "x"), (True, "true"), (5060, "5060"), ({"_value_1": "US_DP", "uuid": "{AB}"}, "US_DP"),
                                          ({"_value_1": None, "uuid": None}, "")])
def test_text(value, plain):
    assert text(value) == plain


@pytest.mark.parametrize("value", ["true", "t", "T", "1", True, "TRUE"])
def test_every_spelling_of_true(value):
    assert boolean(value)


@pytest.mark.parametrize("value", ["false", "f", "0", None, "", False])
def test_every_spelling_of_false(value):
    assert not boolean(value)


def test_empty_list_reply_has_no_rows():
    assert rows({"return": None}, "phone") == []
    assert rows({"return": {"phone": None}}, "phone") == []
    assert rows({"return": {"phone": {"name": "one"}}}, "phone") == [{"name": "one"}]


def test_uuid_without_braces_in_lower_case():
    assert uuid({"uuid": "{0A-1B}"}) == "0a-1b"
    assert uuid({}) == ""


def test_spelling_is_not_a_difference():
    actual = PROFILE.read({"name": "x", "tftpEncryptedConfig": "t", "authenticationMode": "By Existing Certificate (Precedence to LSC)", "keySize": None})
    assert PROFILE.differences(actual, {"tftpEncryptedConfig": True, "authenticationMode": "By Existing Certificate (precedence to LSC)",
                                        "keySize": "2048"}) == []
    assert PROFILE.differences(actual, {"tftpEncryptedConfig": False}) == [("tftpEncryptedConfig", "true", "false")]


def test_elements_that_an_update_lacks_are_refused():
    with pytest.raises(ValueError, match="phoneType"):
        PROFILE.update_request("x", {"phoneType": "Cisco 8845"})


def test_requests():
    operation, arguments = PROFILE.list_request("UDT%")
    assert operation == "listPhoneSecurityProfile"
    assert arguments["searchCriteria"] == {"name": "UDT%"}
    assert arguments["returnedTags"]["EnableOAuthAuthentication"] == ""
    assert PROFILE.add_request("n", {"tftpEncryptedConfig": True}) == (
        "addPhoneSecurityProfile", {"phoneSecurityProfile": {"name": "n", "tftpEncryptedConfig": "true"}})
