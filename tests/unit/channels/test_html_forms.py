# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages read by their words, in each of the layouts that such pages come in."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.channels.html_forms import Page
from ansible_collections.collab.security.plugins.plugin_utils.channels.html_forms import Unexpected

URL = "https://us-cm-pub.ent-pa.com/cmplatform/certificateFindList.do"

CELLS = """<table>
<tr><td>Notification Start Time:*</td><td><input name=a value=30> (in days)</td></tr>
<tr><td>Notification Frequency</td><td><input name=b value=7> <input type=radio name=c value=d checked>Days <input type=radio name=c value=h>Hours</td></tr>
<tr><td></td><td><input type=checkbox name=e> Enable E-mail notification</td></tr>
<tr><td>Enable LSC Monitoring</td><td><input type=checkbox name=f value=yes checked></td></tr>
<tr><td>E-mail IDs</td><td><textarea name=g>\nops@ent-pa.com</textarea></td></tr></table>"""
LABELS = """<p><label for=i1>Notification Start Time</label><input id=i1 name=a value=30> days</p>
<fieldset><legend>Notification Frequency</legend><input name=b value=7>
<label><input type=radio name=c value=d checked> Days</label><label><input type=radio name=c value=h> Hours</label></fieldset>
<p><input type=checkbox name=e id=i2><label for=i2>Enable Email Notification</label>
<p><label><input type=checkbox name=f value=yes checked> Enable LSC monitoring</label>
<p><label for=i3>Email IDs</label><textarea id=i3 name=g>ops@ent-pa.com</textarea>"""
BLOCKS = """<div><div>Notification Start Time</div><div><input name=a value=30></div></div>
<div><div>Notification Frequency</div><div><input name=b value=7><select name=c><option value=d selected>Days<option value=h>Hours</select></div></div>
<div><span><input type=checkbox name=e></span> <span>Enable E-mail Notification</span></div>
<div><input type=checkbox name=f value=yes checked> Enable LSC monitoring</div>
<div>E-mail IDs<br><textarea name=g>ops@ent-pa.com</textarea></div>"""
TERMS = """<dl><dt>Notification Start Time<dd><input name=a value=30>
<dt>Notification Frequency<dd><input name=b value=7> <select name=c><option value=d selected>Days<option value=h>Hours</select>
<dt>Enable E-mail Notification<dd><input type=checkbox name=e><dt>Enable LSC monitoring<dd><input type=checkbox name=f value=yes checked>
<dt>E-mail IDs<dd><textarea name=g>ops@ent-pa.com</textarea></dl>"""
ROWS = """<fieldset><legend>Configuration</legend><div><label for=i1>Notification Start Time</label>*&nbsp;<input id=i1 name=a value=30>&nbsp;(days)</div>
<div><label for=i2>Notification Frequency</label>*&nbsp;<input id=i2 name=b value=7>&nbsp;<input type=radio id=i3 name=c value=d checked>
<label for=i3>Days</label><input type=radio id=i4 name=c value=h><label for=i4>Hours</label></div>
<div><input type=checkbox name=e id=i5><label for=i5>Enable E-mail notification</label></div>
<div><input type=checkbox name=f id=i6 value=yes checked><label for=i6>Enable LSC monitoring</label></div>
<div><label for=i7>E-mail IDs</label>&nbsp;<input id=i7 name=g value=ops@ent-pa.com></div></fieldset>"""
LAYOUTS = {"rows": ROWS, "cells": CELLS, "labels": LABELS, "blocks": BLOCKS, "terms": TERMS}


def page(body, method="post"):
    return Page(("<html><head><title> Some\n page </title><script>var x = 'Notification Start Time';</script></head><body>"
                 "<form method=%s action=save.do><input type=hidden name=token value=T1>%s<input type=submit name=go value=Save></form></body></html>"
                 % (method, body)).encode(), URL)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_fields_are_found_by_their_words_in_every_layout(layout):
    form = page(LAYOUTS[layout]).forms[0]
    assert form.find("Notification Start Time", "text").value == "30"
    assert form.find("Notification Frequency", "text").value == "7"
    assert form.find("Notification Frequency", "choice").words == "Days"
    assert form.find("Enable E-mail notification", "check").value is False
    assert form.find("Enable LSC Monitoring", "check").value is True
    assert form.find("E-mail IDs", "text").value == "ops@ent-pa.com"
    assert form.find("Certificate Purpose", "text") is None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_sent_keeps_what_the_server_wrote(layout):
    form = page(LAYOUTS[layout]).forms[0]
    sent = dict(form.pairs(form.button("Save")))
    assert sent == {"token": "T1", "a": "30", "b": "7", "c": "d", "f": "yes", "g": "ops@ent-pa.com", "go": "Save"}
    assert form.find("Notification Frequency", "choice").set("hours") and form.find("Enable Email notification", "check").set(True)
    assert not form.find("E-mail IDs", "text").set("ops@ent-pa.com")
    sent = dict(form.pairs())
    assert (sent["c"], sent["e"]) == ("h", "on") and "go" not in sent
    assert (form.url, form.method) == ("https://us-cm-pub.ent-pa.com/cmplatform/save.do", "POST")


def test_radio_buttons_each_in_a_row_of_their_own():
    form = page("""<table><tr><td><input type=radio name=r value=1 checked></td><td>Use OCSP URI from Certificate</td></tr>
        <tr><td><input type=radio name=r value=2></td><td>Use configured OCSP URI</td></tr>
        <tr><td>OCSP Configured URI</td><td><input name=u disabled></td></tr></table>""").forms[0]
    choice = form.choosing("Use Configured OCSP URI")
    assert choice.words == "Use OCSP URI from Certificate" and choice.set("Use Configured OCSP URI") and choice.value == "2"
    assert dict(form.pairs()) == {"token": "T1", "r": "2"}
    form.find("OCSP Configured URI", "text").set("http://us-ca.ent-pa.com/ocsp")
    assert dict(form.pairs())["u"] == "http://us-ca.ent-pa.com/ocsp"


def test_label_above_and_two_pairs_in_a_row():
    form = page("""<table><tr><td>Username</td></tr><tr><td><input name=j_username></td></tr><tr><td>Password</td></tr>
        <tr><td><input type=password name=j_password></td></tr></table>
        <table><tr><td>Key Type</td><td><select name=k><option>RSA</select></td><td>Key Length</td><td><select name=l><option>1024<option>2048</select></td>
        </tr></table>""").forms[0]
    assert form.find("Username", "text").name == "j_username" and form.find("Password", "secret").name == "j_password"
    assert (form.find("Key Type", "choice").name, form.find("Key Length", "choice").name) == ("k", "l")


def test_two_fields_of_one_label_are_never_chosen_between():
    form = page("<table><tr><td>Key Length</td><td><input name=a></td></tr><tr><td>Key Length</td><td><input name=b></td></tr></table>").forms[0]
    with pytest.raises(Unexpected, match="'Key Length' is there 2 times"):
        form.find("Key Length", "text")


def test_a_choice_that_is_not_offered_names_what_is():
    offered = "<select name=d><option>us-cm-pub.ent-pa.com<option>us-cm-sub1.ent-pa.com</select>"
    form = page("<table><tr><td>Distribution</td><td>%s</td></tr></table>" % offered).forms[0]
    with pytest.raises(Unexpected, match="'Distribution' does not offer 'Multi-server.SAN.', but 'us-cm-pub.ent-pa.com', 'us-cm-sub1"):
        form.find("Distribution", "choice").set(["Multi-server(SAN)", "Multi-server"])


def test_read_only_fields_stay():
    form = page("<label>Common Name <input name=c value=us-cm-pub-ms.ent-pa.com readonly></label><label>Auto-populated Domains<select multiple name=m>"
                "<option value=1>a.ent-pa.com<option value=2>b.ent-pa.com</select></label>").forms[0]
    assert not form.find("Common Name", "text").set("us-cm-pub-ms.ent-pa.com")
    with pytest.raises(Unexpected, match="can only be read"):
        form.find("Common Name", "text").set("other")
    assert form.find("Auto-populated Domains", "text").value.split() == ["a.ent-pa.com", "b.ent-pa.com"]


@pytest.mark.parametrize("link", [
    "<a href=certificateMonitor.do>Certificate Monitor</a>", "<a href='#' onclick=\"go('certificateMonitor.do')\">Certificate&nbsp;Monitor</a>",
    "<a href=\"javascript:openPage('certificateMonitor.do', 1)\"><b>Certificate Monitor</b></a>",
    "<input type=button value='Certificate Monitor' onclick=\"window.open('certificateMonitor.do','w')\">",
    "<button type=button onclick=\"location='certificateMonitor.do'\">Certificate Monitor</button>",
    "<a href=certificateMonitor.do>Certificate Monitor</a> <a href=/cmplatform/certificateMonitor.do>Certificate monitor</a>",
])
def test_links_by_their_words(link):
    found = Page(link.encode(), URL)
    assert found.link("Certificate Monitor") == "https://us-cm-pub.ent-pa.com/cmplatform/certificateMonitor.do" and found.link("Certificate Revocation") is None


def test_two_places_of_one_name_are_an_error():
    with pytest.raises(Unexpected, match="'Generate CSR' is there 2 times"):
        Page(b"<a href=a.do>Generate CSR</a><a href=b.do>Generate CSR</a>", URL).link("Generate CSR")


def test_buttons_that_only_run_a_script_submit_nothing():
    form = page("<input type=button value=Close onclick=window.close()><input type=button value=Generate onclick='document.forms[0].submit()'>").forms[0]
    assert form.button("Close") is None and form.pairs(form.button("Generate")) == [("token", "T1")]


def test_reloading_choices_and_words_of_trouble():
    found = page("<table><tr><td>Distribution</td><td><select name=d onchange='this.form.submit()'><option>a<option>b</select></td></tr></table>"
                 "<div>Status</div><div>Error: CSR SAN and Certificate SAN does not match</div><div>Ready</div>")
    assert found.forms[0].find("Distribution", "choice").reloads
    assert found.alerts() == "Error: CSR SAN and Certificate SAN does not match"
    assert found.title == "Some page" and found.describe()["buttons"] == ["Save"]
    assert "Notification" not in str(found.describe())


def test_secrets_are_not_described():
    found = page("<label>Password <input type=password name=p value=hidden></label>")
    assert found.login is not None and "hidden" not in str(found.describe())
    assert Page(b"", URL).login is None and Page(b"not html", URL).forms == []
