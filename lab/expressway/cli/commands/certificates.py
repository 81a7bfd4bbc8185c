"""xCommand Certs: a request for the server certificate. What else there may be under it is not documented (RM150; expressway.md 2.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lab.expressway.cli.commands.registry import command
from lab.expressway.cli.forms import Failure

if TYPE_CHECKING:
    from lab.expressway.state import Peer

# Names of subject fields here, and those that REST has.
FIELDS = {"C": "Country", "ST": "Province", "L": "Locality", "O": "Organization", "OU": "OrganizationalUnit", "emailAddress": "Email"}
SIZES = {"RSA": (2048, 4096), "ECDSA": (256, 384, 521)}


@command("Certs", "Command(r): <csr_create> Subjectfields: <String> Keysize: <0..8192> Publickeyalgorithm: <RSA/ECDSA> Domain: <String>", since=15.0)
async def certs(peer: Peer, given: dict[str, str]) -> None:
    """The common name of the fields is not used: which one a request has is the box's own choice (variant `expressway_csr_cn`). It has no names but its own."""
    if given.get("Domain"):
        raise Failure(f"Domain {given['Domain']} does not exist")
    try:
        fields = json.loads(given.get("Subjectfields") or "{}")
    except ValueError as error:
        raise Failure("Subjectfields: no JSON object") from error
    if not isinstance(fields, dict) or not set(fields) <= {*FIELDS, "CN"}:
        raise Failure("Subjectfields: unknown field")
    algorithm = given.get("Publickeyalgorithm", "RSA")
    size = int(given.get("Keysize") or max(SIZES[algorithm]))
    if size not in SIZES[algorithm]:
        raise Failure(f"Keysize: must be one of {', '.join(str(one) for one in SIZES[algorithm])}")
    subject = {FIELDS[name]: str(value) for name, value in fields.items() if name in FIELDS}
    with peer.change(shared=False):
        peer.certificates.request([], subject, *((4096, "sha256", size) if algorithm == "ECDSA" else (size,)))
