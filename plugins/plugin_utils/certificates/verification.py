# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes that prove the result from outside: what every port of the cluster, and the far ends named, really serve."""

from __future__ import annotations

import os

from ..meeting_server.proof import targets as meeting_server_targets
from ..operations import estate
from ..operations import services as processes
from ..pki import checks
from ..pki import restarts
from ..pki.facts import iso
from ..pki.facts import key_of
from ..pki.facts import short
from ..pki.holdings import key
from ..pki.names import covers
from ..pki.names import subject_names
from ..pki.pem import find_certificates
from ..pki.pem import fingerprint
from ..pki.products import HTTPS
from ..pki.products import LISTENERS
from ..pki.products import MEETING_SERVER
from ..pki.products import UNIFIED_CM
from ..pki.products import UNITY_CONNECTION
from ..pki.products import Listener
from ..pki.products import of
from ..pki.products import product_of
from ..pki.products import step
from ..unity_connection.reading import speaks_tls
from . import reading
from .reading import read_node
from .reading import release_of

SIP_OAUTH = tuple(Listener(restarts.CALLMANAGER, port, "tomcat", "SIP OAuth") for port in (5090, 5091))
SIP_TLS = 5061
COLUMNS = (("node", "NODE"), ("port", "PORT"), ("purpose", "PURPOSE"), ("certificate", "CERTIFICATE"), ("installed", "INSTALLED"), ("chain", "CHAIN"),
           ("name", "NAME"), ("usage", "EKU"), ("rsa", "RSA"), ("client", "CLIENT"), ("protocol", "PROTOCOL"), ("verdict", "VERDICT"))


class TlsVerification:
    """One run of the module. args: its checked options; action: nodes, publisher, report, each."""

    def __init__(self, action, args):
        self.action, self.args, self.report = action, args, action.report
        self.now = reading.now()
        self.tls = {"ca_file": self.path(args["ca_file"]), "client_certificate": self.path(args["client_certificate"]),
                    "client_key_file": self.path(args["client_key_file"]), "client_key_passphrase": args["client_key_passphrase"]}

    @staticmethod
    def path(value):
        """An absolute path: the probes run in a process that stands elsewhere."""
        return os.path.abspath(os.path.expanduser(value)) if value else None

    def apply(self):
        """Make every handshake. Returns the report with handshakes, table, expected and proved added."""
        rows = self.rows() + [self.far_end(target) for target in self.args["targets"] or ()]
        for row in rows:
            if row["problems"]:
                self.report.finding("handshake", "high", "%s port %s" % (row["node"], row["port"]), "; ".join(row["problems"]), step=row.pop("step"))
            else:
                row.pop("step")
        self.report.add(handshakes=rows, table=table(rows), expected=len(rows), proved=sum(row["verdict"] == "proved" for row in rows))
        return self.report

    def rows(self):
        """The rows of the cluster's own ports."""
        wanted = set(self.args["ports"])
        oauth = product_of(self.action.publisher) == UNIFIED_CM and bool(wanted & {one.port for one in SIP_OAUTH}) \
            and estate.sip_oauth(self.action.publisher) is True
        plain = product_of(self.action.publisher) == UNITY_CONNECTION and SIP_TLS in wanted and not speaks_tls(self.action.publisher)
        if plain:
            self.report.finding("voice-mail-plain", "high", self.action.cluster, "no port group of it speaks TLS, so there is no port %d to look at" % SIP_TLS,
                                step="cuc-portgroup-profile")
        ports = wanted - {SIP_TLS} if plain else wanted
        found = self.action.each(self.action.nodes, lambda node: [self.look(node, *target) for target in self.targets(node, oauth, ports)])
        return [row for of_node in found.values() for row in of_node]

    def targets(self, node, oauth, ports):
        """(listener, installed certificate) for each port that a node must serve.

        The web port is on every node, any other where the service that serves it runs (5061: or should, by role); those of SIP OAuth once it is on, that of
        voice mail once a port group speaks TLS.
        """
        if product_of(node) == MEETING_SERVER:
            return meeting_server_targets(node)
        found = [one for one in (*of(LISTENERS, node), *(SIP_OAUTH if oauth else ())) if (one.port or 8443) in ports]
        others = {one.service for one in found if one is not HTTPS}
        state = processes.read(node, sorted(others))[0] if others else {}
        held = read_node(node, release_of(node), services=[one.unit for one in found])
        return [(one, held.identities.get(key(one.unit))) for one in found if one is HTTPS or self.serves(node, one.service, state.get(one.service))]

    @staticmethod
    def serves(node, service, state):
        """Whether a node should serve a service's ports: by its role, or because the service runs."""
        return service == restarts.CALLMANAGER and "call_processing" in node.roles or state is not None and state.running

    def look(self, node, listener, installed):
        """The row of one port of a node."""
        port, service = listener.on(node), listener.unit
        row, leaf, seen = self.handshake(node, node.name, node.host, port, node.fqdn, listener.purpose, listener.starttls)
        row["step"] = step(node, "served", service)
        if leaf is not None:
            row["certificate"] = "%s %s" % (service, fingerprint(leaf)[:8])
            row["installed"] = "no" if installed is None else "yes" if fingerprint(leaf) == fingerprint(installed) else "other"
            if row["installed"] == "other":
                row["problems"].append("it serves %s, installed is %s: the service has not been restarted since" % (short(leaf), short(installed)))
            elif row["installed"] == "no":
                row["problems"].append("no installed %s certificate could be read from the node to compare with" % service)
            if port == SIP_TLS and product_of(node) != MEETING_SERVER and not seen["client_certificate_requested"]:
                row["problems"].append("it asks for no client certificate, which SIP TLS between servers needs")
        return self.judged(row)

    def far_end(self, target):
        """The row of a target that the operator named; without server_name the certificate's own name stands, and only chain and use are judged."""
        name, address, port = target["name"] or target["address"], target["address"], target["port"]
        wanted = target["server_name"]
        if not wanted:
            seen = self.action.publisher.ask("tls", "probe", address=address, port=port)
            served = find_certificates(seen["chain"][0]) if seen["chain"] else []
            wanted = (subject_names(served[0]) or [address])[0] if served else address
        row, leaf, _seen = self.handshake(self.action.publisher, name, address, port, wanted, target["purpose"])
        row["step"], row["server_name"] = None, wanted
        if leaf is not None:
            row["certificate"] = "%s %s" % (wanted, fingerprint(leaf)[:8])
            if not target["server_name"]:
                row["name"] = "as given"
        return self.judged(row)

    def handshake(self, asker, name, address, port, server_name, purpose, starttls=None, anonymous=False):
        """(row, served leaf or None, what the probe saw). The RSA certificate is asked for; only where none comes is any other taken.

        anonymous: no client certificate is offered, since the port takes those of certain peers only.
        """
        row = self.blank(name, address, port, server_name, purpose)
        tls = {"ca_file": self.tls["ca_file"]} if anonymous else self.tls
        common = dict(tls, address=address, port=port, server_name=server_name, **estate.within_xmpp(asker, starttls))
        seen = asker.ask("tls", "probe", rsa_only=True, **common)
        if seen["reachable"] and not seen["handshake"] and not seen["client_certificate_requested"]:
            seen = asker.ask("tls", "probe", **common)          # no RSA, or TLS 1.3 only: its key says which
        served = find_certificates(seen["chain"][0]) if seen["chain"] else []
        if not served:
            row["problems"].append(seen["error"] or "it sends no certificate")
            return row, None, seen
        leaf = served[0]
        row["protocol"], row["cipher"] = seen["protocol"] or "-", seen["cipher"]
        self.judge(row, leaf, None if seen["verified"] else str(seen["error"]))
        self.client(row, seen)
        return row, leaf, seen

    @staticmethod
    def blank(name, address, port, server_name, purpose):
        """A row of which nothing is known yet."""
        return {"node": name, "address": address, "port": port, "purpose": purpose, "server_name": server_name, "certificate": "-", "sha256": None,
                "valid_until": None, "installed": "-", "chain": "-", "name": "-", "usage": "-", "rsa": "-", "client": "-", "protocol": "-", "cipher": None,
                "problems": []}

    def judge(self, row, leaf, error):
        """What a certificate is worth on the port of a row. error: why it does not verify, or None."""
        server_name = row["server_name"]
        row["sha256"], row["valid_until"] = fingerprint(leaf), iso(leaf.not_valid_after_utc)
        row["chain"] = "no" if error else "yes"
        row["name"] = "yes" if covers(leaf, server_name) else "no"
        row["rsa"] = "yes" if key_of(leaf)[0] == "RSA" else "no"
        problems = checks.served(leaf, server_name, self.now, "it")
        row["usage"] = "no" if any(p.id == "usage" for p in problems) else "yes" if checks.client_use(leaf) else "server"
        if error:
            row["problems"].append("its certificate %s does not verify: %s" % (short(leaf), error))
        row["problems"] += [p.what for p in problems]
        if row["rsa"] == "no":
            row["problems"].append("it serves no RSA certificate")

    def client(self, row, seen):
        """What became of the client certificate."""
        accepted = seen["client_certificate_accepted"]
        row["client"] = "no" if not seen["client_certificate_requested"] else {None: "asked", True: "accepted", False: "refused"}[accepted]
        if accepted is False:
            row["problems"].append("it refuses the client certificate %s: is its CA in the trust store that this port checks?" % self.tls["client_certificate"])

    @staticmethod
    def judged(row):
        """The row with its verdict."""
        row["verdict"] = "failed" if row["problems"] else "proved"
        return row


def table(rows):
    """The rows as lines for people, columns aligned, then what failed and why."""
    cells = [[head for _name, head in COLUMNS]] + [[str(row[name]) for name, _head in COLUMNS] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(COLUMNS))]
    out = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return out + ["%s port %s: %s" % (row["node"], row["port"], problem) for row in rows for problem in row["problems"]]
