"""A small estate of its own for tests of the lab: four nodes, two trunks, a handful of phones, on addresses nobody else uses."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

NODES = {
    "us-cm-pub": ["publisher"],
    "us-cm-sub1": ["subscriber", "call_processing"],
    "us-cm-sub2": ["subscriber", "call_processing"],
    "us-cm-tftp1": ["subscriber", "tftp"],
}


def hosts_of(release: str = "15", names: tuple[str, ...] = tuple(NODES)) -> dict[str, dict]:
    """Host variables as the inventory reader gives them, on 127.100-227.x.y by process id (two runs must not collide)."""
    pid = os.getpid()
    prefix = f"127.{100 + pid // 250 % 128}.{pid % 250 + 1}"
    result = {
        name: {
            "collab_product": "unified_cm", "collab_cluster": "us_cm", "collab_release": release, "collab_domain": "ent-pa.com",
            "collab_roles": NODES[name], "ansible_host": f"{prefix}.{number}", "ansible_port": 20022, "collab_https_port": 8443,
            "collab_platform_port": 20443, "ansible_user": "osadmin", "ansible_password": "lab-pass-1",
            "collab_application_user": "svc", "collab_application_password": "lab-pass-2", "group_names": ["unified_cm", "us_cm"],
        }
        for number, name in enumerate(names, 1)
    }
    result["us-ca"] = {
        "collab_product": "adcs", "collab_domain": "ent-pa.com", "ansible_host": f"{prefix}.100", "collab_https_port": 20443,
        "collab_enterprise_ca_user": "enrol", "collab_enterprise_ca_password": "lab-pass-3", "group_names": ["certificate_authorities"],
    }
    return result


def estate_of(hosts: dict[str, dict]) -> dict:
    """Day 0 for `hosts_of`: a CUBE with TLS, a gateway without, three phones with and one soft phone without manufacturing certificate."""
    prefix = hosts["us-cm-pub"]["ansible_host"].rpartition(".")[0]
    phones = [{"name": f"SEP0011AABB000{n}", "model": "Cisco 8845", "protocol": "SIP", "device_pool": "US_DP_1", "mic": True} for n in (1, 2, 3)]
    phones.append({"name": "CSFJDOE", "model": "Cisco Unified Client Services Framework", "protocol": "SIP", "device_pool": "US_DP_1", "mic": False})
    members = [name for name in ("us-cm-sub1", "us-cm-sub2") if name in hosts] or ["us-cm-pub"]
    return {
        "clusters": {
            "us_cm": {
                "licence": {"registration": "Registered", "export_control": "ALLOWED"},
                "callmanager_groups": [{"name": "US_CMG_1", "members": members}],
                "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1"}],
                "phones": phones,
                "sip_trunk_security_profiles": [{"name": "CUBE Profile"}, {"name": "Gateway Profile"}],
                "trunks": [
                    {"name": "US_CUBE", "security_profile": "CUBE Profile", "device_pool": "US_DP_1",
                     "destinations": [{"address": f"{prefix}.201", "port": 5060}]},
                    {"name": "US_GW", "security_profile": "Gateway Profile", "device_pool": "US_DP_1",
                     "destinations": [{"address": f"{prefix}.202", "port": 5060}]},
                ],
            }
        },
        "sip_peers": [
            {"name": "us-cube1", "fqdn": "us-cube1.ent-pa.com", "address": f"{prefix}.201", "tls": "enterprise"},
            {"name": "us-gw1", "fqdn": "us-gw1.ent-pa.com", "address": f"{prefix}.202", "tls": "none"},
        ],
    }


@pytest.fixture
def run_lab(tmp_path: Path):
    """run_lab(scenario, release="15", names=..., change=None, speed=3000): builds the estate and awaits scenario(lab); the lab is gone afterwards."""

    def run(scenario, release: str = "15", names: tuple[str, ...] = tuple(NODES), change=None, speed: float = 3000.0):
        from lab.core.running import RunningLab

        hosts = hosts_of(release, names)
        estate = estate_of(hosts)
        if change is not None:
            change(hosts, estate)

        async def whole():
            lab = RunningLab(tmp_path / "lab", speed)
            try:
                await lab.build(hosts, estate)
                return await scenario(lab)
            finally:
                await lab.close()

        return asyncio.run(whole())

    return run
