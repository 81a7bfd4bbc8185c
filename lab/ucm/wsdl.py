"""WSDLs of the Serviceability services, written out from short tables of our own (names, order and types as in axl.md 6)."""
from __future__ import annotations

from lab.ucm.soap_ast import NAMESPACE

# type -> "element[:type][?][*]"; ? = nillable, * = any number. A type in capitals first is ours, the others XSD's; default string.
_STRUCTURES_CONTROL = {
    "Names": "item?*",
    "DependentServices": "Service*",
    "ServiceSpecification": "ServiceName? ServiceType:ServiceTypes? Deployable:boolean GroupName? DependentServices:DependentServices?",
    "ServiceSpecifications": "item:ServiceSpecification*",
    "StaticServiceList": "Services:ServiceSpecifications?",
    "ServiceInformation": "ServiceName? ServiceStatus:ServiceStatus? ReasonCode:integer? ReasonCodeString? StartTime? UpTime:integer?",
    "ServiceInformationList": "item:ServiceInformation*",
    "ServiceInformationResponse": "ReturnCode:ReturnCode? ReasonCode:integer? ReasonString? ServiceInfoList:ServiceInformationList?",
    "DeploymentServiceRequest": "NodeName? DeployType:DeployType? ServiceList:Names?",
    "ControlServiceRequest": "NodeName? ControlType:ControlType? ServiceList:Names?",
    "InstalledProduct": "ProductName? ProductVersion? ProductDescription? ProductID? ShortName?",
    "InstalledProducts": "item:InstalledProduct*",
    "ProductService": "ServiceName? ServiceType:ServiceTypes? Deployable:boolean GroupName? ProductID? DependentServices:DependentServices?",
    "ProductServices": "item:ProductService*",
    "ProductInformation": "ActiveServerVersion? PrimaryNode? SecondaryNode? Products:InstalledProducts? Services:ProductServices?",
    "ReturnCode": "=string",
}
_ENUMS_CONTROL = {"ServiceTypes": "Service Servlet", "ServiceStatus": "Started Stopped Starting Stopping Unknown", "DeployType": "Deploy UnDeploy",
                  "ControlType": "Start Stop Restart"}
_OPERATIONS_CONTROL = {
    "soapGetStaticServiceList": ("ServiceInformationResponse", "soapGetStaticServiceListReturn:StaticServiceList"),
    "soapGetServiceStatus": ("ServiceStatus+", "soapGetServiceStatusReturn:ServiceInformationResponse"),
    "soapDoServiceDeployment": ("DeploymentServiceRequest:DeploymentServiceRequest", "soapDoServiceDeploymentReturn:ServiceInformationResponse"),
    "soapDoControlServices": ("ControlServiceRequest:ControlServiceRequest", "soapDoControlServicesReturn:ServiceInformationResponse"),
    "getProductInformationList": ("ServiceInfo", "getProductInformationListReturn:ProductInformation"),
}
_STRUCTURES_RIS = {
    "SelectItem": "Item?",
    "SelectItems": "item:SelectItem*",
    "CmSelectionCriteria": "MaxReturnedDevices:unsignedInt? DeviceClass? Model:unsignedInt? Status? NodeName? SelectBy:CmSelectBy? "
                           "SelectItems:SelectItems? Protocol:ProtocolType? DownloadStatus:DeviceDownloadStatus?",
    "LineStatus": "DirectoryNumber? Status?",
    "LineStatuses": "item:LineStatus*",
    "IPAddressType": "IP IPAddrType Attribute?",
    "IPAddressTypes": "item:IPAddressType*",
    "CmDevice": "Name? DirNumber? DeviceClass? Model:unsignedInt? Product:unsignedInt? BoxProduct:unsignedInt? Httpd? RegistrationAttempts:unsignedInt? "
                "IsCtiControllable:boolean LoginUserId? Status? StatusReason:unsignedInt? PerfMonObject:unsignedInt? DChannel:unsignedInt? Description? "
                "H323Trunk? TimeStamp:unsignedInt? Protocol? NumOfLines:unsignedInt? LinesStatus:LineStatuses? ActiveLoadID? InactiveLoadID? "
                "DownloadStatus? DownloadFailureReason? DownloadServer? IPAddress:IPAddressTypes",
    "CmDevices": "item:CmDevice*",
    "CmNode": "ReturnCode? Name? NoChange:boolean CmDevices:CmDevices?",
    "CmNodes": "item:CmNode*",
    "SelectCmDeviceResult": "TotalDevicesFound:unsignedInt? CmNodes:CmNodes?",
    "SelectCmDeviceReturn": "SelectCmDeviceResult:SelectCmDeviceResult StateInfo",
}
_ENUMS_RIS = {"CmSelectBy": "Name IPV4Address IPV6Address DirNumber Description", "ProtocolType": "Any SCCP SIP Unknown",
              "DeviceDownloadStatus": "Any Upgrading Successful Failed Unknown"}
_OPERATIONS_RIS = {
    "selectCmDevice": ("StateInfo CmSelectionCriteria:CmSelectionCriteria", "selectCmDeviceReturn:SelectCmDeviceReturn"),
    "selectCmDeviceExt": ("StateInfo CmSelectionCriteria:CmSelectionCriteria", "selectCmDeviceReturn:SelectCmDeviceReturn"),
}


def _sequence(text: str) -> str:
    out = []
    for word in text.split():
        many, nil = word.endswith("*"), word.rstrip("*").endswith("?")
        some = word.endswith("+")
        name, _, kind = word.rstrip("*?+").partition(":")
        kind = f"tns:{kind}" if kind[:1].isupper() else f"xsd:{kind or 'string'}"
        more = (' minOccurs="0" maxOccurs="unbounded"' if many else ' maxOccurs="unbounded"' if some else "") + (' nillable="true"' if nil else "")
        out.append(f'<xsd:element name="{name}" type="{kind}"{more}/>')
    return f"<xsd:sequence>{''.join(out)}</xsd:sequence>"


def _structure(name: str, text: str) -> str:
    if text.startswith("="):
        return f'<xsd:complexType name="{name}"><xsd:simpleContent><xsd:extension base="xsd:{text[1:]}"/></xsd:simpleContent></xsd:complexType>'
    return f'<xsd:complexType name="{name}">{_sequence(text)}</xsd:complexType>'


def _wsdl(name: str, binding: str, structures: dict, enums: dict, operations: dict, responses: dict, address: str) -> str:
    types = [_structure(n, t) for n, t in structures.items()]
    types += [f'<xsd:simpleType name="{n}"><xsd:restriction base="xsd:string">' + "".join(f'<xsd:enumeration value="{v}"/>' for v in values.split())
              + "</xsd:restriction></xsd:simpleType>" for n, values in enums.items()]
    elements = {n: request for n, (request, _) in operations.items()}
    elements.update({responses.get(n, n + "Response"): reply for n, (_, reply) in operations.items()})
    types += [f'<xsd:element name="{n}"><xsd:complexType>{_sequence(t)}</xsd:complexType></xsd:element>' for n, t in elements.items()]
    messages = "".join(f'<wsdl:message name="{n}"><wsdl:part name="parameters" element="tns:{n}"/></wsdl:message>' for n in elements)
    ports, bound = [], []
    for n in operations:
        ports.append(f'<wsdl:operation name="{n}"><wsdl:input message="tns:{n}"/><wsdl:output message="tns:{responses.get(n, n + "Response")}"/>'
                     "</wsdl:operation>")
        bound.append(f'<wsdl:operation name="{n}"><soap:operation soapAction="{n}"/><wsdl:input><soap:body use="literal"/></wsdl:input>'
                     '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>')
    return (f'<?xml version="1.0" encoding="UTF-8"?><wsdl:definitions targetNamespace="{NAMESPACE}" xmlns:tns="{NAMESPACE}" '
            'xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
            f'<wsdl:types><xsd:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">{"".join(types)}</xsd:schema></wsdl:types>{messages}'
            f'<wsdl:portType name="{name}PortType">{"".join(ports)}</wsdl:portType><wsdl:binding name="{binding}" type="tns:{name}PortType">'
            f'<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{"".join(bound)}</wsdl:binding>'
            f'<wsdl:service name="{name}"><wsdl:port name="{name}" binding="tns:{binding}"><soap:address location="{address}"/></wsdl:port></wsdl:service>'
            "</wsdl:definitions>")


def control_center(address: str) -> str:
    """WSDL of ControlCenterServices at an address."""
    return _wsdl("ControlCenterServices", "ControlCenterServicesBinding", _STRUCTURES_CONTROL, _ENUMS_CONTROL, _OPERATIONS_CONTROL, {}, address)


def ris(address: str) -> str:
    """WSDL of RISService70 at an address; both operations answer with the same element."""
    return _wsdl("RISService70", "RisBinding", _STRUCTURES_RIS, _ENUMS_RIS, _OPERATIONS_RIS, {"selectCmDeviceExt": "selectCmDeviceResponse"}, address)
