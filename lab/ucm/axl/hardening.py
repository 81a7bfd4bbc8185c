"""Classes and operations of AXL that hardening looks at: credential policies, common phone profiles, auto-registration's templates, phone services."""
from __future__ import annotations

from lxml import etree

from lab.core.variants import variant
from lab.ucm.axl import objects
from lab.ucm.axl import product_settings
from lab.ucm.axl import soap
from lab.ucm.axl.context import Context
from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.model import col
from lab.ucm.axl.model import not_found

_ALL = frozenset(("add", "get", "list", "update", "remove"))
_NUMBERS = ("failedLogon", "resetFailedLogonAttempts", "lockoutDuration", "credChangeDuration", "credExpiresAfter", "minCredLength", "prevCredStoredNum",
            "inactiveDaysAllowed", "expiryWarningDays", "minCharsToChange")

variant("credential_default_policy", ("must_match", "ignored"), "must_match", "AXL schema (getCredentialPolicyDefault)",
        "Whether the policy's name, which getCredentialPolicyDefault demands, must be the one in force.")

CREDENTIAL_POLICY = ObjectClass(
    "CredentialPolicy", "credentialPolicy", "lab_credentialpolicy", "CredentialPolicy", _ALL,
    (col("name", "name", written="add"), *(col(name, name.lower(), "int") for name in _NUMBERS), col("trivialCredCheck", "trivialcredcheck", "bool")),
)

COMMON_PHONE_CONFIG = ObjectClass(
    "CommonPhoneConfig", "commonPhoneConfig", "commonphoneconfig", "CommonPhoneConfig", _ALL | {"apply", "reset"},
    (col("name", "name", written="add"), col("description", "description")), xml=product_settings.OF_COMMON,
)

DEVICE_TEMPLATE = ObjectClass(
    "UniversalDeviceTemplate", "universalDeviceTemplate", "lab_devicetemplate", "UniversalDeviceTemplate", frozenset(("get", "list")),
    (
        col("name", "name"),
        col("deviceDescription", "description"),
        col("devicePool", "fkdevicepool", "fk", "devicepool"),
        col("deviceSecurityProfile", "fksecurityprofile", "fk", "securityprofile"),
        col("callingSearchSpace", "fkcallingsearchspace", "fk", "callingsearchspace"),
        col("commonPhoneProfile", "fkcommonphoneconfig", "fk", "commonphoneconfig"),
    ),
)

LINE_TEMPLATE = ObjectClass(
    "UniversalLineTemplate", "universalLineTemplate", "lab_linetemplate", "UniversalLineTemplate", frozenset(("get", "list")),
    (
        col("name", "name"),
        col("lineDescription", "description"),
        col("routePartition", "fkroutepartition", "fk", "routepartition"),
        col("callingSearchSpace", "fkcallingsearchspace", "fk", "callingsearchspace"),
    ),
)

PHONE_SERVICES = ObjectClass(
    "IpPhoneServices", "ipPhoneServices", "telecasterservice", "IpPhoneServices", frozenset(("get", "list")),
    (
        col("serviceName", "name"),
        col("asciiServiceName", "nameascii"),
        col("serviceDescription", "description"),
        col("serviceUrl", "urltemplate"),
        col("secureServiceUrl", "secureurltemplate"),
        col("serviceCategory", "tkphoneservicecategory", "enum", "typephoneservicecategory"),
        col("serviceType", "tkphoneservice", "enum", "typephoneservice"),
        col("serviceVendor", "vendor"),
        col("serviceVersion", "version"),
        col("enabled", "enabled", "bool"),
        col("enterpriseSubscription", "enterprisesubscription", "bool"),
    ),
)

CLASSES = (CREDENTIAL_POLICY, COMMON_PHONE_CONFIG, DEVICE_TEMPLATE, LINE_TEMPLATE, PHONE_SERVICES)


def credential_default(context: Context, request: etree._Element) -> etree._Element:
    """getCredentialPolicyDefault: which policy holds for a kind of user and of credential (with the product, never the credential itself)."""
    store, user, kind = context.store, soap.text(request.find("credentialUser")), soap.text(request.find("credentialType"))
    policy = objects.reference(context, col("credPolicyName", "fkcredentialpolicy", "fk", "lab_credentialpolicy"), request.find("credPolicyName"))
    found = store.rows("select d.pkid, p.pkid, p.name, d.usercantchange, d.usermustchange, d.doesnotexpire from lab_credentialpolicydefault d "
                       "join lab_credentialpolicy p on p.pkid=d.fkcredentialpolicy where d.tkcredentialuser=? and d.tkcredential=?",
                       store.enum("typecredentialuser", user), store.enum("typecredential", kind))
    if not found or (context.variant("credential_default_policy") == "must_match" and found[0][1] != policy):
        raise not_found("CredentialPolicyDefault")
    _key, policy, name, *flags = found[0]
    root = context.response(request.get("sequence"))
    item = etree.SubElement(etree.SubElement(root, "return"), "credentialPolicyDefault")
    for tag, value in (("credentialUser", user), ("credentialType", kind), ("credPolicyName", name)):
        etree.SubElement(item, tag).text = value
    item[-1].set("uuid", objects.axl_uuid(policy))
    for tag, flag in zip(("credUserCantChange", "credUserMustChange", "credDoesNotExpire"), flags, strict=True):
        etree.SubElement(item, tag).text = "true" if flag == "t" else "false"
    return root


def enterprise_phone(context: Context, request: etree._Element) -> etree._Element:
    """getEnterprisePhoneConfig."""
    root = context.response(request.get("sequence"))
    item = etree.SubElement(etree.SubElement(root, "return"), "enterprisePhoneConfig")
    item.append(product_settings.element(context.store.value("select xml from enterprisephoneconfigxml") or ""))
    return root


def update_enterprise_phone(context: Context, request: etree._Element) -> etree._Element:
    """updateEnterprisePhoneConfig."""
    node = request.find("vendorConfig")
    if node is not None:
        context.store.run("update enterprisephoneconfigxml set xml=?", product_settings.text(node))
    context.changes += 1
    return objects.answer(context, request, "true")


OPERATIONS = {"getCredentialPolicyDefault": credential_default, "getEnterprisePhoneConfig": enterprise_phone,
              "updateEnterprisePhoneConfig": update_enterprise_phone}
