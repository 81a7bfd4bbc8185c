# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults in the middle of a run end in a clear state, and a further run finishes."""
from __future__ import annotations

import json

from tests.integration.harness import Estate

# One of each kind, on the way of one first run. Where one stops a run, the next run meets the next.
FAULTS = [
    {"channel": "certmgr", "operation": "POST /trust/certificates", "phase": "after", "action": "reset"},
    {"channel": "certmgr", "operation": "POST /csr*", "phase": "after", "action": "reset"},
    {"channel": "certsrv", "operation": "*certfnsh*", "phase": "after", "action": "reset"},
    {"channel": "certmgr", "operation": "POST /identity/certificates*", "phase": "after", "action": "reset"},
    {"channel": "vos_cli", "operation": "utils service restart*", "phase": "after", "action": "drop"},
    {"channel": "vos_cli", "operation": "utils ctl*", "phase": "after", "action": "drop"},
    {"channel": "serviceability", "operation": "soapDoControlServices*", "phase": "after", "action": "reset"},
    {"channel": "axl", "operation": "addPhoneSecurityProfile*", "action": "status", "status": 503, "times": 2},
    {"channel": "axl", "operation": "addSipTrunkSecurityProfile*", "action": "drop"},
    {"channel": "axl", "operation": "updateSipTrunk*", "phase": "after", "action": "reset"},
]


def faults(estate: Estate) -> list[dict]:
    """The rules and how often each has struck."""
    return json.loads(estate.lab("fault", "list"))


def test_further_runs_finish(estate: Estate) -> None:
    """Lost replies, dropped sessions and 503 on every channel: each run says clearly what happened, and the last one has all done, once."""
    for rule in FAULTS:
        estate.fault(**rule)
    for _run in range(len(FAULTS) + 1):
        run = estate.play()
        assert "Traceback" not in run.output and "a bug in" not in run.output, run.output[-6000:]
        if run.code == 0:
            break
        assert run.failed or "unreachable=1" in run.output, run.output[-3000:]
    assert run.code == 0, run.output[-6000:]
    assert [f for f in faults(estate) if not f["struck"]] == [], "these never struck, so they test nothing"
    estate.lab("fault", "clear")
    since = estate.mark()
    assert estate.play().ok().changed == 0
    assert estate.journal(writes=True, since=since) == []
    estate.play("verify.yml").ok()


def test_restart_that_never_comes_back(estate: Estate) -> None:
    """The run stops at that node, names it, and leaves the others alone; once the node is well, the next run finishes."""
    estate.fault(node="us-cm-sub1", channel="services", operation="restart Cisco CallManager", action="never")
    since = estate.mark()
    run = estate.play("site.yml", variables={"service_restarts_timeout": 4, "service_restarts_registration_timeout": 4})
    run.refused("us-cm-sub1", "CallManager")
    restarted = {e["node"] for e in estate.journal(writes=True, since=since) if e["operation"] == "soapDoControlServices" and "CallManager" in str(e)}
    assert "us-cm-sub1" in restarted
    assert "us-cm-sub2" not in restarted, "the other member of the group was restarted while the first was down"
    estate.lab("fault", "clear")
    estate.play().ok()
    assert estate.play().ok().changed == 0
