# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CUPI over the wire."""
from __future__ import annotations

import json

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import cupi
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import PASSWORD
from .conftest import USER
from .conftest import Reply
from .conftest import basic

PLAIN = {"URI": "/vmrest/sipsecurityprofiles/9adbf7ac", "ObjectId": "9adbf7ac", "Port": "5060", "DoTLS": "false", "DisplayName": "5060"}


@pytest.fixture
def channel(options):
    return cupi.Channel(options.get)


def reply(value, status=200):
    return Reply(json.dumps(value), status, "application/json")


def test_each_operation_is_one_request(stub, channel):
    stub.script = [reply({"@total": "2", "SipSecurityProfile": [PLAIN, PLAIN]}), reply(PLAIN),
                   Reply("/vmrest/sipsecurityprofiles/87cab9a5-c68d-447a-ab4f-7cd2837aa240", 201, "text/plain"), Reply(b"", 204), Reply(b"", 204)]
    assert channel.page(5, "sipsecurityprofiles", "SipSecurityProfile", query="(Port is 5061)") == {"total": 2, "rows": [PLAIN, PLAIN]}
    assert channel.get(5, "sipsecurityprofiles/9adbf7ac") == PLAIN
    assert channel.create(5, "sipsecurityprofiles", {"Port": "5061", "DoTLS": "true"}) == {"id": "87cab9a5-c68d-447a-ab4f-7cd2837aa240"}
    channel.update(5, "sipsecurityprofiles/9adbf7ac", {"Port": "5061"})
    channel.delete(5, "sipsecurityprofiles/9adbf7ac")
    assert [(r["method"], r["path"].partition("?")[0]) for r in stub.seen] == [
        ("GET", "/vmrest/sipsecurityprofiles"), ("GET", "/vmrest/sipsecurityprofiles/9adbf7ac"), ("POST", "/vmrest/sipsecurityprofiles"),
        ("PUT", "/vmrest/sipsecurityprofiles/9adbf7ac"), ("DELETE", "/vmrest/sipsecurityprofiles/9adbf7ac")]
    assert stub.seen[0]["path"].partition("?")[2] == "rowsPerPage=500&pageNumber=1&query=%28Port+is+5061%29"
    assert [json.loads(r["body"]) for r in stub.seen if r["body"]] == [{"Port": "5061", "DoTLS": "true"}, {"Port": "5061"}]
    assert all(basic(r) == "%s:%s" % (USER, PASSWORD) and r["headers"]["accept"] == "application/json" for r in stub.seen)


@pytest.mark.parametrize("body, rows", [
    ({"@total": "1", "PortGroup": {"ObjectId": "1"}}, [{"ObjectId": "1"}]),
    ({"@total": "1", "PortGroup": [{"ObjectId": "1"}]}, [{"ObjectId": "1"}]),
    ({"@total": "0"}, []),
    ({"PortGroup": [{"ObjectId": "1"}]}, [{"ObjectId": "1"}]),
])
def test_a_list_in_each_of_its_forms(stub, channel, body, rows):
    stub.script = [reply(body)]
    assert channel.page(5, "portgroups", "PortGroup")["rows"] == rows


@pytest.mark.parametrize("body", [{"@total": "3"}, {"@total": "3", "Portgroup": []}, {"errors": {"code": "X"}}, {}])
def test_an_answer_without_the_objects_is_no_empty_list(stub, channel, body):
    stub.script = [reply(body)]
    with pytest.raises(NodeError, match="PortGroup"):
        channel.page(5, "portgroups", "PortGroup")


@pytest.mark.parametrize("body", [
    {"errors": {"code": "INVALID_PARAMETER", "message": "Port is in use"}}, {"errors": [{"code": "X", "message": "Port is in use"}]},
    {"message": "Port is in use"}, "<ErrorDetails><errors><code>X</code><message>Port\n is in use</message></errors></ErrorDetails>", "Port is in use",
])
def test_refusals_in_its_own_words(stub, channel, body):
    stub.script = [Reply(body, 400, "application/xml") if isinstance(body, str) else reply(body, 400)]
    with pytest.raises(NodeError) as caught:
        channel.create(5, "sipsecurityprofiles", {"Port": "5061"})
    assert (caught.value.kind, caught.value.detail) == ("refused", {"status": 400, "text": "Port is in use"})


@pytest.mark.parametrize("answer, kind", [
    (Reply("<html>not found</html>", 404, "text/html"), "unreachable"), (reply({"errors": {"message": "Not found"}}, 404), "refused"),
    (Reply("<html>wait</html>", 503, "text/html"), "busy"), (Reply("<html>login</html>", 200, "text/html"), "refused"), (Reply("", 401), "auth"),
    (Reply("{cut", 200, "application/json"), "refused"), (reply([1]), "refused"), (Reply("", 403), "refused"),
])
def test_what_is_no_answer(stub, channel, answer, kind):
    stub.script = [answer]
    with pytest.raises(NodeError) as caught:
        channel.get(5, "portgroups/1")
    assert caught.value.kind == kind and len(stub.seen) == 1


def test_a_write_whose_answer_breaks_off_is_never_sent_again(stub, channel):
    stub.script = [Reply("x" * 100, how="truncate"), Reply(b"", 204)]
    with pytest.raises(NodeError) as caught:
        channel.update(5, "portgroups/1", {"SipDoSRTP": "true"})
    assert caught.value.kind == "lost" and len(stub.seen) == 1


def test_no_secret_of_an_answer_is_in_a_message(stub, channel):
    stub.script = [Reply("", 401)]
    with pytest.raises(NodeError) as caught:
        channel.get(5, "portgroups/1")
    assert PASSWORD not in str(caught.value) and "collab_application_password" in str(caught.value)
