# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OS Administration of one node: the web pages at /cmplatform that certificate work needs where no other interface takes it (vos.md 1.4, 3).

No document gives the names of the pages' fields, so none is used but those of the login form, which public tools agree on. Pages are found by the
words of their links, fields by the labels that the guide and the product's documents name, and what the server put into a form goes back with it.
Where a page is not what it should be, the request ends with what it shows, and nothing was submitted.
"""

from __future__ import annotations

import re
import secrets
import time
from urllib.parse import urlencode
from urllib.parse import urljoin
from urllib.parse import urlsplit

from ..errors import NodeError
from . import html_forms
from .html_forms import CHOICE
from .html_forms import FILE
from .html_forms import TEXT
from .html_forms import Page
from .html_forms import Unexpected
from .html_forms import lines
from .html_forms import multipart
from .html_forms import sight
from .https import Https
from .https import bare
from .https import refuse

START = "/cmplatform/"
USER, PASSWORD = "j_username", "j_password"             # vos.md 1.4: what public programs fill in
CONFIRM = ("Continue", "Proceed", "OK", "Yes", "Confirm")      # on a page that only asks whether to go on
LOGIN, LOGOUT = ("Login", "Log In", "Logon", "Sign in", "Submit"), ("Logout", "Log Out", "Sign out")
MANAGEMENT = "Certificate Management"
# The words that lead to each page, one after the other; a heading of the menu that is no link is passed over. Last resort: an address that a
# public program has used.
PAGES = {
    "csr": (("Security", MANAGEMENT, "Generate CSR"), None),
    "upload": (("Security", MANAGEMENT, ("Upload Certificate/Certificate chain", "Upload Certificate")), START + "certificateUpload.do"),
    "monitor": (("Security", "Certificate Monitor"), None),
    "revocation": (("Security", ("Certificate Revocation", "Revocation")), None),
}
MULTI_SERVER = ("Multi-server(SAN)", "Multi-Server SAN", "Multi-server")
HOPS, RELOADS = 8, 8


class Lost(Exception):
    """The session is not known to the node any more."""


class Channel:
    """OS Administration of the node."""

    login = ("platform", "remote_user", "password")

    def __init__(self, option):
        self.option, self.accepted, self.known, self.page = option, None, {}, None
        self.https = Https(option, "platform_port", "remote_user", "password", ("ansible_user", "ansible_password"), basic=False)
        self.origin = "https://%s:%d" % (option("fqdn"), self.https.port)

    def close(self):
        """Log out."""
        page, self.page = self.page, None
        try:
            address = page.link(LOGOUT) if page is not None else None
            if address:
                self._exchange(time.time() + 3, "GET", address)
        except (NodeError, Unexpected):
            return                                      # a session that does not end cleanly times out
        finally:
            self.https.close()

    # -- what is asked of it -----------------------------------------------------------------------------------------
    def reach(self, left):
        """Have a session."""
        if self.page is None:
            self._task(left, None, lambda deadline, found: None)

    def read(self, left, page):
        """What a page of PAGES shows: title, fields (label, group, kind, value, options), buttons, says. Changes nothing."""
        return self._task(left, page, lambda deadline, found: found.describe())

    def values(self, left, page, asked):
        """What fields of a page of PAGES are set to: [text, words of a choice, True or False; None where the page has no such field]. Changes nothing.

        asked: as the values of save.
        """
        def work(deadline, found):
            form = self._form(found, asked, "Save")
            fields = [self._look(form, one) for one in asked]
            return [None if field is None else field.words for field in fields]

        return self._task(left, page, work)

    def save(self, left, page, values, button="Save"):
        """Fill in a page of PAGES and press a button. Returns {"says", "alerts"} of the answer; what stuck is to be read back.

        values: [{"label", "kind" ("text", "choice" or "check"), "value"}] in the order in which a person fills them in; a choice without a label
        is found by its own words; "optional": left out where the page has no such field.
        """
        return self._task(left, page, lambda deadline, found: self._submit(deadline, self._fill(deadline, found, values, button), button))

    def generate_csr(self, left, purpose, distribution=None, common_name=None, names=(), key_length=2048, hash_algorithm="sha256",
                     dry=False):
        """Have a request made. distribution: name of a node, None for a multi-server request; names: those it must carry.

        The common name stays as the page has it, unless one is given and the page lets it be changed (a page may count on a script to change it with
        the distribution). The former request for that purpose is gone. dry: only look whether the page takes all this, as far as that can be seen
        without sending anything.
        """
        values = [{"label": "Certificate Purpose", "kind": CHOICE, "value": purpose}]
        values.append({"label": "Distribution", "kind": CHOICE, "value": [distribution, distribution.split(".")[0]] if distribution else list(MULTI_SERVER)})
        if common_name:
            values.append({"label": "Common Name", "kind": TEXT, "value": common_name, "if_open": True})
        values.append({"label": "Key Type", "kind": CHOICE, "value": "RSA", "optional": True})
        values.append({"label": "Key Length", "kind": CHOICE, "value": str(key_length)})
        values.append({"label": "Hash Algorithm", "kind": CHOICE, "value": hash_algorithm})

        def work(deadline, page):
            form = self._fill(deadline, page, values, "Generate", dry)
            if dry:
                return None
            if distribution is None or names:
                self._names(form, names)
            return self._submit(deadline, form, "Generate")

        return self._task(left, "csr", work)

    def upload(self, left, purpose, name, pem, description="", dry=False):
        """Upload a certificate under a purpose (tomcat, tomcat-trust, ...). name: of the file; dry: only look whether the page takes it."""
        values = [{"label": "Certificate Purpose", "kind": CHOICE, "value": purpose},
                  {"label": "Description", "kind": TEXT, "value": description, "optional": True},
                  {"label": ("Upload File", "File"), "kind": FILE, "value": {"name": name, "content": pem}}]

        def work(deadline, page):
            form = self._fill(deadline, page, values, "Upload", dry)
            return None if dry else self._submit(deadline, form, "Upload")

        return self._task(left, "upload", work)

    # -- pages -------------------------------------------------------------------------------------------------------
    def _task(self, left, name, work):
        """Go to a page and work on it. A session that is lost on the way is opened anew, once, as long as nothing was submitted."""
        deadline = time.time() + left
        for attempt in (1, 2):
            try:
                if self.page is None:
                    self._log_in(deadline)
                return work(deadline, self._go(deadline, name) if name else self.page)
            except Lost:
                self.page = None
                if attempt == 2:
                    raise NodeError("refused", "OS Administration of %s ends the session again and again" % self.option("fqdn"), keep=False) from None
            except Unexpected as e:
                shown = self.page.describe() if self.page is not None else {}
                raise NodeError("refused", "OS Administration of %s is not as it should be: %s. %s. Nothing was submitted" % (
                    self.option("fqdn"), e, sight(shown)), {"unexpected": str(e), "page": shown}) from None
        return None

    def _log_in(self, deadline):
        """A new session."""
        self.https.cookies.clear()
        self.known.clear()
        page = self._get(deadline, START, outside=True)
        form = page.login
        if form is None:
            self.page = page
            raise Unexpected("it shows no form to log in with")
        for field in form.fields:
            if field.name == PASSWORD or field.kind == html_forms.SECRET:
                field.value = self.option("password")
            elif field.name == USER:
                field.value = self.option("remote_user")
        if not any(field.name == USER for field in form.fields):
            self.page = page
            raise Unexpected("its login form has no field '%s'" % USER)
        page = self._send(deadline, form, form.button(LOGIN) or (form.buttons[0] if form.buttons else None), outside=True)
        if page.login is not None:
            raise NodeError("auth", "OS Administration of %s: the login of '%s' was refused: check ansible_user and ansible_password"
                            % (self.option("fqdn"), self.option("remote_user")))
        self.page = page
        if self.accepted is not None:
            self.accepted()

    def _go(self, deadline, name):
        """The page `name`, by the words of links; straight, where the way is known from before."""
        if name in self.known:
            self.page = self._get(deadline, self.known[name])
            return self.page
        words, fallback = PAGES[name]
        self.page = self._get(deadline, START)
        while words:
            found = [(i, self.page.link(word)) for i, word in enumerate(words)]
            nearest = next(((i, address) for i, address in reversed(found) if address), None)
            if nearest is None and fallback is None:
                raise Unexpected("no link leads to '%s'" % (words[-1] if isinstance(words[-1], str) else words[-1][0]))
            i, address = nearest or (len(words) - 1, fallback)
            words = words[i + 1:]
            self.page = self._get(deadline, address)
        self.known[name] = address
        return self.page

    def _fill(self, deadline, page, values, button, dry=False):
        """The form with its fields filled in. A choice that makes the page come again is followed, as a browser would (dry: not followed)."""
        for _reload in range(RELOADS):
            form = self._form(page, values[:1], button)
            for value in values:
                field = self._field(form, value)
                if field is None or value.get("if_open") and field.fixed:
                    continue
                if field.set(value["value"]) and field.reloads:
                    if dry:
                        return form
                    page = self.page = self._send(deadline, form, None)
                    break
            else:
                if form.button(button) is None:
                    raise Unexpected("no button '%s'" % button)
                return form
        raise Unexpected("it comes again after each choice")

    @staticmethod
    def _form(page, values, button):
        """The form of a page that has one of these fields and, where several have, the button."""
        fitting = [form for form in page.forms if any(Channel._look(form, value) is not None for value in values)]
        fitting = [form for form in fitting if form.button(button)] or fitting
        if len(fitting) != 1:
            names = " or ".join("'%s'" % called(value) for value in values)
            raise Unexpected("%d forms have the field %s" % (len(fitting), names) if fitting else "no field %s" % names)
        return fitting[0]

    @staticmethod
    def _look(form, value):
        if value.get("label"):
            return form.find(value["label"], value["kind"])
        return form.choosing(value["value"])

    @staticmethod
    def _field(form, value):
        field = Channel._look(form, value)
        if field is None and not value.get("optional"):
            raise Unexpected("no field '%s'" % called(value))
        return field

    def _names(self, form, names):
        """Have the request carry these names: those that the page does not list by itself go where it takes others."""
        listed = form.find("Auto-populated Domains", TEXT)
        shown = lines(listed.value) if listed is not None else re.split(r"[\s,;]+", self.page.beside("Auto-populated Domains"))
        missing = [n for n in names if n.lower() not in {s.lower() for s in shown}]
        if not missing:
            return
        others = form.find("Other Domains", TEXT)
        if others is None or others.fixed:
            raise Unexpected("it lists %s as names of the request, and takes no others; %s would be missing" % (
                ", ".join(filter(None, shown)) or "nothing", ", ".join(missing)))
        others.set("\n".join([*filter(None, lines(others.value)), *missing]))

    # -- exchanges ---------------------------------------------------------------------------------------------------
    def _submit(self, deadline, form, button):
        """Press the button that changes something. Whatever is no plain answer may mean that it was done."""
        try:
            page = self._send(deadline, form, form.button(button), write=True)
            asks = next((f for f in page.forms if not f.fields and any(f.button(word) for word in CONFIRM)), None)
            if asks is not None:
                page = self._send(deadline, asks, asks.button(CONFIRM), write=True)
        except (Lost, Unexpected) as e:
            raise NodeError("lost", "OS Administration of %s %s when '%s' was pressed; it may have been done" % (
                self.option("fqdn"), "is not as it should be (%s)" % e if isinstance(e, Unexpected) else "asked for a new login", button)) from None
        self.page = page
        return {"says": page.says(), "alerts": page.alerts()}

    def _get(self, deadline, address, outside=False):
        return self._page(deadline, self._exchange(deadline, "GET", address), address, outside)

    def _send(self, deadline, form, button, write=False, outside=False):
        """Send a form as a browser does. write: it changes something; outside: before there is a session."""
        pairs = form.pairs(button)
        if form.method == "GET":
            address = "%s?%s" % (form.url.partition("?")[0], urlencode(pairs))
            return self._page(deadline, self._exchange(deadline, "GET", address, write=write), address, outside, write)
        if form.multipart:
            boundary = "----" + secrets.token_hex(16)
            body, kind = multipart(pairs, boundary), "multipart/form-data; boundary=" + boundary
        else:
            body, kind = urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        answer = self._exchange(deadline, "POST", form.url, body, {"Content-Type": kind, "Referer": form.url}, write=write)
        return self._page(deadline, answer, form.url, outside, write)

    def _exchange(self, deadline, method, address, body=None, headers=None, write=False):
        parts = urlsplit(urljoin(self.origin + START, address))
        if parts.hostname not in (self.option("fqdn"), self.option("host")):
            raise NodeError("refused", "OS Administration of %s leads to %s, which is another server: not followed" % (self.option("fqdn"), parts.hostname))
        path = parts.path + ("?" + parts.query if parts.query else "")
        try:
            return self.https.request(deadline - time.time(), method, path, body, headers, write=write or method != "GET")
        except NodeError as e:
            if e.kind != "lost" or write:
                raise
            raise NodeError("unreachable", "%s Nothing was submitted" % str(e).replace("; it may have been done", "."), e.detail) from None

    def _page(self, deadline, answer, address, outside, write=False):
        """The page of an answer, its redirections followed. write: the answer is to something that may have been done, whatever comes after it."""
        led_on = False
        for _hop in range(HOPS):
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                break
            address, led_on = urljoin(urljoin(self.origin + START, address), answer.headers["location"]), True
            answer = self._exchange(deadline, "GET", address) if not write else self._after(deadline, address)
        if write and (answer.status >= 500 or led_on and answer.status != 200):
            raise NodeError("lost", "OS Administration of %s: HTTP %d %s; it may have been done" % (self.option("fqdn"), answer.status, answer.summary))
        if answer.status != 200:
            raise refuse(answer, "OS Administration of %s: %s" % (self.option("fqdn"), bare(urlsplit(address).path)))
        charset = re.search(r"charset=([\w-]+)", answer.headers.get("content-type", ""))
        page = Page(answer.body, urljoin(self.origin + START, address), charset.group(1) if charset else None)
        if page.login is not None and not outside:
            raise Lost
        return page

    def _after(self, deadline, address):
        """Where the answer to a write leads."""
        try:
            return self._exchange(deadline, "GET", address, write=True)
        except NodeError as e:
            raise NodeError("lost", "%s; what was submitted before may have been done" % e, e.detail) from None


def called(value):
    """The first words by which a field is looked for."""
    words = value.get("label") or value["value"]
    return words if isinstance(words, str) else words[0]
