"""Phones of day 0, one by one and by the thousand, and how some thousand of them are made wrong.

estate.yml, for each cluster:

phones: a list. name, model, protocol (SIP), description, device_pool (Default), security_profile (the model's non-secure one);
  mic (whether its manufacturer gave it a certificate), mra (true, or the address of the Expressway-C it comes through),
  offline (never plugged in), css, common_phone_profile, settings (see seed_hardening.py),
  enters (the authentication string its user types), lsc: {days: how long its LSC is still valid (may be
  negative), issuer: CAPF (default), former (CAPF's certificate before the present one, still trusted) or lost (one that nobody here knows)}.
made_phones: what phones made by number (`lab up --phones N`) are like: any of the keys above but the name, and wrong: how many of them,
  evenly spread, are as an installation makes them, without LSC, instead.
"""
from __future__ import annotations

import datetime
import functools
import random
from typing import Any

from lab.ucm import capf
from lab.ucm import x509
from lab.ucm.axl import product_settings
from lab.ucm.seed_hardening import STANDARD_PROFILE
from lab.ucm.seed_hardening import settings
from lab.ucm.store import Store

GENERATED = ("Cisco 8845", "Cisco 8851", "Cisco 7841", "Cisco 8865")      # models of phones made by number
WRONGS = ("profile", "missing", "expiring", "issuer")                     # what `spoil` does to a phone
LOST = "CN=CAPF-5a17c0de,OU=UC,O=Elsewhere"
FORMER_DAYS = 4 * 365                                                     # age of CAPF's certificate before the present one
EXPIRING = datetime.timedelta(days=5)


def standard_profile(model: str, protocol: str) -> str:
    """Name of the built-in non-secure profile of a phone model."""
    return f"{model} - Standard {protocol} Non-Secure Profile"


def fill(cluster: Any, db: Store, count: int) -> None:
    """Writes the phones of the estate and `count` made ones. Raises KeyError for a name that nobody defines."""
    part = cluster.estate
    phones = [*part.get("phones", ()), *_made(db, part.get("made_phones", {}), count)]
    key = functools.lru_cache(maxsize=None)(functools.partial(db.key, db.name))       # thousands of phones share a few references
    phone_class, side = db.enum("typeclass", "Phone"), db.enum("typedeviceprotocolside", "User")
    sip = db.value("select pkid from sipprofile where name='Standard SIP Profile'")
    rows = []
    for phone in phones:
        model, protocol = phone["model"], phone.get("protocol", "SIP")
        rows.append((db.uuid("device", phone["name"]), phone["name"], phone.get("description", phone["name"]), db.enum("typemodel", model),
                     db.enum("typeproduct", model), phone_class, db.enum("typedeviceprotocol", protocol), side,
                     key("devicepool", phone.get("device_pool", "Default")), key("location", phone.get("location", "Hub_None")),
                     key("securityprofile", phone.get("security_profile", standard_profile(model, protocol))), sip if protocol == "SIP" else None,
                     key("commonphoneconfig", phone.get("common_phone_profile", STANDARD_PROFILE)),
                     key("callingsearchspace", phone["css"]) if "css" in phone else None))
    db.connection.executemany("INSERT INTO device (pkid, name, description, tkmodel, tkproduct, tkclass, tkdeviceprotocol, tkprotocolside, "
                              "fkdevicepool, fklocation, fksecurityprofile, fksipprofile, fkcommonphoneconfig, fkcallingsearchspace) "
                              "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows)
    for phone in phones:
        if "settings" in phone:
            product_settings.OF_PHONES.write(db, db.uuid("device", phone["name"]), settings(phone["settings"]))
    _lscs(cluster, db, phones)


def _made(db: Store, like: dict[str, Any], count: int) -> list[dict[str, Any]]:
    pools = [r[0] for r in db.rows("select name from devicepool where name<>'Default' order by name")] or ["Default"]
    generator, wrong = random.Random(db.name), int(like.get("wrong", 0))
    made = []
    for number in range(count):
        phone = {"name": f"SEP{0x0C75BD000000 + number:012X}", "model": generator.choice(GENERATED), "device_pool": pools[number % len(pools)]}
        spoilt = number * wrong // count != (number + 1) * wrong // count
        made.append(phone | ({} if spoilt else {name: value for name, value in like.items() if name != "wrong"}))
    return made


def _lscs(cluster: Any, db: Store, phones: list[dict[str, Any]]) -> None:
    now, groups = cluster.world.clock.now(), {}
    for phone in phones:
        if lsc := phone.get("lsc"):
            groups.setdefault((int(lsc.get("days", 700)), lsc.get("issuer", "CAPF")), []).append(db.uuid("device", phone["name"]))
    for (days, issuer), keys in groups.items():
        name, end = _issuer(cluster, issuer)
        capf.give(cluster, db, keys, now + datetime.timedelta(days=days), name, end)


def _issuer(cluster: Any, which: str) -> tuple[str, datetime.datetime]:
    """Whole name of an issuer of LSCs, and the end of its certificate."""
    if which == "lost":
        return LOST, cluster.world.clock.now() + datetime.timedelta(days=100)
    pem = cluster.publisher.certificates.identity("CAPF").certificate if which == "CAPF" else _former(cluster)
    return x509.subject_text(pem), x509.load(pem).not_valid_after_utc


def _former(cluster: Any) -> str:
    """CAPF's certificate before the present one: it is still in the trust stores, as a regeneration leaves it there."""
    name = x509.subject(f"CAPF-{sum(cluster.publisher.fqdn.encode()) * 40503 % 2**32:08x}", cluster.publisher.certificates.organisation)
    for entry in cluster.publisher.certificates.trust("CAPF"):
        if x509.load(entry.certificate).subject == name:
            return entry.certificate
    start = cluster.world.clock.now() - datetime.timedelta(days=FORMER_DAYS)
    pem = x509.self_signed("CAPF", name, cluster.world.keys.rsa(), start)
    for node in cluster.nodes.values():
        node.certificates.upload_trust(("CAPF", "CallManager"), pem, "Trust Certificate")
    return pem


def spoil(cluster: Any, count: int, kinds: tuple[str, ...] = WRONGS) -> list[str]:
    """Makes `count` made phones wrong, evenly spread, one kind after the other, at once and unnoticed. Gives their names.

    profile: back to the model's non-secure profile; missing: no LSC; expiring: the LSC ends in five days; issuer: an LSC by a former CAPF.
    Raises ValueError where there are not so many.
    """
    db = cluster.db
    made = db.rows("select d.name, d.pkid, m.name, p.name from device d join typemodel m on m.enum=d.tkmodel join typedeviceprotocol p on "
                   "p.enum=d.tkdeviceprotocol where d.name like 'SEP0C75BD%' order by d.name")
    if not 0 <= count <= len(made):
        raise ValueError(f"{cluster.name} has {len(made)} phones made by number")
    now, former = cluster.world.clock.now(), _issuer(cluster, "former") if "issuer" in kinds else None
    chosen = [made[place * len(made) // count] for place in range(count)]
    with db.transaction():
        for place, (_name, key, model, protocol) in enumerate(chosen):
            kind = kinds[place % len(kinds)]
            if kind == "profile":
                db.run("update device set fksecurityprofile=? where pkid=?", db.key(db.name, "securityprofile", standard_profile(model, protocol)), key)
            elif kind == "missing":
                capf.take(db, [key])
            elif kind == "expiring":
                capf.give(cluster, db, [key], now + EXPIRING, *_issuer(cluster, "CAPF"))
            else:
                capf.give(cluster, db, [key], now + datetime.timedelta(days=400), *former)
    cluster.phones.settle({row[0] for row in chosen})
    return [row[0] for row in chosen]
