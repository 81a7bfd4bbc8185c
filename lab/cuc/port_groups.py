"""/vmrest/portgroups: which SIP settings a phone system's ports work with, and their reset.

The documents say that only the two MWI codes can be written; the SDK writes nearly all (vos.md 4, id:63117344626, id:33207662372). No
source writes the switch for Next Generation Encryption, whose key is known in lower case only (id:55983638925). What SIP settings need
of each other: id:63206118790 (only with a TLS port), id:63449465530 (only with encryption enabled, with these words).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.cuc.model import Field
from lab.cuc.model import Resource
from lab.cuc.model import Row
from lab.cuc.model import invalid

if TYPE_CHECKING:
    from lab.cuc.state import UnityConnection

PATH = "portgroups"
NGE = "SipEnableNextGenSecurity"            # as the tables hold it, whatever its key is called outside
PROFILE, RESET = "MediaSipSecurityProfileObjectId", "ResetStatusEnum"
NOT_REQUIRED, REQUIRED, IN_PROGRESS = "0", "100", "101"
ENCRYPTED = "11"
NO_SRTP = "Secure RTP is not supported on this version of Connection. Reconfigure the port group to disable Secure RTP."
NO_ENCRYPTED_MODE = ("Encrypted security mode is not supported on this version of Connection. "
                     "Reconfigure the port group to use Authenticated mode.")

variant("cupi_port_group_writes", ("all", "ignored", "refused"), "all", "vos.md 4 (documents against SDK)",
        "what becomes of fields of a port group other than the MWI codes: stored, answered with 204 and dropped, or refused")
variant("cupi_nge_field", (NGE, "SIPEnableNextGenSecurity", "absent"), NGE, "vos.md 4 (seen in lower case only)",
        "key of Enable Next Generation Encryption, if it is there at all")
variant("cupi_nge_write", ("stored", "ignored", "refused"), "stored", "vos.md 4 (a write was never seen)",
        "what becomes of a write of Enable Next Generation Encryption")
variant("cupi_profile_shown", ("shown", "hidden"), "shown", "vos.md 4 (the SDK reads it; the documents' example of a port group lacks it)",
        "whether a port group shows its SIP security profile")
variant("cupi_reset", (REQUIRED, IN_PROGRESS, "none"), REQUIRED, "vos.md 4 (unproven)",
        "which value of ResetStatusEnum, written, resets a port group; none = no value does, and the write is dropped")
variant("cupi_encryption_check", ("refused", "accepted"), "refused", "vos.md 4, id:63449465530 (seen on the page, not in the API)",
        "whether the API turns Secure RTP and encrypted mode down while encryption is not enabled")

refusal("cupi_port_group_profile", "lab.md 5", "a port group with a SIP security profile that does not exist")
refusal("cupi_port_group_needs_tls", "id:63206118790", "Next Generation Encryption or Secure RTP with a SIP security profile without TLS")
refusal("cupi_port_group_needs_encryption", "id:63449465530", "Secure RTP or encrypted mode while `utils cuc encryption` is disabled")

_FIELDS = (
    Field("MediaPortGroupTemplateObjectId"),
    Field("MediaSwitchObjectId"),
    Field("PhoneSystemURI"),
    Field("TelephonyIntegrationMethodEnum", "int"),
    Field("EnableMWI", "bool", "always"),
    Field("DisplayName", written="always"),
    Field("CcmDoAutoFailback", "bool", "always"),
    Field("MwiOnCode", written="always"),
    Field("MwiOffCode", written="always"),
    Field("MwiRetryCountOnSuccess", "int", "always"),
    Field("MwiRetryIntervalOnSuccessMs", "int", "always"),
    Field(PROFILE, written="always"),
    Field("SipTransportProtocolEnum", "int", "always", choices=(10, 11)),
    Field("SipRegisterWithProxyServer", "bool", "always"),
    Field("SipDoAuthenticate", "bool", "always"),
    Field("MwiMinRequestIntervalMs", "int", "always"),
    Field("MwiMaxConcurrentRequests", "int", "always"),
    Field("MediaSwitchDisplayName"),
    Field("PortCount", "int"),
    Field("SipDoSRTP", "bool", "always"),
    Field("SipTLSModeEnum", "int", "always", choices=(10, 11)),
    Field(RESET, "int", "always", choices=(0, 100, 101)),
)
MWI_CODES = ("MwiOnCode", "MwiOffCode")
SIP_SETTINGS = (PROFILE, NGE, "SipDoSRTP", "SipTLSModeEnum", "SipTransportProtocolEnum")


def _known(system: UnityConnection) -> tuple[Field, ...]:
    key = system.world.variant("cupi_nge_field")
    return _FIELDS if key == "absent" else (*_FIELDS, Field(key, "bool", "always"))


def _shown(system: UnityConnection, row: Row) -> Row:
    switch = system.table("phonesystems")[row["MediaSwitchObjectId"]]
    hidden = system.world.variant("cupi_profile_shown") == "hidden"
    result = {
        **({PROFILE: None} if hidden else {}),
        "PhoneSystemURI": f"/vmrest/phonesystems/{row['MediaSwitchObjectId']}", "MediaSwitchDisplayName": switch["DisplayName"],
        "PortCount": str(sum(port["MediaPortGroupObjectId"] == row["ObjectId"] for port in system.rows("ports"))),
    }
    key = system.world.variant("cupi_nge_field")
    return result if key == "absent" else {**result, key: row[NGE]}


def _taken(system: UnityConnection, _before: Row | None, body: Row) -> Row:
    world = system.world
    key, writes, nge = (world.variant(name) for name in ("cupi_nge_field", "cupi_port_group_writes", "cupi_nge_write"))
    for name in body:
        settings = name not in (*MWI_CODES, RESET)
        if (settings and writes == "refused") or (name == key and nge == "refused"):
            raise invalid(f"{name} cannot be modified")
    kept = {NGE if name == key else name: value for name, value in body.items()
            if name != RESET and (name in MWI_CODES or writes == "all") and (name != key or nge == "stored")}
    return kept


def _check(system: UnityConnection, before: Row | None, after: Row | None) -> None:
    world = system.world
    profile = system.table("sipsecurityprofiles").get(after[PROFILE])
    if profile is None and world.refuses("cupi_port_group_profile"):
        raise invalid(f"There is no SIP security profile {after[PROFILE]}")
    tls = profile is not None and profile["DoTLS"] == "true"
    if "true" in (after[NGE], after["SipDoSRTP"]) and not tls and world.refuses("cupi_port_group_needs_tls"):
        raise invalid("Next Generation Encryption and Secure RTP need a SIP security profile with TLS")
    wrong = NO_SRTP if after["SipDoSRTP"] == "true" else NO_ENCRYPTED_MODE if after["SipTLSModeEnum"] == ENCRYPTED else ""
    if (wrong and not system.encryption.enabled and world.variant("cupi_encryption_check") == "refused"
            and world.refuses("cupi_port_group_needs_encryption")):
        raise invalid(wrong)


def _settle(system: UnityConnection, before: Row | None, after: Row | None, body: Row) -> None:
    if any(after[name] != before[name] for name in SIP_SETTINGS):
        system.needs_reset(after["ObjectId"])
    if body.get(RESET) == system.world.variant("cupi_reset"):
        system.telephony.reset(after["ObjectId"])


PORT_GROUPS = Resource(PATH, "PortGroup", _FIELDS, verbs=frozenset({"PUT"}), never=frozenset({"POST", "DELETE"}),
                       known=_known, taken=_taken, check=_check, settle=_settle, shown=_shown)
