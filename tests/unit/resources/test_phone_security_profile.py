# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Table 7-13."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.resources import phone_security_profile as psp

BUILT_IN = {"phoneType": "Universal Device Template", "protocol": "Protocol Not Specified"}
LSC = "By Existing Certificate (precedence to LSC)"


@pytest.mark.parametrize("spec, step", [
    ({"authentication_mode": LSC, "tftp_encrypted_config": True}, "psp-lsc-tftpenc"),
    ({"authentication_mode": LSC, "tftp_encrypted_config": False}, "psp-lsc"),
    ({"authentication_mode": "By Null String"}, "psp-nullstring"),
    ({"authentication_mode": "By Authentication String"}, "psp-nullstring"),
    ({"authentication_mode": "By Null String", "oauth": True}, "psp-jabber-sipoauth"),
])
def test_rows_of_the_table(spec, step):
    assert psp.row_step(spec) == step


def test_type_and_protocol_come_from_the_built_in_profile():
    wanted = psp.wanted_profile({"name": "a", "authentication_mode": LSC, "tftp_encrypted_config": True}, BUILT_IN)
    assert wanted == {"phoneType": "Universal Device Template", "protocol": "Protocol Not Specified", "deviceSecurityMode": "Encrypted",
                      "transportType": "TLS", "keyOrder": "RSA Only", "keySize": "2048", "authenticationMode": LSC, "tftpEncryptedConfig": "true",
                      "EnableOAuthAuthentication": "false"}


def test_a_larger_key_is_not_drift():
    assert psp.acceptable("keySize", "3072", "2048")
    assert not psp.acceptable("keySize", "1024", "2048")
    assert not psp.acceptable("keyOrder", "EC Only", "RSA Only")


@pytest.mark.parametrize("name, is_one", [("UDT-Encrypted-LSC.ent-pa.com", True), ("UDT-Jabber-SIPOAuth", False), ("with space.ent-pa.com", False),
                                          ("-a.ent-pa.com", False)])
def test_fqdn_form(name, is_one):
    assert psp.is_fqdn(name) is is_one
