# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a connection needs, each as data with one pure check: [Problem] where it does not hold."""
from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace

from ..pki import chain as chains
from ..pki import checks
from ..pki.facts import CLIENT_AUTH
from ..pki.facts import SERVER_AUTH
from ..pki.facts import is_ca
from ..pki.facts import short
from ..pki.pem import fingerprint
from .facts import Shown

PLAIN = "not-tls"       # the id of a problem that means: no TLS is spoken at all


@dataclass(frozen=True)
class Mend:
    """The change that puts a problem right. text: for people; role: that makes it, "" where a person has to; cluster, node: whose change it is."""

    text: str
    role: str = ""
    cluster: str = ""
    node: str = ""

    def of(self, cluster):
        """The same as a change of this cluster."""
        return replace(self, cluster=cluster)

    def at(self, node):
        """The same as a change of this node."""
        return replace(self, cluster=node.cluster, node=node.name)

    def also(self, words):
        """The same with more words at its end."""
        return replace(self, text=self.text + words)

    def after(self, words):
        """The same once something else is done."""
        return replace(self, text=words + self.text)


def by(role, tag, *modules, what=""):
    """The Mend that modules of a role bring. what: comes of it, in words."""
    text = "module%s %s of role %s (tag %s)" % ("s" if len(modules) > 1 else "", " and ".join(modules), role, tag)
    return Mend("%s: %s" % (what, text) if what else text, role)


@dataclass(frozen=True)
class Problem:
    """One reason why a connection fails. text: the reason; mend: what puts it right; served: whether it lies in what the server itself shows."""

    id: str
    text: str
    mend: Mend
    step: str | None = None
    served: bool = False


@dataclass(frozen=True)
class Names:
    """Names of which a certificate has to carry one (each: all of them). setting: what says so; mend, step: how that is put right."""

    accepted: tuple
    setting: str
    mend: Mend
    step: str | None = None
    each: bool = False


@dataclass(frozen=True)
class Proof:
    """One end proves itself to the other: its certificate verifies in a trust store, is valid, may be used so, and carries the name looked for.

    pool: the store's certificates, None: not read, so not judged; partial: whether the issuer alone is enough, without what stands above it.
    known: CA certificates known here, by which what is missing in the store is named.
    """

    holder: str
    unit: str
    shown: Shown | None
    verifier: str
    store: str
    pool: tuple | None
    known: tuple = ()
    client: bool = False
    partial: bool = False
    names: Names | None = None
    own_step: str | None = None
    own_mend: Mend = Mend("")
    trust_step: str | None = None
    trust_mend: Mend = Mend("")

    def problems(self, now):
        """All of them."""
        if self.shown is None:
            return [self._own("no-certificate", "%s has no %s certificate that could be read" % (self.holder, self.unit))]
        return [*self._valid(now), *self._usage(), *self._named(), *self._chain(now)]

    def _own(self, id, text):
        return Problem(id, text, self.own_mend, self.own_step, not self.client)

    def _words(self):
        return "the %s certificate of %s (%s)" % (self.unit, self.holder, self.shown.label)

    def _valid(self, now):
        if self.shown.leaf is None:
            return []
        return [self._own(p.id, "the %s certificate of %s: %s" % (self.unit, self.holder, p.what)) for p in checks.validity(self.shown.leaf, now, self.holder)]

    def _usage(self):
        use, word = (CLIENT_AUTH, "client") if self.client else (SERVER_AUTH, "server")
        if self.shown.uses is None or use in self.shown.uses:
            return []
        return [self._own("no-%s-use" % word, "%s may not be used by a TLS %s: its extended key usage lacks %s Authentication" % (
            self._words(), word, word.capitalize()))]

    def _named(self):
        if self.names is None:
            return []
        wanted = self.names.accepted
        if self.names.each:
            missing = [name for name in wanted if not self.shown.carries(name)]
            wrong = ", ".join(missing)
        else:
            wrong = "" if any(self.shown.carries(name) for name in wanted) else " or ".join(wanted) or "any name, for the setting is empty"
        if not wrong:
            return []
        return [Problem("name", "%s looks for %s, by %s, and %s carries %s" % (
            self.verifier, wrong, self.names.setting, self._words(), ", ".join(self.shown.names) or "no name"), self.names.mend, self.names.step)]

    def _chain(self, now):
        if self.pool is None:
            return []
        first = self.shown.leaf or self.shown.issuer
        if first is None:
            return []
        held = {fingerprint(one) for one in self.pool}
        if self.shown.leaf is not None and fingerprint(first) in held:
            return []
        if self.shown.leaf is not None and chains.is_self_signed(first):
            return [self._own("self-signed", "%s is self-signed, and %s of %s does not have it" % (self._words(), self.store, self.verifier))]
        above, complete = chains.build(first, self.pool)
        if not complete:                # what is known here names what the store lacks
            above, complete = chains.build(first, [*self.pool, *self.known])
        issuers = above[1:] if self.shown.leaf is not None else above
        if self.partial:
            issuers, complete = issuers[:1], bool(issuers)
        lacking = [one for one in issuers if fingerprint(one) not in held]
        found = [self._lacks(one) for one in lacking]
        if not complete:
            found.append(Problem("untrusted-ca", "%s of %s does not have the CA '%s', which issued %s" % (
                self.store, self.verifier, above[-1].issuer.rfc4514_string(), self._words() if len(above) == 1 else short(above[-1])),
                self.trust_mend, self.trust_step))
        for one in issuers:
            if fingerprint(one) in held:
                found += [Problem("expired-ca" if p.id == "expired" else p.id, "%s of %s has a CA that is not valid: %s" % (
                    self.store, self.verifier, p.what), self.trust_mend.after("a renewed CA certificate in collab_ca_file, and then: "),
                    self.trust_step) for p in checks.validity(one, now, self.store)]
            if not is_ca(one):
                found.append(self._own("bad-issuer", "%s was issued by %s, which is no CA" % (self._words(), short(one))))
        return found

    def _lacks(self, issuer):
        kind = "root" if chains.is_self_signed(issuer) else "intermediate"
        return Problem("missing-" + kind, "%s of %s lacks the %s CA %s, so it does not trust what is signed below that" % (
            self.store, self.verifier, kind, short(issuer)), self.trust_mend, self.trust_step)


@dataclass(frozen=True)
class Setting:
    """A setting has to say this. holds: None where it could not be read, which is no problem; plain: whether nothing speaks TLS without it."""

    holds: bool | None
    text: str
    mend: Mend
    step: str | None = None
    id: str = "setting"
    plain: bool = False

    def problems(self, _now):
        """One, or none."""
        return [Problem(PLAIN if self.plain else self.id, self.text, self.mend, self.step)] if self.holds is False else []


def same_port(where, calls, listens, mend, step):
    """One end calls the port that the other listens on. where: (who calls, who listens); a port of None was not read."""
    known = None not in (calls, listens)
    return Setting(calls == listens if known else None, "%s calls port %s, and %s listens on port %s" % (where[0], calls, where[1], listens),
                   mend, step, "port")
