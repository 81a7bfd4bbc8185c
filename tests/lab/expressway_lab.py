"""A lab with clusters of Expressway, and a raw client of a peer's REST API and XML."""

from __future__ import annotations

import os
import subprocess
import time
import warnings
from pathlib import Path

import requests
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.lab import axl_lab
from tests.lab.axl_lab import Lab

USER, PASSWORD = "admin", "Expressway-1"
NODES = {"us-expc1": ("expressway_c", "us_expc", "primary", 31), "us-expc2": ("expressway_c", "us_expc", "peer", 32),
         "us-expe1": ("expressway_e", "us_expe", "primary", 41), "us-expe2": ("expressway_e", "us_expe", "peer", 42)}
SERVERS = (("us-imp-pub", "im_presence", "us_imp"), ("us-imp-sub1", "im_presence", "us_imp"), ("us-cuc-pub", "unity_connection", "us_cuc"),
           ("us-cuc-sub", "unity_connection", "us_cuc"))
BASE = "/api/provisioning"
NEIGHBOR, DNS, CLIENT, SERVER = "/common/zone/neighborzone", "/common/zone/dnszone", "/controller/zone/traversalclient", "/edge/zone/traversalserver"
UC_CLIENT, UC_SERVER = "/controller/zone/unifiedcommunicationstraversal", "/edge/zone/unifiedcommunicationstraversal"


def network(second: bool = False) -> str:
    """First three bytes of the addresses of this process's labs; second: of one that runs beside another."""
    return f"127.101.{os.getpid() % 125 + 125 * second}"


def hosts(release: str = "15.4", names: tuple[str, ...] = tuple(NODES), net: str = "") -> dict[str, dict]:
    """Variables of the peers."""
    net = net or network()
    result = {}
    for name in names:
        product, cluster, role, number = NODES[name]
        result[name] = {
            "collab_product": product, "collab_cluster": cluster, "group_names": ["expressway", cluster], "collab_roles": [role],
            "collab_release": release, "collab_domain": "ent-pa.com", "ansible_host": f"{net}.{number}", "ansible_port": 20022, "collab_https_port": 20443,
            "ansible_user": USER, "ansible_password": PASSWORD, "collab_cluster_name": f"{cluster.replace('_', '-')}.ent-pa.com",
            "collab_cm_cluster": "us_cm", "collab_edge_cluster": "us_expe"}
    return result


def started(directory: Path, release: str = "15.4", names: tuple[str, ...] = tuple(NODES), estate: dict | None = None, speed: float = 6000.0,
            second: bool = False) -> Lab:
    """The lab, running: a replication takes 5 ms, a restart 30."""
    clusters = {"us_expc": {}, "us_expe": {}} if estate is None else estate
    return Lab(directory, 0, speed=speed, estate={"clusters": clusters}, variables=hosts(release, names, network(second)))


def with_servers(directory: Path, release: str = "15.4", cm_release: str = "15", speed: float = 6000.0) -> Lab:
    """A lab with the Expressways, and behind them two nodes each of Unified CM, IM and Presence and Unity Connection."""
    net = network()
    variables = axl_lab.hosts(net, cm_release)
    for name in ("us-cm-sub2", "us-cm-tftp1"):
        del variables[name]
    for number, (name, product, cluster) in enumerate(SERVERS, 11):
        variables[name] = {**variables["us-cm-pub"], "collab_product": product, "collab_cluster": cluster, "collab_cm_cluster": "us_cm",
                           "collab_roles": ["publisher" if name.endswith("pub") else "subscriber"], "group_names": [cluster], "ansible_host": f"{net}.{number}"}
    variables |= hosts(release, net=net)
    unified_cm = {"callmanager_groups": [{"name": "US_CMG_1", "members": ["us-cm-sub1"]}],
                  "device_pools": [{"name": "US_DP_1", "callmanager_group": "US_CMG_1"}]}
    estate = {"clusters": {"us_cm": unified_cm, "us_imp": {}, "us_cuc": {}, "us_expc": {}, "us_expe": {}}}
    return Lab(directory, 0, speed=speed, estate=estate, variables=variables)


class Api:
    """The REST API of one peer."""

    def __init__(self, lab: Lab, name: str = "us-expc1", user: str = USER, password: str = PASSWORD, csrf: bool = True) -> None:
        self.lab = lab
        self.appliance = next(one for one in lab.world.appliances() if one.name == name)
        self.peer = self.appliance.state
        self.root = f"https://{self.appliance.address}:20443"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (user, password)
        self.session.verify = False
        if csrf:
            self.session.headers["X-CSRF-Header"] = "lab"

    def send(self, method: str, path: str, body: object = None, **options) -> requests.Response:
        """Any request below /api/provisioning, or at a whole path. The certificate is not what these tests are about."""
        whole = path if path.startswith(("/api", "/status", "/getxml", "/config", "/putxml", "/formputxml")) else BASE + path
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            return self.session.request(method, self.root + whole, timeout=20, **({"json": body} if body is not None else {}), **options)

    def get(self, path: str):
        """A JSON answer that must succeed."""
        response = self.send("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    def done(self, method: str, path: str, body: object = None, **options) -> str:
        """The message of a write that must succeed."""
        response = self.send(method, path, body, **options)
        assert response.status_code in (200, 201), response.text
        return response.json()["Message"]

    def refused(self, method: str, path: str, body: object = None, status: int = 400, **options) -> str:
        """The message of a write that must be refused, and change nothing."""
        before = self.state()
        response = self.send(method, path, body, **options)
        assert response.status_code == status, response.text
        assert self.state() == before
        return response.json()["Message"]

    def state(self) -> str:
        """All that a peer holds, to compare."""
        kept = self.lab.call(lambda: (self.peer.shared, self.peer.own, self.peer.certificates.save()))
        return repr(kept)

    def upload(self, path: str, pem: str, part: str = "file") -> requests.Response:
        """A certificate as a form."""
        return self.send("POST", path, files={part: ("file.pem", pem, "application/x-pem-file")})

    def restart(self) -> None:
        """Restart, and wait until it is done."""
        count = self.peer.restarts
        self.done("POST", "/restart")
        until(lambda: self.peer.restarts > count)

    def openssl(self) -> str:
        """What `openssl s_client` shows of the web server's certificate."""
        command = ["openssl", "s_client", "-connect", self.root.removeprefix("https://"), "-showcerts"]
        return subprocess.run(command, input="", capture_output=True, text=True, timeout=20, check=False).stdout


def until(condition, seconds: float = 10.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.005)


def sign(lab: Lab, csr: str, template: str = "CollabServer") -> str:
    """The enterprise CA's certificate for a request, with the issuing CA's behind it."""
    entry = lab.call(lambda: lab.world.ca.sign_request(csr, template))
    assert entry.status == "issued", entry.message
    return entry.certificate


def ca_chain(lab: Lab) -> str:
    """The enterprise CA's certificates."""
    return lab.call(lab.world.ca.chain_pem)


def foreign_csr() -> str:
    """A request by a key that no peer has."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x.ent-pa.com")]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
