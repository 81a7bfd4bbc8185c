# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the report: where each mark and arc stands, the same each time, and what it says in words."""
from __future__ import annotations

import random
import re

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.estate_report.time_line import across
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.time_line import grave
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.time_line import time_line
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.trust_picture import WIDTH
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.trust_picture import sides
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.trust_picture import state_of
from ansible_collections.collab.security.plugins.plugin_utils.estate_report.trust_picture import trust_picture
from tests.unit.report_sample import connection


def certificate(days, cluster="us_cm", node="us-cm-pub"):
    return {"cluster": cluster, "node": node, "port": 8443, "purpose": "HTTPS", "certificate": "tomcat", "valid_until": "2027-01-01T00:00:00Z", "days": days}


@pytest.mark.parametrize(("days", "expected"), [
    (-1, "past"), (0, "month"), (30, "month"), (31, "quarter"), (90, "quarter"), (91, "good"), (5000, "good")])
def test_how_near_an_end_is(days, expected):
    assert grave(days) == expected


def test_days_stand_in_order_within_the_picture_and_what_has_ended_left_of_today():
    places = [across(days) for days in (-400, -1, 0, 1, 30, 90, 365, 730, 800, 5000)]
    assert places[0] == places[1] < places[2] and places[2:9] == sorted(set(places[2:9])) and places[8] == places[9] and 0 < min(places) and max(places) < 100


def test_lanes_in_the_clusters_order_with_one_mark_a_day():
    rows = [certificate(-3), certificate(12, node="a"), certificate(12, node="b"), certificate(80), certificate(400), certificate(400, "emea_cm")]
    line = time_line(rows, ["emea_cm", "us_imp", "us_cm"])
    emea, us = line["lanes"]
    assert (emea["name"], us["name"]) == ("emea_cm", "us_cm") and emea["line"] < us["text"] < us["line"] < line["bottom"] <= line["height"]
    assert us["told"] == "1 ended, 2 ≤ 30 d, 1 ≤ 90 d" and emea["told"] == "first ends 2027-01-01"
    assert [mark["grave"] for mark in us["marks"]] == ["good", "quarter", "month", "past"]
    assert us["marks"][2]["title"] == "2027-01-01, ends within 30 days: a:8443, b:8443"


def test_no_certificate_no_lane():
    assert time_line([], ["us_cm"])["lanes"] == []


@pytest.mark.parametrize(("today", "planned", "expected"), [
    ("holds", "holds", "holds"), ("fails", "holds", "mended"), ("fails", "fails", "fails"), ("holds", "fails", "breaks"),
    ("plain", "holds", "mended"), ("holds", "not there", "holds"), ("not there", "fails", "fails"), ("unknown", "unknown", "fails")])
def test_the_state_of_a_connection(today, planned, expected):
    assert state_of(connection("a", "b", today, planned)) == expected


def test_clusters_stand_in_the_inventorys_order_and_others_after_them():
    assert sides([connection("us_cm", "phones"), connection("far end", "emea_cm")], ["us_cm", "us_imp", "emea_cm"]) == ["us_cm", "emea_cm", "far end", "phones"]


def test_the_arc_of_several_connections_shows_the_gravest_and_counts():
    found = trust_picture([connection("a", "b"), connection("a", "b", "fails", "fails"), connection("a", "b", "fails", "holds")], ["a", "b"])
    (arc,) = found["arcs"]
    assert (arc["state"], arc["number"]) == ("fails", 3) and arc["title"] == "a to b: 1 of 3 connections fail today and after the plan"


def test_connections_within_a_cluster_are_its_box():
    found = trust_picture([connection("a", "a"), connection("a", "a", "holds", "fails")], ["a"])
    assert found["arcs"] == [] and found["sides"][0]["own"]["state"] == "breaks"


def test_arcs_stay_within_the_picture_downwards_at_the_right_and_are_the_same_in_any_order():
    names = ["cluster_%02d" % n for n in range(20)]
    rows = [connection(a, b, "fails" if (i + k) % 3 else "holds") for i, a in enumerate(names) for k, b in enumerate(names) if a != b]
    found = trust_picture(rows, names)
    assert len(found["arcs"]) == 380 and found["height"] < 40 * 20
    for arc in found["arcs"]:
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", arc["path"])]
        start, ending = names.index(arc["title"].split(" to ")[0]), names.index(arc["title"].split(" to ")[1].split(":")[0])
        assert (numbers[0] > WIDTH / 2) == (ending > start)
        assert 0 < arc["cross"]["x"] < WIDTH and 0 < min(numbers[1::2]) and max(numbers[1::2]) < found["height"]
    mixed = rows[:]
    random.Random(7).shuffle(mixed)
    assert trust_picture(mixed, names) == found
