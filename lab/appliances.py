"""The products whose hosts are no VOS nodes: the one table where a new one is entered (lab.core.appliances says what a Kind is)."""

from __future__ import annotations

from lab import expressway
from lab import ios
from lab import management
from lab import meeting_server
from lab.core.appliances import Kind

KINDS: dict[str, Kind] = {**expressway.KINDS, **ios.KINDS, **management.KINDS, **meeting_server.KINDS}
