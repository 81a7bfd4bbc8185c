# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phones as they are read in bulk: one row of listPhone each, with the LSC that only SQL shows (axl.md 2.4 and 3).

Never asked for: authenticationString and sshPwd, which are secrets. Rows are read from the reply's XML text: zeep's objects are eighty times slower.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import NamedTuple

from lxml import etree

from ..errors import NodeError

INSTALL, NO_OPERATION = "Install/Upgrade", "No Pending Operation"
INSTALL_NUMBER = "2"            # Install/Upgrade as device.tkcertificateoperation stores it
BY_LSC, BY_MIC = "By Existing Certificate (precedence to LSC)", "By Existing Certificate (precedence to MIC)"
BY_STRING, BY_NULL = "By Authentication String", "By Null String"
FAILED = ("Upgrade Failed", "Delete Failed", "Troubleshoot Failed")
INVALID_LSC = "Upgrade Failed: Invalid LSC"
CREDENTIALS = ("sshUserId", "digestUser")       # elements of the phone page that name an account; its password is never read
TAGS = ("name", "description", "model", "devicePoolName", "securityProfileName", "certificateOperation", "authenticationMode", "certificateStatus",
        "upgradeFinishTime", *CREDENTIALS)
LSC_COLUMNS = "d.name, d.lscvaliduntil, d.lscissuername, d.tkcertificateoperation"
PHONE_CLASS = 1                 # device.tkclass of phones
FINISH_FORMS = ("%Y:%m:%d:%H:%M", "%Y %m %d %H")        # as the database stores it; as the administration page wants it
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True)


class Phone(NamedTuple):
    """One phone. lsc_until: epoch, 0 without an LSC; lsc_issuer: as the database has it; accounts: names of credential elements with a value."""

    name: str
    description: str
    model: str
    pool: str
    profile: str
    operation: str
    mode: str
    status: str
    finish: str
    accounts: tuple
    lsc_until: int = 0
    lsc_issuer: str = ""


def list_request(tags, skip=None, first=None, **criteria):
    """(operation, arguments) of one page of phones: of all, or of those that meet the criteria (name, securityProfileName ...)."""
    return "listPhone", {"searchCriteria": criteria or {"name": "%"}, "returnedTags": dict.fromkeys(tags, ""), "skip": skip, "first": first}


def lsc_query(skip, first):
    """SQL for one page of all phones' LSCs."""
    return "select skip %d first %d %s from device as d where d.tkclass = %d order by d.name" % (skip, first, LSC_COLUMNS, PHONE_CLASS)


def lsc_query_of(names):
    """SQL for the LSCs of these phones."""
    return "select %s from device as d where d.name in (%s)" % (LSC_COLUMNS, ", ".join("'%s'" % name.replace("'", "''") for name in names))


def xml_rows(reply, tag):
    """[{element: text, None for none}] of the elements `tag` in a reply's XML text. AXL's own elements have no namespace (axl.md 1)."""
    try:
        root = etree.fromstring(reply.encode(), PARSER)
    except etree.XMLSyntaxError as e:
        raise NodeError("lost", "the answer cannot be read: %s" % e) from None
    return [{child.tag: child.text for child in row} for row in root.iter(tag)]


def phone_of(row):
    """The Phone of one row, still without its LSC."""
    get = row.get
    return Phone(get("name"), get("description") or "", get("model") or "", get("devicePoolName") or "", get("securityProfileName") or "",
                 get("certificateOperation") or NO_OPERATION, get("authenticationMode") or "", get("certificateStatus") or "",
                 get("upgradeFinishTime") or "", tuple(tag for tag in CREDENTIALS if get(tag)))


def lsc_of(row):
    """(epoch until which the LSC is valid, 0 without one; name of its issuer; whether Install/Upgrade still stands) of one row of the LSC query."""
    until = row.get("lscvaliduntil") or "0"
    return int(until) if until.lstrip("-").isdigit() else 0, row.get("lscissuername") or "", row.get("tkcertificateoperation") == INSTALL_NUMBER


def update_request(name, changes):
    """(operation, arguments) that changes just these elements: never lines, never what a get has read."""
    return "updatePhone", {"name": name, **changes}


# --- Operation Completes By --------------------------------------------------------------------------------------------

def finish_form(value):
    """The strftime form of an upgradeFinishTime that a phone shows, None for one that cannot be read."""
    parts = re.fullmatch(r"(\d{4})(\D)(\d\d?)\2(\d\d?)(\D)(\d\d?)(?:(\D)(\d\d?))?", value)
    if not parts:
        return None
    a, b, c = parts.group(2), parts.group(5), parts.group(7)
    return ("%Y" + a + "%m" + a + "%d" + b + "%H" + (c + "%M" if c else "")).replace("%%", "%")


def finish_epoch(value):
    """An upgradeFinishTime as seconds since 1970 (the cluster's local time taken as UTC: good to half a day), None for one that cannot be read."""
    form = finish_form(value)
    try:
        return int((datetime.strptime(value, form) - datetime(1970, 1, 1)).total_seconds()) if form else None
    except ValueError:
        return None


@dataclass
class Finish:
    """Operation Completes By for the requests of one run: `days` after now (epoch), on the hour.

    form: how it is written, which no source settles: as a phone shows it; proven once a phone has shown what was sent.
    """

    now: int
    days: int
    form: str = FINISH_FORMS[0]
    proven: bool = False

    def text(self):
        """The value to send."""
        return (datetime(1970, 1, 1) + timedelta(seconds=self.now, days=self.days)).replace(minute=0, second=0).strftime(self.form)

    def learn(self, values):
        """Take the form of the first value that can be read."""
        forms = (form for form in map(finish_form, values) if form)
        form = next(forms, None)
        if form:
            self.form, self.proven = form, True

    def forms(self):
        """The forms to try, the likeliest first."""
        return [self.form] if self.proven else [self.form, *(form for form in FINISH_FORMS if form != self.form)]


# --- issuers -----------------------------------------------------------------------------------------------------------

def issuer(name):
    """The common name in a distinguished name of any spelling; the whole of a name that is none."""
    found = re.search(r"(?:^|[,;/\s])CN\s*=\s*([^,;/]+)", name, re.IGNORECASE)
    return (found.group(1) if found else name).strip()


def common_name(name):
    """The same in lower case, to compare."""
    return issuer(name).lower()
