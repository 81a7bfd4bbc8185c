# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of the wire: texts, without logins, and only where it was asked for."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import recording

OPTIONS = {"recorded": "node", "password": "Planted-1&2", "application_password": "Planted-3"}


@pytest.fixture
def channel():
    """The channel that gives back what was kept; nothing is left behind."""
    made = recording.Channel(OPTIONS.get)
    yield made
    made.close()


def test_nothing_is_kept_unless_asked_for():
    assert recording.recorder({"password": "x"}.get) is None


def test_pieces_of_a_session_are_one_text_and_are_taken_once(channel):
    recorder = recording.recorder(OPTIONS.get)
    recorder.note("session", "admin:sh")
    recorder.note("session", "ow status")
    recorder.note("request", "GET /")
    assert channel.take(1) == [{"kind": "session", "text": "admin:show status"}, {"kind": "request", "text": "GET /"}]
    assert channel.take(1) == []


def test_passwords_are_replaced_as_they_come_whatever_pieces_they_come_in(channel):
    recorder = recording.recorder(OPTIONS.get)
    recorder.note("request", "POST /\n\nj_password=Planted-1%262&x=Planted-3")
    recorder.note("session", "Plan")
    recorder.note("session", "ted-3")
    text = str(channel.take(1))
    assert "lanted" not in text and recording.HIDDEN in text


def test_what_is_no_text_is_only_named_and_what_is_long_is_cut(channel):
    recorder = recording.recorder(OPTIONS.get)
    recorder.answer(200, {"content-type": "application/zip"}, b"PK\x03\x04")
    recorder.answer(200, {"content-type": "application/json"}, b'{"a": 1}')
    recorder.note("session", "x" * (recording.LARGEST + 5))
    first, second, third = channel.take(1)
    assert "PK" not in first["text"] and '{"a": 1}' in second["text"] and "cut after" in third["text"]
