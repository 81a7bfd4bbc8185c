# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate API over the wire."""
from __future__ import annotations

import json

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import certmgr
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import Reply

BASE = "/platformcom/api/v1/certmgr/config"


@pytest.fixture
def channel(options):
    return certmgr.Channel(options.get)


def reply(value, status=200):
    return Reply(json.dumps(value), status, "application/json")


def test_each_operation_is_one_request(stub, channel):
    stub.script = [reply({"identities": []}), reply({"csr": []}), reply({"csr": "PEM"}), reply({}, 201), Reply(b"", 200)]
    assert channel.snapshot(5) == {"identities": []}
    assert channel.options(5) == {"csr": []}
    assert channel.csr(5, {"service": "tomcat", "distribution": "this-server"}) == {"csr": "PEM"}
    channel.upload_trust(5, ["tomcat", "CallManager"], ["PEM"], "Enterprise CA")
    assert channel.upload_identity(5, "tomcat", ["LEAF", "CA"]) == {}
    assert [(r["method"], r["path"]) for r in stub.seen] == [
        ("GET", BASE + "/snapshot/server"), ("GET", BASE + "/options"), ("POST", BASE + "/csr"), ("POST", BASE + "/trust/certificates"),
        ("POST", BASE + "/identity/certificates")]
    assert [json.loads(r["body"]) for r in stub.seen[2:]] == [
        {"service": "tomcat", "distribution": "this-server"}, {"service": ["tomcat", "CallManager"], "certificates": ["PEM"], "description": "Enterprise CA"},
        {"service": "tomcat", "certificates": ["LEAF", "CA"]}]


@pytest.mark.parametrize("body", [{"message": "CSR SAN and Certificate SAN does not match"}, {"messages": ["CSR SAN and Certificate SAN does not match"]},
                                  {"error": "CSR SAN and Certificate SAN does not match"}])
def test_refusals_in_the_apis_own_words(stub, channel, body):
    stub.script = [reply(body, 400)]
    with pytest.raises(NodeError) as caught:
        channel.upload_identity(5, "tomcat", ["PEM"])
    assert (caught.value.kind, caught.value.detail) == ("refused", {"status": 400, "text": "CSR SAN and Certificate SAN does not match"})


@pytest.mark.parametrize("answer, kind", [
    (Reply("<html>not found</html>", 404, "text/html"), "unreachable"), (Reply("<html>wait</html>", 503, "text/html"), "busy"),
    (Reply("<html>login</html>", 200, "text/html"), "refused"), (Reply("{cut", 200, "application/json"), "lost"), (Reply("", 401), "auth"),
])
def test_what_is_no_answer_of_the_api(stub, channel, answer, kind):
    stub.script = [answer]
    with pytest.raises(NodeError) as caught:
        channel.csr(5, {"service": "tomcat"})
    assert caught.value.kind == kind and len(stub.seen) == 1


def test_a_lost_upload_is_never_sent_again(stub, channel):
    stub.script = [Reply("x" * 100, how="truncate"), reply({})]
    with pytest.raises(NodeError) as caught:
        channel.upload_trust(5, ["tomcat"], ["PEM"])
    assert caught.value.kind == "lost" and len(stub.seen) == 1
