"""All commands of the command line; importing this package registers them."""

from __future__ import annotations

from lab.ucm.vos_cli.commands import cluster as cluster
from lab.ucm.vos_cli.commands import licence as licence
from lab.ucm.vos_cli.commands import session as session
