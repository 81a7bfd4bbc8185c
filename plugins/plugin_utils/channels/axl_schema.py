# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AXL schema: taken from the cluster, cut down to the operations in use, cached, shared by all nodes of a release.

The whole schema has about 1,070 operations and costs 0.8 s and 90 MB to parse; what we use of it, less than a tenth of both. The cut keeps a global element
for each request and response and every type that they reach, as they stand. Cisco marks the schema confidential: it is only ever kept in
the user's own cache (directory 0700, files 0600), never elsewhere.

In the cut that requests are checked against, enumerations are strict: in Cisco's each is a union with any text (verified in the files),
so that neither zeep nor an XML validator minds a wrong word.
"""

from __future__ import annotations

import copy
import hashlib
import io
import os
import re
import tempfile
import threading
import zipfile

import zeep
from lxml import etree
from zeep.helpers import serialize_object
from zeep.xsd import Nil
from zeep.xsd import Schema as ZeepSchema

from ..errors import NodeError

XSD = "{http://www.w3.org/2001/XMLSchema}"
XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
CUT = 1                             # raise when cut() changes what it makes: old files in caches are not used then
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True)
NOUNS = ("ServiceParameter", "ProcessNode", "PhoneSecurityProfile", "SipTrunkSecurityProfile", "SipTrunk", "CallManager", "CallManagerGroup")
#: What every cluster is asked for. Any operation of the schema can be called, too: one that is in neither list gets a cut of its own.
OPERATIONS = tuple(sorted(
    [verb + noun for verb in ("get", "list") for noun in NOUNS]
    + [verb + noun for verb in ("add", "update", "apply", "reset") for noun in ("PhoneSecurityProfile", "SipTrunkSecurityProfile")]
    + ["updateServiceParameter", "updateSipTrunk", "resetSipTrunk", "restartSipTrunk", "listPhone", "updatePhone", "applyPhone", "resetPhone", "restartPhone",
       "listSrst", "updateSrst", "listDevicePool", "doDeviceReset", "executeSQLQuery", "getCCMVersion", "getSmartLicenseStatus", "listRegistrationDynamic"]))
#: What single modules ask for, in the same cut where the release has it. An operation that a schema lacks is told by its own name when it is called.
MORE = ("getIlsConfig", "updateIlsConfig", "listLdapDirectory", "getLdapDirectory", "updateLdapDirectory", "getLdapAuthentication", "updateLdapAuthentication",
        "getLdapSystem", "doLdapSync", "getLdapSyncStatus", "listLbmHubGroup", "getCredentialPolicyDefault", "listCredentialPolicy", "listRoutePartition",
        "listRoutePattern", "getRoutePattern", "getRouteList", "listRouteGroup", "getRouteGroup", "listTransPattern", "listCss", "getCss",
        "listUniversalDeviceTemplate", "listUniversalLineTemplate", "listIpPhoneServices", "listCommonPhoneConfig", "getEnterprisePhoneConfig", "getPhone",
        "getSrst")

_schemas, _locks, _guard = {}, {}, threading.Lock()


def api_version(full):
    """"15.0" for "15.0.1.12900-43": the version in namespace and SOAPAction."""
    found = re.match(r"(\d+)\.(\d+)", full)
    if not found:
        raise NodeError("version", "Unified CM says that its version is '%s'" % full)
    return found.group(0)


def ready(full_version, cache_dir, fetch, operation=None):
    """A Schema of a release with `operation` in it. fetch(): the toolkit's zip as bytes, called only when the cache has not what is needed."""
    shared = _made(full_version, cache_dir, fetch, OPERATIONS, MORE)
    return shared if operation is None or operation in shared.operations else _made(full_version, cache_dir, fetch, (operation,), ())


def _made(full_version, cache_dir, fetch, operations, more):
    """The Schema of these operations, made once."""
    key = (full_version, cache_dir, operations)
    with _guard:
        lock = _locks.setdefault(key, threading.Lock())
    with lock:
        if key not in _schemas:
            _schemas[key] = _load(full_version, Cache(cache_dir), fetch, operations, more)
        return _schemas[key]


def _load(full_version, cache, fetch, operations, more):
    version = api_version(full_version)
    name = re.sub(r"[^0-9A-Za-z.]+", "_", full_version)
    stem = "axl-%s-%s" % (name, hashlib.sha256(repr((CUT, operations, more)).encode()).hexdigest()[:12])
    text = cache.checked(stem)
    if text is None:
        whole = cache.read("axl-%s.zip" % name)
        source = whole and _soap_of(whole, version)
        if source is None:
            whole = fetch()
            source = _soap_of(whole, version)
            if source is None:
                raise NodeError("version", "the AXL toolkit of this node has no schema for its version %s" % version)
            cache.write("axl-%s.zip" % name, _zipped(source, version))
        text = cut(source, operations, more)
        cache.write_checked(stem, text)
    return Schema(text, version)


def lacking(whole, version, operations):
    """Which of these operations the schema of a version has not. whole: the toolkit's zip."""
    source = _soap_of(whole, version)
    if source is None:
        raise NodeError("version", "the AXL toolkit of this node has no schema for its version %s" % version)
    names = {e.get("name") for e in etree.fromstring(source, PARSER).iterchildren(XSD + "element")}
    return [operation for operation in operations if not {operation, operation + "Response"} <= names]


def _soap_of(whole, version):
    """AXLSoap.xsd of one version out of the toolkit's zip; None when it is not in there."""
    try:
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            return archive.read("schema/%s/AXLSoap.xsd" % version)
    except (KeyError, zipfile.BadZipFile):
        return None


def _zipped(source, version):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema/%s/AXLSoap.xsd" % version, source)
    return out.getvalue()


def cut(source, operations, more=()):
    """The schema (bytes) with just these operations and what they reach. Raises NodeError "version" for an operation that it has not; not for those of more."""
    root = etree.fromstring(source, PARSER)
    for annotation in list(root.iter(XSD + "annotation")):
        annotation.getparent().remove(annotation)
    names = {e.get("name") for e in root.iterchildren(XSD + "element")}
    for operation in operations:
        if not {operation, operation + "Response"} <= names:
            raise NodeError("version", "the AXL schema of this node has no operation %s" % operation)
    kept = reached(root, [o + end for o in (*operations, *more) for end in ("", "Response")] + ["axlError"])
    for element in list(root):
        if element not in kept:
            root.remove(element)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def reached(root, elements):
    """The schema's parts that these global elements are made of, as a set of nodes."""
    parts = {(etree.QName(e).localname, e.get("name")): e for e in root if e.get("name")}
    types = {name: e for (kind, name), e in parts.items() if kind in ("simpleType", "complexType")}
    todo, kept = [parts["element", name] for name in elements if ("element", name) in parts], set()
    while todo:
        element = todo.pop()
        if element in kept:
            continue
        kept.add(element)
        for part in element.iter():
            for reference in " ".join(part.get(a, "") for a in ("type", "base", "memberTypes", "itemType", "ref")).split():
                name = reference.rpartition(":")[2]
                target = parts.get((etree.QName(part).localname, name)) if part.get("ref") else types.get(name)
                if target is not None:
                    todo.append(target)
    return kept


def checker(root, operation):
    """A validator of one operation's requests.

    Enumerations are strict: where a type is a union of a list of words with any text, only the words are taken. The tags that are to be
    returned are asked for with empty elements, whatever their types are: those are not looked at (zeep has checked their names).
    """
    root = copy.deepcopy(root)
    anything = next(prefix for prefix, uri in root.nsmap.items() if "{%s}" % uri == XSD) + ":anyType"
    for element in root.iter(XSD + "element"):
        if element.get("name") == "returnedTags":
            element.set("type", anything)
            del element[:]
    kept = reached(root, [operation])
    for element in list(root):
        if element not in kept:
            root.remove(element)
    for union in list(root.iter(XSD + "union")):
        members = list(union.iterchildren(XSD + "simpleType"))
        listed = [m for m in members if m.find(XSD + "restriction/" + XSD + "enumeration") is not None]
        if listed and not union.get("memberTypes"):
            for member in members:
                restriction = member.find(XSD + "restriction")
                if restriction is not None and len(restriction) == 0:
                    union.remove(member)
    return etree.XMLSchema(root)


class Cache:
    """Files of ours, private to the user; without a usable directory nothing is kept."""

    def __init__(self, directory):
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.directory = directory or os.path.join(base, "collab.security")
        try:
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
            self.usable = os.stat(self.directory).st_uid == os.getuid()
        except OSError:
            self.usable = False

    def read(self, name):
        """Content of a file, or None."""
        try:
            with open(os.path.join(self.directory, name), "rb") as f:
                return f.read() if self.usable else None
        except OSError:
            return None

    def write(self, name, content):
        """Put a file there whole or not at all, readable by nobody else."""
        if not self.usable:
            return
        try:
            handle, path = tempfile.mkstemp(dir=self.directory, prefix=".new-")     # 0600
            with os.fdopen(handle, "wb") as f:
                f.write(content)
            os.replace(path, os.path.join(self.directory, name))
        except OSError:
            self.usable = False

    def checked(self, stem):
        """Content written by write_checked, when it is still what was written."""
        if not self.usable:
            return None
        for name in sorted(os.listdir(self.directory)):
            if name.startswith(stem + "-") and name.endswith(".xsd"):
                content = self.read(name)
                if content is not None and name == "%s-%s.xsd" % (stem, _hash(content)):
                    return content
        return None

    def write_checked(self, stem, content):
        """Write under a name that carries the content's hash."""
        self.write("%s-%s.xsd" % (stem, _hash(content)), content)


def _hash(content):
    return hashlib.sha256(content).hexdigest()[:16]


class Schema:
    """Makes requests and reads replies of one release. May be used by many threads at once."""

    def __init__(self, text, version):
        self.root = etree.fromstring(text, PARSER)
        self.version, self.namespace = version, self.root.get("targetNamespace")
        names = {e.get("name") for e in self.root.iterchildren(XSD + "element")}
        self.operations = tuple(sorted(n.removesuffix("Response") for n in names if n.endswith("Response")))
        self.zeep = ZeepSchema(self.root, None, "axl", zeep.Settings(strict=False, xml_huge_tree=True))
        self.checkers, self.lock = {}, threading.Lock()     # a checker keeps its last errors to itself
        self.types = {e.get("name"): e for e in self.root.iterchildren(XSD + "complexType")}
        self.responses = {e.get("name"): e for e in self.root.iterchildren(XSD + "element")}
        self.known = {}

    def request(self, operation, arguments):
        """The operation's element as text, checked. Raises NodeError "refused", detail {"sent": False}, when it is against the schema."""
        nulls = []
        try:
            element = self.zeep.get_element("{%s}%s" % (self.namespace, operation))
            body = etree.Element("body")
            element.render(body, element(**_words(arguments, nulls)))
        except (TypeError, ValueError, zeep.exceptions.Error) as e:
            raise _against(operation, [re.sub(r"\{http[^}]*\}", "", str(e))]) from None
        made = body[0]
        missing = [etree.QName(e).localname for e in made.iter() if e.get(XSI_NIL) is not None]
        problems = ["%s must be given" % name for name in missing] if len(missing) > len(nulls) else self._problems(operation, made)
        if problems:
            raise _against(operation, problems)
        return etree.tostring(made, encoding="unicode")

    def reply(self, operation, element):
        """The reply's element as plain data, without what is not set."""
        kind = self.zeep.get_element("{%s}%sResponse" % (self.namespace, operation))
        self._tidy(element, self._type(self.responses[operation + "Response"]))
        value = serialize_object(kind.parse(element, self.zeep), dict)
        return {"return": None, **_data(value)} if isinstance(value, dict) else {"return": _data(value)}

    def _type(self, declared):
        """The complexType of a declared element, or None."""
        inner = declared.find(XSD + "complexType")
        return inner if inner is not None else self.types.get((declared.get("type") or "").rpartition(":")[2])

    def _children(self, kind):
        """{name: complexType or None} of the elements that a complexType may have, in its order; None where anything may stand."""
        if kind not in self.known:
            found = {}
            for extension in kind.iter(XSD + "extension"):
                base = self.types.get(extension.get("base").rpartition(":")[2])
                found.update(self._children(base) or {} if base is not None else {})
            found.update({e.get("name"): self._type(e) for e in kind.iter(XSD + "element") if next(e.iterancestors(XSD + "complexType")) is kind})
            self.known[kind] = None if kind.find(".//" + XSD + "any") is not None else found
        return self.known[kind]

    def _tidy(self, element, kind):
        """Take out what this schema does not know and put the rest into its order: at anything else zeep would lose the rest of the row."""
        names = None if kind is None else self._children(kind)
        if not names:
            return
        order = {name: number for number, name in enumerate(names)}
        children = [(etree.QName(child).localname, child) for child in element]
        element[:] = [child for name, child in sorted(children, key=lambda pair: order.get(pair[0], 0)) if name in names]
        for name, child in children:
            if names.get(name) is not None:
                self._tidy(child, names[name])

    def _problems(self, operation, made):
        with self.lock:
            if operation not in self.checkers:
                self.checkers[operation] = checker(self.root, operation)
            if self.checkers[operation].validate(made):
                return []
            return [_readable(e.message) for e in self.checkers[operation].error_log][:5]


def _against(operation, problems):
    return NodeError("refused", "AXL %s: %s; nothing was sent" % (operation, "; ".join(problems)), {"sent": False, "operation": operation})


def _readable(message):
    message = re.sub(r"^Element '(?:\{[^}]*\})?([^']*)'(, attribute '[^']*')?: ", r"\1: ", message)
    return re.sub(r"\{http[^}]*\}", "", message).rstrip(".")


def _words(value, nulls, name=None):
    """Arguments as zeep wants them: no booleans (AXL's own are words), no None, {"nil": True} as a null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        if value == {"nil": True}:
            nulls.append(name)
            return Nil
        return {k: _words(v, nulls, k) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        if name == "returnedTags" and all(isinstance(v, str) for v in value):
            return dict.fromkeys(value, "")
        return [_words(v, nulls, name) for v in value]
    return value


def _data(value):
    """A reply as plain data, without what is not set; what the schema leaves open (vendorConfig) as XML text."""
    if isinstance(value, dict):
        data = {k: _data(v) for k, v in value.items() if v is not None and k != "_raw_elements"}
        return None if not data and "_value_1" in value else {k: v for k, v in data.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [_data(v) for v in value]
    if isinstance(value, etree._Element):
        return etree.tostring(value, encoding="unicode")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
