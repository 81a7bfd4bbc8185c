"""Everything else of the MMP that the guide's steps need: version, names, time, accounts, backups, restarts (cms.md 1.1)."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from lab.meeting_server.mmp.registry import COMMANDS
from lab.meeting_server.mmp.registry import command
from lab.meeting_server.state import User

if TYPE_CHECKING:
    from lab.meeting_server.mmp.shell import Shell

ROLES = ("admin", "crypto", "audit", "appadmin", "api")
BUILDS = {2.9: "2.9.5", 3.8: "3.8.1"}


@command("help")
async def help_(shell: Shell, _arguments: list[str]) -> None:
    """The commands of this release."""
    for one in sorted(COMMANDS.values(), key=lambda entry: entry.words):
        if one.since <= shell.server.major < one.before:
            shell.say(" ".join((*one.words, one.usage)).strip())


@command("version")
async def version(shell: Shell, _arguments: list[str]) -> None:
    """The release."""
    shell.say(BUILDS.get(shell.server.major, shell.server.appliance.release))


@command("uptime")
async def uptime(shell: Shell, _arguments: list[str]) -> None:
    """Since the last start."""
    seconds = int(shell.world.clock.elapsed(shell.server.started))
    shell.say(f"{seconds // 86400} days, {seconds // 3600 % 24} hours, {seconds // 60 % 60} minutes")


@command("date")
async def date(shell: Shell, _arguments: list[str]) -> None:
    """The server's time."""
    now = shell.world.clock.now()
    shell.say(f"Local time: {now:%Y-%m-%d %H:%M:%S} UTC\nUTC time: {now:%Y-%m-%d %H:%M:%S}")


@command("license")
async def license_(shell: Shell, _arguments: list[str]) -> None:
    """Features."""
    shell.say("Feature: callbridge status: Activated expiry: never\nFeature: webbridge3 status: Activated expiry: never"
              if shell.server.major >= 3 else "Feature: callbridge status: Activated expiry: never")


@command("iface", "<interface>", least=1)
async def iface(shell: Shell, _arguments: list[str]) -> None:
    """A network interface."""
    shell.say("Mac address 02:00:00:00:00:01\nObserved:\nLink speed 1000 Full Duplex up")


@command("ipv4", "<interface>", least=1)
async def ipv4(shell: Shell, _arguments: list[str]) -> None:
    """Its address."""
    shell.say(f"IPv4 configuration: address {shell.server.appliance.address} prefix length 24 enabled true")


@command("hostname", "[<name>]", writes=True, most=1, shows=True)
async def hostname(shell: Shell, arguments: list[str]) -> None:
    """Show the name, or set the one of the next start."""
    if not arguments:
        shell.say(shell.server.hostname)
        return
    shell.server.next_hostname = arguments[0]
    shell.say("A reboot is required for the change to take effect")


@command("ntp")
@command("ntp status")
@command("ntp server list")
async def ntp(shell: Shell, _arguments: list[str]) -> None:
    """Time servers."""
    for one in shell.server.network["ntp"]:
        shell.say(one)


@command("ntp server add", "<domain name or IP>", writes=True, least=1)
async def ntp_add(shell: Shell, arguments: list[str]) -> None:
    """One more."""
    if arguments[0] not in shell.server.network["ntp"]:
        shell.server.network["ntp"].append(arguments[0])


@command("ntp server del", "<domain name or IP>", writes=True, least=1)
async def ntp_del(shell: Shell, arguments: list[str]) -> None:
    """One less."""
    if arguments[0] not in shell.server.network["ntp"]:
        raise shell.refuse(f"no such server {arguments[0]}")
    shell.server.network["ntp"].remove(arguments[0])


@command("dns")
async def dns(shell: Shell, _arguments: list[str]) -> None:
    """Forward zones."""
    for zone, address in shell.server.network["dns"]:
        shell.say(f"forwardzone {zone} {address}")


@command("dns add forwardzone", "<domain-name> <server IP>", writes=True, least=2)
async def dns_add(shell: Shell, arguments: list[str]) -> None:
    """One more."""
    shell.server.network["dns"].append(tuple(arguments))


@command("user list")
async def user_list(shell: Shell, _arguments: list[str]) -> None:
    """Accounts."""
    shell.say(f"{'USERNAME':<20}{'ROLE':<12}{'EXPIRES':<14}LOGGED IN")
    for name, user in shell.server.users.items():
        shell.say(f"{name:<20}{user.role:<12}{'never':<14}{'yes' if name == shell.user else 'no'}")


async def _new_password(shell: Shell) -> str:
    """Raises Failure."""
    first = await shell.secret("Please enter new password: ")
    second = await shell.secret("Please enter new password again: ")
    if not first or first != second:
        raise shell.refuse("passwords do not match")
    return first


@command("user add", f"<name> ({'|'.join(ROLES)})", writes=True, least=2)
async def user_add(shell: Shell, arguments: list[str]) -> None:
    """A new account."""
    name, role = arguments
    if role not in ROLES:
        raise shell.refuse(f"unknown role {role}")
    if name in shell.server.users:
        raise shell.refuse(f"user {name} already exists")
    shell.server.users[name] = User(await _new_password(shell), role)
    shell.say("Success")


@command("user del", "<name>", writes=True, least=1)
async def user_del(shell: Shell, arguments: list[str]) -> None:
    """One account less."""
    if arguments[0] not in shell.server.users or arguments[0] == shell.user:
        raise shell.refuse(f"user {arguments[0]} cannot be deleted")
    del shell.server.users[arguments[0]]
    shell.say("Success")


@command("passwd", "[<name>]", writes=True, most=1)
async def passwd(shell: Shell, arguments: list[str]) -> None:
    """A new password."""
    name = arguments[0] if arguments else shell.user
    if name not in shell.server.users:
        raise shell.refuse(f"no such user {name}")
    shell.server.users[name].password = await _new_password(shell)
    shell.say("Success")


@command("backup list")
async def backup_list(shell: Shell, _arguments: list[str]) -> None:
    """Backups that are still here."""
    for name in shell.server.files:
        if name.endswith(".bak"):
            shell.say(name)


@command("backup snapshot", "<name>", writes=True, least=1)
async def backup_snapshot(shell: Shell, arguments: list[str]) -> None:
    """All of the configuration, certificates and keys as one file (form ours), to be fetched by SFTP."""
    server = shell.server
    name = f"{arguments[0]}.bak"
    held = {key: value for key, value in server.save().items() if key in ("services", "users", "hostname", "network", "tls", "objects")}
    files = {key: value for key, value in server.files.items() if not key.endswith(".bak")}
    token = f"lab backup {len(server.snapshots) + 1} of {server.name}\n".encode()
    server.snapshots[token.decode()] = pickle.dumps({**held, "files": files})
    server.files[name] = token
    shell.say(f"{name} ready for download")


@command("backup rollback", "<name>", writes=True, least=1)
async def backup_rollback(shell: Shell, arguments: list[str]) -> None:
    """Take all of it back, and reboot."""
    server = shell.server
    token = server.files.get(arguments[0] if arguments[0].endswith(".bak") else f"{arguments[0]}.bak", b"").decode("utf-8", "replace")
    if token not in server.snapshots:
        raise shell.refuse("no such backup")
    shell.say("WARNING!!!")
    if not await shell.confirmed("This command will restore certificates, keys and configuration from a backup and reboot. Are you sure?"):
        return
    for key, value in pickle.loads(server.snapshots[token]).items():
        setattr(server, key, value)
    shell.say("Restoring...")
    server.reboot()


@command("reboot", writes=True)
async def reboot(shell: Shell, _arguments: list[str]) -> None:
    """Restart the machine: the session ends, and comes back when it is up."""
    shell.say("WARNING!!!")
    if await shell.confirmed("Rebooting will end all calls. Are you sure you wish to reboot?"):
        shell.say("Waiting for server to stop...")
        shell.server.reboot()
