"""Certificates of IM and Presence and Unity Connection: units, requests, where a multi-server certificate goes, trust stores."""

from __future__ import annotations

import pytest
from cryptography import x509 as c509

from lab.ucm import x509
from lab.ucm.refused import Refused
from tests.lab.enterprise import CM
from tests.lab.enterprise import with_products
from tests.lab.test_certificates import refusal_of
from tests.lab.test_certificates import signed

IMP = ("us-imp-pub", "us-imp-sub1")
EVERYONE = {f"{name}.ent-pa.com" for name in (*CM, *IMP)}


def held(node, store: str) -> set[str]:
    """Fingerprints in a trust store."""
    return {x509.fingerprint(entry.certificate) for entry in node.certificates.trust(store)}


def test_units_and_trust_stores_by_product(run_lab):
    async def scenario(lab):
        presence, connection = (lab.world.node(name).certificates for name in ("us-imp-sub1", "us-cuc-sub"))
        assert presence.units() == ["tomcat", "tomcat-ECDSA", "ipsec", "cup", "cup-ECDSA", "cup-xmpp", "cup-xmpp-ECDSA", "cup-xmpp-s2s", "cup-xmpp-s2s-ECDSA"]
        assert presence.stores() == ["tomcat-trust", "ipsec-trust", "cup-trust", "cup-xmpp-trust"]
        assert connection.units() == ["tomcat", "tomcat-ECDSA", "ipsec"]
        assert connection.stores() == ["tomcat-trust", "CallManager-trust", "ipsec-trust"]
        assert presence.trust("cup-xmpp-s2s") == presence.trust("cup-xmpp-trust"), "one store for both"
        with pytest.raises(Refused):
            presence.trust("CallManager-trust")
        names = x509.alternative_names(x509.load(presence.identity("cup-xmpp-s2s").certificate))
        assert names == {"us-imp-sub1.ent-pa.com", "ent-pa.com", "conference-1-standalonecluster.ent-pa.com", "conference-2-standalonecluster.ent-pa.com"}

    run_lab(scenario, names=CM, change=with_products())


def test_tomcat_of_unified_cm_names_and_reaches_presence(run_lab):
    async def scenario(lab):
        publisher, presence = lab.world.node("us-cm-pub"), lab.world.node("us-imp-sub1")
        publisher.certificates.upload_trust("tomcat-trust", lab.world.ca.chain_pem())
        request = publisher.certificates.generate_request("tomcat", "multi-server")
        assert x509.alternative_names(x509.load_request(request.csr)) == EVERYONE | {"ent-pa.com"}
        certificate = signed(lab, request.csr)
        publisher.certificates.upload_identity("tomcat", certificate)
        lab.world.clock.advance(120)
        assert presence.certificates.identity("tomcat").certificate == publisher.certificates.identity("tomcat").certificate
        assert x509.is_self_signed(x509.load(presence.certificates.served("https").certificate)), "until Tomcat restarts there"
        await presence.services.restart("Cisco Tomcat")
        assert presence.certificates.served("https").certificate == publisher.certificates.identity("tomcat").certificate
        # CallManager's stays where CallManager is.
        callmanager = publisher.certificates.generate_request("CallManager", "multi-server")
        assert not x509.alternative_names(x509.load_request(callmanager.csr)) & {f"{name}.ent-pa.com" for name in IMP}

    run_lab(scenario, names=CM, change=with_products(*IMP))


def test_presence_makes_no_multi_server_request_for_tomcat(run_lab):
    async def scenario(lab):
        presence = lab.world.node("us-imp-pub").certificates
        refused = refusal_of(presence.generate_request, "tomcat", "multi-server")
        assert refused.code == "csr_multi_server_presence" and presence.request("tomcat") is None

    run_lab(scenario, names=CM, change=with_products(*IMP))


def test_a_multi_server_tomcat_certificate_is_uploaded_on_unified_cm_only(run_lab):
    async def scenario(lab):
        lab.world.set_variant("multi_server_request_copied", "yes")
        publisher, presence = lab.world.node("us-cm-pub").certificates, lab.world.node("us-imp-pub").certificates
        publisher.upload_trust("tomcat-trust", lab.world.ca.chain_pem())
        lab.world.clock.advance(120)
        request = publisher.generate_request("tomcat", "multi-server")
        assert presence.request("tomcat") == request
        assert refusal_of(presence.upload_identity, "tomcat", signed(lab, request.csr)).code == "identity_multi_server_on_subscriber"

    run_lab(scenario, names=CM, change=with_products(*IMP))


@pytest.mark.parametrize("distribution", ["this-server", "multi-server"])
def test_the_federation_request_names_domains_and_chat_servers(run_lab, distribution):
    def change(hosts, estate):
        with_products(*IMP)(hosts, estate)
        estate["clusters"]["us_imp"] = {"presence_domains": ["ent-pa.com", "chat.ent-pa.com"], "email_domains": ["mail.ent-pa.com"],
                                        "chat_aliases": ["conference-1.ent-pa.com"]}

    async def scenario(lab):
        request = lab.world.node("us-imp-pub").certificates.generate_request("cup-xmpp-s2s", distribution)
        return x509.alternative_names(x509.load_request(request.csr)), lab.world.node("us-imp-sub1").certificates.request("cup-xmpp-s2s")

    names, copy = run_lab(scenario, names=CM, change=change)
    nodes = {f"{name}.ent-pa.com" for name in (IMP if distribution == "multi-server" else IMP[:1])}
    assert names == nodes | {"ent-pa.com", "chat.ent-pa.com", "mail.ent-pa.com", "conference-1.ent-pa.com"}
    assert (copy is not None) == (distribution == "multi-server"), "a multi-server request is copied to the other nodes"


def test_a_multi_server_certificate_of_presence_is_taken_by_any_of_its_nodes(run_lab):
    async def scenario(lab):
        publisher, subscriber = (lab.world.node(name).certificates for name in IMP)
        publisher.upload_trust("cup-xmpp", lab.world.ca.chain_pem())
        lab.world.clock.advance(120)
        assert refusal_of(subscriber.generate_request, "cup-xmpp", "multi-server").code == "csr_multi_server_on_subscriber"
        certificate = signed(lab, publisher.generate_request("cup-xmpp", "multi-server").csr)
        assert x509.common_name(x509.load(certificate).subject) == "us-imp-pub-ms.ent-pa.com"
        subscriber.upload_identity("cup-xmpp", certificate)
        lab.world.clock.advance(120)
        assert publisher.identity("cup-xmpp").certificate == subscriber.identity("cup-xmpp").certificate
        assert publisher.requests() == subscriber.requests() == []
        for unit in ("cup", "ipsec"):
            assert refusal_of(publisher.generate_request, unit, "multi-server").code == "csr_multi_server_unit"

    run_lab(scenario, names=CM, change=with_products(*IMP))


def test_one_presence_node_has_no_multi_server_request(run_lab):
    async def scenario(lab):
        code = refusal_of(lab.world.node("us-imp-pub").certificates.generate_request, "cup-xmpp", "multi-server").code
        request = lab.world.node("us-cm-pub").certificates.generate_request("tomcat", "multi-server")
        return code, "us-imp-pub.ent-pa.com" in x509.alternative_names(x509.load_request(request.csr))

    assert run_lab(scenario, names=CM[:1], change=with_products("us-imp-pub")) == ("csr_multi_server_single_node", True)


def test_unity_connection_shares_one_tomcat_certificate(run_lab):
    async def scenario(lab):
        publisher, subscriber = (lab.world.node(name).certificates for name in ("us-cuc-pub", "us-cuc-sub"))
        publisher.upload_trust(["tomcat", "CallManager"], lab.world.ca.chain_pem())
        request = publisher.generate_request("tomcat", "multi-server")
        publisher.upload_identity("tomcat", signed(lab, request.csr))
        lab.world.clock.advance(120)
        assert subscriber.identity("tomcat").certificate == publisher.identity("tomcat").certificate
        assert x509.common_name(x509.load(subscriber.identity("tomcat").certificate).subject) == "us-cuc-pub-ms.ent-pa.com"
        wanted = {x509.fingerprint(x509.to_pem(lab.world.ca.root)), x509.fingerprint(x509.to_pem(lab.world.ca.issuing))}
        assert wanted <= held(lab.world.node("us-cuc-sub"), "CallManager-trust") & held(lab.world.node("us-cuc-sub"), "tomcat-trust")
        assert not wanted & held(lab.world.node("us-cm-pub"), "tomcat-trust"), "its trust is its own"

    run_lab(scenario, names=CM, change=with_products("us-cuc-pub", "us-cuc-sub"))


@pytest.mark.parametrize(("reading", "reaches"), [("synchronized", True), ("own", False)])
def test_tomcat_trust_of_unified_cm_and_presence(run_lab, monkeypatch, reading, reaches):
    monkeypatch.setenv("COLLAB_LAB_VARIANTS", f"presence_tomcat_trust={reading}")

    async def scenario(lab):
        cm, presence = lab.world.node("us-cm-sub1"), lab.world.node("us-imp-sub1")
        own = x509.fingerprint(lab.world.node("us-imp-pub").certificates.identity("tomcat").certificate)
        assert own in held(presence, "tomcat-trust") and (own in held(cm, "tomcat-trust")) is reaches
        assert (x509.fingerprint(cm.certificates.identity("tomcat").certificate) in held(presence, "tomcat-trust")) is reaches
        root = x509.fingerprint(x509.to_pem(lab.world.ca.root))
        lab.world.node("us-cm-pub").certificates.upload_trust("tomcat", lab.world.ca.root_pem())
        lab.world.clock.advance(120)
        assert (root in held(presence, "tomcat-trust")) is reaches
        lab.world.node("us-imp-pub").certificates.upload_trust(["tomcat", "cup-xmpp"], lab.world.ca.root_pem())
        lab.world.clock.advance(120)
        assert root in held(presence, "tomcat-trust") and root in held(presence, "cup-xmpp-trust")
        # What is deleted on one side stays on the other (id:63085568676).
        entry = next(one for one in presence.certificates.trust("tomcat") if x509.fingerprint(one.certificate) == root)
        presence.certificates.delete_trust("tomcat-trust", entry.filename)
        assert root not in held(lab.world.node("us-imp-pub"), "tomcat-trust") and root in held(cm, "tomcat-trust")

    run_lab(scenario, names=CM, change=with_products(*IMP))


@pytest.mark.parametrize(("reading", "wanted"), [("guide", False), ("ipsec_end_system", True)])
def test_key_usage_of_presence_requests(run_lab, reading, wanted):
    async def scenario(lab):
        lab.world.set_variant("csr_presence_usage", reading)
        request = lab.world.node("us-imp-pub").certificates.generate_request("cup-xmpp")
        usage = x509.load_request(request.csr).extensions.get_extension_for_class(c509.ExtendedKeyUsage).value
        tomcat = lab.world.node("us-imp-pub").certificates.generate_request("tomcat")
        other = x509.load_request(tomcat.csr).extensions.get_extension_for_class(c509.ExtendedKeyUsage).value
        return x509.IPSEC_END_SYSTEM in usage, x509.IPSEC_END_SYSTEM in other

    assert run_lab(scenario, names=CM, change=with_products("us-imp-pub")) == (wanted, False)
