# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate a description means, and how trust stores are read of a node that only describes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.certificates import reading
from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError
from ansible_collections.collab.security.plugins.plugin_utils.pki import pem
from ansible_collections.collab.security.plugins.plugin_utils.pki.described import fits
from ansible_collections.collab.security.plugins.plugin_utils.pki.facts import common_name

sys.path.insert(0, str(Path(__file__).parent))
from description import in_words  # noqa: E402


@pytest.mark.parametrize("newer", [False, True])
def test_a_description_means_one_certificate(ca, kit, newer):
    """Another certificate of the same name and key is not meant, nor one of another name."""
    mine, words = kit.make(common_name(ca.root), "a key"), in_words(ca.root, newer)
    again = kit.make(common_name(ca.root), "a key")
    assert fits(words, ca.root) and not fits(words, mine)
    assert fits(in_words(mine, newer), mine) and not fits(in_words(mine, newer), again)


@pytest.mark.parametrize("line", ["Serial Number", "Subject Name", "Key value"])
def test_what_a_description_lacks(ca, line):
    """Without serial number or name it means none; without a key it is known by those two."""
    words = "\r\n".join(one for one in in_words(ca.root).split("\r\n") if line not in one)
    assert fits(words, ca.root) == (line == "Key value")


def test_another_key_is_another_certificate(ca):
    """Serial numbers are an issuer's own affair: two issuers of one name may use the same."""
    words = in_words(ca.root)
    start = words.index("Key value: ") + 60
    other = "0" if words[start] != "0" else "1"
    assert not fits(words[:start] + other + words[start + 1:], ca.root)


class Node:
    """A node of release 12.5 that describes the certificates of tomcat-trust, with some of them in its database."""

    def __init__(self, certificates, database):
        self.said, self.certificates, self.database = [], certificates, database
        self.names = [str(number) for number in range(len(certificates))]

    def ask(self, channel, op, command):
        assert (channel, op) == ("vos_cli", "run")
        self.said.append(command)
        if command == "show cert list trust":
            return {"output": "\r\n".join("tomcat-trust/%s.pem: Trust Certificate" % name for name in self.names)}
        if command == reading.IN_DATABASE:
            if self.database is None:
                raise NodeError("refused", "'run sql' failed")
            return {"output": "certificate\r\n===========\r\n" + "\r\n".join(pem.to_pem(one) for one in self.database)}
        return {"output": in_words(self.certificates[self.names.index(command.rpartition("/")[2].partition(".")[0])])}


def test_the_database_gives_the_bytes(ca, kit):
    """Each description is found among the certificates of the database; more of those are nobody's business."""
    other, stranger = kit.make("Other Root", "other"), kit.make("Stranger", "stranger")
    node = Node([ca.root, other], [stranger, other, ca.root])
    held = reading.read_node(node, "12.5", stores=["tomcat-trust"])
    assert held.trust["tomcat"] == [ca.root, other] and held.unread == {}
    assert node.said.count(reading.IN_DATABASE) == 1


def test_what_is_known_is_not_asked_for(ca):
    """A store that holds nothing but what the caller looks for."""
    node = Node([ca.root], [])
    assert reading.read_node(node, "12.5", stores=["tomcat-trust"], known=[ca.root]).trust["tomcat"] == [ca.root]
    assert reading.IN_DATABASE not in node.said


def test_no_more_than_what_is_looked_for(ca, kit):
    """A command takes a node seconds: the file of that name is looked at first, and the others only where it is not the one."""
    others = [kit.make("Other Root %d" % number, "other") for number in range(3)]
    node = Node([*others, ca.root], [])
    node.names = ["Other_Root_0", "Other_Root_1", "Other_Root_2", "Ent-PA_Root_CA_17"]
    assert reading.read_node(node, "12.5", stores=["tomcat-trust"], known=[ca.root], no_more=True).trust["tomcat"] == [ca.root]
    assert node.said == ["show cert list trust", "show cert trust tomcat-trust/Ent-PA_Root_CA_17.pem"]
    missing = kit.make(common_name(ca.root), "a later key")
    held = reading.read_node(node, "12.5", stores=["tomcat-trust"], known=[missing], no_more=True)
    assert held.lacking([missing], ["tomcat-trust"]) and len(node.said) == 2 + 1 + 4 and reading.IN_DATABASE not in node.said


@pytest.mark.parametrize("database", [None, []])
def test_what_cannot_be_read_is_named(ca, kit, database):
    """No database, or one without it: what is known is found all the same, and the other file is said to be unread."""
    held = reading.read_node(Node([ca.root, kit.make("Other Root", "other")], database), "12.5", stores=["tomcat-trust"], known=[ca.root])
    assert held.trust["tomcat"] == [ca.root] and held.unread == {"tomcat": ["1.pem"]}
