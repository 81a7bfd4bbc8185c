"""What the public CA issues, and for which names.

Sources: expressway.md 4.4 (certificates for servers only, 200 days at most, 90 by ACME); CA/Browser Forum rules that everybody knows: no internal names.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING
from typing import Any

from cryptography import x509 as c509

from lab.ca.authority import Authority
from lab.ca.authority import load_request
from lab.ca.authority import pem
from lab.ca.templates import Template
from lab.core.keys import load_key
from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.core.inventory import Host
    from lab.core.world import World

CHANNEL = "public_ca"
_NAME = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
BY_HAND, BY_ACME = 199, 90

variant("public_ca_usage", ("server", "both"), "server", "expressway.md 4.4", "whether the public CA issues for servers only, or for clients as well")
variant("public_ca_profile", ("public", "as_requested"), "public", "CA/Browser Forum baseline requirements; expressway.md 4.4",
        "whether key usage and names are those of the CA's own profile (with the common name among them), or those of the request")
refusal("public_ca_name", "expressway.md 4.4 (rules of all public CAs)", "a request for a name that is no public one")


class PublicCa:
    """The CA itself. issued: what it has issued, for `public-ca list`; records: TXT records {name: values}."""

    def __init__(self, world: World, host: Host) -> None:
        self.world = world
        self.host = host
        self.authority = Authority(world.clock.now, lambda: load_key(world.keys.rsa()), ("Example Trust Services", "Example Trust"))
        self.issued: list[dict[str, Any]] = []
        self.records: dict[str, list[str]] = {}

    @property
    def directory(self) -> str:
        """The address of its ACME directory, by name."""
        return f"https://{self.host.fqdn}:{self.host.ports['https']}/directory"

    def sign_by_hand(self, csr: str, usage: str = "") -> str:
        """What a person gets at the CA's page for a request: certificate and chain. Raises ValueError."""
        try:
            request = load_request(csr)
        except ValueError as error:
            raise ValueError(f"this is no certificate request: {error}") from error
        names = names_of(request)
        bad = [name for name in names if not _NAME.fullmatch(name)]
        if (bad or not names) and self.world.refuses("public_ca_name"):
            raise ValueError(f"a public CA does not issue for {', '.join(bad) or 'a request without a name'}")
        certificate = self.issue(request, usage or self.world.variant("public_ca_usage"), BY_HAND, "by hand")
        self.world.journal.add(self.host.name, CHANNEL, "sign", "write", names=names)
        return certificate

    def issue(self, request: c509.CertificateSigningRequest, usage: str, days: int, way: str) -> str:
        """A certificate and its chain, without the root, as PEM. By ACME the subject is a name only."""
        names = names_of(request)
        cn = x509.common_name(request.subject)
        template = Template("public", client_authentication=usage == "both", key_usage=("digital_signature", "key_encipherment"), days=days)
        if way == "acme":
            template = dataclasses.replace(template, subject=False, common_name=cn if cn in names else names[0])
        as_requested = self.world.variant("public_ca_profile") == "as_requested"
        if as_requested:
            template = dataclasses.replace(template, key_usage=None)
        leaf = self.authority.sign(request, template, () if as_requested else names)
        self.issued.append({"way": way, "names": names, "serial": f"{leaf.serial_number:x}", "until": leaf.not_valid_after_utc.isoformat(), "usage": usage})
        return pem(leaf) + pem(self.authority.issuing)

    def publish(self, name: str, value: str) -> dict[str, list[str]]:
        """Add a TXT record, or remove those of a name."""
        name = name.rstrip(".").lower()
        if value:
            self.records.setdefault(name, []).append(value)
        else:
            self.records.pop(name, None)
        return dict(self.records)

    def places(self, name: str) -> list[tuple[str, int]]:
        """Where a public name leads: addresses and ports for HTTP."""
        name = name.lower()
        found = self.world.estate.get("public_dns", {}).get(name)
        if found is None:
            return [(one.address, one.ports["http"]) for one in self.world.appliances() if one.fqdn.lower() == name and "http" in one.ports]
        places = []
        for entry in [found] if isinstance(found, str) else found:
            address, colon, port = str(entry).partition(":")
            # A host that this inventory lacks is left out: inventories are cut down to some of their clusters.
            places += [(address, int(port))] if colon else [(one.address, one.ports["http"]) for one in self.world.appliances() if one.name == entry]
        return places

    def save(self) -> dict[str, Any]:
        """State for a snapshot."""
        return {"authority": self.authority.state(), "issued": self.issued, "records": self.records}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `save` gave."""
        self.authority.load(state["authority"])
        self.issued, self.records = state["issued"], state["records"]


def names_of(request: c509.CertificateSigningRequest) -> list[str]:
    """DNS names of a request, the common name first, in lower case."""
    try:
        names = request.extensions.get_extension_for_class(c509.SubjectAlternativeName).value.get_values_for_type(c509.DNSName)
    except c509.ExtensionNotFound:
        names = []
    cn = x509.common_name(request.subject)
    return list(dict.fromkeys(name.lower() for name in ([cn, *names] if cn else names)))


def is_public(name: str) -> bool:
    """Whether a public CA may issue for a name."""
    return bool(_NAME.fullmatch(name))
