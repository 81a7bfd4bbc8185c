"""A Unified CM cluster of release 12.5: what it lacks of the later ones, surface by surface."""

from __future__ import annotations

import asyncio

import pytest
import requests

from lab.ucm import sql
from tests.lab.enterprise import CM
from tests.lab.enterprise import typed
from tests.lab.enterprise import with_products
from tests.lab.small_estate import NODES

ROW = "select paramvalue from processconfig where paramname = 'ClusterSIPOAuthMode'"


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("name", ["us-cm-pub", "us-imp-pub", "us-cuc-pub"])
def test_no_certificate_rest_api(run_lab, name):
    async def scenario(lab):
        node = lab.world.node(name)
        account = node.credentials
        with requests.Session() as session:
            session.trust_env, session.verify, session.auth = False, False, (account.platform_user, account.platform_password)
            answers = []
            for port in (node.ports["platform"], node.ports["https"]):
                address = f"https://{node.address}:{port}/platformcom/api/v1/certmgr/config/snapshot/server"
                answers.append(await asyncio.to_thread(session.get, address, timeout=10))
        return [answer.status_code for answer in answers]

    assert run_lab(scenario, release="12.5", names=CM, change=with_products()) == [404, 404]


def test_command_line_of_12_5(run_lab, tmp_path):
    async def scenario(lab):
        node = lab.world.node("us-cm-sub1")
        said = await typed(node, tmp_path, "show version active", "show cert own tomcat", "set csr gen tomcat", "utils service list", "show cert list own")
        return said

    version, certificate, request, services, own = run_lab(scenario, release="12.5")
    assert "12.5.1." in version
    assert "Issuer Name:" in certificate and "IssuerDN" not in certificate
    assert "Successfully Generated CSR for tomcat." in request and "Include OU" not in request
    assert "Cisco CTL Provider[STOPPED]  Service Not Activated" in services and "HAProxy" not in services and "Cisco AXL Tomcat" not in services
    assert "CAPF/CAPF.pem" in own, "every node has its own"


@pytest.mark.parametrize(("reading", "before", "after"), [("updated", [("0",)], [("1",)]), ("stale", [("0",)], [("0",)]), ("absent", [], [])])
@pytest.mark.parametrize("release", ["12.5", "15"])
def test_the_row_of_sip_oauth_mode(run_lab, release, reading, before, after):
    async def scenario(lab):
        lab.world.set_variant("sip_oauth_row_before_14", reading)
        cluster = lab.world.clusters["us_cm"]
        rows = [sql.query(cluster, ROW)[1]]
        cluster.security.enable_sip_oauth(cluster.publisher)
        rows.append(sql.query(cluster, ROW)[1])
        await lab.world.node("us-cm-sub1").services.restart("Cisco CallManager")
        assert cluster.security.oauth_in_force(lab.world.node("us-cm-sub1")) and 5090 in {one.port for one in lab.world.node("us-cm-sub1").listeners.all()}
        lab.snapshots.take("on")
        cluster.security.disable_sip_oauth(cluster.publisher)
        assert not cluster.security.oauth
        await lab.restore("on")
        assert cluster.security.oauth
        return rows

    assert run_lab(scenario, release=release) == ([before, after] if release == "12.5" else [[("0",)], [("1",)]])


def test_a_row_that_comes_back_has_its_default(run_lab):
    async def scenario(lab):
        cluster = lab.world.clusters["us_cm"]
        lab.world.set_variant("sip_oauth_row_before_14", "absent")
        assert sql.query(cluster, ROW)[1] == []
        lab.world.set_variant("sip_oauth_row_before_14", "stale")
        return sql.query(cluster, ROW)[1]

    assert run_lab(scenario, release="12.5") == [("0",)]


@pytest.mark.parametrize(("release", "known"), [("12.5", False), ("15", True)])
def test_desk_phones_know_sip_oauth_from_14_on(run_lab, release, known):
    async def scenario(lab):
        from lab.ucm import devices

        cluster = lab.world.clusters["us_cm"]
        cluster.db.run("update securityprofile set sipoauthflag = 't'")
        phones = devices.phones(cluster)
        return phones["SEP0011AABB0001"].oauth, phones["CSFJDOE"].oauth

    assert run_lab(scenario, release=release) == (known, True)


def test_all_four_nodes_come_up(run_lab):
    async def scenario(lab):
        return lab.status()

    status = run_lab(scenario, release="12.5")
    assert [node["name"] for node in status["nodes"]] == list(NODES) and {node["release"] for node in status["nodes"]} == {"12.5"}
    assert status["clusters"][0]["devices"]["Phone Registered"] == 4 and status["unknown"] == 0
