"""What the REST API holds, as far as the guide's steps need it: collections, their fields and what they take (cms.md 2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
Field = Callable[[str], bool]


def one_of(*words: str) -> Field:
    """An enumeration."""
    return lambda value: value in words


def reference(value: str) -> bool:
    """The id of another object, or nothing."""
    return value == "" or re.fullmatch(UUID, value) is not None


def text(value: str) -> bool:
    """Any text."""
    return len(value) <= 200


def number(value: str) -> bool:
    """A number."""
    return value.isdigit()


BOOLEAN = one_of("true", "false")


@dataclass(frozen=True)
class Collection:
    """Objects of a kind. element: the name of one in XML; shown: fields that stand in a list; missing: the reason for an id that there is not."""

    element: str
    fields: dict[str, Field]
    required: tuple[str, ...]
    shown: tuple[str, ...]
    missing: str


COLLECTIONS = {
    "callLegProfiles": Collection(
        "callLegProfile",
        {"name": text, "sipMediaEncryption": one_of("optional", "required", "prohibited"), "needsActivation": BOOLEAN, "defaultLayout": text,
         "presentationContributionAllowed": BOOLEAN, "rxAudioMute": BOOLEAN, "txAudioMute": BOOLEAN, "rxVideoMute": BOOLEAN, "txVideoMute": BOOLEAN,
         "telepresenceCallsAllowed": BOOLEAN},
        (), ("name",), "callLegProfileDoesNotExist"),
    "callProfiles": Collection(
        "callProfile", {"name": text, "participantLimit": number, "recordingMode": one_of("manual", "automatic", "disabled"),
                        "streamingMode": one_of("manual", "automatic", "disabled"), "passcodeMode": one_of("required", "timeout")},
        (), (), "callProfileDoesNotExist"),
    "outboundDialPlanRules": Collection(
        "outboundDialPlanRule",
        {"domain": text, "priority": number, "localContactDomain": text, "localFromDomain": text, "sipProxy": text, "trunkType": one_of("sip", "lync", "avaya"),
         "failureAction": one_of("stop", "continue"), "sipControlEncryption": one_of("auto", "encrypted", "unencrypted"),
         "scope": one_of("global", "callBridge", "callBridgeGroup"), "callBridge": reference, "callBridgeGroup": reference, "tenant": reference},
        ("domain",), ("domain", "priority", "localContactDomain", "localFromDomain", "sipProxy", "trunkType", "failureAction", "sipControlEncryption"),
        "outboundDialPlanRuleDoesNotExist"),
    "coSpaces": Collection(
        "coSpace", {"name": text, "uri": text, "secondaryUri": text, "callId": text, "passcode": text, "callLegProfile": reference, "callProfile": reference,
                    "defaultLayout": text}, (), ("name", "uri", "callId"), "coSpaceDoesNotExist"),
    "callBridges": Collection(
        "callBridge", {"name": text, "address": text, "sipDomain": text, "callBridgeGroup": reference}, ("name",), ("name",), "callBridgeDoesNotExist"),
    "webBridges": Collection(
        "webBridge", {"url": text, "callBridge": reference, "callBridgeGroup": reference, "webBridgeProfile": reference, "tenant": reference},
        (), ("url",), "webBridgeDoesNotExist"),
}
DEFAULTS = {"coSpaces": {}, "callLegProfiles": {}, "callProfiles": {}, "webBridges": {}, "callBridges": {},
            "outboundDialPlanRules": {"priority": "0", "trunkType": "sip", "failureAction": "stop", "sipControlEncryption": "auto", "scope": "global",
                                      "sipProxy": "", "localContactDomain": "", "localFromDomain": ""}}
# Collections that are there, and of which the estate has nothing.
EMPTY = ("calls", "callLegs", "callBridgeGroups", "compatibilityProfiles", "forwardingDialPlanRules", "inboundDialPlanRules", "tenants", "turnServers", "users",
         "webBridgeProfiles")
PROFILES = {"callLegProfile": reference, "callProfile": reference, "compatibilityProfile": reference}
