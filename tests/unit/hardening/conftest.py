# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Unified CM cluster with a dial plan, made of dicts, and a Unity Connection with restriction tables."""
from __future__ import annotations

import copy
import types
from xml.sax.saxutils import escape

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.owed import Owed
from ansible_collections.collab.security.plugins.plugin_utils.report import Report


def ref(name):
    return {"_value_1": name, "uuid": "{%s}" % name} if name else None


def trunk(name, inbound="", rerouting="", location="Use System Default"):
    return {"name": name, "uuid": "{%s}" % name, "callingSearchSpaceName": ref(inbound), "rerouteCallingSearchSpaceName": ref(rerouting),
            "networkLocation": location, "securityProfileName": ref("P"), "srtpAllowed": "false", "destAddrIsSrv": "false", "destinations": None}


def pattern(digits, partition, gateway="", route_list="", blocked="false", code="false"):
    return {"pattern": digits, "uuid": "{%s}" % digits, "routePartitionName": ref(partition), "blockEnable": blocked, "authorizationCodeRequired": code,
            "networkLocation": "OffNet", "destination": {"gatewayName": ref(gateway), "routeListName": ref(route_list)}}


def translation(digits, partition, space, blocked="false"):
    return {"pattern": digits, "uuid": "{%s}" % digits, "routePartitionName": ref(partition), "callingSearchSpaceName": ref(space), "blockEnable": blocked}


def members(name, *pairs):
    return {"name": name, "members": {"member": [dict(pair) for pair in pairs]}}


class Cluster:
    """The publisher. refuse: operations (or SQL tables) that it refuses; asked: operations in order."""

    name, fqdn, host, roles = "us-cm-pub", "us-cm-pub.ent-pa.com", "10.0.1.1", ["publisher"]

    def __init__(self):
        self.asked, self.writes, self.refuse, self.xml = [], [], set(), {"devicexml4k": [], "devicexml8k": [], "devicexml16k": [], "commonphoneconfigxml": [],
                                                                       "enterprisephoneconfigxml": []}
        self.nested = False
        self.tables = {
            "sipTrunk": [trunk("US_CUBE", "CSS_IN", "CSS_IN"), trunk("US_EXPRESSWAY", "CSS_IN"), trunk("US_UNITY", "CSS_VM", "CSS_VM"),
                         trunk("EMEA_ICT")],
            "css": [members("CSS_IN", {"routePartitionName": ref("DN"), "index": "1"}),
                    members("CSS_VM", {"routePartitionName": ref("DN"), "index": "1"}),
                    members("CSS_INTL", {"routePartitionName": ref("PSTN_INTL"), "index": "2"}, {"routePartitionName": ref("DN"), "index": "1"})],
            "routePattern": [pattern("8XXX", "DN", route_list="RL_ICT"), pattern("9.011!", "PSTN_INTL", route_list="RL_PSTN"),
                             pattern("9.1[2-9]XX!", "PSTN_NATL", route_list="RL_LOCAL"), pattern("9.1900!", "BLOCKED", gateway="US_CUBE", blocked="true")],
            "routeList": [members("RL_PSTN", {"routeGroupName": ref("RG_PSTN")}), members("RL_LOCAL", {"routeGroupName": ref("Standard Local Route Group")}),
                          members("RL_ICT", {"routeGroupName": ref("RG_ICT")})],
            "routeGroup": [members("RG_PSTN", {"deviceName": ref("US_CUBE")}), members("RG_ICT", {"deviceName": ref("EMEA_ICT")})],
            "devicePool": [{"name": "US_DP_1", "autoSearchSpaceName": None, "localRouteGroupName": None, "localRouteGroup": [
                {"name": "Standard Local Route Group", "value": "RG_PSTN"}]}],
            "routePartition": [{"name": name, "timeScheduleIdName": None} for name in ("DN", "PSTN_INTL", "PSTN_NATL", "BLOCKED")],
            "callManager": [{"name": "CM_1", "processNodeName": ref("us-cm-sub1"), "autoRegistration": {"autoRegistrationEnabled": "false"}}],
            "universalDeviceTemplate": [{"name": "UDT", "devicePool": ref("US_DP_1"), "callingSearchSpace": None}],
            "universalLineTemplate": [{"name": "ULT", "callingSearchSpace": ref("CSS_IN")}],
            "serviceParameter": [{"processNodeName": ref(node), "name": "CdrEnabled", "service": "Cisco CallManager", "value": "T"}
                                 for node in ("us-cm-sub1.ent-pa.com", "us-cm-sub2")],
            "credentialPolicy": [{"name": "Default Credential Policy", "failedLogon": "3", "lockoutDuration": "30", "minCredLength": "8",
                                  "prevCredStoredNum": "12", "trivialCredCheck": "true"}],
            "ipPhoneServices": [], "phone": [], "transPattern": [translation("1XXX", "DN", "CSS_IN"), translation("77", "DN", "CSS_INTL", blocked="true")]}
        for name, value in (("URLAuthentication", "http://pub:8080/a"), ("SecureAuthenticationURL", "https://pub:8443/a"), ("URLDirectories", "")):
            self.tables["serviceParameter"].append({"processNodeName": ref("EnterpriseWideData"), "name": name, "service": "Enterprise Wide", "value": value})

    def option(self, name):
        return None

    def row(self, tag, name):
        return next(row for row in self.tables[tag] if row.get("name") == name)

    def ask(self, channel, op, **args):
        if (channel, op) == ("serviceability", "status"):
            return {"date": 1795464000, "services": []}
        if (channel, op) == ("serviceability", "devices"):
            return []
        if (channel, op) == ("axl", "raw_sql"):
            return self.sql(args["query"])
        if (channel, op) == ("axl", "raw"):
            start, count = args["arguments"]["skip"], args["arguments"]["first"]
            listed = self.tables["phone"][start:start + count]
            return "<r><return>%s</return></r>" % "".join("<phone>%s</phone>" % "".join("<%s>%s</%s>" % (k, escape(v), k) for k, v in row.items())
                                                          for row in listed)
        assert (channel, op) == ("axl", "call"), (channel, op)
        return self.axl(args["operation"], args["arguments"])

    def axl(self, operation, arguments):
        self.asked.append(operation)
        if operation in self.refuse:
            raise NodeError("refused", "AXL %s: not authorised" % operation)
        verb = next(v for v in ("list", "get", "update", "reset") if operation.startswith(v))
        tag = operation[len(verb):][0].lower() + operation[len(verb):][1:]
        if verb == "list":
            wanted, criteria = arguments["returnedTags"], arguments["searchCriteria"]
            found = [{k: v for k, v in row.items() if k in wanted or k == "uuid"} for row in self.tables[tag]
                     if all(v == "%" or v == (row[k]["_value_1"] if isinstance(row[k], dict) else row[k]) for k, v in criteria.items())]
            return {"return": {tag: copy.deepcopy(found) or None}}
        if verb == "get":
            key, value = next((k, v) for k, v in arguments.items() if k in ("name", "uuid"))
            return {"return": {tag: copy.deepcopy(next(row for row in self.tables[tag] if row.get(key) == value))}}
        self.writes.append((operation, {k: v for k, v in arguments.items()}))
        if verb == "update":
            self.row(tag, arguments["name"]).update({k: v for k, v in arguments.items() if k != "name"})
        return {"return": "{1}"}

    def sql(self, query):
        table = next(t for t in sorted(self.xml, key=len, reverse=True) if t in query)
        if table in self.refuse:
            raise NodeError("refused", "AXL executeSQLQuery: the specified table (%s) is not in the database" % table)
        start, count = 0, 10 ** 6
        if "skip" in query:
            words = query.split()
            start, count = int(words[2]), int(words[4])
        out = ""
        for name, xml in self.xml[table][start:start + count]:
            held = "<vendorConfig>%s</vendorConfig>" % xml if self.nested else "<xml>%s</xml>" % escape(xml)
            out += "<row>%s%s</row>" % ("<name>%s</name>" % name if name else "", held)
        return "<r><return>%s</return></r>" % out


class World:
    def __init__(self, folder):
        self.folder, self.cluster = folder, Cluster()
        node = types.SimpleNamespace
        self.nodes = {"us-cm-pub": self.cluster, **{name: node(name=name, fqdn=name + ".ent-pa.com", host=name, roles=["call_processing"])
                                                  for name in ("us-cm-sub1", "us-cm-sub2")}}

    def owed(self):
        return Owed(self.folder, "us_cm")

    def run(self, action, arguments=None, check=False, **more):
        checked = action.validator.validate(arguments or {})
        assert not checked.error_messages, checked.error_messages
        it = action.__new__(action)
        it.__dict__.update(publisher=self.cluster, nodes=self.nodes, cluster="us_cm", workspace=self.folder, report=Report(), warn=lambda text: None,
                           poll=lambda what, test, timeout: test(), task_vars={"groups": {}}, var=lambda name, default=None: "unified_cm", **more)
        result = it.apply(checked.validated_parameters, check)
        return result.result() if isinstance(result, Report) else result


@pytest.fixture
def world(tmp_path):
    """A cluster on which nothing is wrong."""
    return World(tmp_path)


@pytest.fixture
def make():
    """The builders of rows."""
    return types.SimpleNamespace(trunk=trunk, pattern=pattern, translation=translation, members=members, ref=ref)
