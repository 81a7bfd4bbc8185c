"""What a directory server holds: people below a base, as Microsoft Active Directory names their attributes."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from lab.ldap import filters
from lab.ldap.messages import Search


@dataclass(frozen=True)
class Account:
    """An entry that can log in. name: its DN; logins: what a bind may call it (DN, user@domain, DOMAIN\\user), in lower case."""

    name: str
    attributes: dict[str, list[str]]
    logins: frozenset[str]
    password: str = field(repr=False)


class Directory:
    """description: `directories` of estate.yml for this server: base, accounts [{uid, first, last, mail, password, dn, container}]."""

    def __init__(self, description: dict[str, Any], domain: str) -> None:
        self.base = str(description.get("base") or ",".join(f"dc={part}" for part in domain.split(".")))
        self._domain = domain
        self.accounts = [self._account(entry) for entry in description.get("accounts", ())]

    def _account(self, entry: dict[str, Any]) -> Account:
        uid = str(entry["uid"])
        first, last = str(entry.get("first", "")), str(entry.get("last", uid))
        shown = f"{first} {last}".strip()
        name = str(entry.get("dn") or f"cn={shown},{entry.get('container', 'cn=Users')},{self.base}")
        attributes = {
            "objectclass": ["top", "person", "organizationalPerson", "user"], "cn": [shown], "displayname": [shown], "sn": [last],
            "samaccountname": [uid], "userprincipalname": [f"{uid}@{self._domain}"], "useraccountcontrol": ["514" if entry.get("disabled") else "512"],
            "distinguishedname": [name],
        }
        attributes.update({key: [str(value)] for key, value in (("givenname", first), ("mail", entry.get("mail", "")),
                                                                ("telephonenumber", entry.get("phone", ""))) if value})
        short = self._domain.split(".")[0]
        logins = frozenset(login.lower() for login in (plain(name), f"{uid}@{self._domain}", f"{short}\\{uid}", f"{short.upper()}\\{uid}"))
        return Account(name, attributes, logins, str(entry.get("password", "")))

    def login(self, name: str, password: str) -> Account | None:
        """The account of a right name and password."""
        wanted = plain(name).lower()
        found = next((account for account in self.accounts if wanted in account.logins), None)
        right = found is not None and bool(found.password) and hmac.compare_digest(found.password.encode(), password.encode())
        return found if right and found.attributes["useraccountcontrol"] == ["512"] else None

    def search(self, what: Search) -> list[tuple[str, dict[str, list[str]]]] | None:
        """What a search finds; None for a base that is not here."""
        base = plain(what.base).lower()
        if not f",{base}".endswith("," + plain(self.base).lower()):
            return None
        found = []
        for account in self.accounts:
            name = plain(account.name).lower()
            inside = {0: name == base, 1: name.partition(",")[2] == base}.get(what.scope, f",{name}".endswith("," + base))
            if inside and filters.fits(what.where, account.attributes):
                found.append((account.name, account.attributes))
        return found


def plain(name: str) -> str:
    """A distinguished name without blanks around its commas and equals signs."""
    return re.sub(r"\s*([,=])\s*", r"\1", name.strip())
