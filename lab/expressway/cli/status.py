"""xStatus: the tree behind status.xml, as the command line writes it.

`*s SystemUnit: /`, children indented by five and two more for each level, values in quotation marks, `*s/end` after each section and OK after the last:
so read public programs that take it apart (id:32195382478, id:6854125261, id:14615275909).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.expressway import links
from lab.expressway import xmlapi
from lab.expressway.cli import forms
from lab.expressway.cli.forms import Failure
from lab.expressway.cli.words import Line

if TYPE_CHECKING:
    from lab.expressway.state import Peer
    from lab.expressway.xmlapi import Element

FIRST, STEP = 5, 2
# Elements that have their number behind them, even where there is one alone.
NUMBERED = {"Zone", "Peer", "Warning", "Tunnel", "Category", "Server", "CUCM", "CUP", "UCxN", "Domain"}


async def answer(peer: Peer, line: Line) -> str:
    """What is printed. Raises Failure."""
    await links.refresh(peer)
    sections = xmlapi.status(peer)
    if not line.words:
        lines: list[str] = []
        for section in sections.values():
            lines += [*_section(section.name, section), "*s/end"]
        return forms.listed(peer.world, lines[:-1], "s")
    found = _find(sections, line.words)
    if found is None:
        peer.world.note_unknown(peer.appliance, "expressway_cli", f"xStatus {' '.join(line.words)}")
        if peer.world.refuses("expressway_cli_unknown"):
            raise Failure(f"Command not recognised: {' '.join(line.words)}")
        return forms.listed(peer.world, [], "s")
    return forms.listed(peer.world, _section(" ".join(line.words), found), "s")


def _find(sections: dict[str, Element], words: tuple[str, ...]) -> Element | None:
    element = next((one for name, one in sections.items() if name.lower() == words[0].lower()), None)
    rest = list(words[1:])
    while element is not None and rest:
        word = rest.pop(0)
        item = int(rest.pop(0)) if rest and rest[0].isdigit() else None
        element = next((child for child in element.children if child.name.lower() == word.lower() and item in (None, child.item)), None)
    return element


def _section(name: str, element: Element) -> list[str]:
    if element.text is not None:
        return [f'*s {name}: "{element.text}"']
    return [f"*s {name}: /", *_lines(element.children, FIRST)]


def _lines(children: tuple[Element, ...], indent: int) -> list[str]:
    several = NUMBERED | {child.name for child in children if child.item != 1}
    lines = []
    for child in children:
        name = f"{child.name} {child.item}" if child.name in several and child.children else child.name
        if child.text is not None:
            lines.append(f'{" " * indent}{name}: "{child.text}"')
        else:
            lines += [f"{' ' * indent}{name}:", *_lines(child.children, indent + STEP)]
    return lines
