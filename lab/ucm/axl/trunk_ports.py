"""What SIP trunks may not have in common: trunks by TLS and others cannot share an incoming port, nor two of them a port and a subject name.

A security profile counts as soon as a trunk uses it. Source: Security Guide, SIP trunk security profile settings (id:63188091657; the
same words in 12.5(1) and 15). Of two trunks with one and the same profile it does not speak: the lab lets them be.
"""
from __future__ import annotations

from typing import Any

from lab.core.refusals import refusal
from lab.ucm import devices
from lab.ucm.axl.context import Context
from lab.ucm.axl.soap import Fault

refusal("axl_trunk_port_mixed", "id:63188091657", "A SIP trunk by TLS and one without it cannot have the same incoming port.")
refusal("axl_trunk_subject_taken", "id:63188091657", "SIP trunks of different profiles cannot have the same X.509 subject name and incoming port.")

COLUMNS = ("incomingport", "tktransport", "tkdevicesecuritymode", "x509subjectname")
_OTHERS = ("select distinct s.name, s.incomingport, s.tktransport, s.tkdevicesecuritymode, s.x509subjectname from device d "
           "join sipdevice x on x.fkdevice = d.pkid join securityprofile s on s.pkid = d.fksecurityprofile where s.pkid <> ? and d.pkid <> ?")


def of_profile(context: Context, row: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Refuses a change of a profile that does not go with the profiles of other trunks."""
    used = before is not None and context.store.value("select 1 from device where fksecurityprofile=?", before["pkid"])
    if used and any(name in row for name in COLUMNS):
        _check(context, before["pkid"], {**before, **row}, "")


def of_trunk(context: Context, row: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Refuses a profile for a trunk that does not go with those of other trunks."""
    key = row.get("fksecurityprofile")
    if key is None or (before is not None and before["fksecurityprofile"] == key):
        return
    settings = context.store.rows(f"select {', '.join(COLUMNS)} from securityprofile where pkid=?", key)[0]
    _check(context, key, dict(zip(COLUMNS, settings, strict=True)), before["pkid"] if before else "")


def _check(context: Context, profile: str, settings: dict[str, Any], trunk: str) -> None:
    port, tls, names = _facts(context, settings)
    for name, *values in context.store.rows(_OTHERS, profile, trunk):
        other_port, other_tls, other_names = _facts(context, dict(zip(COLUMNS, values, strict=True)))
        if other_port != port:
            continue
        if tls != other_tls and context.refuses("axl_trunk_port_mixed"):
            raise Fault(5003, f"Incoming port {port} is used by SIP trunks of {name} with another transport type")
        if tls and names & other_names and context.refuses("axl_trunk_subject_taken"):
            raise Fault(5003, f"X.509 Subject Name {min(names & other_names)} and incoming port {port} are used by SIP trunks of {name}")


def _facts(context: Context, settings: dict[str, Any]) -> tuple[int, bool, frozenset[str]]:
    """(incoming port, whether by TLS, subject names) of a profile."""
    store = context.store
    secure = store.label("typedevicesecuritymode", settings["tkdevicesecuritymode"]) in ("Authenticated", "Encrypted")
    tls = secure or store.label("typetransport", settings["tktransport"]) == "TLS"
    return int(settings["incomingport"] or 5060), tls, frozenset(devices.subject_names(settings["x509subjectname"]))
