# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that sound like secrets must be named as secrets by the module's action, so that they are masked everywhere."""
from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.module_spec import options_documented
from ansible_collections.collab.security.plugins.plugin_utils.module_spec import spec_of

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
SOUNDS = re.compile(r"password|passphrase|passwd|secret|token|challenge|private|credential|community|authentication_string", re.IGNORECASE)
MODULES = sorted(p.stem for p in (PLUGINS / "modules").glob("*.py"))


def sounding(options, prefix=""):
    """Names (dotted) of documented options that sound like a secret."""
    for name, doc in (options or {}).items():
        if SOUNDS.search(name) and doc.get("type") not in ("bool", "path"):
            yield prefix + name
        yield from sounding(doc.get("suboptions"), prefix + name + ".")


def named(module):
    """The secrets that the module's action names, None where it has no action of ours."""
    tree = ast.parse((PLUGINS / "action" / (module + ".py")).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == "ActionModule":
            words = {k.arg: ast.literal_eval(k.value) for k in node.keywords}
            assert words["module"] == "collab.security." + module
            return set(words.get("secrets", ()))
    return None


@pytest.mark.parametrize("module", MODULES)
def test_secret_options_are_named_by_the_action(module):
    options = options_documented("collab.security." + module)
    secrets = named(module)
    assert secrets is not None
    assert set(sounding(options)) <= secrets


def test_every_module_has_an_action_and_the_other_way_round():
    assert MODULES == sorted(p.stem for p in (PLUGINS / "action").glob("*.py"))


def test_every_secret_of_the_connection_is_masked():
    from ansible_collections.collab.security.plugins.plugin_utils.node import SECRETS
    found = set()
    for file in (PLUGINS / "connection").glob("*.py"):
        found |= set(sounding(options_documented(file.stem, "connection")))
    assert found == set(SECRETS)


def test_spec_of_marks_nested_secrets():
    options = {"users": {"type": "list", "elements": "dict", "suboptions": {"name": {"type": "str", "required": True}, "password": {"type": "str"}}},
               "mode": {"type": "str", "choices": ["a", "b"], "default": "a", "description": "not part of a spec"}}
    spec = spec_of(options, ("users.password",))
    assert spec["users"]["options"]["password"]["no_log"] is True and spec["users"]["options"]["name"]["no_log"] is False
    assert spec["mode"] == {"type": "str", "choices": ["a", "b"], "default": "a", "no_log": False}
