"""What was asked of the simulated estate, in order: the lab's witness of what a client really sent.

Every front end (AXL, Serviceability, RIS, certificate REST, OS Administration, CLI, web enrolment, OCSP, LDAP, UDS, SIP TLS) adds one entry a
request. An entry never holds a secret. The journal is kept in memory and appended to `journal.jsonl`, so that it can still be read when the lab is down.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import IO

from lab.core.clock import Clock

CHANNELS = ("axl", "serviceability", "ris", "certmgr", "os_admin", "vos_cli", "certsrv", "tftp", "ocsp", "ldap", "uds", "cupi", "tls", "expressway_api",
            "expressway_xml", "expressway_cli", "expressway_acme", "public_ca", "mmp", "mmp_sftp", "cms_api", "management", "winrm",
            "ios_cli", "vault", "dns")
KINDS = ("read", "write")


@dataclass(frozen=True)
class Entry:
    """One request. seq: from 1, without gaps; time: ISO 8601, UTC; kind: "read" or "write"; detail: plain data, no secrets."""

    seq: int
    time: str
    node: str
    channel: str
    operation: str
    kind: str
    detail: dict = field(default_factory=dict)


class Journal:
    """path: file to append to, or None to keep entries in memory only."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._entries: list[Entry] = []
        self._file: IO[str] | None = path.open("w", encoding="utf-8", buffering=1) if path else None

    def add(self, node: object, channel: str, operation: str, kind: str, **detail: object) -> Entry:
        """Write one request down.

        node: a Node or its name. channel: one of CHANNELS. operation: AXL operation, "POST /csr" style, or the CLI command.
        kind: "read" or "write"; a write attempt that was refused or faulted is a write with detail `refused`.
        Raises ValueError for a channel or kind that does not exist.
        """
        if channel not in CHANNELS or kind not in KINDS:
            raise ValueError(f"no such journal channel or kind: {channel}, {kind}")
        time = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry = Entry(len(self._entries) + 1, time, str(getattr(node, "name", node)), channel, operation, kind, detail)
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(vars(entry), default=str) + "\n")
        return entry

    def entries(self, since: int = 0, writes: bool = False) -> list[Entry]:
        """Entries whose seq is greater than `since`; only writes if asked."""
        return [entry for entry in self._entries[since:] if not writes or entry.kind == "write"]

    def __len__(self) -> int:
        return len(self._entries)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def read_file(path: Path, since: int = 0, writes: bool = False) -> list[dict]:
    """The entries that a lab which is down has left behind (list of dict as in Entry)."""
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["seq"] > since and (not writes or row["kind"] == "write")]
