# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of roles, compared with their argument specifications before a run asks its first node.

Ansible does it with a task for each role, when the run has come that far: too late for what stands before it, and dear.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .module_spec import LOADER

try:
    from ansible.template import trust_as_template
except ImportError:             # before ansible-core 2.19 every string may be a template
    trust_as_template = str

ROLES = Path(__file__).absolute().parents[2] / "roles"


class NoSuchRole(Exception):
    """The collection has no role of that name."""


def wrong_variables(roles, variables, templated):
    """What is wrong with the variables of these roles of the collection: a list of sentences.

    variables  all of a host        templated  ({name: value}) -> mapping that gives the values as plain data
    """
    found = []
    defaults = {name: value for role in roles for name, value in _defaults(role).items()}
    values = templated({**defaults, **variables})
    for role in roles:
        spec, given = _spec(role), {}
        for name in spec:
            try:
                given[name] = values.get(name)
            except AnsibleError as e:
                found.append("%s: %s" % (name, e.message))
        checked = ArgumentSpecValidator(spec).validate({name: value for name, value in given.items() if value is not None})
        found += checked.error_messages
    return found


def value_of(role, name, variables, templated):
    """A variable of a role as it stands for a host: the host's own, else the role's default. Arguments as above."""
    return templated({**_defaults(role), **variables}).get(name)


@cache
def _spec(role):
    return _load(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]


@cache
def _defaults(role):
    return {name: _trusted(value) for name, value in _load(role, "defaults/main.yml").items()}


def _load(role, file):
    path = ROLES / role / file
    if not path.is_file():
        raise NoSuchRole("the collection has no role '%s' (its roles: %s)" % (role, ", ".join(sorted(p.name for p in ROLES.iterdir()))))
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def _trusted(value):
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {key: _trusted(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_trusted(one) for one in value]
    return value
