# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as its users get it: a tarball, installed into an empty directory."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
GALAXY = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))
NAME = f"{GALAXY['namespace']}-{GALAXY['name']}-{GALAXY['version']}.tar.gz"


def foreign(environment: dict[str, str]) -> dict[str, str]:
    """An environment without what points Ansible or Python to the checkout."""
    return {name: value for name, value in environment.items() if not name.startswith("ANSIBLE_") and name != "PYTHONPATH"}


def build(directory: Path) -> Path:
    """Build the tarball; gives its path."""
    run(["ansible-galaxy", "collection", "build", "--output-path", str(directory), str(REPOSITORY)], directory)
    return directory / NAME


def install(tarball: Path, directory: Path) -> Path:
    """Install the tarball below an empty directory; gives the collections path."""
    run(["ansible-galaxy", "collection", "install", "--offline", "-p", str(directory), str(tarball)], tarball.parent)
    return directory


def run(command: list[str], directory: Path, **variables: str) -> str:
    """Run a command outside the checkout, which must succeed; gives what it printed."""
    environment = {**foreign(dict(os.environ)), "ANSIBLE_HOME": str(directory / "ansible"), **variables}
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, "%s: %s%s" % (" ".join(command), done.stdout, done.stderr)
    return done.stdout
