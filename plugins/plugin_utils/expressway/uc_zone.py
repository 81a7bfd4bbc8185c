# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Unified Communications traversal zone, both ends from one definition (guide, MRA and XMPP Federation; keys: expressway.md 1.4).

Expressway-E first: the credential that the zone looks its user up in, the zone with the TLS verify subject name, then the zone of Expressway-C. TLS,
its verification and media encryption are implied. The command line cannot make such a zone (expressway.md 2.2): without the keys in REST it is pending.
"""
from __future__ import annotations

from dataclasses import dataclass

from ..reconcile import reconcile
from ..written import Written
from . import keys
from .sides import ZONES
from .sides import C
from .sides import Change
from .sides import E
from .sides import allowed

CREDENTIALS = "/common/credential"
STEPS = {C: "mra-zone-c-auth", E: "mra-zone-e-auth"}
SUBJECT_STEP = "mra-zone-e-subject"
PAGES = {C: "Configuration > Zones > Zones, a zone of type Unified Communications traversal", E: "the same page of Expressway-E"}
POLICY = "DoNotCheckCredentials"
NAMES = {"name": ("Name",), "port": ("SIPPort", "Port"), "policy": ("AuthenticationMode",), "username": ("AuthenticationUserName",),
         "password": ("AuthenticationPassword",), "peers": ("PeerAddress", "PeerAddresses"),
         "subject": ("SIPTLSVerifySubjectName", "TLSVerifySubjectName")}
LABELS = {"port": "port", "policy": "authentication policy", "username": "user name", "password": "password", "peers": "peer addresses",
          "subject": "TLS verify subject name"}
FIELDS = {C: ("port", "policy", "username", "password", "peers"), E: ("port", "policy", "username", "subject")}


class BadZone(Exception):
    """The zone cannot be written as the inventory has it; the message says why and what to do."""


@dataclass(frozen=True)
class Zone:
    """The definition: name on both sides, port, user and password, subject (name in Expressway-C's certificates), peers (FQDNs of Expressway-E)."""

    name: str
    port: int
    username: str
    password: str
    subject: str
    peers: tuple

    def values(self, product):
        """{field: value} of one end."""
        all_of = {"port": self.port, "policy": POLICY, "username": self.username, "password": self.password, "subject": self.subject, "peers": list(self.peers)}
        return {field: all_of[field] for field in FIELDS[product]}


class End:
    """One end of the zone. broken: whether the zone is known not to be Active, so that a password of unknown origin is written once more."""

    def __init__(self, side, zone, broken):
        self.side, self.zone, self.broken, self.report = side, zone, broken, side.action.report
        self.path, self.wanted = ZONES[side.product], zone.values(side.product)
        self.offer = side.offers(self.path)
        self.keys = {field: keys.key_of(self.offer, NAMES[field], self.wanted.get(field)) for field in ("name", *self.wanted)}
        self.written = Written(side.action.workspace, side.name)

    # what stands against it, before anything is written

    @property
    def missing(self):
        """What the release's API lacks, as words; none where the zone can be written whole."""
        if not {"post", "put"} <= keys.methods(self.offer):
            return ["the resource %s" % self.path]
        return [LABELS.get(field, field) for field, key in self.keys.items() if not key]

    def against(self, rows):
        """Why the zone cannot be written, as sentences: its port or its far end is another zone's already."""
        found = []
        for row in rows:
            name, port = keys.value_of(row, NAMES["name"]), keys.value_of(row, NAMES["port"])
            if keys.same(name, self.zone.name):
                continue
            peers = [str(one).lower() for one in keys.listed(keys.value_of(row, NAMES["peers"]))]
            if self.side.product == E and keys.same(port, self.zone.port):
                found.append("zone '%s' of %s has port %s already" % (name, self.side.name, port))
            if set(peers) & {peer.lower() for peer in self.zone.peers}:
                found.append("zone '%s' of %s leads to the same Expressway-E" % (name, self.side.name))
        return found

    # reading and planning

    def read(self):
        """{"zones": rows, "credentials": names} (credentials of Expressway-E only)."""
        found = {"zones": self.side.rows(self.path) or []}
        if self.side.product == E:
            found["credentials"] = credential_names(self.side.rows(CREDENTIALS) or [])
        return found

    def plan(self, actual):
        """What to write at this end."""
        return (self.credential(actual["credentials"]) if self.side.product == E else []) + self.zone_steps(actual["zones"])

    def password_differs(self, there):
        """Whether the password has to be written: none is there, another one was written last, or nobody knows which and the zone does not work."""
        if not there:
            return True
        return not self.written.same(self.record, self.zone.password) if self.written.known(self.record) else self.broken

    @property
    def record(self):
        """The name of the record of the password."""
        return "expressway:%s:%s" % ("credential" if self.side.product == E else "zone", self.zone.username if self.side.product == E else self.zone.name)

    def send_with_password(self, method, path, body):
        """Write a body that holds the password; it is noted once it was taken."""
        self.written.needed(self.record)
        self.send(method, path, body)
        self.written.note(self.record, self.zone.password)
        self.broken = False

    def send(self, method, path, body):
        """Write a body without a password."""
        self.side.primary.ask("expressway_api", "write", method=method, path=path, body=body)

    def credential(self, names):
        """The credential that Expressway-E looks the zone's user up in."""
        there = any(name == self.zone.username for name in names)
        if there and not self.password_differs(True):
            return []
        offer = self.side.offers(CREDENTIALS)
        new = keys.key_of(offer, ("New_Password",)) if there else None
        key = new or keys.key_of(offer, ("Password",))
        method, body = ("PUT" if there else "POST"), {"Name": self.zone.username, key: self.zone.password}
        name = "credential %s of %s" % (self.zone.username, self.side.name)
        message = "the password of %s is not the inventory's" % name if there else "%s is not there" % name
        return [self.change(name, "%s %s" % (method, CREDENTIALS), {"Name": self.zone.username}, None, {"Name": self.zone.username}, message, there,
                            lambda: self.send_with_password(method, CREDENTIALS, body), STEPS[E])]

    def zone_steps(self, rows):
        """The zone itself."""
        row = next((row for row in rows if keys.same(keys.value_of(row, NAMES["name"]), self.zone.name)), None)
        wrong = {field: value for field, value in self.wanted.items() if self.differs(field, row)}
        if not wrong:
            return []
        sent = {self.keys[field]: keys.spelled(self.offer["keys"][self.keys[field]], value) for field, value in wrong.items()}
        body, shown = {self.keys["name"]: self.zone.name, **sent}, {key: value for key, value in sent.items() if key != self.keys.get("password")}
        name = "zone %s of %s" % (self.zone.name, self.side.name)
        before = {LABELS[field]: keys.value_of(row, (self.keys[field],)) for field in wrong if field != "password"} if row else None
        after = {LABELS[field]: value for field, value in wrong.items() if field != "password"}
        message = "; ".join("%s is %s, not %s" % (LABELS[f], before[LABELS[f]], v) if f != "password" else "its password is not the inventory's"
                            for f, v in wrong.items()) if row else "it is not there"
        step = STEPS[self.side.product]
        if row and "subject" in wrong:
            self.report.finding("expressway-uc-subject", "high", name, "%s: the TLS verify subject name is %s, not %s" % (
                name, before[LABELS["subject"]], wrong["subject"]), step=SUBJECT_STEP, before=before[LABELS["subject"]], after=wrong["subject"])
        method = "PUT" if row else "POST"
        send = self.send_with_password if "password" in wrong else self.send
        return [self.change(name, "%s %s" % (method, self.path), {"Name": self.zone.name, **shown}, before, after, "%s: %s" % (name, message), row is not None,
                            lambda: send(method, self.path, body), step)]

    def differs(self, field, row):
        """Whether a field has to be written."""
        if field == "password":
            return self.password_differs(row is not None)
        return row is None or not keys.same(keys.value_of(row, (self.keys[field],)), self.wanted[field])

    def change(self, name, operation, arguments, before, after, message, disturbs, apply, step):
        """One step. What is not there yet disturbs nobody."""
        return Change(description={"node": self.side.primary.name, "channel": "expressway_api", "operation": operation, "object": name, **arguments},
                      apply=apply, before=before, after=after, impact=self.side.impact() if disturbs else [], disturbs=disturbs,
                      finding={"id": "expressway-uc-zone", "severity": "high", "object": name, "step": step, "before": before, "after": after,
                               "message": message})

    def write(self, check, granted, in_use):
        """Bring this end to what is wanted."""
        return reconcile(self.report, check, self.read, allowed(self.report, self.plan, granted, in_use))


def credential_names(rows):
    """Names of credentials: the resource gives a list of objects, or one object with all names (transcript rest_x8.8_credential_doc)."""
    return [str(name) for row in rows for name in keys.listed(keys.value_of(row, ("Name",)))]
