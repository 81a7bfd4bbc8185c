"""A browser without script for the OS Administration pages: requests and lxml's forms, fields found by the words beside them."""

from __future__ import annotations

import re
import warnings

import requests
import urllib3
from lxml import html


class Browser:
    """One node's pages, on its platform port. Never logs in by itself."""

    def __init__(self, node):
        self.base = f"https://{node.address}:{node.ports['platform']}/cmplatform/"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = False
        self.page = None

    def send(self, method, path, **options):
        """A request; the answer's page is the one on show if it is HTML."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            answer = self.session.request(method, requests.compat.urljoin(self.base, path), timeout=20, **options)
        if "html" in answer.headers.get("Content-Type", ""):
            self.page = html.fromstring(answer.text, base_url=answer.url)
            self.page.make_links_absolute()
        self.answer = answer
        return answer

    def log_in(self, user, password):
        """As a person does: the first page, its form, its button."""
        self.send("GET", "")
        return self.submit(self.form("j_username"), {"j_username": user, "j_password": password})

    @property
    def title(self):
        return " ".join(self.page.findtext(".//title").split())

    @property
    def status(self):
        """What stands under Status."""
        return [" ".join(cell.text_content().split()) for cell in self.page.xpath("//td[@class='cuesTextAlert']")]

    def is_login(self):
        return bool(self.page.xpath("//input[@name='j_password']"))

    def form(self, name):
        """The form that has a field of that name or the button of those words."""
        for form in self.page.forms:
            if name in form.fields or self.buttons(form, name):
                return form
        raise AssertionError(f"no form with {name} on the page {self.title}")

    def buttons(self, form, words):
        return form.xpath(f".//input[@value='{words}' and (@type='submit' or @type='button')] | .//button[normalize-space()='{words}']")

    def follow(self, words):
        """Follow a link, a menu entry or a button that opens a window."""
        found = self.page.xpath(f"//a[normalize-space()='{words}']/@href")
        if not found:
            script = self.page.xpath(f"//input[@type='button' and @value='{words}']/@onclick")[0]
            found = [requests.compat.urljoin(self.answer.url, re.search(r"onOpen\('([^']+)'\)", script).group(1))]
        return self.send("GET", found[0])

    def control(self, form, label):
        """The control beside a label: <label for>, the cell before it, or the words behind a box."""
        for found in form.xpath(".//label"):
            if _words(found) == label:
                return form.xpath(f".//*[@id='{found.get('for')}']")[0]
        for cell in form.xpath(".//td[contains(@class,'cuesFieldLabel')]"):
            if _words(cell) == label:
                return cell.getnext().xpath(".//select | .//textarea | .//input[not(@type='radio')] | .//span")[0]
        for box in form.xpath(".//input[@type='checkbox' or @type='radio']"):
            if (box.tail or "").strip().strip("\xa0") == label:
                return box
        raise AssertionError(f"no field {label}")

    def value(self, button, label):
        """What a field shows: its words, or whether it is ticked."""
        control = self.control(self.form(button), label)
        if control.tag == "select":
            return control.xpath("string(.//option[@selected])")
        if control.get("type") in ("checkbox", "radio"):
            return control.get("checked") is not None
        return control.get("value") if control.tag == "input" else (control.text or "")

    def choices(self, button, label):
        return [option.text for option in self.control(self.form(button), label).xpath(".//option")]

    def fill(self, form, label, value):
        """Set a field by its label; a choice by its words. A form that submits itself on that choice does."""
        control = self.control(form, label)
        if control.tag == "select":
            option = next(option for option in control.xpath(".//option") if option.text == value)
            changed = control.value != option.get("value")
            control.value = option.get("value")
            if changed and "submit()" in (control.get("onchange") or ""):
                self.submit(form, {})
        elif control.get("type") == "checkbox":
            control.checked = value
        elif control.get("type") == "radio":
            form.fields[control.get("name")] = control.get("value")
        elif control.tag == "textarea":
            control.value = value
        else:
            control.set("value", value)

    def submit(self, form, values, button=None, files=None):
        """Send a form as a browser does; button: its element, None when no button was pressed. files: {name: (file name, content)}."""
        for name, value in values.items():
            form.fields[name] = value
        sent = [(name, value) for name, value in form.form_values() if name not in (files or {})]
        if button is not None and button.get("type") == "submit" and button.get("name"):
            sent.append((button.get("name"), button.get("value")))
        if form.get("enctype") == "multipart/form-data":
            parts = [(name, (None, value)) for name, value in sent] + list((files or {}).items())
            return self.send("POST", form.action, files=parts)
        return self.send("POST", form.action, data=sent)

    def press(self, button, **fields):
        """Fill the form of a button and press it. fields: {label: value}; a file as (label, (name, content)) under `file`."""
        return self.press_with(button, fields)

    def press_with(self, button, fields, file=None):
        for label, value in fields.items():
            self.fill(self.form(button), label, value)
        form = self.form(button)
        files = None
        if file is not None:
            files = {self.control(form, file[0]).get("name"): file[1]}
        elif form.get("enctype") == "multipart/form-data":
            files = {control.get("name"): ("", b"") for control in form.xpath(".//input[@type='file']")}
        answer = self.submit(form, {}, self.buttons(form, button)[0], files)
        if self.answer.headers.get("Content-Type", "").startswith("text/html") and any(self.buttons(one, "Continue") for one in self.page.forms):
            form = self.form("Continue")
            answer = self.submit(form, {}, self.buttons(form, "Continue")[0])
        return answer


def _words(element):
    return element.text_content().replace("*", "").replace("\xa0", " ").strip()
