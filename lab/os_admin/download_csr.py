"""Download CSR: the pending request of a purpose as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.os_admin.form import Field
from lab.os_admin.form import Form
from lab.os_admin.page import Done
from lab.os_admin.page import Page

if TYPE_CHECKING:
    from lab.core.world import Node

PATHS = ("certificateDownloadNewCsr.do", "certificateCsrFile.do")


def offer(node: Node, _chosen: Mapping[str, str]) -> Form | None:
    """The form; there is none while no request is pending."""
    units = tuple(request.unit for request in node.certificates.requests())
    if not units:
        return None
    fields = (Field("name", "Certificate Purpose", "select", units[0], units, required=True),)
    return Form("download", (("Download Certificate Signing Request", fields),), "Download CSR")


def act(node: Node, values: dict) -> Done:
    """The file."""
    request = node.certificates.request(values["name"])
    return Done(download=(f"{values['name']}.csr", request.csr.encode("ascii")))


PAGE = Page("Download Certificate Signing Request", PATHS, offer, act, lambda values: values.get("name", ""), writes=False)
