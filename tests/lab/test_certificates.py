"""Requests, uploads and trust stores of the simulated nodes: what they do, what they refuse, in which words."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509 as c509
from cryptography.x509.oid import ExtendedKeyUsageOID

from lab.core.keys import load_key
from lab.ucm import x509
from lab.ucm.refused import Refused


def signed(lab, csr: str, template: str = "CollabServer") -> str:
    """What the enterprise CA makes of a request."""
    return lab.world.ca.sign_request(csr, template).certificate


def trust_ca(node, store: str = "tomcat-trust") -> None:
    """The enterprise CA into a trust store."""
    node.certificates.upload_trust(store, node.world.ca.chain_pem(), "Enterprise CA")


def refusal_of(call, *arguments, **options) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*arguments, **options)
    return caught.value


def test_day_zero_is_self_signed_for_five_years(run_lab):
    async def scenario(lab):
        publisher, subscriber = lab.world.node("us-cm-pub"), lab.world.node("us-cm-sub1")
        assert publisher.certificates.units() == ["tomcat", "tomcat-ECDSA", "ipsec", "ITLRecovery", "CallManager-ECDSA", "CallManager", "CAPF", "TVS"]
        assert set(publisher.certificates.units()) - set(subscriber.certificates.units()) == {"ITLRecovery", "CAPF"}
        tomcat = x509.load(subscriber.certificates.identity("tomcat").certificate)
        assert x509.common_name(tomcat.subject) == "us-cm-sub1.ent-pa.com" and x509.is_self_signed(tomcat)
        assert (tomcat.not_valid_after_utc - tomcat.not_valid_before_utc).days == 5 * 365
        roots = [entry.filename for entry in subscriber.certificates.trust("CallManager-trust")]
        assert any("Manufacturing" in name for name in roots)
        keys = {node.certificates.identity(unit).key for node in lab.world.nodes() for unit in node.certificates.units()}
        assert len(keys) == sum(len(node.certificates.units()) for node in lab.world.nodes())

    run_lab(scenario)


def test_before_14_every_node_has_a_capf_certificate(run_lab):
    async def scenario(lab):
        return [node.name for node in lab.world.nodes() if "CAPF" in node.certificates.units()]

    assert len(run_lab(scenario, release="12.5")) == 4


def test_a_multi_server_request_names_all_nodes_and_the_domain(run_lab):
    async def scenario(lab):
        publisher = lab.world.node("us-cm-pub")
        request = publisher.certificates.generate_request("CallManager", "multi-server")
        csr = x509.load_request(request.csr)
        assert x509.common_name(csr.subject) == "us-cm-pub-ms.ent-pa.com"
        assert x509.alternative_names(csr) == {node.fqdn for node in lab.world.nodes()} | {"ent-pa.com"}
        usage = csr.extensions.get_extension_for_class(c509.ExtendedKeyUsage).value
        assert set(usage) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
        assert csr.extensions.get_extension_for_class(c509.KeyUsage).value.key_encipherment
        lab.world.set_variant("csr_key_usage", "no_key_encipherment")
        again = publisher.certificates.generate_request("CallManager", "multi-server")
        assert not x509.load_request(again.csr).extensions.get_extension_for_class(c509.KeyUsage).value.key_encipherment
        assert publisher.certificates.request("CallManager") == again != request

    run_lab(scenario)


@pytest.mark.parametrize(
    ("node", "unit", "options", "code"),
    [
        ("us-cm-sub1", "tomcat", {"distribution": "multi-server"}, "csr_multi_server_on_subscriber"),
        ("us-cm-pub", "CAPF", {"distribution": "multi-server"}, "csr_multi_server_unit"),
        ("us-cm-pub", "tomcat", {"key_length": 1000}, "csr_parameters"),
        ("us-cm-pub", "tomcat", {"hash_algorithm": "md5"}, "csr_parameters"),
        ("us-cm-pub", "tomcat", {"alt_names": ["*.ent-pa.com"]}, "csr_parameters"),
        ("us-cm-pub", "tomcat", {"alt_names": ["10.1.1.1"]}, "csr_parameters"),
        ("us-cm-pub", "tomcat", {"distribution": "everywhere"}, "csr_parameters"),
        ("us-cm-pub", "cup-xmpp", {}, "no_unit"),
        ("us-cm-sub1", "CAPF", {}, "no_unit"),
    ],
)
def test_requests_the_product_does_not_make(run_lab, node, unit, options, code):
    async def scenario(lab):
        return refusal_of(lab.world.node(node).certificates.generate_request, unit, **options).code

    assert run_lab(scenario) == code


def test_one_node_has_no_multi_server_request(run_lab):
    async def scenario(lab):
        return refusal_of(lab.world.node("us-cm-pub").certificates.generate_request, "tomcat", "multi-server").code

    assert run_lab(scenario, names=("us-cm-pub",)) == "csr_multi_server_single_node"


def test_a_multi_server_certificate_reaches_every_node_and_uses_the_request_up(run_lab):
    async def scenario(lab):
        world, publisher = lab.world, lab.world.node("us-cm-pub")
        trust_ca(publisher)
        request = publisher.certificates.generate_request("tomcat", "multi-server")
        certificate = signed(lab, request.csr)
        publisher.certificates.upload_identity("tomcat", certificate)
        subscriber = world.node("us-cm-sub2").certificates
        assert subscriber.identity("tomcat").self_signed
        world.clock.advance(60)
        assert subscriber.identity("tomcat").certificate == certificate and subscriber.identity("tomcat").key == request.key
        assert subscriber.served("https").certificate != certificate, "installed is not yet served"
        assert publisher.certificates.request("tomcat") is None
        assert x509.common_name(x509.load(publisher.certificates.identity("tomcat").chain[0]).subject) == "Enterprise Issuing CA 1"

    run_lab(scenario, speed=1)


@pytest.mark.parametrize(
    ("template", "code", "words"),
    [("DropSAN", "identity_san_mismatch", "CSR SAN and Certificate SAN does not match"), ("Expired", "identity_expired", "expired")],
)
def test_certificates_that_are_refused(run_lab, template, code, words):
    async def scenario(lab):
        node = lab.world.node("us-cm-pub")
        trust_ca(node)
        request = node.certificates.generate_request("tomcat")
        error = refusal_of(node.certificates.upload_identity, "tomcat", signed(lab, request.csr, template))
        assert node.certificates.request("tomcat") == request, "a refused upload uses nothing up"
        assert node.certificates.identity("tomcat").self_signed
        lab.world.mutated.add(code)
        node.certificates.upload_identity("tomcat", signed(lab, request.csr, template))
        return error

    error = run_lab(scenario)
    assert error.code == code and words in error.text


def test_a_certificate_without_client_authentication_is_accepted(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-cm-pub")
        trust_ca(node)
        request = node.certificates.generate_request("tomcat")
        return node.certificates.upload_identity("tomcat", signed(lab, request.csr, "WebServer")).self_signed

    assert run_lab(scenario) is False


def test_uploads_refused_for_their_order_or_content(run_lab):
    async def scenario(lab):
        node, other = lab.world.node("us-cm-pub").certificates, lab.world.node("us-cm-sub1").certificates
        request = node.generate_request("tomcat")
        certificate = signed(lab, request.csr)
        found = {"no chain": refusal_of(node.upload_identity, "tomcat", certificate)}
        trust_ca(lab.world.node("us-cm-pub"))
        found["rubbish"] = refusal_of(node.upload_identity, "tomcat", "rubbish")
        found["broken"] = refusal_of(node.upload_identity, "tomcat", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
        found["empty"] = refusal_of(node.upload_identity, "tomcat", [])
        found["other request"] = refusal_of(node.upload_identity, "tomcat", signed(lab, other.generate_request("tomcat").csr))
        found["new request"] = (node.generate_request("tomcat"), refusal_of(node.upload_identity, "tomcat", certificate))[1]
        found["no request"] = refusal_of(node.upload_identity, "CallManager", certificate)
        found["no unit"] = refusal_of(node.upload_identity, "tomcat-trust", certificate)
        return {name: error.code for name, error in found.items()}, found["no chain"].text, found["no request"].text

    codes, no_chain, no_request = run_lab(scenario)
    assert codes == {
        "no chain": "identity_ca_missing", "rubbish": "not_pem", "broken": "unreadable", "empty": "not_pem", "other request": "identity_key_mismatch",
        "new request": "identity_key_mismatch", "no request": "identity_without_csr", "no unit": "no_unit",
    }
    assert no_chain == "CA certificate is not available in the trust-store"
    assert no_request == "File /usr/local/platform/.security/CallManager/keys/CallManager.csr does not exist"


def test_only_the_root_in_trust_is_a_missing_intermediate(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-cm-pub")
        node.certificates.upload_trust("tomcat", lab.world.ca.root_pem())
        request = node.certificates.generate_request("tomcat")
        chain = [signed(lab, request.csr), x509.to_pem(lab.world.ca.issuing), lab.world.ca.root_pem()]
        return refusal_of(node.certificates.upload_identity, "tomcat", chain).code

    assert run_lab(scenario) == "identity_ca_missing"


@pytest.mark.parametrize(("reading", "leaf", "chain"), [("either", True, True), ("leaf_only", True, False), ("full_chain", False, True)])
def test_leaf_or_chain_is_a_variant(run_lab, reading, leaf, chain):
    async def scenario(lab):
        lab.world.set_variant("identity_chain", reading)
        node = lab.world.node("us-cm-pub")
        trust_ca(node)
        outcome = []
        for with_chain in (False, True):
            certificate = signed(lab, node.certificates.generate_request("tomcat").csr)
            try:
                node.certificates.upload_identity("tomcat", [lab.world.ca.chain_pem(), certificate] if with_chain else certificate)
                outcome.append(True)
            except Refused as error:
                assert error.code == "identity_chain"
                outcome.append(False)
        return tuple(outcome)

    assert run_lab(scenario) == (leaf, chain)


def test_a_multi_server_certificate_is_refused_on_a_subscriber(run_lab):
    async def scenario(lab):
        lab.world.set_variant("multi_server_request_copied", "yes")
        publisher, subscriber = lab.world.node("us-cm-pub"), lab.world.node("us-cm-sub1")
        trust_ca(publisher)
        lab.world.clock.advance(60)
        certificate = signed(lab, publisher.certificates.generate_request("tomcat", "multi-server").csr)
        error = refusal_of(subscriber.certificates.upload_identity, "tomcat", certificate)
        lab.world.mutated.add("identity_multi_server_on_subscriber")
        subscriber.certificates.upload_identity("tomcat", certificate)
        return error.code

    assert run_lab(scenario) == "identity_multi_server_on_subscriber"


def test_trust_spreads_from_the_publisher_after_a_while_but_not_capf_trust(run_lab):
    async def scenario(lab):
        publisher, subscriber = lab.world.node("us-cm-pub").certificates, lab.world.node("us-cm-sub1").certificates
        publisher.upload_trust(["tomcat", "CallManager-trust", "CAPF-trust"], lab.world.ca.chain_pem())
        wanted = {x509.fingerprint(lab.world.ca.root_pem()), x509.fingerprint(x509.to_pem(lab.world.ca.issuing))}

        def holds(certificates, store):
            return wanted <= {x509.fingerprint(entry.certificate) for entry in certificates.trust(store)}

        assert holds(publisher, "tomcat-trust") and holds(publisher, "CAPF-trust")
        assert not holds(subscriber, "tomcat-trust")
        lab.world.clock.advance(60)
        assert holds(subscriber, "tomcat-ECDSA") and holds(subscriber, "CallManager-trust") and not holds(subscriber, "CAPF-trust")
        assert publisher.upload_trust("tomcat", lab.world.ca.chain_pem()) == [], "what is there is not added twice"
        filename = next(entry.filename for entry in publisher.trust("tomcat") if entry.certificate == lab.world.ca.root_pem())
        publisher.delete_trust("tomcat", filename)
        assert not holds(subscriber, "tomcat-trust")
        assert refusal_of(publisher.delete_trust, "tomcat", filename).code == "no_file"
        assert refusal_of(publisher.upload_trust, "cup-xmpp", lab.world.ca.chain_pem()).code == "no_unit"

    run_lab(scenario, speed=1)


@pytest.mark.parametrize("how", ["fault", "variant"])
def test_nothing_arrives_where_replication_is_broken(run_lab, how):
    async def scenario(lab):
        if how == "fault":
            lab.world.faults.add({"channel": "replication", "node": "us-cm-sub1", "action": "never", "times": 0})
        else:
            lab.world.set_variant("replication_state", "broken")
        trust_ca(lab.world.node("us-cm-pub"))
        lab.world.clock.advance(86400)
        return [lab.world.ca.root_pem() in [e.certificate for e in node.certificates.trust("tomcat")] for node in lab.world.nodes()]

    assert run_lab(scenario) == ([True, False, True, True] if how == "fault" else [True, False, False, False])


def test_of_two_trust_certificates_of_one_name_the_newer_is_kept(run_lab):
    async def scenario(lab):
        world, node = lab.world, lab.world.node("us-cm-pub").certificates
        name = x509.subject("Partner CA", {"o": "Partner"})
        day = datetime.timedelta(days=1)
        old, new = (x509.self_signed("root", name, world.keys.rsa(), world.clock.now() - age * day, authority=True) for age in (20, 10))
        gone = x509.self_signed("root", x509.subject("Gone CA", {}), world.keys.rsa(), world.clock.now() - 20 * day, days=10, authority=True)
        node.upload_trust("tomcat", old)
        node.upload_trust("tomcat", new)
        held = [entry.certificate for entry in node.trust("tomcat")]
        assert new in held and old not in held
        assert refusal_of(node.upload_trust, "tomcat", gone).code == "trust_expired"
        node.delete_trust("CallManager", next(iter(node.trust("CallManager"))).filename)
        node.upload_trust("CallManager", new)
        assert refusal_of(node.upload_trust, "CallManager", old).code == "trust_older"
        world.set_variant("trust_older", "ignore")
        assert node.upload_trust("CallManager", old) == []

    run_lab(scenario)


def test_regeneration_makes_a_new_key(run_lab):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1").certificates
        before = node.identity("tomcat")
        after = node.regenerate("tomcat")
        assert after.self_signed and load_key(after.key).public_key() != load_key(before.key).public_key()
        assert node.served("https") == before

    run_lab(scenario)
