# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of endpoints that let others in: what they are called in Unified CM's product-specific XML, and which values are safe.

A setting counts on the phone itself, else in its common phone profile, else in the enterprise phone configuration. All three are kept as XML, and no
document lists its elements. Known from public code are webAccess (0 is enabled; 1, or nothing at all, is disabled: id:30388874925) and the tables
(id:32282546654, id:38842532104); the others follow the phones' configuration files, which bear the same names. What has neither a known element
nor a known value is reported as not readable, never as safe.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

ON, OFF, UNKNOWN = "on", "off", "unknown"


@dataclass(frozen=True)
class Setting:
    """One setting. elements: its names, lower case; safe, unsafe: values; absent: what it means when no layer has it."""

    label: str
    step: str
    severity: str
    elements: tuple
    safe: tuple
    unsafe: tuple
    absent: str = UNKNOWN
    when: str | None = None         # label of a setting that has to be on for this one to matter


WEB = "Web Access"
SETTINGS = (
    Setting(WEB, "ep-web-access", "medium", ("webaccess",), ("1",), ("0",), OFF),
    Setting("HTTP beside HTTPS", "ep-web-https", "medium", ("webprotocol", "httpsserver"), ("1", "https only"), ("0", "http and https enabled"), when=WEB),
    Setting("SSH Access", "ep-remote-access", "medium", ("sshaccess",), ("1",), ("0",)),
    Setting("Console Access", "ep-remote-access", "medium", ("consoleaccess", "serialaccess"), ("1",), ("0",)),
    Setting("Telnet Access", "ep-remote-access", "high", ("telnetaccess",), ("1",), ("0",)),
    Setting("Web Admin", "ep-remote-access", "medium", ("webadmin",), ("1",), ("0",)),
    Setting("Settings Access", "ep-settings-access", "low", ("settingsaccess",), ("0", "2"), ("1",)),
)
# Elements whose text is a password: only whether there is one is looked at.
PASSWORD = Setting("Administrator password", "ep-admin-password", "high", ("adminpassword", "adminloginpassword", "webadminpassword"), (), ())
ROOMS = re.compile(r"telepresence|room|webex (board|desk|codec)|\b(sx|mx|dx|ex)\d+", re.IGNORECASE)
SOFT = re.compile(r"client services framework|dual mode|jabber|communicator|ctiport|cti ", re.IGNORECASE)     # software: nothing of it is a device's own
WORDS = {"enabled": ON, "on": ON, "disabled": OFF, "off": OFF, "restricted": OFF}


def is_room(model):
    """Whether a model is a room or desk system with an administrator of its own."""
    return bool(ROOMS.search(model))


def is_soft(model):
    """Whether a model is software on a computer or mobile phone."""
    return bool(SOFT.search(model))


def elements(xml):
    """{element, lower case: text} of a product-specific XML: elements, or the same as text with its brackets escaped, with or without a root.

    None where it cannot be read. Nested elements count by their own names.
    """
    if xml is None:
        return {}
    for candidate in (xml, xml.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")):
        try:
            root = etree.fromstring("<root>%s</root>" % re.sub(r"^\s*<\?xml[^>]*\?>", "", candidate),
                                    etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        except etree.XMLSyntaxError:
            continue
        if len(root) or not candidate.strip():
            return {etree.QName(one).localname.lower(): (one.text or "").strip() for one in root.iter() if isinstance(one.tag, str) and not len(one)
                    and one is not root}
    return None


def found_in(setting, layers):
    """(value, layer) of a setting in the first layer that has it, (None, None) where none has. layers: [(name, elements())]."""
    for name, values in layers:
        for element in setting.elements:
            if element in values:
                return values[element], name
    return None, None


def state(setting, layers):
    """(ON, OFF or UNKNOWN, value, layer) of a setting that is a switch: ON is what lets others in."""
    value, layer = found_in(setting, layers)
    if value is None:
        return setting.absent, None, None
    word = value.lower()
    return WORDS.get(word, OFF if word in setting.safe else ON if word in setting.unsafe else UNKNOWN), value, layer


# --- requests ------------------------------------------------------------------------------------------------------

PHONES = 2000           # phones in one reply
# Rows in one reply of each table: the reply stays below 8 MB however full the rows are.
TABLES = {"devicexml4k": 1500, "devicexml8k": 800, "devicexml16k": 400}


def phones_request(skip, first):
    """(operation, arguments) of one page of phones."""
    tags = {"name": "", "model": "", "commonPhoneConfigName": ""}
    return "listPhone", {"searchCriteria": {"name": "%"}, "returnedTags": tags, "skip": skip, "first": first}


def phones(reply):
    """[(name, model, common phone profile)] of a page, from the reply's XML text."""
    found = []
    for row in etree.fromstring(reply.encode()).iter("{*}phone"):
        found.append(tuple((row.findtext("{*}%s" % tag) or "").strip() for tag in ("name", "model", "commonPhoneConfigName")))
    return found


def device_query(table, skip, first):
    """One page of the phones' own settings."""
    return ("select skip %d first %d d.name as name, x.xml as xml from %s as x inner join device as d on x.fkdevice = d.pkid where d.tkclass = 1 "
            "order by d.name" % (skip, first, table))


PROFILES_QUERY = "select c.name as name, x.xml as xml from commonphoneconfigxml as x inner join commonphoneconfig as c on x.fkcommonphoneconfig = c.pkid"
ENTERPRISE_QUERY = "select xml from enterprisephoneconfigxml"


def sql_rows(reply):
    """[(name, xml)] of a raw reply. The XML is text, or elements of whatever name in the place of its column (id:32282546654)."""
    found = []
    for row in etree.fromstring(reply.encode()).iter("{*}row"):
        name, xml = "", None
        for column in row:
            if etree.QName(column).localname.lower() == "name":
                name = (column.text or "").strip()
            else:
                inner = "".join(etree.tostring(child, encoding="unicode") for child in column)
                xml = inner or column.text
        found.append((name, xml))
    return found
