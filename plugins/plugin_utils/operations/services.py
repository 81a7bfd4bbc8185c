# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of a node as Serviceability reports them: state, and since when by the node's own clock (axl.md 6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime

from ..pki.products import UNITY_CONNECTION
from ..pki.products import product_of
from ..pki.restarts import BY_COMMAND
from ..pki.restarts import HAPROXY
from . import cli_services
from .cli_texts import release_of

NOT_ACTIVATED = -1068       # reason code beside "Stopped" of a service that was never activated on this node
STARTED = "started"
HAPROXY_SINCE = 14          # first number of the release
ANY = "Cisco Tomcat"        # runs on every node: what to ask for when only the node's clock is wanted


@dataclass(frozen=True)
class Service:
    """One service on one node. started: seconds since 1970 by the node's clock, None while it does not run (or where only the command line knows it,
    which does not say); begun: its own text of that."""

    name: str
    status: str
    activated: bool
    started: int | None = None
    begun: str = ""

    @property
    def running(self):
        return self.status.lower() == STARTED

    def facts(self):
        """Plain data for before and after; the start as ISO text."""
        when = datetime.fromtimestamp(self.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.started is not None else None
        return {"status": self.status if self.activated else "Not Activated", "started": when}


def read(node, names):
    """{name: Service} of the named services on a node, and the node's date (seconds since 1970), as (services, date).

    A name that the node does not know comes back as Stopped, and "not activated" as Stopped with a reason code, or (one public fixture) in the
    status itself (axl.md 6). Whether Serviceability knows Unity Connection's own services, and HAProxy, is not sure, so where it does not see them run,
    the command line is asked.
    """
    reply = node.ask("serviceability", "status", services=list(names))
    date = int(reply["date"])
    found = {}
    for row in reply["services"]:
        status, up = str(row.get("status") or "Unknown"), number(row.get("up_time"))
        activated = number(row.get("reason_code")) != NOT_ACTIVATED and "not activated" not in status.lower()
        started = date - up if status.lower() == STARTED and up is not None and up >= 0 else None
        found[row["name"]] = Service(row["name"], status, activated, started, str(row.get("start_time") or ""))
    unseen = [name for name in names if name in BY_COMMAND and not (name in found and found[name].running) and _has(node, name)]
    if unseen:
        found.update(_by_command(node, unseen))
    return {name: found[name] for name in names if name in found}, date


def _has(node, name):
    """Whether a node may have one of these services: HAProxy is there from release 14 on, the others are Unity Connection's."""
    if name == HAPROXY:
        return (release_of(node.variables.get("collab_release") or "") or (0,))[0] >= HAPROXY_SINCE
    return product_of(node) == UNITY_CONNECTION


def _by_command(node, names):
    """Those of these services that run by the command line's word, though Serviceability does not see them."""
    listed = cli_services.read(node)
    return {name: Service(name, listed[name][0].capitalize(), True) for name in names if name in listed}


def restarted(before, now):
    """Whether a service runs and has started anew since before (its Service then, or None).

    Its own text of the start time decides, for the start that is computed from the up time can be off by a second either way.
    """
    if now is None or not now.running:
        return False
    if before is None or not before.running:
        return True
    if before.begun or now.begun:
        return now.begun != before.begun
    return now.started is not None and before.started is not None and now.started > before.started + 1


def offset_minutes(services):
    """The node's distance from UTC in minutes, from a service's start in local time and by the clock; None where no text can be read."""
    for service in services:
        if service.started is None:
            continue
        local = local_time(service.begun)
        if local is not None:
            return round((local.replace(tzinfo=UTC).timestamp() - service.started) / 900) * 15
    return None


def local_time(words):
    """A start time in the node's words ("Mon Nov 23 20:28:38 2026" or the ISO form) without zone, or None."""
    for read_as in (lambda: datetime.strptime(words.strip(), "%a %b %d %H:%M:%S %Y"), lambda: datetime.fromisoformat(words.strip()).replace(tzinfo=None)):
        try:
            return read_as()
        except ValueError:
            continue
    return None


def number(value):
    """An integer of a reply's text, or None."""
    try:
        return int(str(value).strip())
    except ValueError:
        return None
