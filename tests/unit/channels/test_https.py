# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS: who is trusted, and what is known about a request when something breaks."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels.https import Https
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import FQDN
from .conftest import PASSWORD
from .conftest import USER
from .conftest import Identity
from .conftest import Reply
from .conftest import Stub
from .conftest import basic

VARIABLES = ("collab_application_user", "collab_application_password")


def client(options, **more):
    return Https(dict(options, **more).get, "https_port", "application_user", "application_password", VARIABLES)


def failing(https, *request, left=5, **more):
    with pytest.raises(NodeError) as caught:
        https.request(left, *(request or ("POST", "/x", b"body")), **more)
    return caught.value


def test_verifies_the_name_while_it_dials_the_address_and_ignores_the_environment(stub, options, monkeypatch, tmp_path):
    (tmp_path / "empty.pem").touch()
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "empty.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    stub.script = [Reply("ok")]
    answer = client(options).request(5, "GET", "/x")
    assert (answer.status, answer.body) == (200, b"ok")
    assert stub.seen[0]["headers"]["host"] == "%s:%d" % (FQDN, stub.port) and basic(stub.seen[0]) == "%s:%s" % (USER, PASSWORD)


@pytest.mark.parametrize("anchor", ["root", "issuing", "node"])
def test_each_anchor_is_enough_by_itself(stub, options, ca, tmp_path, anchor):
    (tmp_path / "one.pem").write_text(ca[anchor].pem)
    stub.script = [Reply("ok")]
    assert client(options, ca_file=str(tmp_path / "one.pem")).request(5, "GET", "/x").status == 200


def test_a_pinned_certificate_is_trusted_for_its_name_only(tmp_path, options):
    pins = tmp_path / "pins"
    pins.mkdir()
    own = Identity(FQDN, names=[FQDN])
    (pins / (FQDN + ".pem")).write_text(own.pem)
    (pins / "us-cm-sub1.ent-pa.com.pem").write_text(own.pem)
    server = Stub(pins, own)
    server.script = [Reply("ok")]
    pinned = {"https_port": server.port, "pinned_certificates": str(pins)}
    assert client(options, **pinned).request(5, "GET", "/x").status == 200
    assert "not to be trusted for us-cm-sub1.ent-pa.com" in str(failing(client(options, fqdn="us-cm-sub1.ent-pa.com", **pinned)))
    assert "self-signed" in str(failing(client(options, https_port=server.port)))
    server.close()
    assert len(server.seen) == 1


@pytest.mark.parametrize("change, words", [
    ({"fqdn": "us-cm-sub1.ent-pa.com"}, ["not to be trusted for us-cm-sub1.ent-pa.com", "collab_fqdn", "Hostname mismatch"]),
    ({"ca_file": None}, ["set collab_ca_file"]),
    ({"ca_file": "/nowhere.pem"}, ["collab_ca_file (/nowhere.pem) cannot be used", "No such file"]),
    ({"ca_file": __file__}, ["collab_ca_file", "cannot be used"]),
    ({"https_port": 1}, ["127.0.0.1:1 does not answer", "ansible_host and collab_https_port"]),
])
def test_what_cannot_be_trusted_or_reached_gets_nothing(stub, options, change, words):
    error = failing(client(options, **change))
    assert error.kind == "unreachable" and all(word in str(error) for word in words), error
    assert stub.seen == []


def test_an_expired_certificate_is_refused(tmp_path, options, ca):
    server = Stub(tmp_path, Identity(FQDN, ca["root"], [FQDN], days=(-30, -1)))
    assert "expired" in str(failing(client(options, https_port=server.port)))
    server.close()


def test_one_connection_and_one_session_are_kept(stub, options):
    cookies = [("Set-Cookie", "JSESSIONID=abc; Path=/; Secure; HttpOnly"), ("Set-Cookie", "JSESSIONIDSSO=def")]
    stub.script = [Reply("a", headers=cookies), Reply("b"), Reply("c")]
    https = client(options)
    for _time in range(3):
        https.request(5, "POST", "/x", b"body")
    assert stub.connections == 1
    assert [r["headers"].get("cookie") for r in stub.seen] == [None] + ["JSESSIONID=abc; JSESSIONIDSSO=def"] * 2


def test_a_connection_that_the_other_end_closed_is_opened_anew_before_anything_is_sent(stub, options):
    stub.script = [Reply("a", headers=[("Connection", "close")]), Reply("b"), Reply("c")]
    https = client(options)
    https.request(5, "POST", "/x", b"1")
    https.request(5, "POST", "/x", b"2")
    https.connection.sock.shutdown(2)                       # as when it was closed while nobody looked
    https.request(5, "POST", "/x", b"3")
    assert [r["body"] for r in stub.seen] == ["1", "2", "3"] and stub.connections == 3


@pytest.mark.parametrize("how", ["reset", "truncate"])
def test_a_write_without_an_answer_is_lost_and_never_sent_again(stub, options, how):
    stub.script = [Reply("first"), Reply("x" * 100, how=how), Reply("again")]
    https = client(options)
    https.request(5, "POST", "/x", b"1")
    error = failing(https, "POST", "/x", b"2")
    assert error.kind == "lost" and "may have been done" in str(error) and not error.keep
    assert len(stub.seen) == 2


@pytest.mark.parametrize("how", ["reset", "truncate"])
def test_a_read_without_an_answer_is_made_once_more(stub, options, how):
    stub.script = [Reply("x" * 100, how=how), Reply("again"), Reply("x" * 100, how=how), Reply("x" * 100, how=how)]
    https = client(options)
    assert https.request(5, "GET", "/x", write=False).body == b"again"
    assert failing(https, "GET", "/x", write=False).kind == "lost"
    assert len(stub.seen) == 4


def test_silence_is_lost_when_the_time_is_up_and_not_asked_again(stub, options):
    stub.script = [Reply(how="silence"), Reply("again")]
    error = failing(client(options), "GET", "/x", left=1.2, write=False)
    assert error.kind == "lost" and "no answer in the time it may take" in str(error) and error.detail == {"late": True}
    assert len(stub.seen) == 1


def test_a_refused_login_is_one_attempt_and_names_the_variables(stub, options):
    stub.script = [Reply("<html>HTTP Status 401</html>", 401, "text/html"), Reply("ok")]
    error = failing(client(options), "GET", "/x", write=False)
    assert error.kind == "auth" and "check collab_application_user and collab_application_password" in str(error) and PASSWORD not in str(error)
    assert len(stub.seen) == 1


def test_missing_credentials_are_named(options):
    with pytest.raises(NodeError, match="collab_application_user and collab_application_password must both be set"):
        client(options, application_password=None)
