# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trust graph as a picture: who connects to whom, and whether it holds. Pure data in, pure data out, the same for the same input.

The sides (clusters, and what else is an end of a connection) stand one below the other, their connections are arcs beside them: an arc at the right leads
downwards, one at the left upwards. So it has room for long names on a phone, and grows downwards only with the estate.
"""

from __future__ import annotations

WIDTH, NAMES, ROW, TOP, BOX = 360, 132, 34, 30, 22
LEFT, RIGHT = (WIDTH - NAMES) / 2, (WIDTH + NAMES) / 2
REACH, NEAREST = LEFT - 10, 14          # how far the widest and the narrowest arc stand out
# From the best to the gravest: what an arc of several connections shows is the gravest of them.
STATES = (("holds", "holds today and after the plan"), ("mended", "fails today, holds after the plan"), ("fails", "fails today and after the plan"),
          ("breaks", "holds today, fails after the plan"))
WORDS = dict(STATES)
RANK = {name: i for i, (name, _text) in enumerate(STATES)}
HOLDS, NOT_THERE = "holds", "not there"
OF = {(True, True): "holds", (False, True): "mended", (False, False): "fails", (True, False): "breaks"}


def state_of(connection):
    """holds, mended, fails or breaks. What is in the clear or could not be read does not hold; what one judgement does not have is as the other says."""
    today, planned = connection["today"], connection["planned"]
    return OF[(planned if today == NOT_THERE else today) == HOLDS, (today if planned == NOT_THERE else planned) == HOLDS]


def sides(connections, clusters):
    """The ends of connections: clusters in the inventory's order, then all others by name."""
    ends = {end for c in connections for end in (c["client"], c["server"])}
    return [name for name in clusters if name in ends] + sorted(ends - set(clusters))


def trust_picture(connections, clusters):
    """{width, height, sides: [{name, x, y, w, h, text, own}], arcs: [{path, cross: {x, y}, state, number, title}]} of the trust graph's connections.

    Connections of the same client and server are one arc. own: what becomes of connections within one side, {state, title}, or None.
    """
    names = sides(connections, clusters)
    between = {}
    for c in connections:
        between.setdefault((c["client"], c["server"]), []).append(c)
    boxes = [{"name": name, "x": LEFT, "y": TOP + ROW * i, "w": NAMES, "h": BOX, "text": TOP + ROW * i + BOX - 7,
              "own": drawn(between[name, name], name, name) if (name, name) in between else None} for i, name in enumerate(names)]
    arcs = [arc(names, client, server, found) for (client, server), found in between.items() if client != server]
    # The gravest is drawn last, on top of all others.
    arcs.sort(key=lambda one: (RANK[one["state"]], one["title"]))
    return {"width": WIDTH, "height": TOP + ROW * len(names) + 4, "sides": boxes, "arcs": arcs}


def drawn(found, client, server):
    """{state, number, title} of the connections of one client and server."""
    state = max((state_of(c) for c in found), key=RANK.__getitem__)
    number = sum(state_of(c) == state for c in found)
    return {"state": state, "number": len(found), "title": "%s to %s: %s of %d connections %s" % (
        client, server, "all" if number == len(found) else number, len(found), WORDS[state].replace("holds", "hold").replace("fails", "fail"))}


def arc(names, client, server, found):
    """One arc: from the client's box to the server's, with room for the head of the arrow."""
    start, end = names.index(client), names.index(server)
    down = end > start
    edge, outwards = (RIGHT, 1) if down else (LEFT, -1)
    longest = max(len(names) - 1, 1)
    reach = NEAREST + (REACH - NEAREST) * (abs(end - start) - 1) / max(longest - 1, 1)
    # Arcs leave at the lower and arrive at the upper half of a box (upwards: the other way round), so that both are told apart.
    y1, y2 = (TOP + ROW * start + (15 if down else 7), TOP + ROW * end + (7 if down else 15))
    # A cubic curve stands out by three quarters of where its handles are.
    bend = round(edge + outwards * reach * 4 / 3, 1)
    return drawn(found, client, server) | {
        "path": "M%g %g C%g %g %g %g %g %g" % (edge, y1, bend, y1, bend, y2, edge + outwards * 5, y2),
        "cross": {"x": round(edge + outwards * reach, 1), "y": (y1 + y2) / 2}}
