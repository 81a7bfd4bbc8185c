"""Upload Certificate/Certificate chain: a file for an identity or a trust store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cryptography import x509 as c509

from lab.os_admin.form import Field
from lab.os_admin.form import Form
from lab.os_admin.page import Done
from lab.os_admin.page import Page
from lab.os_admin.page import Rejected
from lab.os_admin.words import nodes_of
from lab.os_admin.words import restart_hint
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.core.world import Node

PATHS = ("certificateUpload.do", "certificateUpload.do")


def offer(node: Node, _chosen: Mapping[str, str]) -> Form:
    """The form. The ids NAME and FILE are public (vos.md 1.4)."""
    own = [unit for unit in node.certificates.units() if unit != "ITLRecovery"]
    purposes = tuple(sorted([*own, *node.certificates.stores()], key=str.lower))
    fields = (
        Field("name", "Certificate Purpose", "select", "tomcat", purposes, required=True),
        Field("description", "Description(friendly name)", "text"),
        Field("file", "Upload File", "file", required=True),
    )
    return Form("upload", (("Upload Certificate", fields),), "Upload")


def act(node: Node, values: dict) -> Done:
    """Install what the file holds."""
    if not values["file"] and node.world.refuses("os_admin_file"):
        raise Rejected("Error: Select a file to upload")
    purpose, text = values["name"], as_pem(values["file"])
    if purpose.endswith("-trust"):
        node.certificates.upload_trust(purpose, text, values["description"])
        return Done(("Success: Certificate Uploaded",))
    identity = node.certificates.upload_identity(purpose, text)
    said = ["Success: Certificate Uploaded"]
    if node.world.variant("os_admin_words") == "documented":
        if identity.distribution == "multi-server":
            said.append(f"Certificate upload operation successful for the nodes {','.join(nodes_of(node, purpose))}.")
        said.append(restart_hint(purpose) + ".")
    return Done(tuple(said))


def as_pem(content: bytes) -> str:
    """The text of a PEM file; a DER file is taken, too (vos.md 1.5)."""
    try:
        return x509.to_pem(c509.load_der_x509_certificate(content))
    except ValueError:
        return content.decode("utf-8", "replace")


PAGE = Page("Upload Certificate/Certificate chain", PATHS, offer, act, lambda values: values.get("name", ""))
