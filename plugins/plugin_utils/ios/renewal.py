# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates of a router for a renewal: those that the role gives it, those of others, and the CAs that its trustpoints hold. Reads only."""

from __future__ import annotations

from ..certificates import reading
from ..device_action import HostVariables
from ..renewal import IDENTITY
from ..renewal import TRUST
from ..renewal import certificates_of
from ..role_variables import value_of
from .identity import generations
from .identity import in_use
from .router import Router

TRUSTED = "trustpoints"


def read(action, authorities):
    """[Certificate] of the router that the task runs for."""
    router = Router(action)
    points, keys = router.points(router.running(), authorities), router.keys()
    ours, name = names(action), router.node.name
    held = [(name, TRUST, TRUSTED, point.authority) for point in points.values() if point.authority is not None and not point.factory]
    for base in ours:
        point = in_use(points, keys, base, reading.now()) or last(points, base)
        if point is not None:
            held.append((name, IDENTITY, base, point.identity))
    generation = {one for base in ours for one in generations(base, points).values()}
    held += [(name, IDENTITY, point.name, point.identity) for point in points.values()
             if point.identity is not None and not point.self_signed and not point.factory and point.name not in generation]
    return certificates_of(held, authorities, lambda one: one in ours)


def names(action):
    """Trustpoints of the role ios_certificates, by their first generation."""
    variables = action.variables_of(action.node.name)
    own = value_of("ios_certificates", "ios_certificates_trustpoint", variables, lambda values: HostVariables(values, action._loader))
    provider = action.var("collab_sip_provider") or {}
    return [own, provider.get("trustpoint", "PROVIDER-Certificate")] if provider.get("encrypted") else [own]


def last(points, base):
    """The newest generation with a certificate, where none is valid any more; or None."""
    found = [(number, points[name]) for number, name in generations(base, points).items() if points[name].identity is not None]
    return max(found, key=lambda pair: pair[0])[1] if found else None
