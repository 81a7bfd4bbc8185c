"""A lab with two Unified CM clusters (15 and 12.5) in one ILS network, with LBM hubs and trunks to each other; an administrator's hands on them."""

from __future__ import annotations

from pathlib import Path

from tests.lab.axl_lab import Axl
from tests.lab.axl_lab import Lab
from tests.lab.axl_lab import hosts
from tests.lab.axl_lab import network

NODES = {"emea-cm-pub": ["publisher"], "emea-cm-sub1": ["subscriber", "call_processing"]}
APAC = {"role": "spoke", "registration_server": "us-cm-pub.ent-pa.com", "password": "one-for-all", "synchronize_every": 60, "route_string": "apac.ent-pa.com"}
ILS, LBM, CALL_MANAGER = "Cisco Intercluster Lookup Service", "Cisco Location Bandwidth Manager", "Cisco CallManager"
PASSWORD = "one-for-all"


def variables(number: int) -> dict:
    """Hosts of both clusters."""
    net = network(number)
    us = hosts(net)
    result = {name: us[name] for name in ("us-cm-pub", "us-cm-sub1")}
    for place, (name, roles) in enumerate(NODES.items(), 21):
        result[name] = {**us["us-cm-pub"], "collab_cluster": "emea_cm", "collab_release": "12.5", "collab_roles": roles, "group_names": ["emea_cm"],
                        "ansible_host": f"{net}.{place}"}
    return result


def estate(number: int) -> dict:
    """Day 0 of both: ILS by password, LBM insecure, trunks by TCP."""
    net = network(number)

    def cluster(short: str, trunk: str, far: int, ils: dict, hubs: list[str]) -> dict:
        return {
            "callmanager_groups": [{"name": "CMG", "members": [f"{short}-cm-sub1"]}],
            "device_pools": [{"name": "DP", "callmanager_group": "CMG"}],
            "sip_trunk_security_profiles": [{"name": "ICT Profile"}],
            "trunks": [{"name": trunk, "security_profile": "ICT Profile", "device_pool": "DP", "destinations": [{"address": f"{net}.{far}"}]}],
            "ils": {"password": PASSWORD, "synchronize_every": 60, "route_string": f"{short}.ent-pa.com", **ils},
            "lbm_hub_group": {"name": "LBM", "bootstrap": ["us-cm-sub1.ent-pa.com", "emea-cm-sub1.ent-pa.com"], "hubs": hubs},
            "parameters": {"Enterprise Wide": {"ClusterID": short.upper()}},
        }

    return {"clusters": {
        "us_cm": cluster("us", "EMEA_ICT", 22, {"role": "hub"}, ["us-cm-sub1"]),
        "emea_cm": cluster("emea", "US_ICT", 2, {"role": "spoke", "registration_server": "us-cm-pub.ent-pa.com"}, ["emea-cm-sub1"]),
    }}


def started_with_a_second_spoke(directory: Path, number: int = 8) -> Lab:
    """The lab with one cluster more, of one node, that registers with the same hub."""
    nodes, day_zero = variables(number), estate(number)
    nodes["apac-cm-pub"] = {**nodes["emea-cm-pub"], "collab_cluster": "apac_cm", "group_names": ["apac_cm"], "ansible_host": f"{network(number)}.31"}
    day_zero["clusters"]["apac_cm"] = {"ils": APAC, "parameters": {"Enterprise Wide": {"ClusterID": "APAC"}}}
    return Lab(directory, number, speed=60.0, estate=day_zero, variables=nodes)


def started(directory: Path, number: int = 7) -> Lab:
    """The lab, running."""
    return Lab(directory, number, speed=60.0, estate=estate(number), variables=variables(number))


class Two:
    """Both clusters: us and emea are AXL clients of the publishers."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.world = lab, lab.world
        self.us, self.emea = Axl(lab, "us-cm-pub"), Axl(lab, "emea-cm-pub", "12.5")

    def trust(self, unit: str, template: str = "CollabServer", clusters: tuple[str, ...] = ("us_cm", "emea_cm"), trusted: bool = True) -> None:
        """Certificates of the enterprise CA for a unit; trusted: and the CA in the trust stores of the clusters."""
        def act() -> None:
            for name in clusters:
                publisher = self.world.clusters[name].publisher.certificates
                if trusted:
                    publisher.upload_trust(["tomcat", "CallManager"], self.world.ca.chain_pem())
                request = publisher.generate_request(unit, "multi-server").csr
                publisher.upload_identity(unit, self.world.ca.sign_request(request, template).certificate)
        self.lab.call(act)
        self.world.clock.advance(60)

    def restart(self, service: str, *nodes: str) -> None:
        """Restart a service on nodes, and let all come to rest."""
        async def act() -> None:
            for name in nodes:
                await self.world.node(name).services.restart(service)
        self.lab.do(act())

    def settle(self) -> None:
        """Until all has come to rest."""
        self.world.clock.advance(200)
        self.lab.do(self.world.quiet())

    def wait(self, minutes: float) -> None:
        """Virtual minutes pass."""
        self.world.clock.advance(minutes * 60 / self.world.speed)

    def ils(self, axl: Axl, role: str = "Hub Cluster", server: str = "", tls: bool = True, password: str | None = PASSWORD, every: str = "60") -> str:
        """The content of updateIlsConfig."""
        values = {"role": role, "registrationServer": server, "activateIls": "true", "synchronizeClustersEvery": every, "activatedServers": "",
                  "deactivatedServers": "", "useTls": str(tls).lower(), "enableUsePassword": str(password is not None).lower(), "usePassword": password or ""}
        return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())

    def secure_ils(self, *, us: dict | None = None, emea: dict | None = None) -> None:
        """Settings on the ends that are given, and their restart."""
        if us is not None:
            self.us.ask("updateIlsConfig", self.ils(self.us, **us))
            self.restart(ILS, "us-cm-pub")
        if emea is not None:
            self.emea.ask("updateIlsConfig", self.ils(self.emea, **{"role": "Spoke Cluster", "server": "us-cm-pub.ent-pa.com", **emea}))
            self.restart(ILS, "emea-cm-pub")

    def seen(self, axl: Axl, cluster_id: str) -> str:
        """What a cluster says of another one: its synchronisation status."""
        return axl.ask("getIlsConfig", f"<clusterId>{cluster_id}</clusterId><returnedTags/>").findtext("return/ilsConfig/syncronizationStatus")

    @property
    def both(self) -> tuple[str, str]:
        """What each end says of the other."""
        return self.seen(self.us, "EMEA"), self.seen(self.emea, "US")
