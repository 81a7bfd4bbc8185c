"""A new Meeting Server and the guide's steps on it, by stock clients: OpenSSH's ssh and sftp, paramiko, openssl."""

from __future__ import annotations

import os
import ssl
import subprocess

import pytest

from tests.lab import cms_lab
from tests.lab.cms_lab import CLIENT
from tests.lab.cms_lab import DOMAIN
from tests.lab.cms_lab import FULL
from tests.lab.cms_lab import NEW
from tests.lab.cms_lab import OLD
from tests.lab.cms_lab import ROOT
from tests.lab.cms_lab import SHARED
from tests.lab.cms_lab import Mmp

REQUEST = (f'pki csr {SHARED} CN:{DOMAIN} OU:"TME" O:"Cisco" L:"San Jose" ST:California C:US '
           f"subjectAltName:us-cms1.ent-pa.com,us-cms2.ent-pa.com,us-cms3.ent-pa.com,us-cms4.ent-pa.com,{DOMAIN}")
PAIR = f"{SHARED}.key {SHARED}.cer"


@pytest.fixture(scope="module", params=[NEW, OLD])
def lab(request, tmp_path_factory):
    """A lab of each release."""
    running = cms_lab.started(tmp_path_factory.mktemp("cms"), request.param)
    running.release = request.param
    running.snapshot("day0")
    yield running
    running.close()


@pytest.fixture
def mmp(lab):
    """The command line of the first server, on day 0."""
    lab.restore("day0")
    shell = Mmp(lab)
    yield shell
    shell.close()


def signed(mmp: Mmp) -> None:
    """Both certificates and the CA's on a server."""
    mmp.done(REQUEST)
    mmp.done(f"pki csr {CLIENT} CN:postgres")
    for name in (SHARED, CLIENT):
        mmp.put(f"{name}.cer", cms_lab.sign(mmp.lab, mmp.get(f"{name}.csr")))
    mmp.put(ROOT, cms_lab.ca_chain(mmp.lab))
    mmp.put(FULL, mmp.get(f"{SHARED}.cer") + mmp.get(ROOT))


def served(mmp: Mmp, port: int, *more: str) -> str:
    """The certificate that openssl sees on a port, verified against the enterprise CA where it can be; "" = nothing listens."""
    command = ["openssl", "s_client", "-connect", f"{mmp.server.appliance.address}:{port}", "-showcerts", *more]
    shown = subprocess.run(command, input="", capture_output=True, text=True, timeout=20, check=False).stdout
    end = "-----END CERTIFICATE-----\n"
    return "-----BEGIN" + shown.partition("-----BEGIN")[2].partition(end)[0] + end if end in shown else ""


def same(mmp: Mmp, port: int, *more: str) -> bool:
    """Whether a port serves the shared certificate."""
    text = served(mmp, port, *more)
    return bool(text) and ssl.PEM_cert_to_DER_cert(text) == ssl.PEM_cert_to_DER_cert(mmp.get(f"{SHARED}.cer").decode())


def test_the_guides_steps(lab, mmp):
    """Web Admin, Call Bridge, XMPP, Web Bridge, each with the shared certificate, in the words of the release."""
    signed(mmp)
    assert not any(served(mmp, port) for port in (20443, 5061, 20444, 9999, 5222))
    mmp.ask("webadmin disable")
    mmp.done(f"webadmin certs {PAIR}")
    assert mmp.done("webadmin enable").splitlines()[-1] == "SUCCESS: webadmin enabled"
    mmp.done(f"callbridge certs {PAIR} {ROOT}")
    if lab.release == OLD:
        mmp.done("callbridge restart")
        for line in ("xmpp disable", "xmpp certs none", f"xmpp certs {PAIR}", "xmpp enable", "webbridge disable", f"webbridge certs {PAIR}",
                     f"webbridge trust {ROOT}", "webbridge enable"):
            mmp.done(line)
        assert same(mmp, 5222, "-starttls", "xmpp", "-xmpphost", DOMAIN)
        assert mmp.fields("webbridge")["Trust bundle"] == ROOT and mmp.fields("xmpp")["Domain"] == DOMAIN
    else:
        for line in (f"callbridge trust c2w {ROOT}", "callbridge restart", "webbridge3 disable", f"webbridge3 https certs {SHARED}.key {FULL}",
                     f"webbridge3 c2w certs {SHARED}.key {FULL}", f"webbridge3 c2w trust {ROOT}", "webbridge3 enable"):
            mmp.done(line)
        assert same(mmp, 9999)
        assert mmp.fields("webbridge3")["HTTPS Full chain certificate file"] == FULL
    assert same(mmp, 20443) and same(mmp, 5061) and same(mmp, 20444)
    assert mmp.fields("webadmin")["Certificate file"] == f"{SHARED}.cer" and mmp.fields("callbridge")["CA Bundle file"] == ROOT
    assert lab.world.unknown == 0


LAYOUTS = {
    "webadmin": [(24, "Enabled", "TLS listening interface", "TLS listening port", "Key file", "Certificate file", "HTTP redirect", "STATUS")],
    "callbridge": [(22, "Listening interfaces", "Preferred interface", "Key file", "Certificate file", "Address"),
                   (36, "C2W trusted certs", "Callbridge cluster trusted certs", "Callbridge trust branding certs"),
                   (26, "UCM trusted certs", "UCM verification mode", "IMPS trusted certs", "IMPS verification mode", "WC3 JWT Expiry in hours")],
    "webbridge3": [(38, "Enabled", "HTTPS listening ports and interfaces", "HTTPS Key file", "HTTPS Full chain certificate file", "HTTPS Frame-Ancestors",
                    "HTTP redirect", "C2W listening ports and interfaces", "C2W Key file", "C2W Full chain certificate file", "C2W Trust bundle",
                    "Meetingapps address", "Meetingapps port", "Audio priority flag", "Beta options")],
    "streamer": [(24, "Enabled", "SIP interfaces", "SIP key file", "SIP certificate file", "SIP CA Bundle file", "SIP Resolution", "SIP traffic trace",
                  "Call Limit")],
}


@pytest.mark.parametrize("command", LAYOUTS)
def test_layouts(lab, mmp, command):
    """Labels, their order and the columns are those of the recorded servers of 3.x."""
    if lab.release == OLD:
        pytest.skip("recorded on 3.x")
    expected = [f"{label:<{width}}" for width, *labels in LAYOUTS[command] for label in labels]
    assert [line.partition(":")[0] for line in mmp.ask(command).splitlines()] == expected


def test_openssh(lab, tmp_path):
    """OpenSSH's own clients: a single command, files in both directions, the list."""
    lab.restore("day0")
    ask = tmp_path / "ask"
    ask.write_text(f"#!/bin/sh\necho {cms_lab.PASSWORD}\n")
    ask.chmod(0o700)
    address = cms_lab.appliance(lab, "us-cms1").address
    options = ["-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={tmp_path}/known", "-o", "LogLevel=ERROR"]
    environment = {**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}

    def run(*command: str, typed: str = "") -> str:
        ended = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=30, check=False, env=environment)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    said = run("ssh", *options, "-p", "20022", f"admin@{address}", "pki csr one CN:one.ent-pa.com")
    assert said.replace("\r", "").splitlines()[-2:] == ["Created key file one.key and CSR one.csr", "CSR file one.csr ready for download via SFTP"]
    (tmp_path / "root.cer").write_text(cms_lab.ca_chain(lab))
    listed = run("sftp", *options, "-P", "20022", f"admin@{address}", typed=f"get one.key {tmp_path}/one.key\nput {tmp_path}/root.cer root.cer\nls\n")
    assert "one.csr" in listed and "root.cer" in listed and "live.json" in listed
    assert "PRIVATE KEY" in (tmp_path / "one.key").read_text()
    assert run("ssh", *options, "-p", "20022", f"admin@{address}", "pki list").replace("\r", "").splitlines()[1:] == ["one.key", "one.csr", "root.cer"]
