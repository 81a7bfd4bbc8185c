"""All xCommands; importing this package registers them."""

from __future__ import annotations

from lab.expressway.cli.commands import acme as acme
from lab.expressway.cli.commands import certificates as certificates
from lab.expressway.cli.commands import objects as objects
from lab.expressway.cli.commands import servers as servers
from lab.expressway.cli.commands import system as system
