"""All commands of the command line; importing this package registers them."""

from __future__ import annotations

from lab.ucm.vos_cli.commands import certificates as certificates
from lab.ucm.vos_cli.commands import cluster as cluster
from lab.ucm.vos_cli.commands import connection as connection
from lab.ucm.vos_cli.commands import licence as licence
from lab.ucm.vos_cli.commands import security as security
from lab.ucm.vos_cli.commands import services as services
from lab.ucm.vos_cli.commands import session as session
from lab.ucm.vos_cli.commands import sql as sql
