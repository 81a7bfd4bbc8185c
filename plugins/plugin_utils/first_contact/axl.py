# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is assumed of AXL: how a version is asked for, the schema that is served, and what the database is called within."""

from __future__ import annotations

import re

from ..channels.axl_schema import MORE
from ..channels.axl_schema import OPERATIONS
from ..resources import ils
from ..resources import ldap
from ..resources import parameters
from ..resources import phone_security_profile
from ..resources import phones
from ..resources import sip_trunk
from ..resources import sip_trunk_security_profile
from ..resources.objects import rows
from ..resources.objects import text
from .assumption import Assumption
from .assumption import Look
from .assumption import NotSeen
from .assumption import answers
from .assumption import says
from .assumption import wire


def call(operation, arguments, *assumptions, of="leader"):
    """A Look by one operation."""
    return Look("axl", "call", {"operation": operation, "arguments": arguments}, assumptions, of)


def sql(query, *assumptions):
    """A Look by one query."""
    return Look("axl", "sql", {"query": query}, assumptions, "leader")


def _nodes(answer):
    found = [text(row.get("name")) for row in rows(answer.value, "processNode")]
    return [name for name in found if name != parameters.CLUSTER_WIDE]


def _fqdns(answer):
    return parameters.CLUSTER_WIDE in answer.text and all("." in name for name in _nodes(answer))


def _ciphers(answer):
    """Each label of which the internal name is not public leads to a name."""
    names = parameters.read_all(answer.value)
    return all(parameters.candidates(label, names) for label in parameters.CIPHER_LABELS)


def _universal(answer):
    found = [text(row.get("protocol")) for row in rows(answer.value, "phoneSecurityProfile") if "Universal" in text(row.get("name"))]
    if not found:
        raise NotSeen("there is no universal phone security profile")
    return all(protocol == "Protocol Not Specified" for protocol in found)


def _in_step(answer):
    entry = ils.entry(answer.value)
    if not entry or not entry["status"]:
        raise NotSeen("the cluster is in no network of clusters")
    return re.search(r"[A-Za-z]{3}", entry["status"]) is not None


def _password(pattern):
    def look(answer):
        found = re.findall(r"<ldapPassword[^>]*?(?:/>|>([^<]*)<)", answer.raw)
        if not found:
            raise NotSeen("LDAP authentication is not set up")
        return all(re.fullmatch(pattern, one) for one in found)
    return look


VERSION = Look("axl", "version", {}, (
    Assumption("axl-versionless", "getCCMVersion in the namespace API/1.0 is answered in that namespace",
               wire(r"<(\w+):getCCMVersionResponse[^>]*xmlns:\1=\"[^\"]*API/1\.0\""), answers),
    Assumption("axl-version-licence", "it says a version such as 15.0.1.12900-43", says(r"\A\d+\.\d+\.\d+\.\d+-\d+")),
), "leader")
SCHEMA = (
    Look("axl", "ready", {}, (
        Assumption("axl-toolkit", "/plugins/axlsqltoolkit.zip holds AXLSoap.xsd of the node's own version, with the operations that all clusters need",
                   lambda a: a.value["operations"] >= len(OPERATIONS)),
    ), "leader"),
    Look("axl", "lacking", {"operations": list(MORE)}, (
        Assumption("axl-schema", "the schema has every other operation that the modules use", lambda a: a.value == []),
    ), "leader"),
)
# Fields that the modules read. A field that the schema lacks ends the request before it is sent, and the error names it.
FIELDS = (
    call("listProcessNode", {"searchCriteria": {"name": "%"}, "returnedTags": {"name": "", "nodeUsage": "", "processNodeRole": "", "lbmHubGroup": ""}},
         Assumption("axl-process-node", "nodes are listed by their fully qualified names, beside the virtual node EnterpriseWideData", _fqdns, _nodes),
         Assumption("axl-lbm-hub-group", "a node has the field lbmHubGroup", answers)),
    call(*parameters.list_request(parameters.ENTERPRISE),
         Assumption("axl-parameters", "enterprise parameters stand under EnterpriseWideData, service 'Enterprise Wide'",
                    lambda a: "ClusterSecurityMode" in parameters.read_all(a.value)),
         Assumption("axl-parameter-names", "the internal names of the cipher parameters can be told by the words of their labels", _ciphers)),
    call("listServiceParameter", {"searchCriteria": {"processNodeName": "%", "service": "Cisco Certificate Authority Proxy Function"},
                                  "returnedTags": {"processNodeName": "", "name": ""}},
         Assumption("online-ca-parameters", "CAPF's parameters stand under the nodes, and are there for the online CA as well",
                    lambda a: bool(parameters.read_all(a.value)) and parameters.CLUSTER_WIDE not in a.text, lambda a: bool(parameters.read_all(a.value)))),
    call("listPhoneSecurityProfile", {"searchCriteria": {"name": "Universal%"}, "returnedTags": dict.fromkeys(
         ("name", "phoneType", "protocol", "deviceSecurityMode", "authenticationMode", "keySize", "tftpEncryptedConfig"), "")},
         Assumption("axl-phone-security-profile", "the universal profile's protocol is 'Protocol Not Specified'", _universal, answers)),
    call("getSmartLicenseStatus", {},
         Assumption("axl-version-licence", "Registration has Status and ExportControlFunctionality", says(r"ExportControlFunctionality"))),
    call(*ldap.authentication_request(),
         Assumption("ldap-passwords", "a password that is set reads as a row of asterisks", _password(r"\*{3,}"), _password(r".*"))),
    call("getLdapSystem", {}, Assumption("ldap-system", "it has the field syncEnabled", says("syncEnabled"))),
    call(*ils.request(),
         Assumption("axl-ils", "it shows the role of the cluster, and neither TLS nor a password", lambda a: "role" in a.text and "assword" not in a.raw),
         Assumption("ils-status", "the state of a cluster that is in step is said in words", _in_step, answers)),
    call(*phones.list_request(phones.TAGS, name="NOSUCHDEVICE0"), Assumption("axl-phone", "a phone has the fields that the collection reads", answers)),
    call(*phone_security_profile.PROFILE.list_request("no such profile"),
         Assumption("axl-phone-security-profile", "a phone security profile has the fields that the collection reads", answers)),
    call(*sip_trunk_security_profile.PROFILE.list_request("no such profile"),
         Assumption("axl-trunk-security-profile", "a trunk security profile has the fields that the collection reads", answers)),
    call(*sip_trunk.TRUNK.list_request("no such trunk"), Assumption("axl-trunk", "a trunk has the fields that the collection reads", answers)),
)
SQL = (
    sql("select first 1 tkclass, tkmodel from device where tkclass = 1 order by name",
        Assumption("sql-dialect", "FIRST and ORDER BY are understood, and answers have the columns' names in small letters",
                   lambda a: all(set(row) == {"tkclass", "tkmodel"} for row in a.value)),
        Assumption("sql-tables", "the table device has name, tkclass and tkmodel, and phones are class 1", answers)),
    sql("select first 1 subjectname, issuername, serialnumber from certificate",
        Assumption("sql-certificates", "the table certificate has subjectname, issuername and serialnumber", answers)),
    sql("select first 1 lscissuername from device where lscissuername is not null",
        Assumption("capf-lsc-issuer", "lscissuername holds the issuer's whole name, from country to common name",
                   lambda a: _issuer(a, r"C ?=.*CN ?="), answers)),
    sql("select first 1 xml from enterprisephoneconfigxml",
        Assumption("sql-hardening", "a column xml comes as an element vendorConfig with the settings below it", wire(r"<vendorConfig>\s*<\w"), answers)),
)
FAULTS = (
    call("getSipTrunk", {"name": "no such trunk of first contact"},
         Assumption("axl-faults", "what is not there is told by axlcode 5007", lambda a: a.error is not None and a.error.detail["axlcode"] == 5007,
                    lambda a: a.error is not None and a.error.kind == "refused", fails=True)),
)


def _issuer(answer, pattern):
    if not answer.value:
        raise NotSeen("no phone has an LSC")
    return re.search(pattern, answer.value[0]["lscissuername"] or "") is not None


LEADER = (VERSION, *SCHEMA, *FIELDS, *SQL, *FAULTS)
