# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: one playbook secures the cluster, a second run does nothing, check mode never writes, drift is mended exactly."""
from __future__ import annotations

import socket
import ssl

import pytest

from tests.integration.administrator import SEEDS
from tests.integration.administrator import Administrator
from tests.integration.harness import Estate


def served(estate: Estate, node: int, port: int) -> bytes:
    """DER of the certificate that a Unified CM node serves, verified against the enterprise root and the node's name."""
    names = {1: "us-cm-pub", 2: "us-cm-sub1", 3: "us-cm-sub2", 4: "us-cm-tftp1"}
    ca = estate.lab_directory / "ca"
    context = ssl.create_default_context(cafile=str(ca / "chain.pem"))
    context.load_cert_chain(ca / "client.pem", ca / "client.key")
    with socket.create_connection(("%s.1.%d" % (estate.network, node), port), timeout=10) as raw:
        with context.wrap_socket(raw, server_hostname=names[node] + ".ent-pa.com") as tls:
            return tls.getpeercert(True)


def test_day_zero_is_insecure(estate: Estate) -> None:
    """The lab starts as a cluster is installed: nobody who trusts only the enterprise CA can talk to it."""
    with pytest.raises(ssl.SSLCertVerificationError):
        served(estate, 1, 8443)


def test_first_and_second_run(secured: Estate) -> None:
    """After the first run every port serves a certificate of the enterprise CA; the second changes and writes nothing."""
    tomcat = {served(secured, node, 8443) for node in (1, 2, 3, 4)}
    assert len(tomcat) == 1, "the nodes serve different tomcat certificates"
    callmanager = {served(secured, node, 5061) for node in (2, 3)}
    assert len(callmanager) == 1 and callmanager != tomcat
    assert {served(secured, node, port) for node in (2, 3) for port in (5090, 5091)} == tomcat

    since = secured.mark()
    run = secured.play().ok()
    assert (run.changed, run.failed) == (0, 0), run.output[-4000:]
    assert secured.journal(writes=True, since=since) == []


def test_secured_cluster_in_check_mode(secured: Estate) -> None:
    """Check mode on a secured cluster foresees nothing and writes nothing."""
    since = secured.mark()
    run = secured.play("site.yml", "--check", "--diff").ok()
    assert run.changed == 0
    assert secured.journal(writes=True, since=since) == []


def test_check_mode_writes_nothing(estate: Estate) -> None:
    """Check mode on a cluster as installed foresees changes; no channel of any node sees a write, the control node no file."""
    since = estate.mark()
    run = estate.play("site.yml", "--check", "--diff").ok()
    assert run.changed > 0 and run.operations
    assert estate.journal(since=since), "the run read nothing"
    assert estate.journal(writes=True, since=since) == []
    assert not list(estate.workspace.rglob("*.pem"))


def test_verify_proves_every_handshake(secured: Estate) -> None:
    """verify.yml shows the handshakes as a table, and all of them hold."""
    run = secured.play("verify.yml").ok()
    for words in ("us-cm-pub", "8443", "5061", "5090", "5091"):
        assert words in run.output


def test_drift_is_found_and_mended_and_nothing_else(secured: Estate) -> None:
    """Changes by another administrator are found by drift.yml (which writes nothing) and mended by site.yml with just the writes that they need."""
    admin = Administrator(secured)
    for seed in SEEDS.values():
        seed.make(admin)

    since = secured.mark()
    drift = secured.play("drift.yml")
    found = {name for name, seed in SEEDS.items() if any(seed.found_as in str(finding) for finding in drift.findings)}
    assert found == set(SEEDS), drift.output[-4000:]
    assert secured.journal(writes=True, since=since) == []

    junit = secured.directory / "drift.xml"
    secured.play("drift.yml", variables={"collab_drift_fail_on": "medium", "collab_drift_junit": str(junit)}).refused("drift:", "of severity medium or graver")
    assert "<failure" in junit.read_text(encoding="utf-8") and secured.journal(writes=True, since=since) == []
    one = SEEDS["phone profile unencrypted"]
    ids = [finding["id"] for finding in drift.findings if one.found_as in str(finding)]
    chosen = secured.play("site.yml", variables={"collab_mend": {"findings": ids}}).ok()
    writes = secured.journal(writes=True, since=since)
    assert any(one.mends(write) for write in writes) and all(any(seed.mends(write) for seed in SEEDS.values()) for write in writes) and chosen.findings
    assert not all(any(seed.mends(write) for write in writes) for seed in SEEDS.values()), "what was not chosen is left"

    secured.play().ok()
    writes = secured.journal(writes=True, since=since)
    assert [w for w in writes if not any(seed.mends(w) for seed in SEEDS.values())] == []
    assert [name for name, seed in SEEDS.items() if not any(seed.mends(w) for w in writes)] == [], "not mended"

    since = secured.mark()
    assert secured.play().ok().changed == 0
    assert secured.journal(writes=True, since=since) == []
