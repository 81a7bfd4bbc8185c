"""All commands: importing them registers them."""

from __future__ import annotations

from lab.meeting_server.mmp import cluster as cluster
from lab.meeting_server.mmp import pki as pki
from lab.meeting_server.mmp import service as service
from lab.meeting_server.mmp import system as system
