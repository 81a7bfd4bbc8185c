"""LDAP of one Unified CM cluster: synchronizations of its agreements, and logins of its end users.

A synchronization runs on the publisher (Cisco DirSync) and takes its time; end users come and go by it. A login is asked at the servers of
LDAP authentication, from the node that the user came to. Sources: axl.md 2.6; id:8869883484, id:42576615231 (words of the status).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ldap import filters
from lab.ldap.client import LdapError
from lab.ucm import directory_link
from lab.ucm.directory_link import Server
from lab.ucm.secret_text import reveal

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.core.world import Node

DIRSYNC = "Cisco DirSync"
INITIATED, RUNNING, DONE, FAILED = "initiated", "running", "done", "failed"
DURATION = 20.0
# The filter of an agreement without one of its own: people of Active Directory who are not disabled.
PEOPLE = "(&(objectclass=user)(!(objectclass=Computer))(!(UserAccountControl:1.2.840.113556.1.4.803:=2)))"
_SERVERS = "select hostname, portnumber, sslenabled from {table} where {parent}=? order by sortorder"

variant("ldap_sync_failure", ("failed", "successful"), "failed", "axl.md 2.6 (open)",
        "what getLdapSyncStatus says when no server could be used: that the synchronization failed, or that it was performed all the same")

refusal("ldap_empty_password", "RFC 4513 5.1.2", "a login without a password, which a directory takes for an anonymous one")


@dataclass(frozen=True)
class Sync:
    """The last synchronization of an agreement. said: what came of it, for `status`."""

    state: str
    said: str = ""


class Directory:
    """The LDAP side of one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.trust = directory_link.Trust(cluster)
        self._syncs: dict[str, Sync] = {}

    # ---- synchronization

    def sync(self, key: str) -> Sync:
        """The last synchronization of an agreement (by key)."""
        return self._syncs.get(key, Sync(""))

    def start(self, key: str) -> None:
        """Begin a synchronization; one that is under way goes on."""
        if self.sync(key).state not in (INITIATED, RUNNING):
            self._syncs[key] = Sync(INITIATED)
            self.cluster.world.spawn(self._run(key), f"{self.cluster.name}: LDAP synchronization")

    def cancel(self, key: str) -> None:
        """End a synchronization before its time."""
        if self.sync(key).state in (INITIATED, RUNNING):
            self._syncs[key] = Sync(FAILED, "cancelled")

    async def _run(self, key: str) -> None:
        clock = self.cluster.world.clock
        await clock.sleep(DURATION / 4)
        if self.sync(key).state != INITIATED:
            return
        self._syncs[key] = Sync(RUNNING)
        await clock.sleep(DURATION)
        if self.sync(key).state != RUNNING:
            return
        try:
            said = await self._synchronize(key)
        except LdapError as error:
            outcome = Sync(FAILED, str(error))
        else:
            outcome = Sync(DONE, said)
        if self.sync(key).state == RUNNING:
            self._syncs[key] = outcome

    async def _synchronize(self, key: str) -> str:
        db = self.cluster.db
        found = db.rows("select d.ldapdn, d.ldappassword, d.usersearchbase, f.filter from directorypluginconfig d "
                        "left join ldapfilter f on f.pkid = d.fkldapfilter where d.pkid = ?", key)
        if not found:
            raise LdapError("the agreement is gone")
        name, hidden, base, own = found[0]
        attribute = db.value("select useridattribute from ldapsystemconfig")
        session, server = await directory_link.reach(self.trust, self.cluster.publisher, self.servers(key), name, reveal(hidden or ""))
        try:
            where = f"(&{PEOPLE}{own})" if own else PEOPLE
            people = await session.search(base or "", where, (attribute, "givenName", "sn", "mail"))
        finally:
            session.close()
        count = self._take(key, attribute.lower(), people)
        db.run("update directorypluginconfig set connectedldaphost=? where pkid=?", server.host, key)
        return f"{count} users from {server.host}:{server.port}{' by TLS' if server.tls else ''}"

    def _take(self, key: str, attribute: str, people: list) -> int:
        """Write down who was found; whoever is not there any more becomes inactive."""
        db, seen = self.cluster.db, set()
        with db.transaction():
            for _name, held in people:
                user = next(iter(held.get(attribute, [])), "").lower()
                if not user:
                    continue
                seen.add(user)
                values = tuple(next(iter(held.get(one, [])), "") for one in ("givenname", "sn", "mail"))
                if not db.run("update enduser set firstname=?, lastname=?, mailid=?, status=1, fkdirectorypluginconfig=? where userid=?", *values, key, user):
                    db.insert("enduser", pkid=db.uuid("enduser", user), userid=user, firstname=values[0], lastname=values[1], mailid=values[2],
                              fkdirectorypluginconfig=key, status=1)
            for (user,) in db.rows("select userid from enduser where fkdirectorypluginconfig=?", key):
                if user not in seen:
                    db.run("update enduser set status=0 where userid=?", user)
        return len(seen)

    def servers(self, key: str) -> list[Server]:
        """The servers of an agreement, in order."""
        return self._servers("directorypluginhost", "fkdirectorypluginconfig", key)

    def _servers(self, table: str, parent: str, key: str) -> list[Server]:
        return [Server(str(host), int(port or 389), tls == "t")
                for host, port, tls in self.cluster.db.rows(_SERVERS.format(table=table, parent=parent), key)]

    # ---- login

    async def login(self, node: Node, user: str, password: str) -> str | None:
        """Why an end user may not log in at a node; None when all is right."""
        db = self.cluster.db
        known = db.rows("select fkdirectorypluginconfig, status from enduser where userid=?", user.lower())
        if not known or known[0][1] != 1:
            return "no such active user"
        key, on, name, hidden, base = db.rows("select pkid, authenticateendusers, distinguishedname, ldappassword, usersearchbase from ldapauthentication")[0]
        if known[0][0] is None or on != "t":
            # A user that LDAP does not vouch for has a password in the cluster's own database; the lab's users have none there.
            return "no password in the database"
        if not password and self.cluster.world.refuses("ldap_empty_password"):
            return "empty password"
        servers = self._servers("ldapauthenticationhost", "fkldapauthentication", key)
        attribute = db.value("select useridattribute from ldapsystemconfig")
        try:
            session, server = await directory_link.reach(self.trust, node, servers, name, reveal(hidden or ""))
            try:
                found = await session.search(base or "", f"({attribute}={filters.escape(user)})", (attribute,))
                if len(found) != 1:
                    return "not found in the directory"
                await session.bind(found[0][0], password)
            finally:
                session.close()
        except LdapError as error:
            return str(error)
        return None

    # ---- status and snapshots

    def outcomes(self) -> dict[str, str]:
        """What came of the last synchronization of each agreement."""
        names = dict(self.cluster.db.rows("select pkid, name from directorypluginconfig"))
        return {names[key]: f"{sync.state}: {sync.said}" if sync.said else sync.state for key, sync in self._syncs.items() if key in names}

    def save(self) -> dict:
        """State for a snapshot."""
        return {"syncs": dict(self._syncs), "trust": self.trust.save()}

    def load(self, state: dict) -> None:
        """Take over what `save` gave; a synchronization that was under way begins anew."""
        self.trust.load(state["trust"])
        self._syncs = dict(state["syncs"])
        for key, sync in list(self._syncs.items()):
            if sync.state in (INITIATED, RUNNING):
                self._syncs[key] = Sync("")
                self.start(key)


def day_zero(cluster: Cluster) -> None:
    """As the estate makes it: `ldap_directories`, `ldap_authentication`; DirSync is active where there is an agreement."""
    cluster.directory = Directory(cluster)
    cluster.world.keep(f"{cluster.name}/directory", cluster.directory.save, cluster.directory.load)
    if cluster.estate.get("ldap_directories"):
        cluster.publisher.services.installed(DIRSYNC)
