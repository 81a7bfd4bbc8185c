"""What Unified CM refuses on writing a phone, above all where CAPF comes in. Wordings are the lab's own (see the ledger)."""
from __future__ import annotations

from typing import Any

from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import capf
from lab.ucm.axl import soap
from lab.ucm.axl.checks import UNIVERSAL
from lab.ucm.axl.checks import profile_fits
from lab.ucm.axl.context import Context
from lab.ucm.axl.soap import Fault

refusal("axl_capf_fields", "axl.md 2.4", "CAPF fields of a phone change only together with a certificate operation.")
refusal("axl_finish_time", "axl.md 2.4; id:29493121778", "An upgradeFinishTime that is no time.")
refusal("axl_phone_profile_model", "axl.md 2.1", "A phone takes only a profile of its own model and protocol, or a universal one.")

variant("capf_fields_alone", ("refused", "ignored"), "refused", "axl.md 2.4",
        "What becomes of CAPF fields sent without a certificate operation.")

TABLES = {"authenticationMode": "typeauthenticationmode", "keySize": "typekeysize", "keyOrder": "typekeyorder", "ecKeySize": "typekeysize"}
STRING = "authenticationString"


def phone(context: Context, item: etree._Element, row: dict[str, Any] | None, before: dict[str, Any]) -> None:
    """Refusals of update Phone, and what an update means for CAPF."""
    if row is None:
        return
    store = context.store
    operation = store.label("typecertificateoperation", row.get("tkcertificateoperation", before["tkcertificateoperation"]))
    sent = [name for name in (*TABLES, STRING) if item.find(name) is not None]
    if sent and operation not in capf.NOUN and context.refuses("axl_capf_fields"):
        if context.variant("capf_fields_alone") == "refused":
            raise Fault(5003, f"{sent[0]} can be updated only if certificateOperation field is Install/Upgrade, Delete or Troubleshoot")
        row.pop("authenticationstring", None)
        sent = []
    _keep(context, item, [name for name in sent if name != STRING], before["pkid"])
    finish = row.get("upgradefinishtime")
    if finish and capf.finish_time(finish, context.variant("capf_finish_time")) is None and context.refuses("axl_finish_time"):
        raise Fault(5003, "The upgradeFinishTime is not valid")
    pending = store.label("typecertificateoperation", before["tkcertificateoperation"]) in capf.NOUN
    if row.get("tkcertificateoperation") is not None and (pending or operation in capf.NOUN):
        row["tkcertificatestatus"] = store.enum("typecertificatestatus", "Operation Pending" if operation in capf.NOUN else "None")
    fits = profile_fits(context, row, before, (4, 99))
    if fits and context.refuses("axl_phone_profile_model"):
        universal = store.label("typemodel", fits["model"]) == UNIVERSAL
        if not universal and (fits["model"], fits["protocol"]) != (before["tkmodel"], before["tkdeviceprotocol"]):
            raise Fault(5003, "The security profile does not match the device type of the phone")


def _keep(context: Context, item: etree._Element, sent: list[str], key: str) -> None:
    """CAPF settings that AXL sent for the phone: they count under one reading, and are nowhere under the other."""
    if not sent or context.variant("capf_settings") != "phone":
        return
    store = context.store
    store.run("insert or ignore into lab_capf (fkdevice) values (?)", key)
    for name in sent:
        text = soap.text(item.find(name))
        store.run(f"update lab_capf set tk{name.lower()}=? where fkdevice=?", store.enum(TABLES[name], text) if text else None, key)
