# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP directories and LDAP authentication: which servers they have, and what they look like over TLS (guide: LDAP over SSL).

Sources: axl.md 2.6 (elements; an update replaces the list of servers as a whole; a list reply has no servers) and 0.8 (ports). Of an
agreement only its servers are ever asked for or sent: the password that may stand beside them is neither read nor written.
"""
from __future__ import annotations

from .objects import boolean
from .objects import rows
from .objects import text

AUTHENTICATION = "LDAP Authentication"      # it has no name of its own
# Unified CM speaks LDAP over TLS from the first byte (no StartTLS), so TLS needs a port of its own; the guide prints 3268 for a global catalog.
SECURE_PORTS = {389: 636, 636: 636, 3268: 3269, 3269: 3269}
PLAIN_PORTS = {389: "LDAP's plain port", 3268: "the plain port of a global catalog (the guide prints it for TLS)"}
SERVER_TAGS = {"server": {"hostName": "", "ldapPortNumber": "", "sslEnabled": ""}}


class BadLdap(Exception):
    """What the operator says about LDAP does not fit the cluster; the message says which entry and what to do."""


def directories_request():
    """(operation, arguments) that lists the LDAP directories; their servers come with each one alone."""
    return "listLdapDirectory", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": ""}}


def directory_names(reply):
    """Names of the LDAP directories."""
    return sorted(text(row.get("name")) for row in rows(reply, "ldapDirectory"))


def directory_request(name):
    """(operation, arguments) that reads the servers of one LDAP directory, and nothing else of it."""
    return "getLdapDirectory", {"name": name, "returnedTags": {"name": "", "servers": SERVER_TAGS}}


def authentication_request():
    """(operation, arguments) that reads LDAP authentication; the request can name no tags."""
    return "getLdapAuthentication", {}


def directory(reply):
    """The servers of a getLdapDirectory reply, in order."""
    found = rows(reply, "ldapDirectory")
    return servers(found[0]) if found else []


def authentication(reply):
    """(whether end users are authenticated by LDAP, servers in order) of a getLdapAuthentication reply."""
    found = rows(reply, "ldapAuthentication")
    return (boolean(found[0].get("authenticateEndUsers")), servers(found[0])) if found else (False, [])


def servers(row):
    """[{host, port, tls}] in order."""
    listed = rows(row.get("servers"), "server") if row.get("servers") else []
    found = [{"host": text(one.get("hostName")), "port": int(text(one.get("ldapPortNumber")) or 389), "tls": boolean(one.get("sslEnabled"))} for one in listed]
    return [one for one in found if one["host"]]


def update_request(name, wanted):
    """(operation, arguments) that gives an agreement its whole list of servers."""
    listed = {"server": [{"hostName": one["host"], "ldapPortNumber": str(one["port"]), "sslEnabled": one["tls"]} for one in wanted]}
    if name == AUTHENTICATION:
        return "updateLdapAuthentication", {"servers": listed}
    return "updateLdapDirectory", {"name": name, "servers": listed}


def secure_port(server, said):
    """The port that this server is to be reached on by TLS; None where that cannot be known. said: the operator's entry for the host."""
    port = int(said.get("port") or server["port"])
    if port in SECURE_PORTS:
        return SECURE_PORTS[port]
    return port if said.get("port") or server["tls"] else None


def expected_name(server, said):
    """The name that the server's certificate has to carry: the operator's, else what the agreement dials."""
    return said.get("server_name") or server["host"]


def shown(listed):
    """Servers for people: ["us-ldap1.ent-pa.com:636 TLS", ...] in order."""
    return ["%s:%d%s" % (one["host"], one["port"], " TLS" if one["tls"] else "") for one in listed]
