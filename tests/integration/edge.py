# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressways of both regions for the tests of their certificates: another administrator at their REST API, a person at the public CA, and a client."""
from __future__ import annotations

import datetime
import json
import re
import ssl
import urllib.error
import urllib.request
from base64 import b64encode

import paramiko
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from tests.integration.harness import Estate

ADDRESSES = {"us-expc1": "9.31", "us-expc2": "9.32", "us-expe1": "9.41", "us-expe2": "9.42", "emea-expc1": "9.33", "emea-expc2": "9.34", "emea-expe1": "9.43",
             "emea-expe2": "9.44"}
PASSWORD = "lab-Expressway-0823"


def rest(estate: Estate, peer: str, method: str, path: str, body: dict | None = None, pem: str | None = None) -> str:
    """One request at a peer's REST API, as an administrator makes it; gives the answer's text, "" for 404."""
    headers = {"Authorization": "Basic " + b64encode(("admin:" + PASSWORD).encode()).decode(), "X-CSRF-Header": "1", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    if pem is not None:
        headers["Content-Type"] = "multipart/form-data; boundary=x"
        data = ('--x\r\nContent-Disposition: form-data; name="file"; filename="a.pem"\r\n\r\n%s\r\n--x--\r\n' % pem).encode()
    request = urllib.request.Request("https://%s.%s:20443/api/provisioning%s" % (estate.network, ADDRESSES[peer], path), data, headers, method=method)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE        # the administrator of a box that has its first certificate still
    try:
        with urllib.request.urlopen(request, timeout=20, context=context) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as e:
        if e.code == 404:
            return ""
        raise


def command(estate: Estate, peer: str, line: str) -> str:
    """One line at a peer's command line, as an administrator types it."""
    client = paramiko.SSHClient()
    client.load_host_keys(str(estate.lab_directory / "known_hosts"))
    client.connect("%s.%s" % (estate.network, ADDRESSES[peer]), 20022, "admin", PASSWORD, look_for_keys=False, allow_agent=False, timeout=20)
    try:
        shell, text = client.invoke_shell(width=400), ""
        shell.settimeout(10)
        shell.send((line + "\n").encode())
        while line not in text or not re.search(r"^(OK|ERROR)\s*$", text.split(line, 1)[1], re.MULTILINE):
            text += shell.recv(10000).decode()
        return text
    finally:
        client.close()


def public_ca(estate: Estate, cluster: str, usage: str) -> None:
    """A person has what waits in the folder signed at the public CA's page."""
    requests = sorted((estate.workspace / cluster / "to-sign").glob("*.csr"))
    assert requests, "nothing waits to be signed"
    for file in requests:
        estate.lab("public-ca", "sign", str(file), "--usage", usage, "--out", str(file.with_suffix(".pem")))


def served(estate: Estate, peer: str, port: int = 20443) -> x509.Certificate:
    """The certificate that a client sees."""
    pem = ssl.get_server_certificate(("%s.%s" % (estate.network, ADDRESSES[peer]), port), timeout=10)
    return x509.load_pem_x509_certificate(pem.encode())


def names(certificate: x509.Certificate) -> set[str]:
    """Its alternative names."""
    return set(certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value.get_values_for_type(x509.DNSName))


def usages(certificate: x509.Certificate) -> set[str]:
    """Its extended key usages, in the short words of OpenSSL."""
    return {one._name for one in certificate.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value}


def issuer(certificate: x509.Certificate) -> str:
    """Common name of its issuer."""
    return str(certificate.issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def trusted(estate: Estate, peer: str) -> list[str]:
    """Common names of the CAs that a peer trusts, sorted, without the one of its installation."""
    found = x509.load_pem_x509_certificates(rest(estate, peer, "GET", "/certs/root").encode())
    return sorted(name for name in (str(one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value) for one in found)
                  if not name.startswith("Temporary CA"))


def a_root(name: str) -> str:
    """The certificate of a CA of another enterprise, as PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=3000))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    return made.public_bytes(Encoding.PEM).decode()
