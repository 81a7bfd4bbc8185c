"""Reads an inventory as Ansible itself does, and makes the lab's world of it.

The lab knows nothing of the collection; what it needs of a host are the variables of our inventory format (`collab_product`,
`collab_cluster`, `collab_roles`, addresses, ports, accounts), resolved through Ansible's own VariableManager and Templar. What the
products hold on day 0 stands in `estate.yml` beside the inventory.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.appliances import KINDS
from lab.core.appliances import Appliance
from lab.core.appliances import Group
from lab.core.world import IM_PRESENCE
from lab.core.world import PRIME_DEPLOYMENT
from lab.core.world import UNIFIED_CM
from lab.core.world import UNITY_CONNECTION
from lab.core.world import Cluster
from lab.core.world import Credentials
from lab.core.world import Node
from lab.core.world import World

# Products whose hosts are nodes of clusters, in the order that they are built: what needs Unified CM comes after it.
CLUSTERED = (UNIFIED_CM, IM_PRESENCE, UNITY_CONNECTION, PRIME_DEPLOYMENT)
# Ports of hosts that stand alone: {product: {protocol: (inventory variable, default)}}.
HOST_PORTS = {
    "adcs": {"https": ("collab_https_port", 443), "ocsp": ("lab_ocsp_port", 20080)},
    "vault": {"https": ("collab_https_port", 8200)},
    "public_ca": {"https": ("collab_https_port", 443), "dns": ("lab_dns_port", 20053)},
    "ldap": {"ldap": ("lab_ldap_port", 389), "ldaps": ("lab_ldaps_port", 636), "gc": ("lab_gc_port", 3268), "gcs": ("lab_gcs_port", 3269)},
}
ROLES = {"publisher", "subscriber", "call_processing", "tftp"}
WANTED = ("collab_", "ansible_host", "ansible_port", "ansible_user", "ansible_password", "inventory_hostname", "group_names", "lab_")


class BadInventory(ValueError):
    """The inventory cannot be simulated; the text says which host and variable, and what to do."""


@dataclass(frozen=True)
class Host:
    """A host that is no cluster node (the enterprise CA, a directory server). ports: as HOST_PORTS names them."""

    name: str
    fqdn: str
    address: str
    ports: dict[str, int]
    product: str
    variables: dict[str, Any]


def read(path: Path) -> dict[str, dict[str, Any]]:
    """Variables of every host, templates resolved: {host: {variable: value}}. Raises BadInventory."""
    # Imported late: only `up` reads inventories, and ansible-core takes most of a second to load.
    from ansible.errors import AnsibleError
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader
    from ansible.template import Templar
    from ansible.vars.manager import VariableManager

    if "ansible_collections" not in sys.modules:
        init_plugin_loader()
    loader = DataLoader()
    try:
        inventory = InventoryManager(loader=loader, sources=[str(path)])
        manager = VariableManager(loader=loader, inventory=inventory)
        result: dict[str, dict[str, Any]] = {}
        for host in inventory.get_hosts():
            variables = manager.get_vars(host=host)
            templar = Templar(loader=loader, variables=variables)
            result[host.name] = {
                name: _plain(_resolved(templar, host.name, name, value)) for name, value in variables.items() if name.startswith(WANTED)
            }
    except AnsibleError as error:
        raise BadInventory(f"{path}: {error}") from error
    if not result:
        raise BadInventory(f"{path}: no hosts found")
    return result


def _resolved(templar: Any, host: str, name: str, value: Any) -> Any:
    try:
        return templar.template(value)
    except Exception as error:
        # A variable only the collection needs (a lookup of a secret, say) must not keep the lab from starting.
        return Unresolved(f"{host}: {name}: {error}")


class Unresolved(str):
    """The reason why a variable's template could not be resolved."""


def _plain(value: Any) -> Any:
    """A value without Ansible's tagged types, so that it can be pickled, compared and dumped."""
    if isinstance(value, Unresolved) or value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(item) for item in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def read_estate(path: Path) -> dict[str, Any]:
    """The estate file beside the inventory; empty when there is none. Raises BadInventory."""
    file = (path if path.is_dir() else path.parent) / "estate.yml"
    if not file.exists():
        return {}
    try:
        estate = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise BadInventory(f"{file}: {error}") from error
    if not isinstance(estate, dict) or not set(estate) <= {"clusters", "sip_peers", "directories", "srst_routers", "public_dns"}:
        raise BadInventory(f"{file}: known are `clusters`, `sip_peers`, `directories`, `srst_routers` and `public_dns` at the top")
    return estate


def populate(world: World, hosts: dict[str, dict[str, Any]], estate: dict[str, Any]) -> list[Host]:
    """Put clusters and nodes into the world; gives the hosts that are no cluster nodes (CAs, directory servers). Raises BadInventory."""
    world.hosts, world.estate = hosts, estate
    others: list[Host] = []
    for name, variables in hosts.items():
        product = variables.get("collab_product")
        if product in CLUSTERED:
            _add_node(world, name, variables, str(product))
        elif product in KINDS:
            _add_appliance(world, name, variables, str(product))
        elif product in HOST_PORTS:
            others.append(_host(name, variables, str(product)))
        else:
            # A jump host, or a product that this lab does not simulate: said in `status`, not an error.
            world.skipped.append(name)
    world.clusters = dict(sorted(world.clusters.items(), key=lambda item: CLUSTERED.index(item[1].product)))
    for name, cluster in world.clusters.items():
        _check_cm_cluster(cluster)
        publishers = [node.name for node in cluster.nodes.values() if node.is_publisher]
        if len(publishers) != 1:
            raise BadInventory(f"cluster {name}: exactly one node needs collab_roles: [publisher], found {', '.join(publishers) or 'none'}")
    for group in world.groups.values():
        _check_head(group)
    for name in estate.get("clusters", {}):
        if name not in world.clusters and name not in world.groups:
            there = ", ".join([*world.clusters, *world.groups]) or "none"
            raise BadInventory(f"estate.yml: cluster {name} is not in the inventory (there are: {there})")
    _check_addresses(world)
    return others


def _need(host: str, variables: dict[str, Any], name: str) -> Any:
    value = variables.get(name)
    if isinstance(value, Unresolved):
        raise BadInventory(f"{value}")
    if value in (None, "", []):
        raise BadInventory(f"{host}: {name} is not set; the lab needs it")
    return value


def _fqdn(name: str, variables: dict[str, Any]) -> str:
    given = variables.get("collab_fqdn")
    if given and not isinstance(given, Unresolved):
        return str(given)
    return f"{name}.{_need(name, variables, 'collab_domain')}"


def _port(host: str, variables: dict[str, Any], name: str, default: int) -> int:
    try:
        return int(variables.get(name, default))
    except (TypeError, ValueError):
        raise BadInventory(f"{host}: {name} must be a port number, it is {variables.get(name)!r}") from None


def _host(name: str, variables: dict[str, Any], product: str) -> Host:
    ports = {protocol: _port(name, variables, variable, default) for protocol, (variable, default) in HOST_PORTS[product].items()}
    return Host(name, _fqdn(name, variables), str(_need(name, variables, "ansible_host")), ports, product, variables)


def _check_cm_cluster(cluster: Cluster) -> None:
    named = cluster.cm_cluster_name
    if cluster.product == IM_PRESENCE and (cluster.cm_cluster is None or cluster.cm_cluster.product != UNIFIED_CM):
        raise BadInventory(f"cluster {cluster.name}: collab_cm_cluster must name its Unified CM cluster in this inventory, it is {named or 'not set'}")


def _group_of(name: str, variables: dict[str, Any]) -> str:
    group = str(_need(name, variables, "collab_cluster"))
    if group not in variables.get("group_names", []):
        raise BadInventory(f"{name}: collab_cluster is {group}, but the host is in no group of that name")
    return group


def _release(name: str, variables: dict[str, Any]) -> str:
    release = str(_need(name, variables, "collab_release"))
    try:
        float(".".join(release.split(".")[:2]))
    except ValueError:
        raise BadInventory(f'{name}: collab_release must be a release such as "15", it is {release!r}') from None
    return release


def _add_node(world: World, name: str, variables: dict[str, Any], product: str) -> None:
    group, release = _group_of(name, variables), _release(name, variables)
    roles = frozenset(_need(name, variables, "collab_roles"))
    if not roles <= ROLES:
        raise BadInventory(f"{name}: collab_roles knows {', '.join(sorted(ROLES))}; found {', '.join(sorted(roles - ROLES))}")
    fqdn = _fqdn(name, variables)
    cluster = world.clusters.get(group)
    if cluster is None:
        domain = str(variables.get("collab_domain") or fqdn.partition(".")[2])
        cluster = Cluster(group, product, release, domain, world.estate.get("clusters", {}).get(group) or {}, world,
                          str(variables.get("collab_cm_cluster") or ""))
        world.clusters[group] = cluster
    elif cluster.product != product:
        raise BadInventory(f"{name}: collab_product is {product}, the other nodes of {group} are {cluster.product}")
    elif cluster.release != release:
        raise BadInventory(f"{name}: collab_release is {release}, the other nodes of {group} have {cluster.release}")
    credentials = Credentials(
        str(_need(name, variables, "ansible_user")),
        str(_need(name, variables, "ansible_password")),
        str(variables.get("collab_application_user", "")),
        str(variables.get("collab_application_password", "")),
    )
    ports = {
        "ssh": _port(name, variables, "ansible_port", 22),
        "https": _port(name, variables, "collab_https_port", 8443),
        "platform": _port(name, variables, "collab_platform_port", 443),
    }
    cluster.nodes[name] = Node(name, fqdn, str(_need(name, variables, "ansible_host")), ports, product, release, roles, credentials, variables, cluster)


def _add_appliance(world: World, name: str, variables: dict[str, Any], product: str) -> None:
    kind = KINDS[product]
    group_name, release = _group_of(name, variables), _release(name, variables)
    roles = frozenset(_need(name, variables, "collab_roles"))
    if not roles <= kind.roles:
        raise BadInventory(f"{name}: collab_roles of {product} knows {', '.join(sorted(kind.roles))}; found {', '.join(sorted(roles - kind.roles))}")
    group = world.groups.get(group_name)
    if group is None:
        group = world.groups[group_name] = Group(group_name, product, release, world.estate.get("clusters", {}).get(group_name) or {}, world,
                                                 head_role=kind.head)
    elif (group.product, group.release) != (product, release):
        raise BadInventory(f"{name}: it is {product} {release}, the other members of {group_name} are {group.product} {group.release}")
    ports = {protocol: _port(name, variables, variable, default) for protocol, (variable, default) in kind.ports.items()}
    account = str(_need(name, variables, "ansible_user")), str(_need(name, variables, "ansible_password"))
    group.members[name] = Appliance(name, _fqdn(name, variables), str(_need(name, variables, "ansible_host")), ports, product, release, roles, variables,
                                    group, account)


def _check_head(group: Group) -> None:
    heads = [member.name for member in group.members.values() if group.head_role in member.roles]
    if group.head_role and len(heads) != 1:
        raise BadInventory(f"cluster {group.name}: exactly one host needs collab_roles: [{group.head_role}], found {', '.join(heads) or 'none'}")


def _check_addresses(world: World) -> None:
    seen: dict[str, str] = {}
    for node in [*world.nodes(), *world.appliances()]:
        if node.address in seen:
            raise BadInventory(f"{node.name} and {seen[node.address]} have the same ansible_host {node.address}")
        seen[node.address] = node.name
