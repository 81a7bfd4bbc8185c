# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Unity Connection cluster made of dicts beside the Unified CM cluster of tests/unit/resources: answers CUPI, the command line and probes."""
from __future__ import annotations

import copy
import importlib.util
import types
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.operations.waiting import Pauses
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

_spec = importlib.util.spec_from_file_location("resources_conftest", Path(__file__).parents[1] / "resources" / "conftest.py")
base = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(base)

CA = base.pem("Enterprise Root")
TOMCAT = base.pem("us-cuc-ms.ent-pa.com", "us-cuc-ms.ent-pa.com", "us-cuc-pub.ent-pa.com", "us-cuc-sub.ent-pa.com")
SIP_CERTIFICATE = base.pem("unity-sip")
GROUP = {"ObjectId": "pg-1", "DisplayName": "PhoneSystem-1", "TelephonyIntegrationMethodEnum": "2", "MediaSipSecurityProfileObjectId": "sp-5060",
         "SipEnableNextGenSecurity": "false", "SipDoSRTP": "false", "ResetStatusEnum": "0", "PortCount": "24"}


class Unity:
    """The cluster: state shared by its nodes. ignores: fields that a write does not change; reset: what PUT ResetStatusEnum does."""

    def __init__(self):
        self.profiles = [{"ObjectId": "sp-5060", "Port": "5060", "DoTLS": "false", "DisplayName": "5060"}]
        self.group, self.servers = dict(GROUP), [
            {"ObjectId": "s-1", "HostOrIPAddress": "us-cm-sub1.ent-pa.com", "MediaRemoteServiceEnum": "102", "Port": "5060", "TlsPort": "5061"},
            {"ObjectId": "s-2", "HostOrIPAddress": "us-cm-sub2.ent-pa.com", "MediaRemoteServiceEnum": "102", "Port": "5060", "TlsPort": "5060"}]
        self.encryption, self.enabled_words = "Encryption is disabled", "Encryption enabled successfully"
        self.ignores, self.refuses, self.reset, self.writes, self.in_force = set(), set(), "by running", [], dict(GROUP)
        self.web, self.takes, self.restarted = TOMCAT, 2, []
        self.fail, self.kill_at, self.trust = None, None, [CA]
        self.nodes = {name: UnityNode(self, name, roles) for name, roles in (("us-cuc-pub", ["publisher"]), ("us-cuc-sub", ["subscriber"]))}

    def write(self, what):
        if self.kill_at is not None:
            self.kill_at -= 1
            if self.kill_at < 0:
                raise KeyboardInterrupt                     # stands for a run that is killed before its request
        self.writes.append(what)

    def put_group(self, body):
        self.write(("PUT", dict(body)))
        wanted = body.get("ResetStatusEnum")
        if wanted:
            if (self.reset, wanted) in (("by running", "101"), ("by required", "100")):
                self.group["ResetStatusEnum"], self.left = "101", self.takes
            elif self.reset == "never":
                self.group["ResetStatusEnum"], self.left = "101", 10 ** 6
            return
        if set(body) & self.refuses:
            raise NodeError("refused", "CUPI PUT portgroups/pg-1: Invalid parameter (HTTP 400)")
        changed = {k: v for k, v in body.items() if k not in self.ignores}
        self.group.update(changed)
        if changed and self.group["ResetStatusEnum"] != "101":
            self.group["ResetStatusEnum"] = "100"

    def get_group(self):
        if self.group["ResetStatusEnum"] == "101":
            self.left -= 1
            if self.left <= 0:
                self.group["ResetStatusEnum"] = "0"
                self.in_force = dict(self.group)
        return dict(self.group)

    def secure(self):
        profile = next(p for p in self.profiles if p["ObjectId"] == self.in_force["MediaSipSecurityProfileObjectId"])
        return (profile["DoTLS"], self.in_force.get("SipEnableNextGenSecurity")) if profile["DoTLS"] == "true" else None


class UnityNode:
    def __init__(self, unity, name, roles):
        self.unity, self.name, self.roles, self.fqdn, self.host = unity, name, roles, name + ".ent-pa.com", name + ".ent-pa.com"
        self.ports, self.variables = {"https": 8443, "platform": 443}, {"collab_cm_cluster": "us_cm", "collab_cluster": "us_cuc", "collab_release": "15"}

    def option(self, name):
        return None

    def ask(self, channel, op, **args):
        return getattr(self, "%s_%s" % (channel, op))(**args)

    def cupi_page(self, path, element, number, size, query=None):
        rows = {"sipsecurityprofiles": self.unity.profiles, "portgroups": [self.unity.group],
                "portgroups/pg-1/portgroupservers": self.unity.servers}[path]
        return {"total": len(rows), "rows": copy.deepcopy(rows)}

    def cupi_get(self, path):
        assert path == "portgroups/pg-1"
        return self.unity.get_group()

    def cupi_create(self, path, body):
        self.unity.write(("POST", dict(body)))
        if path == "sipsecurityprofiles":
            self.unity.profiles.append({"ObjectId": "sp-tls", "DisplayName": body["Port"] + "/TLS", **body})
        else:
            self.unity.servers.append({"ObjectId": "s-%d" % (len(self.unity.servers) + 1), **body})
        return {"id": "x"}

    def cupi_update(self, path, body):
        if path == "portgroups/pg-1":
            return self.unity.put_group(body)
        self.unity.write(("PUT", dict(body)))
        next(s for s in self.unity.servers if path.endswith("/" + s["ObjectId"])).update(body)
        return {}

    def vos_cli_run(self, command, answers=()):
        if command == "utils cuc encryption status":
            return {"output": self.unity.encryption}
        if command == "utils cuc encryption enable":
            self.unity.write((self.name, command))
            if "Not Allowed" in self.unity.enabled_words:
                raise NodeError("refused", "'%s' failed: %s" % (command, self.unity.enabled_words))
            assert [a["answer"] for a in answers] == ["y", "yes"]
            self.unity.encryption = "Encryption is enabled"
            return {"output": self.unity.enabled_words}
        if command.startswith("utils service restart"):
            self.unity.write((self.name, command))
            self.unity.restarted.append(self.name)
            self.unity.group["ResetStatusEnum"], self.unity.in_force = "0", dict(self.unity.group)
            return {"output": ""}
        assert command == "utils service list", command
        return {"output": "Connection Conversation Manager[STARTED]\nConnection IMAP Server[STARTED]\n"}

    def serviceability_status(self, services):
        return {"date": 1795464000, "services": []}

    def certmgr_snapshot(self):
        held = [{"certificate": one} for one in self.unity.trust]
        return {"identities": [], "trusts": [{"service": service, "certificate_data": held} for service in ("tomcat", "CallManager")]}

    def tls_probe(self, address, port, server_name, rsa_only, **more):
        return self.probe(port, server_name)

    def probe(self, port, server_name):
        served = None
        if port == 8443:
            served = self.unity.web
        elif port == 5061 and self.unity.secure():
            served = self.unity.web if self.unity.secure()[1] != "false" else SIP_CERTIFICATE
        if served is None:
            return {"reachable": False, "chain": [], "verified": False, "error": "connection refused"}
        holds = served is TOMCAT and (server_name or "").startswith("us-cuc-")
        return {"reachable": True, "chain": [served], "verified": holds, "error": None if holds else "self-signed certificate"}


class UnifiedCm(base.FakeCluster):
    """The Unified CM cluster's publisher, which can also be asked for its mode, its trust and what Unity Connection serves."""

    def __init__(self, unity):
        super().__init__()
        self.unity, self.mode, self.trust, self.roles, self.ports = unity, "1", [CA], ["publisher", "call_processing"], {"https": 8443}
        self.variables, self.refuse_trunk = {"collab_release": "15"}, None
        self.tables["sipTrunkSecurityProfile"] = [base.profile("Unity Profile", acceptOutOfDialogRefer="true"), base.profile("Other Profile")]
        self.tables["sipTrunk"] = [base.trunk("US_UNITY", "Unity Profile", "us-cuc-pub.ent-pa.com", "us-cuc-sub.ent-pa.com"),
                                   base.trunk("US_CUBE", "Other Profile", "10.0.0.1")]
        self.served = {("10.0.1.1", 5061): (base.pem("us-cm-pub-ms.ent-pa.com", "us-cm-pub.ent-pa.com"), True)}

    def option(self, name):
        return None

    def ask(self, channel, op, **args):
        if (channel, op) == ("axl", "sql"):
            return [{"paramname": "ClusterSecurityMode", "paramvalue": self.mode}]
        if (channel, op) == ("certmgr", "snapshot"):
            return {"identities": [], "trusts": [{"service": "CallManager", "certificate_data": [{"certificate": c} for c in self.trust]}]}
        if (channel, op) == ("axl", "call") and args["operation"] == self.refuse_trunk:
            raise NodeError("refused", "AXL %s: no" % args["operation"])
        return super().ask(channel, op, **args)

    def probe(self, address, port, server_name, rsa_only, **files):
        if str(address).startswith("us-cuc-"):
            return self.unity.nodes["us-cuc-pub"].probe(port, server_name)
        return super().probe(address, port, server_name, rsa_only, **files)


class World:
    """Both clusters, and run(action class, options) on the Unity Connection one."""

    def __init__(self, folder):
        self.folder, self.unity = folder, Unity()
        self.cm = UnifiedCm(self.unity)
        (folder / "ca.pem").write_text(CA)

    def owed(self, cluster="us_cuc"):
        return Owed(self.folder, cluster)

    def writes(self):
        return [what for what in self.unity.writes] + [(operation, arguments.get("name", "")) for operation, arguments in self.cm.writes]

    def frame(self):
        """What the frame of an action has, whatever its cluster."""
        return {"workspace": self.folder, "report": Report(), "warnings": [], "poll": lambda what, test, timeout: test(), "say": lambda text: None,
                "warn": lambda text: None, "each": lambda nodes, function: {name: function(node) for name, node in nodes.items()},
                "task_vars": {"groups": {"us_cm": ["us-cm-pub"], "unity_connection": list(self.unity.nodes)}}, "node_of": lambda name: self.unity.nodes[name],
                "var": lambda name, default=None: {"collab_cm_cluster": "us_cm", "collab_release": "15"}.get(name, default)}

    def run(self, action, arguments=None, check=False, cluster="us_cuc"):
        """One module on the Unity Connection cluster, or on the Unified CM cluster."""
        given = dict(arguments or {})
        if action.__module__.endswith(("cuc_port_group", "sip_trunk")):
            given.setdefault("ca_file", str(self.folder / "ca.pem"))
        checked = action.validator.validate(given)
        assert not checked.error_messages, checked.error_messages
        it, common = action.__new__(action), self.frame()
        more = {name: types.SimpleNamespace(name=name, fqdn=name + ".ent-pa.com", host=host, roles=roles) for name, host, roles in (
            ("us-cm-sub1", "10.0.1.2", []), ("us-cm-sub2", "10.0.1.3", []), ("us-cm-tftp1", "10.0.1.4", ["tftp"]))}
        nodes = {self.cm.name: self.cm, **(more if action.__module__.endswith("servers") else {})}
        cm = {**common, "publisher": self.cm, "nodes": nodes, "cluster": "us_cm"}
        it.__dict__.update(cm if cluster == "us_cm" else {
            **common, "publisher": self.unity.nodes["us-cuc-pub"], "nodes": self.unity.nodes, "cluster": "us_cuc", "cm_publisher": self.cm,
            "seen_from": lambda name: types.SimpleNamespace(**cm)})
        result = it.apply(checked.validated_parameters, check)
        return result.result() if isinstance(result, Report) else result


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A Unity Connection cluster on plain SIP, everything that its encryption needs at hand."""
    found = World(tmp_path)
    found.unity.encryption = "Encryption is enabled"
    clock = iter(range(10 ** 9))
    monkeypatch.setattr("ansible_collections.collab.security.plugins.action.cuc_port_group.pauses_of",
                        lambda action: Pauses(1, lambda seconds: None, lambda: next(clock)))
    return found
