# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of a Meeting Server: which files they used, and when these can be taken into service again."""
from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.services import CALL_BRIDGE_3
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.services import WEB_ADMIN
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.services import XMPP
from ansible_collections.collab.security.plugins.plugin_utils.undo import mmp_services as mmp
from ansible_collections.collab.security.plugins.plugin_utils.undo.keeping import written_by

NOW = datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)


def pair(name):
    """(PEM of a key, PEM of its certificate)."""
    key, who = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(7).not_valid_before(NOW)
            .not_valid_after(NOW.replace(year=NOW.year + 1)).sign(key, hashes.SHA256()))
    return (key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
            made.public_bytes(serialization.Encoding.PEM))


class Box:
    """A node of 3.8 whose Web Admin uses new.key and new.crt; old.key and old.crt lie there still."""

    name = "us-cms1"
    variables = {}

    def __init__(self):
        (old_key, old), (new_key, new) = pair("old"), pair("new")
        self.files = {"old.key": old_key, "old.crt": old, "new.key": new_key, "new.crt": new}
        self.uses, self.enabled, self.said, self.refuses = ["new.key", "new.crt"], "true", [], None

    def ask(self, channel, op, **arguments):
        if channel == "cms_sftp":
            return {"data": self.files.get(arguments["name"])}
        command = arguments["command"]
        if not arguments.get("reading"):
            self.said.append(command)
            if command == self.refuses:
                self.refuses = None
                raise NodeError("refused", "FAILURE")
            if command.startswith("webadmin certs"):
                self.uses = command.split()[2:]
            elif command in ("webadmin enable", "webadmin disable"):
                self.enabled = "true" if command.endswith("enable") else "false"
            return {"output": ""}
        lines = "Enabled : %s\nTLS listening interface : a\nKey file : %s\nCertificate file : %s\n" % (self.enabled, *self.uses)
        shown = {"version": "3.8.1", "webadmin": lines}
        return {"output": shown[command]}


def saved(box, command):
    """(kind, key, elements) as saved before a command."""
    _act, kind, key, elements = written_by("mmp", "run", {"command": command, "answers": []})
    return kind, *mmp.settled(box, kind, key, elements)


def test_files_are_saved_with_what_is_in_them():
    box = Box()
    kind, key, elements = saved(box, "webadmin certs old.key old.crt")
    assert key == {"name": "webadmin"} and set(elements["webadmin certs"]) == {"key", "certificate", "certificate_sha256"}
    now = mmp.read(box, kind, key, elements)
    assert now["webadmin certs"]["key"] == "new.key" and now != elements
    box.uses = ["old.key", "old.crt"]
    assert mmp.read(box, kind, key, elements) == elements


def test_a_service_goes_back_out_of_service_files_and_in():
    box = Box()
    kind, key, elements = saved(box, "webadmin certs old.key old.crt")
    assert mmp.obstacle(box, kind, key, elements) == ""
    mmp.write(box, kind, key, elements)
    assert box.said == ["webadmin disable", "webadmin certs old.key old.crt", "webadmin enable"]


def test_where_it_is_refused_what_was_in_service_is_put_back():
    box = Box()
    kind, key, elements = saved(box, "webadmin certs old.key old.crt")
    box.refuses = "webadmin certs old.key old.crt"
    with pytest.raises(NodeError):
        mmp.write(box, kind, key, elements)
    assert box.uses == ["new.key", "new.crt"] and box.enabled == "true"


@pytest.mark.parametrize(("change", "words"), [
    (lambda files: files.pop("old.crt"), "not there any more"), (lambda files: files.update({"old.crt": files["new.crt"]}), "another one has its name"),
    (lambda files: files.pop("old.key"), "old.key is not there"), (lambda files: files.update({"old.key": files["new.key"]}), "does not belong to old.crt")])
def test_files_that_are_not_those_of_before_are_not_taken(change, words):
    box = Box()
    kind, key, elements = saved(box, "webadmin certs old.key old.crt")
    change(box.files)
    assert words in mmp.obstacle(box, kind, key, elements)


def test_a_service_without_a_certificate_before_is_left():
    assert "no certificate before" in mmp.obstacle(Box(), mmp.SERVICE, {"name": "xmpp"}, {"xmpp certs": {}})


@pytest.mark.parametrize(("service", "elements", "enabled", "wanted", "lines"), [
    (WEB_ADMIN, {}, "true", "false", ["webadmin disable"]),
    (XMPP, {"xmpp certs": {"key": "a.key", "certificate": "a.crt", "chain": "a.ca"}}, "true", "true", [
        "xmpp disable", "xmpp certs none", "xmpp certs a.key a.crt a.ca", "xmpp enable"]),
    (CALL_BRIDGE_3, {"callbridge trust c2w": {"chain": "a.ca"}}, "true", "true", ["callbridge trust c2w a.ca", "callbridge restart"])])
def test_the_guides_lines(service, elements, enabled, wanted, lines):
    assert mmp.commands(service, elements, enabled, wanted) == lines
