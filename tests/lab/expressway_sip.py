"""What the tests of Expressway's zones share: pairs of zones, certificates of every kind, and stock `openssl s_client` as a caller."""

from __future__ import annotations

import subprocess

from lab.core.keys import load_key
from lab.expressway.certificates import Identity
from lab.expressway.links import refresh
from lab.ucm import x509
from tests.lab.expressway_cli import appliance_of
from tests.lab.expressway_lab import CLIENT
from tests.lab.expressway_lab import SERVER
from tests.lab.expressway_lab import UC_CLIENT
from tests.lab.expressway_lab import UC_SERVER
from tests.lab.expressway_lab import Api
from tests.lab.expressway_lab import until

USER, PASSWORD = "us-expc", "lab-Traversal-1"
# Certificates of the enterprise CA on all peers, and the account of the traversal zones on Expressway-E.
ESTATE = {"us_expc": {"certificates": "enterprise"}, "us_expe": {"certificates": "enterprise", "credentials": {USER: PASSWORD}}}
EDGES = ["us-expe1.ent-pa.com", "us-expe2.ent-pa.com"]
UC = {"client": {"Name": "UC Traversal", "PeerAddress": EDGES, "SIPPort": 7001, "AuthenticationUserName": USER, "AuthenticationPassword": PASSWORD},
      "server": {"Name": "UC Traversal", "SIPPort": 7001, "AuthenticationUserName": USER, "SIPTLSVerifySubjectName": "us-expc.ent-pa.com"}}
B2B = {"client": {**UC["client"], "Name": "B2B Traversal", "SIPPort": 7002, "SIPTLSVerifyMode": "On"},
       "server": {**UC["server"], "Name": "B2B Traversal", "SIPPort": 7002, "SIPTLSVerifyMode": "On"}}
PATHS = {"uc": (UC_CLIENT, UC_SERVER), "b2b": (CLIENT, SERVER)}


class Pair:
    """A traversal client zone on Expressway-C and a traversal server zone on Expressway-E. kind: uc or b2b; client, server: what is different."""

    def __init__(self, lab, kind: str = "uc", client: dict | None = None, server: dict | None = None) -> None:
        self.lab, self.paths = lab, PATHS[kind]
        base = UC if kind == "uc" else B2B
        self.control, self.edge = Api(lab), Api(lab, "us-expe1")
        self.name = base["client"]["Name"]
        self.edge.done("POST", self.paths[1], {**base["server"], **(server or {})})
        until(lambda: lab.call(lambda: self.edge.peer.cluster.in_step(self.edge.peer.cluster.peers[-1])))
        self.control.done("POST", self.paths[0], {**base["client"], **(client or {})})

    def result(self, edge: bool = False):
        """What came of the zone, freshly looked at."""
        peer = (self.edge if edge else self.control).peer
        self.lab.do(refresh(peer))
        return peer.zone_results[self.name]

    def states(self) -> tuple[str, str]:
        """On both sides, as REST has it."""
        return tuple(api.get(path)[0]["Status"] for api, path in zip((self.control, self.edge), self.paths, strict=True))

    def becomes(self, state: str) -> None:
        """Wait for a state on both sides."""
        until(lambda: self.states() == (state, state))


def certificate(lab, name: str, names: list[str] | None = None, profile: str = "both", issuer: str = "enterprise", also_client: bool = True) -> None:
    """Give a peer a certificate that is in force at once. issuer: enterprise or self; also_client: into the client store of X15.5, too."""
    world, one = lab.world, appliance_of(lab, name)

    def install() -> None:
        key = world.keys.rsa()
        wanted = names if names is not None else [one.fqdn, str(one.variables["collab_cluster_name"])]
        if issuer == "self":
            identity = Identity(x509.self_signed("sip", x509.subject(wanted[0], {}), key, world.clock.now(), wanted, 100), key)
        else:
            leaf = world.ca.issue(load_key(key).public_key(), wanted[0], wanted, profile)
            identity = Identity(x509.to_pem(leaf), key, (x509.to_pem(world.ca.issuing),))
        with one.state.change(shared=False):
            one.state.certificates.installed = identity
            if also_client:
                one.state.certificates.client = identity
            one.state.certificates.activate()

    lab.call(install)


def trust(lab, name: str, *pems: str) -> None:
    """Make these all that a peer trusts."""
    one = appliance_of(lab, name)

    def install() -> None:
        with one.state.change(shared=False):
            one.state.certificates.listed = tuple(pems)
            one.state.certificates.activate()

    lab.call(install)


def client_files(lab, directory, names: list[str], profile: str = "both", trusted: bool = True) -> list[str]:
    """Arguments of openssl for a client with a certificate of the enterprise CA, or of its own."""
    world = lab.world

    def make() -> tuple[str, str]:
        key = world.keys.rsa()
        if not trusted:
            return x509.self_signed("sip", x509.subject(names[0], {}), key, world.clock.now(), names, 100), key
        leaf = world.ca.issue(load_key(key).public_key(), names[0], names, profile)
        return x509.to_pem(leaf) + x509.to_pem(world.ca.issuing), key

    chain, key = lab.call(make)
    place = directory / "client.pem"
    place.write_text(key + chain)
    return ["-cert", str(place), "-cert_chain", str(place)]


def openssl(address: str, port: int, *arguments: str) -> str:
    """What `openssl s_client` shows of a handshake."""
    command = ["openssl", "s_client", "-connect", f"{address}:{port}", "-tls1_2", *arguments]
    return subprocess.run(command, input="", capture_output=True, text=True, timeout=20, check=False).stdout


OPTIONS = "OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TLS x;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"


def asked(address: str, port: int, *arguments: str, source: str = "", text: str = OPTIONS) -> str:
    """The status line that a caller by TLS gets (to OPTIONS), "" when there is no answer."""
    bound = ["-bind", f"{source}:0"] if source else []
    command = ["openssl", "s_client", "-connect", f"{address}:{port}", "-tls1_2", *bound, *arguments, "-quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            process.stdin.write(text)
            process.stdin.flush()
        except BrokenPipeError:
            return ""
        line = process.stdout.readline().strip()
        process.kill()
        return line
