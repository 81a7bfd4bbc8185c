# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster made of dicts that answers on every channel which certificates need, and an action on it."""

from __future__ import annotations

import copy
import json
import re
import types

from ansible.errors import AnsibleActionFail
from cryptography.x509.oid import ExtendedKeyUsageOID
from description import in_words

from ansible_collections.collab.security.plugins.plugin_utils.certificates.reading import IN_DATABASE
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

PRESENCE = ["us-imp-pub.ent-pa.com", "us-imp-sub1.ent-pa.com"]

WRITES = ("csr", "upload_trust", "upload_identity", "submit", "generate_csr", "upload", "run")


class Cluster:
    """Nodes as dicts: three of Unified CM, two of IM and Presence. A publisher's uploads reach the others at once, or never when `stuck` names them.

    distribution: what the certificate API calls a multi-server request, None where it offers none; page: what OS Administration cannot do, or None.
    """

    def __init__(self, kit, ca):
        self.kit, self.ca, self.writes, self.stuck, self.fail, self.distribution, self.page = kit, ca, [], set(), {}, "multi-server", None
        self.store = {n: self.node(n, ("tomcat", "CallManager")) for n in kit.NODES} | {n: self.node(n, ("tomcat", "cup-xmpp", "cup-xmpp-s2s"))
                                                                                       for n in PRESENCE}
        self.issued, self.alerts = {}, ""

    def node(self, name, services):
        return {"identities": {s: self.kit.make(name, "own %s" % name, names=[name], eku=self.kit.BOTH) for s in services}, "csr": {},
                "trust": {s: [] for s in services}}

    def ask(self, fqdn, channel, op, **args):
        if op in WRITES and not args.get("dry") and not str(args.get("command")).startswith(("show ", "run sql select ")):
            self.writes.append((fqdn, op))
        failure = self.fail.pop(op, None)
        if failure and failure.kind != "lost":
            raise failure
        answer = getattr(self, op)(fqdn, **args)
        if failure:
            raise failure
        return answer

    def snapshot(self, fqdn):
        mine = self.store[fqdn]
        return {"trackingId": 1, "server": fqdn, "revokedCertificates": [],
                "identities": [{"service": s, "certificate": pem.to_pem(c), "csr": pem.to_pem(mine["csr"][s]) if s in mine["csr"] else None}
                               for s, c in mine["identities"].items()],
                "trusts": [{"service": s, "certificate_data": [{"filename": "%d.pem" % i, "certificate": pem.to_pem(c)} for i, c in enumerate(found)]}
                           for s, found in mine["trust"].items()]}

    def options(self, fqdn):
        return {"csr": {"distribution": ["this-server"] + [self.distribution] * bool(self.distribution)}}

    # OS Administration
    def generate_csr(self, fqdn, purpose, distribution, common_name, names, key_length, hash_algorithm, dry=False):
        self.shown()
        if not dry:
            name = common_name or (distribution if distribution else fqdn.replace(".", "-ms.", 1))
            self.store[fqdn]["csr"][purpose] = self.kit.csr(name, [*names, "ent-pa.com"], "key %d" % len(self.writes), key_length)
        return {"says": "Success", "alerts": self.alerts}

    def upload(self, fqdn, purpose, name, pem, dry=False):
        self.shown()
        if not dry and not self.alerts:
            self.upload_identity(fqdn, purpose, [pem])
        return {"says": "", "alerts": self.alerts}

    def shown(self):
        if self.page:
            raise NodeError("refused", "OS Administration is not as it should be: %s" % self.page, {"unexpected": self.page, "page": {}})

    # the command line
    def run(self, fqdn, command, answers=(), paste=None):
        mine, word = self.store[fqdn], command.split()[-1]
        if command == "show csr list own":
            text = "\n".join("%s/%s.csr" % (s, s) for s in mine["csr"])
        elif command == "show cert list own":
            text = "\n".join("%s/%s.pem: own" % (s, s) for s in mine["identities"])
        elif command == "show cert list trust":
            text = "\n".join("%s-trust/%d.pem: CA" % (s, i) for s, found in mine["trust"].items() for i, _c in enumerate(found))
        elif command.startswith("show csr own"):
            text = pem.to_pem(mine["csr"][word.split("/")[0]])
        elif command.startswith("show cert own"):
            text = pem.to_pem(mine["identities"][word.split("/")[0]])
        elif command.startswith("show cert trust"):
            store, number = re.fullmatch(r"(.*)-trust/(\d+).pem", word).groups()
            text = in_words(mine["trust"][store][int(number)])
        elif command == IN_DATABASE:
            text = "".join(pem.to_pem(one) for found in mine["trust"].values() for one in found)
        elif command.startswith("set csr gen"):
            mine["csr"][word] = self.kit.csr(fqdn, [fqdn, "ent-pa.com"], "key %d" % len(self.writes))
            text = "Successfully Generated CSR for %s" % word
        else:
            assert command.startswith("set cert import own"), command
            del mine["csr"][word]
            mine["identities"][word], text = pem.find_certificates(paste)[0], "Successfully imported certificate for %s." % word
        return {"output": text}

    # the certificate API
    def csr(self, fqdn, body):
        assert body["distribution"] == self.distribution and body["keyType"] == "rsa"
        self.store[fqdn]["csr"][body["service"]] = self.kit.csr(body["commonName"], [*body["altNames"], "ent-pa.com"], "key %d" % len(self.writes))
        return {"csr": "ignored"}

    def upload_trust(self, fqdn, services, certificates, description):
        for node in self.reached(fqdn):
            if node not in self.stuck:
                for service in services:
                    self.store[node]["trust"][service] += [c for text in certificates for c in pem.find_certificates(text)]

    def reached(self, fqdn, service=None):
        """The nodes that an upload reaches: those of its cluster; tomcat's of Unified CM also the IM and Presence nodes."""
        return PRESENCE if fqdn in PRESENCE else self.kit.NODES + (PRESENCE if service == "tomcat" else [])

    def upload_identity(self, fqdn, service, certificates):
        found = pem.find_certificates(certificates[0])[0]
        del self.store[fqdn]["csr"][service]
        for node in self.reached(fqdn, service):
            if node not in self.stuck:
                self.store[node]["identities"][service] = found

    def status(self, fqdn, services):
        return {"date": 1795464000, "services": [{"name": s, "status": "Started" if s != "Cisco Tftp" or fqdn == self.kit.NODES[0] else "Stopped",
                                                  "reason_code": "-1", "start_time": "Mon Nov 23 10:00:00 2026", "up_time": "500"} for s in services]}

    def devices(self, fqdn, names, device_class):
        return [{"name": "SEP0011AABB0001", "node": fqdn, "status": "Registered", "time": 1795463000}]

    def sql(self, fqdn, query):
        return [{"paramname": "ClusterSIPOAuthMode", "paramvalue": "0"}]

    def submit(self, fqdn, csr, template, keep):
        number = len(self.issued) + 1
        self.issued[number] = (pem.find_request(csr), template)
        with open(keep, "w", encoding="utf-8") as f:
            json.dump({"state": "issued", "request_id": number}, f)
        if template == "Denied":
            raise NodeError("refused", "the CA denied the request: 0x80094800")
        return {"state": "pending" if template == "Approval" else "issued", "request_id": number}

    def fetch(self, fqdn, request_id):
        request, template = self.issued[request_id]
        if template == "Approval":
            return {"state": "pending", "message": "Taken Under Submission"}
        change = {"ServerOnly": {"eku": (ExtendedKeyUsageOID.SERVER_AUTH,)}}.get(template, {})
        return {"state": "issued", "certificate": pem.to_pem(self.ca.issue(request, **change))}


class Action:
    """What the steps use of a DeviceAction. names: of the cluster's nodes; presence: those of the IM and Presence nodes that belong to it."""

    def __init__(self, cluster, kit, tmp_path, release="15", product="unified_cm", names=None, presence=()):
        self.report, self.cluster, self.workspace, self.said, self.warnings = Report(), "us_cm", tmp_path, [], []
        self.task_vars = {"groups": {"certificate_authorities": ["us-ca"]}}
        self.estate = cluster

        def node(fqdn, of, group):
            roles = ["publisher"] if fqdn in (kit.NODES[0], PRESENCE[0]) else ["subscriber", "call_processing"]
            return types.SimpleNamespace(name=fqdn.partition(".")[0], fqdn=fqdn, host="192.0.2.1", roles=roles,
                                         variables={"collab_product": of, "collab_release": release, "collab_cluster": group},
                                         ports={"https": 8443}, ask=lambda channel, op, **args: cluster.ask(fqdn, channel, op, **args))

        if product == "im_presence":
            self.cluster = "us_imp"
        self.nodes = {n.partition(".")[0]: node(n, product, self.cluster) for n in names or kit.NODES}
        self.presence_nodes = {n.partition(".")[0]: node(n, "im_presence", "us_imp") for n in presence}
        self.publisher = self.node = next(iter(self.nodes.values()))

    def seen_from(self, name):
        """The action on the cluster of IM and Presence that has this node."""
        other = copy.copy(self)
        other.nodes, other.presence_nodes, other.cluster = self.presence_nodes, {}, "us_imp"
        other.publisher = other.node = self.presence_nodes[name]
        return other

    def each(self, nodes, function):
        return {n.name: function(n) for n in (nodes.values() if isinstance(nodes, dict) else nodes)}

    def poll(self, what, check_fn, timeout):
        for _ in range(3):
            if check_fn():
                return True
        raise AnsibleActionFail("waited %d s for %s" % (timeout, what))

    def host_variables(self, name):
        return {"collab_product": "adcs", "collab_fqdn": "us-ca.ent-pa.com", "collab_https_port": 20443, "ansible_host": "127.77.0.10"}

    def session(self, name, **options):
        self.options = options
        return types.SimpleNamespace(ask=lambda channel, op, **args: self.estate.ask("us-ca", channel, op, **args))

    def say(self, text):
        self.said.append(text)

    def warn(self, text):
        self.warnings.append(text)
