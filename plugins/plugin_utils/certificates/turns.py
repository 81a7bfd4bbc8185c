# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether it is the turn of a certificate that phones verify with: by the rules that the playbook renew goes by, for whoever asks for one certificate."""

from __future__ import annotations

from .. import renewal
from .. import renewal_reading
from ..owed import Owed
from ..pki.holdings import key
from ..pki.products import UNIFIED_CM
from ..pki.products import product_of
from . import reading


def wait(action, service, args, problems):
    """(why, until when or None) the certificate of a service must not become new now; None where it may.

    args: renew_before_days, settle_days, and beside: all services whose certificates become new in the same run. problems: ids of what is wrong with it.
    """
    replaced, names = set(problems) != {"expiry"}, {key(one) for one in (service, *args["beside"])}
    if key(service) not in renewal.PHONE_TRUST or product_of(action.publisher) != UNIFIED_CM:
        return None
    if replaced and not any(key(service) in pair and pair <= names for pair in renewal.NEVER_TOGETHER):
        return None
    certificates = renewal_reading.of_nodes(action, UNIFIED_CM, names, ())
    return renewal.wait(service, certificates, reading.now(), args["renew_before_days"], args["settle_days"],
                        Owed(action.workspace, action.cluster).items(), replaced)
