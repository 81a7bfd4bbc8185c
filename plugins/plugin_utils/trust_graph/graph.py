# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trust graph: every connection, judged as it is and as it will be, and what is found. Pure: no network."""
from __future__ import annotations

from . import edge
from . import servers
from . import trunks
from . import unified_cm
from .connection import FAILS
from .connection import HOLDS
from .connection import IN_CLEAR
from .connection import UNKNOWN
from .connection import verdict
from .needs import PLAIN
from .needs import Mend
from .planned import planned

AREAS = (unified_cm, trunks, edge, servers)
NOT_THERE = "not there"
# What becomes of what is found when site.yml has run, the gravest first: a call that goes today fails, it fails still, nobody knows, it is mended.
OUTLOOKS = BREAKS, STAYS, NOT_KNOWN, MENDED = "breaks", "stays", "unknown", "mended"
COLUMNS = (("port", "PORT"), ("protocol", "PROTOCOL"), ("today", "TODAY"), ("planned", "PLANNED"))
PROVED, PURPOSE = ("proved", "PROVED"), ("purpose", "PURPOSE")


def connections(estate):
    """[Connection] of the estate."""
    return [one for area in AREAS for one in area.connections(estate)]


def judge(estate, clusters=None):
    """([row], [finding]) of the estate. A row is what the module returns of a connection; of a finding see merged().

    clusters: only connections that one of these has an end of; None: all.
    """
    now, rows, found = estate.now, {}, {}
    for time, view in (("today", estate), ("planned", planned(estate))):
        for one in connections(view):
            if clusters is not None and not clusters & {estate.nodes[end].cluster for end in (one.client_node, one.server_node) if end}:
                continue
            problems = [] if one.unread else one.problems(now)
            row = rows.setdefault(one.key, blank(estate, one))
            row[time] = verdict(one, problems)
            row["_told"][time] = problems
            if time == "today":
                row["problems"] = [one.unread] if one.unread else [problem.text for problem in problems]
                row["served"] = not any(problem.served for problem in problems)
    for row in rows.values():
        for finding in told(row, row.pop("_told")):
            found.setdefault((finding["id"], finding["problem"].text), []).append((row, finding))
    return list(rows.values()), [*not_read(estate, rows.values()), *(merged(group) for group in found.values())]


def blank(estate, one):
    """The row of a connection that is not judged yet."""
    return {"client": side(estate, one.client_node, one.client), "server": side(estate, one.server_node, one.server), "client_node": one.client_node,
            "server_node": one.server_node, "port": one.port, "protocol": one.protocol, "mutual": one.mutual, "purpose": one.purpose, "step": one.step,
            "today": NOT_THERE, "planned": NOT_THERE, "problems": [], "served": True, "_told": {}}


def not_read(estate, rows):
    """What is found about nodes that could not be read: once for each."""
    names = dict.fromkeys(end for row in rows if row["today"] == UNKNOWN for end in (row["client_node"], row["server_node"]) if end)
    return [{"id": "not-read", "severity": "medium", "object": name, "message": "what it holds is not known, so nothing is said of its connections: %s could "
             "not be read: %s" % (name, estate.nodes[name].unread), "step": None, "outlook": NOT_KNOWN, "mend": Mend("").at(estate.nodes[name])}
            for name in names if estate.nodes[name].unread]


def breaks(row):
    """Whether a connection goes today, by TLS or in the clear, and would not when site.yml has run; or would lose its TLS."""
    return row["planned"] == FAILS and row["today"] in (HOLDS, IN_CLEAR) or row["planned"] == IN_CLEAR and row["today"] == HOLDS


def told(row, problems):
    """What is found about one connection: what fails today with what mends it, and what would fail still, or only then."""
    fails_then, lasting = row["planned"] in (FAILS, IN_CLEAR), BREAKS if breaks(row) else STAYS
    now, later = ({problem.text for problem in problems.get(time, ())} for time in ("today", "planned"))
    for problem in problems.get("today", ()):
        stays = fails_then and problem.text in later
        outlook = lasting if stays else MENDED
        yield {"id": problem.id, "severity": "high" if row["today"] == FAILS or stays else "medium", "problem": problem, "outlook": outlook,
               "fails": when(row, problem, outlook),
               "end": " site.yml would not mend this: correct the inventory or the node, then %s." if stays else " To mend: %s."}
    if fails_then:
        for problem in problems["planned"]:
            if problem.text not in now:
                yield {"id": "planned-" + problem.id, "severity": "high", "problem": problem, "outlook": lasting, "fails": when(row, None, lasting),
                       "end": " This is what site.yml would bring about: correct the inventory. To mend: %s."}


def when(row, problem, outlook):
    """When a connection fails, in words. problem: that it has today, None for one that it only would have."""
    if outlook == BREAKS:
        return "%s today, and would fail then" % ("goes in the clear" if row["today"] == IN_CLEAR else "holds")
    if problem is None:
        return "would fail then"
    if problem.id == PLAIN:
        return "in the clear today"
    return "fails today" if row["today"] == FAILS else "would fail by TLS"


def merged(group):
    """One finding of a problem that several connections have: arguments of Report.finding, and with them outlook (a word above) and mend.
    What is graver for one of the connections stands for all.
    """
    row, first = min(group, key=lambda one: (OUTLOOKS.index(one[1]["outlook"]), ("high", "medium").index(one[1]["severity"])))
    problem, names = first["problem"], list(dict.fromkeys([name(row), *(name(one) for one, _finding in group)]))
    more = " (and %d more connections)" % (len(names) - 1) if len(names) > 1 else ""
    purposes = ", ".join(dict.fromkeys(one["purpose"] for one, _finding in group))
    return {"id": first["id"], "severity": min((finding["severity"] for _row, finding in group), key=("high", "medium").index), "object": names[0] + more,
            "message": "%s (%s): %s.%s" % (purposes, first["fails"], problem.text, first["end"] % problem.mend.text), "step": problem.step,
            "outlook": first["outlook"], "mend": problem.mend}


def side(estate, node, word):
    """The cluster of an end, or how it is called where it is no node of ours."""
    return estate.nodes[node].cluster if node else word


def ends(row):
    """(client, server) of a connection, nodes by their own names."""
    return row["client_node"] or row["client"], row["server_node"] or row["server"]


def name(row):
    """A connection's name for people."""
    return "%s -> %s%s" % (*ends(row), ":%s" % row["port"] if row["port"] else "")


def table(rows, proved=False):
    """The rows as lines for people, columns aligned; proved: with what handshakes proved."""
    columns = [*COLUMNS, *([PROVED] if proved else []), PURPOSE]
    cells = [["CLIENT", "SERVER", *(head for _name, head in columns)]]
    cells += [[*ends(row), *("-" if row[key] is None else str(row[key]) for key, _head in columns)] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def counted(rows):
    """{verdict: how many connections have it today}."""
    return {word: sum(row["today"] == word for row in rows) for word in (HOLDS, FAILS, IN_CLEAR, UNKNOWN, NOT_THERE)}
