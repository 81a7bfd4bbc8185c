"""The pages of one node behind their login: who may see them, tokens, faults, the journal, and which page does what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from lab.core.http_faults import suffer
from lab.os_admin import certificate_details
from lab.os_admin import certificate_list
from lab.os_admin import certificate_monitor
from lab.os_admin import certificate_revocation
from lab.os_admin import download_csr
from lab.os_admin import form
from lab.os_admin import generate_csr
from lab.os_admin import html
from lab.os_admin import login
from lab.os_admin import upload_certificate
from lab.os_admin.form import BadForm
from lab.os_admin.form import Form
from lab.os_admin.page import Done
from lab.os_admin.page import Page
from lab.os_admin.page import Rejected
from lab.os_admin.session import PATH
from lab.os_admin.session import Session
from lab.os_admin.session import Sessions
from lab.os_admin.session import new_token
from lab.os_admin.session import use_token
from lab.ucm.platform_login import platform_login
from lab.ucm.refused import Refused

if TYPE_CHECKING:
    from lab.core.world import Node

CHANNEL = "os_admin"
HOME = "showHome.do"
CONFIRM = "confirmChange.do"
# Apache Struts' own words (its message struts.messages.invalid.token).
USED_UP = "Error: The form has already been processed or no token was supplied, please try again."
QUESTION = "This change affects the operation of the system. Do you want to continue?"
PAGES = (generate_csr.PAGE, download_csr.PAGE, upload_certificate.PAGE, certificate_monitor.PAGE, certificate_revocation.PAGE,
         certificate_details.DELETE, certificate_details.REGENERATE)
TOKENS = {"struts2": "token", "struts1": "org.apache.struts.taglib.html.TOKEN", "query": "formToken"}
ABOUT = web.RequestKey("about", dict)


class Site:
    """OS Administration of one node."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.world = node.world
        self.sessions = Sessions(node)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request: fault, page, journal."""
        name = request.match_info.get("page", "")
        operation = f"{request.method} {name or '/'}"
        request[ABOUT] = {"kind": "write" if request.method == "POST" and self._writes(name) else "read"}
        fault = await self.world.faults.hit(self.node, CHANNEL, operation, "before")
        if fault is not None and fault.action in ("drop", "expire"):
            self.sessions.forget(request)
        if fault is not None and fault.action != "expire":
            self._note(operation, request, refused=f"fault {fault.action}")
            return await suffer(fault, request)
        response = await self._answer(request, name)
        fault = await self.world.faults.hit(self.node, CHANNEL, operation, "after")
        if fault is None:
            self._note(operation, request, status=response.status)
            return response
        self._note(operation, request, status=response.status, fault=fault.action)
        if fault.action in ("drop", "expire"):
            self.sessions.forget(request)
        return self._logged_out(request) if fault.action == "expire" else await suffer(fault, request, response)

    def _note(self, operation: str, request: web.Request, **more: object) -> None:
        detail = {**request[ABOUT], **more}
        self.world.journal.add(self.node, CHANNEL, operation, detail.pop("kind"), **detail)

    def _writes(self, name: str) -> bool:
        return name == CONFIRM or any(page.writes for page in PAGES if page.path(self.world) == name)

    # ---- login

    async def _answer(self, request: web.Request, name: str) -> web.Response:
        if name == login.CHECK and request.method == "POST":
            return await self._log_in(request)
        session = self.sessions.find(request)
        if session is None or not session.user:
            if name == login.PATH:
                return _page(login.page(self.node))
            if self.world.refuses("os_admin_session"):
                request[ABOUT]["refused"] = "no session"
                return self._logged_out(request)
            session = Session(0.0, "nobody")
        if name == "logout.do":
            self.sessions.forget(request)
            return _page(login.page(self.node))
        if request.method == "GET":
            return self._get(request, name, session)
        return await self._post(request, name, session)

    def _logged_out(self, request: web.Request) -> web.Response:
        if self.world.variant("os_admin_no_session") == "redirect":
            response = web.Response(status=302, headers={"Location": f"{PATH}/{login.PATH}"})
        else:
            response = _page(login.page(self.node))
        self.sessions.open(response, target=request.path_qs if request.method == "GET" else "")
        return response

    async def _log_in(self, request: web.Request) -> web.Response:
        sent = await request.post()
        user = str(sent.get("j_username", ""))
        reason = platform_login(self.node).refused(user, str(sent.get("j_password", "")))
        request[ABOUT]["user"] = user
        if reason is not None and self.world.refuses("os_admin_login"):
            request[ABOUT]["refused"] = reason
            return _page(login.page(self.node, failed=True))
        before = self.sessions.find(request)
        target = before.target if before is not None and before.target else f"{PATH}/{HOME}"
        self.sessions.forget(request)
        response = web.Response(status=302, headers={"Location": target})
        self.sessions.open(response, user)
        return response

    # ---- pages

    def _get(self, request: web.Request, name: str, session: Session) -> web.Response:
        query = request.query
        if name in ("", HOME):
            return self._show(session, html.product(self.node.product), f"<p>{self.node.fqdn}</p>")
        if name == certificate_list.PATH:
            return self._show(session, certificate_list.TITLE, certificate_list.show(self.node, query))
        if name == certificate_details.PATH:
            return self._details(session, query)
        if name == certificate_details.FILE_PATH and (found := certificate_details.file(self.node, query)) is not None:
            return _download(*found)
        for page in PAGES:
            if page.path(self.world) == name and (what := page.offer(self.node, query)) is not None:
                session.chosen = dict(query)
                return self._show(session, page.title, self._form(session, page, what))
        return self._unknown(request)

    def _details(self, session: Session, query: Mapping[str, str]) -> web.Response:
        body = certificate_details.show(self.node, query)
        if body is None:
            return self._show(session, certificate_details.TITLE, "", ("Error: The certificate does not exist",))
        page = certificate_details.button(query)
        session.chosen = dict(query)
        return self._show(session, certificate_details.TITLE, body + self._form(session, page, page.offer(self.node, query)))

    async def _post(self, request: web.Request, name: str, session: Session) -> web.Response:
        page = next((page for page in PAGES if page.path(self.world) == name), None)
        if name == CONFIRM and session.pending is not None:
            page = next(page for page in PAGES if page.path(self.world) == session.pending[0])
        if page is None:
            return self._unknown(request)
        sent = await request.post()
        if not self._token_fits(request, session, sent) and self.world.refuses("os_admin_token"):
            return self._refuse(request, session, page.title, USED_UP)
        if name == CONFIRM:
            values, session.pending = session.pending[1], None
            return self._act(request, session, page, values)
        what = page.offer(self.node, session.chosen)
        if what is None:
            return self._unknown(request)
        try:
            values, pressed = form.read(self.world, what, sent, {TOKENS["struts2"], "struts.token.name", TOKENS["struts1"]})
        except BadForm as problem:
            self.world.note_unknown(self.node, CHANNEL, f"POST {name}: fields {', '.join(sorted(sent))}")
            return self._refuse(request, session, page.title, str(problem))
        values = {**what.hidden, **values}
        if not pressed:
            # Another choice was made, and the page comes back as it is for that.
            request[ABOUT].update(kind="read", changed=page.about(values))
            session.chosen = {key: value for key, value in values.items() if isinstance(value, str)}
            return self._show(session, page.title, self._form(session, page, page.offer(self.node, session.chosen)))
        request[ABOUT]["object"] = page.about(values)
        if page.writes and self.world.variant("os_admin_confirmation") == "page":
            request[ABOUT].update(kind="read", asked=True)
            session.pending = (name, values)
            question = Form("confirm", (("Confirmation", ()),), "Continue")
            return self._show(session, page.title, self._draw(session, question, CONFIRM), (QUESTION,))
        return self._act(request, session, page, values)

    def _act(self, request: web.Request, session: Session, page: Page, values: dict) -> web.Response:
        request[ABOUT]["object"] = page.about(values)
        try:
            done = page.act(self.node, values)
        except Refused as problem:
            done = Done((f"Error: {problem}",))
            request[ABOUT]["refused"] = str(problem)
        except Rejected as problem:
            done = Done((str(problem),))
            request[ABOUT]["refused"] = str(problem)
        if done.download is not None:
            return _download(*done.download)
        session.chosen = {key: value for key, value in values.items() if isinstance(value, str)}
        what = page.offer(self.node, session.chosen)
        body = "" if what is None else self._form(session, page, what)
        return self._show(session, page.title, body, done.messages)

    def _token_fits(self, request: web.Request, session: Session, sent: Mapping) -> bool:
        way = self.world.variant("os_admin_token")
        given = request.query.get(TOKENS[way], "") if way == "query" else str(sent.get(TOKENS[way], ""))
        named = way != "struts2" or sent.get("struts.token.name") == TOKENS[way]
        return use_token(session, given) and named

    def _form(self, session: Session, page: Page, what: Form) -> str:
        return self._draw(session, what, page.path(self.world))

    def _draw(self, session: Session, what: Form, action: str) -> str:
        way, token = self.world.variant("os_admin_token"), new_token(session)
        if way == "query":
            return html.form(self.world, what, {}, f"{action}?{TOKENS[way]}={token}")
        hidden = {"struts.token.name": TOKENS[way], TOKENS[way]: token} if way == "struts2" else {TOKENS[way]: token}
        return html.form(self.world, what, hidden, action)

    def _show(self, session: Session, title: str, body: str, messages: tuple[str, ...] = ()) -> web.Response:
        menu = [("Certificate Management", certificate_list.PATH), ("Certificate Monitor", certificate_monitor.PAGE.path(self.world))]
        if certificate_revocation.PAGE.offer(self.node, {}) is not None:
            menu.append(("Certificate Revocation", certificate_revocation.PAGE.path(self.world)))
        head = html.header(html.product(self.node.product), session.user, menu)
        return _page(html.page(title, body, messages, head))

    def _refuse(self, request: web.Request, session: Session, title: str, text: str) -> web.Response:
        request[ABOUT]["refused"] = text
        return self._show(session, title, "", (text,))

    def _unknown(self, request: web.Request) -> web.Response:
        if not request.path.endswith((".css", ".gif", ".js", ".ico")):
            self.world.note_unknown(self.node, CHANNEL, f"{request.method} {request.path}")
        request[ABOUT]["refused"] = "404"
        return _page("<html><head><title>HTTP Status 404 - Not Found</title></head><body><h1>HTTP Status 404 - Not Found</h1></body></html>", 404)


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html", charset="utf-8", headers={"Cache-Control": "no-store"})


def _download(name: str, content: bytes) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)
