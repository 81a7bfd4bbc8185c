# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of issued certificates: what a run that ended early leaves is found by the next."""

from __future__ import annotations

import json
import stat

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.pki import archive

HOW = {"method": "adcs", "template": "CollabServer"}


@pytest.fixture
def kept(tmp_path):
    return archive.Archive(tmp_path, "us_cm", "tomcat")


def test_nothing_there(kept, kit):
    assert kept.load(kit.csr()) is None


def test_issued_is_found_for_its_request_only(kept, kit, ca):
    request = kit.csr()
    certificate = ca.issue(request)
    kept.submitting(request, HOW)
    kept.issued(request, HOW, certificate, ca.chain, 7)
    assert kept.load(request) == {"key": archive.key_id(request), "how": HOW, "state": "issued", "request_id": 7}
    assert kept.certificates() == [certificate, *ca.chain]
    assert kept.load(kit.csr(key_name="a later request")) is None
    assert stat.S_IMODE(kept.pem.stat().st_mode) == 0o600


def test_answer_of_the_broker_survives_the_run_that_asked(kept, kit):
    request = kit.csr()
    kept.submitting(request, HOW)
    assert kept.load(request)["state"] == "submitting"
    kept.answer.write_text(json.dumps({"state": "issued", "request_id": 12}))
    for _ in range(2):
        assert (kept.load(request)["state"], kept.load(request)["request_id"]) == ("pending", 12)


def test_old_answer_is_not_taken_for_a_new_request(kept, kit):
    kept.submitting(kit.csr(), HOW)
    kept.answer.write_text(json.dumps({"state": "issued", "request_id": 12}))
    later = kit.csr(key_name="a later request")
    kept.submitting(later, HOW)
    assert kept.load(later) == {"key": archive.key_id(later), "how": HOW, "state": "submitting", "request_id": None}


def test_a_new_request_does_not_destroy_the_certificate_before(kept, kit, ca):
    request = kit.csr()
    certificate = ca.issue(request)
    kept.issued(request, HOW, certificate, [])
    kept.submitting(kit.csr(key_name="a later request"), HOW)
    assert archive.read_certificates((kept.folder / "tomcat.previous.pem").read_bytes(), "x") == [certificate]


def test_record_without_its_certificate_is_not_issued(kept, kit, ca):
    request = kit.csr()
    kept.issued(request, HOW, ca.issue(request), [], 7)
    kept.pem.unlink()
    assert kept.load(request)["state"] == "pending"


def test_forget(kept, kit, ca):
    request = kit.csr()
    kept.issued(request, HOW, ca.issue(request), [])
    kept.forget()
    assert kept.load(request) is None


def test_damaged_record_is_named(kept, kit):
    kept.submitting(kit.csr(), HOW)
    kept.record.write_text("{")
    with pytest.raises(archive.ArchiveError, match="tomcat.json cannot be read"):
        kept.load(kit.csr())


@pytest.mark.parametrize("name", ["../tomcat", "", "a/b", ".hidden"])
def test_name_stays_in_its_folder(tmp_path, name):
    with pytest.raises(archive.ArchiveError, match="name"):
        archive.Archive(tmp_path, "us_cm", name)
