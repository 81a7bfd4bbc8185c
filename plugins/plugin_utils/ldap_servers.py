# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a cluster's LDAP agreements, and proving the servers that they name by a handshake before anything is switched. Reads only."""
from __future__ import annotations

from dataclasses import dataclass

from .addresses import address_of
from .asking import axl
from .handshakes import look
from .handshakes import served
from .pki.names import covers
from .pki.names import subject_names
from .pki.pem import fingerprint
from .pki.pem import to_pem
from .resources import ldap
from .resources.ldap import BadLdap
from .resources.objects import is_address

NO_TLS = ["Give the LDAP server a certificate, so that it answers by TLS on port %(port)d (Active Directory does so once it has one), then run again.",
          "If it answers by TLS on another port, set 'port' of that host in collab_ldap_servers."]
NO_CHAIN = ["Have the LDAP server's CA in tomcat-trust: name its file in collab_ldap_ca_file, and run the role ldap_over_ssl (the module ldap_trust)."]
NO_NAME = ["Change the agreement to a name that the certificate carries (%(carried)s), or have a certificate issued for %(name)s.",
           "If %(host)s is that server all the same, set 'server_name' of that host in collab_ldap_servers to its name."]
NO_LEAF = ["Run the module ldap_trust with ocsp: true first."]
NO_PORT = ["Set 'port' of %(host)s in collab_ldap_servers to the port on which it answers by TLS."]


@dataclass
class Agreement:
    """One LDAP directory, or LDAP authentication: its servers as they are and, where all is known, as they are to be."""

    name: str
    servers: list
    wanted: list | None = None
    proofs: list = ()
    waits: tuple | None = None          # (reason, advice)

    @property
    def differs(self):
        """Whether a server has another port than the wanted one, or no TLS."""
        return self.wanted is not None and self.servers != self.wanted


def read_agreements(node):
    """{name: servers} of all LDAP directories, and of LDAP authentication where it is in use."""
    found = {name: ldap.directory(axl(node, ldap.directory_request(name))) for name in ldap.directory_names(axl(node, ldap.directories_request()))}
    in_use, servers = ldap.authentication(axl(node, ldap.authentication_request()))
    if in_use:
        found[ldap.AUTHENTICATION] = servers
    return found


def by_host(said, agreements):
    """{host in lower case: the operator's entry}. Raises BadLdap for a host that no agreement has, or one that is listed twice."""
    known = {server["host"].lower() for servers in agreements.values() for server in servers}
    found = {}
    for entry in said or ():
        host = entry["host"].lower()
        if host not in known:
            raise BadLdap("servers (collab_ldap_servers): no LDAP agreement of the cluster has the host '%s'; they have %s. Nothing was written: write it as "
                          "it stands in the agreement." % (entry["host"], ", ".join(sorted(known)) or "none"))
        if host in found:
            raise BadLdap("servers (collab_ldap_servers): '%s' is listed more than once" % entry["host"])
        found[host] = entry
    return found


class Prover:
    """Handshakes with LDAP servers from the control node, each once. anchors: certificates to verify with; leaves: fingerprints that OCSP wants in the
    trust store, or None where it is not used."""

    def __init__(self, action, anchors, leaves=None):
        self.action, self.pem, self.leaves, self.seen = action, "".join(to_pem(one) for one in anchors), leaves, {}

    def prove(self, server, port, said):
        """The proof of one server: {host, port, server_name, proven, reason, advice, carried, certificate, step}."""
        key = (server["host"].lower(), port)
        if key not in self.seen:
            self.seen[key] = self._judge(server["host"], port, ldap.expected_name(server, said))
        return self.seen[key]

    def _judge(self, host, port, name):
        proof = {"host": host, "port": port, "server_name": name, "proven": False, "reason": "", "advice": [], "carried": [], "certificate": None}
        address, dialled = address_of(self.action, "directory_servers", host, port)
        seen, chain_error = look(self.action.publisher, address, dialled, None if is_address(name) else name, ca_pem=self.pem)
        certificate = served(seen)
        if certificate is None:
            return {**proof, "reason": "it offers no TLS there (%s)" % (seen.get("error") or "nothing was served"), "advice": [line % proof for line in NO_TLS]}
        carried = subject_names(certificate) or ["nothing"]
        proof.update(certificate=certificate, carried=carried)
        if chain_error:
            return {**proof, "reason": "its certificate for %s does not chain to tomcat-trust (%s)" % (carried[0], chain_error), "advice": NO_CHAIN}
        if not covers(certificate, name, common_name_counts=True):
            words = {"carried": ", ".join(carried), "name": name, "host": host}
            return {**proof, "reason": "its certificate is for %(carried)s, and the name to find there is %(name)s" % words,
                    "advice": [line % words for line in NO_NAME]}
        if self.leaves is not None and fingerprint(certificate) not in self.leaves:
            return {**proof, "reason": "OCSP is used, and its certificate itself is not in tomcat-trust", "advice": NO_LEAF}
        return {**proof, "proven": True}


def plan(name, servers, said, prover):
    """The Agreement: what it has, what it is to have, and what stands against that."""
    wanted, proofs, against, advice = [], [], [], []
    for server in servers:
        entry = said.get(server["host"].lower(), {})
        port = ldap.secure_port(server, entry)
        if port is None:
            against.append("which port of %s takes TLS is not known (today it is %d)" % (server["host"], server["port"]))
            advice += [line % server for line in NO_PORT]
            continue
        wanted.append({"host": server["host"], "port": port, "tls": True})
        proof = prover.prove(server, port, entry)
        proofs.append(proof)
        if not proof["proven"]:
            against.append("%s:%d: %s" % (server["host"], port, proof["reason"]))
            advice += [line for line in proof["advice"] if line not in advice]
    if not servers:
        return Agreement(name, servers, waits=("it has no server", ["Give it a server, or remove it."]))
    if len(wanted) < len(servers):
        return Agreement(name, servers, None, proofs, ("; ".join(against), advice))
    return Agreement(name, servers, wanted, proofs, ("; ".join(against), advice) if against else None)
