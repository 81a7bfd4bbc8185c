# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a renewal is told of a management server: what it serves, and of Prime Collaboration Deployment what it trusts."""
from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.collab.security.plugins.plugin_utils.management import renewal
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import to_pem
from ansible_collections.collab.security.plugins.plugin_utils.report import Report


def made(name, ca=False):
    """A self-signed certificate."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=20))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True).sign(key, hashes.SHA256()))


class Server:
    """A server that serves one certificate (or does not answer), and shows its trust store by the command line."""

    name, fqdn, host, ports = "us-pcd1", "us-pcd1.ent-pa.com", "10.20.0.63", {"https": 8443}

    def __init__(self, product, certificate, store=()):
        self.variables, self.certificate, self.store = {"collab_product": product}, certificate, store

    def ask(self, channel, op, **args):
        """One request."""
        if (channel, op) == ("tls", "probe"):
            return {"reachable": bool(self.certificate), "chain": [to_pem(self.certificate)] if self.certificate else []}
        shown = {"show cert list trust": "\n".join("tomcat-trust/%d.pem: CA" % i for i, _one in enumerate(self.store))}
        shown |= {"show cert trust tomcat-trust/%d.pem" % i: to_pem(one) for i, one in enumerate(self.store)}
        return {"output": shown[args["command"]]}


def read(server):
    action = SimpleNamespace(node=server, report=Report())
    return renewal.read(action, []), action.report


@pytest.mark.parametrize("product", ["meeting_management", "prime_deployment"])
def test_what_is_served_counts(product):
    found, report = read(Server(product, made("us-pcd1"), [made("Root", True), made("peer")]))
    assert [(one.kind, one.name, one.nodes, one.managed) for one in found if one.kind == "identity"] == [("identity", "server", ("us-pcd1",), True)]
    assert [one.subject for one in found if one.kind == "trust"] == ["CN=Root"] * (product == "prime_deployment")
    assert report.findings == []


def test_one_that_does_not_answer_is_a_finding():
    found, report = read(Server("tms", None))
    assert found == [] and [one["id"] for one in report.findings] == ["management-not-reachable"]
