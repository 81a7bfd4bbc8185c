"""What an operation makes devices do once its transaction is committed."""
from __future__ import annotations

from lab.ucm import srst
from lab.ucm.axl.context import Context


def carry_out(context: Context) -> None:
    """Hands resets, restarts, applied configurations and removals on to the simulated phones and trunks."""
    phones = getattr(context.cluster, "phones", None)
    if phones is None or not context.actions:
        return
    names: dict[str, list[str]] = {}
    for verb, name in context.actions:
        names.setdefault(verb, []).append(name)
    for verb, act in (("reset", phones.reset), ("restart", phones.reset), ("apply", phones.apply)):
        if verb in names:
            act(names[verb])
    for name in names.get("fetch", ()):
        context.world.spawn(srst.fetch_quietly(context.cluster, name), f"{context.cluster.name}: certificate of {name}")
    for name in names.get("removed", ()):
        phones.remove(name)
