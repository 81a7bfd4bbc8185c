# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of two Expressway peers made of dicts, a CA, and an action on them."""
from __future__ import annotations

import datetime
import functools
import types

from ansible.errors import AnsibleActionFail
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.pki import ca
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.report import Report

NOW = datetime.datetime.now(datetime.UTC)
BOTH = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
WRITES = ("write", "upload", "set", "command")
BOX_BORN = 1_800_000_000
PENDING_CERTIFICATE = "/certs/acme/pendingcert"
UUID = "3b445dbb-6bb8-50ad-b83c-2f6d75d35a84"


@functools.cache
def key(name):
    """A key by name: the same name gives the same key within a test run."""
    return rsa.generate_private_key(65537, 2048)


def named(common, **more):
    """A subject."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] + [x509.NameAttribute(getattr(NameOID, k.upper()), v) for k, v in more.items()])


@functools.cache
def root(common):
    """The certificate of a root CA, whose key has its name."""
    return (x509.CertificateBuilder().subject_name(named(common)).issuer_name(named(common)).public_key(key(common).public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(NOW - datetime.timedelta(days=9)).not_valid_after(NOW + datetime.timedelta(days=3000))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key(common), hashes.SHA256()))


@functools.cache
def intermediate():
    """An issuing CA below the enterprise root, whose key has its name."""
    return (x509.CertificateBuilder().subject_name(named("Issuing CA")).issuer_name(named("Enterprise Root CA")).public_key(key("Issuing CA").public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(NOW - datetime.timedelta(days=9)).not_valid_after(NOW + datetime.timedelta(days=999))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key("Enterprise Root CA"), hashes.SHA256()))


def request(common, names, key_name, eku=BOTH, **more):
    """A request as the box makes it. more: of the subject."""
    usage = x509.KeyUsage(digital_signature=True, key_encipherment=True, content_commitment=False, data_encipherment=False, key_agreement=False,
                          key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False)
    return (x509.CertificateSigningRequestBuilder().subject_name(named(common, **more))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
            .add_extension(usage, critical=False).add_extension(x509.ExtendedKeyUsage(eku), critical=False).sign(key(key_name), hashes.SHA256()))


def issue(csr, issuer="Enterprise Root CA", days=365, eku=None):
    """A certificate for a request (PEM or object), for the usages that it asks for or for others."""
    asked = pem.find_request(csr) if isinstance(csr, str) else csr
    if eku is not None:
        names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        asked_key = asked.public_key()
        usage = asked.extensions.get_extension_for_class(x509.KeyUsage).value
        return (x509.CertificateBuilder().subject_name(asked.subject).issuer_name(named(issuer)).public_key(asked_key)
                .serial_number(x509.random_serial_number()).not_valid_before(NOW - datetime.timedelta(hours=1))
                .not_valid_after(NOW + datetime.timedelta(days=days)).add_extension(names, critical=False).add_extension(usage, critical=True)
                .add_extension(x509.ExtendedKeyUsage(eku), critical=False).sign(key(issuer), hashes.SHA256()))
    return ca.sign(asked, intermediate() if issuer == "Issuing CA" else root(issuer), key(issuer), days, NOW)


def temporary_ca():
    """What a new installation trusts."""
    return root("Temporary CA " + UUID)


def first_certificate(name):
    """The server certificate of a new installation."""
    return issue(request(name, [name], "first " + name, organization_name="Temporary Certificate " + UUID), "Temporary CA " + UUID)


class Peers:
    """Two peers. Whatever a test wants different it sets: offered (path: methods), refuse (function of an upload), fail (operation: NodeError), away."""

    def __init__(self, product="expressway_c", release="15.4"):
        self.cluster = "us_expc" if product == "expressway_c" else "us_expe"
        self.names = [self.cluster.replace("_", "-") + str(n) for n in (1, 2)]
        self.product, self.release, self.writes, self.fail, self.inactive = product, release, [], {}, set()
        self.offered = {"/certs/generate_csr": ["get", "post", "delete"], PENDING_CERTIFICATE: ["get"]}
        self.form, self.refuse, self.stored, self.append, self.replicate = "%s", None, {}, True, lambda: None
        self.primary, self.resources, self.probed = 1, {}, []
        self.settings = {"XCP TLS Certificate CVS EnableServerEkuUpload": "Off"} if (product, release) == ("expressway_e", "15.4") else {}
        self.boxes = {name: {
            "root": [temporary_ca()], "server": first_certificate(name), "csr": None, "served": None, "acme": None,
            "clock": BOX_BORN + 1000, "started": BOX_BORN, "managed": "Disabled", "terms": {"Email": "", "TermsOfService": ""}} for name in self.names}
        for box in self.boxes.values():
            box["served"] = box["server"]

    def ask(self, peer, _channel, op, /, **args):
        """One request of a peer."""
        if op in WRITES and not (op == "command" and "Read" in args["name"]) and not (op == "command" and "Get" in args["name"]):
            self.writes.append((peer, args.get("path") or args.get("name")))
        failure = self.fail.pop((op, args.get("path") or args.get("name")), None)
        if failure and failure.kind != "lost":
            raise failure
        answer = getattr(self, op)(self.boxes[peer], **args)
        self.replicate()
        if failure:
            raise failure
        return answer

    # REST
    def pem(self, box, path):
        found = {"/certs/root": box["root"], "/certs/server": [box["server"]], "/certs/generate_csr": [box["csr"]], PENDING_CERTIFICATE: [box["acme"]]}.get(
            path, [self.stored.get(path)])
        return "".join(pem.to_pem(one) for one in found if one is not None) or None

    def offers(self, box, path):
        return {"methods": self.offered[path], "keys": {}} if path in self.offered else None

    def upload(self, box, path, pem):
        found = _pem(pem)
        if self.refuse and self.refuse(path, found):
            raise NodeError("refused", "POST %s: Bad Request (HTTP 400)" % path)
        if path == "/certs/root":
            box["root"] = (box["root"] if self.append else []) + found
        elif path == "/certs/server":
            box["server"], box["csr"] = found[0], None
        else:
            self.stored[path] = found[0]
        return "OK"

    def write(self, box, method, path, body):
        if path == "/restart":
            box["clock"] += 200
            box["started"], box["served"] = box["clock"] - 5, box["server"]
            return "Restarting"
        if method == "DELETE":
            box["csr"] = None
            return "OK"
        if box["csr"] is not None:
            raise NodeError("refused", "POST %s: Conflict (HTTP 400)" % path)
        if not all(name.startswith("DNS:") == (self.form != "%s") for name in body["Additional_FQDNS"]):
            raise NodeError("refused", "POST %s: Bad Request (HTTP 400)" % path)
        names = [name.removeprefix("DNS:") for name in body["Additional_FQDNS"]]
        box["csr"] = request(names[0], names, "csr %s %d" % (names[0], len(self.writes)))
        return "CSR generated."

    def witness(self, box, document):
        if document == "configuration":
            peers = [{"Address": name + ".ent-pa.com", "@item": str(number)} for number, name in enumerate(self.names, 1)]
            return {"Alternates": {"ConfigurationPrimary": str(self.primary), "Peer": peers}}
        date = datetime.datetime.fromtimestamp(box["clock"], datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
        others = [{"Address": name, "Status": "Failed" if name in self.inactive else "Active"} for name, one in self.boxes.items() if one is not box]
        return {"SystemUnit": {"SystemTime": date, "Uptime": str(box["clock"] - box["started"])}, "Alternates": {"Peer": others}}

    # command line
    def configuration(self, box, path):
        if path not in self.settings:
            raise NodeError("absent", "no such setting")
        return {path: self.settings[path]}

    def set(self, box, path, value):
        self.settings[path] = value
        return {}

    def command(self, box, name, arguments):
        if name == "ACMESettingsRead":
            return {"AcmeManaged": box["managed"]}
        if name == "ACMESettingsWrite":
            box["managed"] = arguments["AcmeManaged"]
        if name == "ACMEProvidersRead":
            return {"ProviderUuid": "1", "Name": "LetsEncrypt", **box["terms"]}
        if name == "ACMEProvidersWrite":
            box["terms"] = {k: arguments[k] for k in ("Email", "TermsOfService")}
        if name == "ACMESign":
            box["acme"] = self.acme(box["csr"])
        if name == "ACMEGetPendingCert":
            if box["acme"] is None:
                raise NodeError("refused", "no certificate is pending")
            return {"PEM": pem.to_pem(box["acme"])}
        if name == "ACMEDeploy":
            box["server"] = box["served"] = box["acme"]
            box["acme"] = box["csr"] = None
        return {}

    @staticmethod
    def acme(csr):
        """What the ACME provider issues."""
        return issue(csr, "Public Root CA", eku=BOTH[:1])

    # handshakes
    def probe(self, box, address, port, **options):
        self.probed.append((address, port, "client_certificate" in options))
        return {"reachable": True, "handshake": True, "chain": [pem.to_pem(box["served"])], "verified": True, "error": None, "protocol": "TLSv1.2",
                "cipher": "x", "client_certificate_requested": False, "client_certificate_accepted": None}

    def read(self, box, path):
        if path not in self.resources:
            raise NodeError("absent", "GET %s: the API of this release does not offer that" % path)
        return self.resources[path]


def _pem(text):
    return pem.read_certificates(text, "upload")


class Action:
    """What the modules get: nodes, report, waits without pauses."""

    def __init__(self, peers, tmp_path, where=0):
        self.peers, self.cluster, self.workspace, self.report, self.said = peers, peers.cluster, tmp_path, Report(), []
        self.nodes = {name: self._node(name) for name in peers.names}
        self.node = self.publisher = self.nodes[peers.names[where]]
        self.where, self.variables = self.node.name, self.node.variables
        self.profiles = {}

    def _node(self, name):
        return types.SimpleNamespace(
            name=name, fqdn=name + ".ent-pa.com", host=name, ports={"https": 443}, option=lambda _name: None,
            variables={"collab_product": self.peers.product, "collab_release": self.peers.release, "collab_poll_seconds": 0, "collab_cm_cluster": "us_cm"},
            ask=functools.partial(self.peers.ask, name))

    @staticmethod
    def each(nodes, function):
        """One after the other."""
        return {node.name: function(node) for node in (nodes.values() if isinstance(nodes, dict) else nodes)}

    @staticmethod
    def poll(what, check, timeout):
        """A few times, without waiting."""
        for _ in range(3):
            found = check()
            if found:
                return found
        raise AnsibleActionFail("waited %d s for %s" % (timeout, what))

    def var(self, name, default=None):
        """A variable of the host."""
        return self.variables.get(name, default)

    def say(self, text):
        """Progress."""
        self.said.append(text)
