# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files the services of a Meeting Server use, as they are saved and brought back: the files of before lie on the node still (cms.md 1.4, 1.5).

A file is named together with what is in it, so that one that was replaced meanwhile is not taken into service. What a service used none of before is left.
"""

from __future__ import annotations

import hashlib

from ..errors import NodeError
from ..meeting_server.reading import Server
from ..meeting_server.reading import public_half
from ..meeting_server.reading import release_of
from ..meeting_server.reading import say
from ..meeting_server.reading import show
from ..meeting_server.services import Status
from ..meeting_server.services import of_release
from ..pki.pem import fingerprint
from ..pki.pem import public_key_bytes

SERVICE = "MeetingServerService"
KINDS = (SERVICE,)
PARTS = ("key", "certificate", "chain")        # files of a slot; a list of trusted certificates has the last alone
ENABLED, SWITCHED = "enabled", {"enable": "true", "disable": "false"}
SERVICES = {service.name: service for release in ((2, 9), (3, 0)) for service in of_release(release)}
SLOTS = {slot.command for service in SERVICES.values() for slot in service.slots}
TRUSTS = {trust.command for release in ((2, 9), (3, 0)) for service in of_release(release) for trust in service.trusts}


def written(channel, operation, arguments):
    """("update", kind, key, elements) of a command that assigns files to a service or switches it; None for any other."""
    if (channel, operation) != ("mmp", "run") or arguments.get("reading"):
        return None
    name, _blank, rest = arguments["command"].partition(" ")
    if name not in SERVICES:
        return None
    if rest in SWITCHED:
        return "update", SERVICE, {"name": name}, {ENABLED: SWITCHED[rest]}
    for command in SLOTS | TRUSTS:
        if arguments["command"].startswith(command + " "):
            files = [one for one in arguments["command"].removeprefix(command).split() if one != "none"]
            return "update", SERVICE, {"name": name}, {command: dict(zip(PARTS if command in SLOTS else PARTS[-1:], files, strict=False))}
    return None


def settled(node, _kind, key, elements):
    """(key, elements) with what is in each file that is named."""
    server = Files(node)
    return key, {name: server.described(value) if isinstance(value, dict) else value for name, value in elements.items()}


def read(node, _kind, key, like):
    """The elements of `like` as the service shows them now."""
    service, server = service_of(node, key["name"]), Files(node)
    status, found = Status(service, show(node, service.name)), {}
    for slot in service.slots:
        found[slot.command] = server.described(dict(zip(PARTS, status.installed(slot), strict=True)))
    for trust in service.trusts:
        found[trust.command] = server.described({"chain": status.value(trust.label)})
    found[ENABLED] = "true" if status.enabled else "false"
    return {name: found[name] for name in like} if set(like) <= set(found) else None


def obstacle(node, _kind, _key, elements):
    """Why these files cannot be taken into service again, "" where they can."""
    server, found = Files(node), []
    for command, value in elements.items():
        if command == ENABLED:
            continue
        if not value.get("certificate") and not value.get("chain"):
            found.append("%s had no certificate before, and a rollback takes none away from a service" % command)
        elif server.described(value) != value:
            found.append("%s: a file of before is not there any more, or another one has its name (%s)" % (command, ", ".join(
                str(value[part]) for part in ("certificate", "chain") if value.get(part))))
        elif value.get("key") and not server.belongs(value["key"], value["certificate"]):
            found.append("%s: %s is not there any more, or does not belong to %s" % (command, value["key"], value["certificate"]))
    return "; ".join(found)


def write(node, _kind, key, elements):
    """Assign the files, and start the service anew. Where a command is refused on the way, what was in service is put back."""
    service = service_of(node, key["name"])
    now = read(node, SERVICE, key, [*(one.command for one in (*service.slots, *service.trusts)), ENABLED])
    try:
        for line in commands(service, elements, now[ENABLED], elements.get(ENABLED, now[ENABLED])):
            say(node, line)
    except NodeError:
        for line in commands(service, {name: now[name] for name in elements if name != ENABLED and any(now[name].values())}, "true", now[ENABLED]):
            say(node, line)
        raise


def described(_act, _kind):
    """{channel, operation} of a write, as a report has them."""
    return {"channel": "mmp", "operation": "assign files"}


def commands(service, elements, enabled, wanted):
    """The guide's lines: out of service, files, into service. enabled, wanted: "true" or "false", as it is and as it has to be."""
    lines = ["%s disable" % service.name] if service.switch and enabled == "true" else []
    for slot in service.slots:
        if slot.command in elements:
            lines += ["%s none" % slot.command] if service.clear else []
            lines.append(" ".join(word for word in (slot.command, *(elements[slot.command].get(part) for part in PARTS)) if word))
    lines += ["%s %s" % (trust.command, elements[trust.command]["chain"]) for trust in service.trusts if trust.command in elements]
    if service.switch:
        return lines + (["%s enable" % service.name] if wanted == "true" else [])
    return [*lines, "%s restart" % service.name]


def service_of(node, name):
    """The table of a service in this node's release."""
    return next((service for service in of_release(release_of(node)) if service.name == name), SERVICES[name])


class Files(Server):
    """The files of a node, each read when it is asked for."""

    def __init__(self, node):
        self.node, self.seen = node, {}

    def certificates_in(self, name):
        """The certificates of a file; [] where it is not there."""
        if name not in self.seen:
            self.seen[name] = self.certificates_of(name)
        return self.seen[name]

    def described(self, value):
        """{key, certificate, chain} with a digest of what is in the files."""
        value = {part: name for part, name in value.items() if name and not part.endswith("sha256")}
        for part in ("certificate", "chain"):
            found = self.certificates_in(value[part]) if part in value else []
            if found:
                value[part + "_sha256"] = hashlib.sha256("".join(fingerprint(one) for one in found).encode()).hexdigest()
        return value

    def belongs(self, key, certificate):
        """Whether a key is there and belongs to the certificate of a file; one that is encrypted is left to the product to judge."""
        data = self.get(key)
        half = public_half(data) if data else None
        return bool(data) and (half is None or half == public_key_bytes(self.certificates_in(certificate)[0]))
