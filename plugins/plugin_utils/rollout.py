# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waves of clusters: what the operator declares, checked against the inventory, and how far a rollout has come (kept in the workspace)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

from .files import write_json

FILE = "rollout.json"
LINKS = "links"         # the phase after the last wave: what ties the clusters together


class BadRollout(Exception):
    """The waves cannot be rolled out as they are declared. The text is for the operator and names what to correct."""


@dataclass(frozen=True)
class Wave:
    """Clusters that are rolled out together. approve: it begins only when the operator has named it as approved."""

    name: str
    clusters: tuple[str, ...]
    approve: bool = False


def waves_of(declared, clusters):
    """The declared waves ([{name, clusters, approve}]) as [Wave]. clusters: the names of all clusters in the inventory. Raises BadRollout with all that is
    wrong: every cluster has to be in exactly one wave, since one that is forgotten would stay as it is without a word.
    """
    waves = [Wave(one["name"], tuple(one["clusters"]), bool(one.get("approve"))) for one in declared]
    names, placed = [wave.name for wave in waves], [cluster for wave in waves for cluster in wave.clusters]
    wrong = ["the wave %s is declared twice" % name for name in sorted({n for n in names if names.count(n) > 1})]
    wrong += ["'%s' is no name for a wave: the phase after the last one is called so" % LINKS for name in names if name == LINKS]
    wrong += ["the wave %s has no cluster" % wave.name for wave in waves if not wave.clusters]
    wrong += ["%s is in more than one wave" % name for name in sorted({n for n in placed if placed.count(n) > 1})]
    wrong += ["%s is no cluster of the inventory (collab_cluster of no host in the group publishers)" % name for name in sorted(set(placed) - set(clusters))]
    wrong += ["%s is in no wave" % name for name in sorted(set(clusters) - set(placed))]
    if wrong:
        raise BadRollout("collab_rollout_waves: %s" % "; ".join(wrong))
    return waves


class Progress:
    """How far a rollout has come. passed: {wave: ISO time}. One that has come to its end is history: the next begins anew."""

    def __init__(self, workspace):
        self.path = Path(workspace) / FILE
        self.waves, self.passed = [], {}

    @classmethod
    def load(cls, workspace, waves, restart=False):
        """Progress of the rollout under way. Raises BadRollout where its waves were others: which of them still stand, nobody could say."""
        progress = cls(workspace)
        try:
            data = {} if restart else json.loads(progress.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            data = {}
        except (OSError, ValueError) as e:
            raise BadRollout("%s cannot be read (%s): with rollout_restart=true the rollout begins anew" % (progress.path, e)) from None
        progress.waves = [{"name": wave.name, "clusters": list(wave.clusters)} for wave in waves]
        if data and LINKS not in data["passed"]:
            if data["waves"] != progress.waves:
                raise BadRollout("the rollout that was begun with the waves %s is not at its end, and now they are %s: with rollout_restart=true it begins anew"
                                 % (told(data["waves"]), told(progress.waves)))
            progress.passed = dict(data["passed"])
        return progress

    def mark(self, name):
        """A wave (or LINKS) has passed its gate."""
        self.passed[name] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        write_json(self.path, {"waves": self.waves, "passed": self.passed})


def told(waves):
    """Waves in words."""
    return ", ".join("%s (%s)" % (wave["name"], ", ".join(wave["clusters"])) for wave in waves)


def ahead(waves, passed, approved):
    """(waves that this run rolls out, in order; the wave that it stops before for want of approval, or None)."""
    rest = [wave for wave in waves if wave.name not in passed]
    for i, wave in enumerate(rest):
        if wave.approve and wave.name not in approved:
            return rest[:i], wave
    return rest, None
