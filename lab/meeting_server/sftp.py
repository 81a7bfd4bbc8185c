"""SFTP of a Meeting Server: its files lie flat in the root (cms.md 1.1); each transfer stands in the journal, never with its content."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import asyncssh

from lab.core.refusals import refusal
from lab.core.variants import variant
from lab.meeting_server import files

if TYPE_CHECKING:
    from lab.meeting_server.mmp.server import MmpServer

CHANNEL = "mmp_sftp"
# Files of the system itself: there to be fetched, not to be written (content ours).
SYSTEM = {"live.json": b"{}\n", "boot.json": b"{}\n", "log": b"", "audit": b""}

variant("cms_sftp_mode", ("kept", "refused"), "kept", "cms.md 8 (not found)",
        "whether SFTP lets a client set a file's mode, as sftp and paramiko do of themselves")

refusal("cms_file_name", "cms.md 1.2 (unsure)", "a file whose name has more than one dot, or a blank")
refusal("cms_file_system", "lab.md 5 (inferred)", "a file of the system that is written or removed")


class Open:
    """A file that is being read or written."""

    def __init__(self, name: str, content: bytes, writes: bool) -> None:
        self.name = name
        self.content = bytearray(content)
        self.writes = writes


class Sftp(asyncssh.SFTPServer):
    """One session."""

    def __init__(self, channel: asyncssh.SSHServerChannel, server: MmpServer) -> None:
        super().__init__(channel)
        self._mmp = server
        self._server = server.server
        self._world = server.world

    def _name(self, path: bytes) -> str:
        """The file behind a path, "" for the root. Raises SFTPError."""
        text = path.decode("utf-8", "replace")
        if text.strip("/.") == "":
            return ""
        name = text.removeprefix("./").lstrip("/")
        if "/" in name:
            raise asyncssh.SFTPNoSuchFile("No such file")
        return name

    def _content(self, name: str) -> bytes:
        if name in self._server.files:
            return self._server.files[name]
        if name in SYSTEM:
            return SYSTEM[name]
        raise asyncssh.SFTPNoSuchFile("No such file")

    async def _struck(self, operation: str, kind: str, phase: str = "before") -> None:
        """Let an injected fault act. Raises SFTPError."""
        fault = await self._world.faults.hit(self._mmp.node, CHANNEL, operation, phase)
        if fault is None:
            return
        self._note(operation, kind, refused=f"fault {fault.action}")
        if fault.action == "status":
            raise asyncssh.SFTPFailure("Failure")
        if fault.action == "truncate" and operation.startswith("put "):
            name = operation.removeprefix("put ")
            self._server.files[name] = self._server.files[name][:len(self._server.files[name]) // 2]
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("Connection lost")

    def _note(self, operation: str, kind: str, **detail: str) -> None:
        self._world.journal.add(self._mmp.node, CHANNEL, operation, kind, **detail)

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Open:
        """Begin to read or write."""
        name = self._name(path)
        writes = bool(pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND))
        operation, kind = f"{'put' if writes else 'get'} {name}", "write" if writes else "read"
        await self._struck(operation, kind)
        if not writes:
            content = self._content(name)
            self._note(operation, kind, size=len(content))
            return Open(name, content, False)
        self._check(name, operation)
        old = b"" if pflags & asyncssh.FXF_TRUNC else self._server.files.get(name, b"")
        self._server.files[name] = old
        self._note(operation, kind)
        return Open(name, old, True)

    def _check(self, name: str, operation: str) -> None:
        if not files.NAME.fullmatch(name) and self._world.refuses("cms_file_name"):
            self._note(operation, "write", refused="name")
            raise asyncssh.SFTPFailure("Failure")
        if name in SYSTEM and self._world.refuses("cms_file_system"):
            self._note(operation, "write", refused="a file of the system")
            raise asyncssh.SFTPPermissionDenied("Permission denied")

    def read(self, file_obj: Open, offset: int, size: int) -> bytes:
        """Some bytes."""
        return bytes(file_obj.content[offset:offset + size])

    def write(self, file_obj: Open, offset: int, data: bytes) -> int:
        """Some bytes; what has come so far is what the file holds, also if the connection breaks."""
        if len(file_obj.content) < offset:
            file_obj.content.extend(bytes(offset - len(file_obj.content)))
        file_obj.content[offset:offset + len(data)] = data
        self._server.files[file_obj.name] = bytes(file_obj.content)
        return len(data)

    async def close(self, file_obj: Open) -> None:
        """The transfer is done."""
        if file_obj.writes:
            await self._struck(f"put {file_obj.name}", "write", "after")

    def _attributes(self, name: str) -> asyncssh.SFTPAttrs:
        if not name:
            return asyncssh.SFTPAttrs(permissions=stat.S_IFDIR | 0o755, size=0, uid=0, gid=0, atime=0, mtime=0)
        size = len(self._content(name))
        return asyncssh.SFTPAttrs(permissions=stat.S_IFREG | 0o644, size=size, uid=0, gid=0, atime=0, mtime=int(self._world.clock.epoch()))

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Attributes."""
        return self._attributes(self._name(path))

    lstat = stat

    def fstat(self, file_obj: Open) -> asyncssh.SFTPAttrs:
        """Attributes of an open file."""
        return self._attributes(file_obj.name)

    def _mode(self) -> None:
        if self._world.variant("cms_sftp_mode") == "refused":
            raise asyncssh.SFTPPermissionDenied("Permission denied")

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Mode and times are not kept."""
        self._content(self._name(path))
        self._mode()

    def fsetstat(self, file_obj: Open, attrs: asyncssh.SFTPAttrs) -> None:
        """The same of an open file."""
        self._mode()

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """The list of files."""
        if self._name(path):
            raise asyncssh.SFTPNoSuchFile("No such file")
        await self._struck("list", "read")
        self._note("list", "read")
        for name in (*SYSTEM, *self._server.files):
            yield asyncssh.SFTPName(name.encode(), "", self._attributes(name))

    async def remove(self, path: bytes) -> None:
        """Delete a file."""
        name = self._name(path)
        await self._struck(f"rm {name}", "write")
        if name in SYSTEM:
            self._check(name, f"rm {name}")
        self._note(f"rm {name}", "write")
        if self._server.files.pop(name, None) is None:
            raise asyncssh.SFTPNoSuchFile("No such file")

    def realpath(self, path: bytes) -> bytes:
        """Everything is in the root."""
        return b"/" + self._name(path).encode()

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Not offered."""
        raise asyncssh.SFTPOpUnsupported("Operation unsupported")

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Not offered."""
        raise asyncssh.SFTPOpUnsupported("Operation unsupported")

    def _not_offered(self, *_arguments: object) -> None:
        raise asyncssh.SFTPOpUnsupported("Operation unsupported")

    mkdir = rmdir = readlink = symlink = link = lsetstat = statvfs = fstatvfs = _not_offered
