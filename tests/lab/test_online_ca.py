"""CAPF in online CA mode: a phone's LSC by the enterprise CA's own pages, and all that keeps it from coming."""

from __future__ import annotations

import datetime

import pytest

from lab.ucm import online_ca
from lab.ucm import parameters
from lab.ucm import x509
from lab.ucm.secret_text import hide
from tests.lab.axl_lab import Axl

CAPF, ENROLMENT = online_ca.CAPF, online_ca.SERVICE
GOOD = {"capf_issuer": "Online CA", "online_ca_hostname": "us-ca.ent-pa.com", "online_ca_port": "443", "online_ca_template": "CollabServer",
        "online_ca_username": "enrol", "online_ca_password": "lab-pass-3"}
ISSUER = "CN=Enterprise Issuing CA 1,O=ENT-PA"
UNREACHED, REJECTED = "Upgrade Failed: CA Communication Failure", "Upgrade Failed: CA Rejected Connection"


def configure(lab, **change):
    for key, value in {**GOOD, **change}.items():
        parameters.put(lab.world.clusters["us_cm"], key, value)


async def ready(lab, leave: str = "", **change) -> None:
    """The guide's steps 1 to 6. leave: one that is left out."""
    publisher, chain = lab.world.node("us-cm-pub"), lab.world.ca.chain_pem()
    for store in ("CAPF", "tomcat", "CallManager"):
        if leave != store:
            publisher.certificates.upload_trust(store, chain)
    configure(lab, **change)
    if leave != "service":
        await publisher.services.activate(ENROLMENT)
    await publisher.services.activate(CAPF)


async def install(lab) -> tuple[str, str | None]:
    """(certificateStatus, issuer) of a phone that was told to get an LSC."""
    cluster = lab.world.clusters["us_cm"]
    soon = (lab.world.clock.now() + datetime.timedelta(days=1)).strftime("%Y:%m:%d:%H:%M")
    cluster.db.run("update device set tkcertificateoperation=2, upgradefinishtime=? where name='SEP0011AABB0001'", soon)
    cluster.phones.reset(["SEP0011AABB0001"])
    await lab.world.quiet()
    return cluster.db.rows("select s.name, d.lscissuername from device d join typecertificatestatus s on s.enum=d.tkcertificatestatus "
                           "where d.name='SEP0011AABB0001'")[0]


def pages(lab):
    return [entry.operation for entry in lab.world.journal.entries() if entry.channel == "certsrv"]


def test_the_enterprise_ca_signs_by_its_pages(run_lab):
    async def scenario(lab):
        await ready(lab)
        assert online_ca.configured(lab.world.clusters["us_cm"])
        assert await install(lab) == ("Upgrade Success", ISSUER)
        assert pages(lab) == ["GET /certsrv/", "GET /certsrv/certrqxt.asp", "POST /certsrv/certfnsh.asp", "GET /certsrv/certnew.cer"]
        assert lab.world.ca.requests[1].template == "CollabServer"
        assert x509.common_name(x509.load(lab.world.ca.requests[1].certificate).subject) == "SEP0011AABB0001"
        assert lab.world.clusters["us_cm"].online_ca.last == f"SEP0011AABB0001: issued by {ISSUER}"
        assert "lab-pass-3" not in str([entry.detail for entry in lab.world.journal.entries()]) and lab.world.unknown == 0

    run_lab(scenario)


def test_a_site_with_windows_authentication_alone(run_lab):
    """The same by NTLM; a wrong password gets nothing."""
    async def scenario(lab):
        lab.world.set_variant("certsrv_login", "windows")
        await ready(lab, online_ca_password="wrong")
        assert (await install(lab))[0] == REJECTED
        configure(lab)
        await lab.world.node("us-cm-pub").services.restart(CAPF)
        assert await install(lab) == ("Upgrade Success", ISSUER)

    run_lab(scenario)


@pytest.mark.parametrize(("leave", "change", "status", "reason"), [
    ("tomcat", {}, UNREACHED, "unable to get local issuer certificate"),
    ("", {"online_ca_hostname": "us-ca"}, UNREACHED, "not us-ca"),
    ("", {"online_ca_hostname": "nobody.ent-pa.com"}, UNREACHED, "unknown host"),
    ("", {"online_ca_port": "444"}, UNREACHED, "connection failed"),
    ("service", {}, UNREACHED, "does not run"),
    ("", {"online_ca_template": "NoSuchTemplate"}, REJECTED, "0x80094800"),
    ("", {"online_ca_template": "Denied"}, REJECTED, "0x80094012"),
    ("", {"online_ca_template": "Approval"}, REJECTED, "no certificate was issued"),
    ("", {"online_ca_password": "wrong"}, REJECTED, "HTTP 401"),
    ("", {"online_ca_username": "someone"}, REJECTED, "HTTP 401"),
    ("CAPF", {}, REJECTED, "not in CAPF-trust"),
])
def test_what_keeps_an_lsc_from_coming(run_lab, leave, change, status, reason):
    async def scenario(lab):
        await ready(lab, leave, **change)
        assert await install(lab) == (status, None)
        assert reason in lab.world.clusters["us_cm"].online_ca.last

    run_lab(scenario)


def test_the_chain_to_the_web_server_is_checked(run_lab):
    async def scenario(lab):
        await ready(lab, "tomcat")
        assert await install(lab) == (UNREACHED, None)

    run_lab(scenario)


def test_the_name_of_the_web_server_is_checked(run_lab):
    async def scenario(lab):
        await ready(lab, online_ca_hostname="us-ca")
        assert await install(lab) == (UNREACHED, None)

    run_lab(scenario)


def test_the_ca_has_to_be_in_capf_trust(run_lab):
    async def scenario(lab):
        await ready(lab, "CAPF")
        assert await install(lab) == (REJECTED, None)

    run_lab(scenario)


def test_the_alternative_names_may_be_what_counts(run_lab):
    async def scenario(lab):
        lab.world.set_variant("online_ca_name_check", "san")
        await ready(lab)
        assert (await install(lab))[0] == "Upgrade Success"

    run_lab(scenario)


def test_an_answer_that_does_not_come(run_lab):
    async def scenario(lab):
        await ready(lab)
        lab.world.faults.add({"action": "reset", "channel": "certsrv", "operation": "POST /certsrv/certfnsh.asp"})
        assert await install(lab) == (UNREACHED, None)
        assert (await install(lab))[0] == "Upgrade Success"

    run_lab(scenario)


def test_parameters_count_from_the_restart_of_capf(run_lab):
    async def scenario(lab):
        cluster, publisher = lab.world.clusters["us_cm"], lab.world.node("us-cm-pub")
        await publisher.services.activate(CAPF)
        await publisher.services.activate(ENROLMENT)
        for store in ("CAPF", "tomcat"):
            publisher.certificates.upload_trust(store, lab.world.ca.chain_pem())
        configure(lab)
        assert not online_ca.configured(cluster)
        assert "CAPF-" in (await install(lab))[1]
        lab.snapshots.take("before")
        await publisher.services.restart(CAPF)
        assert await install(lab) == ("Upgrade Success", ISSUER)
        await lab.restore("before")
        assert not online_ca.configured(cluster)

    run_lab(scenario)


def test_est_is_not_simulated_and_said_so(run_lab):
    async def scenario(lab):
        await ready(lab, online_ca_type="EST")
        assert await install(lab) == (UNREACHED, None) and lab.world.unknown == 1

    run_lab(scenario)


@pytest.mark.parametrize(("reading", "by_axl", "by_sql"), [
    ("encrypted", hide("secret-1"), hide("secret-1")), ("masked", "********", hide("secret-1")), ("plain", "secret-1", "secret-1")])
def test_how_the_password_reads(axl: Axl, reading, by_axl, by_sql):
    lab = axl.lab
    lab.world.set_variant("parameter_password", reading)
    where = f"<processNodeName>us-cm-pub.ent-pa.com</processNodeName><name>OnlineCAPassword</name><service>{CAPF}</service>"
    axl.ask("updateServiceParameter", f"{where}<value>secret-1</value>")
    assert axl.ask("getServiceParameter", where).findtext(".//value") == by_axl
    listed = axl.ask("listServiceParameter", f"<searchCriteria><service>{CAPF}</service></searchCriteria><returnedTags><name/><value/></returnedTags>")
    assert {one.findtext("name"): one.findtext("value") for one in listed.iter("serviceParameter")}["OnlineCAPassword"] == by_axl
    assert axl.sql("select paramvalue from processconfig where paramname='OnlineCAPassword'")[0]["paramvalue"] == by_sql
    assert lab.call(lambda: parameters.get(lab.cluster, "online_ca_password")) == "secret-1"
    lab.world.set_variant("parameter_names", "second")
    lab.world.set_variant("parameter_password", "plain")
    assert lab.call(lambda: parameters.get(lab.cluster, "online_ca_password")) == "secret-1"
