# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is assumed of a Meeting Server: the MMP's shell, and the API."""

from __future__ import annotations

from ..meeting_server.database_status import DatabaseStatus
from ..meeting_server.reading import NAME
from .assumption import Assumption
from .assumption import Look
from .assumption import NotSeen
from .assumption import answers
from .assumption import refused
from .assumption import says
from .assumption import wire


def show(command, *assumptions):
    """A Look by one command that only shows something."""
    return Look("mmp", "run", {"command": command, "reading": True}, assumptions)


def _files(answer):
    """Nothing but names, and lines that end in a colon above them."""
    names = NAME.findall(answer.text)
    if not names:
        raise NotSeen("the node has no such files")
    return all(line.strip() in names or line.rstrip().endswith(":") for line in answer.text.splitlines() if line.strip())


def _words(answer):
    status = DatabaseStatus(answer.text)
    if not status.nodes:
        raise NotSeen("the node is in no cluster of databases")
    return "Master" in answer.text or "Primary" in answer.text


EVERY_NODE = (
    show("version",
         Assumption("mmp-login", "the login by password or keyboard-interactive is taken", answers),
         Assumption("mmp-shell", "the prompt is HOSTNAME> and nothing else, a host name without dots", wire(r"(?:^|[\r\n])[A-Za-z0-9_-]+> ?\Z"), answers),
         Assumption("mmp-system", "'version' shows the release as two numbers with a dot", says(r"\d+\.\d+"))),
    show("webadmin", Assumption("mmp-status", "a service's status has lines LABEL : value, Enabled and Interface whitelist among them",
                                says(r"^\s*Enabled\s*:\s*(true|false)"))),
    show("callbridge", Assumption("mmp-status", "callbridge says its Listening interfaces, Key file and Certificate file", says(r"^\s*Key file\s*:"))),
    Look("mmp", "run", {"command": "webbridge", "reading": True}, (
        Assumption("mmp-status-2x", "Web Bridge of 2.9 says Key file and Certificate file", says(r"^\s*(Key file|Enabled)\s*:")),
    ), releases=lambda release: release.startswith("2")),
    show("pki list", Assumption("mmp-pki-list", "names of files, one a line", _files, answers)),
    show("database cluster status",
         Assumption("cms-database", "the status begins with 'Status', and calls the servers Master and Slave, or Primary and Replica", _words, answers)),
    show("no such command",
         Assumption("mmp-results", "what is not understood is told by a line that says so", refused(), fails=True)),
)
API = (
    Look("cms_api", "get", {"path": "system/status"}, (
        Assumption("cms-api", "XML, with softwareVersion in status", says(r"<softwareVersion>\d+\.\d+")),
    )),
    Look("cms_api", "get", {"path": "callLegProfiles"}, (
        Assumption("cms-api", "a list has its total", says(r"<callLegProfiles total=\"\d+\"")),
        Assumption("cms-api-objects", "the API has callLegProfiles", answers),
    )),
    Look("cms_api", "get", {"path": "callLegProfiles/00000000-0000-0000-0000-000000000000"}, (
        Assumption("cms-api", "what is not there is told by failureDetails with callLegProfileDoesNotExist",
                   lambda a: a.error is not None and "DoesNotExist" in str(a.error),
                   refused(), fails=True),
    )),
)
