# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a secured cluster says of itself to another administrator, value by value of the guide's tables."""
from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pytest

from tests.integration.administrator import Administrator
from tests.integration.harness import Estate

# trunk, its profile of day 0, X.509 subject and incoming port of the secure one
TRUNKS = [
    ("US_CUBE", "CUBE SIP Trunk Profile", {"us-cube1.ent-pa.com", "us-cube2.ent-pa.com"}, "5061"),
    ("US_UNITY", "Unity Connection SIP Trunk Profile", {"us-cuc-ms.ent-pa.com"}, "5061"),
    ("US_CMS", "CMS SIP Trunk Profile", {"cms.ent-pa.com"}, "5061"),
    ("US_EXPRESSWAY_B2B", "Expressway-C B2B SIP Trunk Profile", {"us-expc.ent-pa.com"}, "5561"),
    ("EMEA_ICT", "ICT SIP Trunk Profile", {"emea-cm-pub-ms.ent-pa.com"}, "5061"),
]
EXISTING = "By Existing Certificate (precedence to LSC)"
PHONE_PROFILES = [
    ("UDT-Encrypted-LSC-TFTPenc.ent-pa.com", EXISTING, "true", "false"),
    ("UDT-Encrypted-LSC.ent-pa.com", EXISTING, "false", "false"),
    ("UDT-Encrypted-NullString.ent-pa.com", "By Null String", "false", "false"),
    ("UDT-Jabber-SIPOAuth", "By Null String", "false", "true"),
]
TABLE_7_11 = {"securityMode", "incomingTransport", "outgoingTransport", "x509SubjectName", "incomingPort"}


def values(reply: str) -> dict[str, str]:
    """Each leaf element of a reply: name -> text."""
    return dict(re.findall(r"<(\w+)(?: [^>]*)?>([^<]*)</\1>", reply))


def profile(admin: Administrator, name: str) -> dict[str, str]:
    """A SIP trunk security profile as AXL shows it."""
    return values(admin.axl("getSipTrunkSecurityProfile", "<name>%s</name>" % escape(name)))


def trunk(admin: Administrator, name: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """A trunk as AXL shows it: its values, and its destinations as (address, port) in their order."""
    reply = admin.axl("getSipTrunk", "<name>%s</name>" % name)
    ends = [values(text) for text in re.findall("<destination[ >].*?</destination>", reply, re.DOTALL)]
    ends.sort(key=lambda end: int(end["sortOrder"]))
    return values(reply), [(end["addressIpv4"], end["port"]) for end in ends]


@pytest.fixture
def before_and_after(estate: Estate, _secured: str) -> tuple[dict, dict, Estate]:
    """Profiles and trunks of day 0 and of the secured cluster. The day-0 state is read through the pinned certificates of day 0."""
    def read() -> dict:
        admin = Administrator(estate)
        names = [row[1] for row in TRUNKS]
        return {"profiles": {name: profile(admin, name) for name in names}, "trunks": {row[0]: trunk(admin, row[0]) for row in TRUNKS},
                "presence": (trunk(admin, "US_IMP_PRESENCE"), profile(admin, "IM and Presence SIP Trunk Profile")), "legacy": trunk(admin, "US_LEGACY_GW")}

    day0 = read()
    estate.load(_secured)
    return day0, read(), estate


def test_trunk_profiles_are_copies_but_for_table_7_11(before_and_after: tuple[dict, dict, Estate]) -> None:
    """Each secure profile differs from its original in the fields of Table 7-11 only; the originals are as they were."""
    day0, now, estate = before_and_after
    assert now["profiles"] == day0["profiles"]
    admin = Administrator(estate)
    for name, original, subject, port in TRUNKS:
        secure = profile(admin, original + " - TLS")
        assert (secure["securityMode"], secure["incomingTransport"], secure["outgoingTransport"]) == ("Encrypted", "TLS", "TLS"), name
        assert set(re.split("[ ,;]+", secure["x509SubjectName"])) == subject, name
        assert secure["incomingPort"] == port, name
        differing = {field for field, value in secure.items() if value != day0["profiles"][original].get(field)}
        assert differing - {"name"} <= TABLE_7_11, name


def test_trunks_are_switched_and_nothing_else_of_them(before_and_after: tuple[dict, dict, Estate]) -> None:
    """SRTP, secure profile, port 5061 at each destination in the same order (Table 7-12); nothing else of a trunk has changed but PSTN trunks' call class."""
    day0, now, _estate = before_and_after
    for name, original, _subject, _port in TRUNKS:
        (old, old_ends), (new, new_ends) = day0["trunks"][name], now["trunks"][name]
        assert new["srtpAllowed"] == "true" and new["securityProfileName"] == original + " - TLS", name
        assert new_ends == [(address, "5061") for address, _port_of_day0 in old_ends], name
        allowed = {"srtpAllowed", "securityProfileName", "port", "addressIpv4", "sortOrder", *(["networkLocation"] if name == "US_CUBE" else [])}
        assert {field for field in new if new[field] != old.get(field)} <= allowed, name


def test_presence_and_unready_trunks_are_left_alone(before_and_after: tuple[dict, dict, Estate]) -> None:
    """The presence trunk, and the one whose far end has no TLS, are as on day 0 (this one leads to the PSTN, and is now OffNet), and no write has ever named
    the presence trunk."""
    day0, now, estate = before_and_after
    day0["legacy"][0]["networkLocation"] = "OffNet"
    assert (now["presence"], now["legacy"]) == (day0["presence"], day0["legacy"])
    since = estate.mark()
    run = estate.play().ok()
    assert any(entry["object"] == "US_LEGACY_GW" and entry["step"] for entry in run.pending)
    assert not [entry for entry in estate.journal(writes=True) if "US_IMP_PRESENCE" in str(entry)]
    assert estate.journal(since=since)


def test_phone_security_profiles_of_table_7_13(secured: Estate) -> None:
    """Type, mode, key and the three values that differ, profile by profile."""
    admin = Administrator(secured)
    for name, authentication, tftp, oauth in PHONE_PROFILES:
        found = values(admin.axl("getPhoneSecurityProfile", "<name>%s</name>" % name))
        assert found["phoneType"] == "Universal Device Template", name
        assert (found["deviceSecurityMode"], found["keyOrder"], found["transportType"]) == ("Encrypted", "RSA Only", "TLS"), name
        assert int(found["keySize"]) >= 2048, name
        assert (found["authenticationMode"], found["tftpEncryptedConfig"], found["EnableOAuthAuthentication"]) == (authentication, tftp, oauth), name


def identity(admin: Administrator, unit: str) -> str:
    """PEM of an identity certificate, as the command line of the publisher shows it."""
    shown = admin.cli("set cli pagination off", "show cert own %s" % unit)
    return re.search("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", shown, re.DOTALL)[0].replace("\r", "")


def test_other_certificates_are_left_as_installed(estate: Estate, _secured: str) -> None:
    """CAPF, TVS, ITLRecovery and the ECDSA certificates are the same before and after; tomcat and CallManager are not."""
    units = ("CAPF", "TVS", "ITLRecovery", "tomcat-ECDSA", "CallManager-ECDSA", "tomcat", "CallManager")
    before = {unit: identity(Administrator(estate), unit) for unit in units}
    estate.load(_secured)
    after = {unit: identity(Administrator(estate), unit) for unit in units}
    assert {unit for unit in units if before[unit] != after[unit]} == {"tomcat", "CallManager"}


CIPHERS = [  # confirmed names hold for the lab alone, which invented them
    {"label": "HTTPS Ciphers", "value": "RSA Ciphers Only", "name": "HTTPSCiphers", "stored_value": "0", "confirmed": True},
    {"label": "TLS Ciphers", "value": "All Ciphers RSA Preferred", "name": "TLSCiphers", "stored_value": "0", "confirmed": True},
    {"label": "SRTP Ciphers", "value": "All Supported Ciphers", "name": "SRTPCiphers", "stored_value": "0", "confirmed": True},
]


def stored(admin: Administrator, name: str) -> str:
    """An enterprise parameter as it is stored."""
    return values(admin.axl("executeSQLQuery", "<sql>select paramvalue from processconfig where paramname = '%s'</sql>" % name))["paramvalue"]


def test_confirmed_cipher_parameters_are_kept(secured: Estate) -> None:
    """Changed by another administrator, each is put back; HTTPS owes Tomcat restarts, and gets them in the same run."""
    admin = Administrator(secured)
    for parameter in CIPHERS:
        admin.axl("updateServiceParameter", "<processNodeName>EnterpriseWideData</processNodeName><name>%s</name><service>Enterprise Wide</service>"
                  "<value>1</value>" % parameter["name"])
        assert stored(admin, parameter["name"]) == "1"
    since = secured.mark()
    secured.play(variables={"collab_enterprise_parameters": CIPHERS}).ok()
    assert [stored(admin, parameter["name"]) for parameter in CIPHERS] == ["0", "0", "0"]
    restarted = [entry["node"] for entry in secured.journal(writes=True, since=since) if "restart Cisco Tomcat" in entry["operation"]]
    assert restarted == ["us-cm-pub", "us-cm-sub1", "us-cm-sub2", "us-cm-tftp1"]
    since = secured.mark()
    assert secured.play(variables={"collab_enterprise_parameters": CIPHERS}).ok().changed == 0
    assert secured.journal(writes=True, since=since) == []


def test_unconfirmed_cipher_parameters_are_never_written(secured: Estate) -> None:
    """Without a confirmed name a parameter stays as another administrator has set it, and is pending with its candidates."""
    admin = Administrator(secured)
    admin.axl("updateServiceParameter", "<processNodeName>EnterpriseWideData</processNodeName><name>TLSCiphers</name><service>Enterprise Wide</service>"
              "<value>1</value>")
    run = secured.play().ok()
    assert stored(admin, "TLSCiphers") == "1"
    told = [entry for entry in run.pending if entry["object"] == "TLS Ciphers"]
    assert told and "TLSCiphers" in str(told[0]["what_to_do"])
