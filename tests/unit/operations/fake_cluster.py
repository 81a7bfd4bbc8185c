"""A cluster made of dicts: nodes that answer asks, a clock that only sleeping moves, and a record of what was written."""
from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import find_certificates
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import fingerprint
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

TOMCAT, TFTP, CALLMANAGER, CTI, CAPF = ("Cisco Tomcat", "Cisco Tftp", "Cisco CallManager", "Cisco CTIManager",
                                        "Cisco Certificate Authority Proxy Function")
KEY = ec.generate_private_key(ec.SECP256R1())
NOW = 1_795_464_000
DAY = 86400


def certificate(name, serial, not_before=NOW - 30 * DAY):
    """A certificate as PEM. What signs it and with which key does not matter here."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.fromtimestamp(not_before, UTC)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(KEY.public_key()).serial_number(serial)
            .not_valid_before(start).not_valid_after(start + timedelta(days=365)).sign(KEY, hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.PEM).decode()


def sha256(pem):
    return fingerprint(find_certificates(pem)[0])


class FakeNode:
    """One node. services: name -> start time, or None where it is not activated, or "Stopped"."""

    def __init__(self, cluster, name, roles, services):
        self.cluster, self.name, self.roles = cluster, name, roles
        self.fqdn, self.host = name + ".ent-pa.com", name
        self.ports = {"ssh": 22, "https": 8443, "platform": 443}
        self.variables = {"collab_release": cluster.release, "collab_roles": roles}
        self.options = {"remote_user": "osadmin", "password": "platform-secret", "application_user": "svc-collab", "application_password": "app-secret"}
        self.services = dict(services)
        self.installed = {"tomcat": certificate(self.fqdn, 1), "CallManager": certificate(self.fqdn, 2), "CAPF": certificate("CAPF", 3)}
        self.serves = {8443: self.installed["tomcat"]}
        if self.services.get(CALLMANAGER):
            self.serves[5061] = self.installed["CallManager"]

    def option(self, name):
        return self.options.get(name)

    def ask(self, channel, op, **args):
        world = self.cluster
        for rule in list(world.faults):
            if rule["node"] in (self.name, "*") and rule["channel"] == channel and rule.get("op", op) == op and rule.get("when", lambda a: True)(args):
                if rule.get("times") is not None:
                    rule["times"] -= 1
                    if rule["times"] <= 0:
                        world.faults.remove(rule)
                if rule.get("after"):
                    getattr(self, "%s_%s" % (channel, op))(**args)
                raise NodeError(rule["kind"], "%s: %s" % (self.name, rule.get("msg", rule["kind"])))
        return getattr(self, "%s_%s" % (channel, op))(**args)

    def serviceability_status(self, services=()):
        rows = []
        for name in services or self.services:
            start = self.services.get(name)
            if isinstance(start, int):
                up = self.cluster.now - start
                state = "Started" if up >= 0 else "Starting"
                rows.append({"name": name, "status": state, "reason_code": -1, "reason": " ", "up_time": max(up, -1),
                             "start_time": datetime.fromtimestamp(start, UTC).strftime("%a %b %d %H:%M:%S %Y")})
            else:
                rows.append({"name": name, "status": "Stopped", "reason_code": -1068 if start is None else -1019, "reason": "", "up_time": -1,
                             "start_time": ""})
        return {"date": self.cluster.now, "services": rows}

    def serviceability_control(self, action, services):
        for name in services:
            self.cluster.writes.append((self.name, action, name))
            down = [n.name for n in self.cluster.nodes.values() if n is not self and name == CALLMANAGER and n.services.get(CALLMANAGER)
                    and not (isinstance(n.services[CALLMANAGER], int) and n.services[CALLMANAGER] <= self.cluster.now)]
            self.cluster.together += down
            self.services[name] = self.cluster.now + self.cluster.takes
            self.cluster.on_restart.get(name, lambda node: None)(self)
            if name == CALLMANAGER and not self.cluster.broken:
                self.serves[5061] = self.installed["CallManager"]
                if self.cluster.parameters.get("ClusterSIPOAuthMode") == "1":
                    self.serves[5090] = self.installed["tomcat"]
                self.cluster.phones_away = self.cluster.now + self.cluster.takes + 30
        return {}

    def serviceability_deploy(self, services):
        for name in services:
            self.cluster.writes.append((self.name, "Deploy", name))
            self.services[name] = self.cluster.now + self.cluster.takes
        return {}

    def serviceability_devices(self, names=("*",), device_class="Any", node=None, status="Any"):
        back = self.cluster.now >= self.cluster.phones_away and not self.cluster.broken
        return [{"name": n, "node": "us-cm-sub1", "status": "Registered"} for n in (self.cluster.phones if back else self.cluster.phones[:1])]

    def os_admin_reach(self):
        return None

    def certmgr_snapshot(self):
        return {"identities": [{"service": k, "certificate": v, "csr": None} for k, v in self.installed.items()], "trusts": []}

    def tls_probe(self, address, port, **args):
        pem = self.serves.get(port)
        return {"reachable": pem is not None, "chain": [pem] if pem else [], "verified": pem is not None and not self.cluster.unproven,
                "error": "self-signed certificate" if self.cluster.unproven else None}

    def axl_version(self):
        return "15.0.1.11900-40"

    def axl_sql(self, query):
        for name, value in self.cluster.parameters.items():
            if "'%s'" % name in query:
                return [{"paramname": name, "paramvalue": value}]
        return []

    def axl_call(self, operation, arguments):
        return self.cluster.axl(operation, arguments)

    def axl_raw(self, operation, arguments):
        rows = self.cluster.axl(operation, arguments)["return"]["phone"]
        texts = [{k: v["_value_1"] if isinstance(v, dict) else v for k, v in row.items()} for row in rows]
        return "<r>%s</r>" % "".join("<phone>%s</phone>" % "".join("<%s>%s</%s>" % (k, v, k) for k, v in row.items()) for row in texts)

    def vos_cli_run(self, command, answers=(), paste=None):
        return {"output": self.cluster.cli(self, command, list(answers))}


class FakeAction:
    """The cluster of the guide's example, and the little of DeviceAction that the operations use."""

    def __init__(self, workspace, release="15", prefix="us-cm"):
        self.release, self.now, self.takes, self.broken, self.phones_away = release, NOW, 20, False, 0
        self.writes, self.faults, self.said, self.together, self.warnings = [], [], [], [], []
        self.variables, self.on_restart, self.unproven = {}, {}, False
        self.parameters = {"ClusterSecurityMode": "0", "ClusterSIPOAuthMode": "0"}
        self.phones = ["SEP0011AABB0001", "SEP0011AABB0002", "CSFJDOE"]
        self.cluster, self.workspace, self.report = prefix.replace("-", "_"), workspace, Report()
        self.where = prefix + "-pub"
        running = {TOMCAT: NOW - 20 * DAY}
        called = {**running, CALLMANAGER: NOW - 20 * DAY, CTI: NOW - 20 * DAY, TFTP: None}
        self.nodes = {
            prefix + "-pub": FakeNode(self, prefix + "-pub", ["publisher"], {**running, CALLMANAGER: None, CTI: None, TFTP: None, CAPF: None}),
            prefix + "-sub1": FakeNode(self, prefix + "-sub1", ["subscriber", "call_processing"], called),
            prefix + "-sub2": FakeNode(self, prefix + "-sub2", ["subscriber", "call_processing"], called),
            prefix + "-tftp1": FakeNode(self, prefix + "-tftp1", ["subscriber", "tftp"], {**running, TFTP: NOW - 20 * DAY, CALLMANAGER: None, CTI: None}),
        }
        self.publisher = self.nodes[prefix + "-pub"]
        self.replies = {
            "listCallManager": [{"name": "CM_" + n, "processNodeName": {"_value_1": n + ".ent-pa.com"}} for n in self.nodes if "sub" in n],
            "listCallManagerGroup": [{"name": "US_CMG_1"}],
        }
        self.pauses = Pauses(5, self.sleep, lambda: self.now)

    def sleep(self, seconds):
        self.now += seconds

    def axl(self, operation, arguments):
        if operation == "listCallManager":
            return {"return": {"callManager": self.replies[operation]}}
        if operation == "listCallManagerGroup":
            return {"return": {"callManagerGroup": self.replies[operation]}}
        if operation == "getCallManagerGroup":
            members = [{"callManagerName": {"_value_1": "CM_us-cm-sub1"}, "priority": "1"}, {"callManagerName": {"_value_1": "CM_us-cm-sub2"}, "priority": "2"}]
            return {"return": {"callManagerGroup": {"name": arguments["name"], "members": {"member": members}}}}
        return self.replies[operation](arguments) if callable(self.replies[operation]) else self.replies[operation]

    def cli(self, node, command, answers):
        if command == "utils service restart Cisco Tomcat":
            self.writes.append((node.name, "cli", command))
            node.services[TOMCAT] = self.now + self.takes
            if not self.broken:
                node.serves[8443] = node.installed["tomcat"]
            return "Service Manager is running\r\nCisco Tomcat[STOPPING]  \r\nCisco Tomcat[STARTING]  \r\n"
        return self.replies[command](node, answers) if callable(self.replies[command]) else self.replies[command]

    def each(self, nodes, function):
        return {node.name: function(node) for node in (nodes.values() if isinstance(nodes, dict) else nodes)}

    def say(self, text):
        self.said.append(text)

    def warn(self, text):
        self.warnings.append(text)

    def var(self, name, default=None):
        return {"collab_release": self.release, **self.variables}.get(name, default)
