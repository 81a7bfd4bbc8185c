"""Certificates of the simulated machines that are no cluster nodes: SIP peers, directory servers."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from lab.core.keys import load_key
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.core.world import World

WORDS = ("enterprise", "self-signed", "none")


def wanted_of(description: object, where: str) -> dict | None:
    """What an estate file says under `tls`: a dict of options, None for no TLS at all. Raises ValueError.

    Words: enterprise (a certificate of the enterprise CA with the machine's name), self-signed, none. Options of a dict: cn, san (list),
    expired (true), issuer ("enterprise" or "self"), profile ("both", "server", "client").
    """
    if isinstance(description, dict):
        return dict(description)
    if description is False or description == "none":
        return None
    if description not in WORDS:
        raise ValueError(f"{where}: tls can be {', '.join(WORDS)}, or a dict; it is {description!r}")
    return {"issuer": "self"} if description == "self-signed" else {}


def certificate(world: World, fqdn: str, wanted: dict) -> tuple[str, str]:
    """(PEM chain, PEM key) as `wanted_of` asks for."""
    key = world.keys.rsa()
    cn = str(wanted.get("cn", fqdn))
    names = [str(name) for name in wanted.get("san", [cn])]
    now = world.clock.now()
    if wanted.get("issuer") == "self":
        start, days = (now - datetime.timedelta(days=800), 730) if wanted.get("expired") else (now - datetime.timedelta(days=1), 730)
        return x509.self_signed("sip", x509.subject(cn, {}), key, start, names, days), key
    end = now - datetime.timedelta(days=1) if wanted.get("expired") else None
    leaf = world.ca.issue(load_key(key).public_key(), cn, names, wanted.get("profile", "both"), not_after=end)
    return x509.to_pem(leaf) + x509.to_pem(world.ca.issuing), key
