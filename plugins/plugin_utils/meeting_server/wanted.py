# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two certificates of a Meeting Server cluster, and whether one is what it has to be. Source: the guide's Cisco Meeting Server part; cms.md 1.5."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail

from ..certificates import reading
from ..pki import chain as chains
from ..pki import checks
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.facts import common_name
from ..pki.facts import extended_key_usage
from ..pki.facts import short
from ..pki.facts import usage_words
from ..pki.pem import to_pem

SHARED, DATABASE = "shared", "database_client"
# Names of the guide's example; letters, digits, '-' and '_' are what a Meeting Server takes.
BASENAMES = {SHARED: "CAsignedCluster", DATABASE: "dbclusterclient"}
REQUEST_STEPS = {SHARED: "cms-csr-shared", DATABASE: "cms-csr-db"}
SIGN_STEPS = {SHARED: "cms-sign-shared", DATABASE: "cms-sign-db"}
UPLOAD_STEPS = {SHARED: "cms-upload-shared", DATABASE: "cms-upload-db"}
DATABASE_NAME = "postgres"      # the database's user: the client's common name must hold it (cms.md 1.4)


def wanted(action, kind, alt_names=()):
    """What the certificate of this kind must be: common_name, names, key_length, hash, uses, as pki.checks takes it."""
    if kind == DATABASE:
        return {"common_name": DATABASE_NAME, "exact_name": True, "names": [], "key_length": 2048, "hash": "sha256", "uses": {CLIENT_AUTH}}
    name = str(action.var("collab_cluster_name") or "").lower()
    names = [node.fqdn.lower() for node in action.nodes.values()] + [name] + [n.lower() for n in alt_names]
    if not name or "*" in "".join(names):
        raise AnsibleActionFail("collab_cluster_name of %s must be the name that all its nodes share (on 2.x its XMPP domain), without '*': it is the "
                                "certificate's common name; alt_names must be single names, too" % action.cluster)
    return {"common_name": name, "exact_name": True, "names": list(dict.fromkeys(names)), "key_length": 2048, "hash": "sha256",
            "uses": {SERVER_AUTH, CLIENT_AUTH}}


def problems(certificate, want, cas, renew_before_days, where):
    """Why a certificate is not what is wanted: [Problem], the guide's extended key usages included, which have to be there."""
    found = checks.installed(certificate, want, cas, reading.now(), renew_before_days, where)
    if extended_key_usage(certificate) is None:
        found.append(checks.Problem("usage", where, "it has no extended key usage; the guide asks for %s" % usage_words(want["uses"]),
                                    "Correct the CA's template, then have it signed again"))
    return found


def chain_of(certificate, cas):
    """[issuer, ..., root] of a certificate, from the enterprise's CA certificates."""
    return chains.build(certificate, cas)[0][1:]


def bundle(certificates):
    """The text of a file with these certificates: one after the other, with one newline at the end (cms.md 1.2)."""
    return "".join(to_pem(c) for c in certificates).encode()


def best(servers, want, cas, renew_before_days):
    """The certificate that the cluster has already and that is right: the one that services use first, then the youngest; None where there is none.

    It counts only where its key is at hand on some node; whether it really is that key is looked at before it is carried anywhere.
    """
    found = {}
    for server in servers.values():
        used = {server.statuses[s].installed(slot)[1] for s in server.statuses for slot in server.statuses[s].service.slots} | set(server.database_files())
        for name, certificates in server.certificates.items():
            leaf = certificates[0]
            if common_name(leaf).lower() != want["common_name"] or not server.has_key_for(leaf):
                continue
            if not problems(leaf, want, cas, renew_before_days, name):
                rank = found.get(to_pem(leaf), (False, None, leaf))
                found[to_pem(leaf)] = (rank[0] or name in used, leaf.not_valid_before_utc, leaf)
    return max(found.values(), key=lambda rank: rank[:2])[2] if found else None


def described(server, want, cas, renew_before_days):
    """What is wrong on one node, in words, for the certificates that its services use: {service: [words]}."""
    found = {}
    for status in server.statuses.values():
        for slot in status.service.slots:
            _key, name, _bundle = status.installed(slot)
            leaf = server.leaf(name) if name else None
            if leaf is None:
                found[status.service.name] = ["it has no certificate"] if not name else ["its certificate %s cannot be read" % name]
            else:
                words = [p.what for p in problems(leaf, want, cas, renew_before_days, name)]
                if words:
                    found[status.service.name] = ["%s: %s" % (short(leaf), "; ".join(words))]
    return found
