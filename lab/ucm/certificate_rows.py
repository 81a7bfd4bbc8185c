"""The certificate tables of the database, filled from the nodes' stores when somebody asks for them."""
from __future__ import annotations

from typing import Any

from cryptography import x509


def refresh(cluster: Any) -> None:
    """Rewrites `certificate` and its two maps with what the nodes hold now (PEM of identities and trust stores; never a key)."""
    database = cluster.db
    for table in ("certificatetrustrolemap", "certificateprocessnodemap", "certificate"):
        database.run(f"delete from {table}")
    for node in [*cluster.nodes.values(), *cluster.presence]:
        held = getattr(node, "certificates", None)
        if held is None:
            continue
        place = database.uuid("processnode", node.name)
        for unit in held.units():
            key = _row(database, held.identity(unit).certificate, node.address, "t")
            _once(database, "certificateprocessnodemap", fkcertificate=key, fkprocessnode=place, servicename=unit)
        for store in held.stores():
            for entry in held.trust(store):
                key = _row(database, entry.certificate, "", "f")
                _once(database, "certificatetrustrolemap", fkcertificate=key, servicename=store)


def _row(database: Any, pem: str, address: str, local: str) -> str:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    key = database.uuid("certificate", certificate.issuer.rfc4514_string(), certificate.serial_number)
    database.run("insert or ignore into certificate (pkid, subjectname, issuername, serialnumber, certificate, ipv4address, islocal) values (?,?,?,?,?,?,?)",
                 key, certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string(), f"{certificate.serial_number:x}", pem, address, local)
    return key


def _once(database: Any, table: str, **columns: str) -> None:
    database.run(f"insert or ignore into {table} (pkid, {', '.join(columns)}) values (?{', ?' * len(columns)})",
                 database.uuid(table, *columns.values()), *columns.values())
