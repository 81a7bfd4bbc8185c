"""`python -m lab ...`: start, ask and end a lab. Results go to stdout, errors to stderr with exit status 1."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from lab.core import commands
from lab.core.client import ControlError
from lab.core.client import NotRunning


def default_directory() -> Path:
    """DIR when --dir is not given."""
    return Path(os.environ.get("COLLAB_LAB_DIR") or Path("build") / "lab")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dir", type=Path, default=None, metavar="DIR", help="where the lab lives (default $COLLAB_LAB_DIR or build/lab)")
    top = argparse.ArgumentParser(
        prog="lab", description="A simulated estate of Unified CM, IM and Presence, Unity Connection, Expressway, Meeting Server and what manages them.",
        epilog="Environment: COLLAB_LAB_DIR (see --dir); COLLAB_LAB_VARIANTS=NAME=VALUE,... and COLLAB_LAB_MUTATE=NAME,... are in force from `up` on.",
    )
    words = commands.Words(top, common)
    commands.of_the_process(words)
    commands.of_the_state(words)
    commands.of_people(words)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit status."""
    given = parser().parse_args(arguments)
    try:
        return given.run(given, (given.dir or default_directory()).absolute()) or 0
    except (NotRunning, ControlError, commands.BadCommand) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
