# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Meeting Server shows, read: services, database cluster, files."""
from __future__ import annotations

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.meeting_server import services
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.database_status import DatabaseStatus
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.reading import NAME
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.reading import public_half
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.services import Status
from ansible_collections.collab.security.plugins.plugin_utils.meeting_server.services import Unread

# In the layout of the transcripts, with names of our own.
WEB_ADMIN = """Enabled                 : true
TLS listening interface : a
TLS listening port      : 445
Key file                : shared.key
Certificate file        : shared.cer
HTTP redirect           : Disabled
STATUS                  : webadmin running
"""
CALL_BRIDGE = """Listening interfaces  : a
Preferred interface   : none
Key file              : shared.key
Certificate file      : shared.cer
Address               : none
C2W trusted certs                   : ca.cer
Callbridge cluster trusted certs    : none
UCM trusted certs         : none
"""
WEB_BRIDGE = """Enabled                               : false
HTTPS listening ports and interfaces  : a:445 b:446
HTTPS Key file                        : edge.key
HTTPS Full chain certificate file     : edge-full.cer
HTTPS Frame-Ancestors                 : none
C2W listening ports and interfaces    : a:9999
C2W Key file                          : c2w.key
C2W Full chain certificate file       : c2w-full.cer
C2W Trust bundle                      : ca.cer
"""
DATABASE = """Status                   : Enabled
Nodes:
    10.1.1.1             : Connected {primary}
    10.1.1.2 (me)        : Connected {replica} ( In Sync )
    10.1.1.3             : Connected {replica}{third}
Node in use              : 10.1.1.1
Interface                : a

Certificates
    Server Key           : s.key
    Server Certificate   : s.cer
    Client Key           : c.key
    Client Certificate   : c.cer
    CA Certificate       : ca.cer
Last command             : 'database cluster join 10.1.1.1' ({last})
"""


def test_web_admin():
    status = Status(services.WEB_ADMIN, WEB_ADMIN)
    assert status.enabled and status.set_up
    assert status.installed(services.WEB_ADMIN.slots[0]) == ("shared.key", "shared.cer", "")
    bundle = Status(services.WEB_ADMIN, WEB_ADMIN.replace("HTTP redirect", "CA Bundle file          : ca.cer\nHTTP redirect"))
    assert bundle.installed(services.WEB_ADMIN.slots[0]) == ("shared.key", "shared.cer", "ca.cer")


def test_call_bridge_has_no_switch():
    status = Status(services.CALL_BRIDGE_3, CALL_BRIDGE)
    assert status.enabled and status.set_up
    assert [status.value(trust.label) for trust in services.CALL_BRIDGE_3.trusts] == ["ca.cer", ""]


def test_web_bridge_has_two_places():
    status = Status(services.WEB_BRIDGE_3, WEB_BRIDGE)
    assert not status.enabled and status.set_up
    assert [status.installed(slot)[:2] for slot in services.WEB_BRIDGE_3.slots] == [("edge.key", "edge-full.cer"), ("c2w.key", "c2w-full.cer")]
    assert status.value(services.WEB_BRIDGE_3.trusts[0].label) == "ca.cer"
    assert status.port(None) == 445


def test_line_that_has_to_be_there():
    with pytest.raises(Unread, match="key file"):
        Status(services.WEB_ADMIN, "Enabled : true\n").installed(services.WEB_ADMIN.slots[0])


@pytest.mark.parametrize(("release", "names"), [((2, 9), ["webadmin", "callbridge", "xmpp", "webbridge"]), ((3, 0), ["webadmin", "callbridge", "webbridge3"]),
                                                ((4, 1), ["webadmin", "callbridge", "webbridge3"])])
def test_services_of_a_release(release, names):
    assert [service.name for service in services.of_release(release)] == names


@pytest.mark.parametrize(("primary", "replica"), [("Primary", "Replica"), ("Master", "Slave")])
def test_database_cluster_in_both_wordings(primary, replica):
    status = DatabaseStatus(DATABASE.format(primary=primary, replica=replica, third=" ( In Sync )", last="Success"))
    assert status.enabled and status.settled and status.primary == "10.1.1.1" and status.interface == "a"
    assert status.nodes["10.1.1.2"]["me"] and not status.nodes["10.1.1.3"]["me"]
    assert status.certificates == {"server_key": "s.key", "server_certificate": "s.cer", "client_key": "c.key", "client_certificate": "c.cer", "ca": "ca.cer"}


@pytest.mark.parametrize(("third", "last", "busy", "failed"), [
    ("", "Success", False, False), (" ( In Sync )", "Failed", False, True), (" ( In Sync )", "In progress", True, False)])
def test_database_cluster_that_is_not_settled(third, last, busy, failed):
    status = DatabaseStatus(DATABASE.format(primary="Primary", replica="Replica", third=third, last=last))
    assert (status.settled, status.busy, status.failed) == (False, busy, failed)


def test_database_without_a_cluster():
    status = DatabaseStatus("Status                   : Disabled\nInterface                : none\n")
    assert not status.enabled and not status.settled and status.primary is None and status.interface == ""


def test_error_line_of_a_cluster():
    status = DatabaseStatus("ERROR                    : Client certificate expired\nStatus : Error\nNodes:\n")
    assert status.enabled and status.errors == ["Client certificate expired"]


def test_listing_of_files():
    assert NAME.findall("User supplied certificates and keys:\ntac.key\ntac.cer\nROOTCA.cer\r\n") == ["tac.key", "tac.cer", "ROOTCA.cer"]


@pytest.mark.parametrize("data", [b"", b"nonsense", b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"])
def test_what_is_no_key_says_nothing(data):
    assert public_half(data) is None
