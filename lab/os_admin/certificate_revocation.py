"""Certificate Revocation: OCSP for certificates that are uploaded and for the peers of connections (id:63436019081, vos.md 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.os_admin.form import Field
from lab.os_admin.form import Form
from lab.os_admin.page import Done
from lab.os_admin.page import Page
from lab.os_admin.page import Rejected
from lab.ucm import certificate_settings as settings

if TYPE_CHECKING:
    from lab.core.world import Node

PATHS = ("certificateRevocation.do", "certRevocationEdit.do")
URI = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(/\S*)?")
RESTART = ("To enable real-time OCSP, restart the services that make TLS connections on all nodes, among them Cisco Tomcat, Cisco CallManager, "
           "Cisco Intercluster Lookup Service and Cisco Location Bandwidth Manager.")


def offer(node: Node, _chosen: Mapping[str, str]) -> Form | None:
    """The form with what is stored; none in a release without the page."""
    if node.world.variant("os_admin_revocation") == "missing":
        return None
    held = settings.of(node).revocation
    ocsp = (
        Field("enableOcsp", "Enable OCSP", "check", "on" if held.enabled else ""),
        Field("ocspSource", "", "radio", held.source, (settings.FROM_CERTIFICATE, settings.CONFIGURED)),
        Field("ocspUri", "OCSP Configured URI", "text", held.uri),
    )
    check = (
        Field("enableCheck", "Enable Revocation Check", "check", "on" if held.check else ""),
        Field("every", "Check Every", "text", held.every),
        Field("everyUnit", "", "radio", held.unit, (settings.HOURS, settings.DAYS), joined=True),
    )
    sections = (("Online Certificate Status Protocol Configuration", ocsp), ("Certificate Revocation Check", check))
    if node.world.variant("os_admin_revocation") == "with_crl":
        crl = (Field("enableCrl", "Enable CRL", "check", "on" if held.crl else ""), Field("crlUri", "CRL Distribution Point URI", "text", held.crl_uri))
        sections = (*sections, ("Certificate Revocation List Configuration", crl))
    return Form("revocation", sections, "Save")


def act(node: Node, values: dict) -> Done:
    """Check and store."""
    if node.world.refuses("os_admin_settings"):
        _check(values)
    enabled = values["enableOcsp"] == "on"
    held = settings.of(node).revocation
    crl = (values["enableCrl"] == "on", values["crlUri"]) if "enableCrl" in values else (held.crl, held.crl_uri)
    settings.put(node, "revocation", settings.Revocation(enabled, values["ocspSource"], values["ocspUri"], values["enableCheck"] == "on",
                                                         values["every"], values["everyUnit"], *crl))
    return Done(("Update successful", RESTART) if enabled else ("Update successful",))


def _check(values: dict) -> None:
    if values["enableOcsp"] and not values["ocspSource"]:
        raise Rejected(f"Error: Select {settings.FROM_CERTIFICATE} or {settings.CONFIGURED}")
    if values["enableOcsp"] and values["ocspSource"] == settings.CONFIGURED and not values["ocspUri"]:
        raise Rejected("Error: OCSP Configured URI is required")
    for key, label in (("ocspUri", "OCSP Configured URI"), ("crlUri", "CRL Distribution Point URI")):
        if values.get(key) and not URI.fullmatch(values[key]):
            raise Rejected(f"Error: {label} is not a valid URI")
    if values["enableCheck"] and not (values["every"].isdigit() and int(values["every"]) > 0 and values["everyUnit"]):
        raise Rejected("Error: Enter how often the revocation status is checked, and select Hours or Days")


PAGE = Page("Certificate Revocation", PATHS, offer, act, lambda _values: "certificate revocation")
