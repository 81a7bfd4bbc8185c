# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a module's DOCUMENTATION to an argument spec: options are described once, where users read them."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path

import yaml

PLUGINS = Path(__file__).absolute().parent.parent
COLLECTION = "collab.security."
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)      # many modules are read at the start of a run; the one in C takes a tenth of the time


def options_documented(name, kind="modules"):
    """Options (name -> their documentation) of a plugin of this collection, those of its own documentation fragments included. kind: its folder."""
    path = PLUGINS / kind / (name.removeprefix(COLLECTION) + ".py")
    doc = yaml.load(_constant(path, "DOCUMENTATION"), Loader=LOADER)
    options = {}
    fragments = doc.get("extends_documentation_fragment") or []
    for fragment in [fragments] if isinstance(fragments, str) else fragments:
        options.update(_fragment(fragment).get("options") or {})
    options.update(doc.get("options") or {})
    return options


def spec_of(options, secrets):
    """Argument spec for documented options. secrets: names of options that are never shown, "users.password" for a suboption."""
    spec = {}
    for name, doc in (options or {}).items():
        spec[name] = {k: doc[k] for k in ("type", "elements", "default", "required", "aliases") if k in doc}
        spec[name]["no_log"] = name in secrets
        if doc.get("choices"):
            spec[name]["choices"] = list(doc["choices"])
        if doc.get("suboptions"):
            inner = [s.partition(".")[2] for s in secrets if s.startswith(name + ".")]
            spec[name]["options"] = spec_of(doc["suboptions"], inner)
    return spec


def _constant(path, name):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            return ast.literal_eval(node.value)
    raise ValueError("%s has no %s" % (path, name))


@cache
def _fragment(name):
    """One part of a documentation fragment of ours; {} for another collection's."""
    if not name.startswith(COLLECTION):
        return {}
    module, _dot, part = name.removeprefix(COLLECTION).partition(".")
    fragment = importlib.import_module("%s.doc_fragments.%s" % (__package__.rpartition(".")[0], module)).ModuleDocFragment
    return yaml.load(getattr(fragment, (part or "documentation").upper()), Loader=LOADER) or {}
