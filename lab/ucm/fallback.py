"""Phones that reach no CallManager: they go to the SRST router of their device pool, as what they hold of it allows.

They show as not registered at Unified CM meanwhile; the router has them in `registered` ({phone: whether by TLS}), and `turned_down` says why others are not.
Source: guide "Survivable Remote Site Telephony (SRST)".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lab.ios import srst
from lab.ucm import devices

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.ios.router import Router
    from lab.ucm.admission import Held
    from lab.ucm.registration import Registration


def routers(cluster: Cluster) -> list[Router]:
    """The estate's routers that know phones."""
    return [one.state for one in cluster.world.appliances() if one.product == "ios"]


def back(cluster: Cluster, names: Iterable[str]) -> None:
    """Phones are with a CallManager again."""
    for router in routers(cluster):
        for name in names:
            router.registered.pop(name, None)
            router.turned_down.pop(name, None)


def register(cluster: Cluster, rows: dict[str, Registration], held: dict[str, Held], hardware: dict[str, devices.Hardware]) -> None:
    """Let phones ask their routers. rows: of those that no CallManager has taken."""
    if not routers(cluster):
        return
    lscs = devices.lscs(cluster, set(rows))
    for name, row in rows.items():
        reference = held[name].config.srst
        appliance = cluster.world.find_appliance(reference.address) if reference.address else None
        if appliance is None or appliance.product != "ios":
            continue
        secure = held[name].mixed and held[name].config.secure and reference.secure
        mic = hardware.get(name, devices.Hardware()).mic
        phone = srst.Caller(name, row.ip, held[name].config.protocol, reference.certificate if secure else "",
                            lscs[name].issuer if name in lscs else "", tuple(cluster.world.manufacturing) if mic else ())
        router: Router = appliance.state
        problem = "the phone holds no certificate of the router" if secure and not reference.certificate else srst.objection(router, phone)
        router.registered.pop(name, None)
        router.turned_down.pop(name, None)
        if problem:
            router.turned_down[name] = problem
        else:
            router.registered[name] = secure
