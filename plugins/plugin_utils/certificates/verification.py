# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes that prove the result from outside: what every port of the cluster, and the far ends named, really serve."""

from __future__ import annotations

import os

from ..operations import estate
from ..operations import services as processes
from ..pki import checks
from ..pki import restarts
from ..pki.facts import key_of
from ..pki.facts import short
from ..pki.holdings import key
from ..pki.names import covers
from ..pki.names import subject_names
from ..pki.pem import find_certificates
from ..pki.pem import fingerprint
from . import reading
from .reading import read_node

SIP_TLS, OAUTH_PORTS = 5061, (5090, 5091)
STEPS = {"tomcat": "restart-tomcat", "callmanager": "restart-callmanager-group"}
COLUMNS = (("node", "NODE"), ("port", "PORT"), ("purpose", "PURPOSE"), ("certificate", "CERTIFICATE"), ("installed", "INSTALLED"), ("chain", "CHAIN"),
           ("name", "NAME"), ("usage", "EKU"), ("rsa", "RSA"), ("client", "CLIENT"), ("protocol", "PROTOCOL"), ("verdict", "VERDICT"))


class TlsVerification:
    """One run of the module. args: its checked options; action: nodes, publisher, report, each."""

    def __init__(self, action, release, args):
        self.action, self.release, self.args, self.report = action, release, args, action.report
        self.now = reading.now()
        self.tls = {"ca_file": self.path(args["ca_file"]), "client_certificate": self.path(args["client_certificate"]),
                    "client_key_file": self.path(args["client_key_file"]), "client_key_passphrase": args["client_key_passphrase"]}

    @staticmethod
    def path(value):
        """An absolute path: the probes run in a process that stands elsewhere."""
        return os.path.abspath(os.path.expanduser(value)) if value else None

    def apply(self):
        """Make every handshake. Returns the report with handshakes, table, expected and proved added."""
        oauth = bool(set(self.args["ports"]) & set(OAUTH_PORTS)) and estate.sip_oauth(self.action.publisher) is True
        found = self.action.each(self.action.nodes, lambda node: [self.look(node, *target) for target in self.targets(node, oauth)])
        rows = [row for of_node in found.values() for row in of_node]
        rows += [self.far_end(target) for target in self.args["targets"] or ()]
        for row in rows:
            if row["problems"]:
                self.report.finding("handshake", "high", "%s port %s" % (row["node"], row["port"]), "; ".join(row["problems"]), step=row.pop("step"))
            else:
                row.pop("step")
        self.report.add(handshakes=rows, table=table(rows), expected=len(rows), proved=sum(row["verdict"] == "proved" for row in rows))
        return self.report

    def targets(self, node, oauth):
        """(port, certificate's service, purpose, installed certificate) for each port that a node must serve.

        8443 is on every node; 5061 where CallManager runs or should, by role; 5090 and 5091 likewise, once SIP OAuth mode is on.
        """
        held = read_node(node, self.release, services=["tomcat", "CallManager"])
        out = [(node.ports["https"] or 8443, "tomcat", "HTTPS")] if 8443 in self.args["ports"] else []
        if set(self.args["ports"]) & {SIP_TLS, *OAUTH_PORTS} and self.processes_calls(node):
            out += [(SIP_TLS, "CallManager", "SIP TLS")] if SIP_TLS in self.args["ports"] else []
            out += [(port, "tomcat", "SIP OAuth") for port in OAUTH_PORTS if oauth and port in self.args["ports"]]
        return [(port, service, purpose, held.identities.get(key(service))) for port, service, purpose in out]

    @staticmethod
    def processes_calls(node):
        """Whether the node should serve SIP: by its role, or because its CallManager runs."""
        if "call_processing" in node.roles:
            return True
        found, _date = processes.read(node, [restarts.CALLMANAGER])
        return restarts.CALLMANAGER in found and found[restarts.CALLMANAGER].running

    def look(self, node, port, service, purpose, installed):
        """The row of one port of a node."""
        row, leaf, seen = self.handshake(node, node.name, node.host, port, node.fqdn, purpose)
        row["step"] = STEPS.get(key(service))
        if leaf is not None:
            row["certificate"] = "%s %s" % (service, fingerprint(leaf)[:8])
            row["installed"] = "no" if installed is None else "yes" if fingerprint(leaf) == fingerprint(installed) else "other"
            if row["installed"] == "other":
                row["problems"].append("it serves %s, installed is %s: the service has not been restarted since" % (short(leaf), short(installed)))
            elif row["installed"] == "no":
                row["problems"].append("no installed %s certificate could be read from the node to compare with" % service)
            if port == SIP_TLS and not seen["client_certificate_requested"]:
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

    def handshake(self, asker, name, address, port, server_name, purpose):
        """(row, served leaf or None, what the probe saw). The RSA certificate is asked for; only where none comes is any other taken."""
        row = {"node": name, "address": address, "port": port, "purpose": purpose, "server_name": server_name, "certificate": "-", "sha256": None,
               "installed": "-", "chain": "-", "name": "-", "usage": "-", "rsa": "-", "client": "-", "protocol": "-", "cipher": None, "problems": []}
        common = dict(self.tls, address=address, port=port, server_name=server_name)
        seen = asker.ask("tls", "probe", rsa_only=True, **common)
        if seen["reachable"] and not seen["handshake"] and not seen["client_certificate_requested"]:
            seen = asker.ask("tls", "probe", **common)          # no RSA, or TLS 1.3 only: its key says which
        served = find_certificates(seen["chain"][0]) if seen["chain"] else []
        if not served:
            row["problems"].append(seen["error"] or "it sends no certificate")
            return row, None, seen
        leaf = served[0]
        row["sha256"], row["protocol"], row["cipher"] = fingerprint(leaf), seen["protocol"] or "-", seen["cipher"]
        row["chain"] = "yes" if seen["verified"] else "no"
        row["name"] = "yes" if covers(leaf, server_name) else "no"
        row["rsa"] = "yes" if key_of(leaf)[0] == "RSA" else "no"
        problems = checks.served(leaf, server_name, self.now, "it")
        row["usage"] = "no" if any(p.id == "usage" for p in problems) else "yes" if checks.client_use(leaf) else "server"
        if not seen["verified"]:
            row["problems"].append("its certificate %s does not verify: %s" % (short(leaf), seen["error"]))
        row["problems"] += [p.what for p in problems]
        if row["rsa"] == "no":
            row["problems"].append("it serves no RSA certificate")
        self.client(row, seen)
        return row, leaf, seen

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
