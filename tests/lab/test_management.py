"""Management servers: what a person does at each of them, by the lab's command, and what openssl and a stock VOS client see of it."""

from __future__ import annotations

import base64
import os
import subprocess

import pytest
import requests
from cryptography import x509 as c509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from lab.core.control import Control
from lab.management.server import Refused
from lab.ucm import x509
from tests.lab import cms_lab
from tests.lab.axl_lab import Lab
from tests.lab.cli_client import Typist
from tests.lab.cli_client import connect

HOSTS = {"us-cmm1": ("meeting_management", "3.8", 61), "us-tms1": ("tms", "15.13", 62), "us-pcd1": ("prime_deployment", "15", 63),
         "us-pcp1": ("prime_provisioning", "12.6", 64)}
USER, PASSWORD = "osadmin", "Management-1"
WSMAN_IDENTIFY = ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
                  'xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>')


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """All four servers."""
    net = f"127.106.{os.getpid() % 250}"
    variables = {name: {
        "collab_product": product, "collab_release": release, "collab_cluster": name.replace("-", "_"), "group_names": [name.replace("-", "_")],
        "collab_roles": ["publisher" if product == "prime_deployment" else "primary"], "collab_domain": "ent-pa.com", "ansible_host": f"{net}.{number}",
        "ansible_port": 20986 if product == "tms" else 20022, "collab_https_port": 20443, "collab_platform_port": 20443, "ansible_user": USER,
        "ansible_password": PASSWORD} for name, (product, release, number) in HOSTS.items()}
    lab = Lab(tmp_path_factory.mktemp("management"), 0, speed=6000.0, estate={"clusters": {}}, variables=variables)
    lab.snapshot("day0")
    yield lab
    lab.close()


@pytest.fixture
def lab(running):
    """On day 0."""
    running.restore("day0")
    return running


def state(lab, name: str):
    """What stands behind a host."""
    return cms_lab.appliance(lab, name).state


def act(lab, name: str, action: str, password: str = "", **given: bytes) -> dict:
    """What `manage NAME ACTION` does."""
    files = {key: base64.b64encode(content).decode() for key, content in given.items()}
    return lab.call(lambda: Control(lab._lab).do_manage(name, action, files, password))


def restarted(lab, name: str) -> None:
    """Restart, and wait until it is done."""
    count = state(lab, name).restarts
    act(lab, name, "restart")
    cms_lab.until(lambda: state(lab, name).restarts > count)


def served(address: str) -> str:
    """Fingerprint of what openssl sees."""
    shown = subprocess.run(["openssl", "s_client", "-connect", f"{address}:20443", "-showcerts"], input="", capture_output=True, text=True, timeout=20,
                           check=False).stdout
    return x509.fingerprint("-----BEGIN" + shown.partition("-----BEGIN")[2].partition("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n")


def made(lab, name: str) -> tuple[bytes, bytes, bytes]:
    """(key, leaf, chain) by the enterprise CA, made outside as the guide says."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    leaf = lab.call(lambda: lab.world.ca.issue(key.public_key(), name, [name]))
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return text, x509.to_pem(leaf).encode(), cms_lab.ca_chain(lab).encode()


def test_meeting_management(lab):
    """Key and certificate are uploaded, and served after the restart."""
    address, before = cms_lab.appliance(lab, "us-cmm1").address, served(cms_lab.appliance(lab, "us-cmm1").address)
    assert before == state(lab, "us-cmm1").status()["served"]
    key, leaf, chain = made(lab, "us-cmm1.ent-pa.com")
    act(lab, "us-cmm1", "upload", certificate=leaf + chain, key=key)
    assert served(address) == before
    restarted(lab, "us-cmm1")
    assert served(address) == x509.fingerprint(leaf.decode())


def test_meeting_management_that_serves_at_once(lab):
    lab.world.set_variant("management_restart", "live")
    key, leaf, _chain = made(lab, "us-cmm1.ent-pa.com")
    act(lab, "us-cmm1", "upload", certificate=leaf, key=key)
    assert served(cms_lab.appliance(lab, "us-cmm1").address) == x509.fingerprint(leaf.decode())


def test_a_key_that_is_not_the_certificates(lab):
    _key, leaf, _chain = made(lab, "us-cmm1.ent-pa.com")
    other, _leaf, _more = made(lab, "us-cmm1.ent-pa.com")
    with pytest.raises(Refused, match="does not match"):
        act(lab, "us-cmm1", "upload", certificate=leaf, key=other)


def test_provisioning(lab):
    """Its own request, a leaf alone, LDAP's certificate beside it."""
    csr = act(lab, "us-pcp1", "csr")["csr"]
    request = c509.load_pem_x509_csr(csr.encode())
    assert request.public_key().key_size == 2048 and isinstance(request.signature_hash_algorithm, hashes.SHA256)
    leaf = cms_lab.sign(lab, csr.encode())
    act(lab, "us-pcp1", "upload", certificate=leaf.encode())
    ldap = made(lab, "us-ldap1.ent-pa.com")[1]
    assert act(lab, "us-pcp1", "upload-ldap", certificate=ldap)["ldap"] == x509.fingerprint(ldap.decode())
    restarted(lab, "us-pcp1")
    assert served(cms_lab.appliance(lab, "us-pcp1").address) == x509.fingerprint(leaf)


def test_provisioning_takes_no_chain(lab):
    csr = act(lab, "us-pcp1", "csr")["csr"]
    with pytest.raises(Refused, match="chains are not supported"):
        act(lab, "us-pcp1", "upload", certificate=(cms_lab.sign(lab, csr.encode()) + cms_lab.ca_chain(lab)).encode())


def bundle(lab, password: str) -> tuple[bytes, str]:
    """(PKCS#12 of a certificate for TMS, fingerprint)."""
    key, leaf, _chain = made(lab, "us-tms1.ent-pa.com")
    made_of = serialization.load_pem_private_key(key, None), c509.load_pem_x509_certificate(leaf)
    return pkcs12.serialize_key_and_certificates(b"us-tms1-cert-key", *made_of, None, serialization.BestAvailableEncryption(password.encode())), \
        x509.fingerprint(leaf.decode())


def test_tms(lab):
    """Steps 6 to 10 of the guide."""
    pfx, fingerprint = bundle(lab, "Transport-1")
    with pytest.raises(Refused, match="password"):
        act(lab, "us-tms1", "import-pfx", "wrong", pfx=pfx)
    assert len(act(lab, "us-tms1", "import-root", certificate=cms_lab.ca_chain(lab).encode())["roots"]) == 2
    act(lab, "us-tms1", "import-pfx", "Transport-1", pfx=pfx)
    act(lab, "us-tms1", "permit")
    act(lab, "us-tms1", "tools")
    assert act(lab, "us-tms1", "bind")["served"] == fingerprint == served(cms_lab.appliance(lab, "us-tms1").address)
    assert state(lab, "us-tms1").status()["presented"] == ""
    restarted(lab, "us-tms1")
    assert state(lab, "us-tms1").status()["presented"] == fingerprint


def test_tms_tools_lists_what_it_can_read(lab):
    pfx, _fingerprint = bundle(lab, "Transport-1")
    act(lab, "us-tms1", "import-pfx", "Transport-1", pfx=pfx)
    with pytest.raises(Refused, match="cannot be read"):
        act(lab, "us-tms1", "tools")


def test_iis_binds_what_is_in_the_store(lab):
    with pytest.raises(Refused, match="no such certificate"):
        act(lab, "us-tms1", "bind")


def wsman(lab, body: str, **options) -> requests.Response:
    """A request to WinRM; its certificate is the pinned one."""
    appliance = cms_lab.appliance(lab, "us-tms1")
    session = requests.Session()
    session.trust_env = False
    session.verify = str(lab.world.directory / "pins" / "us-tms1.ent-pa.com.pem")
    session.mount("https://", requests.adapters.HTTPAdapter())
    session.get_adapter("https://").init_poolmanager(2, 2, assert_hostname="us-tms1.ent-pa.com")
    return session.post(f"https://{appliance.address}:20986/wsman", data=body, timeout=20, **options)


def test_winrm_says_who_it_is_and_no_more(lab):
    """Without login only Identify; with a wrong one nothing; a shell is refused aloud."""
    assert wsman(lab, WSMAN_IDENTIFY, headers={"WSMANIDENTIFY": "unauthenticated"}).status_code == 200
    known = wsman(lab, WSMAN_IDENTIFY, auth=(USER, PASSWORD))
    assert known.status_code == 200 and "ProductVendor" in known.text
    before = lab.world.unknown
    shell = wsman(lab, "<s:Envelope/>", auth=(USER, PASSWORD))
    assert shell.status_code == 500 and "nothing was executed" in shell.text and lab.world.unknown == before + 1


def test_winrm_login(lab):
    assert wsman(lab, WSMAN_IDENTIFY, auth=(USER, "wrong")).status_code == 401


def test_prime_deployment(lab, tmp_path):
    """The guide's commands: request, CA's certificates, certificate by the file of its CA, restart."""
    node = lab.world.node("us-pcd1")
    chain = cms_lab.ca_chain(lab).split("-----END CERTIFICATE-----\n")
    client = connect(node, tmp_path, USER, PASSWORD)
    typist = Typist(client)
    typist.until("admin:")
    typist.run("set cli pagination off")
    typist.send("set csr gen tomcat\n")
    typist.until("(yes|no)?")
    assert "Successfully Generated CSR" in typist.run("yes")
    shown = typist.run("show csr own tomcat/tomcat.csr").replace("\r", "")
    csr = "-----BEGIN" + shown.partition("-----BEGIN")[2].partition("-----END CERTIFICATE REQUEST-----")[0] + "-----END CERTIFICATE REQUEST-----\n"
    for one in chain[:2]:
        typist.send("set cert import trust tomcat\n")
        typist.until("Hit Enter\r\n")
        assert "Successfully imported" in typist.run(one + "-----END CERTIFICATE-----\n")
    names = [entry.filename for entry in node.certificates.trust("tomcat-trust") if "Issuing" in entry.filename]
    typist.send(f"set cert import own tomcat tomcat-trust/{names[0]}\n")
    typist.until("Hit Enter\r\n")
    leaf = cms_lab.sign(lab, csr.encode())
    assert "Successfully imported" in typist.run(leaf)
    assert "STARTED" in typist.run("utils service restart Cisco Tomcat")
    assert served(node.address) == x509.fingerprint(leaf)
    for line in ("show network cluster", "show version active", "show status", "utils service list", "show cert list own"):
        assert "unsuccessfully" not in typist.run(line), line
    for line in ("run sql select * from device", "utils ctl update CTLFile", "show license all"):
        assert "unsuccessfully" in typist.run(line), line
    client.close()
