# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the workspace: each is whole and on disk when it has been written, or is as it was."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path


def write_atomic(path, text):
    """Write a file, text or bytes, readable by its owner only: a new one beside the old, synced, renamed over it, then the directory synced."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".%s-" % path.name)
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
            f.flush()
            os.fsync(f.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def write_json(path, data):
    """Write plain data as JSON, in the same way."""
    write_atomic(path, json.dumps(data, indent=1, sort_keys=True) + "\n")
