# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults in the middle of a run end in a clear state, and a further run finishes."""
from __future__ import annotations

import pytest

from tests.integration.harness import Estate

# Struck once each, in one first run. True: the run itself gets over it; False: it stops, and says why.
FAULTS = {
    "AXL answers 503 for a while": ({"channel": "axl", "operation": "addPhoneSecurityProfile", "action": "status", "status": 503, "times": 2}, True),
    "AXL reply to a write is lost": ({"channel": "axl", "operation": "updateSipTrunk", "phase": "after", "action": "reset"}, None),
    "reply to an identity upload is lost": ({"channel": "certmgr", "operation": "POST /identity/certificates", "phase": "after", "action": "reset"}, None),
    "reply to a certificate request is lost": ({"channel": "certmgr", "operation": "POST /csr", "phase": "after", "action": "reset"}, None),
    "reply to a trust upload is lost": ({"channel": "certmgr", "operation": "POST /trust/certificates", "phase": "after", "action": "reset"}, None),
    "SSH session drops at a restart": ({"channel": "vos_cli", "operation": "utils service restart*", "phase": "after", "action": "drop"}, None),
    "SSH session drops at mixed mode": ({"channel": "vos_cli", "operation": "utils ctl*", "phase": "after", "action": "drop"}, None),
    "Serviceability reply to a restart is lost": (
        {"channel": "serviceability", "operation": "soapDoControlServices", "phase": "after", "action": "reset"}, None),
    "CA reply is lost": ({"channel": "certsrv", "operation": "*certfnsh*", "phase": "after", "action": "reset"}, None),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_further_run_finishes(estate: Estate, name: str) -> None:
    """Whatever the first run says, it says it clearly; the second succeeds where it did not; the third has nothing to do."""
    rule, survives = FAULTS[name]
    estate.fault(**rule)
    first = estate.play()
    assert '"struck": 0' not in estate.lab("fault", "list"), "the fault never struck: it tests nothing"
    assert "Traceback" not in first.output and "a bug in" not in first.output, first.output[-6000:]
    if survives:
        first.ok()
    estate.lab("fault", "clear")
    second = estate.play().ok()
    if first.code == 0:
        assert second.changed == 0, second.output[-4000:]
    since = estate.mark()
    assert estate.play().ok().changed == 0
    assert estate.journal(writes=True, since=since) == []


def test_restart_that_never_comes_back(estate: Estate) -> None:
    """The run stops at that node, names it, and leaves the others alone; once the node is well, the next run finishes."""
    estate.fault(node="us-cm-sub1", channel="services", operation="restart Cisco CallManager", action="never")
    since = estate.mark()
    run = estate.play("site.yml", variables={"service_restarts_timeout": 8, "service_restarts_registration_timeout": 8})
    run.refused("us-cm-sub1", "CallManager")
    restarted = {e["node"] for e in estate.journal(writes=True, since=since) if e["operation"] == "soapDoControlServices" and "CallManager" in str(e)}
    assert "us-cm-sub2" not in restarted, "the other member of the group was restarted while the first was down"
    estate.lab("fault", "clear")
    estate.play().ok()
    assert estate.play().ok().changed == 0
