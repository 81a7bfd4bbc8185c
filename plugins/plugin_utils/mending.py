# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mending only some of what has drifted: which findings an operator has chosen (collab_mend)."""

from __future__ import annotations

from dataclasses import dataclass

from .report import SEVERITIES


class BadChoice(Exception):
    """collab_mend cannot be read. The text is for the operator."""


@dataclass(frozen=True)
class Chosen:
    """findings: ids of findings; severities: severities. A finding that either names is chosen."""

    findings: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()

    def has(self, finding):
        """Whether a finding is to be mended."""
        return finding["id"] in self.findings or finding["severity"] in self.severities


def chosen_of(value):
    """collab_mend as Chosen, None where everything is to be mended. Raises BadChoice."""
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) - {"findings", "severities"} or not any(value.values()):
        raise BadChoice("collab_mend must say findings (a list of their ids), severities, or both; it is %r" % (value,))
    chosen = Chosen(*(tuple(value.get(key) or ()) for key in ("findings", "severities")))
    unknown = sorted(set(chosen.severities) - set(SEVERITIES))
    if unknown:
        raise BadChoice("collab_mend: %s: a severity is one of %s" % (", ".join(unknown), ", ".join(SEVERITIES)))
    return chosen
