"""Classes of the dial plan, as far as they tell who may call what: partitions, calling search spaces, patterns, route lists and groups."""
from __future__ import annotations

from lxml import etree

from lab.ucm.axl import soap
from lab.ucm.axl.model import Members
from lab.ucm.axl.model import ObjectClass
from lab.ucm.axl.model import col
from lab.ucm.store import Store
from lab.ucm.store import pkid

_ALL = frozenset(("add", "get", "list", "update", "remove"))
_READ = frozenset(("get", "list"))
_CLAUSE = ("(select group_concat(name, ':') from (select p.name from callingsearchspacemember m join routepartition p on p.pkid=m.fkroutepartition "
           "where m.fkcallingsearchspace=callingsearchspace.pkid order by m.sortorder))")
_DESTINATION = ("(select d.pkid from devicenumplanmap n join device d on d.pkid=n.fkdevice join typeclass c on c.enum=d.tkclass "
                "where n.fknumplan=numplan.pkid and c.name {} 'Route List')")

ROUTE_PARTITION = ObjectClass(
    "RoutePartition", "routePartition", "routepartition", "RoutePartition", _ALL,
    (col("name", "name", written="add"), col("description", "description"), col("partitionUsage", "tkpartitionusage", "enum", "typepartitionusage")),
)

CSS = ObjectClass(
    "Css", "css", "callingsearchspace", "Css", _ALL,
    (
        col("name", "name", written="add"),
        col("description", "description"),
        col("clause", _CLAUSE, written="never"),
        col("partitionUsage", "tkpartitionusage", "enum", "typepartitionusage"),
    ),
    lists=(Members("members", "member", "callingsearchspacemember", "fkcallingsearchspace", "sortorder",
                   (col("routePartitionName", "fkroutepartition", "fk", "routepartition"), col("index", "sortorder", "int")),
                   add="addMembers", remove="removeMembers"),),
)


def _pattern(store: Store, cls: ObjectClass, request: etree._Element) -> str | None:
    """Key of the pattern that a request names by its digits and its partition."""
    partition = request.find("routePartitionName")
    where = pkid(partition.get("uuid")) if partition is not None and partition.get("uuid") else store.value(
        "select pkid from routepartition where name=?", soap.text(partition))
    return store.value(f"select pkid from numplan where ({cls.where}) and dnorpattern=? and fkroutepartition is ?", soap.text(request.find("pattern")), where)


_PATTERN = (
    col("pattern", "dnorpattern", written="add"),
    col("description", "description"),
    col("usage", "tkpatternusage", "enum", "typepatternusage", "never"),
    col("routePartitionName", "fkroutepartition", "fk", "routepartition"),
    col("blockEnable", "blockenable", "bool"),
    col("patternUrgency", "patternurgency", "bool"),
    col("provideOutsideDialtone", "outsidedialtone", "bool"),
)

ROUTE_PATTERN = ObjectClass(
    "RoutePattern", "routePattern", "numplan", "RoutePattern", _READ,
    (
        *_PATTERN,
        col("networkLocation", "tknetworklocation", "enum", "typenetworklocation"),
        col("allowDeviceOverride", "allowdeviceoverride", "bool"),
        col("authorizationCodeRequired", "authorizationcoderequired", "bool"),
        col("authorizationLevelRequired", "authorizationlevelrequired", "int"),
        col("clientCodeRequired", "clientcoderequired", "bool"),
        col("destination/gatewayName", _DESTINATION.format("<>"), "fk", "device", "never", omitted=True),
        col("destination/routeListName", _DESTINATION.format("="), "fk", "device", "never", omitted=True),
    ),
    where="tkpatternusage=5", key="dnorpattern", finder=_pattern,
)

TRANS_PATTERN = ObjectClass(
    "TransPattern", "transPattern", "numplan", "TransPattern", _READ,
    (*_PATTERN, col("callingSearchSpaceName", "fkcallingsearchspace_translation", "fk", "callingsearchspace"),
     col("useOriginatorCss", "useoriginatorcss", "bool")),
    where="tkpatternusage=3", key="dnorpattern", finder=_pattern,
)

ROUTE_GROUP = ObjectClass(
    "RouteGroup", "routeGroup", "routegroup", "RouteGroup", _READ,
    (col("name", "name"), col("distributionAlgorithm", "tkdistributealgorithm", "enum", "typedistributealgorithm")),
    lists=(Members("members", "member", "routegroupdevicemap", "fkroutegroup", "deviceselectionorder",
                   (col("deviceName", "fkdevice", "fk", "device"), col("deviceSelectionOrder", "deviceselectionorder", "int"), col("port", "port", "int"))),),
)

ROUTE_LIST = ObjectClass(
    "RouteList", "routeList", "device", "RouteList", _READ,
    (col("name", "name"), col("description", "description"), col("runOnEveryNode", "runonallnodes", "bool")),
    where="tkclass=(select enum from typeclass where name='Route List')",
    lists=(Members("members", "member", "routelist", "fkdevice", "selectionorder",
                   (col("routeGroupName", "fkroutegroup", "fk", "routegroup"), col("selectionOrder", "selectionorder", "int"))),),
)

CLASSES = (ROUTE_PARTITION, CSS, ROUTE_PATTERN, TRANS_PATTERN, ROUTE_GROUP, ROUTE_LIST)
