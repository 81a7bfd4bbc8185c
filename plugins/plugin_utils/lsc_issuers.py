# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who issued the phones' LSCs, by one query for all phones (axl.md 3: device.lscissuername): the proof of the online CA."""
from __future__ import annotations

from .anchors import ca_certificates
from .pki.facts import common_name
from .pki.facts import is_ca
from .resources.objects import text
from .resources.phones import issuer

QUERY = "select lscissuername, count(*) as phones from device where lscissuername is not null group by lscissuername"
STEP = "onlineca-restart-capf"


def prove(action, path):
    """Reports the number of LSCs by issuer; pending where none is of the CA whose certificates the file has."""
    names = [common_name(one) for one in ca_certificates(action, path, "collab_ca_file") if is_ca(one)]
    found = {}
    for row in action.publisher.ask("axl", "sql", query=QUERY):
        name = issuer(text(row.get("lscissuername")))
        if name:
            found[name] = found.get(name, 0) + int(text(row.get("phones")) or 0)
    proven = sum(number for name, number in found.items() if name.lower() in {one.lower() for one in names})
    if not proven:
        action.report.pending("online-ca-proof", "LSCs", "no phone has an LSC of %s yet (LSCs by issuer: %s)" % (
            " or ".join(names), ", ".join("%s %d" % pair for pair in sorted(found.items())) or "none"),
            ["Have one phone enrol (role phones, or Certificate Operation Install/Upgrade and a reset of that phone), then run again."], step=STEP)
    action.report.add(issuers=found, proven=proven)
    return action.report
