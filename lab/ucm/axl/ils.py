"""getIlsConfig and updateIlsConfig: fields exactly as the schema has them (axl.md 2.8). Settings of TLS and the password are never read."""
from __future__ import annotations

from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import ils
from lab.ucm.axl import objects
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.model import not_found
from lab.ucm.axl.render import wanted
from lab.ucm.axl.soap import Fault

refusal("ils_role", "axl.md 2.8", "A role that is neither Hub Cluster nor Spoke Cluster is refused.")
refusal("ils_interval", "axl.md 2.8 (inferred)", "An interval of synchronisation that is no number of minutes is refused.")
refusal("ils_registration_server", "axl.md 2.8 (inferred)", "A spoke without a registration server is refused.")
refusal("ils_authentication", "guide 'Multi-Cluster' (inferred)", "Neither TLS certificates nor a password is refused.")
refusal("ils_password", "guide 'Multi-Cluster' (inferred)", "Use of a password without one is refused.")
variant("ils_empty_password", ("refused", "kept"), "refused", "axl.md 2.8 (the element is required, and the password cannot be read)",
        "what an empty usePassword means beside enableUsePassword: a mistake, or the password that there is")


def get(context: Context, request: etree._Element) -> etree._Element:
    """getIlsConfig: of the cluster itself, or of the one in clusterId."""
    row = context.cluster.ils.row(soap.text(request.find("clusterId")))
    if row is None:
        raise not_found("IlsConfig")
    asked = wanted(request.find("returnedTags"))
    root = context.response(request.get("sequence"))
    node = etree.SubElement(etree.SubElement(root, "return"), "ilsConfig")
    for name, value in row.items():
        if asked is None or name in asked:
            etree.SubElement(node, name).text = value or None
    return root


def update(context: Context, request: etree._Element) -> etree._Element:
    """updateIlsConfig: all nine elements, three of which do nothing."""
    given = {child.tag: soap.text(child) for child in request}
    tls, use_password = (given[name].lower() in ("t", "true", "1") for name in ("useTls", "enableUsePassword"))
    role, server, password = given["role"], given["registrationServer"].strip(), given["usePassword"]
    context.detail.update(role=role, registrationServer=server, useTls=tls, enableUsePassword=use_password)
    if role not in (ils.HUB, ils.SPOKE) and context.refuses("ils_role"):
        raise Fault(5003, f"Role {role!r} is not valid")
    interval = given["synchronizeClustersEvery"]
    if not (interval.isdigit() and 1 <= int(interval) <= 1440):
        if context.refuses("ils_interval"):
            raise Fault(5003, "Synchronize Clusters Every must be a number of minutes from 1 to 1440")
        interval = "10"
    if role == ils.SPOKE and not server and context.refuses("ils_registration_server"):
        raise Fault(5003, "A spoke cluster needs a registration server")
    if not tls and not use_password and context.refuses("ils_authentication"):
        raise Fault(5003, "Use TLS Certificates or Use Password must be selected")
    stored = context.cluster.ils.stored
    if use_password and not password:
        if stored is not None and stored.password and context.variant("ils_empty_password") == "kept":
            password = stored.password
        elif context.refuses("ils_password"):
            raise Fault(5003, "A password is required")
    context.cluster.ils.configure(ils.Config(role, server, int(interval), tls, use_password, password))
    context.changes += 1
    return objects.answer(context, request, "true")
