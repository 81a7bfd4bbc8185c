# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameter names are looked for, never guessed."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.resources import parameters

NAMES = ["ClusterID", "TLSCiphers", "SRTPCiphers", "HTTPSCiphers", "LBMSecurityMode", "ClusterSecurityMode"]


@pytest.mark.parametrize("label, name", [("TLS Ciphers", "TLSCiphers"), ("tls ciphers", "TLSCiphers"), ("SRTP Ciphers", "SRTPCiphers"),
                                         ("HTTPS Ciphers", "HTTPSCiphers"), ("LBM Security Mode", "LBMSecurityMode")])
def test_a_name_that_is_the_label_comes_alone(label, name):
    assert parameters.candidates(label, NAMES) == [name]


def test_unlike_names_are_candidates_by_their_last_word():
    assert parameters.candidates("TLS Ciphers", ["SipTlsCipherSuite", "Other"]) == ["SipTlsCipherSuite"]
    assert parameters.candidates("SRTP Ciphers", ["MediaCiphers", "Other"]) == ["MediaCiphers"]
    assert parameters.candidates("Certificate Validity Check", NAMES) == []


def test_no_cipher_name_ships_as_confirmed():
    for label in parameters.CIPHER_LABELS:
        known = parameters.complete({"label": label})
        assert (known["name"], known["confirmed"]) == (None, False)


def test_https_ciphers_owe_tomcat():
    assert parameters.complete({"label": "HTTPS Ciphers"})["owes"] == ["Cisco Tomcat"]
    assert parameters.complete({"label": "TLS Ciphers"})["owes"] == []


def test_modes_are_read_only_by_label_and_by_name():
    assert "cluster_security_mode" in parameters.complete({"label": "Cluster Security Mode"})["read_only"]
    assert "cluster_security_mode" in parameters.complete({"label": "something", "name": "clusterSecurityMode"})["read_only"]


@pytest.mark.parametrize("value, wanted, same", [
    ("1", "1", True), ("01", "1", True), ("T", "true", True), ("F", "T", False), ("1", "2", False), (None, "", True)])
def test_stored_values(value, wanted, same):
    assert parameters.matching(value, wanted) is same


def test_requests_are_cluster_wide():
    operation, arguments = parameters.list_request("Enterprise Wide")
    assert operation == "listServiceParameter"
    assert arguments["searchCriteria"] == {"processNodeName": "EnterpriseWideData", "service": "Enterprise Wide"}
    assert parameters.update_request("A", "Enterprise Wide", "1") == (
        "updateServiceParameter", {"processNodeName": "EnterpriseWideData", "name": "A", "service": "Enterprise Wide", "value": "1"})
