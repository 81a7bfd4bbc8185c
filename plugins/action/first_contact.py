# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a node for the first time, and says where it differs from what the collection assumes."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible.errors import AnsibleActionSkip

from ansible_collections.collab.security.plugins.plugin_utils.device_action import DeviceAction
from ansible_collections.collab.security.plugins.plugin_utils.files import write_atomic
from ansible_collections.collab.security.plugins.plugin_utils.files import write_json
from ansible_collections.collab.security.plugins.plugin_utils.first_contact import masking
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.assumption import DIFFERS
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.looking import contact
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.looks import looks_of
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.telling import counted
from ansible_collections.collab.security.plugins.plugin_utils.first_contact.telling import tell


class ActionModule(DeviceAction, module="collab.security.first_contact", secrets=("words",)):
    """See the module's documentation."""

    def apply(self, args, check):
        """Returns the report; nothing is written to any node, whether in check mode or not."""
        if self.workspace is None:
            raise AnsibleActionFail("collab_workspace must name a directory on the control node: what the node shows is written there")
        product, release = self.var("collab_product"), str(self.var("collab_release") or "")
        looks = looks_of(product, release, self.node.roles)
        if not looks:
            raise AnsibleActionSkip("nothing of collab_product '%s' can be looked at" % product)
        node = self.session(self.where, **self.node.options, recorded=self.where)
        results, capture = contact(looks, lambda look: node.ask(look.channel, look.op, **arguments_of(look, node)), lambda: node.ask("recording", "take"))
        names = masking.names_of(self.inventory_words(), args["words"])
        for one in results:
            if one["result"] == DIFFERS:                    # what a node shows may hold a secret; why nothing was seen is in our own words
                one["seen"] = masking.mask(one["seen"], names)
        tell(self.report, self.where, results)
        directory = self.workspace / "first_contact"
        text = masking.mask(masking.transcript(product, release, capture, results), names)
        write_atomic(directory / ("%s.capture.txt" % self.where), text)
        write_json(directory / ("%s.json" % self.where), {"host": self.where, "product": product, "release": release, "results": results})
        self.report.add(assumptions=results, counts=counted(results), capture=str(directory / ("%s.capture.txt" % self.where)))
        self.say("%(holds)d assumptions hold, %(differs)d differ (%(known)d of them in a way that is known), %(not_seen)d were not seen" % counted(results))
        return self.report

    def inventory_words(self):
        """What the inventory says of the whole estate that a capture must not show."""
        found = []
        for name in sorted(self.task_vars["groups"]["all"]):
            variables = self.node_of(str(name)).variables
            found.append({"name": str(name), **{key: str(variables.get(variable(key)) or "") for key in masking.TOLD}})
        return found


def arguments_of(look, node):
    """The arguments of a look; those of a handshake are the node's own options of these names."""
    return {key: node.option(value) for key, value in look.args.items()} if look.channel == "tls" else look.args


def variable(key):
    """The inventory's word for one of masking.TOLD."""
    return ("ansible_" if key in ("host", "user", "password") else "collab_") + key
