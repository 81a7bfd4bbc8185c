"""What limits who may call where and how users prove themselves, to read: restriction tables with their patterns, classes of service,
authentication rules (id:63254436486; classes of service id:63570955418).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cuc.model import Field
from lab.cuc.model import Resource
from lab.cuc.model import Row

if TYPE_CHECKING:
    from lab.cuc.state import UnityConnection

_BOOLEANS = ("AccessFaxMail", "AccessTts", "CallHoldAvailable", "CallScreenAvailable", "CanRecordName")


def _located(system: UnityConnection, _row: Row) -> Row:
    return {"LocationObjectId": system.location, "LocationURI": f"/vmrest/locations/connectionlocations/{system.location}"}


def _table_shown(system: UnityConnection, row: Row) -> Row:
    return {**_located(system, row), "RestrictionPatternsURI": f"/vmrest/restrictiontables/{row['ObjectId']}/restrictionpatterns"}


RESTRICTION_TABLES = Resource(
    "restrictiontables", "RestrictionTable",
    (
        Field("CreationTime"), Field("DefaultBlocked", "bool"), Field("LocationObjectId"), Field("LocationURI"), Field("MaxDigits", "int"),
        Field("MinDigits", "int"), Field("DisplayName"), Field("Undeletable", "bool"), Field("RestrictionPatternsURI"),
    ),
    shown=_table_shown,
)
RESTRICTION_PATTERNS = Resource(
    "restrictionpatterns", "RestrictionPattern",
    (
        Field("Blocked", "bool"), Field("NumberPattern"), Field("RestrictionTableObjectId"), Field("RestrictionTableURI"),
        Field("SequenceNumber", "int"),
    ),
    under="restrictiontables", owner="RestrictionTableObjectId",
    shown=lambda _system, row: {"RestrictionTableURI": f"/vmrest/restrictiontables/{row['RestrictionTableObjectId']}"},
)
CLASSES_OF_SERVICE = Resource(
    "coses", "Cos",
    (
        *(Field(name, "bool") for name in _BOOLEANS),
        Field("FaxRestrictionObjectId"), Field("ListInDirectoryStatus", "bool"), Field("LocationObjectId"), Field("LocationURI"),
        *(Field(name, "int") for name in ("MaxGreetingLength", "MaxMsgLength", "MaxNameLength", "MaxPrivateDlists")),
        Field("MovetoDeleteFolder", "bool"), Field("OutcallRestrictionObjectId"), Field("PersonalAdministrator", "bool"), Field("DisplayName"),
        Field("XferRestrictionObjectId"), Field("Undeletable", "bool"), Field("RequireSecureMessages", "int"),
    ),
    many="Coses", shown=_located,
)
AUTHENTICATION_RULES = Resource(
    "authenticationrules", "AuthenticationRule",
    (
        Field("HackResetTime", "int"), Field("LocationObjectId"), Field("LocationURI"),
        *(Field(name, "int") for name in ("LockoutDuration", "MaxDays", "MaxHacks", "MinLength", "PrevCredCount")),
        Field("TrivialCredChecking", "bool"), Field("DisplayName"),
        *(Field(name, "int") for name in ("MinDuration", "ExpiryWarningDays", "MinCharsToChange")),
    ),
    shown=_located,
)
