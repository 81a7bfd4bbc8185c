# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a router would show to Unified CM's nodes, as it says itself; which of its peers are asked."""
from __future__ import annotations

import types

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.collab.security.plugins.plugin_utils.ios.config import parse
from ansible_collections.collab.security.plugins.plugin_utils.ios.far_end import router_at
from ansible_collections.collab.security.plugins.plugin_utils.ios.far_end import shown_to
from ansible_collections.collab.security.plugins.plugin_utils.ios.far_end import trustpoint_for
from ansible_collections.collab.security.plugins.plugin_utils.pki.pem import to_pem

from .fake_router import FakeRouter

CONFIGURATION = ("version 17.9\ncrypto pki trustpoint CUBE-Certificate\n rsakeypair CUBE\nsip-ua\n"
                 " crypto signaling remote-addr 10.10.1.11 255.255.255.255 trustpoint CUBE-Certificate\n"
                 " crypto signaling remote-addr 10.10.1.12 255.255.255.255 trustpoint CUBE-Certificate\n")


def node(name, address, *roles, **variables):
    return types.SimpleNamespace(name=name, host=address, fqdn=name + ".ent-pa.com", roles=roles, variables=variables)


@pytest.fixture
def action():
    nodes = {n.name: n for n in (node("us-cm-pub", "10.10.1.10", "publisher"), node("us-cm-sub1", "10.10.1.11", "call_processing"),
                                 node("us-cm-sub2", "10.10.1.12", "call_processing"))}
    routers = {"us-cube1": node("us-cube1", "10.20.0.1", "cube", collab_product="ios")}
    return types.SimpleNamespace(workspace=None, nodes=nodes, task_vars={"groups": {"ios": list(routers)}}, node_of=lambda name: routers[name])


@pytest.fixture
def router(authority):
    fake = FakeRouter(CONFIGURATION)
    fake.variables = {}
    key = fake.keys["CUBE"] = rsa.generate_private_key(65537, 2048)
    fake.identities["CUBE-Certificate"] = authority.issue(x509.Name.from_rfc4514_string("CN=us-cube1.ent-pa.com"), key.public_key())
    return fake


@pytest.fixture
def ca_file(tmp_path, root, authority):
    path = tmp_path / "chain.pem"
    path.write_text(to_pem(authority.certificate) + to_pem(root.certificate))
    return str(path)


def test_the_certificate_for_the_nodes_that_process_calls(action, router, ca_file):
    seen, wrong = shown_to(action, router, ca_file)
    assert seen["chain"] == [to_pem(router.identities["CUBE-Certificate"])] and wrong is None


def test_a_node_that_the_router_takes_no_tls_from(action, router, ca_file):
    router.sections["sip-ua",].pop()
    seen, _wrong = shown_to(action, router, ca_file)
    assert seen["chain"] == [] and "us-cm-sub2" in seen["error"]


def test_a_certificate_whose_key_is_gone(action, router, ca_file):
    router.keys.clear()
    assert "no certificate with its key" in shown_to(action, router, ca_file)[0]["error"]


def test_a_certificate_that_does_not_stand(action, router, ca_file, authority, root):
    key = router.keys["CUBE"].public_key()
    router.identities["CUBE-Certificate"] = authority.issue(x509.Name.from_rfc4514_string("CN=us-cube1.ent-pa.com"), key, -1, start=-90)
    assert "expired" in shown_to(action, router, ca_file)[1]
    with open(ca_file, "w", encoding="ascii") as file:
        file.write(to_pem(root.certificate))
    router.identities["CUBE-Certificate"] = authority.issue(x509.Name.from_rfc4514_string("CN=us-cube1.ent-pa.com"), key)
    assert "not issued by a CA" in shown_to(action, router, ca_file)[1]


def test_routers_of_the_inventory_are_known_by_address_and_name(action):
    assert router_at(action, "10.20.0.1").name == "us-cube1" and router_at(action, "US-CUBE1.ent-pa.com").name == "us-cube1"
    assert router_at(action, "10.20.0.2") is None


@pytest.mark.parametrize(("lines", "name"), [
    (" crypto signaling default trustpoint D\n", "D"),
    (" crypto signaling default trustpoint D\n crypto signaling remote-addr 10.10.1.0 255.255.255.0 trustpoint N\n", "N"),
    (" crypto signaling remote-addr 10.10.1.0 255.255.255.0 trustpoint N\n crypto signaling remote-addr 10.10.1.11 255.255.255.255 trustpoint H\n", "H"),
    (" crypto signaling remote-addr 10.10.1.11 255.255.255.255 tls-profile 4\nvoice class tls-profile 4\n trustpoint P\n", "P"),
    (" crypto signaling remote-addr 10.99.0.0 255.255.0.0 trustpoint N\n", None)])
def test_the_trustpoint_that_an_address_meets(lines, name):
    assert trustpoint_for(parse("sip-ua\n" + lines), "10.10.1.11") == name
