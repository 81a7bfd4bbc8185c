# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Feature services activated and started where they are wanted (axl.md 6: soapDoServiceDeployment)."""

from __future__ import annotations

from ..reconcile import Step
from ..reconcile import reconcile
from . import services as services_
from .waiting import Stuck
from .waiting import Waiting

STEPS = {"Cisco Certificate Authority Proxy Function": "mixed-capf-first", "Cisco Certificate Enrollment Service": "onlineca-enrollment-service"}


def activate(action, pauses, names, roles, timeout, check):
    """Activate and start the named services on every node that has one of the roles. Raises Stuck when one does not start."""
    nodes = [node for node in action.nodes.values() if set(roles) & set(node.roles)]
    if not nodes:
        raise Stuck("no node of %s has one of the roles %s in collab_roles" % (action.cluster, ", ".join(roles)))

    def read():
        return action.each(nodes, lambda node: services_.read(node, names)[0])

    def plan(actual):
        steps = []
        for node in nodes:
            for name in names:
                service = actual[node.name].get(name)
                if service is None:
                    raise Stuck("%s on %s is not a service that this node knows; check its name" % (name, node.name))
                if not service.running:
                    steps.append(step_for(node, name, service))
        return steps

    def step_for(node, name, service):
        deploy = not service.activated
        operation = "soapDoServiceDeployment" if deploy else "soapDoControlServices"
        arguments = {"DeployType": "Deploy"} if deploy else {"ControlType": "Start"}
        state = service.facts()["status"]

        def apply():
            action.say("%s %s on %s" % ("activating" if deploy else "starting", name, node.name))
            if service.status.lower() != "starting":            # an earlier run's activation is still under way: only wait
                if deploy:
                    node.ask("serviceability", "deploy", services=[name])
                else:
                    node.ask("serviceability", "control", action="Start", services=[name])
            started(node, name)

        return Step(description={"node": node.name, "channel": "serviceability", "operation": operation, "object": "%s on %s" % (name, node.name), **arguments},
                    apply=apply, before=state, after="Started",
                    finding={"id": "service-not-started", "severity": "medium", "object": "%s on %s" % (name, node.name), "step": STEPS.get(name),
                             "message": "%s on %s is %s" % (name, node.name, state), "before": state, "after": "Started"})

    def started(node, name):
        def look():
            service = services_.read(node, [name])[0].get(name)
            if service is None or not service.running:
                raise Waiting("it is %s" % (service.facts()["status"] if service else "not listed"))

        pauses.until(look, timeout, lambda missing: (
            "%s on %s did not start within %d s: %s. Look at the node ('utils service list' on its CLI); then run again."
            % (name, node.name, timeout, missing)))

    actual = reconcile(action.report, check, read, plan)
    action.report.add(services={name: {node: actual[node][name].facts() for node in actual} for name in names})
