# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIP over TLS and SRTP on a router: what the guide wants of sip-ua, voice service voip and the dial-peers, by release. Pure data. Source: ios.md 0 and 2."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from dataclasses import field

from .changes import entries
from .changes import setting
from .config import release

VOIP, SIP, UA = ("voice service voip",), ("voice service voip", "sip"), ("sip-ua",)
SIGNALING, DIAL_PEER, AUTH, PASS_THRU, FALLBACK = "ios-crypto-signaling", "ios-dialpeer-tls", "ios-srtp-auth", "ios-srtp-passthru", "ios-srtp-fallback"
SHA1_80, SHA1_32 = "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"
SUITES = ("AEAD_AES_256_GCM", "AEAD_AES_128_GCM", SHA1_80, SHA1_32)
OLD_SUITES = {SHA1_80: "sha1-80", SHA1_32: "sha1-32"}
CRYPTO_CLASSES, TLS_PROFILES, TLS_12, TLS_MINIMUM, BOTH_ENDS = (16, 5), (17, 3), (15, 6), (17, 14), (17, 8)       # releases that brought them
HOST = "255.255.255.255"


class BadRouter(Exception):
    """What is asked for cannot be had on this router; the text says what and why."""


@dataclass
class Signaling:
    """What is wanted.

    trustpoint  name that the references lead to          base, old   names of its earlier generations
    addresses   of the Unified CM nodes                   names       their host names, lower case
    dial_peers  tags, or None for those that lead to them;  switch: whether they may go to TLS now
    srtp        "fallback", "required" or "off"           suites, pass_thru, tls_minimum ("1.2", "1.3" or None), tls_profile (dict or None), class_tag
    """

    trustpoint: str
    addresses: list
    names: list = field(default_factory=list)
    old: list = field(default_factory=list)
    dial_peers: list | None = None
    switch: bool = True
    srtp: str = "fallback"
    suites: list = field(default_factory=lambda: [SHA1_80])
    pass_thru: bool = False
    tls_minimum: str | None = None
    tls_profile: dict | None = None
    class_tag: int = 10


def plan(root, wanted):
    """[Change] from what a configuration says to what is wanted: what accepts TLS first, then what calls by it. Raises BadRouter."""
    here = release(root)
    changes = [*tls_profile(root, here, wanted), *signaling(root, wanted), *switched(root, wanted), *versions(root, here, wanted)]
    changes += suites(root, here, wanted)
    if wanted.switch:
        for tag, section in dial_peers(root, wanted):
            changes += dial_peer(root, tag, section, wanted)
        changes += server_groups(root, wanted)
        changes.append(setting(root, VOIP, r"srtp pass-thru", "srtp pass-thru" if wanted.pass_thru else None, message="SRTP pass-through is %s" % (
            "not configured" if wanted.pass_thru else "configured, and not asked for"), step=PASS_THRU, severity="medium"))
    return [change for change in changes if change]


def host_address(text):
    """An IPv4 address of the operator's. Raises BadRouter."""
    try:
        return ipaddress.IPv4Address(str(text))
    except ValueError:
        raise BadRouter("peers: '%s' is no IPv4 address; nothing was entered" % text) from None


# -- trustpoints in use ------------------------------------------------------------------------------------------------
def signaling(root, wanted):
    """One effective line in sip-ua for each Unified CM node."""
    found = []
    for address in wanted.addresses:
        mine = r"crypto signaling remote-addr %s (?:%s|/32) .*" % (re.escape(address), re.escape(HOST))
        lines = [line for line in root.lines(*UA) if re.fullmatch(mine, line)]
        if lines:
            right = [line for line in lines if in_force(root, line, wanted)]
            want = right[0] if right else _with(lines[0], wanted)
        elif any(in_force(root, line, wanted, wanted.old) for line in root.lines(*UA) if covers(line, address)):
            continue
        else:
            want = "crypto signaling remote-addr %s %s %s" % (address, HOST, _reference(wanted))
        found.append(setting(root, UA, mine, want, message="calls with %s are not signalled with trustpoint %s" % (address, wanted.trustpoint), step=SIGNALING))
    return found


def in_force(root, line, wanted, also=()):
    """Whether a line of sip-ua leads to the wanted trustpoint (and, where one is asked for, through the wanted TLS profile); `also`: or to one of these.

    A TLS profile that leads to an earlier generation counts: it is switched itself, see switched().
    """
    profile = re.search(r"tls-profile (\d+)", line)
    if wanted.tls_profile:
        return bool(profile) and int(profile[1]) == wanted.tls_profile["tag"]
    if profile:
        return root.value(r"trustpoint (\S+)", "voice class tls-profile %s" % profile[1]) in (wanted.trustpoint, *wanted.old)
    found = re.search(r"\btrustpoint (\S+)", line)
    return bool(found) and found[1] in (wanted.trustpoint, *also)


def covers(line, address):
    """Whether a line of sip-ua for a whole network has this address in it."""
    found = re.match(r"crypto signaling remote-addr (\S+) (\S+) ", line)
    try:
        return bool(found) and ipaddress.ip_address(address) in ipaddress.ip_network("%s/%s" % (found[1], found[2].strip("/")), strict=False)
    except ValueError:
        return False


def _reference(wanted):
    return "tls-profile %d" % wanted.tls_profile["tag"] if wanted.tls_profile else "trustpoint %s" % wanted.trustpoint


def _with(line, wanted):
    """The same line with our trustpoint; what else it says (strict-cipher, cn-san-validate) stays, unless a TLS profile says it."""
    head = re.match(r"crypto signaling (?:remote-addr \S+ \S+|default)", line)[0]
    if wanted.tls_profile or " tls-profile " in line:                # a profile that leads to somebody else's trustpoint is not ours to change
        return "%s %s" % (head, _reference(wanted))
    return re.sub(r"\btrustpoint \S+", lambda _m: "trustpoint %s" % wanted.trustpoint, line)


def switched(root, wanted):
    """Every other reference to an earlier generation of the trustpoint goes to the one in use: without that it could never be retired."""
    found, old = [], "|".join(re.escape(name) for name in wanted.old)
    if not old:
        return found
    places = [(UA, line) for line in root.lines(*UA)]
    for header in (r"voice class tls-profile \d+", r"credentials", r"dspfarm profile \d+ .*", r"stcapp .*"):
        places += [((section.line,), child.line) for _match, section in root.sections(header) for child in section.children]
    own = [r"crypto signaling remote-addr %s (?:%s|/32) .*" % (re.escape(address), re.escape(HOST)) for address in wanted.addresses]
    for path, line in places:
        match = re.search(r"\btrustpoint (%s)(?!\S)" % old, line)
        if match and not (path == UA and any(re.fullmatch(pattern, line) for pattern in own)):
            want = line.replace(match[0], "trustpoint %s" % wanted.trustpoint)
            forms = re.escape(line).replace(re.escape(match[1]), r"\S+")
            found.append(setting(root, path, forms, want, message="trustpoint %s is old, and referred to" % match[1], step=SIGNALING))
    return found


def tls_profile(root, here, wanted):
    """A TLS profile, on releases that have them, where it is asked for."""
    profile = wanted.tls_profile
    if not profile:
        return []
    if here < TLS_PROFILES:
        raise BadRouter("tls_profile: the router runs %d.%d, and TLS profiles came with 17.3" % here)
    validate = profile.get("cn_san_validate")
    if validate in ("client", "bidirectional") and here < BOTH_ENDS:
        raise BadRouter("tls_profile.cn_san_validate: %s came with 17.8, and the router runs %d.%d" % ((validate, *here)))
    path, found = ("voice class tls-profile %d" % profile["tag"],), []
    words = {"message": "the TLS profile is not as asked for", "step": SIGNALING}
    ciphers = profile.get("ciphers") or []
    if ciphers:
        below = ("voice class tls-cipher %d" % profile["tag"],)
        found.append(entries(root, below, r"cipher \d+ \S+", ["cipher %d %s" % (n, name) for n, name in enumerate(ciphers, 1)], str, True, **words))
        found.append(setting(root, path, r"cipher \d+", "cipher %d" % profile["tag"], **words))
    if validate:
        found.append(setting(root, path, r"cn-san validate \S+", "cn-san validate %s" % validate, **words))
    if profile.get("names"):
        found.append(entries(root, path, r"cn-san \d+ \S+", ["cn-san %d %s" % (n, name) for n, name in enumerate(profile["names"], 1)], str, True, **words))
    found.append(setting(root, path, r"trustpoint \S+", "trustpoint %s" % wanted.trustpoint, **words))
    for tenant in profile.get("tenants") or []:
        if here < BOTH_ENDS:
            raise BadRouter("tls_profile.tenants: tenants have TLS profiles since 17.8, and the router runs %d.%d" % here)
        if root.under("voice class tenant %d" % tenant) is None:
            raise BadRouter("tls_profile.tenants: the router has no voice class tenant %d" % tenant)
        found.append(setting(root, ("voice class tenant %d" % tenant,), r"tls-profile \d+", "tls-profile %d" % profile["tag"], **words))
    return found


def versions(root, here, wanted):
    """The least version of TLS, where one is asked for."""
    if not wanted.tls_minimum:
        return []
    if here < TLS_12:
        raise BadRouter("tls_minimum: TLS 1.2 came with 15.6, and the router runs %d.%d" % here)
    if wanted.tls_minimum == "1.3" and here < TLS_MINIMUM:
        raise BadRouter("tls_minimum: TLS 1.3 came with 17.14, and the router runs %d.%d" % here)
    enough = {"1.2": ("v1.2", "v1.2 minimum", "v1.3"), "1.3": ("v1.3",)}[wanted.tls_minimum]
    if any(line in ["transport tcp tls %s" % version for version in enough] for line in root.lines(*UA)):
        return []
    want = "v1.2 minimum" if wanted.tls_minimum == "1.2" and here >= TLS_MINIMUM else "v%s" % wanted.tls_minimum
    return [setting(root, UA, r"transport tcp tls( .*)?", "transport tcp tls %s" % want, message="older versions of TLS than %s are taken" % wanted.tls_minimum,
                    step=SIGNALING)]


# -- SRTP --------------------------------------------------------------------------------------------------------------
def suites(root, here, wanted):
    """The cipher suites of SRTP: `srtp-auth` in the guide's words, `voice class srtp-crypto` on releases where that has taken its place."""
    words = {"message": "SRTP does not offer %s" % ", ".join(wanted.suites), "step": AUTH, "severity": "medium"}
    if here < CRYPTO_CLASSES:
        unknown = [name for name in wanted.suites if name not in OLD_SUITES]
        if unknown:
            raise BadRouter("srtp_suites: the router runs %d.%d, which does %s only by pass-through" % (*here, ", ".join(unknown)))
        return [setting(root, SIP, r"srtp-auth .*", "srtp-auth %s" % " ".join(OLD_SUITES[name] for name in wanted.suites), "srtp-auth sha1-32", **words)]
    old, tag = root.value(r"srtp-auth (.*)", *SIP), root.value(r"srtp-crypto (\d+)", *SIP)
    if tag:
        path = ("voice class srtp-crypto %s" % tag,)
        offered = [line.split()[2] for line in root.lines(*path) if re.fullmatch(r"crypto \d+ \S+", line)]
    else:
        offered = [name for name, word in OLD_SUITES.items() if word in old.split()] if old else list(SUITES)
    if set(wanted.suites) <= set(offered):
        return []
    path = ("voice class srtp-crypto %d" % wanted.class_tag,)
    mine = entries(root, path, r"crypto \d+ \S+", ["crypto %d %s" % (n, name) for n, name in enumerate(wanted.suites, 1)], str, True, **words)
    return [mine, setting(root, SIP, r"srtp-crypto \d+", "srtp-crypto %d" % wanted.class_tag, **words), setting(root, SIP, r"srtp-auth .*", None, **words)]


# -- dial-peers --------------------------------------------------------------------------------------------------------
def dial_peers(root, wanted):
    """(tag, section) of the dial-peers that lead to Unified CM, or of those asked for."""
    found = {int(match[1]): section for match, section in root.sections(r"dial-peer voice (\d+) voip")}
    if wanted.dial_peers is not None:
        unknown = [tag for tag in wanted.dial_peers if tag not in found]
        if unknown:
            raise BadRouter("dial_peers: the router has no dial-peer voice %s voip; it has: %s" % (
                ", ".join(map(str, unknown)), ", ".join(map(str, found)) or "none"))
        return [(tag, found[tag]) for tag in wanted.dial_peers]
    groups = _groups(root, wanted)
    return [(tag, section) for tag, section in found.items() if any(_leads(child.line, wanted, groups) for child in section.children)]


def _leads(line, wanted, groups):
    target = re.fullmatch(r"session target (?:ipv4|dns):([^:\s]+)(?::\d+)?", line)
    group = re.fullmatch(r"session server-group (\d+)", line)
    return (bool(target) and _ours(target[1], wanted)) or (bool(group) and group[1] in groups)


def _ours(host, wanted):
    return host in wanted.addresses or host.lower() in wanted.names


def _groups(root, wanted):
    """Tags of the server groups that have a Unified CM node."""
    return {match[1] for match, section in root.sections(r"voice class server-group (\d+)")
            if any((entry := re.match(r"(?:ipv4|dns) (\S+)", child.line)) and _ours(entry[1], wanted) for child in section.children)}


def dial_peer(root, tag, section, wanted):
    """One dial-peer: SIP, TLS, the port that goes with it, SRTP."""
    path, found = (section.line,), []
    words = {"message": "dial-peer %d does not signal over TLS" % tag, "step": DIAL_PEER}
    found.append(setting(root, path, r"session protocol \S+", "session protocol sipv2", "session protocol cisco", **words))
    if transport(root, section) != "tcp tls":
        found.append(setting(root, path, r"session transport .*", "session transport tcp tls", **words))
    for line in root.lines(*path):
        plain = re.fullmatch(r"(session target (?:ipv4|dns):[^:\s]+):5060", line)
        if plain:
            found.append(setting(root, path, r"session target .*", plain[1] + ":5061", **words))
    want = {"fallback": "srtp fallback", "required": "srtp", "off": None}[wanted.srtp] if not wanted.pass_thru else None
    words = {"message": "dial-peer %d: SRTP is not as wanted" % tag, "step": FALLBACK if wanted.srtp == "fallback" else AUTH, "severity": "medium"}
    own = [line for line in root.lines(*path) if re.fullmatch(r"srtp( .*)?", line)]
    everywhere = [line for line in root.lines(*VOIP) if re.fullmatch(r"srtp( fallback)?", line)]
    if (own or everywhere) != ([want] if want else []):
        found.append(setting(root, path, r"srtp( .*)?", want, **words))
    negotiate = [line for line in root.lines(*path) if re.fullmatch(r"voice-class sip srtp negotiate .*", line)]
    if wanted.srtp == "fallback" and not wanted.pass_thru and not _negotiates(root, negotiate):
        found.append(setting(root, path, r"voice-class sip srtp negotiate .*", "voice-class sip srtp negotiate cisco", **words))
    return found


def _negotiates(root, lines):
    if lines and not lines[0].endswith(" system"):
        return lines == ["voice-class sip srtp negotiate cisco"]
    return "srtp negotiate cisco" in root.lines(*SIP)


def transport(root, section):
    """The transport that a dial-peer uses: its own word, its tenant's, the one for all, UDP."""
    own = next((child.line[18:] for child in section.children if child.line.startswith("session transport ")), None)
    if own and own != "system":
        return own
    tenant = next((child.line.split()[-1] for child in section.children if child.line.startswith("voice-class sip tenant ")), None)
    if tenant and not own:
        word = root.value(r"session transport (.*)", "voice class tenant %s" % tenant)
        if word and word != "system":
            return word
    return root.value(r"session transport (.*)", *SIP) or "udp"


def server_groups(root, wanted):
    """Entries of server groups that name the port of plain SIP."""
    found = []
    for tag in sorted(_groups(root, wanted)):
        path = ("voice class server-group %s" % tag,)
        for line in root.lines(*path):
            entry = re.fullmatch(r"((?:ipv4|dns) (\S+)) port 5060( .*)?", line)
            if entry and _ours(entry[2], wanted):
                found.append(setting(root, path, re.escape(entry[1]) + r"( .*)?", "%s port 5061%s" % (entry[1], entry[3] or ""),
                                     message="%s is called on the port of plain SIP" % entry[2], step=DIAL_PEER))
    return found
