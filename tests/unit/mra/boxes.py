# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two Expressway clusters and the Unified CM cluster behind them, made of dicts: they answer what channels answer, and can be told to differ."""
from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

NOW = datetime.datetime.now(datetime.UTC)
ON_OFF = {"type": "string", "enum": ["On", "Off"]}
TEXT, NUMBER, LIST = {"type": "string", "enum": None}, {"type": "integer", "enum": None}, {"type": "array", "enum": None}
POLICIES = {"type": "string", "enum": ["DoNotCheckCredentials", "TreatAsAuthenticated", "CheckCredentials"]}
CRUD = ["get", "post", "put", "delete"]
ZONE = {"Name": TEXT, "SIPPort": NUMBER, "AuthenticationMode": POLICIES, "AuthenticationUserName": TEXT}
SERVER = {"Publisher": TEXT, "AxlUsername": TEXT, "AxlPassword": TEXT, "TlsVerify": ON_OFF}
C_ZONES, E_ZONES = "/controller/zone/unifiedcommunicationstraversal", "/edge/zone/unifiedcommunicationstraversal"
CUCM, IMP, XMPP = "/controller/server/cucm", "/controller/server/imp", "/edge/xmpp"
COMMON = {
    "/common/mra": {"methods": ["get", "put"], "keys": {"Enabled": ON_OFF, "SSO": ON_OFF}},
    "/common/credential": {"methods": CRUD, "keys": {"Name": TEXT, "Password": TEXT, "New_Password": TEXT}},
    "/common/domain": {"methods": CRUD, "keys": {"Name": TEXT, "Sip": ON_OFF, "EdgeSip": ON_OFF, "EdgeXmpp": ON_OFF, "XmppFederation": ON_OFF}},
    "/common/protocol/sip/configuration": {"methods": ["get", "put"], "keys": {"SipMode": ON_OFF, "TlsMode": ON_OFF}}}
OFFERS = {
    "expressway_c": {**COMMON, C_ZONES: {"methods": CRUD, "keys": {**ZONE, "AuthenticationPassword": TEXT, "PeerAddress": LIST}},
                     CUCM: {"methods": ["get", "post", "delete"], "keys": {**SERVER, "AesGcm": {"type": "string", "enum": ["on", "off"]}}},
                     IMP: {"methods": ["get", "post", "delete"], "keys": SERVER}},
    "expressway_e": {**COMMON, E_ZONES: {"methods": CRUD, "keys": {**ZONE, "SIPTLSVerifySubjectName": TEXT}},
                     XMPP: {"methods": ["get", "put"], "keys": {
                         "XmppFederation": ON_OFF, "SecurityMode": {"type": "string", "enum": ["NoTLS", "TLSOptional", "TLSRequired"]},
                         "RequireClientSideSecurityCertificates": ON_OFF}}}}
ADDS = {"CUCMConfigAdd": CUCM, "XMPPDiscovery": IMP, "UcxnConfigAdd": "ucxn"}
DELETES = {"CUCMConfigDelete": CUCM, "XMPPDelete": IMP, "UcxnConfigDelete": "ucxn"}


class Authority:
    """A CA of the tests."""

    def __init__(self, name):
        self.key, self.name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.pem = self._make(self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=None))

    def issue(self, name, *names):
        """PEM of a certificate with these names."""
        return self._make(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), ec.generate_private_key(ec.SECP256R1()).public_key(),
                          x509.SubjectAlternativeName([x509.DNSName(one) for one in names or (name,)]))

    def _make(self, subject, key, extension):
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key).serial_number(x509.random_serial_number())
        made = made.not_valid_before(NOW).not_valid_after(NOW + datetime.timedelta(days=9)).add_extension(extension, critical=False)
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


ENTERPRISE, PUBLIC = Authority("Enterprise Root"), Authority("Public Root")


class Cluster:
    """One Expressway cluster of two peers: one state, and what it was told to do."""

    def __init__(self, name, product, authority):
        self.name, self.product, self.offers = name, product, {path: dict(offer) for path, offer in OFFERS[product].items()}
        self.rows = {path: [] for path in (C_ZONES, E_ZONES, CUCM, IMP, "ucxn", "/common/domain")}
        self.credentials, self.zone_status, self.zones, self.tunnels = {}, "Active", {}, "Active"
        self.single = {"/common/mra": {"Enabled": "Off", "SSO": "Off"}, XMPP: {"XmppFederation": "Off", "SecurityMode": "TLSOptional",
                       "RequireClientSideSecurityCertificates": "On"}, "/common/protocol/sip/configuration": {"SipMode": "Off", "TlsMode": "On"}}
        self.configuration = {"CollaborationEdge": {"Enabled": "Off", "OauthLocal": "Off", "OauthSso": "Off"}, "SIP": {"Mode": "Off", "TLS": {"Mode": "On"}}}
        self.status, self.writes, self.kill_at, self.fail, self.makes = True, [], None, {}, lambda publisher: []
        self.nodes = {"%s%d" % (name.replace("_", "-"), n): Peer(self, "%s%d" % (name.replace("_", "-"), n), n, authority) for n in (1, 2)}
        self.configuration["Alternates"] = {"ConfigurationPrimary": "1", "Peer": [
            {"@item": str(number), "Address": node.fqdn} for number, node in enumerate(self.nodes.values(), 1)]}

    def write(self, *what):
        """Note a write, or end the run before it."""
        if self.kill_at is not None:
            self.kill_at -= 1
            if self.kill_at < 0:
                raise KeyboardInterrupt
        self.writes.append(what)
        if what[:2] in self.fail:
            raise self.fail[what[:2]]

    def status_document(self):
        """/status.xml of it."""
        known = {"CUCMs": "CUCM", "CUPs": "CUP", "UCxNs": "UCxN"}
        edge = {group: {one: [{"Publisher": row["Publisher"], "Name": name, "Status": "Active"} for row in self.rows[path] for name in row["nodes"]]}
                for (group, one), path in zip(known.items(), (CUCM, IMP, "ucxn"))}
        edge["Tunnels"] = {"Tunnel": [{"Peer": "far", "Status": self.tunnels}]}
        zones = [{"Name": row["Name"], "Status": self.zone_status} for path in (C_ZONES, E_ZONES) for row in self.rows[path]]
        automatic = [{"Name": name, "Status": self.zones.get(name, "Address Resolvable")} for row in self.rows[CUCM] for name in row["zones"]]
        return {"CollaborationEdge": edge, "Zones": {"Zone": zones + automatic}}

    def put(self, path, body, method):
        """One REST write."""
        self.write(method, path, body)
        if path in self.single:
            self.single[path].update(body)
        elif path == "/common/credential":
            self.credentials[body["Name"]] = body.get("New_Password", body.get("Password"))
        elif method == "DELETE":
            self.rows[path] = [row for row in self.rows[path] if row.get("Publisher") != body["Publisher"]]
        else:
            key = "Publisher" if "Publisher" in body else "Name"
            row = next((row for row in self.rows[path] if row[key] == body[key]), None)
            if row is None:
                row = {}
                self.rows[path].append(row)
            row.update(body)
            if key == "Publisher":
                self.discovered(path, row)

    def discovered(self, path, row):
        """What discovery finds out."""
        row["nodes"], row["zones"] = ["us-cm-sub1.ent-pa.com", "us-cm-sub2.ent-pa.com"], self.makes(path)


class Peer:
    """One peer: what the channels answer."""

    def __init__(self, cluster, name, number, authority):
        self.cluster, self.name, self.fqdn, self.host = cluster, name, name + ".ent-pa.com", "192.0.2.%d" % number
        self.roles, self.variables = ["primary"] if number == 1 else ["peer"], {}
        self.certificate = authority.issue(self.fqdn, self.fqdn, cluster.name.replace("_", "-") + ".ent-pa.com")
        self.trusted, self.streams = [ENTERPRISE.pem, PUBLIC.pem], True

    def ask(self, channel, op, **args):
        """One request."""
        return getattr(self, "%s_%s" % (channel, op))(**args)

    def tls_probe(self, address, port, server_name, starttls, domain, seconds):
        assert (port, starttls) == (5269, "xmpp-server") and self.cluster.single[XMPP].get("XmppFederation", "On") == "On"
        return {"chain": [self.certificate] if self.streams else [], "error": None if self.streams else "refused"}

    def expressway_api_offers(self, path):
        return self.cluster.offers.get(path)

    def expressway_api_read(self, path):
        assert self.name.endswith("1") and path in self.cluster.offers, (self.name, path)
        if path == "/common/credential":
            return [{"Name": list(self.cluster.credentials)}]
        if path in self.cluster.single:
            return [dict(self.cluster.single[path])]
        hidden = ("nodes", "zones", "AuthenticationPassword", "AxlPassword")
        return [{key: value for key, value in row.items() if key not in hidden} for row in self.cluster.rows[path]]

    def expressway_api_write(self, method, path, body):
        assert self.name.endswith("1") and set(body) <= set(self.cluster.offers[path]["keys"]) and method.lower() in self.cluster.offers[path]["methods"]
        self.cluster.put(path, body, method)
        return "done"

    def expressway_api_pem(self, path):
        return self.certificate if path == "/certs/server" else "".join(self.trusted)

    def expressway_api_witness(self, document):
        if document == "configuration":
            return self.cluster.configuration
        return self.cluster.status_document() if self.cluster.status else None

    def expressway_cli_configuration(self, path):
        found = {name: value for name, value in leaves(self.cluster.configuration) if name.lower().startswith(path.lower())}
        if not found:
            raise NodeError("absent", "no such path")
        return found

    def expressway_cli_set(self, path, value):
        self.cluster.write("set", path, value)
        place = self.cluster.configuration
        *above, last = path.split()
        for word in above:
            place = place[word]
        place[last] = value

    def expressway_cli_command(self, name, arguments):
        self.cluster.write(name, arguments["Address" if "Address" in arguments else "Name"], arguments)
        if name in DELETES:
            rows = self.cluster.rows[DELETES[name]]
            rows[:] = [row for row in rows if row["Publisher"] != arguments["Address"]]
        elif name in ADDS:
            row = {"Publisher": arguments["Address"], "verified": arguments["CertValidationDisabled"] == "Off"}
            self.cluster.discovered(ADDS[name], row)
            self.cluster.rows[ADDS[name]].append(row)
        else:
            assert name == "DomainAdd"
            self.cluster.rows["/common/domain"].append({"Name": arguments["Name"], "EdgeSip": arguments.get("Edgesip", "Off"),
                                                        "EdgeXmpp": arguments.get("Edgexmpp", "Off"),
                                                        "XmppFederation": arguments.get("Xmppfederation", "Off")})
        return {}


def leaves(tree, above=""):
    """(path, value) of every setting of a configuration."""
    for name, below in tree.items():
        path = ("%s %s" % (above, name)).strip()
        yield from leaves(below, path) if isinstance(below, dict) else [(path, below)]


class Server:
    """A node of Unified CM, IM and Presence or Unity Connection."""

    def __init__(self, name, group, number, roles):
        self.name, self.fqdn, self.host, self.roles, self.ports = name, name + ".ent-pa.com", "198.51.100.%d" % number, roles, {"https": 8443}
        self.account, self.sql, self.open = {"application_user": "svc-collab", "application_password": "Secret-1"}, {}, set()
        self.variables = {"collab_cluster": group, "collab_cm_cluster": None if group == "us_cm" else "us_cm", "collab_release": "15"}
        self.verifies, self.logins, self.refuses, self.trust = True, 0, False, [ENTERPRISE.pem]

    def option(self, name):
        return self.account.get(name)

    def ask(self, channel, op, **args):
        if (channel, op) == ("axl", "sql"):
            name = "ClusterSIPOAuthMode" if "OAuth" in args["query"] else "ClusterSecurityMode"
            return [{"paramvalue": self.sql[name]}] if name in self.sql else []
        if (channel, op) == ("certmgr", "snapshot"):
            held = [{"certificate": one} for one in self.trust]
            return {"identities": [], "trusts": [{"service": service, "certificate_data": held} for service in ("tomcat-trust", "CallManager-trust")]}
        if (channel, op) == ("tls", "probe"):
            if args["port"] != 8443:
                return {"reachable": args["port"] in self.open, "chain": [], "verified": False, "error": None}
            good = self.verifies and args["server_name"] == self.fqdn
            return {"reachable": True, "chain": [ENTERPRISE.issue(self.fqdn)], "verified": good, "error": None if good else "unable to get local issuer"}
        assert (channel, op) in (("serviceability", "status"), ("cupi", "page"))
        self.logins += 1
        if self.refuses:
            raise NodeError("auth", "the login was refused")
        return {}
