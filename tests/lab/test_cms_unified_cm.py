"""Unified CM's trunk to Meeting Servers: plain on day 0, by TLS once the Call Bridges have the shared certificate, checked by Unified CM for real."""

from __future__ import annotations

import pytest

from tests.lab import axl_lab
from tests.lab import cms_lab
from tests.lab.axl_lab import Lab
from tests.lab.cms_lab import DOMAIN
from tests.lab.cms_lab import ROOT
from tests.lab.cms_lab import SHARED
from tests.lab.cms_lab import Mmp

PLAIN, SECURE = "US_CMS", "US_CMS_TLS"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Two nodes of Unified CM with CallManager certificates of the enterprise CA, and two Meeting Servers as installed."""
    net = cms_lab.network(3)
    variables = {**axl_lab.hosts(net), **cms_lab.hosts(cms_lab.NEW, net, ("us-cms1", "us-cms2"))}
    for name in ("us-cm-sub2", "us-cm-tftp1"):
        del variables[name]
    profiles = [{"name": "Plain", "incomingPort": 5060},
                {"name": "Secure", "securityMode": "Encrypted", "incomingTransport": "TLS", "outgoingTransport": "TLS", "incomingPort": 5061,
                 "x509SubjectName": DOMAIN}]
    trunks = [{"name": name, "security_profile": profile, "device_pool": "DP", "destinations": [{"address": f"{net}.{number}", "port": port}]}
              for name, profile, number, port in ((PLAIN, "Plain", 21, 5060), (SECURE, "Secure", 22, 5061))]
    unified_cm = {"callmanager_groups": [{"name": "CMG", "members": ["us-cm-sub1"]}], "device_pools": [{"name": "DP", "callmanager_group": "CMG"}],
                  "licence": {"registration": "Registered", "export_control": "ALLOWED"}, "sip_trunk_security_profiles": profiles, "trunks": trunks}
    # What stands in for a Meeting Server is not there beside it: they would listen on one address.
    stand_in = {"name": "us-cms1", "unless_cluster": "us_cms", "fqdn": "us-cms1.ent-pa.com", "address": f"{net}.21", "tls": "enterprise"}
    running = Lab(tmp_path_factory.mktemp("cms-cm"), 0, speed=6000.0, variables=variables,
                  estate={"clusters": {"us_cm": unified_cm, "us_cms": {}}, "sip_peers": [stand_in]})

    def sign() -> None:
        publisher = running.world.node("us-cm-pub").certificates
        publisher.upload_trust(["tomcat", "CallManager"], running.world.ca.chain_pem())
        request = publisher.generate_request("CallManager", "multi-server").csr
        publisher.upload_identity("CallManager", running.world.ca.sign_request(request, "CollabServer").certificate)

    running.call(sign)
    running.world.clock.advance(60)

    async def restart() -> None:
        await running.world.node("us-cm-sub1").services.restart("Cisco CallManager")

    running.do(restart())
    running.snapshot("day0")
    yield running
    running.close()


def state(lab, name: str) -> str:
    """What a trunk has come to."""
    lab.do(lab.world.quiet())
    return next(iter(lab.call(lambda: lab.world.clusters["us_cm"].phones.trunk_states()[name]).values()))


@pytest.mark.parametrize(("common_name", "outcome"), [(DOMAIN, "in service"), ("other.ent-pa.com", None)])
def test_the_trunk_follows_the_call_bridge(lab, common_name, outcome):
    """Unified CM notices by itself, and takes only the name that its profile has."""
    lab.restore("day0")
    assert state(lab, PLAIN) == "in service" and state(lab, SECURE) != "in service"
    shell = Mmp(lab, "us-cms2")
    shell.done(f"pki csr {SHARED} CN:{common_name} subjectAltName:us-cms2.ent-pa.com")
    shell.put(f"{SHARED}.cer", cms_lab.sign(lab, shell.get(f"{SHARED}.csr")))
    shell.put(ROOT, cms_lab.ca_chain(lab))
    shell.done(f"callbridge certs {SHARED}.key {SHARED}.cer {ROOT}")
    shell.done("callbridge restart")
    shell.close()
    assert (state(lab, SECURE) == "in service") == (outcome is not None)
    entries = [entry for entry in lab.world.journal.entries() if (entry.node, entry.channel) == ("us-cms2", "tls")]
    seen = {(entry.operation, entry.detail.get("cipher", "")[:5]) for entry in entries}
    assert ("handshake 5061", "ECDHE") in seen
