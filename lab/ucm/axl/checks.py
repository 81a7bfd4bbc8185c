"""What Unified CM refuses on writing, class by class. Wordings are the lab's own where no transcript gives one (see the ledger)."""
from __future__ import annotations

from typing import Any

from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm.axl import soap
from lab.ucm.axl import trunk_ports
from lab.ucm.axl.context import Context
from lab.ucm.axl.soap import Fault
from lab.ucm.store import Store

refusal("axl_standard_profile", "axl.md 2.1", "A profile that the installation brought cannot be removed.")
refusal("axl_phone_type_needed", "axl.md 2.1", "A phone security profile needs phoneType and protocol.")
refusal("axl_udt_protocol", "axl.md 2.1", "A universal profile takes only the protocol that the built-in universal profile has.")
refusal("axl_phone_profile_kind", "axl.md 2.3", "A trunk takes only a trunk profile, a phone only a phone profile.")
refusal("axl_ldap_needs_sync", "Administration Guide 9.0(1), LDAP Authentication Configuration",
        "LDAP agreements and LDAP authentication change only while synchronizing from LDAP is enabled.")
refusal("axl_destination_order", "axl.md 2.3", "Two destinations of a trunk cannot have the same place, nor may there be none.")

variant("encrypted_transport", ("as_sent", "forced_tls", "refused"), "as_sent", "axl.md 2.1",
        "What AXL does with an encrypted profile whose transport is not TLS (the administration page switches it to TLS).")

UNIVERSAL = "Universal Device Template"


def phone_policy(store: Store, row: dict[str, Any]) -> dict[str, Any]:
    """Security policy number of a new phone profile: 99 for "Protocol Not Specified", else 4 (axl.md 3)."""
    return {"tksecuritypolicy": 99 if store.label("typedeviceprotocol", row.get("tkdeviceprotocol")) == "Protocol Not Specified" else 4}


def _removal(context: Context, before: dict[str, Any]) -> None:
    if before.get("isstandard") == "t" and context.refuses("axl_standard_profile"):
        raise Fault(5003, f"{before['name']} is a standard profile and cannot be deleted")


def _transport(context: Context, row: dict[str, Any], before: dict[str, Any] | None, columns: tuple[str, ...]) -> None:
    store, merged = context.store, {**(before or {}), **row}
    if store.label("typedevicesecuritymode", merged.get("tkdevicesecuritymode")) == "Non Secure":
        return
    plain = [c for c in columns if store.label("typetransport", merged.get(c)) != "TLS"]
    reading = context.variant("encrypted_transport")
    if plain and reading == "refused":
        raise Fault(5003, "Transport type must be TLS when the device security mode is Authenticated or Encrypted")
    if reading == "forced_tls":
        row.update({c: store.enum("typetransport", "TLS") for c in plain})


def phone_profile(context: Context, item: etree._Element, row: dict[str, Any] | None, before: dict[str, Any] | None) -> None:
    """Refusals of add, update and remove PhoneSecurityProfile."""
    store = context.store
    if row is None:
        _removal(context, before)
        return
    if before is None:
        if (row.get("tkmodel") is None or row.get("tkdeviceprotocol") is None) and context.refuses("axl_phone_type_needed"):
            raise Fault(5003, "Phone type and protocol are mandatory for a phone security profile")
        wanted = store.value("select tkdeviceprotocol from securityprofile where isstandard='t' and tkmodel=?", store.enum("typemodel", UNIVERSAL))
        if (store.label("typemodel", row.get("tkmodel")) == UNIVERSAL and row.get("tkdeviceprotocol") != wanted and context.refuses("axl_udt_protocol")):
            raise Fault(5003, "The protocol is not supported for the selected phone type")
        row["tkmodel"] = row.get("tkmodel") if row.get("tkmodel") is not None else store.enum("typemodel", UNIVERSAL)
        row.update(phone_policy(store, row))
    universal = store.label("typedeviceprotocol", {**(before or {}), **row}.get("tkdeviceprotocol")) != "SCCP"
    if universal:
        _transport(context, row, before, ("tktransport",))


def trunk_profile(context: Context, item: etree._Element, row: dict[str, Any] | None, before: dict[str, Any] | None) -> None:
    """Refusals of add, update and remove SipTrunkSecurityProfile."""
    if row is None:
        _removal(context, before)
        return
    _transport(context, row, before, ("tktransport", "tktransport_out"))
    trunk_ports.of_profile(context, row, before)


def profile_fits(context: Context, row: dict[str, Any], before: dict[str, Any] | None, policies: tuple[int, ...]) -> dict[str, Any] | None:
    """Model and protocol of the security profile that a device is to have; None when that does not change. Raises Fault for the wrong kind of profile."""
    key = row.get("fksecurityprofile")
    if key is None:
        return None
    found = context.store.rows("select tksecuritypolicy, tkmodel, tkdeviceprotocol from securityprofile where pkid=?", key)
    if found and found[0][0] not in policies and context.refuses("axl_phone_profile_kind"):
        raise Fault(5007, "Item not valid: The specified SecurityProfile was not found")
    return {"model": found[0][1], "protocol": found[0][2]} if found else None


def trunk(context: Context, item: etree._Element, row: dict[str, Any] | None, before: dict[str, Any] | None) -> None:
    """Refusals of add and update SipTrunk: a trunk's profile, and at least one destination with places of their own."""
    if row is None:
        return
    if profile_fits(context, row, before, (1, 8)):
        trunk_ports.of_trunk(context, row, before)
    places = item.find("destinations")
    if places is None:
        return
    orders = [soap.text(d.find("sortOrder")) for d in places.findall("destination")]
    if (not orders or len(set(orders)) < len(orders)) and context.refuses("axl_destination_order"):
        raise Fault(5003, "A SIP trunk needs at least one destination, each with a sort order of its own")


def make_sip_device(store: Store, key: str) -> None:
    """The second row of a SIP trunk, which its destinations belong to."""
    store.insert("sipdevice", fkdevice=key)


def srst(context: Context, item: etree._Element, row: dict[str, Any] | None, before: dict[str, Any] | None) -> None:
    """What it means for the router's certificate that a reference is made, kept or no longer secure."""
    if row is None:
        return
    merged = {**(before or {}), **row}
    if merged.get("issecure") != "t" and before:
        context.store.run("delete from lab_srst where fksrst=?", before["pkid"])
    elif merged.get("issecure") == "t" and context.variant("srst_fetch") == "on_update":
        context.actions.append(("fetch", merged["name"]))


def ldap(context: Context, item: etree._Element, row: dict[str, Any] | None, before: dict[str, Any] | None) -> None:
    """Refusals of update LdapDirectory and LdapAuthentication."""
    if context.store.value("select syncenabled from ldapsystemconfig") != "t" and context.refuses("axl_ldap_needs_sync"):
        raise Fault(5003, "Synchronizing from LDAP Server is not enabled")
