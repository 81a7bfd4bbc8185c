# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources of Expressway's REST API that published guides name and whose keys programs in use show: for a box whose own description does not say them.

No sample of that description is public, so it may keep its schemas in other files, or not be served at all. What it does say counts before this. Sources:
the tables of contents of the REST API guides X8.8 to X8.10, and two programs (id:1031323534, id:25252097398; expressway.md 1.3 and 1.4). Zones but for those
of Unified Communications are not here: nobody has shown their keys for TLS.
"""

from __future__ import annotations

ALL = ("delete", "get", "post", "put")
SERVER = ("Publisher", "AxlUsername", "AxlPassword", "TlsVerify")
ZONE = ("Name", "HopCount", "SIPPort", "AuthenticationMode", "AuthenticationUserName")
# path: (methods, keys)
PUBLISHED = {
    "/certs/generate_csr": (("get", "post"), ("Additional_FQDNS", "Country", "Province", "Locality", "Organization", "OrganizationalUnit", "Email",
                                              "KeyLength", "DigestAlgorithm")),
    "/certs/root": (("get", "post"), ()),
    "/certs/server": (("get", "post"), ()),
    "/common/credential": (ALL, ("Name", "Password", "New_Name", "New_Password")),
    "/common/domain": (ALL, ("Name", "Sip", "EdgeSip", "EdgeXmpp", "XmppFederation")),
    "/common/mra": (("get", "put"), ("Enabled", "SSO")),
    "/common/protocol/sip/configuration": (("get", "put"), ("SipMode", "UdpMode", "UdpPort", "TcpMode", "TcpPort", "TlsMode", "TlsPort", "MutualTlsMode",
                                                            "MutualTlsPort")),
    "/controller/server/cucm": (("delete", "get", "post"), (*SERVER, "AesGcm", "SipUpdateForSessionRefresh", "IcePassthrough")),
    "/controller/server/imp": (("delete", "get", "post"), SERVER),
    "/controller/zone/unifiedcommunicationstraversal": (ALL, (*ZONE, "AuthenticationPassword", "PeerAddress", "RetryInterval")),
    "/edge/zone/unifiedcommunicationstraversal": (ALL, (*ZONE, "SIPTLSVerifySubjectName")),
}


def completed(path, described, resource):
    """What is offered at a path: what the box says (resource; None: nothing), with what is published where it does not say that.

    described: whether the box describes itself at all; where it does, a path that it leaves out is not there.
    """
    if path not in PUBLISHED or (resource is None and described):
        return resource
    methods, keys = PUBLISHED[path]
    found = resource or {"methods": [], "keys": {}}
    return {"methods": found["methods"] or list(methods), "keys": found["keys"] or {key: {"type": None, "enum": None} for key in keys}}
