"""Web enrolment of the enterprise CA: the pages under /certsrv/ that AD CS shows, as far as an enrolment client reads them.

The shapes are those that the stock PyPI client `certsrv` was written against (lab.md 4): the request form's fields, the three
outcomes of `certfnsh.asp`, `certnew.cer` and `certnew.p7b`, `certcarc.asp` with its renewal count, and the habit of naming a
certificate's content type rightly only to a browser. Who lets people in is the site's affair: Windows authentication, which IIS begins
with, or Basic authentication, which somebody has to add. The CA web site's own certificate comes from the issuing CA.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable
from collections.abc import Callable

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from lab.ca.authority import Authority
from lab.ca.authority import Request
from lab.ca.windows_login import OFFERED
from lab.ca.windows_login import WindowsLogin
from lab.core import basic
from lab.core.faults import Fault
from lab.core.http_faults import suffer

SERVER_HEADER = "Microsoft-IIS/10.0"
PAGE = "<html><head><title>Microsoft Active Directory Certificate Services</title></head><body>\r\n{body}\r\n</body></html>\r\n"

ISSUED = (
    "<p id=locPageTitle><b>Certificate Issued</b></p>\r\n<p>The certificate you requested was issued to you.</p>\r\n"
    '<a href="certnew.cer?ReqID={number}&amp;Enc=bin">Download certificate</a>\r\n'
    "<script>var sUrl = 'certnew.cer?ReqID={number}&Enc=b64';</script>"
)
PENDING = (
    "<p id=locPageTitle><b>Certificate Pending</b></p>\r\n<p>Your certificate request has been received. However, you must wait for an "
    "administrator to issue the certificate you requested.</p>\r\n<p>Your Request Id is {number}.</p>"
)
DENIED = (
    "<p id=locPageTitle><b>Certificate Request Denied</b></p>\r\n<p>Your certificate request was denied.</p>\r\n"
    '<p>Your Request Id is {number}. The disposition message is "{message}".</p>'
)
NOT_THERE = "<p id=locPageTitle><b>Error</b></p>\r\n<pre>Disposition message:\r\n\t\t{message}\r\n</pre>"

DETAIL = web.RequestKey("detail", dict)

# note(operation, kind, detail) writes the journal; strike(operation, phase) gives the injected fault that hits a request, or None.
Note = Callable[[str, str, dict], None]
Strike = Callable[[str, str], Awaitable[Fault | None]]


async def _no_fault(_operation: str, _phase: str) -> Fault | None:
    return None


class WebEnrolment:
    """The aiohttp application of one CA's web site.

    user, password: the account that may enrol. note, strike: see above; both optional, so that the application also runs alone.
    refuses: whether a must-refuse check is on. windows: whether Windows authentication alone is offered.
    """

    def __init__(
        self,
        authority: Authority,
        user: str,
        password: str,
        note: Note | None = None,
        strike: Strike = _no_fault,
        refuses: Callable[[str], bool] = lambda _name: True,
        windows: Callable[[], bool] = lambda: False,
    ) -> None:
        self.authority = authority
        self._account = (user, password)
        self._note = note or (lambda _operation, _kind, _detail: None)
        self._strike = strike
        self._refuses = refuses
        self._windows, self._login = windows, WindowsLogin(self._account)

    def application(self) -> web.Application:
        """The application with all routes; each request is authenticated first."""
        app = web.Application(middlewares=[self._guard], client_max_size=1024**2)
        app.add_routes(
            [
                web.get("/certsrv/", self._home),
                web.get("/certsrv/certrqxt.asp", self._form),
                web.post("/certsrv/certfnsh.asp", self._submit),
                web.get("/certsrv/certnew.cer", self._certificate),
                web.get("/certsrv/certnew.p7b", self._chain),
                web.get("/certsrv/certcarc.asp", self._authority_page),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable) -> web.StreamResponse:
        operation = f"{request.method} {request.path}"
        kind = "write" if request.method == "POST" else "read"
        known, offered = self._known(request)
        if not known and self._refuses("certsrv_credentials"):
            self._note(operation, "read", {"refused": "401"})
            response: web.StreamResponse = web.Response(status=401, text=PAGE.format(body="<h2>401 - Unauthorized</h2>"), content_type="text/html")
            for scheme in offered:
                response.headers.add("WWW-Authenticate", scheme)
        else:
            fault = await self._strike(operation, "before")
            if fault is None:
                response = await self._handled(request, handler, operation, kind)
            else:
                self._note(operation, kind, {"refused": f"fault {fault.action}"})
                response = await suffer(fault, request)
        if not response.prepared:
            response.headers["Server"] = SERVER_HEADER
        return response

    def _known(self, request: web.Request) -> tuple[bool, tuple[str, ...]]:
        """(whether somebody is logged in, the ways to log in that an answer offers who is not)."""
        if self._windows():
            known, challenge = self._login.answer(request)
            return known, (challenge,) if challenge else OFFERED
        return basic.same(basic.credentials(request.headers.get("Authorization", "")), self._account), (*OFFERED, f'Basic realm="{request.host}"')

    async def _handled(self, request: web.Request, handler: Callable, operation: str, kind: str) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPNotFound:
            response = web.Response(status=404, text=PAGE.format(body="<h2>404 - File or directory not found.</h2>"), content_type="text/html")
        detail = dict(request.get(DETAIL, {}), status=response.status)
        fault = await self._strike(operation, "after")
        if fault is not None:
            detail["fault"] = fault.action
        self._note(operation, kind, detail)
        return response if fault is None else await suffer(fault, request, response)

    async def _home(self, _request: web.Request) -> web.Response:
        return _page("<p>Use this Web site to request a certificate for your Web browser, e-mail client, or other program.</p>")

    async def _form(self, _request: web.Request) -> web.Response:
        return _page('<p id=locPageTitle><b>Submit a Certificate Request or Renewal Request</b></p><form name=SubmittedData action="certfnsh.asp" method=post>'
                     "<textarea name=CertRequest></textarea><input type=hidden name=Mode><input type=hidden name=CertAttrib></form>")

    async def _submit(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("Mode") != "newreq":
            return web.Response(status=500, text=PAGE.format(body="<h2>500 - Internal server error.</h2>"), content_type="text/html")
        template = re.search(r"CertificateTemplate:([^\r\n]*)", str(form.get("CertAttrib", "")))
        name = template.group(1).strip() if template else ""
        entry = self.authority.sign_request(str(form.get("CertRequest", "")), name, strict=self._refuses("certsrv_template"))
        request[DETAIL] = {"request": entry.number, "template": entry.template, "outcome": entry.status}
        text = {"issued": ISSUED, "pending": PENDING, "denied": DENIED}[entry.status]
        return _page(text.format(number=entry.number, message=entry.message))

    async def _certificate(self, request: web.Request) -> web.Response:
        wanted = request.query.get("ReqID", "")
        encoding = request.query.get("Enc", "bin")
        if wanted == "CACert":
            if request.query.get("Renewal", "0") not in ("0", "-1"):
                raise web.HTTPNotFound()
            return _certificate(request, self.authority.issuing, encoding)
        entry = self.authority.requests.get(int(wanted)) if wanted.isdigit() else None
        if entry is None:
            return _page(NOT_THERE.format(message="The specified request ID was not found."))
        if entry.status != "issued":
            return _page(NOT_THERE.format(message=entry.message))
        return _certificate(request, _issued(entry), encoding)

    async def _chain(self, request: web.Request) -> web.Response:
        wanted = request.query.get("ReqID", "")
        certificates = list(self.authority.chain)
        if wanted != "CACert":
            entry = self.authority.requests.get(int(wanted)) if wanted.isdigit() else None
            if entry is None or entry.status != "issued":
                return _page(NOT_THERE.format(message="The specified request ID was not found." if entry is None else entry.message))
            certificates.insert(0, _issued(entry))
        binary = pkcs7.serialize_certificates(certificates, serialization.Encoding.DER)
        body = binary if request.query.get("Enc", "bin") == "bin" else _base64_file(binary)
        return web.Response(body=body, content_type="application/x-pkcs7-certificates")

    async def _authority_page(self, _request: web.Request) -> web.Response:
        return _page('<script language="javascript">\r\n\tvar nRenewals=0;\r\n</script>\r\n<p>Download a CA Certificate, Certificate Chain, or CRL</p>')


def _page(body: str) -> web.Response:
    return web.Response(text=PAGE.format(body=body), content_type="text/html")


def _issued(entry: Request) -> x509.Certificate:
    return x509.load_pem_x509_certificate(entry.certificate.encode("ascii"))


def _certificate(request: web.Request, certificate: x509.Certificate, encoding: str) -> web.Response:
    binary = certificate.public_bytes(serialization.Encoding.DER)
    text = certificate.public_bytes(serialization.Encoding.PEM).replace(b"\n", b"\r\n")
    browser = "Mozilla" in request.headers.get("User-Agent", "")
    return web.Response(body=binary if encoding == "bin" else text, content_type="application/pkix-cert" if browser else "text/html")


def _base64_file(binary: bytes) -> bytes:
    body = base64.encodebytes(binary).replace(b"\n", b"\r\n")
    return b"-----BEGIN CERTIFICATE-----\r\n" + body + b"-----END CERTIFICATE-----\r\n"
