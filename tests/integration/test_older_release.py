# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of release 12.5: no certificate API, so OS Administration and the command line do it; and what happens when a page is not as it was."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import free_network
from tests.integration.harness import Estate

CERTIFICATES = ("--tags", "preflight,certificates")
CHANGED = "<html><head><title>Certificate requests</title></head><body><form method='post' action='new.do'>Kind <select name='k'><option>tomcat</select>" \
          "<input type='submit' value='Create'></form></body></html>"


@pytest.fixture(scope="module")
def running_emea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The lab of the EMEA cluster."""
    found = Estate(Path(tmp_path_factory.mktemp("emea")), free_network(), ("emea_cm",))
    with found.running():
        yield found


@pytest.fixture
def emea(running_emea: Estate) -> Estate:
    """The EMEA cluster as installed."""
    running_emea.load("day0")
    return running_emea


def pages(estate: Estate, since: int) -> list[str]:
    """What was written in OS Administration since then."""
    return [e["operation"] for e in estate.journal(writes=True, since=since) if e["channel"] == "os_admin"]


def test_first_and_second_run(emea: Estate) -> None:
    """Both multi-server certificates by the web forms, the rest as on any release; the second run writes nothing, all handshakes hold."""
    since = emea.mark()
    emea.play().ok()
    written = emea.journal(writes=True, since=since)
    assert [e["channel"] for e in written if "certmgr" in e["channel"]] == []
    assert [(e["operation"].split()[1], e["detail"]["object"].split()[0]) for e in written if e["channel"] == "os_admin" and "generate" in str(e).lower()] == [
        ("certificateGenerateNewCsr.do", "tomcat"), ("certificateGenerateNewCsr.do", "CallManager")]
    assert pages(emea, since).count("POST certificateUpload.do") == 2

    since = emea.mark()
    run = emea.play().ok()
    assert (run.changed, run.failed) == (0, 0), run.output[-4000:]
    assert emea.journal(writes=True, since=since) == []
    emea.play("verify.yml").ok()


def test_check_mode_writes_nothing(emea: Estate) -> None:
    """Check mode looks at the pages and submits nothing."""
    since = emea.mark()
    run = emea.play("site.yml", "--check", "--diff").ok()
    assert {"Generate CSR", "Save"} <= {o["operation"] for o in run.operations if o["channel"] == "os_admin"}
    assert any(e["channel"] == "os_admin" for e in emea.journal(since=since))
    assert emea.journal(writes=True, since=since) == []


def test_page_that_changed(emea: Estate) -> None:
    """Nothing is submitted; what the page shows and what a person has to do is told, and the rest goes on. Once it is as it was, the next run finishes."""
    emea.fault(channel="os_admin", operation="GET certificateGenerateNewCsr.do", action="status", status=200, body=CHANGED, times=0)
    since = emea.mark()
    run = emea.play("site.yml", *CERTIFICATES).ok()
    assert pages(emea, since) == []
    told = [p for p in run.pending if p["id"] == "request-by-hand"]
    assert {p["object"] for p in told} == {"tomcat request on emea-cm-pub", "CallManager request on emea-cm-pub"}
    assert "no field 'Certificate Purpose'" in told[0]["reason"] and "'Certificate requests'" in told[0]["reason"] and "'Create'" in told[0]["reason"]
    assert "emea-cm-pub-ms.ent-pa.com" in str(told[0]["what_to_do"])
    emea.lab("fault", "clear")
    emea.play("site.yml", *CERTIFICATES).ok()
    assert len(pages(emea, since)) == 4


def test_sessions_that_end(emea: Estate) -> None:
    """On the way to a page: a new login, nothing else. At the button: said to be lost and read back; the next run goes on from what is there."""
    emea.fault(channel="os_admin", operation="GET certificateGenerateNewCsr.do", action="expire")
    emea.fault(channel="os_admin", operation="POST certificateUpload.do", phase="after", action="expire")
    since = emea.mark()
    emea.play("site.yml", *CERTIFICATES).ok()
    assert pages(emea, since).count("POST certificateUpload.do") == 2, "an upload that was done was made again"
    since = emea.mark()
    assert emea.play("site.yml", *CERTIFICATES).ok().changed == 0
    assert emea.journal(writes=True, since=since) == []

    emea.load("day0")
    emea.fault(channel="os_admin", operation="POST certificateGenerateNewCsr.do", action="expire")
    emea.play("site.yml", *CERTIFICATES).refused("no pending request after it was made", "asked for a new login")
    emea.play("site.yml", *CERTIFICATES).ok()
    assert not [f for f in json.loads(emea.lab("fault", "list")) if not f["struck"]]


def test_pages_of_every_make(emea: Estate) -> None:
    """Other names, layout, buttons, links, tokens and words; choices that make the page come again; a page that asks whether to go on."""
    turned = {v["name"]: v["values"] for v in json.loads(emea.lab("variant", "list")) if v["name"].startswith("os_admin_")}
    for pick in (1, -1):
        emea.load("day0")
        since = emea.mark()
        emea.lab("variant", "set", *(word for name, values in turned.items() for word in (name, values[pick])))
        emea.play("site.yml", *CERTIFICATES, "--skip-tags", "restarts").ok()
        assert len(pages(emea, since)) >= 4
        since = emea.mark()
        assert emea.play("site.yml", *CERTIFICATES, "--skip-tags", "restarts").ok().changed == 0
        assert emea.journal(writes=True, since=since) == []


def test_certificates_that_each_node_has_for_itself(emea: Estate) -> None:
    """ipsec on every node and CAPF on the publisher, only where they are asked for: requested and imported by command line, node by node."""
    asked = {"certificates_services": [], "certificates_node_services": ["ipsec"], "certificates_publisher_services": ["CAPF"]}
    since = emea.mark()
    run = emea.play("site.yml", *CERTIFICATES, "--skip-tags", "restarts", variables=asked).ok()
    made = [(e["node"], e["operation"]) for e in emea.journal(writes=True, since=since) if e["operation"].startswith(("set csr gen", "set cert import own"))]
    nodes = ["emea-cm-pub", "emea-cm-sub1", "emea-cm-sub2", "emea-cm-tftp1"]
    assert made == [pair for node in nodes for pair in ((node, "set csr gen ipsec"), (node, "set cert import own ipsec"))] + [
        ("emea-cm-pub", "set csr gen CAPF"), ("emea-cm-pub", "set cert import own CAPF")]
    assert {i["what"] for i in run.report["impact"]} >= {"Cisco DRF Local", "Cisco Trust Verification Service"}
    since = emea.mark()
    assert emea.play("site.yml", *CERTIFICATES, "--skip-tags", "restarts", variables=asked).ok().changed == 0
    assert emea.journal(writes=True, since=since) == []


def test_wrong_platform_password_is_tried_once(emea: Estate) -> None:
    """Accounts lock: the form gets a refused password once at most."""
    since = emea.mark()
    run = emea.play("site.yml", variables={"ansible_password": "wrong-Secret-1"})
    run.refused("ansible_password")
    assert "wrong-Secret-1" not in run.output
    assert len([e for e in emea.journal(since=since) if "j_security_check" in e["operation"]]) <= 1
    assert emea.journal(writes=True, since=since) == []
