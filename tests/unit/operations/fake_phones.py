# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of phones made of dicts: bulk reads as XML, writes, Apply Config and reset, CAPF and RIS, on a clock that only sleeping moves."""
from __future__ import annotations

import re
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

NOW, DAY = 1_795_464_000, 86400
KEY = ec.generate_private_key(ec.SECP256R1())
LSC, TFTP, NULL, JABBER = "UDT-Encrypted-LSC.ent-pa.com", "UDT-Encrypted-LSC-TFTPenc.ent-pa.com", "UDT-Encrypted-NullString.ent-pa.com", "UDT-Jabber-SIPOAuth"
PLAIN = "Cisco 8845 - Standard SIP Non-Secure Profile"
BY_LSC = "By Existing Certificate (precedence to LSC)"
CAPF = "CAPF-1a2b3c4d"
INSTALL, NONE = "Install/Upgrade", "No Pending Operation"


def pem(common_name):
    """A certificate of that name."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    start = datetime.fromtimestamp(NOW - DAY, UTC)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(KEY.public_key()).serial_number(7)
            .not_valid_before(start).not_valid_after(start + timedelta(days=365)).sign(KEY, hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.PEM).decode()


SIGNERS = ("Cisco Root CA 2048", "Cisco Manufacturing CA", "Cisco Root CA M2", "Cisco Manufacturing CA SHA2")
PEMS = {name: pem(name) for name in (CAPF, *SIGNERS)}


class FakePhones:
    """Publisher and action in one: the few things of both that the operations use."""

    name, fqdn, host, roles = "us-cm-pub", "us-cm-pub.ent-pa.com", "us-cm-pub", ["publisher"]
    variables = {"collab_release": "15"}

    def __init__(self, workspace):
        self.now, self.takes, self.capf_runs, self.mixed, self.issuer = NOW, 30, True, "1", "CN=%s,OU=UC" % CAPF
        self.workspace, self.cluster, self.publisher = workspace, "us_cm", self
        self.report, self.said, self.warnings = Report(), [], []
        self.pauses = Pauses(5, self.sleep, lambda: self.now)
        self.trust, self.requests, self.faults = list(SIGNERS), [], []
        self.never, self.no_lsc, self.lsc_fails = set(), False, None
        self.finish_form, self.take_at_once, self.ignores_paging = "%Y:%m:%d:%H:%M", 10 ** 9, None
        self.nodes = {self.name: self}
        self.profiles = {name: self.profile(name, mode, tftp, oauth) for name, mode, tftp, oauth in (
            (LSC, BY_LSC, "false", "false"), (TFTP, BY_LSC, "true", "false"), (NULL, "By Null String", "false", "false"),
            (JABBER, "By Null String", "false", "true"))}
        self.profiles[PLAIN] = {"name": PLAIN, "deviceSecurityMode": "Non Secure"}
        self.phones = {}

    @staticmethod
    def profile(name, mode, tftp, oauth):
        return {"name": name, "deviceSecurityMode": "Encrypted", "authenticationMode": mode, "keySize": "2048", "keyOrder": "RSA Only",
                "tftpEncryptedConfig": tftp, "EnableOAuthAuthentication": oauth}

    def add(self, name, pool="US_DP_1", profile=PLAIN, model="Cisco 8845", registered=True, lsc=0, **more):
        """One phone; lsc: days that its LSC is still valid for, 0 without one."""
        self.phones[name] = {"name": name, "description": "", "model": model, "devicePoolName": pool, "securityProfileName": profile,
                             "certificateOperation": NONE, "authenticationMode": "By Authentication String", "certificateStatus": "None",
                             "upgradeFinishTime": "", "sshUserId": "", "digestUser": "", "lscvaliduntil": str(NOW + lsc * DAY if lsc else 0),
                             "lscissuername": self.issuer if lsc else "", "registered": registered, "time": NOW - 1000, "told": None, "mic": True, **more}

    # -- the action ------------------------------------------------------------------------------------------------------
    def sleep(self, seconds):
        self.now += seconds
        for phone in self.phones.values():
            self.settle(phone)

    def say(self, text):
        self.said.append(text)

    def warn(self, text):
        self.warnings.append(text)

    def var(self, name, default=None):
        return {"collab_release": "15"}.get(name, default)

    # -- the publisher ---------------------------------------------------------------------------------------------------
    def ask(self, channel, op, **args):
        while True:
            try:
                return self.once(channel, op, **args)
            except NodeError as e:
                if e.kind != "busy":
                    raise
                self.sleep(1)

    def once(self, channel, op, **args):
        operation = args.get("operation", op)
        self.requests.append((operation, (args.get("arguments") or {}).get("name")))
        for rule in list(self.faults):
            if rule["operation"] == operation and rule.get("name") in (None, (args.get("arguments") or {}).get("name")):
                rule["skip"] = rule.get("skip", 0) - 1
                if rule["skip"] >= 0:
                    continue
                rule["times"] = rule.get("times", 1) - 1
                if rule["times"] == 0:
                    self.faults.remove(rule)
                if rule.get("after"):
                    getattr(self, "%s_%s" % (channel, op))(**args)
                if rule["kind"] == "killed":
                    raise KeyboardInterrupt
                raise NodeError(rule["kind"], "us-cm-pub: AXL %s: %s" % (operation, rule.get("text", rule["kind"])), rule.get("detail"))
        return getattr(self, "%s_%s" % (channel, op))(**args)

    def serviceability_status(self, services):
        rows = [{"name": name, "status": "Started" if self.capf_runs else "Stopped", "reason_code": -1 if self.capf_runs else -1068, "up_time": 99,
                 "start_time": ""} for name in services]
        return {"date": self.now, "services": rows}

    def serviceability_devices(self, names, device_class="Any", node=None, status="Any"):
        assert len(names) <= 1000
        found = [self.phones[name] for name in names if name in self.phones]
        return [{"name": p["name"], "node": "us-cm-sub1", "status": "Registered" if p["registered"] else "UnRegistered", "time": p["time"]} for p in found]

    def certmgr_snapshot(self):
        trusts = [{"service": "CAPF-trust", "certificate_data": [{"certificate": PEMS[name]} for name in self.trust]}]
        return {"identities": [{"service": "CAPF", "certificate": PEMS[CAPF], "csr": None}], "trusts": trusts}

    def axl_sql(self, query):
        if "ClusterSecurityMode" in query:
            return [{"paramname": "ClusterSecurityMode", "paramvalue": self.mixed}]
        return [{"paramname": "ClusterSIPOAuthMode", "paramvalue": "1"}]

    def axl_call(self, operation, arguments):
        if operation == "listPhoneSecurityProfile":
            return {"return": {"phoneSecurityProfile": list(self.profiles.values())}}
        phone = self.phones.get(arguments["name"])
        if phone is None:
            raise NodeError("refused", "AXL %s: Item not valid: The specified %s was not found" % (operation, arguments["name"]), {"text": "not found"})
        if operation == "updatePhone":
            return self.update(phone, {k: v for k, v in arguments.items() if k != "name"})
        phone["told"] = self.now
        phone["registered"] = False
        return {"return": "{1}"}

    def update(self, phone, elements):
        if elements.get("securityProfileName", PLAIN) not in self.profiles:
            raise NodeError("refused", "AXL updatePhone: no such profile", {"text": "no such profile"})
        finish = elements.get("upgradeFinishTime")
        if finish:
            try:
                datetime.strptime(finish, self.finish_form)
            except ValueError:
                raise NodeError("refused", "AXL updatePhone: invalid time", {"text": "invalid time", "axlcode": 5003}) from None
        phone.update(elements)
        if elements.get("certificateOperation") == INSTALL:
            phone["certificateStatus"] = "Operation Pending"
        return {"return": "{1}"}

    def settle(self, phone):
        """What a phone that was told has done by now."""
        if phone["told"] is None or self.now < phone["told"] + self.takes or phone["name"] in self.never:
            return
        phone.update(told=None, registered=True, time=self.now)
        if phone["certificateOperation"] != INSTALL or self.no_lsc or phone["authenticationMode"] == "By Authentication String":
            return
        phone["certificateOperation"] = NONE
        valid = int(phone["lscvaliduntil"]) > self.now
        proven = {"By Null String": True, BY_LSC: valid or (phone["mic"] and phone["lscvaliduntil"] == "0")}.get(phone["authenticationMode"], phone["mic"])
        if self.lsc_fails or not proven:
            phone["certificateStatus"] = self.lsc_fails or "Upgrade Failed: Invalid LSC"
        else:
            phone.update(certificateStatus="Upgrade Success", lscvaliduntil=str(int(self.now) + 1825 * DAY), lscissuername=self.issuer)

    def axl_raw(self, operation, arguments):
        if operation == "listPhone":
            name, tags = arguments["searchCriteria"].get("name", "%"), list(arguments["returnedTags"])
            found = [p for p in sorted(self.phones.values(), key=lambda p: p["name"]) if name in ("%", p["name"])]
            return self.xml("phone", [{tag: p[tag] for tag in tags} for p in self.page(found, arguments.get("skip"), arguments.get("first"))])
        raise AssertionError("nothing here answers %s raw" % operation)

    def axl_raw_sql(self, query):
        found = sorted(self.phones.values(), key=lambda p: p["name"])
        paged = re.match(r"select skip (\d+) first (\d+) ", query)
        if paged:
            found = self.page(found, *map(int, paged.groups()))
        else:
            wanted = set(re.findall("'([^']+)'", query))
            found = [p for p in found if p["name"] in wanted]
        return self.xml("row", [{"name": p["name"], "lscvaliduntil": p["lscvaliduntil"], "lscissuername": p["lscissuername"],
                                 "tkcertificateoperation": "2" if p["certificateOperation"] == INSTALL else "1"} for p in found])

    def page(self, found, skip, first):
        if first is None or self.ignores_paging == "both":
            return found
        if first > self.take_at_once:
            raise NodeError("refused", "AXL: Query request too large. Total rows matched: %d rows. Suggestive Row Fetch: less than %d rows"
                            % (len(found), self.take_at_once))
        return found[:first] if self.ignores_paging == "skip" else found[skip:skip + first]

    @staticmethod
    def xml(tag, rows):
        inner = "".join("<%s>%s</%s>" % (tag, "".join("<%s>%s</%s>" % (k, escape(v), k) for k, v in row.items()), tag) for row in rows)
        return '<ns:reply xmlns:ns="http://www.cisco.com/AXL/API/15.0"><return>%s</return></ns:reply>' % inner

    # -- what tests count ------------------------------------------------------------------------------------------------
    def made(self, *operations):
        """[names] of these requests, in order."""
        return [name for operation, name in self.requests if operation in operations]

    @property
    def reads(self):
        return [operation for operation, _name in self.requests if operation not in ("updatePhone", "applyPhone", "resetPhone")]
