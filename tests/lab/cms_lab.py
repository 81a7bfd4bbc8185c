"""A lab with clusters of Meeting Servers, and stock clients of MMP, SFTP and API."""

from __future__ import annotations

import os
import time
import warnings
from pathlib import Path
from xml.etree import ElementTree

import paramiko
import requests
import urllib3

from tests.lab.axl_lab import Lab

USER, PASSWORD = "admin", "MeetingServer-1"
API_USER, API_PASSWORD = "api", "MeetingApi-1"
NEW, OLD = "3.8", "2.9"
ROLES = {"us-cms1": ["primary", "callbridge", "database", "webbridge"], "us-cms2": ["callbridge", "database", "webbridge"], "us-cms3": ["database"],
         "us-cms4": ["callbridge"]}
DOMAIN = "cms.ent-pa.com"
SHARED, CLIENT, ROOT, FULL = "CAsignedCluster", "dbclusterclient", "rootCAcert.cer", "CAsignedCluster-full.cer"


def network(number: int = 0) -> str:
    """First three bytes of the addresses of this process's labs."""
    return f"127.{104 + number}.{os.getpid() % 250}"


def hosts(release: str, net: str, names: tuple[str, ...] = tuple(ROLES)) -> dict[str, dict]:
    """Variables of the servers."""
    return {name: {
        "collab_product": "meeting_server", "collab_cluster": "us_cms", "group_names": ["meeting_server", "us_cms"], "collab_release": release,
        "collab_roles": [*ROLES[name], *(["xmpp"] if release == OLD and name != "us-cms4" else [])], "collab_domain": "ent-pa.com",
        "ansible_host": f"{net}.{number}", "ansible_port": 20022, "collab_https_port": 20443, "ansible_user": USER, "ansible_password": PASSWORD,
        "collab_application_user": API_USER, "collab_application_password": API_PASSWORD, "collab_cluster_name": DOMAIN, "collab_cm_cluster": "us_cm",
    } for number, name in enumerate(names, 21)}


def started(directory: Path, release: str = NEW, number: int = 0, certificates: str = "none", speed: float = 6000.0) -> Lab:
    """The lab, running: a reboot takes 30 ms."""
    return Lab(directory, 0, speed=speed, estate={"clusters": {"us_cms": {"certificates": certificates}}}, variables=hosts(release, network(number)))


def appliance(lab: Lab, name: str):
    """One server."""
    return next(one for one in lab.world.appliances() if one.name == name)


def connected(lab: Lab, name: str = "us-cms1", user: str = USER, password: str = PASSWORD, **options) -> paramiko.SSHClient:
    """A stock paramiko client that is logged in."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(appliance(lab, name).address, 20022, user, password, look_for_keys=False, allow_agent=False, timeout=20, **options)
    return client


class Mmp:
    """The command line of one server, by a shell."""

    def __init__(self, lab: Lab, name: str = "us-cms1", user: str = USER, password: str = PASSWORD) -> None:
        self.lab, self.server = lab, appliance(lab, name).state
        self.client = connected(lab, name, user, password)
        self.channel = self.client.invoke_shell(width=500)
        self.prompt = self.until("> ").rpartition("\n")[2]

    def until(self, end: str, seconds: float = 8) -> str:
        """What comes until it ends with something, with plain line ends."""
        text, limit = "", time.monotonic() + seconds
        while not text.endswith(end):
            self.channel.settimeout(max(0.1, limit - time.monotonic()))
            data = self.channel.recv(65536)
            assert data, f"the session has ended: {text!r}"
            text = (text + data.decode()).replace("\r\n", "\n")
        return text

    def ask(self, line: str, *answers: tuple[str, str]) -> str:
        """The output of a command. answers: (end of a question, what is typed)."""
        self.channel.sendall((line + "\n").encode())
        said = ""
        for question, answer in answers:
            said += self.until(question)
            self.channel.sendall((answer + "\n").encode())
        said += self.until("\n" + self.prompt)
        if line.endswith((" enable", " restart")):
            # The command has returned; what it started answers some moments later.
            self.lab.do(self.lab.world.quiet())
        return said.removeprefix(line + "\n").removesuffix(self.prompt)

    def done(self, line: str, *answers: tuple[str, str]) -> str:
        """The output of a command that must not fail."""
        said = self.ask(line, *answers)
        assert "FAILURE" not in said and "Unknown" not in said and "Usage" not in said, said
        return said

    def fields(self, line: str) -> dict[str, str]:
        """`label : value` lines of a status."""
        return {key.strip(): value.strip() for key, colon, value in (row.partition(" : ") if " : " in row else row.partition(": ")
                                                                     for row in self.ask(line).splitlines()) if colon}

    def put(self, name: str, content: str | bytes) -> None:
        """A file by SFTP."""
        with self.client.open_sftp() as sftp, sftp.open(name, "w") as file:
            file.write(content)

    def get(self, name: str) -> bytes:
        """The same the other way."""
        with self.client.open_sftp() as sftp, sftp.open(name) as file:
            return file.read()

    def close(self) -> None:
        """Log out."""
        self.client.close()


class Api:
    """The REST API of one server. The certificate is not what these tests are about."""

    def __init__(self, lab: Lab, name: str = "us-cms1", user: str = API_USER, password: str = API_PASSWORD) -> None:
        self.root = f"https://{appliance(lab, name).address}:20443"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth, self.session.verify = (user, password), False

    def send(self, method: str, path: str, **fields: str) -> requests.Response:
        """A request below /api/v1."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            options = {"params": fields} if method == "GET" else {"data": fields}
            return self.session.request(method, f"{self.root}/api/v1/{path}", timeout=20, **options)

    def get(self, path: str, **fields: str) -> ElementTree.Element:
        """An answer that must succeed."""
        response = self.send("GET", path, **fields)
        assert response.status_code == 200 and response.headers["Content-Type"].startswith("text/xml"), response.text
        return ElementTree.fromstring(response.text)

    def make(self, path: str, **fields: str) -> str:
        """The id of a new object."""
        response = self.send("POST", path, **fields)
        assert (response.status_code, response.text) == (200, ""), response.text
        return response.headers["Location"].rpartition("/")[2]

    def refused(self, method: str, path: str, **fields: str) -> str:
        """The reason of a request that must be refused."""
        response = self.send(method, path, **fields)
        assert response.status_code == 400, response.text
        return ElementTree.fromstring(response.text)[0].tag


def sign(lab: Lab, csr: bytes, template: str = "CollabServer") -> str:
    """The enterprise CA's certificate for a request, leaf alone."""
    entry = lab.call(lambda: lab.world.ca.sign_request(csr.decode(), template))
    assert entry.status == "issued", entry.message
    end = "-----END CERTIFICATE-----\n"
    return entry.certificate.partition(end)[0] + end


def ca_chain(lab: Lab) -> str:
    """The enterprise CA's certificates, the issuing one first."""
    return lab.call(lambda: lab.world.ca.chain_pem())


def until(condition, seconds: float = 10.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.005)
