# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was last written of things that a product takes and does not show again: passwords, and settings that stand beside them.

They cannot be compared with the product, so they are compared with what this control node last wrote. The file is
<workspace>/<cluster>/written.json. It holds no value: a salt of its own and a slow hash (scrypt) of each, which tells whether a value is the same
and nothing else. Without the file (a new workspace) a value counts as never written, and is written once more.
"""
from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path

from .files import write_json

VERSION = 1
COST = {"n": 2 ** 14, "r": 8, "p": 1, "dklen": 32}


class WrittenError(Exception):
    """The record cannot be used; the text says which file or variable and what to do."""


class Written:
    """The record of one cluster. workspace: directory or None, where nothing was ever noted and nothing can be."""

    def __init__(self, workspace, cluster):
        self.path = Path(workspace) / cluster / "written.json" if workspace else None

    def same(self, what, value):
        """Whether `value` (text) is what was last written of `what`; False where nothing was."""
        entry = self._read().get(what)
        return bool(entry) and hmac.compare_digest(entry["digest"], _digest(value, entry["salt"]))

    def known(self, what):
        """Whether anything was ever written of `what`."""
        return what in self._read()

    def note(self, what, value):
        """Keep that `value` was written, in the place of anything before."""
        self.needed(what)
        salt = os.urandom(16).hex()
        write_json(self.path, {"version": VERSION, "written": {**self._read(), what: {"salt": salt, "digest": _digest(value, salt)}}})

    def needed(self, what):
        """Raises WrittenError where nothing could be noted: what cannot be told from before would be written by every run."""
        if self.path is None:
            raise WrittenError("collab_workspace is not set: %s cannot be read back, and without a record every run would write it again. Set it to a "
                               "directory on the control node that is kept between runs." % what)

    def _read(self):
        if self.path is None:
            return {}
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            entries = data["written"]
            if data["version"] != VERSION or not all({"salt", "digest"} <= set(entry) for entry in entries.values()):
                raise ValueError("not in the form of version %d" % VERSION)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
            raise WrittenError("%s, the record of what was written, cannot be read (%s). Delete it to have the passwords written once more."
                               % (self.path, e)) from None
        return entries


def _digest(value, salt):
    return hashlib.scrypt(value.encode(), salt=bytes.fromhex(salt), **COST).hex()
