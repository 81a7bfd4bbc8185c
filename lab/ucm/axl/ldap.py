"""AXL operations on LDAP that are not add, get, list, update or remove of a named object: axl.md 2.6.

Words of getLdapSyncStatus are those that public programs wait for (id:8869883484, id:42576615231, id:37834349090); the schema says true
while it runs, and its pattern does not allow the words.
"""
from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable

from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ldap.client import LdapError
from lab.ucm import directory
from lab.ucm import directory_link
from lab.ucm.axl import classes
from lab.ucm.axl import objects
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.soap import Fault
from lab.ucm.secret_text import reveal
from lab.ucm.store import axl_uuid

variant("ldap_sync_status", ("words", "schema"), "words", "id:8869883484; schema's annotation",
        "what getLdapSyncStatus answers: the words of public programs, or true while a synchronization runs and false otherwise")
variant("ldap_save_check", ("none", "connects"), "none", "axl.md 2.6 (open; the administration page connects)",
        "whether AXL refuses LDAP servers that the publisher cannot use")

refusal("ldap_sync_not_enabled", "axl.md 2.6", "a synchronization while synchronizing from LDAP is not enabled")
refusal("ldap_dirsync_down", "axl.md 6 (inferred)", "a synchronization while Cisco DirSync does not run")

WORDS = {"": "Sync is yet to start", directory.INITIATED: "Sync is initiated", directory.RUNNING: "Sync is currently under process",
         directory.DONE: "Sync is performed successfully", directory.FAILED: "Sync is failed"}
Handler = Callable[[Context, etree._Element], etree._Element]


def sync(context: Context, request: etree._Element) -> etree._Element:
    """doLdapSync: begin (sync true) or end a synchronization."""
    key = objects.target(context, classes.LDAP_DIRECTORY, request)
    if soap.text(request.find("sync")).lower() in ("f", "false", "0"):
        context.cluster.directory.cancel(key)
        return objects.answer(context, request, "true")
    if context.store.value("select syncenabled from ldapsystemconfig") != "t" and context.refuses("ldap_sync_not_enabled"):
        raise Fault(5003, "Synchronizing from LDAP Server is not enabled")
    if not context.cluster.publisher.services.running(directory.DIRSYNC) and context.refuses("ldap_dirsync_down"):
        raise Fault(5003, f"{directory.DIRSYNC} service is not running")
    context.cluster.directory.start(key)
    return objects.answer(context, request, "true")


def sync_status(context: Context, request: etree._Element) -> etree._Element:
    """getLdapSyncStatus."""
    state = context.cluster.directory.sync(objects.target(context, classes.LDAP_DIRECTORY, request)).state
    if state == directory.FAILED and context.variant("ldap_sync_failure") == "successful":
        state = directory.DONE
    if context.variant("ldap_sync_status") == "schema":
        return objects.answer(context, request, "true" if state in (directory.INITIATED, directory.RUNNING) else "false")
    context.off_schema = True
    return objects.answer(context, request, WORDS[state])


def _get(cls: ObjectClass) -> Handler:
    """get of an object that has no name."""
    def handler(context: Context, request: etree._Element) -> etree._Element:
        stand_in = etree.Element(request.tag)
        etree.SubElement(stand_in, "uuid").text = axl_uuid(context.store.value(f"select pkid from {cls.table}"))
        root = objects.get(context, cls, stand_in)
        root.find(f"return/{cls.tag}").attrib.pop("uuid", None)
        return root
    return handler


def _update(cls: ObjectClass) -> Handler:
    """update of an object that has no name."""
    def handler(context: Context, request: etree._Element) -> etree._Element:
        etree.SubElement(request, "uuid").text = axl_uuid(context.store.value(f"select pkid from {cls.table}"))
        return objects.update(context, cls, request)
    return handler


def authenticate(context: Context, request: etree._Element) -> etree._Element:
    """doAuthenticateUser: what `user_can_log_in` found (numbers of the code ours)."""
    root = context.response()
    result = etree.SubElement(root, "return")
    etree.SubElement(result, "userAuthenticated").text = "true" if context.prepared is None else "false"
    etree.SubElement(result, "code").text = "0" if context.prepared is None else "1"
    return root


OPERATIONS: dict[str, Handler] = {
    "doLdapSync": sync, "getLdapSyncStatus": sync_status, "doAuthenticateUser": authenticate,
    **{f"{verb}{cls.name}": make(cls) for cls in (classes.LDAP_AUTHENTICATION, classes.LDAP_SYSTEM) for verb, make in (("get", _get), ("update", _update))},
}


async def servers_can_be_used(context: Context, request: etree._Element) -> None:
    """In the reading "connects": the publisher logs in at the servers that an update names. Raises Fault."""
    named = request.find("servers")
    if context.variant("ldap_save_check") == "none" or named is None:
        return
    if context.operation == "updateLdapDirectory":
        key = objects.target(context, classes.LDAP_DIRECTORY, request, updating=True)
        name, hidden = context.store.rows("select ldapdn, ldappassword from directorypluginconfig where pkid=?", key)[0]
    else:
        name, hidden = context.store.rows("select distinguishedname, ldappassword from ldapauthentication")[0]
    name = soap.text(request.find("ldapDn")) or soap.text(request.find("distinguishedName")) or name
    given = request.find("ldapPassword")
    password = reveal(hidden or "") if given is None else soap.text(given)
    for item in named.findall("server"):
        server = directory_link.Server(soap.text(item.find("hostName")), int(soap.text(item.find("ldapPortNumber")) or 389),
                                       soap.text(item.find("sslEnabled")).lower() in ("t", "true", "1"))
        try:
            session, _server = await directory_link.reach(context.cluster.directory.trust, context.cluster.publisher, [server], name, password)
        except LdapError as error:
            raise Fault(5003, f"Error while connecting to ldap{'s' if server.tls else ''}://{server.host}:{server.port}: {error}") from None
        session.close()


async def user_can_log_in(context: Context, request: etree._Element) -> None:
    """Asks for an end user's login before the operation answers."""
    pin = request.find("pin")
    user = soap.text(request.find("userid"))
    context.detail["user"] = user
    context.prepared = "no PIN in the database" if pin is not None else await context.cluster.directory.login(
        context.node, user, soap.text(request.find("password")))
    if context.prepared is not None:
        context.detail["denied"] = context.prepared


BEFORE: dict[str, Callable[[Context, etree._Element], Awaitable[None]]] = {
    "updateLdapDirectory": servers_can_be_used, "updateLdapAuthentication": servers_can_be_used,
    "doAuthenticateUser": user_can_log_in,
}
