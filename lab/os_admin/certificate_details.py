"""Certificate Details: what a certificate is, its text, its file; a trust certificate can be deleted, an identity regenerated."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cryptography.hazmat.primitives.serialization import Encoding

from lab.os_admin.form import Form
from lab.os_admin.page import Done
from lab.os_admin.page import Page
from lab.os_admin.words import restart_hint
from lab.ucm import x509
from lab.ucm.refused import Refused

if TYPE_CHECKING:
    from lab.core.world import Node

TITLE = "Certificate Details"
PATH = "certificateEdit.do"
FILE_PATH = "certificateDownload.do"


def find(node: Node, certificate: str, file: str) -> tuple[str, str] | None:
    """(PEM, description) of a certificate in the list, None when it is gone."""
    try:
        if certificate.endswith("-trust"):
            return next(((one.certificate, one.description) for one in node.certificates.trust(certificate) if one.filename == file), None)
        return node.certificates.identity(certificate).certificate, ""
    except Refused:
        return None


def show(node: Node, query: Mapping[str, str]) -> str | None:
    """The body of the page, without its buttons that change something."""
    certificate, file = query.get("cert", ""), query.get("file", "")
    found = find(node, certificate, file)
    if found is None:
        return None
    pem, description = found
    loaded = x509.load(pem)
    facts = {
        "File Name": file if file.endswith(".pem") else f"{certificate}.pem",
        "Certificate Purpose": certificate,
        "Certificate Type": "trust-certs" if certificate.endswith("-trust") else "certs",
        "Certificate Group": "product-cpi",
        "Description(friendly name)": description,
    }
    rows = "".join(f'<tr><td class="cuesFieldLabel">{escape(label)}</td><td>{escape(value)}</td></tr>' for label, value in facts.items())
    text = (f"[\n  Version: V3\n  Serial Number: {x509.serial(pem)}\n  Issuer Name: {loaded.issuer.rfc4514_string()}\n"
            f"  Validity From: {loaded.not_valid_before_utc:%a %b %d %H:%M:%S UTC %Y}\n             To: {loaded.not_valid_after_utc:%a %b %d %H:%M:%S UTC %Y}\n"
            f"  Subject Name: {loaded.subject.rfc4514_string()}\n]\n{pem}")
    targets = {kind: escape(urlencode({"cert": certificate, "file": file, "type": kind.lower()})) for kind in ("PEM", "DER")}
    links = "&nbsp;".join(f'<a class="cuesToolbarLink" href="{FILE_PATH}?{target}">Download .{kind} File</a>' for kind, target in targets.items())
    return (f"<fieldset><legend>Certificate Settings</legend><table>{rows}</table></fieldset>\n"
            f"<fieldset><legend>Certificate File Data</legend><pre>{escape(text)}</pre></fieldset>\n<div class=\"cuesToolbar\">{links}</div>")


def file(node: Node, query: Mapping[str, str]) -> tuple[str, bytes] | None:
    """(name, content) of a certificate as a file."""
    found = find(node, query.get("cert", ""), query.get("file", ""))
    if found is None:
        return None
    der = query.get("type") == "der"
    content = x509.load(found[0]).public_bytes(Encoding.DER) if der else found[0].encode("ascii")
    return f"{query.get('cert')}.{'der' if der else 'pem'}", content


def button(query: Mapping[str, str]) -> Page:
    """The page behind the button of a certificate: Delete or Regenerate."""
    return DELETE if query.get("cert", "").endswith("-trust") else REGENERATE


def _offer(name: str, words: str, node: Node, chosen: Mapping[str, str]) -> Form | None:
    certificate, file_name = chosen.get("cert", ""), chosen.get("file", "")
    if find(node, certificate, file_name) is None:
        return None
    return Form(name, (), words, {"cert": certificate, "file": file_name})


def _delete(node: Node, values: dict) -> Done:
    node.certificates.delete_trust(values["cert"], values["file"])
    return Done(("Success: Certificate deleted",))


def _regenerate(node: Node, values: dict) -> Done:
    node.certificates.regenerate(values["cert"])
    return Done(("Success: Certificate regenerated", f"{restart_hint(values['cert'])}."))


def _about(values: dict) -> str:
    return f"{values.get('cert', '')}/{values.get('file', '')}"


def _page(name: str, path: str, words: str, act: Callable[[Node, dict], Done]) -> Page:
    return Page(TITLE, (path, path), lambda node, chosen: _offer(name, words, node, chosen), act, _about)


DELETE = _page("delete", "certificateDelete.do", "Delete", _delete)
REGENERATE = _page("regenerate", "certificateRegenerate.do", "Regenerate", _regenerate)
