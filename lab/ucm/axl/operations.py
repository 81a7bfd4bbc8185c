"""Operations of AXL that are not add, get, list, update or remove of a class: parameters, SQL, versions, licence, resets."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.ucm import parameters
from lab.ucm import seed
from lab.ucm import sql
from lab.ucm.axl import classes
from lab.ucm.axl import hardening
from lab.ucm.axl import ils
from lab.ucm.axl import ldap
from lab.ucm.axl import objects
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.model import col
from lab.ucm.axl.model import not_found
from lab.ucm.axl.render import MASK
from lab.ucm.axl.soap import Fault
from lab.ucm.store import axl_uuid
from lab.ucm.store import pkid

refusal("axl_read_only_parameter", "axl.md 4; vos.md 2", "ClusterSecurityMode and the SIP OAuth mode cannot be written as parameters.")
refusal("axl_parameter_value", "axl.md 2.7", "A value that the parameter cannot hold is refused.")

variant("phone_profile_reach", ("members", "nobody"), "members", "axl.md 2.4, 9",
        "Whether apply and reset of a phone security profile reach the phones that have it, as the page's button does, or no phone.")
variant("sql_xml_column", ("vendor_config", "elements", "text"), "vendor_config", "id:32282546654, id:38842532104",
        "How executeSQLQuery gives a column xml: as an element vendorConfig with the settings below it, as an element xml with them, or as text.")

_NODE = col("processNodeName", "fkprocessnode", "fk", "processnode")
_PARAMETER = ObjectClass(
    "ServiceParameter", "serviceParameter", "processconfig", "ServiceParameter", frozenset(("get", "list", "update")),
    (_NODE, col("name", "paramname"), col("service", "tkservice", "enum", "typeservice"), col("value", "paramvalue"),
     col("valueType", "tkparam", "enum", "typeparam", "never")), key="paramname")
_HUGE = etree.XMLParser(huge_tree=True)
Handler = Callable[[Context, etree._Element], etree._Element]


# -- parameters --------------------------------------------------------------------------------------------------------
def _parameter_key(context: Context, request: etree._Element, updating: bool) -> str:
    by_uuid = request.find("uuid")
    if by_uuid is not None:
        key = context.store.value("select pkid from processconfig where pkid=?", pkid(soap.text(by_uuid)))
    else:
        node = objects.reference(context, _NODE, request.find("processNodeName"))
        service = soap.text(request.find("service"))
        key = context.store.value("select c.pkid from processconfig c join typeservice s on s.enum=c.tkservice "
                                  "where c.fkprocessnode=? and s.name=? and c.paramname=?", node, service, soap.text(request.find("name")))
    if key is None:
        raise not_found("ServiceParameter", updating)
    return key


def get_parameter(context: Context, request: etree._Element) -> etree._Element:
    """getServiceParameter."""
    return _masked(context, _get_by_key(context, request, _PARAMETER, _parameter_key(context, request, False)))


def _masked(context: Context, root: etree._Element) -> etree._Element:
    """In the reading "masked", passwords among the parameters are not shown."""
    secrets = {p.name(context.store.readings[0]) for p in parameters.PARAMETERS if p.secret}
    for item in root.iter("serviceParameter") if context.variant("parameter_password") == "masked" else ():
        value = item.find("value")
        if soap.text(item.find("name")) in secrets and value is not None and value.text:
            value.text = MASK
    return root


def _get_by_key(context: Context, request: etree._Element, cls: ObjectClass, key: str) -> etree._Element:
    stand_in = etree.Element(request.tag, dict(request.attrib))
    etree.SubElement(stand_in, "uuid").text = axl_uuid(key)
    if (tags := request.find("returnedTags")) is not None:
        stand_in.append(tags)
    return objects.get(context, cls, stand_in)


def list_parameters(context: Context, request: etree._Element) -> etree._Element:
    """listServiceParameter."""
    return _masked(context, objects.list_(context, _PARAMETER, request))


def update_parameter(context: Context, request: etree._Element) -> etree._Element:
    """updateServiceParameter."""
    key = _parameter_key(context, request, True)
    name, service, before = context.store.rows("select c.paramname, s.name, c.paramvalue from processconfig c join typeservice s on s.enum=c.tkservice "
                                               "where c.pkid=?", key)[0]
    known = parameters.find(context.cluster, service, name)
    node = request.find("value")
    value = "" if node is None or soap.is_nil(node) else soap.text(node)
    context.detail["parameter"] = name
    if known and known.read_only and context.refuses("axl_read_only_parameter"):
        raise Fault(5003, f"The parameter {name} is read-only and cannot be updated")
    if known and not known.accepts(value, context.store.readings[1]) and context.refuses("axl_parameter_value"):
        raise Fault(5003, f"The value is not valid for the parameter {name}")
    if known:
        value = parameters.as_kept(known, value, context.store.readings[5])
    if value != before:
        context.store.run("update processconfig set paramvalue=? where pkid=?", value, key)
    context.changes += 1
    return objects.answer(context, request, axl_uuid(key))


def reset_service_parameters(context: Context, request: etree._Element) -> etree._Element:
    """doServiceParametersReset: all parameters of a service on a node back to their defaults."""
    service = soap.text(request.find("service"))
    node = objects.reference(context, _NODE, request.find("processNodeName"))
    reading = context.store.readings
    for known in (p for p in parameters.PARAMETERS if p.service == service and not p.read_only):
        context.changes += context.store.run("update processconfig set paramvalue=? where paramname=? and fkprocessnode=? and tkservice=?",
                                             known.stored(known.default, reading[1]), known.name(reading[0]), node,
                                             context.store.enum("typeservice", service))
    return objects.answer(context, request, "true")


# -- SQL ---------------------------------------------------------------------------------------------------------------
def _xml_name(label: str) -> str:
    return re.sub(r"\W.*", "", label.strip("()")) or "expression"


def sql_query(context: Context, request: etree._Element) -> etree._Element:
    """executeSQLQuery."""
    try:
        columns, rows = sql.query(context.cluster, soap.text(request.find("sql")), "axl", context.node)
    except sql.SqlError as error:
        raise Fault(error.code, error.message) from None
    names = [_xml_name(c) for c in columns]
    # Written as text and parsed once: several times faster than an element at a time, which tells with 100,000 of them.
    raw = context.variant("sql_xml_column")
    if "xml" in names and raw != "text":
        place = names.index("xml")
        names[place] = {"elements": "xml", "vendor_config": "vendorConfig"}[raw]
    else:
        place = None
    lines = ["".join((f"<{n}>{v if index == place else soap.escaped(v)}</{n}>" if v else f"<{n}/>")
                     for index, (n, v) in enumerate(zip(names, row, strict=True))) for row in rows]
    root = context.response(request.get("sequence"))
    root.append(etree.fromstring("<return>" + "".join(f"<row>{line}</row>" for line in lines) + "</return>", _HUGE))
    return root


def sql_update(context: Context, request: etree._Element) -> etree._Element:
    """executeSQLUpdate."""
    try:
        count = sql.update(context.cluster, soap.text(request.find("sql")), "axl", context.node)
    except sql.SqlError as error:
        raise Fault(error.code, error.message) from None
    context.changes += count
    root = context.response(request.get("sequence"))
    etree.SubElement(etree.SubElement(root, "return"), "rowsUpdated").text = str(count)
    return root


# -- system ------------------------------------------------------------------------------------------------------------
def ccm_version(context: Context, request: etree._Element) -> etree._Element:
    """getCCMVersion; processNodeName is optional, and empty means the node itself."""
    name = soap.text(request.find("processNodeName"))
    node = context.node
    if name:
        nodes = [*context.cluster.nodes.values(), *context.cluster.presence]
        node = next((n for n in nodes if name in (n.fqdn, n.hostname, n.name)), None)
        if node is None:
            raise not_found("ProcessNode")
    root = context.response()
    result = etree.SubElement(etree.SubElement(root, "return"), "componentVersion")
    etree.SubElement(result, "version").text = seed.version(node)
    return root


def os_version(context: Context, request: etree._Element) -> etree._Element:
    """getOSVersion."""
    root = context.response()
    system = etree.SubElement(etree.SubElement(root, "return"), "os")
    etree.SubElement(system, "osName").text = "VOS"
    etree.SubElement(system, "osVersion").text = seed.version(context.node)
    return root


def smart_licence(context: Context, request: etree._Element) -> etree._Element:
    """getSmartLicenseStatus: estate `licence: {registration, export_control, authorization}`."""
    licence = context.cluster.estate.get("licence", {})
    root = context.response()
    etree.SubElement(root, "return").text = "Success"
    details = etree.SubElement(root, "LicenseDetails")
    registered = licence.get("registration", "Registered")
    etree.SubElement(details, "SmartLicensing").text = "ENABLED"
    _texts(etree.SubElement(details, "Registration"), {
        "Status": registered, "LastRenewalStatus": "SUCCEEDED" if registered == "Registered" else "",
        "ExportControlFunctionality": licence.get("export_control", "ALLOWED")})
    _texts(etree.SubElement(details, "Authorization"), {"Status": licence.get("authorization", "Authorized"), "LastCommunicationStatus": "SUCCEEDED"})
    status = etree.SubElement(details, "LicenseStatus")
    count = context.store.value(f"select count(*) from device where {classes.PHONE.where}")
    _texts(etree.SubElement(status, "Entitlement"), {"Tag": "Enhanced", "Count": str(count), "Status": "InCompliance" if count else "Init"})
    return root


def _texts(parent: etree._Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        etree.SubElement(parent, name).text = str(value)


# -- resets ------------------------------------------------------------------------------------------------------------
_MEMBERS = {
    "Phone": "select name from device where pkid=?",
    "SipTrunk": "select name from device where pkid=?",
    "PhoneSecurityProfile": "select name from device where fksecurityprofile=?",
    "SipTrunkSecurityProfile": "select name from device where fksecurityprofile=?",
    "DevicePool": "select name from device where fkdevicepool=?",
    "CallManagerGroup": "select d.name from device d join devicepool p on p.pkid=d.fkdevicepool where p.fkcallmanagergroup=?",
    "CommonPhoneConfig": "select name from device where fkcommonphoneconfig=?",
    "Srst": "select d.name from device d join devicepool p on p.pkid=d.fkdevicepool where p.fksrst=?",
}


def act(verb: str, cls: ObjectClass) -> Handler:
    """apply, reset or restart of a class: acts on the devices that use the object."""
    def handler(context: Context, request: etree._Element) -> etree._Element:
        key = objects.target(context, cls, request)
        if cls is not classes.PHONE_SECURITY_PROFILE or context.variant("phone_profile_reach") == "members":
            context.actions += [(verb, name) for (name,) in context.store.rows(_MEMBERS[cls.name], key)]
        return objects.answer(context, request, "true")
    return handler


def act_on_all(verb: str) -> Handler:
    """applyConfig, reset or restart EnterpriseParameters: acts on all devices."""
    def handler(context: Context, request: etree._Element) -> etree._Element:
        context.actions += [(verb, name) for (name,) in context.store.rows("select name from device")]
        return objects.answer(context, request, "true")
    return handler


def device_reset(context: Context, request: etree._Element) -> etree._Element:
    """doDeviceReset."""
    named = request.find("deviceName")
    column, value = ("pkid", pkid(named.get("uuid"))) if named.get("uuid") else ("name", soap.text(named))
    name = context.store.value(f"select name from device where {column}=?", value)
    if name is None:
        raise not_found("Device")
    hard, kind = soap.text(request.find("isHardReset")), soap.text(request.find("deviceResetType"))
    verb = {"Restart": "restart", "Apply Configuration": "apply", "Generate PRT": "", "Extended Config Pull": ""}.get(kind, "reset")
    if hard in ("f", "false", "0"):
        verb = "restart"
    context.actions += [(verb, name)] if verb else []
    return objects.answer(context, request, "true")


def _table() -> dict[str, Handler]:
    plain = {"add": objects.add, "get": objects.get, "list": objects.list_, "update": objects.update, "remove": objects.remove}
    found: dict[str, Handler] = {}
    for cls in classes.CLASSES.values():
        for verb in cls.verbs:
            if verb in plain:
                found[verb + cls.name] = lambda context, request, _do=plain[verb], _cls=cls: _do(context, _cls, request)
            else:
                found[verb + cls.name] = act(verb, cls)
    found.update({
        "getServiceParameter": get_parameter, "listServiceParameter": list_parameters, "updateServiceParameter": update_parameter,
        "doServiceParametersReset": reset_service_parameters, "executeSQLQuery": sql_query, "executeSQLUpdate": sql_update,
        "getCCMVersion": ccm_version, "getOSVersion": os_version, "getSmartLicenseStatus": smart_licence, "doDeviceReset": device_reset,
        "applyConfigEnterpriseParameters": act_on_all("apply"), "resetEnterpriseParameters": act_on_all("reset"),
        "restartEnterpriseParameters": act_on_all("restart"), "getIlsConfig": ils.get, "updateIlsConfig": ils.update, **ldap.OPERATIONS,
        **hardening.OPERATIONS,
    })
    return found


OPERATIONS: dict[str, Handler] = _table()


def is_write(operation: str) -> bool:
    """Whether an operation may change anything (journal kind, throttling)."""
    return not operation.startswith(("get", "list", "executeSQLQuery", "doAuthenticateUser"))
