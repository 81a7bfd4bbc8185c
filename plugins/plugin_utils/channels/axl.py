# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AXL of one cluster, by zeep on the schema that the cluster serves (axl.md 0, 1, 2, 3 and 5; design.md 7).

zeep makes and reads the messages; what goes over the wire is ours: the HTTP status is looked at before anything is parsed, since AXL answers
refusals with pages of HTML. Booleans are sent as the words true and false, requests are checked against the schema (its enumerations included)
before they are sent, and so is a null that zeep would put in by itself.
"""

from __future__ import annotations

import re

from lxml import etree

from ..errors import NodeError
from . import axl_schema
from .https import Https
from .https import refuse

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
VERSIONLESS = "1.0"                 # AXL answers getCCMVersion in this namespace whatever it speaks
SHORT = 10_000                      # bytes of an answer that may be a fault or broken off
READS = ("get", "list", "executeSQLQuery")
ROLE = "the role Standard AXL API Access"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True)
_versions = {}                      # (host, port) -> full version, for the run: a channel is opened anew after each broken connection


def is_read(operation):
    """Whether an operation only reads, by its name."""
    return operation.startswith(READS)


def parse(text):
    """The root of a reply (bytes or text). Raises ValueError for what is no well-formed XML."""
    try:
        return etree.fromstring(text.encode() if isinstance(text, str) else text, PARSER)
    except etree.XMLSyntaxError as e:
        raise ValueError("not XML: %s" % e) from None


def local(element):
    """Name of an element without its namespace."""
    return etree.QName(element).localname


class Channel:
    """AXL of the node's cluster. Arguments and results are plain data; see call()."""

    login = ("application", "application_user", "application_password")

    def __init__(self, option):
        self.option = option
        self.https = Https(option, "https_port", "application_user", "application_password", ("collab_application_user", "collab_application_password"))
        self.where = (option("host"), int(option("https_port")))

    def close(self):
        """End the connection (AXL has no logout; its session ends by itself)."""
        self.https.close()

    # -- operations --------------------------------------------------------------------------------------------------
    def version(self, left):
        """Full version of Unified CM, such as "15.0.1.12900-43"; asked for each time."""
        body = '<ns:getCCMVersion xmlns:ns="http://www.cisco.com/AXL/API/%s"/>'
        try:
            reply = self._exchange(left, "getCCMVersion", body % VERSIONLESS, None)
        except NodeError as e:
            supported = re.findall(r"\d+\.\d+", str((e.detail or {}).get("text", ""))) if e.kind == "version" else None
            if not supported:
                raise
            reply = self._exchange(left, "getCCMVersion", body % supported[-1], supported[-1])
        found = [e.text for e in reply.iter() if isinstance(e.tag, str) and local(e) == "version" and e.text]
        if not found:
            raise NodeError("refused", "AXL getCCMVersion: the reply has no version")
        _versions[self.where] = found[0].strip()
        return _versions[self.where]

    def ready(self, left):
        """Make the schema ready, fetching it when it is not cached. Returns {"version", "operations": how many of them}."""
        schema = self._schema(left)
        return {"version": schema.version, "operations": len(schema.operations)}

    def lacking(self, left, operations):
        """Which of these operations the schema that the cluster serves has not."""
        return axl_schema.lacking(self._toolkit(left), axl_schema.api_version(self._version(left)), operations)

    def call(self, left, operation, arguments=None):
        """One operation. arguments: dict as the schema has it; True/False become true/false, None leaves an element out, {"nil": True} sends a null,
        a list as returnedTags stands for those tags. Returns the reply as plain data: {"return": ...}; a reference is {"_value_1": name, "uuid": uuid},
        an empty list {"return": None}.

        Raises NodeError "refused" with detail {"axlcode", "text", "operation"} for AXL's faults; {"sent": False, ...} when the request is against the schema.
        """
        schema = self._schema(left, operation)
        reply = self._exchange(left, operation, schema.request(operation, arguments or {}), schema.version)
        return schema.reply(operation, reply)

    def raw(self, left, operation, arguments=None):
        """The same, with the reply as the text that came (the whole envelope): for bulk replies, to be parsed once, and where they are used."""
        schema = self._schema(left, operation)
        return self._text(left, operation, schema.request(operation, arguments or {}), schema.version)

    def sql(self, left, query):
        """Rows of a query as a list of {column: text}, None for a null."""
        return [{local(column): column.text for column in row} for row in self._sql(left, query).iter("row")]

    def raw_sql(self, left, query):
        """The reply of a query as the text that came: for bulk replies, to be parsed once, and where they are used."""
        return self._text(left, "executeSQLQuery", *self._query(left, query))

    def _sql(self, left, query):
        return self._exchange(left, "executeSQLQuery", *self._query(left, query))

    def _query(self, left, query):
        version = axl_schema.api_version(self._version(left))
        request = etree.Element("{http://www.cisco.com/AXL/API/%s}executeSQLQuery" % version)
        etree.SubElement(request, "sql").text = query
        return etree.tostring(request, encoding="unicode"), version

    # -- how ---------------------------------------------------------------------------------------------------------
    def _version(self, left):
        return _versions.get(self.where) or self.version(left)

    def _schema(self, left, operation=None):
        return axl_schema.ready(self._version(left), self.option("cache_dir"), lambda: self._toolkit(left), operation)

    def _toolkit(self, left):
        path = "/plugins/axlsqltoolkit.zip"
        answer = self.https.request(left, "GET", path, write=False)
        if answer.status != 200 or answer.html:
            raise refuse(answer, "GET %s (the AXL schema)" % path, ROLE)
        return answer.body

    def _exchange(self, left, operation, body, version):
        """Send the operation's element (text); returns the reply's element. version None: without SOAPAction."""
        return self._content(operation, self._send(left, operation, body, version))

    def _text(self, left, operation, body, version):
        """The same, but the reply as it came. Only what is short, or is no success, is looked into: a fault is both."""
        answer = self._send(left, operation, body, version)
        if answer.status != 200 or len(answer.body) < SHORT:
            return etree.tostring(self._content(operation, answer), encoding="unicode")
        return answer.body.decode()

    def _send(self, left, operation, body, version):
        envelope = '<soapenv:Envelope xmlns:soapenv="%s"><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>' % (ENVELOPE, body)
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        if version:
            headers["SOAPAction"] = '"CUCM:DB ver=%s %s"' % (version, operation)
        answer = self.https.request(left, "POST", "/axl/", envelope.encode(), headers, write=not is_read(operation))
        what = "AXL %s" % operation
        if answer.status == 599:
            _versions.pop(self.where, None)
            raise NodeError("version", "%s: %s" % (what, answer.summary), {"status": 599, "text": answer.summary})
        if answer.html or answer.status not in (200, 500):
            raise refuse(answer, what, ROLE)
        return answer

    @staticmethod
    def _content(operation, answer):
        what = "AXL %s" % operation
        try:
            content = parse(answer.body).find("{%s}Body/*" % ENVELOPE)
        except ValueError as e:
            raise NodeError("lost", "%s: the answer cannot be read (%s); it may have been done" % (what, e)) from None
        if content is None:
            raise NodeError("lost", "%s: an answer without content; it may have been done" % what)
        if local(content) == "Fault":
            raise _fault(operation, content)
        return content


def _fault(operation, fault):
    texts = {local(e): (e.text or "").strip() for e in fault.iter() if isinstance(e.tag, str)}
    text = texts.get("axlmessage") or texts.get("faultstring") or "no reason given"
    code = texts.get("axlcode", "")
    detail = {"axlcode": int(code) if re.fullmatch(r"-?\d+", code) else None, "text": text, "operation": operation}
    return NodeError("refused", "AXL %s: %s%s" % (operation, text, " (axlcode %s)" % code if code else ""), detail)
