# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a cluster's dial plan as far as toll fraud asks for it: each class once, and of what a list does not tell only the objects in question."""
from __future__ import annotations

from functools import cached_property

from ..asking import axl
from ..resources import dial_plan as plan_
from ..resources.dial_plan import NO_PARTITION
from ..resources.objects import rows
from ..resources.objects import text
from ..resources.parameters import ENTERPRISE
from ..resources.parameters import list_request

CALL_MANAGER = "Cisco CallManager"


class DialPlan:
    """The dial plan of one cluster. node: the publisher; gateways: trunks and other gateways to the PSTN; pstn_partitions: partitions, or () to find them."""

    def __init__(self, node, gateways, pstn_partitions):
        self.node, self.gateways, self.given = node, set(gateways), list(pstn_partitions)
        self.spaces = {}
        self.strangers = set()      # met on the way: devices that are neither SIP trunks nor named as gateways

    def ask(self, request):
        """One reply."""
        return axl(self.node, request)

    @cached_property
    def trunks(self):
        """The SIP trunks by name."""
        return plan_.trunks(self.ask(plan_.TRUNKS))

    @cached_property
    def patterns(self):
        """The route patterns."""
        return plan_.patterns(self.ask(plan_.PATTERNS))

    @cached_property
    def schedules(self):
        """Partitions with their time schedules."""
        return plan_.schedules(self.ask(plan_.PARTITIONS))

    @cached_property
    def groups(self):
        """Names of the route groups."""
        return plan_.names(self.ask(plan_.ROUTE_GROUPS), "routeGroup")

    @cached_property
    def local_groups(self):
        """Route groups that stand behind a local route group."""
        return plan_.local_route_groups(self.ask(plan_.DEVICE_POOLS))

    @cached_property
    def parameters(self):
        """[(node name, parameter, value)] of the CallManager service, cluster-wide ones and each node's own."""
        request = list_request(CALL_MANAGER, "%")
        return [(text(row.get("processNodeName")), text(row.get("name")), text(row.get("value"))) for row in rows(self.ask(request), "serviceParameter")]

    @cached_property
    def enterprise(self):
        """{enterprise parameter: value}."""
        return {text(row.get("name")): text(row.get("value")) for row in rows(self.ask(list_request(ENTERPRISE)), "serviceParameter")}

    def space(self, name):
        """Partitions that a calling search space reaches, the one that every space reaches included; that one alone without a space."""
        if name and name not in self.spaces:
            self.spaces[name] = plan_.partitions_of(self.ask(plan_.css_request(name)))
        return [*(self.spaces[name] if name else ()), NO_PARTITION]

    # which partitions lead to the PSTN

    @cached_property
    def pstn(self):
        """{partition: [patterns that lead to a PSTN gateway, or all of a partition that the operator named]}.

        Found by where route patterns lead, partition by partition, each until one leads there. A translation pattern whose own calling search space
        reaches the PSTN makes its partition one of the PSTN, too.
        """
        by_partition, found, self.leads = {}, {}, {}
        for one in self.patterns:
            if not one["blocked"]:
                by_partition.setdefault(one["partition"] or NO_PARTITION, []).append(one)
        if self.given:
            found = {name: [one["pattern"] for one in by_partition.get(name, ())] for name in self.given}
            by_partition = {}
        for partition, listed in by_partition.items():
            for one in listed:
                if self.leads_to_pstn(*plan_.destination(self.ask(plan_.pattern_request(one)))):
                    found[partition] = [one["pattern"]]
                    break
        return self.with_translations(found)

    def with_translations(self, found):
        """The same with the partitions of translation patterns that lead on to one of these, until there are no more."""
        left = [one for one in plan_.translations(self.ask(plan_.TRANSLATIONS)) if one["space"]] if found else []
        while True:
            leading = [one for one in left if (one["partition"] or NO_PARTITION) not in found and set(self.space(one["space"])) & set(found)]
            if not leading:
                return found
            for one in leading:
                found.setdefault(one["partition"] or NO_PARTITION, []).append("%s, a translation into %s" % (one["pattern"], one["space"]))

    def leads_to_pstn(self, gateway, route_list):
        """Whether a destination is a gateway to the PSTN, or a route list with one in it."""
        if gateway:
            return self.gateway(gateway)
        if route_list not in self.leads:
            listed = plan_.members(self.ask(plan_.route_list_request(route_list)), "routeList", "routeGroupName") if route_list else []
            groups = set()
            for group in listed:
                groups |= {group} if group in self.groups else self.local_groups
            self.leads[route_list] = any(self.group_leads(group) for group in sorted(groups))
        return self.leads[route_list]

    def group_leads(self, group):
        """Whether a route group has a gateway to the PSTN among its members."""
        key = (group,)
        if key not in self.leads:
            found = plan_.members(self.ask(plan_.route_group_request(group)), "routeGroup", "deviceName")
            gateways = [self.gateway(device) for device in found]       # each is looked at: those that may be gateways are noted
            self.leads[key] = any(gateways)
        return self.leads[key]

    def gateway(self, device):
        """Whether a device that calls are routed to is a gateway to the PSTN; one that nobody can tell is kept."""
        if device not in self.gateways and device not in self.trunks:
            self.strangers.add(device)
        return device in self.gateways

    def auto_registration(self):
        """Nodes with auto-registration, and the calling search spaces that its phones get. The templates are read only where it is on."""
        managers = self.ask(plan_.CALL_MANAGERS)
        if not plan_.auto_registration(managers, None, None, None):
            return []
        return plan_.auto_registration(managers, self.ask(plan_.DEVICE_POOLS), self.ask(plan_.DEVICE_TEMPLATES), self.ask(plan_.LINE_TEMPLATES))
