# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the estate: one read-only run, one page, and what another administrator has changed stands in it."""
from __future__ import annotations

import json

from tests.integration.administrator import SEEDS
from tests.integration.administrator import Administrator
from tests.integration.harness import Estate


def test_the_page_shows_what_is_and_what_differs(secured: Estate) -> None:
    """Nothing is written to a node; the page and its JSON have the drift, the proof by handshakes, and when each certificate ends."""
    seed = SEEDS["phone profile unencrypted"]
    seed.make(Administrator(secured))
    since, page, data = secured.mark(), secured.directory / "report.html", secured.directory / "report-data.json"
    secured.play("report.yml", variables={"collab_report_html": str(page), "collab_report_json": str(data)}).ok()
    assert secured.journal(writes=True, since=since) == []
    model, text = json.loads(data.read_text(encoding="utf-8")), page.read_text(encoding="utf-8")
    assert model["state"]["us_cm"]["phone_security_profiles"]["state"] == "drift" and model["state"]["us_cm"]["certificates"]["state"] == "ok"
    assert any(seed.found_as in finding["object"] for finding in model["findings"]) and seed.found_as in text
    assert len(model["certificates"]) == len(model["connections"]) >= 10 and all(row["verdict"] == "proved" for row in model["connections"])
    assert all(0 < row["days"] < 2000 for row in model["certificates"])
    assert page.stat().st_mode & 0o077 == 0 and '<svg class="line"' in text and '<svg class="trust"' in text
    assert {row["client"] for row in model["trust"]} & {"us_cm"} and {row["today"] for row in model["trust"]} <= {"holds", "fails", "plain", "unknown"}

    # The mending, and a report that shows it.
    mended, kept = secured.play("site.yml").ok(), secured.directory / "mended.json"
    kept.write_text(json.dumps(mended.report), encoding="utf-8")
    secured.play("report.yml", variables={"collab_report_html": str(page), "collab_report_json": str(data), "collab_report_changed_by": str(kept)}).ok()
    former = json.loads(data.read_text(encoding="utf-8"))["former"]
    assert mended.operations and [row["object"] for row in former["operations"]] == [row["object"] for row in mended.operations]
    assert former["playbook"] == "site.yml" and former["begun"] in page.read_text(encoding="utf-8")
