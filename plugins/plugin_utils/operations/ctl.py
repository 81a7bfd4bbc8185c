# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CTL file as `show ctl` prints it, and whether it still names the certificates in use (vos.md 2; transcripts 14 and 17)."""

from __future__ import annotations

import re
from datetime import datetime
from datetime import timedelta
from datetime import timezone

CCM = "CCM+TFTP"
CAPF = "CAPF"

RECORD = re.compile(r"^\s*CTL Record #:\s*(\d+)\s*$", re.IGNORECASE | re.MULTILINE)
FIELD = re.compile(r"^\s*\d+\s+([A-Z0-9]+)\s+(\d+)(?:\s+(\S.*?))?\s*$", re.MULTILINE)
MODIFIED = re.compile(r"CTL File was last modified on\s+(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(r"Length of CTL file:\s*(\d+)", re.IGNORECASE)
ABSENT = re.compile(r"CTL File not found|Error parsing the CTL File", re.IGNORECASE)
VERIFIED = re.compile(r"CTL file was verified successfully", re.IGNORECASE)

# Zone names that mean one offset only. CST, BST, IST and their like mean several, so a date that bears them needs a hint.
ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "EDT": -240, "EST": -300,
         "CDT": -300, "MDT": -360, "PDT": -420, "PST": -480, "JST": 540}


def parse(output):
    """The output of `show ctl` as {present, verified, modified, records}.

    present: a CTL file is there (it may be in non-secure mode, too); verified: its signature was verified; modified: the text of the
    date, or None; records: list of {function, serial, subject, name}, serial as upper-case hex digits without leading zeros or None
    where the record shows none. Tolerates missing fields, blank lines and other text between the records.
    """
    text = output.replace("\r", "")
    length = LENGTH.search(text)
    present = not ABSENT.search(text) and (length is None or int(length.group(1)) > 0) and bool(RECORD.search(text))
    modified = MODIFIED.search(text)
    records = []
    pieces = RECORD.split(text)
    for body in pieces[2::2] if present else ():
        fields = {}
        for tag, _length, value in FIELD.findall(body):
            fields.setdefault(tag, value)
        records.append({
            "function": fields.get("FUNCTION", ""),
            "serial": serial(fields.get("SERIALNUMBER")),
            "subject": fields.get("SUBJECTNAME", ""),
            "name": fields.get("DNSNAME", ""),
        })
    return {"present": present, "verified": bool(VERIFIED.search(text)), "modified": modified.group(1) if modified else None, "records": records}


def serial(value):
    """A serial number in one spelling: upper-case hex digits, without colons, blanks and leading zeros. value: text, int or None."""
    if value is None:
        return None
    text = "%X" % value if isinstance(value, int) else re.sub(r"[^0-9A-Fa-f]", "", value).upper()
    return text.lstrip("0") or None


def serials(ctl, function):
    """The serial numbers in the records of one function ("CCM+TFTP" counts for any spelling that has CCM in it)."""
    wanted = function.split("+", maxsplit=1)[0].upper()
    return {r["serial"] for r in ctl["records"] if wanted in r["function"].upper() and r["serial"]}


def lacks(ctl, callmanager, capf):
    """What the CTL file does not name although it is in use: a list of sentences, empty where it is up to date.

    callmanager: {node: serial number} of the installed CallManager certificates; capf: serial number of the publisher's CAPF certificate,
    None where CAPF does not run. Numbers are int or hex text. With a multi-server CallManager certificate all nodes have the same one, and
    the CTL holds it (vos.md 2).
    """
    if not ctl["present"]:
        return ["there is no CTL file"]
    wanted = {}
    for node, number in callmanager.items():
        wanted.setdefault(serial(number), []).append(node)
    out = []
    for number, nodes in wanted.items():
        if number not in serials(ctl, CCM):
            out.append("the CallManager certificate of %s has the serial number %s, the CTL file's %s records have %s"
                       % (", ".join(nodes), number, CCM, _listed(ctl, CCM)))
    if capf is not None and serial(capf) not in serials(ctl, CAPF):
        out.append("the CAPF certificate has the serial number %s, the CTL file's %s records have %s" % (serial(capf), CAPF, _listed(ctl, CAPF)))
    return out


def _listed(ctl, function):
    return ", ".join(sorted(serials(ctl, function))) or "none"


def readable(ctl):
    """Whether the CTL file can be judged by serial numbers: it is absent, or its CCM+TFTP records (if any) show at least one."""
    return not ctl["present"] or bool(serials(ctl, CCM)) or not any("CCM" in r["function"].upper() for r in ctl["records"])


def modified_epoch(ctl, offset_minutes=None):
    """When the CTL file was last modified, as seconds since 1970, or None where the date cannot be read without guessing.

    The date bears a zone name ("Fri Mar 06 21:56:07 CET 2015"). Where that name means several offsets, offset_minutes (the node's own
    distance from UTC, if it is known) decides.
    """
    words = (ctl["modified"] or "").split()
    if len(words) == 6:
        zone, words = words[4].upper(), words[:4] + words[5:]
    elif len(words) == 5:
        zone = ""
    else:
        return None
    numeric = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)", zone)
    if numeric:
        offset = (1 if numeric.group(1) == "+" else -1) * (int(numeric.group(2)) * 60 + int(numeric.group(3)))
    else:
        offset = ZONES.get(zone, offset_minutes)
    if offset is None:
        return None
    try:
        when = datetime.strptime(" ".join(words), "%a %b %d %H:%M:%S %Y")
    except ValueError:
        return None
    return int(when.replace(tzinfo=timezone(timedelta(minutes=offset))).timestamp())
