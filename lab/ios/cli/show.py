"""What a router shows of itself and of its configuration. Layouts: ios.md 2, show_* transcripts; of IOS 15 and XE where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ios import calling
from lab.ios import config
from lab.ios import pki
from lab.ucm import x509 as pems

if TYPE_CHECKING:
    from lab.ios.cli.shell import Shell
    from lab.ios.grammar import Match
    from lab.ios.pki import Holding
    from lab.ios.router import Router

DAY = "%H:%M:%S UTC %a %b %-d %Y"


def clock(shell: Shell, _match: Match) -> str:
    """The present time."""
    now = shell.world.clock.now()
    return f"*{now:%H:%M:%S}.{now.microsecond // 1000:03d} UTC {now:%a %b %-d %Y}\n"


def version(shell: Shell, _match: Match) -> str:
    """Release, image, uptime, model, serial number."""
    router = shell.router
    release, (pid, _short) = router.appliance.release, router.model
    up = int(shell.world.clock.epoch() - router.started) // 60
    uptime = f"{router.hostname} uptime is {up // 60} hours, {up % 60} minutes"
    if router.is_xe:
        train = release if release.count(".") > 1 else f"{release}.1"
        padded = ".".join(part.zfill(2) for part in train.split("."))
        head = (f"Cisco IOS XE Software, Version {padded}\n"
                f"Cisco IOS Software [Cupertino], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version {train}, RELEASE SOFTWARE (fc3)\n")
        image, memory = "bootflash:isr4400-universalk9.SPA.bin", f"cisco {pid.removesuffix('/K9')} (2RU) processor with 1687137K/3071K bytes of memory."
    else:
        head = (f"Cisco IOS Software, C3900 Software (C3900-UNIVERSALK9-M), Version {release}(3)M6, RELEASE SOFTWARE (fc1)\n"
                "Technical Support: http://www.cisco.com/techsupport\n")
        image, memory = "flash0:c3900-universalk9-mz.SPA.bin", f"Cisco {pid} (revision 1.0) with 981760K/66816K bytes of memory."
    return (f"{head}\nROM: Bootstrap\n\n{uptime}\nSystem returned to ROM by reload\nSystem image file is \"{image}\"\n\n{memory}\n"
            f"Processor board ID {router.serial}\n2 Gigabit Ethernet interfaces\n\nConfiguration register is 0x2102\n")


# ---- the configuration


def running(shell: Shell, match: Match) -> str:
    """The running configuration, whole or without the certificates' bytes."""
    router = shell.router
    body = text(router, router.config, router.pki.holdings, "brief" in match.words)
    when = shell.world.clock.now().fromtimestamp(router.changed_at or router.started, shell.world.clock.now().tzinfo)
    by = f" by {router.changed_by}" if router.changed_by else ""
    return f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n!\n! Last configuration change at {when:{DAY}}{by}\n!\n{body}"


def startup(shell: Shell, _match: Match) -> str:
    """What the router would start with."""
    saved = shell.router.saved
    body = text(shell.router, saved.config, saved.holdings, False)
    return f"Using {len(body)} out of 33554432 bytes\n!\n{body}"


def text(router: Router, section: config.Section, holdings: dict[str, Holding], brief: bool) -> str:
    """A configuration with its certificate chains."""
    chains: list[str] = []
    for line in section.starting("crypto pki trustpoint"):
        name = line.text.split()[-1]
        chains += chain(router, name, holdings.get(name), brief)
    lines = list(config.paragraphs(section, {"crypto pki certificate chain <w>": [*chains, "!"] if chains else []}))
    if router.world.variant("ios_trusted_mask") == "host_mask":
        lines = [f"{line} 255.255.255.255" if line.startswith("  ipv4 ") and line.count(" ") == 3 else line for line in lines]
    if router.world.variant("ios_separators") == "few":
        lines = [line for line in lines if line != "!"]
    return "\n".join([*lines, "end", "", ""])


def chain(router: Router, name: str, holding: Holding | None, brief: bool) -> list[str]:
    """The chain of one trustpoint: own certificate, then the CA's."""
    if holding is None or holding.is_empty:
        return []
    saved = router.saved.holdings.get(name) if router.saved else None
    stored = holding.self_signed or (router.world.variant("ios_chain_after_save") == "nvram" and saved == holding)
    lines = [f"crypto pki certificate chain {name}"]
    for pem, word in ((holding.own, "self-signed " if holding.self_signed else ""), (holding.ca, "ca ")):
        if not pem:
            continue
        number = pki.serial(pems.load(pem))
        short = "self-signed 01" if holding.self_signed else f"{word}{number}"
        if stored:
            lines.append(f" certificate {short} nvram:{router.hostname}#{number[-4:].lstrip('0') or '1'}{'CA' if word == 'ca ' else ''}.cer")
        elif brief:
            lines.append(f" certificate {short}")
        else:
            lines += [f" certificate {short}", *pki.hex_block(pki.der(pem)), "  \tquit"]
    return lines


def archive(shell: Shell, _match: Match) -> str:
    """Whether changes can be guarded."""
    section = shell.router.config.below("archive")
    if section is None or not section.value("path"):
        return "Archive feature not enabled\n"
    return (f"The maximum archive configurations allowed is {section.value('maximum') or '10'}.\nThere are currently 0 archive configurations saved.\n"
            f"The next archive file will be named {section.value('path')}-{shell.world.clock.now():%b-%d-%H-%M-%S.%f}-0\n Archive #  Name\n   1\n")


# ---- the rest


def interfaces(shell: Shell, _match: Match) -> str:
    """Interfaces and their addresses."""
    lines = ["Interface              IP-Address      OK? Method Status                Protocol"]
    for line in shell.router.config.starting("interface"):
        off = line.section.has("shutdown")
        address = line.section.value("ip address").split()
        status = ("administratively down", "down") if off else ("up", "up")
        place = (address[0], "NVRAM") if address else ("unassigned", "unset")
        lines.append(f"{line.text.split()[1]:<22} {place[0]:<15} YES {place[1]:<6} {status[0]:<21} {status[1]}")
    return "\n".join(lines) + "\n"


def trusted(shell: Shell, _match: Match) -> str:
    """The trusted list: of dial-peers, and configured."""
    router = shell.router
    voice = router.config.below("voice service voip")
    off = voice is not None and voice.get("ip address trusted authenticate") is not None
    state = "DOWN" if off else "UP"
    entries = voice.below("ip address trusted list") if voice else None
    lines = ["IP Address Trusted Authentication", f" Administration State: {state}", f" Operation State:      {state}", "",
             "IP Address Trusted Call Block Cause: call-reject (21)", "", f"VoIP Dial-peer {'IPv4 and IPv6' if router.is_xe else 'IPv4'} Session Targets:",
             "Peer Tag        Oper State      Session Target", "--------        ----------      --------------"]
    lines += [f"{peer.tag:<15} {'UP' if peer.up else 'DOWN':<15} {peer.target}" for peer in calling.dial_peers(router) if peer.target.startswith("ipv4:")]
    lines += ["", "Configured IP Address Trusted List:" if router.is_xe else "IP Address Trusted List:"]
    lines += [f" {line.text}" for line in entries.lines.values()] if entries else []
    return "\n".join(lines) + "\n"


def credentials(shell: Shell, _match: Match) -> str:
    """The credential service."""
    section = shell.router.config.below("credentials")
    if section is None:
        return "\n"
    place = section.value("ip source-address").split()
    return (f"Credentials IP: {place[0] if place else ''}\nCredentials PORT: {place[2] if len(place) > 2 else '2445'}\n"
            f"Trustpoint: {section.value('trustpoint')}\n")


def sip_ua(shell: Shell, _match: Match) -> str:
    """Which transports are on."""
    section = shell.router.config.below("sip-ua")
    states = ["DISABLED" if section is not None and section.get(f"transport {way}") is not None else "ENABLED" for way in ("udp", "tcp")]
    return (f"SIP User Agent Status\nSIP User Agent for UDP : {states[0]}\nSIP User Agent for TCP : {states[1]}\n"
            "SIP User Agent for TLS over TCP : ENABLED\n")


def dial_peers(shell: Shell, _match: Match) -> str:
    """Dial-peers and what their keep-alive says."""
    lines = ["dial-peer hunt 0", "             AD                                    PRE PASS                OUT",
             "TAG    TYPE  MIN  OPER PREFIX    DEST-PATTERN      FER THRU SESS-TARGET    STAT PORT    KEEPALIVE"]
    for peer in calling.dial_peers(shell.router):
        state = "up" if peer.up else "down"
        watched = {"": "", "up": "active", "down": "busyout"}[calling.keep_alive(shell.router, peer)]
        lines.append(f"{peer.tag:<6} voip  {'up' if not peer.shut else 'down':<4} {state:<4}           {peer.pattern:<17} {peer.preference}   syst "
                     f"{peer.target:<25} {watched}")
    return "\n".join(lines) + "\n"


def connections(shell: Shell, _match: Match) -> str:
    """TLS connections that the router has made or taken, as it last saw them."""
    rows = list(shell.router.tls_connections.values())
    lines = [f"Total active connections      : {len(rows)}", "No. of send failures          : 0", "No. of remote closures        : 0",
             "No. of conn. failures         : 0", "No. of inactive conn. ageouts : 0", ""]
    hosts = sorted({row["address"] for row in rows})
    for host in hosts:
        lines += ["---------Printing Detailed Connection Report---------", "Note:", " ** Tuples with no matching socket entry",
                  f"Remote-Agent:{host}, Connections-Count:{sum(row['address'] == host for row in rows)}",
                  "  Remote-Port Conn-Id Conn-State  WriteQ-Size    Local-Address     Cipher"]
        lines += [f"  {row['port']:>11} {number:>7} Established           0    {row['local']:<17} {row['cipher']}"
                  for number, row in enumerate(rows, 1) if row["address"] == host]
    lines += ["", "-------------- SIP Transport Layer Listen Sockets ---------------", "  Conn-Id               Local-Address", " ===========    ============"
              "================="]
    lines += [f"  {number}                [0.0.0.0]:{port}:" for number, (port, protocol) in enumerate(shell.router.appliance.doors.listening().items())
              if protocol == "sips"]
    return "\n".join(lines) + "\n"
