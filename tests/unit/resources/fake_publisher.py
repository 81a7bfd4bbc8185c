# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster made of dicts: answers AXL as the channel would, remembers what was written, and probes from a table."""
from __future__ import annotations

import copy
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY = ec.generate_private_key(ec.SECP256R1())


def pem(common_name, *names):
    """A self-signed certificate with a common name and DNS names; only its names matter here."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
    now = datetime.datetime(2026, 1, 1)
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(KEY.public_key()).serial_number(1)
               .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=365)))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def profile(name, **elements):
    """A SIP trunk security profile as a list reply has it."""
    row = {"name": name, "description": None, "securityMode": "Non Secure", "incomingTransport": "TCP+UDP", "outgoingTransport": "TCP",
           "digestAuthentication": "false", "noncePolicyTime": "600", "x509SubjectName": None, "incomingPort": "5060", "applLevelAuthentication": "false",
           "acceptPresenceSubscription": "false", "acceptOutOfDialogRefer": "false", "acceptUnsolicitedNotification": "false",
           "allowReplaceHeader": "false", "transmitSecurityStatus": "false", "sipV150OutboundSdpOfferFiltering": "Use Default Filter",
           "allowChargingHeader": "false"}
    return {**row, **elements}


def trunk(name, used, *addresses, port=5060, **elements):
    """A SIP trunk as a get reply has it."""
    listed = [{"addressIpv4": address, "addressIpv6": None, "port": str(port), "sortOrder": str(order)} for order, address in enumerate(addresses, 1)]
    row = {"name": name, "uuid": "{%s}" % name, "securityProfileName": {"_value_1": used, "uuid": "{1}"}, "srtpAllowed": "false",
           "destAddrIsSrv": "false", "destinations": {"destination": listed} if listed else None}
    return {**row, **elements}


class FakeCluster:
    """The publisher of a cluster: `tables` of rows by AXL tag, `served` {(address, port): (PEM, chain holds)}, `writes` in order."""

    name, fqdn, host = "us-cm-pub", "us-cm-pub.ent-pa.com", "10.0.1.1"

    def __init__(self):
        self.tables = {"sipTrunkSecurityProfile": [], "sipTrunk": [], "serviceParameter": [], "phoneSecurityProfile": [], "phone": [],
                       "processNode": [{"name": "EnterpriseWideData", "processNodeRole": "CUCM Voice/Video"},
                                       {"name": "us-cm-pub.ent-pa.com", "processNodeRole": "CUCM Voice/Video"}]}
        self.served, self.writes, self.probes, self.fail_at, self.fail_after, self.no_rsa = {}, [], [], None, False, set()
        self.asked, self.services, self.trust, self.answers = [], {}, {}, {}     # answers: operation -> function of its arguments

    def rows(self, tag):
        return self.tables[tag]

    def row(self, tag, name):
        return next(row for row in self.tables[tag] if row["name"] == name)

    def ask(self, channel, op, **args):
        if (channel, op) == ("axl", "raw"):
            reply = self.axl(args["operation"], copy.deepcopy(args["arguments"]))["return"]
            return "<r>%s</r>" % "".join("<%s>%s</%s>" % (tag, "".join("<%s>%s</%s>" % (k, v, k) for k, v in row.items() if v is not None), tag)
                                         for tag, rows in reply.items() for row in rows or ())
        if (channel, op) == ("axl", "call"):
            return self.axl(args["operation"], copy.deepcopy(args["arguments"]))
        if (channel, op) == ("tls", "probe"):
            return self.probe(**args)
        if (channel, op) == ("serviceability", "status"):
            return {"date": 1795464000, "services": [{"name": name, "status": self.services[name], "reason_code": -1, "up_time": 60, "start_time": ""}
                                                     for name in args["services"] if name in self.services]}
        if (channel, op) == ("certmgr", "snapshot"):
            return {"identities": [], "trusts": [{"service": store, "certificate_data": [{"certificate": one} for one in found]}
                                                 for store, found in self.trust.items()]}
        if (channel, op) == ("serviceability", "devices"):
            return [{"name": row["name"], "node": "us-cm-sub1", "status": "Registered"} for row in self.tables["sipTrunk"] if row["name"] in args["names"]]
        raise AssertionError("nothing here answers %s %s" % (channel, op))

    def probe(self, address, port, server_name, rsa_only, **files):
        self.probes.append((address, port, server_name))
        if (address, port) not in self.served:
            return {"reachable": False, "chain": [], "verified": False, "error": "no connection to %s port %s: Connection refused" % (address, port)}
        served, holds = self.served[address, port]
        if rsa_only and (address, port) in self.no_rsa:
            return {"reachable": True, "chain": [], "verified": False, "error": "the handshake failed: no shared cipher"}
        certificate = x509.load_pem_x509_certificate(served.encode())
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
        except x509.ExtensionNotFound:
            names = [a.value for a in certificate.subject]
        error = None if holds and server_name in names else "Hostname mismatch" if holds else "self-signed certificate"
        return {"reachable": True, "chain": [served], "verified": error is None, "error": error}

    def axl(self, operation, arguments):
        self.asked.append((operation, arguments))
        if operation in self.answers:
            if not operation.startswith("get"):
                self.writes.append((operation, arguments))
            return self.answers[operation](arguments)
        verb = next(v for v in ("list", "get", "add", "update", "reset", "apply") if operation.startswith(v))
        tag = operation[len(verb):]
        tag = tag[0].lower() + tag[1:]
        if self.fail_at is not None and verb not in ("list", "get"):
            self.fail_at -= 1
            if self.fail_at < 0 and not self.fail_after:
                raise KeyboardInterrupt                         # stands for a run that is killed before its request
        if verb == "list":
            return {"return": {tag: self.listed(tag, arguments)}}
        if verb == "get":
            return {"return": {tag: copy.deepcopy(self.row(tag, arguments["name"]) if "name" in arguments else self.tables[tag][0])}}
        self.writes.append((operation, arguments))
        if verb == "add":
            self.tables[tag].append({**(profile("") if tag == "sipTrunkSecurityProfile" else {}), **arguments[tag]})
        elif verb == "update":
            row = self.row(tag, arguments["name"]) if "name" in arguments else self.tables[tag][0]
            row.update({k: v for k, v in arguments.items() if k not in ("name", "service", "processNodeName")})
        if self.fail_at is not None and self.fail_at < 0:
            raise KeyboardInterrupt                             # and here after it
        return {"return": "{1}"}

    def listed(self, tag, arguments):
        wanted = arguments["returnedTags"]
        criteria = {k: v for k, v in arguments["searchCriteria"].items() if v != "%"}
        found = []
        for row in self.tables[tag]:
            if all(str(row.get(k, v)).lower().startswith(v.rstrip("%").lower()) if v.endswith("%") else row.get(k, v) == v for k, v in criteria.items()):
                found.append({k: v for k, v in row.items() if k in wanted or k == "uuid"})
        return copy.deepcopy(found) or None


class Waits:
    """What an action's frame would do for a wait: ask once, and fail where it does not hold."""

    def __init__(self):
        self.asked = []

    def __call__(self, what, check, timeout):
        self.asked.append(what)
        assert check(), what
