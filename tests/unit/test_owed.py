"""The journal of restarts owed: it survives, it never forgets, it never claims more than it knows."""
from __future__ import annotations

import json
import multiprocessing

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.owed import PHONES
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.owed import OwedError


def test_debts_outlive_the_object(tmp_path):
    Owed(tmp_path, "us_cm").add("Cisco Tomcat", ["us-cm-pub", "us-cm-sub1"], 100.9, "tomcat certificate replaced")
    assert Owed(tmp_path, "us_cm").items() == [
        {"what": "Cisco Tomcat", "node": "us-cm-pub", "since": 100, "reason": "tomcat certificate replaced"},
        {"what": "Cisco Tomcat", "node": "us-cm-sub1", "since": 100, "reason": "tomcat certificate replaced"}]
    assert Owed(tmp_path, "emea_cm").items() == []
    assert (tmp_path / "us_cm" / "owed.json").stat().st_mode & 0o077 == 0


def test_a_second_change_moves_the_time_on_and_keeps_both_reasons(tmp_path):
    owed = Owed(tmp_path, "us_cm")
    owed.add("Cisco CallManager", ["us-cm-sub1"], 200, "mixed mode set")
    owed.add("Cisco CallManager", ["us-cm-sub1"], 150, "SIP OAuth mode enabled")
    owed.add("Cisco CallManager", ["us-cm-sub1"], 150, "SIP OAuth mode enabled")
    assert owed.items("Cisco CallManager") == [
        {"what": "Cisco CallManager", "node": "us-cm-sub1", "since": 200, "reason": "mixed mode set; SIP OAuth mode enabled"}]


def test_only_a_later_start_settles(tmp_path):
    owed = Owed(tmp_path, "us_cm")
    owed.add(PHONES, ["us-cm-pub"], 200, "CTL file changed")
    assert not owed.settle(PHONES, "us-cm-pub", started=200)
    assert not owed.settle(PHONES, "us-cm-sub1")
    assert len(owed.items()) == 1
    assert owed.settle(PHONES, "us-cm-pub", started=201)
    assert owed.items() == []


def test_without_a_workspace_nothing_is_owed_and_nothing_may_be_changed():
    owed = Owed(None, "us_cm")
    assert owed.items() == [] and not owed.settle("Cisco Tomcat", "us-cm-pub")
    with pytest.raises(OwedError, match="collab_workspace is not set.*Cisco Tomcat"):
        owed.add("Cisco Tomcat", ["us-cm-pub"], 1, "x")


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"version": 2, "owed": []}), json.dumps({"version": 1, "owed": [{"what": "x"}]})])
def test_a_damaged_file_stops_instead_of_forgetting(tmp_path, text):
    (tmp_path / "us_cm").mkdir()
    (tmp_path / "us_cm" / "owed.json").write_text(text, encoding="utf-8")
    with pytest.raises(OwedError, match="owed.json.*cannot be read"):
        Owed(tmp_path, "us_cm").items()


def test_a_write_that_dies_leaves_the_old_file(tmp_path, monkeypatch):
    owed = Owed(tmp_path, "us_cm")
    owed.add("Cisco Tftp", ["us-cm-tftp1"], 1, "x")

    def die(*args):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", die)
    with pytest.raises(OSError, match="disk full"):
        owed.settle("Cisco Tftp", "us-cm-tftp1")
    assert len(owed.items()) == 1
    assert sorted(p.name for p in (tmp_path / "us_cm").iterdir()) == ["owed.json", "owed.lock"]


def _add_many(path, name):
    for i in range(20):
        Owed(path, "us_cm").add("Cisco Tomcat", ["%s-%d" % (name, i)], i, "x")


def test_writers_at_once_lose_nothing(tmp_path):
    workers = [multiprocessing.Process(target=_add_many, args=(tmp_path, "node%d" % i)) for i in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert len(Owed(tmp_path, "us_cm").items()) == 80
