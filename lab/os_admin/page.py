"""What a page with a form is made of; each page's module makes one."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.os_admin.form import Form

if TYPE_CHECKING:
    from lab.core.world import Node
    from lab.core.world import World


class Rejected(Exception):
    """The page does not do what it was asked; the text is what it says."""


@dataclass(frozen=True)
class Done:
    """What came of a form. messages: what stands under Status; download: (file name, content) that comes instead of a page."""

    messages: tuple[str, ...] = ()
    download: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class Page:
    """A page with a form.

    paths: (as recalled or public, another invention): variant os_admin_paths. offer(node, chosen) gives the form, None where there is
    none for that; act(node, values) does it and raises Rejected or Refused; about(values) names the object for the journal.
    """

    title: str
    paths: tuple[str, str]
    offer: Callable[[Node, Mapping[str, str]], Form | None]
    act: Callable[[Node, dict], Done]
    about: Callable[[dict], str]
    writes: bool = True

    def path(self, world: World) -> str:
        """Where it is now."""
        return self.paths[0] if world.variant("os_admin_paths") == "recalled" else self.paths[1]
