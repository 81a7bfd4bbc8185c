# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node holds, read by the certificate API where its release has one (14 and later), else by the CLI (vos.md 1.1, 1.2)."""

from __future__ import annotations

import datetime

from ..errors import NodeError
from ..pki.described import fits
from ..pki.described import plain
from ..pki.facts import common_name
from ..pki.holdings import Holdings
from ..pki.holdings import from_snapshot
from ..pki.holdings import key
from ..pki.holdings import listed
from ..pki.pem import find_certificates
from ..pki.pem import to_pem
from ..pki.products import PRIME_DEPLOYMENT
from ..pki.products import product_of

BEFORE_API = "12.5"     # the last release without the certificate API
CLI_ONLY = (PRIME_DEPLOYMENT,)      # products without it, and without Serviceability, whatever their release (vos.md 5)
# The certificates of the cluster in PEM form, as Cisco's technical note on regenerating them asks for them (id:63221419849).
IN_DATABASE = "run sql select certificate from certificate"
LOST_SECONDS = 15       # how long a change whose answer was lost is looked for on the node that it was sent to


def now():
    """This moment by the control node's clock: aware, UTC. In one place, so that tests can set it."""
    return datetime.datetime.now(datetime.UTC)


def major(release):
    """First number of a release ("14.0.1" -> 14); 0 when none is given."""
    digits = str(release or "").strip().split(".", maxsplit=1)[0]
    return int(digits) if digits.isdigit() else 0


def has_api(release):
    """Whether this release has the certificate API. An unknown release counts as one that has."""
    return major(release) == 0 or major(release) >= 14


def release_of(node):
    """The release of a node, by its inventory; for a product that has the command line alone, one that has no other way either."""
    return BEFORE_API if product_of(node) in CLI_ONLY else node.variables.get("collab_release")


def read_node(node, release, services=(), stores=(), known=(), no_more=False):
    """Holdings of one node: a single request on 14 and later; before that a CLI command for each certificate of the services and stores named.

    known: certificates that the caller looks for in the stores. The command line describes those of a trust store in words alone. no_more: once they are
    found, the rest of the stores is left unread.
    """
    if has_api(release):
        return from_snapshot(node.ask("certmgr", "snapshot"))
    return _by_cli(node, {key(s) for s in services}, {key(s) for s in stores}, known, no_more)


def read_by_command(node, services):
    """Holdings of one node by its command line whatever its release: of what the certificate API does not show."""
    return _by_cli(node, {key(s) for s in services}, set())


def _by_cli(node, services, stores, known=(), no_more=False):
    def run(command):
        return node.ask("vos_cli", "run", command=command)["output"]

    def shown(what, listing, item):
        """An item of a listing; None where it has gone meanwhile, as a request does when its certificate reaches the node."""
        try:
            return run("%s %s/%s" % (what, *item))
        except NodeError as e:
            if e.kind != "refused" or item in listed(run(listing)):
                raise
            return None

    out = Holdings()
    if services:
        requests = {key(unit): (unit, file) for unit, file in listed(run("show csr list own"))}
        for unit, file in listed(run("show cert list own")):
            if key(unit) in services:
                csr = shown("show csr own", "show csr list own", requests[key(unit)]) if key(unit) in requests else None
                out.add_identity(unit, run("show cert own %s/%s" % (unit, file)), csr)
    if stores:
        items = [item for item in listed(run("show cert list trust")) if key(item[0]) in stores]
        database = _Database(None if no_more else run)
        # Each costs a command, which takes a node seconds: what is looked for first, by the names that files mostly have.
        for item in sorted(items, key=lambda item: not any(_called(item[1], one) for one in known)):
            if no_more and not out.lacking(known, stores):
                break
            text = shown("show cert trust", "show cert list trust", item)
            if text is not None:
                _add_trust(out, item, text, known, database)
    return out


def _called(file, certificate):
    """Whether a file of a trust store has the name of a certificate: its common name, often with more behind it."""
    name, beginning = plain(common_name(certificate)), plain(file)
    return bool(name) and beginning.startswith(name)


def _add_trust(out, item, text, known, database):
    """What a node shows of one trusted certificate. Where that is words alone, the certificate that they describe: of those known, else of its database."""
    found = find_certificates(text) or [one for one in known if fits(text, one)] or [one for one in database() if fits(text, one)]
    out.add_trust(item[0], to_pem(found[0]) if found else None)
    if not found:
        out.unread.setdefault(key(item[0]), []).append(item[1])


class _Database:
    """The certificates that a node's database holds, asked for once, and only when somebody wants them.

    None at all where it does not answer such a question: no document says that every product does. run: None, it is not asked.
    """

    def __init__(self, run):
        self.run, self.found = run, None if run else []

    def __call__(self):
        if self.found is None:
            try:
                self.found = find_certificates(self.run(IN_DATABASE))
            except NodeError as e:
                if e.kind != "refused":
                    raise
                self.found = []
        return self.found
