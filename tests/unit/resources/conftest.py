# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example's cluster as a dict, and a way to run an action on it."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.report import Report
from tests.unit.resources.fake_publisher import FakeCluster
from tests.unit.resources.fake_publisher import Waits
from tests.unit.resources.fake_publisher import pem
from tests.unit.resources.fake_publisher import profile
from tests.unit.resources.fake_publisher import trunk


@pytest.fixture
def cluster():
    """The example's trunks: a border element with two far ends, voice mail on a multi-server certificate, a gateway without TLS, presence."""
    fake = FakeCluster()
    fake.tables["sipTrunkSecurityProfile"] = [
        profile("CUBE Profile", description="PSTN", allowReplaceHeader="t"), profile("Unity Profile", acceptOutOfDialogRefer="true"),
        profile("Gateway Profile", outgoingTransport="UDP"), profile("Presence Profile"), profile("B2B Profile", incomingPort="5560")]
    fake.tables["sipTrunk"] = [
        trunk("US_CUBE", "CUBE Profile", "10.0.0.1", "10.0.0.2"), trunk("US_UNITY", "Unity Profile", "us-cuc-pub.ent-pa.com"),
        trunk("US_GW", "Gateway Profile", "10.0.0.9"), trunk("US_IMP", "Presence Profile", "10.0.0.20"), trunk("US_B2B", "B2B Profile", "10.0.0.30")]
    fake.tables["serviceParameter"] = [{"name": "SIPPublishTrunk", "service": "Cisco CallManager", "processNodeName": "EnterpriseWideData", "value": "US_IMP"}]
    fake.served = {("10.0.1.1", 5061): (pem("us-cm-pub-ms.ent-pa.com", "us-cm-pub.ent-pa.com"), True),
                   ("10.0.0.1", 5061): (pem("us-cube1.ent-pa.com", "us-cube1.ent-pa.com"), True),
                   ("10.0.0.2", 5061): (pem("us-cube2.ent-pa.com", "us-cube2.ent-pa.com"), True),
                   ("us-cuc-pub.ent-pa.com", 5061): (pem("us-cuc-ms.ent-pa.com", "us-cuc-pub.ent-pa.com", "us-cuc-sub.ent-pa.com"), True),
                   ("10.0.0.30", 5061): (pem("us-expc.ent-pa.com", "us-expc.ent-pa.com", "us-expc1.ent-pa.com"), True)}
    return fake


@pytest.fixture
def make():
    """The builders of rows and certificates, for tests that need others."""
    return {"profile": profile, "trunk": trunk, "pem": pem}


@pytest.fixture
def run(cluster, tmp_path):
    """run(action class, arguments, check=False, release=...) -> result; the options are checked against the module's documentation."""
    def call(action, arguments, check=False, release="15", hosts=()):
        checked = action.validator.validate(arguments)
        assert not checked.error_messages, checked.error_messages
        it = action.__new__(action)
        cluster.option = lambda name: "/ca.pem" if name == "ca_file" else None
        cluster.roles = ["publisher", "call_processing"]
        it.__dict__.update(publisher=cluster, nodes={cluster.name: cluster}, cluster="us_cm", workspace=tmp_path, report=Report(), warnings=[],
                           where="us-cm-pub", hidden=set(),
                           task_vars={"groups": {}}, poll=Waits(), var=lambda name, default=None: release if name == "collab_release" else default)
        it.each = lambda nodes, function: {name: function(node) for name, node in nodes.items()}
        result = it.apply(checked.validated_parameters, check)
        return result.result() if isinstance(result, Report) else result
    return call


@pytest.fixture
def owed(tmp_path):
    """The cluster's list of debts."""
    return Owed(tmp_path, "us_cm")
