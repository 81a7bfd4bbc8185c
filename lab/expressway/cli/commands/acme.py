"""xCommand ACME, of Expressway-E (RM150): provider, settings, signing and deployment. Certificates by domain (SNI) are not simulated: Domain is refused."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lab.expressway import acme
from lab.expressway.acme import PROVIDER
from lab.expressway.acme import PROVIDER_UUID
from lab.expressway.cli.commands.registry import command
from lab.expressway.cli.forms import Failure

if TYPE_CHECKING:
    from lab.expressway.state import Peer

DOMAIN = "Domain: <String>"
IN_FORCE = "/persistent/certs/server.pem"   # where the certificate in force lies on the box; the name is the lab's own


def _no_domain(given: dict[str, str]) -> None:
    if given.get("Domain"):
        raise Failure(f"Domain {given['Domain']} does not exist")


@command("ACME Providers Read", "ProviderUuid: <String>", writes=False, products="E")
async def providers_read(peer: Peer, given: dict[str, str]) -> list[str]:
    """The one provider that there is."""
    if given.get("ProviderUuid", "Default") not in ("Default", PROVIDER_UUID):
        raise Failure(f"There is no provider {given['ProviderUuid']}")
    row = acme.row(peer)
    return [f'ProviderUuid: "{PROVIDER_UUID}"', f'Name: "{PROVIDER}"', 'Default: "On"', f'Email: "{row["email"]}"', f'TermsOfService: "{row["terms"]}"']


@command("ACME Providers Write", "Default: <On/Off> Email(r): <String> Name: <String> ProviderUuid(r): <String> TermsOfService(r): <Accepted> Url: <String>",
         products="E")
async def providers_write(peer: Peer, given: dict[str, str]) -> None:
    """Only address and terms count; the rest is ignored (RM150)."""
    if given["ProviderUuid"] not in ("Default", PROVIDER_UUID):
        raise Failure(f"There is no provider {given['ProviderUuid']}")
    acme.accept(peer, given["Email"], given["TermsOfService"])


@command("ACME Settings Read", DOMAIN, writes=False, products="E")
async def settings_read(peer: Peer, given: dict[str, str]) -> list[str]:
    """Those of the server certificate."""
    _no_domain(given)
    row = acme.row(peer)
    return [f'AcmeManaged: "{row["mode"]}"', f'ProviderUuid: "{PROVIDER_UUID}"', f'RenewKey: "{row["renew_key"]}"', f'RenewalSchedule: "{row["schedule"]}"']


@command("ACME Settings Write", f"AcmeManaged(r): <Disabled/Manual/Automated> {DOMAIN} ProviderUuid: <String> RenewKey: <Retain/Rotate> "
         "RenewalSchedule: <String>", products="E")
async def settings_write(peer: Peer, given: dict[str, str]) -> None:
    """Automated needs schedule and RenewKey (RM150)."""
    _no_domain(given)
    if given["AcmeManaged"] == "Automated" and not (given.get("RenewKey") and given.get("RenewalSchedule")) and peer.world.refuses("expressway_cli_missing"):
        raise Failure("Missing parameter: RenewalSchedule and RenewKey are needed with Automated")
    acme.configure(peer, given["AcmeManaged"], given.get("RenewalSchedule"), given.get("RenewKey"))


@command("ACME Sign", f"{DOMAIN} NumSanEntries: <0..1000>", products="E")
async def sign(peer: Peer, given: dict[str, str]) -> None:
    """Has the request signed."""
    _no_domain(given)
    await acme.sign(peer)


@command("ACME Get Pending Cert", DOMAIN, writes=False, products="E")
async def get_pending_cert(peer: Peer, given: dict[str, str]) -> list[str]:
    """As PEM."""
    _no_domain(given)
    return acme.pending(peer).strip().splitlines()


@command("ACME Delete Pending Cert", DOMAIN, products="E")
async def delete_pending_cert(peer: Peer, given: dict[str, str]) -> None:
    """Throws it away."""
    _no_domain(given)
    acme.discard(peer)


@command("ACME Deploy", f"{DOMAIN} ReloadCerts: <On/Off>", products="E")
async def deploy(peer: Peer, given: dict[str, str]) -> None:
    """Installs it; without arguments it is in force at once."""
    _no_domain(given)
    acme.deploy(peer, given.get("ReloadCerts", "On") == "On")


@command("ACME Revoke", "CertPath(r): <String> Provider: <String>", products="E")
async def revoke(peer: Peer, given: dict[str, str]) -> None:
    """A certificate that lies on the box: here there is only the one in force."""
    if PurePosixPath(given["CertPath"]) != PurePosixPath(IN_FORCE):
        raise Failure(f"{given['CertPath']}: no such file")
    await acme.revoke(peer, peer.certificates.installed.certificate)


@command("ACME Reset", "Action(r): <execute>", products="E")
async def reset(peer: Peer, given: dict[str, str]) -> None:
    """Forgets everything; not while it is enabled (RM150)."""
    if acme.row(peer)["mode"] != "Disabled" and peer.world.refuses("expressway_cli_acme_reset"):
        raise Failure("ACME has to be disabled first")
    acme.reset(peer)
