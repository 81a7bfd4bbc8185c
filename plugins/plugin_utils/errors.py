# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error that crosses from a device to an action: what went wrong, and what may have been done. Imports nothing of Ansible's."""

from __future__ import annotations

#: What a kind promises to whoever gets it:
#: unreachable  nothing was sent (no route, connection refused, TLS name or certificate wrong, SSH host key wrong)
#: late         given up before anything was sent
#: lost         sent, and no answer came: it may have been done. Read back; never send it again blindly
#: refused      the device answered, and said no; detail has what it said
#: absent       the device has no such resource, key or command (Expressway: its own description, or its answer, says so); nothing was done
#: busy         the device answered "not now" and did nothing (AXL's 503, the rate limit of RIS); later it may
#: auth         the login was refused; not tried again in this run
#: version      the device does not speak the version asked for
#: bug          ours
KINDS = ("unreachable", "late", "lost", "refused", "absent", "busy", "auth", "version", "bug")


class NodeError(Exception):
    """A request that did not end well.

    kind    one of KINDS
    detail  dict of plain data from the device (an axlcode, an HTTP status, the text of a dialogue), or None
    keep    whether the channel is still in step with the device, so that its session may go on being used
    """

    def __init__(self, kind, msg, detail=None, keep=None):
        super().__init__(msg)
        self.kind = kind
        self.detail = detail
        self.keep = kind in ("refused", "absent", "busy") if keep is None else keep


class RunEnded(BaseException):
    """ansible-playbook is gone, killed perhaps, and this worker outlived it: nothing more may be done, and nobody is there to be told.

    Not an Exception, so that nothing that waits or tries again takes it for a node's answer.
    """
