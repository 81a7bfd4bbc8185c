# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a browser: on a screen, a phone and paper nothing stands beyond the edge, and nothing is fetched. Skipped where no Chromium is installed.

COLLAB_SCREENSHOTS names a directory for pictures of it, for a person to look at.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import escape
from html import unescape
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.estate_report.page import page
from tests.unit.report_sample import sample

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium): the page is not looked at in a browser")
# What a browser says of the page laid out: its own width, what stands beyond the edge outside a part that scrolls, and what it has fetched.
ASK = """<script>addEventListener("load", () => {
const edge = document.documentElement.clientWidth + 1;
const beyond = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > edge && !e.closest(".scroll"));
const marks = [...document.querySelectorAll("svg.line .mark")].map(e => getComputedStyle(e).color);
parent.document.title = JSON.stringify({
  width: innerWidth, page: document.documentElement.scrollWidth, beyond: beyond.map(e => e.outerHTML.slice(0, 120)),
  fetched: performance.getEntriesByType("resource").length, paper: getComputedStyle(document.querySelector("section")).backgroundColor,
  colours: new Set(marks).size, picture: document.querySelector("svg.trust").getBoundingClientRect().width})})</script>"""


def browse(directory: Path, *arguments: str, text: str) -> str:
    """Have Chromium open the page, without any network; gives what it prints."""
    file = directory / "report.html"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
         "--user-data-dir=%s" % (directory / "profile"), *arguments, file.as_uri()], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def asked(directory: Path, width: int, *arguments: str) -> dict:
    """What the page laid out in a frame of this width says of itself (a window of its own may be no narrower than the browser allows)."""
    frame = '<iframe style="width:%dpx;height:900px;border:0" srcdoc="%s"></iframe>' % (width, escape(page(sample()) + ASK))
    found = re.search("<title>(.*?)</title>", browse(directory, "--dump-dom", *arguments, text="<!doctype html><title></title>" + frame))
    return json.loads(unescape(found.group(1)))


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_stands_beyond_the_edge_of_a_phone_or_a_screen(tmp_path: Path, width: int) -> None:
    """All of it is within the width (tables that scroll do so in their own frame); the time line's marks keep their colours; the page fetches nothing."""
    said = asked(tmp_path, width)
    assert said["width"] == width and said["page"] == width and said["beyond"] == [] and said["fetched"] == 0
    assert said["colours"] == 3 and 250 < said["picture"] <= 480


def test_dark_where_the_reader_prefers_it(tmp_path: Path) -> None:
    """Another paper colour, from the page's own style."""
    assert asked(tmp_path, 1280)["paper"] != asked(tmp_path, 1280, "--blink-settings=preferredColorScheme=0")["paper"]


def test_on_paper(tmp_path: Path) -> None:
    """It prints, on more than one page."""
    file = tmp_path / "report.pdf"
    browse(tmp_path, "--print-to-pdf=%s" % file, "--no-pdf-header-footer", text=page(sample()))
    content = file.read_bytes()
    assert content.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", content)) >= 2


@pytest.mark.skipif("COLLAB_SCREENSHOTS" not in os.environ, reason="COLLAB_SCREENSHOTS names no directory for pictures")
@pytest.mark.parametrize("width", [360, 1280])
def test_pictures_for_a_person_to_look_at(tmp_path: Path, width: int) -> None:
    """One PNG a width."""
    file = Path(os.environ["COLLAB_SCREENSHOTS"]).resolve() / ("report-%d.png" % width)
    file.parent.mkdir(parents=True, exist_ok=True)
    browse(tmp_path, "--window-size=%d,6000" % width, "--screenshot=%s" % file, text=page(sample()))
    assert file.stat().st_size > 10_000
