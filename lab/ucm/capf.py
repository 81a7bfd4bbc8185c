"""CAPF on the publisher: it installs, deletes and looks at the locally significant certificates (LSC) of phones that come to it.

A phone comes to CAPF when it takes its configuration while an operation waits for it. CAPF serves it until the time in Operation
Completes By, when the phone can show who it is in the way its security profile asks for. The operation is then over, well or not:
certificateOperation falls back to No Pending Operation and certificateStatus says what came of it. Where CAPF is not reached
(it does not run, or the phone comes over mobile and remote access) the operation goes on waiting.

The LSC is described by device.lscvaliduntil, lscissuername and lscissuervaliduntil, and beside them by the lab's own table lab_lsc
with the full name of its issuer; `give` and `take` keep the two together.

Sources: guide "Endpoint Certificates", "Phone Security Profiles and LSC Installation"; axl.md 2.4, 3; id:1995538794 (form of the time,
the mode is the profile's), id:37306522376 (columns of device).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import devices
from lab.ucm import online_ca
from lab.ucm import parameters
from lab.ucm import x509
from lab.ucm.admission import trusts_mics

if TYPE_CHECKING:
    from lab.core.world import Cluster
    from lab.ucm.store import Store

SERVICE = "Cisco Certificate Authority Proxy Function"
INSTALL, DELETE, TROUBLESHOOT, IDLE = "Install/Upgrade", "Delete", "Troubleshoot", "No Pending Operation"
NOUN = {INSTALL: "Upgrade", DELETE: "Delete", TROUBLESHOOT: "Troubleshoot"}
LATE, NO_STRING, NO_LSC, NO_MIC, NOTHING = ("User Initiated Request Late/Timedout", "Invalid Authentication String", "Invalid LSC", "Invalid MIC",
                                            "Invalid Credentials")
FORMS = {"colons": "%Y:%m:%d:%H:%M", "blanks": "%Y %m %d %H"}
VERSION_3 = ("Cisco 7965",)         # phones whose CAPF client is too old for elliptic curves
_SETTINGS = """
select d.name, d.pkid, d.upgradefinishtime, d.authenticationstring, s.tkauthenticationmode, s.tkkeyorder, c.tkauthenticationmode, c.tkkeyorder
from device d left join securityprofile s on s.pkid = d.fksecurityprofile left join lab_capf c on c.fkdevice = d.pkid where d.name = ?
"""

variant("capf_settings", ("profile", "phone"), "profile", "axl.md 2.4; id:1995538794, id:37306522376",
        "Whether CAPF goes by the authentication mode and key of the security profile, or by those that AXL sent for the phone.")
variant("capf_finish_time", tuple(FORMS), "colons", "axl.md 2.4, 9; id:1995538794, id:29493121778",
        "Form of upgradeFinishTime (in use: the first; the page shows the second).")
variant("capf_no_finish_time", ("late", "unlimited"), "late", "axl.md 2.4", "What an operation without upgradeFinishTime comes to.")
variant("lsc_issuer_name", ("name", "reversed", "cn"), "name", "axl.md 3",
        "Whether device.lscissuername holds the issuer's whole name, from country to common name or the other way round, or its common name alone.")

refusal("capf_late", "guide 'Phone Security Profiles and LSC Installation'", "an operation whose time is over")
refusal("capf_authentication", "guide 'Phone Security Profiles and LSC Installation'", "a phone that cannot show who it is as its profile asks")


def finish_time(text: str, reading: str) -> float | None:
    """The moment that an upgradeFinishTime names, None for a text of another form."""
    try:
        return datetime.datetime.strptime(text.strip(), FORMS[reading]).replace(tzinfo=datetime.UTC).timestamp()
    except ValueError:
        return None


async def serve(cluster: Cluster, phones: Iterable[devices.Phone], hardware: dict[str, devices.Hardware]) -> None:
    """Phones with a waiting operation come to CAPF, one after the other."""
    if not cluster.publisher.services.running(SERVICE):
        return
    for phone in phones:
        own = hardware.get(phone.name, devices.Hardware())
        if not own.mra:
            await _serve(cluster, phone, own)


async def _serve(cluster: Cluster, phone: devices.Phone, own: devices.Hardware) -> None:
    db = cluster.db
    settings = next(iter(db.rows(_SETTINGS, phone.name)), None)
    if settings is None:
        return                                          # deleted on its way
    _name, key, finish, string, mode, order, own_mode, own_order = settings
    if cluster.world.variant("capf_settings") == "phone":
        mode, order = own_mode or mode, own_order or order
    failure = _late(cluster, finish or "") or _stranger(cluster, phone.name, own, db.label("typeauthenticationmode", mode) or "By Null String", string or "")
    if failure == "":
        return                                          # it waits for its user to type the string
    noun = NOUN[phone.operation]
    if failure is None and phone.operation == INSTALL:
        failure = await _install(cluster, phone, key, db.label("typekeyorder", order))
    elif failure is None and phone.operation == DELETE:
        take(db, [key])
    status = f"{noun} Success" if failure is None else f"{noun} Failed: {failure}"
    db.run("update device set tkcertificateoperation=?, tkcertificatestatus=? where pkid=?", db.enum("typecertificateoperation", IDLE),
           db.enum("typecertificatestatus", status), key)


def _late(cluster: Cluster, text: str) -> str | None:
    world = cluster.world
    until = finish_time(text, world.variant("capf_finish_time"))
    if until is None and not text and world.variant("capf_no_finish_time") == "unlimited":
        return None
    return LATE if (until is None or until < world.clock.epoch()) and world.refuses("capf_late") else None


def _stranger(cluster: Cluster, name: str, own: devices.Hardware, mode: str, string: str) -> str | None:
    """Why CAPF does not believe the phone; None when it does, "" while its user has typed nothing."""
    if mode == "By Null String":
        return None
    if mode == "By Authentication String":
        failure = "" if not own.enters else None if string and own.enters == string else NO_STRING
    else:
        failure = _certificate(cluster, devices.lscs(cluster, {name}).get(name), own.mic, mode.endswith("LSC)"))
    return failure if cluster.world.refuses("capf_authentication") else None


def _certificate(cluster: Cluster, lsc: devices.Lsc | None, mic: bool, lsc_first: bool) -> str | None:
    """A phone shows one certificate: the one that takes precedence, or the other where that is all it has."""
    if lsc is not None and (lsc_first or not mic):
        return None if lsc.until > cluster.world.clock.epoch() and lsc.issuer in _believed(cluster) else NO_LSC
    if mic:
        return None if trusts_mics(cluster.publisher, "CAPF") else NO_MIC
    return NOTHING


def _believed(cluster: Cluster) -> set[str]:
    """Names of those whose LSCs CAPF takes: its own, and those in CAPF-trust of the publisher."""
    held = cluster.publisher.certificates
    return {x509.subject_text(held.served("capf").certificate), *(x509.subject_text(entry.certificate) for entry in held.trust("CAPF"))}


async def _install(cluster: Cluster, phone: devices.Phone, key: str, order: str) -> str | None:
    """Gives the phone an LSC, from CAPF itself or from the online CA; why not otherwise."""
    if order == "EC Only" and phone.model in VERSION_3:
        return "No Support for EC only in CAPF version 3"
    if online_ca.configured(cluster):
        try:
            certificate = x509.load(await online_ca.issue(cluster, phone.name, cluster.phones.key))
        except online_ca.NotIssued as error:
            return error.status
        issuer, held = certificate.issuer.rfc4514_string(), cluster.publisher.certificates.trust("CAPF")
        ends = [x509.load(entry.certificate).not_valid_after_utc for entry in held if x509.subject_text(entry.certificate) == issuer]
        give(cluster, cluster.db, [key], certificate.not_valid_after_utc, issuer, max(ends, default=certificate.not_valid_after_utc))
        return None
    own = cluster.publisher.certificates.served("capf").certificate
    until = cluster.world.clock.now() + datetime.timedelta(days=int(parameters.get(cluster, "capf_duration")))
    give(cluster, cluster.db, [key], until, x509.subject_text(own), x509.load(own).not_valid_after_utc)
    return None


# ---- what the database says of LSCs

def give(cluster: Cluster, db: Store, keys: Iterable[str], until: datetime.datetime, issuer: str, issuer_until: datetime.datetime) -> None:
    """Writes down that phones (by key) have an LSC. issuer: its whole name."""
    keys = list(keys)
    shown = _shown(issuer, cluster.world.variant("lsc_issuer_name"))
    db.connection.executemany("update device set lscvaliduntil=?, lscissuername=?, lscissuervaliduntil=? where pkid=?",
                              [(int(until.timestamp()), shown, int(issuer_until.timestamp()), key) for key in keys])
    db.connection.executemany("insert or replace into lab_lsc (fkdevice, issuer) values (?, ?)", [(key, issuer) for key in keys])


def take(db: Store, keys: Iterable[str]) -> None:
    """Writes down that phones (by key) have no LSC."""
    keys = [(key,) for key in keys]
    db.connection.executemany("update device set lscvaliduntil=0, lscissuername=null, lscissuervaliduntil=0 where pkid=?", keys)
    db.connection.executemany("delete from lab_lsc where fkdevice=?", keys)


def _shown(issuer: str, reading: str) -> str:
    parts = re.findall(r"(?:\\.|[^,\\])+", issuer)
    if reading == "cn":
        return next((part.removeprefix("CN=") for part in parts if part.startswith("CN=")), issuer)
    return issuer if reading == "name" else ",".join(reversed(parts))


def readings(cluster: Cluster) -> tuple[str, str, str]:
    """The readings under which phones are written down."""
    return tuple(cluster.world.variant(name) for name in ("capf_finish_time", "lsc_issuer_name", "capf_settings"))


def restate(db: Store, before: tuple[str, str, str], now: tuple[str, str, str]) -> None:
    """Writes phones down anew under other readings."""
    if now[2] == "profile":
        db.run("delete from lab_capf")
    for (text,) in db.rows("select distinct upgradefinishtime from device where upgradefinishtime <> ''"):
        if (moment := finish_time(text, before[0])) is not None:
            other = datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime(FORMS[now[0]])
            db.run("update device set upgradefinishtime=? where upgradefinishtime=?", other, text)
    for (issuer,) in db.rows("select distinct issuer from lab_lsc"):
        db.run("update device set lscissuername=? where pkid in (select fkdevice from lab_lsc where issuer=?)", _shown(issuer, now[1]), issuer)
