# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request that the resources make is valid by Cisco's own schema, names, order and enumerations included."""
from __future__ import annotations

from importlib import metadata

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import axl_schema
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.resources import cluster
from ansible_collections.collab.security.plugins.plugin_utils.resources import parameters
from ansible_collections.collab.security.plugins.plugin_utils.resources import phone_security_profile as psp
from ansible_collections.collab.security.plugins.plugin_utils.resources import sip_trunk
from ansible_collections.collab.security.plugins.plugin_utils.resources import sip_trunk_security_profile as stsp

ORIGINAL = stsp.PROFILE.read({"name": "old", "description": None, "digestAuthentication": "t", "noncePolicyTime": "600", "incomingPort": "5060"})
SECURE = stsp.wanted_profile(ORIGINAL, {"a.ent-pa.com", "b.ent-pa.com"}, 5061)
PHONE = psp.wanted_profile({"authentication_mode": "By Null String", "oauth": True},
                           {"phoneType": "Universal Device Template", "protocol": "Protocol Not Specified"})
TRUNK = {"securityProfileName": "new", "srtpAllowed": "true", "destinations": [
    {"addressIpv4": "10.0.0.1", "addressIpv6": "", "port": 5061, "sortOrder": 1}, {"addressIpv4": "", "addressIpv6": "fd00::1", "port": 5061, "sortOrder": 2}]}

REQUESTS = [
    stsp.PROFILE.list_request(), stsp.PROFILE.add_request("new", SECURE), stsp.PROFILE.update_request("new", SECURE),
    sip_trunk.TRUNK.list_request(), sip_trunk.get_request("T"), sip_trunk.update_request("T", TRUNK, list(sip_trunk.FIELDS)), ("resetSipTrunk", {"name": "T"}),
    psp.PROFILE.list_request(), psp.PROFILE.add_request("new", PHONE), psp.PROFILE.update_request("new", {"deviceSecurityMode": "Encrypted"}),
    ("applyPhone", {"name": "SEP1"}), ("listPhone", {"searchCriteria": {"securityProfileName": "p"}, "returnedTags": {"name": ""}}),
    parameters.list_request("Enterprise Wide"), parameters.update_request("A", "Enterprise Wide", "1"),
    cluster.nodes_request(), cluster.groups_request(), cluster.group_request("G"), cluster.phones_request(0), ("getSmartLicenseStatus", {}),
]


@pytest.fixture(scope="module")
def schema():
    """Cisco's 12.5 schema out of the installed package, cut down to the operations in use."""
    path = next(file for file in metadata.files("ciscoaxl") if str(file).endswith("schema/12.5/AXLSoap.xsd"))
    text = axl_schema.cut(path.locate().read_bytes(), tuple(sorted({operation for operation, arguments in REQUESTS})))
    return axl_schema.Schema(text, "12.5")


@pytest.mark.parametrize("request_", REQUESTS, ids=[operation for operation, arguments in REQUESTS])
def test_valid(schema, request_):
    operation, arguments = request_
    assert operation in schema.request(operation, arguments)


def test_the_check_would_see_a_wrong_word(schema):
    with pytest.raises(NodeError, match="securityMode"):
        schema.request(*stsp.PROFILE.update_request("new", {"securityMode": "Encypted"}))
