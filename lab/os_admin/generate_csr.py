"""Generate CSR: a new key and request; a pending one of the same purpose is replaced without a word (vos.md 1.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.os_admin.form import Field
from lab.os_admin.form import Form
from lab.os_admin.page import Done
from lab.os_admin.page import Page
from lab.os_admin.page import Rejected
from lab.os_admin.words import can_be_multi_server
from lab.os_admin.words import key_type
from lab.os_admin.words import multi_server
from lab.os_admin.words import nodes_of
from lab.ucm import certificate_rules as rules

if TYPE_CHECKING:
    from lab.core.world import Node

PATHS = ("certificateGenerateNewCsr.do", "certificateCsrEdit.do")
LENGTHS = {"RSA": ("2048", "1024", "3072", "4096"), "EC": ("384", "256", "521")}
HASHES = ("SHA256", "SHA384", "SHA512", "SHA1")
NO_REQUEST = ("ITLRecovery",)


def purposes(node: Node) -> list[str]:
    """Units that a request can be made for."""
    return [unit for unit in node.certificates.units() if unit not in NO_REQUEST]


def offer(node: Node, chosen: Mapping[str, str]) -> Form:
    """The form; in the reading "submit" it is made for the purpose and distribution chosen so far."""
    units = purposes(node)
    unit = chosen.get("name") if chosen.get("name") in units else units[0]
    whole = node.world.variant("os_admin_change") == "static"
    many = multi_server(node)
    distributions = (node.fqdn, many) if (whole and len(node.cluster.nodes) > 1) or can_be_multi_server(node, unit) else (node.fqdn,)
    distribution = chosen.get("distribution") if chosen.get("distribution") in distributions else node.fqdn
    is_multi = distribution == many
    lengths = tuple(length for kind in (("RSA", "EC") if whole else (key_type(unit),)) for length in LENGTHS[kind])
    request = [
        Field("name", "Certificate Purpose", "select", unit, tuple(units), required=True, changes=True),
        Field("distribution", "Distribution", "select", distribution, distributions, required=True, changes=True),
        Field("commonName", "Common Name", "text", rules.default_common_name(node, unit, is_multi), required=True),
    ]
    names = [Field("parentDomain", "Parent Domain", "text", node.cluster.domain)]
    if whole or is_multi:
        names.insert(0, Field("autoDomains", "Auto-populated Domains", "area", "\n".join(nodes_of(node, unit)), read_only=True))
        names.append(Field("otherDomains", "Other Domains", "area", ""))
    keys = [
        Field("keyType", "Key Type", "fixed", key_type(unit)),
        Field("keyLength", "Key Length", "select", lengths[0], lengths, required=True),
        Field("hashAlgorithm", "Hash Algorithm", "select", "SHA384" if key_type(unit) == "EC" and not whole else "SHA256", HASHES, required=True),
    ]
    if node.cluster.major >= 14:
        keys.append(Field("includeOu", "Include OU in CSR", "check"))
    sections = (("Generate Certificate Signing Request", tuple(request)), ("Subject Alternate Names (SANs)", tuple(names)), ("Key", tuple(keys)))
    return Form("csr", sections, "Generate")


def act(node: Node, values: dict) -> Done:
    """Make the request."""
    if not values["commonName"]:
        raise Rejected("Error: Common Name is required")
    unit, is_multi = values["name"], values["distribution"] == multi_server(node)
    others = [name for name in re.split(r"[\s,;]+", values.get("otherDomains", "")) if name]
    node.certificates.generate_request(
        unit, "multi-server" if is_multi else "this-server", values["commonName"], others, _number(values["keyLength"]),
        values["hashAlgorithm"], values.get("includeOu") == "on", values["parentDomain"])
    said = ["Success: Certificate Signing Request Generated"]
    if is_multi and node.world.variant("os_admin_words") == "documented":
        said.append(f"CSR export operation successful on the nodes [{', '.join(nodes_of(node, unit))}].")
    return Done(tuple(said))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def about(values: dict) -> str:
    """The object in the journal."""
    return f"{values.get('name', '')} ({values.get('distribution', '')})"


PAGE = Page("Generate Certificate Signing Request", PATHS, offer, act, about)
