"""Day 0: the MMP is set up, interfaces are chosen, and there is no certificate (guide, Certificates: "does not have any certificates").

In the estate a cluster may have `certificates: enterprise`: all services run with a shared certificate of the enterprise CA, the database is clustered with
certificates of its own, files under the guide's names. Ports that a person would not have to be root for are chosen by variables of the host:
`collab_https_port` (Web Admin), `lab_webbridge_port` and `lab_c2w_port`.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from lab.core.keys import load_key
from lab.meeting_server import services
from lab.meeting_server.api.model import COLLECTIONS
from lab.meeting_server.database import CLIENT_FILES
from lab.meeting_server.database import SERVER_FILES
from lab.meeting_server.files import Copy
from lab.meeting_server.services import Slot
from lab.meeting_server.state import User
from lab.ucm import x509

if TYPE_CHECKING:
    from lab.meeting_server.state import Cluster
    from lab.meeting_server.state import Server

_SPACE = uuid.UUID("3b7f6a2e-1d50-4a6f-9c0b-6a1f0e9d2c11")
PARTS = {"certificates"}
SHARED, CLIENT, ROOT, FULL = "CAsignedCluster", "dbclusterclient", "rootCAcert.cer", "CAsignedCluster-full.cer"


def fill(cluster: Cluster) -> None:
    """Make day 0. Raises ValueError for words of the estate that nobody knows."""
    estate = cluster.group.estate
    if set(estate) - PARTS or estate.get("certificates", "none") not in ("none", "enterprise"):
        raise ValueError(f"estate.yml: {cluster.group.name}: known is `certificates: none` or `enterprise`")
    objects: dict = {name: {} for name in (*COLLECTIONS, "system/profiles")}
    # Call Bridges know the Web Bridges of their cluster from the start; whether they reach them is a matter of certificates.
    objects["webBridges"] = {str(uuid.uuid5(_SPACE, server.name)): {"url": _url(server)} for server in cluster.servers if server.runs("webbridge")}
    material = _material(cluster) if estate.get("certificates") == "enterprise" else {}
    for server in cluster.servers:
        _plain(server)
        server.objects = objects if material else {name: dict(rows) for name, rows in objects.items()}
        if material:
            _secured(server, material)
        server.start_all()
        server.services["callbridge"].enabled = server.runs("callbridge")
        if server.runs("callbridge"):
            services.start(server, server.services["callbridge"])
            server.services["callbridge"].ready = 0.0


def _url(server: Server) -> str:
    scheme, port = ("c2w", "c2w") if server.major >= 3 else ("https", "webbridge")
    return f"{scheme}://{server.appliance.fqdn}:{server.appliance.ports[port]}"


def _plain(server: Server) -> None:
    appliance, variables = server.appliance, server.appliance.variables
    name, password = appliance.account
    server.users[name] = User(password, "admin")
    if variables.get("collab_application_user"):
        server.users[str(variables["collab_application_user"])] = User(str(variables.get("collab_application_password", "")), "api")
    server.services["webadmin"].listen[""] = [("a", appliance.ports["https"])]
    if server.runs("callbridge"):
        server.services["callbridge"].listen[""] = [("a", 5061)]
    if server.runs("webbridge") and "webbridge" in server.services:
        server.services["webbridge"].listen[""] = [("a", appliance.ports["webbridge"])]
    if server.runs("webbridge") and "webbridge3" in server.services:
        server.services["webbridge3"].listen |= {"https": [("a", appliance.ports["webbridge"])], "c2w": [("a", appliance.ports["c2w"])]}
    if server.runs("xmpp") and "xmpp" in server.services:
        server.services["xmpp"].listen[""] = [("a", 5222)]
        server.services["xmpp"].settings["domain"] = str(variables.get("collab_cluster_name") or appliance.fqdn)
    if server.runs("database"):
        server.database.interface = "a"


def _material(cluster: Cluster) -> dict[str, bytes]:
    """The files of a secured cluster."""
    ca, keys = cluster.world.ca, cluster.world.keys
    domain = str(cluster.group.variables.get("collab_cluster_name") or cluster.group.head.fqdn)
    shared, client = keys.rsa(), keys.rsa()
    names = [domain, *(server.appliance.fqdn for server in cluster.servers)]
    leaf = x509.to_pem(ca.issue(load_key(shared).public_key(), domain, names))
    postgres = x509.to_pem(ca.issue(load_key(client).public_key(), "postgres", [], "client"))
    chain = x509.to_pem(ca.issuing) + x509.to_pem(ca.root)
    return {f"{SHARED}.key": shared.encode(), f"{SHARED}.cer": leaf.encode(), FULL: (leaf + chain).encode(), ROOT: chain.encode(),
            f"{CLIENT}.key": client.encode(), f"{CLIENT}.cer": postgres.encode()}


def _secured(server: Server, material: dict[str, bytes]) -> None:
    server.files |= material

    def copy(name: str) -> Copy:
        return Copy(name, material[name])

    for service in server.services.values():
        for part in service.slots:
            if service.listen.get(part):
                service.slots[part] = Slot(copy(f"{SHARED}.key"), copy(FULL)) if part else Slot(copy(f"{SHARED}.key"), copy(f"{SHARED}.cer"), copy(ROOT))
                service.enabled = service.name != "callbridge"
        if service.name == "webbridge3" and service.enabled:
            service.trust["c2w"] = copy(ROOT)
        if service.name == "webbridge" and service.enabled:
            service.trust[""] = copy(ROOT)
    if server.major >= 3 and server.runs("callbridge"):
        server.services["callbridge"].trust["c2w"] = copy(ROOT)
    database = server.database
    names = [f"{SHARED}.key", f"{SHARED}.cer", f"{CLIENT}.key", f"{CLIENT}.cer", ROOT]
    if server.runs("database"):
        database.certs = {label: copy(name) for label, name in zip(SERVER_FILES, names, strict=True)}
    else:
        database.certs = {label: copy(name) for label, name in zip(CLIENT_FILES, names[2:], strict=True)}
    head = server.cluster.group.head
    database.primary, database.in_sync = head.address, True
    database.role = "primary" if head is server.appliance else "replica" if server.runs("database") else "client"
    command = {"primary": "initialize", "replica": f"join {head.address}", "client": f"connect {head.address}"}[database.role]
    database.last, database.outcome = f"database cluster {command}", "Success"
