"""Each reading of what no source settles about the command line prints what it says (lab/ucm/vos_cli/unsure.py)."""

from __future__ import annotations

import pytest

from lab.ca.authority import Authority
from lab.ca.authority import pem
from lab.core.keys import load_key
from tests.lab.cli_client import Typist
from tests.lab.cli_client import connect
from tests.lab.cli_client import make_world
from tests.lab.cli_client import serving

READINGS = [
    ("cli_version_label", "active", "show version active", "Active Version: 15.0.1.11900-40\r\n"),
    ("cli_replication_layout", "old", "utils dbreplication runtimestate", "COMPLETED 754 tables checked out of 754\r\n"),
    ("cli_service_head", "full", "utils service list", "System SSH [STARTED] \r\nCluster Manager [STARTED] \r\n"),
    ("cli_command_successful", "absent", "utils service list", "Primary Node =true\r\n\radmin:"),
    ("cli_export_case", "upper", "show license status", "Export-Controlled Functionality: ALLOWED\r\n"),
    ("cli_cert_labels", "issuer-name", "show cert own tomcat", "  Issuer Name: CN="),
    ("cli_cert_labels", "issuer-dn", "show cert own tomcat", "IssuerDN: CN="),
    ("cli_sipoauth_status", "number", "utils sipOAuth-mode status", "ClusterSIPOAuthMode: 0\r\n"),
    ("cli_sipoauth_status", "absent", "utils sipOAuth-mode status", "Executed command unsuccessfully\r\n"),
    ("cli_csr_argument", "file-only", "show csr own tomcat", "The file tomcat does not exist\r\n"),
    ("cli_backup_history", "agent-down", "utils disaster_recovery history backup", "Unable to connect to Master Agent host: us-cm-pub, Port: 4040."),
    ("cli_backup_history", "last-failed", "utils disaster_recovery history backup", "TAR file not created"),
    ("cli_csr_ou", "not-asked", "set csr gen tomcat", "Successfully Generated CSR for tomcat."),
]


@pytest.fixture(scope="module")
def world():
    return make_world(network="127.78.6", estate={"licence": {"registration": "Registered", "export_control": "ALLOWED"}, "backup": {"hours_ago": 6}})


@pytest.fixture(scope="module")
def terminal(world, tmp_path_factory):
    with serving(world):
        client = connect(world.node("us-cm-pub"), tmp_path_factory.mktemp("ssh"))
        typist = Typist(client)
        typist.until("admin:")
        typist.run("set cli pagination off")
        yield typist
        client.close()


@pytest.fixture(autouse=True)
def default_readings(world):
    yield
    world.variants.clear()


@pytest.mark.parametrize(("name", "value", "command", "text"), READINGS)
def test_reading(world, terminal, name, value, command, text):
    world.set_variant(name, value)
    assert text in terminal.run(command)


@pytest.mark.parametrize(
    ("tail", "text"), [("reset-phones", "You must reset all phones"), ("restart-services", "Please Restart the TFTP and Cisco CallManager services")]
)
def test_what_mixed_mode_tells_to_do_next(world, terminal, tail, text):
    world.set_variant("cli_ctl_tail", tail)
    terminal.send("utils ctl set-cluster non-secure-mode\n")
    terminal.until("(y/n):")
    terminal.send("y")
    assert text in terminal.until("\radmin:")


@pytest.mark.parametrize(
    ("way", "text"),
    [("signed-by", "Certificate Signed by Enterprise Issuing CA 1"), ("ca-signed", "CA-signed certificate"), ("signed", "Signed Certificate")],
)
def test_how_a_signed_certificate_is_described(world, terminal, way, text):
    authority = Authority(world.clock.now, lambda: load_key(world.keys.rsa()))
    certificates = world.node("us-cm-pub").certificates
    certificates.upload_trust("TVS", [authority.root_pem(), pem(authority.issuing)])
    certificates.generate_request("TVS")
    certificates.upload_identity("TVS", authority.sign_request(certificates.request("TVS").csr, "CollabServer").certificate)
    world.set_variant("cli_cert_description", way)
    assert f"TVS/TVS.pem: {text}\r\n" in terminal.run("show cert list own")
