"""Unity Connection's SIP side, and the voice mail trunk: nothing is in service unless both ends fit together. Clients: openssl, requests."""

from __future__ import annotations

import subprocess

import pytest

from lab.cuc.encryption import CONVERSATION_MANAGER
from lab.ucm import x509
from tests.lab.cuc_lab import Cupi
from tests.lab.cuc_lab import started

CALL_MANAGER, TFTP = "Cisco CallManager", "Cisco Tftp"
IN_SERVICE = {"us-cuc-pub": "in service", "us-cuc-sub": "in service"}


@pytest.fixture(scope="module")
def cuc_lab(tmp_path_factory):
    """The lab; snapshot day0, and trusted: CA-signed certificates everywhere, mixed mode, encryption in force, TLS profiles on both ends unused."""
    lab = started(tmp_path_factory.mktemp("cuc-lab"), 6)
    lab.snapshot("day0")
    lab.do(_trusted(lab), 60)
    lab.snapshot("trusted")
    yield lab
    lab.close()


async def _trusted(lab) -> None:
    world = lab.world
    us_cm, us_cuc = world.clusters["us_cm"], world.clusters["us_cuc"]
    for cluster, unit in ((us_cm, "CallManager"), (us_cuc, "tomcat")):
        certificates = cluster.publisher.certificates
        certificates.upload_trust(["tomcat", "CallManager"], world.ca.chain_pem())
        certificates.upload_identity(unit, world.ca.sign_request(certificates.generate_request(unit, "multi-server").csr, "CollabServer").certificate)
    us_cuc.unity.encryption.enable()
    await us_cm.publisher.services.activate("Cisco Certificate Authority Proxy Function")
    us_cm.security.set_mixed_mode(us_cm.publisher)
    world.clock.advance(60)
    for node in world.nodes():
        for service in (TFTP, CALL_MANAGER, CONVERSATION_MANAGER):
            if service in {one.name for one in node.services.all() if one.activated}:
                await node.services.restart(service)
    await world.quiet()


class Voicemail:
    """Both ends of the voice mail trunk, and an administrator's hands on them."""

    def __init__(self, lab) -> None:
        self.lab, self.world, self.cupi = lab, lab.world, Cupi(lab)
        self.unity, self.manager = self.world.clusters["us_cuc"].unity, self.world.clusters["us_cm"]

    def port_group(self, tftp: str = "us-cm-tftp1.ent-pa.com", reset: bool = True, **settings: str) -> None:
        """The guide's settings of the port group; tftp "" = no TFTP server."""
        profile = self.cupi.add("/sipsecurityprofiles", {"Port": "5061", "DoTLS": "true"}).rsplit("/", 1)[1]
        if tftp:
            self.cupi.add(self.cupi.group + "/portgroupservers", {"MediaRemoteServiceEnum": "101", "HostOrIPAddress": tftp})
        body = {"MediaSipSecurityProfileObjectId": profile, "SipEnableNextGenSecurity": "true", "SipDoSRTP": "true", **settings}
        self.cupi.change(self.cupi.group, **body)
        if reset:
            self.cupi.change(self.cupi.group, ResetStatusEnum="100")
            self.settle()

    def trunk(self, subjects: str = "us-cuc-pub-ms.ent-pa.com", port: int = 5061) -> None:
        """The guide's settings of the trunk, and its reset."""
        def change() -> None:
            db = self.manager.db
            tls = db.enum("typetransport", "TLS")
            db.run("update securityprofile set tkdevicesecuritymode=?, tktransport=?, tktransport_out=?, incomingport=?, x509subjectname=? where name=?",
                   db.enum("typedevicesecuritymode", "Encrypted"), tls, tls, port, subjects, "Unity Profile")
            db.run("update siptrunkdestination set port=5061")
            self.manager.phones.reset(["US_UNITY"])
        self.lab.call(change)
        self.settle()

    def settle(self) -> None:
        """Until all has come to rest."""
        self.world.clock.advance(200)
        self.lab.do(self.world.quiet())

    def service(self, node: str, verb: str, name: str) -> None:
        """Start, stop or restart a service, and wait for it."""
        async def act() -> None:
            await getattr(self.world.node(node).services, verb)(name)
        self.lab.do(act())

    @property
    def groups(self) -> dict[str, str]:
        """Whether the port group is in service, by node."""
        return self.lab.call(self.unity.telephony.status)["PhoneSystem-1"]

    @property
    def trunks(self) -> set[str]:
        """What the connections of the trunk came to."""
        return set(self.lab.call(lambda: self.manager.phones.trunk_results("US_UNITY")).values())

    def served(self, node: str = "us-cuc-pub") -> str:
        """SHA-256 of the certificate on a node's port 5061, as openssl sees it; "" where nobody listens."""
        client = self.lab.world.directory / "ca"
        command = ["openssl", "s_client", "-connect", f"{self.world.node(node).address}:5061", "-cert", client / "client.pem", "-key", client / "client.key"]
        shown = subprocess.run(command, input=b"", capture_output=True, timeout=20, check=False).stdout.decode()
        begin = shown.find("-----BEGIN CERTIFICATE-----")
        return x509.fingerprint(shown[begin : shown.index("-----END", begin) + 26]) if begin >= 0 else ""


@pytest.fixture
def voicemail(cuc_lab) -> Voicemail:
    """With certificates and encryption in place, the rest as installed."""
    cuc_lab.world.clock.speed = 600.0
    cuc_lab.restore("trusted")
    return Voicemail(cuc_lab)


@pytest.fixture
def plain(cuc_lab) -> Voicemail:
    """As installed."""
    cuc_lab.restore("day0")
    return Voicemail(cuc_lab)


def test_as_installed(plain):
    assert plain.groups == IN_SERVICE and plain.trunks == {"in service"} and plain.served() == ""


def test_the_whole_way(voicemail):
    voicemail.port_group()
    tomcat = x509.fingerprint(voicemail.world.node("us-cuc-pub").certificates.identity("tomcat").certificate)
    assert voicemail.served() == voicemail.served("us-cuc-sub") == tomcat
    assert all(outcome.startswith("connection failed") for outcome in voicemail.trunks), "the trunk still dials 5060"
    assert set(voicemail.groups.values()) == {"connection failed: SIP/2.0 503 Service Unavailable"}, "no trunk takes Unity Connection's calls on 5061"
    voicemail.trunk()
    assert voicemail.trunks == {"in service"} and voicemail.groups == IN_SERVICE
    store = [x509.common_name(x509.load(entry.certificate).subject) for entry in voicemail.world.node("us-cuc-sub").certificates.trust("CallManager-trust")]
    assert "us-cm-pub-ms.ent-pa.com" in store, "fetched from the TFTP server, on all nodes"


def test_the_trunk_first_and_the_port_group_after_it(voicemail):
    voicemail.trunk()
    assert voicemail.trunks != {"in service"}
    voicemail.port_group()
    assert voicemail.trunks == {"in service"} and voicemail.groups == IN_SERVICE, "each end asks again by itself"


def test_settings_count_from_the_reset(voicemail):
    voicemail.port_group(reset=False)
    assert voicemail.served() == "" and voicemail.groups == IN_SERVICE
    assert voicemail.cupi.get(voicemail.cupi.group)["ResetStatusEnum"] == "100"


def test_or_from_the_restart_of_conversation_manager(voicemail):
    voicemail.port_group(reset=False)
    for name, status in (("us-cuc-pub", "100"), ("us-cuc-sub", "0")):
        voicemail.service(name, "restart", CONVERSATION_MANAGER)
        assert voicemail.served(name) != "" and voicemail.cupi.get(voicemail.cupi.group)["ResetStatusEnum"] == status
    voicemail.service("us-cuc-pub", "stop", CONVERSATION_MANAGER)
    assert voicemail.served() == "" and voicemail.groups["us-cuc-pub"] == "Connection Conversation Manager does not run"


def test_a_node_that_was_not_restarted_since_encryption_was_enabled(voicemail):
    voicemail.unity.encryption._in_force.clear()
    voicemail.port_group()
    assert voicemail.served() == "" and set(voicemail.groups.values()) == {"encryption is not in force"}
    voicemail.service("us-cuc-sub", "restart", CONVERSATION_MANAGER)
    assert voicemail.served() == "" and voicemail.served("us-cuc-sub") != ""


@pytest.mark.parametrize(("tftp", "reason"), [
    ("", "no TFTP server"), ("ADDRESS", "certificate of the TFTP server does not have the name"), ("us-cm-pub.ent-pa.com", "no answer from"),
    ("nowhere.ent-pa.com", "no answer from")], ids=["none", "address", "no tftp", "unknown"])
@pytest.mark.parametrize("reading", ["needed", "optional"])
def test_certificates_come_from_tftp_servers_by_name(voicemail, tftp, reason, reading):
    voicemail.world.set_variant("cuc_itl", reading)
    voicemail.port_group(tftp.replace("ADDRESS", voicemail.world.node("us-cm-tftp1").address))
    if reading == "needed":
        assert voicemail.served() == "" and all(reason in status for status in voicemail.groups.values())
    else:
        voicemail.trunk()
        assert voicemail.groups == IN_SERVICE


@pytest.mark.parametrize(("reading", "works"), [("needed", False), ("not_needed", True)])
def test_whether_the_fetch_needs_mixed_mode(voicemail, reading, works):
    voicemail.world.set_variant("cuc_itl_mixed_mode", reading)
    voicemail.manager.security.set_non_secure_mode(voicemail.manager.publisher)
    voicemail.service("us-cm-tftp1", "restart", TFTP)
    voicemail.port_group()
    assert (voicemail.served() != "") is works


@pytest.mark.parametrize("store", ["CallManager-trust", "tomcat-trust"])
def test_where_fetched_certificates_are_shown(voicemail, store):
    voicemail.world.set_variant("cuc_itl_store", store)
    voicemail.port_group()
    names = {one: [x509.common_name(x509.load(entry.certificate).subject) for entry in voicemail.world.node("us-cuc-pub").certificates.trust(one)]
             for one in ("CallManager-trust", "tomcat-trust")}
    assert [one for one, found in names.items() if "us-cm-pub-ms.ent-pa.com" in found] == [store]


def test_nothing_is_fetched_where_the_download_is_switched_off(voicemail):
    voicemail.world.clusters["us_cuc"].unity.encryption.auto_itl = False
    voicemail.port_group("nowhere.ent-pa.com")
    held = voicemail.world.node("us-cuc-pub").certificates.trust("CallManager-trust")
    assert "us-cm-pub-ms.ent-pa.com" not in [x509.common_name(x509.load(entry.certificate).subject) for entry in held]
    voicemail.trunk()
    assert voicemail.groups == IN_SERVICE, "what an administrator has uploaded is enough"


@pytest.mark.parametrize(("reading", "works"), [("CallManager-trust", False), ("tomcat-trust", True)])
def test_the_store_that_callers_are_checked_against(voicemail, reading, works):
    voicemail.world.set_variant("cuc_sip_trust", reading)
    for node in voicemail.world.clusters["us_cuc"].nodes.values():
        node.certificates._trust["CallManager-trust"].clear()
    voicemail.port_group()
    voicemail.trunk()
    assert (voicemail.trunks == {"in service"}) is works


def test_without_next_generation_encryption_nobody_knows_the_certificate(voicemail):
    voicemail.port_group(SipEnableNextGenSecurity="false")
    voicemail.trunk()
    tomcat = x509.fingerprint(voicemail.world.node("us-cuc-pub").certificates.identity("tomcat").certificate)
    assert voicemail.served() not in ("", tomcat)
    assert all(outcome.startswith("TLS: ") for outcome in voicemail.trunks) and all(status.startswith("TLS: ") for status in voicemail.groups.values())


@pytest.mark.parametrize(("subjects", "seen"), [("us-cuc-sub.ent-pa.com", "in service"), ("somebody.ent-pa.com", "is not expected")])
def test_the_trunks_subject_names(voicemail, subjects, seen):
    voicemail.port_group()
    voicemail.trunk(subjects)
    assert all(seen in outcome for outcome in voicemail.trunks)


def test_a_caller_whose_certificate_has_another_name(voicemail):
    voicemail.port_group()
    voicemail.trunk("somebody.ent-pa.com")
    assert set(voicemail.groups.values()) == {"connection failed: SIP/2.0 403 Forbidden"}


def test_a_caller_on_a_port_that_its_trunk_does_not_have(voicemail):
    voicemail.port_group()
    voicemail.trunk(port=5062)
    assert voicemail.trunks == {"in service"}
    assert set(voicemail.groups.values()) == {"connection failed: SIP/2.0 503 Service Unavailable"}


def test_callmanager_stops_and_comes_back(voicemail):
    voicemail.port_group()
    voicemail.trunk()
    for node in ("us-cm-sub1", "us-cm-sub2"):
        voicemail.service(node, "stop", CALL_MANAGER)
    voicemail.settle()
    assert voicemail.groups != IN_SERVICE
    for node in ("us-cm-sub1", "us-cm-sub2"):
        voicemail.service(node, "start", CALL_MANAGER)
    voicemail.settle()
    assert voicemail.groups == IN_SERVICE and voicemail.trunks == {"in service"}


def test_a_reset_that_a_snapshot_holds_goes_on(voicemail):
    voicemail.port_group(reset=False)
    voicemail.world.clock.speed = 1.0
    voicemail.cupi.change(voicemail.cupi.group, ResetStatusEnum="100")
    voicemail.lab.snapshot("resetting")
    voicemail.lab.restore("trusted")
    voicemail.lab.restore("resetting")
    assert voicemail.cupi.get(voicemail.cupi.group)["ResetStatusEnum"] == "101"
    voicemail.world.clock.speed = 600.0
    voicemail.settle()
    assert voicemail.cupi.get(voicemail.cupi.group)["ResetStatusEnum"] == "0" and voicemail.served() != ""
