"""Lines of the configuration as they are typed: taken, replaced, taken back, with what the router says of some of them."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from lab.ios import config
from lab.ios.cli.shell import Refused
from lab.ios.grammar import Match
from lab.ios.modes import Rule
from lab.ios.pki import subject

if TYPE_CHECKING:
    from lab.ios.cli.shell import Shell
    from lab.ios.router import Router


ALT_NAME_READINGS, ALT_NAME_LINES = ("list", "lines"), ("subject-alt-name / <t>", "subject-alt-name <w>")
PREFIXED, MASKED = "ipv4 <w>", "ipv4 <ip> [<ip>]"       # of the trusted list: the first is kept as the second


def known(router: Router, mode: str) -> list[Rule]:
    """The lines of a mode, as this router and the reading in force have them."""
    found = config.rules(mode, router.release)
    if router.release >= 16.05 and router.world.variant("ios_srtp_auth") == "gone":
        found = [rule for rule in found if "srtp-auth" not in rule.syntax]
    other = ALT_NAME_LINES[1 - ALT_NAME_READINGS.index(router.world.variant("ios_subject_alt_name"))]
    return [rule for rule in found if rule.syntax != other]


async def take(shell: Shell, depth: int, rule: Rule, match: Match, off: bool, to_default: bool) -> str:
    """Write a line into the mode at a depth, and leave the modes below it."""
    router = shell.router
    del shell.modes[depth + 1:]
    section = shell.modes[depth]
    _check(shell, rule, match, off or to_default)
    if rule.syntax == PREFIXED:
        match, rule = _with_mask(match), next(one for one in known(router, section.mode) if one.syntax == MASKED)
    if off or to_default:
        config.remove(section, rule, match, router.release, to_default)
    else:
        opened = config.write(section, rule, match, router.release)
        if opened is not None:
            shell.enter(opened)
        if _is_hidden_hash(router, rule, match):
            config.remove(section, rule, match, router.release)
    router.note_change(shell.user)
    await router.changed()
    concerned = not rule.of or match.words[-1] in rule.of.split("|")
    return rule.says.replace("{line}", match.text) + "\n" if rule.says and concerned and not off else ""


def _check(shell: Shell, rule: Rule, match: Match, off: bool) -> None:
    if rule.mode == "chain":
        # Certificates come by authenticate and import here; nobody pastes their bytes into a chain.
        shell.world.note_unknown(shell.router.appliance, "ios_cli", match.text)
        raise Refused("% The lab takes no certificates by their chain\n")
    if rule.syntax.startswith("subject-name") and not off:
        try:
            subject(match.text.partition(" ")[2])
        except KeyError as problem:
            raise Refused(f"% Invalid X.500 attribute {problem.args[0]} in the subject name") from problem


def _with_mask(match: Match) -> Match:
    """`ipv4 A/N` as it is kept. Raises Refused."""
    try:
        given = ipaddress.IPv4Interface(match.words[1])
    except ValueError as problem:
        raise Refused("% Invalid address") from problem
    return Match(match.number, ("ipv4", str(given.ip), str(given.netmask)), 3)


def _is_hidden_hash(router: Router, rule: Rule, match: Match) -> bool:
    return rule.syntax.startswith("hash ") and match.words[-1] == router.default_hash and router.world.variant("ios_default_hash_line") == "hidden"
