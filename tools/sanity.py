# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `ansible-test sanity` on the collection as it would be shipped, and on nothing else.

The collection is built (`build_ignore` of galaxy.yml decides what that is) and unpacked under .build, because ansible-test insists on
a directory that really is `ansible_collections/<namespace>/<name>` and looks at a git tree's files. Its home is under .build too: it
keeps its virtualenvs there, so that a second run takes a tenth of the first.

    python tools/sanity.py [ARGUMENT OF ansible-test sanity ...]
"""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import ansible_test as ansible_test_package
import yaml

REPOSITORY = Path(__file__).resolve().parent.parent
WORK = REPOSITORY / ".build"
HOME = WORK / "home"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def stage() -> Path:
    """Build the collection and unpack it as a git tree. Returns its directory."""
    galaxy = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))
    target = WORK / "ansible_collections" / galaxy["namespace"] / galaxy["name"]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    subprocess.run(["ansible-galaxy", "collection", "build", "--force", "--output-path", str(WORK), str(REPOSITORY)], check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(WORK / f"{galaxy['namespace']}-{galaxy['name']}-{galaxy['version']}.tar.gz") as archive:
        archive.extractall(target, filter="data")
    shutil.copy(REPOSITORY / "galaxy.yml", target)
    for command in (["git", "init", "-q"], ["git", "add", "-A"]):
        subprocess.run(command, cwd=target, check=True)
    return target


def prepare_home() -> None:
    """Give ansible-test its get-pip script and the pip settings in use here (it passes no PIP_* variables on)."""
    requirements = Path(ansible_test_package.__file__).parent / "_internal" / "python_requirements.py"
    version = re.search(r"pip='([0-9.]+)'", requirements.read_text(encoding="utf-8"))
    if version is None:
        raise SystemExit(f"{requirements} names no pip version any more: tools/sanity.py has to learn where ansible-test keeps it now")
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "tools" / "get_pip_offline.py", cache / f"get_pip_{version[1].replace('.', '_')}.py")
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True).stdout
    settings = dict(re.findall(r"^(?:global|install|:env:)\.([a-z-]+)='(.*)'$", listed, re.MULTILINE))
    configuration = HOME / ".config" / "pip" / "pip.conf"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    configuration.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()), encoding="utf-8")
    configuration.chmod(0o600)


def ansible_test(target: Path, *arguments: str) -> int:
    """Run `ansible-test sanity` and print what it says, without the chatter of pip. Returns its exit code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")} | {"HOME": str(HOME)}
    command = ["ansible-test", "sanity", "--color", "no", "--python", PYTHON, *arguments]
    with subprocess.Popen(command, cwd=target, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            if line.startswith(("ERROR", "FATAL", "Running sanity test", "WARNING: Reviewing", "WARNING: Skipping", "See")):
                print(line, end="", flush=True)
    return process.returncode


def prime_import(target: Path) -> None:
    """Give the import test what requirements.txt declares, so that it proves the plugins import with that and no more."""
    requirements = REPOSITORY / "requirements.txt"
    wanted = requirements.read_text(encoding="utf-8")
    if ansible_test(target, "--test", "import", "--prime-venvs"):
        raise SystemExit("ansible-test could not make its virtual environments")
    for interpreter in (HOME / ".ansible" / "test" / "venv").glob("sanity.import.plugin/*/*/bin/python"):
        marker = interpreter.parent.parent / "collection-requirements.txt"
        if not marker.exists() or marker.read_text(encoding="utf-8") != wanted:
            subprocess.run([sys.executable, "-m", "pip", "--python", str(interpreter), "install", "-q", "-r", str(requirements),
                            "-c", str(REPOSITORY / "constraints.txt")], check=True, stdout=subprocess.DEVNULL)
            marker.write_text(wanted, encoding="utf-8")


def main() -> int:
    """Stage, then run the sanity tests with the Python that runs this. Returns their exit code."""
    target = stage()
    prepare_home()
    prime_import(target)
    return ansible_test(target, *sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
