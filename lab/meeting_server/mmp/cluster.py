"""database cluster: see lab.meeting_server.database for what stands behind it. Layout of the status: transcript of TN210530."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.meeting_server.database import SERVER_FILES
from lab.meeting_server.database import Refused
from lab.meeting_server.mmp.registry import command
from lab.meeting_server.mmp.service import INTERFACES

if TYPE_CHECKING:
    from lab.meeting_server.mmp.shell import Shell

QUESTIONS = {
    "initialize": "Are you sure you wish to initialize this node as a new database cluster?",
    "join": "Are you sure you wish to attach this node to an existing database cluster? The contents of this node's database will be destroyed!",
    "connect": "Are you sure you wish to connect this node to an existing database cluster? The contents of this node's database will not be used!",
    "remove": "Are you sure you wish to remove this node from the database cluster?",
}
STARTED = {"initialize": "Initialization started...", "join": "Attachment started...", "connect": "Connection started...", "remove": "Removal started..."}


@command("database cluster")
@command("database cluster status")
async def status(shell: Shell, _arguments: list[str]) -> None:
    """Where the server stands."""
    database = shell.server.database
    expired = database.expired()
    problem = database.error or (f"{expired[0]} has expired" if expired else "")
    if problem:
        shell.say(f"ERROR                    : {problem}")
    shell.say(f"{'Status':<25}: {'Error' if problem else 'Enabled' if database.role else 'Disabled'}")
    if database.role:
        shell.say("Nodes:")
        for one in database.members():
            address = one.appliance.address + (" (me)" if one is shell.server else "")
            words = database.word(one.database.role)
            if one.database.role == "replica":
                words += " ( In Sync )" if one.database.in_sync else " ( Not In Sync )"
            away = one.appliance.doors.is_away or not one.appliance.doors.is_up
            shell.say(f"    {address:<21}: {'Not connected' if away else f'Connected {words}'}")
        shell.say(f"{'Node in use':<25}: {database.primary}")
    shell.say(f"{'Interface':<25}: {database.interface or 'none'}")
    if database.certs:
        shell.say("\nCertificates")
        for label in SERVER_FILES:
            if label in database.certs:
                shell.say(f"    {label:<21}: {database.certs[label].name}")
    if database.last:
        shell.say(f"\n{'Last command':<25}: '{database.last}' ({database.outcome})")


@command("database cluster localnode", "<interface>", writes=True, least=1)
async def localnode(shell: Shell, arguments: list[str]) -> None:
    """The interface of the database."""
    if arguments[0] not in INTERFACES:
        raise shell.refuse(f"unknown interface {arguments[0]}")
    if shell.server.database.role:
        raise shell.refuse("database clustering is enabled")
    shell.server.database.interface = arguments[0]


@command("database cluster certs", "[<server_key> <server_crt>] <client_key> <client_crt> <CA_crt>", writes=True, least=3, most=5)
async def certs(shell: Shell, arguments: list[str]) -> None:
    """Five files where there is a database, three where there is none."""
    if len(arguments) == 4:
        raise shell.refuse("give five files, or three")
    try:
        shell.server.database.set_certs(arguments)
    except Refused as problem:
        raise shell.refuse(str(problem)) from problem


@command("database cluster certs none", writes=True)
async def no_certs(shell: Shell, _arguments: list[str]) -> None:
    """Take them away."""
    try:
        shell.server.database.clear_certs()
    except Refused as problem:
        raise shell.refuse(str(problem)) from problem


def _register(name: str, takes_host: bool) -> None:
    @command(f"database cluster {name}", "<hostname/IP address>" if takes_host else "", writes=True, least=int(takes_host))
    async def run(shell: Shell, arguments: list[str]) -> None:
        """Ask, then begin."""
        database = shell.server.database
        try:
            database.check(name)
            shell.say("WARNING!!!")
            if not await shell.confirmed(QUESTIONS[name]):
                return
            database.begin(name, *arguments)
        except Refused as problem:
            raise shell.refuse(str(problem)) from problem
        shell.say(STARTED[name])


for _name, _takes_host in (("initialize", False), ("join", True), ("connect", True), ("remove", False)):
    _register(_name, _takes_host)


@command("database cluster upgrade_schema", writes=True)
async def upgrade_schema(shell: Shell, _arguments: list[str]) -> None:
    """After an upgrade of the software."""
    try:
        shell.server.database.begin("upgrade_schema")
    except Refused as problem:
        raise shell.refuse(str(problem)) from problem
    shell.say("Schema upgrade started...")


async def clear_error(shell: Shell, _arguments: list[str]) -> None:
    """Forget the error of the last command."""
    shell.server.database.error = ""


# Both spellings occur (cms.md 1.4).
command("database cluster clear_error", writes=True)(clear_error)
command("database cluster clear error", writes=True)(clear_error)
