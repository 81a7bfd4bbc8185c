"""Pages as HTML, in the manner of a Struts application of that age: tables, inline script, a status block, class names of `cues`."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lab.core.world import World
from lab.os_admin import naming
from lab.os_admin.form import BUTTON
from lab.os_admin.form import Field
from lab.os_admin.form import Form
from lab.os_admin.form import button_is_sent
from lab.os_admin.form import submits_itself

PRODUCTS = {"im_presence": "Cisco Unified IM and Presence Operating System Administration"}
OTHERS = "Cisco Unified Operating System Administration"
REQUIRED = '<span class="cuesRequired">*</span>'
PAGE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html>
<head>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{title}</title>
<link rel="stylesheet" type="text/css" href="/cmplatform/styles/cues.css">
<script type="text/javascript" language="JavaScript">
<!--
function onOpen(page) {{ window.open(page, "cmplatform", "width=800,height=600,scrollbars=yes"); }}
function onSubmitForm(name) {{ document.forms[name].submit(); }}
//-->
</script>
</head>
<body class="cuesBody">
{head}
<div class="content">
<table border="0" cellpadding="0" cellspacing="0" width="100%"><tr><td class="cuesTitle">{title}</td></tr></table>
{status}
{body}
</div>
</body>
</html>
"""
HEAD = """<div class="cuesHeader">{product}</div>
<div class="cuesGlobalLinks">Logged in as: {user} | <a href="/cmplatform/logout.do">Logout</a></div>
<ul id="udm"><li><h3><a id="ShowButton" href="#">Show</a></h3></li>
<li id="security"><h3><a id="SecurityButton" href="#">Security</a></h3><ul>{menu}</ul></li></ul>"""
STATUS = """<fieldset class="cuesStatus"><legend>Status</legend>
<table border="0">{rows}</table></fieldset>"""


def product(node_product: str) -> str:
    """What the pages call themselves."""
    return PRODUCTS.get(node_product, OTHERS)


def page(title: str, body: str, messages: Iterable[str] = (), head: str = "") -> str:
    """A whole page. messages: what stands under Status."""
    rows = "".join(f'<tr><td><img src="/cmplatform/images/{_icon(text)}.gif" alt=""></td><td class="cuesTextAlert">{escape(text)}</td></tr>'
                   for text in messages)
    return PAGE.format(title=escape(title), head=head, status=STATUS.format(rows=rows or "<tr><td>Ready</td></tr>"), body=body)


def header(product_name: str, user: str, menu: Iterable[tuple[str, str]]) -> str:
    """The part above every page. menu: (words, page) under Security."""
    items = "".join(f'<li><a href="/cmplatform/{escape(target)}">{escape(words)}</a></li>' for words, target in menu)
    return HEAD.format(product=product_name, user=escape(user), menu=items)


def _icon(text: str) -> str:
    return "icon_error" if text.startswith("Error") else "icon_info"


def opener(world: World, words: str, target: str) -> str:
    """What leads to another page (variant os_admin_links)."""
    if world.variant("os_admin_links") == "popup":
        return f'<input type="button" class="cuesButton" value="{escape(words)}" onclick="javascript:onOpen(\'{escape(target)}\');">'
    return f'<a class="cuesToolbarLink" href="{escape(target)}">{escape(words)}</a>'


def form(world: World, what: Form, token: dict[str, str], action: str) -> str:
    """A form. token: hidden fields of its token; action: where it goes."""
    kind = ' enctype="multipart/form-data"' if what.has_file else ""
    hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in {**token, **what.hidden}.items())
    sections = "".join(f"<fieldset><legend>{escape(heading)}</legend>\n{_fields(world, what, fields)}</fieldset>\n" for heading, fields in what.sections)
    close = '<input type="button" class="cuesButton" value="Close" onclick="javascript:window.close();">'
    return (f'<form name="{what.name}Form" method="post" action="{escape(action)}"{kind}>\n{hidden}\n{sections}'
            f'<div class="cuesButtonRow">{_button(world, what)}&nbsp;{close}</div>\n</form>\n<p>{REQUIRED} - indicates required item.</p>')


def _button(world: World, what: Form) -> str:
    name, _identity = naming.field(world.variant("os_admin_fields"), what.name, BUTTON)
    words = escape(what.button)
    if world.variant("os_admin_buttons") == "button":
        return f'<button type="submit" class="cuesButton" name="{name}" value="{words}">{words}</button>'
    if button_is_sent(world, what):
        return f'<input type="submit" class="cuesButton" name="{name}" value="{words}">'
    return f'<input type="button" class="cuesButton" value="{words}" onclick="javascript:onSubmitForm(\'{what.name}Form\');">'


def _fields(world: World, what: Form, fields: tuple[Field, ...]) -> str:
    labels = world.variant("os_admin_layout") == "labels"
    rows: list[str] = []
    for one in fields:
        control = _control(world, what, one, labels)
        if one.joined and rows:
            end = "</div>\n" if labels else "</td></tr>\n"
            rows[-1] = rows[-1].removesuffix(end) + "&nbsp;" + control + end
        elif labels:
            rows.append(f'<div class="cuesRow">{_label(world, what, one)}{control}</div>\n')
        elif one.kind == "check":
            rows.append(f'<tr><td class="cuesFieldLabel">&nbsp;</td><td>{control}</td></tr>\n')
        else:
            rows.append(f'<tr><td class="cuesFieldLabel" nowrap>{escape(one.label)}{REQUIRED if one.required else ""}</td><td>{control}</td></tr>\n')
    return "".join(rows) if labels else '<table border="0" cellspacing="2">\n' + "".join(rows) + "</table>\n"


def _label(world: World, what: Form, one: Field) -> str:
    if one.kind in ("check", "radio") or not one.label:
        return ""
    _name, identity = naming.field(world.variant("os_admin_fields"), what.name, one.key)
    return f'<label for="{identity}">{escape(one.label)}</label>{REQUIRED if one.required else ""}&nbsp;'


def _control(world: World, what: Form, one: Field, labels: bool) -> str:
    scheme = world.variant("os_admin_fields")
    name, identity = naming.field(scheme, what.name, one.key)
    after = f"&nbsp;{escape(one.after)}" if one.after else ""
    both = f'id="{identity}" name="{escape(name)}"'
    reload = ' onchange="javascript:this.form.submit();"' if one.changes and submits_itself(world, what) else ""
    if one.kind == "fixed":
        return f'<span id="{identity}">{escape(one.value)}</span>{after}'
    if one.kind == "select":
        options = "".join(
            f'<option value="{escape(naming.choice(scheme, one.key, word, place))}"{" selected" if word == one.value else ""}>{escape(word)}</option>'
            for place, word in enumerate(one.words))
        return f"<select {both}{reload}>{options}</select>{after}"
    if one.kind == "radio":
        return "&nbsp;".join(_mark(f'type="radio" id="{identity}_{place}" name="{escape(name)}" value="{escape(naming.choice(scheme, one.key, word, place))}"',
                                   f"{identity}_{place}", word, word == one.value, labels) for place, word in enumerate(one.words)) + after
    if one.kind == "check":
        return _mark(f'type="checkbox" {both} value="true"', identity, one.label, one.value == "on", labels) + after
    only = ' readonly="readonly"' if one.read_only else ""
    if one.kind == "area":
        return f"<textarea {both} rows=\"6\" cols=\"50\"{only}>{escape(one.value)}</textarea>{after}"
    if one.kind == "file":
        return f'<input type="file" {both} size="40">{after}'
    return f'<input type="text" {both} size="50" value="{escape(one.value)}"{only}>{after}'


def _mark(attributes: str, identity: str, words: str, ticked: bool, labels: bool) -> str:
    box = f'<input {attributes}{" checked" if ticked else ""}>'
    return box + (f'<label for="{identity}">{escape(words)}</label>' if labels else escape(words))
