# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is assumed of an Expressway: REST and its RAML, the XML documents, the command line."""

from __future__ import annotations

from ..expressway import keys
from ..expressway.documents import entries
from ..expressway.documents import text
from ..expressway.facts import VERSION
from ..expressway.facts import alarms_of
from .assumption import Assumption
from .assumption import Look
from .assumption import NotSeen
from .assumption import answers
from .assumption import refused
from .assumption import wire

MRA, SIP, XMPP, NEIGHBOR = "/common/mra", "/common/protocol/sip/configuration", "/edge/xmpp", "/common/zone/neighborzone"
MODE = ("SecurityMode", "XmppSecurityMode")


def offers(path, *assumptions):
    """A Look at what the peer's RAML says of a path."""
    return Look("expressway_api", "offers", {"path": path}, assumptions)


def read(path, *assumptions):
    """A Look by GET."""
    return Look("expressway_api", "read", {"path": path}, assumptions)


def _has(*names):
    return lambda answer: answer.value is not None and all(keys.key_of(answer.value, (name,)) for name in names)


def _methods(*wanted):
    return lambda answer: set(wanted) <= keys.methods(answer.value)


def _absent(answer):
    return answer.value is None


def _alarms(answer):
    found = alarms_of(answer.value)
    if not found:
        raise NotSeen("the peer has no alarm")
    return all(reason for _number, reason in found)


def _automatic_zones(answer):
    found = [one for one in entries(answer.value, "Zones", "Zone") if text(one, "Name").startswith("CE")]
    if not found:
        raise NotSeen("the peer has no automatic zones")
    return found


def _automatic(answer):
    return all(text(one, "Name").startswith(("CEtcp-", "CEtls-", "CEOAuth ")) for one in _automatic_zones(answer))


def _automatic_state(answer):
    return all(text(one, "Status") in ("Active", "Address Resolvable") for one in _automatic_zones(answer))


def _xmpp(answer):
    return bool(keys.key_of(answer.value, ("XmppFederation", "XmppFederationSupport", "Federation")) and keys.key_of(answer.value, MODE))


def _traversal(answer):
    return any("/zone/" in path and "traversal" in path for path in answer.value)


RAML = (
    Look("expressway_api", "resources", {}, (
        Assumption("expressway-raml", "/api/raml is RAML 0.8, each resource with its whole path", wire(r"^#%RAML 0\.8\s*(.*\n)*?/\w+/\w"), answers),
        Assumption("expressway-mra", "the API has %s" % MRA, lambda a: MRA in a.value),
        Assumption("expressway-uc-zones", "Unified Communications traversal zones stand below /common/zone", _traversal, answers),
        Assumption("expressway-unlisted", "the API has neither the default zone nor the mode of the call policy",
                   lambda a: not any("defaultzone" in keys.plainly(path) or "callpolicy" in keys.plainly(path)
                                     or "policy/mode" in path for path in a.value), answers),
        Assumption("expressway-client-store", "a client certificate of its own (X15.5) is uploaded at /certs/client, or not at all",
                   lambda a: "/certs/clientcert" not in a.value, answers),
        Assumption("expressway-acme-rest", "/certs/acme/pendingcert signs, shows and discards",
                   lambda a: any("acme/pendingcert" in path for path in a.value) or _no_acme(a), answers),
    )),
    offers("/certs/generate_csr",
           Assumption("expressway-csr", "a request is made by POST to /certs/generate_csr", _methods("get", "post")),
           Assumption("expressway-csr-unsure", "a pending request can be discarded by DELETE", _methods("delete"), answers)),
    offers("/certs/root", Assumption("expressway-root", "trusted CAs are read and added at /certs/root", _methods("get", "post"))),
    offers("/certs/server", Assumption("expressway-upload", "the server's certificate is read and uploaded at /certs/server", _methods("get", "post"))),
    offers(SIP, Assumption("expressway-sip", "SIP settings are read and written at %s" % SIP, _methods("get", "put"))),
    offers(NEIGHBOR, Assumption("expressway-zones", "neighbor zones are at %s" % NEIGHBOR, _methods("get", "post"), _absent)),
)
EDGE = (
    offers(XMPP, Assumption("expressway-xmpp", "XMPP federation has a switch, and a security mode beside it", _xmpp, answers)),
)
CORE = (
    offers("/controller/server/cucm",
           Assumption("expressway-server-put", "a discovered server cannot be changed by PUT", lambda a: "put" not in keys.methods(a.value), answers),
           Assumption("expressway-discovery", "servers are added with Publisher, UserName, Password and TlsVerify",
                      lambda a: bool(keys.key_of(a.value, ("TlsVerify", "TlsVerifyMode")) and keys.key_of(a.value, ("Publisher", "Address"))))),
)
READ = (
    read("/sysinfo", Assumption("expressway-forms", "the answer is JSON, its objects' keys in words run together", answers)),
    read(SIP, Assumption("expressway-sip", "the SIP configuration comes as a list of one", wire(r"^\s*\[\s*\{"), answers)),
    read("/no/such/resource",
         Assumption("expressway-forms", "what the API does not have is HTTP 404", refused(404), refused(), fails=True)),
    Look("expressway_api", "pem", {"path": "/certs/server"}, (
        Assumption("expressway-factory", "the certificate comes as PEM with LF at the end of lines, as text/html",
                   wire(r"^HTTP 200 text/html[^\n]*\n\n[^\r]*-----BEGIN[^\r]*\Z"),
                   answers),
    )),
    Look("expressway_api", "witness", {"document": "status"}, (
        Assumption("expressway-status-xml", "/status.xml is there, begins with its declaration, and has SystemUnit, Software, Version",
                   lambda a: VERSION.search(a.value["SystemUnit"]["Software"]["Version"]) is not None and wire(r"HTTP 200 [^\n]*\n\n<\?xml")(a),
                   lambda a: VERSION.search(a.value["SystemUnit"]["Software"]["Version"]) is not None),
        Assumption("expressway-alarms", "an alarm has a Reason", _alarms, answers),
        Assumption("expressway-automatic-zones", "zones to nodes of Unified CM are called CEtcp-, CEtls- and 'CEOAuth '", _automatic, answers),
        Assumption("expressway-zone-automatic", "a zone of those is Active or Address Resolvable", _automatic_state, answers),
        Assumption("expressway-status-edge", "status.xml has Zones, and Alternates of a peer that has others", lambda a: "Zones" in a.value),
    )),
    Look("expressway_api", "witness", {"document": "configuration"}, (
        Assumption("expressway-configuration-xml", "/configuration.xml is there, and has what xConfiguration has",
                   lambda a: bool(a.value) and wire(r"HTTP 200 [^\n]*\n")(a) and "HTTP 404" not in a.raw, lambda a: a.value is None or bool(a.value)),
    )),
)


def setting(path, *assumptions):
    """A Look by xConfiguration."""
    return Look("expressway_cli", "configuration", {"path": path}, assumptions)


CLI = (
    setting("SystemUnit Name",
            Assumption("expressway-cli-login", "the SSH login of the administrator is taken", answers),
            Assumption("expressway-cli-ends", "an answer of a list ends with a line *c/end, an empty one and OK", wire(r"^\*c/end\s*\n\s*\n?\s*OK"), answers)),
    setting("IP DNS",
            Assumption("expressway-cli-read", "settings come as *c xConfiguration PATH: \"value\", every value quoted, those without a value too",
                       wire(r"^\*c xConfiguration IP DNS [^\n:]*: \""), answers)),
    setting("No Such Setting",
            Assumption("expressway-cli-ends", "what is not there is answered with a line ERROR", wire(r"^\s*ERROR\s*$"), refused(), fails=True)),
)
SPELLING = (
    Look("expressway_cli", "spelling", {}, (
        Assumption("expressway-cli-commands", "the words of an xCommand are joined (ZoneAdd), which its usage without arguments shows",
                   lambda a: a.value is True, answers),
    )),
)


def _no_acme(answer):
    raise NotSeen("the API has nothing of ACME; X12.5 and Expressway-C have none")


EVERY_NODE = RAML + READ + CLI + SPELLING
