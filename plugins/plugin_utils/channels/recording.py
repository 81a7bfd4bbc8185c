# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wire, kept for whoever looks at a node for the first time.

Only a session whose options have "recorded" keeps anything, in the broker's memory, until it is taken. Logins never come in: headers are left out, and
passwords are replaced as text comes.
"""

from __future__ import annotations

import re
from urllib.parse import quote_plus

SECRETS = ("password", "application_password", "enable_password")
HIDDEN = "********"
LARGEST = 200_000       # characters of one text; what is longer is cut, and says so
TEXT = re.compile(r"text|xml|json|html|raml|yaml|x-pem|urlencoded", re.IGNORECASE)

_kept = {}              # name of the recording -> [{"kind", "text"}]


class Recorder:
    """Where a channel puts what it sends and gets."""

    def __init__(self, name, secrets):
        self.entries, self.secrets = _kept.setdefault(name, []), secrets

    def note(self, kind, text):
        """Keep a text. Pieces of one kind that come one after the other are one text. kind: "request", "answer" or "session"."""
        last = self.entries[-1] if self.entries else None
        if kind == "session" and last is not None and last["kind"] == kind:
            last["text"] = self._clean(last["text"] + text)
        else:
            self.entries.append({"kind": kind, "text": self._clean(text)})

    def answer(self, status, headers, body):
        """Keep an answer by HTTP; what is no text is only named."""
        kind = headers.get("content-type", "")
        text = body.decode(errors="replace") if TEXT.search(kind) or not kind else "(no text)"
        self.note("answer", "HTTP %d %s\n\n%s" % (status, kind, text))

    def _clean(self, text):
        for secret in self.secrets:
            for written in (secret, quote_plus(secret)):
                text = text.replace(written, HIDDEN)
        return text if len(text) <= LARGEST else text[:LARGEST] + "\n(cut after %d characters)\n" % LARGEST


def recorder(option):
    """The Recorder of a session with these options; None where nothing is to be kept."""
    name = option("recorded")
    return Recorder(name, [option(s) for s in SECRETS if option(s)]) if name else None


class Channel:
    """Gives back what the other channels of the same node have kept."""

    def __init__(self, option):
        self.name = option("recorded")

    def close(self):
        """Forget it."""
        _kept.get(self.name, []).clear()

    def take(self, left):
        """All that came since the last time: [{"kind", "text"}]."""
        entries = _kept.setdefault(self.name, [])
        taken = list(entries)
        entries.clear()
        return taken
