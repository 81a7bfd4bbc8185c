# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OS Administration over the wire: a small site of web pages with field names of its own."""
from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels import os_admin
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

from .conftest import FQDN
from .conftest import PASSWORD
from .conftest import USER
from .conftest import Reply

MENU = """<ul><li><a href="#">Security</a><ul><li><a href="x1.do">Certificate Management</a></li><li><a href="x5.do">Certificate Monitor</a></li>
<li><a href="x6.do">Certificate Revocation</a></li></ul></li><li><a href="bye.do">Logout</a></li></ul>"""
LOGIN = """<title>OS Administration Logon</title>%s<form method=post action=j_security_check><input type=hidden name=tok value=%d>
Username <input name=j_username> Password <input type=password name=j_password><button>Login</button></form>"""
LIST = """<title>Certificate List</title>%s<input type=button value="Generate CSR" onclick="window.open('x2.do')">
<a href="javascript:pop('x3.do')">Upload Certificate/Certificate chain</a>""" % MENU
CSR = """<title>Generate Certificate Signing Request</title><form method=post action=x2.do><input type=hidden name=tok value=%(tok)d><table>
<tr><td>Certificate Purpose*</td><td><select name=q1><option value=0>tomcat<option value=1 %(cm)s>CallManager</select></td></tr>
<tr><td>Distribution*</td><td><select name=q2 onchange="this.form.submit()"><option value=n>us-cm-pub.ent-pa.com
<option value=m %(multi)s>Multi-server(SAN)</select>
<tr><td>Common Name*</td><td><input name=q3 value="us-cm-pub%(ms)s.ent-pa.com"></td></tr>%(domains)s
<tr><td>Key Type</td><td>RSA</td></tr><tr><td>Key Length*</td><td><select name=q4><option>1024<option selected>2048<option>4096</select></td></tr>
<tr><td>Hash Algorithm*</td><td><select name=q5><option>SHA1<option>SHA256</select></td></tr></table>
<input type=submit name=b1 value=Generate><input type=button value=Close onclick="window.close()"></form>"""
DOMAINS = """<tr><td>Auto-populated Domains</td><td><textarea name=q6 readonly>us-cm-pub.ent-pa.com\nus-cm-sub1.ent-pa.com</textarea></td></tr>
<tr><td>Other Domains</td><td><textarea name=q7></textarea></td></tr>"""
UPLOAD = """<title>Upload</title><form method=post enctype=multipart/form-data action=x3.do><input type=hidden name=tok value=%d><table>
<tr><td>Certificate Purpose*</td><td><select name=u1><option>tomcat<option>tomcat-trust</select></td></tr>
<tr><td>Description(friendly name)</td><td><input name=u2></td></tr><tr><td>Upload File</td><td><input type=file name=u3></td></tr></table>
<input type=submit value=Upload></form>"""
MONITOR = """<title>Certificate Monitor</title>%s<form method=post action=x5.do><table>
<tr><td>Notification Start Time*</td><td><input name=m1 value=%s> (in days)</td></tr></table><input type=submit value=Save></form>"""


class Site:
    """What the node answers. lose: number of requests with a session after which it is lost; broken: what to answer instead, by path."""

    def __init__(self):
        self.session, self.token, self.days, self.done, self.logins, self.lose, self.broken = None, 1, "30", [], 0, [], {}

    def __call__(self, request):
        path = request["path"].rpartition("/")[2]
        kept = re.search(r"JSESSIONID=(\w+)", request["headers"].get("cookie", ""))
        body = request["body"] if "multipart" in request["headers"].get("content-type", "") else parse_qs(request["body"], keep_blank_values=True)
        if path == "j_security_check":
            if body["j_password"] != [PASSWORD] or body["j_username"] != [USER] or body["tok"] != [str(self.token)]:
                return self.page(LOGIN % ("Error: invalid user name or password", self.token))
            self.logins += 1
            self.session = "S%d" % self.logins
            return Reply("", 302, headers=[("Location", "https://%s/cmplatform/showHome.do" % FQDN), ("Set-Cookie", "JSESSIONID=%s; Path=/" % self.session)])
        if self.lose and kept and self.lose[0] == 0:
            self.lose.pop(0)
            self.session = None
        elif self.lose and kept:
            self.lose[0] -= 1
        if not kept or kept.group(1) != self.session:
            return self.page(LOGIN % ("", self.token))
        if path in self.broken:
            return self.broken[path]
        return getattr(self, path.partition(".")[0] or "showHome")(request, body)

    @staticmethod
    def page(text):
        return Reply("<html><body>%s</body></html>" % text, kind="text/html;charset=UTF-8")

    def showHome(self, request, body):
        return self.page("<title>Welcome</title>" + MENU)

    def x1(self, request, body):
        return self.page(LIST)

    def x2(self, request, body):
        if "b1" in (body or ()):
            self.done.append(body)
            return self.page("<p>Success: Certificate Signing Request Generated</p>")
        multi = body and body["q2"] == ["m"]
        return self.page(CSR % {"tok": self.token, "cm": "selected" if body and body["q1"] == ["1"] else "", "multi": "selected" if multi else "",
                                "ms": "-ms" if multi else "", "domains": DOMAINS if multi else ""})

    def x3(self, request, body):
        if request["method"] == "POST":
            self.done.append(body)
            return self.page("<p>Error: CSR SAN and Certificate SAN does not match</p><p>Ready</p>")
        return self.page(UPLOAD % self.token)

    def x5(self, request, body):
        if request["method"] == "POST":
            self.days = body["m1"][0]
        return self.page(MONITOR % (MENU, self.days))

    def bye(self, request, body):
        self.session = None
        return self.page("bye")


@pytest.fixture
def site(stub):
    stub.script = Site()
    return stub.script


@pytest.fixture
def channel(options):
    return os_admin.Channel(options.get)


def test_login_is_by_form_and_no_password_goes_with_a_request(stub, site, channel):
    shown = channel.read(10, "monitor")
    assert shown["title"] == "Certificate Monitor" and shown["fields"] == [
        {"label": "Notification Start Time", "group": "Notification Start Time", "kind": "text", "value": "30", "options": []}]
    assert not any("authorization" in r["headers"] for r in stub.seen) and site.logins == 1
    channel.close()
    assert site.session is None


def test_known_pages_are_fetched_straight(stub, site, channel):
    channel.read(10, "monitor")
    before = len(stub.seen)
    channel.read(10, "monitor")
    assert [r["path"] for r in stub.seen[before:]] == ["/cmplatform/x5.do"]


def test_wrong_password_is_tried_once(stub, site, options):
    channel = os_admin.Channel({**options, "password": "wrong-secret"}.get)
    with pytest.raises(NodeError) as caught:
        channel.read(10, "monitor")
    assert caught.value.kind == "auth" and "ansible_password" in str(caught.value) and "wrong-secret" not in str(caught.value)
    assert sum("j_security_check" in r["path"] for r in stub.seen) == 1


def test_request_for_all_nodes_follows_the_reloading_choice(stub, site, channel):
    said = channel.generate_csr(10, "CallManager", names=["us-cm-pub.ent-pa.com", "us-cm-sub1.ent-pa.com", "us-imp-pub.ent-pa.com"])
    assert "Success" in said["says"] and said["alerts"] == ""
    [sent] = site.done
    assert {k: v[0].replace("\r", "") for k, v in sent.items()} == {
        "tok": "1", "q1": "1", "q2": "m", "q3": "us-cm-pub-ms.ent-pa.com", "q4": "2048", "q5": "SHA256", "b1": "Generate",
        "q6": "us-cm-pub.ent-pa.com\nus-cm-sub1.ent-pa.com", "q7": "us-imp-pub.ent-pa.com"}


def test_a_page_that_only_asks_whether_to_go_on_is_answered(site, channel):
    done = site.x2

    def asks(request, body):
        answer = done(request, body)
        return site.page("<p>Do you want to continue?</p><form method=post action=x7.do><input type=hidden name=tok value=9>"
                         "<input type=submit name=go value=Continue></form>") if site.done else answer

    site.x2, site.x7 = asks, lambda request, body: site.page("<p>Success: Certificate Signing Request Generated %s</p>" % body["tok"])
    assert "Generated ['9']" in channel.generate_csr(10, "tomcat", names=[])["says"]


def test_request_for_one_node_with_a_common_name(site, channel):
    channel.generate_csr(10, "tomcat", distribution="us-cm-pub.ent-pa.com", common_name="voice.ent-pa.com", key_length=4096)
    assert {k: v[0] for k, v in site.done[0].items()} == {
        "tok": "1", "q1": "0", "q2": "n", "q3": "voice.ent-pa.com", "q4": "4096", "q5": "SHA256", "b1": "Generate"}


def test_file_upload_and_the_products_words(site, channel):
    said = channel.upload(10, "tomcat-trust", "root.pem", "-----BEGIN\nroot\n", "Enterprise CA")
    assert said["alerts"] == "Error: CSR SAN and Certificate SAN does not match"
    [sent] = site.done
    parts = re.findall(r'name="(\w+)"(?:; filename="([^"]*)"\r\nContent-Type: application/octet-stream)?\r\n\r\n(.*?)\r\n--', sent, re.DOTALL)
    assert parts == [("tok", "", "1"), ("u1", "", "tomcat-trust"), ("u2", "", "Enterprise CA"), ("u3", "root.pem", "-----BEGIN\nroot\n")]


def test_settings_are_saved(site, channel):
    channel.save(10, "monitor", [{"label": "Notification Start Time", "kind": "text", "value": "45"}])
    assert channel.read(10, "monitor")["fields"][0]["value"] == "45"


@pytest.mark.parametrize("after", range(1, 5))
def test_session_lost_on_the_way_is_opened_anew(site, channel, after):
    site.lose = [after]
    channel.generate_csr(10, "tomcat", names=["us-cm-pub.ent-pa.com"])
    assert site.logins == 2 and len(site.done) == 1


def test_session_lost_at_the_button_is_lost(site, channel):
    channel.read(10, "monitor")
    site.lose = [1]                                         # the page is still served, the button's request is not
    with pytest.raises(NodeError) as caught:
        channel.save(10, "monitor", [{"label": "Notification Start Time", "kind": "text", "value": "45"}])
    assert caught.value.kind == "lost" and site.logins == 1 and site.days == "30"


def test_sessions_that_end_again_and_again_are_given_up(site, channel):
    site.lose = [2, 2, 2]
    with pytest.raises(NodeError, match="again and again"):
        channel.read(10, "monitor")
    assert site.logins == 2


@pytest.mark.parametrize("page, words", [
    (CSR.replace("Distribution", "Servers"), "no field 'Distribution'.*'Certificate Purpose' \\(tomcat, CallManager\\).*buttons 'Generate'"),
    (CSR.replace("Multi-server(SAN)", "All"), "'Distribution' does not offer 'Multi-server.SAN.', but 'us-cm-pub.ent-pa.com', 'All'"),
    (CSR.replace("value=Generate", "value=Create"), "no button 'Generate'"),
    (CSR.replace("<option>SHA256", ""), "'Hash Algorithm' does not offer 'sha256', but 'SHA1'"),
    ("<p>Maintenance</p>", "no field 'Certificate Purpose'"),
])
def test_a_page_that_changed_is_described_and_nothing_submitted(site, channel, page, words):
    site.x2 = lambda request, body: site.page(page % {"tok": 1, "cm": "", "multi": "selected", "ms": "-ms", "domains": DOMAINS} if "%(" in page else page)
    with pytest.raises(NodeError, match=words) as caught:
        channel.generate_csr(10, "tomcat", names=["us-cm-pub.ent-pa.com"])
    assert caught.value.kind == "refused" and caught.value.detail["unexpected"] and site.done == []


def test_names_that_the_page_does_not_take(site, channel):
    csr = CSR % {"tok": 1, "cm": "", "multi": "selected", "ms": "-ms", "domains": DOMAINS.replace("name=q7", "name=q7 readonly")}
    site.x2 = lambda request, body: site.page(csr)
    with pytest.raises(NodeError, match="lists us-cm-pub.ent-pa.com, us-cm-sub1.ent-pa.com .* us-imp-pub.ent-pa.com would be missing"):
        channel.generate_csr(10, "tomcat", names=["us-cm-sub1.ent-pa.com", "us-imp-pub.ent-pa.com"])


def test_a_menu_without_the_page(site, channel):
    site.showHome = lambda request, body: site.page("<title>Welcome</title><a href=x9.do>Settings</a>")
    with pytest.raises(NodeError, match="no link leads to 'Certificate Monitor'.*'Welcome'.*links 'Settings'"):
        channel.read(10, "monitor")


def test_upload_page_is_known_by_its_address(site, channel):
    site.showHome = lambda request, body: site.page("<title>Welcome</title>")
    site.certificateUpload = site.x3
    channel.upload(10, "tomcat", "a.pem", "PEM")
    assert len(site.done) == 1


@pytest.mark.parametrize("answer, kind", [
    (Reply("", how="reset"), "lost"), (Reply("<html>Internal error", 500, "text/html"), "lost"), (Reply("<html>no", 403, "text/html"), "refused"),
])
def test_a_button_without_a_plain_answer(site, channel, answer, kind):
    channel.read(10, "monitor")
    real = site.x5
    site.x5 = lambda request, body: answer if request["method"] == "POST" else real(request, body)
    with pytest.raises(NodeError) as caught:
        channel.save(10, "monitor", [{"label": "Notification Start Time", "kind": "text", "value": "45"}])
    assert caught.value.kind == kind


TWICE = "<form method=post action=x5.do><button>OK</button><button>OK</button></form>"


@pytest.mark.parametrize("after", [Reply("", how="reset"), Reply("<html>gone", 404, "text/html"), Reply("<html>wait", 503, "text/html"), Site.page(TWICE)])
def test_what_comes_after_the_button_may_mean_that_it_was_done(site, channel, after):
    """The settings were taken, and the page that the node leads to cannot be had or is no plain answer: never "nothing was submitted"."""
    channel.read(10, "monitor")
    real, site.x8 = site.x5, lambda request, body: after
    site.x5 = lambda request, body: Reply("", 302, headers=[("Location", "x8.do")]) if request["method"] == "POST" else real(request, body)
    with pytest.raises(NodeError, match="may have been done") as caught:
        channel.save(10, "monitor", [{"label": "Notification Start Time", "kind": "text", "value": "45"}])
    assert caught.value.kind == "lost"


def test_no_session_in_a_message(site, channel):
    """Tomcat writes its session into addresses as long as it does not know that cookies are taken."""
    site.showHome = lambda request, body: site.page(MENU.replace("x5.do", "x5.do;jsessionid=planted?token=planted"))
    site.x5 = lambda request, body: site.page("<p>Maintenance</p>")
    values = [{"label": "Notification Start Time", "kind": "text", "value": "45"}]
    with pytest.raises(NodeError, match="x5.do") as changed:
        channel.save(10, "monitor", values)
    site.x5 = lambda request, body: Reply("<html>gone", 404, "text/html")
    with pytest.raises(NodeError, match="x5.do") as gone:
        channel.save(10, "monitor", values)
    site.x5 = lambda request, body: Reply("", how="reset")
    with pytest.raises(NodeError, match="x5.do") as lost:
        channel.save(10, "monitor", values)
    assert "planted" not in str([(one.value, one.value.detail) for one in (changed, gone, lost)])


@pytest.mark.parametrize("answer, kind", [(Reply("<html>wait", 503, "text/html"), "busy"), (Reply("<html>", 404, "text/html"), "unreachable")])
def test_a_page_that_is_not_served(site, channel, answer, kind):
    site.broken["x5.do"] = answer
    with pytest.raises(NodeError) as caught:
        channel.read(10, "monitor")
    assert caught.value.kind == kind


def test_another_server_is_never_followed(site, channel):
    site.x5 = lambda request, body: Reply("", 302, headers=[("Location", "https://elsewhere.example/cmplatform/x5.do")])
    with pytest.raises(NodeError, match="elsewhere.example, which is another server"):
        channel.read(10, "monitor")
