"""The address by which a router knows a node: given, or what its name has; without either the variable to set is named."""
from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.ios.peers import address_of


class Named:
    """A node that is reached by a name."""

    def __init__(self, addresses, **variables):
        self.name, self.host, self.variables, self.addresses = "us-cm-sub1", "us-cm-sub1.ent-pa.com", variables, addresses

    def ask(self, channel, op, **args):
        assert (channel, op) == ("names", "ipv4")
        if args["name"] not in self.addresses:
            raise NodeError("refused", "%s: %s: no such name" % (self.name, args["name"]))
        return self.addresses[args["name"]]


@pytest.mark.parametrize(("variables", "expected"), [({}, "10.20.1.2"), ({"collab_sip_address": "10.30.1.2"}, "10.30.1.2"),
                                                     ({"collab_sip_address": "sip.ent-pa.com"}, "10.40.1.2")])
def test_given_or_looked_up(variables, expected):
    assert address_of(Named({"us-cm-sub1.ent-pa.com": "10.20.1.2", "sip.ent-pa.com": "10.40.1.2"}, **variables)) == expected


def test_a_name_without_an_address_names_the_variable():
    with pytest.raises(AnsibleActionFail, match=r"collab_sip_address.*us-cm-sub1"):
        address_of(Named({}))
