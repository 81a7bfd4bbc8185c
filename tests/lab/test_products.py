"""Products side by side: what nodes of IM and Presence and Unity Connection are to their Unified CM cluster, and what only they have."""

from __future__ import annotations

import asyncio
import json

import pytest
import requests

from lab.core.inventory import BadInventory
from lab.core.inventory import populate
from lab.core.world import World
from lab.ucm import sql
from lab.ucm.refused import Refused
from lab.ucm.service_names import kinds_of
from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab
from tests.lab.axl_lab import hosts
from tests.lab.axl_lab import network
from tests.lab.enterprise import CM
from tests.lab.enterprise import with_products
from tests.lab.small_estate import hosts_of


def test_presence_nodes_are_process_nodes_of_their_unified_cm(run_lab):
    async def scenario(lab):
        cluster = lab.world.clusters["us_cm"]
        query = ("select p.name, r.name as role, u.name as usage from processnode p join typeprocessnoderole r on r.enum = p.tkprocessnoderole "
                 "join typenodeusage u on u.enum = p.tknodeusage where p.systemnode = 'f' order by p.nodeid")
        return sql.query(cluster, query)[1], lab.world.clusters["us_imp"].parameter("ClusterSecurityMode"), lab.status()

    rows, mode, status = run_lab(scenario, names=CM, change=with_products())
    assert rows == [
        ("us-cm-pub.ent-pa.com", "CUCM Voice/Video", "Publisher"), ("us-cm-sub1.ent-pa.com", "CUCM Voice/Video", "Subscriber"),
        ("us-imp-pub.ent-pa.com", "CUCM IM and Presence", "Subscriber"), ("us-imp-sub1.ent-pa.com", "CUCM IM and Presence", "Subscriber"),
    ]
    assert mode == "0", "parameters of IM and Presence are those of its Unified CM cluster"
    assert [(c["name"], c["product"]) for c in status["clusters"]] == [
        ("us_cm", "unified_cm"), ("us_imp", "im_presence"), ("us_cuc", "unity_connection")]
    assert json.loads(json.dumps(status))["nodes"][2]["product"] == "im_presence"


def test_presence_nodes_by_axl(tmp_path):
    variables = hosts(network(4))
    for number, name in enumerate(("us-imp-pub", "us-imp-sub1"), 11):
        variables[name] = {**variables["us-cm-pub"], "collab_product": "im_presence", "collab_cluster": "us_imp", "collab_cm_cluster": "us_cm",
                           "collab_roles": ["publisher" if number == 11 else "subscriber"], "ansible_host": f"{network(4)}.{number}", "group_names": ["us_imp"]}
    lab = Lab(tmp_path, 4, variables=variables)
    try:
        axl = Axl(lab)
        wanted = "<searchCriteria><name>%</name></searchCriteria><returnedTags><name/><nodeUsage/><processNodeRole/></returnedTags>"
        listed = axl.ask("listProcessNode", wanted).iter("processNode")
        found = [(one.findtext("name"), one.findtext("processNodeRole"), one.findtext("nodeUsage")) for one in listed]
        version = axl.ask("getCCMVersion", "<processNodeName>us-imp-sub1.ent-pa.com</processNodeName>")
    finally:
        lab.close()
    assert [one for one in found if one[1] == "CUCM IM and Presence"] == [
        (f"{name}.ent-pa.com", "CUCM IM and Presence", "Subscriber") for name in ("us-imp-pub", "us-imp-sub1")]
    assert version.findtext(".//version").startswith("15.")


@pytest.mark.parametrize(("change", "words"), [
    ({"collab_cm_cluster": "emea_cm"}, "must name its Unified CM cluster in this inventory, it is emea_cm"),
    ({"collab_cm_cluster": ""}, "it is not set"),
    ({"collab_cluster": "us_cm", "group_names": ["us_cm"]}, "collab_product is im_presence, the other nodes of us_cm are unified_cm"),
])
def test_a_presence_cluster_needs_its_unified_cm(change, words):
    inventory = hosts_of(names=CM)
    with_products("us-imp-pub")(inventory, {"clusters": {}})
    inventory["us-imp-pub"].update(change)
    with pytest.raises(BadInventory, match=words):
        populate(World(), inventory, {})


def test_a_peer_stands_in_for_a_cluster_that_is_not_there(run_lab):
    def change(hosts, estate):
        with_products("us-cuc-pub", "us-cuc-sub")(hosts, estate)
        estate["sip_peers"][0]["unless_cluster"] = "us_cuc"
        estate["sip_peers"][1]["unless_cluster"] = "us_imp"
        hosts["us-ldap1"] = {**hosts["us-ca"], "collab_product": "unheard-of", "ansible_host": hosts["us-ca"]["ansible_host"] + "1"}

    async def scenario(lab):
        return [peer.name for peer in lab.peers], lab.world.skipped

    assert run_lab(scenario, names=CM, change=change) == (["us-gw1"], ["us-ldap1"])


def test_each_product_has_its_services():
    names = {product: {kind.name for kind in kinds_of(product, 15.0)} for product in ("unified_cm", "im_presence", "unity_connection")}
    assert {"Cisco Tomcat", "Cisco DRF Local", "Platform Communication Web Service"} <= set.intersection(*names.values())
    assert "Cisco CallManager" not in names["im_presence"] | names["unity_connection"]
    assert {"Cisco XCP Router", "Cisco SIP Proxy", "Cisco Intercluster Sync Agent"} <= names["im_presence"] - names["unified_cm"]
    assert {"Connection Conversation Manager", "Connection IMAP Server", "Connection Jetty"} <= names["unity_connection"] - names["unified_cm"]
    assert "Cisco HAProxy" in names["unified_cm"] and "Cisco HAProxy" not in {kind.name for kind in kinds_of("unified_cm", 12.5)}


def test_the_router_takes_the_other_xcp_services_along(run_lab):
    async def scenario(lab):
        services = lab.world.node("us-imp-pub").services
        before = {name: services.find(name).starts for name in ("Cisco XCP Connection Manager", "Cisco SIP Proxy")}
        with pytest.raises(Refused):
            services.restart("Cisco XCP XMPP Federation Connection Manager")
        await services.restart("Cisco XCP Router")
        await lab.world.quiet()
        assert services.running("Cisco XCP Connection Manager") and not services.running("Cisco XCP XMPP Federation Connection Manager")
        assert services.find("Cisco XCP Connection Manager").starts == before["Cisco XCP Connection Manager"] + 1
        assert services.find("Cisco SIP Proxy").starts == before["Cisco SIP Proxy"]
        await services.stop("Cisco XCP Router")
        await lab.world.quiet()
        assert not services.running("Cisco XCP Connection Manager")
        await services.start("Cisco XCP Router")
        await lab.world.quiet()
        assert services.running("Cisco XCP Connection Manager")

    run_lab(scenario, names=CM, change=with_products("us-imp-pub", "us-imp-sub1"))


@pytest.mark.parametrize(("node", "path", "status"), [
    ("us-imp-pub", "/platformcom/api/v1/certmgr/config/snapshot/server", 200),
    ("us-cuc-sub", "/platformcom/api/v1/certmgr/config/snapshot/server", 200),
    ("us-imp-pub", "/cucm-uds/user/x", 404),
    ("us-cuc-pub", "/realtimeservice2/services/RISService70", 404),
])
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_web_surfaces_by_product(run_lab, node, path, status):
    async def scenario(lab):
        there = lab.world.node(node)
        account = there.credentials
        with requests.Session() as session:
            session.trust_env = False
            session.verify = False
            session.auth = (account.platform_user, account.platform_password)
            return await asyncio.to_thread(session.get, f"https://{there.address}:{there.ports['platform']}{path}", timeout=10)

    answer = run_lab(scenario, names=CM, change=with_products())
    assert answer.status_code == status
    if status == 200:
        services = [one["service"] for one in answer.json()["identities"]]
        assert services[:3] == ["tomcat", "tomcat-ECDSA", "ipsec"] and ("cup-xmpp" in services) == node.startswith("us-imp")


def test_a_snapshot_holds_all_products(run_lab):
    async def scenario(lab):
        lab.snapshots.take("before")
        imp, cuc = lab.world.node("us-imp-pub"), lab.world.node("us-cuc-pub")
        held = [node.certificates.identity("tomcat").certificate for node in (imp, cuc)]
        for node in (imp, cuc):
            node.certificates.regenerate("tomcat")
        await imp.services.stop("Cisco SIP Proxy")
        cuc.cluster.unity.encryption.enable()
        await lab.restore("before")
        assert [node.certificates.identity("tomcat").certificate for node in (imp, cuc)] == held
        assert imp.services.running("Cisco SIP Proxy") and 5060 in {one.port for one in imp.listeners.all()}
        assert not cuc.cluster.unity.encryption.enabled

    run_lab(scenario, names=CM, change=with_products())
