"""xConfiguration: a list of what lies below a path, one value written, or the usage of a path (expressway.md 2.1 to 2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.expressway.catalogue import OBJECTS
from lab.expressway.catalogue import BadValue
from lab.expressway.catalogue import Setting
from lab.expressway.catalogue import offered
from lab.expressway.catalogue import place
from lab.expressway.cli import forms
from lab.expressway.cli.forms import Failure
from lab.expressway.cli.notation import PLAIN_SECRET
from lab.expressway.cli.words import Line
from lab.expressway.cli.words import Value
from lab.expressway.state import Subordinate
from lab.expressway.state import hidden

if TYPE_CHECKING:
    from lab.expressway.state import Peer

NOT_KNOWN = "Command not recognised"
FIXED = ("Zones Zone # Type",)
CIPHER = "{cipher}"


def answer(peer: Peer, line: Line) -> str:
    """What is printed. Raises Failure."""
    path = " ".join(line.words)
    if line.asks:
        return _usage(peer, path)
    return _write(peer, path, line.values[line.words[-1]]) if line.named else _list(peer, path)


def _below(peer: Peer, path: str) -> list[Setting]:
    words = place(path)[0].split()
    return [setting for setting in offered(peer.appliance.product, peer.appliance.major).values() if setting.path.lower().split()[:len(words)] == words]


def _usage(peer: Peer, path: str) -> str:
    found = _below(peer, path)
    if not found:
        raise unknown(peer, path)
    return forms.usage(f"xConfiguration {path}".strip(), [(setting.path.replace("#", f"[1..{_most(setting)}]"), notation(setting)) for setting in found])


def _most(setting: Setting) -> int:
    return next((highest for owner, highest in OBJECTS.items() if setting.path.startswith(f"{owner} # ")), 0)


def notation(setting: Setting) -> str:
    """The values of a setting as the manual writes them."""
    if setting.kind == "enum":
        return f"<{'/'.join(setting.choices)}>"
    return f"<{setting.low}..{setting.high}>" if setting.kind == "int" else f"<S: {setting.low}, {setting.high}>"


def _list(peer: Peer, path: str) -> str:
    world = peer.world
    lines = [forms.configuration_line(world, each, value, peer.config.setting(each).kind == "text") for each, value in peer.config.walk(path)
             if value or world.variant("expressway_cli_unset") == "listed"]
    if not lines and (not _below(peer, path) or place(path)[1] is not None) and path and world.refuses("expressway_cli_unknown"):
        raise unknown(peer, path)
    return forms.listed(world, lines, "c")


def _write(peer: Peer, path: str, given: Value) -> str:
    world = peer.world
    if not peer.config.exists(path):
        if world.refuses("expressway_cli_unknown"):
            raise unknown(peer, path)
        return forms.done(world)
    setting = peer.config.setting(path)
    value = _stored(peer, path, setting, given)
    try:
        if setting.path in FIXED and value != peer.config.get(path):
            raise BadValue("it cannot be changed")
        with peer.change(not setting.peer):
            peer.config.set(path, value)
            _check_subject(peer, path)
    except (BadValue, Subordinate) as problem:
        if isinstance(problem, Subordinate) or world.refuses("expressway_cli_value"):
            raise Failure(f"{path}: {problem}") from problem
    return forms.done(world)


def _stored(peer: Peer, path: str, setting: Setting, given: Value) -> str:
    world = peer.world
    if given.quote == "missing":
        raise Failure(f"{path}: a value is missing")
    if setting.kind == "enum" and given.quote and world.variant("expressway_cli_quoted_choice") == "refused":
        raise Failure(f"{path}: {given.quote}{given.text}{given.quote} must not stand in quotation marks")
    if not setting.secret:
        return given.text
    if given.text.startswith(CIPHER):
        # What was read can be written back; nobody else can make one.
        current = peer.config.get(path)
        if not current or given.text != hidden(current):
            raise Failure(f"{path}: the encrypted text is not this system's")
        return current
    if len(given.text) > PLAIN_SECRET and world.refuses("expressway_cli_value"):
        raise Failure(f"{path}: at most {PLAIN_SECRET} characters are allowed")
    return given.text


def _check_subject(peer: Peer, path: str) -> None:
    """A traversal server zone that verifies needs a name to look for (RM150)."""
    head = f"Zones Zone {place(path)[1]} TraversalServer SIP TLS Verify"
    asked = "tls verify" in path.lower() and peer.config.exists(f"{head} Mode") and peer.config.get(f"{head} Mode") == "On"
    if asked and not peer.config.get(f"{head} Subject Name") and peer.world.refuses("expressway_cli_subject"):
        raise Failure(f"{path}: a TLS verify subject name must be specified")


def unknown(peer: Peer, path: str) -> Failure:
    """The failure for a path that this release does not have."""
    peer.world.note_unknown(peer.appliance, "expressway_cli", f"xConfiguration {path}")
    return Failure(f"{NOT_KNOWN}: {path}")
