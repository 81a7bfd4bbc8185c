# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading Meeting Servers, and what management servers show, for the trust graph."""
from __future__ import annotations

from ..errors import NodeError
from ..handshakes import served
from ..management.products import PRODUCTS
from ..meeting_server.objects import collection
from ..meeting_server.reading import Server
from ..meeting_server.wanted import DATABASE_NAME
from ..pki import chain as chains
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.facts import short
from ..pki.pem import fingerprint
from .facts import Wanted
from .facts import shown

SIP_TLS = 5061
C2W = {"callbridge": "c2w", "webbridge3": "call-bridges"}       # the trust store of each end


def meeting_server(facts, view, host, cas):
    """What one Meeting Server holds."""
    server = Server(host)
    issuers = tuple(cas["ca_file"])
    names = tuple(str(one).lower() for one in (facts.fqdn, view.var("collab_cluster_name")) if one)
    shared = Wanted(names, frozenset({SERVER_AUTH, CLIENT_AUTH}), issuers)
    for status in server.statuses.values():
        if not status.set_up:
            continue
        for slot in status.service.slots:
            _key, name, bundle = status.installed(slot)
            unit = "c2w" if "c2w" in slot.command else status.service.name
            facts.shown[unit], facts.comes[unit] = shown(server.leaf(name)), shared
            above(facts, server, status.service.name, name, bundle, issuers)
        for trust in status.service.trusts:
            if status.service.name in C2W and "c2w" in trust.command:
                store = C2W[status.service.name]
                facts.stores[store] = tuple(server.certificates.get(status.value(trust.label), ()))
                facts.brings[store] = issuers
        if status.service.name == "webbridge3":
            facts.says["c2w_port"] = c2w_port(status)
    database(facts, server, issuers)
    facts.says["wanted"] = {"bundle_lacks": {}}


def above(facts, server, service, name, bundle, cas):
    """What a service lacks to send of the chain above its certificate."""
    leaf = server.leaf(name)
    sent = [*server.certificates.get(name, ()), *server.certificates.get(bundle, ())]
    if leaf is None or chains.is_self_signed(leaf):
        return
    held = {fingerprint(one) for one in sent}
    lacking = [one for one in chains.build(leaf, [*sent, *cas])[0][1:] if fingerprint(one) not in held and not chains.is_self_signed(one)]
    if lacking:
        facts.says.setdefault("bundle_lacks", {})[service] = ", ".join(short(one) for one in lacking)


def c2w_port(status):
    """Where Web Bridge waits for Call Bridges, or None."""
    found = status.value(r"c2w listen").rpartition(":")[2]
    return int(found) if found.isdigit() else None


def database(facts, server, cas):
    """The certificates of a clustered database."""
    if not server.database.enabled:
        return
    files = server.database.certificates
    if files["server_certificate"]:
        facts.shown["database_server"] = shown(server.leaf(files["server_certificate"]))
        facts.comes["database_server"] = Wanted((facts.fqdn.lower(),), frozenset({SERVER_AUTH, CLIENT_AUTH}), cas)
    if files["client_certificate"]:
        facts.shown["database_client"] = shown(server.leaf(files["client_certificate"]))
        facts.comes["database_client"] = Wanted((DATABASE_NAME,), frozenset({CLIENT_AUTH}), cas)
    facts.stores["database"], facts.brings["database"] = tuple(server.certificates.get(files["ca"], ())), cas


def calls(estate, cluster, view):
    """The rules by which Call Bridges call: [(whom, whether by TLS, port, what says so)]."""
    for name, host in view.nodes.items():
        if "callbridge" not in host.roles:
            continue
        try:
            rules = collection(host, "outboundDialPlanRules")
        except NodeError as e:
            if e.kind not in ("unreachable", "refused"):
                raise
            continue                    # Web Admin, which serves the API, is not set up yet: nothing is known of rules
        found = []
        for one, rule in rules.items():
            proxy, _colon, port = (rule.get("sipProxy") or rule.get("domain", "")).partition(":")
            found.append((proxy.lower(), rule.get("sipControlEncryption") == "encrypted", int(port) if port.isdigit() and int(port) != 5060 else SIP_TLS,
                          "the outbound rule %s for %s of %s" % (one, rule.get("domain", ""), name)))
        facts = estate.nodes[name]
        facts.says["rules"] = found
        facts.says["wanted"]["rules"] = [(proxy, True, port, what) for proxy, _tls, port, what in found]


def web_server(facts, view, host, cas):
    """What any other server shows on its web port."""
    seen = host.ask("tls", "probe", address=host.host, port=facts.web, server_name=facts.fqdn, rsa_only=True)
    facts.shown["web"] = shown(served(seen))
    product = PRODUCTS.get(facts.product)
    facts.comes["web"] = Wanted((facts.fqdn.lower(),), product.uses if product else frozenset({SERVER_AUTH}), tuple(cas["ca_file"]))
