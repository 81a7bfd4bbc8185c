# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The primary peer of an Expressway cluster made of dicts: what its API offers, its objects and its command line over one state."""
from __future__ import annotations

import re

import pytest

from ansible_collections.collab.security.plugins.plugin_utils.errors import NodeError

ON_OFF, MODES = ["On", "Off"], ["Off", "On", "BestEffort", "Auto"]
SECURITY = {"transport": "SIPTransport", "tls_verify": "SIPTLSVerifyMode", "media": "SIPMediaEncryptionMode", "subject": "SIPTLSVerifySubjectName"}
SHORT = {"transport": "Transport", "tls_verify": "TLSVerify", "media": "MediaEncryption", "subject": "TLSVerifySubjectName"}
COMMON = {"Name": None, "SIPMode": ON_OFF, "SIPPort": None, "H323Port": None, "AuthenticationUserName": None, "PeerAddress": None}
ZONES = {"/common/zone/neighborzone": "Neighbor", "/common/zone/dnszone": "DNS", "/controller/zone/traversalclient": "TraversalClient",
         "/edge/zone/traversalserver": "TraversalServer"}
DEFAULTS = {"SIP Mode": "On", "SIP Port": "5061", "SIP Transport": "TLS", "SIP TLS Verify Mode": "Off", "SIP Media Encryption Mode": "Auto"}


class Box:
    """The peer as a Node: ask() is all of it. keys: names of the security keys in REST, None where it has none; rest: whether it has zones at all."""

    name = "us-expc1"

    def __init__(self, keys=SECURITY, rest=True):
        self.keys, self.writes, self.asked = keys, [], []
        self.zones, self.names = {}, []         # {name: {"Type":, path: value}}
        self.settings = {"SIP Mode": "On", "SIP TLS Mode": "On", "Zones DefaultZone SIP TLS Verify Mode": "Off",
                         "Zones DefaultZone Authentication Mode": "DoNotCheckCredentials", "Zones DefaultZone SIP Media Encryption Mode": "Auto",
                         "Policy AdministratorPolicy Mode": "Off"}
        self.credentials, self.objects, self.extra = {}, {}, {}
        self.offered = {path: {"methods": ["delete", "get", "post", "put"], "keys": self._keys(word)} for path, word in ZONES.items()} if rest else {}
        self.offered["/common/credential"] = {"methods": ["delete", "get", "post", "put"], "keys": {"Name": {}, "Password": {}}}
        self.offered["/common/protocol/sip/configuration"] = {"methods": ["get", "put"], "keys": {
            "SipMode": {"type": "string", "enum": ON_OFF}, "TlsMode": {"type": "string", "enum": ON_OFF}, "TlsPort": {"type": "integer", "enum": None}}}

    def _keys(self, word):
        names = {**COMMON, **({"AuthenticationPassword": None} if word == "TraversalClient" else {})}
        for field, key in (self.keys or {}).items():
            names[key] = {"transport": ["UDP", "TCP", "TLS"], "tls_verify": ON_OFF, "media": MODES, "subject": None}[field]
        return {key: {"type": "string", "enum": enum} for key, enum in names.items()}

    def ask(self, channel, op, **args):
        self.asked.append((channel, op))
        return getattr(self, "%s_%s" % (channel.removeprefix("expressway_"), op))(**args)

    # REST: each key stands for a path of the command line
    def cli_of(self, word, key):
        fixed = {"SIPMode": "SIP Mode", "SIPPort": word + " SIP Port", "AuthenticationUserName": word + " Authentication UserName",
                 "AuthenticationPassword": word + " Authentication Password"}
        security = {key: field for field, key in (self.keys or {}).items()}
        paths = {"transport": "SIP Transport", "tls_verify": "SIP TLS Verify Mode", "media": "SIP Media Encryption Mode",
                 "subject": "SIP TLS Verify Subject Name"}
        return fixed[key] if key in fixed else "%s %s" % (word, paths[security[key]])

    def api_offers(self, path):
        return self.offered.get(path)

    def api_resources(self):
        return sorted(self.offered)

    def api_read(self, path):
        if path == "/common/credential":
            return [{"Name": sorted(self.credentials)}]
        if path == "/common/protocol/sip/configuration":
            return [{"SipMode": self.settings["SIP Mode"], "TlsMode": self.settings["SIP TLS Mode"], "TlsPort": 5061}]
        if path in self.objects:
            return [dict(self.objects[path])]
        if path not in ZONES:
            raise NodeError("absent", path)
        word, found = ZONES[path], []
        for name, zone in self.zones.items():
            if zone["Type"] == word:
                one = {"Name": name, "PeerAddress": self.peers(name), "Status": "Active"}
                for key in self.offered[path]["keys"]:
                    if key not in ("Name", "PeerAddress", "H323Port", "AuthenticationPassword"):
                        value = zone.get(self.cli_of(word, key), "")
                        one[key] = int(value) if key == "SIPPort" and value else value
                found.append(one)
        return found

    def api_write(self, method, path, body):
        self.writes.append((method, path, body))
        if path in self.objects:
            self.objects[path].update(body)
        elif path == "/common/credential":
            self.credentials[body["Name"]] = body.get("Password", body.get("New_Password"))
        elif path == "/common/protocol/sip/configuration":
            self.settings.update({{"SipMode": "SIP Mode", "TlsMode": "SIP TLS Mode"}[key]: value for key, value in body.items()})
        else:
            assert set(body) <= set(self.offered[path]["keys"]), body
            word, name = ZONES[path], body["Name"]
            assert (method == "POST") == (name not in self.zones)
            if method == "POST":
                self.add(name, word)
            for key, value in body.items():
                if key == "PeerAddress":
                    for n in range(1, 7):
                        self.put(name, "%s Peer %d Address" % (word, n), value[n - 1] if n <= len(value) else "")
                elif key != "Name":
                    self.put(name, self.cli_of(word, key), value)
        return "OK"

    def add(self, name, word):
        self.zones[name] = {"Type": word, **{path if path == "SIP Mode" else "%s %s" % (word, path): value for path, value in DEFAULTS.items()}}
        self.names.append(name)

    def put(self, name, path, value):
        if path.endswith("TLS Verify Mode") and value == "On" and path.startswith("TraversalServer"):
            assert self.zones[name].get("TraversalServer SIP TLS Verify Subject Name"), "TLS verify before the subject name"
        self.zones[name][path] = str(value)

    def peers(self, name):
        zone = self.zones[name]
        return [value for path, value in sorted(zone.items()) if re.search(r" Peer \d Address$", path) and value]

    # the command line
    def cli_configuration(self, path):
        every = dict(self.settings)
        for number, name in enumerate(self.names, 1):
            every["Zones Zone %d Name" % number] = name
            every.update({"Zones Zone %d %s" % (number, one): value for one, value in self.zones[name].items()})
        found = {one: value for one, value in every.items() if one.lower().startswith(path.lower())}
        if not found:
            raise NodeError("absent", path)
        return found

    def cli_set(self, path, value):
        self.writes.append(("set", path, value))
        zone = re.fullmatch(r"Zones Zone (\d+) (.*)", path)
        if zone:
            self.put(self.names[int(zone[1]) - 1], zone[2], value)
        else:
            assert path in self.settings, path
            self.settings[path] = value
        return {}

    def cli_command(self, name, arguments):
        self.writes.append((name, arguments))
        if name == "ZoneAdd":
            self.add(arguments["ZoneName"], arguments["Type"])
        elif name == "CredentialAdd":
            self.credentials[arguments["Name"]] = arguments["Password"]
        else:
            raise NodeError("absent", name)
        return {}


@pytest.fixture
def box():
    """A box whose API has the keys that are expected."""
    return Box()
