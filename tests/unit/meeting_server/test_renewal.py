# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a renewal is told of a Meeting Server cluster: what services and databases use, one row however many use it."""
from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.meeting_server import renewal
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.services import WEB_ADMIN
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.services import Status
from tests.unit.management.test_renewal import made

SHOWN = "Enabled : true\nListening interface : a\nKey file : %s.key\nCertificate file : %s.cer\nCA Bundle file : none\n"


class Server:
    """One node as read: files by name; what Web Admin and the database's cluster use."""

    def __init__(self, files, web, server, client):
        self.files, self.statuses = files, {"webadmin": Status(WEB_ADMIN, SHOWN % (web, web))}
        self.database = SimpleNamespace(certificates={"server_certificate": server, "client_certificate": client, "ca": "ca.cer"})

    def leaf(self, name):
        """The first certificate of a file."""
        return self.files.get(name)


def test_what_is_used_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that nothing uses is nobody's; a node without a database has none to renew."""
    shared, client, old = made("cms"), made("postgres"), made("old")
    files = {"shared.cer": shared, "client.cer": client, "old.cer": old}
    servers = {"cms1": Server(files, "shared", "shared.cer", "client.cer"), "cms2": Server(files, "shared", "", "client.cer"),
               "cms3": Server(files, "none", "", "")}
    monkeypatch.setattr(renewal, "Server", lambda node: servers[node])
    found = renewal.read(SimpleNamespace(nodes=list(servers), each=lambda nodes, function: {n: function(n) for n in nodes}), [])
    assert {(one.name, one.subject, one.nodes) for one in found} == {
        ("services", "CN=cms", ("cms1", "cms2")), ("databases", "CN=cms", ("cms1",)), ("databases", "CN=postgres", ("cms1", "cms2"))}
