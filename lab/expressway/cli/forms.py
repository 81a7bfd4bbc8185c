"""How the command line prints lists, results and failures, in each of the readings (unsure.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.core.world import World

RESULT_END = "*r/end"


class Failure(Exception):
    """A command that failed; the text is the product's, or the lab's in its style."""


def configuration_line(world: World, path: str, value: str, is_text: bool) -> str:
    """`*c xConfiguration Zones Zone 6 DNS SIP TLS Verify Mode: "On"`."""
    quoted = is_text or world.variant("expressway_cli_output_quotes") == "all"
    return f"*c xConfiguration {path}: " + (f'"{value}"' if quoted else value)


def listed(world: World, lines: list[str], mark: str) -> str:
    """A list with its end. mark: "c" or "s"."""
    end = {"end": f"*{mark}/end\n\nOK\n", "blank": "\nOK\n", "stars": "** end\n\nOK\n"}[world.variant("expressway_cli_end")]
    return "".join(f"{line}\n" for line in lines) + end


def done(world: World) -> str:
    """A write that is done."""
    return {"ok": "OK\n", "blank_ok": "\nOK\n", "end_ok": "*c/end\n\nOK\n"}[world.variant("expressway_cli_done")]


def result(verb: str, lines: list[str]) -> str:
    """The result of an xCommand that succeeded: lines are indented below its head."""
    body = "".join(f"   {line}\n" for line in lines)
    return f"*r {verb}Result (status=OK): /\n{body}{RESULT_END}\n\nOK\n"


def failed(world: World, verb: str, text: str) -> str:
    """A failure. verb: the xCommand's, "" for anything else."""
    way = world.variant("expressway_cli_error")
    if way == "text":
        return f"{text}\n\nERROR\n"
    last = "ERROR" if way == "error" else "OK"
    return f'*r {verb}Result (status=Error): /\n   Cause: "{text}"\n{RESULT_END}\n\n{last}\n'


def usage(head: str, parameters: list[tuple[str, str]]) -> str:
    """Usage: (name, notation) of each parameter."""
    body = "".join(f"   {name}: {notation}\n" if notation else f"   {name}\n" for name, notation in parameters)
    return f"*h {head}\n{body}*h/end\n\nOK\n"
