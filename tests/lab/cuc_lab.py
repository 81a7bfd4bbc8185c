"""A lab with a Unity Connection cluster beside its Unified CM cluster, and a raw CUPI client."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import requests
import urllib3
from lxml import etree

from tests.lab.axl_lab import PASSWORD
from tests.lab.axl_lab import USER
from tests.lab.axl_lab import Lab
from tests.lab.axl_lab import hosts
from tests.lab.axl_lab import network

NODES = {"us-cuc-pub": ["publisher"], "us-cuc-sub": ["subscriber"]}


def variables(number: int) -> dict:
    """Hosts of both clusters, and the enterprise CA's."""
    net = network(number)
    result = hosts(net)
    for place, (name, roles) in enumerate(NODES.items(), 11):
        result[name] = {**result["us-cm-pub"], "collab_product": "unity_connection", "collab_cluster": "us_cuc", "collab_roles": roles,
                        "collab_cm_cluster": "us_cm", "group_names": ["us_cuc"], "ansible_host": f"{net}.{place}"}
    return result


def estate(number: int) -> dict:
    """Day 0: Unity Connection on 5060 with both call-processing nodes, the trunk to it, no TFTP server."""
    net = network(number)
    unified_cm = {
        "callmanager_groups": [{"name": "US_CMG_1", "members": ["us-cm-sub1", "us-cm-sub2"]}],
        "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1"}],
        "sip_trunk_security_profiles": [{"name": "Unity Profile"}],
        "trunks": [{"name": "US_UNITY", "security_profile": "Unity Profile", "device_pool": "US_DP_1",
                    "destinations": [{"address": f"{net}.11", "port": 5060}, {"address": f"{net}.12", "port": 5060}]}],
    }
    return {"clusters": {"us_cm": unified_cm, "us_cuc": {}}}


def started(directory: Path, number: int = 5, speed: float = 600.0) -> Lab:
    """The lab, running."""
    return Lab(directory, number, speed=speed, estate=estate(number), variables=variables(number))


class Cupi:
    """CUPI of one node. JSON unless told."""

    def __init__(self, lab: Lab, node: str = "us-cuc-pub", user: str = USER, password: str = PASSWORD) -> None:
        self.lab, self.node = lab, lab.world.node(node)
        self.base = f"https://{self.node.address}:20443/vmrest"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (user, password)
        self.session.verify = False

    def send(self, method: str, path: str, body: dict | str | None = None, accept: str = "application/json", kind: str = "application/json",
             **options) -> requests.Response:
        """Any request. The certificate is not what these tests are about."""
        text = json.dumps(body) if isinstance(body, dict) else body
        headers = {"Accept": accept, **({"Content-Type": kind} if text is not None else {})}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            return self.session.request(method, self.base + path, data=text, headers=headers, timeout=20, **options)

    def get(self, path: str, **options) -> dict:
        """A JSON answer that must succeed."""
        response = self.send("GET", path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def xml(self, path: str) -> etree._Element:
        """An XML answer that must succeed."""
        response = self.send("GET", path, accept="*/*")
        assert response.status_code == 200 and response.headers["Content-Type"].startswith("application/xml")
        return etree.fromstring(response.content)

    def rows(self, path: str, element: str) -> list[dict]:
        """All objects of a list."""
        found = self.get(path).get(element, [])
        return [found] if isinstance(found, dict) else found

    def add(self, path: str, body: dict) -> str:
        """A POST that must succeed: the new object's address below /vmrest."""
        response = self.send("POST", path, body)
        assert response.status_code == 201, response.text
        return response.text.removeprefix("/vmrest")

    def change(self, path: str, **body: object) -> None:
        """A PUT that must be answered with 204."""
        response = self.send("PUT", path, body)
        assert (response.status_code, response.content) == (204, b""), response.text

    def refused(self, method: str, path: str, body: dict | str | None = None, status: int = 400, **options) -> str:
        """The message of a request that must be refused, and change nothing."""
        before = self.lab.call(self._tables)
        response = self.send(method, path, body, **options)
        assert response.status_code == status, response.text
        assert self.lab.call(self._tables) == before
        return response.json()["errors"]["message"]

    def _tables(self) -> dict:
        return {name: dict(rows) for name, rows in self.node.cluster.unity._tables.items()}

    @property
    def group(self) -> str:
        """The address of port group PhoneSystem-1."""
        return "/portgroups/" + self.rows("/portgroups?query=(DisplayName is PhoneSystem-1)", "PortGroup")[0]["ObjectId"]
