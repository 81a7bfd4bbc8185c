# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends soon is listed, renewed, proved and left alone; what phones verify with moves one at a time; a killed renewal is gone on with."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.conftest import free_network
from tests.integration.harness import Estate

# Long enough that every self-signed certificate of the installation ends within it.
ALL_OF_THEM = {"collab_renew_days": 1900}
SHORT_LIVED = {"collab_enterprise_ca": {"method": "adcs", "template": "ShortLived"}}


@pytest.fixture(scope="session")
def _short_lived(running: Estate) -> str:
    """Name of the state that one full run leaves by a template of the CA that issues for 20 days."""
    running.load("day0")
    running.play(variables=SHORT_LIVED).ok()
    running.save("short-lived")
    return "short-lived"


@pytest.fixture
def short_lived(running: Estate, _short_lived: str) -> Estate:
    """The US cluster as the guide wants it, with certificates that end soon."""
    running.load(_short_lived)
    return running


def certificates(estate: Estate, since: int) -> list[str]:
    """Uploads of identity certificates since then."""
    return [e["operation"] for e in estate.journal(writes=True, since=since) if e["operation"] == "POST /identity/certificates"]


def test_what_phones_verify_with_moves_one_at_a_time(short_lived: Estate) -> None:
    """With TVS and ITLRecovery due as well, CallManager is renewed and those wait, with their reason; nothing is written in check mode."""
    since = short_lived.mark()
    run = short_lived.play("renew.yml", "--check", variables=ALL_OF_THEM).ok()
    held = {p["object"]: p for p in run.pending if p["id"] == "renewal-held"}
    assert {"TVS", "ITLRecovery", "CAPF"} <= set(held) and "CallManager" not in held
    assert all("CallManager comes first" in held[name]["reason"] for name in ("TVS", "ITLRecovery", "CAPF"))
    assert {o["object"] for o in run.operations} >= {"CallManager request on us-cm-pub", "tomcat request on us-cm-pub"}
    assert short_lived.journal(writes=True, since=since) == []


def test_site_keeps_the_same_holds(short_lived: Estate) -> None:
    """Asked for TVS as well, site.yml renews CallManager, and leaves TVS to a run that finds all phones with their new ITL file."""
    since = short_lived.mark()
    run = short_lived.play("site.yml", "--tags", "preflight,certificates", variables={"certificates_node_services": ["TVS"]}).ok()
    assert [p["object"] for p in run.pending if p["id"] == "renewal-held"] == ["TVS"] * 4      # on each node
    assert all("CallManager is new" in p["reason"] for p in run.pending if p["id"] == "renewal-held")
    assert len(certificates(short_lived, since)) == 2
    assert not [e for e in short_lived.journal(writes=True, since=since) if "csr" in e["operation"].lower() and "TVS" in json.dumps(e)]


def test_renewed_proved_and_left_alone(short_lived: Estate) -> None:
    """Both certificates are renewed with their restarts and the CTL file, all handshakes prove it, and the next run writes nothing."""
    since = short_lived.mark()
    run = short_lived.play("renew.yml").ok()
    assert {f["object"] for f in run.findings if f["id"] == "certificate-ends"} == {"tomcat", "CallManager"}
    assert len(certificates(short_lived, since)) == 2
    assert "handshakes prove what they should" in run.output

    since = short_lived.mark()
    assert short_lived.play("renew.yml").ok().changed == 0
    assert short_lived.journal(writes=True, since=since) == []


def test_a_killed_renewal_is_gone_on_with(short_lived: Estate) -> None:
    """Killed after each of its first writes: together the runs install each certificate once, and what is owed is paid."""
    since, killed = short_lived.mark(), 0
    while killed < 12 and short_lived.play_and_kill(2, "renew.yml"):
        killed += 1
    assert killed >= 3, "too few kills to mean anything"
    short_lived.play("renew.yml").ok()
    assert len(certificates(short_lived, since)) == 2
    since = short_lived.mark()
    assert short_lived.play("renew.yml").ok().changed == 0
    assert short_lived.journal(writes=True, since=since) == []
    short_lived.play("verify.yml").ok()


def test_nothing_due_nothing_written(secured: Estate) -> None:
    """Certificates of the enterprise CA last two years: a run of every week lists them and leaves them alone."""
    since = secured.mark()
    run = secured.play("renew.yml").ok()
    assert run.changed == 0 and "CallManager" in run.output and "lasts" in run.output
    assert secured.journal(writes=True, since=since) == []


def test_each_product_and_the_older_release(tmp_path: Path) -> None:
    """IM and Presence and Unity Connection, and Unified CM 12.5 by its command line and web pages: listed, renewed, proved, left alone."""
    estate = Estate(tmp_path, free_network(), ("us_cm", "emea_cm", "us_imp", "us_cuc"))
    with estate.running():
        estate.play(variables=SHORT_LIVED)
        run = estate.play("renew.yml").ok()
        ends = {(f["host"], f["object"]) for f in run.findings if f["id"] == "certificate-ends"}
        assert ends == {("us-cm-pub", "tomcat"), ("us-cm-pub", "CallManager"), ("emea-cm-pub", "tomcat"), ("emea-cm-pub", "CallManager"),
                        ("us-imp-pub", "cup-xmpp"), ("us-imp-pub", "cup-xmpp-s2s"), ("us-cuc-pub", "tomcat")}
        since = estate.mark()
        again = estate.play("renew.yml").ok()
        assert not [f for f in again.findings if f["id"] == "certificate-ends"]
        assert estate.journal(writes=True, since=since) == []
