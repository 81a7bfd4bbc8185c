#!/usr/bin/python
from __future__ import annotations

DOCUMENTATION = r"""
module: probe
short_description: Probe
version_added: 1.0.0
description:
  - Probe.
author: collab.security maintainers (!UNKNOWN)
extends_documentation_fragment:
  - collab.security._attributes
options:
  do:
    description: What the probe does.
    type: str
    default: ask
  with:
    description: Arguments for that.
    type: dict
  state:
    description: State.
    type: str
    choices: [present, absent]
    default: present
  users:
    description: Users.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name.
        type: str
        required: true
      password:
        description: Password.
        type: str
      limit:
        description: Limit.
        type: int
        default: 3
  private_key:
    description: A key.
    type: str
"""
